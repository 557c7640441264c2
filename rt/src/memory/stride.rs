//! Loops that walk through memory in strides, checked once for all their
//! rounds. In go the bytes, the number of rounds and what each of the loop's
//! windows covers; out comes a slice per window that holds every access of
//! every round, or `None`: then the loop must run with its checks in it.
//!
//! Nothing here traps or writes, so a loop can try it and change its mind.

use crate::trap::Cause;

/// Fewer rounds than this are not worth the test.
const FEW: usize = 4;

/// What a loop compares, when a round ends, to go round again: its variable,
/// stepped, is …
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// not the end.
    Ne,
    /// less than the end, unsigned.
    LtU,
    /// less than the end, signed.
    LtS,
    /// greater than the end, unsigned.
    GtU,
    /// greater than the end, signed.
    GtS,
    /// at most the end, unsigned.
    LeU,
    /// at most the end, signed.
    LeS,
    /// at least the end, unsigned.
    GeU,
    /// at least the end, signed.
    GeS,
}

/// How many rounds a loop makes whose variable is `value` when the first one
/// ends and steps by `step`. 0 if there are few, or if it wraps before it
/// reaches the end.
#[inline(always)]
pub fn rounds(again: Again, value: i32, end: i32, step: i32) -> usize {
    let (unsigned, signed) = (i64::from(value as u32), i64::from(value));
    let (end_unsigned, end_signed) = (i64::from(end as u32), i64::from(end));
    let step = i64::from(step);
    let (u_max, s_max, s_min) = (
        i64::from(u32::MAX),
        i64::from(i32::MAX),
        i64::from(i32::MIN),
    );
    let more = match again {
        Again::Ne if step > 0 => exactly(end.wrapping_sub(value), step),
        Again::Ne => exactly(value.wrapping_sub(end), -step),
        Again::LtU => up_to(unsigned, end_unsigned, step, u_max),
        Again::LtS => up_to(signed, end_signed, step, s_max),
        Again::LeU => up_to(unsigned, end_unsigned + 1, step, u_max),
        Again::LeS => up_to(signed, end_signed + 1, step, s_max),
        Again::GtU => up_to(-unsigned, -end_unsigned, -step, 0),
        Again::GtS => up_to(-signed, -end_signed, -step, -s_min),
        Again::GeU => up_to(-unsigned, 1 - end_unsigned, -step, 0),
        Again::GeS => up_to(-signed, 1 - end_signed, -step, -s_min),
    };
    let rounds = more.and_then(|more| usize::try_from(more).ok()?.checked_add(1));
    rounds.filter(|rounds| *rounds >= FEW).unwrap_or(0)
}

/// Steps over `distance`, if they meet its end.
#[inline(always)]
fn exactly(distance: i32, step: i64) -> Option<u64> {
    let (distance, step) = (u64::from(distance as u32), step as u64);
    match distance.checked_rem(step) {
        Some(0) => distance.checked_div(step),
        _ => None,
    }
}

/// Steps from `value` until it is `end` at least, without passing `most`.
#[inline(always)]
fn up_to(value: i64, end: i64, step: i64, most: i64) -> Option<u64> {
    if value >= end {
        return Some(0);
    }
    if step <= 0 || end.saturating_add(step - 1) > most {
        return None;
    }
    let distance = end.saturating_sub(value).saturating_add(step - 1);
    (distance as u64).checked_div(step as u64)
}

/// Bytes that a loop reaches in its rounds.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// Address operand in the first round, and what is added to it.
    pub start: (i32, u32),
    /// How far it moves in each round.
    pub step: u32,
    /// How many bytes it covers in one.
    pub width: u32,
}

impl Window {
    /// Its indices in all of `rounds`.
    #[inline(always)]
    fn range(self, rounds: usize) -> Option<core::ops::Range<usize>> {
        let moved = (self.step as usize).checked_mul(rounds.checked_sub(1)?)?;
        let start = (self.start.0 as u32 as usize).checked_add(self.start.1 as usize)?;
        let len = moved.checked_add(self.width as usize)?;
        Some(start..start.checked_add(len)?)
    }
}

/// Windows that are only read.
#[inline(always)]
pub fn reads<const N: usize>(
    m: &[u8],
    rounds: usize,
    windows: [Window; N],
) -> Option<(usize, [&[u8]; N])> {
    let mut out: [&[u8]; N] = [&[]; N];
    for (out, window) in out.iter_mut().zip(windows) {
        *out = m.get(window.range(rounds)?)?;
    }
    Some((rounds, out))
}

/// Rounds, the window that is written, and the others.
pub type Written<'a, const N: usize> = (usize, &'a mut [u8], [&'a [u8]; N]);

/// One window that is written, and others that are only read and lie apart
/// from it.
#[inline(always)]
pub fn write<const N: usize>(
    m: &mut [u8],
    rounds: usize,
    written: Window,
    windows: [Window; N],
) -> Option<Written<'_, N>> {
    let range = written.range(rounds)?;
    let (m, after) = m.split_at_mut_checked(range.end)?;
    let (before, written) = m.split_at_mut_checked(range.start)?;
    let mut out: [&[u8]; N] = [&[]; N];
    for (out, window) in out.iter_mut().zip(windows) {
        let window = window.range(rounds)?;
        *out = match window.start.checked_sub(range.end) {
            Some(start) => after.get(start..window.end.checked_sub(range.end)?)?,
            None => before.get(window)?,
        };
    }
    Some((rounds, written, out))
}

/// Windows of which several are written; all lie apart.
#[inline(always)]
pub fn writes<const N: usize>(
    m: &mut [u8],
    rounds: usize,
    windows: [Window; N],
) -> Option<(usize, [&mut [u8]; N])> {
    let mut ranges = [const { 0..0 }; N];
    for (range, window) in ranges.iter_mut().zip(windows) {
        *range = window.range(rounds)?;
    }
    m.get_disjoint_mut(ranges).ok().map(|out| (rounds, out))
}

/// Takes the next `rounds` steps of `STEP` bytes off a window.
#[inline(always)]
pub fn next<'a, const STEP: usize>(window: &mut &'a [u8], rounds: usize) -> &'a [[u8; STEP]] {
    let len = rounds.saturating_mul(STEP);
    let (next, rest) = window.split_at_checked(len).unwrap_or((window, &[]));
    *window = rest;
    next.as_chunks().0
}

/// The same, to change.
#[inline(always)]
pub fn next_mut<'a, const STEP: usize>(
    window: &mut &'a mut [u8],
    rounds: usize,
) -> &'a mut [[u8; STEP]] {
    let len = rounds.saturating_mul(STEP).min(window.len());
    let (next, rest) = core::mem::take(window)
        .split_at_mut_checked(len)
        .unwrap_or_default();
    *window = rest;
    next.as_chunks_mut().0
}

/// The `WIDTH` bytes of a window from `at` on.
#[inline(always)]
pub fn at<const WIDTH: usize>(window: &[u8], at: usize) -> Result<&[u8; WIDTH], Cause> {
    let bytes = window.get(at..).and_then(|rest| rest.first_chunk());
    bytes.ok_or(Cause::MemoryOutOfBounds)
}

/// The same, to change.
#[inline(always)]
pub fn at_mut<const WIDTH: usize>(window: &mut [u8], at: usize) -> Result<&mut [u8; WIDTH], Cause> {
    let bytes = window.get_mut(at..).and_then(|rest| rest.first_chunk_mut());
    bytes.ok_or(Cause::MemoryOutOfBounds)
}
