//! Numeric instructions that `core` has no equal of, each named after its
//! instruction. Spec, 4.3.
//!
//! Results are correct to the bit on every host, with and without `std`. A
//! NaN that goes out is quiet, and canonical if all NaNs that went in were;
//! its quiet bit is set by an integer operation, since compilers fold
//! arithmetic that would set it.

#[cfg(any(test, not(feature = "std")))]
mod sqrt;

use core::hint::cold_path;

use crate::trap::Cause;

/// A line per integer type: `div` and `rem`, signed and unsigned.
macro_rules! integers {
    ($($I:ident $U:ident $div_s:ident $div_u:ident $rem_s:ident $rem_u:ident;)*) => {
        $(
            #[doc = concat!("The instruction `", stringify!($I), ".div_s`: rounds towards zero.")]
            /// Traps with [`Cause::IntegerDivideByZero`], and with
            /// [`Cause::IntegerOverflow`] for the least integer by −1.
            #[inline]
            pub fn $div_s(a: $I, b: $I) -> Result<$I, Cause> {
                match a.checked_div(b) {
                    Some(q) => Ok(q),
                    None if b == 0 => Err(Cause::IntegerDivideByZero),
                    None => Err(Cause::IntegerOverflow),
                }
            }

            #[doc = concat!("The instruction `", stringify!($I), ".div_u`.")]
            /// Traps with [`Cause::IntegerDivideByZero`].
            #[inline]
            pub fn $div_u(a: $I, b: $I) -> Result<$I, Cause> {
                match (a as $U).checked_div(b as $U) {
                    Some(q) => Ok(q as $I),
                    None => Err(Cause::IntegerDivideByZero),
                }
            }

            #[doc = concat!("The instruction `", stringify!($I), ".rem_s`: the sign of `a`.")]
            /// Traps with [`Cause::IntegerDivideByZero`]; the least integer by
            /// −1 leaves 0.
            #[inline]
            pub fn $rem_s(a: $I, b: $I) -> Result<$I, Cause> {
                match b {
                    0 => Err(Cause::IntegerDivideByZero),
                    _ => Ok(a.wrapping_rem(b)),
                }
            }

            #[doc = concat!("The instruction `", stringify!($I), ".rem_u`.")]
            /// Traps with [`Cause::IntegerDivideByZero`].
            #[inline]
            pub fn $rem_u(a: $I, b: $I) -> Result<$I, Cause> {
                match (a as $U).checked_rem(b as $U) {
                    Some(r) => Ok(r as $I),
                    None => Err(Cause::IntegerDivideByZero),
                }
            }
        )*
    };
}

integers! {
    i32 u32 i32_div_s i32_div_u i32_rem_s i32_rem_u;
    i64 u64 i64_div_s i64_div_u i64_rem_s i64_rem_u;
}

/// A line per truncation: the floats between the bounds have a result. The
/// first bound counts only where written `=`.
macro_rules! truncations {
    ($($name:ident $instr:literal ($F:ty) -> $I:ty as $T:ty, $min:literal $above:tt x < $max:literal;)*) => {
        $(
            #[doc = concat!("The instruction `", $instr, "`.")]
            /// Traps with [`Cause::InvalidConversionToInteger`] for a NaN and
            /// with [`Cause::IntegerOverflow`] for what does not fit.
            // A range would copy the bounds and test them no better.
            #[allow(clippy::manual_range_contains)]
            #[inline]
            pub fn $name(x: $F) -> Result<$I, Cause> {
                if $min $above x && x < $max {
                    Ok(x as $T as $I)
                } else if x.is_nan() {
                    Err(Cause::InvalidConversionToInteger)
                } else {
                    Err(Cause::IntegerOverflow)
                }
            }
        )*
    };
}

truncations! {
    i32_trunc_f32_s "i32.trunc_f32_s" (f32) -> i32 as i32, -2147483648.0 <= x < 2147483648.0;
    i32_trunc_f32_u "i32.trunc_f32_u" (f32) -> i32 as u32, -1.0 < x < 4294967296.0;
    i32_trunc_f64_s "i32.trunc_f64_s" (f64) -> i32 as i32, -2147483649.0 < x < 2147483648.0;
    i32_trunc_f64_u "i32.trunc_f64_u" (f64) -> i32 as u32, -1.0 < x < 4294967296.0;
    i64_trunc_f32_s "i64.trunc_f32_s" (f32) -> i64 as i64, -9223372036854775808.0 <= x < 9223372036854775808.0;
    i64_trunc_f32_u "i64.trunc_f32_u" (f32) -> i64 as u64, -1.0 < x < 18446744073709551616.0;
    i64_trunc_f64_s "i64.trunc_f64_s" (f64) -> i64 as i64, -9223372036854775808.0 <= x < 9223372036854775808.0;
    i64_trunc_f64_u "i64.trunc_f64_u" (f64) -> i64 as u64, -1.0 < x < 18446744073709551616.0;
}

/// The method of `std` where it is one instruction, else the software's: without
/// such an instruction `std` calls into the C library.
macro_rules! native_or {
    ($quiet:ident, $x:ident.$method:ident(), $software:expr) => {{
        #[cfg(all(
            feature = "std",
            any(target_feature = "sse4.1", target_arch = "aarch64")
        ))]
        {
            $quiet($x.$method())
        }
        #[cfg(not(all(
            feature = "std",
            any(target_feature = "sse4.1", target_arch = "aarch64")
        )))]
        {
            $software
        }
    }};
}

