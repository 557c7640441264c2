//! Globals of a store.

use crate::context::{AsContext, AsContextMut};
use crate::engine::StoreId;
use crate::error::Error;
use crate::slot::{slot, val};
use crate::store::StoreInner;
use alloc::format;
use alloc::string::ToString;
use wrt_compiler::module::GlobalType;
use wrt_rt::Val;

/// A global of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Global {
    pub(crate) store: StoreId,
    pub(crate) index: u32,
}

impl Global {
    /// A global whose value is `value`. Fails with [`Error::Type`] if that is of another type.
    pub fn new(mut store: impl AsContextMut, ty: GlobalType, value: Val) -> Result<Global, Error> {
        let inner = store.as_context_mut().0;
        let slot = fits(inner, &ty, value)?;
        let index = inner.core.globals.len() as u32;
        inner.core.globals.push(slot);
        inner.core.global_types.push(ty);
        let store = inner.id;
        Ok(Global { store, index })
    }

    /// Its type. Fails with [`Error::WrongStore`].
    pub fn ty(self, store: impl AsContext) -> Result<GlobalType, Error> {
        self.of(store.as_context().0).cloned()
    }

    /// Its value. Fails with [`Error::WrongStore`].
    pub fn get(self, store: impl AsContext) -> Result<Val, Error> {
        let inner = store.as_context().0;
        let ty = self.of(inner)?.ty;
        let slot = inner.core.globals.get(self.index as usize);
        slot.map(|slot| val(ty, *slot))
            .ok_or(Error::WrongStore(None))
    }

    /// Sets its value. Fails with [`Error::Type`] if it cannot be changed or is of another type, and with
    /// [`Error::WrongStore`].
    pub fn set(self, mut store: impl AsContextMut, value: Val) -> Result<(), Error> {
        let inner = store.as_context_mut().0;
        let ty = self.of(inner)?;
        if !ty.mutable {
            return Err(Error::Type("the global cannot be changed".to_string()));
        }
        let slot = fits(inner, ty, value)?;
        inner.core.open();
        if let Some(to) = inner.core.globals.get_mut(self.index as usize) {
            *to = slot;
        }
        inner.core.seal();
        Ok(())
    }

    fn of<T>(self, inner: &StoreInner<T>) -> Result<&GlobalType, Error> {
        inner.check(self.store)?;
        let ty = inner.core.global_types.get(self.index as usize);
        ty.ok_or(Error::WrongStore(None))
    }
}

/// The slot of a value of type `ty`.
fn fits<T>(inner: &StoreInner<T>, ty: &GlobalType, value: Val) -> Result<u64, Error> {
    if value.ty() != ty.ty {
        let (ty, given) = (ty.ty, value.ty());
        return Err(Error::Type(format!(
            "a global of type {ty} cannot hold an {given}"
        )));
    }
    inner.check_slot(ty.ty, slot(value))?;
    Ok(slot(value))
}
