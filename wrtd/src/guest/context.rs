//! What a guest gets of WASI: arguments, the variables that it was given, the process's streams, folders, clocks,
//! random bytes.
//!
//! `wrtd` runs guests with it, and pastes this file into the programs that it builds.

use std::process::exit;

use wrt_rt::wasi::descriptors::Slot;
use wrt_rt::wasi::std::StdCtx;
use wrt_rt::wasi::{
    Clock, ClockId, Ctx, Descriptors, Entropy, Env, Errno, Filesystem, Provider, SeededEntropy,
    Stdio, StepClock, Stream, StreamKind,
};

/// A context of WASI, with the files `F`.
#[derive(Debug)]
pub(crate) struct Context<F> {
    std: StdCtx<F>,
    /// What the system's monotonic clock starts from.
    passed: u64,
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

impl<F: Filesystem> Context<F> {
    /// Grants streams, clocks and random bytes to what has its arguments and variables already.
    pub(crate) fn new(std: StdCtx, files: F, setup: Setup) -> Context<F> {
        let Setup { passed, drawn, .. } = setup;
        let std = std.filesystem(files).inherit_stdio().clocks().entropy();
        let std = match setup.clock {
            Some((start, step)) => std.clock(StepClock {
                start,
                step,
                passed,
            }),
            None => std,
        };
        let std = match setup.seed {
            Some(seed) => std.seed(SeededEntropy { seed, drawn }),
            None => std,
        };
        Context { std, passed }
    }

    /// What the monotonic clock shows.
    #[allow(dead_code)]
    pub(crate) fn passed(&mut self) -> u64 {
        match self.std.step_clock() {
            Some(clock) => clock.passed,
            None => self.now(ClockId::Monotonic).unwrap_or(0),
        }
    }

    /// How many random bytes were given that a seed decides.
    #[allow(dead_code)]
    pub(crate) fn drawn(&self) -> u64 {
        self.std.seeded().map_or(0, |entropy| entropy.drawn)
    }
}

impl<F> Clock for Context<F> {
    fn now(&mut self, clock: ClockId) -> Result<u64, Errno> {
        let now = self.std.now(clock)?;
        match (clock, self.std.step_clock()) {
            (ClockId::Monotonic, None) => now.checked_add(self.passed).ok_or(Errno::OVERFLOW),
            _ => Ok(now),
        }
    }

    fn resolution(&mut self, clock: ClockId) -> Result<u64, Errno> {
        self.std.resolution(clock)
    }

    fn sleep(&mut self, nanoseconds: u64) -> Result<(), Errno> {
        self.std.sleep(nanoseconds)
    }
}

impl<F> Entropy for Context<F> {
    fn fill(&mut self, buf: &mut [u8]) -> Result<(), Errno> {
        self.std.fill(buf)
    }
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

    fn ready(&mut self, stream: Stream, nanoseconds: u64) -> Result<bool, Errno> {
        self.std.ready(stream, nanoseconds)
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

impl<F: Filesystem> Ctx for Context<F> {
    type Filesystem = F;
    type Slots = Vec<Slot>;

    fn filesystem(&mut self) -> &mut F {
        self.std.filesystem_mut()
    }

    fn descriptors(&mut self) -> &mut Descriptors<Vec<Slot>> {
        self.std.descriptors()
    }
}

impl<F: Filesystem> Provider for Context<F> {
    type Ctx = Self;

    fn wasi(&mut self) -> &mut Self {
        self
    }
}
