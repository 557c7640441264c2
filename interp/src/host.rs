//! Functions of the embedder's: closures, made to work on slots.

use crate::caller::Caller;
use crate::error::Error;
use crate::slot::{slot, val};
use crate::typed::{WasmList, WasmTy};
use alloc::sync::Arc;
use alloc::vec::Vec;
use wrt_compiler::module::FuncType;
use wrt_rt::Val;

/// What a call of a host function does: slots hold the arguments, then the results.
pub(crate) type Body<T> = dyn Fn(Caller<'_, T>, &mut [u64]) -> Result<(), Error> + Send + Sync;

/// A host function.
pub struct Host<T> {
    pub(crate) ty: FuncType,
    pub(crate) body: Arc<Body<T>>,
}

impl<T> Clone for Host<T> {
    fn clone(&self) -> Host<T> {
        Host {
            ty: self.ty.clone(),
            body: self.body.clone(),
        }
    }
}

impl<T> Host<T> {
    /// Tells host functions apart as long as they live.
    pub(crate) fn address(&self) -> usize {
        Arc::as_ptr(&self.body).cast::<()>() as usize
    }

    /// A host function of type `ty`, on values.
    pub(crate) fn dynamic(
        ty: FuncType,
        f: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Host<T> {
        let FuncType { params, results } = ty.clone();
        let body = move |caller: Caller<'_, T>, slots: &mut [u64]| {
            let args = params.iter().zip(&*slots).map(|(ty, slot)| val(*ty, *slot));
            let args: Vec<Val> = args.collect();
            let mut given: Vec<Val> = results.iter().map(|ty| ty.zero()).collect();
            let Caller { inner, instance } = caller;
            let caller = Caller {
                inner: &mut *inner,
                instance,
            };
            f(caller, &args, &mut given)?;
            for ((ty, given), to) in results.iter().zip(given).zip(slots) {
                if given.ty() != *ty {
                    return Err(Error::trap(0, WRONG_RESULTS));
                }
                *to = slot(given);
                inner.check_slot(*ty, *to)?;
            }
            Ok(())
        };
        Host {
            ty,
            body: Arc::new(body),
        }
    }
}

const WRONG_RESULTS: &str = "a host function gave results of other types than it has";

/// What a typed host function may return: values, or values or an [`Error`].
pub trait HostResults {
    /// The values.
    #[doc(hidden)]
    type List: WasmList;

    #[doc(hidden)]
    fn results(self) -> Result<Self::List, Error>;
}

impl<R: WasmList> HostResults for R {
    type List = R;

    fn results(self) -> Result<R, Error> {
        Ok(self)
    }
}

impl<R: WasmList> HostResults for Result<R, Error> {
    type List = R;

    fn results(self) -> Result<R, Error> {
        self
    }
}

/// A closure that can be a host function of a store with data `T`: of up to 16 arguments, each of a wasm type, with
/// a [`Caller`] before them or without. The other parameters are inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no host function",
    note = "it takes `Caller<'_, T>` or not, then at most 16 of i32, u32, i64, u64, f32, f64, FuncRef, ExternRef",
    note = "it returns (), one of these types, a tuple of them, or a `Result` of that and `wrt_interp::Error`"
)]
pub trait IntoFunc<T, Params, Results> {
    #[doc(hidden)]
    fn into_host(self) -> Host<T>;
}

fn typed<T, A: WasmList, R: WasmList>(
    f: impl Fn(Caller<'_, T>, A) -> Result<R, Error> + Send + Sync + 'static,
) -> Host<T> {
    let body = move |caller: Caller<'_, T>, slots: &mut [u64]| {
        let Caller { inner, instance } = caller;
        let caller = Caller {
            inner: &mut *inner,
            instance,
        };
        match f(caller, A::get(slots)) {
            Ok(results) => results.put(slots),
            Err(e) => return Err(e),
        }
        inner.check_slots(R::TYPES, slots)
    };
    Host {
        ty: FuncType {
            params: A::TYPES.to_vec(),
            results: R::TYPES.to_vec(),
        },
        body: Arc::new(body),
    }
}

macro_rules! closures {
    ($($A:ident)*) => {
        impl<T, F, R, $($A,)*> IntoFunc<T, ($($A,)*), R> for F
        where
            F: Fn($($A),*) -> R + Send + Sync + 'static,
            R: HostResults,
            $($A: WasmTy,)*
        {
            #[allow(non_snake_case)]
            fn into_host(self) -> Host<T> {
                typed(move |_: Caller<'_, T>, ($($A,)*): ($($A,)*)| self($($A),*).results())
            }
        }

        impl<T, F, R, $($A,)*> IntoFunc<T, (Caller<'_, T>, $($A,)*), R> for F
        where
            F: Fn(Caller<'_, T>, $($A),*) -> R + Send + Sync + 'static,
            R: HostResults,
            $($A: WasmTy,)*
        {
            #[allow(non_snake_case)]
            fn into_host(self) -> Host<T> {
                typed(move |caller: Caller<'_, T>, ($($A,)*): ($($A,)*)| {
                    self(caller, $($A),*).results()
                })
            }
        }
    };
}
crate::typed::for_each_arity! { closures }
