//! Exports: methods of the instance and of the caller, and calls by name.

use super::func::{Emitter, results_type, rust_type};
use super::indirect::Entered;
use super::root::Root;
use super::rust::*;
use super::verify;
use crate::module::Extern;
use crate::names::{Scope, export_name};
use crate::set::{FuncDef, FuncId, GlobalId, Item, MemId, TableId};
use crate::shown::shown;
use crate::survey::Shape;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use proc_macro2::TokenStream;
use quote::quote;
use wrt_rt::ValType;

/// An export: its name as the user says it, its method, and what it is.
struct Export {
    name: String,
    method: String,
    item: Item,
}

fn exports(root: &Root<'_>) -> Vec<Export> {
    let mut scope = Scope::methods();
    for n in 0..root.set.instances.len() {
        scope.reserve(&format!("instantiate_{n}"));
    }
    let mut out = Vec::new();
    for (n, instance) in root.set.instances.iter().enumerate() {
        for export in &instance.module.exports {
            let name = export_name(root.set, n, &export.name);
            let method = scope.value(&name);
            if !matches!(export.item, Extern::Func(_)) {
                scope.reserve(&format!("{method}_mut"));
                scope.reserve(&format!("set_{method}"));
            }
            out.push(Export {
                name,
                method,
                item: root.set.item(n, export.item),
            });
        }
    }
    // A host function needs the memory even where only its instance knows it.
    if let [_only] = &root.set.memories[..]
        && !out.iter().any(|e| matches!(e.item, Item::Memory(_)))
    {
        let method = scope.value("memory");
        out.push(Export {
            name: String::from("memory"),
            method,
            item: Item::Memory(MemId(0)),
        });
    }
    out
}

/// The function that enters `func` from outside.
pub(crate) fn entry(func: FuncId) -> proc_macro2::Ident {
    ident(&format!("enter_{}", func.0))
}

/// The functions without a frame that other instances call.
fn entered(root: &Root<'_>) -> Vec<FuncId> {
    let (set, shapes) = (root.set, &root.cx.front.shapes);
    let bodies = set.instances.iter().enumerate();
    let calls = bodies.flat_map(|(n, i)| i.module.bodies.iter().map(move |b| (n, &b.facts)));
    let callees =
        calls.flat_map(|(n, facts)| facts.calls.iter().map(move |f| (n, set.func(n, *f))));
    let other = |(n, f): &(usize, FuncId)| matches!(&set.funcs[f.index()].def, FuncDef::Body { instance, .. } if instance != n);
    let entered = callees.filter(|c| other(c) && !shapes[c.1.index()].framed);
    entered.map(|(_, f)| f).collect()
}

pub(crate) fn items(root: &Root<'_>) -> TokenStream {
    let exports = exports(root);
    let methods: TokenStream = exports.iter().map(|e| instance_method(root, e)).collect();
    let invoke = invoke(root, &exports);
    let mut funcs: BTreeSet<FuncId> = exports
        .iter()
        .filter_map(|e| {
            if let Item::Func(f) = e.item {
                Some(f)
            } else {
                None
            }
        })
        .collect();
    funcs.extend(
        root.set
            .instances
            .iter()
            .filter_map(|i| i.module.start.map(|f| i.funcs[f.index()])),
    );
    funcs.extend(entered(root));
    let entries: TokenStream = funcs.iter().map(|f| entry_fn(root.cx, *f)).collect();
    let (bound, args) = if root.has_host {
        (quote!(<H: Imports>), quote!(<H>))
    } else {
        (quote!(), quote!())
    };
    quote! {
        impl #bound Instance #args {
            #methods
            #invoke
        }
        #entries
    }
}

fn signature(
    cx: &Emitter<'_>,
    func: FuncId,
) -> (Vec<proc_macro2::Ident>, Vec<proc_macro2::Ident>, syn::Type) {
    let ty = cx.front.set.func_type(func);
    let params = cx.params(func).iter().map(|p| ident(p)).collect();
    let types = ty.params.iter().map(|ty| ident(rust_type(*ty))).collect();
    (params, types, results_type(&ty.results))
}

