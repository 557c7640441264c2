//! `poll_oneoff`: waits for the first of some clocks and streams.
//!
//! The times at the start decide, so that each round over the subscriptions
//! finds the same: what has the least left is what the call waits for. A
//! stream is ready at once; a read of it may then block.

use super::calls::{Outcome, clock, stream};
use super::guest::{self, get_u32, get_u64, put_u32, put_u64};
use super::preview1::Stop;
use super::{Ctx, Errno, Stream};
use crate::run::Run;
use crate::trap::Cause;

/// How long a wait lasts, in nanoseconds, before the interrupt flag is looked
/// at again.
const NAP: u64 = 20_000_000;

/// Bytes of a `subscription` and of an `event`.
const SUBSCRIPTION: u32 = 48;
const EVENT: u32 = 32;

/// The clocks' times when the call began, each asked for once.
type Times = [Option<Result<u64, Errno>>; 4];

/// The subscription at `at`: the tag of its type, and what is left to wait for
/// it in nanoseconds, 0 for a stream.
fn subscription<C: Ctx>(
    ctx: &mut C,
    times: &mut Times,
    mem: &[u8],
    at: i32,
) -> Result<(u8, Result<u64, Errno>), Errno> {
    let tag = get_u32(mem, at, 8)? as u8;
    let left = match tag {
        0 => {
            let (id, timeout) = (get_u32(mem, at, 16)?, get_u64(mem, at, 24)?);
            let absolute = get_u32(mem, at, 40)? & 1 != 0;
            now(ctx, times, id).map(|now| match absolute {
                true => timeout.saturating_sub(now),
                false => timeout,
            })
        }
        1 | 2 => match stream(ctx, get_u32(mem, at, 16)? as i32) {
            Ok((stream, _)) if (stream == Stream::In) == (tag == 1) => Ok(0),
            Ok(_) => Err(Errno::BADF),
            Err(errno) => Err(errno),
        },
        _ => return Err(Errno::INVAL),
    };
    Ok((tag, left))
}

/// The time when the call began, by the guest's number of the clock.
fn now<C: Ctx>(ctx: &mut C, times: &mut Times, id: u32) -> Result<u64, Errno> {
    let clock = clock(id as i32)?;
    match times.get_mut(id as usize) {
        Some(time) => *time.get_or_insert_with(|| ctx.now(clock)),
        None => Err(Errno::INVAL),
    }
}

/// Sleeps, looking at the interrupt flag from time to time if there is one.
fn sleep<C: Ctx>(ctx: &mut C, rt: &Run, mut nanoseconds: u64) -> Outcome {
    while nanoseconds > 0 {
        let nap = match rt.interrupted() {
            Some(true) => return Err(Cause::Interrupted.into()),
            Some(false) => nanoseconds.min(NAP),
            None => nanoseconds,
        };
        ctx.sleep(nap)?;
        nanoseconds -= nap;
    }
    Ok(())
}

pub(super) fn poll_oneoff<C: Ctx>(
    ctx: &mut C,
    rt: &mut Run,
    mem: &mut [u8],
    subscriptions: i32,
    events: i32,
    nsubscriptions: i32,
    nevents: i32,
) -> Outcome {
    let n = nsubscriptions as u32;
    if n == 0 {
        return Err(Errno::INVAL.into());
    }
    guest::check_array(mem, subscriptions, n, SUBSCRIPTION)?;
    guest::check_array(mem, events, n, EVENT)?;
    guest::bytes(mem, nevents, 4)?;
    rt.charge(n)?;

    // What is in error does not wait.
    let mut times = Times::default();
    let mut wait = u64::MAX;
    for index in 0..n {
        let at = guest::item(subscriptions, index, SUBSCRIPTION)?;
        let (_, left) = subscription(ctx, &mut times, mem, at)?;
        wait = wait.min(left.unwrap_or(0));
    }
    sleep(ctx, rt, wait)?;

    let mut count = 0;
    for index in 0..n {
        let at = guest::item(subscriptions, index, SUBSCRIPTION)?;
        let (tag, left) = subscription(ctx, &mut times, mem, at)?;
        let errno = match left {
            Ok(left) if left > wait => continue,
            Ok(_) => 0,
            Err(errno) => errno.number(),
        };
        let userdata = get_u64(mem, at, 0)?;
        let event = guest::item(events, count, EVENT)?;
        guest::bytes(mem, event, EVENT)?.fill(0);
        put_u64(mem, event, 0, userdata)?;
        put_u32(mem, event, 8, u32::from(errno) | u32::from(tag) << 16)?;
        count += 1;
    }
    put_u32(mem, nevents, 0, count).map_err(Stop::Errno)
}
