//! Rust types as wasm types: single values, and lists of them as tuples.

use crate::slot::Slot;
use wrt_rt::{ExternRef, FuncRef, ValType};

/// A Rust type that is a wasm type. `u32` and `u64` are wasm's `i32` and `i64`, which have no sign.
pub trait WasmTy: sealed::Sealed + Copy + Send + 'static {
    /// The wasm type.
    const TYPE: ValType;

    #[doc(hidden)]
    fn of(slot: u64) -> Self;

    #[doc(hidden)]
    fn slot(self) -> u64;
}

/// Parameters or results of a function: `()`, one wasm type, or a tuple of up to 16.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no list of wasm values",
    note = "it may be (), one of i32, u32, i64, u64, f32, f64, FuncRef, ExternRef, or a tuple of at most 16 of them"
)]
pub trait WasmList: sealed::Sealed + Copy + Send + 'static {
    /// The wasm types.
    const TYPES: &'static [ValType];

    #[doc(hidden)]
    fn get(slots: &[u64]) -> Self;

    #[doc(hidden)]
    fn put(self, slots: &mut [u64]);
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! types {
    ($($T:ident $Type:ident;)*) => { $(
        impl sealed::Sealed for $T {}

        impl WasmTy for $T {
            const TYPE: ValType = ValType::$Type;

            fn of(slot: u64) -> $T {
                <$T as Slot>::get(slot)
            }

            fn slot(self) -> u64 {
                Slot::put(self)
            }
        }
    )* };
}

types! {
    i32 I32;
    u32 I32;
    i64 I64;
    u64 I64;
    f32 F32;
    f64 F64;
    FuncRef FuncRef;
    ExternRef ExternRef;
}

impl<A: WasmTy> WasmList for A {
    const TYPES: &'static [ValType] = &[A::TYPE];

    fn get(slots: &[u64]) -> A {
        A::of(slots.first().copied().unwrap_or(0))
    }

    fn put(self, slots: &mut [u64]) {
        if let Some(slot) = slots.first_mut() {
            *slot = self.slot();
        }
    }
}

macro_rules! for_each_arity {
    ($callback:ident) => {
        $callback!();
        $callback!(A1);
        $callback!(A1 A2);
        $callback!(A1 A2 A3);
        $callback!(A1 A2 A3 A4);
        $callback!(A1 A2 A3 A4 A5);
        $callback!(A1 A2 A3 A4 A5 A6);
        $callback!(A1 A2 A3 A4 A5 A6 A7);
        $callback!(A1 A2 A3 A4 A5 A6 A7 A8);
        $callback!(A1 A2 A3 A4 A5 A6 A7 A8 A9);
        $callback!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10);
        $callback!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11);
        $callback!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12);
        $callback!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13);
        $callback!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14);
        $callback!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15);
        $callback!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15 A16);
    };
}
pub(crate) use for_each_arity;

macro_rules! tuples {
    ($($A:ident)*) => {
        impl<$($A: WasmTy,)*> sealed::Sealed for ($($A,)*) {}

        #[allow(non_snake_case, unused_variables, unused_mut, clippy::unused_unit)]
        impl<$($A: WasmTy,)*> WasmList for ($($A,)*) {
            const TYPES: &'static [ValType] = &[$($A::TYPE),*];

            fn get(slots: &[u64]) -> ($($A,)*) {
                let mut slots = slots.iter().copied();
                ($($A::of(slots.next().unwrap_or(0)),)*)
            }

            fn put(self, slots: &mut [u64]) {
                let ($($A,)*) = self;
                for (to, slot) in slots.iter_mut().zip([$($A.slot()),*] as [u64; _]) {
                    *to = slot;
                }
            }
        }
    };
}
for_each_arity! { tuples }
