//! Loops that walk through memory in strides.
//!
//! In: a finished function. Out: for each innermost loop that counts, cannot leave but at its end, and whose
//! loads and stores move by a constant in each round, what must be known before it to run it without checks:
//! how many rounds it makes, and the *windows*, the parts of memory that it reaches. With it comes a second
//! body, whose loads and stores go to the windows as if each were a memory. It calls nothing and cannot trap,
//! so nobody can tell that it ran. Back ends that have no use for that run the loop as it is.

mod parts;
mod sum;
mod walk;

use crate::ir::*;
use crate::module::Const;
use crate::op::{Op, Ty};
use crate::set::MemId;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
pub(crate) use parts::Parts;
use sum::Sum;
use walk::{Access, Walk};
use wrt_rt::ValType;
use wrt_rt::memory::stride::Again;

/// Most windows of a loop.
const WINDOWS: usize = 6;
/// Most bytes that a window covers in a round.
const WIDTH: i64 = 4096;
/// Accesses with no more than this between them share a window.
const GAP: i64 = 64;

/// How to run a loop without checks.
#[derive(Debug, Clone)]
pub(crate) struct Strided {
    /// The comparison that ends a round, its variable on the left.
    pub(crate) again: Again,
    /// What is compared when the first round ends.
    pub(crate) value: ExprId,
    /// What it is compared with.
    pub(crate) end: ExprId,
    /// By how much the former changes in each round.
    pub(crate) step: i32,
    /// Units of fuel of each round and where they are charged, if they are.
    pub(crate) fuel: Option<(u32, SiteId)>,
    /// What it reaches. To the body they are memories, numbered from the first number that is none.
    pub(crate) windows: Vec<Window>,
    /// A round, or one of its equal parts, without check and comparison.
    pub(crate) body: BlockId,
    /// How rounds, and with them the windows that move, fall into parts, if they do.
    pub(crate) parts: Option<Parts>,
}

/// A part of memory that a loop reaches.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    /// Address operand in the first round.
    pub(crate) start: ExprId,
    /// What is added to it, without wrapping.
    pub(crate) offset: u32,
    /// How far it moves in each round.
    pub(crate) step: u32,
    /// How many bytes it covers in one.
    pub(crate) width: u32,
    /// Whether it is stored to.
    pub(crate) written: bool,
}

/// The loops of `f`, by label. `memories`: the first number that is no memory's.
pub(crate) fn find(f: &mut Func, memories: u32) -> BTreeMap<Label, Strided> {
    let loops = f.blocks.iter().flatten().filter_map(|stmt| match stmt {
        Stmt::Loop(label, body) => Some((*label, *body)),
        _ => None,
    });
    let loops: Vec<(Label, BlockId)> = loops.collect();
    loops
        .into_iter()
        .filter_map(|(label, body)| Some((label, strided(f, label, body, memories)?)))
        .collect()
}

fn strided(f: &mut Func, label: Label, body: BlockId, memories: u32) -> Option<Strided> {
    let (first, last) = (f.block(body).first()?, f.block(body).len() - 1);
    let fuel = match first {
        Stmt::Charge { fuel, site } => Some((*fuel, *site)),
        _ => None,
    };
    let Stmt::If {
        cond,
        then,
        otherwise: None,
    } = f.block(body)[last]
    else {
        return None;
    };
    if f.block(then) != [Stmt::Br(label)] {
        return None;
    }
    let inside = usize::from(fuel.is_some())..last;
    let walk = Walk::run(f, body, inside.clone())?;
    let (again, value, end, step) = condition(f, &walk, cond)?;
    let windows = windows(&walk)?;
    let parts = parts::divide(f, &walk, body, inside.clone(), &windows);
    let indices: Vec<usize> = match &parts {
        Some(parts) => parts.first.clone(),
        None => inside.collect(),
    };
    let copy = walk.copy(f, body, indices, |access| {
        let (n, window) = windows
            .iter()
            .enumerate()
            .find(|(_, w)| w.holds(access))
            .expect("each access has its window");
        let at = access.at() - window.from;
        (MemId(memories + n as u32), at as u32)
    });
    let windows = windows.iter().map(|w| w.build(f)).collect();
    Some(Strided {
        again,
        value: value.build(f),
        end: end.build(f),
        step,
        fuel,
        windows,
        body: copy,
        parts: parts.map(|parts| parts.build(f)),
    })
}

