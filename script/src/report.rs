//! What became of all assertions, held against what is known to fail.

use crate::compare::compare;
use crate::{Answer, Outcome, Suite};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// All outcomes.
#[derive(Debug, Default)]
pub struct Report {
    /// By script, in the order in which they came.
    files: Vec<(String, Engines)>,
}

/// Outcomes by engine.
type Engines = Vec<(String, Vec<Outcome>)>;

/// What is known to fail.
///
/// An entry is a line `NAME[:LINE] [[ENGINE]] [REASON]`: the script, in which each `*` stands for anything; the engine, in
/// brackets, if it fails in one alone; and how the reason begins. Empty lines and lines that start with `#` are none.
#[derive(Debug, Default)]
pub struct Known {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    name: String,
    line: Option<usize>,
    engine: Option<String>,
    reason: String,
}

/// A report, judged.
#[derive(Debug)]
pub struct Judged {
    /// For each script and engine.
    pub sums: Vec<Sum>,
    /// What failed and was not known to.
    pub failures: Vec<Failure>,
    /// Entries of what is known to fail that nothing answered to.
    pub passing: Vec<String>,
}

/// How a script did in an engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// The script's name.
    pub file: String,
    /// The engine's.
    pub engine: String,
    /// How many assertions passed.
    pub passed: usize,
    /// How many failed, and were not known to.
    pub failed: usize,
    /// How many failed as known.
    pub known: usize,
}

/// Assertions of a script that failed in an engine for one reason: a module that does not compile fails all that is
/// said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The script's name.
    pub file: String,
    /// The engine's.
    pub engine: String,
    /// What was expected and what came.
    pub reason: String,
    /// Of each.
    pub lines: Vec<usize>,
    /// It was known.
    pub known: bool,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}:{} [{}] {}",
            self.file, self.lines[0], self.engine, self.reason
        )?;
        match self.lines.len() {
            1 => Ok(()),
            more => write!(f, " ({more} times)"),
        }
    }
}

impl std::fmt::Display for Sum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} [{}] {} passed, {} failed",
            self.file, self.engine, self.passed, self.failed
        )?;
        match self.known {
            0 => Ok(()),
            known => write!(f, ", {known} known to fail"),
        }
    }
}

impl Report {
    /// The report of `suite` before it runs: what was decided when it was read.
    pub fn new(suite: &Suite) -> Report {
        let mut report = Report::default();
        for script in suite.scripts.iter().filter(|s| !s.outcomes.is_empty()) {
            report.add_outcomes(&script.name, "compile", script.outcomes.clone());
        }
        report
    }

    /// Adds all that the engine `name` answered to `suite`.
    pub fn add(&mut self, suite: &Suite, name: &str, answers: &[Vec<Answer>]) {
        for (script, answers) in suite.scripts.iter().zip(answers) {
            let outcomes = answers.iter().map(|answer| Outcome {
                line: answer.line,
                verdict: answer.verdict.clone(),
            });
            self.add_outcomes(&script.name, name, outcomes);
        }
    }

    /// Adds, as `name`, whether two engines gave the same answers to `suite` and took the same fuel.
    pub fn compare(
        &mut self,
        suite: &Suite,
        name: &str,
        one: &[Vec<Answer>],
        other: &[Vec<Answer>],
    ) {
        for (script, (one, other)) in suite.scripts.iter().zip(one.iter().zip(other)) {
            self.add_outcomes(&script.name, name, compare(script, one, other));
        }
    }

    /// Adds the outcomes of `script` in `engine`.
    fn add_outcomes(
        &mut self,
        script: &str,
        engine: &str,
        outcomes: impl IntoIterator<Item = Outcome>,
    ) {
        let file = match self.files.iter().position(|(name, _)| name == script) {
            Some(n) => n,
            None => {
                self.files.push((script.to_string(), Vec::new()));
                self.files.len() - 1
            }
        };
        let engines = &mut self.files[file].1;
        match engines.iter_mut().find(|(name, _)| name == engine) {
            Some((_, all)) => all.extend(outcomes),
            None => engines.push((engine.to_string(), outcomes.into_iter().collect())),
        }
    }

