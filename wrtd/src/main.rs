//! The command line: `wrtd compile`, `wrtd wast`.
//!
//! A file per subcommand, each with its `Opts` and `run`. Results go to standard output, everything else to standard
//! error; a reader that goes away early is no error.
#![forbid(unsafe_code)]

mod command;
mod compile;
mod flags;
mod native;
mod package;
mod runtime;
mod wast;
mod write;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

/// Translates WebAssembly, ahead of time, into safe Rust.
#[derive(Parser)]
#[command(name = "wrtd", version = version(), propagate_version = true)]
enum Cli {
    Compile(compile::Opts),
    Wast(wast::Opts),
}

fn version() -> String {
    let cost_model = wrt_compiler::op::COST_MODEL;
    format!("{} (cost model {cost_model})", env!("CARGO_PKG_VERSION"))
}

/// An error for which the arguments or the input are to blame, not this machine.
#[derive(Debug)]
struct Refused(String);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

fn main() -> ExitCode {
    let result = match Cli::parse() {
        Cli::Compile(opts) => compile::run(&opts),
        Cli::Wast(opts) => wast::run(&opts),
    };
    let Err(error) = result else {
        return ExitCode::SUCCESS;
    };
    // Where standard error is closed, the status must do.
    let mut stderr = io::stderr().lock();
    for (n, cause) in error.chain().enumerate() {
        if n == 0 {
            let _ = writeln!(stderr, "wrtd: {cause}");
            continue;
        }
        for line in cause.to_string().lines() {
            let _ = writeln!(stderr, "  {line}");
        }
    }
    ExitCode::from(if error.is::<Refused>() { 2 } else { 1 })
}
