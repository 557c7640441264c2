//! How often a comparison of a counter holds in a row.
//!
//! In: where the counter starts, its step, and what it is compared with. Out: a number that no run exceeds, or why
//! there is none. Numbers wrap as the spec says (4.3.2), so that a counter may step over what ends its loop.

use super::range::{Cmp, Comparison, Range};

/// What a counter is compared with.
pub(super) struct Compared {
    pub(super) how: Comparison,
    pub(super) limit: Range,
    /// It is the same in each round.
    pub(super) fixed: bool,
}

impl Compared {
    /// How often in a row the comparison holds for a counter that starts in `start`, of which `by` more is compared,
    /// and that `step` is added to in each round.
    pub(super) fn again(
        &self,
        start: Option<Range>,
        by: i64,
        step: i64,
    ) -> Result<u64, &'static str> {
        let unsigned = |r: Range| -> (i128, i128) {
            let (lo, hi) = (i128::from(r.lo), i128::from(r.hi));
            let size = 1i128 << if self.how.wide { 64 } else { 32 };
            match (lo >= 0, hi >= 0) {
                (true, _) => (lo, hi),
                (false, false) => (lo + size, hi + size),
                _ => (0, size - 1),
            }
        };
        let all = Range::all(self.how.wide);
        let signed = |r: Range| (i128::from(r.lo), i128::from(r.hi));
        let (least, most) = match self.how.signed {
            true => signed(all),
            false => unsigned(all),
        };
        // What is compared first.
        let first = start.map(|r| match r.constant() {
            Some(value) => {
                let value = value.wrapping_add(by);
                let value = if self.how.wide {
                    value
                } else {
                    i64::from(value as i32)
                };
                let exact = Range::only(value);
                if self.how.signed {
                    signed(exact)
                } else {
                    unsigned(exact)
                }
            }
            None => {
                let (lo, hi) = if self.how.signed {
                    signed(r)
                } else {
                    unsigned(r)
                };
                (lo + i128::from(by), hi + i128::from(by))
            }
        });
        let limit = if self.how.signed {
            signed(self.limit)
        } else {
            unsigned(self.limit)
        };
        let step = i128::from(step);
        if first.is_some_and(|(lo, hi)| lo < least || hi > most) {
            return Err("its counter may overflow");
        }
        if self.how.cmp == Cmp::Ne || self.how.cmp == Cmp::Eq {
            return self.equal(first, limit, step, most - least + 1);
        }
        // A counter below zero is none, so that any start is one.
        let first = match first {
            Some(first) => first,
            None if !self.how.signed && step > 0 && matches!(self.how.cmp, Cmp::Lt | Cmp::Le) => {
                (least, most)
            }
            None => return Err("its counter starts at a value that is not known"),
        };
        let (lo, hi) = first;
        let (distance, last) = match (self.how.cmp, step > 0, step < 0) {
            (Cmp::Lt, true, _) => (limit.1 - lo, hi.max(limit.1 - 1 + step)),
            (Cmp::Le, true, _) => (limit.1 + 1 - lo, hi.max(limit.1 + step)),
            (Cmp::Gt, _, true) => (hi - limit.0, lo.min(limit.0 + 1 + step)),
            (Cmp::Ge, _, true) => (hi - limit.0 + 1, lo.min(limit.0 + step)),
            _ => return Err("its counter moves away from what ends it"),
        };
        if last < least || last > most {
            return Err("its counter may overflow");
        }
        let step = step.abs();
        Ok(((distance.max(0) + step - 1) / step) as u64)
    }

    /// The same where what ends a loop is that its counter is something, or is not.
    fn equal(
        &self,
        first: Option<(i128, i128)>,
        limit: (i128, i128),
        step: i128,
        size: i128,
    ) -> Result<u64, &'static str> {
        if step == 0 {
            return Err("its counter does not move");
        }
        if self.how.cmp == Cmp::Eq {
            // Equal twice only after going all the way round.
            return match self.fixed {
                true => Ok(1),
                false => Err("what ends it is not the same in each round"),
            };
        }
        let Some((lo, hi)) = first else {
            return Err("its counter starts at a value that is not known");
        };
        if !self.fixed {
            return Err("what ends it is not the same in each round");
        }
        if lo == hi && limit.0 == limit.1 {
            let distance = match step > 0 {
                true => (limit.0 - lo).rem_euclid(size),
                false => (lo - limit.0).rem_euclid(size),
            };
            let step = step.abs();
            return match distance % step {
                0 => Ok((distance / step) as u64),
                _ => Err("its counter steps over what ends it"),
            };
        }
        match step {
            1 if hi <= limit.0 => Ok((limit.1 - lo) as u64),
            -1 if lo >= limit.1 => Ok((hi - limit.0) as u64),
            _ => Err("its counter may step over what ends it"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    /// How often the bar holds in a row, or longer than any number that is tested.
    fn run(how: Comparison, start: i32, by: i32, step: i32, limit: i32) -> Option<u64> {
        let mut value = start;
        (0..200).find(|_| {
            let (a, b) = (value.wrapping_add(by), limit);
            let (x, y) = match how.signed {
                true => (i64::from(a), i64::from(b)),
                false => (i64::from(a as u32), i64::from(b as u32)),
            };
            value = value.wrapping_add(step);
            !match how.cmp {
                Cmp::Eq => x == y,
                Cmp::Ne => x != y,
                Cmp::Lt => x < y,
                Cmp::Le => x <= y,
                Cmp::Gt => x > y,
                Cmp::Ge => x >= y,
            }
        })
    }

    #[test]
    fn rounds_are_what_running_the_loop_gives() {
        let near = [i32::MIN, -1, 0, 9, i32::MAX];
        let values: Vec<i32> = near
            .iter()
            .flat_map(|n| (-3..=3).map(move |d| n.wrapping_add(d)))
            .collect();
        let (mut known, mut most) = (0, 0);
        for cmp in [Cmp::Eq, Cmp::Ne, Cmp::Lt, Cmp::Le, Cmp::Gt, Cmp::Ge] {
            for signed in [false, true] {
                let how = Comparison {
                    cmp,
                    signed,
                    wide: false,
                };
                for (&start, &limit) in values
                    .iter()
                    .flat_map(|a| values.iter().map(move |b| (a, b)))
                {
                    for (step, by) in (-3..=3).flat_map(|s| (-3..=3).map(move |b| (s, b))) {
                        let bar = Compared {
                            how,
                            limit: Range::only(limit.into()),
                            fixed: true,
                        };
                        let exact = Range::only(start.into());
                        let ran = run(how, start, by, step, limit);
                        let Ok(rounds) = bar.again(Some(exact), by.into(), step.into()) else {
                            continue;
                        };
                        let exact = ran == Some(rounds) || (cmp == Cmp::Eq && ran <= Some(rounds));
                        assert!(
                            exact || ran.is_none() && rounds > 190,
                            "{how:?} {start}+{by}, {step}, {limit}: {rounds}, ran {ran:?}"
                        );
                        known += 1;
                        // A range of starts is never below any of them.
                        let wider = Range {
                            lo: (i64::from(start) - 2).max(i32::MIN.into()),
                            hi: i64::from(start),
                        };
                        if let Ok(rounds) = bar.again(Some(wider), by.into(), step.into()) {
                            assert!(ran.is_some_and(|ran| ran <= rounds) || rounds > 190);
                            most += 1;
                        }
                    }
                }
            }
        }
        assert!(
            known > 5000 && most > 1000,
            "only {known} and {most} are known"
        );
    }
}
