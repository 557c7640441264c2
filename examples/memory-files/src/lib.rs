//! A compiled program that has files, and no disk: they are in memory, the host puts them there, and afterwards it reads
//! what the program wrote.
//!
//! `guests/c/tally.c` counts the lines of a folder's files and writes `summary.txt` beside them. Time and random bytes
//! are the host's to say, so that two runs are the same in every respect.

use std::error::Error;

use wrt_rt::wasi::buffers::Buffers;
use wrt_rt::wasi::memfs::{Access, Heap, MemFs, Room};
use wrt_rt::wasi::std::StdCtx;
use wrt_rt::wasi::{SeededEntropy, StepClock};

mod generated {
    include!(concat!(env!("OUT_DIR"), "/tally.rs"));
}

use generated::tally::{Instance, Limits};

/// What the program may use up.
const LIMITS: Limits = Limits {
    fuel: 100_000_000,
    memory_pages: 16,
    ..generated::tally::LIMITS
};

/// What the files may take up.
const ROOM: Room = Room {
    bytes: 1 << 16,
    entries: 100,
    open: 16,
};

/// What came of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The program's status: 0 if it wrote the summary.
    pub status: i32,
    /// What it printed.
    pub output: String,
    /// What is in `summary.txt`, if it is there.
    pub summary: Option<String>,
}

/// Runs the program on files, given by name and text.
pub fn tally(texts: &[(&str, &str)]) -> Result<Report, Box<dyn Error>> {
    let mut files = MemFs::<Heap>::new(ROOM);
    for (name, text) in texts {
        files
            .add_file(format!("data/{name}").as_bytes(), text.as_bytes())
            .map_err(|errno| format!("{name}: {errno:?}"))?;
    }
    files
        .add_preopen(b"data", "/data", Access::ReadWrite)
        .map_err(|errno| format!("data: {errno:?}"))?;
    let host = StdCtx::new()
        .args(["tally", "/data"])
        .buffers(Buffers::new([], 1 << 16))
        .clock(StepClock::new(0, 1_000_000))
        .seed(SeededEntropy::new(7))
        .filesystem(files);
    let mut instance = Instance::with_limits(host, LIMITS)?;
    let status = match instance.invoke("_start", &[]) {
        Ok(_) => 0,
        Err(trap) => trap.exit_status().ok_or(trap)?,
    };
    let output = instance.host_mut().buffers_mut().map(Buffers::take_out);
    let summary = instance
        .host_mut()
        .filesystem_mut()
        .file(b"data/summary.txt");
    Ok(Report {
        status,
        output: String::from_utf8(output.unwrap_or_default())?,
        summary: summary.ok().map(String::from_utf8).transpose()?,
    })
}
