//! `cargo xtask guests`: rebuilds guests/wasm from C and Rust. The small modules are committed, so that tests need no
//! C compiler; SQLite, which is large, is built into target/guests for those who ask.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{cmd, paths, setup};

#[derive(clap::Args)]
pub(crate) struct Opts {
    /// Build these alone, such as `hello` or `bench/fib`; the names are those of the files in guests/wasm.
    names: Vec<String>,
    /// Build `sqlite` as well, into target/guests.
    #[arg(long)]
    sqlite: bool,
}

/// Instructions that every engine has: what follows WebAssembly's first version, without SIMD.
const FREESTANDING: &[&str] = &[
    "--target=wasm32",
    "-mbulk-memory",
    "-msign-ext",
    "-mnontrapping-fptoint",
    "-mmutable-globals",
    "-nostdlib",
    "-Wl,--no-entry",
    "-Wl,-z,stack-size=65536",
    "-Wl,--strip-debug",
];
const WASI: &[&str] = &[
    "--target=wasm32-wasi",
    "--sysroot=/usr",
    "-Wno-deprecated",
    "-Wl,--strip-debug",
];
const WARNINGS: &[&str] = &["-std=gnu17", "-Wall", "-Wextra"];

/// Constants at the beginning of memory, so that they can stay in flash.
const CONSTANTS_FIRST: &[&str] = &["-Wl,--no-stack-first", "-Wl,--global-base=16"];

