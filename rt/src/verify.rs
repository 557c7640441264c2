//! Looking whether an instance is what it should be, which no guest can change: faults of the machine and of what
//! surrounds it can.
//!
//! State is sealed with a sum whenever the guest stops, and compared before it runs again. A legitimate write of the
//! host opens the seal: it compares first, and what is there afterwards is sealed anew.

use crate::memory::Linear;
use crate::storage::Storage;
use crate::trap::Cause;
use crate::val::{FuncRef, Ref};
use core::num::NonZeroU32;

/// How an instance is verified. What is found wrong is a trap with the cause
/// [`StateCorrupted`](Cause::StateCorrupted), now and whenever it is to run again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verification {
    /// Not at all.
    #[default]
    Off,
    /// The engine's structures, at every so many check points.
    Sampling(NonZeroU32),
    /// The engine's structures, whenever the guest is about to run: sizes of memories and tables, functions in tables,
    /// and in the interpreter frames, registers and types of globals.
    Standard,
    /// The same, and that memories, globals and tables are as the guest left them, or as the host's functions for
    /// writing them did.
    Full,
}

/// How generated code verifies its instance.
#[derive(Clone, Copy, Debug, Default)]
pub struct Verifier {
    level: Verification,
    /// Check points until the next look.
    left: u32,
    /// The sum of the state, while it is sealed.
    sum: Option<u64>,
    corrupted: bool,
}

impl Verifier {
    /// One that does nothing.
    pub const fn new() -> Verifier {
        Verifier {
            level: Verification::Off,
            left: 0,
            sum: None,
            corrupted: false,
        }
    }

    /// Sets the level from now on.
    pub fn set(&mut self, level: Verification) {
        let left = match level {
            Verification::Sampling(every) => every.get(),
            _ => 0,
        };
        *self = Verifier {
            level,
            left,
            ..Verifier::new()
        };
    }

    /// Whether check points count.
    pub fn samples(&self) -> bool {
        matches!(self.level, Verification::Sampling(_))
    }

    /// A check point: whether it is time to look.
    #[inline]
    pub fn sample(&mut self) -> bool {
        let Verification::Sampling(every) = self.level else {
            return false;
        };
        self.left = self.left.saturating_sub(1);
        if self.left > 0 {
            return false;
        }
        self.left = every.get();
        true
    }

    /// The guest is about to run. Traps with [`Cause::StateCorrupted`] if its state is not `sound`, or its `sum` not
    /// what it was when it was sealed.
    pub fn guard(
        &mut self,
        sound: impl FnOnce() -> bool,
        sum: impl FnOnce() -> u64,
    ) -> Result<(), Cause> {
        let looks = matches!(self.level, Verification::Standard | Verification::Full);
        if looks && !sound() {
            self.corrupted = true;
        }
        self.compare(sum);
        // It changes now.
        self.sum = None;
        match self.corrupted {
            true => Err(Cause::StateCorrupted),
            false => Ok(()),
        }
    }

    /// The guest stopped, or the host wrote: what there is now is right.
    pub fn seal(&mut self, sum: impl FnOnce() -> u64) {
        if self.level == Verification::Full {
            self.sum = Some(sum());
        }
    }

    /// The host is about to write.
    pub fn open(&mut self, sum: impl FnOnce() -> u64) {
        self.compare(sum);
        self.sum = None;
    }

    /// The state is made anew.
    pub fn reset(&mut self) {
        self.set(self.level);
    }

    fn compare(&mut self, sum: impl FnOnce() -> u64) {
        if let Some(sealed) = self.sum {
            self.corrupted |= sum() != sealed;
        }
    }
}

/// A sum in which the place of each word counts.
#[derive(Clone, Copy, Debug)]
pub struct Sum(u64);

impl Default for Sum {
    fn default() -> Sum {
        Sum::new()
    }
}

impl Sum {
    /// That of nothing.
    pub const fn new() -> Sum {
        Sum(0xcbf2_9ce4_8422_2325)
    }

    /// Adds a word.
    #[inline]
    pub fn add(&mut self, word: u64) {
        self.0 = (self.0 ^ word)
            .wrapping_mul(0x0100_0000_01b3)
            .rotate_left(29);
    }

    /// Adds the bytes of a memory.
    pub fn memory(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks();
        words
            .iter()
            .for_each(|word| self.add(u64::from_le_bytes(*word)));
        rest.iter().for_each(|byte| self.add(u64::from(*byte)));
    }

    /// Adds the references of a table.
    pub fn refs<R: Ref>(&mut self, refs: &[R]) {
        refs.iter().for_each(|r| self.add(u64::from(r.to_raw())));
    }

    /// The sum.
    pub const fn finish(self) -> u64 {
        self.0
    }
}

/// Whether a memory has a size that it can have.
pub fn memory_is_sound<S: Storage<Item = u8>>(memory: &Linear<S>) -> bool {
    let page = memory.page_size().bytes() as usize;
    memory.bytes().len().is_multiple_of(page) && memory.pages() <= memory.max()
}

/// Whether all functions of a table are among `funcs`, or null.
pub fn funcs_are_sound(refs: &[FuncRef], funcs: u32) -> bool {
    refs.iter().all(|r| r.index().is_none_or(|f| f < funcs))
}
