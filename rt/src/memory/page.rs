//! Sizes of pages. A memory type counts in pages of 65,536 bytes unless it
//! says that its pages are of one byte (the custom-page-sizes proposal).

/// Bytes in a page, unless a memory type states another size.
pub const PAGE: usize = 65_536;

/// The most pages of 65,536 bytes that the spec allows a memory: 4 GiB.
pub const MAX_PAGES: u32 = 65_536;

/// How large the pages of a memory are: in what its type, `memory.size` and
/// `memory.grow` count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PageSize {
    /// One byte.
    Byte = 0,
    /// 65,536 bytes.
    #[default]
    Kib64 = 16,
}

impl PageSize {
    /// That of 2 to the power of `log2` bytes, if pages can have that size.
    pub const fn from_log2(log2: u8) -> Option<PageSize> {
        match log2 {
            0 => Some(PageSize::Byte),
            16 => Some(PageSize::Kib64),
            _ => None,
        }
    }

    /// Its logarithm to the base 2: 0 or 16.
    pub const fn log2(self) -> u8 {
        self as u8
    }

    /// Bytes in a page.
    pub const fn bytes(self) -> u32 {
        1 << self as u8
    }

    /// The most pages of a memory: as many as 32 bits can count, of 4 GiB at
    /// most.
    pub const fn most(self) -> u32 {
        match self {
            PageSize::Byte => u32::MAX,
            PageSize::Kib64 => MAX_PAGES,
        }
    }

    /// Bytes in so many pages.
    pub const fn bytes_in(self, pages: u32) -> u64 {
        (pages as u64) << self as u8
    }

    /// The whole pages in so many bytes, at most [`most`](PageSize::most).
    pub const fn pages_in(self, bytes: u64) -> u32 {
        let pages = bytes >> self as u8;
        if pages < self.most() as u64 {
            pages as u32
        } else {
            self.most()
        }
    }

    /// The pages that a limit of so many pages of 65,536 bytes allows.
    pub const fn allowed(self, limit_pages: u32) -> u32 {
        self.pages_in(PageSize::Kib64.bytes_in(limit_pages))
    }
}
