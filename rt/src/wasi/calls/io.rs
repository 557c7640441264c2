//! Reading and writing.

use super::poll::ready_to_read;
use super::{Outcome, pay};
use crate::run::Run;
use crate::wasi::descriptors::{self, Target};
use crate::wasi::filesystem::Filesystem;
use crate::wasi::guest::{self, put_u32};
use crate::wasi::preview1::Stop;
use crate::wasi::{Ctx, Errno, Stream};

/// The most buffers of one read or write that are looked at: the guest takes
/// what is left as a short read or write.
const MAX_IOVS: u32 = 1024;

/// The guest's buffers of one call, and where the number of bytes goes.
#[derive(Clone, Copy)]
struct Buffers {
    iovs: i32,
    len: i32,
    moved: i32,
}

/// Moves bytes by `step` between a target and the guest's buffers in turn,
/// until one is not used up or `most` bytes are moved, and writes their number.
/// All buffers are paid for first, so that a refused charge has no effect, and
/// no more is moved than was paid for, whatever becomes of the list of buffers
/// meanwhile. An error after some bytes leaves a short count; the next call
/// meets it again.
fn transfer(
    rt: &mut Run,
    mem: &mut [u8],
    buffers: Buffers,
    most: u32,
    mut step: impl FnMut(&mut [u8]) -> Result<usize, Errno>,
) -> Outcome {
    guest::bytes(mem, buffers.moved, 4)?;
    let count = (buffers.len as u32).min(MAX_IOVS);
    let mut bytes = 0_u64;
    for index in 0..count {
        match guest::iov(mem, buffers.iovs, index) {
            Ok(iov) if guest::bytes(mem, iov.ptr, iov.len).is_ok() => {
                bytes = bytes.saturating_add(u64::from(iov.len));
            }
            _ => break,
        }
    }
    let most = u32::try_from(bytes).unwrap_or(u32::MAX).min(most);
    pay(rt, 0, u64::from(most))?;
    let mut total = 0_u32;
    for index in 0..count {
        let room = most.saturating_sub(total);
        let mut next = || -> Result<(u32, u32), Stop> {
            let iov = guest::iov(mem, buffers.iovs, index)?;
            let buf = guest::bytes(mem, iov.ptr, iov.len)?;
            // The sum has to fit its type.
            if total.checked_add(iov.len).is_none() {
                return Err(Errno::INVAL.into());
            }
            let len = iov.len.min(room);
            let buf = buf.get_mut(..len as usize).ok_or(Errno::FAULT)?;
            if buf.is_empty() {
                return Ok((0, iov.len));
            }
            let n = u32::try_from(step(buf)?).map_err(|_| Errno::IO)?;
            Ok((n.min(len), iov.len))
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
    Ok(put_u32(mem, buffers.moved, 0, total)?)
}

/// Reads a file from a position on; the position behind what was read.
fn read_file<C: Ctx>(
    ctx: &mut C,
    rt: &mut Run,
    mem: &mut [u8],
    fd: i32,
    buffers: Buffers,
    mut position: u64,
) -> Result<u64, Stop> {
    let (node, descriptor) = descriptors::file(ctx, fd)?;
    if !descriptor.read {
        return Err(Errno::BADF.into());
    }
    let most = ctx.limits().transfer;
    transfer(rt, mem, buffers, most, |buf| {
        let n = ctx.filesystem().read(node, buf, position)?;
        position = position.checked_add(n as u64).ok_or(Errno::OVERFLOW)?;
        Ok(n)
    })?;
    Ok(position)
}

/// Writes a file at a position, or with `None` at its end; the position behind
/// what was written.
fn write_file<C: Ctx>(
    ctx: &mut C,
    rt: &mut Run,
    mem: &mut [u8],
    fd: i32,
    buffers: Buffers,
    mut position: Option<u64>,
) -> Result<Option<u64>, Stop> {
    let (node, descriptor) = descriptors::file(ctx, fd)?;
    if !descriptor.write {
        return Err(Errno::BADF.into());
    }
    let most = ctx.limits().transfer;
    let mut end = position;
    transfer(rt, mem, buffers, most, |buf| {
        let n = match &mut position {
            Some(at) => {
                let n = ctx.filesystem().write(node, buf, *at)?;
                *at = at.checked_add(n as u64).ok_or(Errno::OVERFLOW)?;
                end = Some(*at);
                n
            }
            None => {
                let (n, at) = ctx.filesystem().append(node, buf)?;
                end = Some(at);
                n
            }
        };
        Ok(n)
    })?;
    Ok(end)
}

fn set_position<C: Ctx>(ctx: &mut C, fd: i32, position: u64) -> Outcome {
    if let Some(descriptor) = descriptors::of(ctx)?.get(fd) {
        descriptor.position = position;
    }
    Ok(())
}

pub(in crate::wasi) fn fd_read<C: Ctx>(
    ctx: &mut C,
    rt: &mut Run,
    mem: &mut [u8],
    fd: i32,
    iovs: i32,
    iovs_len: i32,
    nread: i32,
) -> Outcome {
    let buffers = Buffers {
        iovs,
        len: iovs_len,
        moved: nread,
    };
    let descriptor = descriptors::get(ctx, fd)?;
    match descriptor.target {
        Target::File(_) => {
            let end = read_file(ctx, rt, mem, fd, buffers, descriptor.position)?;
            set_position(ctx, fd, end)
        }
        Target::Stream(Stream::In) => {
            // What is waited for stays there if it cannot be paid for yet.
            ready_to_read(ctx, rt)?;
            let most = ctx.limits().transfer;
            let mut begun = false;
            transfer(rt, mem, buffers, most, |buf| {
                // Another read might wait.
                if core::mem::replace(&mut begun, true) {
                    return Ok(0);
                }
                ctx.read(buf)
            })
        }
        Target::Stream(_) | Target::Directory { .. } => Err(Errno::BADF.into()),
    }
}

pub(in crate::wasi) fn fd_pread<C: Ctx>(
    ctx: &mut C,
    rt: &mut Run,
    mem: &mut [u8],
    fd: i32,
    iovs: i32,
    iovs_len: i32,
    offset: i64,
    nread: i32,
) -> Outcome {
    let buffers = Buffers {
        iovs,
        len: iovs_len,
        moved: nread,
    };
    if let Target::Stream(Stream::In) = descriptors::get(ctx, fd)?.target {
        return Err(Errno::SPIPE.into());
    }
    read_file(ctx, rt, mem, fd, buffers, offset as u64).map(drop)
}

pub(in crate::wasi) fn fd_write<C: Ctx>(
    ctx: &mut C,
    rt: &mut Run,
    mem: &mut [u8],
    fd: i32,
    iovs: i32,
    iovs_len: i32,
    nwritten: i32,
) -> Outcome {
    let buffers = Buffers {
        iovs,
        len: iovs_len,
        moved: nwritten,
    };
    let descriptor = descriptors::get(ctx, fd)?;
    match descriptor.target {
        Target::File(_) => {
            let position = (!descriptor.append).then_some(descriptor.position);
            match write_file(ctx, rt, mem, fd, buffers, position)? {
                Some(end) => set_position(ctx, fd, end),
                None => Ok(()),
            }
        }
        Target::Stream(stream @ (Stream::Out | Stream::Err)) => {
            let most = ctx.limits().transfer;
            transfer(rt, mem, buffers, most, |buf| ctx.write(stream, buf))?;
            Ok(ctx.flush(stream)?)
        }
        Target::Stream(Stream::In) | Target::Directory { .. } => Err(Errno::BADF.into()),
    }
}

pub(in crate::wasi) fn fd_pwrite<C: Ctx>(
    ctx: &mut C,
    rt: &mut Run,
    mem: &mut [u8],
    fd: i32,
    iovs: i32,
    iovs_len: i32,
    offset: i64,
    nwritten: i32,
) -> Outcome {
    let buffers = Buffers {
        iovs,
        len: iovs_len,
        moved: nwritten,
    };
    if let Target::Stream(Stream::Out | Stream::Err) = descriptors::get(ctx, fd)?.target {
        return Err(Errno::SPIPE.into());
    }
    write_file(ctx, rt, mem, fd, buffers, Some(offset as u64)).map(drop)
}
