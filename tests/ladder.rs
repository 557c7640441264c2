//! Programs with 1, 2, 3, … units of fuel, compiled and interpreted: wherever the fuel ends, results, traps with their
//! backtraces, memories, globals, tables, the host and the remaining fuel are the same, to the unit.
//!
//! The interpreter also goes through a whole run in such steps, pausing at each check point, and must say at each pause
//! what a run says that had so much fuel from the start; through snapshots too, in this process and in another.
//!
//! Programs are the golden files, `ladder/NAME.wat`, and the kernels among the guests. Each makes its calls on one
//! instance: `;; run: NAME(ARGS)` in its text, with the fuel for all of them together.

#[path = "ladder/programs.rs"]
mod programs;

use programs::{Program, programs};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use wrt_script::package::{self, Level, Package};
use wrt_script::parallel::each;
use wrt_tests::interp::{Interp, Leave, Standing, Watch, go_on, in_steps};
use wrt_tests::side::{Host, Progress, Side as _, Sums, limits, rung, rungs};
use wrt_tests::{cargo, exposed, runtime, say};

/// Up to here each rung is one unit above the last.
const DENSE: u64 = 2_000;
/// Pauses between two that go through a snapshot.
const SAVED: usize = 23;

/// What the interpreter says on each rung.
struct Climbed {
    total: u64,
    lines: BTreeMap<u64, String>,
    /// Pauses of the run in steps, and how many of them went through a snapshot.
    pauses: usize,
    saved: usize,
}

#[test]
fn compiled_and_interpreted_stop_alike() {
    let start = Instant::now();
    let programs = programs();
    let climbed: Vec<Climbed> = each(programs.iter().collect(), climb);
    let count = |f: fn(&Climbed) -> usize| climbed.iter().map(f).sum::<usize>();
    say(&format!(
        "ladder: {} programs, {} rungs; in steps {} pauses, {} of them through a snapshot; interpreted in {:.0?}",
        programs.len(),
        count(|c| c.lines.len()),
        count(|c| c.pauses),
        count(|c| c.saved),
        start.elapsed()
    ));
    elsewhere(&programs, &climbed);
    let Some(cargo) = cargo() else {
        return;
    };
    let package = package(&programs, &climbed);
    package.write().expect("the target folder can be written");
    let levels = [Level::O0, Level::O3];
    let built = package.build_at(&cargo, &levels);
    built.unwrap_or_else(|errors| panic!("{errors}"));
    let outputs = each(levels.to_vec(), |level| {
        let mut command = Command::new(package.executable(level, "ladder"));
        command.arg(package.dir().join("script"));
        package::run(&mut command, Duration::from_secs(300)).expect("runs")
    });
    for (level, output) in levels.iter().zip(outputs) {
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{err}");
        let answers = String::from_utf8_lossy(&output.stdout);
        let mut answers = answers.lines();
        let mut wrong = Vec::new();
        for (program, climbed) in programs.iter().zip(&climbed) {
            for (fuel, line) in &climbed.lines {
                let want = format!("{} {fuel}: {line}", program.name);
                let got = answers.next().unwrap_or_default();
                if want != got {
                    wrong.push(format!(
                        "interpreted  {want}\ncompiled {}  {got}",
                        level.name()
                    ));
                }
            }
        }
        let shown = wrong[..wrong.len().min(10)].join("\n");
        assert!(wrong.is_empty(), "{} wrong\n{shown}", wrong.len());
    }
    say(&format!(
        "ladder: compiled at O0 and O3 says the same; {:.0?} in all",
        start.elapsed()
    ));
}

