//! Running other programs: each says what ran where it fails.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail};

/// The cargo that runs this.
pub(crate) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Says what is being done, on standard error.
pub(crate) fn say(message: impl std::fmt::Display) {
    eprintln!("xtask: {message}");
}

/// How a command would be typed.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut text = program
        .file_name()
        .unwrap_or(program.as_os_str())
        .to_string_lossy()
        .into_owned();
    for arg in command.get_args() {
        text.push(' ');
        let arg = arg.to_string_lossy();
        if arg.contains([' ', '\'', '"', '\n']) || arg.is_empty() {
            text.push_str(&format!("{arg:?}"));
        } else {
            text.push_str(&arg);
        }
    }
    text
}

/// Runs a command whose output goes to the terminal; it must succeed.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| cannot_start(command))?;
    if !status.success() {
        bail!("`{}` failed ({status})", shown(command));
    }
    Ok(())
}

/// Runs a command without input, whatever its status.
pub(crate) fn output(command: &mut Command) -> Result<Output> {
    command
        .stdin(Stdio::null())
        .output()
        .with_context(|| cannot_start(command))
}

/// Runs a command quietly; what it printed is shown only where it fails. Returns its standard output.
pub(crate) fn quiet(command: &mut Command) -> Result<String> {
    let out = output(command)?;
    if !out.status.success() {
        bail!(
            "`{}` failed ({})\n{}{}",
            shown(command),
            out.status,
            String::from_utf8_lossy(&out.stdout),
            String::from_utf8_lossy(&out.stderr)
        );
    }
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}

/// Whether a command starts and succeeds, quietly.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    output(command).is_ok_and(|out| out.status.success())
}

fn cannot_start(command: &Command) -> String {
    format!(
        "cannot start `{}`: is it installed and on the path?",
        shown(command)
    )
}

/// Where a program is on the path.
pub(crate) fn which(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|dir| dir.join(name))
        .find(|file| file.is_file())
}

/// Reads a file, naming it where that fails.
pub(crate) fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}

/// Writes a file, unless it holds this already (so that cargo need not rebuild).
pub(crate) fn write(file: &Path, contents: impl AsRef<[u8]>) -> Result<()> {
    let contents = contents.as_ref();
    if fs::read(file).is_ok_and(|old| old == contents) {
        return Ok(());
    }
    if let Some(dir) = file.parent() {
        crate::paths::make(dir)?;
    }
    fs::write(file, contents).with_context(|| format!("cannot write {}", file.display()))
}

/// Whether `file` is there and was built as `how` says; what is built anew should call [`mark_built`] when done.
pub(crate) fn is_built(file: &Path, how: &str) -> bool {
    file.is_file() && fs::read_to_string(mark_of(file)).is_ok_and(|old| old == how)
}

/// Notes how `file` was built.
pub(crate) fn mark_built(file: &Path, how: &str) -> Result<()> {
    write(&mark_of(file), how)
}

fn mark_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".how");
    name.into()
}
