//! Values as registers hold them: 64 bits, the type being known to the code. An i32 or an f32 leaves the high half
//! zero, so that equal values are equal bits.

use wrt_rt::{ExternRef, FuncRef, Val, ValType};

/// A type that a register can hold.
pub(crate) trait Slot: Sized {
    fn get(slot: u64) -> Self;
    fn put(self) -> u64;
}

macro_rules! slots {
    ($($T:ty: $get:expr, $put:expr;)*) => { $(
        impl Slot for $T {
            #[inline(always)]
            fn get(slot: u64) -> $T {
                let get: fn(u64) -> $T = $get;
                get(slot)
            }

            #[inline(always)]
            fn put(self) -> u64 {
                let put: fn($T) -> u64 = $put;
                put(self)
            }
        }
    )* };
}

slots! {
    i32: |v| v as i32, |v| u64::from(v as u32);
    u32: |v| v as u32, u64::from;
    i64: |v| v as i64, |v| v as u64;
    u64: |v| v, |v| v;
    f32: |v| f32::from_bits(v as u32), |v| u64::from(v.to_bits());
    f64: f64::from_bits, f64::to_bits;
    bool: |v| v as u32 != 0, u64::from;
    FuncRef: |v| FuncRef::new(v as u32), |v| u64::from(v.raw());
    ExternRef: |v| ExternRef::new(v as u32), |v| u64::from(v.raw());
}

/// The slot of a value.
pub(crate) fn slot(val: Val) -> u64 {
    match val {
        Val::I32(v) => v.put(),
        Val::I64(v) => v.put(),
        Val::F32(v) => v.put(),
        Val::F64(v) => v.put(),
        Val::FuncRef(v) => v.put(),
        Val::ExternRef(v) => v.put(),
        // `Val` may grow types that no module that is accepted here has.
        _ => 0,
    }
}

/// The value of type `ty` in a slot.
pub(crate) fn val(ty: ValType, slot: u64) -> Val {
    match ty {
        ValType::I32 => Val::I32(Slot::get(slot)),
        ValType::I64 => Val::I64(Slot::get(slot)),
        ValType::F32 => Val::F32(Slot::get(slot)),
        ValType::F64 => Val::F64(Slot::get(slot)),
        ValType::FuncRef => Val::FuncRef(Slot::get(slot)),
        ValType::ExternRef => Val::ExternRef(Slot::get(slot)),
    }
}