/// Runs a program on each rung, then in steps.
fn climb(program: &Program) -> Climbed {
    let interp = interp(program, false);
    let mut sums = Sums::default();
    let mut at = |fuel: u64| {
        let mut run = interp.make(limits(u64::MAX));
        run.start()
            .unwrap_or_else(|e| panic!("{}: {e}", program.name));
        let line = rung(&mut run, &program.calls, fuel, &mut sums);
        (line, fuel - run.fuel())
    };
    let (_, total) = at(u64::MAX / 2);
    let lines: BTreeMap<u64, String> = rungs(total, DENSE)
        .into_iter()
        .map(|fuel| (fuel, at(fuel).0))
        .collect();
    let mut climbed = Climbed {
        total,
        lines,
        pauses: 0,
        saved: 0,
    };
    // A run below a host function cannot pause.
    if !program.module.imports.iter().any(|name| name == "again") {
        steps(program, &interp, &mut climbed);
        let suspending = self::interp(program, true);
        steps(program, &suspending, &mut climbed);
    }
    climbed
}

fn interp(program: &Program, suspend: bool) -> Interp {
    let interp = Interp::new(&program.module.bytes, &program.options, suspend);
    interp.unwrap_or_else(|e| panic!("{}: {e}", program.name))
}

/// Goes through a run in steps; at each pause it must stand where the fuel alone leads.
fn steps(program: &Program, interp: &Interp, climbed: &mut Climbed) {
    struct Steps<'a> {
        interp: &'a Interp,
        climbed: &'a mut Climbed,
        wrong: Vec<String>,
    }
    impl<'a> Watch<'a> for Steps<'a> {
        fn stop(&mut self, fuel: u64, line: String) {
            self.climbed.pauses += 1;
            let alone = &self.climbed.lines[&fuel];
            if line != *alone {
                self.wrong
                    .push(format!("alone     {alone}\nin steps  {line}"));
            }
        }
        fn through(&mut self, _: u64, standing: Standing<'a>) -> Option<Standing<'a>> {
            let Standing {
                run,
                progress,
                paused,
            } = standing;
            let (mut run, mut paused) = (run, paused);
            let refused = paused.reason() == wrt_interp::Reason::OutOfFuel;
            if refused && self.climbed.pauses.is_multiple_of(SAVED) {
                self.climbed.saved += 1;
                let saved = run.save(&paused).expect("it can be saved");
                let restored = self.interp.restore(Host(run.host()), &saved);
                let (next, active) = restored.expect("it can be restored");
                (run, paused) = (next, active.expect("a call is active"));
                let again = run.save(&paused).expect("it can be saved");
                assert!(saved == again, "a snapshot of what was restored differs");
            }
            Some(Standing {
                run,
                progress,
                paused,
            })
        }
    }
    let rungs: Vec<u64> = climbed.lines.keys().copied().collect();
    let mut run = interp.make(limits(u64::MAX));
    run.start().expect("as before");
    let mut steps = Steps {
        interp,
        climbed,
        wrong: Vec::new(),
    };
    let last = in_steps(run, &program.calls, &rungs, &mut steps).expect("it goes on");
    let wrong = steps.wrong;
    let shown = wrong[..wrong.len().min(5)].join("\n");
    assert!(
        wrong.is_empty(),
        "{}: {} wrong\n{shown}",
        program.name,
        wrong.len()
    );
    assert_eq!(last, climbed.lines[&climbed.total], "{}", program.name);
}

/// A package with all programs.
fn package(programs: &[Program], climbed: &[Climbed]) -> Package {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ladder");
    let mut package = Package::new(&dir, "ladder", &runtime(), &["std"]);
    package.add("src/lib.rs", exposed::LIBRARY);
    package.add("src/side.rs", exposed::SIDE);
    let mut main =
        "#![allow(unused_imports)]\nuse ladder::side::{self, Host};\nuse ladder::side_of;\n"
            .to_string();
    let (mut rows, mut script) = (String::new(), String::new());
    for (program, climbed) in programs.iter().zip(climbed) {
        let compiled = program.module.compile(&program.name, &program.options);
        let (rust, glue) = compiled.unwrap_or_else(|e| panic!("{}: {e}", program.name));
        package.add(&format!("src/{}.rs", program.name), rust);
        let _ = write!(main, "mod {};\n{glue}", program.name);
        rows.push_str(&program.module.row(&program.name));
        let how = format!("ladder {DENSE} {}", climbed.total);
        script.push_str(&exposed::script(&program.name, &program.calls, &how));
    }
    let _ = write!(
        main,
        "fn main() {{\n    ladder::main(&[\n{rows}    ]);\n}}\n"
    );
    package.add("src/main.rs", main);
    package.add("script", script);
    package
}

