//! What can be said of a module without running it: who calls whom, and for each function how much fuel, how many
//! stack slots and how deep a call of it goes at most, and how far apart its checks are.
//!
//! In: a linked set whose front end counts fuel and instructions. Out: numbers that no run exceeds, in the units that
//! both engines charge; what cannot be bounded is named, with the reason. Nothing here changes what is compiled.

mod counter;
mod graph;
mod path;
mod range;
mod rounds;
mod walk;

use crate::error::Error;
use crate::front::Front;
use crate::ir;
use crate::module::{Extern, MemoryType, TableType};
use crate::options::Options;
use crate::set::{FuncId, Set, TableId, TypeId};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec;
use alloc::vec::Vec;
pub use graph::components;
use graph::{Calls, Graph, Kind, Node};
use path::Summary;
use walk::{Around, MemorySize, Sizes};

/// What is not bounded.
const NO_BOUND: u64 = u64::MAX;

/// What was found of a set.
#[derive(Debug)]
pub struct Inspection {
    /// By function.
    pub funcs: Vec<FuncInfo>,
    /// Calls through tables.
    pub indirect: Vec<Indirect>,
    /// Functions that call each other in a cycle, or themselves.
    pub cycles: Vec<Vec<FuncId>>,
}

/// What was found of a function.
#[derive(Debug, Clone, Default)]
pub struct FuncInfo {
    /// Functions that it calls directly, the host's among them.
    pub calls: Vec<FuncId>,
    /// What it calls through tables: indices into [`Inspection::indirect`].
    pub indirect: Vec<usize>,
    /// The cycle that it is on: an index into [`Inspection::cycles`].
    pub cycle: Option<usize>,
    /// A call of it from outside; what it reaches and the reasons are given only if it is exported or started.
    pub bound: Bound,
}

/// Calls through a table at a type.
#[derive(Debug)]
pub struct Indirect {
    /// The type.
    pub ty: TypeId,
    /// The table.
    pub table: TableId,
    /// Functions that may be called.
    pub to: Vec<FuncId>,
}

/// What a call of a function from outside takes at most. `None` is what is not bounded; `reasons` says why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bound {
    /// Fuel, besides what functions of the host charge.
    pub fuel: Option<u64>,
    /// Units on the longest path without a check.
    pub unchecked: Option<u64>,
    /// Units that the dearest check takes at once.
    pub check: u64,
    /// Stack slots of the depth budget.
    pub slots: Option<u64>,
    /// Functions of the set that are active at a time.
    pub depth: Option<u64>,
    /// Functions of the host that may be called.
    pub hosts: Vec<FuncId>,
    /// What is not bounded.
    pub reasons: Vec<Reason>,
}

/// Why something is not bounded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// A loop whose number of rounds depends on data: the fuel.
    Loop {
        /// Where it is.
        func: FuncId,
        /// Offset in the file.
        at: u32,
        /// Why no number is known.
        why: &'static str,
    },
    /// Functions that call each other in a cycle, by index: the fuel and the depth.
    Recursion(usize),
    /// A call through a table in which there may be functions of other modules: everything.
    Foreign {
        /// Where it is.
        func: FuncId,
        /// Offset in the file.
        at: u32,
        /// The table.
        table: TableId,
    },
}

/// Inspects what `front` has decoded. It must have been told to count fuel and instructions.
pub fn inspect(front: &Front<'_>, options: &Options) -> Result<Inspection, Error> {
    let set = &front.set;
    let mut calls = Vec::new();
    for id in 0..set.funcs.len() as u32 {
        calls.push(match front.structured(FuncId(id))? {
            Some(f) => Calls::of(set, &f),
            None => Calls::default(),
        });
    }
    let graph = Graph::new(set, calls);
    let measured = measure(front, options, &graph)?;
    Ok(report(front, &graph, &measured))
}

