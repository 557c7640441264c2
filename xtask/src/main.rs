//! The project's chores: `cargo xtask setup | guests | test | real | boards | bench`.
//!
//! A file per subcommand, each with its `Opts` and `run`. Everything that is fetched or built lies in the target
//! folder; `setup` says what it installs, and the others call it for what they need and no more.

mod bench;
mod boards;
mod cmd;
mod guests;
mod paths;
mod real;
mod setup;
mod test;
mod wrtd;

use std::process::ExitCode;

use clap::Parser;

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    about = "Set-up, guests, tests, real programs and benchmarks of WRT."
)]
enum Task {
    /// Install what tests, guests and benchmarks need, saying what; what is there is left alone.
    Setup(setup::Opts),
    /// Rebuild the .wasm files of guests/ from their sources.
    Guests(guests::Opts),
    /// Run the tests: the quick tier, or with --all everything.
    Test(test::Opts),
    /// Compile real programs and compare what they print with wasmtime, byte for byte.
    Real(real::Opts),
    /// Run the firmware of the examples on every board, in QEMU.
    Boards(boards::Opts),
    /// Time the kernels against native code and wasmtime, and write docs/BENCHMARKS.md.
    Bench(bench::Opts),
}

fn main() -> ExitCode {
    let result = match Task::parse() {
        Task::Setup(opts) => setup::run(&opts),
        Task::Guests(opts) => guests::run(&opts),
        Task::Test(opts) => test::run(&opts),
        Task::Real(opts) => real::run(&opts),
        Task::Boards(opts) => boards::run(&opts),
        Task::Bench(opts) => bench::run(&opts),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
