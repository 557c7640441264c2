//! Hands the board's memory to the linker.

use std::path::PathBuf;
use std::{env, fs};

/// mps2-an386, with a part of what the board has.
const CORTEX_M4: &str = "FLASH : ORIGIN = 0x00000000, LENGTH = 256K\n    RAM : ORIGIN = 0x20000000, LENGTH = 32K";
/// microbit: nRF51, all that it has.
const CORTEX_M0: &str = "FLASH : ORIGIN = 0x00000000, LENGTH = 256K\n    RAM : ORIGIN = 0x20000000, LENGTH = 16K";

fn main() {
    let target = env::var("TARGET").expect("cargo sets it");
    let memory = if target.starts_with("thumbv6m") {
        CORTEX_M0
    } else {
        CORTEX_M4
    };
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("memory.x"), format!("MEMORY {{\n    {memory}\n}}\n")).expect("OUT_DIR can be written");
    println!("cargo::rustc-link-search={}", out.display());
    println!("cargo::rustc-link-arg=-Tlink.x");
}