/// A comparison of what changes by a constant in each round with what stays.
fn condition(f: &Func, walk: &Walk, cond: ExprId) -> Option<(Again, Sum, Sum, i32)> {
    let (op, a, b) = match f.node(cond).expr {
        Expr::NonZero(a) => (Op::I32Ne, walk.sum(f, a)?, Sum::constant(0)),
        Expr::Binary(op, a, b) => (op, walk.sum(f, a)?, walk.sum(f, b)?),
        Expr::Not(e) => match f.node(e).expr {
            Expr::Binary(op, a, b) => (op.opposite()?, walk.sum(f, a)?, walk.sum(f, b)?),
            Expr::Unary(Op::I32Eqz, a) => (Op::I32Ne, walk.sum(f, a)?, Sum::constant(0)),
            _ => return None,
        },
        _ => return None,
    };
    let again = match op {
        Op::I32Ne => Again::Ne,
        Op::I32LtU => Again::LtU,
        Op::I32LtS => Again::LtS,
        Op::I32GtU => Again::GtU,
        Op::I32GtS => Again::GtS,
        Op::I32LeU => Again::LeU,
        Op::I32LeS => Again::LeS,
        Op::I32GeU => Again::GeU,
        Op::I32GeS => Again::GeS,
        _ => return None,
    };
    match (walk.step(&a)?, walk.step(&b)?) {
        (0, 0) => None,
        (step, 0) => Some((again, a, b, step)),
        (0, step) => Some((mirrored(again), b, a, step)),
        _ => None,
    }
}

/// The same comparison with its sides exchanged.
fn mirrored(again: Again) -> Again {
    match again {
        Again::Ne => Again::Ne,
        Again::LtU => Again::GtU,
        Again::LtS => Again::GtS,
        Again::GtU => Again::LtU,
        Again::GtS => Again::LtS,
        Again::LeU => Again::GeU,
        Again::LeS => Again::GeS,
        Again::GeU => Again::LeU,
        Again::GeS => Again::LeS,
    }
}

/// A window as it is found: the accesses whose sums have the same variables and lie close together.
struct Found {
    terms: Vec<(Var, i32)>,
    step: u32,
    /// The least constant of its sums. Addresses of the others cannot wrap where this one's does not.
    base: i32,
    /// Where it starts and ends, as constants of sums with offsets added.
    from: i64,
    to: i64,
    written: bool,
}

impl Found {
    fn holds(&self, access: &Access) -> bool {
        self.terms == access.sum.terms && (self.from..self.to).contains(&access.at())
    }

    /// Whether each step falls into `count` parts, if it steps at all.
    fn divides(&self, count: u32) -> bool {
        self.step == 0
            || self.step.is_multiple_of(count) && self.to - self.from <= i64::from(self.step)
    }

    fn build(&self, f: &mut Func) -> Window {
        let start = Sum {
            terms: self.terms.clone(),
            add: self.base,
        };
        let width = (self.to - self.from) as u32;
        Window {
            start: start.build(f),
            offset: (self.from - i64::from(self.base)) as u32,
            step: self.step,
            width: if self.step == 0 {
                width
            } else {
                width.max(self.step)
            },
            written: self.written,
        }
    }
}

fn windows(walk: &Walk) -> Option<Vec<Found>> {
    let mut accesses: Vec<&Access> = walk.accesses.iter().collect();
    accesses.sort_by_key(|a| (a.sum.terms.clone(), a.at()));
    let mut out: Vec<Found> = Vec::new();
    for access in accesses {
        let step = u32::try_from(walk.step(&Sum {
            terms: access.sum.terms.clone(),
            add: 0,
        })?)
        .ok()?;
        let (at, end) = (access.at(), access.at() + i64::from(access.width));
        match out.last_mut() {
            Some(w) if w.terms == access.sum.terms && at - w.to <= GAP.max(i64::from(step)) => {
                w.base = w.base.min(access.sum.add);
                w.to = w.to.max(end);
                w.written |= access.written;
            }
            _ => out.push(Found {
                terms: access.sum.terms.clone(),
                step,
                base: access.sum.add,
                from: at,
                to: end,
                written: access.written,
            }),
        }
    }
    let small = out
        .iter()
        .all(|w| w.to - w.from <= WIDTH && i64::from(w.step) <= WIDTH);
    let moves = out.iter().any(|w| w.step != 0);
    (small && moves && out.len() <= WINDOWS).then_some(out)
}

/// The address operand of an access within a window.
fn zero(f: &mut Func) -> ExprId {
    f.add(Expr::Const(Const::I32(0)), Ty::Val(ValType::I32), 0)
}
