//! WASI preview 1, written over small capabilities.
//!
//! A host implements [`Clock`], [`Entropy`], [`Stdio`], [`Env`] and
//! [`Filesystem`], whose default methods deny everything, or takes what is
//! ready; [`Compose`] makes a [`Ctx`] of them, and a [`Provider`] hands one to
//! the functions of [`preview1`]. Nothing is linked that is not called. With
//! `std` there is [`StdCtx`](std::StdCtx).

#[cfg(feature = "alloc")]
pub mod buffers;
mod calls;
mod compose;
pub mod descriptors;
mod deterministic;
mod errno;
pub mod filesystem;
mod guest;
pub mod memfs;
pub mod preview1;
#[cfg(feature = "std")]
pub mod std;

pub use compose::Compose;
pub use descriptors::Descriptors;
pub use deterministic::{SeededEntropy, StepClock};
pub use errno::Errno;
pub use filesystem::Filesystem;

use descriptors::{Slot, Slots};

/// The clocks of preview 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClockId {
    /// Time since 1970-01-01 UTC.
    Realtime,
    /// Time since some moment, which never goes back.
    Monotonic,
    /// Processor time of the process.
    ProcessCpu,
    /// Processor time of the thread.
    ThreadCpu,
}

impl ClockId {
    /// The clock with the guest's number for it.
    pub const fn new(number: i32) -> Option<Self> {
        match number {
            0 => Some(Self::Realtime),
            1 => Some(Self::Monotonic),
            2 => Some(Self::ProcessCpu),
            3 => Some(Self::ThreadCpu),
            _ => None,
        }
    }
}

/// The capability to know the time and to wait. Times are in nanoseconds.
pub trait Clock {
    /// The clock's time.
    fn now(&mut self, clock: ClockId) -> Result<u64, Errno> {
        let _ = clock;
        Err(Errno::NOTCAPABLE)
    }

    /// The least difference between two of its times.
    fn resolution(&mut self, clock: ClockId) -> Result<u64, Errno> {
        let _ = clock;
        Err(Errno::NOTCAPABLE)
    }

    /// Returns when this much time has passed.
    fn sleep(&mut self, nanoseconds: u64) -> Result<(), Errno> {
        let _ = nanoseconds;
        Err(Errno::NOTCAPABLE)
    }
}

/// The capability to get random bytes.
pub trait Entropy {
    /// Fills the whole buffer with bytes fit for cryptography, or fails.
    fn fill(&mut self, buf: &mut [u8]) -> Result<(), Errno> {
        let _ = buf;
        Err(Errno::NOTCAPABLE)
    }
}

/// The three streams that a guest has from the start: descriptors 0, 1 and 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stream {
    /// Standard input.
    In,
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// What a stream is connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StreamKind {
    /// Nothing: the descriptor does not exist.
    Closed,
    /// A terminal, so that the guest writes line by line.
    Terminal,
    /// Anything else.
    Other,
}

/// The capability to use the standard streams. Denied, the descriptors do not
/// exist, which programs take more easily than an error in their use.
pub trait Stdio {
    /// What the stream is connected to.
    fn kind(&mut self, stream: Stream) -> StreamKind {
        let _ = stream;
        StreamKind::Closed
    }

    /// Reads some bytes of standard input and gives their number; 0 is its end.
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, Errno> {
        let _ = buf;
        Err(Errno::BADF)
    }

    /// Writes some bytes to standard output or error and gives their number.
    fn write(&mut self, stream: Stream, bytes: &[u8]) -> Result<usize, Errno> {
        let _ = (stream, bytes);
        Err(Errno::BADF)
    }

    /// Hands on what was written; called once at the end of each `fd_write`.
    fn flush(&mut self, stream: Stream) -> Result<(), Errno> {
        let _ = stream;
        Ok(())
    }

    /// Waits for at most so many nanoseconds until the stream can be used
    /// without blocking, and tells whether it can. If that is not known it can.
    fn ready(&mut self, stream: Stream, nanoseconds: u64) -> Result<bool, Errno> {
        let _ = (stream, nanoseconds);
        Ok(true)
    }

    /// Makes the descriptor not exist any more.
    fn close(&mut self, stream: Stream) -> Result<(), Errno> {
        let _ = stream;
        Err(Errno::BADF)
    }
}

/// Arguments and environment. Denied, there are none.
pub trait Env {
    /// The argument with this index, without a zero byte; index 0 is the
    /// program's name.
    fn arg(&self, index: usize) -> Option<&[u8]> {
        let _ = index;
        None
    }

    /// The variable with this index, `NAME=value`, without a zero byte.
    fn var(&self, index: usize) -> Option<&[u8]> {
        let _ = index;
        None
    }
}

/// How much one call may ask for. What is above gets an error, or less than
/// it asked for where the guest has to reckon with that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one read or write; more are a short one.
    pub transfer: u32,
    /// Random bytes of one request; more are [`Errno::INVAL`].
    pub random: u32,
    /// Bytes of a path; more are [`Errno::NAMETOOLONG`].
    pub path: u32,
}

impl Limits {
    /// Paths of 4,096 bytes, and reads, writes and requests as large as the
    /// guest's memory: they take no memory of the host.
    pub const DEFAULT: Self = Self {
        transfer: u32::MAX,
        random: u32::MAX,
        path: 4096,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// All capabilities together: what the functions of [`preview1`] ask for.
pub trait Ctx: Clock + Entropy + Stdio + Env {
    /// The filesystem's type.
    type Filesystem: Filesystem;
    /// Where descriptors are kept.
    type Slots: Slots;

    /// The files of the guest.
    fn filesystem(&mut self) -> &mut Self::Filesystem;

    /// The guest's descriptors.
    fn descriptors(&mut self) -> &mut Descriptors<Self::Slots>;

    /// How much one call may ask for.
    fn limits(&self) -> Limits {
        Limits::DEFAULT
    }
}

/// A host that has a [`Ctx`]. Generated code implements the imports from
/// `wasi_snapshot_preview1` for every such host.
pub trait Provider {
    /// The context's type.
    type Ctx: Ctx;

    /// The context.
    fn wasi(&mut self) -> &mut Self::Ctx;
}

/// Grants nothing: no arguments, streams, clocks, random bytes or files. The
/// guest can still exit.
#[derive(Clone, Debug)]
pub struct Denied {
    descriptors: Descriptors<[Slot; 3]>,
}

impl Denied {
    /// Nothing.
    pub const fn new() -> Self {
        Self {
            descriptors: Descriptors::fixed(),
        }
    }
}

impl Default for Denied {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for Denied {}
impl Entropy for Denied {}
impl Stdio for Denied {}
impl Env for Denied {}
impl Filesystem for Denied {}

impl Ctx for Denied {
    type Filesystem = Self;
    type Slots = [Slot; 3];

    fn filesystem(&mut self) -> &mut Self {
        self
    }

    fn descriptors(&mut self) -> &mut Descriptors<[Slot; 3]> {
        &mut self.descriptors
    }
}

impl Provider for Denied {
    type Ctx = Self;

    fn wasi(&mut self) -> &mut Self {
        self
    }
}
