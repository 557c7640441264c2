//! A store: everything that runs together, with the embedder's data.

use crate::core::{Core, Func, FuncDef, HOST, Head, NO_MEMORY};
use crate::engine::{Engine, StoreId};
use crate::error::Error;
use crate::host::Host;
use crate::instantiate::Item;
use crate::machine::Machine;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::sync::atomic::AtomicBool;
use wrt_compiler::module::FuncType;
use wrt_rt::run::REENTRANCE_LIMIT;
use wrt_rt::{Limits, Refuel, Stats, ValType};

/// Instances, their memories, tables and globals, the fuel that they share, and data of the embedder's. Handles
/// such as [`Instance`](crate::Instance) are about one store; nothing leaves a store until it is dropped.
pub struct Store<T> {
    pub(crate) inner: StoreInner<T>,
}

/// What a store consists of.
pub(crate) struct StoreInner<T> {
    pub(crate) id: StoreId,
    pub(crate) engine: Engine,
    pub(crate) core: Core,
    pub(crate) data: T,
    /// The embedder's functions.
    pub(crate) hosts: Vec<Host<T>>,
    /// Functions of the store that are of a linker, by the address of what they are made of.
    linked: BTreeMap<usize, u32>,
    /// Machines that are not in use: their stacks are large.
    spare: Vec<Machine>,
    /// How many host functions are active.
    pub(crate) level: u32,
    /// While some are: the depth budget of what they call, in stack slots.
    pub(crate) depth: u32,
    /// Names that the embedder gave to memories.
    pub(crate) memory_names: BTreeMap<u32, String>,
}

impl<T> Store<T> {
    /// A store within the bounds that the engine's options state, with unlimited fuel.
    pub fn new(engine: &Engine, data: T) -> Store<T> {
        let options = engine.options();
        let limits = Limits::default();
        let limits = Limits {
            depth: options.max_call_depth.unwrap_or(limits.depth),
            memory_pages: options.max_memory_pages,
            table_elements: options.max_table_elements,
            ..limits
        };
        Store::with_limits(engine, data, limits)
    }

    /// A store within `limits`.
    pub fn with_limits(engine: &Engine, data: T, limits: Limits) -> Store<T> {
        Store {
            inner: StoreInner {
                id: engine.store_id(),
                engine: engine.clone(),
                core: Core::new(limits),
                data,
                hosts: Vec::new(),
                linked: BTreeMap::new(),
                spare: Vec::new(),
                level: 0,
                depth: 0,
                memory_names: BTreeMap::new(),
            },
        }
    }

    /// Sets how many instances there may be, 10,000 at first. One more traps with `InstanceLimit`; nothing is freed
    /// before the store is dropped.
    pub fn set_max_instances(&mut self, instances: u32) {
        self.inner.core.max_instances = instances;
    }

    /// The embedder's data.
    pub fn data(&self) -> &T {
        &self.inner.data
    }

    /// The embedder's data, to change.
    pub fn data_mut(&mut self) -> &mut T {
        &mut self.inner.data
    }

    /// Ends the store and gives the embedder's data back.
    pub fn into_data(self) -> T {
        self.inner.data
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.inner.engine
    }

    /// The bounds that it was made with.
    pub fn limits(&self) -> Limits {
        self.inner.core.limits
    }

    /// Sets the fuel that remains, in units; `u64::MAX` means unlimited.
    pub fn set_fuel(&mut self, units: u64) {
        self.inner.core.run.set_fuel(units);
    }

    /// The fuel that remains, exact to the unit; `u64::MAX` means unlimited.
    pub fn remaining_fuel(&self) -> u64 {
        self.inner.core.run.remaining_fuel()
    }

    /// All fuel charged since the store was made, in units.
    pub fn consumed_fuel(&self) -> u64 {
        self.inner.core.run.consumed_fuel()
    }

    /// Sets what is asked for fuel, once for each charge that would otherwise be refused.
    pub fn set_refuel_hook(&mut self, hook: Option<fn(&mut Refuel)>) {
        self.inner.core.run.set_refuel_hook(hook);
    }

