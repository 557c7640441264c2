//! Fuel by call stack, where somebody asks for it: a tree of the functions that called each other. Being fuel, it is
//! the same on every machine.

use crate::machine::Frame;
use crate::store::{Store, StoreInner};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

/// Deeper calls count as part of their caller.
const DEEPEST: usize = 256;

/// So do those that would need more nodes.
const MOST: usize = 1 << 20;

/// A function of a profile, as called by one stack of callers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileNode {
    /// Index of its caller in the list, where it comes first; `None` if it was called from outside.
    pub parent: Option<usize>,
    /// Index of the function in its module.
    pub func: u32,
    /// Its name, as backtraces have it.
    pub name: String,
    /// The name of its instance.
    pub module: String,
    /// Fuel charged while it ran itself, in units. A short function without loops is paid for by its callers.
    pub fuel: u64,
    /// How often it was called.
    pub calls: u64,
}

impl<T> Store<T> {
    /// Starts a profile of what runs from now on, or ends it. It costs some time at each call.
    pub fn set_profile(&mut self, on: bool) {
        let core = &mut self.inner.core;
        core.profile = on.then(|| Profile::new(core.run.consumed_fuel()));
    }

    /// The profile so far; empty if there is none.
    pub fn profile(&self) -> Vec<ProfileNode> {
        self.inner.profile()
    }
}

impl<T> StoreInner<T> {
    fn profile(&self) -> Vec<ProfileNode> {
        let Some(profile) = &self.core.profile else {
            return Vec::new();
        };
        // A run that paused goes on in a function that was not noted yet.
        let (running, since) = (profile.path.last(), self.core.run.consumed_fuel());
        let nodes = profile.nodes.iter().enumerate().map(|(n, node)| {
            let more = match running {
                Some(running) if *running as usize == n => since.wrapping_sub(profile.noted),
                _ => 0,
            };
            let shown = self.frame(&Frame::of(node.func), false);
            ProfileNode {
                parent: node.parent.map(|n| n as usize),
                func: shown.func,
                name: shown.name,
                module: shown.module,
                fuel: node.fuel.wrapping_add(more),
                calls: node.calls,
            }
        });
        nodes.collect()
    }
}

/// A profile while it grows.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    nodes: Vec<Node>,
    /// Nodes by caller and function of the store.
    index: BTreeMap<(Option<u32>, u32), u32>,
    /// The path to the function that runs; empty outside.
    path: Vec<u32>,
    /// Active functions that are not on the path any more.
    beyond: u32,
    /// Fuel consumed when it was last noted.
    noted: u64,
}

#[derive(Clone, Debug)]
struct Node {
    parent: Option<u32>,
    func: u32,
    fuel: u64,
    calls: u64,
}

impl Profile {
    fn new(consumed: u64) -> Profile {
        Profile {
            nodes: Vec::new(),
            index: BTreeMap::new(),
            path: Vec::new(),
            beyond: 0,
            noted: consumed,
        }
    }

    /// The node of the function that runs.
    fn here(&mut self) -> Option<&mut Node> {
        let node = *self.path.last()?;
        self.nodes.get_mut(node as usize)
    }

    /// What was consumed since the last note, the function that ran consumed.
    fn note(&mut self, consumed: u64) {
        let fuel = consumed.wrapping_sub(self.noted);
        self.noted = consumed;
        if let Some(node) = self.here() {
            node.fuel = node.fuel.wrapping_add(fuel);
        }
    }

    /// Function `func` of the store is called, when so much fuel was consumed.
    #[inline(never)]
    pub(crate) fn enter(&mut self, func: u32, consumed: u64) {
        self.note(consumed);
        self.descend(func);
        if self.beyond == 0
            && let Some(node) = self.here()
        {
            node.calls += 1;
        }
    }

    fn descend(&mut self, func: u32) {
        let parent = self.path.last().copied();
        let known = self.index.get(&(parent, func)).copied();
        let full = known.is_none() && self.nodes.len() >= MOST;
        if self.beyond > 0 || self.path.len() >= DEEPEST || full {
            self.beyond += 1;
            return;
        }
        let new = self.nodes.len() as u32;
        self.path.push(known.unwrap_or(new));
        if known.is_none() {
            self.index.insert((parent, func), new);
            self.nodes.push(Node {
                parent,
                func,
                fuel: 0,
                calls: 0,
            });
        }
    }

    /// The function that ran returns, or is unwound.
    #[inline(never)]
    pub(crate) fn leave(&mut self, consumed: u64) {
        self.note(consumed);
        match self.beyond {
            0 => drop(self.path.pop()),
            _ => self.beyond -= 1,
        }
    }

    /// A call from outside begins, or a run goes on in which `frames` are active.
    pub(crate) fn begin(&mut self, frames: &[Frame], consumed: u64) {
        self.note(consumed);
        self.path.clear();
        self.beyond = 0;
        frames.iter().for_each(|frame| self.descend(frame.func));
    }
}
