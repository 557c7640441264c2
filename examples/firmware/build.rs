//! Translates the two guests: a controller that was written in C, and one that does all that it should not.

use wrt_build::{Backtrace, Build, Storage};

fn main() {
    for (guest, constants) in [
        ("../../guests/wasm/thermostat.wasm", true),
        ("rogue.wat", false),
    ] {
        Build::new(guest)
            .storage(Storage::Fixed)
            .max_memory_pages(1)
            // Of the one page that they have, so much is enough for both.
            .memory_bytes(4096u32)
            // What the thermostat prints stays in flash.
            .flash_data(constants)
            .max_call_depth(1000u32)
            .backtrace(Backtrace::None)
            .compile_or_exit();
    }
}
