//! Constants of loops stay in registers, which are set when the function is entered.

use super::expr::{bits, small};
use crate::code::{Instr, Reg};
use alloc::collections::BTreeMap;
use alloc::vec;
use wrt_compiler::ir::{Expr, ExprId, Func, Stmt};

/// At most so many: each costs an instruction at every call.
const MOST: usize = 24;

/// The constants that the loops of `f` need in a register, and the registers, which follow the locals.
pub(super) fn pool(f: &Func) -> BTreeMap<u64, Reg> {
    let mut pool = BTreeMap::new();
    let mut work = vec![(f.body, false)];
    while let Some((block, inside)) = work.pop() {
        for stmt in f.block(block) {
            let loops = inside || matches!(stmt, Stmt::Loop(..) | Stmt::Dispatch { .. });
            work.extend(stmt.blocks().into_iter().map(|block| (block, loops)));
            if inside {
                // What is only copied is as well made anew.
                let copied = matches!(
                    stmt,
                    Stmt::Set(..)
                        | Stmt::Let { .. }
                        | Stmt::Call { .. }
                        | Stmt::CallIndirect { .. }
                        | Stmt::Bulk { .. }
                );
                for e in stmt.exprs() {
                    see(f, e, copied, &mut pool);
                }
            }
        }
    }
    pool
}

/// Adds the constants of a tree.
fn see(f: &Func, e: ExprId, copied: bool, pool: &mut BTreeMap<u64, Reg>) {
    let mut work = vec![(e, copied)];
    while let Some((e, absorbed)) = work.pop() {
        match f.node(e).expr {
            Expr::Const(c) if !absorbed && pool.len() < MOST => {
                let reg = (f.locals as usize + pool.len()) as Reg;
                pool.entry(bits(c)).or_insert(reg);
            }
            Expr::Const(_) => {}
            Expr::Binary(op, a, b) => {
                let fits = |e| small(f, e).is_some();
                let takes =
                    Instr::immediate(op, 0, 0, 0).is_some() || Instr::branch(op, 0, 0).is_some();
                work.push((a, false));
                work.push((b, takes && fits(b)));
            }
            expr => work.extend(expr.operands().map(|e| (e, false))),
        }
    }
}
