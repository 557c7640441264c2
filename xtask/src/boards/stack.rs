//! What `wrtd inspect --elf` says of the native stack, against what firmware takes on its board. QEMU's RAM is zero at
//! the start; the firmware stands still at its end, and the lowest byte of the stack that is not zero is its mark.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::setup::{self, Cross};
use crate::wrtd::{FIRMWARE, SILENT, Wrtd};
use crate::{cmd, guests, paths};

/// A board, and how QEMU is started for it.
struct Board {
    name: &'static str,
    target: &'static str,
    memory: &'static str,
    /// Dependencies, and the crate of `entry`.
    dependencies: &'static str,
    entry: &'static str,
    qemu: &'static [&'static str],
}

const BOARDS: &[Board] = &[
    Board {
        name: "cortex-m4",
        target: setup::CORTEX_M4,
        memory: "MEMORY {\n    FLASH : ORIGIN = 0x00000000, LENGTH = 1M\n    RAM : ORIGIN = 0x20000000, LENGTH = 1M\n}\n",
        dependencies: "cortex-m = { version = \"0.7\", features = [\"critical-section-single-core\"] }\ncortex-m-rt = \"0.7\"\n",
        entry: "cortex_m_rt",
        qemu: &["qemu-system-arm", "-machine", "mps2-an386"],
    },
    Board {
        name: "riscv",
        target: setup::RISCV,
        memory: "MEMORY {\n    FLASH : ORIGIN = 0x80000000, LENGTH = 1M\n    RAM : ORIGIN = 0x80100000, LENGTH = 1M\n}\n\
                 REGION_ALIAS(\"REGION_TEXT\", FLASH);\nREGION_ALIAS(\"REGION_RODATA\", FLASH);\nREGION_ALIAS(\"REGION_DATA\", RAM);\n\
                 REGION_ALIAS(\"REGION_BSS\", RAM);\nREGION_ALIAS(\"REGION_HEAP\", RAM);\nREGION_ALIAS(\"REGION_STACK\", RAM);\n",
        dependencies: "riscv-rt = \"0.18\"\n",
        entry: "riscv_rt",
        qemu: &["qemu-system-riscv32", "-machine", "virt", "-bios", "none"],
    },
];

/// A guest without recursion, and what the firmware does with it.
struct Guest {
    name: &'static str,
    /// In guests/board; none is the thermostat.
    source: Option<&'static str>,
    /// What calls it, in terms of `instance`: whether all went well.
    calls: &'static str,
}

const GUESTS: &[Guest] = &[
    Guest {
        name: "thermostat",
        source: None,
        calls: "(0..200).all(|n| { instance.set_fuel(10_000); instance.step(1500 + 5 * n).is_ok() })",
    },
    Guest {
        name: "sort",
        source: Some("board/sort.c"),
        calls: "{ instance.set_fuel(1 << 40); instance.run(2).is_ok() }",
    },
    Guest {
        name: "parser",
        source: Some("board/parser.c"),
        calls: "{ instance.set_fuel(1 << 40); instance.run(2).is_ok() }",
    },
    Guest {
        name: "aes",
        source: Some("board/aes.c"),
        calls: "{ instance.set_fuel(1 << 40); instance.run(2).is_ok() }",
    },
];

/// What the firmware says at its end.
const GOOD: &str = "good\n";

/// Compares bound and mark of every guest on the boards whose names `wanted` takes.
pub(super) fn run(cross: &Cross, wanted: impl Fn(&str) -> bool) -> Result<()> {
    let boards: Vec<&Board> = BOARDS.iter().filter(|b| wanted(b.name)).collect();
    if boards.is_empty() {
        return Ok(());
    }
    let wrtd = Wrtd::build()?;
    for guest in GUESTS {
        let wasm = module(guest)?;
        for board in &boards {
            let elf = build(&wrtd, cross, board, guest, &wasm)?;
            super::no_panic(&elf)?;
            let bound = bound(&wrtd, &wasm, &elf)?;
            let mark = mark(board, &elf)?;
            let about = format!(
                "{}: {}: a stack of {mark} bytes, at most {bound}",
                board.name, guest.name
            );
            if mark == 0 || mark > bound || bound > 2 * mark {
                bail!("{about}: the bound must be at least that, and no more than twice as much");
            }
            println!("{about}");
        }
    }
    Ok(())
}

fn folder(name: &str) -> Result<PathBuf> {
    paths::in_target(&format!("boards-stack/{name}"))
}

fn module(guest: &Guest) -> Result<PathBuf> {
    let Some(source) = guest.source else {
        return Ok(paths::guests().join(format!("wasm/{}.wasm", guest.name)));
    };
    let wasm = folder("wasm")?.join(format!("{}.wasm", guest.name));
    guests::small(source, "-Os", &[], &wasm)?;
    Ok(wasm)
}

