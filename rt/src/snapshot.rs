//! The snapshot format's parts that the state of an instance is made of, for whoever writes or reads one: the
//! interpreter, and generated code.
//!
//! All is little-endian, and each state has one form: runs are as long as they can be, and what reads a snapshot
//! refuses any other form. A snapshot is untrusted: reading one gives [`Refused`], never a panic, and never asks for
//! more memory than the bytes that were given justify.

use crate::memory::{Linear, PageSize};
use crate::run::Run;
use crate::storage::Storage;
use crate::val::{ExternRef, FuncRef, Ref, ValType};
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

/// What a snapshot is of. One of anything else is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    /// SHA-256 of the binary module.
    pub module: [u8; 32],
    /// The version of the cost model by which fuel is counted.
    pub cost_model: u32,
    /// 1 if fuel is counted, and 2 if NaNs are canonical.
    pub options: u32,
}

/// Why a snapshot is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refused {
    /// The bytes are none that a snapshot has.
    Malformed {
        /// Offset in the snapshot, in bytes.
        at: usize,
        /// What is wrong there.
        what: &'static str,
    },
    /// The bytes are no snapshot.
    NoSnapshot,
    /// It is one of another version, cost model or set of options.
    Other {
        /// Which.
        what: &'static str,
        /// The snapshot's.
        theirs: u32,
        /// What is wanted here.
        ours: u32,
    },
    /// It is one of another module.
    OtherModule,
    /// It does not fit here: the text says what.
    DoesNotFit(&'static str),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::Malformed { at, what } => {
                write!(f, "malformed snapshot: {what}, at {at:#x}")
            }
            Refused::NoSnapshot => f.write_str("these bytes are no snapshot"),
            Refused::Other { what, theirs, ours } => {
                write!(f, "its {what} is {theirs}, and here it is {ours}")
            }
            Refused::OtherModule => f.write_str("it is of another module"),
            Refused::DoesNotFit(what) => f.write_str(what),
        }
    }
}

impl core::error::Error for Refused {}

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

    /// What it is of, and the fuel.
    pub fn header(&mut self, of: &Subject, rt: &Run) {
        self.bytes(&MAGIC);
        self.u32(VERSION);
        self.u32(of.cost_model);
        self.u32(of.options);
        self.bytes(&of.module);
        self.u64(rt.remaining_fuel());
        self.u64(rt.consumed_fuel());
    }

    /// A value of type `ty`: its bits, those that it has not being zero.
    pub fn value(&mut self, ty: ValType, bits: u64) {
        self.u8(ty as u8);
        self.u64(bits);
    }

    /// Yes or no.
    pub fn flag(&mut self, v: bool) {
        self.u8(u8::from(v));
    }

    /// A memory: its pages, of the size that its type states, then runs of blocks that are not all zero, each as its
    /// first block, its number of blocks, and its bytes. The last block of a memory may be short.
    pub fn memory<S: Storage<Item = u8>>(&mut self, memory: &Linear<S>) {
        self.u32(memory.pages());
        let bytes = memory.bytes();
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

    /// The references of a table.
    pub fn refs<R: Ref>(&mut self, refs: &[R]) {
        self.table(refs.iter().map(|r| r.to_raw()));
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

/// A snapshot.
pub type Bytes = Vec<u8>;

/// Bytes of a memory that are not all zero: the offset of the first, and the bytes.
pub type Block<'a> = (usize, &'a [u8]);

/// A memory as a snapshot has it: pages, and what is not zero.
pub type MemoryState<'a> = (u32, Vec<Block<'a>>);

/// A table as a snapshot has it: elements, and runs of so many equal ones, by number.
pub type TableState = (u32, Vec<(u32, u32)>);

/// A snapshot that is being read.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    len: usize,
}

