//! `poll_oneoff`: waits for the first of some clocks and descriptors.
//!
//! The times at the start decide, so that each round over the subscriptions
//! finds the same: what has the least left is what the call waits for. Files
//! are ready at once, and so are streams that are written; standard input is
//! when there is something to read.

use super::{Outcome, clock, pay};
use crate::run::Run;
use crate::trap::Cause;
use crate::wasi::descriptors::{self, Target};
use crate::wasi::filesystem::Filesystem;
use crate::wasi::guest::{self, get_u32, get_u64, put_u32, put_u64};
use crate::wasi::preview1::Stop;
use crate::wasi::{Ctx, Errno, Stream};

/// How long a wait lasts, in nanoseconds, before the interrupt flag is looked
/// at again.
const NAP: u64 = 20_000_000;

/// Bytes of a `subscription` and of an `event`.
const SUBSCRIPTION: u32 = 48;
const EVENT: u32 = 32;

/// The clocks' times when the call began, each asked for once.
type Times = [Option<Result<u64, Errno>>; 4];

/// What a subscription waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Waits {
    /// So many nanoseconds.
    Time(u64),
    /// Standard input.
    Input,
    /// Nothing; so many bytes can be moved.
    Ready(u64),
}

/// The subscription at `at`: the tag of its type, and what it waits for.
fn subscription<C: Ctx>(
    ctx: &mut C,
    times: &mut Times,
    mem: &[u8],
    at: i32,
) -> Result<(u8, Result<Waits, Errno>), Errno> {
    let tag = get_u32(mem, at, 8)? as u8;
    let waits = match tag {
        0 => {
            let (id, timeout) = (get_u32(mem, at, 16)?, get_u64(mem, at, 24)?);
            let absolute = get_u32(mem, at, 40)? & 1 != 0;
            now(ctx, times, id).map(|now| {
                Waits::Time(match absolute {
                    true => timeout.saturating_sub(now),
                    false => timeout,
                })
            })
        }
        1 | 2 => descriptor(ctx, get_u32(mem, at, 16)? as i32, tag == 1),
        _ => return Err(Errno::INVAL),
    };
    Ok((tag, waits))
}

/// What the wait for a descriptor is for.
fn descriptor<C: Ctx>(ctx: &mut C, fd: i32, read: bool) -> Result<Waits, Errno> {
    let descriptor = descriptors::get(ctx, fd)?;
    match (descriptor.target, read) {
        (Target::Stream(Stream::In), true) => Ok(Waits::Input),
        (Target::Stream(Stream::Out | Stream::Err), false) | (Target::File(_), false) => {
            Ok(Waits::Ready(1))
        }
        (Target::File(node), true) => {
            let size = ctx.filesystem().stat(node)?.size;
            Ok(Waits::Ready(size.saturating_sub(descriptor.position)))
        }
        _ => Err(Errno::BADF),
    }
}

/// The time when the call began, by the guest's number of the clock.
fn now<C: Ctx>(ctx: &mut C, times: &mut Times, id: u32) -> Result<u64, Errno> {
    let clock = clock(id as i32)?;
    match times.get_mut(id as usize) {
        Some(time) => *time.get_or_insert_with(|| ctx.now(clock)),
        None => Err(Errno::INVAL),
    }
}

/// Fails if the interrupt flag is set.
pub(super) fn uninterrupted(rt: &Run) -> Outcome {
    match rt.interrupted() {
        Some(true) => Err(Cause::Interrupted.into()),
        _ => Ok(()),
    }
}

/// Waits for so long, or until there is input if that is waited for, looking at
/// the interrupt flag from time to time if there is one. Whether there is input.
fn wait<C: Ctx>(ctx: &mut C, rt: &mut Run, nanoseconds: u64, input: bool) -> Result<bool, Stop> {
    let mut left = nanoseconds;
    loop {
        uninterrupted(rt)?;
        let nap = match rt.interrupted() {
            Some(_) => left.min(NAP),
            None => left,
        };
        if input {
            if ctx.ready(Stream::In, nap)? {
                return Ok(true);
            }
        } else if nap > 0 {
            ctx.sleep(nap)?;
        }
        rt.note_wait(nap);
        left = left.saturating_sub(nap);
        if left == 0 {
            return Ok(false);
        }
    }
}

/// Waits for input before it is read, if the wait can be interrupted.
pub(super) fn ready_to_read<C: Ctx>(ctx: &mut C, rt: &mut Run) -> Outcome {
    if rt.interrupted().is_some() {
        while !wait(ctx, rt, u64::MAX, true)? {}
    }
    Ok(())
}

pub(in crate::wasi) fn poll_oneoff<C: Ctx>(
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
    uninterrupted(rt)?;
    pay(rt, n, 0)?;

    // What is in error does not wait.
    let mut times = Times::default();
    let (mut least, mut input) = (u64::MAX, false);
    for index in 0..n {
        let at = guest::item(subscriptions, index, SUBSCRIPTION)?;
        let (_, waits) = subscription(ctx, &mut times, mem, at)?;
        match waits {
            Ok(Waits::Time(time)) => least = least.min(time),
            Ok(Waits::Input) => input = true,
            Ok(Waits::Ready(_)) | Err(_) => least = 0,
        }
    }
    let input = wait(ctx, rt, least, input)?;

    let mut count = 0;
    for index in 0..n {
        let at = guest::item(subscriptions, index, SUBSCRIPTION)?;
        let (tag, waits) = subscription(ctx, &mut times, mem, at)?;
        let (errno, bytes) = match waits {
            Ok(Waits::Time(time)) if time <= least && !(input && time > 0) => (0, 0),
            Ok(Waits::Time(_)) => continue,
            Ok(Waits::Input) if input => (0, 1),
            Ok(Waits::Input) => continue,
            Ok(Waits::Ready(bytes)) => (0, bytes),
            Err(errno) => (errno.number(), 0),
        };
        let userdata = get_u64(mem, at, 0)?;
        let event = guest::item(events, count, EVENT)?;
        guest::bytes(mem, event, EVENT)?.fill(0);
        put_u64(mem, event, 0, userdata)?;
        put_u32(mem, event, 8, u32::from(errno) | u32::from(tag) << 16)?;
        if tag != 0 && errno == 0 {
            // As other hosts have it: 1 stands for some; at the end of a file there is nothing to come.
            put_u64(mem, event, 16, 1)?;
            put_u32(mem, event, 24, u32::from(tag == 1 && bytes == 0))?;
        }
        count += 1;
    }
    put_u32(mem, nevents, 0, count).map_err(Stop::Errno)
}
