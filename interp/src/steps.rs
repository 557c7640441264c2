//! The loop of the machine: one `match` over the instruction, and what calls and returns need.

use crate::code::Instr;
use crate::core::{Core, HOST, Indirect, UNTRANSLATED};
use crate::exec::{WINDOW, Window, get, put, step};
use crate::machine::{Exit, Frame, Machine, Stop, owed};
use crate::rare::Rest;
use crate::row;
use wrt_rt::{Access, Cause, Memory};

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

impl Machine {
    /// The loop. All that it keeps in registers of the processor is put back before it ends.
    pub(crate) fn steps(&mut self, core: &mut Core) -> Stop {
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
            verify,
            ..
        } = core;
        let code = &code[..];
        let mut rest = Rest {
            run,
            memories,
            tables,
            globals,
            instances,
            heads,
            indirects,
            bulks,
            counts,
            profile,
            verify,
        };
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
        let mut m = bytes(rest.memories, memory);
        let mut held = rest.run.hold();
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
                    let Some(&Indirect { ty, table, args }) = rest.indirects.get(site as usize) else {
                        break Stop::Exit(Exit::Trap(Cause::Unreachable));
                    };
                    let index = get(regs, to.wrapping_add(args as u16));
                    let Some(table) = rest.tables.get(table as usize) else {
                        break Stop::Exit(Exit::Trap(Cause::UndefinedElement));
                    };
                    let func = check!(table.table.func(index)).raw();
                    match rest.heads.get(func as usize) {
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
                    if let Some(profile) = rest.profile {
                        rest.run.release(held);
                        profile.leave(rest.run.consumed_fuel());
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
                        m = bytes(rest.memories, memory);
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
                Instr::Charge { fuel } => {
                    if let Err(cause) = rest.run.spend(&mut held, fuel) {
                        held = rest.run.hold();
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
                Instr::Clear { d, n } => {
                    let first = usize::from(d);
                    if let Some(slots) = regs.get_mut(first..first + usize::from(n)) {
                        slots.fill(0);
                    }
                    continue;
                }
                Instr::GlobalGet { d, global } => {
                    if let Some(v) = rest.globals.get(global as usize) {
                        regs[usize::from(d) & (WINDOW - 1)] = *v;
                    }
                    continue;
                }
                Instr::GlobalSet { a, global } => {
                    if let Some(v) = rest.globals.get_mut(global as usize) {
                        *v = regs[usize::from(a) & (WINDOW - 1)];
                    }
                    continue;
                }
                Instr::CountCall
                | Instr::Count { .. }
                | Instr::Sample { .. }
                | Instr::MemorySize { .. }
                | Instr::TableSize { .. }
                | Instr::TableGet { .. }
                | Instr::TableSet { .. }
                | Instr::RefIsNull { .. }
                | Instr::RefFunc { .. }
                | Instr::LoadFar { .. }
                | Instr::StoreFar { .. }
                | Instr::Bulk { .. }
                | Instr::QuietF32 { .. }
                | Instr::QuietF64 { .. }
                | Instr::CanonicalF32 { .. }
                | Instr::CanonicalF64 { .. }
                | Instr::Unreachable
                | Instr::Word { .. } => {
                    rest.run.release(held);
                    let done = rest.step(instr, code.get(pc), regs, memory, depth);
                    held = rest.run.hold();
                    m = bytes(rest.memories, memory);
                    match done {
                        Ok(words) => pc += words,
                        Err(exit) => {
                            pc -= usize::from(matches!(exit, Exit::Refused(_)));
                            break Stop::Exit(exit);
                        }
                    }
                    continue;
                }
            } };
            // A call.
            let Some(head) = rest.heads.get(func as usize) else {
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
                rest.run.release(held);
                let paid = owed(rest.run, head, depth);
                held = rest.run.hold();
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
            if let Some(profile) = rest.profile {
                rest.run.release(held);
                profile.enter(func, rest.run.consumed_fuel());
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
                m = bytes(rest.memories, memory);
            }
        };
        rest.run.release(held);
        if let Some(frame) = self.frames.last_mut() {
            frame.pc = pc as u32;
        }
        stop
    }
}
