//! Runs programs that are compiled in, as the script says that the first argument names:
//!
//! ```text
//! program NAME
//! call EXPORT ARG…
//! ladder DENSE TOTAL       runs it with fuel 1, 2, 3, …; prints `NAME FUEL: …` for each
//! transcript FUEL          runs it once; prints `NAME: …` for each call
//! ```
pub mod side;

use side::*;
use std::io::Write;

/// Programs by name.
pub type Table = &'static [(&'static str, Make)];

/// Runs the script.
pub fn main(table: Table) {
    let path = std::env::args().nth(1).expect("a script");
    let script = std::fs::read_to_string(path).expect("a readable script");
    // Frames are large without optimisation, and the depth budget, not the stack, is what is tested.
    let run = std::thread::Builder::new().stack_size(512 << 20).spawn(move || all(table, &script));
    run.expect("a thread").join().expect("no panic");
}

fn all(table: Table, script: &str) {
    let (mut name, mut make, mut calls) = ("", table[0].1, Vec::new());
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in script.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let number = |word: &str| word.parse::<u64>().expect("a number");
        match words[..] {
            ["program", program] => {
                name = program;
                make = table.iter().find(|(name, _)| *name == program).expect("a program").1;
                calls.clear();
            }
            ["call", name, ref args @ ..] => calls.push(Call {
                name: name.to_string(),
                args: args.iter().map(|word| value(word)).collect(),
            }),
            ["ladder", dense, total] => {
                let mut sums = Sums::default();
                for fuel in rungs(number(total), number(dense)) {
                    let mut side = make(limits(u64::MAX));
                    side.start().expect("an instance");
                    let line = rung(side.as_mut(), &calls, fuel, &mut sums);
                    writeln!(out, "{name} {fuel}: {line}").expect("standard output");
                }
            }
            ["transcript", fuel] => {
                let fuel = number(fuel);
                let mut side = make(limits(fuel));
                for line in transcript(side.as_mut(), &calls, fuel, &mut Sums::default()) {
                    writeln!(out, "{name}: {line}").expect("standard output");
                }
            }
            _ => panic!("no command: {line}"),
        }
    }
}

/// Implements [`Side`] for the instance of a generated module: `hosted` if it imports functions.
#[macro_export]
macro_rules! side_of {
    ($module:ident, $host:ident; $($global:ident)*; $($table:ident)*; $($memory:ident)*) => {
        impl $crate::side::Side for $crate::side_of!(@type $module $host) {
            fn start(&mut self) -> Result<(), String> {
                self.instantiate().map_err(|trap| trap.to_string())
            }
            fn call(&mut self, name: &str, args: &[wrt_rt::Val]) -> Result<Vec<wrt_rt::Val>, String> {
                self.invoke(name, args).map(|values| values.to_vec()).map_err(|trap| trap.to_string())
            }
            fn set_fuel(&mut self, units: u64) {
                self.set_fuel(units);
            }
            fn fuel(&self) -> u64 {
                self.remaining_fuel()
            }
            fn host(&self) -> u64 {
                $crate::side_of!(@state self $host)
            }
            fn globals(&self) -> Vec<wrt_rt::Val> {
                vec![$(self.$global().into()),*]
            }
            fn tables(&self) -> Vec<Vec<wrt_rt::Val>> {
                vec![$(self.$table().elems().iter().map(|elem| (*elem).into()).collect()),*]
            }
            fn memories(&self, sums: &mut $crate::side::Sums) {
                let _ = &sums;
                $(sums.add(self.$memory().bytes());)*
            }
        }
    };
    (@type $module:ident alone) => { $module::Instance };
    (@type $module:ident hosted) => { $module::Instance<$crate::side::Host> };
    (@state $this:ident alone) => { 0 };
    (@state $this:ident hosted) => { $this.host().0 };
}