    /// Holds all of it against what is `known` to fail. If this is not the `whole` suite, entries for scripts and engines
    /// that did not run need no answer.
    pub fn judge(&self, known: &Known, whole: bool) -> Judged {
        let mut judged = Judged {
            sums: Vec::new(),
            failures: Vec::new(),
            passing: Vec::new(),
        };
        let mut answered = BTreeSet::new();
        for (file, engine, outcomes) in self.runs() {
            let mut sum = Sum {
                file: file.to_string(),
                engine: engine.to_string(),
                passed: 0,
                failed: 0,
                known: 0,
            };
            let mut failures: BTreeMap<(bool, &str), Vec<usize>> = BTreeMap::new();
            for outcome in outcomes {
                let Err(reason) = &outcome.verdict else {
                    sum.passed += 1;
                    continue;
                };
                let entries = known.entries.iter().enumerate();
                let covering: Vec<usize> = entries
                    .filter(|(_, entry)| entry.covers(file, engine, outcome.line, reason))
                    .map(|(n, _)| n)
                    .collect();
                let is_known = !covering.is_empty();
                answered.extend(covering);
                *if is_known {
                    &mut sum.known
                } else {
                    &mut sum.failed
                } += 1;
                failures
                    .entry((is_known, reason))
                    .or_default()
                    .push(outcome.line);
            }
            let mut failures: Vec<Failure> = failures
                .into_iter()
                .map(|((known, reason), lines)| Failure {
                    file: file.to_string(),
                    engine: engine.to_string(),
                    reason: reason.to_string(),
                    lines,
                    known,
                })
                .collect();
            failures.sort_by_key(|failure| failure.lines[0]);
            judged.failures.extend(failures);
            judged.sums.push(sum);
        }
        for (n, entry) in known.entries.iter().enumerate() {
            let ran = |(file, engine, _): (&str, &str, _)| entry.names(file) && entry.is_of(engine);
            if !answered.contains(&n) && (whole || self.runs().any(ran)) {
                judged.passing.push(entry.to_string());
            }
        }
        judged
    }

    fn runs(&self) -> impl Iterator<Item = (&str, &str, &[Outcome])> {
        self.files.iter().flat_map(|(file, engines)| {
            let engines = engines.iter();
            engines.map(move |(engine, all)| (file.as_str(), engine.as_str(), all.as_slice()))
        })
    }
}

impl Judged {
    /// Everything passed that should, and nothing else.
    pub fn is_good(&self) -> bool {
        self.passing.is_empty() && self.failures.iter().all(|failure| failure.known)
    }

    /// The sums of each engine over all scripts, named `name`.
    pub fn totals(&self, name: &str) -> Vec<Sum> {
        let mut totals: Vec<Sum> = Vec::new();
        for sum in &self.sums {
            match totals.iter_mut().find(|total| total.engine == sum.engine) {
                Some(total) => {
                    total.passed += sum.passed;
                    total.failed += sum.failed;
                    total.known += sum.known;
                }
                None => totals.push(Sum {
                    file: name.to_string(),
                    ..sum.clone()
                }),
            }
        }
        totals
    }

    /// What should not be, a line each.
    pub fn problems(&self) -> Vec<String> {
        let failures = self.failures.iter().filter(|failure| !failure.known);
        let passing = self.passing.iter();
        let passing = passing.map(|entry| format!("known to fail, and passes: {entry}"));
        failures.map(Failure::to_string).chain(passing).collect()
    }

    /// All of it as JSON.
    pub fn json(&self) -> String {
        let mut out = String::from("{\n  \"files\": [");
        for (n, sum) in self.sums.iter().enumerate() {
            let comma = if n == 0 { "" } else { "," };
            let _ = write!(
                out,
                "{comma}\n    {{\"file\": {}, \"engine\": {}, \"passed\": {}, \"failed\": {}, \"known\": {}, \
                 \"failures\": [",
                quoted(&sum.file),
                quoted(&sum.engine),
                sum.passed,
                sum.failed,
                sum.known
            );
            let of_it = |f: &&Failure| f.file == sum.file && f.engine == sum.engine;
            for (n, failure) in self.failures.iter().filter(of_it).enumerate() {
                let comma = if n == 0 { "" } else { "," };
                let _ = write!(
                    out,
                    "{comma}\n      {{\"lines\": {:?}, \"known\": {}, \"reason\": {}}}",
                    failure.lines,
                    failure.known,
                    quoted(&failure.reason)
                );
            }
            out.push_str("]}");
        }
        out.push_str("\n  ],\n  \"known_but_passing\": [");
        for (n, entry) in self.passing.iter().enumerate() {
            let comma = if n == 0 { "" } else { ", " };
            let _ = write!(out, "{comma}{}", quoted(entry));
        }
        out.push_str("]\n}\n");
        out
    }
}

