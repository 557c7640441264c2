//! Runs WebAssembly that is loaded at run time.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod bulk;
mod code;
mod core;
mod exec;
mod flatten;
mod instantiate;
mod machine;
mod module;
#[allow(non_snake_case)] // Functions are named as the rows are.
mod row;
mod slot;

pub use module::Module;
