//! What is known of integers: the bounds within which a variable or an expression lies.
//!
//! In: expressions, and what is known of variables where they stand. Out: ranges that hold for every run, or
//! nothing. What a condition says of a variable narrows its range where the condition holds.

use crate::ir::*;
use crate::module::Const;
use crate::op::{Load, Op, Ty};
use alloc::collections::BTreeMap;
use wrt_rt::ValType;

/// Variables of which something is known at a time: beyond, what is new is forgotten.
const KNOWN: usize = 64;

/// Trees are looked into so deep.
const DEPTH: u32 = 8;

/// Bounds of an integer, both included, as the signed number that its bits are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) lo: i64,
    pub(super) hi: i64,
}

/// The range of each variable of which something is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Env(BTreeMap<Var, Range>);

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cmp {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// How two integers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Comparison {
    pub(super) cmp: Cmp,
    pub(super) signed: bool,
    /// Of 64 bits.
    pub(super) wide: bool,
}

/// A condition that compares two integers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Test {
    pub(super) how: Comparison,
    pub(super) a: ExprId,
    /// `None` is zero.
    pub(super) b: Option<ExprId>,
}

impl Range {
    pub(super) const ZERO: Range = Range::only(0);

    pub(super) const fn only(value: i64) -> Range {
        Range {
            lo: value,
            hi: value,
        }
    }

    /// All values of the type.
    pub(super) const fn all(wide: bool) -> Range {
        match wide {
            true => Range::new(i64::MIN, i64::MAX),
            false => Range::new(i32::MIN as i64, i32::MAX as i64),
        }
    }

    const fn new(lo: i64, hi: i64) -> Range {
        Range { lo, hi }
    }

    /// The values `lo..=hi`, if all of them are of the type.
    fn within(lo: i128, hi: i128, wide: bool) -> Option<Range> {
        let all = Range::all(wide);
        let fits = lo >= i128::from(all.lo) && hi <= i128::from(all.hi) && lo <= hi;
        fits.then(|| Range::new(lo as i64, hi as i64))
    }

    pub(super) fn hull(self, other: Range) -> Range {
        Range::new(self.lo.min(other.lo), self.hi.max(other.hi))
    }

    pub(super) fn constant(self) -> Option<i64> {
        (self.lo == self.hi).then_some(self.lo)
    }

    /// The range of an expression of integers.
    pub(super) fn of(f: &Func, e: ExprId, env: &Env) -> Option<Range> {
        range(f, e, env, DEPTH)
    }
}

impl Env {
    pub(super) fn get(&self, var: Var) -> Option<Range> {
        self.0.get(&var).copied()
    }

    pub(super) fn set(&mut self, var: Var, range: Option<Range>) {
        match range {
            Some(range) if self.0.len() < KNOWN || self.0.contains_key(&var) => {
                self.0.insert(var, range);
            }
            _ => {
                self.0.remove(&var);
            }
        }
    }

    /// What holds here and there.
    pub(super) fn join(&mut self, other: &Env) {
        self.0.retain(|var, range| match other.0.get(var) {
            Some(there) => {
                *range = range.hull(*there);
                true
            }
            None => false,
        });
    }

    /// Forgets all but what `keep` says.
    pub(super) fn retain(&mut self, keep: impl Fn(Var) -> bool) {
        self.0.retain(|var, _| keep(*var));
    }

    /// Narrows what is known by a condition that holds, or does not.
    pub(super) fn assume(&mut self, f: &Func, cond: ExprId, holds: bool) {
        let Some(test) = Test::of(f, cond, holds) else {
            return;
        };
        let a = variable(f, test.a);
        let b = test.b.and_then(|b| variable(f, b));
        let right = match test.b {
            Some(b) => Range::of(f, b, self),
            None => Some(Range::ZERO),
        };
        let left = Range::of(f, test.a, self);
        if let Some(var) = a {
            self.narrow(var, test.how, right);
        }
        if let Some(var) = b {
            self.narrow(var, test.how.turned(), left);
        }
    }

