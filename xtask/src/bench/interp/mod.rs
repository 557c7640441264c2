//! The interpreter against wasmi: run time of the kernels, and what it takes to start a module of more than a megabyte.
//!
//! Each interpreter is a cargo package of its own in a generated workspace, built for itself, so that the features of
//! one build of wasmi are not the other's.

mod report;

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::engine::Engine;
use super::kernels::{Kernel, SQLITE};
use super::turns::{self, Times, Turns};
use super::{ours, peers};
use crate::{cmd, paths};

pub(super) use report::{markdown, section, splice};

/// An interpreter: the name of its package and driver, what it depends on, and its side of the driver.
struct Peer {
    name: &'static str,
    dependency: fn() -> String,
    engine: &'static str,
}

const OURS: &str = "interp";
const WASMI: &str = "wasmi";
const PORTABLE: &str = "wasmi-portable";
const WASMI_VERSION: &str = "2.0.0";

const PEERS: &[Peer] = &[
    Peer {
        name: OURS,
        dependency: || {
            let interp = paths::root().join("interp");
            format!("wrt-interp = {{ path = {interp:?} }}")
        },
        engine: include_str!("ours.rs.in"),
    },
    Peer {
        name: WASMI,
        dependency: || format!("wasmi = \"={WASMI_VERSION}\""),
        engine: include_str!("wasmi.rs.in"),
    },
    Peer {
        name: PORTABLE,
        dependency: || {
            let features = "[\"portable-dispatch\", \"indirect-dispatch\"]";
            format!("wasmi = {{ version = \"={WASMI_VERSION}\", features = {features} }}")
        },
        engine: include_str!("wasmi.rs.in"),
    },
];

/// All that was measured.
pub(super) struct Results<'a> {
    kernels: Vec<&'a Kernel>,
    times: Vec<Times>,
    /// Of SQLite, if it was among the kernels.
    starts: Vec<Start>,
    runs: u32,
}

/// The least CPU times to start SQLite, in seconds.
struct Start {
    name: String,
    /// Validation, instantiation, first call.
    phases: [f64; 3],
    wasm_bytes: u64,
}

/// Times `kernels`, with a tenth of their rounds.
pub(super) fn run<'a>(
    kernels: &[&'a Kernel],
    runs: u32,
    quick: bool,
    dir: &Path,
) -> Result<Results<'a>> {
    cmd::say("building the interpreters");
    let mut engines = start(kernels, dir)?;
    let starts = match kernels.iter().any(|k| k.name == SQLITE.name) {
        true => starts(&mut engines, runs)?,
        false => Vec::new(),
    };
    let part = if quick { 80 } else { 10 };
    let times = turns::measure(&mut engines, kernels, Turns::exactly(runs), |kernel| {
        kernel.rounds / part
    })?;
    Ok(Results {
        kernels: kernels.to_vec(),
        times,
        starts,
        runs,
    })
}

/// Generates, builds and starts all drivers.
fn start(kernels: &[&Kernel], dir: &Path) -> Result<Vec<Engine>> {
    let (dir, build) = (dir.join("interp"), dir.join("interp-build"));
    let members: Vec<String> = PEERS.iter().map(|p| format!("{:?}", p.name)).collect();
    cmd::write(
        &dir.join("Cargo.toml"),
        format!(
            "[workspace]\nresolver = \"3\"\nmembers = [{}]\n",
            members.join(", ")
        ),
    )?;
    for peer in PEERS {
        let package = dir.join(peer.name);
        let clock = "rustix = { version = \"1\", features = [\"time\"] }".to_owned();
        // Not the name of what it drives, which cargo would take for it.
        let manifest = ours::manifest(&program(peer), &[(peer.dependency)(), clock]);
        cmd::write(&package.join("Cargo.toml"), manifest)?;
        cmd::write(&package.join("src/main.rs"), include_str!("driver.rs.in"))?;
        cmd::write(&package.join("src/engine.rs"), peer.engine)?;
    }
    let mut engines = Vec::new();
    for peer in PEERS {
        let mut cargo = cmd::cargo();
        cargo.args(["build", "--release", "--quiet", "--package"]);
        cargo.arg(program(peer)).current_dir(&dir);
        cmd::quiet(cargo.env("CARGO_TARGET_DIR", &build))
            .context("the drivers of the interpreters do not build")?;
        let mut driver = Command::new(build.join("release").join(program(peer)));
        for kernel in kernels {
            driver.arg(format!(
                "{}={}",
                kernel.name,
                peers::wasm(kernel)?.display()
            ));
        }
        engines.push(Engine::start(peer.name, &mut driver)?);
    }
    Ok(engines)
}

fn program(peer: &Peer) -> String {
    format!("driver-{}", peer.name)
}

/// Starts SQLite in all engines, in turn.
fn starts(engines: &mut [Engine], runs: u32) -> Result<Vec<Start>> {
    cmd::say("timing the start of SQLite");
    let wasm_bytes = cmd::read(&peers::wasm(&SQLITE)?)?.len() as u64;
    let mut starts: Vec<Start> = engines
        .iter()
        .map(|engine| Start {
            name: engine.name.clone(),
            phases: [f64::INFINITY; 3],
            wasm_bytes,
        })
        .collect();
    for _ in 0..runs {
        for (engine, start) in engines.iter_mut().zip(&mut starts) {
            let phases = engine.start_up(SQLITE.name)?;
            if phases.iter().sum::<f64>() < start.phases.iter().sum() {
                start.phases = phases;
            }
        }
    }
    Ok(starts)
}
