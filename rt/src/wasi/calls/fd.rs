//! What is asked of descriptors and done to them, but for reading and writing.

use super::{Outcome, fdflags, pay, put_stat, rights, times};
use crate::run::Run;
use crate::wasi::descriptors::{self, Descriptor, Target};
use crate::wasi::filesystem::{Advice, DirEntry, FileType, Filesystem, SetTime, Stat};
use crate::wasi::guest::{self, put_u32, put_u64};
use crate::wasi::{Ctx, Errno, Stream, StreamKind};

/// The type of a stream: a terminal has one, anything else is not known.
fn stream_type<C: Ctx>(ctx: &mut C, stream: Stream) -> FileType {
    match ctx.kind(stream) {
        StreamKind::Terminal => FileType::CharacterDevice,
        StreamKind::Other | StreamKind::Closed => FileType::Unknown,
    }
}

pub(in crate::wasi) fn fd_advise<C: Ctx>(
    ctx: &mut C,
    _: &mut Run,
    _: &mut [u8],
    fd: i32,
    offset: i64,
    len: i64,
    advice: i32,
) -> Outcome {
    let advice = Advice::new(advice).ok_or(Errno::INVAL)?;
    let (node, _) = descriptors::file(ctx, fd)?;
    Ok(ctx
        .filesystem()
        .advise(node, offset as u64, len as u64, advice)?)
}

pub(in crate::wasi) fn fd_allocate<C: Ctx>(
    ctx: &mut C,
    rt: &mut Run,
    _: &mut [u8],
    fd: i32,
    offset: i64,
    len: i64,
) -> Outcome {
    let (node, descriptor) = descriptors::file(ctx, fd)?;
    if !descriptor.write {
        return Err(Errno::BADF.into());
    }
    pay(rt, 1, 0)?;
    Ok(ctx.filesystem().allocate(node, offset as u64, len as u64)?)
}

pub(in crate::wasi) fn fd_close<C: Ctx>(
    ctx: &mut C,
    _: &mut Run,
    _: &mut [u8],
    fd: i32,
) -> Outcome {
    descriptors::get(ctx, fd)?;
    match descriptors::of(ctx)?.put(fd as u32, None) {
        Some(descriptor) => Ok(descriptors::close(ctx, descriptor)?),
        None => Err(Errno::BADF.into()),
    }
}

pub(in crate::wasi) fn fd_datasync<C: Ctx>(
    ctx: &mut C,
    _: &mut Run,
    _: &mut [u8],
    fd: i32,
) -> Outcome {
    let (node, _) = descriptors::file(ctx, fd)?;
    Ok(ctx.filesystem().sync(node, false)?)
}

pub(in crate::wasi) fn fd_sync<C: Ctx>(ctx: &mut C, _: &mut Run, _: &mut [u8], fd: i32) -> Outcome {
    let (node, _) = descriptors::file(ctx, fd)?;
    Ok(ctx.filesystem().sync(node, true)?)
}

/// What a folder that the host opened can do, and what can be done with what
/// is opened in it.
const PREOPEN: u64 = rights::PATH_CREATE_DIRECTORY
    | rights::PATH_CREATE_FILE
    | rights::PATH_LINK_SOURCE
    | rights::PATH_LINK_TARGET
    | rights::PATH_OPEN
    | rights::FD_READDIR
    | rights::PATH_READLINK
    | rights::PATH_RENAME_SOURCE
    | rights::PATH_RENAME_TARGET
    | rights::PATH_SYMLINK
    | rights::PATH_REMOVE_DIRECTORY
    | rights::PATH_UNLINK_FILE
    | rights::PATH_FILESTAT_GET
    | rights::PATH_FILESTAT_SET_TIMES
    | rights::FD_FILESTAT_GET
    | rights::FD_FILESTAT_SET_TIMES;
const INHERITED: u64 = PREOPEN
    | rights::FD_DATASYNC
    | rights::FD_READ
    | rights::FD_SEEK
    | rights::FD_FDSTAT_SET_FLAGS
    | rights::FD_SYNC
    | rights::FD_TELL
    | rights::FD_WRITE
    | rights::FD_ADVISE
    | rights::FD_ALLOCATE
    | rights::FD_FILESTAT_SET_SIZE
    | rights::POLL_FD_READWRITE;

/// Rights of a descriptor, its own and those it hands on.
fn rights_of(descriptor: &Descriptor) -> (u64, u64) {
    let mut own = rights::ALL;
    match descriptor.target {
        Target::Stream(Stream::In) => return (rights::FD_READ, rights::FD_READ),
        Target::Stream(_) => return (rights::FD_WRITE, rights::FD_WRITE),
        Target::Directory {
            preopen: Some(_), ..
        } => return (PREOPEN, INHERITED),
        Target::Directory { preopen: None, .. } => {
            own &=
                !(rights::FD_SEEK | rights::FD_FILESTAT_SET_SIZE | rights::PATH_FILESTAT_SET_SIZE);
        }
        Target::File(_) => {}
    }
    if !descriptor.read {
        own &= !(rights::FD_READ | rights::FD_READDIR);
    }
    if !descriptor.write {
        own &= !rights::FD_WRITE;
    }
    (own, own)
}

