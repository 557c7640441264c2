//! What is done by path.

use super::{Outcome, fdflags, pay, put_stat, rights, times};
use crate::run::Run;
use crate::wasi::descriptors::{self, Descriptor, Target};
use crate::wasi::filesystem::{FileType, Filesystem, Node, OpenOptions, SetTime};
use crate::wasi::guest::{self, put_u32};
use crate::wasi::preview1::Stop;
use crate::wasi::{Ctx, Errno};

/// A path's place in the guest's memory.
#[derive(Clone, Copy)]
struct At {
    ptr: i32,
    len: i32,
}

/// The path: UTF-8 without a zero byte, and no longer than is allowed.
fn path<'m, C: Ctx>(ctx: &C, mem: &'m [u8], at: At) -> Result<&'m [u8], Errno> {
    let start = at.ptr as u32 as usize;
    let bytes = mem
        .get(start..)
        .and_then(|rest| rest.get(..at.len as u32 as usize));
    let bytes = bytes.ok_or(Errno::FAULT)?;
    if at.len as u32 > ctx.limits().path {
        return Err(Errno::NAMETOOLONG);
    }
    if core::str::from_utf8(bytes).is_err() {
        return Err(Errno::ILSEQ);
    }
    match bytes {
        [] => Err(Errno::NOENT),
        _ if bytes.contains(&0) => Err(Errno::INVAL),
        _ => Ok(bytes),
    }
}

/// Pays for paths: one unit, and their bytes.
fn pay_for(rt: &mut Run, paths: &[At]) -> Outcome {
    let bytes = paths.iter().map(|at| u64::from(at.len as u32)).sum();
    pay(rt, 1, bytes)
}

/// Whether links at the path's end are followed.
fn follow(flags: i32) -> Result<bool, Errno> {
    match flags {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Errno::INVAL),
    }
}

/// Does what takes one path, in the directory of a descriptor.
fn in_directory<C: Ctx, T>(
    ctx: &mut C,
    rt: &mut Run,
    mem: &[u8],
    fd: i32,
    at: At,
    act: impl FnOnce(&mut C::Filesystem, Node, &[u8]) -> Result<T, Errno>,
) -> Result<T, Stop> {
    let dir = descriptors::directory(ctx, fd)?;
    let path = path(ctx, mem, at)?;
    pay_for(rt, &[at])?;
    Ok(act(ctx.filesystem(), dir, path)?)
}

pub(in crate::wasi) fn path_create_directory<C: Ctx>(
    ctx: &mut C,
    rt: &mut Run,
    mem: &mut [u8],
    fd: i32,
    ptr: i32,
    len: i32,
) -> Outcome {
    in_directory(ctx, rt, mem, fd, At { ptr, len }, |files, dir, path| {
        files.create_dir(dir, path)
    })
}

pub(in crate::wasi) fn path_remove_directory<C: Ctx>(
    ctx: &mut C,
    rt: &mut Run,
    mem: &mut [u8],
    fd: i32,
    ptr: i32,
    len: i32,
) -> Outcome {
    in_directory(ctx, rt, mem, fd, At { ptr, len }, |files, dir, path| {
        files.remove_dir(dir, path)
    })
}

pub(in crate::wasi) fn path_unlink_file<C: Ctx>(
    ctx: &mut C,
    rt: &mut Run,
    mem: &mut [u8],
    fd: i32,
    ptr: i32,
    len: i32,
) -> Outcome {
    in_directory(ctx, rt, mem, fd, At { ptr, len }, |files, dir, path| {
        files.unlink(dir, path)
    })
}

pub(in crate::wasi) fn path_filestat_get<C: Ctx>(
    ctx: &mut C,
    rt: &mut Run,
    mem: &mut [u8],
    fd: i32,
    flags: i32,
    ptr: i32,
    len: i32,
    stat: i32,
) -> Outcome {
    let follow = follow(flags)?;
    guest::bytes(mem, stat, 64)?;
    let found = in_directory(ctx, rt, mem, fd, At { ptr, len }, |files, dir, path| {
        files.stat_at(dir, path, follow)
    })?;
    Ok(put_stat(mem, stat, &found)?)
}

