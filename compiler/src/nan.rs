//! Where NaNs are made quiet.
//!
//! rustc folds `x * 1.0` and its like to `x`, so a signalling NaN can survive arithmetic, which the
//! specification forbids (section 4.3.3). Comparison and further arithmetic cannot tell; what can is memory,
//! globals, calls, reinterpretation, and the instructions that only touch the sign. So a float that may be the
//! unquieted result of arithmetic is quieted where it goes there and nowhere else. A variable that only ever
//! holds such results is quieted where it is read; one that may also hold a float that must be kept bit for bit
//! is quieted where it is assigned.
//!
//! A sum, difference, product or quotient of which one operand was quieted needs no mark: rustc does not see that
//! the operand is neutral, and if it folds the operation, what is left is that operand. So where a variable is set
//! ahead in the same list of statements, one mark there serves for all results that are made of it.
//!
//! With canonical NaNs the same places make every NaN canonical, whichever instruction made it.

use crate::ir::*;
use crate::module::Const;
use crate::op::{Op, Ty};
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;
use wrt_rt::ValType;

/// Marks in `f` what is to be quieted. `opaque`: rustc does not see through a mark, as the function has the state,
/// where the means to quiet is.
pub(crate) fn mark(f: &mut Func, canonical: bool, opaque: bool) {
    let is_float = |ty: ValType| matches!(ty, ValType::F32 | ValType::F64);
    if !f
        .exprs
        .iter()
        .any(|n| origin(f, &n.expr, canonical) == Origin::Raw)
    {
        return;
    }
    let mut marks = Marks {
        canonical,
        raw: f.vars.iter().map(|v| is_float(v.ty)).collect(),
    };
    marks.find_raw(f);
    let observed = marks.observed(f);
    // Operands of expressions.
    for n in 0..f.exprs.len() {
        let mut expr = f.exprs[n].expr;
        match &mut expr {
            Expr::Unary(op, a) if observes(*op) => marks.quiet(f, a),
            Expr::Binary(op, a, b) if observes(*op) => {
                marks.quiet(f, a);
                marks.quiet(f, b);
            }
            Expr::Select {
                then, otherwise, ..
            } => {
                marks.quiet(f, then);
                marks.quiet(f, otherwise);
            }
            _ => continue,
        }
        f.exprs[n].expr = expr;
    }
    // Operands of statements.
    for id in 0..f.blocks.len() {
        let mut block = core::mem::take(&mut f.blocks[id]);
        let mut ahead = Ahead(BTreeMap::new());
        for n in 0..block.len() {
            let (before, rest) = block.split_at_mut(n);
            let shown = match &mut rest[0] {
                Stmt::Set(var, e) if !marks.raw[var.0 as usize] && observed[var.0 as usize] => {
                    vec![e]
                }
                Stmt::GlobalSet(_, e) | Stmt::Store { value: e, .. } => vec![e],
                Stmt::Call { args, .. } | Stmt::CallIndirect { args, .. } | Stmt::Return(args) => {
                    args.iter_mut().collect()
                }
                _ => Vec::new(),
            };
            for e in shown {
                let spared = opaque && !canonical && marks.is_raw(f, *e);
                if !(spared && ahead.covers(f, before, *e)) {
                    marks.quiet(f, e);
                }
            }
            ahead.pass(f, n, &rest[0]);
        }
        f.blocks[id] = block;
    }
}

/// Variables that were set to results of arithmetic ahead in the same list of statements: in which statement, and
/// whether the result was quieted there, so that rustc cannot see through it.
struct Ahead(BTreeMap<Var, (usize, bool)>);

