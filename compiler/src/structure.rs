//! Puts back the structure that wasm spells with blocks and branches: arms of a `match`, and `else`.
//!
//! In: a function as it was lowered. Out: the same statements, run in the same order; code that only one
//! branch leads to stands where that branch stood, and no branch goes where control falls anyway. What is left
//! of the blocks is what several branches share.

use crate::ir::*;
use crate::op::{Op, Ty};
use crate::tidy::inline_blocks;
use alloc::vec;
use alloc::vec::Vec;

/// Who a list of statements belongs to.
#[derive(Clone, Copy, PartialEq)]
enum Owner {
    /// Falling off its end goes past the block.
    Block(Label),
    /// An arm of a `Switch`.
    Arm,
    Other,
}

struct Structure<'f> {
    f: &'f mut Func,
    owners: Vec<Owner>,
    /// Number of branches to each label.
    branches: Vec<u32>,
    /// The list that ends in a branch to a label: the only one, where `branches` says so.
    from: Vec<BlockId>,
    /// Whether control can fall off the end of a list that is done.
    falls: Vec<bool>,
}

/// Restores the structure of `f`.
pub(crate) fn restore(f: &mut Func) {
    let order = inside_out(f);
    let mut s = Structure {
        owners: vec![Owner::Other; f.blocks.len()],
        branches: vec![0; f.labels.len()],
        from: vec![f.body; f.labels.len()],
        falls: vec![true; f.blocks.len()],
        f,
    };
    for block in &order {
        s.survey(*block);
    }
    for block in order {
        s.block(block);
    }
    let mut branches = s.branches;
    drop_falling(f, &mut branches);
    inline_blocks(f, |label| branches[label.0 as usize] > 0);
}

/// All lists of `f`, each after those inside it.
fn inside_out(f: &Func) -> Vec<BlockId> {
    let mut order = vec![f.body];
    let mut next = 0;
    while let Some(block) = order.get(next) {
        next += 1;
        order.extend(f.block(*block).iter().flat_map(Stmt::blocks));
    }
    order.reverse();
    order
}

/// Takes out branches at the end of a list, off which control falls to the same place.
fn drop_falling(f: &mut Func, branches: &mut [u32]) {
    // Where control goes behind a list or a block: the label of the outermost block that ends there too.
    let mut work: Vec<(BlockId, Option<Label>)> = vec![(f.body, None)];
    let mut goes: Vec<Option<Label>> = vec![None; f.labels.len()];
    while let Some((block, next)) = work.pop() {
        let list = &mut f.blocks[block.0 as usize];
        if let Some(Stmt::Br(label)) = list.last()
            && next.is_some()
            && goes[label.0 as usize] == next
        {
            branches[label.0 as usize] -= 1;
            list.pop();
        }
        let last = list.len().saturating_sub(1);
        for (at, stmt) in list.iter().enumerate() {
            let next = next.filter(|_| at == last);
            let next = match stmt {
                Stmt::Block(label, _) => {
                    let next = next.or(Some(*label));
                    goes[label.0 as usize] = next;
                    next
                }
                Stmt::Loop(..) => None,
                _ => next,
            };
            work.extend(stmt.blocks().into_iter().map(|inner| (inner, next)));
        }
    }
}