fn entry_fn(cx: &Emitter<'_>, func: FuncId) -> TokenStream {
    let name = entry(func);
    let ty = cx.front.set.func_type(func);
    let params: Vec<_> = (0..ty.params.len())
        .map(|n| ident(&format!("l{n}")))
        .collect();
    let types = ty.params.iter().map(|ty| ident(rust_type(*ty)));
    let results = results_type(&ty.results);
    let args = params.iter().map(|p| path(&format!("{p}"))).collect();
    let Entered {
        stmts,
        value,
        leaves,
    } = cx.enter(Shape::ENTRY, func, args);
    let options = cx.options;
    let guard = verify::guard(options, quote!(cx));
    let seal = verify::seal(options, quote!(cx));
    let body = match (leaves, options.verification) {
        (true, false) => quote! {
            let e: Cause = 'trap: { #(#stmts)* return #value; };
            Err(cx.st.rt.trap_silent(e))
        },
        (false, false) => quote!(#(#stmts)* #value),
        (true, true) => quote! {
            #guard
            let results = 'run: {
                let e: Cause = 'trap: {
                    #(#stmts)*
                    break 'run #value;
                };
                Err(cx.st.rt.trap_silent(e))
            };
            #seal
            results
        },
        (false, true) => quote! {
            #guard
            #(#stmts)*
            let results = #value;
            #seal
            results
        },
    };
    quote! {
        fn #name(
            cx: &mut Context, host: &mut &mut dyn Imports, depth: u32, #(#params: #types),*
        ) -> Result<#results, Trapped> { #body }
    }
}

fn instance_method(root: &Root<'_>, export: &Export) -> TokenStream {
    let method = ident(&export.method);
    let set_method = ident(&format!("set_{}", export.method.trim_start_matches("r#")));
    let mut_method = ident(&format!("{}_mut", export.method));
    let quoted = shown(&export.name).replace('`', "'");
    let open = verify::open(root.cx.options, quote!(self.cx));
    match export.item {
        Item::Func(func) => {
            let (params, types, results) = signature(root.cx, func);
            let doc = format!(" `{quoted}: {}`", root.set.func_type(func));
            let entry = entry(func);
            quote! {
                #[doc = #doc]
                pub fn #method(&mut self, #(#params: #types),*) -> Result<#results, Trap> {
                    self.cx.st.rt.begin();
                    let depth = self.cx.st.rt.depth();
                    let mut host: &mut dyn Imports = &mut self.host;
                    match #entry(&mut self.cx, &mut host, depth, #(#params),*) {
                        Ok(results) => Ok(results),
                        Err(_) => Err(self.cx.st.rt.take_trap(FUNCS)),
                    }
                }
            }
        }
        Item::Memory(mem) => {
            let ty = root.memory_type(mem);
            let field = memory_field(mem);
            let doc = format!(" The memory `{quoted}`.");
            let doc_mut = format!(" The memory `{quoted}`, to change.");
            quote! {
                #[doc = #doc]
                pub fn #method(&self) -> &#ty { &self.cx.mem.#field }
                #[doc = #doc_mut]
                pub fn #mut_method(&mut self) -> &mut #ty { #open &mut self.cx.mem.#field }
            }
        }
        Item::Table(table) => {
            let ty = root.table_type(table);
            let field = table_field(table);
            let doc = format!(" The table `{quoted}`.");
            let doc_mut = format!(" The table `{quoted}`, to change.");
            quote! {
                #[doc = #doc]
                pub fn #method(&self) -> &#ty { &self.cx.st.#field }
                #[doc = #doc_mut]
                pub fn #mut_method(&mut self) -> &mut #ty { #open &mut self.cx.st.#field }
            }
        }
        Item::Global(global) => {
            let ty = &root.set.globals[global.index()].ty;
            let rust = ident(rust_type(ty.ty));
            let value = global_value(root, global, quote!(self.cx.st));
            let doc = format!(" The global `{quoted}`.");
            let set = ty.mutable.then(|| {
                let field = ident(&format!("g{}", global.0));
                let doc = format!(" Sets the global `{quoted}`.");
                quote! {
                    #[doc = #doc]
                    pub fn #set_method(&mut self, value: #rust) { #open self.cx.st.#field = value; }
                }
            });
            quote! {
                #[doc = #doc]
                pub fn #method(&self) -> #rust { #value }
                #set
            }
        }
    }
}