pub(in crate::wasi) fn fd_fdstat_get<C: Ctx>(
    ctx: &mut C,
    _: &mut Run,
    mem: &mut [u8],
    fd: i32,
    stat: i32,
) -> Outcome {
    let descriptor = descriptors::get(ctx, fd)?;
    let filetype = match descriptor.target {
        Target::Stream(stream) => stream_type(ctx, stream),
        Target::Directory { .. } => FileType::Directory,
        Target::File(node) => ctx.filesystem().stat(node)?.filetype,
    };
    let mut flags = 0;
    if descriptor.append {
        flags |= fdflags::APPEND;
    }
    if descriptor.nonblock {
        flags |= fdflags::NONBLOCK;
    }
    let (base, inheriting) = rights_of(&descriptor);
    guest::bytes(mem, stat, 24)?.fill(0);
    put_u32(mem, stat, 0, filetype as u32 | (flags as u32) << 16)?;
    put_u64(mem, stat, 8, base)?;
    Ok(put_u64(mem, stat, 16, inheriting)?)
}

pub(in crate::wasi) fn fd_fdstat_set_flags<C: Ctx>(
    ctx: &mut C,
    _: &mut Run,
    _: &mut [u8],
    fd: i32,
    flags: i32,
) -> Outcome {
    descriptors::file(ctx, fd)?;
    if flags & !(fdflags::APPEND | fdflags::NONBLOCK) != 0 {
        return Err(Errno::INVAL.into());
    }
    if let Some(descriptor) = descriptors::of(ctx)?.get(fd) {
        descriptor.append = flags & fdflags::APPEND != 0;
        descriptor.nonblock = flags & fdflags::NONBLOCK != 0;
    }
    Ok(())
}

/// Rights are told, not kept: they cannot be given up.
pub(in crate::wasi) fn fd_fdstat_set_rights<C: Ctx>(
    ctx: &mut C,
    _: &mut Run,
    _: &mut [u8],
    fd: i32,
    _base: i64,
    _inheriting: i64,
) -> Outcome {
    descriptors::node(ctx, fd)?;
    Err(Errno::NOTSUP.into())
}

pub(in crate::wasi) fn fd_filestat_get<C: Ctx>(
    ctx: &mut C,
    _: &mut Run,
    mem: &mut [u8],
    fd: i32,
    stat: i32,
) -> Outcome {
    let descriptor = descriptors::get(ctx, fd)?;
    guest::bytes(mem, stat, 64)?;
    let found = match descriptor.target {
        Target::Stream(stream) => Stat {
            dev: 0,
            ino: 0,
            filetype: stream_type(ctx, stream),
            nlink: 0,
            size: 0,
            atim: 0,
            mtim: 0,
            ctim: 0,
        },
        Target::File(node) | Target::Directory { node, .. } => ctx.filesystem().stat(node)?,
    };
    Ok(put_stat(mem, stat, &found)?)
}

pub(in crate::wasi) fn fd_filestat_set_size<C: Ctx>(
    ctx: &mut C,
    rt: &mut Run,
    _: &mut [u8],
    fd: i32,
    size: i64,
) -> Outcome {
    let (node, descriptor) = descriptors::file(ctx, fd)?;
    if !descriptor.write {
        // What was granted to be read only says so first.
        let keep = SetTime::Keep;
        ctx.filesystem().set_times(node, keep, keep)?;
        return Err(Errno::INVAL.into());
    }
    pay(rt, 1, 0)?;
    Ok(ctx.filesystem().set_size(node, size as u64)?)
}

pub(in crate::wasi) fn fd_filestat_set_times<C: Ctx>(
    ctx: &mut C,
    _: &mut Run,
    _: &mut [u8],
    fd: i32,
    atim: i64,
    mtim: i64,
    flags: i32,
) -> Outcome {
    let (atim, mtim) = times(atim, mtim, flags)?;
    let node = descriptors::node(ctx, fd)?;
    Ok(ctx.filesystem().set_times(node, atim, mtim)?)
}

/// The name by which the guest knows a folder that the host opened.
fn preopen<C: Ctx>(ctx: &mut C, fd: i32, other: Errno) -> Result<&[u8], Errno> {
    let Target::Directory {
        preopen: Some(index),
        ..
    } = descriptors::get(ctx, fd)?.target
    else {
        return Err(other);
    };
    match ctx.filesystem().preopen(index) {
        Some((_, name)) => Ok(name),
        None => Err(Errno::BADF),
    }
}

pub(in crate::wasi) fn fd_prestat_get<C: Ctx>(
    ctx: &mut C,
    _: &mut Run,
    mem: &mut [u8],
    fd: i32,
    prestat: i32,
) -> Outcome {
    let len = preopen(ctx, fd, Errno::BADF)?.len();
    let len = u32::try_from(len).map_err(|_| Errno::OVERFLOW)?;
    guest::bytes(mem, prestat, 8)?.fill(0);
    Ok(put_u32(mem, prestat, 4, len)?)
}

