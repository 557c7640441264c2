//! The interpreter's section of the report.

use std::fmt::{self, Write};

use super::super::report::{bold, ratio};
use super::{OURS, PORTABLE, Results, Start, WASMI, WASMI_VERSION};
use crate::bench::turns::Times;

/// How the section begins; it ends where the next of its level begins.
const HEADING: &str = "## Interpreter";

/// `file` with `section` in place of the section that it had, or at its end.
pub(in crate::bench) fn splice(file: &str, section: &str) -> String {
    let (before, after) = match file.find(HEADING) {
        None => (file, ""),
        Some(at) => {
            let (before, old) = file.split_at(at);
            let end = old.find("\n## ").map_or(old.len(), |end| end + 1);
            (before, &old[end..])
        }
    };
    let mut out = format!("{}\n\n{}\n", before.trim_end(), section.trim_end());
    if !after.is_empty() {
        out.push('\n');
        out.push_str(after);
    }
    out
}

/// The section of a file, if it has one.
pub(in crate::bench) fn section(file: &str) -> Option<&str> {
    let old = &file[file.find(HEADING)?..];
    Some(&old[..old.find("\n## ").map_or(old.len(), |end| end + 1)])
}

/// The section.
pub(in crate::bench) fn markdown(results: &Results<'_>) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = write_all(&mut out, results);
    out
}

fn write_all(out: &mut String, results: &Results<'_>) -> fmt::Result {
    writeln!(out, "{HEADING}, wasmi = 1.00, less is faster\n")?;
    run_time(out, results)?;
    starts(out, &results.starts)
}

fn run_time(out: &mut String, results: &Results<'_>) -> fmt::Result {
    let engine = |name: &str| results.times.iter().find(|t| t.name == name);
    let (Some(ours), Some(wasmi), Some(portable)) = (engine(OURS), engine(WASMI), engine(PORTABLE))
    else {
        return Ok(());
    };
    writeln!(
        out,
        "`wrt-interp` against wasmi {WASMI_VERSION}, both with fuel, else as delivered, in release mode. By default \
         wasmi's instructions call each other in tail position; its portable form, with the features \
         `portable-dispatch` and `indirect-dispatch`, is a loop, as WRT is. Times are CPU time of `run` with a tenth \
         of a kernel's rounds, translation included, the least of {} runs that took turns between engines. Checksums \
         agreed.\n",
        results.runs
    )?;
    writeln!(
        out,
        "| kernel | wasmi, ms | wasmi | wasmi, portable | **WRT** | WRT over portable |\n|---|--:|--:|--:|--:|--:|"
    )?;
    for (k, kernel) in results.kernels.iter().enumerate() {
        let milliseconds = wasmi.best[k].map_or(0.0, |s| s.seconds * 1e3);
        let over = |times: &Times, base: &Times| ratio(times.over(base, k));
        writeln!(
            out,
            "| {} | {milliseconds:.0} | 1.00 | {} | {} | {} |",
            kernel.name,
            over(portable, wasmi),
            over(ours, wasmi),
            over(ours, portable)
        )?;
    }
    let mean = |times: &Times, base: &Times| bold(times.mean_over(base));
    writeln!(
        out,
        "| **geometric mean** | | **1.00** | {} | {} | {} |\n",
        mean(portable, wasmi),
        mean(ours, wasmi),
        mean(ours, portable)
    )
}

fn starts(out: &mut String, starts: &[Start]) -> fmt::Result {
    let start = |name: &str| starts.iter().find(|s| s.name == name);
    let (Some(ours), Some(wasmi)) = (start(OURS), start(WASMI)) else {
        return Ok(());
    };
    writeln!(out, "### Start\n")?;
    writeln!(
        out,
        "From bytes in memory until the first instructions have run: SQLite, {} bytes of wasm, CPU time in ms. Both \
         validate everything and translate a function when it is called first. The first call is that of \
         `_initialize`.\n",
        ours.wasm_bytes
    )?;
    writeln!(out, "| | **WRT** | wasmi |\n|---|--:|--:|")?;
    let names = ["validation", "instantiation", "first call"];
    for ((name, ours), wasmi) in names.iter().zip(ours.phases).zip(wasmi.phases) {
        writeln!(out, "| {name} | {:.2} | {:.2} |", ours * 1e3, wasmi * 1e3)?;
    }
    let (ours_ms, wasmi_ms) = (ours.milliseconds(), wasmi.milliseconds());
    writeln!(out, "| **total** | **{ours_ms:.1}** | **{wasmi_ms:.1}** |")?;
    let megabytes = ours.wasm_bytes as f64 / 1e6;
    writeln!(
        out,
        "| per MB of wasm | {:.1} | {:.1} |",
        ours_ms / megabytes,
        wasmi_ms / megabytes
    )
}

impl Start {
    fn milliseconds(&self) -> f64 {
        self.phases.iter().sum::<f64>() * 1e3
    }
}

#[cfg(test)]
mod tests {
    use super::{section, splice};

    #[test]
    fn a_section_replaces_the_one_there_was() {
        let old = "# A\n\n## B\n\nb\n";
        let one = splice(old, "## Interpreter, 1\n\n### C\n\nx\n");
        assert_eq!(one, "# A\n\n## B\n\nb\n\n## Interpreter, 1\n\n### C\n\nx\n");
        assert_eq!(section(&one), Some("## Interpreter, 1\n\n### C\n\nx\n"));
        assert_eq!(section(old), None);
        let two = splice(&format!("{one}\n## D\n\nd\n"), "## Interpreter, 2\n");
        assert_eq!(two, "# A\n\n## B\n\nb\n\n## Interpreter, 2\n\n## D\n\nd\n");
        assert_eq!(splice(&two, section(&two).expect("it has one")), two);
    }
}
