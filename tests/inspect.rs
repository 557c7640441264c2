//! What `wrt_compiler::inspect` says of a module against what runs of it take, in both engines.
//!
//! `inspect/NAME.wat` says of calls whether their bounds are met, kept or missing: see the head of `bounds.wat`. Where
//! there are bounds, a run within them ends as one without limits. The golden files, the guests and random modules
//! are interpreted: no run may take more than its bound.

#[path = "ladder/programs.rs"]
mod programs;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use wrt_compiler::front::{Front, Source};
use wrt_compiler::inspect::{Bound, Inspection, inspect};
use wrt_compiler::module::Extern;
use wrt_compiler::{DataLayout, Options, compile};
use wrt_rt::{Limits, Val};
use wrt_script::package::{self, Level, Package};
use wrt_tests::interp::Interp;
use wrt_tests::side::{Call, Side as _, limits};
use wrt_tests::{cargo, guests, runtime, say, smith};

/// The bound of each exported function, and of the start function as the empty name.
struct Bounds {
    found: Inspection,
    by_name: BTreeMap<String, usize>,
    names: Vec<String>,
}

impl Bounds {
    fn of(bytes: &[u8], options: &Options) -> Bounds {
        let mut options = options.clone();
        options.fuel = true;
        options.stats = true;
        let front = Front::new(&[Source { name: "", bytes }], &options).expect("valid");
        let found = inspect(&front, &options).expect("it can be inspected");
        let instance = &front.set.instances[0];
        let module = &instance.module;
        let exports = module.exports.iter().map(|e| (e.name.clone(), e.item));
        let start = module.start.map(|f| (String::new(), Extern::Func(f)));
        let by_name = exports.chain(start).filter_map(|(name, item)| match item {
            Extern::Func(f) => Some((name, instance.funcs[f.index()].index())),
            _ => None,
        });
        let name = |n| wrt_compiler::shown::func(module, wrt_compiler::module::FuncIdx(n));
        Bounds {
            by_name: by_name.collect(),
            names: (0..found.funcs.len() as u32).map(name).collect(),
            found,
        }
    }

    fn get(&self, export: &str) -> &Bound {
        &self.found.funcs[self.by_name[export]].bound
    }

    /// The reasons why a function has no bound, for people.
    fn reasons(&self, export: &str) -> String {
        use wrt_compiler::inspect::Reason;
        let reasons = self.get(export).reasons.iter().map(|reason| match reason {
            Reason::Loop { at, why, .. } => format!("the loop at {at:#x}: {why}"),
            Reason::Recursion(n) => {
                let names = self.found.cycles[*n].iter();
                let names: Vec<&str> = names.map(|f| self.names[f.index()].as_str()).collect();
                format!("recursion of {}", names.join(", "))
            }
            Reason::Foreign { table, .. } => format!("table {}", table.0),
        });
        reasons.collect::<Vec<_>>().join("; ")
    }
}

/// What a text says of a call.
struct Said {
    line: usize,
    kind: String,
    call: Call,
    /// Of what is never bounded.
    why: String,
}

fn said(wat: &str) -> Vec<Said> {
    let said = wat.lines().enumerate().filter_map(|(n, line)| {
        let (kind, rest) = line.trim().strip_prefix(";; ")?.split_once(": ")?;
        let (call, why) = rest.split_once(" = ").unwrap_or((rest, ""));
        let (name, args) = call.strip_suffix(')')?.split_once('(')?;
        let args = args.split(", ").filter(|word| !word.is_empty());
        let args = args.map(|word| Val::I32(word.parse().expect("an i32")));
        ["exact", "below", "never"].contains(&kind).then(|| Said {
            line: n + 1,
            kind: kind.to_string(),
            call: Call {
                name: name.to_string(),
                args: args.collect(),
            },
            why: why.to_string(),
        })
    });
    said.collect()
}

/// A run: within which limits, and how it must end.
struct Try {
    line: usize,
    call: Call,
    fuel: u64,
    depth: u32,
    want: Want,
}

