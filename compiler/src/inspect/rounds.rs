//! How often a loop goes round at most.
//!
//! In: a loop, and what is known of variables where it starts. Out: a number of rounds that no run exceeds, or why
//! there is none. What every round does that is followed by another is the loop's *spine*: statements and conditions
//! on the way to the branch back. A variable that the spine moves by a constant, and nothing else in the loop moves, is
//! a counter; a condition on the spine that compares it with something ends the loop. Other ways out only shorten it.

use super::counter::Compared;
use super::range::*;
use crate::ir::*;
use crate::module::Const;
use crate::op::Op;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec;
use alloc::vec::Vec;

/// A loop that was looked at.
pub(super) struct Looked {
    /// Rounds at most, or why they are not bounded.
    pub(super) rounds: Result<u64, &'static str>,
    /// Variables that the loop assigns.
    pub(super) assigned: BTreeSet<Var>,
    /// What counters hold at the head, over all rounds.
    pub(super) counters: Vec<(Var, Range)>,
}

/// The value of a variable, by what variables held at the head of the round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Value {
    /// A variable and a constant, added without regard to overflow.
    Moved(Var, i64),
    /// A variable, at least so many of its bits shifted out, unsigned.
    Shrunk(Var, u32),
    Unknown,
}

/// A condition under which alone there is another round.
struct Bar {
    value: Value,
    compared: Compared,
}

struct Spine<'a> {
    f: &'a Func,
    label: Label,
    env: &'a Env,
    /// Lists that hold a branch back, or a list that does.
    back: BTreeSet<BlockId>,
    /// Labels inside.
    inside: BTreeSet<Label>,
    assigned: BTreeSet<Var>,
    values: BTreeMap<Var, Value>,
    bars: Vec<Bar>,
    /// Lists after which there is no further round.
    leaving: BTreeSet<BlockId>,
    /// How often the spine assigns each variable.
    moved: BTreeMap<Var, u32>,
}

/// Looks at the loop `label` of content `body`, with `env` where it starts. `effort` is how many statements may still
/// be looked at; `None` if that is not enough.
pub(super) fn look(
    f: &Func,
    label: Label,
    body: BlockId,
    env: &Env,
    effort: &mut usize,
) -> Option<Looked> {
    let mut spine = Spine {
        f,
        label,
        env,
        back: BTreeSet::new(),
        inside: BTreeSet::new(),
        assigned: BTreeSet::new(),
        values: BTreeMap::new(),
        bars: Vec::new(),
        leaving: BTreeSet::new(),
        moved: BTreeMap::new(),
    };
    spine.survey(body, effort)?;
    let tails = spine.follow(body);
    let others = spine.others(body, &tails);
    let mut looked = Looked {
        rounds: Err("no condition with a constant ends it"),
        assigned: BTreeSet::new(),
        counters: Vec::new(),
    };
    for bar in &spine.bars {
        let found = spine.bound(bar, &others);
        if let Ok((_, counter)) = &found {
            looked.counters.extend(*counter);
        }
        // A bar that gives a number is better than one that does not.
        looked.rounds = match (looked.rounds, found.map(|(rounds, _)| rounds)) {
            (Ok(a), Ok(b)) => Ok(a.min(b)),
            (Ok(a), Err(_)) => Ok(a),
            (Err(_), found) => found,
        };
    }
    looked.assigned = spine.assigned;
    Some(looked)
}

