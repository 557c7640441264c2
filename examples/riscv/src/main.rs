//! The firmware on a RISC-V of 32 bits, QEMU's machine `virt`: prints to its UART.
#![no_std]
#![no_main]

use firmware::{App, Console};
use panic_halt as _;
use riscv_rt::entry;
use semihosting::process;
use static_cell::ConstStaticCell;

/// The 16550 of the board.
struct Uart;

impl Console for Uart {
    fn print(&mut self, text: &str) {
        const TRANSMIT: *mut u8 = 0x1000_0000 as *mut u8;
        for byte in text.bytes() {
            // SAFETY: the register is there, and QEMU's never has to be waited for.
            unsafe { TRANSMIT.write_volatile(byte) };
        }
    }
}

static APP: ConstStaticCell<App<Uart>> = ConstStaticCell::new(App::new(Uart));

#[entry]
fn main() -> ! {
    let good = APP.try_take().is_some_and(App::run);
    process::exit(if good { 0 } else { 1 })
}
