//! The tables, as Markdown.

use std::fmt::Write;
use std::fs;
use std::process::Command;

use super::Results;
use super::cost::Cost;
use super::kernels::EXPLAINED;
use super::ours::{CANONICAL, DEFAULT, NO_BACKTRACE, NO_FUEL, OFFSETS, PORTABLE};
use super::turns::Times;
use crate::cmd;

const WASMTIME: &str = "wasmtime";
const WASMTIME_FUEL: &str = "wasmtime-fuel";
const NATIVE: &str = "native";

/// The columns of the first table, with their headings.
const COLUMNS: &[(&str, &str)] = &[
    (NATIVE, "native"),
    (WASMTIME, "wasmtime"),
    (WASMTIME_FUEL, "wasmtime, fuel"),
    (PORTABLE, "**WRT, portable**"),
    (DEFAULT.name, "**WRT, this processor**"),
    (NO_FUEL.name, "WRT, no fuel"),
];

/// All sections but the interpreter's.
pub(super) fn markdown(results: &Results<'_>) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = write_all(&mut out, results);
    out
}

fn write_all(out: &mut String, results: &Results<'_>) -> std::fmt::Result {
    writeln!(
        out,
        "# Benchmarks\n\nMade by `cargo xtask bench`, which rewrites this file.\n"
    )?;
    machine(out, results)?;
    run_time(out, results)?;
    fuel(out, results)?;
    options(out, results)?;
    if let Some(cost) = &results.cost {
        compile(out, cost)?;
    }
    Ok(())
}

fn machine(out: &mut String, results: &Results<'_>) -> std::fmt::Result {
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processor
        .lines()
        .find_map(|l| l.strip_prefix("model name")?.split_once(':'))
        .map_or("unknown", |m| m.1);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    writeln!(
        out,
        "| | |\n|---|---|\n| processor |{model}, {cores} cores |"
    )?;
    writeln!(out, "| rustc | {} |", version("rustc", "-V"))?;
    writeln!(out, "| clang | {} |", version("clang-22", "--version"))?;
    writeln!(
        out,
        "| wasmtime | {}, Cranelift, optimized for speed, guard pages |\n",
        results.wasmtime
    )?;
    writeln!(
        out,
        "Times are CPU time of `run` with an eighth of a kernel's rounds, in one process per engine, start-up and \
         compilation left out, the least of {}. Engines take turns. Checksums agreed between all. wasmtime compiles for \
         the processor at hand. Native code is clang -O3 (SQLite: -O2), for all of x86-64, and WRT's rustc -O3. \
         The wasm is clang -O3's (SQLite: -O2), without SIMD. Single figures vary by some 5 % between runs.\n",
        results.turns
    )
}

fn version(program: &str, flag: &str) -> String {
    let text = cmd::quiet(Command::new(program).arg(flag)).unwrap_or_default();
    text.lines().next().unwrap_or("unknown").to_owned()
}

