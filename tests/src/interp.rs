//! The interpreter as a side.

use crate::side::{Call, Host, Progress, REFUSED, Side, Sums, line};
use wrt_interp::{
    Caller, Engine, Error, Extern, FuncType, Global, Instance, Limits, Linker, Memory, Module,
    Options, Outcome, Paused, Reason, Store, Table, Val, ValType,
};

/// A module that can be instantiated often.
pub struct Interp {
    engine: Engine,
    module: Module,
    linker: Linker<Data>,
}

/// What the functions of `env` act on in a store.
#[derive(Debug, Default)]
pub struct Data {
    host: Host,
    /// The answer of the function that paused the run.
    answer: Vec<Val>,
}

/// An instance of it.
pub struct Run<'a> {
    of: &'a Interp,
    store: Store<Data>,
    instance: Option<Instance>,
    globals: Vec<Global>,
    tables: Vec<Table>,
    memories: Vec<Memory>,
}

impl Interp {
    /// Reads the module. With `suspend`, the functions of `env` pause the run that calls them.
    pub fn new(bytes: &[u8], options: &Options, suspend: bool) -> Result<Interp, String> {
        let engine = Engine::new(options.clone());
        let module = Module::new(&engine, bytes).map_err(|e| e.to_string())?;
        let linker = linker(suspend).map_err(|e| e.to_string())?;
        Ok(Interp {
            engine,
            module,
            linker,
        })
    }

    /// An instance within `limits`, to be started.
    pub fn make(&self, limits: Limits) -> Run<'_> {
        Run {
            of: self,
            store: Store::with_limits(&self.engine, Data::default(), limits),
            instance: None,
            globals: Vec::new(),
            tables: Vec::new(),
            memories: Vec::new(),
        }
    }
}

/// The functions of module `env`.
fn linker(suspend: bool) -> Result<Linker<Data>, Error> {
    use ValType::{F32, F64, I32, I64};
    let types: [(&str, &[ValType], &[ValType]); 6] = [
        ("mix", &[I32, I64], &[I64]),
        ("note", &[I32], &[]),
        ("pick", &[], &[I32]),
        ("real", &[F32, F64], &[F64]),
        ("pair", &[I64], &[I32, F32]),
        ("refuse", &[I32], &[]),
    ];
    let mut linker = Linker::new();
    for (name, params, results) in types {
        let ty = FuncType {
            params: params.to_vec(),
            results: results.to_vec(),
        };
        linker.func_new(
            "env",
            name,
            ty,
            move |mut caller: Caller<'_, Data>, args, results| {
                let data = caller.data_mut();
                let answer = data.host.call(name, args);
                data.answer = answer.map_err(|code| Error::trap(code, REFUSED))?;
                results.copy_from_slice(&data.answer);
                if suspend {
                    Err(Error::suspend())
                } else {
                    Ok(())
                }
            },
        )?;
    }
    linker.func_wrap("env", "again", |mut caller: Caller<'_, Data>, a: i32| {
        caller.data_mut().host.note(a);
        let back = caller.get_export("back").and_then(Extern::into_func);
        let back = back.expect("an export").typed::<i32, i32>(&caller)?;
        back.call(&mut caller, a)
    })?;
    Ok(linker)
}

impl Run<'_> {
    /// Sets the depth budget of calls from outside, in stack slots.
    pub fn set_depth(&mut self, slots: u32) {
        self.store.set_depth(slots);
    }

    /// The most instructions that `call` runs without a check that stops it, over `pauses` checks or until it ends:
    /// each check gets no more than it takes. The module must count instructions.
    pub fn longest_stretch(&mut self, call: &Call, pauses: usize) -> u64 {
        let count = |run: &Self| run.store.stats().instructions.iter().sum();
        let mut longest = 0;
        let mut before: u64 = count(self);
        self.set_fuel(0);
        let mut outcome = self.call_resumable(call);
        for _ in 0..pauses {
            let count = count(self);
            longest = longest.max(count - before);
            before = count;
            let Ok(Outcome::Paused(paused)) = outcome else {
                break;
            };
            self.set_fuel(self.fuel() + 1);
            outcome = self.resume(paused);
        }
        longest
    }
}