impl Ahead {
    /// Whether `e` is made of a variable that is quieted. If need be quiets one: that which was set last, so that the
    /// mark delays least else.
    fn covers(&mut self, f: &mut Func, before: &mut [Stmt], e: ExprId) -> bool {
        let vars = vars_of_arithmetic(f, e);
        let known = vars.iter().filter_map(|v| Some((*v, *self.0.get(v)?)));
        match known.max_by_key(|(_, (index, quiet))| (*quiet, *index)) {
            Some((_, (_, true))) => true,
            Some((var, (index, false))) if !matches!(f.node(e).expr, Expr::Var(_)) => {
                if let Stmt::Set(_, value) = &mut before[index] {
                    *value = quiet_node(f, *value);
                }
                self.0.insert(var, (index, true));
                true
            }
            _ => false,
        }
    }

    /// Takes in the next statement, which has number `n`.
    fn pass(&mut self, f: &Func, n: usize, stmt: &Stmt) {
        if !stmt.blocks().is_empty() {
            // What is inside may assign any variable.
            self.0.clear();
        }
        let known = |var: &Var| self.0.contains_key(var);
        let set = match stmt {
            Stmt::Set(var, e) => match f.node(*e).expr {
                Expr::Quiet(_) => Some((*var, (n, true))),
                // A mark in what is carried round a loop would delay each round.
                Expr::Binary(op, ..) if neutral(op).is_some() => {
                    let carried = !known(var) && vars_of_arithmetic(f, *e).contains(var);
                    (!carried).then_some((*var, (n, false)))
                }
                _ => None,
            },
            _ => None,
        };
        for var in stmt.assigns() {
            self.0.remove(&var);
        }
        self.0.extend(set);
    }
}

fn quiet_node(f: &mut Func, e: ExprId) -> ExprId {
    let (ty, at) = (f.node(e).ty, f.node(e).at);
    f.add(Expr::Quiet(e), ty, at)
}

struct Marks {
    canonical: bool,
    /// Variables that only ever hold unquieted results of arithmetic.
    raw: Vec<bool>,
}

impl Marks {
    /// Whether `e` may be an unquieted NaN, and need not be kept bit for bit.
    fn is_raw(&self, f: &Func, e: ExprId) -> bool {
        match f.node(e).expr {
            Expr::Var(v) => self.raw[v.0 as usize],
            ref expr => origin(f, expr, self.canonical) == Origin::Raw,
        }
    }

    fn quiet(&self, f: &mut Func, e: &mut ExprId) {
        if self.is_raw(f, *e) {
            *e = quiet_node(f, *e);
        }
    }

    /// Takes out of `raw` each variable with another kind of value.
    fn find_raw(&mut self, f: &Func) {
        let mut copies: Vec<Vec<Var>> = vec![Vec::new(); f.vars.len()];
        let mut out: Vec<Var> = (0..f.params).map(Var).collect();
        for stmt in f.blocks.iter().flatten() {
            match stmt {
                Stmt::Set(var, e) => match f.node(*e).expr {
                    Expr::Var(from) => copies[from.0 as usize].push(*var),
                    ref expr if origin(f, expr, self.canonical) != Origin::Kept => {}
                    _ => out.push(*var),
                },
                _ => out.extend(stmt.assigns()),
            }
        }
        while let Some(var) = out.pop() {
            if core::mem::take(&mut self.raw[var.0 as usize]) || var.0 < f.params {
                out.append(&mut copies[var.0 as usize]);
            }
        }
    }

    /// Variables that are read where their bits show.
    fn observed(&self, f: &Func) -> Vec<bool> {
        let mut observed = vec![false; f.vars.len()];
        let mut see = |e: ExprId| {
            if let Expr::Var(v) = f.node(e).expr {
                observed[v.0 as usize] = true;
            }
        };
        for node in &f.exprs {
            match node.expr {
                Expr::Unary(op, a) if observes(op) => see(a),
                Expr::Binary(op, a, b) if observes(op) => {
                    see(a);
                    see(b);
                }
                Expr::Select {
                    then, otherwise, ..
                } => {
                    see(then);
                    see(otherwise);
                }
                _ => {}
            }
        }
        for stmt in f.blocks.iter().flatten() {
            if !matches!(stmt, Stmt::If { .. } | Stmt::Switch { .. } | Stmt::Eval(_)) {
                stmt.exprs().into_iter().for_each(&mut see);
            }
        }
        observed
    }
}

