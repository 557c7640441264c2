//! `cargo xtask real`: real programs, interpreted and as native executables. What they print must equal what wasmtime
//! prints, byte for byte, with the same exit status, and so must the files that they leave.

mod programs;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::wrtd::Wrtd;
use crate::{cmd, paths, setup};
use programs::{ENVIRONMENT, PROGRAMS, Program, Run};

#[derive(clap::Args, Default)]
pub(crate) struct Opts {
    /// Run only the programs whose names contain one of these.
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
}

impl Opts {
    /// The programs that compile within seconds.
    pub(crate) fn small() -> Opts {
        Opts {
            only: ["icepll", "hello", "words", "records", "std-fs"]
                .map(String::from)
                .to_vec(),
        }
    }

    /// The others.
    pub(crate) fn large() -> Opts {
        Opts {
            only: ["go", "sqlite", "boolector", "yosys"]
                .map(String::from)
                .to_vec(),
        }
    }
}

pub(crate) fn run(opts: &Opts) -> Result<()> {
    let wanted = |p: &&Program| {
        opts.only.is_empty() || opts.only.iter().any(|o| p.name.contains(o.as_str()))
    };
    let programs: Vec<&Program> = PROGRAMS.iter().filter(wanted).collect();
    if programs.is_empty() {
        let names: Vec<&str> = PROGRAMS.iter().map(|p| p.name).collect();
        bail!(
            "no program has such a name; there are: {}",
            names.join(", ")
        );
    }
    let wasmtime = setup::wasmtime_cli()?;
    let wrtd = Wrtd::build()?;
    let dir = paths::in_target("real")?;
    let mut wrong = 0;
    for program in programs {
        let wasm = (program.wasm)().with_context(|| format!("cannot get {}", program.name))?;
        // Under one name for both sides, since programs print it.
        let module = dir.join(program.name);
        let size = cmd::read(&wasm)?.len();
        fs::copy(&wasm, module.with_extension("wasm"))
            .with_context(|| format!("cannot copy {}", wasm.display()))?;
        let module = module.with_extension("wasm");
        let grants = Grants::new(&dir, program)?;
        let mut engines = vec![Engine::interpreter(wrtd.path(), &module, &grants)];
        if !program.interpreted {
            let start = Instant::now();
            let exe = module.with_extension("exe");
            let mut compile = wrtd.command();
            compile.arg("compile").arg(&module).arg("--exe").arg(&exe);
            cmd::quiet(compile.args(grants.options(true)))?;
            println!(
                "{}: {size} bytes of wasm, compiled in {:.1} s",
                program.name,
                start.elapsed().as_secs_f64()
            );
            engines.push(Engine::executable(exe));
        } else {
            println!("{}: {size} bytes of wasm", program.name);
        }
        for run in program.runs {
            let reference = wasmtime_run(&wasmtime, &module, &grants, run)?;
            for engine in &engines {
                wrong += usize::from(!compare(&reference, engine, &grants, run)?);
            }
        }
    }
    if wrong > 0 {
        bail!("{wrong} runs differ from wasmtime's");
    }
    Ok(())
}

/// The folders of a program.
struct Grants {
    /// Filled anew for each run, and what with.
    work: Option<(PathBuf, &'static [(&'static str, &'static str)])>,
    shared: Option<(PathBuf, &'static str)>,
}

impl Grants {
    fn new(dir: &Path, program: &Program) -> Result<Grants> {
        let work = program
            .files
            .map(|files| (dir.join(format!("{}-files", program.name)), files));
        let shared = match program.shared {
            Some((name, folder)) => Some((folder()?, name)),
            None => None,
        };
        Ok(Grants { work, shared })
    }

    /// A fresh folder.
    fn fill(&self) -> Result<()> {
        let Some((folder, files)) = &self.work else {
            return Ok(());
        };
        let _ = fs::remove_dir_all(folder);
        for inside in [folder.clone(), folder.join("tmp")] {
            paths::make(&inside)?;
        }
        files
            .iter()
            .try_for_each(|(name, text)| cmd::write(&folder.join(name), text))
    }

    /// The options of `wrtd` and wasmtime that grant them; wasmtime has none to read only.
    fn options(&self, ours: bool) -> Vec<String> {
        let mut options = Vec::new();
        if let Some((folder, _)) = &self.work {
            options.push(format!("--dir={}::/w", folder.display()));
            options.push(format!("--dir={}::/tmp", folder.join("tmp").display()));
        }
        if let Some((folder, name)) = &self.shared {
            let mode = if ours { ":ro" } else { "" };
            options.push(format!("--dir={}::{name}{mode}", folder.display()));
        }
        options
    }

    /// All files that there are now, with their contents.
    fn files(&self) -> Result<Vec<(PathBuf, Vec<u8>)>> {
        let mut found = Vec::new();
        let mut folders: Vec<PathBuf> =
            self.work.iter().map(|(folder, _)| folder.clone()).collect();
        while let Some(folder) = folders.pop() {
            let entries = fs::read_dir(&folder)
                .with_context(|| format!("cannot read {}", folder.display()))?;
            for entry in entries.flatten() {
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                    Ok(kind) if kind.is_file() => {
                        found.push((entry.path(), cmd::read(&entry.path())?))
                    }
                    _ => found.push((entry.path(), Vec::new())),
                }
            }
        }
        found.sort();
        Ok(found)
    }
}

/// What runs a program.
struct Engine {
    name: &'static str,
    command: Vec<PathBuf>,
    options: Vec<String>,
    /// Its own name, which programs print.
    program: PathBuf,
}

impl Engine {
    fn interpreter(wrtd: &Path, module: &Path, grants: &Grants) -> Engine {
        let mut options = grants.options(true);
        options.extend(
            ENVIRONMENT
                .iter()
                .map(|(name, value)| format!("--env={name}={value}")),
        );
        Engine {
            name: "interpreted",
            command: vec![wrtd.to_path_buf(), "run".into()],
            options,
            program: module.to_path_buf(),
        }
    }

