//! The guest's memory as seen by a call: every pointer is checked, what lies
//! outside is [`Errno::FAULT`], and no sum wraps.

use super::Errno;
use crate::memory::access;

/// The `len` bytes at `ptr`.
pub(super) fn bytes(mem: &mut [u8], ptr: i32, len: u32) -> Result<&mut [u8], Errno> {
    let rest = mem.get_mut(ptr as u32 as usize..).ok_or(Errno::FAULT)?;
    rest.get_mut(..len as usize).ok_or(Errno::FAULT)
}

/// The address of the item `index` in an array at `ptr`.
pub(super) fn item(ptr: i32, index: u32, size: u32) -> Result<i32, Errno> {
    let at = index
        .checked_mul(size)
        .and_then(|at| at.checked_add(ptr as u32));
    at.map(|at| at as i32).ok_or(Errno::FAULT)
}

/// Fails unless an array of `len` items lies in memory.
pub(super) fn check_array(mem: &mut [u8], ptr: i32, len: u32, size: u32) -> Result<(), Errno> {
    let len = len.checked_mul(size).ok_or(Errno::FAULT)?;
    bytes(mem, ptr, len).map(drop)
}

pub(super) fn get_u32(mem: &[u8], ptr: i32, offset: u32) -> Result<u32, Errno> {
    access::i32_load(mem, ptr, offset)
        .map(|v| v as u32)
        .map_err(|_| Errno::FAULT)
}

pub(super) fn get_u64(mem: &[u8], ptr: i32, offset: u32) -> Result<u64, Errno> {
    access::i64_load(mem, ptr, offset)
        .map(|v| v as u64)
        .map_err(|_| Errno::FAULT)
}

pub(super) fn put_u32(mem: &mut [u8], ptr: i32, offset: u32, v: u32) -> Result<(), Errno> {
    access::i32_store(mem, ptr, offset, v as i32).map_err(|_| Errno::FAULT)
}

pub(super) fn put_u64(mem: &mut [u8], ptr: i32, offset: u32, v: u64) -> Result<(), Errno> {
    access::i64_store(mem, ptr, offset, v as i64).map_err(|_| Errno::FAULT)
}

/// A buffer that the guest names in `fd_read` and `fd_write`.
pub(super) struct Iov {
    pub(super) ptr: i32,
    pub(super) len: u32,
}

/// The buffer `index` of an array of them.
pub(super) fn iov(mem: &[u8], iovs: i32, index: u32) -> Result<Iov, Errno> {
    let at = item(iovs, index, 8)?;
    Ok(Iov {
        ptr: get_u32(mem, at, 0)? as i32,
        len: get_u32(mem, at, 4)?,
    })
}
