//! The firmware that is counted: cargo packages generated from the kernels in a workspace of their own, one per kernel,
//! option set and level, and a program for each set, or of the same sources compiled by clang.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::kernels::Kernel;
use crate::setup::{self, Cross};
use crate::wrtd::{FIRMWARE, Wrtd};
use crate::{cmd, guests, paths};

use crate::setup::CORTEX_M4 as TARGET;

/// How both clang and rustc optimize.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// For speed: -O3 and opt-level 3.
    Fast,
    /// For size: -Os and opt-level "s".
    Small,
}

impl Level {
    pub(super) const ALL: [Level; 2] = [Level::Fast, Level::Small];

    pub(super) fn name(self) -> &'static str {
        match self {
            Level::Fast => "fast",
            Level::Small => "small",
        }
    }

    fn clang(self) -> &'static str {
        match self {
            Level::Fast => "-O3",
            Level::Small => "-Os",
        }
    }
}

/// What a firmware holds.
#[derive(Clone, Copy)]
pub(super) struct Variant {
    pub(super) name: &'static str,
    /// What it stands for.
    pub(super) what: &'static str,
    /// Options of `wrtd compile` besides [`FIRMWARE`]; none for clang's native code.
    pub(super) options: Option<&'static [&'static str]>,
    /// The runtime's checks that are taken out, as text to be replaced in the generated code.
    pub(super) edit: fn(String) -> String,
}

/// What one kernel did on one firmware.
#[derive(Clone, Copy, Debug)]
pub(super) struct Count {
    pub(super) checksum: i64,
    pub(super) instructions: u64,
    /// Bytes of RAM that the instance takes besides its memory.
    pub(super) state: u64,
}

/// The generated workspace.
pub(super) struct Workspace {
    dir: PathBuf,
    cross: Cross,
    wrtd: Wrtd,
}

impl Workspace {
    pub(super) fn new() -> Result<Workspace> {
        setup::clang()?;
        setup::qemu()?;
        Ok(Workspace {
            dir: paths::in_target("bench/board")?,
            cross: setup::bare_rust()?,
            wrtd: Wrtd::build()?,
        })
    }

