//! Standard input of the process, read by a thread, so that waiting for it can
//! end before something comes.

use ::std::io::{self, Read};
use ::std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, sync_channel};
use ::std::thread;
use alloc::vec::Vec;
use core::time::Duration;

/// Bytes of one read.
const PART: usize = 65_536;

/// What the thread reads, in order; it is at most one part ahead.
#[derive(Debug)]
pub(super) struct Input {
    parts: Receiver<io::Result<Vec<u8>>>,
    /// What came and was not read yet; empty at the end.
    part: Option<io::Result<Vec<u8>>>,
    /// How much of it was read.
    read: usize,
}

impl Input {
    /// Starts the thread, which ends with the input.
    pub(super) fn start() -> Self {
        let (sender, parts) = sync_channel(0);
        let _ = thread::Builder::new().spawn(move || {
            loop {
                let mut part = alloc::vec![0; PART];
                let result = match io::stdin().lock().read(&mut part) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    result => result,
                };
                let end = !matches!(result, Ok(n) if n > 0);
                let sent = sender.send(result.map(|n| {
                    part.truncate(n);
                    part
                }));
                if end || sent.is_err() {
                    return;
                }
            }
        });
        Self {
            parts,
            part: None,
            read: 0,
        }
    }

    /// Waits for so long; whether a read would not wait.
    pub(super) fn ready(&mut self, time: Duration) -> bool {
        if self.part.is_none() {
            let part = match time.is_zero() {
                true => self.parts.try_recv().map_err(|e| e == TryRecvError::Empty),
                false => {
                    let part = self.parts.recv_timeout(time);
                    part.map_err(|e| e == RecvTimeoutError::Timeout)
                }
            };
            match part {
                Ok(part) => self.part = Some(part),
                Err(true) => return false,
                // The thread has gone: the end.
                Err(false) => {}
            }
        }
        true
    }

    /// Reads some bytes, and waits for them; 0 is the end.
    pub(super) fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.part.is_none() {
            self.part = self.parts.recv().ok();
            self.read = 0;
        }
        let rest = match &self.part {
            None => return Ok(0),
            Some(Ok(part)) => part.get(self.read..).unwrap_or(&[]),
            Some(Err(_)) => match self.part.take() {
                Some(Err(error)) => return Err(error),
                _ => return Ok(0),
            },
        };
        let n = rest.len().min(buf.len());
        if let (Some(to), Some(from)) = (buf.get_mut(..n), rest.get(..n)) {
            to.copy_from_slice(from);
        }
        self.read = self.read.saturating_add(n);
        if n == rest.len() {
            self.part = None;
            self.read = 0;
        }
        Ok(n)
    }
}
