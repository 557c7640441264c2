//! What commutes with what: the one place that says when a pending expression must be evaluated first.
//!
//! A pending expression stays unevaluated on the operand stack until its consumer. A statement that comes in
//! between forces it into a temporary exactly when [`Summary::commutes`] denies that the two commute.

use crate::ir::{Expr, Var};
use crate::op::Op;

/// Sorts of state that expressions read and statements write.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct State(u8);

impl State {
    /// None.
    pub(crate) const NONE: State = State(0);
    /// Globals.
    pub(crate) const GLOBALS: State = State(1);
    /// Linear memories, their sizes included.
    pub(crate) const MEMORIES: State = State(2);
    /// Tables, their sizes included.
    pub(crate) const TABLES: State = State(4);
    /// All of them.
    pub(crate) const ALL: State = State(7);

    /// Both.
    pub(crate) const fn union(self, other: State) -> State {
        State(self.0 | other.0)
    }

    /// Whether they share a sort.
    pub(crate) const fn meets(self, other: State) -> bool {
        self.0 & other.0 != 0
    }
}

/// What evaluating an expression reads, and whether it can trap.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Summary {
    /// State that it reads.
    pub reads: State,
    /// Whether it can trap.
    pub traps: bool,
    /// Variables that it reads, as a set of remainders modulo 64.
    vars: u64,
    /// Height of its tree.
    pub depth: u8,
    /// Nodes of its tree.
    pub size: u16,
}

/// What executing a statement does, as far as a pending expression can tell.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Effect {
    /// State that it writes.
    pub writes: State,
    /// A variable that it assigns.
    pub var: Option<Var>,
    /// Whether it can trap or leave, or others can see that it was executed: a pending trap must come first.
    pub ordered: bool,
}

impl Effect {
    /// Assigning `var` a value.
    pub(crate) fn set(var: Var, value: &Summary) -> Effect {
        Effect {
            var: Some(var),
            ordered: value.traps,
            writes: State::NONE,
        }
    }

    /// Writing `writes` where the outside can see it.
    pub(crate) const fn write(writes: State) -> Effect {
        Effect {
            writes,
            var: None,
            ordered: true,
        }
    }

    /// Leaving or splitting the path.
    pub(crate) const CONTROL: Effect = Effect {
        writes: State::NONE,
        var: None,
        ordered: true,
    };
}

impl Summary {
    /// The summary of an expression over operands with summaries `operands`.
    pub(crate) fn of(expr: &Expr, operands: impl Iterator<Item = Summary>) -> Summary {
        let mut sum = Summary {
            size: 1,
            ..Summary::default()
        };
        for operand in operands {
            sum.reads = sum.reads.union(operand.reads);
            sum.traps |= operand.traps;
            sum.vars |= operand.vars;
            sum.depth = sum.depth.max(operand.depth.saturating_add(1));
            sum.size = sum.size.saturating_add(operand.size);
        }
        match expr {
            Expr::Var(v) => sum.vars |= 1 << (v.0 % 64),
            Expr::GlobalGet(_) => sum.reads = sum.reads.union(State::GLOBALS),
            Expr::MemorySize(_) => sum.reads = sum.reads.union(State::MEMORIES),
            Expr::TableSize(_) => sum.reads = sum.reads.union(State::TABLES),
            Expr::TableGet(..) => {
                sum.reads = sum.reads.union(State::TABLES);
                sum.traps = true;
            }
            Expr::Load { .. } => {
                sum.reads = sum.reads.union(State::MEMORIES);
                sum.traps = true;
            }
            Expr::Unary(op, _) | Expr::Binary(op, ..) => sum.traps |= Op::traps(*op),
            _ => {}
        }
        sum
    }

    /// Whether it may read `var`; if not, it does not.
    pub(crate) fn may_read(&self, var: Var) -> bool {
        self.vars & (1 << (var.0 % 64)) != 0
    }

    /// Whether evaluating it after a statement of effect `effect` is the same as before.
    pub(crate) fn commutes(&self, effect: &Effect, reads_var: impl FnOnce(Var) -> bool) -> bool {
        !(self.reads.meets(effect.writes)
            || (self.traps && effect.ordered)
            || effect.var.is_some_and(|v| self.may_read(v) && reads_var(v)))
    }
}
