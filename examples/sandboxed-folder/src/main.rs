//! Tallies a folder, or this example's own: `cargo run -p sandboxed-folder -- FOLDER`.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use sandboxed_folder::tally;
use wrt_wasi::Access;

fn main() -> Result<(), Box<dyn Error>> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (folder, access) = match env::args_os().nth(1) {
        Some(folder) => (PathBuf::from(folder), Access::ReadWrite),
        None => (own, Access::ReadOnly),
    };
    // All but the last two are outside.
    let others = [
        "/data/../Cargo.toml",
        "/etc/passwd",
        "/data/lib.rs",
        "/data/none",
    ];
    let report = tally(&folder, access, &others)?;
    print!("{}", report.output);
    match report.status {
        0 => print!("{}", fs::read_to_string(folder.join("summary.txt"))?),
        status => println!("status {status}"),
    }
    Ok(())
}
