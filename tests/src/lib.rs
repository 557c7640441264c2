//! What the runners share: where things are, and what every generated source must keep to.

pub mod exposed;
pub mod interp;
pub mod reference;
pub mod side;
pub mod smith;
pub mod source;

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use wrt_script::package::Runtime;

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

/// The runtime that generated packages link against: the one that is tested.
pub fn runtime() -> Runtime {
    Runtime::At(root().join("rt"))
}

/// The cargo that runs the tests, or the one on the path. `None`, after saying so, if there is neither.
pub fn cargo() -> Option<OsString> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let works = |program: &OsString| {
        let status = Command::new(program)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        status.is_ok_and(|s| s.success())
    };
    if works(&cargo) {
        return Some(cargo);
    }
    say("skipped: what needs cargo, which is not found");
    None
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
