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
