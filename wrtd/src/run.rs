//! `wrtd run`: runs a command, or calls one function of a module.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::Result;
use clap::ValueEnum;
use wrt_build::{Build, Input, Options, shown};
use wrt_interp::Limits;

use crate::call::Call;
use crate::flags::{Flags, Running};
use crate::grants::{Given, Grants};
use crate::interp::{self, Session};
use crate::log::Level;
use crate::saved::Saved;
use crate::{Refused, aot, write};

const AFTER: &str = "\
Examples:
  wrtd run app.wasm one two                     the command, with two arguments
  wrtd run app.wasm -- --verbose                arguments that begin with a hyphen
  wrtd run --env LANG=C --env HOME app.wasm     variables: one with its value, one as it is here
  wrtd run --dir data app.wasm data/in.txt      the folder `data`, which the module knows as `data` too
  wrtd run --dir .::/:ro --dir /tmp app.wasm    this folder as its root, to read only, and one to write
  wrtd run --clock 2026-01-01 --seed 7 app.wasm time and random bytes that are the same every time
  wrtd run --call hypot2 sums.wat 3 4           one function; results are printed one per line
  wrtd run --fuel 1000000 --stats app.wasm      at most so much, and what was used
  wrtd run --fuel 1000000 --save app.run app.wasm; wrtd resume app.run
  wrtd run --profile app.svg app.wasm           a flame graph of fuel by function, the same on every machine
  wrtd run --engine aot app.wasm                compiled, which takes a while the first time

Exit status:
  the module's own, from proc_exit; 0 when it returns or nobody reads its output any more
  1    something could not be written, or cargo failed
  2    the arguments or the module are at fault; nothing ran
  75   the fuel was used up, and the run was saved
  134  a trap, also for want of fuel or of what another limit bounds; cause and backtrace are on standard error

A module gets its arguments, standard streams, clocks and random bytes; of the environment what --env grants, and of
files those in the folders that --dir grants: no path and no link leads out of them. A folder to read only is not
written to by any call; one inside a folder to write is as writable as that is.

Executables of --engine aot are kept in $WRTD_CACHE, else in a folder `wrtd` where the system has its caches, such as
~/.cache/wrtd. They can be deleted at any time.";

/// How deeply calls may nest unless told otherwise, in stack slots: 32 MiB of them.
const DEPTH: u32 = 1 << 22;

/// Run a WASI command, or call a function of a module
#[derive(clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Opts {
    /// The module, binary (.wasm) or text (.wat)
    file: PathBuf,

    /// Arguments of the module, or with --call of the function
    #[arg(allow_negative_numbers = true)]
    args: Vec<OsString>,

    /// Call this exported function in place of `_start`
    #[arg(long, visible_alias = "invoke", value_name = "NAME")]
    call: Option<String>,

    /// Grant so much fuel, which is about one unit per instruction; else it is not bounded
    #[arg(long, value_name = "N")]
    fuel: Option<u64>,

    /// What runs it: the interpreter, which starts at once, or compiled code, which is built by cargo and rustc the first
    /// time, for this processor, and kept
    #[arg(long, value_name = "ENGINE", default_value = "interp")]
    engine: Engine,

    #[command(flatten)]
    ends: Ends,

    #[command(flatten)]
    given: Given,

    #[command(flatten)]
    flags: Flags<Running>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Engine {
    Interp,
    Aot,
}

/// What is left of a run besides its results, in `wrtd run` and `wrtd resume`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Ends {
    /// When the fuel is used up, save the run to this file, to go on with `wrtd resume`. While a module is instantiated
    /// or initialized it is a trap
    #[arg(long, value_name = "FILE", requires = "fuel")]
    pub(crate) save: Option<PathBuf>,

    /// At the end, print what was used to standard error: a table, or one object of JSON
    #[arg(long, value_name = "FORMAT", num_args = 0..=1, require_equals = true, default_missing_value = "table")]
    pub(crate) stats: Option<Format>,

    /// Write a flame graph, of fuel by function, to this file
    #[arg(long, value_name = "FILE.svg")]
    pub(crate) profile: Option<PathBuf>,

    /// Print messages of this level or above to standard error: those of `wrtd`, and those of modules that import
    /// wasi:logging
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    pub(crate) log: Level,
}

impl Ends {
    /// Refuses places where nothing can be written, before anything runs.
    pub(crate) fn check(&self) -> Result<()> {
        let mut files = self.save.iter().chain(&self.profile);
        files.try_for_each(|file| write::check_file(file))
    }
}

/// How statistics are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Table,
    Json,
}

/// Gives the exit status.
pub(crate) fn run(opts: &Opts) -> Result<i32> {
    let ends = &opts.ends;
    ends.check()?;
    let input = input(opts)?;
    let limits = limits(&input.options, opts.fuel);
    let args = match opts.call {
        Some(_) => &[],
        None => &opts.args[..],
    };
    let grants = Grants::new(&opts.file, args, &opts.given)?;
    let module = interp::load(&input)?;
    let name = shown(&opts.file);
    let call = Call::of(&module, &name, opts.call.as_deref(), &opts.args)?;
    if opts.engine == Engine::Aot {
        for (flag, given) in [("--save", &ends.save), ("--profile", &ends.profile)] {
            if given.is_some() {
                return Err(Refused(format!("{flag} needs --engine interp")).into());
            }
        }
        return aot::run(input, limits, &grants, &call, ends);
    }
    let mut session = Session::new(name, module, limits, &grants, ends)?;
    let outcome = session.start(&call, ends.save.is_some());
    let saved = Saved {
        options: opts.flags.list(),
        grants,
        ..Saved::default()
    };
    session.finish(outcome, saved, ends)
}

/// The limits that the options state.
pub(crate) fn limits(options: &Options, fuel: Option<u64>) -> Limits {
    Limits {
        fuel: fuel.unwrap_or(u64::MAX),
        depth: options.max_call_depth.unwrap_or(DEPTH),
        memory_pages: options.max_memory_pages,
        table_elements: options.max_table_elements,
    }
}

/// The module, read, and its options.
fn input(opts: &Opts) -> Result<Input> {
    let mut options = Options::default();
    opts.flags.apply(&mut options).map_err(Refused)?;
    options.stats = opts.ends.stats.is_some();
    let build = Build::new(&opts.file).options(options);
    Ok(build.read().map_err(|e| Refused(e.to_string()))?)
}
