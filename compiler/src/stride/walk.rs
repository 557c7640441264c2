//! A round of a loop, followed from its start: what each variable becomes, and what it loads and stores.

use super::sum::Sum;
use super::zero;
use crate::ir::*;
use crate::set::MemId;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::ops::Range;
use wrt_rt::ValType;

/// Most nodes of the expressions of a round.
const SIZE: u32 = 400;
/// How deep choices may nest in it.
const DEPTH: u32 = 3;

/// A load or store.
#[derive(Debug)]
pub(super) struct Access {
    /// Its address operand.
    pub(super) sum: Sum,
    /// What is added to that.
    pub(super) offset: u32,
    /// Bytes.
    pub(super) width: u32,
    /// Whether it is a store.
    pub(super) written: bool,
}

impl Access {
    /// The constant part of where it starts.
    pub(super) fn at(&self) -> i64 {
        i64::from(self.sum.add) + i64::from(self.offset)
    }
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// Loads and stores.
    pub(super) accesses: Vec<Access>,
    loads: BTreeMap<ExprId, usize>,
    stores: BTreeMap<(BlockId, usize), usize>,
    /// What each variable that was assigned holds, if that is a sum.
    values: BTreeMap<Var, Option<Sum>>,
    size: u32,
}

impl Walk {
    /// Follows the statements `inside` of `body`; `None` if they do more than compute, load and store.
    pub(super) fn run(f: &Func, body: BlockId, inside: Range<usize>) -> Option<Walk> {
        let mut walk = Walk::default();
        walk.stmts(f, body, inside, 0)?;
        Some(walk)
    }

    fn stmts(&mut self, f: &Func, block: BlockId, range: Range<usize>, depth: u32) -> Option<()> {
        for index in range {
            match &f.block(block)[index] {
                // It has no value yet where the copy assigns it.
                Stmt::Set(var, _) if f.var(*var).kind == VarKind::Temp => return None,
                Stmt::Set(var, value) | Stmt::Let { var, value, .. } => {
                    self.expr(f, *value)?;
                    let value = self.sum(f, *value);
                    self.values.insert(*var, value);
                }
                Stmt::Eval(e) => self.expr(f, *e)?,
                Stmt::Store {
                    op,
                    addr,
                    offset,
                    value,
                    ..
                } => {
                    self.expr(f, *addr)?;
                    self.expr(f, *value)?;
                    self.stores.insert((block, index), self.accesses.len());
                    self.access(f, *addr, *offset, width(op.text(), op.ty()), true)?;
                }
                Stmt::If {
                    cond,
                    then,
                    otherwise,
                } if depth < DEPTH => {
                    self.expr(f, *cond)?;
                    for arm in [Some(*then), *otherwise].into_iter().flatten() {
                        let before = self.values.clone();
                        self.stmts(f, arm, 0..f.block(arm).len(), depth + 1)?;
                        // What an arm assigned is not known behind it, nor in the other.
                        for (var, value) in &mut self.values {
                            if before.get(var) != Some(value) {
                                *value = None;
                            }
                        }
                    }
                }
                _ => return None,
            }
        }
        Some(())
    }

    fn expr(&mut self, f: &Func, e: ExprId) -> Option<()> {
        self.size += 1;
        if self.size > SIZE {
            return None;
        }
        let expr = &f.node(e).expr;
        for operand in expr.operands() {
            self.expr(f, operand)?;
        }
        match *expr {
            Expr::Unary(op, _) | Expr::Binary(op, ..) if op.traps() => None,
            Expr::MemorySize(_) | Expr::TableSize(_) | Expr::TableGet(..) => None,
            Expr::Load {
                op, addr, offset, ..
            } => {
                self.loads.insert(e, self.accesses.len());
                self.access(f, addr, offset, width(op.text(), op.ty()), false)
            }
            _ => Some(()),
        }
    }

    fn access(
        &mut self,
        f: &Func,
        addr: ExprId,
        offset: u32,
        width: u32,
        written: bool,
    ) -> Option<()> {
        let sum = self.sum(f, addr)?;
        self.accesses.push(Access {
            sum,
            offset,
            width,
            written,
        });
        Some(())
    }

    /// What `e` is here, in terms of the variables at the start of the round.
    pub(super) fn sum(&self, f: &Func, e: ExprId) -> Option<Sum> {
        Sum::of(f, e, &|var| match self.values.get(&var) {
            Some(value) => value.clone(),
            None => Some(Sum::var(var)),
        })
    }