fn run_time(out: &mut String, results: &Results<'_>) -> std::fmt::Result {
    let columns: Vec<(&str, &Times)> = COLUMNS
        .iter()
        .filter_map(|(name, heading)| Some((*heading, results.engine(name)?)))
        .collect();
    writeln!(
        out,
        "## Run time, wasmtime without fuel = 1.00, less is faster\n"
    )?;
    writeln!(
        out,
        "WRT has the default options: all checks, fuel, backtraces of functions. *Portable* is what `wrtd compile --exe` \
         makes, for all of x86-64; *this processor* what `wrtd run --engine aot` makes, and what the other tables are \
         about. Plain `cargo build --release` does not align functions, and is slower than either: see README, \
         Limits.\n"
    )?;
    write!(out, "| kernel | nature | wasmtime, ms |")?;
    for (heading, _) in &columns {
        write!(out, " {heading} |")?;
    }
    writeln!(out, "\n|---|---|--:|{}", "--:|".repeat(columns.len()))?;
    let Some(base) = results.engine(WASMTIME) else {
        return Ok(());
    };
    for (k, kernel) in results.kernels.iter().enumerate() {
        let milliseconds = base.best[k].map_or(0.0, |s| s.seconds * 1e3);
        write!(
            out,
            "| {} | {} | {milliseconds:.0} |",
            kernel.name, kernel.nature
        )?;
        for (_, times) in &columns {
            write!(out, " {} |", ratio(times.over(base, k)))?;
        }
        writeln!(out)?;
    }
    write!(out, "| **geometric mean** | | |")?;
    for (_, times) in &columns {
        write!(out, " {} |", bold(times.mean_over(base)))?;
    }
    // The same without the kernels that flatter us.
    if let Some(ours) = results.engine(DEFAULT.name) {
        let mut order: Vec<usize> = (0..results.kernels.len())
            .filter(|&k| ours.over(base, k).is_some())
            .collect();
        order.sort_by(|&a, &b| {
            f64::total_cmp(&value(ours.over(base, a)), &value(ours.over(base, b)))
        });
        if order.len() > 4 {
            write!(out, "\n| without WRT's two best | | |")?;
            for (_, times) in &columns {
                write!(
                    out,
                    " {} |",
                    ratio(mean(order[2..].iter().filter_map(|&k| times.over(base, k))))
                )?;
            }
        }
    }
    writeln!(out, "\n")?;
    slower(out, results, base)
}

/// Where the time goes in the kernels that are slower than this.
const SLOWER: f64 = 1.1;

fn slower(out: &mut String, results: &Results<'_>, base: &Times) -> std::fmt::Result {
    let slower = |k: &usize| {
        let ours = [PORTABLE, DEFAULT.name].into_iter();
        let mut ours = ours.filter_map(|name| results.engine(name)?.over(base, *k));
        ours.any(|ratio| ratio > SLOWER)
    };
    let slower: Vec<usize> = (0..results.kernels.len()).filter(slower).collect();
    if slower.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "Where the time goes in those above {SLOWER}, in either build:\n"
    )?;
    for k in slower {
        let name = results.kernels[k].name;
        let why = EXPLAINED.iter().find(|(kernel, _)| *kernel == name);
        let why = why.map_or("not looked into yet", |(_, why)| why);
        writeln!(out, "- {name}: {why}.")?;
    }
    writeln!(out)
}

fn fuel(out: &mut String, results: &Results<'_>) -> std::fmt::Result {
    let (Some(with), Some(without)) = (results.engine(DEFAULT.name), results.engine(NO_FUEL.name))
    else {
        return Ok(());
    };
    let (Some(peer_with), Some(peer)) = (results.engine(WASMTIME_FUEL), results.engine(WASMTIME))
    else {
        return Ok(());
    };
    writeln!(out, "## Fuel\n")?;
    writeln!(
        out,
        "The time with fuel over that without, and the fuel that WRT charges over the instructions executed, as \
         wasmtime's fuel counts them (one each, none for `nop`, `drop`, `block` and `loop`).\n"
    )?;
    writeln!(
        out,
        "| kernel | WRT | wasmtime | fuel over instructions |\n|---|--:|--:|--:|"
    )?;
    let charged = |k: usize| {
        let (ours, theirs) = (with.best[k]?.fuel, peer_with.best[k]?.fuel);
        (theirs > 0).then(|| ours as f64 / theirs as f64)
    };
    for (k, kernel) in results.kernels.iter().enumerate() {
        let (ours, theirs) = (ratio(with.over(without, k)), ratio(peer_with.over(peer, k)));
        writeln!(
            out,
            "| {} | {ours} | {theirs} | {} |",
            kernel.name,
            ratio(charged(k))
        )?;
    }
    let all = mean((0..results.kernels.len()).filter_map(charged));
    writeln!(
        out,
        "| **geometric mean** | {} | {} | {} |\n",
        bold(with.mean_over(without)),
        bold(peer_with.mean_over(peer)),
        bold(all)
    )
}

