//! Measures of paths: what they cost in fuel, and how long they are without a check.
//!
//! All sums saturate: [`NO_BOUND`](super::NO_BOUND) is what is not bounded, or not by a number of 64 bits.

/// What one call does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Summary {
    /// Fuel of the dearest path.
    pub(super) fuel: u64,
    /// Units on the longest path from the start to a check.
    pub(super) first: Option<u64>,
    /// Units on the longest path from a check to the next.
    pub(super) inner: u64,
    /// How it returns, or ends.
    pub(super) end: Path,
}

/// How far a place is from where the walk began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Path {
    /// Fuel of the dearest path.
    pub(super) fuel: u64,
    /// Units on the longest path without a check, if there is one.
    pub(super) open: Option<u64>,
    /// Units on the longest path since a check.
    pub(super) since: Option<u64>,
}

impl Summary {
    /// A check.
    pub(super) fn check(fuel: u64) -> Summary {
        Summary {
            fuel,
            first: Some(0),
            inner: 0,
            end: Path {
                fuel,
                open: None,
                since: Some(0),
            },
        }
    }

    /// One of the two, whichever is worse.
    pub(super) fn join(&mut self, other: &Summary) {
        self.fuel = self.fuel.max(other.fuel);
        self.first = self.first.max(other.first);
        self.inner = self.inner.max(other.inner);
        self.end.join(other.end);
    }

    /// The same, called by one who has not paid for a leaf of cost `cost`.
    pub(super) fn entered(&self, cost: u64) -> Summary {
        let check = Summary::check(cost);
        Summary {
            fuel: cost.saturating_add(self.fuel),
            first: Some(0),
            inner: self.inner.max(self.first.unwrap_or(0)),
            end: check.end.over(self.end),
        }
    }
}

impl Path {
    pub(super) const START: Path = Path {
        fuel: 0,
        open: Some(0),
        since: None,
    };

    pub(super) fn join(&mut self, other: Path) {
        self.fuel = self.fuel.max(other.fuel);
        self.open = self.open.max(other.open);
        self.since = self.since.max(other.since);
    }

    pub(super) fn spend(&mut self, units: u64) {
        self.open = self.open.map(|n| n.saturating_add(units));
        self.since = self.since.map(|n| n.saturating_add(units));
    }

    /// The path on, over another that begins where this one ends.
    pub(super) fn over(self, next: Path) -> Path {
        Path {
            fuel: self.fuel.saturating_add(next.fuel),
            open: plus(self.open, next.open),
            since: plus(self.since, next.open).max(next.since),
        }
    }
}

/// The sum, where both are.
pub(super) fn plus(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    Some(a?.saturating_add(b?))
}
