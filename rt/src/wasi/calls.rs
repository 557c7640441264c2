//! The bodies of the functions of [`preview1`](super::preview1) that are
//! built. In go what the public function gets; out comes success or a
//! [`Stop`]. Results are written to guest memory last, after their places were
//! checked, so that a call with a bad pointer has no effect.

use super::guest::{self, put_u32, put_u64};
pub(super) use super::poll::poll_oneoff;
use super::preview1::Stop;
use super::{ClockId, Ctx, Errno, Stream, StreamKind};
use crate::run::Run;

pub(super) type Outcome = Result<(), Stop>;

/// The most buffers of one read or write that are looked at: the guest takes
/// what is left as a short read or write.
const MAX_IOVS: u32 = 1024;

/// The open stream behind a descriptor.
pub(super) fn stream<C: Ctx>(ctx: &mut C, fd: i32) -> Result<(Stream, StreamKind), Errno> {
    let stream = match fd {
        0 => Stream::In,
        1 => Stream::Out,
        2 => Stream::Err,
        _ => return Err(Errno::BADF),
    };
    match ctx.kind(stream) {
        StreamKind::Closed => Err(Errno::BADF),
        kind => Ok((stream, kind)),
    }
}

pub(super) fn clock(id: i32) -> Result<ClockId, Errno> {
    ClockId::new(id).ok_or(Errno::INVAL)
}

/// Writes strings, each closed by a zero byte, and pointers to them, once all
/// of them are paid for.
fn put_strings<'a>(
    rt: &mut Run,
    mem: &mut [u8],
    pointers: i32,
    buf: i32,
    strings: impl Iterator<Item = &'a [u8]> + Clone,
) -> Outcome {
    let fuel: u64 = strings.clone().map(|s| s.len() as u64 / 64).sum();
    rt.charge(u32::try_from(fuel).map_err(|_| Errno::OVERFLOW)?)?;
    let (mut at, mut pointer) = (buf as u32, pointers as u32);
    for string in strings {
        let len = u32::try_from(string.len()).map_err(|_| Errno::OVERFLOW)?;
        guest::bytes(mem, at as i32, len)?.copy_from_slice(string);
        put_u32(mem, pointer as i32, 0, at)?;
        at = at.checked_add(len).ok_or(Errno::FAULT)?;
        guest::bytes(mem, at as i32, 1)?.fill(0);
        at = at.checked_add(1).ok_or(Errno::FAULT)?;
        pointer = pointer.checked_add(4).ok_or(Errno::FAULT)?;
    }
    Ok(())
}

/// Writes the number of strings and of their bytes with zero bytes.
fn put_sizes<'a>(
    mem: &mut [u8],
    count: i32,
    size: i32,
    strings: impl Iterator<Item = &'a [u8]>,
) -> Outcome {
    let (mut n, mut bytes) = (0u32, 0u32);
    for string in strings {
        let len = u32::try_from(string.len())
            .ok()
            .and_then(|len| len.checked_add(1));
        bytes = len
            .and_then(|len| bytes.checked_add(len))
            .ok_or(Errno::OVERFLOW)?;
        n = n.checked_add(1).ok_or(Errno::OVERFLOW)?;
    }
    guest::bytes(mem, size, 4)?;
    put_u32(mem, count, 0, n)?;
    Ok(put_u32(mem, size, 0, bytes)?)
}

/// All arguments, as the context numbers them.
fn args<C: Ctx>(ctx: &C) -> impl Iterator<Item = &[u8]> + Clone {
    (0..).map_while(|i| ctx.arg(i))
}

/// All variables, as the context numbers them.
fn vars<C: Ctx>(ctx: &C) -> impl Iterator<Item = &[u8]> + Clone {
    (0..).map_while(|i| ctx.var(i))
}

pub(super) fn args_get<C: Ctx>(
    ctx: &mut C,
    rt: &mut Run,
    mem: &mut [u8],
    argv: i32,
    argv_buf: i32,
) -> Outcome {
    put_strings(rt, mem, argv, argv_buf, args(ctx))
}

pub(super) fn args_sizes_get<C: Ctx>(
    ctx: &mut C,
    _: &mut Run,
    mem: &mut [u8],
    argc: i32,
    size: i32,
) -> Outcome {
    put_sizes(mem, argc, size, args(ctx))
}

pub(super) fn environ_get<C: Ctx>(
    ctx: &mut C,
    rt: &mut Run,
    mem: &mut [u8],
    environ: i32,
    environ_buf: i32,
) -> Outcome {
    put_strings(rt, mem, environ, environ_buf, vars(ctx))
}

pub(super) fn environ_sizes_get<C: Ctx>(
    ctx: &mut C,
    _: &mut Run,
    mem: &mut [u8],
    count: i32,
    size: i32,
) -> Outcome {
    put_sizes(mem, count, size, vars(ctx))
}

pub(super) fn clock_res_get<C: Ctx>(
    ctx: &mut C,
    _: &mut Run,
    mem: &mut [u8],
    id: i32,
    resolution: i32,
) -> Outcome {
    let nanoseconds = ctx.resolution(clock(id)?)?;
    Ok(put_u64(mem, resolution, 0, nanoseconds)?)
}

