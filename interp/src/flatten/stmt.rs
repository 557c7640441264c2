//! Statements: structure becomes branches. What is inside waits on a stack of our own, not on the host's.

use super::{Flatten, bits};
use crate::code::Instr;
use crate::core::{BulkSite, Indirect};
use alloc::vec;
use alloc::vec::Vec;
use wrt_compiler::ir::{BlockId, Label, SiteId, Stmt, Var};
use wrt_compiler::module::Const;
use wrt_rt::ValType;

/// What is still to be laid out; the last comes first.
enum Task {
    /// The statements of a list, from a number on, after which registers from another on are free.
    Run(BlockId, usize, u32),
    /// The label is here.
    Bind(Label),
    /// A branch, if control gets here.
    Br(Label),
}

impl Flatten<'_> {
    /// The whole function.
    pub(super) fn body(&mut self) {
        let f = self.f;
        if f.locals > f.params {
            self.push(Instr::Clear {
                d: f.params as u16,
                n: (f.locals - f.params) as u16,
            });
        }
        for n in f.params..f.locals {
            let ty = f.vars[n as usize].ty;
            if matches!(ty, ValType::FuncRef | ValType::ExternRef) {
                self.constant(bits(Const::Null(ty)), n as u16);
            }
        }
        for (value, d) in self.pool.clone() {
            self.constant(value, d);
        }
        let mut work = vec![Task::Run(f.body, 0, self.next)];
        while let Some(task) = work.pop() {
            match task {
                Task::Run(block, at, free) => match f.block(block).get(at) {
                    Some(stmt) => {
                        work.push(Task::Run(block, at + 1, free));
                        self.stmt(stmt, &mut work);
                    }
                    None => self.next = free,
                },
                Task::Bind(label) => self.bind(label),
                Task::Br(label) => {
                    if !self.is_dead() {
                        self.push_branch(Instr::Br { to: 0 }, label);
                    }
                }
            }
        }
        if !self.is_dead() {
            self.push(Instr::Return);
        }
    }

    fn run(&self, block: BlockId) -> Task {
        Task::Run(block, 0, self.next)
    }

    /// The only statement of a list, if it is a branch.
    fn only_branch(&self, block: BlockId) -> Option<Label> {
        match self.f.block(block) {
            [Stmt::Br(label)] => Some(*label),
            _ => None,
        }
    }

    fn stmt(&mut self, stmt: &Stmt, work: &mut Vec<Task>) {
        let free = self.next;
        match stmt {
            Stmt::Set(var, value) => {
                let d = self.reg(*var);
                let free = self.next;
                self.eval_into(*value, d);
                self.next = free;
                return;
            }
            Stmt::Let { var, value, .. } => {
                let d = self.reg(*var);
                let free = self.next;
                self.eval_into(*value, d);
                self.next = free;
                return;
            }
            Stmt::Declare { var, .. } => {
                // Locals are cleared at the start; a temporary is set before it is read.
                self.reg(*var);
                return;
            }
            Stmt::Eval(e) => {
                self.eval(*e);
            }
            Stmt::GlobalSet(id, value) => {
                let a = self.eval(*value);
                let global = self.this.globals[id.index()];
                self.push(Instr::GlobalSet { a, global });
            }
            Stmt::TableSet {
                table,
                index,
                value,
                at,
            } => {
                let (a, b) = (self.eval(*index), self.eval(*value));
                self.push_at(Instr::TableSet { a, b }, *at);
                let value = self.this.tables[table.index()];
                self.push(Instr::Word { value });
            }
            Stmt::Store {
                op,
                addr,
                offset,
                value,
                at,
                ..
            } => {
                self.store(*op, *addr, *offset, *value, *at);
            }
            Stmt::Call {
                func,
                args,
                results,
                site,
                ..
            } => {
                let base = self.eval_row(args);
                let import = self.this.module.front().set.body(*func).is_none();
                let func = self.this.funcs[func.index()];
                let instr = match import {
                    true => Instr::CallImport { base, func },
                    false => Instr::Call { base, func },
                };
                self.push_site(instr, *site);
                return self.take_results(results, base, free);
            }
            Stmt::CallIndirect {
                ty,
                table,
                args,
                index,
                results,
                site,
                ..
            } => {
                let base = self.eval_row(args);
                let d = self.alloc();
                self.eval_into(*index, d);
                let number = self.start.indirects + self.indirects.len() as u32;
                self.indirects.push(Indirect {
                    ty: self.this.types[ty.index()],
                    table: self.this.tables[table.index()],
                    args: args.len() as u32,
                });
                let instr = Instr::CallIndirect { base, site: number };
                self.push_site(instr, *site);
                return self.take_results(results, base, free);
            }
            Stmt::Bulk {
                op,
                args,
                result,
                site,
                ..
            } => {
                let base = self.eval_row(args);
                // It reads three operands, whether it has them or not.
                self.most = self.most.max(u32::from(base) + 3);
                let number = self.start.bulks + self.bulks.len() as u32;
                self.bulks.push(BulkSite {
                    instance: self.instance,
                    op: *op,
                });
                let instr = Instr::Bulk { base, site: number };
                self.push_site(instr, *site);
                return self.take_results(result.as_slice(), base, free);
            }
            Stmt::Block(label, block) => {
                work.push(Task::Bind(*label));
                work.push(self.run(*block));
            }
            Stmt::Loop(label, block) => {
                self.bind(*label);
                work.push(self.run(*block));
            }
            Stmt::If {
                cond,
                then,
                otherwise,
            } => self.choice(*cond, *then, *otherwise, work),
            Stmt::Br(label) => self.push_branch(Instr::Br { to: 0 }, *label),
            Stmt::Switch {
                index,
                arms,
                default,
            } => {
                let a = self.eval(*index);
                self.next = free;
                let most = arms.iter().filter_map(|(keys, _)| keys.last()).max();
                let mut table = vec![usize::MAX; most.map_or(0, |most| *most as usize + 1)];
                for (n, (keys, _)) in arms.iter().enumerate() {
                    for key in keys {
                        table[*key as usize] = n;
                    }
                }
                let blocks: Vec<BlockId> = arms.iter().map(|(_, b)| *b).chain([*default]).collect();
                let default = arms.len();
                let table = table.into_iter().chain([default]);
                let table = table.map(|n| n.min(default)).collect();
                self.switch(a, table, &blocks, work);
            }
            Stmt::Dispatch { label, state, arms } => {
                let d = self.reg(*state);
                self.push(Instr::Const { d, value: 0 });
                self.bind(*label);
                self.switch(d, (0..arms.len()).collect(), arms, work);
                // The state's register is in use until the list around this ends.
                return;
            }
            Stmt::Return(values) => match values[..] {
                [] => self.push(Instr::Return),
                [value] => {
                    let a = self.eval(value);
                    self.push(Instr::ReturnOne { a });
                }
                _ => {
                    let a = self.eval_row(values);
                    let n = values.len() as u16;
                    self.push(Instr::ReturnMany { a, n });
                }
            },
            Stmt::Unreachable { at } => self.push_at(Instr::Unreachable, *at),
            Stmt::Count(n) => self.push(Instr::Count {
                n: self.start.counts + n,
            }),
            Stmt::Charge { fuel, site } => self.charge(*fuel, *site),
        }
        self.next = free;
    }

    fn charge(&mut self, fuel: u32, site: SiteId) {
        self.push_site(Instr::Charge { fuel }, site);
        if self.start.samples {
            let instance = self.instance;
            self.push(Instr::Sample { instance });
        }
    }

    /// Results lie from `base` on; registers from `free` on were free before the arguments.
    fn take_results(&mut self, results: &[Var], base: u16, free: u32) {
        self.most = self.most.max(u32::from(base) + results.len() as u32);
        self.next = free;
        for (n, var) in results.iter().enumerate() {
            let d = self.reg(*var);
            let a = base + n as u16;
            if d != a {
                self.push(Instr::Copy { d, a });
            }
        }
    }

    fn choice(
        &mut self,
        cond: wrt_compiler::ir::ExprId,
        then: BlockId,
        otherwise: Option<BlockId>,
        work: &mut Vec<Task>,
    ) {
        if let Some(label) = self.only_branch(then) {
            self.branch(cond, true, label);
            work.extend(otherwise.map(|block| self.run(block)));
            return;
        }
        let end = self.label();
        let Some(otherwise) = otherwise else {
            self.branch(cond, false, end);
            work.push(Task::Bind(end));
            work.push(self.run(then));
            return;
        };
        if let Some(label) = self.only_branch(otherwise) {
            self.branch(cond, false, label);
            work.push(self.run(then));
            return;
        }
        let no = self.label();
        self.branch(cond, false, no);
        work.push(Task::Bind(end));
        work.push(self.run(otherwise));
        work.push(Task::Bind(no));
        work.push(Task::Br(end));
        work.push(self.run(then));
    }

    /// Goes to the block whose number stands in `table` at the value of `a`, the last if it is beyond.
    fn switch(&mut self, a: u16, table: Vec<usize>, blocks: &[BlockId], work: &mut Vec<Task>) {
        let n = table.len() as u32;
        self.push(Instr::Switch { a, n });
        let end = self.label();
        let labels: Vec<Label> = blocks
            .iter()
            .map(|block| match self.only_branch(*block) {
                Some(label) => label,
                None if self.f.block(*block).is_empty() => end,
                None => self.label(),
            })
            .collect();
        for block in table {
            self.push_branch(Instr::Br { to: 0 }, labels[block]);
        }
        work.push(Task::Bind(end));
        for (block, label) in blocks.iter().zip(labels).rev() {
            let empty = self.f.block(*block).is_empty();
            if empty || self.only_branch(*block).is_some() {
                continue;
            }
            work.push(Task::Br(end));
            work.push(self.run(*block));
            work.push(Task::Bind(label));
        }
    }
}
