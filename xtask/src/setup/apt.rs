//! Debian packages, looked for by a file that each brings, so that other ways of installing them serve as well.

use std::path::Path;
use std::process::Command;
use std::sync::Once;

use anyhow::{Context, Result, bail};

use crate::cmd;

/// A package and a file by which it is known to be installed.
pub(super) struct Package {
    pub(super) name: &'static str,
    pub(super) probe: &'static str,
}

/// Installs those whose file is missing. `need` says what for, where that cannot be done.
pub(super) fn ensure(packages: &[Package], need: &str) -> Result<()> {
    let missing: Vec<&Package> = packages
        .iter()
        .filter(|p| !Path::new(p.probe).exists())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = missing.iter().map(|p| p.name).collect();
    let list = names.join(" ");
    if cmd::which("apt-get").is_none() {
        bail!(
            "{need}, and there is no apt-get here: install what Debian calls `{list}` by your system's own means"
        );
    }
    cmd::say(format_args!("installing Debian packages: {list}"));
    static UPDATE: Once = Once::new();
    UPDATE.call_once(|| drop(cmd::quiet(apt().args(["update", "-q"]))));
    cmd::quiet(
        apt()
            .args(["install", "-y", "--no-install-recommends"])
            .args(&names),
    )
    .with_context(|| format!("{need}; as root, try `apt-get update && apt-get install {list}`"))?;
    if let Some(package) = missing.iter().find(|p| !Path::new(p.probe).exists()) {
        bail!(
            "{need}; the package {} is installed but {} is not there",
            package.name,
            package.probe
        );
    }
    Ok(())
}

fn apt() -> Command {
    let root = cmd::quiet(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    let mut command = if root {
        Command::new("apt-get")
    } else {
        let mut sudo = Command::new("sudo");
        sudo.args(["-n", "--preserve-env=DEBIAN_FRONTEND", "apt-get"]);
        sudo
    };
    command
        .args(["-o", "DPkg::Lock::Timeout=500"])
        .env("DEBIAN_FRONTEND", "noninteractive");
    command
}
