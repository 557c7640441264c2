//! `wrtd resume`: goes on with a run that was saved.

use std::fs;
use std::path::PathBuf;

use anyhow::Result;
use wrt_build::shown;

use crate::interp::{Ends, Session};
use crate::run::Format;
use crate::saved::Saved;
use crate::{Refused, write};

const AFTER: &str = "\
Examples:
  wrtd run --fuel 1000000 --save app.run app.wasm     until the fuel is used up
  wrtd resume app.run                                 to the end
  wrtd resume app.run --fuel 1000000 --save app.run   a part of the way

The file holds all that the run needs: the module, its memory, the arguments and variables that it was granted, and
its limits. It can be resumed any number of times, and on another machine. Standard streams are those of this command:
what was read from standard input before is not read again. --stats prints sums over all commands of a run: fuel is
always counted, everything else from the first of them that has --stats.

Exit status: as that of `wrtd run`.";

/// Go on with a run that `wrtd run --save` saved
#[derive(clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Opts {
    /// The file of the saved run
    file: PathBuf,

    /// Grant so much fuel besides what was left; else it is not bounded
    #[arg(long, value_name = "N")]
    fuel: Option<u64>,

    /// When the fuel is used up, save the run to this file, which may be the one that it came from
    #[arg(long, value_name = "FILE", requires = "fuel")]
    save: Option<PathBuf>,

    /// At the end, print what the run used in all to standard error: a table, or one object of JSON
    #[arg(long, value_name = "FORMAT", num_args = 0..=1, require_equals = true, default_missing_value = "table")]
    stats: Option<Format>,
}

/// Gives the exit status.
pub(crate) fn run(opts: &Opts) -> Result<i32> {
    if let Some(file) = &opts.save {
        write::check_file(file)?;
    }
    let refused = |why: &str| Refused(format!("{}: {why}", shown(&opts.file)));
    let bytes = fs::read(&opts.file).map_err(|e| refused(&format!("cannot read: {e}")))?;
    let saved = Saved::read(&bytes).map_err(refused)?;
    drop(bytes);
    let (mut session, paused) = Session::restore(&saved, opts.stats.is_some())?;
    let outcome = session.resume(paused, opts.fuel, opts.save.is_some());
    let ends = Ends {
        save: opts.save.as_deref(),
        stats: opts.stats,
    };
    session.finish(outcome, saved, ends)
}
