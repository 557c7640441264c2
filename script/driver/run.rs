//! Runs a script of assertions on compiled sets, and prints of each command, after its number, what it took and gave,
//! and whether that is as it should be: `CMD FUEL GAVE ok` or `CMD FUEL GAVE no: REASON`.
//!
//! A script has a command per line, its words separated by spaces, strings percent-encoded:
//! ```text
//! fuel N                         units that each command has from here on
//! new SET KIND N                 makes a set, and the first N instances of it
//! step CMD SET N WANT            instantiates number N of it; WANT is ok or a trap
//! call CMD SET NAME WANT ARG… [= RESULT…]
//! get CMD SET NAME = RESULT
//! drop SET
//! ```
use crate::check::{DEPTH, Got, decode, operands};
pub use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
pub use alloc::vec::Vec;
use wrt_rt::{Limits, Trap, Val};

/// A generated instance, whatever it exports.
pub trait Set {
    /// Makes instance number `n` of the set.
    fn step(&mut self, n: usize) -> Result<(), Trap>;
    /// Calls an export.
    fn invoke(&mut self, name: &str, args: &[Val]) -> Result<Vec<Val>, Trap>;
    /// Reads an exported global.
    fn global(&self, name: &str) -> Option<Val>;
    /// Sets the fuel that is left.
    fn set_fuel(&mut self, units: u64);
    /// The fuel that is left.
    fn remaining_fuel(&self) -> u64;
}

/// Implements [`Set`] for the instance of a generated module.
#[macro_export]
macro_rules! set {
    ($module:ident; $($n:literal $step:ident)*; $($export:literal $getter:ident)*) => {
        impl $crate::Set for $module::Instance {
            fn step(&mut self, n: usize) -> Result<(), $module::Trap> {
                match n {
                    $($n => self.$step(),)*
                    _ => Err($module::Trap::new($module::Cause::NoSuchExport)),
                }
            }
            fn invoke(&mut self, name: &str, args: &[$module::Val]) -> Result<$crate::Vec<$module::Val>, $module::Trap> {
                Ok(self.invoke(name, args)?.to_vec())
            }
            fn global(&self, name: &str) -> Option<$module::Val> {
                match name {
                    $($export => Some(self.$getter().into()),)*
                    _ => None,
                }
            }
            fn set_fuel(&mut self, units: u64) {
                self.set_fuel(units)
            }
            fn remaining_fuel(&self) -> u64 {
                self.remaining_fuel()
            }
        }
    };
}

/// Makes a set by name, with so much fuel.
pub type Table = &'static [(&'static str, fn(u64) -> Box<dyn Set>)];

/// The limits of a set: its own, with fuel and depth of scripts.
pub fn limits(own: Limits, fuel: u64) -> Limits {
    Limits { fuel, depth: DEPTH, ..own }
}

/// Runs a script, and hands over a line for each command.
pub fn all(table: Table, script: &str, answer: &mut dyn FnMut(&str)) {
    let mut sets: BTreeMap<String, Box<dyn Set>> = BTreeMap::new();
    let mut fuel = 1 << 30;
    for line in script.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["fuel", units] => fuel = units.parse().expect("a number"),
            ["new", set, kind, steps] => {
                let (_, make) = table.iter().find(|(name, _)| *name == kind).expect("a set of this program");
                let mut made = make(fuel);
                for n in 0..steps.parse().expect("a number") {
                    made.step(n).expect("the first instances can be made");
                }
                sets.insert(set.to_string(), made);
            }
            ["drop", set] => drop(sets.remove(set)),
            [_, at, set, ..] => {
                let set = sets.get_mut(set).expect("a set that was made");
                set.set_fuel(fuel);
                let (got, verdict) = command(set.as_mut(), &words);
                let (spent, got) = (fuel - set.remaining_fuel(), got.word());
                answer(&match verdict {
                    Ok(()) => format!("{at} {spent} {got} ok\n"),
                    Err(reason) => format!("{at} {spent} {got} no: {}\n", reason.replace('\n', " ")),
                });
            }
            _ => panic!("no command: {line}"),
        }
    }
}

fn command(set: &mut dyn Set, words: &[&str]) -> (Got, Result<(), String>) {
    let got = |result: Result<Vec<Val>, Trap>| match result {
        Ok(values) => Got::Values(values),
        Err(trap) => Got::Trap(trap.cause(), trap.to_string()),
    };
    let (got, want, results) = match *words {
        ["step", _, _, n, want] => {
            let made = set.step(n.parse().expect("a number"));
            (got(made.map(|()| Vec::new())), want, None)
        }
        ["call", _, _, name, want, ref rest @ ..] => {
            let (args, results) = operands(rest);
            (got(set.invoke(&decode(name), &args)), want, results)
        }
        ["get", _, _, name, "=", want] => {
            let value = set.global(&decode(name));
            let got = value.map_or(Got::Missing, |value| Got::Values(Vec::from([value])));
            (got, "ok", Some(Vec::from([want])))
        }
        _ => panic!("no command: {words:?}"),
    };
    let verdict = got.check(want, results.as_deref());
    (got, verdict)
}
