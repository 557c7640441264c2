//! A run in the interpreter, from a module to an exit status.

use std::io::{self, Write};
use std::path::Path;

use anyhow::{Result, anyhow, bail};
use wrt_build::{File, Input, Options, shown};
use wrt_interp::{Engine, Error, Limits, Linker, Module, Outcome, Paused, Store};
use wrt_rt::Stats;
use wrt_rt::wasi::descriptors::{self, Target};
use wrt_wasi::Folders;

use crate::call::{Call, INITIALIZE};
use crate::flags::{Flags, Running};
use crate::grants::Grants;
use crate::guest::{context, stats, values};
use crate::log::{self, Level};
use crate::run::{Ends, Format};
use crate::saved::Saved;
use crate::{Refused, profile, run, write};

/// Exit status of a run that trapped: that of a process which called `abort`.
const TRAPPED: i32 = 134;

/// Exit status of a run that was saved: that of a failure which a later try can mend (`EX_TEMPFAIL`).
const PAUSED: i32 = 75;

/// What a guest gets of WASI.
pub(crate) type Context = context::Context<Folders>;

/// A module in a store, with all that it may import.
pub(crate) struct Session {
    /// The module's file, for messages.
    name: String,
    module: Module,
    store: Store<Context>,
    linker: Linker<Context>,
    /// What was counted before it was saved.
    before: Stats,
}

/// The module, decoded. The error says what is wrong with it.
pub(crate) fn load(input: &Input) -> Result<Module> {
    let refused = |e| Refused(input.error(e).to_string());
    let engine = Engine::new(input.options.clone());
    let bytes = wrt_compiler::binary(input.sources()[0].bytes).map_err(refused)?;
    Ok(Module::new(&engine, bytes).map_err(|e| match e {
        Error::Compile(e) => refused(*e),
        other => Refused(other.to_string()),
    })?)
}

impl Session {
    /// The `module`, of the file `name`, ready to run.
    pub(crate) fn new(
        name: String,
        module: Module,
        limits: Limits,
        grants: &Grants,
        ends: &Ends,
    ) -> Result<Session> {
        Session::of(name, module, limits, grants.context(0, 0)?, ends)
    }

    fn of(
        name: String,
        module: Module,
        limits: Limits,
        context: Context,
        ends: &Ends,
    ) -> Result<Session> {
        let mut store = Store::with_limits(module.engine(), context, limits);
        let mut linker = Linker::new();
        linker.wasi(|context| context)?;
        log::define(&mut linker, ends.log)?;
        store.set_profile(ends.profile.is_some());
        let message = format!("{} bytes of wasm, within {limits:?}", module.bytes().len());
        ends.log
            .say(Level::Debug, "wrtd", format!("{name}: {message}"));
        Ok(Session {
            name,
            module,
            store,
            linker,
            before: Stats::default(),
        })
    }

    /// Makes an instance and calls a function of it; with `pauses` the run pauses where the fuel is used up.
    pub(crate) fn start(&mut self, call: &Call, pauses: bool) -> Result<Outcome, Error> {
        let instance = self.linker.instantiate(&mut self.store, &self.module)?;
        if call.initialize {
            instance.execute(&mut self.store, INITIALIZE, &[])?;
        }
        match instance.get_func(&self.store, &call.name) {
            Some(func) if pauses => func.call_resumable(&mut self.store, &call.args),
            _ => instance
                .execute(&mut self.store, &call.name, &call.args)
                .map(Outcome::Done),
        }
    }

    /// A run that was saved, as it stood, in a session with its limits, which counts if it did before. The
    /// error says why it cannot go on.
    pub(crate) fn restore(saved: &Saved, ends: &Ends) -> Result<(Session, Paused)> {
        let mut options = Options::default();
        Flags::<Running>::given(&saved.options)
            .apply(&mut options)
            .map_err(Refused)?;
        options.stats = ends.stats.is_some() || saved.stats.is_some();
        let limits = run::limits(&options, None);
        let module = Module::new(&Engine::new(options), &saved.module[..]);
        let module = module.map_err(|e| Refused(format!("{}: {e}", saved.name)))?;
        let context = saved.grants.context(saved.passed, saved.drawn)?;
        let mut session = Session::of(saved.name.clone(), module, limits, context, ends)?;
        session.before = saved.stats.unwrap_or_default();
        let Session {
            store,
            linker,
            module,
            ..
        } = &mut session;
        let paused = match linker.restore(store, module, &saved.snapshot) {
            Ok(restored) => restored.paused.ok_or("no run is saved in it".to_string()),
            Err(e) => Err(e.to_string()),
        };
        let paused = paused.map_err(|why| session.refused(&why))?;
        Ok((session, paused))
    }

