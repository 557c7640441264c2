//! What the runners share: generated packages that cargo builds, and what every generated source must keep to.

pub mod package;
pub mod source;

use std::io::Write;
use std::path::{Path, PathBuf};

/// Prints a line that the test harness does not swallow.
pub fn say(line: &str) {
    let mut err = std::io::stderr().lock();
    // Nobody listens to standard error: then nobody misses the line.
    let _ = writeln!(err, "{line}");
}

/// The checkout.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent()
        .map_or_else(|| here.to_path_buf(), Path::to_path_buf)
}

/// Names and bytes of the small guests that stand in the repository, in order.
pub fn guests() -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join("guests/wasm")];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for path in entries.flatten().map(|e| e.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "wasm") {
                let name = path
                    .file_stem()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                found.extend(std::fs::read(&path).map(|bytes| (name, bytes)));
            }
        }
    }
    found.sort();
    found
}
