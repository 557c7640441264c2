//! Who calls whom in a firmware, and what the deepest path takes. Calls by pointers meet in one more node, which calls
//! all that pointers are to.

use std::collections::{BTreeMap, BTreeSet};

use super::code::{self, Body};
use super::image::Image;
use super::{Root, demangled};

/// An edge: bytes taken at the call, and the node.
type Edge = (u64, usize);

pub(super) struct Graph<'a> {
    image: &'a Image<'a>,
    bodies: Vec<Body>,
    /// By node; the last one is the pointers'.
    edges: Vec<Vec<Edge>>,
    /// By node: bytes of its deepest path and the call on it, if it is bounded.
    bounds: Vec<Option<(u64, Option<Edge>)>>,
    /// By node: a cycle that it is on.
    cycles: BTreeMap<usize, Vec<usize>>,
}

/// Functions of a path that are told.
const MAX_PATH: usize = 500;

/// Reasons that are told of a root.
const MAX_REASONS: usize = 10;

impl<'a> Graph<'a> {
    pub(super) fn new(image: &'a Image<'a>) -> Graph<'a> {
        let mut bodies: Vec<Body> = image
            .functions
            .iter()
            .map(|function| code::read(image, function, false))
            .collect();
        let origins = origins(image, &mut bodies);
        let pointers = bodies.len();
        let mut edges: Vec<Vec<Edge>> = Vec::new();
        let mut pointees = BTreeSet::new();
        for body in &mut bodies {
            let mut of = Vec::new();
            for call in &body.calls {
                match call.to.map(|to| (to, image.function_at(to))) {
                    None => of.push((call.depth, pointers)),
                    Some((_, Some(to))) => of.push((call.depth, to)),
                    Some((to, None)) => body.reasons.push(format!(
                        "goes to {to:#x}, where no function starts, at {:#x}",
                        call.at
                    )),
                }
            }
            edges.push(of);
            pointees.extend(body.constants.iter().filter_map(|c| image.pointee(*c)));
        }
        // Code of the start points to what it jumps to.
        pointees.retain(|to| !origins.contains(to));
        pointees.extend(image.words().filter_map(|word| image.pointee(word)));
        // Who goes to the entry starts anew; handlers are gone to by the core.
        let entry = image.function_at(image.entry & !1);
        let handler = |to: &usize| bodies.get(*to).is_some_and(|body| body.handler);
        pointees.retain(|to| Some(*to) != entry && !handler(to));
        edges.push(pointees.into_iter().map(|to| (0, to)).collect());
        let mut graph = Graph {
            image,
            bodies,
            bounds: vec![None; edges.len()],
            edges,
            cycles: BTreeMap::new(),
        };
        let targets = |of: &Vec<Edge>| of.iter().map(|(_, to)| *to as u32).collect();
        let callees: Vec<Vec<u32>> = graph.edges.iter().map(targets).collect();
        for component in wrt_compiler::inspect::components(&callees) {
            let component: Vec<usize> = component.into_iter().map(|n| n as usize).collect();
            graph.bound(&component);
        }
        graph
    }

    /// Finds the bound of a component, whose callees outside of it are done.
    fn bound(&mut self, component: &[usize]) {
        let [node] = component else {
            return self.cycle(component);
        };
        let edges = self.edges.get(*node).map_or(&[][..], |e| e);
        if edges.iter().any(|(_, to)| to == node) {
            return self.cycle(component);
        }
        let body = self.bodies.get(*node);
        if body.is_some_and(|body| !body.reasons.is_empty()) {
            return;
        }
        let mut best = (body.map_or(0, |body| body.frame), None);
        for (depth, to) in edges {
            let Some(Some((callee, _))) = self.bounds.get(*to) else {
                return;
            };
            let bytes = depth.saturating_add(*callee);
            if bytes > best.0 || best.1.is_none() && bytes == best.0 {
                best = (bytes, Some((*depth, *to)));
            }
        }
        if let Some(bound) = self.bounds.get_mut(*node) {
            *bound = Some(best);
        }
    }

    /// Finds a shortest cycle through a component's first function.
    fn cycle(&mut self, component: &[usize]) {
        let inside: BTreeSet<usize> = component.iter().copied().collect();
        let Some(first) = inside.first().copied() else {
            return;
        };
        let mut before: BTreeMap<usize, usize> = BTreeMap::new();
        let mut queue = std::collections::VecDeque::from([first]);
        'found: while let Some(node) = queue.pop_front() {
            for (_, to) in self.edges.get(node).into_iter().flatten() {
                if inside.contains(to) && !before.contains_key(to) {
                    before.insert(*to, node);
                    queue.push_back(*to);
                    if *to == first {
                        break 'found;
                    }
                }
            }
        }
        let mut cycle = vec![first];
        let mut node = first;
        while let Some(caller) = before.get(&node) {
            cycle.push(*caller);
            node = *caller;
            if node == first {
                break;
            }
        }
        cycle.reverse();
        self.cycles.insert(first, cycle);
    }

    /// What handles interrupts and faults.
    pub(super) fn handlers(&self) -> Vec<usize> {
        let mut handlers = self.image.handlers();
        let ends = |n: &usize| self.bodies.get(*n).is_some_and(|body| body.handler);
        handlers.extend((0..self.bodies.len()).filter(ends));
        handlers
    }

    /// What a call of a function takes.
    pub(super) fn root(&self, function: usize) -> Root {
        let mut root = Root {
            name: self.name(function),
            bytes: None,
            path: Vec::new(),
            reasons: Vec::new(),
        };
        if let Some(Some((bytes, _))) = self.bounds.get(function) {
            root.bytes = Some(*bytes);
            let mut node = function;
            while let Some(Some((bytes, call))) = self.bounds.get(node) {
                let (taken, next) = match call {
                    Some((depth, next)) if root.path.len() < MAX_PATH => (*depth, Some(*next)),
                    // The rest of a path that nobody reads.
                    _ => (*bytes, None),
                };
                root.path.push((self.name(node), taken));
                match next {
                    Some(next) => node = next,
                    None => break,
                }
            }
            return root;
        }
        let mut seen = BTreeSet::from([function]);
        let mut work = std::collections::VecDeque::from([function]);
        let mut more = 0;
        while let Some(node) = work.pop_front() {
            let own = self.bodies.get(node).into_iter().flat_map(|b| &b.reasons);
            let mut reasons: Vec<String> = own
                .map(|why| format!("{} {why}", self.name(node)))
                .collect();
            if let Some(cycle) = self.cycles.get(&node) {
                let names: Vec<String> = cycle.iter().map(|n| self.name(*n)).collect();
                reasons.push(format!("recursion: {}", names.join(" -> ")));
            }
            for reason in reasons {
                match root.reasons.len() < MAX_REASONS {
                    true => root.reasons.push(reason),
                    false => more += 1,
                }
            }
            for (_, to) in self.edges.get(node).into_iter().flatten() {
                if seen.insert(*to) {
                    work.push_back(*to);
                }
            }
        }
        if more > 0 {
            root.reasons.push(format!("and {more} more"));
        }
        root
    }

    fn name(&self, node: usize) -> String {
        let names = self.image.functions.get(node).map(|f| &f.names);
        match names.and_then(|names| names.first()) {
            Some(name) => demangled(name),
            None => "(a call by a pointer)".into(),
        }
    }
}

/// Reads again, as what may set the stack pointer, the entry and what it jumps to while it has taken nothing.
fn origins(image: &Image, bodies: &mut [Body]) -> BTreeSet<usize> {
    let mut work: Vec<usize> = image.function_at(image.entry & !1).into_iter().collect();
    let mut seen: BTreeSet<usize> = work.iter().copied().collect();
    while let Some(n) = work.pop() {
        let (Some(function), Some(body)) = (image.functions.get(n), bodies.get_mut(n)) else {
            continue;
        };
        *body = code::read(image, function, true);
        let jumps = body.calls.iter().filter(|c| c.jump && c.depth == 0);
        let next = jumps.filter_map(|call| image.function_at(call.to?));
        work.extend(next.filter(|n| seen.insert(*n)));
    }
    seen
}