    /// Goes on with a run of this session, with so much fuel more; `None` sets no bound. With `pauses` it pauses where
    /// that is used up.
    pub(crate) fn resume(
        &mut self,
        paused: Paused,
        fuel: Option<u64>,
        pauses: bool,
    ) -> Result<Outcome, Error> {
        let fuel = fuel.map_or(u64::MAX, |fuel| {
            self.store.remaining_fuel().saturating_add(fuel)
        });
        self.store.set_fuel(fuel);
        match paused.resume(&mut self.store)? {
            Outcome::Paused(paused) if !pauses => Err(paused.into_trap(&self.store).into()),
            outcome => Ok(outcome),
        }
    }

    /// Prints what came of it, saves it if it paused, and gives the exit status. What was `saved` before, or what the
    /// command line says, is saved with the run.
    pub(crate) fn finish(
        &mut self,
        outcome: Result<Outcome, Error>,
        saved: Saved,
        ends: &Ends,
    ) -> Result<i32> {
        let status = match outcome {
            Ok(Outcome::Done(results)) => {
                values::print(&results)
                    .map_err(|e| anyhow!("cannot write to standard output: {e}"))?;
                0
            }
            Ok(Outcome::Paused(paused)) => self.save(&paused, saved, ends.save.as_deref())?,
            Err(error) => self.failed(&error)?,
        };
        if let Some(file) = &ends.profile {
            profile::write(file, &self.name, &self.store.profile())?;
        }
        if let Some(format) = ends.stats {
            let fuel = self.store.consumed_fuel();
            let left = self.store.remaining_fuel();
            let stats = &self.stats();
            stats::print(format == Format::Json, "interp", fuel, left, stats);
        }
        Ok(status)
    }

    /// What was counted in all.
    fn stats(&self) -> Stats {
        let (mut stats, before) = (self.store.stats(), &self.before);
        let add = |n: &mut u64, more: u64| *n = n.saturating_add(more);
        add(&mut stats.calls, before.calls);
        add(&mut stats.host_calls, before.host_calls);
        add(&mut stats.memory_accesses, before.memory_accesses);
        let instructions = stats.instructions.iter_mut().zip(before.instructions);
        instructions.for_each(|(n, more)| add(n, more));
        stats.peak_depth = stats.peak_depth.max(before.peak_depth);
        stats.peak_pages = stats.peak_pages.max(before.peak_pages);
        stats
    }

    fn save(&mut self, paused: &Paused, saved: Saved, file: Option<&Path>) -> Result<i32> {
        // Without a file, runs do not pause.
        let file = file.unwrap_or(Path::new("-"));
        if let Some((fd, target)) = descriptors::changed(self.store.data_mut()) {
            let what = match target {
                Some(Target::File(_)) => format!("it has a file open, as descriptor {fd}"),
                Some(Target::Directory { preopen: None, .. }) => {
                    format!("it has a folder open, as descriptor {fd}")
                }
                _ => format!("it has closed or changed descriptor {fd}"),
            };
            bail!("{}: cannot save the run: {what}", self.name);
        }
        let snapshot = paused
            .save(&self.store)
            .map_err(|e| anyhow!("{}: cannot save the run: {e}", self.name))?;
        let saved = Saved {
            name: self.name.clone(),
            passed: self.store.data_mut().passed(),
            drawn: self.store.data().drawn(),
            stats: self.store.engine().options().stats.then(|| self.stats()),
            module: self.module.bytes().to_vec(),
            snapshot,
            ..saved
        };
        let contents = saved.write();
        write::files(
            file,
            &[File {
                name: String::new(),
                contents,
            }],
        )?;
        let (name, file) = (&self.name, shown(file));
        let _ = writeln!(
            io::stderr(),
            "wrtd: {name}: the fuel is used up; the run is saved, and goes on with: wrtd resume {file}"
        );
        Ok(PAUSED)
    }

    /// The exit status after an error, and its message.
    fn failed(&self, error: &Error) -> Result<i32> {
        let Some(trap) = error.as_trap() else {
            return Err(self.refused(&error.to_string()).into());
        };
        if let Some(status) = trap.exit_status() {
            return Ok(status);
        }
        let _ = writeln!(io::stderr(), "wrtd: {}: trap: {trap}", self.name);
        Ok(TRAPPED)
    }

    fn refused(&self, why: &str) -> Refused {
        Refused(format!("{}: {why}", self.name))
    }
}
