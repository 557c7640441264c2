//! `wrtd resume`: goes on with a run that was saved.

use std::fs;
use std::path::PathBuf;

use anyhow::Result;
use wrt_build::shown;

use crate::Refused;
use crate::interp::Session;
use crate::run::Ends;
use crate::saved::Saved;

const AFTER: &str = "\
Examples:
  wrtd run --fuel 1000000 --save app.run app.wasm     until the fuel is used up
  wrtd resume app.run                                 to the end
  wrtd resume app.run --fuel 1000000 --save app.run   a part of the way

The file holds all that the run needs: the module, its memory, the arguments and variables that it was granted, and
its limits. It can be resumed any number of times, and on another machine. Of folders it holds the paths, which are
granted again; a clock and random bytes that --clock and --seed decided go on. A run that has files open, or has closed
or renumbered what it was given, is not saved: that is an error, with status 1. Standard streams are those of this
command; what the run has read of standard input is not part of the file. --stats prints sums over all commands of a
run: fuel is always counted, everything else from the first of them that has --stats.

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

    #[command(flatten)]
    ends: Ends,
}

/// Gives the exit status.
pub(crate) fn run(opts: &Opts) -> Result<i32> {
    let ends = &opts.ends;
    ends.check()?;
    let refused = |why: &str| Refused(format!("{}: {why}", shown(&opts.file)));
    let bytes = fs::read(&opts.file).map_err(|e| refused(&format!("cannot read: {e}")))?;
    let saved = Saved::read(&bytes).map_err(refused)?;
    drop(bytes);
    let (mut session, paused) = Session::restore(&saved, ends)?;
    let outcome = session.resume(paused, opts.fuel, ends.save.is_some());
    session.finish(outcome, saved, ends)
}
