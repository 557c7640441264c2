//! Firmware that links two translated modules statically: a thermostat that was written in C, called in a loop with
//! fuel for each call, and a rogue that is contained each time, so that the firmware goes on.
//!
//! Nothing here allocates, formats by `core::fmt` or can panic. What is special to a board, its start and its console,
//! is in the crates `cortex-m` and `riscv` beside this one.
#![no_std]
#![forbid(unsafe_code)]

include!(concat!(env!("OUT_DIR"), "/thermostat.rs"));
include!(concat!(env!("OUT_DIR"), "/rogue.rs"));

use rogue::Cause;
use thermostat::{Caller, Trap, Trapped};

/// Fuel for each call of a guest: what bounds its time.
const FUEL: u64 = 10_000;

/// Where a board prints.
pub trait Console {
    /// Prints text.
    fn print(&mut self, text: &str);
}

/// What the thermostat imports: a log, which goes to the console.
struct Log<C>(C);

impl<C: Console> thermostat::Host for Log<C> {
    fn log(&mut self, caller: &mut Caller<'_>, text: i32, length: i32) -> Result<(), Trapped> {
        // A range that the guest made up traps, as it would in the guest.
        let bytes = match caller.memory().get(text as u32, length as u32) {
            Ok(bytes) => bytes,
            Err(cause) => return Err(caller.raise(Trap::new(cause))),
        };
        self.0.print("  guest: ");
        self.0
            .print(core::str::from_utf8(bytes).unwrap_or("(no text)"));
        self.0.print("\n");
        Ok(())
    }
}

/// All that the firmware keeps between calls, to stand in a static.
pub struct App<C> {
    thermostat: thermostat::Instance<Log<C>>,
    rogue: rogue::Instance,
    /// What a guest that broke out would hit: see [`intact`](App::intact).
    calibration: [u32; 16],
}

impl<C: Console> App<C> {
    /// The firmware, not started yet.
    pub const fn new(console: C) -> Self {
        App {
            thermostat: thermostat::Instance::uninit(Log(console)),
            rogue: rogue::Instance::uninit(),
            calibration: [0; 16],
        }
    }

    /// Calls both guests; whether all went as it should.
    pub fn run(&mut self) -> bool {
        for (n, value) in self.calibration.iter_mut().enumerate() {
            *value = calibration(n);
        }
        self.control() && self.contain()
    }

    /// Runs the thermostat on what a sensor would say: a room that is heated.
    fn control(&mut self) -> bool {
        if let Err(trap) = self.thermostat.instantiate() {
            return self.trapped("thermostat", trap);
        }
        let mut temperature = 1500;
        for round in 0..200 {
            self.thermostat.set_fuel(FUEL);
            let duty = match self.thermostat.step(temperature) {
                Ok(duty) => duty,
                Err(trap) => return self.trapped("step", trap),
            };
            temperature += duty / 8 - (temperature - 1200) / 20;
            if round % 50 == 49 {
                self.print(&[
                    "duty ",
                    Number::new(duty).text(),
                    " at ",
                    Number::new(temperature).text(),
                    "\n",
                ]);
            }
        }
        (2100..2250).contains(&temperature)
    }

    /// Lets the rogue try, each time in a fresh instance; whether each try ended in the right trap.
    fn contain(&mut self) -> bool {
        type Try = fn(&mut rogue::Instance) -> Result<(), Trap>;
        let tries: [(&str, Try, Cause); 5] = [
            ("spin", rogue::Instance::spin, Cause::OutOfFuel),
            ("wild", rogue::Instance::wild, Cause::MemoryOutOfBounds),
            (
                "peek",
                |rogue| rogue.peek().map(drop),
                Cause::MemoryOutOfBounds,
            ),
            (
                "recurse",
                rogue::Instance::recurse,
                Cause::CallStackExhausted,
            ),
            (
                "divide",
                |rogue| rogue.divide(0).map(drop),
                Cause::IntegerDivideByZero,
            ),
        ];
        for (name, attempt, expected) in tries {
            if let Err(trap) = self.rogue.instantiate() {
                return self.trapped("rogue", trap);
            }
            self.rogue.set_fuel(10 * FUEL);
            let cause = match attempt(&mut self.rogue) {
                Ok(()) => {
                    self.print(&[name, " returned\n"]);
                    return false;
                }
                Err(trap) => trap.cause(),
            };
            self.print(&[name, ": ", cause.message(), "\n"]);
            if cause != expected || !self.intact() {
                return false;
            }
        }
        true
    }

    /// Whether the firmware's own data is as it was.
    fn intact(&self) -> bool {
        let mut values = self.calibration.iter().enumerate();
        values.all(|(n, value)| *value == calibration(n))
    }

    /// Reports a trap that should not be.
    fn trapped(&mut self, what: &str, trap: Trap) -> bool {
        self.print(&[what, ": ", trap.message(), "\n"]);
        false
    }

    fn print(&mut self, texts: &[&str]) {
        for text in texts {
            self.thermostat.host_mut().0.print(text);
        }
    }
}

/// The firmware's data.
fn calibration(n: usize) -> u32 {
    (n as u32 + 1).wrapping_mul(0x9e37_79b9)
}

/// A number as text, without `core::fmt`.
struct Number {
    digits: [u8; 11],
    start: usize,
}

impl Number {
    fn new(value: i32) -> Number {
        let mut number = Number {
            digits: [b' '; 11],
            start: 11,
        };
        let mut rest = value.unsigned_abs();
        loop {
            number.push(b'0' + (rest % 10) as u8);
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if value < 0 {
            number.push(b'-');
        }
        number
    }

    fn push(&mut self, byte: u8) {
        self.start = self.start.saturating_sub(1);
        if let Some(digit) = self.digits.get_mut(self.start) {
            *digit = byte;
        }
    }

    fn text(&self) -> &str {
        let digits = self.digits.get(self.start..).unwrap_or(&[]);
        core::str::from_utf8(digits).unwrap_or("?")
    }
}
