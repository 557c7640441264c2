//! What `std` has no word for that every system knows: positioned reading and
//! writing, appending, times, room and advice.

use std::fs::File;
use std::io;

use cap_std::fs::{FileType as HostType, Metadata};
use wrt_rt::wasi::filesystem::{Advice, FileType};

#[cfg(unix)]
pub(crate) use self::unix::*;

#[cfg(not(unix))]
pub(crate) use self::other::*;

#[cfg(unix)]
mod unix {
    use std::io::{Seek, Write};
    use std::os::unix::fs::FileExt;

    use cap_std::fs::{FileTypeExt, MetadataExt};
    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

    use super::*;

    pub(crate) fn read_at(file: &File, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        FileExt::read_at(file, buf, offset)
    }

    pub(crate) fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<usize> {
        FileExt::write_at(file, bytes, offset)
    }

    /// The descriptor appends for this one write, so that the end is found and
    /// written to in one step whoever else writes. Its position, which nothing
    /// else uses, is the new end.
    pub(crate) fn append(mut file: &File, bytes: &[u8]) -> io::Result<(usize, u64)> {
        let flags = fcntl_getfl(file)?;
        fcntl_setfl(file, flags | OFlags::APPEND)?;
        let written = file.write(bytes);
        fcntl_setfl(file, flags)?;
        Ok((written?, file.stream_position()?))
    }

    pub(crate) fn filetype(host: HostType) -> FileType {
        if host.is_char_device() {
            FileType::CharacterDevice
        } else if host.is_block_device() {
            FileType::BlockDevice
        } else {
            common_type(host)
        }
    }

    /// Of last access, change of data and change of attributes.
    pub(crate) fn times(host: &Metadata) -> [u64; 3] {
        let nanoseconds = |s: i64, ns: i64| {
            let s = u64::try_from(s).unwrap_or(0);
            let ns = u64::try_from(ns).unwrap_or(0);
            s.saturating_mul(1_000_000_000).saturating_add(ns)
        };
        [
            nanoseconds(host.atime(), host.atime_nsec()),
            nanoseconds(host.mtime(), host.mtime_nsec()),
            nanoseconds(host.ctime(), host.ctime_nsec()),
        ]
    }

    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    pub(crate) fn allocate(file: &File, offset: u64, len: u64) -> io::Result<()> {
        use rustix::fs::{FallocateFlags, fallocate};
        match fallocate(file, FallocateFlags::empty(), offset, len) {
            // Not every filesystem can.
            Err(rustix::io::Errno::OPNOTSUPP) => extend(file, offset, len),
            result => Ok(result?),
        }
    }

    #[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
    pub(crate) use super::extend as allocate;

    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    pub(crate) fn advise(file: &File, offset: u64, len: u64, advice: Advice) -> io::Result<()> {
        use rustix::fs::{Advice as Host, fadvise};
        let advice = match advice {
            Advice::Normal => Host::Normal,
            Advice::Sequential => Host::Sequential,
            Advice::Random => Host::Random,
            Advice::WillNeed => Host::WillNeed,
            Advice::DontNeed => Host::DontNeed,
            Advice::NoReuse => Host::NoReuse,
        };
        Ok(fadvise(file, offset, len.try_into().ok(), advice)?)
    }

    #[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
    pub(crate) fn advise(_: &File, _: u64, _: u64, _: Advice) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(not(unix))]
mod other {
    use std::io::{Read, Seek, SeekFrom, Write};
    use std::time::{SystemTime, UNIX_EPOCH};

    use super::*;

    pub(crate) fn read_at(mut file: &File, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        file.seek(SeekFrom::Start(offset))?;
        file.read(buf)
    }

    pub(crate) fn write_at(mut file: &File, bytes: &[u8], offset: u64) -> io::Result<usize> {
        file.seek(SeekFrom::Start(offset))?;
        file.write(bytes)
    }

    /// Another process that writes at the same time may write there too.
    pub(crate) fn append(mut file: &File, bytes: &[u8]) -> io::Result<(usize, u64)> {
        file.seek(SeekFrom::End(0))?;
        let written = file.write(bytes)?;
        Ok((written, file.stream_position()?))
    }

    pub(crate) fn filetype(host: HostType) -> FileType {
        common_type(host)
    }

    /// Of last access, change of data and, in place of a change of attributes,
    /// of creation.
    pub(crate) fn times(host: &Metadata) -> [u64; 3] {
        let nanoseconds = |time: io::Result<cap_std::time::SystemTime>| {
            let since = |time: SystemTime| time.duration_since(UNIX_EPOCH).ok();
            let time = time.ok().and_then(|time| since(time.into_std()));
            time.map_or(0, |time| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
        };
        [
            nanoseconds(host.accessed()),
            nanoseconds(host.modified()),
            nanoseconds(host.created()),
        ]
    }

    pub(crate) use super::extend as allocate;

    pub(crate) fn advise(_: &File, _: u64, _: u64, _: Advice) -> io::Result<()> {
        Ok(())
    }
}

fn common_type(host: HostType) -> FileType {
    if host.is_file() {
        FileType::RegularFile
    } else if host.is_dir() {
        FileType::Directory
    } else if host.is_symlink() {
        FileType::SymbolicLink
    } else {
        FileType::Unknown
    }
}

/// Extends a file that is shorter, without making room on the device.
pub(crate) fn extend(file: &File, offset: u64, len: u64) -> io::Result<()> {
    let end = offset.checked_add(len).ok_or(io::ErrorKind::FileTooLarge)?;
    if file.metadata()?.len() < end {
        file.set_len(end)?;
    }
    Ok(())
}
