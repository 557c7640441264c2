//! Instances, and what they export.

use crate::context::{AsContext, AsContextMut};
use crate::engine::StoreId;
use crate::error::Error;
use crate::func::{Func, TypedFunc};
use crate::global::Global;
use crate::instantiate::{Failure, Item, item};
use crate::memory::Memory;
use crate::module::Module;
use crate::run::Call;
use crate::store::StoreInner;
use crate::table::Table;
use crate::typed::WasmList;
use crate::types::ExternType;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use wrt_rt::{Cause, Val};

/// An instance of a module, in a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instance {
    pub(crate) store: StoreId,
    pub(crate) index: u32,
}

/// Something of a store that can be imported and exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extern {
    /// A function.
    Func(Func),
    /// A table.
    Table(Table),
    /// A memory.
    Memory(Memory),
    /// A global.
    Global(Global),
}

/// The conversions of an [`Extern`], for each kind.
macro_rules! kinds {
    ($($Kind:ident $get:ident $into:ident $what:literal;)*) => {
        impl Extern {
            $(
                #[doc = concat!("The ", $what, ", if it is one.")]
                pub fn $into(self) -> Option<$Kind> {
                    match self {
                        Extern::$Kind(it) => Some(it),
                        _ => None,
                    }
                }
            )*

            /// What it is in `inner`. Fails with [`Error::WrongStore`].
            pub(crate) fn item<T>(self, inner: &StoreInner<T>) -> Result<Item, Error> {
                match self {
                    $(Extern::$Kind(it) => {
                        inner.check(it.store)?;
                        Ok(Item::$Kind(it.index))
                    })*
                }
            }
        }

        $(impl From<$Kind> for Extern {
            fn from(it: $Kind) -> Extern {
                Extern::$Kind(it)
            }
        })*

        impl Instance {
            $(
                #[doc = concat!("The ", $what, " that is exported under `name`. `None` also in another store.")]
                pub fn $get(self, store: impl AsContext, name: &str) -> Option<$Kind> {
                    self.get_export(store, name)?.$into()
                }
            )*
        }
    };
}

kinds! {
    Func get_func into_func "function";
    Table get_table into_table "table";
    Memory get_memory into_memory "memory";
    Global get_global into_global "global";
}

impl Extern {
    /// Its type now: tables and memories with their current sizes as minima. Fails with [`Error::WrongStore`].
    pub fn ty(self, store: impl AsContext) -> Result<ExternType, Error> {
        Ok(match self {
            Extern::Func(it) => ExternType::Func(it.ty(store)?),
            Extern::Table(it) => ExternType::Table(it.ty(store)?),
            Extern::Memory(it) => ExternType::Memory(it.ty(store)?),
            Extern::Global(it) => ExternType::Global(it.ty(store)?),
        })
    }
}

impl Instance {
    /// What is exported under `name`. `None` also in another store.
    pub fn get_export(self, store: impl AsContext, name: &str) -> Option<Extern> {
        let inner = store.as_context().0;
        inner.check(self.store).ok()?;
        let item = inner.core.export(self.index, name)?;
        Some(inner.handle(item))
    }

    /// All exports, in the module's order. None in another store.
    pub fn exports(self, store: impl AsContext) -> Vec<(String, Extern)> {
        let inner = store.as_context().0;
        let entity = inner.core.instances.get(self.index as usize);
        let Some(entity) = entity.filter(|_| inner.id == self.store) else {
            return Vec::new();
        };
        let exports = entity.module.decoded().exports.iter();
        exports
            .map(|export| (export.name.clone(), inner.handle(item(entity, export.item))))
            .collect()
    }

    /// The exported function `name` with types that are checked now, not at each call. Fails with [`Error::Type`]
    /// if there is none or it has another type.
    pub fn get_typed_func<P: WasmList, R: WasmList>(
        self,
        store: impl AsContext,
        name: &str,
    ) -> Result<TypedFunc<P, R>, Error> {
        store.as_context().0.check(self.store)?;
        match self.get_func(&store, name) {
            Some(func) => func.typed(&store),
            None => Err(Error::Type(format!("no function {name:?} is exported"))),
        }
    }

    /// Calls the exported function `name`. Fails as [`Func::call`] does, and traps with `NoSuchExport` if there is
    /// none.
    pub fn execute(
        self,
        mut store: impl AsContextMut,
        name: &str,
        args: &[Val],
    ) -> Result<Vec<Val>, Error> {
        let inner = store.as_context_mut().0;
        inner.check(self.store)?;
        match inner.core.export(self.index, name) {
            Some(Item::Func(index)) => {
                let store = self.store;
                Func { store, index }.call_for(inner, args, Some(self.index))
            }
            _ => Err(Cause::NoSuchExport.into()),
        }
    }

    /// The module. `None` in another store.
    pub fn module(self, store: impl AsContext) -> Option<Module> {
        let inner = store.as_context().0;
        inner.check(self.store).ok()?;
        let entity = inner.core.instances.get(self.index as usize)?;
        Some(entity.module.clone())
    }
}

impl<T> StoreInner<T> {
    /// Makes an instance of `module` with these imports, and runs its start function.
    pub(crate) fn instantiate(
        &mut self,
        name: &str,
        module: &Module,
        imports: &[Item],
    ) -> Result<Instance, Error> {
        let made = self.core.instantiate(module, name.to_string(), imports);
        let index = made.map_err(|failure| match failure {
            Failure::Link(message) => Error::Link(message),
            Failure::Trap(cause) => cause.into(),
        })?;
        if let Some(start) = module.decoded().start {
            let id = module.this().funcs[start.index()];
            let funcs = self.core.instances.get(index as usize).map(|i| &i.funcs);
            let func = funcs.and_then(|funcs| funcs.get(id.index()).copied());
            let call = Call {
                func: func.ok_or(Cause::Unreachable)?,
                params: 0,
                results: 0,
                instance: Some(index),
            };
            self.call(call, &mut [])?;
        }
        let store = self.id;
        Ok(Instance { store, index })
    }
}