    /// `var` compares so with something in `other`.
    fn narrow(&mut self, var: Var, how: Comparison, other: Option<Range>) {
        let all = Range::all(how.wide);
        let now = self.get(var).unwrap_or(all);
        let other = other.unwrap_or(all);
        let (lo, hi) = if how.signed || matches!(how.cmp, Cmp::Eq | Cmp::Ne) {
            match how.cmp {
                Cmp::Eq => (other.lo, other.hi),
                Cmp::Lt => (all.lo, other.hi.saturating_sub(1)),
                Cmp::Le => (all.lo, other.hi),
                Cmp::Gt => (other.lo.saturating_add(1), all.hi),
                Cmp::Ge => (other.lo, all.hi),
                Cmp::Ne => match other.constant() {
                    Some(value) if value == now.lo => (value.saturating_add(1), all.hi),
                    Some(value) if value == now.hi => (all.lo, value.saturating_sub(1)),
                    _ => return,
                },
            }
        } else if other.lo < 0 {
            return;
        } else {
            // What lies below a number that is not negative is not negative either.
            match how.cmp {
                Cmp::Lt => (0, other.hi - 1),
                Cmp::Le => (0, other.hi),
                Cmp::Gt if now.lo >= 0 => (other.lo.saturating_add(1), all.hi),
                Cmp::Ge if now.lo >= 0 => (other.lo, all.hi),
                _ => return,
            }
        };
        let (lo, hi) = (lo.max(now.lo), hi.min(now.hi));
        // Where nothing is left, nothing runs.
        if lo <= hi {
            self.set(var, Some(Range::new(lo, hi)));
        }
    }
}

impl Comparison {
    /// The same with its sides exchanged.
    pub(super) fn turned(self) -> Comparison {
        let cmp = match self.cmp {
            Cmp::Lt => Cmp::Gt,
            Cmp::Le => Cmp::Ge,
            Cmp::Gt => Cmp::Lt,
            Cmp::Ge => Cmp::Le,
            same => same,
        };
        Comparison { cmp, ..self }
    }

    fn opposite(self) -> Comparison {
        let cmp = match self.cmp {
            Cmp::Eq => Cmp::Ne,
            Cmp::Ne => Cmp::Eq,
            Cmp::Lt => Cmp::Ge,
            Cmp::Le => Cmp::Gt,
            Cmp::Gt => Cmp::Le,
            Cmp::Ge => Cmp::Lt,
        };
        Comparison { cmp, ..self }
    }

    fn of(op: Op) -> Option<Comparison> {
        let (cmp, signed, wide) = match op {
            Op::I32Eq => (Cmp::Eq, true, false),
            Op::I32Ne => (Cmp::Ne, true, false),
            Op::I32LtS => (Cmp::Lt, true, false),
            Op::I32LtU => (Cmp::Lt, false, false),
            Op::I32GtS => (Cmp::Gt, true, false),
            Op::I32GtU => (Cmp::Gt, false, false),
            Op::I32LeS => (Cmp::Le, true, false),
            Op::I32LeU => (Cmp::Le, false, false),
            Op::I32GeS => (Cmp::Ge, true, false),
            Op::I32GeU => (Cmp::Ge, false, false),
            Op::I64Eq => (Cmp::Eq, true, true),
            Op::I64Ne => (Cmp::Ne, true, true),
            Op::I64LtS => (Cmp::Lt, true, true),
            Op::I64LtU => (Cmp::Lt, false, true),
            Op::I64GtS => (Cmp::Gt, true, true),
            Op::I64GtU => (Cmp::Gt, false, true),
            Op::I64LeS => (Cmp::Le, true, true),
            Op::I64LeU => (Cmp::Le, false, true),
            Op::I64GeS => (Cmp::Ge, true, true),
            Op::I64GeU => (Cmp::Ge, false, true),
            _ => return None,
        };
        Some(Comparison { cmp, signed, wide })
    }
}

