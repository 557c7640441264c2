//! The one macro of generated code.

/// Takes the value out of a `Result`, or leaves the block `$label` with the
/// [`Cause`](crate::Cause); with an offset given, with the pair of both. A
/// macro because rustc compiles it faster than `?`.
///
/// ```
/// use wrt_rt::{Cause, check, num};
/// let e = 'trap: {
///     let q = check!('trap, num::i32_div_s(7, 2));
///     check!('trap, num::i32_div_s(q, 0));
///     return;
/// };
/// assert_eq!(e, Cause::IntegerDivideByZero);
/// let e = 'trap: { check!('trap, 0x1f3, num::i32_div_s(1, 0)); return };
/// assert_eq!(e, (Cause::IntegerDivideByZero, 0x1f3));
/// ```
#[macro_export]
macro_rules! check {
    ($label:lifetime, $at:literal, $e:expr) => {
        match $e {
            ::core::result::Result::Ok(v) => v,
            ::core::result::Result::Err(e) => break $label ($crate::Cause::from(e), $at),
        }
    };
    ($label:lifetime, $e:expr) => {
        match $e {
            ::core::result::Result::Ok(v) => v,
            ::core::result::Result::Err(e) => break $label $crate::Cause::from(e),
        }
    };
}
