//! Loads and stores: a function per instruction, named after it. In go the
//! memory's bytes, the address operand, the static offset and, for a store,
//! the value. The effective address is their sum without wrapping; reaching
//! past the end traps with [`Cause::MemoryOutOfBounds`] and a refused store
//! writes nothing. Bytes are little-endian and NaNs keep their bits. Spec,
//! 4.6.7 and 4.6.8.

use crate::trap::Cause;

/// The indices of an access to `N` bytes. On hosts of 64 bits their sum cannot
/// wrap.
#[cfg(target_pointer_width = "64")]
#[inline(always)]
fn range<const N: usize>(_: usize, addr: i32, offset: u32) -> Option<core::ops::Range<usize>> {
    let start = addr as u32 as usize + offset as usize;
    Some(start..start + N)
}

/// The indices of an access to `N` bytes of `len`, if they are some of them.
#[cfg(not(target_pointer_width = "64"))]
#[inline(always)]
fn range<const N: usize>(len: usize, addr: i32, offset: u32) -> Option<core::ops::Range<usize>> {
    let last = len.checked_sub(N)?.checked_sub(offset as usize)?;
    if addr as u32 as usize > last {
        return None;
    }
    let start = (addr as u32 as usize).wrapping_add(offset as usize);
    Some(start..start.wrapping_add(N))
}

#[inline(always)]
fn load<const N: usize>(m: &[u8], addr: i32, offset: u32) -> Result<[u8; N], Cause> {
    let bytes = range::<N>(m.len(), addr, offset).and_then(|range| m.get(range));
    match bytes.and_then(|bytes| bytes.first_chunk()) {
        Some(bytes) => Ok(*bytes),
        None => Err(Cause::MemoryOutOfBounds),
    }
}

#[inline(always)]
fn store<const N: usize>(m: &mut [u8], addr: i32, offset: u32, v: [u8; N]) -> Result<(), Cause> {
    let bytes = range::<N>(m.len(), addr, offset).and_then(|range| m.get_mut(range));
    match bytes.and_then(|bytes| bytes.first_chunk_mut()) {
        Some(bytes) => {
            *bytes = v;
            Ok(())
        }
        None => Err(Cause::MemoryOutOfBounds),
    }
}

/// A line per load: the instruction, its result, the type in memory.
macro_rules! loads {
    ($($name:ident $instr:literal -> $T:ty as $Stored:ty;)*) => {
        $(
            #[doc = concat!("The instruction `", $instr, "`.")]
            #[inline(always)]
            pub fn $name(m: &[u8], addr: i32, offset: u32) -> Result<$T, Cause> {
                match load(m, addr, offset) {
                    Ok(bytes) => Ok(<$Stored>::from_le_bytes(bytes) as $T),
                    Err(cause) => Err(cause),
                }
            }
        )*
    };
}

loads! {
    i32_load "i32.load" -> i32 as i32;
    i64_load "i64.load" -> i64 as i64;
    i32_load8_s "i32.load8_s" -> i32 as i8;
    i32_load8_u "i32.load8_u" -> i32 as u8;
    i32_load16_s "i32.load16_s" -> i32 as i16;
    i32_load16_u "i32.load16_u" -> i32 as u16;
    i64_load8_s "i64.load8_s" -> i64 as i8;
    i64_load8_u "i64.load8_u" -> i64 as u8;
    i64_load16_s "i64.load16_s" -> i64 as i16;
    i64_load16_u "i64.load16_u" -> i64 as u16;
    i64_load32_s "i64.load32_s" -> i64 as i32;
    i64_load32_u "i64.load32_u" -> i64 as u32;
}

/// The instruction `f32.load`.
#[inline(always)]
pub fn f32_load(m: &[u8], addr: i32, offset: u32) -> Result<f32, Cause> {
    match i32_load(m, addr, offset) {
        Ok(bits) => Ok(f32::from_bits(bits as u32)),
        Err(cause) => Err(cause),
    }
}

/// The instruction `f64.load`.
#[inline(always)]
pub fn f64_load(m: &[u8], addr: i32, offset: u32) -> Result<f64, Cause> {
    match i64_load(m, addr, offset) {
        Ok(bits) => Ok(f64::from_bits(bits as u64)),
        Err(cause) => Err(cause),
    }
}

/// A line per store: the instruction, its operand, the type in memory.
macro_rules! stores {
    ($($name:ident $instr:literal ($T:ty) as $Stored:ty;)*) => {
        $(
            #[doc = concat!("The instruction `", $instr, "`.")]
            #[inline(always)]
            pub fn $name(m: &mut [u8], addr: i32, offset: u32, v: $T) -> Result<(), Cause> {
                store(m, addr, offset, (v as $Stored).to_le_bytes())
            }
        )*
    };
}

stores! {
    i32_store "i32.store" (i32) as i32;
    i64_store "i64.store" (i64) as i64;
    i32_store8 "i32.store8" (i32) as u8;
    i32_store16 "i32.store16" (i32) as u16;
    i64_store8 "i64.store8" (i64) as u8;
    i64_store16 "i64.store16" (i64) as u16;
    i64_store32 "i64.store32" (i64) as u32;
}

/// The instruction `f32.store`.
#[inline(always)]
pub fn f32_store(m: &mut [u8], addr: i32, offset: u32, v: f32) -> Result<(), Cause> {
    store(m, addr, offset, v.to_bits().to_le_bytes())
}

/// The instruction `f64.store`.
#[inline(always)]
pub fn f64_store(m: &mut [u8], addr: i32, offset: u32, v: f64) -> Result<(), Cause> {
    store(m, addr, offset, v.to_bits().to_le_bytes())
}
