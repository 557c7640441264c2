//! Sums of variables: what an address or a counter is in terms of the variables at the start of a round.

use crate::ir::{Expr, ExprId, Func, Var};
use crate::module::Const;
use crate::op::{Op, Ty};
use alloc::vec::Vec;
use wrt_rt::ValType;

/// Variables times constants, and a constant, all modulo 2^32.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    /// By variable, in order; no factor is 0.
    pub(super) terms: Vec<(Var, i32)>,
    /// The constant.
    pub(super) add: i32,
}

impl Sum {
    /// A constant.
    pub(super) fn constant(add: i32) -> Sum {
        Sum {
            terms: Vec::new(),
            add,
        }
    }

    /// The variable.
    pub(super) fn var(var: Var) -> Sum {
        Sum {
            terms: alloc::vec![(var, 1)],
            add: 0,
        }
    }

    /// Sum with `other` times `factor`.
    pub(super) fn plus(mut self, other: &Sum, factor: i32) -> Sum {
        for (var, n) in &other.terms {
            let n = n.wrapping_mul(factor);
            match self.terms.binary_search_by_key(var, |(v, _)| *v) {
                Ok(at) => self.terms[at].1 = self.terms[at].1.wrapping_add(n),
                Err(at) => self.terms.insert(at, (*var, n)),
            }
        }
        self.terms.retain(|(_, n)| *n != 0);
        self.add = self.add.wrapping_add(other.add.wrapping_mul(factor));
        self
    }

    /// The sum that `e` is, variables being what `value` says.
    pub(super) fn of(f: &Func, e: ExprId, value: &impl Fn(Var) -> Option<Sum>) -> Option<Sum> {
        match f.node(e).expr {
            Expr::Const(Const::I32(n)) => Some(Sum::constant(n)),
            Expr::Var(var) => value(var),
            Expr::Binary(op, a, b) => {
                let (a, b) = (Sum::of(f, a, value)?, Sum::of(f, b, value)?);
                let times = |n: i32| Some(Sum::default().plus(&a, n));
                match op {
                    Op::I32Add => Some(a.plus(&b, 1)),
                    Op::I32Sub => Some(a.plus(&b, -1)),
                    Op::I32Mul if b.terms.is_empty() => times(b.add),
                    Op::I32Shl if b.terms.is_empty() => times(1i32.wrapping_shl(b.add as u32)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// The expression that it is.
    pub(super) fn build(&self, f: &mut Func) -> ExprId {
        let i32 = Ty::Val(ValType::I32);
        let mut sum: Option<ExprId> = None;
        for (var, n) in &self.terms {
            let mut e = f.add(Expr::Var(*var), i32, 0);
            if *n != 1 {
                let n = f.add(Expr::Const(Const::I32(*n)), i32, 0);
                e = f.add(Expr::Binary(Op::I32Mul, e, n), i32, 0);
            }
            sum = Some(match sum {
                Some(sum) => f.add(Expr::Binary(Op::I32Add, sum, e), i32, 0),
                None => e,
            });
        }
        match sum {
            Some(sum) if self.add == 0 => sum,
            Some(sum) => {
                let add = f.add(Expr::Const(Const::I32(self.add)), i32, 0);
                f.add(Expr::Binary(Op::I32Add, sum, add), i32, 0)
            }
            None => f.add(Expr::Const(Const::I32(self.add)), i32, 0),
        }
    }
}
