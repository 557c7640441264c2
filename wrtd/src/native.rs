//! A native executable of a generated package, by the cargo and rustc on the path.

use std::env;
use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, bail};

use crate::package::Tree;
use crate::processor::{self, Runs};
use crate::write;

/// Whether there are cargo and rustc, which `what` needs. The error says what to install, or else to do.
pub(crate) fn check_cargo(what: &str, or_else: &str) -> Result<()> {
    let no_rust = format!(
        "{what} needs cargo and rustc on the path: install Rust (https://rustup.rs), or {or_else}"
    );
    for tool in ["cargo", "rustc"] {
        let version = Command::new(tool)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .output();
        match version {
            Ok(output) if output.status.success() => {}
            Ok(output) => {
                let why = String::from_utf8_lossy(&output.stderr).trim().to_string();
                return Err(anyhow!("`{tool} --version`: {why}").context(no_rust));
            }
            Err(error) => return Err(anyhow!("{tool}: {error}").context(no_rust)),
        }
    }
    Ok(())
}

/// Builds the package `name`, which is `tree`, in a temporary folder, for where it `runs`, and puts its executable at
/// `file`. What the package `needs` of crates.io is taken from where cargo keeps packages, else from the network.
pub(crate) fn build(
    tree: &Tree,
    name: &str,
    needs: Option<&str>,
    runs: Runs,
    file: &Path,
) -> Result<()> {
    let dir = tempfile::Builder::new().prefix("wrtd-").tempdir();
    let dir =
        dir.with_context(|| format!("cannot make a folder in {}", env::temp_dir().display()))?;
    write::tree(dir.path(), tree)?;
    flags(dir.path(), runs)?;
    let Some(needs) = needs else {
        cargo(dir.path(), true, io::stderr().is_terminal())?;
        return write::executable(&built(&dir.path().join("target"), name)?, file);
    };
    // That something is not kept is no message yet.
    if cargo(dir.path(), true, false).is_err() {
        cargo(dir.path(), false, io::stderr().is_terminal()).with_context(|| {
            format!("for its folders the program needs {needs} of crates.io, from cargo's cache or the network")
        })?;
    }
    write::executable(&built(&dir.path().join("target"), name)?, file)
}

/// Makes cargo pass on the flags of [`processor`] in `dir`, but those that this rustc refuses; a user's `RUSTFLAGS` come
/// in place of them.
fn flags(dir: &Path, runs: Runs) -> Result<()> {
    let taken = |flag: &&str| {
        let mut rustc = Command::new("rustc");
        rustc.args([flag, "--print", "cfg"]).stdin(Stdio::null());
        rustc.output().is_ok_and(|output| output.status.success())
    };
    let flags: Vec<&str> = processor::flags(runs).into_iter().filter(taken).collect();
    let config = format!("[build]\nrustflags = {flags:?}\n");
    let file = dir.join(".cargo/config.toml");
    let written = fs::create_dir(dir.join(".cargo")).and_then(|()| fs::write(&file, config));
    written.with_context(|| format!("cannot write {}", file.display()))
}

/// Builds the package in `dir`. Where cargo's progress is not shown, what it says is of interest only if it fails.
fn cargo(dir: &Path, offline: bool, shown: bool) -> Result<()> {
    let mut cargo = Command::new("cargo");
    cargo
        .args(["build", "--release", "--target-dir"])
        .arg(dir.join("target"))
        .args(offline.then_some("--offline"))
        .current_dir(dir)
        .stdin(Stdio::null())
        // Under `cargo run` these name the toolchain and package of another build.
        .env_remove("CARGO_MANIFEST_DIR")
        .env_remove("CARGO_TARGET_DIR");
    let output = if shown {
        cargo
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
    } else {
        cargo.arg("--quiet").output()
    };
    let output = output.context("cannot start cargo")?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_string();
    let error = anyhow!(
        "{}",
        if said.is_empty() {
            output.status.to_string()
        } else {
            said
        }
    );
    Err(error.context("cargo could not build the executable"))
}

/// The executable under `target`; in a folder of its own if cargo is configured for another machine.
fn built(target: &Path, name: &str) -> Result<PathBuf> {
    let mut folders = vec![target.to_path_buf()];
    if let Ok(entries) = fs::read_dir(target) {
        folders.extend(entries.flatten().map(|entry| entry.path()));
    }
    for folder in folders {
        for ending in ["", "exe"] {
            let path = folder.join("release").join(name).with_extension(ending);
            if path.is_file() {
                return Ok(path);
            }
        }
    }
    bail!("cargo built no executable under {}", target.display())
}
