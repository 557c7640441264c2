//! Runs a suite in the interpreter: a store for each script.

use crate::check::{DEPTH, Got, operands};
use crate::script::{Act, Script};
use crate::{Answer, Answers, Gave, Runner, Suite, parallel};
use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use wrt_interp::{Engine, Error, Instance, Limits, Linker, Module, Options, Store};

/// Runs scripts interpreted.
#[derive(Clone, Copy, Debug)]
pub struct Interp {
    /// Units of fuel that each command has.
    pub fuel: u64,
}

impl Runner for Interp {
    fn run(&self, suite: &Suite) -> Result<Answers, String> {
        let scripts: Vec<&Script> = suite.scripts.iter().collect();
        let all = parallel::each(scripts, |script| answers(script, self.fuel));
        all.into_iter().collect()
    }
}

/// A script that runs.
struct Session<'a> {
    script: &'a Script,
    engine: Engine,
    store: Store<()>,
    /// Instances by their number in the script, or why there is none.
    insts: BTreeMap<usize, Result<Instance, String>>,
}

/// All commands of `script`. Fails if there is no `spectest`.
fn answers(script: &Script, fuel: u64) -> Result<Vec<Answer>, String> {
    let engine = Engine::new(Options::default());
    let limits = Limits {
        depth: DEPTH,
        ..Limits::DEFAULT
    };
    let mut session = Session {
        script,
        store: Store::with_limits(&engine, (), limits),
        engine,
        insts: BTreeMap::new(),
    };
    let spectest = session.instantiate(0).map_err(|e| e.to_string())?;
    session.insts.insert(0, Ok(spectest));
    let mut panicked = None;
    let cmds = script.cmds.iter().enumerate();
    let answer = |(n, cmd): (usize, &crate::Cmd)| {
        session.store.set_fuel(fuel);
        // A panic is a failure of the command, and of all that follow: nothing is known of the store.
        let command = AssertUnwindSafe(|| session.command(cmd.inst, &cmd.act));
        let done = match &panicked {
            Some(at) => Err(format!("panicked in line {at}")),
            None => catch_unwind(command).unwrap_or_else(|payload| {
                panicked = Some(cmd.line);
                Err(format!("panics: {}", message(&*payload)))
            }),
        };
        let (verdict, gave) = match done {
            Ok((got, verdict)) => {
                let (what, spent) = (got.word(), fuel - session.store.remaining_fuel());
                (verdict, Some(Gave { what, fuel: spent }))
            }
            Err(reason) => (Err(reason), None),
        };
        Answer {
            cmd: n,
            line: cmd.line,
            verdict: verdict.map_err(|reason| reason.replace('\n', " ")),
            gave,
        }
    };
    Ok(cmds.map(answer).collect())
}

fn message(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied())
        .unwrap_or("no message")
}

impl Session<'_> {
    /// What a command came to and whether it should, or why it could not be tried.
    fn command(&mut self, inst: usize, act: &Act) -> Result<(Got, Result<(), String>), String> {
        let (got, want, results) = match act {
            Act::Step { want } => {
                let made = self.instantiate(inst);
                let kept = match &made {
                    Ok(instance) => Ok(*instance),
                    Err(e @ Error::Compile(_)) => Err(e.to_string()),
                    Err(e) => Err(format!("no instance: {e}")),
                };
                self.insts.insert(inst, kept);
                (got(made.map(|_| Vec::new()))?, want.clone(), None)
            }
            Act::Refused { want } => {
                let made = self.instantiate(inst);
                let got = got(made.map(|_| Vec::new()))?;
                (got, format!("link:{}", crate::check::encode(want)), None)
            }
            Act::Call { name, want, values } => {
                let words: Vec<&str> = values.split_whitespace().collect();
                let (args, results) = operands(&words);
                let instance = self.instance(inst)?;
                let done = instance.execute(&mut self.store, name, &args);
                (got(done)?, want.clone(), results)
            }
            Act::Get { name, result } => {
                let instance = self.instance(inst)?;
                let got = match instance.get_global(&self.store, name) {
                    Some(global) => got(global.get(&self.store).map(|value| vec![value]))?,
                    None => Got::Missing,
                };
                (got, "ok".to_string(), Some(vec![result.as_str()]))
            }
        };
        let verdict = got.check(&want, results.as_deref());
        Ok((got, verdict))
    }

    fn instance(&self, inst: usize) -> Result<Instance, String> {
        let none = || Err("its module has no instance yet".to_string());
        self.insts.get(&inst).cloned().unwrap_or_else(none)
    }

    /// Makes instance number `inst` of the script, of all that it imports from.
    fn instantiate(&mut self, inst: usize) -> Result<Instance, Error> {
        let inst = &self.script.insts[inst];
        let module = Module::new(&self.engine, inst.bytes.as_slice())?;
        let mut linker = Linker::new();
        for (name, from) in &inst.from {
            match self.insts.get(from) {
                Some(Ok(instance)) => linker.instance(&self.store, name, *instance)?,
                Some(Err(reason)) => return Err(Error::Type(reason.clone())),
                None => return Err(Error::Type(format!("{name:?} has no instance yet"))),
            };
            if *from == 0 {
                print(&mut linker, name)?;
            }
        }
        linker.instantiate(&mut self.store, &module)
    }
}

/// `spectest`'s functions, which print nothing here, as the host's own.
fn print(linker: &mut Linker<()>, name: &str) -> Result<(), Error> {
    linker.allow_shadowing(true);
    linker.func_wrap(name, "print", || {})?;
    linker.func_wrap(name, "print_i32", |_: i32| {})?;
    linker.func_wrap(name, "print_i64", |_: i64| {})?;
    linker.func_wrap(name, "print_f32", |_: f32| {})?;
    linker.func_wrap(name, "print_f64", |_: f64| {})?;
    linker.func_wrap(name, "print_i32_f32", |_: i32, _: f32| {})?;
    linker.func_wrap(name, "print_f64_f64", |_: f64, _: f64| {})?;
    Ok(())
}

/// What an engine gave; an error if it did not come to run anything.
fn got(result: Result<Vec<wrt_interp::Val>, Error>) -> Result<Got, String> {
    match result {
        Ok(values) => Ok(Got::Values(values)),
        Err(Error::Trap(trap)) => Ok(Got::Trap(trap.cause(), trap.to_string())),
        Err(Error::Link(why)) => Ok(Got::Unlinkable(why)),
        Err(other) => Err(other.to_string()),
    }
}
