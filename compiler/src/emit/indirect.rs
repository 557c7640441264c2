//! `call_indirect`: for each type and table, one function with a `match` over what can stand in the table.

use super::func::{Emitter, rust_type};
use super::rust::*;
use crate::set::{FuncId, TableId, TypeId};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use quote::quote;
use syn::{Expr, ItemFn};

/// The function that calls through `table` at type `ty`.
pub(crate) fn name(ty: TypeId, table: TableId) -> String {
    format!("call_t{}_{}", table.0, ty.0)
}

impl Emitter<'_> {
    /// The dispatcher of `ty` and `table` over `candidates`, which have that type.
    pub(crate) fn dispatcher(&self, ty: TypeId, table: TableId, candidates: &[FuncId]) -> ItemFn {
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
            let call = self.enter(*f, params.iter().map(|p| path(&format!("{p}"))).collect());
            quote!(#key => #call,)
        });
        let doc = format!(" `call_indirect` at `{signature}`.");
        // The caller records itself; a dispatcher is no function of the module.
        let trapped = quote!(Err(st.rt.trap_silent(e)));
        parse(quote! {
            #[doc = #doc]
            fn #name(
                st: &mut State, cx: &mut Context<'_>, depth: u32, #(#params: #types,)* index: i32
            ) -> Result<#results, Trapped> {
                let e: Cause = 'trap: {
                    return match check!('trap, st.#table.func(index)).raw() {
                        #(#arms)*
                        _ => break 'trap Cause::IndirectCallTypeMismatch,
                    };
                };
                #trapped
            }
        })
    }

    /// A call of `func` by one who has not paid for it: through a table, by the host. It takes the depth of
    /// functions that do not take it themselves, and the fuel of leaves. Its value is a `Result`; it stands
    /// inside `'trap`.
    pub(crate) fn enter(&self, func: FuncId, args: Vec<Expr>) -> Expr {
        let shape = self.front.shapes[func.index()];
        let mut all = Self::context_args(shape);
        all.extend(args);
        let mut called = call(path(self.names.func(func)), all);
        if !shape.traps {
            called = call(path("Ok"), [called]);
        }
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
            let charge = method(field(path("st"), "rt"), "charge", [int(u64::from(cost))]);
            stmts.push(stmt(check(None, &charge)));
        }
        if stmts.is_empty() {
            return called;
        }
        stmts.push(syn::Stmt::Expr(called, None));
        block_expr(None, stmts)
    }
}
