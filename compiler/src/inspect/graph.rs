//! Who calls whom: the call graph over a linked set, and its cycles.
//!
//! In: the IR of each function. Out: nodes, edges, and the strongly connected components, callees first. A function
//! has two nodes: one that its own instance calls, and one that is *entered*, by the host, through a table or from
//! another instance, where the caller has not paid for it. A type and a table have one for all calls through them.

use crate::ir::{self, Stmt};
use crate::module::{ConstOp, Extern};
use crate::set::{FuncDef, FuncId, Set, TableId, TypeId};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec;
use alloc::vec::Vec;

/// A node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Node(pub(super) u32);

/// The call graph.
#[derive(Debug, Default)]
pub(super) struct Graph {
    funcs: u32,
    /// By function: what it calls, as nodes; what it calls of the host; where it calls through tables.
    pub(super) calls: Vec<Calls>,
    indirect: BTreeMap<(TypeId, TableId), Node>,
    /// By node.
    pub(super) edges: Vec<Vec<Node>>,
    /// Nodes that call each other, callees before their callers.
    pub(super) components: Vec<Vec<Node>>,
    /// Whether a component is a cycle.
    pub(super) cyclic: Vec<bool>,
    /// By node.
    pub(super) component: Vec<u32>,
    across: Vec<Option<usize>>,
}

/// What one function calls.
#[derive(Clone, Debug, Default)]
pub(super) struct Calls {
    pub(super) funcs: BTreeSet<FuncId>,
    pub(super) hosts: BTreeSet<FuncId>,
    /// With the offset of the first such call.
    pub(super) indirect: BTreeMap<(TypeId, TableId), u32>,
    /// It writes references to a table.
    writes: bool,
}

/// What a node is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Func(FuncId),
    Entered(FuncId),
    Indirect,
}

impl Calls {
    /// What `f` calls, wherever control can go.
    pub(super) fn of(set: &Set<'_>, f: &ir::Func) -> Calls {
        let mut calls = Calls::default();
        let mut work = vec![f.body];
        while let Some(list) = work.pop() {
            for stmt in f.block(list) {
                match stmt {
                    Stmt::Call { func, .. } if set.body(*func).is_none() => {
                        calls.hosts.insert(*func);
                    }
                    Stmt::Call { func, .. } => {
                        calls.funcs.insert(*func);
                    }
                    Stmt::CallIndirect {
                        ty, table, site, ..
                    } => {
                        let at = f.sites[site.0 as usize].at;
                        let first = calls.indirect.entry((*ty, *table)).or_insert(at);
                        *first = at.min(*first);
                    }
                    Stmt::TableSet { .. } => calls.writes = true,
                    Stmt::Bulk { op, .. } => {
                        calls.writes |=
                            matches!(op, ir::Bulk::TableFill(_) | ir::Bulk::TableGrow(_));
                    }
                    _ => {}
                }
                work.extend(stmt.blocks());
            }
        }
        calls
    }
}

impl Graph {
    /// The graph of what each function calls.
    pub(super) fn new(set: &Set<'_>, calls: Vec<Calls>) -> Graph {
        let funcs = set.funcs.len() as u32;
        let across = set.funcs.iter().map(|func| match func.def {
            FuncDef::Body { instance, .. } => Some(instance),
            FuncDef::Host { .. } => None,
        });
        let mut graph = Graph {
            funcs,
            across: across.collect(),
            ..Graph::default()
        };
        let through: BTreeSet<(TypeId, TableId)> = calls
            .iter()
            .flat_map(|calls| calls.indirect.keys().copied())
            .collect();
        for (n, through) in through.iter().enumerate() {
            graph.indirect.insert(*through, Node(2 * funcs + n as u32));
        }
        for (id, calls) in calls.iter().enumerate() {
            let direct = calls.funcs.iter();
            let direct = direct.filter_map(|f| graph.callee(FuncId(id as u32), *f));
            let indirect = calls.indirect.keys().map(|key| graph.indirect[key]);
            let edges = direct.chain(indirect).collect();
            graph.edges.push(edges);
        }
        for id in 0..funcs {
            graph.edges.push(vec![Node(id)]);
        }
        let candidates = candidates(set, &calls);
        for (ty, _) in &through {
            let of_type = candidates.iter().filter(|f| set.funcs[f.index()].ty == *ty);
            let entered = of_type.map(|f| Node(funcs + f.0)).collect();
            graph.edges.push(entered);
        }
        graph.calls = calls;
        graph.find_components();
        graph
    }

    /// The node of a call from `caller`; `None` if the callee is the host's.
    pub(super) fn callee(&self, caller: FuncId, callee: FuncId) -> Option<Node> {
        let (from, to) = (self.across[caller.index()], self.across[callee.index()]?);
        Some(match from == Some(to) {
            true => Node(callee.0),
            false => self.entered(callee),
        })
    }

    /// The node of a function that is called by one who has not paid for it.
    pub(super) fn entered(&self, func: FuncId) -> Node {
        Node(self.funcs + func.0)
    }

    /// The node of calls through a table.
    pub(super) fn indirect(&self, ty: TypeId, table: TableId) -> Node {
        self.indirect[&(ty, table)]
    }

    /// Functions that calls through a table may lead to.
    pub(super) fn candidates(&self, ty: TypeId, table: TableId) -> Vec<FuncId> {
        let edges = &self.edges[self.indirect(ty, table).0 as usize];
        edges.iter().map(|n| FuncId(n.0 - self.funcs)).collect()
    }

