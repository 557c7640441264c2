//! How a run goes: a machine runs until it stops, and what it stops for is done here, so that no host frame lies
//! under a guest's.
//!
//! A host function that calls back makes a machine of its own run inside; that one cannot pause.

use crate::caller::Caller;
use crate::core::{FuncDef, HOST};
use crate::error::Error;
use crate::host::Body;
use crate::machine::{Exit, Frame as Active, Machine};
use crate::store::StoreInner;
use crate::trap::{Frame, Trap};
use alloc::string::ToString;
use alloc::sync::Arc;
use wrt_compiler::Backtrace;
use wrt_compiler::module::FuncIdx;
use wrt_compiler::set;
use wrt_rt::Cause;

/// Why a run stands still without an error.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stop {
    /// It is done.
    Done,
    /// A charge was refused, to the guest or to a host function; the machine stands before it.
    Refused(Cause),
    /// Host function `func` asked to pause; its results go to the slots from `base` on.
    Suspended { func: u32, base: u32 },
}

/// What a call is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    pub(crate) func: u32,
    /// Numbers of slots.
    pub(crate) params: usize,
    pub(crate) results: usize,
    /// The instance on whose behalf a host function is called directly.
    pub(crate) instance: Option<u32>,
}

impl<T> StoreInner<T> {
    /// Calls a function with arguments from the start of `slots`, where its results go; there is room for both.
    pub(crate) fn call(&mut self, call: Call, slots: &mut [u64]) -> Result<(), Error> {
        let depth = self.begin()?;
        let done = self.call_in(call, slots, depth);
        self.end();
        done
    }

    /// A call from outside begins: gives its depth budget. Traps with `ReentranceLimit`.
    pub(crate) fn begin(&mut self) -> Result<u32, Cause> {
        if self.level == 0 {
            self.core.run.begin();
            if let Some(profile) = &mut self.core.profile {
                profile.begin(&[], self.core.run.consumed_fuel());
            }
            return Ok(self.core.run.depth());
        }
        self.core.run.reenter()?;
        Ok(self.depth)
    }

    /// Ends what [`begin`](StoreInner::begin) began.
    pub(crate) fn end(&mut self) {
        if self.level > 0 {
            self.core.run.leave();
        }
    }

    fn call_in(&mut self, call: Call, slots: &mut [u64], depth: u32) -> Result<(), Error> {
        if self.is_host(call.func) {
            return self.call_directly(call, slots, depth);
        }
        let args = slots.get(..call.params).unwrap_or(&[]);
        let mut machine = self.prepared(call.func, args, depth)?;
        let done = self.drive(&mut machine, false);
        self.finish(machine, slots, call.results);
        match done {
            Ok(_) => Ok(()),
            Err(e) => Err(e),
        }
    }

    /// Calls a host function without a machine.
    fn call_directly(&mut self, call: Call, slots: &mut [u64], depth: u32) -> Result<(), Error> {
        let done = self.call_host(call.func, slots, depth, call.instance);
        done.map_err(|e| self.traced(None, e, false))
    }

    /// A machine about to call `func`. Traps with `OutOfMemory`.
    pub(crate) fn prepared(
        &mut self,
        func: u32,
        args: &[u64],
        depth: u32,
    ) -> Result<Machine, Cause> {
        let mut machine = self.machine();
        machine.prepare(func, args, depth)?;
        Ok(machine)
    }

    /// Takes the results from a machine that is done, which may be used again.
    fn finish(&mut self, machine: Machine, slots: &mut [u64], results: usize) {
        for (slot, result) in slots.iter_mut().zip(machine.results(results)) {
            *slot = *result;
        }
        self.put_back(machine);
    }

    pub(crate) fn is_host(&self, func: u32) -> bool {
        let head = self.core.heads.get(func as usize);
        head.is_some_and(|head| head.entry == HOST)
    }

    /// Runs until it is done or, where that is allowed, pauses. An error has the backtrace of the machine.
    pub(crate) fn drive(&mut self, machine: &mut Machine, pauses: bool) -> Result<Stop, Error> {
        loop {
            match self.run_verified(machine) {
                Exit::Sample => {}
                Exit::Done => return Ok(Stop::Done),
                Exit::Host { func, base } => match self.host_call(machine, func, base) {
                    Ok(()) => {}
                    Err(Error::Suspend) if pauses => return Ok(Stop::Suspended { func, base }),
                    Err(Error::Refused(cause)) if pauses => {
                        machine.step_back();
                        return Ok(Stop::Refused(cause));
                    }
                    Err(e) => return Err(self.traced(Some(machine), e, false)),
                },
                Exit::Refused(cause) if pauses => return Ok(Stop::Refused(cause)),
                Exit::Refused(cause) => {
                    return Err(self.traced(Some(machine), cause.into(), true));
                }
                Exit::Trap(cause) => return Err(self.traced(Some(machine), cause.into(), false)),
            }
        }
    }

    /// Runs the machine, between looks at what is verified.
    fn run_verified(&mut self, machine: &mut Machine) -> Exit {
        if let Err(cause) = self.core.guard(machine) {
            return Exit::Trap(cause);
        }
        let exit = machine.run(&mut self.core);
        self.core.seal();
        match exit {
            Exit::Sample => self.core.look(machine).map_or_else(Exit::Trap, |()| exit),
            _ => exit,
        }
    }

