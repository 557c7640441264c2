//! The bounds within which an instance runs, given when it is made.

/// The bounds of one instance. Each has its own trap.
///
/// ```
/// let limits = wrt_rt::Limits { memory_pages: 16, ..Default::default() };
/// assert_eq!(limits.fuel, u64::MAX);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limits {
    /// Units of fuel at the start; `u64::MAX` means unlimited. Used up:
    /// [`OutOfFuel`](crate::Cause::OutOfFuel).
    pub fuel: u64,
    /// Stack slots that all active calls together may weigh. Used up:
    /// [`CallStackExhausted`](crate::Cause::CallStackExhausted).
    pub depth: u32,
    /// Pages of 65,536 bytes that each memory may have: one whose own pages
    /// are of one byte, as many bytes. A memory that starts larger:
    /// [`MemoryLimit`](crate::Cause::MemoryLimit); growing past it gives −1.
    pub memory_pages: u32,
    /// Elements that each table may have. A table that starts larger:
    /// [`TableLimit`](crate::Cause::TableLimit); growing past it gives −1.
    pub table_elements: u32,
}

impl Limits {
    /// What [`Default`] gives, for statics: unlimited fuel, memories as large
    /// as the spec allows, ten million table elements, and a depth that fits
    /// a main thread's stack (less in debug builds, whose frames are large).
    pub const DEFAULT: Self = Self {
        fuel: u64::MAX,
        depth: if cfg!(debug_assertions) {
            16_384
        } else {
            131_072
        },
        memory_pages: crate::memory::MAX_PAGES,
        table_elements: 10_000_000,
    };
}

impl Limits {
    /// What an instance has before it is told any.
    #[doc(hidden)]
    pub const UNSET: Self = Self {
        fuel: 0,
        depth: 0,
        memory_pages: 0,
        table_elements: 0,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
