//! What modules may import, by name.

use crate::caller::Caller;
use crate::context::{AsContext, AsContextMut};
use crate::error::Error;
use crate::host::{Host, IntoFunc};
use crate::instance::{Extern, Instance};
use crate::instantiate::Item;
use crate::module::Module;
use crate::store::StoreInner;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use wrt_compiler::module::FuncType;
use wrt_rt::Val;

/// Names and what they mean: functions of the embedder's, which work in any store with data `T`, and things of one
/// store. From it modules get their imports.
pub struct Linker<T> {
    items: BTreeMap<String, BTreeMap<String, Definition<T>>>,
    shadowing: bool,
}

/// What a name means.
enum Definition<T> {
    Host(Host<T>),
    Item(Extern),
}

impl<T> Clone for Definition<T> {
    fn clone(&self) -> Self {
        match self {
            Definition::Host(host) => Definition::Host(host.clone()),
            Definition::Item(item) => Definition::Item(*item),
        }
    }
}

impl<T> Clone for Linker<T> {
    fn clone(&self) -> Self {
        Linker {
            items: self.items.clone(),
            shadowing: self.shadowing,
        }
    }
}

impl<T> Default for Linker<T> {
    fn default() -> Self {
        Linker::new()
    }
}

impl<T> fmt::Debug for Linker<T> {
    /// The names.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |items: &BTreeMap<String, Definition<T>>| items.keys().cloned().collect();
        let items = self.items.iter().map(|(m, items)| (m, names(items)));
        f.debug_map()
            .entries(items.map(|(m, names): (_, Vec<String>)| (m, names)))
            .finish()
    }
}

impl<T> Linker<T> {
    /// A linker without names.
    pub fn new() -> Linker<T> {
        Linker {
            items: BTreeMap::new(),
            shadowing: false,
        }
    }

    /// Whether a name may be defined again, which is an error at first.
    pub fn allow_shadowing(&mut self, allow: bool) -> &mut Self {
        self.shadowing = allow;
        self
    }

    fn insert(
        &mut self,
        module: &str,
        name: &str,
        definition: Definition<T>,
    ) -> Result<&mut Self, Error> {
        let items = self.items.entry(module.to_string()).or_default();
        if !self.shadowing && items.contains_key(name) {
            return Err(Error::Link(format!("{module:?} {name:?} is defined twice")));
        }
        items.insert(name.to_string(), definition);
        Ok(self)
    }

    /// Defines a function, of the type that the closure has:
    /// `|caller: Caller<'_, T>, a: i32, b: i64| -> f64`, with 16 arguments at most. The caller may be left out; the
    /// result may be `()`, a value, a tuple, or a `Result` of that and [`Error`].
    ///
    /// An error that it returns ends the run: a trap as it is, with the backtrace of the guest; any other as a trap
    /// with the cause `Host` and its text. Fails with [`Error::Link`] if the name is taken.
    pub fn func_wrap<P, R>(
        &mut self,
        module: &str,
        name: &str,
        f: impl IntoFunc<T, P, R>,
    ) -> Result<&mut Self, Error> {
        self.insert(module, name, Definition::Host(f.into_host()))
    }

    /// Defines a function of type `ty` on values: its results start as zeros and nulls, to be overwritten. Fails with
    /// [`Error::Link`] if the name is taken; calls trap if results are of other types than `ty` says.
    pub fn func_new(
        &mut self,
        module: &str,
        name: &str,
        ty: FuncType,
        f: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Result<&mut Self, Error> {
        self.insert(module, name, Definition::Host(Host::dynamic(ty, f)))
    }

    /// Defines a function that is made already.
    #[cfg(feature = "wasi")]
    pub(crate) fn host(
        &mut self,
        module: &str,
        name: &str,
        host: Host<T>,
    ) -> Result<&mut Self, Error> {
        self.insert(module, name, Definition::Host(host))
    }

    /// Defines something of a store. Fails with [`Error::Link`] if the name is taken.
    pub fn define(
        &mut self,
        module: &str,
        name: &str,
        item: impl Into<Extern>,
    ) -> Result<&mut Self, Error> {
        self.insert(module, name, Definition::Item(item.into()))
    }

    /// Defines all exports of an instance, under the module name `module`. Fails with [`Error::Link`] if a name is
    /// taken, and with [`Error::WrongStore`].
    pub fn instance(
        &mut self,
        store: impl AsContext,
        module: &str,
        instance: Instance,
    ) -> Result<&mut Self, Error> {
        store.as_context().0.check(instance.store)?;
        for (name, item) in instance.exports(&store) {
            self.define(module, &name, item)?;
        }
        Ok(self)
    }

    /// What a name means, if it is something of a store and not a function of the linker's own.
    pub fn get(&self, module: &str, name: &str) -> Option<Extern> {
        match self.items.get(module)?.get(name)? {
            Definition::Item(item) => Some(*item),
            Definition::Host(_) => None,
        }
    }

    /// Makes an instance of `module` and runs its start function.
    ///
    /// Fails with [`Error::Link`] if imports are missing (it names all of them) or one is of another type; with
    /// [`Error::WrongStore`] if one is of another store; with a trap where a limit is exceeded, a segment does not
    /// fit or the start function traps, also for want of fuel. What was written by then stays, as the specification
    /// demands.
    pub fn instantiate<C: AsContextMut<Data = T>>(
        &self,
        store: C,
        module: &Module,
    ) -> Result<Instance, Error> {
        self.instantiate_as(store, "", module)
    }

    /// The same, with a name for the instance, which backtraces give.
    pub fn instantiate_as<C: AsContextMut<Data = T>>(
        &self,
        mut store: C,
        name: &str,
        module: &Module,
    ) -> Result<Instance, Error> {
        let inner = store.as_context_mut().0;
        let imports = self.imports(inner, module)?;
        inner.instantiate(name, module, &imports)
    }

    /// What the module's imports are in the store. Fails with [`Error::Link`] where they are missing, or the module is
    /// of another engine.
    pub(crate) fn imports(
        &self,
        inner: &mut StoreInner<T>,
        module: &Module,
    ) -> Result<Vec<Item>, Error> {
        if !module.engine().same(&inner.engine) {
            let message = "the module is of another engine than the store";
            return Err(Error::Link(message.to_string()));
        }
        let mut missing = Vec::new();
        let mut found = Vec::new();
        for (from, name, ty) in module.imports() {
            match self.items.get(from).and_then(|items| items.get(name)) {
                Some(definition) => found.push(definition),
                None => missing.push(format!("{from:?} {name:?} ({ty})")),
            }
        }
        match &missing[..] {
            [] => {}
            [one] => return Err(Error::Link(format!("unknown import: {one}"))),
            _ => {
                return Err(Error::Link(format!(
                    "unknown imports: {}",
                    missing.join(", ")
                )));
            }
        }
        let item = |definition: &Definition<T>| match definition {
            Definition::Host(host) => Ok(Item::Func(inner.add_linked(host))),
            Definition::Item(item) => item.item(inner),
        };
        found.into_iter().map(item).collect()
    }
}
