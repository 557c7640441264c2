//! Rust for other targets: as installed, else through rustup, else a sysroot of our own.
//!
//! Where rustup's server cannot be reached, Debian's `rustc-web` and `rust-web-src` build core, alloc and std from
//! source; the libraries are laid out in target/tools/sysroot beside a `rustc` that uses them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::apt::{self, Package};
use crate::{cmd, paths};

const DEBIAN_RUST: &[Package] = &[
    Package {
        name: "rustc-web",
        probe: "/usr/bin/rustc",
    },
    Package {
        name: "rust-web-src",
        probe: "/usr/lib/rustlib/src/rust/library/std/Cargo.toml",
    },
];
const WASI_LIBC: &[Package] = &[Package {
    name: "wasi-libc",
    probe: "/usr/lib/wasm32-wasi/libc.a",
}];

/// A Rust that builds for the targets it was asked for.
pub(crate) struct Cross {
    rustc: Option<PathBuf>,
}

impl Cross {
    /// A cargo that builds for them, into a target folder that it shares with nobody.
    pub(crate) fn cargo(&self) -> Command {
        let mut cargo = cmd::cargo();
        cargo.env("CARGO_TARGET_DIR", paths::target().join("cross"));
        if let Some(rustc) = &self.rustc {
            cargo
                .env("RUSTC", rustc)
                .env_remove("RUSTC_WRAPPER")
                .env_remove("RUSTC_WORKSPACE_WRAPPER");
        }
        cargo
    }

    /// The compiler, if it is not cargo's own.
    pub(crate) fn rustc(&self) -> Option<&Path> {
        self.rustc.as_deref()
    }

    /// Where that cargo puts the release build for `target`.
    pub(crate) fn release(&self, target: &str) -> PathBuf {
        paths::target().join("cross").join(target).join("release")
    }
}

/// Makes the standard libraries of `targets` available.
pub(super) fn cross(targets: &[&str]) -> Result<Cross> {
    let missing: Vec<&str> = targets.iter().copied().filter(|t| !installed(t)).collect();
    if missing.is_empty() || rustup_adds(&missing) {
        return Ok(Cross { rustc: None });
    }
    let sysroot = Sysroot::open()?;
    for target in targets {
        sysroot.ensure(target)?;
    }
    Ok(Cross {
        rustc: Some(sysroot.root.join("bin/rustc")),
    })
}

fn installed(target: &str) -> bool {
    let asked =
        cmd::quiet(Command::new("rustc").args(["--print", "target-libdir", "--target", target]));
    asked.is_ok_and(|dir| has_core(Path::new(dir.trim())))
}

fn has_core(dir: &Path) -> bool {
    let Ok(entries) = fs::read_dir(dir) else {
        return false;
    };
    entries
        .flatten()
        .any(|e| e.file_name().to_string_lossy().starts_with("libcore-"))
}

/// Asks rustup, once: where its server cannot be reached this fails within seconds.
fn rustup_adds(targets: &[&str]) -> bool {
    // What is in the sysroot already was tried before.
    if cmd::which("rustup").is_none() || targets.iter().any(|t| has_core(&Sysroot::libraries(t))) {
        return false;
    }
    cmd::say(format_args!("rustup target add {}", targets.join(" ")));
    let added = cmd::succeeds(
        Command::new("rustup")
            .args(["target", "add"])
            .args(targets)
            .env("RUSTUP_MAX_RETRIES", "1"),
    );
    if !added {
        cmd::say("rustup cannot fetch it; building the libraries with Debian's rustc-web instead");
    }
    added && targets.iter().all(|t| installed(t))
}

/// The sysroot of our own.
struct Sysroot {
    root: PathBuf,
    cargo: PathBuf,
}

impl Sysroot {
    fn root() -> PathBuf {
        paths::target().join("tools/sysroot")
    }

    fn libraries(target: &str) -> PathBuf {
        Sysroot::root().join("lib/rustlib").join(target).join("lib")
    }