impl Spine<'_> {
    /// Finds the branches back and what is assigned. `None` if it takes too long.
    fn survey(&mut self, body: BlockId, effort: &mut usize) -> Option<()> {
        let mut around: BTreeMap<BlockId, BlockId> = BTreeMap::new();
        let mut work = vec![body];
        while let Some(list) = work.pop() {
            *effort = effort.checked_sub(self.f.block(list).len() + 1)?;
            for stmt in self.f.block(list) {
                self.assigned.extend(stmt.assigns());
                match stmt {
                    Stmt::Br(label) if *label == self.label => {
                        let mut up = Some(list);
                        while let Some(list) = up.filter(|list| self.back.insert(*list)) {
                            up = around.get(&list).copied();
                        }
                    }
                    Stmt::Block(label, _) | Stmt::Loop(label, _) => {
                        self.inside.insert(*label);
                    }
                    _ => {}
                }
                for inner in stmt.blocks() {
                    around.insert(inner, list);
                    work.push(inner);
                }
            }
        }
        Some(())
    }

    /// Follows the spine. Gives the lists that it went through and left, and where: what comes behind in them is
    /// followed by no further round.
    fn follow(&mut self, body: BlockId) -> BTreeMap<BlockId, usize> {
        let f = self.f;
        let mut tails = BTreeMap::new();
        let mut list = body;
        loop {
            let stmts = f.block(list);
            let back = |stmt: &Stmt| {
                *stmt == Stmt::Br(self.label) || stmt.blocks().iter().any(|b| self.back.contains(b))
            };
            let mut backs = (0..stmts.len()).filter(|n| back(&stmts[*n]));
            let (Some(at), only) = (backs.next(), backs.next().is_none()) else {
                return tails;
            };
            drop(backs);
            for stmt in &stmts[..at] {
                self.see(stmt);
            }
            if !only {
                return tails;
            }
            let inner = match &stmts[at] {
                Stmt::Block(_, inner) => *inner,
                Stmt::If {
                    cond,
                    then,
                    otherwise,
                } => {
                    let (yes, no) = (
                        self.back.contains(then),
                        otherwise.is_some_and(|b| self.back.contains(&b)),
                    );
                    match (yes, no, otherwise) {
                        (true, false, _) => {
                            self.bar(*cond, true);
                            self.leaving.extend(*otherwise);
                            *then
                        }
                        (false, true, Some(otherwise)) => {
                            self.bar(*cond, false);
                            self.leaving.insert(*then);
                            *otherwise
                        }
                        _ => return tails,
                    }
                }
                // What comes behind the branch never runs.
                _ => {
                    tails.insert(list, at);
                    return tails;
                }
            };
            tails.insert(list, at);
            list = inner;
        }
    }

    /// A statement of the spine that goes on behind it, without a branch back inside.
    fn see(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Set(var, value) => {
                let value = self.value(*value);
                self.values.insert(*var, value);
                *self.moved.entry(*var).or_insert(0) += 1;
            }
            Stmt::If {
                cond,
                then,
                otherwise,
            } => {
                let (yes, no) = (
                    self.leaves(*then),
                    otherwise.is_some_and(|b| self.leaves(b)),
                );
                match (yes, no) {
                    (true, false) => {
                        self.bar(*cond, false);
                        self.leaving.insert(*then);
                        otherwise.iter().for_each(|b| self.forget(*b));
                    }
                    (false, true) => {
                        self.bar(*cond, true);
                        self.leaving.extend(*otherwise);
                        self.forget(*then);
                    }
                    _ => stmt.blocks().into_iter().for_each(|b| self.forget(b)),
                }
            }
            _ => {
                for var in stmt.assigns() {
                    self.values.insert(var, Value::Unknown);
                }
                stmt.blocks().into_iter().for_each(|b| self.forget(b));
            }
        }
    }

    /// What a list assigns is not known behind it.
    fn forget(&mut self, list: BlockId) {
        let mut work = vec![list];
        while let Some(list) = work.pop() {
            for stmt in self.f.block(list) {
                for var in stmt.assigns() {
                    self.values.insert(var, Value::Unknown);
                }
                work.extend(stmt.blocks());
            }
        }
    }

    /// Whether a list without a branch back ends the loop, wherever control goes in it.
    fn leaves(&self, list: BlockId) -> bool {
        let last = self.f.block(list).last();
        if !matches!(
            last,
            Some(Stmt::Br(_) | Stmt::Return(_) | Stmt::Unreachable { .. })
        ) {
            return false;
        }
        let mut own = BTreeSet::new();
        let mut targets = Vec::new();
        let mut work = vec![list];
        while let Some(list) = work.pop() {
            for stmt in self.f.block(list) {
                match stmt {
                    Stmt::Br(label) => targets.push(*label),
                    Stmt::Block(label, _) | Stmt::Loop(label, _) => {
                        own.insert(*label);
                    }
                    _ => {}
                }
                work.extend(stmt.blocks());
            }
        }
        let out = |label: &Label| {
            own.contains(label) || (!self.inside.contains(label) && *label != self.label)
        };
        targets.iter().all(out)
    }

    /// The value of an expression on the spine.
    fn value(&self, e: ExprId) -> Value {
        let constant = |e: ExprId| match self.f.node(e).expr {
            Expr::Const(Const::I32(value)) => Some(i64::from(value)),
            Expr::Const(Const::I64(value)) => Some(value),
            _ => None,
        };
        match self.f.node(e).expr {
            Expr::Var(var) => match self.values.get(&var) {
                Some(value) => *value,
                None => Value::Moved(var, 0),
            },
            Expr::Binary(op, a, b) => {
                let (a, b, op) = match (op, constant(a)) {
                    (Op::I32Add | Op::I64Add, Some(_)) => (b, a, op),
                    _ => (a, b, op),
                };
                let Some(b) = constant(b) else {
                    return Value::Unknown;
                };
                let bits = if wide(self.f, e) == Some(true) {
                    64
                } else {
                    32
                };
                match (self.value_of_operand(a), op) {
                    (Value::Moved(var, by), Op::I32Add | Op::I64Add) => {
                        Value::Moved(var, by.wrapping_add(b))
                    }
                    (Value::Moved(var, by), Op::I32Sub | Op::I64Sub) => {
                        Value::Moved(var, by.wrapping_sub(b))
                    }
                    (Value::Moved(var, 0), Op::I32ShrU | Op::I64ShrU) => {
                        Value::Shrunk(var, b as u32 % bits)
                    }
                    (Value::Moved(var, 0), Op::I32DivU | Op::I64DivU) if b > 1 => {
                        Value::Shrunk(var, b.ilog2())
                    }
                    _ => Value::Unknown,
                }
            }
            _ => Value::Unknown,
        }
    }

    /// As [`value`](Spine::value), of what is no further sum: clang and rustc write none of several parts.
    fn value_of_operand(&self, e: ExprId) -> Value {
        match self.f.node(e).expr {
            Expr::Var(_) => self.value(e),
            _ => Value::Unknown,
        }
    }

    /// There is a further round only if `cond` is `holds`.
    fn bar(&mut self, cond: ExprId, holds: bool) {
        let Some(test) = Test::of(self.f, cond, holds) else {
            return;
        };
        let mut outside = self.env.clone();
        outside.retain(|var| !self.assigned.contains(&var));
        let limit = |e: Option<ExprId>| match e {
            Some(e) => Range::of(self.f, e, &outside),
            None => Some(Range::ZERO),
        };
        let fixed = |e: Option<ExprId>| {
            let var = e.and_then(|e| variable(self.f, e));
            var.is_some_and(|var| !self.assigned.contains(&var))
        };
        let left = self.value(test.a);
        let right = test.b.map_or(Value::Unknown, |b| self.value(b));
        let moves = |value: &Value| match value {
            Value::Moved(var, _) | Value::Shrunk(var, _) => self.assigned.contains(var),
            Value::Unknown => false,
        };
        let sides = [
            (test.how, left, test.b),
            (test.how.turned(), right, Some(test.a)),
        ];
        for (how, value, other) in sides {
            if moves(&value)
                && let Some(limit) = limit(other)
            {
                let fixed = limit.constant().is_some() || fixed(other);
                let compared = Compared { how, limit, fixed };
                self.bars.push(Bar { value, compared });
            }
        }
    }

    /// How often each variable is assigned where a further round may follow.
    fn others(&self, body: BlockId, tails: &BTreeMap<BlockId, usize>) -> BTreeMap<Var, u32> {
        let mut counts = BTreeMap::new();
        let mut work = vec![body];
        while let Some(list) = work.pop() {
            let stmts = self.f.block(list);
            let end = tails.get(&list).map_or(stmts.len(), |at| at + 1);
            for stmt in &stmts[..end] {
                for var in stmt.assigns() {
                    *counts.entry(var).or_insert(0) += 1;
                }
                let inner = stmt.blocks().into_iter();
                work.extend(inner.filter(|b| !self.leaving.contains(b)));
            }
        }
        counts
    }

    /// Rounds that a bar allows, and what its counter holds at the head.
    #[allow(clippy::type_complexity)]
    fn bound(
        &self,
        bar: &Bar,
        others: &BTreeMap<Var, u32>,
    ) -> Result<(u64, Option<(Var, Range)>), &'static str> {
        let compared = &bar.compared;
        let var = match bar.value {
            Value::Moved(var, _) | Value::Shrunk(var, _) => var,
            Value::Unknown => return Err("what ends it is no counter"),
        };
        // All that assigns it is on the spine, which runs once in each round.
        if others.get(&var) != self.moved.get(&var) {
            return Err("what ends it moves by different steps");
        }
        let bits = if compared.how.wide { 64 } else { 32 };
        let (by, step) = match (bar.value, self.values.get(&var)) {
            (Value::Moved(_, by), Some(Value::Moved(from, step))) if *from == var => (by, *step),
            (value, Some(Value::Shrunk(from, shift))) if *from == var && *shift > 0 => {
                // A number is zero when all its bits are gone; it is so at the latest in the round after.
                let whole = matches!(value, Value::Moved(_, 0) | Value::Shrunk(..));
                let positive = match (compared.how.cmp, compared.how.signed) {
                    (Cmp::Ne, _) => compared.limit == Range::ZERO,
                    (Cmp::Gt, false) => compared.limit.lo >= 0,
                    (Cmp::Ge, false) => compared.limit.lo >= 1,
                    _ => false,
                };
                return match whole && positive {
                    true => Ok((u64::from(bits / shift + 2), None)),
                    false => Err("what ends it is no counter"),
                };
            }
            _ => return Err("what ends it moves by no constant"),
        };
        let (by, step) = match compared.how.wide {
            true => (by, step),
            false => (i64::from(by as i32), i64::from(step as i32)),
        };
        let start = self.env.get(var);
        let again = compared.again(start, by, step)?;
        let held = start.and_then(|start| {
            let reach = i128::from(step) * i128::from(again);
            let all = Range::all(compared.how.wide);
            let lo = i128::from(start.lo) + reach.min(0);
            let hi = i128::from(start.hi) + reach.max(0);
            let fits = lo >= i128::from(all.lo) && hi <= i128::from(all.hi);
            fits.then_some(Range {
                lo: lo as i64,
                hi: hi as i64,
            })
        });
        Ok((again.saturating_add(1), held.map(|held| (var, held))))
    }
}
