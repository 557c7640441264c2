//! Firmware that runs the script that its first argument names, a file of the host's by semihosting.
#![no_std]
extern crate alloc;

mod check;
mod run;

use alloc::string::String;
use core::panic::PanicInfo;
use embedded_alloc::LlffHeap;
pub use run::*;
use semihosting::experimental::env;
use semihosting::fs::File;
use semihosting::io::{self, Read, Write};
use semihosting::{eprintln, process};

#[global_allocator]
static HEAP: LlffHeap = LlffHeap::empty();

/// Bytes of memories, tables and the script.
const ROOM: usize = 3 << 20;

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    eprintln!("{info}");
    process::exit(1)
}

/// Runs the script.
pub fn main(table: Table) -> ! {
    {
        static mut MEMORY: [u8; ROOM] = [0; ROOM];
        // SAFETY: called once, and nothing else names the memory.
        unsafe { HEAP.init(&raw mut MEMORY as usize, ROOM) };
    }
    let arguments = env::args::<1024>().expect("arguments");
    let path = (&arguments).nth(1).expect("a script").expect("UTF-8");
    let script = read(path);
    let mut out = io::stdout().expect("semihosting");
    let mut lines = String::new();
    all(table, &script, &mut |line| {
        lines.push_str(line);
        // Each write stops the processor for the host.
        if lines.len() > 4096 {
            out.write_all(lines.as_bytes()).expect("semihosting");
            lines.clear();
        }
    });
    out.write_all(lines.as_bytes()).expect("semihosting");
    process::exit(0)
}

fn read(path: &str) -> String {
    let path = alloc::ffi::CString::new(path).expect("no zero byte");
    let mut file = File::open(&path).expect("a readable script");
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    loop {
        match file.read(&mut part).expect("a readable script") {
            0 => return String::from_utf8(bytes).expect("UTF-8"),
            n => bytes.extend_from_slice(&part[..n]),
        }
    }
}
