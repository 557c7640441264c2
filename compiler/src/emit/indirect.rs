//! `call_indirect`: for each type and table, one function with a `match` over what can stand in the table.

use super::func::{Emitter, rust_type};
use super::rust::*;
use crate::set::{FuncId, TableId, TypeId};
use crate::survey::Shape;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use quote::quote;
use syn::{Expr, ItemFn, Stmt};

/// The function that calls through `table` at type `ty`.
pub(crate) fn name(ty: TypeId, table: TableId) -> String {
    format!("call_t{}_{}", table.0, ty.0)
}

impl Emitter<'_> {
    /// The dispatcher of `ty` and `table` over `candidates`, which have that type.
    pub(crate) fn dispatcher(&self, ty: TypeId, table: TableId, candidates: &[FuncId]) -> ItemFn {
        let shape = self.front.dispatcher;
        let signature = &self.front.set.types[ty.index()];
        let name = ident(&name(ty, table));
        let params: Vec<_> = (0..signature.params.len())
            .map(|n| ident(&format!("l{n}")))
            .collect();
        let types: Vec<_> = signature
            .params
            .iter()
            .map(|ty| ty_name(rust_type(*ty)))
            .collect();
        let results = super::func::results_type(&signature.results);
        let table = ident(&format!("t{}", table.0));
        let arms = candidates.iter().map(|f| {
            let key = int(u64::from(f.0));
            let args = params.iter().map(|p| path(&format!("{p}"))).collect();
            let entered = self.enter(shape, *f, args).expr();
            quote!(#key => #entered,)
        });
        let doc = format!(" `call_indirect` at `{signature}`.");
        let context = Self::context_params(shape);
        let (results, release) = match shape.fuel {
            true => (
                quote!((Fuel, #results)),
                quote!(cx.st.rt.release_trapped(fuel);),
            ),
            false => (quote!(#results), quote!()),
        };
        // The caller records itself; a dispatcher is no function of the module.
        let trapped = quote!(Err(cx.st.rt.trap_silent(e)));
        parse(quote! {
            #[doc = #doc]
            fn #name(
                #(#context,)* #(#params: #types,)* index: i32
            ) -> Result<#results, Trapped> {
                let e: Cause = 'trap: {
                    return match check!('trap, cx.st.#table.func(index)).raw() {
                        #(#arms)*
                        _ => break 'trap Cause::IndirectCallTypeMismatch,
                    };
                };
                #release
                #trapped
            }
        })
    }

    /// A call of `func` by one who has not paid for it: through a table, by the host, from another instance. It
    /// takes the depth of functions that do not take it themselves, and the fuel of leaves. Its value is a `Result`,
    /// with the fuel in it where the caller has that in hand.
    pub(crate) fn enter(&self, caller: Shape, func: FuncId, args: Vec<Expr>) -> Entered {
        let shape = self.front.shapes[func.index()];
        let (held, rt) = (caller.fuel, Self::run(caller));
        let mut all = Self::context_args(caller, shape);
        all.extend(args);
        let called = call(path(self.names.func(func)), all);
        let mut stmts = Vec::new();
        if !shape.framed {
            let weight = int(u64::from(shape.weight));
            stmts.push(stmt(check(
                None,
                &call(path("enter"), [path("depth"), weight]),
            )));
        }
        let cost = self.front.leaf_costs[func.index()];
        if self.options.fuel && shape.leaf && cost > 0 {
            let units = int(u64::from(cost));
            let charge = match held {
                true => method(rt.clone(), "spend", [ref_mut(path("fuel")), units]),
                false => method(rt.clone(), "charge", [units]),
            };
            stmts.push(stmt(check(None, &charge)));
        }
        let leaves = !stmts.is_empty();
        let ok = |e| call(path("Ok"), [e]);
        let with_fuel = |fuel, e| ok(tuple([fuel, e]));
        let value = match (held, shape.fuel) {
            (true, true) => called,
            (false, true) => {
                stmts.push(parse(quote!(let fuel = #rt.hold();)));
                parse(quote!(match #called {
                    Ok((fuel, results)) => {
                        #rt.release(fuel);
                        Ok(results)
                    }
                    Err(trapped) => Err(trapped),
                }))
            }
            (true, false) if self.front.set.body(func).is_none() => {
                stmts.push(parse(quote!(fuel = #rt.release(fuel);)));
                let results = check(None, &called);
                stmts.push(parse(quote!(let results = #results;)));
                with_fuel(method(rt, "hold", []), path("results"))
            }
            (true, false) if shape.traps => with_fuel(path("fuel"), check(None, &called)),
            (true, false) => with_fuel(path("fuel"), called),
            (false, false) if shape.traps => called,
            (false, false) => ok(called),
        };
        Entered {
            stmts,
            value,
            leaves,
        }
    }
}

/// What enters a function.
pub(crate) struct Entered {
    pub(crate) stmts: Vec<Stmt>,
    pub(crate) value: Expr,
    /// Some of the statements may leave for `'trap`. With fuel in hand the value may, too.
    pub(crate) leaves: bool,
}

impl Entered {
    /// All as one expression.
    fn expr(mut self) -> Expr {
        if self.stmts.is_empty() {
            return self.value;
        }
        self.stmts.push(Stmt::Expr(self.value, None));
        block_expr(None, self.stmts)
    }
}
