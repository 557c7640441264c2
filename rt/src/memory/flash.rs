//! Memories whose lowest bytes are constants and stay in flash; RAM holds
//! those above. For controllers that have more of the one than of the other.
//!
//! Loads reach both. A store below, or an access across the border, traps with
//! [`Cause::MemoryOutOfBounds`]: a departure from the specification that a
//! user asks for.

use core::marker::PhantomData;

use super::access;
use crate::run::Run;
use crate::trap::Cause;
use crate::{bulk, memory};

/// What of a memory is in flash, from address 0 on.
pub trait Flash {
    /// The bytes.
    const BYTES: &'static [u8];
}

/// A memory of fixed size: the bytes of `F`, and `RAM` bytes above them. All
/// bytes of an instance are zero before it is instantiated.
pub struct FlashMemory<F, const RAM: usize> {
    ram: [u8; RAM],
    flash: PhantomData<F>,
}

impl<F: Flash, const RAM: usize> FlashMemory<F, RAM> {
    /// A memory, all of its RAM zero.
    pub const fn idle() -> Self {
        Self {
            ram: [0; RAM],
            flash: PhantomData,
        }
    }

    /// Makes its RAM zero. Traps with [`Cause::MemoryLimit`] where not even a
    /// page is allowed.
    pub fn instantiate_part(&mut self, limit_pages: u32) -> Result<(), Cause> {
        self.ram.fill(0);
        match limit_pages {
            0 => Err(Cause::MemoryLimit),
            _ => Ok(()),
        }
    }

    /// The bytes in RAM: the first is at the address at which flash ends.
    pub fn ram(&self) -> &[u8; RAM] {
        &self.ram
    }

    /// As [`ram`](FlashMemory::ram), to change.
    pub fn ram_mut(&mut self) -> &mut [u8; RAM] {
        &mut self.ram
    }

    /// The `len` bytes at `addr`, or [`Cause::MemoryOutOfBounds`].
    pub fn get(&self, addr: u32, len: u32) -> Result<&[u8], Cause> {
        let (bytes, addr) = match above::<F>(addr as i32, 0) {
            Some(addr) => (&self.ram[..], addr as u32),
            None => (F::BYTES, addr),
        };
        let range = memory::range(addr, len as usize)?;
        bytes.get(range).ok_or(Cause::MemoryOutOfBounds)
    }

    /// As [`get`](FlashMemory::get), to change: of RAM alone.
    pub fn get_mut(&mut self, addr: u32, len: u32) -> Result<&mut [u8], Cause> {
        let addr = above::<F>(addr as i32, 0).ok_or(Cause::MemoryOutOfBounds)?;
        let range = memory::range(addr as u32, len as usize)?;
        self.ram.get_mut(range).ok_or(Cause::MemoryOutOfBounds)
    }

    /// Fills `buf` from `addr` on, or [`Cause::MemoryOutOfBounds`].
    pub fn read(&self, addr: u32, buf: &mut [u8]) -> Result<(), Cause> {
        let len = u32::try_from(buf.len()).map_err(|_| Cause::MemoryOutOfBounds)?;
        buf.copy_from_slice(self.get(addr, len)?);
        Ok(())
    }

    /// Writes `bytes` to `addr`, in RAM, or [`Cause::MemoryOutOfBounds`].
    pub fn write(&mut self, addr: u32, bytes: &[u8]) -> Result<(), Cause> {
        let len = u32::try_from(bytes.len()).map_err(|_| Cause::MemoryOutOfBounds)?;
        self.get_mut(addr, len)?.copy_from_slice(bytes);
        Ok(())
    }

    /// The instruction `memory.fill`: `n` bytes at `d`, each the low byte of
    /// `v`.
    pub fn fill(&mut self, rt: &mut Run, d: i32, v: i32, n: i32) -> Result<(), Cause> {
        bulk::memory_fill(rt, &mut self.ram, target::<F>(d, n)?, v, n)
    }

    /// The instruction `memory.copy`: `n` bytes from `s` to `d`.
    pub fn copy(&mut self, rt: &mut Run, d: i32, s: i32, n: i32) -> Result<(), Cause> {
        let d = target::<F>(d, n)?;
        match above::<F>(s, 0) {
            Some(s) => bulk::memory_copy(rt, &mut self.ram, d, s, n),
            None => bulk::memory_copy_between(rt, &mut self.ram, F::BYTES, d, s, n),
        }
    }

    /// The instruction `memory.init`: `n` bytes from `s` in a data segment to
    /// `d`.
    pub fn init(&mut self, rt: &mut Run, data: &[u8], d: i32, s: i32, n: i32) -> Result<(), Cause> {
        bulk::memory_init(rt, &mut self.ram, data, target::<F>(d, n)?, s, n)
    }
}

/// Where an effective address lies in RAM; `None` if it lies below, or nowhere.
#[inline(always)]
fn above<F: Flash>(addr: i32, offset: u32) -> Option<i32> {
    let addr = (addr as u32).checked_add(offset)?;
    let addr = addr.checked_sub(F::BYTES.len() as u32)?;
    Some(addr as i32)
}

/// The same of `n` bytes that are to be written; none can be written anywhere.
fn target<F: Flash>(d: i32, n: i32) -> Result<i32, Cause> {
    match above::<F>(d, 0) {
        Some(d) => Ok(d),
        None if n == 0 => Ok(0),
        None => Err(Cause::MemoryOutOfBounds),
    }
}

/// A line per instruction, as in [`Access`](super::Access).
macro_rules! methods {
    (loads { $($load:ident -> $L:ty;)* } stores { $($store:ident($S:ty);)* }) => {
        impl<F: Flash, const RAM: usize> super::Access for FlashMemory<F, RAM> {
            $(
                #[inline(always)]
                fn $load(&self, addr: i32, offset: u32) -> Result<$L, Cause> {
                    match above::<F>(addr, offset) {
                        Some(addr) => access::$load(&self.ram, addr, 0),
                        None => access::$load(F::BYTES, addr, offset),
                    }
                }
            )*
            $(
                #[inline(always)]
                fn $store(&mut self, addr: i32, offset: u32, v: $S) -> Result<(), Cause> {
                    match above::<F>(addr, offset) {
                        Some(addr) => access::$store(&mut self.ram, addr, 0, v),
                        None => Err(Cause::MemoryOutOfBounds),
                    }
                }
            )*
        }
    };
}

super::methods::instructions!(methods);
