//! Numeric instructions on the values where others go wrong.

use wrt_rt::Cause::{IntegerDivideByZero, IntegerOverflow, InvalidConversionToInteger};
use wrt_rt::num::*;

#[test]
fn division() {
    assert_eq!(i32_rem_s(i32::MIN, -1), Ok(0));
    assert_eq!(i64_rem_s(i64::MIN, -1), Ok(0));
    assert_eq!(i32_rem_s(-7, 3), Ok(-1));
    assert_eq!(i32_rem_s(7, 0), Err(IntegerDivideByZero));
    assert_eq!(i32_rem_u(-1, 10), Ok(5));
    assert_eq!(i64_rem_u(1, 0), Err(IntegerDivideByZero));
    assert_eq!(i32_div_s(i32::MIN, -1), Err(IntegerOverflow));
    assert_eq!(i64_div_s(i64::MIN, -1), Err(IntegerOverflow));
    assert_eq!(i32_div_s(-7, 2), Ok(-3));
    assert_eq!(i64_div_s(1, 0), Err(IntegerDivideByZero));
    assert_eq!(i32_div_u(i32::MIN, -1), Ok(0));
    assert_eq!(i32_div_u(-1, 2), Ok(i32::MAX));
    assert_eq!(i64_div_u(-1, 0), Err(IntegerDivideByZero));
}

#[test]
fn truncation() {
    assert_eq!(i32_trunc_f32_s(-2147483648.0), Ok(i32::MIN));
    assert_eq!(i32_trunc_f32_s(2147483520.0), Ok(2147483520));
    assert_eq!(i32_trunc_f32_s(2147483648.0), Err(IntegerOverflow));
    assert_eq!(i32_trunc_f32_s(-2147483904.0), Err(IntegerOverflow));
    assert_eq!(i32_trunc_f32_s(f32::NAN), Err(InvalidConversionToInteger));
    assert_eq!(i32_trunc_f32_s(-f32::INFINITY), Err(IntegerOverflow));
    assert_eq!(i32_trunc_f32_u(4294967040.0), Ok(-256));
    assert_eq!(i32_trunc_f32_u(-0.99999994), Ok(0));
    assert_eq!(i32_trunc_f32_u(-1.0), Err(IntegerOverflow));
    assert_eq!(i32_trunc_f32_u(4294967296.0), Err(IntegerOverflow));
    assert_eq!(i32_trunc_f64_s(-2147483648.9), Ok(i32::MIN));
    assert_eq!(i32_trunc_f64_s(2147483647.9), Ok(i32::MAX));
    assert_eq!(i32_trunc_f64_s(-2147483649.0), Err(IntegerOverflow));
    assert_eq!(i32_trunc_f64_s(2147483648.0), Err(IntegerOverflow));
    assert_eq!(i32_trunc_f64_u(4294967295.9), Ok(-1));
    assert_eq!(i32_trunc_f64_u(-0.9), Ok(0));
    assert_eq!(i32_trunc_f64_u(f64::NAN), Err(InvalidConversionToInteger));
    assert_eq!(i64_trunc_f32_s(-9223372036854775808.0), Ok(i64::MIN));
    assert_eq!(i64_trunc_f32_s(9223372036854775808.0), Err(IntegerOverflow));
    assert_eq!(i64_trunc_f32_u(18446742974197923840.0), Ok(-1099511627776));
    assert_eq!(
        i64_trunc_f64_s(9223372036854774784.0),
        Ok(9223372036854774784)
    );
    assert_eq!(
        i64_trunc_f64_s(-9223372036854777856.0),
        Err(IntegerOverflow)
    );
    assert_eq!(i64_trunc_f64_u(18446744073709549568.0), Ok(-2048));
    assert_eq!(
        i64_trunc_f64_u(18446744073709551616.0),
        Err(IntegerOverflow)
    );
    assert_eq!(i64_trunc_f64_u(-1.0), Err(IntegerOverflow));
}

/// Equal to the bit, so that zeros have signs.
#[track_caller]
fn same(a: f64, b: f64) {
    assert_eq!(a.to_bits(), b.to_bits(), "{a:?} is not {b:?}");
}

