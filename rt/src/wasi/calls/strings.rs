//! Arguments and environment.

use super::Outcome;
use crate::run::Run;
use crate::wasi::guest::{self, put_u32};
use crate::wasi::{Ctx, Errno};

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

pub(in crate::wasi) fn args_get<C: Ctx>(
    ctx: &mut C,
    rt: &mut Run,
    mem: &mut [u8],
    argv: i32,
    argv_buf: i32,
) -> Outcome {
    put_strings(rt, mem, argv, argv_buf, args(ctx))
}

pub(in crate::wasi) fn args_sizes_get<C: Ctx>(
    ctx: &mut C,
    _: &mut Run,
    mem: &mut [u8],
    argc: i32,
    size: i32,
) -> Outcome {
    put_sizes(mem, argc, size, args(ctx))
}

pub(in crate::wasi) fn environ_get<C: Ctx>(
    ctx: &mut C,
    rt: &mut Run,
    mem: &mut [u8],
    environ: i32,
    environ_buf: i32,
) -> Outcome {
    put_strings(rt, mem, environ, environ_buf, vars(ctx))
}

pub(in crate::wasi) fn environ_sizes_get<C: Ctx>(
    ctx: &mut C,
    _: &mut Run,
    mem: &mut [u8],
    count: i32,
    size: i32,
) -> Outcome {
    put_sizes(mem, count, size, vars(ctx))
}
