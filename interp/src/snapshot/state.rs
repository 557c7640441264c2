//! The state that an instance owns: memories, tables, mutable globals, which segments were dropped.

use super::{Refs, refused};
use crate::core::{Core, InstanceEntity};
use crate::error::Error;
use alloc::vec::Vec;
use wrt_compiler::module::SegmentMode;
use wrt_rt::ValType;
use wrt_rt::snapshot::{Reader, Writer};

/// Writes the state of `this`.
pub(super) fn save(
    core: &Core,
    this: &InstanceEntity,
    refs: &Refs,
    w: &mut Writer,
) -> Result<(), Error> {
    for memory in &this.memories {
        w.memory(&core.memories[*memory as usize]);
    }
    for table in &this.tables {
        let table = &core.tables[*table as usize];
        let elems = table.table.elems().iter().map(|elem| elem.raw());
        let elems: Result<Vec<u32>, Error> = match table.element {
            ValType::FuncRef => elems.map(|func| refs.index(func)).collect(),
            _ => Ok(elems.collect()),
        };
        w.table(elems?.into_iter());
    }
    for global in mutable(core, this) {
        let ty = core.global_types[global as usize].ty;
        refs.save(w, ty, core.globals[global as usize])?;
    }
    for dropped in &this.dropped {
        w.flag(*dropped);
    }
    let elems = &this.module.decoded().elems;
    for (elem, items) in elems.iter().zip(&this.elems) {
        // A segment without elements is as good as dropped.
        let live = matches!(elem.mode, SegmentMode::Passive) && !items.is_empty();
        w.flag(!live);
    }
    Ok(())
}

/// Reads the state into instance `index`, which is new.
pub(super) fn restore(core: &mut Core, index: u32, r: &mut Reader<'_>) -> Result<(), Error> {
    let this = &core.instances[index as usize];
    let refs = Refs::new(this);
    for memory in this.memories.clone() {
        let memory = &mut core.memories[memory as usize];
        memory.restore(&r.memory(memory.page_size())?)?;
        core.run.note_memory(memory.bytes().len());
    }
    let this = &core.instances[index as usize];
    for table in this.tables.clone() {
        let mut state = r.table()?;
        let table = &mut core.tables[table as usize];
        if table.element == ValType::FuncRef {
            for (_, elem) in &mut state.1 {
                let func = refs.func(*elem);
                *elem = func.ok_or(r.fail("a function that the module has not"))?;
            }
        }
        table.table.restore(&state)?;
    }
    let this = &core.instances[index as usize];
    for global in mutable(core, this) {
        let ty = core.global_types[global as usize].ty;
        core.globals[global as usize] = refs.restore(r, ty)?;
    }
    let this = &mut core.instances[index as usize];
    for dropped in &mut this.dropped {
        *dropped = r.flag()?;
    }
    for items in &mut this.elems {
        match (r.flag()?, items.is_empty()) {
            (true, _) => *items = Vec::new(),
            (false, false) => {}
            (false, true) => return Err(refused("an element segment that is not there is alive")),
        }
    }
    Ok(())
}

/// The globals that can change, which are the instance's own.
fn mutable(core: &Core, this: &InstanceEntity) -> Vec<u32> {
    let globals = this.globals.iter().copied();
    globals
        .filter(|g| core.global_types[*g as usize].mutable)
        .collect()
}