impl Side for Run<'_> {
    fn start(&mut self) -> Result<(), String> {
        let made = self.of.linker.instantiate(&mut self.store, &self.of.module);
        let instance = made.map_err(|e| e.to_string())?;
        self.found(instance);
        Ok(())
    }

    fn call(&mut self, name: &str, args: &[Val]) -> Result<Vec<Val>, String> {
        let instance = self.instance.expect("started");
        let results = instance.execute(&mut self.store, name, args);
        results.map_err(|e| e.to_string())
    }

    fn set_fuel(&mut self, units: u64) {
        self.store.set_fuel(units);
    }

    fn fuel(&self) -> u64 {
        self.store.remaining_fuel()
    }

    fn host(&self) -> u64 {
        self.store.data().host.0
    }

    fn globals(&self) -> Vec<Val> {
        let value = |global: &Global| global.get(&self.store).expect("of this store");
        self.globals.iter().map(value).collect()
    }

    fn tables(&self) -> Vec<Vec<Val>> {
        let elem = |table: &Table, n| table.get(&self.store, n).expect("in bounds");
        let elems = |table: &Table| {
            (0..table.size(&self.store))
                .map(|n| elem(table, n))
                .collect()
        };
        self.tables.iter().map(elems).collect()
    }

    fn memories(&self, sums: &mut Sums) {
        for memory in &self.memories {
            sums.add(memory.data(&self.store));
        }
    }
}

/// A run that stands still, as it is handed to what may put another in its place.
pub struct Standing<'a> {
    /// The instance.
    pub run: Run<'a>,
    /// The calls that ended before.
    pub progress: Progress,
    /// The call that is active.
    pub paused: Paused,
}

/// What a run in steps reports to.
pub trait Watch<'a> {
    /// With `fuel` given in all, the run stands still here; with that fuel alone it says `line`.
    fn stop(&mut self, fuel: u64, line: String);
    /// What the run goes on with.
    fn through(&mut self, fuel: u64, standing: Standing<'a>) -> Option<Standing<'a>>;
}

/// Makes `calls` with so much fuel in all as the first of `rungs` says, and at each pause gives what is lacking to the
/// next. The last line, or `None` if `watch` did not want it to go on.
pub fn in_steps<'a>(
    run: Run<'a>,
    calls: &[Call],
    rungs: &[u64],
    watch: &mut dyn Watch<'a>,
) -> Option<String> {
    let mut run = run;
    run.set_fuel(rungs[0]);
    go_on(run, Progress::default(), None, calls, rungs, watch)
}

/// The same from a pause on, at which the first of `rungs` was given.
pub fn go_on<'a>(
    mut run: Run<'a>,
    mut progress: Progress,
    mut paused: Option<Paused>,
    calls: &[Call],
    rungs: &[u64],
    watch: &mut dyn Watch<'a>,
) -> Option<String> {
    let mut sums = Sums::default();
    let mut given = rungs[0];
    let mut rest = rungs[1..].iter().copied();
    for call in &calls[progress.done..] {
        let mut outcome = match paused.take() {
            Some(paused) => Ok(Outcome::Paused(paused)),
            None => run.call_resumable(call),
        };
        let ended = loop {
            let stopped = match outcome {
                Ok(Outcome::Done(values)) => break Ok(values),
                Err(e) => break Err(e.to_string()),
                Ok(Outcome::Paused(paused)) => paused,
            };
            let refused = stopped.reason() == Reason::OutOfFuel;
            if refused {
                let mut here = progress.clone();
                here.note(&Err(out_of_fuel(&stopped.backtrace(&run.store))));
                watch.stop(given, line(&run, &here, &mut sums));
            }
            let standing = watch.through(
                given,
                Standing {
                    run,
                    progress,
                    paused: stopped,
                },
            )?;
            (run, progress) = (standing.run, standing.progress);
            if refused {
                let next = rest.next().expect("a rung above the total");
                run.set_fuel(run.fuel() + next - given);
                given = next;
            }
            outcome = run.resume(standing.paused);
        };
        if progress.note(&ended) {
            break;
        }
    }
    Some(line(&run, &progress, &mut sums))
}

