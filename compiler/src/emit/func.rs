//! One function: IR in, a `syn` item out. Everything that matters was decided before; this file spells it.

use super::body::Body;
use super::expr::Templates;
use super::rust::*;
use crate::front::Front;
use crate::ir;
use crate::names::Names;
use crate::options::{Backtrace, Options, Storage};
use crate::set::{FuncId, MemId};
use crate::stride::Strided;
use crate::survey::Shape;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;
use syn::{Expr, Stmt};
use wrt_rt::ValType;

/// What the emission of any function needs.
pub(crate) struct Emitter<'a> {
    pub(crate) front: &'a Front<'a>,
    pub(crate) names: &'a Names,
    pub(crate) options: &'a Options,
    pub(crate) templates: Templates,
    /// What of the memory is in flash.
    pub(crate) flash: Vec<u8>,
}

/// The Rust name of a value type.
pub(crate) fn rust_type(ty: ValType) -> &'static str {
    match ty {
        ValType::I32 => "i32",
        ValType::I64 => "i64",
        ValType::F32 => "f32",
        ValType::F64 => "f64",
        ValType::FuncRef => "FuncRef",
        ValType::ExternRef => "ExternRef",
    }
}

/// The Rust type of a list of results.
pub(crate) fn results_type(results: &[ValType]) -> syn::Type {
    match results {
        [only] => ty_name(rust_type(*only)),
        many => {
            let names = many.iter().map(|ty| ty_name(rust_type(*ty)));
            syn::Type::Tuple(syn::TypeTuple {
                paren_token: Default::default(),
                elems: names.collect(),
            })
        }
    }
}

