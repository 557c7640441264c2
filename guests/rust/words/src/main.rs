//! A WASI command: counts the words of its standard input and prints the most frequent, with some formatting of
//! floats and wide integers beside. `words [LIMIT]`; exit status 2 where LIMIT is no number.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::io::{self, BufRead, Write};
use std::process::ExitCode;

/// A word with what was counted, printed as a row.
struct Row<'a> {
    word: &'a str,
    count: u32,
    share: f64,
}

impl fmt::Display for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:<12}|{:>5}|{:>7.3}%",
            self.word,
            self.count,
            self.share * 100.0
        )
    }
}

fn limit() -> Result<usize, String> {
    match std::env::args().nth(1) {
        None => Ok(10),
        Some(text) => text.parse().map_err(|e| format!("LIMIT `{text}`: {e}")),
    }
}

fn run(limit: usize) -> io::Result<()> {
    let mut counts: HashMap<String, u32> = HashMap::new();
    let mut lengths: BTreeMap<usize, u32> = BTreeMap::new();
    let mut lines = 0u32;
    for line in io::stdin().lock().lines() {
        lines += 1;
        for word in line?
            .split(|c: char| !c.is_alphanumeric())
            .filter(|w| !w.is_empty())
        {
            *counts.entry(word.to_lowercase()).or_default() += 1;
            *lengths.entry(word.chars().count()).or_default() += 1;
        }
    }
    let total: u32 = counts.values().sum();
    let mut rows: Vec<Row<'_>> = counts
        .iter()
        .map(|(word, &count)| Row {
            word,
            count,
            share: f64::from(count) / f64::from(total.max(1)),
        })
        .collect();
    rows.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.word.cmp(b.word)));

    let mut out = io::stdout().lock();
    writeln!(
        out,
        "{lines} lines, {total} words, {} different",
        rows.len()
    )?;
    for row in rows.iter().take(limit) {
        writeln!(out, "{row}")?;
    }
    writeln!(out, "lengths {lengths:?}")?;
    let product = rows
        .iter()
        .fold(1u128, |p, r| p.wrapping_mul(u128::from(r.count) + 1));
    writeln!(out, "product {product:#034x}")?;
    let mean = lengths
        .iter()
        .map(|(&l, &n)| l as f64 * f64::from(n))
        .sum::<f64>()
        / f64::from(total.max(1));
    writeln!(out, "mean length {mean:e} {:?} {:?}", mean as f32, f64::NAN)?;
    if let Ok(name) = std::env::var("NAME") {
        writeln!(out, "for {name:?}")?;
    }
    out.flush()
}

fn main() -> ExitCode {
    let limit = match limit() {
        Ok(limit) => limit,
        Err(message) => {
            eprintln!("words: {message}");
            return ExitCode::from(2);
        }
    };
    match run(limit) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("words: {error}");
            ExitCode::FAILURE
        }
    }
}