fn options(out: &mut String, results: &Results<'_>) -> std::fmt::Result {
    let Some(base) = results.engine(DEFAULT.name) else {
        return Ok(());
    };
    let columns: Vec<(&str, &Times)> = [
        (NO_BACKTRACE.name, "no backtrace"),
        (OFFSETS.name, "backtrace with offsets"),
        (CANONICAL.name, "canonical NaNs"),
    ]
    .iter()
    .filter_map(|(name, heading)| Some((*heading, results.engine(name)?)))
    .collect();
    if columns.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "## Options, the default (backtraces of functions) = 1.00\n"
    )?;
    write!(out, "| kernel |")?;
    for (heading, _) in &columns {
        write!(out, " {heading} |")?;
    }
    writeln!(out, "\n|---|{}", "--:|".repeat(columns.len()))?;
    for (k, kernel) in results.kernels.iter().enumerate() {
        if columns.iter().all(|(_, times)| times.best[k].is_none()) {
            continue;
        }
        write!(out, "| {} |", kernel.name)?;
        for (_, times) in &columns {
            write!(out, " {} |", ratio(times.over(base, k)))?;
        }
        writeln!(out)?;
    }
    write!(out, "| **geometric mean** |")?;
    for (_, times) in &columns {
        write!(out, " {} |", bold(times.mean_over(base)))?;
    }
    writeln!(out, "\n")
}

fn compile(out: &mut String, cost: &Cost) -> std::fmt::Result {
    let megabytes = cost.wasm_bytes as f64 / 1e6;
    let mebibytes = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    let per = |value: f64| value / megabytes;
    writeln!(out, "## Compiling a large module\n")?;
    writeln!(
        out,
        "SQLite, {} bytes of wasm, default options. rustc builds the generated package in release mode, cargo \
         included, the runtime built before; memory is that of the largest process. A MB is 1,000,000 bytes.\n",
        cost.wasm_bytes
    )?;
    writeln!(out, "| | total | per MB of wasm |\n|---|--:|--:|")?;
    let mut row = |name: &str, value: f64, unit: &str| {
        writeln!(
            out,
            "| {name} | {value:.1} {unit} | {:.1} {unit} |",
            per(value)
        )
    };
    row("`wrtd compile`, wall", cost.wrtd.wall, "s")?;
    row(
        "`wrtd compile`, peak memory",
        mebibytes(cost.wrtd.peak),
        "MiB",
    )?;
    row("rustc, CPU", cost.rustc.cpu, "s")?;
    row("rustc, wall", cost.rustc.wall, "s")?;
    row("rustc, peak memory", mebibytes(cost.rustc.peak), "MiB")?;
    row("generated Rust", cost.source_bytes as f64 / 1e6, "MB")?;
    row("machine code", cost.text_bytes as f64 / 1e6, "MB")?;
    writeln!(out)
}

impl Results<'_> {
    fn engine(&self, name: &str) -> Option<&Times> {
        self.times.iter().find(|t| t.name == name)
    }
}

impl Times {
    /// This engine's time over another's.
    pub(super) fn over(&self, base: &Times, kernel: usize) -> Option<f64> {
        Some(self.best[kernel]?.seconds / base.best[kernel]?.seconds)
    }

    pub(super) fn mean_over(&self, base: &Times) -> Option<f64> {
        mean((0..self.best.len()).filter_map(|k| self.over(base, k)))
    }
}

/// The geometric mean.
fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0u32), |(sum, count), v| (sum + v.ln(), count + 1));
    (count > 0).then(|| (sum / f64::from(count)).exp())
}

fn value(ratio: Option<f64>) -> f64 {
    ratio.unwrap_or(f64::INFINITY)
}

pub(super) fn ratio(value: Option<f64>) -> String {
    value.map_or("–".to_owned(), |v| format!("{v:.2}"))
}

pub(super) fn bold(value: Option<f64>) -> String {
    value.map_or("–".to_owned(), |v| format!("**{v:.2}**"))
}

#[cfg(test)]
mod tests {
    use super::{mean, ratio};

    #[test]
    fn means_are_geometric() {
        assert_eq!(ratio(mean([0.5, 2.0].into_iter())), "1.00");
        assert_eq!(ratio(mean([].into_iter())), "–");
    }
}
