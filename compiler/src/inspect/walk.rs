//! The paths of one function: what they cost in fuel, and how far apart the checks on them are.
//!
//! In: the IR with its checks placed and its instructions counted, and what was found of the functions that it calls.
//! Out: the dearest path, as the engines charge it, and the longest stretches without a check. All sums saturate:
//! [`NO_BOUND`] is what is not bounded, or not by a number of 64 bits.

use super::graph::Graph;
use super::path::{Path, Summary, plus};
use super::range::{Env, Range};
use super::{NO_BOUND, rounds};
use crate::ir::*;
use crate::module::Const;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use wrt_rt::ValType;

/// What a walk found.
#[derive(Debug, Default)]
pub(super) struct Walked {
    pub(super) summary: Summary,
    /// Loops that are not bounded.
    pub(super) loops: Vec<(u32, &'static str)>,
    /// Fuel that the dearest check takes.
    pub(super) check: u32,
}

/// What bounds the bulk operations of an instance.
#[derive(Debug, Default)]
pub(super) struct Sizes {
    pub(super) memories: Vec<MemorySize>,
    /// Elements that each table can have.
    pub(super) tables: Vec<u64>,
    /// Bytes of each data segment.
    pub(super) data: Vec<u64>,
    /// Elements of each element segment.
    pub(super) elems: Vec<u64>,
}

/// What a memory can be; all in bytes.
#[derive(Debug)]
pub(super) struct MemorySize {
    pub(super) most: u64,
    /// By so many it can grow.
    pub(super) growth: u64,
    /// In a page.
    pub(super) page: u64,
}

/// What the walk knows of the rest.
pub(super) struct Around<'a> {
    pub(super) graph: &'a Graph,
    /// By node.
    pub(super) summaries: &'a [Summary],
    pub(super) sizes: &'a Sizes,
}

/// Without rounds, or without cost, there is none.
fn times(rounds: u64, units: u64) -> u64 {
    rounds.saturating_mul(units)
}

/// A place on the way.
#[derive(Clone, Debug)]
struct Point {
    path: Path,
    env: Env,
}

/// A loop, or the whole function: paths are measured from its head.
struct Frame {
    /// Its label, if it is a loop.
    label: Option<Label>,
    /// Where it stands in the frame around.
    base: Path,
    /// Offset of the loop.
    at: u32,
    rounds: Result<u64, &'static str>,
    /// Paths back to its head.
    again: Option<Path>,
    /// Paths to labels, which may be outside.
    reached: BTreeMap<Label, Point>,
    /// Paths that return or trap.
    done: Option<Path>,
    /// Fuel of the dearest path, wherever it goes.
    spent: u64,
    first: Option<u64>,
    inner: u64,
}

/// A list that is being walked.
struct Level {
    list: BlockId,
    at: usize,
    end: End,
}

/// What the end of a list is.
enum End {
    Func,
    Block(Label),
    Loop,
    /// One of several lists, of which one runs.
    Arms {
        /// Where they start.
        from: Point,
        /// Those to come, with what holds in them.
        rest: Vec<(BlockId, Option<(ExprId, bool)>)>,
        /// Where those that are done went on.
        joined: Option<Point>,
        /// What holds if none of them runs.
        none: Option<(ExprId, bool)>,
    },
}

struct Walk<'a> {
    f: &'a Func,
    around: &'a Around<'a>,
    here: Option<Point>,
    frames: Vec<Frame>,
    levels: Vec<Level>,
    effort: usize,
    out: Walked,
}

/// Walks `f`.
pub(super) fn walk(f: &Func, around: &Around<'_>) -> Walked {
    let mut env = Env::default();
    for n in f.params..f.locals {
        if matches!(f.var(Var(n)).ty, ValType::I32 | ValType::I64) {
            env.set(Var(n), Some(Range::ZERO));
        }
    }
    let here = Point {
        path: Path::START,
        env,
    };
    let stmts: usize = f.blocks.iter().map(Vec::len).sum();
    let mut walk = Walk {
        f,
        around,
        here: Some(here),
        frames: Vec::new(),
        levels: Vec::new(),
        // Loops in loops in loops are looked into again for each of them.
        effort: stmts.saturating_mul(32) + 10_000,
        out: Walked::default(),
    };
    walk.frame(None, Path::START, 0, Ok(1));
    walk.open(f.body, End::Func);
    walk.run();
    walk.out
}

