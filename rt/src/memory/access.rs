//! Loads and stores: a function per instruction, named after it. In go the
//! memory's bytes, the address operand, the static offset and, for a store,
//! the value. The effective address is their sum without wrapping; reaching
//! past the end traps with [`Cause::MemoryOutOfBounds`] and a refused store
//! writes nothing. Bytes are little-endian and NaNs keep their bits. Spec,
//! 4.6.7 and 4.6.8.

use crate::trap::Cause;

/// The bytes from an effective address on, of which there are at least `N`.
#[inline(always)]
fn place<const N: usize>(m: &[u8], addr: i32, offset: u32) -> Option<&[u8]> {
    if size_of::<usize>() > 4 {
        // The sum cannot wrap.
        let start = addr as u32 as usize + offset as usize;
        m.get(start..start + N)
    } else {
        narrow::<N>(m, addr, offset)
    }
}

/// The same where a sum might wrap. The bound of the address is a constant
/// where the length is, and then all else that is asked here is known.
#[inline(always)]
fn narrow<const N: usize>(m: &[u8], addr: i32, offset: u32) -> Option<&[u8]> {
    let rest = m.get(offset as usize..)?;
    if addr as u32 as usize > rest.len().checked_sub(N)? {
        return None;
    }
    rest.get(addr as u32 as usize..)
}

/// As [`place`], to change.
#[inline(always)]
fn place_mut<const N: usize>(m: &mut [u8], addr: i32, offset: u32) -> Option<&mut [u8]> {
    if size_of::<usize>() > 4 {
        let start = addr as u32 as usize + offset as usize;
        m.get_mut(start..start + N)
    } else {
        narrow_mut::<N>(m, addr, offset)
    }
}

/// As [`narrow`], to change.
#[inline(always)]
fn narrow_mut<const N: usize>(m: &mut [u8], addr: i32, offset: u32) -> Option<&mut [u8]> {
    let rest = m.get_mut(offset as usize..)?;
    if addr as u32 as usize > rest.len().checked_sub(N)? {
        return None;
    }
    rest.get_mut(addr as u32 as usize..)
}

#[inline(always)]
fn load<const N: usize>(m: &[u8], addr: i32, offset: u32) -> Result<[u8; N], Cause> {
    match place::<N>(m, addr, offset).and_then(|bytes| bytes.first_chunk()) {
        Some(bytes) => Ok(*bytes),
        None => Err(Cause::MemoryOutOfBounds),
    }
}

#[inline(always)]
fn store<const N: usize>(m: &mut [u8], addr: i32, offset: u32, v: [u8; N]) -> Result<(), Cause> {
    match place_mut::<N>(m, addr, offset).and_then(|bytes| bytes.first_chunk_mut()) {
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

#[cfg(test)]
mod tests {
    use super::{narrow, narrow_mut};

    #[test]
    fn where_sums_might_wrap_the_same_is_in_bounds() {
        let edges = [
            0,
            1,
            3,
            4,
            7,
            8,
            9,
            0x7fff_ffff,
            0x8000_0000,
            0xffff_fff8,
            0xffff_ffff,
        ];
        for len in 0..12 {
            let mut m = [7; 12];
            let m = &mut m[..len];
            for (addr, offset) in edges.iter().flat_map(|a| edges.map(|o| (*a, o))) {
                let start = u64::from(addr) + u64::from(offset);
                let fits = start + 4 <= len as u64;
                let left = fits.then(|| len - start as usize);
                let (addr, at) = (addr as i32, (addr, offset, len));
                assert_eq!(
                    narrow::<4>(m, addr, offset).map(<[u8]>::len),
                    left,
                    "{at:?}"
                );
                assert_eq!(
                    narrow_mut::<4>(m, addr, offset).map(|b| b.len()),
                    left,
                    "{at:?}"
                );
            }
        }
    }
}
