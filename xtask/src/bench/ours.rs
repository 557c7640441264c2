//! Our side: cargo packages generated from the kernels, one per kernel and option set, in a workspace of their own, so
//! that rustc compiles the runtime once; and a driver per option set that speaks the protocol of [`super::engine`].

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::engine::Engine;
use super::kernels::Kernel;
use super::peers;
use crate::wrtd::{SILENT, UNMETERED, Wrtd};
use crate::{cmd, paths};
use processor::Runs;

/// What `wrtd` asks rustc for.
#[path = "../../../wrtd/src/processor.rs"]
mod processor;

/// Options of `wrtd compile` under a name.
pub(super) struct OptionSet {
    pub(super) name: &'static str,
    pub(super) options: &'static [&'static str],
}

/// As delivered: fuel, all checks, backtraces of functions.
pub(super) const DEFAULT: OptionSet = OptionSet {
    name: "ours",
    options: &[],
};
/// Without fuel.
pub(super) const NO_FUEL: OptionSet = OptionSet {
    name: "ours-free",
    options: &[UNMETERED],
};
/// No backtrace.
pub(super) const NO_BACKTRACE: OptionSet = OptionSet {
    name: "ours-silent",
    options: &[SILENT],
};
/// Backtraces with offsets.
pub(super) const OFFSETS: OptionSet = OptionSet {
    name: "ours-offsets",
    options: &["--backtrace=offsets"],
};
/// Canonical NaNs.
pub(super) const CANONICAL: OptionSet = OptionSet {
    name: "ours-canonical",
    options: &["--canonical-nans"],
};

/// The name of the driver with the default options that every processor of the family can run, as `wrtd compile --exe`
/// makes it. The others are for this processor, as `wrtd run --engine aot` makes them.
pub(super) const PORTABLE: &str = "ours-portable";

/// The generated workspace.
pub(super) struct Workspace {
    dir: PathBuf,
    build: PathBuf,
}

/// A driver: a program with some kernels under one option set.
pub(super) struct Driver<'a> {
    pub(super) name: &'static str,
    pub(super) set: &'static OptionSet,
    pub(super) kernels: Vec<&'a Kernel>,
}

impl Workspace {
    /// Generates all packages and drivers.
    pub(super) fn generate(dir: &Path, wrtd: &Wrtd, drivers: &[Driver<'_>]) -> Result<Workspace> {
        let workspace = Workspace {
            dir: dir.join("ours"),
            build: dir.join("ours-build"),
        };
        let mut members = Vec::new();
        for driver in drivers {
            for kernel in &driver.kernels {
                let member = package(driver.set, kernel);
                if !members.contains(&member) {
                    workspace.kernel(wrtd, driver.set, kernel)?;
                    members.push(member);
                }
            }
            workspace.driver(driver)?;
            members.push(program(driver.name));
        }
        let list: Vec<String> = members.iter().map(|m| format!("{m:?}")).collect();
        cmd::write(
            &workspace.dir.join("Cargo.toml"),
            format!(
                "[workspace]\nresolver = \"3\"\nmembers = [{}]\n\n[profile.release]\nopt-level = 3\nlto = \"off\"\npanic = \"abort\"\n",
                list.join(", ")
            ),
        )?;
        Ok(workspace)
    }

    fn kernel(&self, wrtd: &Wrtd, set: &OptionSet, kernel: &Kernel) -> Result<()> {
        let name = package(set, kernel);
        let dir = self.dir.join(&name);
        wrtd.library(&peers::wasm(kernel)?, set.options, &dir, |text| text)?;
        cmd::write(&dir.join("Cargo.toml"), manifest(&name, &[runtime()]))
    }

    fn driver(&self, driver: &Driver<'_>) -> Result<()> {
        let name = program(driver.name);
        let mut dependencies = vec![
            runtime(),
            "rustix = { version = \"1\", features = [\"time\"] }".to_owned(),
        ];
        let mut arms = String::new();
        for kernel in &driver.kernels {
            let package = package(driver.set, kernel);
            dependencies.push(format!("{package} = {{ path = \"../{package}\" }}"));
            arms.push_str(&format!(
                "    {:?} => {},\n",
                kernel.name,
                package.replace('-', "_")
            ));
        }
        let fuel = !driver.set.options.contains(&UNMETERED);
        let source = include_str!("driver.rs.in").replace("// ARMS\n", &arms);
        let source = source.replace("FUEL", if fuel { "true" } else { "false" });
        cmd::write(&self.dir.join(&name).join("src/main.rs"), source)?;
        cmd::write(
            &self.dir.join(&name).join("Cargo.toml"),
            manifest(&name, &dependencies),
        )
    }

    /// A `cargo build --release` of this workspace, for this processor.
    pub(super) fn cargo(&self, package: &str) -> Command {
        self.cargo_for(package, Runs::Here, &self.build)
    }

    fn cargo_for(&self, package: &str, runs: Runs, build: &Path) -> Command {
        let mut cargo = cmd::cargo();
        cargo.args(["build", "--release", "--quiet", "--package", package]);
        cargo
            .current_dir(&self.dir)
            .env("CARGO_TARGET_DIR", build)
            .env("RUSTFLAGS", processor::flags(runs).join(" "));
        cargo
    }

    /// Makes cargo build a package anew.
    pub(super) fn clean(&self, package: &str) -> Result<()> {
        let mut cargo = cmd::cargo();
        cargo.args(["clean", "--release", "--quiet", "--package", package]);
        cmd::quiet(
            cargo
                .current_dir(&self.dir)
                .env("CARGO_TARGET_DIR", &self.build),
        )
        .map(drop)
    }

    /// Builds a driver; where it is.
    pub(super) fn build(&self, driver: &str) -> Result<PathBuf> {
        let name = program(driver);
        let (runs, build) = match driver {
            PORTABLE => (Runs::Anywhere, self.build.join("portable")),
            _ => (Runs::Here, self.build.clone()),
        };
        let mut cargo = self.cargo_for(&name, runs, &build);
        cmd::quiet(&mut cargo).context("the generated packages do not build")?;
        Ok(build.join("release").join(name))
    }

    /// Builds a driver and starts it.
    pub(super) fn start(&self, driver: &str) -> Result<Engine> {
        let exe = self.build(driver)?;
        Engine::start(driver, &mut Command::new(exe))
    }
}

/// The package of a kernel under an option set.
pub(super) fn package(set: &OptionSet, kernel: &Kernel) -> String {
    format!("{}-{}", set.name, kernel.name)
}

fn program(driver: &str) -> String {
    format!("driver-{driver}")
}

fn runtime() -> String {
    format!("wrt-rt = {{ path = {:?} }}", paths::root().join("rt"))
}

/// The manifest of a generated package.
pub(super) fn manifest(name: &str, dependencies: &[String]) -> String {
    format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{}\n",
        dependencies.join("\n")
    )
}
