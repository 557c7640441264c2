//! `cargo xtask bench`: run time of the kernels against native code and wasmtime, in one run, as ratios; the price of
//! fuel, backtraces and canonical NaNs; what compiling a module of more than a megabyte costs; the interpreter against
//! wasmi.
//!
//! Each engine is a process that runs a kernel when told; many short runs go over all engines in turn, and the least
//! CPU time of each counts: another program's noise falls on all alike, and each engine has a quiet moment. Checksums
//! must agree between all engines.

mod board;
mod cost;
mod engine;
mod interp;
mod kernels;
mod ours;
mod peers;
mod report;
mod turns;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

pub(crate) use kernels::KERNELS;

use crate::wrtd::Wrtd;
use crate::{cmd, paths};
use kernels::{FLOATS, Kernel, SQLITE};
use ours::{Driver, OptionSet, Workspace};
use turns::{Times, Turns};

#[derive(clap::Args)]
pub(crate) struct Opts {
    /// Fewer and shorter runs of the kernels and nothing else; the file is not written.
    #[arg(long)]
    quick: bool,
    /// Time these kernels alone; the file is not written.
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Measure this part alone, and leave the other's sections of the file as they are.
    #[arg(long, value_enum, value_name = "PART")]
    part: Option<Part>,
    /// Leave our side out: native code and wasmtime alone.
    #[arg(long)]
    peers: bool,
    /// Run each kernel so many times on each engine, however far apart their times are.
    #[arg(long, value_name = "N")]
    runs: Option<u32>,
    /// Count instructions on a board instead, and write docs/BOARDS.md.
    #[arg(long, value_enum, value_name = "TARGET",
        conflicts_with_all = ["quick", "only", "part", "peers", "runs", "out"])]
    target: Option<Target>,
    /// Where the tables go.
    #[arg(long, value_name = "FILE", default_value_os_t = paths::root().join("docs/BENCHMARKS.md"))]
    out: PathBuf,
}

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Compiled code against native code and wasmtime.
    Compiled,
    /// The interpreter against wasmi.
    Interpreter,
}

/// Boards, by the target that they are built for.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Target {
    /// A Cortex-M4 with its floating-point unit, in QEMU.
    Thumbv7em,
}

/// All that was measured of compiled code.
pub(crate) struct Results<'a> {
    kernels: Vec<&'a Kernel>,
    times: Vec<Times>,
    cost: Option<cost::Cost>,
    wasmtime: String,
    turns: Turns,
}

/// The part of a kernel's rounds that a run makes: an eighth. A short run has a chance to find a busy machine quiet.
const SHARE: i32 = 8;

/// Our engines: the driver's name and its options. The first two are in every run.
const OURS: &[&OptionSet] = &[
    &ours::DEFAULT,
    &ours::NO_FUEL,
    &ours::NO_BACKTRACE,
    &ours::OFFSETS,
    &ours::CANONICAL,
];

pub(crate) fn run(opts: &Opts) -> Result<()> {
    if opts.target.is_some() {
        return board::run();
    }
    let all: Vec<&Kernel> = KERNELS.iter().chain([&SQLITE]).collect();
    if let Some(unknown) = opts
        .only
        .iter()
        .find(|o| !all.iter().any(|k| k.name == **o))
    {
        let names: Vec<&str> = all.iter().map(|k| k.name).collect();
        bail!(
            "no kernel is named `{unknown}`; there are: {}",
            names.join(", ")
        );
    }
    let full = !opts.quick && opts.only.is_empty() && !opts.peers;
    let wanted = |k: &&Kernel| match opts.only.is_empty() {
        true => !(opts.quick && k.name == SQLITE.name),
        false => opts.only.iter().any(|o| o == k.name),
    };
    let kernels: Vec<&Kernel> = all.into_iter().filter(wanted).collect();
    let turns = match (opts.runs, opts.quick) {
        (Some(runs), _) => Turns::exactly(runs),
        (None, true) => Turns::exactly(2),
        (None, false) => Turns::until_quiet(),
    };
    let dir = paths::in_target("bench")?;

    let wants = |part| opts.part.is_none_or(|only| only == part);
    let old = fs::read_to_string(&opts.out).unwrap_or_default();
    let mut text = old.clone();
    if wants(Part::Compiled) {
        let part = compiled(opts, &kernels, turns, full, &dir)?;
        println!("{part}");
        text = match interp::section(&old) {
            Some(section) => interp::splice(&part, section),
            None => part,
        };
    }
    if wants(Part::Interpreter) && !opts.peers {
        let part = interp::markdown(&interp::run(&kernels, turns.least, opts.quick, &dir)?);
        println!("{part}");
        text = interp::splice(&text, &part);
    }
    if full {
        cmd::write(&opts.out, text)?;
        cmd::say(format_args!("written to {}", opts.out.display()));
    }
    Ok(())
}

