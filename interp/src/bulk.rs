//! Bulk operations, and those that grow or drop something: the functions of `wrt_rt`, on the store's entities. Bounds,
//! then the charge, then the act.

use crate::core::{BulkSite, InstanceEntity, TableEntity};
use crate::exec::{Window, get, put};
use alloc::vec::Vec;
use wrt_compiler::ir::Bulk;
use wrt_compiler::set::{MemId, TableId};
use wrt_rt::{Cause, FuncRef, Memory, Run, bulk};

/// Does what `site` says, with operands from register `base` on, where its result goes.
#[inline(never)]
pub(crate) fn run(
    rt: &mut Run,
    memories: &mut [Memory],
    tables: &mut [TableEntity],
    instances: &mut [InstanceEntity],
    site: BulkSite,
    regs: &mut Window,
    base: u16,
) -> Result<(), Cause> {
    let Some(this) = instances.get_mut(site.instance as usize) else {
        return Err(Cause::Unreachable);
    };
    let arg = |n: u16| get::<i32>(regs, base.wrapping_add(n));
    let (a, b, c) = (arg(0), arg(1), arg(2));
    let reference = |n: u16| get::<FuncRef>(regs, base.wrapping_add(n));
    match site.op {
        Bulk::MemoryGrow(mem) => {
            let pages = memory(&this.memories, memories, mem)?.grow(rt, a)?;
            put(regs, base, pages);
        }
        Bulk::MemoryFill(mem) => {
            bulk::memory_fill(
                rt,
                memory(&this.memories, memories, mem)?.bytes_mut(),
                a,
                b,
                c,
            )?;
        }
        Bulk::MemoryCopy(dst, src) if dst == src => {
            bulk::memory_copy(
                rt,
                memory(&this.memories, memories, dst)?.bytes_mut(),
                a,
                b,
                c,
            )?;
        }
        Bulk::MemoryCopy(dst, src) => {
            let (dst, src) = (index(&this.memories, dst.0)?, index(&this.memories, src.0)?);
            let pair = memories.get_disjoint_mut([dst, src]);
            let [dst, src] = pair.map_err(|_| Cause::MemoryOutOfBounds)?;
            bulk::memory_copy_between(rt, dst.bytes_mut(), src.bytes(), a, b, c)?;
        }
        Bulk::MemoryInit(mem, data) => {
            let segment = match this.dropped.get(data.index()) {
                Some(false) => this.module.data(data.index()),
                _ => &[],
            };
            let memory = memory(&this.memories, memories, mem)?;
            bulk::memory_init(rt, memory.bytes_mut(), segment, a, b, c)?;
        }
        Bulk::DataDrop(data) => {
            if let Some(dropped) = this.dropped.get_mut(data.index()) {
                *dropped = true;
            }
        }
        Bulk::TableGrow(id) => {
            let value = reference(0);
            let size = table(&this.tables, tables, id)?.table.grow(rt, value, b)?;
            put(regs, base, size);
        }
        Bulk::TableFill(id) => {
            let value = reference(1);
            let table = table(&this.tables, tables, id)?;
            bulk::table_fill(rt, table.table.elems_mut(), a, value, c)?;
        }
        Bulk::TableCopy(dst, src) => {
            let (dst, src) = (index(&this.tables, dst.0)?, index(&this.tables, src.0)?);
            if dst == src {
                let table = tables.get_mut(dst).ok_or(Cause::TableOutOfBounds)?;
                bulk::table_copy(rt, table.table.elems_mut(), a, b, c)?;
            } else {
                let pair = tables.get_disjoint_mut([dst, src]);
                let [dst, src] = pair.map_err(|_| Cause::TableOutOfBounds)?;
                let (dst, src) = (dst.table.elems_mut(), src.table.elems());
                bulk::table_copy_between(rt, dst, src, a, b, c)?;
            }
        }
        Bulk::TableInit(id, elem) => {
            let elems = this.elems.get(elem.index()).map_or(&[][..], Vec::as_slice);
            let table = table(&this.tables, tables, id)?;
            bulk::table_init(rt, table.table.elems_mut(), elems, a, b, c)?;
        }
        Bulk::ElemDrop(elem) => {
            if let Some(elems) = this.elems.get_mut(elem.index()) {
                *elems = Vec::new();
            }
        }
    }
    Ok(())
}

fn index(map: &[u32], id: u32) -> Result<usize, Cause> {
    let index = map.get(id as usize).ok_or(Cause::Unreachable)?;
    Ok(*index as usize)
}

fn memory<'a>(map: &[u32], memories: &'a mut [Memory], id: MemId) -> Result<&'a mut Memory, Cause> {
    let memory = memories.get_mut(index(map, id.0)?);
    memory.ok_or(Cause::MemoryOutOfBounds)
}

fn table<'a>(
    map: &[u32],
    tables: &'a mut [TableEntity],
    id: TableId,
) -> Result<&'a mut TableEntity, Cause> {
    let table = tables.get_mut(index(map, id.0)?);
    table.ok_or(Cause::TableOutOfBounds)
}
