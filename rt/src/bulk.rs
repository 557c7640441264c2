//! Bulk instructions on memories and tables, and the writing of active
//! segments. Offsets and lengths are unsigned; those of memories in bytes, of
//! tables in elements. Spec, 4.6.5 (tables) and 4.6.9 to 4.6.12 (memories).
//!
//! Order: bounds first, so that a trap writes nothing; then the charge, one
//! unit of fuel per 64 bytes or 8 elements; then the act, never interrupted.

use core::ops::Range;

use crate::run::Run;
use crate::trap::Cause;
use crate::val::Ref;

/// The indices `start..start + n`, if they are all below `len`.
#[inline]
fn range(start: i32, n: i32, len: usize) -> Option<Range<usize>> {
    let start = start as u32 as usize;
    let end = start.checked_add(n as u32 as usize)?;
    (end <= len).then_some(start..end)
}

#[inline]
fn charge_bytes(rt: &mut Run, n: i32) -> Result<(), Cause> {
    rt.charge(n as u32 / 64)
}

#[inline]
fn charge_elements(rt: &mut Run, n: i32) -> Result<(), Cause> {
    rt.charge(n as u32 / 8)
}

/// Copies `n` items from `s` to `d` within `items`; they may overlap.
fn copy_within<T: Copy>(
    rt: &mut Run,
    items: &mut [T],
    (d, s, n): (i32, i32, i32),
    charge: fn(&mut Run, i32) -> Result<(), Cause>,
    cause: Cause,
) -> Result<(), Cause> {
    let len = items.len();
    let (Some(from), Some(to)) = (range(s, n, len), range(d, n, len)) else {
        return Err(cause);
    };
    charge(rt, n)?;
    items.copy_within(from, to.start);
    Ok(())
}

/// Copies `n` items from `s` in `src` to `d` in `dst`.
fn copy_between<T: Copy>(
    rt: &mut Run,
    dst: &mut [T],
    src: &[T],
    (d, s, n): (i32, i32, i32),
    charge: fn(&mut Run, i32) -> Result<(), Cause>,
    cause: Cause,
) -> Result<(), Cause> {
    let from = range(s, n, src.len()).and_then(|range| src.get(range));
    let to = range(d, n, dst.len()).and_then(|range| dst.get_mut(range));
    let (Some(from), Some(to)) = (from, to) else {
        return Err(cause);
    };
    charge(rt, n)?;
    to.copy_from_slice(from);
    Ok(())
}

/// Fills the `n` items at `d` with `v`.
fn fill<T: Copy>(
    rt: &mut Run,
    items: &mut [T],
    (d, v, n): (i32, T, i32),
    charge: fn(&mut Run, i32) -> Result<(), Cause>,
    cause: Cause,
) -> Result<(), Cause> {
    let to = range(d, n, items.len()).and_then(|range| items.get_mut(range));
    let Some(to) = to else { return Err(cause) };
    charge(rt, n)?;
    to.fill(v);
    Ok(())
}

/// The instruction `memory.copy` within one memory: `n` bytes from `s` to `d`.
pub fn memory_copy(rt: &mut Run, m: &mut [u8], d: i32, s: i32, n: i32) -> Result<(), Cause> {
    copy_within(rt, m, (d, s, n), charge_bytes, Cause::MemoryOutOfBounds)
}

/// The instruction `memory.copy` from one memory to another.
pub fn memory_copy_between(
    rt: &mut Run,
    dst: &mut [u8],
    src: &[u8],
    d: i32,
    s: i32,
    n: i32,
) -> Result<(), Cause> {
    copy_between(
        rt,
        dst,
        src,
        (d, s, n),
        charge_bytes,
        Cause::MemoryOutOfBounds,
    )
}

/// The instruction `memory.fill`: `n` bytes at `d`, each the low byte of `v`.
pub fn memory_fill(rt: &mut Run, m: &mut [u8], d: i32, v: i32, n: i32) -> Result<(), Cause> {
    fill(
        rt,
        m,
        (d, v as u8, n),
        charge_bytes,
        Cause::MemoryOutOfBounds,
    )
}

/// The instruction `memory.init`: `n` bytes from `s` in a data segment to `d`.
/// A dropped segment is empty.
pub fn memory_init(
    rt: &mut Run,
    m: &mut [u8],
    data: &[u8],
    d: i32,
    s: i32,
    n: i32,
) -> Result<(), Cause> {
    memory_copy_between(rt, m, data, d, s, n)
}

/// The instruction `table.copy` within one table: `n` elements from `s` to `d`.
pub fn table_copy<R: Ref>(rt: &mut Run, t: &mut [R], d: i32, s: i32, n: i32) -> Result<(), Cause> {
    copy_within(rt, t, (d, s, n), charge_elements, Cause::TableOutOfBounds)
}

/// The instruction `table.copy` from one table to another.
pub fn table_copy_between<R: Ref>(
    rt: &mut Run,
    dst: &mut [R],
    src: &[R],
    d: i32,
    s: i32,
    n: i32,
) -> Result<(), Cause> {
    copy_between(
        rt,
        dst,
        src,
        (d, s, n),
        charge_elements,
        Cause::TableOutOfBounds,
    )
}

/// The instruction `table.init`: `n` elements from `s` in an element segment
/// to `d`. A dropped segment is empty.
pub fn table_init<R: Ref>(
    rt: &mut Run,
    t: &mut [R],
    elems: &[R],
    d: i32,
    s: i32,
    n: i32,
) -> Result<(), Cause> {
    table_copy_between(rt, t, elems, d, s, n)
}

/// The instruction `table.fill`: `n` elements at `i`, each `v`.
pub fn table_fill<R: Ref>(rt: &mut Run, t: &mut [R], i: i32, v: R, n: i32) -> Result<(), Cause> {
    fill(rt, t, (i, v, n), charge_elements, Cause::TableOutOfBounds)
}

/// Writes an active data segment at `at`, without charge.
pub fn data_init(m: &mut [u8], data: &[u8], at: u32) -> Result<(), Cause> {
    let to = m
        .get_mut(at as usize..)
        .and_then(|rest| rest.get_mut(..data.len()));
    to.ok_or(Cause::MemoryOutOfBounds)?.copy_from_slice(data);
    Ok(())
}

/// The `len` bytes at `start` of a module's data, empty if it has no such
/// bytes.
pub const fn segment(data: &'static [u8], start: usize, len: usize) -> &'static [u8] {
    let Some((_, rest)) = data.split_at_checked(start) else {
        return &[];
    };
    match rest.split_at_checked(len) {
        Some((bytes, _)) => bytes,
        None => &[],
    }
}
