//! A C library as a safe Rust API, without a C compiler and without `unsafe`.
//!
//! `guests/c/lz4` is plain C, compiled to WebAssembly by clang once; the build script translates that module to Rust.
//! Whatever the C code does wrong stays inside its own memory: a wild pointer gives an [`Error::Trap`], never a corrupt
//! host. [`Lz4`] wraps what C offers, pointers and an arena, into slices and vectors.
//!
//! ```
//! let mut lz4 = c_library::Lz4::new()?;
//! let block = lz4.compress(b"to be or not to be, to be or not to be, to be or not to be")?;
//! assert_eq!(lz4.decompress(&block)?, b"to be or not to be, to be or not to be, to be or not to be");
//! assert!(lz4.decompress(b"\xff\xff").is_err());
//! # Ok::<(), c_library::Error>(())
//! ```

use std::fmt;

mod generated {
    include!(concat!(env!("OUT_DIR"), "/lz4.rs"));
}

use generated::lz4::{Cause, Instance, Trap};

/// Why a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The block is malformed.
    Malformed,
    /// The data does not fit into the library's memory, of 4 GiB at most.
    TooLarge,
    /// The library's code trapped.
    Trap(Trap),
}

impl From<Trap> for Error {
    fn from(trap: Trap) -> Error {
        Error::Trap(trap)
    }
}

impl From<Cause> for Error {
    fn from(cause: Cause) -> Error {
        Error::Trap(Trap::new(cause))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Malformed => f.write_str("malformed block"),
            Error::TooLarge => f.write_str("data too large"),
            Error::Trap(trap) => trap.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

/// An instance of the library: LZ4 blocks and two checksums. Each call leaves its memory free for the next.
pub struct Lz4 {
    instance: Instance,
}

impl Lz4 {
    /// A new instance.
    pub fn new() -> Result<Lz4, Error> {
        let instance = Instance::new()?;
        Ok(Lz4 { instance })
    }

    /// Compresses `data` to one LZ4 block.
    pub fn compress(&mut self, data: &[u8]) -> Result<Vec<u8>, Error> {
        self.with(data, |lib, source, size| {
            let bound = lib.lz4_bound(size)?;
            if bound == 0 {
                return Err(Error::TooLarge);
            }
            let target = allocate(lib, bound)?;
            let len = lib.lz4_compress(source, size, target, bound)?;
            bytes(lib, target, len)
        })
    }

    /// What `block` holds.
    pub fn decompress(&mut self, block: &[u8]) -> Result<Vec<u8>, Error> {
        self.with(block, |lib, source, size| {
            let len = lib.lz4_decompressed_size(source, size)?;
            if len < 0 {
                return Err(Error::Malformed);
            }
            let target = allocate(lib, len)?;
            let len = lib.lz4_decompress(source, size, target, len)?;
            bytes(lib, target, len)
        })
    }

    /// The checksum of LZ4 frames.
    pub fn xxh32(&mut self, data: &[u8], seed: u32) -> Result<u32, Error> {
        self.with(data, |lib, source, size| {
            Ok(lib.xxh32(source, size, seed as i32)? as u32)
        })
    }

    /// The checksum of zip, gzip and PNG.
    pub fn crc32(&mut self, data: &[u8]) -> Result<u32, Error> {
        self.with(data, |lib, source, size| {
            Ok(lib.crc32(source, size, 0)? as u32)
        })
    }

    /// Calls `f` with a copy of `data` in the library's memory, and frees all that was allocated.
    fn with<T>(
        &mut self,
        data: &[u8],
        f: impl FnOnce(&mut Instance, i32, i32) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let size = i32::try_from(data.len()).map_err(|_| Error::TooLarge)?;
        let lib = &mut self.instance;
        let result = allocate(lib, size).and_then(|source| {
            lib.memory_mut().write(source as u32, data)?;
            f(lib, source, size)
        });
        match lib.arena_reset() {
            Ok(()) => result,
            Err(trap) => result.and(Err(trap.into())),
        }
    }
}

fn allocate(lib: &mut Instance, size: i32) -> Result<i32, Error> {
    match lib.arena_alloc(size)? {
        0 => Err(Error::TooLarge),
        address => Ok(address),
    }
}

fn bytes(lib: &Instance, at: i32, len: i32) -> Result<Vec<u8>, Error> {
    let len = u32::try_from(len).map_err(|_| Error::Malformed)?;
    Ok(lib.memory().get(at as u32, len)?.to_vec())
}
