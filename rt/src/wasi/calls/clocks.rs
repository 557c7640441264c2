//! Clocks, random bytes, and what gives up the processor.

use super::poll::uninterrupted;
use super::{Outcome, clock, pay};
use crate::run::Run;
use crate::wasi::guest::{self, put_u64};
use crate::wasi::{Ctx, Errno};

pub(in crate::wasi) fn clock_res_get<C: Ctx>(
    ctx: &mut C,
    _: &mut Run,
    mem: &mut [u8],
    id: i32,
    resolution: i32,
) -> Outcome {
    let nanoseconds = ctx.resolution(clock(id)?)?;
    Ok(put_u64(mem, resolution, 0, nanoseconds)?)
}

pub(in crate::wasi) fn clock_time_get<C: Ctx>(
    ctx: &mut C,
    _: &mut Run,
    mem: &mut [u8],
    id: i32,
    _precision: i64,
    time: i32,
) -> Outcome {
    let nanoseconds = ctx.now(clock(id)?)?;
    Ok(put_u64(mem, time, 0, nanoseconds)?)
}

/// The guest's buffer is filled in place and in parts, between which the
/// interrupt flag is looked at.
pub(in crate::wasi) fn random_get<C: Ctx>(
    ctx: &mut C,
    rt: &mut Run,
    mem: &mut [u8],
    buf: i32,
    buf_len: i32,
) -> Outcome {
    const PART: usize = 1 << 20;
    let buf = guest::bytes(mem, buf, buf_len as u32)?;
    if buf_len as u32 > ctx.limits().random {
        return Err(Errno::INVAL.into());
    }
    uninterrupted(rt)?;
    pay(rt, 0, u64::from(buf_len as u32))?;
    for part in buf.chunks_mut(PART) {
        uninterrupted(rt)?;
        ctx.fill(part)?;
    }
    Ok(())
}

pub(in crate::wasi) fn sched_yield<C: Ctx>(_: &mut C, _: &mut Run, _: &mut [u8]) -> Outcome {
    Ok(())
}

/// There are no signals.
pub(in crate::wasi) fn proc_raise<C: Ctx>(
    _: &mut C,
    _: &mut Run,
    _: &mut [u8],
    _signal: i32,
) -> Outcome {
    Err(Errno::NOTSUP.into())
}