/// How a guest is built.
enum Source {
    /// C without a libc.
    Free {
        files: &'static [&'static str],
        optimize: &'static str,
    },
    /// C without a libc that fits into one page with its stack, constants first.
    Small(&'static str),
    /// A C command with wasi-libc.
    Wasi(&'static str),
    /// A crate of guests/rust, with its target.
    Rust(&'static str),
}

const GUESTS: &[(&str, Source)] = &[
    (
        "lz4",
        Source::Free {
            files: &["c/lz4/arena.c", "c/lz4/lz4.c", "c/lz4/checksum.c"],
            optimize: "-O2",
        },
    ),
    ("thermostat", Source::Small("c/thermostat.c")),
    ("hello", Source::Wasi("c/hello.c")),
    ("tally", Source::Wasi("c/tally.c")),
    ("codes", Source::Wasi("c/codes.c")),
    ("selftest", Source::Wasi("c/selftest.c")),
    ("wasi/calls", Source::Wasi("wasi/calls.c")),
    ("wasi/dirs", Source::Wasi("wasi/dirs.c")),
    ("wasi/fds", Source::Wasi("wasi/fds.c")),
    ("wasi/files", Source::Wasi("wasi/files.c")),
    ("wasi/limits", Source::Wasi("wasi/limits.c")),
    ("wasi/links", Source::Wasi("wasi/links.c")),
    ("wasi/many", Source::Wasi("wasi/many.c")),
    ("wasi/misc", Source::Wasi("wasi/misc.c")),
    ("wasi/paths", Source::Wasi("wasi/paths.c")),
    ("wasi/poll", Source::Wasi("wasi/poll.c")),
    ("wasi/readonly", Source::Wasi("wasi/readonly.c")),
    ("wasi/times", Source::Wasi("wasi/times.c")),
    ("wasi/wrong", Source::Wasi("wasi/wrong.c")),
    ("records", Source::Wasi("c/records.c")),
    ("words", Source::Rust("wasm32-wasip1")),
    ("std-fs", Source::Rust("wasm32-wasip1")),
    ("shapes", Source::Rust("wasm32-unknown-unknown")),
];

pub(crate) fn run(opts: &Opts) -> Result<()> {
    let kernels: Vec<String> = crate::bench::KERNELS
        .iter()
        .map(|k| format!("bench/{}", k.name))
        .collect();
    let all = GUESTS
        .iter()
        .map(|(name, _)| *name)
        .chain(kernels.iter().map(String::as_str));
    if let Some(unknown) = opts
        .names
        .iter()
        .find(|n| !all.clone().any(|a| a == **n) && *n != "sqlite")
    {
        bail!(
            "no guest is named `{unknown}`; there are {}, sqlite",
            all.collect::<Vec<_>>().join(", ")
        );
    }
    let wanted = |name: &str| opts.names.is_empty() || opts.names.iter().any(|n| n == name);
    for (name, source) in GUESTS.iter().filter(|(name, _)| wanted(name)) {
        let out = wasm(name);
        match source {
            Source::Free { files, optimize } => freestanding(files, optimize, &out)?,
            Source::Small(file) => small(file, "-Os", CONSTANTS_FIRST, &out)?,
            Source::Wasi(file) => {
                setup::clang()?;
                clang(
                    Command::new("clang-22")
                        .args(WASI)
                        .args(WARNINGS)
                        .arg("-O2"),
                    &[guest(file)],
                    &out,
                    &["-lm"],
                )?;
            }
            Source::Rust(target) => rust(name, target, &out)?,
        }
        report(&out)?;
    }
    for name in kernels.iter().filter(|name| wanted(name)) {
        let file = format!("{name}.c");
        freestanding(&[&file], "-O3", &wasm(name))?;
        report(&wasm(name))?;
    }
    if opts.sqlite || opts.names.iter().any(|n| n == "sqlite") {
        let built = sqlite()?;
        report(&built.command)?;
        report(&built.run)?;
    }
    Ok(())
}

/// Where the committed module of that name lies.
pub(crate) fn wasm(name: &str) -> PathBuf {
    paths::guests().join("wasm").join(format!("{name}.wasm"))
}

fn guest(file: &str) -> PathBuf {
    paths::guests().join(file)
}

fn report(file: &Path) -> Result<()> {
    let size = fs::metadata(file)
        .with_context(|| format!("cannot read {}", file.display()))?
        .len();
    let shown = file.strip_prefix(paths::root()).unwrap_or(file);
    cmd::say(format_args!("{} ({size} bytes)", shown.display()));
    Ok(())
}

/// Builds C without a libc, for one page of memory with its stack, and with `layout` of it.
pub(crate) fn small(file: &str, optimize: &str, layout: &[&str], out: &Path) -> Result<()> {
    setup::clang()?;
    clang(
        Command::new("clang-22")
            .args(FREESTANDING)
            .args(WARNINGS)
            .args(["-Wl,-z,stack-size=2048", optimize])
            .args(layout),
        &[guest(file)],
        out,
        &[],
    )
}

fn freestanding(files: &[&str], optimize: &str, out: &Path) -> Result<()> {
    setup::clang()?;
    let files: Vec<PathBuf> = files.iter().map(|f| guest(f)).collect();
    clang(
        Command::new("clang-22")
            .args(FREESTANDING)
            .args(WARNINGS)
            .arg(optimize),
        &files,
        out,
        &[],
    )
}

fn clang(command: &mut Command, files: &[PathBuf], out: &Path, libraries: &[&str]) -> Result<()> {
    if let Some(dir) = out.parent() {
        paths::make(dir)?;
    }
    cmd::quiet(command.args(files).args(libraries).arg("-o").arg(out))?;
    plain(out)
}

/// Takes away the bit that linkers set: a module is no program of the host's.
fn plain(file: &Path) -> Result<()> {
    let bytes = cmd::read(file)?;
    fs::remove_file(file).with_context(|| format!("cannot replace {}", file.display()))?;
    cmd::write(file, bytes)
}

fn rust(name: &str, target: &str, out: &Path) -> Result<()> {
    let cross = setup::wasm_rust()?;
    cmd::quiet(
        cross
            .cargo()
            .args([
                "build",
                "--release",
                "--locked",
                "--package",
                name,
                "--target",
                target,
            ])
            .current_dir(guest("rust"))
            .env("RUSTFLAGS", setup::remap()),
    )?;
    cmd::write(
        out,
        cmd::read(&cross.release(target).join(format!("{name}.wasm")))?,
    )
}

/// SQLite, built twice from one object: more than a megabyte of wasm each.
pub(crate) struct Sqlite {
    /// A WASI command that prints the rows of its queries.
    pub(crate) command: PathBuf,
    /// A module without imports that exports `run`, for the benchmark.
    pub(crate) run: PathBuf,
    /// The folder of sqlite3.c.
    pub(crate) source: PathBuf,
}

/// Without files, threads and clocks, with full text search and R-trees: for wasm and for native code alike.
pub(crate) const SQLITE_FLAGS: &[&str] = &[
    "-O2",
    "-DSQLITE_OS_OTHER=1",
    "-DSQLITE_THREADSAFE=0",
    "-DSQLITE_OMIT_LOAD_EXTENSION",
    "-DSQLITE_TEMP_STORE=3",
    "-DSQLITE_OMIT_WAL",
    "-DSQLITE_DEFAULT_MEMSTATUS=0",
    "-DSQLITE_OMIT_LOCALTIME",
    "-DSQLITE_OMIT_DEPRECATED",
    "-DSQLITE_ENABLE_FTS5",
    "-DSQLITE_ENABLE_RTREE",
    "-DSQLITE_ENABLE_MATH_FUNCTIONS",
];

/// Fetches SQLite's source from crates.io and builds it, unless that was done.
pub(crate) fn sqlite() -> Result<Sqlite> {
    setup::clang()?;
    let dir = paths::in_target("guests")?;
    let source = sqlite_source(&dir)?;
    let object = dir.join("sqlite3.o");
    let mut compiler = Command::new("clang-22");
    compiler
        .args(["--target=wasm32-wasi", "--sysroot=/usr", "-w", "-c"])
        .args(SQLITE_FLAGS);
    compiler
        .arg(source.join("sqlite3.c"))
        .arg("-o")
        .arg(&object);
    let how = cmd::shown(&compiler);
    if !cmd::is_built(&object, &how) {
        cmd::say("compiling SQLite to wasm (half a minute)");
        cmd::quiet(&mut compiler)?;
        cmd::mark_built(&object, &how)?;
    }
    let built = Sqlite {
        command: dir.join("sqlite.wasm"),
        run: dir.join("sqlite-run.wasm"),
        source,
    };
    for (main, model, out) in [
        ("main", "command", &built.command),
        ("run", "reactor", &built.run),
    ] {
        let files: Vec<PathBuf> = ["os", "work", main]
            .iter()
            .map(|f| guest(&format!("sqlite/{f}.c")))
            .collect();
        let mut compiler = Command::new("clang-22");
        compiler
            .args(WASI)
            .args(WARNINGS)
            .args(SQLITE_FLAGS)
            .arg("-I")
            .arg(&built.source);
        compiler
            .arg(format!("-mexec-model={model}"))
            .arg("-Wl,-z,stack-size=262144")
            .arg(&object);
        clang(&mut compiler, &files, out, &["-lm"])?;
    }
    Ok(built)
}

fn sqlite_source(dir: &Path) -> Result<PathBuf> {
    let fetch = dir.join("fetch");
    let source = fetch.join("vendor/libsqlite3-sys/sqlite3");
    if source.join("sqlite3.c").is_file() {
        return Ok(source);
    }
    cmd::say("fetching SQLite's source from crates.io");
    cmd::write(
        &fetch.join("Cargo.toml"),
        "[package]\nname = \"fetch\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n\
         libsqlite3-sys = { version = \"=0.40.0\", features = [\"bundled\"] }\n",
    )?;
    cmd::write(&fetch.join("src/lib.rs"), "")?;
    cmd::quiet(
        cmd::cargo()
            .args(["vendor", "--quiet", "vendor"])
            .current_dir(&fetch),
    )
    .context("cannot fetch libsqlite3-sys from crates.io")?;
    if !source.join("sqlite3.c").is_file() {
        bail!(
            "libsqlite3-sys has no sqlite3/sqlite3.c: delete {} and try again",
            fetch.display()
        );
    }
    Ok(source)
}

#[cfg(test)]
mod tests {
    use super::{GUESTS, wasm};

    #[test]
    fn every_guest_is_committed() {
        for (name, _) in GUESTS {
            assert!(
                wasm(name).is_file(),
                "{name} is not built: cargo xtask guests {name}"
            );
        }
    }
}
