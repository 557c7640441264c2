//! The specification's scripts (`.wast`), read and run.
//!
//! ```text
//! text ─ script ─> Suite ─┬─ plan ─> sets of instances as Rust ─ compiled ─┐
//!                         └────────────────────────────────────── interp ──┴─> Answers ─ report
//! ```
//!
//! Scripts are data: only their modules are compiled. Everything is a verdict: a directive that is not understood, a
//! module that does not compile and a command without an answer are failures. What is decided when compiling, such as
//! `assert_invalid`, holds for both engines.
#![forbid(unsafe_code)]

mod check;
mod compiled;
mod interp;
pub mod package;
mod parallel;
mod plan;
mod report;
mod script;
mod words;

pub use compiled::{Compiled, DRIVER};
pub use interp::Interp;
pub use plan::Plan;
pub use report::{Failure, Judged, Known, Report, Sum};
pub use script::{Act, Cmd, Inst, Outcome, Script};

/// The module that scripts import from.
const SPECTEST: &str = include_str!("spectest.wat");

/// Scripts to be run.
#[derive(Debug)]
pub struct Suite {
    /// In the order in which they were given.
    pub scripts: Vec<Script>,
}

impl Suite {
    /// Reads scripts, given by name and text. The error says which is no script, and where.
    pub fn read(files: Vec<(String, String)>) -> Result<Suite, String> {
        let spectest = wat::parse_str(SPECTEST).map_err(|e| e.to_string())?;
        let scripts = parallel::each(files, |(name, text)| script::read(&name, &text, &spectest));
        let scripts = scripts.into_iter().collect::<Result<_, _>>()?;
        Ok(Suite { scripts })
    }
}

/// What runs the commands of scripts.
pub trait Runner {
    /// What reports call it.
    fn name(&self) -> &str;

    /// Runs all commands of `suite`. The error says why nothing could be run.
    fn run(&self, suite: &Suite) -> Result<Answers, String>;
}

/// For each script of a suite, the answers to its commands, in order.
pub type Answers = Vec<Vec<Answer>>;

/// What became of a command.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Number of the command in the script.
    pub cmd: usize,
    /// Line of the command.
    pub line: usize,
    /// Passed, or why not.
    pub verdict: Result<(), String>,
    /// What it gave. Nothing, if it was not run.
    pub gave: Option<Gave>,
}

/// What a command gave, to be compared between engines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gave {
    /// Results or trap, in a word.
    pub what: String,
    /// Fuel that it took.
    pub fuel: u64,
}

/// For each command, whether both engines gave the same and took the same fuel.
///
/// A command that one of the engines could not run is a failure; one that was decided when compiling is left out.
fn compare(one: &[Answer], other: &[Answer]) -> Vec<Outcome> {
    let mut others = other.iter().peekable();
    let mut outcomes = Vec::new();
    for a in one {
        while others.next_if(|b| b.cmd < a.cmd).is_some() {}
        let Some(b) = others.next_if(|b| b.cmd == a.cmd) else {
            continue;
        };
        let verdict = match (&a.gave, &b.gave) {
            (Some(x), Some(y)) if x == y => Ok(()),
            (Some(x), Some(y)) if x.what == y.what => {
                Err(format!("{} units of fuel, and {}", x.fuel, y.fuel))
            }
            (Some(x), Some(y)) => Err(format!("{}, and {}", x.what, y.what)),
            (None, _) => a.verdict.clone().and(Err("not run".to_string())),
            (_, None) => b.verdict.clone().and(Err("not run".to_string())),
        };
        let line = a.line;
        outcomes.push(Outcome { line, verdict });
    }
    outcomes
}