fn global_value(root: &Root<'_>, global: GlobalId, state: TokenStream) -> TokenStream {
    match root.set.constant(global) {
        Some(c) => {
            let c = super::expr::constant(c, false);
            quote!(#c)
        }
        None => {
            let field = ident(&format!("g{}", global.0));
            quote!(#state.#field)
        }
    }
}

fn memory_field(mem: MemId) -> proc_macro2::Ident {
    ident(&format!("m{}", mem.0))
}

fn table_field(table: TableId) -> proc_macro2::Ident {
    ident(&format!("t{}", table.0))
}

/// Exports as a host function reaches them.
pub(crate) fn caller_methods(root: &Root<'_>) -> TokenStream {
    if !root.has_host {
        return TokenStream::new();
    }
    let method = |export: &Export| {
        let method = ident(&export.method);
        let quoted = shown(&export.name).replace('`', "'");
        let open = verify::open(root.cx.options, quote!(self.cx));
        match export.item {
            Item::Func(func) => {
                let (params, types, results) = signature(root.cx, func);
                let doc = format!(" Calls back into `{quoted}: {}`.", root.set.func_type(func));
                let entry = entry(func);
                quote! {
                    #[doc = #doc]
                    pub fn #method(
                        &mut self, host: &mut dyn Imports, #(#params: #types),*
                    ) -> Result<#results, Trapped> {
                        if let Err(cause) = self.cx.st.rt.reenter() {
                            return Err(self.cx.st.rt.trap_silent(cause));
                        }
                        let mut host: &mut dyn Imports = host;
                        let results = #entry(self.cx, &mut host, self.depth, #(#params),*);
                        self.cx.st.rt.leave();
                        results
                    }
                }
            }
            Item::Memory(mem) => {
                let (ty, field) = (root.memory_type(mem), memory_field(mem));
                let doc = format!(" The memory `{quoted}`.");
                quote! {
                    #[doc = #doc]
                    pub fn #method(&mut self) -> &mut #ty { #open &mut self.cx.mem.#field }
                }
            }
            Item::Table(table) => {
                let (ty, field) = (root.table_type(table), table_field(table));
                let doc = format!(" The table `{quoted}`.");
                quote! {
                    #[doc = #doc]
                    pub fn #method(&mut self) -> &mut #ty { #open &mut self.cx.st.#field }
                }
            }
            Item::Global(global) => {
                let rust = ident(rust_type(root.set.globals[global.index()].ty.ty));
                let value = global_value(root, global, quote!(self.cx.st));
                let doc = format!(" The global `{quoted}`.");
                quote! {
                    #[doc = #doc]
                    pub fn #method(&self) -> #rust { #value }
                }
            }
        }
    };
    exports(root).iter().map(method).collect()
}

fn invoke(root: &Root<'_>, exports: &[Export]) -> TokenStream {
    let funcs: Vec<(&Export, FuncId)> = exports
        .iter()
        .filter_map(|e| {
            if let Item::Func(f) = e.item {
                Some((e, f))
            } else {
                None
            }
        })
        .collect();
    let widest = funcs
        .iter()
        .map(|(_, f)| root.set.func_type(*f).results.len())
        .max()
        .unwrap_or(0);
    let widest = proc_macro2::Literal::usize_unsuffixed(widest);
    let arms = funcs.iter().map(|(export, func)| {
        let ty = root.set.func_type(*func);
        let name = &export.name;
        let method = ident(&export.method);
        let params: Vec<_> = (0..ty.params.len())
            .map(|n| ident(&format!("l{n}")))
            .collect();
        let variants = ty.params.iter().map(|ty| ident(variant(*ty)));
        let push: Vec<_> = match ty.results.len() {
            0 => Vec::new(),
            1 => alloc::vec![quote!(results.push(value);)],
            many => (0..many)
                .map(|n| {
                    let n = syn::Index::from(n);
                    quote!(results.push(value.#n);)
                })
                .collect(),
        };
        quote! {
            #name => {
                let [#(Val::#variants(#params)),*] = *args else {
                    return Err(Trap::new(Cause::ArgumentMismatch));
                };
                let value = self.#method(#(#params),*)?;
                #(#push)*
            }
        }
    });
    quote! {
        /// Calls the exported function `name`.
        ///
        /// Traps with `NoSuchExport` or `ArgumentMismatch` before anything runs, where the name or the types
        /// of the arguments are not the export's.
        pub fn invoke(&mut self, name: &str, args: &[Val]) -> Result<Values<#widest>, Trap> {
            let mut results = Values::new();
            match name {
                #(#arms)*
                _ => return Err(Trap::new(Cause::NoSuchExport)),
            }
            Ok(results)
        }
    }
}

/// The variant of `Val` for a type.
fn variant(ty: ValType) -> &'static str {
    match ty {
        ValType::I32 => "I32",
        ValType::I64 => "I64",
        ValType::F32 => "F32",
        ValType::F64 => "F64",
        ValType::FuncRef => "FuncRef",
        ValType::ExternRef => "ExternRef",
    }
}