    /// The machine calls a host function.
    fn host_call(&mut self, machine: &mut Machine, func: u32, base: u32) -> Result<(), Error> {
        let (depth, instance) = (machine.depth(), self.instance_of(machine));
        let slots = machine.slots_mut(base, self.slots(func));
        self.call_host(func, slots, depth, instance)
    }

    /// How many slots the arguments and results of `func` take.
    fn slots(&self, func: u32) -> usize {
        let ty = self.func_type(func);
        ty.map_or(0, |ty| ty.params.len().max(ty.results.len()))
    }

    /// The instance whose function runs.
    fn instance_of(&self, machine: &Machine) -> Option<u32> {
        let frame = machine.frames().last()?;
        match self.core.funcs.get(frame.func as usize)?.def {
            FuncDef::Body { instance, .. } => Some(instance),
            FuncDef::Host(_) => None,
        }
    }

    fn host_body(&self, func: u32) -> Option<Arc<Body<T>>> {
        match self.core.funcs.get(func as usize)?.def {
            FuncDef::Host(host) => Some(self.hosts.get(host as usize)?.body.clone()),
            FuncDef::Body { .. } => None,
        }
    }

    /// Calls a host function, with `depth` stack slots left for what it calls.
    pub(crate) fn call_host(
        &mut self,
        func: u32,
        slots: &mut [u64],
        depth: u32,
        instance: Option<u32>,
    ) -> Result<(), Error> {
        let Some(body) = self.host_body(func) else {
            return Err(Cause::Unreachable.into());
        };
        let calls = self.core.run.stats.host_calls;
        if self.engine.options().stats {
            self.core.run.count_host_call();
        }
        let outer = core::mem::replace(&mut self.depth, depth);
        self.level += 1;
        let caller = Caller {
            inner: self,
            instance,
        };
        let done = body(caller, slots);
        self.level -= 1;
        self.depth = outer;
        if let Err(Error::Refused(_)) = done {
            // It is called again.
            self.core.run.stats.host_calls = calls;
        }
        done
    }

    /// A run ends with an error: gives it as a trap with the functions that are active, which a profile leaves.
    /// `None` is a run of a host function alone; `refused` says that the machine stands before what it did not do.
    #[cold]
    pub(crate) fn traced(&mut self, machine: Option<&Machine>, e: Error, refused: bool) -> Error {
        let mut trap = match e {
            Error::Trap(trap) => trap,
            Error::Refused(cause) => Trap::new(cause).into(),
            Error::Suspend => {
                const REFUSED: &str = "a host function asks to pause a run that cannot pause";
                Trap::with_message(Cause::Host, 0, REFUSED).into()
            }
            other => Trap::with_message(Cause::Host, 0, other.to_string()).into(),
        };
        let frames = machine.map_or(&[][..], Machine::frames);
        self.trace(&mut trap, frames, refused);
        if let Some(profile) = &mut self.core.profile {
            let consumed = self.core.run.consumed_fuel();
            frames.iter().for_each(|_| profile.leave(consumed));
        }
        Error::Trap(trap)
    }

    /// Adds the active functions to a trap.
    pub(crate) fn trace(&self, trap: &mut Trap, frames: &[Active], refused: bool) {
        match self.engine.options().backtrace {
            Backtrace::None => return,
            Backtrace::Functions => {}
            Backtrace::Offsets => trap.show_offsets(),
        }
        for (n, frame) in frames.iter().rev().enumerate() {
            // Outer functions stand behind their calls.
            trap.push(|| self.frame(frame, refused && n == 0));
        }
    }

    /// An active function for people; `at` says that its next instruction is the one that it is about.
    pub(crate) fn frame(&self, frame: &Active, at: bool) -> Frame {
        let mut out = Frame {
            func: frame.func,
            name: alloc::format!("#{}", frame.func),
            module: Default::default(),
            offset: None,
        };
        let (Some(head), Some(func)) = (
            self.core.heads.get(frame.func as usize),
            self.core.funcs.get(frame.func as usize),
        ) else {
            return out;
        };
        let FuncDef::Body { instance, id } = func.def else {
            return out;
        };
        let Some(instance) = self.core.instances.get(instance as usize) else {
            return out;
        };
        let set = &instance.module.front().set;
        let module = instance.module.decoded();
        if let set::FuncDef::Body { body, .. } = set.funcs[id.index()].def {
            out.func = module.imported_funcs + body as u32;
            // Where it did not even get its frame, it stands where its body begins.
            out.offset = Some(module.bodies[body].range.start as u32);
        }
        out.name = wrt_compiler::shown::func(module, FuncIdx(out.func));
        out.module = instance.name.clone();
        if frame.pc != head.entry || at {
            let offsets = &self.core.offsets;
            let past = offsets.partition_point(|(n, _)| *n < frame.pc || (at && *n == frame.pc));
            let here = past.checked_sub(1).and_then(|here| offsets.get(here));
            out.offset = here.map(|(_, offset)| *offset);
        }
        out
    }
}