pub(in crate::wasi) fn path_filestat_set_times<C: Ctx>(
    ctx: &mut C,
    rt: &mut Run,
    mem: &mut [u8],
    fd: i32,
    flags: i32,
    ptr: i32,
    len: i32,
    atim: i64,
    mtim: i64,
    which: i32,
) -> Outcome {
    let (atim, mtim) = times(atim, mtim, which)?;
    let follow = follow(flags)?;
    in_directory(ctx, rt, mem, fd, At { ptr, len }, |files, dir, path| {
        files.set_times_at(dir, path, follow, atim, mtim)
    })
}

pub(in crate::wasi) fn path_readlink<C: Ctx>(
    ctx: &mut C,
    rt: &mut Run,
    mem: &mut [u8],
    fd: i32,
    ptr: i32,
    len: i32,
    buf: i32,
    buf_len: i32,
    used: i32,
) -> Outcome {
    guest::bytes(mem, used, 4)?;
    guest::bytes(mem, buf, buf_len as u32)?;
    let at = At { ptr, len };
    let dir = descriptors::directory(ctx, fd)?;
    path(ctx, mem, at)?;
    pay_for(
        rt,
        &[
            at,
            At {
                ptr: buf,
                len: buf_len,
            },
        ],
    )?;
    // The buffer may lie over the path.
    let mut target = [0; MAX_LINK];
    let room = target.len().min(buf_len as u32 as usize);
    let room = target.get_mut(..room).ok_or(Errno::OVERFLOW)?;
    let path = path(ctx, mem, at)?;
    let n = ctx.filesystem().read_link(dir, path, room)?;
    let target = room.get(..n).ok_or(Errno::IO)?;
    let n = u32::try_from(n).map_err(|_| Errno::OVERFLOW)?;
    guest::bytes(mem, buf, n)?.copy_from_slice(target);
    Ok(put_u32(mem, used, 0, n)?)
}

/// The most bytes of a link's target that are handed over.
const MAX_LINK: usize = 4096;

pub(in crate::wasi) fn path_link<C: Ctx>(
    ctx: &mut C,
    rt: &mut Run,
    mem: &mut [u8],
    old_fd: i32,
    old_flags: i32,
    old_ptr: i32,
    old_len: i32,
    new_fd: i32,
    new_ptr: i32,
    new_len: i32,
) -> Outcome {
    let follow = follow(old_flags)?;
    two(
        ctx,
        rt,
        mem,
        (
            old_fd,
            At {
                ptr: old_ptr,
                len: old_len,
            },
        ),
        (
            new_fd,
            At {
                ptr: new_ptr,
                len: new_len,
            },
        ),
        |files, old_dir, old_path, new_dir, new_path| match follow {
            // Not every system can.
            true => {
                // What was granted to be read only says so first.
                for dir in [old_dir, new_dir] {
                    files.set_times(dir, SetTime::Keep, SetTime::Keep)?;
                }
                Err(Errno::INVAL)
            }
            false => files.link(old_dir, old_path, new_dir, new_path),
        },
    )
}

pub(in crate::wasi) fn path_rename<C: Ctx>(
    ctx: &mut C,
    rt: &mut Run,
    mem: &mut [u8],
    old_fd: i32,
    old_ptr: i32,
    old_len: i32,
    new_fd: i32,
    new_ptr: i32,
    new_len: i32,
) -> Outcome {
    two(
        ctx,
        rt,
        mem,
        (
            old_fd,
            At {
                ptr: old_ptr,
                len: old_len,
            },
        ),
        (
            new_fd,
            At {
                ptr: new_ptr,
                len: new_len,
            },
        ),
        C::Filesystem::rename,
    )
}

