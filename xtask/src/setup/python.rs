//! Packages from PyPI, in a virtual environment of target/tools, or in a plain folder where Python has no venv.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::apt::{self, Package};
use crate::{cmd, paths};

/// A Python interpreter that finds the packages it was asked for.
pub(crate) struct Python {
    exe: PathBuf,
    /// Where packages lie.
    site: PathBuf,
    venv: bool,
}

impl Python {
    /// Installs those of `packages` (`name==version`) that are missing.
    pub(crate) fn with(packages: &[&str]) -> Result<Python> {
        let python = Python::open()?;
        let missing: Vec<&str> = packages
            .iter()
            .copied()
            .filter(|p| !python.has(p))
            .collect();
        if missing.is_empty() {
            return Ok(python);
        }
        cmd::say(format_args!(
            "installing from PyPI into {}: {}",
            python.site.display(),
            missing.join(" ")
        ));
        let mut pip = python.command();
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--disable-pip-version-check",
            "--no-input",
        ]);
        if !python.venv {
            pip.arg("--target").arg(&python.site).arg("--upgrade");
        }
        cmd::quiet(pip.args(&missing))
            .with_context(|| format!("cannot install {} from PyPI", missing.join(" ")))?;
        Ok(python)
    }

    /// The interpreter, with its packages on the path.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.exe);
        if !self.venv {
            command.env("PYTHONPATH", &self.site);
        }
        command
    }

    /// A file that a package brought, made executable: some wheels lack the bit.
    pub(crate) fn program(&self, file: &str, name: &str) -> Result<PathBuf> {
        let path = self.site.join(file);
        if !path.is_file() {
            bail!(
                "the package that brings {name} has no {file}; delete {} and try again",
                self.site.display()
            );
        }
        executable(&path)?;
        Ok(path)
    }

    /// A file of an installed package.
    pub(crate) fn file(&self, file: &str) -> PathBuf {
        self.site.join(file)
    }

    fn has(&self, package: &str) -> bool {
        let (name, version) = package.split_once("==").unwrap_or((package, ""));
        self.site
            .join(format!("{}-{version}.dist-info", name.replace('-', "_")))
            .is_dir()
    }

    fn open() -> Result<Python> {
        let tools = paths::in_target("tools")?;
        let (venv, plain) = (tools.join("python"), tools.join("python-packages"));
        if !venv.join("bin/pip").exists() && !plain.exists() {
            let host = host_python()?;
            cmd::say(format_args!(
                "making a Python environment in {}",
                venv.display()
            ));
            if !make_venv(&host, &venv) {
                cmd::say("this Python makes no virtual environment; a plain folder serves instead");
                let _ = fs::remove_dir_all(&venv);
                if !cmd::succeeds(Command::new(&host).args(["-m", "pip", "--version"])) {
                    bail!("Python has neither venv nor pip: install python3-venv");
                }
                paths::make(&plain)?;
            }
        }
        if plain.exists() {
            return Ok(Python {
                exe: host_python()?.into(),
                site: plain,
                venv: false,
            });
        }
        Ok(Python {
            exe: venv.join("bin/python"),
            site: site_of(&venv)?,
            venv: true,
        })
    }
}

fn host_python() -> Result<OsString> {
    let package = Package {
        name: "python3",
        probe: "/usr/bin/python3",
    };
    if cmd::which("python3").is_none() {
        apt::ensure(&[package], "reference programs are installed with Python 3")?;
    }
    Ok("python3".into())
}

fn make_venv(host: &OsString, dir: &Path) -> bool {
    let try_it = || {
        cmd::succeeds(Command::new(host).args(["-m", "venv"]).arg(dir))
            && dir.join("bin/pip").exists()
    };
    if try_it() {
        return true;
    }
    // Debian's Python has its venv in a package of its own.
    let package = Package {
        name: "python3-venv",
        probe: "/usr/share/doc/python3-venv",
    };
    let installed = apt::ensure(&[package], "a Python environment needs python3-venv").is_ok();
    let _ = fs::remove_dir_all(dir);
    installed && try_it()
}

fn site_of(venv: &Path) -> Result<PathBuf> {
    let lib = venv.join("lib");
    let entries = fs::read_dir(&lib).with_context(|| format!("cannot read {}", lib.display()))?;
    for entry in entries.flatten() {
        let site = entry.path().join("site-packages");
        if site.is_dir() {
            return Ok(site);
        }
    }
    bail!(
        "{} is no Python environment: delete it and try again",
        venv.display()
    )
}

#[cfg(unix)]
fn executable(file: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mut permissions = fs::metadata(file)
        .with_context(|| format!("cannot read {}", file.display()))?
        .permissions();
    if permissions.mode() & 0o111 != 0o111 {
        permissions.set_mode(permissions.mode() | 0o755);
        fs::set_permissions(file, permissions)
            .with_context(|| format!("cannot make {} executable", file.display()))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn executable(_: &Path) -> Result<()> {
    Ok(())
}