/// What is measured of each node.
#[derive(Clone, Copy, Debug, Default)]
struct Measured {
    summary: Summary,
    /// Of the function alone.
    check: u32,
    slots: u64,
    depth: u64,
    /// It may call what is not of the set.
    foreign: bool,
}

/// All nodes, callees first, and the loops that are not bounded, by function.
fn measure(
    front: &Front<'_>,
    options: &Options,
    graph: &Graph,
) -> Result<(Vec<Measured>, Vec<Vec<Reason>>), Error> {
    let sizes = sizes(&front.set, options);
    let mut all = vec![Measured::default(); graph.edges.len()];
    let mut summaries = vec![Summary::default(); graph.edges.len()];
    let mut reasons: Vec<Vec<Reason>> = vec![Vec::new(); front.set.funcs.len()];
    let tables = 0..front.set.tables.len() as u32;
    let shared: Vec<bool> = tables
        .map(|t| graph::is_shared(&front.set, TableId(t)))
        .collect();
    for (n, members) in graph.components.iter().enumerate() {
        let mut bodies: BTreeMap<FuncId, ir::Func> = BTreeMap::new();
        for node in members {
            if let Kind::Func(id) = graph.kind(*node)
                && let Some(f) = front.structured(id)?
            {
                bodies.insert(id, f);
            }
        }
        let cyclic = graph.cyclic[n];
        let mut pass = |summaries: &mut Vec<Summary>| {
            let before: Vec<Summary> = members.iter().map(|m| summaries[m.0 as usize]).collect();
            for node in members {
                let mut summary = match graph.kind(*node) {
                    Kind::Func(id) => match bodies.get(&id) {
                        Some(f) => {
                            let around = Around {
                                graph,
                                summaries,
                                sizes: &sizes,
                            };
                            let walked = walk::walk(f, &around);
                            let loops = walked.loops.into_iter();
                            let reason = |(at, why)| Reason::Loop { func: id, at, why };
                            reasons[id.index()] = loops.map(reason).collect();
                            all[node.0 as usize].check = walked.check;
                            walked.summary
                        }
                        None => Summary::default(),
                    },
                    Kind::Entered(id) => {
                        let summary = summaries[id.index()];
                        match front.shapes[id.index()].leaf {
                            true => summary.entered(front.leaf_costs[id.index()].into()),
                            false => summary,
                        }
                    }
                    Kind::Indirect => {
                        let mut worst = Summary::default();
                        for to in &graph.edges[node.0 as usize] {
                            worst.join(&summaries[to.0 as usize]);
                        }
                        worst
                    }
                };
                if cyclic {
                    summary.fuel = NO_BOUND;
                    summary.end.fuel = NO_BOUND;
                }
                summaries[node.0 as usize] = summary;
            }
            before
                .iter()
                .ne(members.iter().map(|m| &summaries[m.0 as usize]))
        };
        if cyclic {
            // What is between two checks does not grow from round to round of the recursion, or else is not bounded.
            let start = Summary::check(NO_BOUND);
            members.iter().for_each(|m| summaries[m.0 as usize] = start);
            let settles = (0..4).any(|_| !pass(&mut summaries));
            if !settles {
                for member in members {
                    let summary = &mut summaries[member.0 as usize];
                    summary.end.since = Some(NO_BOUND);
                    summary.inner = NO_BOUND;
                }
                pass(&mut summaries);
            }
        } else {
            pass(&mut summaries);
        }
        let foreign = members.iter().any(|node| {
            let mut edges = graph.edges[node.0 as usize].iter();
            let own = match graph.kind(*node) {
                Kind::Func(id) => graph.calls[id.index()]
                    .indirect
                    .keys()
                    .any(|k| shared[k.1.index()]),
                _ => false,
            };
            own || edges.any(|to| all[to.0 as usize].foreign)
        });
        for node in members {
            let (slots, depth) = depths(front, graph, &all, *node, cyclic);
            let measured = &mut all[node.0 as usize];
            measured.summary = summaries[node.0 as usize];
            (measured.slots, measured.depth) = (slots, depth);
            measured.foreign = foreign;
        }
    }
    Ok((all, reasons))
}

