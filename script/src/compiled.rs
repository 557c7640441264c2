//! Runs a suite as compiled code: all its sets become one cargo package of several programs, each of which is given
//! the scripts of its sets.

use crate::check::encode;
use crate::package::{self, Level, Package, Runtime};
use crate::plan::{Group, Place, Plan, exported};
use crate::script::{Act, Script};
use crate::{Answer, Answers, Gave, Runner, Suite, parallel};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

/// The library of a program that runs scripts on compiled sets: files by their path in its package. Another stands in
/// for the first on boards.
pub const DRIVER: &[(&str, &str)] = &[
    ("src/lib.rs", include_str!("../driver/host.rs")),
    ("src/run.rs", include_str!("../driver/run.rs")),
    ("src/check.rs", include_str!("check.rs")),
];
const BOARD_DRIVER: &str = include_str!("../driver/board.rs");
/// What that one needs.
const BOARD_DEPENDENCIES: &str = "embedded-alloc = \"0.7\"\nsemihosting = { version = \"0.1\", features = [\"alloc\", \"args\", \"fs\", \"stdio\"] }\n";

/// About so many bytes of Rust are one binary: several of them keep both ends of rustc busy.
const BATCH: usize = 1_500_000;
/// What one script may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// rustc reports one kind of error at a time: so many rounds to find all sets that it refuses.
const ROUNDS: usize = 6;

/// Runs scripts compiled.
#[derive(Clone, Copy, Debug)]
pub struct Compiled<'a> {
    /// The sets of the suite.
    pub plan: &'a Plan,
    /// What builds them.
    pub cargo: &'a OsStr,
    /// How they are optimised.
    pub level: Level,
    /// What they link against.
    pub runtime: &'a Runtime,
    /// The folder of the generated package. What cargo builds lies in `build` beside it.
    pub dir: &'a Path,
    /// Name of the package.
    pub package: &'a str,
    /// Units of fuel that each command has.
    pub fuel: u64,
    /// Where it runs, if not here.
    pub board: Option<&'a Board<'a>>,
}

/// A board on which programs run: what is special to it.
#[derive(Clone, Copy)]
pub struct Board<'a> {
    /// What cargo builds for.
    pub target: &'a str,
    /// The compiler, if not cargo's own.
    pub rustc: Option<&'a Path>,
    /// More dependencies, as lines of a manifest.
    pub dependencies: &'a str,
    /// A package of them that nothing names, but that has to be linked.
    pub linked: &'a str,
    /// The attribute of a program's start.
    pub entry: &'a str,
    /// A build script and linker scripts, by their path in the package.
    pub files: &'a [(&'a str, &'a str)],
    /// Starts a program on a script.
    pub start: &'a (dyn Fn(&Path, &Path) -> Command + Sync),
}

impl std::fmt::Debug for Board<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.target)
    }
}

impl Runner for Compiled<'_> {
    fn run(&self, suite: &Suite) -> Result<Answers, String> {
        let groups = &self.plan.groups;
        let batches = batches(groups);
        let (package, refused) = self.build(&batches)?;
        let jobs: Vec<(usize, &Group)> = batches
            .iter()
            .enumerate()
            .flat_map(|(n, batch)| batch.iter().map(move |g| (n, &groups[*g])))
            .collect();
        let results = parallel::each(jobs, |(batch, group)| {
            let binary = package.executable(self.level, &format!("{}-{batch}", self.package));
            let scripts = group.scripts.iter().zip(&group.places);
            let all = scripts.map(|(number, places)| {
                let script = &suite.scripts[*number];
                let (text, mut found) = text(group, script, places, &refused);
                if text.is_empty() {
                    return Ok((*number, found));
                }
                let file = format!("{number}.{}.script", self.level.name());
                let path = package.dir().join(file);
                let text = format!("fuel {}\n{text}", self.fuel);
                std::fs::write(&path, &text).map_err(|e| format!("{}: {e}", path.display()))?;
                let mut command = match self.board {
                    Some(board) => (board.start)(&binary, &path),
                    None => Command::new(&binary),
                };
                if self.board.is_none() {
                    command.arg(&path);
                }
                let output = package::run(&mut command, PATIENCE);
                answers(script, &text, &output, &mut found);
                found.sort_by_key(|answer| answer.cmd);
                Ok((*number, found))
            });
            all.collect::<Result<Vec<_>, String>>()
        });
        let mut all = vec![Vec::new(); suite.scripts.len()];
        for result in results {
            for (number, found) in result? {
                all[number] = found;
            }
        }
        Ok(all)
    }
}