    /// Whether the round assigns `var`.
    pub(super) fn assigns(&self, var: Var) -> bool {
        self.values.contains_key(&var)
    }

    /// What `var`, which the round assigns, holds at its end, if that is a sum.
    pub(super) fn end(&self, var: Var) -> Option<&Sum> {
        self.values.get(&var)?.as_ref()
    }

    /// The access of a load.
    pub(super) fn load(&self, e: ExprId) -> Option<&Access> {
        self.accesses.get(*self.loads.get(&e)?)
    }

    /// The access of a store, by its place.
    pub(super) fn store(&self, block: BlockId, index: usize) -> Option<&Access> {
        self.accesses.get(*self.stores.get(&(block, index))?)
    }

    /// By how much `sum` changes from one round to the next, if that is always the same.
    pub(super) fn step(&self, sum: &Sum) -> Option<i32> {
        sum.terms.iter().try_fold(0i32, |step, (var, n)| {
            let moved = match self.values.get(var) {
                None => 0,
                Some(value) => {
                    let moved = value.clone()?.plus(&Sum::var(*var), -1);
                    moved.terms.is_empty().then_some(moved.add)?
                }
            };
            Some(step.wrapping_add(n.wrapping_mul(moved)))
        })
    }

    /// Statements of `block` again, with each load and store where `place` puts it: a memory and an address.
    pub(super) fn copy(
        &self,
        f: &mut Func,
        block: BlockId,
        indices: impl IntoIterator<Item = usize>,
        place: impl Fn(&Access) -> (MemId, u32) + Copy,
    ) -> BlockId {
        let mut out: Vec<Stmt> = Vec::new();
        for index in indices {
            let mut stmt = f.block(block)[index].clone();
            match &mut stmt {
                Stmt::Set(_, e) | Stmt::Let { value: e, .. } | Stmt::Eval(e) => {
                    *e = self.copy_expr(f, *e, place);
                }
                Stmt::Store {
                    mem,
                    addr,
                    offset,
                    value,
                    ..
                } => {
                    *value = self.copy_expr(f, *value, place);
                    *addr = zero(f);
                    (*mem, *offset) = place(&self.accesses[self.stores[&(block, index)]]);
                }
                Stmt::If {
                    cond,
                    then,
                    otherwise,
                } => {
                    *cond = self.copy_expr(f, *cond, place);
                    for arm in [Some(then), otherwise.as_mut()].into_iter().flatten() {
                        let all = 0..f.block(*arm).len();
                        *arm = self.copy(f, *arm, all, place);
                    }
                }
                _ => {}
            }
            out.push(stmt);
        }
        f.blocks.push(out);
        BlockId(f.blocks.len() as u32 - 1)
    }

    fn copy_expr(
        &self,
        f: &mut Func,
        e: ExprId,
        place: impl Fn(&Access) -> (MemId, u32) + Copy,
    ) -> ExprId {
        let Node { expr, ty, at } = *f.node(e);
        let mut copied = |e: &mut ExprId| *e = self.copy_expr(f, *e, place);
        let mut new = expr;
        match &mut new {
            Expr::Load {
                mem, addr, offset, ..
            } => {
                (*mem, *offset) = place(&self.accesses[self.loads[&e]]);
                *addr = zero(f);
            }
            Expr::Unary(_, a)
            | Expr::FromBool(a)
            | Expr::NonZero(a)
            | Expr::Not(a)
            | Expr::RefIsNull(a)
            | Expr::Quiet(a) => copied(a),
            Expr::Binary(_, a, b) => {
                copied(a);
                copied(b);
            }
            Expr::Select {
                cond,
                then,
                otherwise,
            } => {
                copied(cond);
                copied(then);
                copied(otherwise);
            }
            _ => {}
        }
        if new == expr { e } else { f.add(new, ty, at) }
    }
}

/// How many bytes the load or store called `text` reaches, whose value is a `ty`.
fn width(text: &str, ty: ValType) -> u32 {
    let of_type = match ty {
        ValType::I64 | ValType::F64 => 8,
        _ => 4,
    };
    match text
        .split_once('.')
        .map_or("", |(_, name)| name.trim_start_matches(char::is_alphabetic))
    {
        "" => of_type,
        narrow => {
            narrow
                .bytes()
                .take_while(u8::is_ascii_digit)
                .fold(0, |n, d| n * 10 + u32::from(d - b'0'))
                / 8
        }
    }
}
