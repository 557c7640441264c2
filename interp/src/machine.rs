//! The machine: one loop, one match, no recursion. Frames and registers lie in one stack; a call moves the window.
//!
//! In: a [`Core`] and a function to enter. Out: why it stopped ([`Exit`]). Wherever it stops, all that it was about
//! is in [`Machine`], so that it can go on later, or elsewhere. Order of charge, depth and trap at a call are those of
//! compiled code: what a function charges for itself stands in its code, what its callers owe is taken here.

use crate::bulk;
use crate::code::Instr;
use crate::core::{Core, HOST, Head, Indirect, NO_MEMORY, UNTRANSLATED};
use crate::exec::{self, WINDOW, Window, get, put, step};
use crate::flatten;
use crate::row;
use alloc::vec::Vec;
use wrt_rt::{Access, Cause, FuncRef, Memory, Run, num};

/// Slots that a stack starts with, beyond the window.
const FIRST: usize = 1 << 10;

/// A run: its frames and registers.
#[derive(Debug)]
pub(crate) struct Machine {
    /// Always [`WINDOW`] slots longer than the start of the running frame.
    stack: Vec<u64>,
    frames: Vec<Frame>,
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
    memory: u32,
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
    /// A trap.
    Trap(Cause),
}

/// Why the inner loop ended.
enum Stop {
    Exit(Exit),
    /// The called function has no code yet.
    Translate(u32),
    /// The called frame needs a stack of so many slots.
    Grow(usize),
}

/// What the bytes of memory `index` are.
#[inline(always)]
fn bytes(memories: &mut [Memory], index: u32) -> &mut [u8] {
    match memories.get_mut(index as usize) {
        Some(memory) => memory.bytes_mut(),
        None => &mut [],
    }
}

/// The registers of a frame that starts at `base`.
#[inline(always)]
fn window(stack: &mut [u64], base: u32) -> Option<&mut Window> {
    stack.get_mut(base as usize..)?.first_chunk_mut()
}

/// What an outside caller of `head` owes: room for a frame that takes none itself, fuel of a leaf.
fn owed(run: &mut Run, head: &Head, depth: u32) -> Result<(), Cause> {
    if !head.framed {
        wrt_rt::enter(depth, head.weight)?;
        if head.leaf_cost > 0 {
            run.charge(head.leaf_cost)?;
        }
    }
    Ok(())
}

