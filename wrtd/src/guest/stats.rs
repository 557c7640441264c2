//! What a run used, as text: for people, or one object of JSON.
//!
//! `wrtd` uses it, and pastes this file into the programs that `wrtd run --engine aot` builds.

use std::fmt::Write as _;
use std::io::{self, Write};

use wrt_rt::Stats;
use wrt_rt::run::CLASSES;

/// Prints to standard error: in JSON or as a table. Where nobody reads it, that is no error.
pub(crate) fn print(json: bool, engine: &str, fuel: u64, remaining: u64, stats: &Stats) {
    let text = if json {
        object(engine, fuel, remaining, stats)
    } else {
        table(fuel, remaining, stats)
    };
    let _ = io::stderr().write_all(text.as_bytes());
}

/// The instructions of each class.
fn classes(stats: &Stats) -> impl Iterator<Item = (&'static str, u64)> {
    CLASSES.into_iter().zip(stats.instructions)
}

fn table(fuel: u64, remaining: u64, stats: &Stats) -> String {
    let remaining = match remaining {
        u64::MAX => String::new(),
        n => format!(" ({n} left)"),
    };
    let pages = stats.peak_pages;
    let bytes = u64::from(pages) * 65536;
    let plural = if pages == 1 { "" } else { "s" };
    let instructions = stats
        .instructions
        .iter()
        .fold(0u64, |sum, n| sum.saturating_add(*n));
    let mut text = format!(
        "fuel              {fuel}{remaining}\n\
         peak memory       {bytes} bytes ({pages} page{plural})\n\
         peak depth        {} stack slots\n\
         calls             {}\n\
         host calls        {}\n\
         loads and stores  {}\n\
         instructions      {instructions}\n",
        stats.peak_depth, stats.calls, stats.host_calls, stats.memory_accesses,
    );
    if stats.waited > 0 {
        let _ = writeln!(text, "waited            {} ms", stats.waited / 1_000_000);
    }
    for (class, n) in classes(stats) {
        let _ = writeln!(text, "  {class:<16}{n}");
    }
    text
}

fn object(engine: &str, fuel: u64, remaining: u64, stats: &Stats) -> String {
    let remaining = match remaining {
        u64::MAX => "null".to_string(),
        n => n.to_string(),
    };
    let pages = stats.peak_pages;
    let bytes = u64::from(pages) * 65536;
    let classes: Vec<String> = classes(stats)
        .map(|(class, n)| format!("\"{class}\":{n}"))
        .collect();
    format!(
        "{{\"engine\":\"{engine}\",\"fuel\":{fuel},\"remaining_fuel\":{remaining},\
         \"peak_memory_pages\":{pages},\"peak_memory_bytes\":{bytes},\"peak_depth\":{},\
         \"calls\":{},\"host_calls\":{},\"memory_accesses\":{},\"instructions\":{{{}}}}}\n",
        stats.peak_depth,
        stats.calls,
        stats.host_calls,
        stats.memory_accesses,
        classes.join(","),
    )
}
