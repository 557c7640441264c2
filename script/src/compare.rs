//! Both engines, held against each other.

use crate::check::NOTHING;
use crate::script::{Act, Outcome, Script};
use crate::{Answer, Gave};
use std::collections::{BTreeMap, BTreeSet};

/// For each command of `script`, whether both engines gave the same and took the same fuel.
///
/// A command that one of them could not run is a failure. Left out is what was decided when compiling, and what is said
/// of instances that neither could make: interpreted there is none, while compiled code can go on with half of one.
pub(crate) fn compare(script: &Script, one: &[Answer], other: &[Answer]) -> Vec<Outcome> {
    let others: BTreeMap<usize, &Answer> = other.iter().map(|b| (b.cmd, b)).collect();
    let mut unmade = BTreeSet::new();
    let mut outcomes = Vec::new();
    for a in one {
        let (Some(b), Some(cmd)) = (others.get(&a.cmd), script.cmds.get(a.cmd)) else {
            continue;
        };
        let from = script.insts[cmd.inst].from.values();
        let is_step = matches!(cmd.act, Act::Step { .. });
        if unmade.contains(&cmd.inst) || (is_step && from.into_iter().any(|i| unmade.contains(i))) {
            unmade.insert(cmd.inst);
            continue;
        }
        if is_step && failed(&a.gave) && failed(&b.gave) {
            unmade.insert(cmd.inst);
        }
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

/// It was tried, and no instance came of it.
fn failed(gave: &Option<Gave>) -> bool {
    gave.as_ref().is_some_and(|gave| gave.what != NOTHING)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Suite;

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
        let calls = "(invoke \"f\")\n".repeat(5);
        let second =
            "(module (func (export \"g\")) (func $s (unreachable)) (start $s))\n(invoke \"g\")\n";
        let text = format!("(module (func (export \"f\")))\n{calls}{second}{second}");
        let suite = Suite::read(vec![("a.wast".to_string(), text)]).expect("a script");
        let one = [
            answer(0, Some((NOTHING, 0))),
            answer(1, Some(("i32:1", 7))),
            answer(2, Some(("i32:1", 7))),
            answer(3, Some(("i32:1", 7))),
            answer(4, None),
            answer(5, Some((NOTHING, 0))),
            answer(6, Some(("trap:unreachable", 0))),
            answer(7, None),
            answer(8, Some((NOTHING, 0))),
            answer(9, Some((NOTHING, 0))),
        ];
        let other = [
            answer(0, Some((NOTHING, 0))),
            answer(1, Some(("i32:1", 8))),
            answer(2, Some(("i32:2", 7))),
            // Number 3 was decided when compiling.
            answer(4, Some((NOTHING, 0))),
            answer(5, None),
            answer(6, Some(("trap:unreachable", 0))),
            answer(7, Some((NOTHING, 0))),
            answer(8, Some(("trap:unreachable", 0))),
            answer(9, None),
        ];
        let outcomes = compare(&suite.scripts[0], &one, &other);
        let found: Vec<(usize, Result<(), &str>)> = outcomes
            .iter()
            .map(|o| (o.line, o.verdict.as_ref().copied().map_err(String::as_str)))
            .collect();
        let expected = [
            (10, Ok(())),
            (11, Err("takes 7 and 8 units of fuel")),
            (12, Err("gives i32:1 and i32:2")),
            (14, Err("no code")),
            (15, Err("no code")),
            (16, Ok(())),
            (18, Err("gives nothing and trap:unreachable")),
            (19, Err("no code")),
        ];
        assert_eq!(found, expected);
    }
}
