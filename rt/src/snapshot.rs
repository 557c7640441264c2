//! The snapshot format's parts that the state of an instance is made of, for whoever writes or reads one: the
//! interpreter, and generated code.
//!
//! All is little-endian, and each state has one form: runs are as long as they can be, and what reads a snapshot
//! refuses any other form. A snapshot is untrusted: reading one gives [`Malformed`], never a panic, and never asks for
//! more memory than the bytes that were given justify.

use alloc::vec::Vec;
use core::fmt;

/// What a snapshot starts with.
pub const MAGIC: [u8; 8] = *b"\0wrtsnap";

/// The version of the format.
pub const VERSION: u32 = 1;

/// Zeros are left out of memories in units of so many bytes.
pub const BLOCK: usize = 4096;

/// What no run of blocks starts with.
const END: u32 = u32::MAX;

/// Why a snapshot cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Offset in the snapshot, in bytes.
    pub at: usize,
    /// What is wrong there.
    pub what: &'static str,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "malformed snapshot: {}, at {:#x}", self.what, self.at)
    }
}

impl core::error::Error for Malformed {}

/// A snapshot that is being written.
#[derive(Debug, Default)]
pub struct Writer {
    out: Vec<u8>,
}

impl Writer {
    /// Nothing yet.
    pub fn new() -> Writer {
        Writer::default()
    }

    /// Bytes, as they are.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// A byte.
    pub fn u8(&mut self, v: u8) {
        self.out.push(v);
    }

    /// Four bytes.
    pub fn u32(&mut self, v: u32) {
        self.bytes(&v.to_le_bytes());
    }

    /// Eight bytes.
    pub fn u64(&mut self, v: u64) {
        self.bytes(&v.to_le_bytes());
    }

    /// The bytes of a memory: its pages, then runs of blocks that are not all zero, each as its first block, its
    /// number of blocks, and its bytes.
    pub fn memory(&mut self, bytes: &[u8]) {
        self.u32((bytes.len() / crate::memory::PAGE) as u32);
        let mut blocks = bytes.chunks(BLOCK).enumerate().peekable();
        let full = |block: &[u8]| block.iter().any(|b| *b != 0);
        while let Some((first, block)) = blocks.next() {
            if !full(block) {
                continue;
            }
            let mut count = 1;
            while blocks.next_if(|(_, block)| full(block)).is_some() {
                count += 1;
            }
            self.u32(first as u32);
            self.u32(count as u32);
            let start = first * BLOCK;
            let run = bytes.get(start..).unwrap_or(&[]);
            self.bytes(run.get(..count * BLOCK).unwrap_or(run));
        }
        self.u32(END);
    }

    /// The elements of a table, by number: how many, then runs of equal ones.
    pub fn table(&mut self, elems: impl ExactSizeIterator<Item = u32>) {
        self.u32(elems.len() as u32);
        let mut elems = elems.peekable();
        while let Some(elem) = elems.next() {
            let mut count = 1;
            while elems.next_if_eq(&elem).is_some() {
                count += 1;
            }
            self.u32(count);
            self.u32(elem);
        }
    }

    /// The snapshot, with its checksum behind it.
    pub fn finish(mut self) -> Vec<u8> {
        let sum = checksum(&self.out);
        self.u64(sum);
        self.out
    }
}

/// Bytes of a memory that are not all zero: the offset of the first, and the bytes.
pub type Run<'a> = (usize, &'a [u8]);

/// A snapshot that is being read.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    len: usize,
}

impl<'a> Reader<'a> {
    /// Reads `bytes`, which end in their checksum.
    pub fn new(bytes: &'a [u8]) -> Result<Reader<'a>, Malformed> {
        let len = bytes.len();
        let fail = |what| Malformed { at: len, what };
        let (rest, sum) = bytes.split_last_chunk().ok_or(fail("it is too short"))?;
        if checksum(rest) != u64::from_le_bytes(*sum) {
            return Err(fail("its checksum is not that of its bytes"));
        }
        let len = rest.len();
        Ok(Reader { rest, len })
    }

    /// What is wrong here.
    pub fn fail(&self, what: &'static str) -> Malformed {
        let at = self.len - self.rest.len();
        Malformed { at, what }
    }

    /// The next `n` bytes.
    pub fn bytes(&mut self, n: usize) -> Result<&'a [u8], Malformed> {
        let (bytes, rest) = self
            .rest
            .split_at_checked(n)
            .ok_or(self.fail("it ends early"))?;
        self.rest = rest;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (bytes, rest) = self
            .rest
            .split_first_chunk()
            .ok_or(self.fail("it ends early"))?;
        self.rest = rest;
        Ok(*bytes)
    }

    /// A byte.
    pub fn u8(&mut self) -> Result<u8, Malformed> {
        self.array().map(u8::from_le_bytes)
    }

