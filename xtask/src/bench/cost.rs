//! What compiling the 1 MB module costs: time and memory of `wrtd compile` and of rustc, and the size of the code.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::kernels::SQLITE;
use super::ours::{self, DEFAULT, Workspace};
use super::peers;
use crate::wrtd::Wrtd;
use crate::{cmd, setup};

/// What a command took.
#[derive(Clone, Copy)]
pub(super) struct Usage {
    pub(super) wall: f64,
    pub(super) cpu: f64,
    /// The largest process, in bytes.
    pub(super) peak: u64,
}

/// The figures of the 1 MB module.
pub(super) struct Cost {
    pub(super) wasm_bytes: u64,
    pub(super) wrtd: Usage,
    pub(super) rustc: Usage,
    /// Machine code of the program with the module, less that of the program without.
    pub(super) text_bytes: u64,
    /// The generated Rust.
    pub(super) source_bytes: u64,
}

/// Driver with SQLite alone, and driver with one small kernel, whose difference is SQLite.
pub(super) const WITH: &str = "with-sqlite";
pub(super) const WITHOUT: &str = "without-sqlite";

/// Measures; the workspace holds the drivers [`WITH`] and [`WITHOUT`].
pub(super) fn measure(dir: &Path, wrtd: &Wrtd, workspace: &Workspace) -> Result<Cost> {
    let wasm = peers::wasm(&SQLITE)?;
    cmd::say("measuring `wrtd compile` and rustc on the 1 MB module (minutes)");
    let source = dir.join("sqlite.rs");
    let wrtd = usage(
        dir,
        wrtd.command()
            .arg("compile")
            .arg(&wasm)
            .arg("-o")
            .arg(&source),
    )?;
    let package = ours::package(&DEFAULT, &SQLITE);
    cmd::quiet(&mut workspace.cargo("wrt-rt"))?;
    workspace.clean(&package)?;
    let rustc = usage(dir, &mut workspace.cargo(&package))?;
    let with = text(&workspace.build(WITH)?)?;
    let without = text(&workspace.build(WITHOUT)?)?;
    Ok(Cost {
        wasm_bytes: cmd::read(&wasm)?.len() as u64,
        wrtd,
        rustc,
        text_bytes: with.saturating_sub(without),
        source_bytes: cmd::read(&source)?.len() as u64,
    })
}

/// Runs a command under a small Python program that asks the system what it took.
fn usage(dir: &Path, command: &mut Command) -> Result<Usage> {
    let script = dir.join("measure.py");
    cmd::write(&script, include_str!("measure.py"))?;
    let mut measured = setup::wasmtime_python()?.command();
    measured
        .arg(script)
        .arg(command.get_program())
        .args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        measured.current_dir(folder);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => measured.env(name, value),
            None => measured.env_remove(name),
        };
    }
    let text = cmd::quiet(&mut measured)?;
    let fields: Vec<f64> = text
        .split_whitespace()
        .filter_map(|f| f.parse().ok())
        .collect();
    match fields[..] {
        [wall, cpu, peak, 0.0] => Ok(Usage {
            wall,
            cpu,
            peak: peak as u64 * 1024,
        }),
        [_, _, _, status] => bail!("`{}` failed (exit status {status})", cmd::shown(command)),
        _ => bail!("cannot measure `{}`: got {text:?}", cmd::shown(command)),
    }
}

/// The machine code of a program, in bytes.
fn text(exe: &Path) -> Result<u64> {
    setup::clang()?;
    let table = cmd::quiet(Command::new("llvm-size-22").arg("-A").arg(exe))?;
    let line = table
        .lines()
        .find(|l| l.starts_with(".text "))
        .context("the program has no section .text")?;
    let size = line
        .split_whitespace()
        .nth(1)
        .context("llvm-size prints no size")?;
    size.parse()
        .with_context(|| format!("llvm-size prints {size:?} for a size"))
}
