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
                Err(format!("takes {} and {} units of fuel", x.fuel, y.fuel))
            }
            (Some(x), Some(y)) => Err(format!("gives {} and {}", x.what, y.what)),
            (None, _) => a.verdict.clone().and(Err("not run".to_string())),
            (_, None) => b.verdict.clone().and(Err("not run".to_string())),
        };
        let line = a.line;
        outcomes.push(Outcome { line, verdict });
    }
    outcomes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(cmd: usize, gave: Option<(&str, u64)>) -> Answer {
        let what = |(what, fuel): (&str, u64)| Gave {
            what: what.to_string(),
            fuel,
        };
        Answer {
            cmd,
            line: cmd + 10,
            verdict: if gave.is_some() {
                Ok(())
            } else {
                Err("no code".to_string())
            },
            gave: gave.map(what),
        }
    }

    #[test]
    fn differences_between_engines_are_failures() {
        let one = [
            answer(0, Some(("i32:1", 7))),
            answer(1, Some(("i32:1", 7))),
            answer(2, Some(("i32:1", 7))),
            answer(3, Some(("i32:1", 7))),
            answer(4, None),
            answer(5, Some(("nothing", 0))),
        ];
        let other = [
            answer(0, Some(("i32:1", 7))),
            answer(1, Some(("i32:1", 8))),
            answer(2, Some(("i32:2", 7))),
            answer(4, Some(("nothing", 0))),
            answer(5, None),
        ];
        let outcomes = compare(&one, &other);
        let found: Vec<(usize, Result<(), &str>)> = outcomes
            .iter()
            .map(|o| {
                (
                    o.line,
                    o.verdict.as_ref().map(|()| ()).map_err(String::as_str),
                )
            })
            .collect();
        let expected = [
            (10, Ok(())),
            (11, Err("takes 7 and 8 units of fuel")),
            (12, Err("gives i32:1 and i32:2")),
            (14, Err("no code")),
            (15, Err("no code")),
        ];
        assert_eq!(found, expected);
    }

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
        report.run(&suite, &Interp).expect("runs");
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
