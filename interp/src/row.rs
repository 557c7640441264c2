//! The rows of `wrt_compiler::op` as functions: what each numeric instruction computes.

use wrt_rt::{Cause, num};

macro_rules! meaning {
    ($e:expr, traps) => {
        $e
    };
    ($e:expr,) => {
        Ok($e)
    };
}

macro_rules! define {
    ($($name:ident $text:literal $cost:literal ($($arg:ident: $arg_ty:ident),*) -> $res:ident $($traps:ident)? = $body:expr;)*) => { $(
        #[inline(always)]
        pub(crate) fn $name($($arg: $arg_ty),*) -> Result<$res, Cause> {
            meaning!($body, $($traps)?)
        }
    )* };
}
wrt_compiler::for_each_op! { define }