#[test]
fn rounding_on_edges() {
    for (x, nearest, ceil, floor, trunc) in [
        (2.5, 2.0, 3.0, 2.0, 2.0),
        (3.5, 4.0, 4.0, 3.0, 3.0),
        (-2.5, -2.0, -2.0, -3.0, -2.0),
        (0.5, 0.0, 1.0, 0.0, 0.0),
        (-0.5, -0.0, -0.0, -1.0, -0.0),
        (-0.7, -1.0, -0.0, -1.0, -0.0),
        (0.7, 1.0, 1.0, 0.0, 0.0),
        (0.0, 0.0, 0.0, 0.0, 0.0),
        (-0.0, -0.0, -0.0, -0.0, -0.0),
        (
            4503599627370495.5,
            4503599627370496.0,
            4503599627370496.0,
            4503599627370495.0,
            4503599627370495.0,
        ),
        (
            -4503599627370497.0,
            -4503599627370497.0,
            -4503599627370497.0,
            -4503599627370497.0,
            -4503599627370497.0,
        ),
        (1e300, 1e300, 1e300, 1e300, 1e300),
        (
            f64::INFINITY,
            f64::INFINITY,
            f64::INFINITY,
            f64::INFINITY,
            f64::INFINITY,
        ),
    ] {
        same(f64_nearest(x), nearest);
        same(f64_ceil(x), ceil);
        same(f64_floor(x), floor);
        same(f64_trunc(x), trunc);
    }
    assert_eq!(f32_nearest(2.5), 2.0);
    assert_eq!(f32_nearest(8388607.5), 8388608.0);
    assert_eq!(f32_floor(-8388607.5), -8388608.0);
}

#[test]
fn rounding_equals_the_host() {
    let mut state = 7u64;
    for i in 0..300_000u64 {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        // Random bits, then quarters near small integers.
        let bits = state ^ (state >> 29);
        for x in [
            f64::from_bits(bits),
            (bits as i32) as f64 / 4.0,
            i as f64 / 4.0 - 9000.0,
        ] {
            if x.is_nan() {
                continue;
            }
            same(f64_nearest(x), x.round_ties_even());
            same(f64_ceil(x), x.ceil());
            same(f64_floor(x), x.floor());
            same(f64_trunc(x), x.trunc());
        }
        for x in [f32::from_bits(bits as u32), (bits as i16) as f32 / 4.0] {
            if x.is_nan() {
                continue;
            }
            assert_eq!(f32_nearest(x).to_bits(), x.round_ties_even().to_bits());
            assert_eq!(f32_ceil(x).to_bits(), x.ceil().to_bits());
            assert_eq!(f32_floor(x).to_bits(), x.floor().to_bits());
            assert_eq!(f32_trunc(x).to_bits(), x.trunc().to_bits());
        }
    }
}

#[test]
fn minimum_and_maximum() {
    assert!(f32_min(f32::NAN, 1.0).is_nan() && f32_min(1.0, f32::NAN).is_nan());
    assert!(f64_max(f64::NAN, 1.0).is_nan() && f64_max(1.0, f64::NAN).is_nan());
    same(f64_min(0.0, -0.0), -0.0);
    same(f64_min(-0.0, 0.0), -0.0);
    same(f64_max(0.0, -0.0), 0.0);
    same(f64_max(-0.0, 0.0), 0.0);
    same(f64_max(-0.0, -0.0), -0.0);
    same(f64_min(-1.5, 2.5), -1.5);
    same(f64_max(-1.5, 2.5), 2.5);
    same(f64_min(1.0, f64::NEG_INFINITY), f64::NEG_INFINITY);
}

#[test]
fn nans_come_out_quiet_and_canonical_ones_canonical() {
    let signalling = f32::from_bits(0x7fa0_0000);
    let unary: [fn(f32) -> f32; 6] = [
        f32_nearest,
        f32_ceil,
        f32_floor,
        f32_trunc,
        f32_sqrt,
        quiet_f32,
    ];
    for f in unary {
        assert_eq!(f(signalling).to_bits(), 0x7fe0_0000);
        assert_eq!(f(f32::from_bits(0xffc0_0000)).to_bits(), 0xffc0_0000);
    }
    for f in [f32_min, f32_max] {
        assert_eq!(f(signalling, 1.0).to_bits(), 0x7fe0_0000);
        assert_eq!(f(1.0, signalling).to_bits(), 0x7fe0_0000);
        assert_eq!(f(f32::from_bits(0xffc0_0000), 1.0).to_bits(), 0xffc0_0000);
    }
    assert_eq!(
        canonical_f32(f32::from_bits(0xffff_ffff)).to_bits(),
        0x7fc0_0000
    );
    assert_eq!(
        canonical_f64(f64::from_bits(0xfff0_0000_0000_0001)).to_bits(),
        0x7ff8 << 48
    );
    assert_eq!(canonical_f64(-1.5), -1.5);
    let wide = f64::from_bits(0x7ff0_0000_0000_0001);
    assert_ne!(f32_demote_f64(wide).to_bits() & 0x0040_0000, 0);
    assert_ne!(f64_promote_f32(signalling).to_bits() & (1 << 51), 0);
    assert_eq!(
        f64_promote_f32(f32::from_bits(0x7fc0_0000)).to_bits(),
        0x7ff8 << 48
    );
    assert_eq!(f32_copysign(signalling, -1.0).to_bits(), 0xffa0_0000);
}
