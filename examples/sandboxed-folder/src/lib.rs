//! A compiled program that has one folder of the disk, and nothing else of it.
//!
//! `guests/c/tally.c` is plain C with `opendir`, `fopen` and `rename`. It counts the lines of a folder's files, writes
//! `summary.txt` beside them, and opens whatever other paths it is told. Here it knows the folder as `/data`: no `..`, no
//! absolute path and no symbolic link leads it anywhere else.

use std::error::Error;
use std::path::Path;

use wrt_rt::wasi::buffers::Buffers;
use wrt_rt::wasi::std::StdCtx;
use wrt_wasi::{Access, Folders};

mod generated {
    include!(concat!(env!("OUT_DIR"), "/tally.rs"));
}

use generated::tally::{Instance, Limits};

/// What the program may use up: it is a stranger.
const LIMITS: Limits = Limits {
    fuel: 100_000_000,
    memory_pages: 16,
    ..generated::tally::LIMITS
};

/// What came of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The program's status: 0 if it wrote the summary.
    pub status: i32,
    /// What it printed.
    pub output: String,
}

/// Runs the program on a folder, with other paths to try.
pub fn tally(folder: &Path, access: Access, others: &[&str]) -> Result<Report, Box<dyn Error>> {
    let folders = Folders::new().folder(folder, "/data", access)?;
    // No clocks, no random bytes, no variables: what is not said is denied.
    let host = StdCtx::new()
        .args(["tally", "/data"])
        .args(others)
        .buffers(Buffers::new([], 1 << 16))
        .filesystem(folders);
    let mut instance = Instance::with_limits(host, LIMITS)?;
    let status = match instance.invoke("_start", &[]) {
        Ok(_) => 0,
        Err(trap) => trap.exit_status().ok_or(trap)?,
    };
    let output = instance.host_mut().buffers_mut().map(Buffers::take_out);
    Ok(Report {
        status,
        output: String::from_utf8(output.unwrap_or_default())?,
    })
}