impl Walk<'_> {
    fn frame(
        &mut self,
        label: Option<Label>,
        base: Path,
        at: u32,
        rounds: Result<u64, &'static str>,
    ) {
        self.frames.push(Frame {
            label,
            base,
            at,
            rounds,
            again: None,
            reached: BTreeMap::new(),
            done: None,
            spent: 0,
            first: None,
            inner: 0,
        });
    }

    fn open(&mut self, list: BlockId, end: End) {
        self.levels.push(Level { list, at: 0, end });
    }

    fn top(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("a frame")
    }

    fn run(&mut self) {
        let f = self.f;
        while let Some(level) = self.levels.last_mut() {
            // Behind a branch nothing runs.
            let next = match &self.here {
                Some(_) => f.block(level.list).get(level.at),
                None => None,
            };
            level.at += 1;
            match next {
                Some(stmt) => self.stmt(stmt),
                None => {
                    let level = self.levels.pop().expect("looked at above");
                    self.end(level.end);
                }
            }
        }
    }

    /// The end of a list was reached, or nothing reaches it.
    fn end(&mut self, end: End) {
        match end {
            End::Func => {
                self.finish();
                let frame = self.frames.pop().expect("the function's");
                self.out.summary = Summary {
                    fuel: frame.spent,
                    first: frame.first,
                    inner: frame.inner,
                    end: frame.done.unwrap_or_default(),
                };
            }
            End::Block(label) => {
                if let Some(point) = self.top().reached.remove(&label) {
                    join(&mut self.here, point);
                }
            }
            End::Loop => self.close(),
            End::Arms {
                from,
                mut rest,
                mut joined,
                none,
            } => {
                if let Some(point) = self.here.take() {
                    join(&mut joined, point);
                }
                match rest.pop() {
                    Some((list, holds)) => {
                        self.here = Some(self.assume(from.clone(), holds));
                        let end = End::Arms {
                            from,
                            rest,
                            joined,
                            none,
                        };
                        self.open(list, end);
                    }
                    None => {
                        if none.is_some() {
                            join(&mut joined, self.assume(from, none));
                        }
                        self.here = joined;
                    }
                }
            }
        }
    }

    fn assume(&self, mut point: Point, holds: Option<(ExprId, bool)>) -> Point {
        if let Some((cond, holds)) = holds {
            point.env.assume(self.f, cond, holds);
        }
        point
    }

    /// The path here ends: it returns or traps.
    fn finish(&mut self) {
        if let Some(point) = self.here.take() {
            match &mut self.top().done {
                Some(done) => done.join(point.path),
                done => *done = Some(point.path),
            }
        }
    }

    /// Control goes to `label` from `point` of the innermost frame.
    fn arrive(&mut self, label: Label, point: Point) {
        let frame = self.top();
        if frame.label == Some(label) {
            match &mut frame.again {
                Some(again) => again.join(point.path),
                again => *again = Some(point.path),
            }
            return;
        }
        match frame.reached.get_mut(&label) {
            Some(reached) => {
                reached.path.join(point.path);
                reached.env.join(&point.env);
            }
            None => {
                frame.reached.insert(label, point);
            }
        }
    }

    /// A loop starts.
    fn enter(&mut self, label: Label, body: BlockId) {
        let Some(Point { path, mut env }) = self.here.take() else {
            return;
        };
        let at = match self.f.block(body).first() {
            Some(Stmt::Charge { site, .. }) => self.f.sites[site.0 as usize].at,
            _ => 0,
        };
        let rounds = match rounds::look(self.f, label, body, &env, &mut self.effort) {
            Some(looked) => {
                env.retain(|var| !looked.assigned.contains(&var));
                for (var, range) in looked.counters {
                    env.set(var, Some(range));
                }
                looked.rounds
            }
            None => {
                env = Env::default();
                Err("loops are nested too deep to look into all of them")
            }
        };
        self.frame(Some(label), path, at, rounds);
        self.here = Some(Point {
            path: Path::START,
            env,
        });
        self.open(body, End::Loop);
    }

    /// A loop ends: all its rounds become part of the paths of the frame around.
    fn close(&mut self) {
        let through = self.here.take();
        let frame = self.frames.pop().expect("the loop's");
        let mut head = frame.base;
        if let Some(again) = frame.again {
            let rounds = match frame.rounds {
                Ok(rounds) => rounds,
                Err(why) => {
                    self.out.loops.push((frame.at, why));
                    NO_BOUND
                }
            };
            let before = rounds.saturating_sub(1);
            // The head as it is reached in the last round, by each measure in the worst way.
            let open = again.open.map(|units| times(before, units));
            head.fuel = head.fuel.saturating_add(times(before, again.fuel));
            let plain = frame.base.since;
            head.since = plus(plain, open).max(plain);
            if before > 0 {
                let later = again.open.map_or(0, |units| times(before - 1, units));
                head.since = head.since.max(plus(again.since, Some(later)));
            }
            head.open = plus(head.open, open).max(head.open);
        }
        let around = self.top();
        around.spent = around.spent.max(head.fuel.saturating_add(frame.spent));
        around.first = around.first.max(plus(head.open, frame.first));
        let met = plus(head.since, frame.first).unwrap_or(0);
        around.inner = around.inner.max(frame.inner).max(met);
        if let Some(done) = frame.done {
            let done = head.over(done);
            match &mut around.done {
                Some(all) => all.join(done),
                all => *all = Some(done),
            }
        }
        for (label, mut point) in frame.reached {
            point.path = head.over(point.path);
            self.arrive(label, point);
        }
        self.here = through.map(|mut point| {
            point.path = head.over(point.path);
            point
        });
    }

    /// Goes over a call.
    fn call(&mut self, summary: Summary) {
        let Some(point) = &mut self.here else { return };
        let before = point.path;
        point.path = before.over(summary.end);
        // A callee may trap on its dearest path.
        point.path.fuel = before.fuel.saturating_add(summary.fuel);
        let frame = self.frames.last_mut().expect("a frame");
        frame.spent = frame.spent.max(point.path.fuel);
        frame.first = frame.first.max(plus(before.open, summary.first));
        let met = plus(before.since, summary.first).unwrap_or(0);
        frame.inner = frame.inner.max(summary.inner).max(met);
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Charge { fuel, .. } => {
                self.out.check = self.out.check.max(*fuel);
                self.call(Summary::check((*fuel).into()));
            }
            Stmt::Count(n) => {
                let units = &self.f.counts[*n as usize].instructions;
                let units = units.iter().map(|n| u64::from(*n)).sum();
                self.spend(units);
            }
            Stmt::Call { func, .. } => {
                if let Some(node) = self.around.graph.callee(self.f.id, *func) {
                    self.call(self.around.summaries[node.0 as usize]);
                }
                self.assign(stmt);
            }
            Stmt::CallIndirect { ty, table, .. } => {
                let node = self.around.graph.indirect(*ty, *table);
                self.call(self.around.summaries[node.0 as usize]);
                self.assign(stmt);
            }
            Stmt::Bulk { op, args, .. } => {
                let units = self.bulk(*op, args);
                self.spend(units);
                self.call(Summary {
                    fuel: units,
                    end: Path {
                        fuel: units,
                        ..Path::START
                    },
                    ..Summary::default()
                });
                self.assign(stmt);
            }
            Stmt::Set(var, value) => {
                if let Some(point) = &mut self.here {
                    let range = Range::of(self.f, *value, &point.env);
                    point.env.set(*var, range);
                }
            }
            Stmt::Block(label, body) => self.open(*body, End::Block(*label)),
            Stmt::Loop(label, body) => self.enter(*label, *body),
            Stmt::If {
                cond,
                then,
                otherwise,
            } => {
                let rest = otherwise.map(|list| (list, Some((*cond, false))));
                let none = otherwise.is_none().then_some((*cond, false));
                self.arms(*then, Some((*cond, true)), rest.into_iter().collect(), none);
            }
            Stmt::Switch { arms, default, .. } => {
                let rest = arms.iter().map(|(_, list)| (*list, None)).collect();
                self.arms(*default, None, rest, None);
            }
            Stmt::Br(label) => {
                if let Some(point) = self.here.take() {
                    self.arrive(*label, point);
                }
            }
            Stmt::Return(_) | Stmt::Unreachable { .. } => self.finish(),
            // It is walked before there are any.
            Stmt::Dispatch { .. } | Stmt::Let { .. } | Stmt::Declare { .. } => {}
            Stmt::Eval(_) | Stmt::GlobalSet(..) | Stmt::TableSet { .. } | Stmt::Store { .. } => {}
        }
    }

    fn spend(&mut self, units: u64) {
        if let Some(point) = &mut self.here {
            point.path.spend(units);
        }
    }

    /// Nothing is known of what `stmt` assigns.
    fn assign(&mut self, stmt: &Stmt) {
        if let Some(point) = &mut self.here {
            for var in stmt.assigns() {
                point.env.set(var, None);
            }
        }
    }

    fn arms(
        &mut self,
        first: BlockId,
        holds: Option<(ExprId, bool)>,
        rest: Vec<(BlockId, Option<(ExprId, bool)>)>,
        none: Option<(ExprId, bool)>,
    ) {
        let Some(from) = self.here.take() else { return };
        self.here = Some(self.assume(from.clone(), holds));
        let end = End::Arms {
            from,
            rest,
            joined: None,
            none,
        };
        self.open(first, end);
    }

    /// Units that a bulk operation takes at most, by its length.
    fn bulk(&self, op: Bulk, args: &[ExprId]) -> u64 {
        let sizes = self.around.sizes;
        let memory = |m: crate::set::MemId| sizes.memories[m.index()].most;
        let table = |t: crate::set::TableId| sizes.tables[t.index()];
        // What is out of bounds traps before it is charged.
        let (most, unit) = match op {
            Bulk::MemoryFill(m) => (memory(m), 64),
            Bulk::MemoryCopy(to, from) => (memory(to).min(memory(from)), 64),
            Bulk::MemoryInit(m, data) => (memory(m).min(sizes.data[data.index()]), 64),
            Bulk::TableFill(t) => (table(t), 8),
            Bulk::TableCopy(to, from) => (table(to).min(table(from)), 8),
            Bulk::TableInit(t, elem) => (table(t).min(sizes.elems[elem.index()]), 8),
            Bulk::TableGrow(t) => (table(t), 8),
            Bulk::MemoryGrow(m) => {
                let memory = &sizes.memories[m.index()];
                let pages = self.length(args.first(), memory.growth / memory.page);
                return pages.saturating_mul(memory.page) / 64;
            }
            Bulk::DataDrop(_) | Bulk::ElemDrop(_) => return 0,
        };
        self.length(args.last(), most) / unit
    }

    /// The largest value of an operand that is at most `most`.
    fn length(&self, operand: Option<&ExprId>, most: u64) -> u64 {
        let Some((operand, point)) = operand.zip(self.here.as_ref()) else {
            return most;
        };
        let range = match self.f.node(*operand).expr {
            Expr::Const(Const::I32(value)) => Some(u64::from(value as u32)),
            _ => {
                let range = Range::of(self.f, *operand, &point.env);
                range.filter(|r| r.lo >= 0).map(|r| r.hi as u64)
            }
        };
        range.map_or(most, |range| range.min(most))
    }
}

/// What holds on both ways.
fn join(here: &mut Option<Point>, point: Point) {
    match here {
        Some(here) => {
            here.path.join(point.path);
            here.env.join(&point.env);
        }
        None => *here = Some(point),
    }
}