impl Test {
    /// What it means that a condition holds, or does not.
    pub(super) fn of(f: &Func, mut cond: ExprId, mut holds: bool) -> Option<Test> {
        let zero = |cmp, wide| Comparison {
            cmp,
            signed: true,
            wide,
        };
        let (how, a, b) = loop {
            match f.node(cond).expr {
                Expr::Not(e) => {
                    cond = e;
                    holds = !holds;
                }
                // A condition that was made a value, and asked again.
                Expr::NonZero(e) if let Expr::FromBool(inner) = f.node(e).expr => cond = inner,
                Expr::NonZero(e) => break (zero(Cmp::Ne, false), e, None),
                Expr::Unary(Op::I32Eqz, e) => break (zero(Cmp::Eq, false), e, None),
                Expr::Unary(Op::I64Eqz, e) => break (zero(Cmp::Eq, true), e, None),
                Expr::Binary(op, a, b) => break (Comparison::of(op)?, a, Some(b)),
                _ => return None,
            }
        };
        let how = if holds { how } else { how.opposite() };
        Some(Test { how, a, b })
    }
}

pub(super) fn variable(f: &Func, e: ExprId) -> Option<Var> {
    match f.node(e).expr {
        Expr::Var(var) => Some(var),
        _ => None,
    }
}

/// Whether an expression is of 64 bits; `None` if it is no integer.
pub(super) fn wide(f: &Func, e: ExprId) -> Option<bool> {
    match f.node(e).ty {
        Ty::Bool | Ty::Val(ValType::I32) => Some(false),
        Ty::Val(ValType::I64) => Some(true),
        _ => None,
    }
}

fn range(f: &Func, e: ExprId, env: &Env, depth: u32) -> Option<Range> {
    let wide = wide(f, e)?;
    if depth == 0 {
        return None;
    }
    let of = |e| range(f, e, env, depth - 1);
    match f.node(e).expr {
        Expr::Const(Const::I32(value)) => Some(Range::only(value.into())),
        Expr::Const(Const::I64(value)) => Some(Range::only(value)),
        Expr::Var(var) => env.get(var),
        Expr::FromBool(_) => Some(Range::new(0, 1)),
        Expr::Load { op, .. } => loaded(op),
        Expr::Select {
            cond,
            then,
            otherwise,
        } => {
            let arm = |e, holds| {
                let mut env = env.clone();
                env.assume(f, cond, holds);
                range(f, e, &env, depth - 1)
            };
            Some(arm(then, true)?.hull(arm(otherwise, false)?))
        }
        Expr::Unary(op, a) => match op {
            Op::I64ExtendI32S => of(a),
            Op::I64ExtendI32U => {
                let whole = Range::new(0, u32::MAX.into());
                Some(of(a).filter(|r| r.lo >= 0).unwrap_or(whole))
            }
            Op::I32WrapI64 => of(a).filter(|r| r.lo >= i32::MIN.into() && r.hi <= i32::MAX.into()),
            Op::I32Eqz | Op::I64Eqz => Some(Range::new(0, 1)),
            Op::I32Clz | Op::I32Ctz | Op::I32Popcnt => Some(Range::new(0, 32)),
            Op::I64Clz | Op::I64Ctz | Op::I64Popcnt => Some(Range::new(0, 64)),
            _ => None,
        },
        Expr::Binary(op, a, b) => binary(op, of(a), of(b), wide),
        _ => None,
    }
}

fn loaded(op: Load) -> Option<Range> {
    let (lo, hi) = match op {
        Load::I32Load8U | Load::I64Load8U => (0, 0xff),
        Load::I32Load8S | Load::I64Load8S => (-0x80, 0x7f),
        Load::I32Load16U | Load::I64Load16U => (0, 0xffff),
        Load::I32Load16S | Load::I64Load16S => (-0x8000, 0x7fff),
        Load::I64Load32U => (0, 0xffff_ffff),
        Load::I64Load32S => (-0x8000_0000, 0x7fff_ffff),
        _ => return None,
    };
    Some(Range::new(lo, hi))
}

