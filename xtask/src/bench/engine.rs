//! An engine under test: a process that runs kernels when told and answers with checksum, CPU seconds and fuel.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::cmd;

/// What one run gave.
#[derive(Clone, Copy)]
pub(super) struct Sample {
    pub(super) checksum: i64,
    pub(super) seconds: f64,
    /// Fuel that was consumed, 0 where none is counted.
    pub(super) fuel: u64,
}

/// A running driver.
pub(super) struct Engine {
    pub(super) name: String,
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Engine {
    pub(super) fn start(name: &str, command: &mut Command) -> Result<Engine> {
        let shown = cmd::shown(command);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start `{shown}`"))?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(input), Some(output)) => Ok(Engine {
                name: name.to_owned(),
                child,
                input,
                output: BufReader::new(output),
            }),
            _ => bail!("`{shown}` has no pipes"),
        }
    }

    /// One run of a kernel.
    pub(super) fn run(&mut self, kernel: &str, rounds: i32) -> Result<Sample> {
        let what = format!("{} failed on the kernel {kernel}", self.name);
        let line = self.ask(format_args!("{kernel} {rounds}"));
        let line = line.with_context(|| what.clone())?;
        let mut fields = line.split_whitespace();
        let mut field = || fields.next().with_context(|| what.clone());
        let checksum = field()?.parse().with_context(|| what.clone())?;
        let seconds = field()?.parse().with_context(|| what.clone())?;
        let fuel = field()?.parse().with_context(|| what.clone())?;
        Ok(Sample {
            checksum,
            seconds,
            fuel,
        })
    }

    /// What an interpreter takes to validate a module, to make an instance, and for its first call, in seconds.
    pub(super) fn start_up(&mut self, module: &str) -> Result<[f64; 3]> {
        let line = self.ask(format_args!("start {module}"))?;
        let times: Result<Vec<f64>, _> = line.split_whitespace().map(str::parse).collect();
        match times.as_deref() {
            Ok(&[validation, instantiation, call]) => Ok([validation, instantiation, call]),
            _ => bail!("{} failed to start {module}: got {line:?}", self.name),
        }
    }

    /// Writes a line and reads its answer.
    fn ask(&mut self, line: std::fmt::Arguments<'_>) -> Result<String> {
        writeln!(self.input, "{line}")?;
        self.input.flush()?;
        let mut answer = String::new();
        self.output.read_line(&mut answer)?;
        Ok(answer)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
