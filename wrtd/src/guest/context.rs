//! What a guest gets of WASI: arguments, the variables that it was given, the process's streams, clocks, random bytes.
//!
//! `wrtd` runs guests with it, and pastes this file into the programs that `wrtd run --engine aot` builds.

use std::process::exit;

use wrt_rt::wasi::std::StdCtx;
use wrt_rt::wasi::{Clock, ClockId, Entropy, Env, Errno, Provider, Stdio, Stream, StreamKind};

/// A context of WASI.
#[derive(Debug)]
pub(crate) struct Context {
    std: StdCtx,
    /// What the monotonic clock showed where a saved run stopped: it goes on from there.
    passed: u64,
}

impl Context {
    /// Grants streams, clocks and random bytes to what has its arguments and variables already.
    pub(crate) fn new(std: StdCtx, passed: u64) -> Context {
        let std = std.inherit_stdio().clocks().entropy();
        Context { std, passed }
    }
}

impl Clock for Context {
    fn now(&mut self, clock: ClockId) -> Result<u64, Errno> {
        let now = self.std.now(clock)?;
        match clock {
            ClockId::Monotonic => now.checked_add(self.passed).ok_or(Errno::OVERFLOW),
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

impl Entropy for Context {
    fn fill(&mut self, buf: &mut [u8]) -> Result<(), Errno> {
        self.std.fill(buf)
    }
}

impl Stdio for Context {
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

impl Env for Context {
    fn arg(&self, index: usize) -> Option<&[u8]> {
        Env::arg(&self.std, index)
    }

    fn var(&self, index: usize) -> Option<&[u8]> {
        Env::var(&self.std, index)
    }
}

impl Provider for Context {
    type Ctx = Self;

    fn wasi(&mut self) -> &mut Self {
        self
    }
}
