//! The guest's number for an error of the host: the one place where they are
//! mapped. What has no number of its own is [`Errno::IO`].

use std::io;

use wrt_rt::wasi::Errno;

pub(crate) fn errno(error: io::Error) -> Errno {
    raw(&error).unwrap_or_else(|| kind(error.kind()))
}

#[cfg(unix)]
fn raw(error: &io::Error) -> Option<Errno> {
    use rustix::io::Errno as Os;
    Some(match Os::from_raw_os_error(error.raw_os_error()?) {
        Os::TOOBIG => Errno::TOOBIG,
        Os::ACCESS => Errno::ACCES,
        Os::AGAIN => Errno::AGAIN,
        Os::BADF => Errno::BADF,
        Os::BUSY => Errno::BUSY,
        Os::EXIST => Errno::EXIST,
        Os::FBIG => Errno::FBIG,
        Os::ILSEQ => Errno::ILSEQ,
        Os::INVAL => Errno::INVAL,
        Os::ISDIR => Errno::ISDIR,
        Os::LOOP => Errno::LOOP,
        Os::MFILE => Errno::MFILE,
        Os::MLINK => Errno::MLINK,
        Os::NAMETOOLONG => Errno::NAMETOOLONG,
        Os::NFILE => Errno::NFILE,
        Os::NOENT => Errno::NOENT,
        Os::NOMEM => Errno::NOMEM,
        Os::NOSPC | Os::DQUOT => Errno::NOSPC,
        Os::NOTDIR => Errno::NOTDIR,
        Os::NOTEMPTY => Errno::NOTEMPTY,
        Os::NOTSUP => Errno::NOTSUP,
        Os::NXIO => Errno::NXIO,
        Os::OVERFLOW => Errno::OVERFLOW,
        Os::PERM => Errno::PERM,
        Os::PIPE => Errno::PIPE,
        Os::ROFS => Errno::ROFS,
        Os::SPIPE => Errno::SPIPE,
        Os::TXTBSY => Errno::TXTBSY,
        Os::XDEV => Errno::XDEV,
        _ => return None,
    })
}

#[cfg(not(unix))]
fn raw(_: &io::Error) -> Option<Errno> {
    None
}

/// For errors that are not the system's: cap-std's own, of a path that leads
/// out, is [`io::ErrorKind::PermissionDenied`].
fn kind(kind: io::ErrorKind) -> Errno {
    use io::ErrorKind as Kind;
    match kind {
        Kind::PermissionDenied => Errno::PERM,
        Kind::NotFound => Errno::NOENT,
        Kind::AlreadyExists => Errno::EXIST,
        Kind::InvalidInput | Kind::InvalidFilename => Errno::INVAL,
        Kind::NotADirectory => Errno::NOTDIR,
        Kind::IsADirectory => Errno::ISDIR,
        Kind::DirectoryNotEmpty => Errno::NOTEMPTY,
        Kind::ReadOnlyFilesystem => Errno::ROFS,
        Kind::StorageFull | Kind::QuotaExceeded => Errno::NOSPC,
        Kind::FileTooLarge => Errno::FBIG,
        Kind::CrossesDevices => Errno::XDEV,
        Kind::TooManyLinks => Errno::MLINK,
        Kind::ResourceBusy | Kind::ExecutableFileBusy => Errno::BUSY,
        Kind::BrokenPipe => Errno::PIPE,
        Kind::WouldBlock => Errno::AGAIN,
        Kind::OutOfMemory => Errno::NOMEM,
        Kind::NotSeekable => Errno::SPIPE,
        Kind::Unsupported => Errno::NOTSUP,
        _ => Errno::IO,
    }
}

/// Does it again as long as a signal interrupts it.
pub(crate) fn retry<T>(mut f: impl FnMut() -> io::Result<T>) -> Result<T, Errno> {
    loop {
        match f() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result.map_err(errno),
        }
    }
}
