//! The square root without `std`, in integers: one bit of the result at a
//! time, by trial subtraction, with one bit more than the result holds. A tie
//! is impossible, so that bit and the remainder round to nearest.

/// An entry per float type, with the layout of its bits.
macro_rules! square_roots {
    ($($name:ident $quiet:ident $F:ident $U:ident, fraction $FRACTION:literal bits, bias $BIAS:literal;)*) => {
        $(
            pub(super) fn $name(x: $F) -> $F {
                const HIDDEN: $U = 1 << $FRACTION;
                let bits = x.to_bits();
                let mut exponent = (bits >> $FRACTION) as i32;
                let mut m = bits & (HIDDEN - 1);
                if bits << 1 == 0 || bits == $F::INFINITY.to_bits() {
                    return x;
                }
                if x.is_nan() || x.is_sign_negative() {
                    return if x.is_nan() { super::$quiet(x) } else { $F::NAN };
                }
                if exponent == 0 {
                    let shift = m.leading_zeros() - HIDDEN.leading_zeros();
                    m <<= shift;
                    exponent = 1 - shift as i32;
                } else {
                    m |= HIDDEN;
                }
                // x = m / HIDDEN * 2^exponent, the exponent even, m / HIDDEN in 1..4.
                exponent -= $BIAS;
                if exponent & 1 != 0 {
                    m <<= 1;
                }
                m <<= 1;
                let (mut root, mut sum, mut bit) = (0, 0, HIDDEN << 1);
                while bit != 0 {
                    let trial = sum + bit;
                    if trial <= m {
                        sum = trial + bit;
                        m -= trial;
                        root += bit;
                    }
                    m <<= 1;
                    bit >>= 1;
                }
                if m != 0 {
                    root += root & 1;
                }
                // The hidden bit of the root adds the last 1 to the exponent.
                let biased = ((exponent >> 1) + $BIAS - 1) as $U;
                $F::from_bits((root >> 1) + (biased << $FRACTION))
            }
        )*
    };
}

square_roots! {
    f32_sqrt quiet_f32 f32 u32, fraction 23 bits, bias 127;
    f64_sqrt quiet_f64 f64 u64, fraction 52 bits, bias 1023;
}

#[cfg(all(test, feature = "std"))]
mod tests {
    /// A small generator of bits (splitmix64).
    fn bits(state: &mut u64) -> u64 {
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn check64(x: f64) {
        let (ours, theirs) = (super::f64_sqrt(x), x.sqrt());
        assert!(
            ours.to_bits() == theirs.to_bits() || ours.is_nan() && theirs.is_nan(),
            "{x:e}: {ours:e}, not {theirs:e}"
        );
    }

    fn check32(x: f32) {
        let (ours, theirs) = (super::f32_sqrt(x), x.sqrt());
        assert!(
            ours.to_bits() == theirs.to_bits() || ours.is_nan() && theirs.is_nan(),
            "{x:e}: {ours:e}, not {theirs:e}"
        );
    }

    #[test]
    fn equals_the_host_on_edges() {
        for x in [
            0.0,
            -0.0,
            1.0,
            2.0,
            4.0,
            -1.0,
            f64::NAN,
            f64::INFINITY,
            -f64::INFINITY,
        ] {
            check64(x);
            check32(x as f32);
        }
        for near in [
            1,
            1 << 52,
            1023 << 52,
            1024 << 52,
            2046 << 52,
            2047 << 52u64,
        ] {
            (near - 1..near + 300).for_each(|x| check64(f64::from_bits(x)));
        }
        for near in [1, 1 << 23, 127 << 23, 128 << 23, 254 << 23, 255 << 23u32] {
            (near - 1..near + 300).for_each(|x| check32(f32::from_bits(x)));
        }
        for n in 1..2000u32 {
            check64(f64::from(n) * f64::from(n));
            check64((f64::from(n) * f64::from(n)).next_down());
            check32((n * n) as f32);
        }
    }

    #[test]
    fn equals_the_host_on_random_bits() {
        let mut state = 1;
        for _ in 0..200_000 {
            let x = bits(&mut state);
            check64(f64::from_bits(x));
            check64(f64::from_bits(x >> 1));
            check32(f32::from_bits(x as u32));
            check32(f32::from_bits(x as u32 >> 1));
        }
    }

    #[test]
    fn quiets_nans() {
        assert_eq!(
            super::f64_sqrt(f64::from_bits(0x7ff0_0000_0000_0001)).to_bits(),
            0x7ff8_0000_0000_0001
        );
        assert_eq!(
            super::f32_sqrt(f32::from_bits(0xff80_0001)).to_bits(),
            0xffc0_0001
        );
        assert_eq!(super::f32_sqrt(-1.0).to_bits() & 0x7fff_ffff, 0x7fc0_0000);
    }
}
