//! Translates the two guests: a controller that was written in C, and one that does all that it should not.

use wrt_build::{Backtrace, Build, Storage};

fn main() {
    for guest in ["../../guests/wasm/thermostat.wasm", "rogue.wat"] {
        Build::new(guest)
            .storage(Storage::Fixed)
            .max_memory_pages(1)
            // Of the one page that they have, so much is enough for both.
            .memory_bytes(4096u32)
            .max_call_depth(1000u32)
            .backtrace(Backtrace::None)
            .compile_or_exit();
    }
}