/// Leaves a run of each program half done, and has another process end it: the same lines.
fn elsewhere(programs: &[Program], climbed: &[Climbed]) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ladder-snapshots");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("the target folder can be written");
    let mut wanted = Vec::new();
    for (program, climbed) in programs.iter().zip(climbed).filter(|(_, c)| c.pauses > 1) {
        let interp = interp(program, false);
        let mut run = interp.make(limits(u64::MAX));
        run.start().expect("as before");
        let mut leave = Leave::default();
        let half = [climbed.total / 2];
        if in_steps(run, &program.calls, &half, &mut leave).is_none() {
            let (last, done) = (climbed.total + 1, &leave.progress);
            let head = format!(
                "{} {} {last} {} {}",
                leave.host, leave.fuel, done.done, done.results
            );
            let path = folder.join(&program.name);
            std::fs::write(path.with_extension("head"), head).expect("written");
            std::fs::write(path, leave.snapshot).expect("written");
            wanted.push(format!("{}: {}", program.name, climbed.lines[&last]));
        }
    }
    let this = std::env::current_exe().expect("this program");
    let mut command = Command::new(this);
    command.args([
        "--ignored",
        "--exact",
        "ends_what_another_began",
        "--nocapture",
    ]);
    let output = package::run(command.env(SNAPSHOTS, &folder), Duration::from_secs(120));
    let output = output.expect("runs");
    let answers = String::from_utf8_lossy(&output.stdout);
    let missing: Vec<&String> = wanted
        .iter()
        .filter(|line| !answers.lines().any(|answer| answer == line.as_str()))
        .collect();
    assert!(missing.is_empty(), "not said: {missing:#?}\n{answers}");
    say(&format!(
        "ladder: {} runs ended in another process",
        wanted.len()
    ));
}

/// Names the folder of the snapshots.
const SNAPSHOTS: &str = "WRT_LADDER_SNAPSHOTS";

#[test]
#[ignore = "a part of the other test, which runs it in a process of its own"]
fn ends_what_another_began() {
    let Some(folder) = std::env::var_os(SNAPSHOTS).map(PathBuf::from) else {
        return;
    };
    struct Never;
    impl<'a> Watch<'a> for Never {
        fn stop(&mut self, fuel: u64, line: String) {
            println!("stops at {fuel}: {line}");
        }
        fn through(&mut self, _: u64, standing: Standing<'a>) -> Option<Standing<'a>> {
            Some(standing)
        }
    }
    for program in programs() {
        let path = folder.join(&program.name);
        let (Ok(snapshot), Ok(head)) = (
            std::fs::read(&path),
            std::fs::read_to_string(path.with_extension("head")),
        ) else {
            continue;
        };
        let head: Vec<u64> = head
            .split(' ')
            .filter_map(|word| word.parse().ok())
            .collect();
        let [host, given, last, done, results] = head[..] else {
            panic!("no head: {head:?}");
        };
        let interp = interp(&program, false);
        let restored = interp.restore(Host(host), &snapshot);
        let (run, paused) = restored.unwrap_or_else(|e| panic!("{}: {e}", program.name));
        let progress = Progress {
            done: done as usize,
            results,
            last: String::new(),
        };
        let line = go_on(
            run,
            progress,
            paused,
            &program.calls,
            &[given, last],
            &mut Never,
        );
        println!("{}: {}", program.name, line.expect("it goes on"));
    }
}
