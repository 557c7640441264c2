//! Loads and stores as methods of a memory's bytes, as generated code writes them: the receiver is borrowed
//! only once the operands are evaluated, so that they may be loads themselves.

use super::access;
use crate::trap::Cause;

/// A line per instruction: the method, and the type loaded or stored.
macro_rules! methods {
    (loads { $($load:ident -> $L:ty;)* } stores { $($store:ident($S:ty);)* }) => {
        /// The loads and stores, on the bytes of a linear memory. Each traps with [`Cause::MemoryOutOfBounds`]
        /// past the end. Spec, 4.6.7 and 4.6.8.
        pub trait Access {
            $(
                #[doc = concat!("See [`", stringify!($load), "`](crate::", stringify!($load), ").")]
                fn $load(&self, addr: i32, offset: u32) -> Result<$L, Cause>;
            )*
            $(
                #[doc = concat!("See [`", stringify!($store), "`](crate::", stringify!($store), ").")]
                fn $store(&mut self, addr: i32, offset: u32, v: $S) -> Result<(), Cause>;
            )*
        }

        impl Access for [u8] {
            $(
                #[inline(always)]
                fn $load(&self, addr: i32, offset: u32) -> Result<$L, Cause> {
                    access::$load(self, addr, offset)
                }
            )*
            $(
                #[inline(always)]
                fn $store(&mut self, addr: i32, offset: u32, v: $S) -> Result<(), Cause> {
                    access::$store(self, addr, offset, v)
                }
            )*
        }

        /// The same on a part of known size, in which a constant address needs no check.
        impl<const N: usize> Access for [u8; N] {
            $(
                #[inline(always)]
                fn $load(&self, addr: i32, offset: u32) -> Result<$L, Cause> {
                    access::$load(self, addr, offset)
                }
            )*
            $(
                #[inline(always)]
                fn $store(&mut self, addr: i32, offset: u32, v: $S) -> Result<(), Cause> {
                    access::$store(self, addr, offset, v)
                }
            )*
        }
    };
}

/// Hands the rows, a method and the type loaded or stored each, to a macro.
macro_rules! instructions {
    ($for:ident) => {
        $for! {
            loads {
                i32_load -> i32;
                i64_load -> i64;
                f32_load -> f32;
                f64_load -> f64;
                i32_load8_s -> i32;
                i32_load8_u -> i32;
                i32_load16_s -> i32;
                i32_load16_u -> i32;
                i64_load8_s -> i64;
                i64_load8_u -> i64;
                i64_load16_s -> i64;
                i64_load16_u -> i64;
                i64_load32_s -> i64;
                i64_load32_u -> i64;
            }
            stores {
                i32_store(i32);
                i64_store(i64);
                f32_store(f32);
                f64_store(f64);
                i32_store8(i32);
                i32_store16(i32);
                i64_store8(i64);
                i64_store16(i64);
                i64_store32(i64);
            }
        }
    };
}

pub(super) use instructions;

instructions!(methods);