/// Stack slots and calls below a node, whose callees are done unless it is on a cycle.
fn depths(
    front: &Front<'_>,
    graph: &Graph,
    all: &[Measured],
    node: Node,
    cyclic: bool,
) -> (u64, u64) {
    if cyclic {
        return (NO_BOUND, NO_BOUND);
    }
    let callees = || {
        graph.edges[node.0 as usize]
            .iter()
            .map(|n| &all[n.0 as usize])
    };
    let slots = callees().map(|m| m.slots).max().unwrap_or(0);
    let depth = callees().map(|m| m.depth).max().unwrap_or(0);
    match graph.kind(node) {
        Kind::Func(id) if front.set.body(id).is_none() => (0, 0),
        Kind::Func(id) => {
            let shape = front.shapes[id.index()];
            let weight = if shape.framed { shape.weight.into() } else { 0 };
            (slots.saturating_add(weight), depth.saturating_add(1))
        }
        Kind::Entered(id) if front.set.body(id).is_none() => (0, 0),
        Kind::Entered(id) => {
            let shape = front.shapes[id.index()];
            (
                if shape.framed {
                    slots
                } else {
                    shape.weight.into()
                },
                depth,
            )
        }
        Kind::Indirect => (slots, depth),
    }
}

/// What memories, tables and segments can hold.
fn sizes(set: &Set<'_>, options: &Options) -> Sizes {
    let elements = |ty: &TableType| {
        let most = ty.max.unwrap_or(u32::MAX).min(options.max_table_elements);
        u64::from(most.max(ty.min))
    };
    let memories = set.memories.iter().map(|m| {
        let MemoryType {
            min,
            max,
            page_size,
        } = m.ty;
        let allowed = page_size.allowed(options.max_memory_pages);
        let most = page_size.bytes_in(max.unwrap_or(allowed).min(allowed).max(min));
        MemorySize {
            most,
            growth: most - page_size.bytes_in(min),
            page: page_size.bytes().into(),
        }
    });
    let modules = || set.instances.iter().map(|instance| &instance.module);
    let data = modules()
        .flat_map(|m| &m.data)
        .map(|d| d.bytes.len() as u64);
    let elems = modules()
        .flat_map(|m| &m.elems)
        .map(|e| e.items.len() as u64);
    Sizes {
        memories: memories.collect(),
        tables: set.tables.iter().map(|t| elements(&t.ty)).collect(),
        data: data.collect(),
        elems: elems.collect(),
    }
}

/// What was measured, for whoever asks.
fn report(
    front: &Front<'_>,
    graph: &Graph,
    (all, loops): &(Vec<Measured>, Vec<Vec<Reason>>),
) -> Inspection {
    let set = &front.set;
    let mut through: BTreeMap<(TypeId, TableId), usize> = BTreeMap::new();
    let mut indirect = Vec::new();
    for (ty, table) in graph.calls.iter().flat_map(|calls| calls.indirect.keys()) {
        through.entry((*ty, *table)).or_insert_with(|| {
            indirect.push(Indirect {
                ty: *ty,
                table: *table,
                to: graph.candidates(*ty, *table),
            });
            indirect.len() - 1
        });
    }
    let mut cycles = Vec::new();
    let mut cycle_of: BTreeMap<u32, usize> = BTreeMap::new();
    for (n, members) in graph.components.iter().enumerate() {
        if !graph.cyclic[n] {
            continue;
        }
        let funcs = members.iter().filter_map(|node| match graph.kind(*node) {
            Kind::Func(id) => Some(id),
            _ => None,
        });
        cycle_of.insert(n as u32, cycles.len());
        cycles.push(funcs.collect());
    }
    let mut wanted = BTreeSet::new();
    for (n, instance) in set.instances.iter().enumerate() {
        let exports = instance.module.exports.iter().map(|export| export.item);
        let started = instance.module.start.map(Extern::Func);
        wanted.extend(exports.chain(started).filter_map(|item| match item {
            Extern::Func(f) => Some(set.func(n, f)),
            _ => None,
        }));
    }
    let mut reach = Reach {
        front,
        graph,
        all,
        loops,
        cycle_of: &cycle_of,
        seen: vec![0; graph.edges.len()],
        stamp: 0,
    };
    let funcs = (0..set.funcs.len() as u32).map(|n| {
        let (id, node) = (FuncId(n), Node(n));
        let calls = &graph.calls[id.index()];
        let mut bound = bound(graph, all, id);
        if wanted.contains(&id) {
            reach.complete(&mut bound, id);
        }
        FuncInfo {
            calls: calls.funcs.union(&calls.hosts).copied().collect(),
            indirect: calls.indirect.keys().map(|key| through[key]).collect(),
            cycle: cycle_of.get(&graph.component[node.0 as usize]).copied(),
            bound,
        }
    });
    Inspection {
        funcs: funcs.collect(),
        indirect,
        cycles,
    }
}

