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

extern crate alloc;

mod check;
mod compare;
mod compiled;
mod interp;
pub mod package;
pub mod parallel;
mod plan;
mod report;
mod script;
mod words;

pub use compiled::{Board, Compiled, DRIVER};
pub use interp::Interp;
pub use plan::Plan;
pub use report::{Failure, Judged, Known, Report, Sum};
pub use script::{Act, Cmd, Inst, Outcome, Script};

/// Units of fuel that a command may well have: no script of the suite takes a hundredth, and an endless loop ends.
pub const FUEL: u64 = 1 << 30;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_directive_has_a_verdict() {
        let text = "(module $m (func (export \"one\") (result i32) (i32.const 1)))\n\
                    (assert_return (invoke \"one\") (i32.const 1))\n\
                    (assert_return (invoke \"one\") (i32.const 2))\n\
                    (assert_return (invoke $n \"one\") (i32.const 1))\n\
                    (assert_exception (invoke \"one\"))\n\
                    (module quote \"(func\")\n\
                    (invoke \"one\")\n\
                    (assert_invalid (module (func (result i32))) \"type mismatch\")\n\
                    (assert_invalid (module) \"type mismatch\")\n\
                    (assert_unlinkable (module (import \"x\" \"y\" (func))) \"unknown import\")\n\
                    (assert_trap (module (func $f (unreachable)) (start $f)) \"unreachable\")";
        let suite = Suite::read(vec![("a.wast".to_string(), text.to_string())]).expect("a script");
        let mut report = Report::new(&suite);
        let answers = Interp { fuel: FUEL }.run(&suite).expect("runs");
        report.add(&suite, "interp", &answers);
        let judged = report.judge(&Known::default(), true);
        assert_eq!(
            judged.problems(),
            [
                "a.wast:4 [compile] no module n",
                "a.wast:5 [compile] assert_exception: not understood",
                "a.wast:6 [compile] expected `)`",
                "a.wast:7 [compile] no module before this line",
                "a.wast:9 [compile] is accepted",
                "a.wast:3 [interp] gives i32:1, should give i32:2",
            ]
        );
        let sums: Vec<String> = judged.sums.iter().map(ToString::to_string).collect();
        assert_eq!(
            sums,
            [
                "a.wast [compile] 2 passed, 5 failed",
                "a.wast [interp] 4 passed, 1 failed"
            ]
        );
        let refused = Suite::read(vec![(
            "b.wast".to_string(),
            "(module)\n(assert_retrun)".to_string(),
        )]);
        let refused = refused.expect_err("no script");
        assert!(refused.starts_with("b.wast:2:2: "), "{refused}");
    }
}
