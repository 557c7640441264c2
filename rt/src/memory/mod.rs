//! Linear memory: bytes in pages of 65,536 or of one, growable up to a bound.
//! Spec, 4.2.8 (memory instances) and 4.6 (memory instructions).
//!
//! A memory is made by `new` without its pages, so that it can stand in a
//! static, and gets them by `instantiate`. Generated code works on the slice
//! that [`bytes_mut`](Linear::bytes_mut) gives, with the functions of
//! [`access`] and [`bulk`](crate::bulk).

pub mod access;
mod flash;
mod methods;
mod page;
pub mod stride;

pub use flash::{Flash, FlashMemory};
pub use methods::Access;
pub use page::{MAX_PAGES, PAGE, PageSize};

use core::fmt;

use crate::run::Run;
use crate::storage::{InPlace, Lent, Storage};
use crate::trap::Cause;

/// A memory on the heap.
#[cfg(feature = "alloc")]
pub type Memory = Linear<alloc::vec::Vec<u8>>;

/// A memory of at most `BYTES` bytes (whole pages are used), in place. Made
/// for statics: on a stack it is large.
pub type FixedMemory<const BYTES: usize> = Linear<InPlace<u8, BYTES>>;

/// A memory in a buffer that the firmware lends: see [`Linear::lend`].
pub type LentMemory = Linear<Lent<u8>>;

/// A memory, whose bytes live in `S`: see [`Memory`], [`FixedMemory`] and
/// [`LentMemory`].
pub struct Linear<S> {
    bytes: S,
    /// What the others count in.
    page: PageSize,
    min: u32,
    max: u32,
    /// The most pages it may have now: `max`, the embedder's limit and the
    /// storage's capacity, whichever is least.
    bound: u32,
}

#[cfg(feature = "alloc")]
impl Linear<alloc::vec::Vec<u8>> {
    /// A memory type, in pages of 65,536 bytes, without pages yet.
    pub const fn new(min_pages: u32, max_pages: Option<u32>) -> Self {
        Self::with_page_size(min_pages, max_pages, PageSize::Kib64)
    }

    /// A memory type, in pages of that size, without pages yet.
    pub const fn with_page_size(
        min_pages: u32,
        max_pages: Option<u32>,
        page_size: PageSize,
    ) -> Self {
        Self::with_storage(alloc::vec::Vec::new(), min_pages, max_pages, page_size)
    }

    /// A memory without a type yet: see
    /// [`instantiate_as`](Linear::instantiate_as).
    pub const fn idle() -> Self {
        Self::new(0, Some(0))
    }
}

impl<const BYTES: usize> Linear<InPlace<u8, BYTES>> {
    /// A memory type, in pages of 65,536 bytes, without pages yet.
    pub const fn new(min_pages: u32, max_pages: Option<u32>) -> Self {
        Self::with_page_size(min_pages, max_pages, PageSize::Kib64)
    }

    /// A memory type, in pages of that size, without pages yet.
    pub const fn with_page_size(
        min_pages: u32,
        max_pages: Option<u32>,
        page_size: PageSize,
    ) -> Self {
        Self::with_storage(InPlace::new(0), min_pages, max_pages, page_size)
    }
}

impl<const BYTES: usize> Linear<InPlace<u8, BYTES>> {
    /// A memory without a type yet, all bytes zero: see
    /// [`instantiate_as`](Linear::instantiate_as).
    pub const fn idle() -> Self {
        Self {
            bytes: InPlace::new(0),
            page: PageSize::Byte,
            min: 0,
            max: 0,
            bound: 0,
        }
    }

    /// Makes it the first `BYTES` bytes of a memory of one page, zeroed, which
    /// cannot grow. Traps with [`Cause::MemoryLimit`] where not even a page is
    /// allowed.
    pub fn instantiate_part(&mut self, limit_pages: u32) -> Result<(), Cause> {
        self.reset();
        // What there is can be counted in bytes alone.
        self.page = PageSize::Byte;
        self.max = self.page.pages_in(BYTES as u64);
        if limit_pages == 0 {
            return Err(Cause::MemoryLimit);
        }
        match self.bytes.grow_to(BYTES, 0) {
            true => Ok(()),
            false => Err(Cause::OutOfMemory),
        }
    }

    /// All bytes of a memory that never changes its size; they are there before
    /// it is instantiated, too.
    #[inline(always)]
    pub fn whole_mut(&mut self) -> &mut [u8; BYTES] {
        self.bytes.all_mut()
    }
}

impl Linear<Lent<u8>> {
    /// A memory type, in pages of 65,536 bytes, without pages and without a
    /// buffer.
    pub const fn new(min_pages: u32, max_pages: Option<u32>) -> Self {
        Self::with_page_size(min_pages, max_pages, PageSize::Kib64)
    }

