//! The firmware on a Cortex-M4 or M0, in QEMU or on a board with a debugger: prints by semihosting.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use firmware::{App, Console};
use panic_halt as _;
use semihosting::io::{self, Write};
use semihosting::process;

/// The debugger's console.
struct Semihosting;

impl Console for Semihosting {
    fn print(&mut self, text: &str) {
        // Without a debugger there is nobody to tell.
        let _ = io::stdout().and_then(|mut out| out.write_all(text.as_bytes()));
    }
}

#[entry]
fn main() -> ! {
    // `entry` makes it a `&'static mut`.
    static mut APP: App<Semihosting> = App::new(Semihosting);

    process::exit(if APP.run() { 0 } else { 1 })
}
