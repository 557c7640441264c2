//! Tables of a store.

use crate::context::{AsContext, AsContextMut};
use crate::core::TableEntity;
use crate::engine::StoreId;
use crate::error::Error;
use crate::slot::{slot, val};
use crate::store::StoreInner;
use alloc::format;
use wrt_compiler::module::TableType;
use wrt_rt::{Cause, FuncRef, Val};

/// A table of a store: references of one type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    pub(crate) store: StoreId,
    pub(crate) index: u32,
}

impl Table {
    /// A table whose elements are `init`. Traps with `TableLimit` if the store's limit or its own maximum is smaller
    /// than its minimum; fails with [`Error::Type`] if `init` is of another type, or the type is none of references.
    pub fn new(mut store: impl AsContextMut, ty: TableType, init: Val) -> Result<Table, Error> {
        let inner = store.as_context_mut().0;
        let element = ty.element;
        if !matches!(ty.element.zero(), Val::FuncRef(_) | Val::ExternRef(_)) {
            return Err(Error::Type(format!(
                "no table has elements of type {element}"
            )));
        }
        let init = reference(inner, element, init)?;
        let mut table = wrt_rt::Table::new(ty.min, ty.max);
        table.instantiate(inner.core.limits.table_elements, init)?;
        let index = inner.core.tables.len() as u32;
        let max = ty.max;
        inner.core.tables.push(TableEntity {
            table,
            element,
            max,
        });
        let store = inner.id;
        Ok(Table { store, index })
    }

    /// Its type now, the size being the minimum. Fails with [`Error::WrongStore`].
    pub fn ty(self, store: impl AsContext) -> Result<TableType, Error> {
        let entity = self.of(store.as_context().0)?;
        Ok(TableType {
            element: entity.element,
            min: entity.table.size() as u32,
            max: entity.max,
        })
    }

    /// The number of elements; 0 in another store.
    pub fn size(self, store: impl AsContext) -> u32 {
        let entity = self.of(store.as_context().0);
        entity.map_or(0, |entity| entity.table.size() as u32)
    }

    /// The element `index`. Traps with `TableOutOfBounds`; fails with [`Error::WrongStore`].
    pub fn get(self, store: impl AsContext, index: u32) -> Result<Val, Error> {
        let entity = self.of(store.as_context().0)?;
        let elem = entity.table.get(index as i32)?;
        Ok(val(entity.element, u64::from(elem.raw())))
    }

    /// Sets the element `index`. Traps with `TableOutOfBounds`; fails with [`Error::Type`] if `value` is of another
    /// type, and with [`Error::WrongStore`].
    pub fn set(self, mut store: impl AsContextMut, index: u32, value: Val) -> Result<(), Error> {
        let inner = store.as_context_mut().0;
        let value = reference(inner, self.of(inner)?.element, value)?;
        let set = self.of_mut(inner)?.table.set(index as i32, value);
        inner.core.seal();
        Ok(set?)
    }

    /// Adds `n` elements, each `value`, without fuel, and gives the number before. Traps with `TableLimit` if they
    /// cannot be had; fails with [`Error::Type`] if `value` is of another type, and with [`Error::WrongStore`].
    pub fn grow(self, mut store: impl AsContextMut, n: u32, value: Val) -> Result<u32, Error> {
        let inner = store.as_context_mut().0;
        let value = reference(inner, self.of(inner)?.element, value)?;
        let before = self.of_mut(inner)?.table.grow_host(value, n);
        inner.core.seal();
        Ok(before.ok_or(Cause::TableLimit)?)
    }

    fn of<T>(self, inner: &StoreInner<T>) -> Result<&TableEntity, Error> {
        inner.check(self.store)?;
        let entity = inner.core.tables.get(self.index as usize);
        entity.ok_or(Error::WrongStore(None))
    }

    /// The table, to be written by the host.
    fn of_mut<T>(self, inner: &mut StoreInner<T>) -> Result<&mut TableEntity, Error> {
        inner.check(self.store)?;
        inner.core.open();
        let entity = inner.core.tables.get_mut(self.index as usize);
        entity.ok_or(Error::WrongStore(None))
    }
}

/// A reference of type `ty` as tables hold it.
fn reference<T>(inner: &StoreInner<T>, ty: wrt_rt::ValType, value: Val) -> Result<FuncRef, Error> {
    if value.ty() != ty {
        let given = value.ty();
        return Err(Error::Type(format!(
            "a table of {ty}s cannot hold an {given}"
        )));
    }
    inner.check_slot(ty, slot(value))?;
    Ok(FuncRef::new(slot(value) as u32))
}