impl Structure<'_> {
    /// Notes the branch at the end of a list, and the owners of the lists in it.
    fn survey(&mut self, block: BlockId) {
        for stmt in self.f.block(block) {
            match stmt {
                Stmt::Br(label) => {
                    self.branches[label.0 as usize] += 1;
                    self.from[label.0 as usize] = block;
                }
                Stmt::Block(label, inner) => self.owners[inner.0 as usize] = Owner::Block(*label),
                Stmt::Switch { .. } => {
                    for arm in stmt.blocks() {
                        self.owners[arm.0 as usize] = Owner::Arm;
                    }
                }
                _ => {}
            }
        }
    }

    /// Restores what stands in one list; the lists inside are done.
    fn block(&mut self, block: BlockId) {
        let mut at = 0;
        while let Some(stmt) = self.f.block(block).get(at) {
            let Stmt::Block(label, inner) = *stmt else {
                at += 1;
                continue;
            };
            if self.branches[label.0 as usize] == 1 && !self.otherwise(label, inner) {
                self.arm(label, inner, block, at);
            }
            at += if self.branches[label.0 as usize] == 0 {
                self.unwrap(inner, block, at)
            } else {
                1
            };
        }
        self.falls[block.0 as usize] = match self.f.block(block).last() {
            Some(stmt) => self.falls(stmt),
            None => true,
        };
    }

    /// Puts the content of a block that no branch leads out of in its place. How many statements it has.
    fn unwrap(&mut self, inner: BlockId, block: BlockId, at: usize) -> usize {
        let mut inner = core::mem::take(&mut self.f.blocks[inner.0 as usize]);
        let count = inner.len();
        let list = &mut self.f.blocks[block.0 as usize];
        if at == 0 {
            // The content may be long and nested again and again: what stays in place is not moved.
            inner.extend(list.drain(1..));
            *list = inner;
        } else {
            list.splice(at..=at, inner);
        }
        self.moved(block);
        count
    }

    /// Control may go on behind `stmt`. The lists inside it are done.
    fn falls(&self, stmt: &Stmt) -> bool {
        let falls = |b: BlockId| self.falls[b.0 as usize];
        match stmt {
            Stmt::Br(_) | Stmt::Return(_) | Stmt::Unreachable { .. } => false,
            Stmt::Switch { .. } => stmt.blocks().into_iter().any(falls),
            Stmt::If {
                then,
                otherwise: Some(otherwise),
                ..
            } => falls(*then) || falls(*otherwise),
            Stmt::Block(label, inner) => self.branches[label.0 as usize] > 0 || falls(*inner),
            Stmt::Loop(_, inner) => falls(*inner),
            _ => true,
        }
    }

    /// `{ if c { A; break } B }` becomes `if c { A } else { B }`: the branch skips what follows it.
    fn otherwise(&mut self, label: Label, inner: BlockId) -> bool {
        let from = self.from[label.0 as usize];
        let skips =
            |stmt: &Stmt| matches!(stmt, Stmt::If { then, otherwise: None, .. } if *then == from);
        let Some(at) = self.f.block(inner).iter().position(skips) else {
            return false;
        };
        let rest = self.f.blocks[inner.0 as usize].split_off(at + 1);
        self.branches[label.0 as usize] = 0;
        self.f.blocks[from.0 as usize].pop();
        self.falls[from.0 as usize] = true;
        let falls = rest.last().is_none_or(|stmt| self.falls(stmt));
        let rest = self.list(rest, falls);
        let empty = self.f.block(from).is_empty();
        let Some(Stmt::If { cond, .. }) = self.f.blocks[inner.0 as usize].pop() else {
            unreachable!("found above")
        };
        let stmt = if empty {
            Stmt::If {
                cond: self.opposite(cond),
                then: rest,
                otherwise: None,
            }
        } else {
            Stmt::If {
                cond,
                then: from,
                otherwise: (!self.f.block(rest).is_empty()).then_some(rest),
            }
        };
        self.f.blocks[inner.0 as usize].push(stmt);
        self.falls[inner.0 as usize] = true;
        true
    }

    /// What only one arm of a `match` leads to goes into that arm.
    ///
    /// It is what follows statement `at` of `block`, which is the block `label` of content `inner`.
    fn arm(&mut self, label: Label, inner: BlockId, block: BlockId, at: usize) {
        let arm = self.from[label.0 as usize];
        if self.owners[arm.0 as usize] != Owner::Arm || self.falls[inner.0 as usize] {
            return;
        }
        let rest = &self.f.block(block)[at + 1..];
        let falls = rest.last().is_none_or(|stmt| self.falls(stmt));
        let next = match (falls, self.owners[block.0 as usize]) {
            (false, _) => None,
            (true, Owner::Block(next)) => Some(next),
            (true, _) => return,
        };
        let rest = self.f.blocks[block.0 as usize].split_off(at + 1);
        self.branches[label.0 as usize] = 0;
        self.f.blocks[arm.0 as usize].pop();
        let list = &mut self.f.blocks[arm.0 as usize];
        list.extend(rest);
        if let Some(next) = next {
            list.push(Stmt::Br(next));
            self.branches[next.0 as usize] += 1;
        }
        self.moved(arm);
    }

    /// A list with statements that stood elsewhere.
    fn list(&mut self, stmts: Vec<Stmt>, falls: bool) -> BlockId {
        let list = BlockId(self.f.blocks.len() as u32);
        self.f.blocks.push(stmts);
        self.owners.push(Owner::Other);
        self.falls.push(falls);
        self.moved(list);
        list
    }

    /// The branch at the end of `list` stands there now.
    fn moved(&mut self, list: BlockId) {
        if let Some(Stmt::Br(label)) = self.f.block(list).last() {
            self.from[label.0 as usize] = list;
        }
    }

    /// The opposite of a condition.
    fn opposite(&mut self, cond: ExprId) -> ExprId {
        let node = *self.f.node(cond);
        let opposite = match node.expr {
            Expr::Not(e) => return e,
            Expr::NonZero(e) => Expr::Unary(Op::I32Eqz, e),
            Expr::Unary(Op::I32Eqz, e) => Expr::NonZero(e),
            Expr::Binary(op, a, b) if let Some(op) = op.opposite() => Expr::Binary(op, a, b),
            _ => Expr::Not(cond),
        };
        self.f.add(opposite, Ty::Bool, node.at)
    }
}