impl Compiled<'_> {
    /// Builds all sets but those that rustc refuses; these too, with its reasons.
    fn build(&self, batches: &[Vec<usize>]) -> Result<(Package, BTreeMap<String, String>), String> {
        let mut refused: BTreeMap<String, String> = BTreeMap::new();
        let mut errors = String::new();
        for _ in 0..ROUNDS {
            let package = self.package(batches, &refused);
            package
                .write()
                .map_err(|e| format!("{}: {e}", self.dir.display()))?;
            match package.build(self.cargo, self.level) {
                Ok(()) => return Ok((package, refused)),
                Err(said) => errors = said,
            }
            let before = refused.len();
            refused.extend(refusals(&errors));
            if refused.len() == before {
                break;
            }
        }
        Err(format!("cargo could not build the modules\n{errors}"))
    }

    fn package(&self, batches: &[Vec<usize>], refused: &BTreeMap<String, String>) -> Package {
        let name = self.package;
        let features = if self.board.is_some() { "alloc" } else { "std" };
        let mut package = Package::new(self.dir, name, self.runtime, &[features]);
        for (path, text) in DRIVER {
            package.add(path, *text);
        }
        if let Some(board) = self.board {
            package.build_for(board.target, board.rustc);
            package.depend(BOARD_DEPENDENCIES);
            package.depend(board.dependencies);
            package.add("src/lib.rs", BOARD_DRIVER);
            for (path, text) in board.files {
                package.add(path, *text);
            }
        }
        let library = name.replace('-', "_");
        for (n, batch) in batches.iter().enumerate() {
            let mut main = match self.board {
                Some(board) => format!(
                    "#![no_std]\n#![no_main]\nuse {} as _;\nuse {library}::Box;\n",
                    board.linked
                ),
                None => String::new(),
            };
            let mut table = String::new();
            for set in batch.iter().flat_map(|g| &self.plan.groups[*g].sets) {
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
                    "    ({module:?}, |fuel| {{\n        let mut instance = {module}::Instance::uninit();\n        \
                     instance.set_limits({library}::limits({module}::LIMITS, fuel));\n        Box::new(instance)\n    }}),"
                );
            }
            let start = match self.board {
                Some(board) => format!("#[{}]\nfn start() -> !", board.entry),
                None => "fn main()".to_string(),
            };
            let _ = write!(
                main,
                "{start} {{\n    {library}::main(&[\n{table}    ])\n}}\n"
            );
            package.add(&format!("src/bin/{name}-{n}.rs"), main);
        }
        package
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

/// The script in the driver's words, and the answers that it will not give.
fn text(
    group: &Group,
    script: &Script,
    places: &[Result<Place, String>],
    refused: &BTreeMap<String, String>,
) -> (String, Vec<Answer>) {
    let mut out = String::new();
    let mut answers = Vec::new();
    let mut made = BTreeSet::new();
    let place = |inst: usize| {
        let place = places[inst].clone()?;
        match refused.get(&group.sets[place.set].name) {
            Some(reason) => Err(reason.clone()),
            None => Ok(place),
        }
    };
    let cmds = script.cmds.iter().enumerate();
    let cmds = cmds.filter(|(_, cmd)| cmd.runs_compiled());
    let last: BTreeMap<usize, usize> = cmds
        .clone()
        .filter_map(|(n, cmd)| Some((places[cmd.inst].as_ref().ok()?.family, n)))
        .collect();
    for (n, cmd) in cmds {
        let place = match place(cmd.inst) {
            Ok(place) => place,
            Err(reason) => {
                answers.push(Answer {
                    cmd: n,
                    line: cmd.line,
                    verdict: Err(reason),
                    gave: None,
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
        // Numbers of commands, not lines: one line may have several.
        let _ = match &cmd.act {
            Act::Step { want } => writeln!(out, "step {n} {family} {} {want}", place.step),
            Act::Call { name, want, values } => {
                let name = encode(&exported(name, place.step, place.alone));
                writeln!(out, "call {n} {family} {name} {want}{values}")
            }
            Act::Get { name, result } => {
                let name = encode(&exported(name, place.step, place.alone));
                writeln!(out, "get {n} {family} {name} = {result}")
            }
            Act::Refused { .. } => Ok(()),
        };
        if last.get(&family) == Some(&n) {
            let _ = writeln!(out, "drop {family}");
        }
    }
    (out, answers)
}

/// Reads the driver's answers; what has none failed.
fn answers(
    script: &Script,
    text: &str,
    output: &std::io::Result<Output>,
    answers: &mut Vec<Answer>,
) {
    let (stdout, why) = match output {
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
    let mut lines = stdout.lines();
    for command in text.lines() {
        let mut words = command.split(' ');
        if !matches!(words.next(), Some("step" | "call" | "get")) {
            continue;
        }
        let cmd: usize = words
            .next()
            .and_then(|w| w.parse().ok())
            .expect("a number of a command");
        let answer = lines.next().and_then(|line| read(cmd, line));
        let (verdict, gave) = match answer {
            Some((verdict, gave)) => (verdict, Some(gave)),
            None => (Err(format!("no answer ({why})")), None),
        };
        answers.push(Answer {
            cmd,
            line: script.cmds[cmd].line,
            verdict,
            gave,
        });
    }
}

/// `CMD FUEL GAVE ok`, or `no: REASON` in place of `ok`.
fn read(cmd: usize, line: &str) -> Option<(Result<(), String>, Gave)> {
    let mut words = line.splitn(4, ' ');
    if words.next()?.parse() != Ok(cmd) {
        return None;
    }
    let fuel = words.next()?.parse().ok()?;
    let what = words.next()?.to_string();
    let verdict = match words.next()? {
        "ok" => Ok(()),
        no => Err(no.strip_prefix("no: ")?.to_string()),
    };
    Some((verdict, Gave { what, fuel }))
}
