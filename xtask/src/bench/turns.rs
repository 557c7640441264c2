//! Timing: engines take turns, since a machine that others use is now faster, now slower.

use std::fmt;

use anyhow::{Result, bail};

use super::engine::{Engine, Sample};
use super::kernels::Kernel;
use super::runs_kernel;
use crate::cmd;

/// One engine's best times, kernel by kernel; nothing where it does not run a kernel.
pub(super) struct Times {
    pub(super) name: String,
    pub(super) best: Vec<Option<Sample>>,
}

/// How many turns a kernel takes: at least [`least`](Self::least), and more, up to `most`, until each engine met its
/// least time [`MET`] times.
#[derive(Clone, Copy)]
pub(super) struct Turns {
    pub(super) least: u32,
    pub(super) most: u32,
}

/// So many of an engine's runs must lie within [`CLOSE`] of its least time, if it is to be trusted: one alone says
/// nothing of how much faster the next might be.
const MET: usize = 5;
/// A time over the least that counts as met again.
const CLOSE: f64 = 1.03;

impl Turns {
    /// `runs`, whatever they give.
    pub(super) fn exactly(runs: u32) -> Turns {
        let runs = runs.max(1);
        Turns {
            least: runs,
            most: runs,
        }
    }

    /// As many as a busy machine needs.
    pub(super) fn until_quiet() -> Turns {
        Turns {
            least: 20,
            most: 300,
        }
    }
}

/// As in "the least of …".
impl fmt::Display for Turns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Turns { least, most } = *self;
        if least == most {
            return write!(f, "{least} runs");
        }
        let percent = (CLOSE - 1.0) * 100.0;
        write!(
            f,
            "{least} to {most} runs: as many as it takes until {MET} are within {percent:.0} % of it"
        )
    }
}

/// The runs of one kernel on one engine.
#[derive(Default)]
struct Runs {
    best: Option<Sample>,
    seconds: Vec<f64>,
}

impl Runs {
    fn add(&mut self, sample: Sample) {
        self.seconds.push(sample.seconds);
        if self.best.is_none_or(|best| sample.seconds < best.seconds) {
            self.best = Some(sample);
        }
    }

    /// How many came close to the least.
    fn met(&self) -> usize {
        let least = self.best.map_or(0.0, |best| best.seconds);
        let close = |seconds: &&f64| **seconds <= least * CLOSE;
        self.seconds.iter().filter(close).count()
    }
}

/// Runs all kernels on all engines, in turn, and keeps the best times.
pub(super) fn measure(
    engines: &mut [Engine],
    kernels: &[&Kernel],
    turns: Turns,
    rounds: impl Fn(&Kernel) -> i32,
) -> Result<Vec<Times>> {
    let mut times: Vec<Times> = engines
        .iter()
        .map(|e| Times {
            name: e.name.clone(),
            best: vec![None; kernels.len()],
        })
        .collect();
    for (k, kernel) in kernels.iter().enumerate() {
        cmd::say(format_args!("timing {}", kernel.name));
        let all = time(engines, kernel, turns, rounds(kernel).max(1))?;
        for (times, runs) in times.iter_mut().zip(all) {
            times.best[k] = runs.best;
        }
    }
    Ok(times)
}

/// Runs one kernel on all engines that have it.
fn time(engines: &mut [Engine], kernel: &Kernel, turns: Turns, rounds: i32) -> Result<Vec<Runs>> {
    let mut all: Vec<Runs> = engines.iter().map(|_| Runs::default()).collect();
    let mut first: Option<(String, i64)> = None;
    let timed = |engine: &Engine| runs_kernel(&engine.name, kernel);
    for turn in 0..turns.most {
        if turn >= turns.least && all.iter().all(|r| r.seconds.is_empty() || r.met() >= MET) {
            break;
        }
        for (engine, runs) in engines.iter_mut().zip(&mut all) {
            if !timed(engine) {
                continue;
            }
            let sample = engine.run(kernel.name, rounds)?;
            let (other, expected) =
                first.get_or_insert_with(|| (engine.name.clone(), sample.checksum));
            if sample.checksum != *expected {
                bail!(
                    "{}: {} computes {}, {other} {expected}",
                    kernel.name,
                    engine.name,
                    sample.checksum,
                );
            }
            runs.add(sample);
        }
    }
    for (engine, runs) in engines.iter().zip(&all) {
        if timed(engine) && runs.met() < MET && turns.most > turns.least {
            cmd::say(format_args!(
                "{}: of {} runs on {} only {} came within {:.0} % of the least: the machine is too busy",
                kernel.name,
                runs.seconds.len(),
                engine.name,
                runs.met(),
                (CLOSE - 1.0) * 100.0,
            ));
        }
    }
    Ok(all)
}