/// Does what takes two paths, each in the directory of a descriptor.
fn two<C: Ctx>(
    ctx: &mut C,
    rt: &mut Run,
    mem: &[u8],
    old: (i32, At),
    new: (i32, At),
    act: impl FnOnce(&mut C::Filesystem, Node, &[u8], Node, &[u8]) -> Result<(), Errno>,
) -> Outcome {
    let old_dir = descriptors::directory(ctx, old.0)?;
    let new_dir = descriptors::directory(ctx, new.0)?;
    let old_path = path(ctx, mem, old.1)?;
    let new_path = path(ctx, mem, new.1)?;
    pay_for(rt, &[old.1, new.1])?;
    Ok(act(ctx.filesystem(), old_dir, old_path, new_dir, new_path)?)
}

pub(in crate::wasi) fn path_symlink<C: Ctx>(
    ctx: &mut C,
    rt: &mut Run,
    mem: &mut [u8],
    target_ptr: i32,
    target_len: i32,
    fd: i32,
    ptr: i32,
    len: i32,
) -> Outcome {
    let (target, at) = (
        At {
            ptr: target_ptr,
            len: target_len,
        },
        At { ptr, len },
    );
    let dir = descriptors::directory(ctx, fd)?;
    let to = path(ctx, mem, target)?;
    let link = path(ctx, mem, at)?;
    pay_for(rt, &[target, at])?;
    Ok(ctx.filesystem().symlink(to, dir, link)?)
}

pub(in crate::wasi) fn path_open<C: Ctx>(
    ctx: &mut C,
    rt: &mut Run,
    mem: &mut [u8],
    fd: i32,
    dirflags: i32,
    ptr: i32,
    len: i32,
    oflags: i32,
    rights_base: i64,
    _rights_inheriting: i64,
    flags: i32,
    opened: i32,
) -> Outcome {
    const CREATE: i32 = 1;
    const DIRECTORY: i32 = 1 << 1;
    const EXCLUSIVE: i32 = 1 << 2;
    const TRUNCATE: i32 = 1 << 3;

    let (is, right) = (
        |bit: i32| oflags & bit != 0,
        |right: u64| rights_base as u64 & right != 0,
    );
    let (at, follow) = (At { ptr, len }, follow(dirflags)?);
    if oflags & !15 != 0 || flags & !fdflags::ALL != 0 {
        return Err(Errno::INVAL.into());
    }
    let dir = match descriptors::get(ctx, fd)?.target {
        Target::Directory { node, .. } => node,
        Target::File(_) => return Err(Errno::NOTDIR.into()),
        Target::Stream(_) => return Err(Errno::BADF.into()),
    };
    guest::bytes(mem, opened, 4)?;
    let path = path(ctx, mem, at)?;
    pay_for(rt, &[at])?;
    if flags & (fdflags::DSYNC | fdflags::RSYNC | fdflags::SYNC) != 0 {
        return Err(Errno::NOTSUP.into());
    }
    descriptors::of(ctx)?.room()?;
    let options = OpenOptions {
        // What is opened for nothing is opened to read.
        read: right(rights::FD_READ) || !right(rights::FD_WRITE),
        write: right(rights::FD_WRITE),
        create: is(CREATE),
        exclusive: is(EXCLUSIVE),
        truncate: is(TRUNCATE),
        directory: is(DIRECTORY),
        follow,
    };
    let node = ctx.filesystem().open(dir, path, &options)?;
    let stat = ctx.filesystem().stat(node)?;
    let target = match stat.filetype {
        FileType::Directory => Target::Directory {
            node,
            preopen: None,
        },
        _ => Target::File(node),
    };
    let descriptor = Descriptor {
        read: options.read,
        write: options.write || options.create,
        append: flags & fdflags::APPEND != 0,
        nonblock: flags & fdflags::NONBLOCK != 0,
        ..Descriptor::new(target)
    };
    let number = descriptors::of(ctx)?.insert(descriptor)?;
    Ok(put_u32(mem, opened, 0, number)?)
}