pub(super) fn clock_time_get<C: Ctx>(
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

pub(super) fn random_get<C: Ctx>(
    ctx: &mut C,
    rt: &mut Run,
    mem: &mut [u8],
    buf: i32,
    buf_len: i32,
) -> Outcome {
    let buf = guest::bytes(mem, buf, buf_len as u32)?;
    rt.charge(buf_len as u32 / 64)?;
    Ok(ctx.fill(buf)?)
}

pub(super) fn sched_yield<C: Ctx>(_: &mut C, _: &mut Run, _: &mut [u8]) -> Outcome {
    Ok(())
}

pub(super) fn fd_close<C: Ctx>(ctx: &mut C, _: &mut Run, _: &mut [u8], fd: i32) -> Outcome {
    let (stream, _) = stream(ctx, fd)?;
    Ok(ctx.close(stream)?)
}

pub(super) fn fd_fdstat_get<C: Ctx>(
    ctx: &mut C,
    _: &mut Run,
    mem: &mut [u8],
    fd: i32,
    stat: i32,
) -> Outcome {
    const FD_READ: u64 = 1 << 1;
    const FD_WRITE: u64 = 1 << 6;
    const POLL_FD_READWRITE: u64 = 1 << 27;
    const CHARACTER_DEVICE: u8 = 2;

    let (stream, kind) = stream(ctx, fd)?;
    let rights = match stream {
        Stream::In => FD_READ | POLL_FD_READWRITE,
        Stream::Out | Stream::Err => FD_WRITE | POLL_FD_READWRITE,
    };
    guest::bytes(mem, stat, 24)?.fill(0);
    if kind == StreamKind::Terminal {
        guest::bytes(mem, stat, 1)?.fill(CHARACTER_DEVICE);
    }
    Ok(put_u64(mem, stat, 8, rights)?)
}

pub(super) fn fd_fdstat_set_flags<C: Ctx>(
    ctx: &mut C,
    _: &mut Run,
    _: &mut [u8],
    fd: i32,
    flags: i32,
) -> Outcome {
    stream(ctx, fd)?;
    if flags == 0 {
        Ok(())
    } else {
        Err(Errno::NOTSUP.into())
    }
}

pub(super) fn fd_seek<C: Ctx>(
    ctx: &mut C,
    _: &mut Run,
    _: &mut [u8],
    fd: i32,
    _offset: i64,
    _whence: i32,
    _position: i32,
) -> Outcome {
    stream(ctx, fd)?;
    Err(Errno::SPIPE.into())
}

pub(super) fn fd_prestat_get<C: Ctx>(
    _: &mut C,
    _: &mut Run,
    _: &mut [u8],
    _fd: i32,
    _prestat: i32,
) -> Outcome {
    Err(Errno::BADF.into())
}

pub(super) fn fd_prestat_dir_name<C: Ctx>(
    _: &mut C,
    _: &mut Run,
    _: &mut [u8],
    _fd: i32,
    _path: i32,
    _path_len: i32,
) -> Outcome {
    Err(Errno::BADF.into())
}

/// Moves bytes by `step` between a stream and the guest's buffers in turn,
/// until one is not used up, and writes their number. All buffers are paid for
/// first, so that a refused charge has no effect. An error after some bytes
/// leaves a short count; the next call meets it again.
fn transfer(
    rt: &mut Run,
    mem: &mut [u8],
    (iovs, iovs_len): (i32, i32),
    moved: i32,
    mut step: impl FnMut(&mut [u8]) -> Result<usize, Errno>,
) -> Outcome {
    guest::bytes(mem, moved, 4)?;
    let count = (iovs_len as u32).min(MAX_IOVS);
    let mut fuel = 0u32;
    for index in 0..count {
        match guest::iov(mem, iovs, index) {
            Ok(iov) if guest::bytes(mem, iov.ptr, iov.len).is_ok() => {
                fuel = fuel.saturating_add(iov.len / 64);
            }
            _ => break,
        }
    }
    rt.charge(fuel)?;
    let mut total = 0u32;
    for index in 0..count {
        let mut next = || -> Result<(u32, u32), Stop> {
            let iov = guest::iov(mem, iovs, index)?;
            let buf = guest::bytes(mem, iov.ptr, iov.len)?;
            if buf.is_empty() {
                return Ok((0, 0));
            }
            // The sum has to fit its type.
            if total.checked_add(iov.len).is_none() {
                return Err(Errno::INVAL.into());
            }
            let n = u32::try_from(step(buf)?).map_err(|_| Errno::IO)?;
            Ok((n.min(iov.len), iov.len))
        };
        match next() {
            Ok((n, len)) => {
                total = total.saturating_add(n);
                if n < len {
                    break;
                }
            }
            Err(Stop::Errno(_)) if total > 0 => break,
            Err(stop) => return Err(stop),
        }
    }
    Ok(put_u32(mem, moved, 0, total)?)
}

pub(super) fn fd_read<C: Ctx>(
    ctx: &mut C,
    rt: &mut Run,
    mem: &mut [u8],
    fd: i32,
    iovs: i32,
    iovs_len: i32,
    nread: i32,
) -> Outcome {
    match stream(ctx, fd)? {
        (Stream::In, _) => transfer(rt, mem, (iovs, iovs_len), nread, |buf| ctx.read(buf)),
        _ => Err(Errno::BADF.into()),
    }
}

pub(super) fn fd_write<C: Ctx>(
    ctx: &mut C,
    rt: &mut Run,
    mem: &mut [u8],
    fd: i32,
    iovs: i32,
    iovs_len: i32,
    nwritten: i32,
) -> Outcome {
    match stream(ctx, fd)? {
        (Stream::In, _) => Err(Errno::BADF.into()),
        (stream, _) => {
            transfer(rt, mem, (iovs, iovs_len), nwritten, |buf| {
                ctx.write(stream, buf)
            })?;
            Ok(ctx.flush(stream)?)
        }
    }
}