    /// Builds the firmware of these kernels.
    pub(super) fn build(
        &self,
        name: &str,
        kernels: &[&Kernel],
        variant: &Variant,
        level: Level,
    ) -> Result<PathBuf> {
        let program = format!("{name}-{}-{}", variant.name, level.name());
        let dir = self.dir.join(&program);
        let mut members = vec![".".to_owned()];
        let mut dependencies = String::new();
        let (mut native, mut statics, mut runs) = (String::new(), String::new(), String::new());
        let mut objects = Vec::new();
        for kernel in kernels {
            let Kernel { name, rounds, .. } = kernel;
            match variant.options {
                Some(options) => {
                    let package = package(variant, kernel);
                    let krate = package.replace('-', "_");
                    let upper = name.to_uppercase();
                    self.kernel(&dir.join(&package), kernel, variant, options, level)?;
                    dependencies.push_str(&format!("{package} = {{ path = {package:?} }}\n"));
                    statics.push_str(&format!(
                        "    static mut {upper}: {krate}::Instance = {krate}::Instance::uninit();
"
                    ));
                    runs.push_str(&format!(
                        "    ours!({name}, {krate}, {upper}, {rounds});
"
                    ));
                    members.push(package);
                }
                None => {
                    native.push_str(&format!(
                        "unsafe extern \"C\" {{\n    safe fn native_{name}(n: i32) -> i64;\n}}\n"
                    ));
                    runs.push_str(&format!("    native!({name}, native_{name}, {rounds});\n"));
                    objects.push(self.object(kernel, level)?);
                }
            }
        }
        let source = include_str!("firmware.rs.in")
            .replace("// NATIVE\n", &native)
            .replace("// STATICS\n", &statics)
            .replace("// RUNS\n", &runs);
        cmd::write(&dir.join("src/main.rs"), source)?;
        cmd::write(&dir.join("memory.x"), MEMORY)?;
        let mut script = String::from(
            "fn main() {\n    println!(\"cargo::rustc-link-search={}\", env!(\"CARGO_MANIFEST_DIR\"));\n    \
             println!(\"cargo::rustc-link-arg=-Tlink.x\");\n",
        );
        for object in &objects {
            script.push_str(&format!("    println!(\"cargo::rustc-link-arg={}\");\n    println!(\"cargo::rerun-if-changed={}\");\n", object.display(), object.display()));
        }
        script.push_str("}\n");
        cmd::write(&dir.join("build.rs"), script)?;
        let quoted: Vec<String> = members.iter().map(|m| format!("{m:?}")).collect();
        let level_text = match level {
            Level::Fast => "3",
            Level::Small => "\"s\"",
        };
        cmd::write(
            &dir.join("Cargo.toml"),
            format!(
                "[workspace]\nresolver = \"3\"\nmembers = [{}]\n\n[package]\nname = {program:?}\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
                 [dependencies]\ncortex-m = {{ version = \"0.7\", features = [\"critical-section-single-core\"] }}\ncortex-m-rt = \"0.7\"\npanic-halt = \"1\"\n\
                 semihosting = {{ version = \"0.1\", features = [\"stdio\"] }}\n{dependencies}\n\
                 [profile.release]\nopt-level = {level_text}\nlto = true\ncodegen-units = 1\npanic = \"abort\"\n",
                quoted.join(", ")
            ),
        )?;
        let target = self.dir.join("build").join(level.name());
        let mut cargo = self.cross.cargo();
        cargo.args(["build", "--release", "--quiet", "--target", TARGET]);
        cargo
            .current_dir(&dir)
            .env("CARGO_TARGET_DIR", &target)
            .env("RUSTFLAGS", "-Ctarget-cpu=cortex-m4");
        cmd::quiet(&mut cargo).context("the generated firmware does not build")?;
        Ok(target.join(TARGET).join("release").join(program))
    }

    /// The generated package of a kernel.
    fn kernel(
        &self,
        dir: &Path,
        kernel: &Kernel,
        variant: &Variant,
        options: &[&str],
        level: Level,
    ) -> Result<()> {
        let wasm = self
            .dir
            .join(format!("{}-{}.wasm", kernel.name, level.name()));
        guests::small(
            &format!("board/{}.c", kernel.name),
            level.clang(),
            &[],
            &wasm,
        )?;
        let options = [FIRMWARE, options].concat();
        self.wrtd.library(&wasm, &options, dir, variant.edit)?;
        let runtime = paths::root().join("rt");
        cmd::write(
            &dir.join("Cargo.toml"),
            format!(
                "[package]\nname = \"{}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\nwrt-rt = {{ path = {runtime:?}, default-features = false }}\n",
                package(variant, kernel)
            ),
        )
    }

    /// clang's native object of a kernel.
    pub(super) fn object(&self, kernel: &Kernel, level: Level) -> Result<PathBuf> {
        let object = self.dir.join(format!("{}-{}.o", kernel.name, level.name()));
        cmd::quiet(
            Command::new("clang-22")
                .args([
                    "--target=thumbv7em-none-eabihf",
                    "-mcpu=cortex-m4",
                    "-mfpu=fpv4-sp-d16",
                    "-mfloat-abi=hard",
                ])
                .args([
                    "-std=gnu17",
                    "-ffreestanding",
                    "-ffunction-sections",
                    "-fdata-sections",
                    level.clang(),
                    "-c",
                ])
                .arg(format!("-Drun=native_{}", kernel.name))
                .arg(paths::guests().join(format!("board/{}.c", kernel.name)))
                .arg("-o")
                .arg(&object),
        )?;
        Ok(object)
    }
}

/// The generated package of a kernel. Cargo tells packages of different folders apart by their names alone.
fn package(variant: &Variant, kernel: &Kernel) -> String {
    format!("guest-{}-{}", variant.name, kernel.name)
}

/// The board `mps2-an386`.
const MEMORY: &str = "MEMORY {\n    FLASH : ORIGIN = 0x00000000, LENGTH = 4M\n    RAM : ORIGIN = 0x20000000, LENGTH = 4M\n}\n";

/// Runs firmware in QEMU; what each kernel did.
pub(super) fn run(elf: &Path, kernels: &[&Kernel]) -> Result<Vec<Count>> {
    let text = cmd::quiet(
        Command::new("qemu-system-arm")
            .args([
                "-machine",
                "mps2-an386",
                "-nographic",
                "-monitor",
                "none",
                "-serial",
                "none",
            ])
            .args([
                "-semihosting-config",
                "enable=on,target=native",
                "-icount",
                "shift=10",
            ])
            .arg("-kernel")
            .arg(elf),
    )?;
    let mut lines = text.lines();
    let counts = kernels.iter().map(|kernel| match lines.next() {
        Some(line) => count(kernel, line),
        None => bail!("the firmware stopped before {}", kernel.name),
    });
    counts.collect()
}

/// Bytes of flash that firmware takes: code, constants and the first values of variables.
pub(super) fn bytes(elf: &Path) -> Result<u64> {
    let text = cmd::quiet(Command::new("llvm-size-22").arg(elf))?;
    let mut columns = text.lines().nth(1).unwrap_or("").split_whitespace();
    let (Some(code), Some(data)) = (columns.next(), columns.next()) else {
        bail!("llvm-size says nothing of {}", elf.display());
    };
    Ok(code.parse::<u64>()? + data.parse::<u64>()?)
}

fn count(kernel: &Kernel, line: &str) -> Result<Count> {
    let words: Vec<&str> = line.split(' ').collect();
    let [name, checksum, instructions, state] = words[..] else {
        bail!("the firmware said `{line}`");
    };
    if name != kernel.name {
        bail!("the firmware ran {name}, not {}", kernel.name);
    }
    let count = Count {
        checksum: checksum.parse()?,
        instructions: instructions.parse()?,
        state: state.parse()?,
    };
    Ok(count)
}