/// Saves a run at its first pause, and leaves it.
#[derive(Debug, Default)]
pub struct Leave {
    /// The snapshot.
    pub snapshot: Vec<u8>,
    /// The fuel given by then.
    pub fuel: u64,
    /// The host as it is then.
    pub host: u64,
    /// The calls that ended before.
    pub progress: Progress,
}

impl<'a> Watch<'a> for Leave {
    fn stop(&mut self, _: u64, _: String) {}

    fn through(&mut self, fuel: u64, standing: Standing<'a>) -> Option<Standing<'a>> {
        let saved = standing.run.save(&standing.paused);
        *self = Leave {
            snapshot: saved.expect("it can be saved"),
            fuel,
            host: standing.run.host(),
            progress: standing.progress,
        };
        None
    }
}

impl Interp {
    /// The instance and the active call of a snapshot, with the host as it was.
    pub fn restore(
        &self,
        host: Host,
        snapshot: &[u8],
    ) -> Result<(Run<'_>, Option<Paused>), String> {
        let mut run = self.make(crate::side::limits(u64::MAX));
        run.store.data_mut().host = host;
        let restored = self.linker.restore(&mut run.store, &self.module, snapshot);
        let restored = restored.map_err(|e| e.to_string())?;
        run.found(restored.instance);
        Ok((run, restored.paused))
    }
}

impl Run<'_> {
    /// The run as bytes.
    pub fn save(&self, paused: &Paused) -> Result<Vec<u8>, String> {
        paused.save(&self.store).map_err(|e| e.to_string())
    }

    fn call_resumable(&mut self, call: &Call) -> Result<Outcome, Error> {
        let instance = self.instance.expect("started");
        let func = instance.get_func(&self.store, &call.name);
        let func = func.expect("an exported function");
        func.call_resumable(&mut self.store, &call.args)
    }

    /// Goes on, with the answer of the host function where one was called.
    fn resume(&mut self, paused: Paused) -> Result<Outcome, Error> {
        let answer = match paused.reason() {
            Reason::Suspended { .. } => std::mem::take(&mut self.store.data_mut().answer),
            _ => Vec::new(),
        };
        paused.resume_with(&mut self.store, &answer)
    }

    /// Notes the instance and what it exports.
    fn found(&mut self, instance: Instance) {
        self.instance = Some(instance);
        let store = &self.store;
        let all = |prefix: &str| {
            let named = |n: usize| instance.get_export(store, &format!("{prefix}{n}"));
            (0..).map_while(named).collect::<Vec<Extern>>()
        };
        let (globals, tables, memories) = (all("zz_g"), all("zz_t"), all("zz_m"));
        self.globals = globals
            .into_iter()
            .filter_map(Extern::into_global)
            .collect();
        self.tables = tables.into_iter().filter_map(Extern::into_table).collect();
        self.memories = memories
            .into_iter()
            .filter_map(Extern::into_memory)
            .collect();
    }
}

/// The trap that a run would have ended in that paused with these frames.
fn out_of_fuel(frames: &[wrt_interp::Frame]) -> String {
    let mut out = crate::side::OUT_OF_FUEL.to_string();
    let shown = frames.len().min(wrt_rt::trap::MAX_FRAMES);
    for frame in &frames[..shown] {
        out.extend(["\n  at ", &frame.name]);
    }
    if frames.len() > shown {
        out.push_str(&format!("\n  and {} more", frames.len() - shown));
    }
    out
}