    /// Four bytes.
    pub fn u32(&mut self) -> Result<u32, Malformed> {
        self.array().map(u32::from_le_bytes)
    }

    /// Eight bytes.
    pub fn u64(&mut self) -> Result<u64, Malformed> {
        self.array().map(u64::from_le_bytes)
    }

    /// A memory: its pages, and its runs.
    pub fn memory(&mut self) -> Result<(u32, Vec<Run<'a>>), Malformed> {
        let pages = self.u32()?;
        if pages > crate::memory::MAX_PAGES {
            return Err(self.fail("a memory of more pages than there are"));
        }
        let blocks = u64::from(pages) * (crate::memory::PAGE / BLOCK) as u64;
        let (mut runs, mut free) = (Vec::new(), 0);
        loop {
            let first = self.u32()?;
            if first == END {
                return Ok((pages, runs));
            }
            let count = self.u32()?;
            let end = u64::from(first) + u64::from(count);
            if u64::from(first) < free || count == 0 || end > blocks {
                return Err(self.fail("a run out of place"));
            }
            free = end + 1;
            let len = usize::try_from(u64::from(count) * BLOCK as u64);
            let bytes = self.bytes(len.map_err(|_| self.fail("a run out of place"))?)?;
            if bytes
                .chunks(BLOCK)
                .any(|block| block.iter().all(|b| *b == 0))
            {
                return Err(self.fail("a run of zeros"));
            }
            let start = usize::try_from(u64::from(first) * BLOCK as u64);
            runs.push((start.map_err(|_| self.fail("a run out of place"))?, bytes));
        }
    }

    /// A table: its size, and its runs, each as a count and an element.
    pub fn table(&mut self) -> Result<(u32, Vec<(u32, u32)>), Malformed> {
        let len = self.u32()?;
        let (mut runs, mut seen): (Vec<(u32, u32)>, u32) = (Vec::new(), 0);
        while seen < len {
            let (count, elem) = (self.u32()?, self.u32()?);
            seen = match seen.checked_add(count) {
                Some(seen) if seen <= len && count > 0 => seen,
                _ => return Err(self.fail("a run out of place")),
            };
            if runs.last().is_some_and(|(_, last)| *last == elem) {
                return Err(self.fail("a run that is two"));
            }
            runs.push((count, elem));
        }
        Ok((len, runs))
    }

    /// Nothing may follow.
    pub fn end(&self) -> Result<(), Malformed> {
        match self.rest {
            [] => Ok(()),
            _ => Err(self.fail("something follows its end")),
        }
    }
}

/// FNV-1a: it finds accidents, not forgeries.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, b| {
        (sum ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
        let mut writer = Writer::new();
        write(&mut writer);
        writer.finish()
    }

    #[test]
    fn memories_leave_zeros_out() {
        let mut memory = alloc::vec![0; 2 * crate::memory::PAGE];
        memory[BLOCK] = 1;
        memory[3 * BLOCK - 1] = 2;
        memory[9 * BLOCK + 5] = 3;
        let bytes = written(|w| w.memory(&memory));
        assert!(bytes.len() < 4 * BLOCK);
        let mut reader = Reader::new(&bytes).unwrap();
        let (pages, runs) = reader.memory().unwrap();
        assert_eq!((pages, reader.end()), (2, Ok(())));
        let mut again = alloc::vec![0; 2 * crate::memory::PAGE];
        for (start, run) in runs {
            again[start..start + run.len()].copy_from_slice(run);
        }
        assert!(again == memory);
    }

    #[test]
    fn tables_join_what_is_equal() {
        let bytes = written(|w| w.table([7, 7, 7, 1, 7].into_iter()));
        let mut reader = Reader::new(&bytes).unwrap();
        assert_eq!(reader.table(), Ok((5, alloc::vec![(3, 7), (1, 1), (1, 7)])));
    }

    #[test]
    fn another_form_is_refused() {
        let read = |write: fn(&mut Writer)| {
            let bytes = written(write);
            let mut reader = Reader::new(&bytes).unwrap();
            reader.table().err().map(|e| e.what)
        };
        assert_eq!(
            read(|w| [2, 1, 7, 1, 7].map(|n| w.u32(n)).into_iter().collect()),
            Some("a run that is two")
        );
        assert_eq!(
            read(|w| [2, 3, 7].map(|n| w.u32(n)).into_iter().collect()),
            Some("a run out of place")
        );
        assert_eq!(
            read(|w| [2, 0, 7].map(|n| w.u32(n)).into_iter().collect()),
            Some("a run out of place")
        );
        let mut bytes = written(|w| w.u32(0));
        bytes[0] = 1;
        assert!(Reader::new(&bytes).is_err());
    }
}
