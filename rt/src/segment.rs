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

/// The arm that a large `br_table` takes: entry `index` (unsigned) of a table of little-endian numbers of
/// `width` bytes, `u32::MAX` past its end.
#[inline]
pub fn arm(table: &[u8], width: usize, index: i32) -> u32 {
    let start = (index as u32 as usize).checked_mul(width);
    let entry = start.and_then(|start| table.get(start..)?.get(..width));
    match entry {
        Some([a]) => u32::from(*a),
        Some([a, b]) => u32::from(u16::from_le_bytes([*a, *b])),
        Some([a, b, c, d]) => u32::from_le_bytes([*a, *b, *c, *d]),
        _ => u32::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arm_is_an_entry_or_the_default() {
        assert_eq!(arm(&[7, 9], 1, 1), 9);
        assert_eq!(arm(&[7, 9], 1, 2), u32::MAX);
        assert_eq!(arm(&[7, 9], 1, -1), u32::MAX);
        assert_eq!(arm(&[1, 2, 3, 4], 2, 1), 0x0403);
        assert_eq!(arm(&[1, 2, 3], 2, 1), u32::MAX);
        assert_eq!(arm(&[1, 2, 3, 4], 4, 0), 0x0403_0201);
    }

    #[test]
    fn an_active_segment_fits_or_writes_nothing() {
        let mut table = [crate::FuncRef::NULL; 3];
        assert_eq!(
            elem_init(&mut table, &[4, 5], 2),
            Err(Cause::TableOutOfBounds)
        );
        assert_eq!(
            elem_init(&mut table, &[4, 5], -1),
            Err(Cause::TableOutOfBounds)
        );
        assert_eq!(table, [crate::FuncRef::NULL; 3]);
        assert_eq!(elem_init(&mut table, &[4, u32::MAX], 1), Ok(()));
        assert_eq!(table, refs(&[u32::MAX, 4, u32::MAX]));
        assert_eq!(elem_init(&mut table, &[], 3), Ok(()));
    }

    #[test]
    fn a_dropped_segment_is_empty() {
        assert_eq!(live(false, &[1, 2]), &[1, 2]);
        assert!(live(true, &[1, 2]).is_empty());
    }
}