enum Want {
    /// It returns, having taken so much fuel at most, or just so much.
    Returns(u64, bool),
    Trap(&'static str),
}

impl Try {
    /// What is wrong with how it ended.
    fn judge(&self, ended: &str, used: u64) -> Option<String> {
        let fine = match self.want {
            Want::Returns(fuel, exact) => {
                ended == "returned" && (used == fuel || !exact && used < fuel)
            }
            Want::Trap(why) => ended.starts_with(why),
        };
        let Try {
            line,
            call,
            fuel,
            depth,
            ..
        } = self;
        (!fine).then(|| {
            format!(
                "line {line}, {} with fuel {fuel} and depth {depth}: {ended}, {used} units",
                call.name
            )
        })
    }
}

/// Plenty of slots.
const DEEP: u32 = 8192;

fn tries(wat: &str, bounds: &Bounds) -> Vec<Try> {
    let mut tries = Vec::new();
    for said in said(wat) {
        let bound = bounds.get(&said.call.name);
        let make = |fuel, depth, want| Try {
            line: said.line,
            call: said.call.clone(),
            fuel,
            depth,
            want,
        };
        if said.kind == "never" {
            assert_eq!(bound.fuel, None, "line {}", said.line);
            let reasons = bounds.reasons(&said.call.name);
            assert!(reasons.contains(&said.why), "line {}: {reasons}", said.line);
            continue;
        }
        let why = bounds.reasons(&said.call.name);
        let fuel = bound
            .fuel
            .unwrap_or_else(|| panic!("line {}: {why}", said.line));
        let slots = bound.slots.expect("without recursion") as u32;
        let exact = said.kind == "exact";
        tries.push(make(fuel, slots, Want::Returns(fuel, exact)));
        if exact {
            tries.push(make(fuel - 1, slots, Want::Trap("all fuel consumed")));
            tries.push(make(fuel, slots - 1, Want::Trap("call stack exhausted")));
            tries.push(make(u64::MAX / 2, DEEP, Want::Returns(fuel, exact)));
        }
    }
    tries
}

fn text() -> (String, Vec<u8>) {
    let wat = include_str!("inspect/bounds.wat");
    (wat.to_string(), wat::parse_str(wat).expect("a module"))
}

#[test]
fn bounds_are_met_interpreted() {
    let (wat, bytes) = text();
    let options = Options::default();
    let bounds = Bounds::of(&bytes, &options);
    let interp = Interp::new(&bytes, &options, false).expect("valid");
    let tries = tries(&wat, &bounds);
    let wrong = tries.iter().filter_map(|run| {
        let mut side = interp.make(Limits {
            depth: run.depth,
            ..limits(u64::MAX)
        });
        side.start().expect("an instance");
        side.set_fuel(run.fuel);
        let ended = match side.call(&run.call.name, &run.call.args) {
            Ok(_) => "returned".to_string(),
            Err(trap) => trap,
        };
        run.judge(&ended, run.fuel - side.fuel())
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn bounds_are_met_compiled() {
    let Some(cargo) = cargo() else {
        return;
    };
    let (wat, bytes) = text();
    let mut options = Options::default();
    options.module_name = "bounds".to_string();
    options.data = DataLayout::Inline;
    let bounds = Bounds::of(&bytes, &options);
    let tries = tries(&wat, &bounds);
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("inspect");
    let mut package = Package::new(&dir, "inspect", &runtime(), &["std"]);
    let output = compile(&bytes, &options).expect("valid");
    package.add("src/bounds.rs", output.files[0].contents.clone());
    let mut main = "mod bounds;\nuse wrt_rt::Val;\n\nfn main() {\n".to_string();
    for run in &tries {
        let Try {
            call, fuel, depth, ..
        } = run;
        let name = &call.name;
        let args: Vec<String> = call.args.iter().map(|v| format!("Val::{v:?}")).collect();
        let _ = writeln!(
            main,
            "    run({name:?}, &[{}], {fuel}, {depth});",
            args.join(", ")
        );
    }
    main.push_str(
        "}\n\nfn run(name: &str, args: &[Val], fuel: u64, depth: u32) {\n    \
         let mut instance = bounds::Instance::new().expect(\"an instance\");\n    \
         instance.runtime_mut().set_depth(depth);\n    instance.set_fuel(fuel);\n    \
         let ended = match instance.invoke(name, args) {\n        \
         Ok(_) => \"returned\".to_string(),\n        \
         Err(trap) => trap.to_string().replace('\\n', \" \"),\n    };\n    \
         println!(\"{} {ended}\", fuel - instance.remaining_fuel());\n}\n",
    );
    package.add("src/main.rs", main);
    package.write().expect("the target folder can be written");
    let built = package.build(&cargo, Level::O0);
    built.unwrap_or_else(|errors| panic!("{errors}"));
    let mut command = Command::new(package.executable(Level::O0, "inspect"));
    let output = package::run(&mut command, Duration::from_secs(60)).expect("runs");
    let answers = String::from_utf8_lossy(&output.stdout);
    let answers: Vec<&str> = answers.lines().collect();
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(answers.len(), tries.len(), "{err}");
    let wrong = tries.iter().zip(&answers).filter_map(|(run, answer)| {
        let (used, ended) = answer.split_once(' ').expect("two words");
        run.judge(ended, used.parse().expect("a number"))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Checks that are stopped at to see how far apart they are.
const PAUSES: usize = 500;

/// Interprets calls, each within its bounds where it has some: what is wrong, and how many had bounds.
fn keeps(name: &str, bytes: &[u8], options: &Options, calls: &[Call]) -> (Vec<String>, usize) {
    let bounds = Bounds::of(bytes, options);
    let interp = Interp::new(bytes, options, false).expect("valid");
    let mut counting = options.clone();
    counting.stats = true;
    let counting = Interp::new(bytes, &counting, false).expect("valid");
    let mut wrong = Vec::new();
    let mut bounded = 0;
    for call in calls {
        let bound = bounds.get(&call.name);
        // What the host calls back is not in the bound.
        if !bound.hosts.is_empty() {
            continue;
        }
        if let Some(unchecked) = bound.unchecked {
            let mut side = counting.make(limits(smith::FUEL));
            if side.start().is_ok() {
                let stretch = side.longest_stretch(call, PAUSES);
                if stretch > unchecked {
                    let (call, args) = (&call.name, &call.args);
                    wrong.push(format!(
                        "{name}: {call} {args:?}: {stretch} instructions without a check, not {unchecked}"
                    ));
                }
            }
        }
        let depth = bound.slots.map_or(DEEP, |n| n as u32);
        let mut side = interp.make(Limits {
            depth: DEEP,
            ..limits(smith::FUEL)
        });
        if side.start().is_err() {
            continue;
        }
        let fuel = bound.fuel.unwrap_or(200_000);
        side.set_fuel(fuel);
        side.set_depth(depth);
        bounded += usize::from(bound.fuel.is_some());
        if let Err(trap) = side.call(&call.name, &call.args) {
            let fuel = bound.fuel.is_some() && trap.starts_with("all fuel consumed");
            let slots = bound.slots.is_some() && trap.starts_with("call stack exhausted");
            if fuel || slots {
                wrong.push(format!("{name}: {} {:?}: {trap}", call.name, call.args));
            }
        }
    }
    (wrong, bounded)
}

#[test]
fn no_run_exceeds_its_bound() {
    let mut wrong = Vec::new();
    let mut bounded = 0;
    for program in programs::programs() {
        let found = keeps(
            &program.name,
            &program.module.bytes,
            &program.options,
            &program.calls,
        );
        wrong.extend(found.0);
        bounded += found.1;
    }
    let texts = bounded;
    let mut modules = 0;
    for seed in 0..600 {
        let Some(subject) = smith::subject(&smith::noise(seed, 2048)) else {
            continue;
        };
        let name = format!("seed {seed}");
        let found = keeps(
            &name,
            &subject.module.bytes,
            &smith::options(),
            &subject.calls,
        );
        modules += 1;
        wrong.extend(found.0);
        bounded += found.1;
    }
    say(&format!(
        "inspect: {texts} calls of programs and {} of {modules} random modules are bounded",
        bounded - texts
    ));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(texts > 50 && bounded - texts > 200);
}

/// Whatever there is can be inspected, and what a function is said to take covers those that it calls.
#[test]
fn guests_are_inspected() {
    for (name, bytes) in guests() {
        let bounds = Bounds::of(&bytes, &Options::default());
        for info in &bounds.found.funcs {
            for callee in &info.calls {
                let callee = &bounds.found.funcs[callee.index()].bound;
                let (whole, part) = (info.bound.fuel, callee.fuel);
                // What is only called on paths that do not return may have no bound of its own.
                if let (Some(whole), Some(part)) = (whole, part) {
                    assert!(
                        whole >= part,
                        "{name}: {whole} units, and {part} in a callee"
                    );
                }
            }
        }
    }
}
