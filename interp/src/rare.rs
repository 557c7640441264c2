//! Instructions that are rare, or long in themselves: they are out of the loop, which has registers for the rest.

use crate::bulk;
use crate::code::Instr;
use crate::core::{BulkSite, Head, Indirect, InstanceEntity, TableEntity};
use crate::exec::{self, Window, get, put};
use crate::machine::Exit;
use crate::profile::Profile;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use wrt_compiler::ir::Counts;
use wrt_rt::verify::Verifier;
use wrt_rt::{Cause, FuncRef, Memory, Run, num};

/// What the loop needs now and then. It stays in memory: each register that it takes, every instruction would miss.
pub(crate) struct Rest<'a> {
    pub(crate) run: &'a mut Run,
    pub(crate) memories: &'a mut Vec<Memory>,
    pub(crate) tables: &'a mut Vec<TableEntity>,
    pub(crate) globals: &'a mut Vec<u64>,
    pub(crate) instances: &'a mut Vec<InstanceEntity>,
    pub(crate) heads: &'a Vec<Head>,
    pub(crate) indirects: &'a Vec<Indirect>,
    pub(crate) bulks: &'a Vec<BulkSite>,
    pub(crate) counts: &'a Vec<Counts>,
    pub(crate) profile: &'a mut Option<Profile>,
    pub(crate) verify: &'a mut BTreeMap<u32, Verifier>,
}

impl Rest<'_> {
    /// Runs `instr`, in a frame about memory `memory` with `depth` slots of budget left. `next` may be more of it:
    /// gives how many instructions are. The fuel counter is in its place.
    #[inline(never)]
    pub(crate) fn step(
        &mut self,
        instr: &Instr,
        next: Option<&Instr>,
        regs: &mut Window,
        memory: u32,
        depth: u32,
    ) -> Result<usize, Exit> {
        let word = match next {
            Some(Instr::Word { value }) => *value,
            _ => 0,
        };
        let m = self.memories.get_mut(memory as usize);
        let m = m.map_or(&mut [][..], Memory::bytes_mut);
        match *instr {
            Instr::CountCall => self.run.count_call(depth),
            Instr::Count { n } => {
                if let Some(counts) = self.counts.get(n as usize) {
                    self.run.count(counts.instructions, counts.accesses);
                }
            }
            Instr::Sample { instance } => {
                let verifier = self.verify.get_mut(&instance);
                if verifier.is_some_and(Verifier::sample) {
                    return Err(Exit::Sample);
                }
            }
            Instr::MemorySize { d } => {
                let memory = self.memories.get(memory as usize);
                put(regs, d, memory.map_or(0, Memory::size));
            }
            Instr::TableSize { d, table } => {
                let size = self
                    .tables
                    .get(table as usize)
                    .map_or(0, |t| t.table.size());
                put(regs, d, size);
            }
            Instr::TableGet { d, a } => {
                let table = self.tables.get(word as usize);
                let table = table.ok_or(Exit::Trap(Cause::TableOutOfBounds))?;
                let v = table.table.get(get(regs, a)).map_err(Exit::Trap)?;
                put(regs, d, v);
                return Ok(1);
            }
            Instr::TableSet { a, b } => {
                let table = self.tables.get_mut(word as usize);
                let table = table.ok_or(Exit::Trap(Cause::TableOutOfBounds))?;
                let set = table.table.set(get(regs, a), get(regs, b));
                set.map_err(Exit::Trap)?;
                return Ok(1);
            }
            Instr::RefIsNull { d, a } => {
                let null = get::<FuncRef>(regs, a).is_null();
                put(regs, d, null);
            }
            Instr::RefFunc { d, func } => put(regs, d, func),
            Instr::LoadFar { .. } | Instr::StoreFar { .. } => {
                exec::far(instr, regs, m, word).map_err(Exit::Trap)?;
                return Ok(1);
            }
            Instr::Bulk { base, site } => {
                let site = self.bulks.get(site as usize);
                let site = *site.ok_or(Exit::Trap(Cause::Unreachable))?;
                let (memories, tables) = (&mut *self.memories, &mut *self.tables);
                let done = bulk::run(self.run, memories, tables, self.instances, site, regs, base);
                done.map_err(|cause| match cause {
                    Cause::OutOfFuel | Cause::Interrupted => Exit::Refused(cause),
                    _ => Exit::Trap(cause),
                })?;
            }
            Instr::QuietF32 { d, a } => {
                let v = num::quiet_f32(get(regs, a));
                put(regs, d, v);
            }
            Instr::QuietF64 { d, a } => {
                let v = num::quiet_f64(get(regs, a));
                put(regs, d, v);
            }
            Instr::CanonicalF32 { d, a } => {
                let v = num::canonical_f32(get(regs, a));
                put(regs, d, v);
            }
            Instr::CanonicalF64 { d, a } => {
                let v = num::canonical_f64(get(regs, a));
                put(regs, d, v);
            }
            _ => return Err(Exit::Trap(Cause::Unreachable)),
        }
        Ok(0)
    }
}