    fn executable(exe: PathBuf) -> Engine {
        Engine {
            name: "compiled",
            command: vec![exe.clone()],
            options: Vec::new(),
            program: exe,
        }
    }

    fn start(&self, run: &Run) -> Command {
        let mut command = Command::new(&self.command[0]);
        command.args(&self.command[1..]).args(&self.options);
        if self.name == "interpreted" {
            command.arg(&self.program).arg("--");
        } else {
            // It hands on its own environment.
            command.env_clear().envs(ENVIRONMENT.iter().copied());
        }
        command.args(run.args);
        command
    }
}

/// What a run came to.
struct Ran {
    output: Output,
    time: Duration,
    files: Vec<(PathBuf, Vec<u8>)>,
    /// What it printed, and to standard error, its own name taken out.
    out: String,
    err: String,
}

fn ran(mut command: Command, program: &Path, grants: &Grants, run: &Run) -> Result<Ran> {
    grants.fill()?;
    let (output, time) = timed(&mut command, run.stdin)?;
    Ok(Ran {
        files: grants.files()?,
        out: without_program(&output.stdout, program),
        err: without_program(&output.stderr, program),
        output,
        time,
    })
}

fn wasmtime_run(wasmtime: &Path, module: &Path, grants: &Grants, run: &Run) -> Result<Ran> {
    let mut command = Command::new(wasmtime);
    command.arg("run").args(grants.options(false));
    for (name, value) in ENVIRONMENT {
        command.arg("--env").arg(format!("{name}={value}"));
    }
    command.arg(module).args(run.args);
    ran(command, module, grants, run)
}

/// Runs it; says whether it agrees with wasmtime, with the times they took.
fn compare(theirs: &Ran, engine: &Engine, grants: &Grants, run: &Run) -> Result<bool> {
    let ours = ran(engine.start(run), &engine.program, grants, run)?;
    let same = theirs.out == ours.out
        && theirs.err == ours.err
        && theirs.output.status.code() == ours.output.status.code()
        && theirs.files == ours.files;
    println!(
        "  {} {:11} {:?}: {} bytes out, {} files, status {}, {:.0} ms (wasmtime, compiling: {:.0} ms)",
        if same { "equal" } else { "DIFFERENT" },
        engine.name,
        run.args.join(" "),
        ours.output.stdout.len(),
        ours.files.len(),
        ours.output.status.code().unwrap_or(-1),
        ours.time.as_secs_f64() * 1e3,
        theirs.time.as_secs_f64() * 1e3,
    );
    if !same {
        for (name, ran) in [("wasmtime", theirs), ("ours", &ours)] {
            println!(
                "--- {name}: {}, standard output, then error, then files",
                ran.output.status
            );
            print!("{}{}", ran.out, ran.err);
            for (path, bytes) in &ran.files {
                println!("{}: {} bytes", path.display(), bytes.len());
            }
        }
    }
    Ok(same)
}

/// What a program printed, its own name taken out.
fn without_program(text: &[u8], program: &Path) -> String {
    let mut text = String::from_utf8_lossy(text).into_owned();
    for name in [
        program.to_str(),
        program.file_name().and_then(|n| n.to_str()),
    ]
    .into_iter()
    .flatten()
    {
        text = text.replace(name, "PROGRAM");
    }
    text
}

fn timed(command: &mut Command, stdin: &str) -> Result<(Output, Duration)> {
    let start = Instant::now();
    let shown = cmd::shown(command);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{shown}`"))?;
    if let Some(mut pipe) = child.stdin.take() {
        // A program need not read what it is given.
        let _ = pipe.write_all(stdin.as_bytes());
    }
    let out = child
        .wait_with_output()
        .with_context(|| format!("cannot wait for `{shown}`"))?;
    Ok((out, start.elapsed()))
}
