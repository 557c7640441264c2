//! `wrtd inspect`: what can be said of a module without running it.

mod json;
mod report;
mod stack;
mod svg;
mod text;

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Result, anyhow};
use wrt_build::{Build, Input, Options, shown};
use wrt_compiler::Source;
use wrt_compiler::front::Front;
use wrt_compiler::inspect;

use crate::flags::{Flags, Running};
use crate::{Refused, write};
use report::Report;

const AFTER: &str = "\
Examples:
  wrtd inspect app.wasm                              imports, exports, sizes, who calls whom, and bounds
  wrtd inspect app.wasm --format json                the same for programs
  wrtd inspect app.wasm --format svg -o app.svg      the call graph as a picture, with the numbers on it
  wrtd inspect app.wasm --elf firmware               besides, the native stack of firmware that holds it, in bytes

What is printed of each exported function, for any arguments:
  fuel              what a call takes at most, in units, as both engines charge it: granted so much, it never lacks fuel
  between checks    units on the longest path without a check, which bounds how late an interruption is seen
  dearest check     units that one check takes at once
  stack slots       the budget of --max-call-depth that a call needs at most
  depth of calls    functions that are active at a time at most
Fuel that functions of the host charge, and calls that they make back into the module, are not in these numbers.

A loop is bounded if a counter moves by a constant step from a known start to a known end. What is not bounded is
named: loops that depend on data, recursion, and calls through tables that other modules can write to.

With --elf, what a call of each root takes of the native stack at most, in bytes, with the deepest path. It is read
from the instructions of a linked firmware that has its symbols, so that it holds for this build alone. Recursion has no
bound, however --max-call-depth limits it, and neither has a function that takes as much as its arguments say. A call by
a pointer is taken to reach all functions that pointers in the firmware are to. Interrupts are told apart.

Exit status:
  0  done, whether or not all is bounded
  1  the output could not be written
  2  the arguments or the module are at fault";

/// Print a module's interface, its call graph, and bounds of fuel and stack
#[derive(clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Opts {
    /// A module, binary (.wasm) or text (.wat)
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// What to print
    #[arg(long, value_name = "WHICH", default_value = "text")]
    format: Format,

    /// Write to this file in place of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Bound the native stack of this linked firmware, by reading its instructions
    #[arg(long, value_name = "FIRMWARE")]
    elf: Option<PathBuf>,

    /// A function to bound the stack of, once for each; its entry and exported methods if none is named
    #[arg(long, value_name = "SYMBOL", requires = "elf")]
    root: Vec<String>,

    /// What the firmware must be built for: thumbv6m, thumbv7m, thumbv7em or riscv32imac, or a target of rustc's
    #[arg(long, value_name = "TARGET", requires = "elf")]
    target: Option<String>,

    #[command(flatten)]
    flags: Flags<Running>,
}

#[derive(Clone, Copy, PartialEq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One object
    Json,
    /// The call graph as a picture
    Svg,
}

pub(crate) fn run(opts: &Opts) -> Result<()> {
    if let Some(file) = &opts.output {
        write::check_file(file)?;
    }
    if opts.elf.is_some() && opts.format == Format::Svg {
        let why = "--elf says nothing in a picture: give --format text or json";
        return Err(Refused(why.to_string()).into());
    }
    let mut options = Options::default();
    opts.flags.apply(&mut options).map_err(Refused)?;
    // Fuel and instructions are what is looked at.
    options.fuel = true;
    options.stats = true;
    let build = Build::new(&opts.file).options(options);
    let input = build.read().map_err(|e| Refused(e.to_string()))?;
    let report = report(opts, &input)?;
    let stack = stack(opts)?;
    let text = match opts.format {
        Format::Text => {
            text::print(&report) + &stack.as_ref().map(stack::print).unwrap_or_default()
        }
        Format::Json => json::print(&report, stack.as_ref()),
        Format::Svg => svg::print(&report),
    };
    if let Some(file) = &opts.output {
        return write::text(file, &text);
    }
    let mut stdout = io::stdout().lock();
    let written = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(|e| anyhow!("cannot write to standard output: {e}")),
    }
}

fn stack(opts: &Opts) -> Result<Option<stack::Stack>> {
    let Some(elf) = &opts.elf else {
        return Ok(None);
    };
    let stack = stack::read(elf, &opts.root)?;
    if let Some(target) = &opts.target {
        stack::check_target(&stack, elf, target)?;
    }
    Ok(Some(stack))
}

fn report(opts: &Opts, input: &Input) -> Result<Report> {
    let refused = |e| Refused(input.error(e).to_string());
    let bytes = wrt_compiler::binary(input.sources()[0].bytes).map_err(refused)?;
    let source = Source {
        name: "",
        bytes: &bytes,
    };
    let front = Front::new(&[source], &input.options).map_err(refused)?;
    let found = inspect::inspect(&front, &input.options).map_err(refused)?;
    Ok(Report::new(
        shown(&opts.file),
        &front,
        &found,
        &input.options,
    ))
}