    fn open() -> Result<Sysroot> {
        apt::ensure(
            DEBIAN_RUST,
            "the standard library for other targets is built with Debian's rustc-web",
        )?;
        let root = Sysroot::root();
        let host = host_triple()?;
        let toolchain = cmd::quiet(Command::new("rustc").args(["--print", "sysroot"]))?;
        let tools = Path::new(toolchain.trim())
            .join("lib/rustlib")
            .join(&host)
            .join("bin");
        let host_dir = root.join("lib/rustlib").join(&host);
        paths::make(&host_dir)?;
        paths::make(&root.join("bin"))?;
        // The host's own libraries serve build scripts and procedural macros.
        link(
            &Path::new("/usr/lib/rustlib").join(&host).join("lib"),
            &host_dir.join("lib"),
        )?;
        link(&tools, &host_dir.join("bin"))?;
        link(
            Path::new("/usr/lib/rustlib/src"),
            &root.join("lib/rustlib/src"),
        )?;
        let wrapper = root.join("bin/rustc");
        let path = tools.display();
        cmd::write(
            &wrapper,
            format!(
                "#!/bin/sh\nPATH=\"{path}:{path}/gcc-ld:$PATH\"\nexport PATH\nexec /usr/bin/rustc --sysroot \"{}\" \"$@\"\n",
                root.display()
            ),
        )?;
        cmd::run(Command::new("chmod").arg("+x").arg(&wrapper))?;
        Ok(Sysroot {
            root,
            cargo: cmd::cargo().get_program().into(),
        })
    }

    fn ensure(&self, target: &str) -> Result<()> {
        let libraries = Sysroot::libraries(target);
        if has_core(&libraries) {
            return Ok(());
        }
        cmd::say(format_args!(
            "building Rust's standard library for {target} from source"
        ));
        let std = target.starts_with("wasm32-");
        let (crates, source) = if std {
            ("core,alloc,std,panic_abort", "")
        } else {
            ("core,alloc", "#![no_std]\n")
        };
        let build = paths::in_target("tools/sysroot-build")?;
        let package = build.join(if std { "with-std" } else { "without-std" });
        cmd::write(&package.join("src/lib.rs"), source)?;
        cmd::write(
            &package.join("Cargo.toml"),
            "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n\
             [profile.release]\npanic = \"abort\"\n",
        )?;
        // Bitcode stays embedded, so that link-time optimization works with these libraries.
        cmd::quiet(
            Command::new(&self.cargo)
                .args(["build", "--quiet", "--release", "--target", target])
                .arg(format!("-Zbuild-std={crates}"))
                .current_dir(&package)
                .env("RUSTC", "/usr/bin/rustc")
                .env("RUSTC_BOOTSTRAP", "1")
                .env("RUSTFLAGS", format!("-Cembed-bitcode=yes {}", remap()))
                .env("CARGO_TARGET_DIR", build.join("target")),
        )
        .with_context(|| format!("cannot build Rust's standard library for {target}"))?;
        // Laid out under another name first: a half-copied folder must not look complete.
        let staged = libraries.with_extension("new");
        let _ = fs::remove_dir_all(&staged);
        paths::make(&staged)?;
        let built = build.join("target").join(target).join("release/deps");
        for entry in fs::read_dir(&built)
            .with_context(|| format!("cannot read {}", built.display()))?
            .flatten()
        {
            let name = entry.file_name();
            let text = name.to_string_lossy();
            if text.ends_with(".rlib") && !text.starts_with("libempty-") {
                copy(&entry.path(), &staged.join(&name))?;
            }
        }
        if target == "wasm32-wasip1" {
            apt::ensure(
                WASI_LIBC,
                "Rust's standard library for WASI links wasi-libc",
            )?;
            paths::make(&staged.join("self-contained"))?;
            for name in ["crt1-command.o", "crt1-reactor.o", "libc.a"] {
                copy(
                    &Path::new("/usr/lib/wasm32-wasi").join(name),
                    &staged.join("self-contained").join(name),
                )?;
            }
        }
        let _ = fs::remove_dir_all(&libraries);
        fs::rename(&staged, &libraries)
            .with_context(|| format!("cannot rename {}", staged.display()))
    }
}

/// Flags that keep this machine's folders out of what is built, panic messages above all.
pub(crate) fn remap() -> String {
    let home = std::env::var_os("HOME").map(|home| Path::new(&home).join(".cargo"));
    let cargo = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or(home)
        .unwrap_or_default();
    format!(
        "--remap-path-prefix={}=guests --remap-path-prefix={}=cargo --remap-path-prefix=/usr/lib/rustlib/src=rust",
        paths::guests().display(),
        cargo.display()
    )
}

fn host_triple() -> Result<String> {
    let about = cmd::quiet(Command::new("rustc").arg("-vV"))?;
    match about.lines().find_map(|line| line.strip_prefix("host: ")) {
        Some(host) => Ok(host.to_owned()),
        None => bail!("`rustc -vV` names no host"),
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to)
        .with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(())
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> Result<()> {
    let _ = fs::remove_file(to);
    std::os::unix::fs::symlink(from, to)
        .with_context(|| format!("cannot link {} to {}", from.display(), to.display()))
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> Result<()> {
    bail!("a sysroot of our own needs Debian; install the target with rustup instead")
}
