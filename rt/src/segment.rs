//! Element and data segments as generated code keeps them: functions by number, and dropped or live.

use crate::trap::Cause;
use crate::val::Ref;

/// The contents of a segment, or nothing once it was dropped. Spec, 4.5.2.
#[inline]
pub const fn live<T>(dropped: bool, contents: &[T]) -> &[T] {
    if dropped { &[] } else { contents }
}

/// References by their numbers, `u32::MAX` being null.
#[inline]
pub fn refs<R: Ref, const N: usize>(raw: &[u32; N]) -> [R; N] {
    raw.map(R::from_raw)
}

/// Writes an active element segment, given by numbers, to `at` and what follows. Not charged: it is part of
/// instantiation. Traps with [`Cause::TableOutOfBounds`] and writes nothing where it does not fit. Spec, 4.5.4.
pub fn elem_init<R: Ref>(t: &mut [R], elems: &[u32], at: i32) -> Result<(), Cause> {
    let at = at as u32 as usize;
    let slots = t.get_mut(at..).and_then(|rest| rest.get_mut(..elems.len()));
    let Some(slots) = slots else {
        return Err(Cause::TableOutOfBounds);
    };
    for (slot, raw) in slots.iter_mut().zip(elems) {
        *slot = R::from_raw(*raw);
    }
    Ok(())
}
