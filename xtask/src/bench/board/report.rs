//! The tables, as Markdown.

use std::fmt::Write;
use std::process::Command;

use super::firmware::Level;
use super::kernels::KERNELS;
use super::{Counts, Flash, Results, checks};
use crate::cmd;

pub(super) fn markdown(results: &Results) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = write_all(&mut out, results);
    out
}

fn write_all(out: &mut String, results: &Results) -> std::fmt::Result {
    let version = |program: &str, flag: &str| {
        let text = cmd::quiet(Command::new(program).arg(flag)).unwrap_or_default();
        text.lines().next().unwrap_or("unknown").to_owned()
    };
    writeln!(
        out,
        "# On a Cortex-M4\n\nMade by `cargo xtask bench --target thumbv7em`, which rewrites this file: {}; {}.\n",
        version("rustc", "-V"),
        version("clang-22", "--version"),
    )?;
    writeln!(
        out,
        "Kernels of control code and signal processing, C files of guests/board. Native is clang's code for \
         `cortex-m4` with hardware floats; WRT's is clang's wasm, translated with fixed storage, all checks and fuel, \
         no backtrace, and compiled by rustc for the same processor with link-time optimization. QEMU counts \
         instructions, not cycles; the counts repeat exactly. Checksums agreed between all.\n"
    )?;
    for level in Level::ALL {
        instructions(out, results, level)?;
    }
    for flash in &results.flash {
        weights(out, flash)?;
    }
    memory(out, results)?;
    for level in Level::ALL {
        prices(out, results, level)?;
    }
    Ok(())
}

fn heading(level: Level) -> &'static str {
    match level {
        Level::Fast => "clang -O3, rustc opt-level 3",
        Level::Small => "clang -Os, rustc opt-level \"s\"",
    }
}

fn find<'a>(results: &'a Results, name: &str, level: Level) -> Option<&'a Counts> {
    results
        .counts
        .iter()
        .find(|c| c.variant.name == name && c.level == level)
}

/// The geometric mean of ratios.
fn mean(ratios: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut n) = (0.0, 0);
    for ratio in ratios {
        sum += ratio.ln();
        n += 1;
    }
    (sum / f64::from(n)).exp()
}

fn instructions(out: &mut String, results: &Results, level: Level) -> std::fmt::Result {
    let (Some(native), Some(ours), Some(free)) = (
        find(results, checks::NATIVE.name, level),
        find(results, checks::OURS[0].name, level),
        find(results, "free", level),
    ) else {
        return Ok(());
    };
    writeln!(out, "## Instructions, {}\n", heading(level))?;
    writeln!(
        out,
        "| kernel | nature | native | WRT | ratio | without fuel |\n|---|---|--:|--:|--:|--:|"
    )?;
    let ratio = |a: u64, b: u64| a as f64 / b as f64;
    for (n, kernel) in KERNELS.iter().enumerate() {
        let (native, ours, free) = (native.of[n], ours.of[n], free.of[n]);
        writeln!(
            out,
            "| {} | {} | {} | {} | {:.2} | {:.2} |",
            kernel.name,
            kernel.nature,
            native.instructions,
            ours.instructions,
            ratio(ours.instructions, native.instructions),
            ratio(free.instructions, native.instructions),
        )?;
    }
    let against = |counts: &Counts| {
        mean(
            counts
                .of
                .iter()
                .zip(&native.of)
                .map(|(a, b)| ratio(a.instructions, b.instructions)),
        )
    };
    writeln!(
        out,
        "| **geometric mean** | | | | **{:.2}** | {:.2} |\n",
        against(ours),
        against(free)
    )
}

fn weights(out: &mut String, flash: &Flash) -> std::fmt::Result {
    writeln!(out, "## Bytes of flash, {}\n", heading(flash.level))?;
    writeln!(
        out,
        "What a kernel's own code and constants take: the firmware, less the same firmware with next to nothing in the \
         kernel's place, and the {} bytes of that added again.\n",
        flash.empty
    )?;
    writeln!(out, "| kernel | native | WRT | ratio |\n|---|--:|--:|--:|")?;
    let mut ratios = Vec::new();
    for (n, kernel) in KERNELS.iter().enumerate() {
        let native = (flash.native[n] + flash.empty).saturating_sub(flash.empty_native);
        let ours = (flash.ours[n] + flash.empty).saturating_sub(flash.empty_ours);
        let ratio = ours as f64 / native as f64;
        ratios.push(ratio);
        writeln!(out, "| {} | {native} | {ours} | {ratio:.2} |", kernel.name)?;
    }
    writeln!(
        out,
        "| **geometric mean** | | | **{:.2}** |\n",
        mean(ratios.into_iter())
    )?;
    writeln!(
        out,
        "The runtime: firmware with next to nothing takes {} bytes more by WRT than natively.\n",
        flash.empty_ours.saturating_sub(flash.empty_native)
    )
}

fn memory(out: &mut String, results: &Results) -> std::fmt::Result {
    let Some(ours) = find(results, checks::OURS[0].name, Level::Small) else {
        return Ok(());
    };
    let most = ours.of.iter().map(|c| c.state).max().unwrap_or(0);
    writeln!(
        out,
        "## Bytes of RAM\n\nAn instance takes its memory, and at most {most} bytes more, its globals and tables among them.\n"
    )
}

fn prices(out: &mut String, results: &Results, level: Level) -> std::fmt::Result {
    let (Some(native), Some(ours)) = (
        find(results, checks::NATIVE.name, level),
        find(results, checks::OURS[0].name, level),
    ) else {
        return Ok(());
    };
    writeln!(out, "## What each check costs, {}\n", heading(level))?;
    writeln!(
        out,
        "| | against native | against all checks |\n|---|--:|--:|"
    )?;
    for variant in checks::OURS {
        let Some(counts) = find(results, variant.name, level) else {
            continue;
        };
        let against = |other: &Counts| {
            mean(
                counts
                    .of
                    .iter()
                    .zip(&other.of)
                    .map(|(a, b)| a.instructions as f64 / b.instructions as f64),
            )
        };
        writeln!(
            out,
            "| {} | {:.3} | {:.3} |",
            variant.what,
            against(native),
            against(ours)
        )?;
    }
    writeln!(out)
}