fn binary(op: Op, a: Option<Range>, b: Option<Range>, wide: bool) -> Option<Range> {
    let bits: u32 = if wide { 64 } else { 32 };
    let natural = |r: Option<Range>| r.filter(|r| r.lo >= 0);
    let sum = |x: i64, y: i64| i128::from(x) + i128::from(y);
    match op {
        Op::I32Add | Op::I64Add => {
            let (a, b) = (a?, b?);
            Range::within(sum(a.lo, b.lo), sum(a.hi, b.hi), wide)
        }
        Op::I32Sub | Op::I64Sub => {
            let (a, b) = (a?, b?);
            let less = |x: i64, y: i64| i128::from(x) - i128::from(y);
            Range::within(less(a.lo, b.hi), less(a.hi, b.lo), wide)
        }
        Op::I32Mul | Op::I64Mul => {
            let (a, b) = (natural(a)?, natural(b)?);
            let times = |x: i64, y: i64| i128::from(x) * i128::from(y);
            Range::within(times(a.lo, b.lo), times(a.hi, b.hi), wide)
        }
        Op::I32And | Op::I64And => match (natural(a), natural(b)) {
            (Some(a), Some(b)) => Some(Range::new(0, a.hi.min(b.hi))),
            (Some(r), None) | (None, Some(r)) => Some(Range::new(0, r.hi)),
            (None, None) => None,
        },
        Op::I32ShrU | Op::I64ShrU => {
            let count = b?.constant()? as u32 % bits;
            let hi = match (natural(a), count) {
                (Some(a), _) => a.hi >> count,
                (None, 0) => return a,
                (None, _) if wide => (u64::MAX >> count) as i64,
                (None, _) => i64::from(u32::MAX >> count),
            };
            Some(Range::new(0, hi))
        }
        Op::I32ShrS | Op::I64ShrS => {
            let count = b?.constant()? as u32 % bits;
            let a = a.unwrap_or(Range::all(wide));
            Some(Range::new(a.lo >> count, a.hi >> count))
        }
        Op::I32Shl | Op::I64Shl => {
            let (a, count) = (natural(a)?, b?.constant()? as u32 % bits);
            let shifted = |x: i64| i128::from(x) << count;
            Range::within(shifted(a.lo), shifted(a.hi), wide)
        }
        Op::I32RemU | Op::I64RemU => {
            let b = natural(b)?;
            Some(Range::new(0, (b.hi - 1).max(0)))
        }
        Op::I32DivU | Op::I64DivU => {
            let b = b?.constant().filter(|b| *b > 0)?;
            let hi = match natural(a) {
                Some(a) => a.hi / b,
                None if wide => (u64::MAX / b as u64).min(i64::MAX as u64) as i64,
                None => i64::from(u32::MAX) / b,
            };
            // A quotient by one can be anything.
            let all = Range::all(wide);
            (b > 1 || natural(a).is_some()).then(|| Range::new(0, hi.min(all.hi)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each range that is given holds the result, for all operands near the edges.
    #[test]
    fn a_result_lies_in_its_range() {
        use wrt_rt::Val;
        let near = [i32::MIN, -1, 0, 1, 7, 31, i32::MAX];
        let values: alloc::vec::Vec<i32> = near
            .iter()
            .flat_map(|n| (-2..=2).map(move |d| n.wrapping_add(d)))
            .collect();
        let ops = [
            Op::I32Add,
            Op::I32Sub,
            Op::I32Mul,
            Op::I32And,
            Op::I32ShrU,
            Op::I32ShrS,
            Op::I32Shl,
            Op::I32RemU,
            Op::I32DivU,
        ];
        let mut known = 0;
        for op in ops {
            for &a in &values {
                for &b in &values {
                    let Some(Ok(Val::I32(result))) = op.eval(&[Val::I32(a), Val::I32(b)]) else {
                        continue;
                    };
                    let exact = Some(Range::only(a.into()));
                    let wider = Some(Range::new((a / 2).min(a).into(), (a / 2).max(a).into()));
                    for left in [exact, wider, None] {
                        for right in [Some(Range::only(b.into())), None] {
                            let Some(range) = binary(op, left, right, false) else {
                                continue;
                            };
                            let result = i64::from(result);
                            assert!(
                                range.lo <= result && result <= range.hi,
                                "{} of {a}, {b}: {result}, and {range:?}",
                                op.text()
                            );
                            known += 1;
                        }
                    }
                }
            }
        }
        assert!(known > 5000, "only {known} results have a range");
    }
}
