//! What the body of a function needs at hand: a memory, what is known of its size.

use crate::ir::{self, Bulk, Expr as E, Stmt as S};
use crate::module::{MemoryType, PageSize};
use crate::options::{Options, Storage};
use crate::set::{MemId, Set};

/// Pages of the memory's own size that fixed storage reserves: as many as can be needed and are allowed.
fn reserved(options: &Options, ty: &MemoryType) -> u32 {
    let limit = options.max_memory_pages;
    // Without a bound of either, growing fails.
    if ty.max.is_none() && limit == PageSize::Kib64.most() {
        ty.min
    } else {
        let allowed = ty.page_size.allowed(limit);
        ty.max.unwrap_or(allowed).min(allowed).max(ty.min)
    }
}

/// Bytes that fixed storage reserves.
pub(super) fn bytes(options: &Options, ty: &MemoryType) -> u64 {
    match options.memory_bytes {
        Some(bytes) => u64::from(bytes),
        None => ty.page_size.bytes_in(reserved(options, ty)),
    }
}

/// Whether a memory has all the bytes that it can have from the start, in place, so that their number is a constant.
pub(super) fn whole(options: &Options, set: &Set<'_>, mem: MemId) -> bool {
    let memory = &set.memories[mem.index()];
    options.storage == Storage::Fixed
        && memory.host.is_none()
        && (options.memory_bytes.is_some() || reserved(options, &memory.ty) == memory.ty.min)
}

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
