//! What became of all assertions, held against what is known to fail.

use crate::script::Outcome;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use wrt_tests::say;

/// All outcomes.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// By script and by what it ran on.
    files: BTreeMap<(String, String), Outcomes>,
}

/// How many assertions passed, and the lines and reasons of the others.
type Outcomes = (usize, Vec<(usize, String)>);

/// An entry of the list of known failures.
struct Known<'a> {
    name: &'a str,
    line: Option<usize>,
    reason: &'a str,
}

impl Report {
    /// Adds the outcomes of `script` on `engine`.
    pub(crate) fn add(&mut self, script: &str, engine: &str, outcomes: &[Outcome]) {
        let (passed, failed) = self
            .files
            .entry((script.to_string(), engine.to_string()))
            .or_default();
        for outcome in outcomes {
            match &outcome.verdict {
                Ok(()) => *passed += 1,
                Err(reason) => failed.push((outcome.line, reason.clone())),
            }
        }
    }

    /// Prints the sum and writes all of it to `path`. The error says what should not be.
    pub(crate) fn finish(&self, known: &str, whole: bool, path: &str) -> Result<(), String> {
        let known = known_failures(known);
        let mut answered = BTreeSet::new();
        let mut problems = String::new();
        let mut json = String::from("{\n  \"files\": [");
        let mut sums: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
        let mut comma = "";
        for ((script, engine), (passed, failures)) in &self.files {
            let mut counts = [*passed, 0, 0];
            // One line for each reason: a module that does not compile fails all that is said of it.
            let mut unexpected: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
            for (line, reason) in failures {
                match known.iter().position(|k| k.covers(script, *line, reason)) {
                    Some(entry) => {
                        answered.insert(entry);
                        counts[2] += 1;
                    }
                    None => {
                        counts[1] += 1;
                        unexpected.entry(reason).or_default().push(*line);
                    }
                }
            }
            for (reason, lines) in unexpected {
                let more = if lines.len() > 1 {
                    format!(" ({} lines)", lines.len())
                } else {
                    String::new()
                };
                let _ = writeln!(problems, "{script}:{}{more} [{engine}] {reason}", lines[0]);
            }
            let [passed, failed, known] = counts;
            let _ = write!(
                json,
                "{comma}\n    {{\"file\": {script:?}, \"engine\": {engine:?}, \"passed\": {passed}, \
                 \"failed\": {failed}, \"known\": {known}}}"
            );
            comma = ",";
            let sum = sums.entry(engine).or_default();
            sum.iter_mut()
                .zip(counts)
                .for_each(|(sum, count)| *sum += count);
        }
        json.push_str("\n  ]\n}\n");
        std::fs::write(path, json).map_err(|e| format!("{path}: {e}"))?;
        for (engine, [passed, failed, known]) in &sums {
            say(&format!(
                "spec: {engine}: {passed} passed, {failed} failed, {known} known to fail"
            ));
        }
        for (n, entry) in known.iter().enumerate() {
            let relevant = whole || self.files.keys().any(|(script, _)| entry.names(script));
            if relevant && !answered.contains(&n) {
                let _ = writeln!(
                    problems,
                    "{} is known to fail ({}), and passes",
                    entry.name, entry.reason
                );
            }
        }
        if problems.is_empty() {
            Ok(())
        } else {
            Err(problems)
        }
    }
}

fn known_failures(text: &str) -> Vec<Known<'_>> {
    let lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (place, reason) = line.split_once(' ').unwrap_or((line, ""));
            let (name, line) = match place.split_once(':') {
                Some((name, line)) => (name, line.parse().ok()),
                None => (place, None),
            };
            Known { name, line, reason }
        })
        .collect()
}

impl Known<'_> {
    fn names(&self, script: &str) -> bool {
        match self.name.split_once('*') {
            Some((start, end)) => script.starts_with(start) && script.ends_with(end),
            None => script == self.name,
        }
    }

    /// Whether this is the failure that is known, for the reason that is known.
    fn covers(&self, script: &str, line: usize, reason: &str) -> bool {
        self.names(script)
            && self.line.is_none_or(|known| known == line)
            && reason.starts_with(self.reason)
    }
}
