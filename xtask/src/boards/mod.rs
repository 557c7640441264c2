//! `cargo xtask boards`: the firmware of the examples, built for each board and run in QEMU; it must end well, and no
//! panic may be linked into it. Bounds of the native stack are compared with what firmware takes. Then the files of the
//! specification suite that boards can run.

mod stack;

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::setup::{self, Cross};
use crate::{cmd, paths};

#[derive(clap::Args, Default)]
pub(crate) struct Opts {
    /// Run only the boards whose names contain one of these.
    names: Vec<String>,
    /// Measure the stack alone.
    #[arg(long)]
    stack: bool,
}

/// An example on a board; how QEMU is started stands in the example's `.cargo/config.toml`.
struct Board {
    name: &'static str,
    /// The folder in examples/.
    example: &'static str,
    /// The binary.
    program: &'static str,
    target: &'static str,
}

const BOARDS: &[Board] = &[
    Board {
        name: "cortex-m4",
        example: "cortex-m",
        program: "cortex-m-firmware",
        target: setup::CORTEX_M4,
    },
    Board {
        name: "cortex-m0",
        example: "cortex-m",
        program: "cortex-m-firmware",
        target: setup::CORTEX_M0,
    },
    Board {
        name: "riscv",
        example: "riscv",
        program: "riscv-firmware",
        target: setup::RISCV,
    },
];

/// What every board prints at the end.
const CONTAINED: &str = "spin: all fuel consumed
wild: out of bounds memory access
peek: out of bounds memory access
recurse: call stack exhausted
divide: integer divide by zero
";

pub(crate) fn run(opts: &Opts) -> Result<()> {
    let wanted = |board: &&Board| {
        opts.names.is_empty() || opts.names.iter().any(|n| board.name.contains(n.as_str()))
    };
    let boards: Vec<&Board> = BOARDS.iter().filter(wanted).collect();
    if boards.is_empty() {
        let names: Vec<&str> = BOARDS.iter().map(|b| b.name).collect();
        bail!("no board has such a name; there are: {}", names.join(", "));
    }
    setup::qemu()?;
    setup::clang()?;
    let cross = setup::boards_rust()?;
    let named = |board: &str| {
        opts.names.is_empty() || opts.names.iter().any(|n| board.contains(n.as_str()))
    };
    stack::run(&cross, named)?;
    if opts.stack {
        return Ok(());
    }
    for board in boards {
        let elf = build(&cross, board)?;
        no_panic(&elf)?;
        let text = start(&cross, board)?;
        if !text.ends_with(CONTAINED) {
            bail!("{}: the firmware printed\n{text}", board.name);
        }
        let size = cmd::quiet(Command::new("llvm-size-22").arg(&elf))?;
        let columns: Vec<&str> = size
            .lines()
            .nth(1)
            .unwrap_or("")
            .split_whitespace()
            .collect();
        println!(
            "{}: every guest contained, no panic linked; {} bytes of code, {} of data, {} zeroed",
            board.name,
            columns.first().unwrap_or(&"?"),
            columns.get(1).unwrap_or(&"?"),
            columns.get(2).unwrap_or(&"?"),
        );
    }
    for target in [setup::CORTEX_M4, setup::RISCV] {
        let mut cargo = cross.cargo();
        cargo
            .args(["build", "--quiet", "--release", "--target", target])
            .current_dir(paths::root().join("examples/loader"));
        cmd::quiet(&mut cargo)?;
    }
    tests(&cross)
}

/// Runs the specification's files on integers, floats and memory, compiled; and runs that go from this machine to the
/// interpreter on a board and back.
fn tests(cross: &Cross) -> Result<()> {
    let mut tests = cmd::cargo();
    tests.args([
        "test",
        "--quiet",
        // The workspace's features, so that nothing is built anew.
        "--workspace",
        "--test",
        "boards",
        "--",
        "--nocapture",
    ]);
    tests
        .env("WRT_BOARDS", "1")
        .env("WRT_BOARDS_BUILT", paths::target().join("cross"))
        .current_dir(paths::root());
    if let Some(rustc) = cross.rustc() {
        tests.env("WRT_BOARDS_RUSTC", rustc);
    }
    cmd::run(&mut tests)
}

fn cargo(cross: &Cross, board: &Board, command: &str) -> Command {
    let mut cargo = cross.cargo();
    cargo
        .args([command, "--quiet", "--release", "--target", board.target])
        .current_dir(paths::root().join("examples").join(board.example));
    cargo
}

fn build(cross: &Cross, board: &Board) -> Result<PathBuf> {
    cmd::quiet(&mut cargo(cross, board, "build"))?;
    Ok(cross.release(board.target).join(board.program))
}

/// Runs the firmware in QEMU, as the example's runner says.
fn start(cross: &Cross, board: &Board) -> Result<String> {
    cmd::quiet(&mut cargo(cross, board, "run"))
}

/// Fails if the linker kept a function that panics.
pub(crate) fn no_panic(elf: &std::path::Path) -> Result<()> {
    let symbols = cmd::quiet(Command::new("llvm-nm-22").arg("--demangle").arg(elf))?;
    let panics = |line: &&str| {
        [
            "panic",
            "unwrap_failed",
            "expect_failed",
            "rust_begin_unwind",
        ]
        .iter()
        .any(|word| line.contains(word))
    };
    match symbols.lines().find(panics) {
        None => Ok(()),
        Some(line) => bail!("{} can panic: it holds `{line}`", elf.display()),
    }
}
