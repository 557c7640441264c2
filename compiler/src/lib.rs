//! Translates WebAssembly, ahead of time, into safe, bounded, `no_std` Rust source.
//!
//! ```text
//! bytes ─ decode ─> Module ─ link ─> Set ─ lower, charge ─> IR ─ emit ─> Rust
//! ```
//!
//! [`compile`] takes the bytes of one module (binary or text) and gives files; [`compile_set`] takes several
//! that import from each other. Nothing here touches the file system. The front end up to the [`ir`] is
//! `no_std` with `alloc`; the feature `emit`, on by default, adds the rest.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod decode;
mod deep;
mod effects;
#[cfg(feature = "emit")]
mod emit;
pub mod error;
pub mod front;
pub mod inspect;
pub mod ir;
pub mod link;
pub mod lower;
pub mod module;
#[cfg(feature = "emit")]
mod names;
mod nan;
pub mod op;
pub mod options;
pub mod set;
pub mod shown;
mod snapshot;
#[cfg(feature = "emit")]
mod stride;
mod structure;
pub mod survey;
mod tidy;

#[cfg(feature = "emit")]
pub use emit::{File, Output, Report, binary, compile, compile_set};
pub use error::{Error, Kind};
pub use front::Source;
pub use options::{Backtrace, DataLayout, Layout, Names, Options, Storage};
pub use snapshot::snapshot_subject;
