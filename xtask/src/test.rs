//! `cargo xtask test`: the steps of the quick tier, or with `--all` of everything, one after the other; it stops at
//! the first that fails and prints how long each took.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::{boards, cmd, paths, real, setup};

#[derive(clap::Args)]
pub(crate) struct Opts {
    /// The long tests as well: the specification suite at every optimization level, real programs, large inputs.
    #[arg(long)]
    all: bool,
    /// Go on after a step that fails.
    #[arg(long)]
    keep_going: bool,
    /// Run only the steps whose names contain one of these.
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
}

/// What is run, under a name.
struct Step {
    name: &'static str,
    /// Only with `--all`.
    long: bool,
    run: fn() -> Result<()>,
}

const STEPS: &[Step] = &[
    Step {
        name: "format",
        long: false,
        run: || {
            cargo(&["fmt", "--all", "--check"])?;
            cargo(&[
                "fmt",
                "--all",
                "--check",
                "--manifest-path",
                "guests/rust/Cargo.toml",
            ])
        },
    },
    Step {
        name: "clippy",
        long: false,
        run: || {
            cargo(&[
                "clippy",
                "--quiet",
                "--workspace",
                "--all-targets",
                "--",
                "-D",
                "warnings",
            ])
        },
    },
    Step {
        name: "tests",
        long: false,
        run: || {
            let mut tests = tests()?;
            cmd::run(tests.arg("--workspace"))
        },
    },
    Step {
        name: "interpreter, optimized",
        long: false,
        run: || {
            // With the features that `wrtd` wants, so that its release build, which other steps need, has most of this.
            let release = [
                "test",
                "--release",
                "--package=wrt-interp",
                "--package=wrtd",
            ];
            cargo(&[&release[..], &["--lib", "--test=suite"]].concat())?;
            cargo(&[&release[..], &["--doc"]].concat())
        },
    },
    Step {
        name: "runtime without std",
        long: false,
        run: || bare(&["--package", "wrt-rt"]),
    },
    Step {
        name: "runtime with alloc alone",
        long: false,
        run: || bare(&["--package", "wrt-rt", "--features", "alloc"]),
    },
    Step {
        name: "compiler without std",
        long: false,
        run: || bare(&["--package", "wrt-compiler"]),
    },
    Step {
        name: "interpreter without std",
        long: false,
        run: || {
            bare(&["--package", "wrt-interp"])?;
            bare(&["--package", "wrt-interp", "--features", "wasi"])
        },
    },
    Step {
        name: "boards",
        long: false,
        run: || boards::run(&boards::Opts::default()),
    },
    Step {
        name: "real programs, small",
        long: false,
        run: || real::run(&real::Opts::small()),
    },
    Step {
        name: "long tests",
        long: true,
        run: || {
            let mut tests = tests()?;
            tests.args(["--package", "wrt-tests", "--", "--include-ignored"]);
            // What the runners of wrt-tests look for.
            cmd::run(tests.env("WRT_ALL", "1"))
        },
    },
    Step {
        name: "real programs, large",
        long: true,
        run: || real::run(&real::Opts::large()),
    },
];

/// `cargo test`, with all that the tests need.
fn tests() -> Result<Command> {
    let mut tests = cmd::cargo();
    tests.arg("test").current_dir(paths::root());
    // What WASI's guests are held against.
    tests.env("WRT_WASMTIME", setup::wasmtime_cli()?);
    Ok(tests)
}

pub(crate) fn run(opts: &Opts) -> Result<()> {
    let wanted = |step: &&Step| {
        (opts.all || !step.long)
            && (opts.only.is_empty() || opts.only.iter().any(|o| step.name.contains(o.as_str())))
    };
    let steps: Vec<&Step> = STEPS.iter().filter(wanted).collect();
    if steps.is_empty() {
        let names: Vec<&str> = STEPS.iter().map(|s| s.name).collect();
        bail!(
            "no step of this tier has such a name; there are: {}",
            names.join(", ")
        );
    }
    let mut done: Vec<(&str, Duration, Result<()>)> = Vec::new();
    for step in &steps {
        cmd::say(format_args!("== {} ==", step.name));
        let start = Instant::now();
        let result = (step.run)();
        if let Err(error) = &result {
            cmd::say(format_args!("{}: {error:#}", step.name));
        }
        let failed = result.is_err();
        done.push((step.name, start.elapsed(), result));
        if failed && !opts.keep_going {
            break;
        }
    }
    summary(&done, steps.len())
}

fn summary(done: &[(&str, Duration, Result<()>)], planned: usize) -> Result<()> {
    eprintln!();
    let mut total = Duration::ZERO;
    for (name, time, result) in done {
        total += *time;
        eprintln!(
            "{:>8.1} s  {}  {name}",
            time.as_secs_f64(),
            if result.is_ok() { "ok    " } else { "FAILED" }
        );
    }
    eprintln!("{:>8.1} s  in all", total.as_secs_f64());
    let failed: Vec<&str> = done
        .iter()
        .filter(|(_, _, r)| r.is_err())
        .map(|(name, _, _)| *name)
        .collect();
    if failed.is_empty() {
        return Ok(());
    }
    let left = planned - done.len();
    let skipped = if left > 0 {
        format!("; {left} steps not run")
    } else {
        String::new()
    };
    bail!("failed: {}{skipped}", failed.join(", "))
}

fn cargo(args: &[&str]) -> Result<()> {
    cmd::run(cmd::cargo().args(args).current_dir(paths::root()))
}

/// Builds a package for a target without an operating system, with none of its default features.
fn bare(args: &[&str]) -> Result<()> {
    let cross = setup::bare_rust()?;
    let mut command: Command = cross.cargo();
    command.args([
        "build",
        "--quiet",
        "--release",
        "--no-default-features",
        "--target",
        setup::CORTEX_M4,
    ]);
    cmd::run(command.args(args).current_dir(paths::root()))
}
