//! The command line: `wrtd compile`, `wrtd run`, `wrtd resume`, `wrtd inspect`, `wrtd wast`.
//!
//! A file per subcommand, each with its `Opts` and `run`. Results go to standard output, everything else to standard
//! error; a reader that goes away early is no error.
#![forbid(unsafe_code)]

mod aot;
mod call;
mod command;
mod compile;
mod flags;
mod grants;
mod guest;
mod inspect;
mod interp;
mod log;
mod native;
mod package;
mod processor;
mod profile;
mod resume;
mod run;
mod runtime;
mod saved;
mod wast;
mod write;

use std::io::{self, Write};
use std::process::exit;

use clap::Parser;

/// Translates WebAssembly, ahead of time, into safe Rust, and runs it.
#[derive(Parser)]
#[command(name = "wrtd", version = version(), propagate_version = true)]
enum Cli {
    Compile(compile::Opts),
    Run(run::Opts),
    Resume(resume::Opts),
    Inspect(inspect::Opts),
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

fn main() {
    let result = match Cli::parse() {
        Cli::Compile(opts) => compile::run(&opts).map(|()| 0),
        Cli::Run(opts) => run::run(&opts),
        Cli::Resume(opts) => resume::run(&opts),
        Cli::Inspect(opts) => inspect::run(&opts).map(|()| 0),
        Cli::Wast(opts) => wast::run(&opts).map(|()| 0),
    };
    let error = match result {
        Ok(status) => exit(status),
        Err(error) => error,
    };
    // Where standard error is closed, the status must do.
    let mut stderr = io::stderr();
    for (n, cause) in error.chain().enumerate() {
        if n == 0 {
            let _ = writeln!(stderr, "wrtd: {cause}");
            continue;
        }
        for line in cause.to_string().lines() {
            let _ = writeln!(stderr, "  {line}");
        }
    }
    exit(if error.is::<Refused>() { 2 } else { 1 });
}
