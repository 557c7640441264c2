//! Makes the table of `wrt-rt`'s sources that `wrtd` carries, so that what it writes builds without a checkout.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io, process};

fn main() {
    if let Err(error) = run() {
        eprintln!("wrtd: {error}");
        process::exit(1);
    }
}

fn run() -> Result<(), String> {
    let rt = runtime()?;
    println!("cargo::rerun-if-changed={}", rt.display());
    let mut files = Vec::new();
    collect(&rt.join("src"), "src", &mut files).map_err(|e| format!("{}: {e}", rt.display()))?;
    files.sort();
    let mut table = String::from("&[\n");
    for name in &files {
        let path = rt.join(name);
        writeln!(table, "    ({name:?}, include_str!({path:?})),").expect("a string takes all");
    }
    table.push(']');
    let manifest =
        fs::read_to_string(rt.join("Cargo.toml")).map_err(|e| format!("{}: {e}", rt.display()))?;
    let features = section(&manifest, "[features]").ok_or("wrt-rt has no features")?;
    if section(&manifest, "[dependencies]").is_some_and(|s| s.contains('=')) {
        return Err(
            "wrt-rt has dependencies, which packages without network cannot have".to_string(),
        );
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    for (name, text) in [("runtime.rs", table), ("features.toml", features)] {
        fs::write(out.join(name), text).map_err(|e| format!("{name}: {e}"))?;
    }
    Ok(())
}

/// The folder of `wrt-rt`: beside this one in the repository, and where cargo unpacks or vendors packages.
fn runtime() -> Result<PathBuf, String> {
    let here =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("CARGO_MANIFEST_DIR is not set")?);
    let unpacked = format!("../wrt-rt-{}", env!("CARGO_PKG_VERSION"));
    ["../rt", &unpacked, "../wrt-rt"]
        .iter()
        .map(|dir| here.join(dir))
        .find(|dir| dir.join("src/lib.rs").is_file() && dir.join("src/run.rs").is_file())
        .ok_or_else(|| format!("the sources of wrt-rt are not beside {}", here.display()))
}

fn collect(dir: &Path, name: &str, files: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = format!("{name}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &name, files)?;
        } else if name.ends_with(".rs") {
            files.push(name);
        }
    }
    Ok(())
}

/// The section of a manifest that `head` opens, `head` included.
fn section(manifest: &str, head: &str) -> Option<String> {
    let from = manifest.lines().skip_while(|line| line.trim() != head);
    let mut lines = from
        .enumerate()
        .take_while(|(n, line)| *n == 0 || !line.starts_with('['));
    lines.next()?;
    Some(
        lines
            .fold(format!("{head}\n"), |text, (_, line)| text + line + "\n")
            .trim_end()
            .to_string()
            + "\n",
    )
}
