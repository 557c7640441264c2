//! What a host function sees of the store that called it.

use crate::context::{AsContext, AsContextMut, StoreContext, StoreContextMut};
use crate::error::Error;
use crate::instance::{Extern, Instance};
use crate::store::StoreInner;

/// The store, for the time of a call of a host function, and the instance that called.
///
/// Through it a host function reaches memories, tables and globals, and calls functions of the store; such calls
/// have the depth budget that is left, and 64 of them may be active at a time.
pub struct Caller<'a, T> {
    pub(crate) inner: &'a mut StoreInner<T>,
    pub(crate) instance: Option<u32>,
}

impl<T> Caller<'_, T> {
    /// The embedder's data.
    pub fn data(&self) -> &T {
        &self.inner.data
    }

    /// The embedder's data, to change.
    pub fn data_mut(&mut self) -> &mut T {
        &mut self.inner.data
    }

    /// The instance whose function called, or `None` if the embedder called directly.
    pub fn instance(&self) -> Option<Instance> {
        self.instance.map(|index| Instance {
            store: self.inner.id,
            index,
        })
    }

    /// What the calling instance exports under `name`.
    pub fn get_export(&self, name: &str) -> Option<Extern> {
        let item = self.inner.core.export(self.instance?, name)?;
        Some(self.inner.handle(item))
    }

    /// The first memory of the calling instance, exported or not.
    pub fn memory(&self) -> Option<crate::Memory> {
        let instance = self.inner.core.instances.get(self.instance? as usize)?;
        let index = *instance.memories.first()?;
        let store = self.inner.id;
        Some(crate::Memory { store, index })
    }

    /// Takes `units` of fuel for work done on the guest's behalf, or nothing, with the trap `OutOfFuel` or
    /// `Interrupted`. A host function that did nothing yet may return [`Error::Refused`] in its place, so that the run
    /// can pause.
    pub fn charge(&mut self, units: u32) -> Result<(), Error> {
        Ok(self.inner.core.run.charge(units)?)
    }

    /// The fuel that remains, exact to the unit; `u64::MAX` means unlimited.
    pub fn remaining_fuel(&self) -> u64 {
        self.inner.core.run.remaining_fuel()
    }

    /// Sets the fuel that remains, in units; `u64::MAX` means unlimited.
    pub fn set_fuel(&mut self, units: u64) {
        self.inner.core.run.set_fuel(units);
    }

    /// Whether the interrupt flag is set, for functions that wait. `None` if there is no flag.
    pub fn interrupted(&self) -> Option<bool> {
        self.inner.core.run.interrupted()
    }
}

impl<T> AsContext for Caller<'_, T> {
    type Data = T;

    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext(self.inner)
    }
}

impl<T> AsContextMut for Caller<'_, T> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        StoreContextMut(self.inner)
    }
}