impl Emitter<'_> {
    /// What a function of shape `caller` hands to one of `shape` ahead of the latter's own arguments.
    pub(crate) fn context_args(caller: Shape, shape: Shape) -> Vec<Expr> {
        let mut args = Vec::new();
        if shape.env {
            args.push(path("cx"));
        } else if shape.state {
            args.push(Self::state_ref(caller));
        }
        if shape.host {
            args.push(path("host"));
        }
        if shape.framed {
            args.push(path("depth"));
        }
        if shape.fuel {
            args.push(path("fuel"));
        }
        args
    }

    /// The same, as they are declared.
    pub(crate) fn context_params(shape: Shape) -> Vec<syn::FnArg> {
        let mut params = Vec::new();
        if shape.env {
            params.push(parse(quote::quote!(cx: &mut Context)));
        } else if shape.state {
            params.push(parse(quote::quote!(st: &mut State)));
        }
        if shape.host {
            params.push(parse(quote::quote!(host: &mut &mut dyn Imports)));
        }
        if shape.framed {
            params.push(parse(quote::quote!(depth: u32)));
        }
        if shape.fuel {
            params.push(parse(quote::quote!(mut fuel: Fuel)));
        }
        params
    }

    /// `T`, `Result<T, Trapped>`, or `Result<(Fuel, T), Trapped>`.
    pub(crate) fn return_type(shape: Shape, results: &[ValType]) -> syn::ReturnType {
        let ty = results_type(results);
        if shape.fuel {
            parse(quote::quote!(-> Result<(Fuel, #ty), Trapped>))
        } else if shape.traps {
            parse(quote::quote!(-> Result<#ty, Trapped>))
        } else if results.is_empty() {
            syn::ReturnType::Default
        } else {
            parse(quote::quote!(-> #ty))
        }
    }

    /// The statement that ends a function that trapped.
    fn trapped(&self, func: FuncId, shape: Shape) -> Expr {
        let (rt, id) = (Self::run(shape), int(u64::from(func.0)));
        match self.options.backtrace {
            Backtrace::None => parse(quote::quote!(Err(#rt.trap_silent(e)))),
            Backtrace::Functions => parse(quote::quote!(Err(#rt.trap(#id, e)))),
            Backtrace::Offsets => parse(quote::quote!(Err(#rt.trap_at(#id, e, at)))),
        }
    }

    /// The item of `f`, some of whose loops may run without checks.
    pub(crate) fn func(&self, f: &ir::Func, strided: &BTreeMap<ir::Label, Strided>) -> syn::ItemFn {
        let shape = self.front.shapes[f.id.index()];
        let ty = self.front.set.func_type(f.id);
        let mut body = Body::new(self, f, shape, strided);
        let stmts = body.run();
        let stmts = if shape.traps {
            self.with_trap(f.id, stmts, shape)
        } else {
            stmts
        };
        let mut params = Self::context_params(shape);
        for (n, ty) in ty.params.iter().enumerate() {
            let pat = pat(&body.vars[n], f.mutable_params[n]);
            params.push(syn::FnArg::Typed(syn::PatType {
                attrs: Vec::new(),
                pat: Box::new(pat),
                colon_token: Default::default(),
                ty: Box::new(ty_name(rust_type(*ty))),
            }));
        }
        let name = ident(self.names.func(f.id));
        let output = Self::return_type(shape, &ty.results);
        let doc = format!(
            " `{}: {ty}`",
            self.names.shown[f.id.index()].replace('`', "'")
        );
        // It reaches callers in other units. At opt-level "s" it would inline far more than saves flash.
        let hint = shape.leaf && self.options.storage == Storage::Growable;
        let inline = hint.then(|| quote::quote!(#[inline]));
        let mut item: syn::ItemFn = parse(quote::quote! {
            #[doc = #doc]
            #inline
            pub(super) fn #name(#(#params),*) #output {}
        });
        item.block.stmts = stmts;
        item
    }

    /// `let e = 'trap: { stmts }; Err(…)`
    fn with_trap(&self, func: FuncId, stmts: Vec<Stmt>, shape: Shape) -> Vec<Stmt> {
        let block = block_expr(Some("trap"), stmts);
        let cause: Stmt = match self.options.backtrace {
            Backtrace::Offsets => let_(
                pat_typed(
                    pat_tuple([pat("e", false), pat("at", false)]),
                    parse(quote::quote!((Cause, u32))),
                ),
                Some(block),
            ),
            _ => let_(pat_typed(pat("e", false), ty_name("Cause")), Some(block)),
        };
        let trapped = Stmt::Expr(self.trapped(func, shape), None);
        if !shape.fuel {
            return vec![cause, trapped];
        }
        let release = method(Self::run(shape), "release_trapped", [path("fuel")]);
        let release = stmt(release);
        vec![cause, release, trapped]
    }

    /// `check!('trap, e)`, with the offset where backtraces have them.
    pub(crate) fn check(&self, at: u32, e: &Expr) -> Expr {
        check(
            (self.options.backtrace == Backtrace::Offsets).then_some(at),
            e,
        )
    }

    /// `call!('trap, fuel, e)`, with the offset where backtraces have them.
    pub(crate) fn call_with_fuel(&self, at: u32, e: &Expr) -> Expr {
        call_with_fuel(
            (self.options.backtrace == Backtrace::Offsets).then_some(at),
            e,
        )
    }

    /// The state, where a function of `shape` finds it: `cx.st`, or `st` where it takes no more than that.
    pub(crate) fn state(shape: Shape) -> Expr {
        match shape.env {
            true => field(path("cx"), "st"),
            false => path("st"),
        }
    }

    /// The same as an argument: `&mut cx.st` or `st`.
    pub(crate) fn state_ref(shape: Shape) -> Expr {
        match shape.env {
            true => ref_mut(Self::state(shape)),
            false => Self::state(shape),
        }
    }

    /// `cx.st.rt` or `st.rt`
    pub(crate) fn run(shape: Shape) -> Expr {
        field(Self::state(shape), "rt")
    }

    /// The field of a memory: `cx.mem.m0`.
    pub(crate) fn memory(mem: MemId) -> Expr {
        field(field(path("cx"), "mem"), &format!("m{}", mem.0))
    }
}
