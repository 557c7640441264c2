//! What a guest gets of WASI: arguments, the variables that it was given, the process's streams, folders, clocks,
//! random bytes.
//!
//! `wrtd` runs guests with it, and pastes this file into the programs that it builds.

use std::process::exit;

use wrt_rt::wasi::std::StdCtx;
use wrt_rt::wasi::{Clock, ClockId, Entropy, Env, Errno, Provider, Stdio, Stream, StreamKind};

/// A context of WASI, with the files `F`.
#[derive(Debug)]
pub(crate) struct Context<F> {
    std: StdCtx,
    pub(super) files: F,
    setup: Setup,
}

/// What is not the system's, and where a saved run stopped.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Setup {
    /// Where time starts and what each reading adds, in nanoseconds, if it is not the system's time.
    pub(crate) clock: Option<(u64, u64)>,
    /// What decides the random bytes, if they are not the system's.
    pub(crate) seed: Option<u64>,
    /// What the monotonic clock showed where a saved run stopped: it goes on from there.
    pub(crate) passed: u64,
    /// How many bytes were drawn of those that the seed decides.
    pub(crate) drawn: u64,
}

impl<F> Context<F> {
    /// Grants streams, clocks and random bytes to what has its arguments and variables already.
    pub(crate) fn new(std: StdCtx, files: F, setup: Setup) -> Context<F> {
        let std = std.inherit_stdio().clocks().entropy();
        Context { std, files, setup }
    }

    /// What the monotonic clock shows.
    #[allow(dead_code)]
    pub(crate) fn passed(&mut self) -> u64 {
        match self.setup.clock {
            Some(_) => self.setup.passed,
            None => self.now(ClockId::Monotonic).unwrap_or(0),
        }
    }

    /// How many random bytes were given that a seed decides.
    #[allow(dead_code)]
    pub(crate) fn drawn(&self) -> u64 {
        self.setup.drawn
    }
}

impl<F> Clock for Context<F> {
    fn now(&mut self, clock: ClockId) -> Result<u64, Errno> {
        let passed = self.setup.passed;
        let (time, since) = match (self.setup.clock, clock) {
            (Some((start, step)), ClockId::Realtime | ClockId::Monotonic) => {
                self.setup.passed = passed.checked_add(step).ok_or(Errno::OVERFLOW)?;
                (passed, if clock == ClockId::Realtime { start } else { 0 })
            }
            (_, ClockId::Monotonic) => (self.std.now(clock)?, passed),
            _ => (self.std.now(clock)?, 0),
        };
        time.checked_add(since).ok_or(Errno::OVERFLOW)
    }

    fn resolution(&mut self, clock: ClockId) -> Result<u64, Errno> {
        let resolution = self.std.resolution(clock)?;
        Ok(self.setup.clock.map_or(resolution, |(_, step)| step.max(1)))
    }

    fn sleep(&mut self, nanoseconds: u64) -> Result<(), Errno> {
        if self.setup.clock.is_none() {
            return self.std.sleep(nanoseconds);
        }
        let passed = self.setup.passed.checked_add(nanoseconds);
        self.setup.passed = passed.ok_or(Errno::OVERFLOW)?;
        Ok(())
    }
}

impl<F> Entropy for Context<F> {
    fn fill(&mut self, buf: &mut [u8]) -> Result<(), Errno> {
        let Some(seed) = self.setup.seed else {
            return self.std.fill(buf);
        };
        for byte in buf {
            let word = scrambled(seed, self.setup.drawn / 8);
            *byte = word.to_le_bytes()[(self.setup.drawn % 8) as usize];
            self.setup.drawn = self.setup.drawn.wrapping_add(1);
        }
        Ok(())
    }
}

/// A word of the sequence that the seed decides: SplitMix64, which is not for keys.
fn scrambled(seed: u64, index: u64) -> u64 {
    let mut z = index
        .wrapping_add(1)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .wrapping_add(seed);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl<F> Stdio for Context<F> {
    fn kind(&mut self, stream: Stream) -> StreamKind {
        self.std.kind(stream)
    }

    fn read(&mut self, buf: &mut [u8]) -> Result<usize, Errno> {
        self.std.read(buf)
    }

    fn write(&mut self, stream: Stream, bytes: &[u8]) -> Result<usize, Errno> {
        let written = self.std.write(stream, bytes);
        end_unread(stream, written)
    }

    fn flush(&mut self, stream: Stream) -> Result<(), Errno> {
        let flushed = self.std.flush(stream);
        end_unread(stream, flushed)
    }

    fn close(&mut self, stream: Stream) -> Result<(), Errno> {
        self.std.close(stream)
    }
}

/// Nobody reads standard output any more: the run ends at once, and well. Guests know no signals, which would end a
/// native program here; most of them panic.
fn end_unread<T>(stream: Stream, written: Result<T, Errno>) -> Result<T, Errno> {
    if stream == Stream::Out && written.as_ref().err() == Some(&Errno::PIPE) {
        exit(0);
    }
    written
}

impl<F> Env for Context<F> {
    fn arg(&self, index: usize) -> Option<&[u8]> {
        Env::arg(&self.std, index)
    }

    fn var(&self, index: usize) -> Option<&[u8]> {
        Env::var(&self.std, index)
    }
}

impl<F> Provider for Context<F> {
    type Ctx = Self;

    fn wasi(&mut self) -> &mut Self {
        self
    }
}