    /// A memory type, in pages of that size, without pages and without a
    /// buffer.
    pub const fn with_page_size(
        min_pages: u32,
        max_pages: Option<u32>,
        page_size: PageSize,
    ) -> Self {
        Self::with_storage(Lent::new(), min_pages, max_pages, page_size)
    }

    /// A memory without a type yet: see
    /// [`instantiate_as`](Linear::instantiate_as).
    pub const fn idle() -> Self {
        Self::new(0, Some(0))
    }

    /// Keeps the memory in `buffer`, whose whole pages it can have from the
    /// next [`instantiate`](Linear::instantiate) on; until then it has none.
    /// Gives back the buffer that it was in.
    pub fn lend(&mut self, buffer: &'static mut [u8]) -> &'static mut [u8] {
        self.bytes.lend(buffer)
    }
}

impl<S> Linear<S> {
    const fn with_storage(bytes: S, min: u32, max: Option<u32>, page: PageSize) -> Self {
        Self {
            bytes,
            page,
            min,
            max: at_most(max, page),
            bound: 0,
        }
    }
}

/// The most pages of a memory type.
const fn at_most(max: Option<u32>, page: PageSize) -> u32 {
    match max {
        Some(max) if max < page.most() => max,
        _ => page.most(),
    }
}

impl<S: Storage<Item = u8>> Linear<S> {
    /// Gives the memory its initial pages, zeroed, and from now on at most as
    /// many bytes as `limit_pages` pages of 65,536 have, whatever its own page
    /// size. Traps with [`Cause::MemoryLimit`] if it starts larger, and with
    /// [`Cause::OutOfMemory`] if the pages cannot be had.
    pub fn instantiate(&mut self, limit_pages: u32) -> Result<(), Cause> {
        self.reset();
        let allowed = self.page.allowed(limit_pages);
        if self.min > allowed || self.min > self.max {
            return Err(Cause::MemoryLimit);
        }
        let capacity = self.page.pages_in(self.bytes.capacity() as u64);
        let bound = self.max.min(allowed).min(capacity);
        if self.min > bound || !self.grow_to(self.min) {
            return Err(Cause::OutOfMemory);
        }
        self.bound = bound;
        Ok(())
    }

    /// Gives it a type, in pages of 65,536 bytes, and does as
    /// [`instantiate`](Linear::instantiate) does.
    pub fn instantiate_as(
        &mut self,
        min: u32,
        max: Option<u32>,
        limit_pages: u32,
    ) -> Result<(), Cause> {
        self.instantiate_paged(PageSize::Kib64, min, max, limit_pages)
    }

    /// Gives it a type, in pages of `page_size`, and does as
    /// [`instantiate`](Linear::instantiate) does.
    pub fn instantiate_paged(
        &mut self,
        page_size: PageSize,
        min: u32,
        max: Option<u32>,
        limit_pages: u32,
    ) -> Result<(), Cause> {
        self.page = page_size;
        self.min = min;
        self.max = at_most(max, page_size);
        self.instantiate(limit_pages)
    }

    /// Takes all pages away, as before `instantiate`.
    pub fn reset(&mut self) {
        self.bytes.clear();
        self.bound = 0;
    }

    /// All bytes.
    #[inline(always)]
    pub fn bytes(&self) -> &[u8] {
        self.bytes.items()
    }

    /// All bytes, to change.
    #[inline(always)]
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        self.bytes.items_mut()
    }

    /// The instruction `memory.size`: the number of pages.
    #[inline]
    pub fn size(&self) -> i32 {
        self.pages() as i32
    }

    /// The number of pages.
    #[inline]
    pub fn pages(&self) -> u32 {
        self.page.pages_in(self.bytes().len() as u64)
    }

    /// The size of its pages.
    pub fn page_size(&self) -> PageSize {
        self.page
    }

    /// The most pages that its type allows, [`PageSize::most`] if it states
    /// none.
    pub fn max(&self) -> u32 {
        self.max
    }

    /// Refuses a memory of fewer than `min` pages of 65,536 bytes, which an
    /// import asks for, or of pages of another size, with
    /// [`Cause::IncompatibleImport`].
    pub fn require(&self, min: u32) -> Result<(), Cause> {
        self.require_paged(PageSize::Kib64, min)
    }

    /// The same with pages of `page_size`.
    pub fn require_paged(&self, page_size: PageSize, min: u32) -> Result<(), Cause> {
        if self.page != page_size || self.pages() < min {
            return Err(Cause::IncompatibleImport);
        }
        Ok(())
    }