/// Builds the firmware of a guest.
fn build(wrtd: &Wrtd, cross: &Cross, board: &Board, guest: &Guest, wasm: &Path) -> Result<PathBuf> {
    let program = format!("{}-{}", guest.name, board.name);
    let dir = folder(&program)?;
    let options = [FIRMWARE, &[SILENT]].concat();
    wrtd.library(wasm, &options, &dir.join("guest"), |text| text)?;
    let runtime = paths::root().join("rt");
    cmd::write(
        &dir.join("guest/Cargo.toml"),
        format!(
            "[package]\nname = \"guest-{program}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[lib]\nname = \"guest\"\n\n\
             [dependencies]\nwrt-rt = {{ path = {runtime:?}, default-features = false }}\n"
        ),
    )?;
    let (host, of, with) = match guest.source {
        Some(_) => ("", "Instance", "Instance::uninit()"),
        None => (HOST, "Instance<Silent>", "Instance::uninit(Silent)"),
    };
    let source = include_str!("stack.rs.in")
        .replace("ENTRY", board.entry)
        .replace("// HOST\n", host)
        .replace("STATE_TYPE", of)
        .replace("STATE_VALUE", with)
        .replace("CALLS", guest.calls)
        .replace("GOOD", &format!("{GOOD:?}"));
    cmd::write(&dir.join("src/main.rs"), source)?;
    cmd::write(&dir.join("memory.x"), board.memory)?;
    cmd::write(
        &dir.join("build.rs"),
        format!(
            "fn main() {{\n    println!(\"cargo::rustc-link-search={{}}\", env!(\"CARGO_MANIFEST_DIR\"));\n{}}}\n",
            scripts(board)
        ),
    )?;
    cmd::write(
        &dir.join("Cargo.toml"),
        format!(
            "[workspace]\nresolver = \"3\"\nmembers = [\"guest\"]\n\n[package]\nname = {program:?}\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [dependencies]\npanic-halt = \"1\"\nsemihosting = {{ version = \"0.1\", features = [\"stdio\"] }}\nstatic_cell = \"2\"\n\
             guest-{program} = {{ path = \"guest\" }}\n{}\n\
             [profile.release]\nopt-level = \"s\"\nlto = true\ncodegen-units = 1\npanic = \"abort\"\n",
            board.dependencies
        ),
    )?;
    let mut cargo = cross.cargo();
    cargo
        .args(["build", "--release", "--quiet", "--target", board.target])
        .current_dir(&dir);
    cmd::quiet(&mut cargo).with_context(|| format!("the firmware of {program} does not build"))?;
    Ok(cross.release(board.target).join(program))
}

fn scripts(board: &Board) -> String {
    let scripts: &[&str] = match board.target {
        // riscv-rt's does not include it.
        setup::RISCV => &["memory.x", "link.x"],
        _ => &["link.x"],
    };
    scripts
        .iter()
        .map(|script| format!("    println!(\"cargo::rustc-link-arg=-T{script}\");\n"))
        .collect()
}

/// What the thermostat imports.
const HOST: &str = "/// Hears what the guest says.
struct Silent;

impl guest::Host for Silent {
    fn log(&mut self, caller: &mut guest::Caller<'_>, text: i32, length: i32) -> Result<(), guest::Trapped> {
        match caller.memory().get(text as u32, length as u32) {
            Ok(_) => Ok(()),
            Err(cause) => Err(caller.raise(guest::Trap::new(cause))),
        }
    }
}
";

/// What `wrtd inspect` says of the stack from the start on.
fn bound(wrtd: &Wrtd, wasm: &Path, elf: &Path) -> Result<u64> {
    let text = cmd::quiet(
        wrtd.command()
            .arg("inspect")
            .arg(wasm)
            .arg("--elf")
            .arg(elf),
    )?;
    let stack = text.split("native stack").nth(1).unwrap_or("");
    let first = stack.lines().nth(1).unwrap_or("");
    match first
        .rsplit_once(": at most ")
        .map(|(_, bytes)| bytes.parse())
    {
        Some(Ok(bytes)) => Ok(bytes),
        _ => bail!("{} is not bounded:\n{stack}", elf.display()),
    }
}

/// The bytes of stack that firmware took, up to when it stands still.
fn mark(board: &Board, elf: &Path) -> Result<u64> {
    let symbols = cmd::quiet(Command::new("llvm-nm-22").arg(elf))?;
    let symbol = |name: &str| {
        let line = symbols
            .lines()
            .find(|line| line.split(' ').next_back() == Some(name));
        let address = line.and_then(|line| line.split(' ').next());
        address
            .and_then(|a| u64::from_str_radix(a, 16).ok())
            .with_context(|| format!("{} has no symbol `{name}`", elf.display()))
    };
    let (low, high) = (symbol("__sheap")?, symbol("_stack_start")?);
    let (said, dump) = (elf.with_extension("said"), elf.with_extension("stack"));
    let _ = fs::remove_file(&dump);
    let out =
        fs::File::create(&said).with_context(|| format!("cannot write {}", said.display()))?;
    let mut qemu = Command::new(board.qemu[0]);
    qemu.args(&board.qemu[1..])
        .args(["-display", "none", "-serial", "none", "-monitor", "stdio"])
        .args(["-semihosting-config", "enable=on,target=native"])
        .arg("-kernel")
        .arg(elf)
        .stdin(Stdio::piped())
        .stdout(out);
    let mut child = qemu
        .spawn()
        .with_context(|| format!("cannot start `{}`", cmd::shown(&qemu)))?;
    let start = Instant::now();
    let heard = loop {
        // Besides, it holds what the monitor says.
        let text = fs::read_to_string(&said).unwrap_or_default();
        let over = start.elapsed() > Duration::from_secs(60) || child.try_wait()?.is_some();
        if text.contains(GOOD) || text.contains("bad\n") || over {
            break text;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    if let Some(mut monitor) = child.stdin.take() {
        let size = high - low;
        let _ = writeln!(
            monitor,
            "pmemsave {low:#x} {size:#x} \"{}\"\nquit",
            dump.display()
        );
    }
    child.wait()?;
    if !heard.contains(GOOD) {
        bail!("{}: the firmware said `{heard}`", elf.display());
    }
    let stack = cmd::read(&dump)?;
    let unused = stack.iter().take_while(|byte| **byte == 0).count();
    Ok(stack.len().saturating_sub(unused) as u64)
}
