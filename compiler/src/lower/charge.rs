//! Where fuel is checked, and how much each check takes.
//!
//! A *region* is a function body, a loop body with nested loops collapsed to nothing, or an arm of a branch
//! that costs more than [`ARM`]. Its check stands at its head and takes its longest path. This file follows
//! the paths while the function is lowered: [`Charges::spend`] along a path, [`Charges::open`] and
//! [`Charges::close`] around arms, [`Charges::branch`] where a path jumps ahead.

use crate::ir::{Label, SiteId};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// An arm of a branch that costs more than this is a region of its own, so that a run through a cheap arm
/// does not pay for a dear one.
const ARM: u32 = 32;

/// The state of the walk.
#[derive(Debug, Default)]
pub(super) struct Charges {
    arms: Vec<Arm>,
    labels: BTreeMap<Label, Reached>,
    /// Fuel that the check at each site takes.
    pub(super) fuel: BTreeMap<SiteId, u32>,
    /// The dearest region.
    pub(super) longest: u32,
    /// A leaf is one region, whatever its arms cost.
    pub(super) whole: bool,
}

#[derive(Debug)]
struct Arm {
    site: SiteId,
    region: bool,
    /// Cost of the path up to here, from the head of the arm.
    cost: u32,
    /// Cost of the dearest path that ended inside: returned, trapped, went round a loop.
    ended: u32,
    /// Paths that left for a label outside, and what they cost inside.
    exits: BTreeMap<Label, u32>,
}

#[derive(Debug, Clone, Copy)]
struct Reached {
    /// Which arm the code behind the label belongs to.
    arm: usize,
    /// Cost of the dearest path that jumps to it.
    cost: Option<u32>,
}

impl Charges {
    /// Adds the cost of one instruction to the path.
    pub(super) fn spend(&mut self, cost: u32) {
        let arm = self.top();
        arm.cost = arm.cost.saturating_add(cost);
    }

    /// Cost of the path so far, within the arm.
    pub(super) fn here(&self) -> u32 {
        self.arms.last().map_or(0, |a| a.cost)
    }

    /// Goes on from a point of cost `cost`.
    pub(super) fn resume(&mut self, cost: u32) {
        self.top().cost = cost;
    }

    /// Starts an arm whose check would stand at `site`. `region`: it is one whatever it costs.
    pub(super) fn open(&mut self, site: SiteId, region: bool) {
        self.arms.push(Arm {
            site,
            region,
            cost: 0,
            ended: 0,
            exits: BTreeMap::new(),
        });
    }

    /// Declares a label whose code follows in the current arm.
    pub(super) fn label(&mut self, label: Label) {
        self.labels.insert(
            label,
            Reached {
                arm: self.arms.len() - 1,
                cost: None,
            },
        );
    }

    /// The end of a label's block: cost of the dearest path that jumped to it.
    pub(super) fn reached(&mut self, label: Label) -> Option<u32> {
        self.labels.remove(&label).and_then(|r| r.cost)
    }

    /// The path may jump to `label`, ahead.
    pub(super) fn branch(&mut self, label: Label) {
        let cost = self.top().cost;
        self.arrive(label, cost);
    }

    fn arrive(&mut self, label: Label, cost: u32) {
        let top = self.arms.len() - 1;
        let reached = self.labels.get_mut(&label).expect("a label in scope");
        let slot = if reached.arm == top {
            reached.cost.get_or_insert(0)
        } else {
            self.arms[top].exits.entry(label).or_insert(0)
        };
        *slot = (*slot).max(cost);
    }

    /// The path ends here: it returns, traps, or goes round a loop.
    pub(super) fn end(&mut self) {
        let arm = self.top();
        arm.ended = arm.ended.max(arm.cost);
    }

    /// Ends the current arm. If `falls_through`, the result is the cost, in the arm around it, of the path
    /// that goes on behind it.
    pub(super) fn close(&mut self, falls_through: bool) -> Option<u32> {
        let arm = self.arms.pop().expect("an open arm");
        let through = if falls_through { arm.cost } else { 0 };
        let total = arm
            .exits
            .values()
            .copied()
            .max()
            .unwrap_or(0)
            .max(arm.ended)
            .max(through);
        let region = arm.region || (total > ARM && !self.whole);
        if region {
            self.fuel.insert(arm.site, total);
            self.longest = self.longest.max(total);
        }
        let Some(around) = self.arms.last_mut() else {
            return falls_through.then_some(total);
        };
        let base = around.cost;
        let outside = |cost: u32| {
            if region {
                base
            } else {
                base.saturating_add(cost)
            }
        };
        around.ended = around.ended.max(outside(arm.ended));
        for (label, cost) in arm.exits {
            self.arrive(label, outside(cost));
        }
        falls_through.then(|| outside(arm.cost))
    }

    fn top(&mut self) -> &mut Arm {
        self.arms.last_mut().expect("an open arm")
    }
}
