//! The engines that we are compared with: clang's native code, and wasmtime with and without fuel.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::engine::Engine;
use super::kernels::{Kernel, SQLITE};
use crate::guests::{self, SQLITE_FLAGS};
use crate::{cmd, paths, setup};

/// The .wasm of a kernel.
pub(super) fn wasm(kernel: &Kernel) -> Result<PathBuf> {
    if kernel.name == SQLITE.name {
        return Ok(guests::sqlite()?.run);
    }
    Ok(guests::wasm(&format!("bench/{}", kernel.name)))
}

/// All kernels natively, by clang -O3 (SQLite -O2, as its wasm), for the processor family's baseline.
pub(super) fn native(kernels: &[&Kernel], dir: &Path) -> Result<Engine> {
    setup::clang()?;
    let dir = dir.join("native");
    paths::make(&dir)?;
    let mut objects = Vec::new();
    let mut table = String::new();
    for kernel in kernels {
        table.push_str(&format!("KERNEL({})\n", kernel.name));
        let rename = format!("-Drun=run_{}", kernel.name);
        if kernel.name == SQLITE.name {
            let sources = guests::sqlite()?.source;
            let ours = ["os", "work", "run"].map(|f| paths::guests().join(format!("sqlite/{f}.c")));
            for file in std::iter::once(sources.join("sqlite3.c")).chain(ours) {
                // The rename is for run.c alone: SQLite has fields of that name.
                let rename = if file.ends_with("run.c") {
                    rename.as_str()
                } else {
                    "-w"
                };
                objects.push(compile(&file, SQLITE_FLAGS, &[rename], &sources, &dir)?);
            }
        } else {
            let file = paths::guests().join(format!("bench/{}.c", kernel.name));
            objects.push(compile(
                &file,
                &["-O3", "-std=gnu17"],
                &[&rename],
                &dir,
                &dir,
            )?);
        }
    }
    cmd::write(&dir.join("kernels.inc"), table)?;
    cmd::write(&dir.join("driver.c"), include_str!("driver.c"))?;
    let exe = dir.join("driver");
    cmd::quiet(
        Command::new("clang-22")
            .arg("-O2")
            .arg(dir.join("driver.c"))
            .args(&objects)
            .arg("-lm")
            .arg("-o")
            .arg(&exe),
    )?;
    Engine::start("native", &mut Command::new(exe))
}

fn compile(
    file: &Path,
    flags: &[&str],
    more: &[&str],
    include: &Path,
    dir: &Path,
) -> Result<PathBuf> {
    let stem = file
        .file_stem()
        .unwrap_or(file.as_os_str())
        .to_string_lossy();
    let object = dir.join(format!("{stem}.o"));
    let mut compiler = Command::new("clang-22");
    compiler
        .args(flags)
        .args(more)
        .arg("-I")
        .arg(include)
        .arg("-c")
        .arg(file)
        .arg("-o")
        .arg(&object);
    let how = cmd::shown(&compiler);
    // SQLite takes half a minute, and its source does not change.
    if stem == "sqlite3" && cmd::is_built(&object, &how) {
        return Ok(object);
    }
    cmd::quiet(&mut compiler)?;
    cmd::mark_built(&object, &how)?;
    Ok(object)
}

/// wasmtime through its Python package, in one process, compiled for speed.
pub(super) fn wasmtime(name: &str, fuel: bool, kernels: &[&Kernel], dir: &Path) -> Result<Engine> {
    let mut command = driver(dir)?;
    command.arg(if fuel { "fuel" } else { "free" });
    for kernel in kernels {
        command.arg(format!("{}={}", kernel.name, wasm(kernel)?.display()));
    }
    Engine::start(name, &mut command)
}

/// The version of that wasmtime.
pub(super) fn wasmtime_version(dir: &Path) -> Result<String> {
    Ok(cmd::quiet(driver(dir)?.arg("version"))?.trim().to_owned())
}

fn driver(dir: &Path) -> Result<Command> {
    let script = dir.join("driver.py");
    cmd::write(&script, include_str!("driver.py"))?;
    let mut command = setup::wasmtime_python()?.command();
    command.arg(script);
    Ok(command)
}
