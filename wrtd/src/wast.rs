//! `wrtd wast`: scripts of the specification, interpreted, compiled, or both.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use wrt_script::package::{Level, Runtime};
use wrt_script::{Answers, Compiled, Interp, Judged, Known, Plan, Report, Runner, Suite};

use crate::{Refused, native, runtime, write};

const AFTER: &str = "\
Examples:
  wrtd wast i32.wast                          the script, interpreted
  wrtd wast --engine aot --opt-level 3 *.wast compiled, by the cargo and rustc on the path
  wrtd wast --engine both *.wast              both, and what they give and take compared, to the unit of fuel
  wrtd wast *.wast --json report.json         the report as JSON as well
  wrtd wast *.wast --known-failures known.txt where the failures listed there are expected

What is printed:
  for each assertion that fails: file, line, engine, and what came in place of what
  for each file and engine: how many assertions passed and failed
The engine is `compile` for what is decided without running anything, such as assert_invalid, and `interp=aot` for
what is compared between the two.

Known failures, a line each: FILE[:LINE] [[ENGINE]] [REASON]. A `*` in the file's name stands for anything, and REASON
is how the reason begins. A known failure that passes fails the run.

Exit status:
  0  all is as expected
  1  an assertion failed, a known failure passed, a report could not be written, or cargo failed
  2  the arguments are at fault, or a file is no script";

/// Run scripts of the specification's suite (.wast)
#[derive(clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Opts {
    /// Scripts
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// What runs them: the interpreter, compiled code, or both
    #[arg(long, value_name = "WHICH", default_value = "interp")]
    engine: Engine,

    /// How rustc optimises compiled code
    #[arg(long, value_name = "N", default_value = "0", value_parser = ["0", "3"])]
    opt_level: String,

    /// Units of fuel that each command has
    #[arg(long, value_name = "N", default_value_t = wrt_script::FUEL)]
    fuel: u64,

    /// Keep what is built here, so that the next run builds only what changed
    #[arg(long, value_name = "DIR")]
    build_dir: Option<PathBuf>,

    /// Write the report to this file, as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

    /// Read what is expected to fail from this file
    #[arg(long, value_name = "FILE")]
    known_failures: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, clap::ValueEnum)]
enum Engine {
    Interp,
    Aot,
    Both,
}

pub(crate) fn run(opts: &Opts) -> Result<()> {
    if let Some(path) = &opts.json {
        write::check_file(path)?;
    }
    let known = match &opts.known_failures {
        Some(path) => Known::read(&read(path)?),
        None => Known::default(),
    };
    let files = opts
        .files
        .iter()
        .map(|path| Ok((path.display().to_string(), read(path)?)));
    let suite = Suite::read(files.collect::<Result<_>>()?).map_err(Refused)?;
    let judged = all(opts, &suite)?.judge(&known, false);
    print(&judged)?;
    if let Some(path) = &opts.json {
        write::text(path, &judged.json())?;
    }
    let failed: usize = judged.sums.iter().map(|sum| sum.failed).sum();
    match (failed, judged.passing.len()) {
        (0, 0) => Ok(()),
        (failed, 0) => bail!("{failed} failed"),
        (0, passed) => bail!("{passed} known to fail, and passed"),
        (failed, passed) => bail!("{failed} failed; {passed} known to fail, and passed"),
    }
}

fn read(path: &Path) -> Result<String> {
    let text = fs::read_to_string(path);
    Ok(text.map_err(|e| Refused(format!("{}: {e}", wrt_build::shown(path))))?)
}

/// Runs everything.
fn all(opts: &Opts, suite: &Suite) -> Result<Report> {
    let mut report = Report::new(suite);
    let interp = match opts.engine {
        Engine::Aot => None,
        _ => Some(Interp { fuel: opts.fuel }.run(suite).map_err(failed)?),
    };
    let aot = match opts.engine {
        Engine::Interp => None,
        _ => Some(compiled(opts, suite)?),
    };
    for (name, answers) in [("interp", &interp), ("aot", &aot)] {
        if let Some(answers) = answers {
            report.add(suite, name, answers);
        }
    }
    if let (Some(interp), Some(aot)) = (&interp, &aot) {
        report.compare(suite, "interp=aot", interp, aot);
    }
    Ok(report)
}

/// Runs everything as compiled code.
fn compiled(opts: &Opts, suite: &Suite) -> Result<Answers> {
    native::check_cargo("compiled code", "run with --engine interp")?;
    let dir = tempfile::Builder::new().prefix("wrtd-").tempdir();
    let dir = dir.with_context(|| {
        let temp = std::env::temp_dir();
        format!("cannot make a folder in {}", temp.display())
    })?;
    let dir = opts.build_dir.as_deref().unwrap_or(dir.path());
    let compiled = Compiled {
        plan: &Plan::new(suite),
        cargo: "cargo".as_ref(),
        level: match opts.opt_level.as_str() {
            "0" => Level::O0,
            _ => Level::O3,
        },
        runtime: &Runtime::Files(runtime::package("wrt-rt")),
        dir: &dir.join("package"),
        package: "wast",
        fuel: opts.fuel,
        board: None,
    };
    compiled.run(suite).map_err(failed)
}

/// The first line says what failed, the others are cargo's.
fn failed(error: String) -> anyhow::Error {
    match error.split_once('\n') {
        Some((what, said)) => anyhow!("{}", said.trim()).context(what.to_string()),
        None => anyhow!("{error}"),
    }
}

/// Prints what failed, then a line for each file and engine, and their sums.
fn print(judged: &Judged) -> Result<()> {
    let mut lines = judged.problems();
    lines.extend(judged.sums.iter().map(ToString::to_string));
    let several = judged
        .sums
        .iter()
        .any(|sum| sum.file != judged.sums[0].file);
    if several {
        lines.extend(judged.totals("all").iter().map(ToString::to_string));
    }
    let mut stdout = io::stdout().lock();
    let written = lines.iter().try_for_each(|line| writeln!(stdout, "{line}"));
    match written.and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(|e| anyhow!("cannot write to standard output: {e}")),
    }
}
