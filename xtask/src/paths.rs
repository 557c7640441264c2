//! Where things lie: sources under the workspace's root, all else under its target folder.

use std::path::PathBuf;

use anyhow::{Context, Result};

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map(PathBuf::from).unwrap_or(here)
}

/// The folder that cargo builds into.
pub(crate) fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => std::path::absolute(&dir).unwrap_or_else(|_| PathBuf::from(dir)),
        None => root().join("target"),
    }
}

/// A folder in the target folder, made if it is not there.
pub(crate) fn in_target(name: &str) -> Result<PathBuf> {
    let dir = target().join(name);
    make(&dir)?;
    Ok(dir)
}

/// Makes a folder and those above it.
pub(crate) fn make(dir: &std::path::Path) -> Result<()> {
    std::fs::create_dir_all(dir)
        .with_context(|| format!("cannot make the folder {}", dir.display()))
}

/// The sources and the committed .wasm of the guests.
pub(crate) fn guests() -> PathBuf {
    root().join("guests")
}