    /// The instruction `memory.grow`: adds `delta` pages (unsigned) of zeros
    /// and gives the number before, or −1 if they cannot be had. Past the
    /// bound it is −1 without charge; else it costs one unit of fuel per 64
    /// bytes, as a fill does, and traps if they are refused.
    pub fn grow(&mut self, rt: &mut Run, delta: i32) -> Result<i32, Cause> {
        let Some(pages) = self.grown(delta as u32) else {
            return Ok(-1);
        };
        // At most 2^32 bytes: 2^26 units.
        rt.charge((self.page.bytes_in(delta as u32) / 64) as u32)?;
        let before = self.size();
        if !self.grow_to(pages) {
            return Ok(-1);
        }
        rt.note_memory(self.bytes().len());
        Ok(before)
    }

    /// Adds `delta` pages of zeros without charge and gives the number before,
    /// or `None` if they cannot be had.
    pub fn grow_host(&mut self, delta: u32) -> Option<u32> {
        let before = self.pages();
        let pages = self.grown(delta)?;
        self.grow_to(pages).then_some(before)
    }

    /// The number of pages with `delta` more, if the bound allows it.
    fn grown(&self, delta: u32) -> Option<u32> {
        self.pages()
            .checked_add(delta)
            .filter(|pages| *pages <= self.bound)
    }

    fn grow_to(&mut self, pages: u32) -> bool {
        usize::try_from(self.page.bytes_in(pages)).is_ok_and(|len| self.bytes.grow_to(len, 0))
    }

    /// The `len` bytes at `addr`, or [`Cause::MemoryOutOfBounds`].
    pub fn get(&self, addr: u32, len: u32) -> Result<&[u8], Cause> {
        let range = range(addr, len as usize)?;
        self.bytes().get(range).ok_or(Cause::MemoryOutOfBounds)
    }

    /// As [`get`](Linear::get), to change.
    pub fn get_mut(&mut self, addr: u32, len: u32) -> Result<&mut [u8], Cause> {
        let range = range(addr, len as usize)?;
        self.bytes_mut()
            .get_mut(range)
            .ok_or(Cause::MemoryOutOfBounds)
    }

    /// Copies the bytes at `addr` into `buf`, all or none of them.
    pub fn read(&self, addr: u32, buf: &mut [u8]) -> Result<(), Cause> {
        let bytes = self.bytes().get(range(addr, buf.len())?);
        buf.copy_from_slice(bytes.ok_or(Cause::MemoryOutOfBounds)?);
        Ok(())
    }

    /// Copies `buf` to the bytes at `addr`, all or none of them.
    pub fn write(&mut self, addr: u32, buf: &[u8]) -> Result<(), Cause> {
        let bytes = self.bytes_mut().get_mut(range(addr, buf.len())?);
        bytes.ok_or(Cause::MemoryOutOfBounds)?.copy_from_slice(buf);
        Ok(())
    }
}

/// The `len` indices from `start`, if they can be indices at all.
fn range(start: u32, len: usize) -> Result<core::ops::Range<usize>, Cause> {
    let start = start as usize;
    match start.checked_add(len) {
        Some(end) => Ok(start..end),
        None => Err(Cause::MemoryOutOfBounds),
    }
}

impl<S: Storage<Item = u8>> fmt::Debug for Linear<S> {
    /// The sizes in pages, not the bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory")
            .field("page_size", &self.page)
            .field("pages", &self.pages())
            .field("min", &self.min)
            .field("max", &self.max)
            .field("bound", &self.bound)
            .finish()
    }
}

/// The instruction `memory.size` on the bytes of a memory: the number of pages
/// of 65,536 bytes.
#[inline(always)]
pub fn size(m: &[u8]) -> i32 {
    (m.len() / PAGE) as i32
}

/// The same where pages are of one byte.
#[inline(always)]
pub fn size_in_bytes(m: &[u8]) -> i32 {
    m.len() as i32
}

/// The instruction `memory.grow` on a part of a page, which cannot grow.
#[inline(always)]
pub fn grow_part(delta: i32) -> Result<i32, Cause> {
    Ok(if delta == 0 { 1 } else { -1 })
}

/// The bytes of a memory that is known to have at least `min` of them, with that knowledge for the compiler:
/// it drops the checks of accesses below. Traps with [`Cause::MemoryOutOfBounds`] if it has fewer, which only
/// a memory that was never instantiated has.
#[inline(always)]
pub fn at_least(m: &mut [u8], min: usize) -> Result<&mut [u8], Cause> {
    if m.len() < min {
        Err(Cause::MemoryOutOfBounds)
    } else {
        Ok(m)
    }
}
