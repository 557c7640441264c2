//! `wrtd compile`: source, a cargo package, or a native executable.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use wrt_build::{Build, DataLayout, Input, Layout, Options, Output, Storage};

use crate::command::Command;
use crate::flags::Flags;
use crate::grants::Given;
use crate::processor::Runs;
use crate::{Refused, native, package, write};

const AFTER: &str = "\
Examples:
  wrtd compile app.wasm                       Rust source on standard output
  wrtd compile app.wasm -o src/app.rs         a file, to be `mod app;` of a crate that has wrt-rt
  wrtd compile app.wasm --crate app           a cargo package that builds without network
  wrtd compile app.wasm --exe app && ./app    a native executable of a WASI command
  wrtd compile app.wasm --exe app --dir data::/data:ro --env LANG=C --seed 7
                                              one that has a folder, a variable and the same random bytes every time
  wrtd compile lib=lib.wasm main=main.wasm    two modules linked: main imports from lib

Exit status:
  0  done (also if the reader of standard output went away)
  1  the output could not be written, or cargo failed
  2  the arguments or the input are at fault; nothing was written

An executable that --exe makes passes its arguments, environment and standard streams to the module and exits with
the module's status, or with 134 after a trap, whose cause and backtrace it prints. It runs on every processor of its
family; RUSTFLAGS with -Ctarget-cpu asks for more.

What else it is granted is said when it is compiled, by the options below `Grants`. With --env it has the variables that
are named, and others only with --inherit-env; a name without a value stands for the value where it runs. A relative
HOST is looked for where it runs; a folder that is not there ends it with 125. With --dir, a module that imports
functions on files takes cap-std from crates.io, by the network if cargo has not kept it; else nothing is needed.";

/// Translate a module to Rust source, a cargo package, or a native executable
#[derive(clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Opts {
    /// A module, binary (.wasm) or text (.wat). Several, as NAME=FILE, are instantiated in this order and linked:
    /// each may import from those before it.
    #[arg(value_name = "[NAME=]FILE", required = true)]
    files: Vec<PathBuf>,

    /// Write the source to this file, and data segments to a file beside it
    #[arg(short, long, value_name = "OUT.rs", group = "kind")]
    output: Option<PathBuf>,

    /// Write a cargo package to this folder, the runtime's sources included
    #[arg(long = "crate", value_name = "DIR", group = "kind")]
    package: Option<PathBuf>,

    /// Build a native executable with the cargo and rustc on the path
    #[arg(long, value_name = "FILE", group = "kind")]
    exe: Option<PathBuf>,

    /// Write the package even to a folder that has other things in it
    #[arg(long, requires = "package")]
    force: bool,

    #[command(flatten)]
    given: Given,

    #[command(flatten)]
    flags: Flags,
}

pub(crate) fn run(opts: &Opts) -> Result<()> {
    let input = input(opts)?;
    // A program would have no memory to lend.
    let library = input.options.storage == Storage::Lent;
    if library && (opts.exe.is_some() || opts.given.any()) {
        let why = "--storage lent is for libraries: give --crate or -o alone, and lend the memory from Rust";
        return Err(Refused(why.to_string()).into());
    }
    if let Some(file) = &opts.exe {
        write::check_executable(file)?;
        let output = compile(&input)?;
        let command = Command::of(&input)?;
        native::check_cargo(
            "--exe",
            "compile with --crate and build the package elsewhere",
        )?;
        let program = package::program(&input.options, &command, &opts.given)?;
        let needs = program.needs();
        let tree = package::tree(output, &input.options, Some(program), true);
        let name = &input.options.module_name;
        return native::build(&tree, name, needs, Runs::Anywhere, file);
    }
    if let Some(dir) = &opts.package {
        write::check_package(dir, opts.force)?;
        let output = compile(&input)?;
        let program = match Command::of(&input) {
            Ok(_) if library => None,
            Ok(command) => Some(package::program(&input.options, &command, &opts.given)?),
            Err(error) if opts.given.any() => return Err(error),
            // What is no command is a library.
            Err(_) => None,
        };
        let tree = package::tree(output, &input.options, program, false);
        return write::package(dir, &tree);
    }
    if opts.given.any() {
        let why = "only a program is granted something: give --exe or --crate";
        return Err(Refused(why.to_string()).into());
    }
    if let Some(file) = &opts.output {
        write::check_file(file)?;
        return write::files(file, &compile(&input)?.files);
    }
    let source = &compile(&input)?.files[0].contents;
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(source).and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(|e| anyhow!("cannot write to standard output: {e}")),
    }
}

/// The modules, read, and the options that fit the output.
fn input(opts: &Opts) -> Result<Input> {
    let mut options = Options::default();
    let place = [&opts.output, &opts.package, &opts.exe]
        .into_iter()
        .flatten()
        .next();
    let files: Vec<(Option<&str>, &Path)> = opts.files.iter().map(|f| named(f)).collect();
    let (_, last) = files[files.len() - 1];
    // `.` has a name too.
    let folder = opts
        .package
        .as_ref()
        .and_then(|dir| dir.canonicalize().ok());
    let named_after = folder
        .as_deref()
        .or(place.map(PathBuf::as_path))
        .unwrap_or(last);
    options.module_name = wrt_build::name_of(named_after);
    opts.flags.apply(&mut options).map_err(Refused)?;
    options.layout = if opts.package.is_some() || opts.exe.is_some() {
        Layout::Crate
    } else {
        Layout::File
    };
    // Beside standard output, a device or a pipe no file can lie.
    let is_stream = |path: &Path| {
        path.metadata()
            .is_ok_and(|found| !found.is_file() && !found.is_dir())
    };
    let alone = opts.output.as_deref().is_some_and(is_stream) || place.is_none();
    if alone {
        if opts.flags.has("data") && options.data == DataLayout::SideFile {
            return Err(Refused(
                "--data side-file needs a file to lie beside: give -o, --crate or --exe"
                    .to_string(),
            )
            .into());
        }
        options.data = DataLayout::Inline;
    }
    let mut build = Build::linked(&options.module_name).options(options.clone());
    for (name, path) in &files {
        let name = match name {
            Some(name) => name.to_string(),
            None if files.len() == 1 => options.module_name.clone(),
            None => wrt_build::name_of(path),
        };
        build = build.instance(&name, path);
    }
    Ok(build.read().map_err(|e| Refused(e.to_string()))?)
}

/// `NAME=FILE` in two. A file of that whole name is one without.
fn named(file: &Path) -> (Option<&str>, &Path) {
    match file.to_str().and_then(|text| text.split_once('=')) {
        Some((name, path)) if !file.exists() && !name.contains('/') => {
            (Some(name), Path::new(path))
        }
        _ => (None, file),
    }
}

fn compile(input: &Input) -> Result<Output> {
    // Two seconds or so.
    if input.size() > 1 << 20 && io::stderr().is_terminal() {
        eprintln!("translating {:.1} MB of wasm", input.size() as f64 / 1e6);
    }
    Ok(input.compile().map_err(|e| Refused(e.to_string()))?)
}
