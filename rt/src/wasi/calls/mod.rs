//! The bodies of the functions of [`preview1`](super::preview1). In go what
//! the public function gets; out comes success or a [`Stop`]. What a call will
//! cost is paid in one charge, before it acts, so that what is refused has no
//! effect, and results are written to guest memory last, after their places
//! were checked, so that a call with a bad pointer has none either.

// A function of preview 1 has as many parameters as it has.
#![allow(clippy::too_many_arguments)]

mod clocks;
mod fd;
mod io;
mod path;
mod poll;
mod sock;
mod strings;

pub(super) use clocks::*;
pub(super) use fd::*;
pub(super) use io::*;
pub(super) use path::*;
pub(super) use poll::poll_oneoff;
pub(super) use sock::*;
pub(super) use strings::*;

use super::filesystem::{SetTime, Stat};
use super::guest::{self, put_u64};
use super::preview1::Stop;
use super::{ClockId, Errno};
use crate::run::Run;

pub(super) type Outcome = Result<(), Stop>;

/// The rights that are asked for and told; they are facts about a descriptor,
/// not checks: what a folder allows is the filesystem's business.
mod rights {
    pub(super) const FD_DATASYNC: u64 = 1;
    pub(super) const FD_READ: u64 = 1 << 1;
    pub(super) const FD_SEEK: u64 = 1 << 2;
    pub(super) const FD_FDSTAT_SET_FLAGS: u64 = 1 << 3;
    pub(super) const FD_SYNC: u64 = 1 << 4;
    pub(super) const FD_TELL: u64 = 1 << 5;
    pub(super) const FD_WRITE: u64 = 1 << 6;
    pub(super) const FD_ADVISE: u64 = 1 << 7;
    pub(super) const FD_ALLOCATE: u64 = 1 << 8;
    pub(super) const PATH_CREATE_DIRECTORY: u64 = 1 << 9;
    pub(super) const PATH_CREATE_FILE: u64 = 1 << 10;
    pub(super) const PATH_LINK_SOURCE: u64 = 1 << 11;
    pub(super) const PATH_LINK_TARGET: u64 = 1 << 12;
    pub(super) const PATH_OPEN: u64 = 1 << 13;
    pub(super) const FD_READDIR: u64 = 1 << 14;
    pub(super) const PATH_READLINK: u64 = 1 << 15;
    pub(super) const PATH_RENAME_SOURCE: u64 = 1 << 16;
    pub(super) const PATH_RENAME_TARGET: u64 = 1 << 17;
    pub(super) const PATH_FILESTAT_GET: u64 = 1 << 18;
    pub(super) const PATH_FILESTAT_SET_SIZE: u64 = 1 << 19;
    pub(super) const PATH_FILESTAT_SET_TIMES: u64 = 1 << 20;
    pub(super) const FD_FILESTAT_GET: u64 = 1 << 21;
    pub(super) const FD_FILESTAT_SET_SIZE: u64 = 1 << 22;
    pub(super) const FD_FILESTAT_SET_TIMES: u64 = 1 << 23;
    pub(super) const PATH_SYMLINK: u64 = 1 << 24;
    pub(super) const PATH_REMOVE_DIRECTORY: u64 = 1 << 25;
    pub(super) const PATH_UNLINK_FILE: u64 = 1 << 26;
    pub(super) const POLL_FD_READWRITE: u64 = 1 << 27;
    /// All there are.
    pub(super) const ALL: u64 = (1 << 30) - 1;
}

/// Flags of a descriptor.
mod fdflags {
    pub(super) const APPEND: i32 = 1;
    pub(super) const DSYNC: i32 = 1 << 1;
    pub(super) const NONBLOCK: i32 = 1 << 2;
    pub(super) const RSYNC: i32 = 1 << 3;
    pub(super) const SYNC: i32 = 1 << 4;
    pub(super) const ALL: i32 = (1 << 5) - 1;
}

/// The clock of a number.
fn clock(id: i32) -> Result<ClockId, Errno> {
    ClockId::new(id).ok_or(Errno::INVAL)
}

/// Pays for a call: so many units, and one more per 64 of so many bytes. A call
/// pays once, whatever it does, and before it does anything, so that what is
/// refused was not begun and can be asked for again.
fn pay(rt: &mut Run, units: u32, bytes: u64) -> Outcome {
    let fuel = (bytes / 64).saturating_add(u64::from(units));
    let fuel = u32::try_from(fuel).map_err(|_| Errno::OVERFLOW)?;
    Ok(rt.charge(fuel)?)
}

/// Writes the attributes of a file.
fn put_stat(mem: &mut [u8], at: i32, stat: &Stat) -> Result<(), Errno> {
    guest::bytes(mem, at, 64)?.fill(0);
    put_u64(mem, at, 0, stat.dev)?;
    put_u64(mem, at, 8, stat.ino)?;
    put_u64(mem, at, 16, stat.filetype as u64)?;
    put_u64(mem, at, 24, stat.nlink)?;
    put_u64(mem, at, 32, stat.size)?;
    put_u64(mem, at, 40, stat.atim)?;
    put_u64(mem, at, 48, stat.mtim)?;
    put_u64(mem, at, 56, stat.ctim)
}

/// What becomes of the times, by the flags that say so.
fn times(atim: i64, mtim: i64, flags: i32) -> Result<(SetTime, SetTime), Errno> {
    let time = |given: bool, now: bool, time: i64| match (given, now) {
        (false, false) => Ok(SetTime::Keep),
        (true, false) => Ok(SetTime::At(time as u64)),
        (false, true) => Ok(SetTime::Now),
        (true, true) => Err(Errno::INVAL),
    };
    if flags & !15 != 0 {
        return Err(Errno::INVAL);
    }
    let is = |bit: i32| flags & bit != 0;
    Ok((time(is(1), is(2), atim)?, time(is(4), is(8), mtim)?))
}