/// The variables that `e` is a sum, difference, product or quotient of, through others of these; `e` itself, if it is
/// a variable.
fn vars_of_arithmetic(f: &Func, e: ExprId) -> Vec<Var> {
    let mut vars = Vec::new();
    let mut work = vec![e];
    while let Some(e) = work.pop() {
        match f.node(e).expr {
            Expr::Var(v) => vars.push(v),
            Expr::Binary(op, a, b) if neutral(op).is_some() => work.extend([a, b]),
            _ => {}
        }
    }
    vars
}

/// The absolute value of the operand with which rustc folds an operation to the other operand or its opposite.
fn neutral(op: Op) -> Option<f64> {
    use Op::*;
    match op {
        F32Add | F32Sub | F64Add | F64Sub => Some(0.0),
        F32Mul | F32Div | F64Mul | F64Div => Some(1.0),
        _ => None,
    }
}

/// Whether an instruction shows the bits of a float operand.
fn observes(op: Op) -> bool {
    use Op::*;
    matches!(
        op,
        F32Abs
            | F64Abs
            | F32Neg
            | F64Neg
            | F32Copysign
            | F64Copysign
            | I32ReinterpretF32
            | I64ReinterpretF64
    )
}

/// What an expression can be, seen alone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// A NaN that must be made quiet (or canonical), because an instruction made it.
    Raw,
    /// No such NaN, or one that is quiet already: quieting it again changes nothing.
    Clean,
    /// A float that must be kept bit for bit.
    Kept,
}

fn origin(f: &Func, expr: &Expr, canonical: bool) -> Origin {
    use Op::*;
    let (op, operands) = match expr {
        Expr::Const(c) => {
            return if is_signalling(*c) {
                Origin::Kept
            } else {
                Origin::Clean
            };
        }
        Expr::Unary(op, a) => (*op, [Some(*a), None]),
        Expr::Binary(op, a, b) => (*op, [Some(*a), Some(*b)]),
        _ => return Origin::Kept,
    };
    let float = matches!(op.result(), Ty::Val(ValType::F32 | ValType::F64));
    if !float || matches!(op, F32ReinterpretI32 | F64ReinterpretI64) || observes(op) {
        return Origin::Kept;
    }
    if op
        .operands()
        .iter()
        .all(|ty| matches!(ty, ValType::I32 | ValType::I64))
    {
        return Origin::Clean;
    }
    let folds = match neutral(op) {
        Some(neutral) => may_be_neutral(f, operands, neutral),
        None => matches!(op, F32DemoteF64 | F64PromoteF32),
    };
    if folds || canonical {
        Origin::Raw
    } else {
        Origin::Clean
    }
}

/// Whether an operand may turn out to be `neutral` or its opposite, with which rustc folds the operation to
/// the other operand. A constant that is neither rules it out.
fn may_be_neutral(f: &Func, operands: [Option<ExprId>; 2], neutral: f64) -> bool {
    operands
        .into_iter()
        .flatten()
        .all(|e| match f.node(e).expr {
            Expr::Const(c) if is_signalling(c) => true,
            Expr::Const(Const::F32(bits)) => f64::from(f32::from_bits(bits)).abs() == neutral,
            Expr::Const(Const::F64(bits)) => f64::from_bits(bits).abs() == neutral,
            _ => true,
        })
}

fn is_signalling(c: Const) -> bool {
    match c {
        Const::F32(bits) => f32::from_bits(bits).is_nan() && bits & 0x0040_0000 == 0,
        Const::F64(bits) => f64::from_bits(bits).is_nan() && bits & 0x0008_0000_0000_0000 == 0,
        _ => false,
    }
}
