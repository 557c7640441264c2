//! The release build of `wrtd`, and the packages that are made of what it generates.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::{cmd, paths};

/// Options of `wrtd compile`: state inside the instance, one page of memory.
pub(crate) const FIRMWARE: &[&str] = &["--storage=fixed", "--max-memory-pages=1"];
/// The option for no backtraces.
pub(crate) const SILENT: &str = "--backtrace=none";
/// The option for no fuel.
pub(crate) const UNMETERED: &str = "--fuel=false";

/// `wrtd`, built.
pub(crate) struct Wrtd(PathBuf);

impl Wrtd {
    /// Builds it.
    pub(crate) fn build() -> Result<Wrtd> {
        cmd::run(
            cmd::cargo()
                .args(["build", "--quiet", "--release", "--package", "wrtd"])
                .current_dir(paths::root()),
        )?;
        Ok(Wrtd(paths::target().join("release/wrtd")))
    }

    /// Where it lies.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// A command that runs it.
    pub(crate) fn command(&self) -> Command {
        Command::new(&self.0)
    }

    /// Writes the sources of a no_std library to `package/src`: what `wrtd compile` makes of a module with these
    /// options, changed by `edit`. A file that stays as it was is not touched.
    pub(crate) fn library(
        &self,
        wasm: &Path,
        options: &[&str],
        package: &Path,
        edit: fn(String) -> String,
    ) -> Result<()> {
        let made = package.join("made");
        paths::make(&made)?;
        let mut compile = self.command();
        compile.arg("compile").arg(wasm).args(options);
        cmd::quiet(compile.arg("-o").arg(made.join("module.rs")))?;
        let src = package.join("src");
        cmd::write(&src.join("lib.rs"), LIBRARY)?;
        let files = std::fs::read_dir(&made);
        for file in files.with_context(|| format!("cannot read {}", made.display()))? {
            let file = file?.path();
            let contents = cmd::read(&file)?;
            let to = src.join(file.file_name().unwrap_or_default());
            match to.extension().is_some_and(|e| e == "rs") {
                true => cmd::write(&to, edit(String::from_utf8(contents)?))?,
                false => cmd::write(&to, contents)?,
            }
        }
        Ok(())
    }
}

const LIBRARY: &str = "#![no_std]\nmod module;\npub use module::*;\n";
