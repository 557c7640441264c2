//! Firmware that runs modules which arrive by semihosting, in the interpreter, with a heap of a fixed size.
//!
//! Its arguments are a module, an exported function, a number for it, units of fuel, and the file of a run. If that file
//! is there the run goes on, wherever it was paused: on this board, on another, or on a host. When the fuel is used up
//! the run is saved to it.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::ffi::CString;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::panic::PanicInfo;
use embedded_alloc::LlffHeap;
use semihosting::experimental::env;
use semihosting::fs::{self, File};
use semihosting::io::Read;
use semihosting::{eprintln, println, process};
use wrt_interp::{Engine, Linker, Module, Outcome, Store, Val};

#[global_allocator]
static HEAP: LlffHeap = LlffHeap::empty();

/// Bytes of the heap: the module, its code and memory, and a saved run.
const ROOM: usize = 3 << 20;

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    eprintln!("{info}");
    process::exit(101)
}

#[cfg_attr(target_arch = "arm", cortex_m_rt::entry)]
#[cfg_attr(target_arch = "riscv32", riscv_rt::entry)]
fn main() -> ! {
    {
        static mut MEMORY: [u8; ROOM] = [0; ROOM];
        // SAFETY: this runs once, and nothing else names the memory.
        unsafe { HEAP.init(&raw mut MEMORY as usize, ROOM) };
    }
    #[cfg(target_arch = "arm")]
    use cortex_m as _;
    #[cfg(target_arch = "riscv32")]
    use riscv as _;
    match run() {
        Ok(said) => {
            println!("{said}");
            process::exit(0)
        }
        Err(why) => {
            eprintln!("{why}");
            process::exit(1)
        }
    }
}

/// What came of the run, in a line.
fn run() -> Result<String, String> {
    let arguments = env::args::<2048>().map_err(|e| e.to_string())?;
    let arguments: Vec<&str> = (&arguments).filter_map(Result::ok).collect();
    let [_, module, export, number, fuel, saved] = arguments[..] else {
        return Err("arguments: MODULE EXPORT NUMBER FUEL SAVED".to_string());
    };
    let number: i32 = number.parse().map_err(|_| "NUMBER is none")?;
    let fuel: u64 = fuel.parse().map_err(|_| "FUEL is no number")?;
    let said = |e: wrt_interp::Error| e.to_string();

    let engine = Engine::default();
    let bytes = read(module).ok_or("the module cannot be read")?;
    let module = Module::new(&engine, bytes).map_err(said)?;
    let mut store = Store::new(&engine, ());
    let linker = Linker::new();
    let outcome = match read(saved) {
        Some(bytes) => {
            let restored = linker.restore(&mut store, &module, &bytes).map_err(said)?;
            store.set_fuel(fuel);
            let paused = restored.paused.ok_or("the run is over")?;
            paused.resume(&mut store)
        }
        None => {
            let instance = linker.instantiate(&mut store, &module).map_err(said)?;
            store.set_fuel(fuel);
            let export = instance.get_func(&store, export).ok_or("no such export")?;
            export.call_resumable(&mut store, &[Val::I32(number)])
        }
    };
    match outcome.map_err(said)? {
        Outcome::Done(values) => Ok(format!("done {values:?}, {} left", store.remaining_fuel())),
        Outcome::Paused(paused) => {
            let bytes = paused.save(&store).map_err(said)?;
            let path = CString::new(saved).map_err(|_| "SAVED has a zero byte")?;
            fs::write(&path, &bytes).map_err(|e| e.to_string())?;
            Ok(format!("paused, {} bytes saved", bytes.len()))
        }
    }
}

/// A file of the host's, if it is there.
fn read(path: &str) -> Option<Vec<u8>> {
    let path = CString::new(path).ok()?;
    let mut file = File::open(&path).ok()?;
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    loop {
        match file.read(&mut part).ok()? {
            0 => return Some(bytes),
            n => bytes.extend_from_slice(part.get(..n)?),
        }
    }
}