impl<'a> Reader<'a> {
    /// Reads `bytes`, which end in their checksum.
    pub fn new(bytes: &'a [u8]) -> Result<Reader<'a>, Refused> {
        let len = bytes.len();
        let fail = |what| Refused::Malformed { at: len, what };
        let (rest, sum) = bytes.split_last_chunk().ok_or(fail("it is too short"))?;
        if checksum(rest) != u64::from_le_bytes(*sum) {
            return Err(fail("its checksum is not that of its bytes"));
        }
        let len = rest.len();
        Ok(Reader { rest, len })
    }

    /// What is wrong here.
    pub fn fail(&self, what: &'static str) -> Refused {
        let at = self.len - self.rest.len();
        Refused::Malformed { at, what }
    }

    /// The next `n` bytes.
    pub fn bytes(&mut self, n: usize) -> Result<&'a [u8], Refused> {
        let (bytes, rest) = self
            .rest
            .split_at_checked(n)
            .ok_or(self.fail("it ends early"))?;
        self.rest = rest;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Refused> {
        let (bytes, rest) = self
            .rest
            .split_first_chunk()
            .ok_or(self.fail("it ends early"))?;
        self.rest = rest;
        Ok(*bytes)
    }

    /// A byte.
    pub fn u8(&mut self) -> Result<u8, Refused> {
        self.array().map(u8::from_le_bytes)
    }

    /// Four bytes.
    pub fn u32(&mut self) -> Result<u32, Refused> {
        self.array().map(u32::from_le_bytes)
    }

    /// Eight bytes.
    pub fn u64(&mut self) -> Result<u64, Refused> {
        self.array().map(u64::from_le_bytes)
    }

    /// What it is of, which must be `of`; gives the fuel that remained and that was consumed, in units.
    pub fn header(&mut self, of: &Subject) -> Result<(u64, u64), Refused> {
        if self.array() != Ok(MAGIC) {
            return Err(Refused::NoSnapshot);
        }
        let wanted = [
            ("version", VERSION),
            ("cost model", of.cost_model),
            ("set of options (1: fuel, 2: canonical NaNs)", of.options),
        ];
        for (what, ours) in wanted {
            let theirs = self.u32()?;
            if theirs != ours {
                return Err(Refused::Other { what, theirs, ours });
            }
        }
        if self.array()? != of.module {
            return Err(Refused::OtherModule);
        }
        Ok((self.u64()?, self.u64()?))
    }

    /// A value of type `ty`, as bits.
    pub fn value(&mut self, ty: ValType) -> Result<u64, Refused> {
        if self.u8()? != ty as u8 {
            return Err(self.fail("a value of another type"));
        }
        let bits = self.u64()?;
        match ty {
            ValType::I64 | ValType::F64 => Ok(bits),
            _ if bits <= u64::from(u32::MAX) => Ok(bits),
            _ => Err(self.fail("a value with bits that its type has not")),
        }
    }

    /// Yes or no.
    pub fn flag(&mut self) -> Result<bool, Refused> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.fail("neither yes nor no")),
        }
    }

    /// That the instance was at rest when it was saved, and the end. Compiled code takes no snapshot of a run.
    pub fn at_rest(&mut self) -> Result<(), Refused> {
        if self.flag()? {
            return Err(Refused::DoesNotFit(
                "a run is in it, which only an interpreter can go on with",
            ));
        }
        self.end()
    }

    /// A memory whose pages are of `page_size`: how many, and its runs.
    pub fn memory(&mut self, page_size: PageSize) -> Result<MemoryState<'a>, Refused> {
        let pages = self.u32()?;
        if pages > page_size.most() {
            return Err(self.fail("a memory of more pages than there are"));
        }
        let size = page_size.bytes_in(pages);
        let blocks = size.div_ceil(BLOCK as u64);
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
            let start = u64::from(first) * BLOCK as u64;
            // The last block of all may be short.
            let len = (end * BLOCK as u64).min(size) - start;
            let out_of_place = |_| self.fail("a run out of place");
            let start = usize::try_from(start).map_err(out_of_place)?;
            let len = usize::try_from(len).map_err(out_of_place)?;
            let bytes = self.bytes(len)?;
            if bytes
                .chunks(BLOCK)
                .any(|block| block.iter().all(|b| *b == 0))
            {
                return Err(self.fail("a run of zeros"));
            }
            runs.push((start, bytes));
        }
    }

    /// A table: its size, and its runs, each as a count and an element.
    pub fn table(&mut self) -> Result<TableState, Refused> {
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
    pub fn end(&self) -> Result<(), Refused> {
        match self.rest {
            [] => Ok(()),
            _ => Err(self.fail("something follows its end")),
        }
    }
}

/// A line per type: how generated code writes and reads a value of it.
macro_rules! typed {
    ($($name:ident $T:ty as $Val:ident: $put:expr, $get:expr;)*) => {
        impl Writer {
            $(
                #[doc = concat!("A value of type `", stringify!($name), "`.")]
                pub fn $name(&mut self, v: $T) {
                    let put: fn($T) -> u64 = $put;
                    self.value(ValType::$Val, put(v));
                }
            )*
        }

        impl Reader<'_> {
            $(
                #[doc = concat!("A value of type `", stringify!($name), "`.")]
                pub fn $name(&mut self) -> Result<$T, Refused> {
                    let get: fn(u64) -> $T = $get;
                    self.value(ValType::$Val).map(get)
                }
            )*
        }
    };
}

typed! {
    i32 i32 as I32: |v| u64::from(v as u32), |v| v as i32;
    i64 i64 as I64: |v| v as u64, |v| v as i64;
    f32 f32 as F32: |v| u64::from(v.to_bits()), |v| f32::from_bits(v as u32);
    f64 f64 as F64: f64::to_bits, f64::from_bits;
    funcref FuncRef as FuncRef: |v| u64::from(v.raw()), |v| FuncRef::new(v as u32);
    externref ExternRef as ExternRef: |v| u64::from(v.raw()), |v| ExternRef::new(v as u32);
}

/// Whether every function of a snapshot's table is one of `funcs`, or null.
pub fn check_funcs(table: &TableState, funcs: u32) -> Result<(), Refused> {
    let known = |func: u32| func < funcs || FuncRef::new(func).is_null();
    match table.1.iter().all(|(_, func)| known(*func)) {
        true => Ok(()),
        false => Err(Refused::DoesNotFit("a function that the module has not")),
    }
}

