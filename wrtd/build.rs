//! Makes the tables of the sources that `wrtd` carries, those of `wrt-rt` and of `wrt-wasi`, so that what it writes builds
//! without a checkout.

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
    let (rt, manifest) = package("rt")?;
    let features = section(&manifest, "[features]").ok_or("wrt-rt has no features")?;
    if section(&manifest, "[dependencies]").is_some_and(|s| s.contains('=')) {
        return Err(
            "wrt-rt has dependencies, which packages without network cannot have".to_string(),
        );
    }
    let (wasi, manifest) = package("wasi")?;
    let mut dependencies = String::new();
    for head in ["[dependencies]", "[target.'cfg(unix)'.dependencies]"] {
        let section = section(&manifest, head).ok_or("wrt-wasi has no dependencies")?;
        let lines = section.lines();
        // This one is carried as well.
        for line in lines.filter(|line| !line.starts_with("wrt-rt ")) {
            writeln!(dependencies, "{line}").expect("a string takes all");
        }
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    for (name, text) in [
        ("runtime.rs", rt),
        ("features.toml", features),
        ("wasi.rs", wasi),
        ("wasi-dependencies.toml", dependencies),
    ] {
        fs::write(out.join(name), text).map_err(|e| format!("{name}: {e}"))?;
    }
    Ok(())
}

/// The table of the sources of `wrt-NAME`, and its manifest.
fn package(name: &str) -> Result<(String, String), String> {
    let folder = folder(name)?;
    println!("cargo::rerun-if-changed={}", folder.display());
    let said = |e| format!("{}: {e}", folder.display());
    let mut files = Vec::new();
    collect(&folder.join("src"), "src", &mut files).map_err(said)?;
    files.sort();
    let mut table = String::from("&[\n");
    for name in &files {
        let path = folder.join(name);
        writeln!(table, "    ({name:?}, include_str!({path:?})),").expect("a string takes all");
    }
    table.push(']');
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).map_err(said)?;
    Ok((table, manifest))
}

/// The folder of `wrt-NAME`: beside this one in the repository, and where cargo unpacks or vendors packages.
fn folder(name: &str) -> Result<PathBuf, String> {
    let here =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("CARGO_MANIFEST_DIR is not set")?);
    let unpacked = format!("../wrt-{name}-{}", env!("CARGO_PKG_VERSION"));
    [format!("../{name}"), unpacked, format!("../wrt-{name}")]
        .iter()
        .map(|dir| here.join(dir))
        .find(|dir| {
            fs::read_to_string(dir.join("Cargo.toml"))
                .is_ok_and(|manifest| manifest.contains(&format!("\nname = \"wrt-{name}\"\n")))
        })
        .ok_or_else(|| {
            format!(
                "the sources of wrt-{name} are not beside {}",
                here.display()
            )
        })
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
