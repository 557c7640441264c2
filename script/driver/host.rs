//! A program of the host that runs the script that its first argument names.
extern crate alloc;

mod check;
mod run;

pub use run::*;
use std::io::Write;

/// Runs the script, on a thread with much stack: frames are large without optimisation, and the depth budget, not the
/// stack, is what is tested.
pub fn main(table: Table) {
    let path = std::env::args().nth(1).expect("a script");
    let script = std::fs::read_to_string(path).expect("a readable script");
    let run = std::thread::Builder::new().stack_size(512 << 20).spawn(move || {
        let mut out = std::io::stdout().lock();
        all(table, &script, &mut |line| {
            out.write_all(line.as_bytes()).and_then(|()| out.flush()).expect("standard output");
        });
    });
    run.expect("a thread").join().expect("no panic");
}