impl Machine {
    /// A machine about to call function `func` of the store with `args`, and `depth` stack slots of budget.
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
            // Zeros from the system cost nothing until they are touched.
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
        let exit = self.run_on(core);
        if let Exit::Trap(_) = exit {
            self.unwound(core);
        }
        exit
    }

    /// The run ended where it stands: a profile leaves its functions.
    pub(crate) fn unwound(&self, core: &mut Core) {
        if let Some(profile) = &mut core.profile {
            let consumed = core.run.consumed_fuel();
            self.frames.iter().for_each(|_| profile.leave(consumed));
        }
    }

    fn run_on(&mut self, core: &mut Core) -> Exit {
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

    /// The loop. All that it keeps in registers of the processor is put back before it ends.
    fn steps(&mut self, core: &mut Core) -> Stop {
        let Core {
            run,
            code,
            heads,
            memories,
            tables,
            globals,
            instances,
            indirects,
            bulks,
            counts,
            profile,
            ..
        } = core;
        let (code, heads) = (&code[..], &heads[..]);
        let Some(&Frame {
            func: _,
            pc,
            mut base,
            mut depth,
            mut memory,
        }) = self.frames.last()
        else {
            return Stop::Exit(Exit::Done);
        };
        let mut pc = pc as usize;
        let Some(mut regs) = window(&mut self.stack, base) else {
            return Stop::Grow(base as usize + WINDOW);
        };
        let mut m = bytes(memories, memory);
        let mut held = run.hold();
        let stop = loop {
            let Some(instr) = code.get(pc) else {
                break Stop::Exit(Exit::Trap(Cause::Unreachable));
            };
            pc += 1;
            // The instruction after this one, for those that take two.
            macro_rules! word {
                () => {{
                    let word = match code.get(pc) {
                        Some(Instr::Word { value }) => *value,
                        _ => 0,
                    };
                    pc += 1;
                    word
                }};
            }
            macro_rules! check {
                ($e:expr) => {
                    match $e {
                        Ok(v) => v,
                        Err(cause) => break Stop::Exit(Exit::Trap(cause)),
                    }
                };
            }
            macro_rules! jump {
                ($to:expr) => {
                    pc = pc.wrapping_add_signed($to as isize)
                };
            }
            // Everything but a call goes on with the next instruction.
            let (func, to, owes) = step! { (instr regs m pc word) {
                Instr::Call { base: to, func } => (func, to, false),
                Instr::CallImport { base: to, func } => (func, to, true),
                Instr::CallIndirect { base: to, site } => {
                    let Some(&Indirect { ty, table, args }) = indirects.get(site as usize) else {
                        break Stop::Exit(Exit::Trap(Cause::Unreachable));
                    };
                    let index = get(regs, to.wrapping_add(args as u16));
                    let Some(table) = tables.get(table as usize) else {
                        break Stop::Exit(Exit::Trap(Cause::UndefinedElement));
                    };
                    let func = check!(table.table.func(index)).raw();
                    match heads.get(func as usize) {
                        Some(head) if head.ty == ty => (func, to, true),
                        _ => break Stop::Exit(Exit::Trap(Cause::IndirectCallTypeMismatch)),
                    }
                }
                Instr::Return | Instr::ReturnOne { .. } | Instr::ReturnMany { .. } => {
                    match *instr {
                        Instr::ReturnOne { a } => regs[0] = regs[usize::from(a) & (WINDOW - 1)],
                        Instr::ReturnMany { a, n } => {
                            for i in 0..n {
                                let v: u64 = regs[usize::from(a.wrapping_add(i)) & (WINDOW - 1)];
                                regs[usize::from(i) & (WINDOW - 1)] = v;
                            }
                        }
                        _ => {}
                    }
                    self.frames.pop();
                    if let Some(profile) = profile {
                        run.release(held);
                        profile.leave(run.consumed_fuel());
                    }
                    let Some(frame) = self.frames.last() else {
                        break Stop::Exit(Exit::Done);
                    };
                    pc = frame.pc as usize;
                    base = frame.base;
                    depth = frame.depth;
                    regs = match window(&mut self.stack, base) {
                        Some(regs) => regs,
                        None => break Stop::Exit(Exit::Trap(Cause::CallStackExhausted)),
                    };
                    if frame.memory != memory {
                        memory = frame.memory;
                        m = bytes(memories, memory);
                    }
                    continue;
                }
                Instr::Br { to } => {
                    jump!(to);
                    continue;
                }
                Instr::BrIf { a, to } => {
                    if get(regs, a) {
                        jump!(to);
                    }
                    continue;
                }
                Instr::BrIfNot { a, to } => {
                    if !get::<bool>(regs, a) {
                        jump!(to);
                    }
                    continue;
                }
                Instr::Switch { a, n } => {
                    let index: u32 = get(regs, a);
                    pc += index.min(n.saturating_sub(1)) as usize;
                    continue;
                }
                Instr::Count { n } => {
                    if let Some(counts) = counts.get(n as usize) {
                        run.count(counts.instructions, counts.accesses);
                    }
                    continue;
                }
                Instr::Charge { fuel } => {
                    if let Err(cause) = run.spend(&mut held, fuel) {
                        held = run.hold();
                        pc -= 1;
                        break Stop::Exit(Exit::Refused(cause));
                    }
                    continue;
                }
                Instr::Copy { d, a } => {
                    let v: u64 = regs[usize::from(a) & (WINDOW - 1)];
                    regs[usize::from(d) & (WINDOW - 1)] = v;
                    continue;
                }
                Instr::Const { d, value } => {
                    put(regs, d, value);
                    continue;
                }
                Instr::Const64 { d, value } => {
                    let high = word!();
                    let value = u64::from(value) | u64::from(high) << 32;
                    put(regs, d, value as i64);
                    continue;
                }
                Instr::Select { d, cond } => {
                    let word = word!();
                    let (then, otherwise) = (word as u16, (word >> 16) as u16);
                    let a = if get(regs, cond) { then } else { otherwise };
                    let v: u64 = regs[usize::from(a) & (WINDOW - 1)];
                    regs[usize::from(d) & (WINDOW - 1)] = v;
                    continue;
                }
                Instr::CountCall => {
                    run.count_call(depth);
                    continue;
                }
                Instr::Clear { d, n } => {
                    let first = usize::from(d);
                    if let Some(slots) = regs.get_mut(first..first + usize::from(n)) {
                        slots.fill(0);
                    }
                    continue;
                }
                Instr::GlobalGet { d, global } => {
                    if let Some(v) = globals.get(global as usize) {
                        regs[usize::from(d) & (WINDOW - 1)] = *v;
                    }
                    continue;
                }
                Instr::GlobalSet { a, global } => {
                    if let Some(v) = globals.get_mut(global as usize) {
                        *v = regs[usize::from(a) & (WINDOW - 1)];
                    }
                    continue;
                }
                Instr::MemorySize { d } => {
                    put(regs, d, wrt_rt::memory::size(m));
                    continue;
                }
                Instr::TableSize { d, table } => {
                    let size = tables.get(table as usize).map_or(0, |t| t.table.size());
                    put(regs, d, size);
                    continue;
                }
                Instr::TableGet { d, a } => {
                    let table = word!();
                    let table = tables.get(table as usize).ok_or(Cause::TableOutOfBounds);
                    let v = check!(table.and_then(|t| t.table.get(get(regs, a))));
                    put(regs, d, v);
                    continue;
                }
                Instr::TableSet { a, b } => {
                    let table = word!();
                    let table = tables
                        .get_mut(table as usize)
                        .ok_or(Cause::TableOutOfBounds);
                    check!(table.and_then(|t| t.table.set(get(regs, a), get(regs, b))));
                    continue;
                }
                Instr::RefIsNull { d, a } => {
                    let null = get::<FuncRef>(regs, a).is_null();
                    put(regs, d, null);
                    continue;
                }
                Instr::RefFunc { d, func } => {
                    put(regs, d, func);
                    continue;
                }
                Instr::LoadFar { .. } | Instr::StoreFar { .. } => {
                    let offset = word!();
                    check!(exec::far(instr, regs, m, offset));
                    continue;
                }
                Instr::Bulk { base: to, site } => {
                    let Some(site) = bulks.get(site as usize) else {
                        break Stop::Exit(Exit::Trap(Cause::Unreachable));
                    };
                    run.release(held);
                    let done = bulk::run(run, memories, tables, instances, *site, regs, to);
                    held = run.hold();
                    m = bytes(memories, memory);
                    match done {
                        Ok(()) => continue,
                        Err(cause @ (Cause::OutOfFuel | Cause::Interrupted)) => {
                            pc -= 1;
                            break Stop::Exit(Exit::Refused(cause));
                        }
                        Err(cause) => break Stop::Exit(Exit::Trap(cause)),
                    }
                }
                Instr::QuietF32 { d, a } => {
                    let v = num::quiet_f32(get(regs, a));
                    put(regs, d, v);
                    continue;
                }
                Instr::QuietF64 { d, a } => {
                    let v = num::quiet_f64(get(regs, a));
                    put(regs, d, v);
                    continue;
                }
                Instr::CanonicalF32 { d, a } => {
                    let v = num::canonical_f32(get(regs, a));
                    put(regs, d, v);
                    continue;
                }
                Instr::CanonicalF64 { d, a } => {
                    let v = num::canonical_f64(get(regs, a));
                    put(regs, d, v);
                    continue;
                }
                Instr::Unreachable | Instr::Word { .. } => {
                    break Stop::Exit(Exit::Trap(Cause::Unreachable));
                }
            } };
            // A call.
            let Some(head) = heads.get(func as usize) else {
                break Stop::Exit(Exit::Trap(Cause::Unreachable));
            };
            let to = base.wrapping_add(u32::from(to));
            if head.entry >= HOST {
                if head.entry == UNTRANSLATED {
                    pc -= 1;
                    break Stop::Translate(func);
                }
                break Stop::Exit(Exit::Host { func, base: to });
            }
            if self.stack.len() < to as usize + WINDOW {
                pc -= 1;
                break Stop::Grow(to as usize + WINDOW);
            }
            if owes {
                run.release(held);
                let paid = owed(run, head, depth);
                held = run.hold();
                match paid {
                    Ok(()) => {}
                    Err(cause @ (Cause::OutOfFuel | Cause::Interrupted)) => {
                        pc -= 1;
                        break Stop::Exit(Exit::Refused(cause));
                    }
                    Err(cause) => break Stop::Exit(Exit::Trap(cause)),
                }
            }
            if let Some(frame) = self.frames.last_mut() {
                frame.pc = pc as u32;
            }
            let mut frame = Frame {
                func,
                pc: head.entry,
                base: to,
                depth,
                memory: head.memory,
            };
            let entered = frame.charge_depth(head);
            self.frames.push(frame);
            if let Some(profile) = profile {
                run.release(held);
                profile.enter(func, run.consumed_fuel());
            }
            pc = frame.pc as usize;
            check!(entered);
            base = to;
            depth = frame.depth;
            regs = match window(&mut self.stack, base) {
                Some(regs) => regs,
                None => break Stop::Exit(Exit::Trap(Cause::CallStackExhausted)),
            };
            if frame.memory != memory {
                memory = frame.memory;
                m = bytes(memories, memory);
            }
        };
        run.release(held);
        if let Some(frame) = self.frames.last_mut() {
            frame.pc = pc as u32;
        }
        stop
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
    fn charge_depth(&mut self, head: &Head) -> Result<(), Cause> {
        if head.framed {
            self.depth = wrt_rt::enter(self.depth, head.weight)?;
        }
        Ok(())
    }
}