pub(in crate::wasi) fn fd_prestat_dir_name<C: Ctx>(
    ctx: &mut C,
    _: &mut Run,
    mem: &mut [u8],
    fd: i32,
    path: i32,
    path_len: i32,
) -> Outcome {
    let name = preopen(ctx, fd, Errno::NOTDIR)?;
    let len = u32::try_from(name.len()).map_err(|_| Errno::OVERFLOW)?;
    if len > path_len as u32 {
        return Err(Errno::NAMETOOLONG.into());
    }
    guest::bytes(mem, path, len)?.copy_from_slice(name);
    Ok(())
}

/// Entries one after the other, each a head and a name, the last cut where the
/// buffer ends.
pub(in crate::wasi) fn fd_readdir<C: Ctx>(
    ctx: &mut C,
    rt: &mut Run,
    mem: &mut [u8],
    fd: i32,
    buf: i32,
    buf_len: i32,
    cookie: i64,
    used: i32,
) -> Outcome {
    let node = descriptors::directory(ctx, fd)?;
    guest::bytes(mem, used, 4)?;
    guest::bytes(mem, buf, buf_len as u32)?;
    pay(rt, 1, u64::from(buf_len as u32))?;
    let mut room = guest::bytes(mem, buf, buf_len as u32)?;
    ctx.filesystem()
        .read_dir(node, cookie as u64, &mut |entry| {
            let rest = core::mem::take(&mut room);
            let rest = fill(rest, &head(&entry));
            room = fill(rest, entry.name);
            !room.is_empty()
        })?;
    let left = u32::try_from(room.len()).map_err(|_| Errno::OVERFLOW)?;
    Ok(put_u32(
        mem,
        used,
        0,
        (buf_len as u32).saturating_sub(left),
    )?)
}

/// A `dirent`, without the name.
fn head(entry: &DirEntry<'_>) -> [u8; 24] {
    let mut head = [0; 24];
    let len = u32::try_from(entry.name.len()).unwrap_or(u32::MAX);
    let fields = entry.next.to_le_bytes().into_iter();
    let fields = fields
        .chain(entry.ino.to_le_bytes())
        .chain(len.to_le_bytes());
    let fields = fields.chain([entry.filetype as u8]);
    head.iter_mut()
        .zip(fields)
        .for_each(|(to, byte)| *to = byte);
    head
}

/// Copies as many bytes as there is room for; what is left of the room.
fn fill<'a>(room: &'a mut [u8], bytes: &[u8]) -> &'a mut [u8] {
    let n = room.len().min(bytes.len());
    match (room.split_at_mut_checked(n), bytes.get(..n)) {
        (Some((to, rest)), Some(from)) => {
            to.copy_from_slice(from);
            rest
        }
        _ => &mut [],
    }
}

pub(in crate::wasi) fn fd_renumber<C: Ctx>(
    ctx: &mut C,
    _: &mut Run,
    _: &mut [u8],
    fd: i32,
    to: i32,
) -> Outcome {
    descriptors::get(ctx, to)?;
    let descriptor = descriptors::get(ctx, fd)?;
    if fd == to {
        return Ok(());
    }
    let table = descriptors::of(ctx)?;
    table.put(fd as u32, None);
    match table.put(to as u32, Some(descriptor)) {
        Some(replaced) => Ok(descriptors::close(ctx, replaced)?),
        None => Ok(()),
    }
}

/// The descriptor of a file, which has a position.
fn seekable<C: Ctx>(ctx: &mut C, fd: i32) -> Result<Descriptor, Errno> {
    let descriptor = descriptors::get(ctx, fd)?;
    match descriptor.target {
        Target::File(_) => Ok(descriptor),
        Target::Stream(_) => Err(Errno::SPIPE),
        Target::Directory { .. } => Err(Errno::BADF),
    }
}

pub(in crate::wasi) fn fd_seek<C: Ctx>(
    ctx: &mut C,
    _: &mut Run,
    mem: &mut [u8],
    fd: i32,
    offset: i64,
    whence: i32,
    position: i32,
) -> Outcome {
    let descriptor = seekable(ctx, fd)?;
    guest::bytes(mem, position, 8)?;
    let from = match (whence, descriptor.target) {
        (0, _) => 0,
        (1, _) => descriptor.position,
        (2, Target::File(node)) => ctx.filesystem().stat(node)?.size,
        _ => return Err(Errno::INVAL.into()),
    };
    let new = from.checked_add_signed(offset).ok_or(Errno::INVAL)?;
    if let Some(descriptor) = descriptors::of(ctx)?.get(fd) {
        descriptor.position = new;
    }
    Ok(put_u64(mem, position, 0, new)?)
}

pub(in crate::wasi) fn fd_tell<C: Ctx>(
    ctx: &mut C,
    _: &mut Run,
    mem: &mut [u8],
    fd: i32,
    position: i32,
) -> Outcome {
    let descriptor = seekable(ctx, fd)?;
    Ok(put_u64(mem, position, 0, descriptor.position)?)
}
