//! What the body of a function needs at hand: a memory, what is known of its size.

use crate::ir::{self, Bulk, Expr as E, Stmt as S};
use crate::set::MemId;

/// Whether `f` reaches memory at addresses that may be known to lie below the memory's first size: constants,
/// and in loops those that count between constants.
pub(super) fn floor(f: &ir::Func) -> bool {
    let is_const = |e: ir::ExprId| matches!(f.node(e).expr, E::Const(_));
    let loops = f.blocks.iter().flatten().any(|s| matches!(s, S::Loop(..)));
    let loads = f
        .exprs
        .iter()
        .filter(|n| matches!(n.expr, E::Load { addr, .. } if is_const(addr)))
        .count();
    let stores = f
        .blocks
        .iter()
        .flatten()
        .filter(|s| matches!(s, S::Store { addr, .. } if is_const(*addr)))
        .count();
    loops || loads + stores > 2
}

/// The memory that `f` reads or writes by loads, stores and bulk operations.
pub(super) fn memory(f: &ir::Func) -> Option<MemId> {
    let by_expr = f.exprs.iter().find_map(|n| match n.expr {
        E::Load { mem, .. } | E::MemorySize(mem) => Some(mem),
        _ => None,
    });
    let by_stmt = || {
        f.blocks.iter().flatten().find_map(|s| match s {
            S::Store { mem, .. }
            | S::Bulk {
                op: Bulk::MemoryFill(mem) | Bulk::MemoryCopy(mem, _) | Bulk::MemoryInit(mem, _),
                ..
            } => Some(*mem),
            _ => None,
        })
    };
    by_expr.or_else(by_stmt)
}
