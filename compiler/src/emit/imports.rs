//! Imports: a trait for each imported module, the trait that joins them, and how functions call them.

use super::func::{Emitter, rust_type};
use super::root::Root;
use super::rust::*;
use super::verify;
use crate::names::Scope;
use crate::set::{FuncDef, FuncId};
use crate::shown::shown;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use proc_macro2::TokenStream;
use quote::quote;
use wrt_rt::wasi::preview1;

/// The module of WASI preview 1.
pub(super) const WASI: &str = "wasi_snapshot_preview1";

struct Import {
    id: FuncId,
    name: String,
    method: String,
}

pub(crate) fn items(root: &Root<'_>) -> TokenStream {
    let mut scope = Scope::types();
    let mut modules: Vec<(String, Vec<Import>)> = Vec::new();
    for (n, func) in root.set.funcs.iter().enumerate() {
        let FuncDef::Host { module, name } = &func.def else {
            continue;
        };
        let import = Import {
            id: FuncId(n as u32),
            name: name.clone(),
            method: String::new(),
        };
        match modules.iter_mut().find(|(m, _)| m == module) {
            Some((_, imports)) => imports.push(import),
            None => modules.push((module.clone(), alloc::vec![import])),
        }
    }
    let mut traits = TokenStream::new();
    let mut supers = Vec::new();
    for (module, imports) in &mut modules {
        let name = ident(&scope.ty(module));
        let mut methods = Scope::empty();
        for import in imports.iter_mut() {
            import.method = methods.value(&import.name);
        }
        traits.extend(one_trait(root, module, &name, imports));
        supers.push(name);
    }
    let bounds = if supers.is_empty() {
        quote!()
    } else {
        quote!(: #(#supers)+*)
    };
    let blanket = if supers.is_empty() {
        quote!(
            impl<T: ?Sized> Imports for T {}
        )
    } else {
        quote!(impl<T: #(#supers)+* + ?Sized> Imports for T {})
    };
    let caller = caller(root);
    quote! {
        #traits

        /// All that the module imports.
        pub trait Imports #bounds {}
        #blanket

        #caller
    }
}

fn one_trait(
    root: &Root<'_>,
    module: &str,
    name: &proc_macro2::Ident,
    imports: &[Import],
) -> TokenStream {
    let mut declared = TokenStream::new();
    let mut shims = TokenStream::new();
    for import in imports {
        let ty = root.set.func_type(import.id);
        let method = ident(&import.method);
        let func = ident(root.cx.names.func(import.id));
        let params: Vec<_> = (0..ty.params.len())
            .map(|n| ident(&format!("l{n}")))
            .collect();
        let types: Vec<_> = ty.params.iter().map(|ty| ident(rust_type(*ty))).collect();
        let results = super::func::results_type(&ty.results);
        let doc = format!(" `{}: {ty}`", shown(&import.name).replace('`', "'"));
        declared.extend(quote! {
            #[doc = #doc]
            fn #method(&mut self, caller: &mut Caller<'_>, #(#params: #types),*) -> Result<#results, Trapped>;
        });
        let count = root
            .cx
            .options
            .stats
            .then(|| quote!(cx.st.rt.count_host_call();));
        let call = match root.cx.options.verification {
            false => quote! {
                let mut caller = Caller { cx, depth };
                #name::#method(&mut **host, &mut caller, #(#params),*)
            },
            true => {
                let options = root.cx.options;
                let seal = verify::seal(options, quote!(cx));
                let guard = verify::guard(options, quote!(cx));
                quote! {
                    #seal
                    let mut caller = Caller { cx: &mut *cx, depth };
                    let results = #name::#method(&mut **host, &mut caller, #(#params),*);
                    #guard
                    results
                }
            }
        };
        shims.extend(quote! {
            #[doc = #doc]
            fn #func(
                cx: &mut Context, host: &mut &mut dyn Imports, depth: u32, #(#params: #types),*
            ) -> Result<#results, Trapped> {
                #count
                #call
            }
        });
    }
    let doc = format!(
        " What the module imports from `{}`.",
        shown(module).replace('`', "'")
    );
    let wasi = (module == WASI)
        .then(|| wasi(root, name, imports))
        .flatten();
    quote! {
        #[doc = #doc]
        pub trait #name { #declared }
        #wasi
        #shims
    }
}

/// WASI preview 1 for every host that provides it. `None` if the module imports what no WASI has.
fn wasi(root: &Root<'_>, name: &proc_macro2::Ident, imports: &[Import]) -> Option<TokenStream> {
    let mut methods = TokenStream::new();
    for import in imports {
        let signature = preview1::signature(&import.name)?;
        let ty = root.set.func_type(import.id);
        if signature.params != ty.params || signature.result.as_slice() != ty.results {
            return None;
        }
        let method = ident(&import.method);
        let func = ident(&import.name);
        let params: Vec<_> = (0..ty.params.len())
            .map(|n| ident(&format!("l{n}")))
            .collect();
        let types = ty.params.iter().map(|ty| ident(rust_type(*ty)));
        let results = super::func::results_type(&ty.results);
        let open = verify::open(root.cx.options, quote!(caller.cx));
        let memory = if root.set.memories.is_empty() {
            quote!(&mut [])
        } else {
            quote!(caller.cx.mem.m0.bytes_mut())
        };
        methods.extend(quote! {
            fn #method(&mut self, caller: &mut Caller<'_>, #(#params: #types),*) -> Result<#results, Trapped> {
                #open
                wrt_rt::wasi::preview1::#func(self.wasi(), &mut caller.cx.st.rt, #memory, #(#params),*)
            }
        });
    }
    Some(quote! {
        impl<T: wrt_rt::wasi::Provider> #name for T { #methods }
    })
}

fn caller(root: &Root<'_>) -> TokenStream {
    let exports = super::exports::caller_methods(root);
    quote! {
        /// The instance, as a host function that it calls sees it.
        pub struct Caller<'a> {
            cx: &'a mut Context,
            depth: u32,
        }

        impl Caller<'_> {
            /// Fuel, depth and statistics.
            pub fn runtime(&mut self) -> &mut Run { &mut self.cx.st.rt }

            /// The depth budget that is left for what it calls, in stack slots.
            pub fn depth(&self) -> u32 { self.depth }

            /// A trap of the host's own: return it as the error.
            pub fn trap(&mut self, code: i32, message: &'static str) -> Trapped {
                self.cx.st.rt.host_trap(code, message)
            }

            /// Passes on a trap that a call returned.
            pub fn raise(&mut self, trap: Trap) -> Trapped { self.cx.st.rt.raise(trap) }

            /// Ends the run with an exit status.
            pub fn exit(&mut self, status: i32) -> Trapped { self.cx.st.rt.exit(status) }

            #exports
        }
    }
}

impl Emitter<'_> {
    /// Names for the parameters of an export.
    pub(crate) fn params(&self, id: FuncId) -> Vec<String> {
        let count = self.front.set.func_type(id).params.len();
        let named = self.front.set.body(id).and_then(|(instance, _)| {
            let index = instance.funcs.iter().position(|f| *f == id)?;
            instance.module.names.locals.get(&(index as u32))
        });
        let mut scope = Scope::params();
        (0..count)
            .map(|n| {
                let wanted = named
                    .and_then(|names| names.get(&(n as u32)))
                    .and_then(|n| crate::names::plain(n));
                scope.claim(wanted.unwrap_or_else(|| format!("l{n}").to_string()))
            })
            .collect()
    }
}
