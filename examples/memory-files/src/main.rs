//! Tallies two poems that are nowhere on the disk: `cargo run -p memory-files`.

use std::error::Error;

use memory_files::tally;

const LIMERICK: &str = "There was an old man with a beard,\nWho said, 'It is just as I feared!—\n";
const HAIKU: &str = "An old silent pond\nA frog jumps into the pond\nSplash! Silence again.\n";

fn main() -> Result<(), Box<dyn Error>> {
    let report = tally(&[("limerick.txt", LIMERICK), ("haiku.txt", HAIKU)])?;
    print!("{}", report.output);
    match report.summary {
        Some(summary) => print!("{summary}"),
        None => println!("status {}", report.status),
    }
    Ok(())
}
