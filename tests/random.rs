//! Random modules of at most 1 KB, compiled, interpreted, and by wasmi: the same results, traps and backtraces, the
//! same memories, globals and tables, and the same fuel to the unit; wasmi has neither our fuel nor our backtraces.
//!
//! The modules are those that a fixed series of seeds gives. Compiled they are many to a program, since what rustc
//! and the linker do once for each program costs more than a module. `RANDOM_MODULES=N` takes N modules, `RANDOM_SEED=S` that
//! of one seed, and says what it is and does.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use wrt_script::package::{self, Level, Package};
use wrt_script::parallel;
use wrt_tests::interp::Interp;
use wrt_tests::side::words;
use wrt_tests::smith::{self, Compared, FUEL, Subject};
use wrt_tests::{cargo, exposed, runtime, say};

/// How many modules are compiled; with `WRT_ALL` four times as many.
const MODULES: usize = 5_000;
/// How many are interpreted, so that as many can be compared with wasmi: not half of them are like in all engines.
const INTERPRETED: usize = 11_000;
/// Modules in one program.
const BATCH: usize = 250;

/// Seeds of modules that are known to differ, and why. One that agrees fails the test.
const KNOWN: &[(u64, &str)] = &[
    (
        9693,
        "with canonical_nans a NaN that only moved changes where a variable may hold one of arithmetic",
    ),
    (11634, "the same"),
];

/// A module and the seed that it is from.
struct Case {
    seed: u64,
    subject: Subject,
}

impl Case {
    fn name(&self) -> String {
        format!("m{}", self.seed)
    }

    fn interp(&self) -> Interp {
        let interp = Interp::new(&self.subject.module.bytes, &smith::options(), false);
        interp.unwrap_or_else(|e| panic!("seed {}: {e}", self.seed))
    }
}

/// All modules of this run, and what is to be done with each, on all processors: in the order of the modules.
fn each<R: Send>(count: usize, f: impl Fn(&Case) -> R + Sync) -> Vec<R> {
    let asked = |name| std::env::var(name).ok()?.parse::<u64>().ok();
    let cases: Vec<Case> = match asked("RANDOM_SEED") {
        Some(seed) => case(seed).into_iter().collect(),
        None => {
            let count = asked("RANDOM_MODULES").map_or(count, |n| n as usize);
            (0..).filter_map(case).take(count).collect()
        }
    };
    parallel::each(cases, |case| f(&case))
}

fn case(seed: u64) -> Option<Case> {
    let subject = smith::subject(&smith::noise(seed, 2048))?;
    Some(Case { seed, subject })
}

#[test]
fn interpreted_agrees_with_wasmi() {
    let start = Instant::now();
    let answers = each(INTERPRETED, |case| {
        let interp = case.interp();
        if std::env::var_os("RANDOM_SEED").is_some() {
            show(case, &interp);
        }
        let compared = smith::against_wasmi(&case.subject, &interp);
        let known = KNOWN.iter().any(|(seed, _)| *seed == case.seed);
        match compared {
            Ok(_) if known => Err(format!("seed {}: known to differ, and agrees", case.seed)),
            Err(_) if known => Ok(Compared::Nothing),
            compared => compared.map_err(|e| format!("seed {}:\n{e}", case.seed)),
        }
    });
    let wrong: Vec<&String> = answers.iter().filter_map(|a| a.as_ref().err()).collect();
    fail_if_any(&wrong);
    let count = |what| answers.iter().filter(|a| **a == Ok(what)).count();
    say(&format!(
        "random: {} modules interpreted in {:.0?}; against wasmi {} whole, {} up to where fuel or stack end, {} not",
        answers.len(),
        start.elapsed(),
        count(Compared::Whole),
        count(Compared::Part),
        count(Compared::Nothing),
    ));
}

/// For people: the module of a seed, its calls, and what the interpreter says.
fn show(case: &Case, interp: &Interp) {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("random.wasm");
    std::fs::write(&path, &case.subject.module.bytes).expect("the target folder can be written");
    say(&format!("{}", path.display()));
    for call in &case.subject.calls {
        say(&format!("call {} {}", call.name, words(&call.args)));
    }
    for line in smith::interpreted(interp, &case.subject.calls) {
        say(&line);
    }
}