/// Whether a function of a snapshot is one of `funcs`, or null.
pub fn check_func(func: FuncRef, funcs: u32) -> Result<FuncRef, Refused> {
    check_funcs(&(1, alloc::vec![(1, func.raw())]), funcs).map(|()| func)
}

impl<S: Storage<Item = u8>> Linear<S> {
    /// Makes a memory that has its first pages what a snapshot has. Where it cannot have that size, nothing changes.
    pub fn restore(&mut self, (pages, blocks): &MemoryState<'_>) -> Result<(), Refused> {
        let grown = pages.checked_sub(self.pages());
        if grown.and_then(|delta| self.grow_host(delta)).is_none() {
            return Err(Refused::DoesNotFit(
                "a memory has a size that it cannot have here",
            ));
        }
        let bytes = self.bytes_mut();
        bytes.fill(0);
        for (start, block) in blocks {
            let place = bytes
                .get_mut(*start..)
                .and_then(|to| to.get_mut(..block.len()));
            if let Some(place) = place {
                place.copy_from_slice(block);
            }
        }
        Ok(())
    }
}

impl<R: Ref, S: Storage<Item = R>> crate::table::Elements<S> {
    /// Makes a table that has its first elements what a snapshot has. Where it cannot have that size, nothing
    /// changes.
    pub fn restore(&mut self, (len, runs): &TableState) -> Result<(), Refused> {
        let grown = len.checked_sub(self.size() as u32);
        if grown
            .and_then(|delta| self.grow_host(R::NULL, delta))
            .is_none()
        {
            return Err(Refused::DoesNotFit(
                "a table has a size that it cannot have here",
            ));
        }
        let mut elems = self.elems_mut().iter_mut();
        for (count, raw) in runs {
            let some = elems.by_ref().take(*count as usize);
            some.for_each(|elem| *elem = R::from_raw(*raw));
        }
        Ok(())
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

    /// A memory that has so many pages, and ones at `places`.
    fn memory(page_size: PageSize, pages: u32, places: &[usize]) -> crate::Memory {
        let mut memory = crate::Memory::with_page_size(pages, None, page_size);
        memory.instantiate(2).unwrap();
        places.iter().for_each(|at| memory.bytes_mut()[*at] = 1);
        memory
    }

    /// It comes back as it was; gives the size of the snapshot, in bytes.
    fn comes_back(page_size: PageSize, pages: u32, places: &[usize]) -> usize {
        let saved = memory(page_size, pages, places);
        let bytes = written(|w| w.memory(&saved));
        let mut reader = Reader::new(&bytes).unwrap();
        let state = reader.memory(page_size).unwrap();
        assert_eq!((state.0, reader.end()), (pages, Ok(())));
        let mut again = crate::Memory::with_page_size(0, None, page_size);
        again.instantiate(2).unwrap();
        again.restore(&state).unwrap();
        assert!(again.bytes() == saved.bytes());
        bytes.len()
    }

    #[test]
    fn memories_leave_zeros_out() {
        let places = [BLOCK, 3 * BLOCK - 1, 9 * BLOCK + 5];
        assert!(comes_back(PageSize::Kib64, 2, &places) < 4 * BLOCK);
    }

    #[test]
    fn memories_of_any_number_of_bytes_come_back() {
        let pages = PageSize::Byte;
        comes_back(pages, 0, &[]);
        assert!(comes_back(pages, 300, &[299]) < 400);
        assert!(comes_back(pages, 2 * BLOCK as u32 + 1, &[2 * BLOCK]) < 100);
        comes_back(pages, 2 * BLOCK as u32, &[BLOCK]);
        comes_back(pages, 2 * BLOCK as u32 - 1, &[0, BLOCK]);
    }

    #[test]
    fn runs_past_the_end_of_a_memory_are_refused() {
        let read = |words: &[u32], page_size| {
            let bytes = written(|w| words.iter().for_each(|word| w.u32(*word)));
            let refused = Reader::new(&bytes).unwrap().memory(page_size).err();
            refused.map(|e| match e {
                Refused::Malformed { what, .. } => what,
                _ => "",
            })
        };
        let misplaced = Some("a run out of place");
        assert_eq!(read(&[300, 1, 1, 7], PageSize::Byte), misplaced);
        assert_eq!(read(&[300, 0, 2, 7], PageSize::Byte), misplaced);
        assert_eq!(read(&[0, 0, 1, 7], PageSize::Byte), misplaced);
        assert_eq!(read(&[300, 0, 1, 7], PageSize::Byte), Some("it ends early"));
        let most = [u32::MAX, 0, 1 << 20, 7];
        assert_eq!(read(&most, PageSize::Byte), Some("it ends early"));
        let larger = Some("a memory of more pages than there are");
        assert_eq!(read(&[65_537, END], PageSize::Kib64), larger);
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
            reader.table().err().map(|e| match e {
                Refused::Malformed { what, .. } => what,
                _ => "",
            })
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
