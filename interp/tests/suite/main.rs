//! The interpreter through its public interface: a module of tests for each part, in one program, since what they share
//! is most of what is compiled.

mod calls;
mod common;
mod compiled;
mod golden;
mod imports;
mod link;
mod pause;
mod profile;
mod recursion;
mod snapshot;
mod stack;
mod stats;
#[cfg(feature = "wasi")]
mod wasi;
#[cfg(feature = "wasi")]
mod wasi_pause;