fn fail_if_any(wrong: &[impl AsRef<str>]) {
    let shown: Vec<&str> = wrong.iter().take(20).map(AsRef::as_ref).collect();
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        shown.join("\n")
    );
}

/// A module as it goes into a program, and what the program must say of it.
struct Piece {
    name: String,
    rust: Vec<u8>,
    glue: String,
    row: String,
    script: String,
    wanted: String,
}

fn piece(case: &Case) -> Piece {
    let name = case.name();
    let module = &case.subject.module;
    let compiled = module.compile(&name, &smith::options());
    let (rust, glue) = compiled.unwrap_or_else(|e| panic!("seed {}: {e}", case.seed));
    let lines = smith::interpreted(&case.interp(), &case.subject.calls);
    let how = format!("transcript {FUEL}");
    Piece {
        rust,
        glue,
        row: module.row(&name),
        script: exposed::script(&name, &case.subject.calls, &how),
        wanted: lines
            .iter()
            .map(|line| format!("{name}: {line}\n"))
            .collect(),
        name,
    }
}

#[test]
fn compiled_agrees_with_interpreted() {
    let start = Instant::now();
    let Some(cargo) = cargo() else {
        return;
    };
    let long = std::env::var_os("WRT_ALL").is_some();
    let pieces = each(if long { 4 * MODULES } else { MODULES }, piece);
    let package = programs(&pieces);
    package.write().expect("the target folder can be written");
    let written = start.elapsed();
    let built = package.build(&cargo, Level::O0);
    built.unwrap_or_else(|errors| panic!("{errors}"));
    let built = start.elapsed();
    let mut wrong = Vec::new();
    for (n, batch) in pieces.chunks(BATCH).enumerate() {
        let mut command = Command::new(package.executable(Level::O0, &format!("random-{n}")));
        command.arg(package.dir().join(format!("{n}.script")));
        let output = package::run(&mut command, Duration::from_secs(120)).expect("runs");
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{err}");
        let wanted: String = batch.iter().map(|piece| piece.wanted.as_str()).collect();
        let answers = String::from_utf8_lossy(&output.stdout);
        assert_eq!(wanted.lines().count(), answers.lines().count(), "{err}");
        let both = wanted.lines().zip(answers.lines());
        let differ = both.filter(|(wanted, answer)| wanted != answer);
        wrong.extend(differ.map(|(i, c)| format!("interpreted {i}\ncompiled    {c}")));
    }
    fail_if_any(&wrong);
    say(&format!(
        "random: {} modules compiled and run in {:.0?}: {written:.0?} to Rust, {:.0?} rustc",
        pieces.len(),
        start.elapsed(),
        built - written,
    ));
}

/// A package with a program for each batch.
fn programs(pieces: &[Piece]) -> Package {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("random");
    let mut package = Package::new(&dir, "random", &runtime(), &["std"]);
    package.add("src/lib.rs", exposed::LIBRARY);
    package.add("src/side.rs", exposed::SIDE);
    for (n, batch) in pieces.chunks(BATCH).enumerate() {
        let folder = format!("src/bin/random-{n}");
        let (mut main, mut rows) = (
            "use random::side::{self, Host};\nuse random::side_of;\n".to_string(),
            String::new(),
        );
        for piece in batch {
            let _ = write!(main, "mod {};\n{}", piece.name, piece.glue);
            rows.push_str(&piece.row);
            package.add(
                &format!("{folder}/{}.rs", piece.name),
                piece.rust.as_slice(),
            );
        }
        let _ = write!(
            main,
            "fn main() {{\n    random::main(&[\n{rows}    ]);\n}}\n"
        );
        package.add(&format!("{folder}/main.rs"), main);
        let script: String = batch.iter().map(|piece| piece.script.as_str()).collect();
        package.add(&format!("{n}.script"), script);
    }
    package
}