/// A string of JSON.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

impl Known {
    /// Reads a list of known failures.
    pub fn read(text: &str) -> Known {
        let lines = text.lines().map(str::trim);
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let entries = lines.map(|line| {
            let (place, rest) = line.split_once(' ').unwrap_or((line, ""));
            let numbered = place.rsplit_once(':');
            let numbered = numbered.and_then(|(name, line)| Some((name, line.parse().ok()?)));
            let (name, line) = numbered.map_or((place, None), |(name, line)| (name, Some(line)));
            let rest = rest.trim_start();
            let engine = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
            let (engine, reason) = engine.map_or((None, rest), |(engine, reason)| {
                (Some(engine.to_string()), reason.trim_start())
            });
            Entry {
                name: name.to_string(),
                line,
                engine,
                reason: reason.to_string(),
            }
        });
        Known {
            entries: entries.collect(),
        }
    }
}

impl std::fmt::Display for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(engine) = &self.engine {
            write!(f, " [{engine}]")?;
        }
        if self.reason.is_empty() {
            Ok(())
        } else {
            write!(f, " {}", self.reason)
        }
    }
}

impl Entry {
    fn names(&self, script: &str) -> bool {
        let mut parts = self.name.split('*');
        let Some(mut rest) = script.strip_prefix(parts.next().unwrap_or_default()) else {
            return false;
        };
        let mut parts: Vec<&str> = parts.collect();
        let Some(last) = parts.pop() else {
            return rest.is_empty();
        };
        for part in parts {
            match rest.split_once(part) {
                Some((_, after)) => rest = after,
                None => return false,
            }
        }
        rest.ends_with(last)
    }

    fn is_of(&self, engine: &str) -> bool {
        self.engine.as_ref().is_none_or(|known| known == engine)
    }

    /// Whether this is the failure that is known, for the reason that is known.
    fn covers(&self, script: &str, engine: &str, line: usize, reason: &str) -> bool {
        self.names(script)
            && self.is_of(engine)
            && self.line.is_none_or(|known| known == line)
            && reason.starts_with(&self.reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(outcomes: &[(&str, &str, usize, Result<(), &str>)]) -> Report {
        let mut report = Report::default();
        for (file, engine, line, verdict) in outcomes {
            let (line, verdict) = (*line, verdict.map_err(str::to_string));
            report.add_outcomes(file, engine, [Outcome { line, verdict }]);
        }
        report
    }

    #[test]
    fn a_known_failure_must_fail() {
        let report = report(&[
            ("a/b.wast", "interp", 1, Ok(())),
            ("a/b.wast", "interp", 2, Err("gives 1")),
            ("a/b.wast", "O3", 2, Ok(())),
        ]);
        let good = |known: &str| report.judge(&Known::read(known), false).is_good();
        assert!(!good(""));
        assert!(good("a/b.wast"));
        assert!(good("# why\n\n*b.w*t:2 gives"));
        assert!(good("a/b.wast:2 [interp] gives 1\nother.wast fails"));
        assert!(!good("a/b.wast:2\na/b.wast:2 [O3]"), "it passes there");
        assert!(!good("a/b.wast:2\na/b.wast:1"));
        assert!(!good("a/b.wast gives 2"));
        assert!(!good("a/*.wasm"));
        let judged = report.judge(&Known::read("a/b.wast\nother.wast fails"), true);
        assert_eq!(
            judged.problems(),
            ["known to fail, and passes: other.wast fails"]
        );
    }

    #[test]
    fn json_escapes() {
        let report = report(&[("a\\b.wast", "interp", 3, Err("\"x\"\u{1}é"))]);
        let json = report.judge(&Known::default(), true).json();
        let line = "{\"lines\": [3], \"known\": false, \"reason\": \"\\\"x\\\"\\u0001é\"}";
        assert!(json.contains(line), "{json}");
        assert!(json.contains("\"a\\\\b.wast\""), "{json}");
    }
}