    pub(super) fn kind(&self, node: Node) -> Kind {
        match node.0 / self.funcs.max(1) {
            0 => Kind::Func(FuncId(node.0)),
            1 => Kind::Entered(FuncId(node.0 - self.funcs)),
            _ => Kind::Indirect,
        }
    }

    fn find_components(&mut self) {
        let edges: Vec<Vec<u32>> = self
            .edges
            .iter()
            .map(|to| to.iter().map(|n| n.0).collect())
            .collect();
        self.component = vec![0; edges.len()];
        for (id, members) in components(&edges).into_iter().enumerate() {
            let members: Vec<Node> = members.into_iter().map(Node).collect();
            for member in &members {
                self.component[member.0 as usize] = id as u32;
            }
            let itself = self.edges[members[0].0 as usize].contains(&members[0]);
            self.cyclic.push(members.len() > 1 || itself);
            self.components.push(members);
        }
    }
}

/// The strongly connected components of a graph of so many nodes as `edges` has lists, callees first, the nodes of each
/// in order: Tarjan's algorithm, without recursion. Every edge leads to a node.
pub fn components(edges: &[Vec<u32>]) -> Vec<Vec<u32>> {
    const NONE: u32 = u32::MAX;
    let count = edges.len();
    let mut order = vec![NONE; count];
    let mut low = vec![0u32; count];
    let mut done = vec![false; count];
    let mut stack: Vec<u32> = Vec::new();
    let mut found = Vec::new();
    let mut next = 0;
    for root in 0..count as u32 {
        if order[root as usize] != NONE {
            continue;
        }
        let mut work = vec![(root, 0usize)];
        while let Some((node, at)) = work.pop() {
            let n = node as usize;
            if at == 0 {
                order[n] = next;
                low[n] = next;
                next += 1;
                stack.push(node);
            } else {
                // The edge before led to a node that is done.
                let to = edges[n][at - 1] as usize;
                if !done[to] {
                    low[n] = low[n].min(low[to]);
                }
            }
            let mut at = at;
            let mut deeper = None;
            while let Some(to) = edges[n].get(at) {
                at += 1;
                let t = *to as usize;
                if order[t] == NONE {
                    deeper = Some(*to);
                    break;
                }
                if !done[t] {
                    low[n] = low[n].min(order[t]);
                }
            }
            if let Some(to) = deeper {
                work.push((node, at));
                work.push((to, 0));
                continue;
            }
            if low[n] != order[n] {
                continue;
            }
            let mut members = Vec::new();
            while let Some(member) = stack.pop() {
                done[member as usize] = true;
                members.push(member);
                if member == node {
                    break;
                }
            }
            members.sort_unstable();
            found.push(members);
        }
    }
    found
}

/// Whether something besides the set may write to a table, or reads what it has of other modules.
pub(super) fn is_shared(set: &Set<'_>, table: TableId) -> bool {
    let exported = |instance: &crate::set::Instance<'_>| {
        let mut exports = instance.module.exports.iter();
        exports.any(|export| match export.item {
            Extern::Table(t) => instance.tables[t.index()] == table,
            _ => false,
        })
    };
    set.tables[table.index()].host.is_some() || set.instances.iter().any(exported)
}

/// Functions that tables can hold: those of element segments, and where references are written to tables or the host
/// may do so, all to which there are any.
fn candidates(set: &Set<'_>, calls: &[Calls]) -> Vec<FuncId> {
    let shared = (0..set.tables.len() as u32).any(|t| is_shared(set, TableId(t)));
    if shared || calls.iter().any(|calls| calls.writes) {
        return set.referenced();
    }
    let mut found = BTreeSet::new();
    for (n, instance) in set.instances.iter().enumerate() {
        let items = instance.module.elems.iter().flat_map(|elem| &elem.items);
        let mut writes_global = false;
        for op in items.flatten() {
            match op {
                ConstOp::Func(f) => {
                    found.insert(set.func(n, *f));
                }
                ConstOp::Global(_) => writes_global = true,
                _ => {}
            }
        }
        if writes_global {
            return set.referenced();
        }
    }
    found.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn components(edges: &[&[u32]]) -> Vec<(Vec<u32>, bool)> {
        let mut graph = Graph {
            funcs: edges.len() as u32,
            edges: edges
                .iter()
                .map(|to| to.iter().map(|n| Node(*n)).collect())
                .collect(),
            ..Graph::default()
        };
        graph.find_components();
        let members = graph.components.iter();
        let members = members.map(|c| c.iter().map(|n| n.0).collect());
        members.zip(graph.cyclic.iter().copied()).collect()
    }

    #[test]
    fn components_come_callees_first() {
        let found = components(&[&[1, 2], &[3], &[3, 4], &[], &[2]]);
        assert_eq!(
            found,
            [
                (vec![3], false),
                (vec![1], false),
                (vec![2, 4], true),
                (vec![0], false)
            ]
        );
        assert_eq!(components(&[&[0]]), [(vec![0], true)]);
        assert_eq!(components(&[]), []);
        // One component of a cycle with a chord, and a long chain that no recursion would survive.
        assert_eq!(components(&[&[1], &[2, 0], &[0]]), [(vec![0, 1, 2], true)]);
        let chain: Vec<Vec<u32>> = (1..200_000).map(|n| vec![n]).chain([vec![]]).collect();
        let chain: Vec<&[u32]> = chain.iter().map(Vec::as_slice).collect();
        let found = components(&chain);
        assert_eq!(found.len(), 200_000);
        assert_eq!(found[0], (vec![199_999], false));
    }
}