/// Measures compiled code; its sections.
fn compiled(
    opts: &Opts,
    kernels: &[&Kernel],
    turns: Turns,
    full: bool,
    dir: &Path,
) -> Result<String> {
    cmd::say("building the native kernels");
    let mut engines = vec![
        peers::native(kernels, dir)?,
        peers::wasmtime("wasmtime", false, kernels, dir)?,
        peers::wasmtime("wasmtime-fuel", true, kernels, dir)?,
    ];
    let mut cost = None;
    if !opts.peers {
        let drivers = drivers(kernels, full);
        cmd::say("compiling the kernels with WRT, and the generated Rust with cargo");
        let wrtd = Wrtd::build()?;
        let workspace = Workspace::generate(dir, &wrtd, &drivers)?;
        if full {
            cost = Some(cost::measure(dir, &wrtd, &workspace)?);
        }
        for driver in drivers
            .iter()
            .filter(|d| ![cost::WITH, cost::WITHOUT].contains(&d.name))
        {
            engines.push(workspace.start(driver.name)?);
        }
    }

    let rounds = |kernel: &Kernel| kernel.rounds / if opts.quick { 8 } else { SHARE };
    let results = Results {
        times: turns::measure(&mut engines, kernels, turns, rounds)?,
        wasmtime: peers::wasmtime_version(dir)?,
        kernels: kernels.to_vec(),
        cost,
        turns,
    };
    Ok(report::markdown(&results))
}

/// The programs that are built: one per option set, those beyond the first two only in a full run; and two more to
/// weigh SQLite's code.
fn drivers<'a>(kernels: &[&'a Kernel], full: bool) -> Vec<Driver<'a>> {
    let sets = if full { OURS } else { &OURS[..2] };
    let mut drivers = Vec::new();
    for &set in sets {
        let kernels = kernels
            .iter()
            .filter(|k| runs_kernel(set.name, k))
            .copied()
            .collect();
        drivers.push(Driver {
            name: set.name,
            set,
            kernels,
        });
    }
    if full {
        drivers.push(Driver {
            name: ours::PORTABLE,
            set: &ours::DEFAULT,
            kernels: kernels.to_vec(),
        });
        drivers.push(Driver {
            name: cost::WITH,
            set: &ours::DEFAULT,
            kernels: vec![&SQLITE],
        });
        drivers.push(Driver {
            name: cost::WITHOUT,
            set: &ours::DEFAULT,
            kernels: vec![&KERNELS[0]],
        });
    }
    drivers
}

/// Whether an engine has a kernel: all have, but the price of options is measured without SQLite, and that of
/// canonical NaNs on floating point alone.
fn runs_kernel(engine: &str, kernel: &Kernel) -> bool {
    match OURS.iter().position(|set| set.name == engine) {
        None | Some(0 | 1) => true,
        Some(_) => {
            kernel.name != SQLITE.name
                && (engine != ours::CANONICAL.name || FLOATS.contains(&kernel.name))
        }
    }
}
