//! Standard streams in memory, for tests and for hosts that look at what the
//! guest wrote.

use alloc::vec::Vec;

use super::{Errno, Stdio, Stream, StreamKind};

/// Streams in memory. Input comes from a given buffer and then ends; output
/// is kept up to a limit, past which writing fails with [`Errno::NOSPC`].
#[derive(Clone, Debug, Default)]
pub struct Buffers {
    input: Vec<u8>,
    /// How much of the input was read.
    read: usize,
    out: Vec<u8>,
    err: Vec<u8>,
    /// Most bytes to keep of output and error together.
    limit: usize,
    closed: [bool; 3],
}

impl Buffers {
    /// Streams that read `input` and keep at most `limit` bytes of output.
    pub fn new(input: impl Into<Vec<u8>>, limit: usize) -> Self {
        Self {
            input: input.into(),
            limit,
            ..Self::default()
        }
    }

    /// What was written to standard output.
    pub fn out(&self) -> &[u8] {
        &self.out
    }

    /// What was written to standard error.
    pub fn err(&self) -> &[u8] {
        &self.err
    }

    /// Takes away what was written to standard output.
    pub fn take_out(&mut self) -> Vec<u8> {
        core::mem::take(&mut self.out)
    }

    /// Takes away what was written to standard error.
    pub fn take_err(&mut self) -> Vec<u8> {
        core::mem::take(&mut self.err)
    }
}

impl Stdio for Buffers {
    fn kind(&mut self, stream: Stream) -> StreamKind {
        match self.closed.get(stream as usize) {
            Some(false) => StreamKind::Other,
            _ => StreamKind::Closed,
        }
    }

    fn read(&mut self, buf: &mut [u8]) -> Result<usize, Errno> {
        let rest = self.input.get(self.read..).unwrap_or(&[]);
        let n = rest.len().min(buf.len());
        if let (Some(to), Some(from)) = (buf.get_mut(..n), rest.get(..n)) {
            to.copy_from_slice(from);
        }
        self.read += n;
        Ok(n)
    }

    fn write(&mut self, stream: Stream, bytes: &[u8]) -> Result<usize, Errno> {
        let room = self.limit.saturating_sub(self.out.len() + self.err.len());
        if room == 0 && !bytes.is_empty() {
            return Err(Errno::NOSPC);
        }
        let buffer = match stream {
            Stream::In => return Err(Errno::BADF),
            Stream::Out => &mut self.out,
            Stream::Err => &mut self.err,
        };
        let bytes = bytes.get(..room).unwrap_or(bytes);
        buffer.try_reserve(bytes.len()).map_err(|_| Errno::NOSPC)?;
        buffer.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn close(&mut self, stream: Stream) -> Result<(), Errno> {
        if let Some(closed) = self.closed.get_mut(stream as usize) {
            *closed = true;
        }
        Ok(())
    }
}
