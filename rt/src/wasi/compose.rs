//! A context put together of capabilities.

use super::descriptors::Slots;
use super::{
    Clock, ClockId, Ctx, Descriptors, Entropy, Env, Errno, Filesystem, Limits, Provider, Stdio,
    Stream, StreamKind,
};

/// A context of five capabilities, each of a type of its own, in public
/// fields. [`Denied`](super::Denied) serves as any of them.
///
/// ```
/// use wrt_rt::wasi::{Compose, Denied, Descriptors, Limits, SeededEntropy, StepClock};
/// let ctx = Compose {
///     clock: StepClock::new(0, 1000),
///     entropy: SeededEntropy::new(42),
///     stdio: Denied::new(),
///     env: Denied::new(),
///     filesystem: Denied::new(),
///     descriptors: Descriptors::<[_; 8]>::fixed(),
///     limits: Limits::DEFAULT,
/// };
/// ```
#[derive(Clone, Debug)]
pub struct Compose<C, E, S, V, F, D> {
    /// Time.
    pub clock: C,
    /// Random bytes.
    pub entropy: E,
    /// Standard streams.
    pub stdio: S,
    /// Arguments and environment.
    pub env: V,
    /// Files.
    pub filesystem: F,
    /// What the guest's descriptors stand for.
    pub descriptors: Descriptors<D>,
    /// How much one call may ask for.
    pub limits: Limits,
}

impl<C: Clock, E, S, V, F, D> Clock for Compose<C, E, S, V, F, D> {
    fn now(&mut self, clock: ClockId) -> Result<u64, Errno> {
        self.clock.now(clock)
    }

    fn resolution(&mut self, clock: ClockId) -> Result<u64, Errno> {
        self.clock.resolution(clock)
    }

    fn sleep(&mut self, nanoseconds: u64) -> Result<(), Errno> {
        self.clock.sleep(nanoseconds)
    }
}

impl<C, E: Entropy, S, V, F, D> Entropy for Compose<C, E, S, V, F, D> {
    fn fill(&mut self, buf: &mut [u8]) -> Result<(), Errno> {
        self.entropy.fill(buf)
    }
}

impl<C, E, S: Stdio, V, F, D> Stdio for Compose<C, E, S, V, F, D> {
    fn kind(&mut self, stream: Stream) -> StreamKind {
        self.stdio.kind(stream)
    }

    fn read(&mut self, buf: &mut [u8]) -> Result<usize, Errno> {
        self.stdio.read(buf)
    }

    fn write(&mut self, stream: Stream, bytes: &[u8]) -> Result<usize, Errno> {
        self.stdio.write(stream, bytes)
    }

    fn flush(&mut self, stream: Stream) -> Result<(), Errno> {
        self.stdio.flush(stream)
    }

    fn ready(&mut self, stream: Stream, nanoseconds: u64) -> Result<bool, Errno> {
        self.stdio.ready(stream, nanoseconds)
    }

    fn close(&mut self, stream: Stream) -> Result<(), Errno> {
        self.stdio.close(stream)
    }
}

impl<C, E, S, V: Env, F, D> Env for Compose<C, E, S, V, F, D> {
    fn arg(&self, index: usize) -> Option<&[u8]> {
        self.env.arg(index)
    }

    fn var(&self, index: usize) -> Option<&[u8]> {
        self.env.var(index)
    }
}

impl<C: Clock, E: Entropy, S: Stdio, V: Env, F: Filesystem, D: Slots> Ctx
    for Compose<C, E, S, V, F, D>
{
    type Filesystem = F;
    type Slots = D;

    fn filesystem(&mut self) -> &mut F {
        &mut self.filesystem
    }

    fn descriptors(&mut self) -> &mut Descriptors<D> {
        &mut self.descriptors
    }

    fn limits(&self) -> Limits {
        self.limits
    }
}

impl<C: Clock, E: Entropy, S: Stdio, V: Env, F: Filesystem, D: Slots> Provider
    for Compose<C, E, S, V, F, D>
{
    type Ctx = Self;

    fn wasi(&mut self) -> &mut Self {
        self
    }
}
