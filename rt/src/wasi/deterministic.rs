//! Time and random bytes that are the same in every run.

use super::{Clock, ClockId, Entropy, Errno};

/// A clock that goes on by a step each time that it is looked at, and by what
/// was slept, at once. Both clocks show the same time, the monotonic one from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepClock {
    /// What the real-time clock shows first, in nanoseconds since 1970.
    pub start: u64,
    /// What each look adds, in nanoseconds.
    pub step: u64,
    /// Nanoseconds since then.
    pub passed: u64,
}

impl StepClock {
    /// A clock from `start` on, both in nanoseconds.
    pub const fn new(start: u64, step: u64) -> Self {
        Self {
            start,
            step,
            passed: 0,
        }
    }
}

impl Clock for StepClock {
    fn now(&mut self, clock: ClockId) -> Result<u64, Errno> {
        let since = match clock {
            ClockId::Realtime => self.start,
            ClockId::Monotonic => 0,
            ClockId::ProcessCpu | ClockId::ThreadCpu => return Err(Errno::NOTSUP),
        };
        let now = since.checked_add(self.passed).ok_or(Errno::OVERFLOW)?;
        self.sleep(self.step)?;
        Ok(now)
    }

    fn resolution(&mut self, clock: ClockId) -> Result<u64, Errno> {
        match clock {
            ClockId::Realtime | ClockId::Monotonic => Ok(self.step.max(1)),
            ClockId::ProcessCpu | ClockId::ThreadCpu => Err(Errno::NOTSUP),
        }
    }

    fn sleep(&mut self, nanoseconds: u64) -> Result<(), Errno> {
        self.passed = self
            .passed
            .checked_add(nanoseconds)
            .ok_or(Errno::OVERFLOW)?;
        Ok(())
    }
}

/// Bytes that a seed decides: SplitMix64, which is not for keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeededEntropy {
    /// What decides them.
    pub seed: u64,
    /// How many were drawn.
    pub drawn: u64,
}

impl SeededEntropy {
    /// The bytes of a seed, from the first on.
    pub const fn new(seed: u64) -> Self {
        Self { seed, drawn: 0 }
    }

    /// A word of the sequence.
    const fn word(&self, index: u64) -> u64 {
        let count = index.wrapping_add(1);
        let z = count
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .wrapping_add(self.seed);
        let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

impl Entropy for SeededEntropy {
    fn fill(&mut self, buf: &mut [u8]) -> Result<(), Errno> {
        for byte in buf {
            let word = self.word(self.drawn / 8);
            *byte = (word >> (self.drawn % 8 * 8)) as u8;
            self.drawn = self.drawn.wrapping_add(1);
        }
        Ok(())
    }
}
