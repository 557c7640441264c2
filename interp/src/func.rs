//! Functions of a store, and calls of them.

use crate::context::{AsContext, AsContextMut};
use crate::engine::StoreId;
use crate::error::Error;
use crate::host::{Host, IntoFunc};
use crate::pause::{Outcome, Paused};
use crate::run::Call;
use crate::slot::{slot, val};
use crate::store::StoreInner;
use crate::typed::WasmList;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;
use wrt_compiler::module::FuncType;
use wrt_rt::{Cause, FuncRef, Val, ValType};

/// A function of a store: an instance's or the embedder's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Func {
    pub(crate) store: StoreId,
    pub(crate) index: u32,
}

impl Func {
    /// A function of the embedder's, of any type, on values. See [`Linker::func_new`](crate::Linker::func_new).
    pub fn new<C: AsContextMut>(
        mut store: C,
        ty: FuncType,
        f: impl Fn(crate::Caller<'_, C::Data>, &[Val], &mut [Val]) -> Result<(), Error>
        + Send
        + Sync
        + 'static,
    ) -> Func {
        let inner = store.as_context_mut().0;
        let index = inner.add_host(Host::dynamic(ty, f));
        let store = inner.id;
        Func { store, index }
    }

    /// A function of the embedder's, of the type that the closure has. See
    /// [`Linker::func_wrap`](crate::Linker::func_wrap).
    pub fn wrap<C: AsContextMut, P, R>(mut store: C, f: impl IntoFunc<C::Data, P, R>) -> Func {
        let inner = store.as_context_mut().0;
        let index = inner.add_host(f.into_host());
        let store = inner.id;
        Func { store, index }
    }

    /// The function behind a reference that came from `store`; `None` if it is null or none of the store's.
    pub fn from_ref(store: impl AsContext, reference: FuncRef) -> Option<Func> {
        let inner = store.as_context().0;
        let index = reference.index()?;
        inner.core.heads.get(index as usize)?;
        let store = inner.id;
        Some(Func { store, index })
    }

    /// A reference to it, which has a meaning in its store alone.
    pub fn to_ref(self) -> FuncRef {
        FuncRef::new(self.index)
    }

    /// Its type. Fails with [`Error::WrongStore`].
    pub fn ty(self, store: impl AsContext) -> Result<FuncType, Error> {
        let inner = store.as_context().0;
        inner.check(self.store)?;
        inner
            .func_type(self.index)
            .cloned()
            .ok_or(Error::WrongStore(None))
    }

    /// Calls it and gives its results.
    ///
    /// Traps as the guest does, with `OutOfFuel` where the fuel is used up, and with `ArgumentMismatch` before
    /// anything runs if the arguments are not of the function's type. Fails with [`Error::WrongStore`].
    pub fn call(self, mut store: impl AsContextMut, args: &[Val]) -> Result<Vec<Val>, Error> {
        self.call_for(store.as_context_mut().0, args, None)
    }

    /// The same on behalf of an instance.
    pub(crate) fn call_for<T>(
        self,
        inner: &mut StoreInner<T>,
        args: &[Val],
        instance: Option<u32>,
    ) -> Result<Vec<Val>, Error> {
        let (mut slots, results) = self.slots(inner, args)?;
        let call = Call {
            func: self.index,
            params: args.len(),
            results: results.len(),
            instance,
        };
        inner.call(call, &mut slots)?;
        Ok(values(&results, &slots))
    }

    /// Calls it, and pauses where `call` would trap with `OutOfFuel` or `Interrupted`, and where a host function
    /// returns [`Error::suspend`].
    ///
    /// Called by a host function, it never pauses, but traps.
    pub fn call_resumable(
        self,
        mut store: impl AsContextMut,
        args: &[Val],
    ) -> Result<Outcome, Error> {
        let inner = store.as_context_mut().0;
        if inner.level > 0 {
            return self.call_for(inner, args, None).map(Outcome::Done);
        }
        let (slots, _) = self.slots(inner, args)?;
        Paused::start(inner, self.index, args.len(), slots)
    }

    /// The same function with types that are checked now, not at each call. Fails with [`Error::Type`] or
    /// [`Error::WrongStore`].
    pub fn typed<P: WasmList, R: WasmList>(
        self,
        store: impl AsContext,
    ) -> Result<TypedFunc<P, R>, Error> {
        let ty = self.ty(store)?;
        if ty.params != P::TYPES || ty.results != R::TYPES {
            let (params, results) = (P::TYPES.to_vec(), R::TYPES.to_vec());
            let asked = FuncType { params, results };
            return Err(Error::Type(format!(
                "a function of type {ty} is asked for as {asked}"
            )));
        }
        Ok(TypedFunc {
            func: self,
            types: PhantomData,
        })
    }

    /// The arguments, with room for the results, and the results' types.
    fn slots<T>(
        self,
        inner: &StoreInner<T>,
        args: &[Val],
    ) -> Result<(Vec<u64>, Vec<ValType>), Error> {
        inner.check(self.store)?;
        let ty = inner.func_type(self.index).ok_or(Error::WrongStore(None))?;
        if !ty
            .params
            .iter()
            .copied()
            .eq(args.iter().map(|arg| arg.ty()))
        {
            return Err(Cause::ArgumentMismatch.into());
        }
        let mut slots = vec![0; ty.params.len().max(ty.results.len())];
        for (to, arg) in slots.iter_mut().zip(args) {
            *to = slot(*arg);
            inner.check_slot(arg.ty(), *to)?;
        }
        Ok((slots, ty.results.clone()))
    }
}

/// The values of types `types` in `slots`.
pub(crate) fn values(types: &[ValType], slots: &[u64]) -> Vec<Val> {
    let values = types.iter().zip(slots);
    values.map(|(ty, slot)| val(*ty, *slot)).collect()
}

/// A function whose type was checked: parameters `P`, results `R`.
pub struct TypedFunc<P, R> {
    func: Func,
    types: PhantomData<fn(P) -> R>,
}

impl<P, R> Clone for TypedFunc<P, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P, R> Copy for TypedFunc<P, R> {}

impl<P, R> fmt::Debug for TypedFunc<P, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TypedFunc").field(&self.func).finish()
    }
}

/// Slots of a typed call: as many as the longest list has.
const SLOTS: usize = 16;

impl<P: WasmList, R: WasmList> TypedFunc<P, R> {
    /// The function without its types.
    pub fn func(self) -> Func {
        self.func
    }

    /// Calls it. Fails as [`Func::call`] does, but for the types.
    pub fn call(self, mut store: impl AsContextMut, args: P) -> Result<R, Error> {
        let mut slots = [0; SLOTS];
        args.put(&mut slots);
        let inner = store.as_context_mut().0;
        match inner.call_typed(self.func, P::TYPES, R::TYPES.len(), &mut slots) {
            Ok(()) => Ok(R::get(&slots)),
            Err(e) => Err(e),
        }
    }
}

// What stays on the host's stack while a guest runs that calls the host is kept small here and in `run`: recursion
// through the host goes 64 calls deep, in debug builds too.
impl<T> StoreInner<T> {
    fn call_typed(
        &mut self,
        func: Func,
        params: &[ValType],
        results: usize,
        slots: &mut [u64],
    ) -> Result<(), Error> {
        self.check_call(func, params, slots)?;
        let call = Call {
            func: func.index,
            params: params.len(),
            results,
            instance: None,
        };
        self.call(call, slots)
    }

    fn check_call(&self, func: Func, params: &[ValType], slots: &[u64]) -> Result<(), Error> {
        self.check(func.store)?;
        self.check_slots(params, slots)
    }
}
