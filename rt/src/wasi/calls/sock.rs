//! Sockets: preview 1 cannot open one, and nothing else is one.

use super::Outcome;
use crate::run::Run;
use crate::wasi::{Ctx, Errno, descriptors};

fn no_socket<C: Ctx>(ctx: &mut C, fd: i32) -> Outcome {
    descriptors::get(ctx, fd)?;
    Err(Errno::NOTSOCK.into())
}

pub(in crate::wasi) fn sock_accept<C: Ctx>(
    ctx: &mut C,
    _: &mut Run,
    _: &mut [u8],
    fd: i32,
    _flags: i32,
    _opened: i32,
) -> Outcome {
    no_socket(ctx, fd)
}

pub(in crate::wasi) fn sock_recv<C: Ctx>(
    ctx: &mut C,
    _: &mut Run,
    _: &mut [u8],
    fd: i32,
    _ri_data: i32,
    _ri_data_len: i32,
    _ri_flags: i32,
    _ro_data_len: i32,
    _ro_flags: i32,
) -> Outcome {
    no_socket(ctx, fd)
}

pub(in crate::wasi) fn sock_send<C: Ctx>(
    ctx: &mut C,
    _: &mut Run,
    _: &mut [u8],
    fd: i32,
    _si_data: i32,
    _si_data_len: i32,
    _si_flags: i32,
    _so_data_len: i32,
) -> Outcome {
    no_socket(ctx, fd)
}

pub(in crate::wasi) fn sock_shutdown<C: Ctx>(
    ctx: &mut C,
    _: &mut Run,
    _: &mut [u8],
    fd: i32,
    _how: i32,
) -> Outcome {
    no_socket(ctx, fd)
}
