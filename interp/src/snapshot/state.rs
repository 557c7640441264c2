//! The state that an instance owns: memories, tables, mutable globals, which segments were dropped.

use super::{Refs, refused};
use crate::core::{Core, InstanceEntity};
use crate::error::Error;
use alloc::vec::Vec;
use wrt_compiler::module::SegmentMode;
use wrt_rt::snapshot::{Reader, Writer};
use wrt_rt::{FuncRef, ValType};

/// Writes the state of `this`.
pub(super) fn save(
    core: &Core,
    this: &InstanceEntity,
    refs: &Refs,
    w: &mut Writer,
) -> Result<(), Error> {
    for memory in &this.memories {
        w.memory(core.memories[*memory as usize].bytes());
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
        w.u8(u8::from(*dropped));
    }
    let elems = &this.module.decoded().elems;
    for (elem, items) in elems.iter().zip(&this.elems) {
        // A segment without elements is as good as dropped.
        let live = matches!(elem.mode, SegmentMode::Passive) && !items.is_empty();
        w.u8(u8::from(!live));
    }
    Ok(())
}

/// Reads the state into instance `index`, which is new.
pub(super) fn restore(core: &mut Core, index: u32, r: &mut Reader<'_>) -> Result<(), Error> {
    let this = &core.instances[index as usize];
    let refs = Refs::new(this);
    for memory in this.memories.clone() {
        let (pages, runs) = r.memory()?;
        let memory = &mut core.memories[memory as usize];
        let grown = pages.checked_sub(memory.pages());
        if grown.and_then(|delta| memory.grow_host(delta)).is_none() {
            return Err(refused("a memory has a size that it cannot have here"));
        }
        let bytes = memory.bytes_mut();
        bytes.fill(0);
        for (start, run) in runs {
            let to = bytes
                .get_mut(start..)
                .and_then(|to| to.get_mut(..run.len()));
            to.ok_or(r.fail("a run out of place"))?.copy_from_slice(run);
        }
        core.run.note_pages(pages);
    }
    let this = &core.instances[index as usize];
    for table in this.tables.clone() {
        let (len, runs) = r.table()?;
        let table = &mut core.tables[table as usize];
        let grown = len.checked_sub(table.table.size() as u32);
        let grown = grown.and_then(|delta| table.table.grow_host(FuncRef::NULL, delta));
        if grown.is_none() {
            return Err(refused("a table has a size that it cannot have here"));
        }
        let mut elems = table.table.elems_mut().iter_mut();
        for (count, elem) in runs {
            let elem = match table.element {
                ValType::FuncRef => refs.func(elem),
                _ => Some(elem),
            };
            let elem = elem.ok_or(r.fail("a function that the module has not"))?;
            let some = elems.by_ref().take(count as usize);
            some.for_each(|slot| *slot = FuncRef::new(elem));
        }
    }
    let this = &core.instances[index as usize];
    for global in mutable(core, this) {
        let ty = core.global_types[global as usize].ty;
        core.globals[global as usize] = refs.restore(r, ty)?;
    }
    let this = &mut core.instances[index as usize];
    let mut flag = || match r.u8() {
        Ok(0) => Ok(false),
        Ok(1) => Ok(true),
        Ok(_) => Err(r.fail("neither dropped nor not")),
        Err(e) => Err(e),
    };
    for dropped in &mut this.dropped {
        *dropped = flag()?;
    }
    for items in &mut this.elems {
        match (flag()?, items.is_empty()) {
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