    /// Sets the flag that interrupts a run, within 1,048,576 units of fuel after it was set to true. It is only
    /// read: whoever sets it clears it. Only an engine with fuel looks at it.
    pub fn set_interrupt(&mut self, flag: Option<&'static AtomicBool>) {
        self.inner.core.run.set_interrupt(flag);
    }

    /// Sets the depth budget of calls from now on, in stack slots.
    pub fn set_depth(&mut self, slots: u32) {
        self.inner.core.run.set_depth(slots);
    }

    /// What ran so far. All but the pages is counted where the engine's option `stats` is on.
    pub fn stats(&self) -> Stats {
        self.inner.core.run.stats
    }
}

impl<T> fmt::Debug for Store<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

impl<T> StoreInner<T> {
    /// Fails unless `id` is this store's.
    pub(crate) fn check(&self, id: StoreId) -> Result<(), Error> {
        if id == self.id {
            Ok(())
        } else {
            Err(Error::WrongStore(None))
        }
    }

    /// Nothing runs: forgets what a host function left behind that panicked and was caught.
    pub(crate) fn settle(&mut self) {
        if self.level > 0 {
            self.level = 0;
            (0..REENTRANCE_LIMIT).for_each(|_| self.core.run.leave());
        }
    }

    /// The type of function `func`.
    pub(crate) fn func_type(&self, func: u32) -> Option<&FuncType> {
        let head = self.core.heads.get(func as usize)?;
        self.core.types.get(head.ty as usize)
    }

    /// A machine that is not in use.
    pub(crate) fn machine(&mut self) -> Machine {
        self.spare.pop().unwrap_or_else(Machine::new)
    }

    /// Puts it back.
    pub(crate) fn put_back(&mut self, machine: Machine) {
        self.spare.push(machine);
    }

    /// Makes `host` a function of the store, and gives its number.
    pub(crate) fn add_host(&mut self, host: Host<T>) -> u32 {
        let ty = self.core.intern(&host.ty);
        let func = self.core.heads.len() as u32;
        self.core.heads.push(Head {
            entry: HOST,
            ty,
            weight: 0,
            framed: true,
            leaf_cost: 0,
            memory: NO_MEMORY,
        });
        self.core.funcs.push(Func {
            def: FuncDef::Host(self.hosts.len() as u32),
            end: 0,
        });
        self.hosts.push(host);
        func
    }

    /// The same for one of a linker's, which is added once only.
    pub(crate) fn add_linked(&mut self, host: &Host<T>) -> u32 {
        let address = host.address();
        match self.linked.get(&address) {
            Some(func) => *func,
            None => {
                let func = self.add_host(host.clone());
                self.linked.insert(address, func);
                func
            }
        }
    }

    /// Fails with `message` about a value of type `ty` whose slot is no reference to a function of the store.
    pub(crate) fn check_slot(&self, ty: ValType, slot: u64) -> Result<(), Error> {
        let null = u64::from(u32::MAX);
        if ty == ValType::FuncRef && slot != null && slot >= self.core.heads.len() as u64 {
            return Err(Error::WrongStore(None));
        }
        Ok(())
    }

    /// The same for values of types `types`.
    pub(crate) fn check_slots(&self, types: &[ValType], slots: &[u64]) -> Result<(), Error> {
        if types.contains(&ValType::FuncRef) {
            for (ty, slot) in types.iter().zip(slots) {
                self.check_slot(*ty, *slot)?;
            }
        }
        Ok(())
    }

    /// What the item of the store is for the embedder.
    pub(crate) fn handle(&self, item: Item) -> crate::Extern {
        let store = self.id;
        match item {
            Item::Func(index) => crate::Func { store, index }.into(),
            Item::Table(index) => crate::Table { store, index }.into(),
            Item::Memory(index) => crate::Memory { store, index }.into(),
            Item::Global(index) => crate::Global { store, index }.into(),
        }
    }
}
