//! The root module of the output: state, memories, instance, and what is the same for every instance.

use super::func::{Emitter, rust_type};
use super::rust::*;
use super::segments::{Blob, Used, dropped_name};
use super::storage::table_path;
use crate::emit::exports;
use crate::module::{Const, GlobalType};
use crate::names::Scope;
use crate::set::{GlobalInit, MemId, Set, TableId};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use proc_macro2::TokenStream;
use quote::quote;

/// Something that the host brings when the instance is made.
pub(crate) struct Given {
    /// Field of `Externs`.
    pub(crate) field: String,
    /// Its type.
    pub(crate) ty: TokenStream,
    /// Field of the state or the memories.
    pub(crate) place: String,
    /// It is a memory.
    pub(crate) memory: bool,
    doc: String,
}

/// What the root needs besides the emitter.
pub(crate) struct Root<'a> {
    pub(crate) cx: &'a Emitter<'a>,
    pub(crate) set: &'a Set<'a>,
    pub(crate) used: &'a Used,
    pub(crate) blob: &'a Blob,
    pub(crate) given: Vec<Given>,
    /// Some function is the host's.
    pub(crate) has_host: bool,
}

impl<'a> Root<'a> {
    pub(crate) fn new(cx: &'a Emitter<'a>, used: &'a Used, blob: &'a Blob) -> Root<'a> {
        let set = &cx.front.set;
        let has_host = set
            .funcs
            .iter()
            .any(|f| matches!(f.def, crate::set::FuncDef::Host { .. }));
        let mut root = Root {
            cx,
            set,
            used,
            blob,
            given: Vec::new(),
            has_host,
        };
        root.given = root.find_given();
        root
    }

    fn find_given(&self) -> Vec<Given> {
        let mut scope = Scope::empty();
        let mut given = Vec::new();
        let mut add = |names: &(String, String), ty: TokenStream, place: String, memory: bool| {
            let field = scope.value(&format!("{}_{}", names.0, names.1));
            let shown = |s: &str| crate::shown::shown(s).replace('`', "'");
            let doc = format!(" The import `{}` `{}`.", shown(&names.0), shown(&names.1));
            given.push(Given {
                field,
                ty,
                place,
                memory,
                doc,
            });
        };
        for (n, memory) in self.set.memories.iter().enumerate() {
            if let Some(names) = &memory.host {
                add(
                    names,
                    self.memory_type(MemId(n as u32)),
                    format!("m{n}"),
                    true,
                );
            }
        }
        for (n, table) in self.set.tables.iter().enumerate() {
            if let Some(names) = &table.host {
                add(
                    names,
                    self.table_type(TableId(n as u32)),
                    format!("t{n}"),
                    false,
                );
            }
        }
        for (n, global) in self.set.globals.iter().enumerate() {
            if let GlobalInit::Host(module, name) = &global.init {
                let ty = ident(rust_type(global.ty.ty));
                add(
                    &(module.clone(), name.clone()),
                    quote!(#ty),
                    format!("g{n}"),
                    false,
                );
            }
        }
        given
    }

    /// All items of the root but the functions of the module.
    pub(crate) fn items(&self, dispatchers: &[syn::ItemFn]) -> TokenStream {
        let uses = self.uses();
        let limits = self.limits();
        let state = self.state();
        let memories = self.memories();
        let externs = self.externs();
        let segments = self.segments();
        let imports = super::imports::items(self);
        let instance = self.instance();
        let exports = exports::items(self);
        let steps = super::steps::items(self);
        let verify = super::verify::items(self);
        let names = self.func_names();
        quote! {
            #uses
            #limits
            #externs
            #imports
            #instance
            #exports
            #state
            #memories
            #steps
            #verify
            #(#dispatchers)*
            #segments
            #names
        }
    }

    fn uses(&self) -> TokenStream {
        quote! {
            use wrt_rt::{Access, arm, bulk, call, check, enter, live, memory, num};
            use wrt_rt::{Fuel, Run};
            pub use wrt_rt::{Cause, ExternRef, FuncRef, Limits, Trap, Trapped, Val, Values};
        }
    }

    fn limits(&self) -> TokenStream {
        let options = self.cx.options;
        let pages = proc_macro2::Literal::u32_unsuffixed(options.max_memory_pages);
        let elements = proc_macro2::Literal::u32_unsuffixed(options.max_table_elements);
        let depth = options.max_call_depth.map(|depth| {
            let depth = proc_macro2::Literal::u32_unsuffixed(depth);
            quote!(depth: #depth,)
        });
        quote! {
            /// The limits of an instance that is made without any.
            pub const LIMITS: Limits =
                Limits { memory_pages: #pages, table_elements: #elements, #depth ..Limits::DEFAULT };
        }
    }

    fn func_names(&self) -> TokenStream {
        let names: &[String] = match self.cx.options.backtrace {
            crate::options::Backtrace::None => &[],
            _ => &self.cx.names.shown,
        };
        quote! {
            /// Names of the functions, for backtraces.
            static FUNCS: &[&str] = &[#(#names),*];
        }
    }

    fn externs(&self) -> TokenStream {
        if self.given.is_empty() {
            return TokenStream::new();
        }
        let fields = self.given.iter().map(|g| {
            let (name, ty, doc) = (ident(&g.field), &g.ty, &g.doc);
            quote!(#[doc = #doc] pub #name: #ty,)
        });
        quote! {
            /// Memories, tables and globals that the host brings; the instance owns them.
            pub struct Externs { #(#fields)* }
        }
    }

    pub(super) fn given(&self, place: &str) -> Option<TokenStream> {
        let given = self.given.iter().find(|g| g.place == place)?;
        let field = ident(&given.field);
        Some(quote!(externs.#field))
    }

    fn externs_param(&self) -> Option<TokenStream> {
        (!self.given.is_empty()).then(|| quote!(externs: Externs,))
    }

    fn state(&self) -> TokenStream {
        let mut fields: Vec<(String, TokenStream, TokenStream, TokenStream)> = Vec::new();
        for (n, global) in self.set.globals.iter().enumerate() {
            let GlobalType { ty, .. } = global.ty;
            if self.constant_global(n) {
                continue;
            }
            let name = format!("g{n}");
            let rust = ident(rust_type(ty));
            let zero = super::expr::constant(Const::zero(ty), false);
            let first = self.given(&name).unwrap_or_else(|| quote!(#zero));
            fields.push((name, quote!(#rust), first, TokenStream::new()));
        }
        for n in 0..self.set.tables.len() {
            let name = format!("t{n}");
            let ty = self.table_type(TableId(n as u32));
            let path = table_path(self.cx.options.storage);
            let first = self.given(&name).unwrap_or_else(|| quote!(#path::idle()));
            fields.push((name, ty, first, TokenStream::new()));
        }
        let flags = self.used.data.iter().map(|n| dropped_name("d", *n));
        for name in flags.chain(self.used.elems.iter().map(|n| dropped_name("e", *n))) {
            let field = ident(&name);
            fields.push((
                name,
                quote!(bool),
                quote!(false),
                quote!(self.#field = false;),
            ));
        }
        for n in &self.used.elems {
            let elem = self.elem(*n);
            let rust = ident(rust_type(elem.ty));
            let len = proc_macro2::Literal::usize_unsuffixed(elem.items.len());
            fields.push((
                format!("e{n}"),
                quote!([#rust; #len]),
                quote!([<#rust as wrt_rt::Ref>::ZERO; #len]),
                TokenStream::new(),
            ));
        }
        if self.cx.options.verification {
            let new = quote!(wrt_rt::verify::Verifier::new());
            let reset = quote!(self.verify.reset(););
            fields.push((
                "verify".to_string(),
                quote!(wrt_rt::verify::Verifier),
                new,
                reset,
            ));
        }
        let names: Vec<_> = fields.iter().map(|f| ident(&f.0)).collect();
        let types = fields.iter().map(|f| &f.1);
        let firsts = fields.iter().map(|f| &f.2);
        let resets = fields.iter().map(|f| &f.3);
        // Host-supplied tables leave `externs` field by field, which a `const fn` may not do.
        let constness = self.given.is_empty().then(|| quote!(const));
        let externs = (!self.given.is_empty()).then(|| {
            let all = self.given.iter().filter(|g| !g.memory);
            let params = all.map(|g| {
                let (name, ty) = (ident(&g.field), &g.ty);
                quote!(#name: #ty,)
            });
            quote!(#(#params)*)
        });
        let firsts = firsts.map(strip_externs);
        quote! {
            /// What a run changes, besides memory: fuel, globals, tables, dropped segments.
            // First stands what is reached most; where registers are few, rustc's own order serves better.
            #[cfg_attr(target_pointer_width = "64", repr(C))]
            pub struct State {
                rt: Run,
                limits: Limits,
                #(#names: #types,)*
            }

            impl State {
                #constness fn new(#externs) -> State {
                    State { rt: Run::idle(), limits: Limits::UNSET, #(#names: #firsts,)* }
                }

                /// Fuel and depth as the limits say, which are [`LIMITS`] if none were set.
                fn limit(&mut self) {
                    if self.limits == Limits::UNSET {
                        self.limits = LIMITS;
                    }
                    self.rt.set_fuel(self.limits.fuel);
                    self.rt.set_depth(self.limits.depth);
                }

                /// Everything as it was before the instance was made; what the host brought stays as it is.
                fn reset(&mut self) {
                    self.rt.begin();
                    #(#resets)*
                }
            }
        }
    }

    /// Whether a global never changes from a value that is known here: it has no field.
    pub(crate) fn constant_global(&self, n: usize) -> bool {
        matches!(self.set.globals[n].init, GlobalInit::Const(_))
            && self.set.constant(crate::set::GlobalId(n as u32)).is_some()
    }

    pub(crate) fn elem(&self, n: u32) -> &crate::module::Elem {
        let owner = self
            .set
            .instances
            .iter()
            .rev()
            .find(|i| i.elem_base <= n)
            .expect("an instance");
        &owner.module.elems[(n - owner.elem_base) as usize]
    }

    fn segments(&self) -> TokenStream {
        let used = self.used.data.iter().map(|n| {
            let name = ident(&format!("data{n}"));
            let range = &self.blob.data[*n as usize];
            let (start, len) = (range.start, range.len());
            let (start, len) = (
                proc_macro2::Literal::usize_unsuffixed(start),
                proc_macro2::Literal::usize_unsuffixed(len),
            );
            quote! {
                const fn #name() -> &'static [u8] {
                    bulk::segment(DATA, #start, #len)
                }
            }
        });
        quote!(#(#used)*)
    }

    fn instance(&self) -> TokenStream {
        let (generics, args, bound) = if self.has_host {
            (quote!(<H>), quote!(<H>), quote!(<H: Imports>))
        } else {
            (quote!(), quote!(), quote!())
        };
        let host_ty = if self.has_host { quote!(H) } else { quote!(()) };
        let host_param = self.has_host.then(|| quote!(host: H,));
        let host_arg = self.has_host.then(|| quote!(host,));
        let host_value = if self.has_host {
            quote!(host)
        } else {
            quote!(host: ())
        };
        let externs_param = self.externs_param();
        let externs_arg = externs_param.as_ref().map(|_| quote!(externs,));
        let constness = self.given.is_empty().then(|| quote!(const));
        let fields = |memory: bool| {
            let all = self.given.iter().filter(move |g| g.memory == memory);
            all.map(|g| {
                let name = ident(&g.field);
                quote!(externs.#name,)
            })
            .collect::<TokenStream>()
        };
        let (state_args, memory_args) = (fields(false), fields(true));
        let host_methods = self.has_host.then(|| {
            quote! {
                /// The host.
                pub fn host(&self) -> &H { &self.host }
                /// The host, to change.
                pub fn host_mut(&mut self) -> &mut H { &mut self.host }
                /// The host, without the instance.
                pub fn into_host(self) -> H { self.host }
            }
        });
        let steps: Vec<_> = (0..self.set.instances.len())
            .map(|n| ident(&format!("instantiate_{n}")))
            .collect();
        let step_methods = self.set.instances.iter().enumerate().map(|(n, instance)| {
            let name = ident(&format!("instantiate_{n}"));
            let doc = match self.set.instances.len() {
                1 => " Initialises memories, tables and globals, and runs the start function."
                    .to_string(),
                _ => format!(
                    " Makes the instance `{}`.",
                    crate::shown::shown(&instance.name).replace('`', "'")
                ),
            };
            let fuel = (n == 0).then(|| quote!(self.cx.st.limit();));
            quote! {
                #[doc = #doc]
                ///
                /// A trap leaves what was written before it, as the specification demands.
                pub fn #name(&mut self) -> Result<(), Trap> {
                    #fuel
                    self.cx.st.rt.begin();
                    let depth = self.cx.st.rt.depth();
                    let mut host: &mut dyn Imports = &mut self.host;
                    match #name(&mut self.cx, &mut host, depth) {
                        Ok(()) => Ok(()),
                        Err(_) => Err(self.cx.st.rt.take_trap(FUNCS)),
                    }
                }
            }
        });
        let (fields, buffers, lends) = self.lent();
        let uninit_doc: &[&str] = match lends.is_empty() {
            true => &[
                " An instance that must be instantiated before it is called: for statics, in which it takes no",
                " flash, since its bytes are zero.",
            ],
            false => &[
                " An instance that must be lent memory and instantiated before it is called: for statics.",
            ],
        };
        let snapshots = super::snapshot::methods(self);
        let verification = super::verify::method(self.cx.options);
        quote! {
            /// An instance of the module: its state, its memories and its host.
            pub struct Instance #generics {
                cx: Context,
                host: #host_ty,
            }

            impl #bound Instance #args {
                /// An instance within [`LIMITS`], ready to be called.
                pub fn new(
                    #host_param #externs_param #(#buffers: &'static mut [u8],)*
                ) -> Result<Self, Trap> {
                    Self::with_limits(#host_arg #externs_arg #(#buffers,)* LIMITS)
                }

                /// The same within `limits`.
                pub fn with_limits(
                    #host_param #externs_param #(#buffers: &'static mut [u8],)* limits: Limits
                ) -> Result<Self, Trap> {
                    let mut instance = Self::uninit(#host_arg #externs_arg);
                    #(instance.#lends(#buffers);)*
                    instance.set_limits(limits);
                    instance.instantiate()?;
                    Ok(instance)
                }

                #(#[doc = #uninit_doc])*
                pub #constness fn uninit(#host_param #externs_param) -> Self {
                    Instance {
                        cx: Context {
                            st: State::new(#state_args),
                            mem: Memories::new(#memory_args),
                        },
                        #host_value,
                    }
                }

                /// Sets the limits that hold from the next instantiation on, in place of [`LIMITS`].
                pub fn set_limits(&mut self, limits: Limits) {
                    self.cx.st.limits = limits;
                }

                #(
                    /// Keeps the memory in `buffer`, whose whole pages it can have from the next instantiation on;
                    /// until then it has none. Gives back the buffer that it was in.
                    pub fn #lends(&mut self, buffer: &'static mut [u8]) -> &'static mut [u8] {
                        self.cx.mem.#fields.lend(buffer)
                    }
                )*

                /// Initialises memories, tables and globals, and runs the start function.
                pub fn instantiate(&mut self) -> Result<(), Trap> {
                    #(self.#steps()?;)*
                    Ok(())
                }

                #(#step_methods)*

                /// Makes the instance as it was when it was new; fuel and limits too.
                pub fn reset(&mut self) -> Result<(), Trap> {
                    self.cx.st.reset();
                    self.instantiate()
                }

                #host_methods

                /// Fuel, depth and statistics.
                pub fn runtime(&self) -> &Run { &self.cx.st.rt }

                /// Fuel, depth and statistics, to change.
                pub fn runtime_mut(&mut self) -> &mut Run { &mut self.cx.st.rt }

                /// Sets the fuel that is left, in units; `u64::MAX` is unlimited.
                pub fn set_fuel(&mut self, units: u64) { self.cx.st.rt.set_fuel(units) }

                /// The fuel that is left, in units; `u64::MAX` if unlimited.
                pub fn remaining_fuel(&self) -> u64 { self.cx.st.rt.remaining_fuel() }

                #verification

                #snapshots
            }
        }
    }
}

/// `Some(n)` or `None`.
pub(crate) fn option(value: Option<u32>) -> TokenStream {
    match value {
        Some(n) => {
            let n = proc_macro2::Literal::u32_unsuffixed(n);
            quote!(Some(#n))
        }
        None => quote!(None),
    }
}

/// Inside the constructors, a given thing is the parameter of its name.
pub(super) fn strip_externs(tokens: &TokenStream) -> TokenStream {
    let mut trees = tokens.clone().into_iter();
    match (trees.next(), trees.next(), trees.next()) {
        (Some(proc_macro2::TokenTree::Ident(first)), Some(_), Some(name)) if first == "externs" => {
            TokenStream::from(name)
        }
        _ => tokens.clone(),
    }
}