/// An entry per float type: what the spec asks of floats beyond `core`.
///
/// Software rounds by adding and subtracting the magnitude from which on every
/// float is an integer: that leaves the nearest integer, ties to even, at most
/// 1 beside the floor or the ceiling.
macro_rules! floats {
    ($(
        $F:ident, quiet bit $quiet_bit:literal, canonical $canon:literal,
        integers from $INTEGRAL:literal,
        $quiet:ident $canonical:ident $min:ident $max:ident $copysign:ident
        $nearest:ident $ceil:ident $floor:ident $trunc:ident $sqrt:ident;
    )*) => {
        $(
            /// Sets the quiet bit of a NaN; identity otherwise.
            #[inline(always)]
            pub fn $quiet(x: $F) -> $F {
                // A call, so that the float stays in its register on the way
                // past it.
                #[cold]
                #[inline(never)]
                fn quieted(x: $F) -> $F {
                    $F::from_bits(x.to_bits() | $quiet_bit)
                }
                if x.is_nan() { quieted(x) } else { x }
            }

            /// Replaces any NaN by the positive canonical one; identity
            /// otherwise.
            #[inline(always)]
            pub fn $canonical(x: $F) -> $F {
                if x.is_nan() {
                    cold_path();
                    $F::from_bits($canon)
                } else {
                    x
                }
            }

            #[doc = concat!("The instruction `", stringify!($F), ".min`: NaN if either is, −0 below +0.")]
            #[inline]
            pub fn $min(a: $F, b: $F) -> $F {
                if a.is_nan() | b.is_nan() {
                    cold_path();
                    return $quiet(if a.is_nan() { a } else { b });
                }
                // They differ in bits only if both are zeros: unite the signs.
                let (x, y) = (if a < b { a } else { b }, if b < a { b } else { a });
                $F::from_bits(x.to_bits() | y.to_bits())
            }

            #[doc = concat!("The instruction `", stringify!($F), ".max`: NaN if either is, +0 above −0.")]
            #[inline]
            pub fn $max(a: $F, b: $F) -> $F {
                if a.is_nan() | b.is_nan() {
                    cold_path();
                    return $quiet(if a.is_nan() { a } else { b });
                }
                let (x, y) = (if a > b { a } else { b }, if b > a { b } else { a });
                $F::from_bits(x.to_bits() & y.to_bits())
            }

            #[doc = concat!("The instruction `", stringify!($F), ".copysign`: `a` with the sign of `b`, NaNs as they are.")]
            #[inline(always)]
            pub fn $copysign(a: $F, b: $F) -> $F {
                a.copysign(b)
            }

            #[doc = concat!("The instruction `", stringify!($F), ".nearest`: ties to even.")]
            #[inline]
            pub fn $nearest(x: $F) -> $F {
                native_or!($quiet, x.round_ties_even(), {
                    let a = x.abs();
                    if a < $INTEGRAL {
                        ((a + $INTEGRAL) - $INTEGRAL).copysign(x)
                    } else {
                        $quiet(x)
                    }
                })
            }

            #[doc = concat!("The instruction `", stringify!($F), ".ceil`.")]
            #[inline]
            pub fn $ceil(x: $F) -> $F {
                native_or!($quiet, x.ceil(), {
                    let a = x.abs();
                    if a < $INTEGRAL {
                        let r = ((a + $INTEGRAL) - $INTEGRAL).copysign(x);
                        (r + if r < x { 1.0 } else { 0.0 }).copysign(x)
                    } else {
                        $quiet(x)
                    }
                })
            }

            #[doc = concat!("The instruction `", stringify!($F), ".floor`.")]
            #[inline]
            pub fn $floor(x: $F) -> $F {
                native_or!($quiet, x.floor(), {
                    let a = x.abs();
                    if a < $INTEGRAL {
                        let r = ((a + $INTEGRAL) - $INTEGRAL).copysign(x);
                        r - if r > x { 1.0 } else { 0.0 }
                    } else {
                        $quiet(x)
                    }
                })
            }

            #[doc = concat!("The instruction `", stringify!($F), ".trunc`.")]
            #[inline]
            pub fn $trunc(x: $F) -> $F {
                native_or!($quiet, x.trunc(), {
                    let a = x.abs();
                    if a < $INTEGRAL {
                        let r = (a + $INTEGRAL) - $INTEGRAL;
                        (r - if r > a { 1.0 } else { 0.0 }).copysign(x)
                    } else {
                        $quiet(x)
                    }
                })
            }

            #[doc = concat!("The instruction `", stringify!($F), ".sqrt`: correctly rounded.")]
            #[inline]
            pub fn $sqrt(x: $F) -> $F {
                #[cfg(feature = "std")]
                {
                    // Nothing folds a root to its operand: the processor's
                    // instruction quiets.
                    x.sqrt()
                }
                #[cfg(not(feature = "std"))]
                {
                    sqrt::$sqrt(x)
                }
            }
        )*
    };
}

floats! {
    f32, quiet bit 0x0040_0000, canonical 0x7fc0_0000, integers from 8_388_608.0,
    quiet_f32 canonical_f32 f32_min f32_max f32_copysign
    f32_nearest f32_ceil f32_floor f32_trunc f32_sqrt;

    f64, quiet bit 0x0008_0000_0000_0000, canonical 0x7ff8_0000_0000_0000, integers from 4_503_599_627_370_496.0,
    quiet_f64 canonical_f64 f64_min f64_max f64_copysign
    f64_nearest f64_ceil f64_floor f64_trunc f64_sqrt;
}

/// The instruction `f32.demote_f64`.
#[inline(always)]
pub fn f32_demote_f64(x: f64) -> f32 {
    quiet_f32(x as f32)
}

/// The instruction `f64.promote_f32`.
#[inline(always)]
pub fn f64_promote_f32(x: f32) -> f64 {
    quiet_f64(x as f64)
}
