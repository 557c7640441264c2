//! The machine: frames and registers in one stack; `steps` is the loop that runs them, without recursion.
//!
//! In: a [`Core`] and a function to enter. Out: why it stopped ([`Exit`]). Wherever it stops, all that it was about
//! is in [`Machine`], so that it can go on later, or elsewhere. Order of charge, depth and trap at a call are those of
//! compiled code: what a function charges for itself stands in its code, what its callers owe is taken here.

use crate::core::{Core, Head, NO_MEMORY};
use crate::exec::WINDOW;
use crate::flatten;
use alloc::vec::Vec;
use wrt_rt::{Cause, Run};

/// Slots that a stack starts with, beyond the window.
const FIRST: usize = 1 << 10;

/// A run: its frames and registers.
#[derive(Debug)]
pub(crate) struct Machine {
    /// Always [`WINDOW`] slots longer than the start of the running frame.
    pub(crate) stack: Vec<u64>,
    pub(crate) frames: Vec<Frame>,
    /// The function to enter while there is no frame yet.
    entry: u32,
    /// The budget that a call from outside starts with.
    depth: u32,
}

/// An active function.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    pub(crate) func: u32,
    /// Index of the instruction that comes next.
    pub(crate) pc: u32,
    /// Index of its first register.
    pub(crate) base: u32,
    /// What is left of the depth budget inside it.
    pub(crate) depth: u32,
    /// The memory that it is about.
    pub(crate) memory: u32,
}

/// Why the machine stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The function that was entered returned; its results are [`Machine::results`].
    Done,
    /// Host function `func` of the store is called with the arguments from slot `base` of the stack on.
    Host { func: u32, base: u32 },
    /// A charge was refused, with `OutOfFuel` or `Interrupted`: execution stands before it.
    Refused(Cause),
    /// It is time to look whether all is as it should be.
    Sample,
    /// A trap.
    Trap(Cause),
}

/// Why the inner loop ended.
pub(crate) enum Stop {
    Exit(Exit),
    /// The called function has no code yet.
    Translate(u32),
    /// The called frame needs a stack of so many slots.
    Grow(usize),
}

/// What an outside caller of `head` owes: room for a frame that takes none itself, fuel of a leaf.
pub(crate) fn owed(run: &mut Run, head: &Head, depth: u32) -> Result<(), Cause> {
    if !head.framed {
        wrt_rt::enter(depth, head.weight)?;
        if head.leaf_cost > 0 {
            run.charge(head.leaf_cost)?;
        }
    }
    Ok(())
}

impl Machine {
    /// A machine without a stack, which gets one when it is prepared.
    pub(crate) fn new() -> Machine {
        Machine {
            stack: Vec::new(),
            frames: Vec::new(),
            entry: 0,
            depth: 0,
        }
    }

    /// Prepares a call of function `func` of the store, which is no host function, with `args`, and `depth` stack
    /// slots of budget. Nothing runs yet. Fails with `OutOfMemory` if there is no room for a stack.
    pub(crate) fn prepare(&mut self, func: u32, args: &[u64], depth: u32) -> Result<(), Cause> {
        self.frames.clear();
        self.entry = func;
        self.depth = depth;
        self.reserve((args.len() + FIRST).max(WINDOW + FIRST))?;
        for (slot, arg) in self.stack.iter_mut().zip(args) {
            *slot = *arg;
        }
        Ok(())
    }

    fn reserve(&mut self, slots: usize) -> Result<(), Cause> {
        if self.stack.len() >= slots {
            return Ok(());
        }
        if self.stack.is_empty() {
            // Zeros from the system cost nothing until they are touched, but are had or else the process ends: so
            // see first whether they can be had.
            let room = Vec::<u64>::new().try_reserve_exact(slots);
            room.map_err(|_| Cause::OutOfMemory)?;
            self.stack = alloc::vec![0; slots];
            return Ok(());
        }
        let more = slots.max(self.stack.len() + self.stack.len() / 2) - self.stack.len();
        self.stack
            .try_reserve_exact(more)
            .map_err(|_| Cause::OutOfMemory)?;
        self.stack.resize(self.stack.len() + more, 0);
        Ok(())
    }

