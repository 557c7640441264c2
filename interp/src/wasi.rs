//! Preview 1 of WASI.