/// What a call of `id` from outside takes.
fn bound(graph: &Graph, all: &[Measured], id: FuncId) -> Bound {
    let measured = &all[graph.entered(id).0 as usize];
    let known = |n: u64| Some(n).filter(|n| *n != NO_BOUND && !measured.foreign);
    let Summary {
        fuel,
        first,
        inner,
        end,
    } = measured.summary;
    let stretches = [first, Some(inner), end.open, end.since];
    Bound {
        fuel: known(fuel),
        unchecked: known(stretches.into_iter().flatten().max().unwrap_or(0)),
        slots: known(measured.slots),
        depth: known(measured.depth),
        ..Bound::default()
    }
}

/// What functions reach.
struct Reach<'a> {
    front: &'a Front<'a>,
    graph: &'a Graph,
    all: &'a [Measured],
    loops: &'a [Vec<Reason>],
    cycle_of: &'a BTreeMap<u32, usize>,
    /// By node: the last search that came there.
    seen: Vec<u32>,
    stamp: u32,
}

impl Reach<'_> {
    /// Adds to the bound of `id` what it reaches.
    fn complete(&mut self, bound: &mut Bound, id: FuncId) {
        let set = &self.front.set;
        if set.body(id).is_none() {
            bound.hosts = vec![id];
            return;
        }
        let mut hosts = BTreeSet::new();
        let mut reasons = BTreeSet::new();
        self.stamp += 1;
        let mut work = vec![self.graph.entered(id)];
        while let Some(node) = work.pop() {
            let n = node.0 as usize;
            if core::mem::replace(&mut self.seen[n], self.stamp) == self.stamp {
                continue;
            }
            work.extend(&self.graph.edges[n]);
            let cycle = self.cycle_of.get(&self.graph.component[n]);
            reasons.extend(cycle.map(|n| Reason::Recursion(*n)));
            match self.graph.kind(node) {
                Kind::Func(func) => {
                    let calls = &self.graph.calls[func.index()];
                    hosts.extend(&calls.hosts);
                    reasons.extend(self.loops[func.index()].iter().cloned());
                    bound.check = bound.check.max(self.all[n].check.into());
                    for ((_, table), at) in &calls.indirect {
                        if graph::is_shared(set, *table) {
                            reasons.insert(Reason::Foreign {
                                func,
                                at: *at,
                                table: *table,
                            });
                        }
                    }
                }
                Kind::Entered(func) if self.front.shapes[func.index()].leaf => {
                    let cost = self.front.leaf_costs[func.index()];
                    bound.check = bound.check.max(cost.into());
                }
                Kind::Entered(_) | Kind::Indirect => {}
            }
        }
        bound.hosts = hosts.into_iter().collect();
        bound.reasons = reasons.into_iter().collect();
    }
}
