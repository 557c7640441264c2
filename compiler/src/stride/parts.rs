//! Rounds that fall into parts: a loop that was unrolled, rolled up again.
//!
//! A round that stores the same expression several times, one after another in memory, is as many rounds of one
//! store each. So written, rustc can do several at a time, whatever their number was.

use super::Found;
use super::sum::Sum;
use super::walk::Walk;
use crate::ir::*;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::ops::Range;

/// What a loop of parts leaves to do behind it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parts {
    /// In how many equal parts each round falls.
    pub(crate) count: u32,
    /// Variables that count, and what each round adds to them.
    pub(crate) counters: Vec<(Var, i32)>,
    /// Variables that the last round leaves, in terms of the counters at its start.
    pub(crate) left: Vec<(Var, ExprId)>,
}

/// Parts as they are found.
pub(super) struct Divided {
    pub(super) count: u32,
    counters: Vec<(Var, i32)>,
    left: Vec<(Var, Sum)>,
    /// Statements of the first part.
    pub(super) first: Vec<usize>,
}

impl Divided {
    pub(super) fn build(self, f: &mut Func) -> Parts {
        let left = self.left.into_iter().map(|(var, sum)| (var, sum.build(f)));
        Parts {
            count: self.count,
            counters: self.counters,
            left: left.collect(),
        }
    }
}

/// Divides the round `inside` of `body` into as many parts as can be.
pub(super) fn divide(
    f: &Func,
    walk: &Walk,
    body: BlockId,
    inside: Range<usize>,
    windows: &[Found],
) -> Option<Divided> {
    let mut stores: Vec<usize> = Vec::new();
    let (mut counters, mut left) = (BTreeMap::new(), BTreeMap::new());
    for index in inside {
        match &f.block(body)[index] {
            Stmt::Store { .. } => stores.push(index),
            Stmt::Let { .. } => {}
            Stmt::Set(var, _) => {
                let sum = walk.end(*var)?;
                match walk.step(&Sum::var(*var)) {
                    Some(step) => counters.insert(*var, step).map(|_| ()),
                    None => left.insert(*var, sum.clone()).map(|_| ()),
                };
            }
            _ => return None,
        }
    }
    // What is left must not depend on what was left before.
    if left.values().any(|sum| walk.step(sum).is_none()) {
        return None;
    }
    let count = (2..=stores.len()).rev().find(|count| {
        stores.len().is_multiple_of(*count)
            && windows.iter().all(|w| w.divides(*count as u32))
            && equal(f, walk, body, &stores, *count, windows)
    })?;
    stores.truncate(stores.len() / count);
    Some(Divided {
        count: count as u32,
        counters: counters.into_iter().collect(),
        left: left.into_iter().collect(),
        first: stores,
    })
}

/// Whether `stores` are `count` times the same.
fn equal(
    f: &Func,
    walk: &Walk,
    body: BlockId,
    stores: &[usize],
    count: usize,
    windows: &[Found],
) -> bool {
    let like = Like {
        f,
        walk,
        windows,
        count: count as u32,
    };
    let each = stores.len() / count;
    stores.iter().enumerate().all(|(n, index)| {
        let first = (&f.block(body)[stores[n % each]], stores[n % each]);
        let other = (&f.block(body)[*index], *index);
        match (first.0, other.0) {
            (
                Stmt::Store { op, value, .. },
                Stmt::Store {
                    op: o, value: v, ..
                },
            ) => {
                let part = (n / each) as u32;
                let places = walk.store(body, first.1).zip(walk.store(body, other.1));
                op == o
                    && places.is_some_and(|(a, b)| like.place(a, b, part))
                    && like.expr(*value, *v, part)
            }
            _ => false,
        }
    })
}

struct Like<'a> {
    f: &'a Func,
    walk: &'a Walk,
    windows: &'a [Found],
    count: u32,
}

impl Like<'_> {
    /// Whether access `b` is access `a`, which lies in the first part, moved to part `part`.
    fn place(&self, a: &super::Access, b: &super::Access, part: u32) -> bool {
        let held = self.windows.iter().find(|w| w.holds(a) && w.holds(b));
        held.is_some_and(|w| {
            let size = i64::from(w.step / self.count);
            let within = size == 0 || a.at() - w.from + i64::from(a.width) <= size;
            within && b.at() - a.at() == size * i64::from(part)
        })
    }

    /// Whether tree `b` is tree `a`, with each load moved to part `part`.
    fn expr(&self, a: ExprId, b: ExprId, part: u32) -> bool {
        let (left, right) = (self.f.node(a).expr, self.f.node(b).expr);
        match (left, right) {
            (Expr::Load { op, .. }, Expr::Load { op: o, .. }) => {
                let places = self.walk.load(a).zip(self.walk.load(b));
                op == o && places.is_some_and(|(a, b)| self.place(a, b, part))
            }
            (Expr::Var(var), _) => left == right && !self.walk.assigns(var),
            _ => {
                let operands = || left.operands().zip(right.operands());
                bare(left) == bare(right) && operands().all(|(a, b)| self.expr(a, b, part))
            }
        }
    }
}

/// The node without its operands.
fn bare(mut expr: Expr) -> Expr {
    const NONE: ExprId = ExprId(0);
    match &mut expr {
        Expr::Unary(_, a)
        | Expr::FromBool(a)
        | Expr::NonZero(a)
        | Expr::Not(a)
        | Expr::RefIsNull(a)
        | Expr::Quiet(a) => *a = NONE,
        Expr::Binary(_, a, b) => (*a, *b) = (NONE, NONE),
        Expr::Select {
            cond,
            then,
            otherwise,
        } => (*cond, *then, *otherwise) = (NONE, NONE, NONE),
        _ => {}
    }
    expr
}
