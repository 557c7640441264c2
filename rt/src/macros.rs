//! The macros of generated code.

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

/// As [`check!`](crate::check), of a function that is handed the fuel: gives
/// its value, and what is left of the fuel to the variable `$fuel`.
///
/// ```
/// use wrt_rt::{Cause, Fuel, Run, Trapped, call, check};
/// fn guest(rt: &mut Run, mut fuel: Fuel) -> Result<(Fuel, i32), Trapped> {
///     match rt.spend(&mut fuel, 10) {
///         Ok(()) => Ok((fuel, 42)),
///         Err(cause) => Err(rt.trap_silent(cause)),
///     }
/// }
/// let mut rt = Run::new(100);
/// rt.set_fuel(15);
/// let mut fuel = rt.hold();
/// let e = 'trap: {
///     assert_eq!(call!('trap, fuel, guest(&mut rt, fuel)), 42);
///     call!('trap, fuel, guest(&mut rt, fuel));
///     return;
/// };
/// rt.release_trapped(fuel);
/// assert_eq!((e, rt.remaining_fuel()), (Cause::Callee, 5));
/// ```
#[macro_export]
macro_rules! call {
    ($label:lifetime, $fuel:ident, $at:literal, $e:expr) => {
        match $e {
            ::core::result::Result::Ok((left, v)) => {
                $fuel = left;
                v
            }
            ::core::result::Result::Err(e) => {
                $fuel = $crate::Fuel::GONE;
                break $label ($crate::Cause::from(e), $at)
            }
        }
    };
    ($label:lifetime, $fuel:ident, $e:expr) => {
        match $e {
            ::core::result::Result::Ok((left, v)) => {
                $fuel = left;
                v
            }
            ::core::result::Result::Err(e) => {
                $fuel = $crate::Fuel::GONE;
                break $label $crate::Cause::from(e)
            }
        }
    };
}