    /// The function that was entered, or is to be.
    pub(crate) fn entry(&self) -> u32 {
        self.entry
    }

    /// The depth budget that the run started with.
    pub(crate) fn budget(&self) -> u32 {
        self.depth
    }

    /// Adds an innermost frame, of a function that has code, as a snapshot has it: at instruction `pc`, its registers
    /// from slot `base` on. Fails with `CallStackExhausted` or `OutOfMemory`.
    pub(crate) fn push(&mut self, core: &Core, func: u32, pc: u32, base: u32) -> Result<(), Cause> {
        let Some(head) = core.heads.get(func as usize) else {
            return Err(Cause::Unreachable);
        };
        let mut frame = Frame {
            func,
            pc,
            base,
            depth: self.depth(),
            memory: head.memory,
        };
        frame.charge_depth(head)?;
        self.room(base)?;
        self.frames.push(frame);
        Ok(())
    }

    /// Makes room for a frame at slot `base`.
    pub(crate) fn room(&mut self, base: u32) -> Result<(), Cause> {
        self.reserve(base as usize + WINDOW)
    }

    /// The active functions, innermost last.
    pub(crate) fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// Slots of the stack, from `base` on.
    pub(crate) fn slots(&self, base: u32, n: usize) -> &[u64] {
        let slots = self.stack.get(base as usize..);
        slots.and_then(|slots| slots.get(..n)).unwrap_or(&[])
    }

    /// The same, to change.
    pub(crate) fn slots_mut(&mut self, base: u32, n: usize) -> &mut [u64] {
        let slots = self.stack.get_mut(base as usize..);
        slots
            .and_then(|slots| slots.get_mut(..n))
            .unwrap_or(&mut [])
    }

    /// The `n` results of the function that was entered, once it is done.
    pub(crate) fn results(&self, n: usize) -> &[u64] {
        self.slots(0, n)
    }

    /// Makes the call of a host function, at which it stopped, the next instruction again: the arguments are where
    /// they were.
    pub(crate) fn step_back(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.pc = frame.pc.saturating_sub(1);
        }
    }

    /// What is left of the depth budget.
    pub(crate) fn depth(&self) -> u32 {
        self.frames.last().map_or(self.depth, |frame| frame.depth)
    }

    /// Runs until something asks to stop.
    pub(crate) fn run(&mut self, core: &mut Core) -> Exit {
        if self.frames.is_empty()
            && let Err(cause) = self.enter(core)
        {
            return match cause {
                Cause::OutOfFuel | Cause::Interrupted => Exit::Refused(cause),
                _ => Exit::Trap(cause),
            };
        }
        loop {
            match self.steps(core) {
                Stop::Exit(exit) => return exit,
                Stop::Translate(func) => {
                    if let Err(cause) = flatten::translate(core, func) {
                        return Exit::Trap(cause);
                    }
                }
                Stop::Grow(slots) => {
                    if let Err(cause) = self.reserve(slots) {
                        return Exit::Trap(cause);
                    }
                }
            }
        }
    }

    /// Makes the first frame.
    fn enter(&mut self, core: &mut Core) -> Result<(), Cause> {
        let func = self.entry;
        flatten::translate(core, func)?;
        let Some(head) = core.heads.get(func as usize) else {
            return Err(Cause::NoSuchExport);
        };
        owed(&mut core.run, head, self.depth)?;
        let mut frame = Frame {
            func,
            pc: head.entry,
            base: 0,
            depth: self.depth,
            memory: head.memory,
        };
        let entered = frame.charge_depth(head);
        self.frames.push(frame);
        if let Some(profile) = &mut core.profile {
            profile.enter(func, core.run.consumed_fuel());
        }
        entered
    }
}

impl Frame {
    /// A frame that only says which function of the store it is of.
    pub(crate) fn of(func: u32) -> Frame {
        Frame {
            func,
            pc: 0,
            base: 0,
            depth: 0,
            memory: NO_MEMORY,
        }
    }

    /// Takes the function's weight off the budget, if it does so itself.
    #[inline(always)]
    pub(crate) fn charge_depth(&mut self, head: &Head) -> Result<(), Cause> {
        if head.framed {
            self.depth = wrt_rt::enter(self.depth, head.weight)?;
        }
        Ok(())
    }
}
