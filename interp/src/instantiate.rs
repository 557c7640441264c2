//! Instantiation: a module and what it imports become an instance of the store. Section 4.5.4.
//!
//! Order is that of compiled code: sizes of imports, memories, tables, globals, element segments, data segments. A trap
//! leaves what was written before it, as the specification demands. The start function is the caller's to run.

use crate::core::*;
use crate::flatten::bits;
use crate::module::Module;
use crate::slot::{slot, val};
use crate::types::ExternType;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use wrt_compiler::module::{Extern, SegmentMode};
use wrt_compiler::set::{self, FuncId, GlobalId, GlobalInit, SizeCheck, Value, ValueOp, value};
use wrt_rt::{Cause, FuncRef, Memory, Table, Val, bulk};

/// Something of the store that an import or export stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    /// A function.
    Func(u32),
    /// A table.
    Table(u32),
    /// A memory.
    Memory(u32),
    /// A global.
    Global(u32),
}

/// Why there is no instance.
#[derive(Debug)]
pub(crate) enum Failure {
    /// An import is of another type than is asked for.
    Link(String),
    /// A trap.
    Trap(Cause),
}

impl From<Cause> for Failure {
    fn from(cause: Cause) -> Failure {
        Failure::Trap(cause)
    }
}

impl Core {
    /// The number of a function type in the store.
    pub(crate) fn intern(&mut self, ty: &wrt_compiler::module::FuncType) -> u32 {
        if let Some(known) = self.type_ids.get(ty) {
            return *known;
        }
        let new = self.types.len() as u32;
        self.types.push(ty.clone());
        self.type_ids.insert(ty.clone(), new);
        new
    }

    /// Makes an instance of `module`, whose imports are `imports`, in order. Gives its number.
    ///
    /// Fails if an import has another type than is asked for, or where initialisation traps.
    pub(crate) fn instantiate(
        &mut self,
        module: &Module,
        name: String,
        imports: &[Item],
    ) -> Result<u32, Failure> {
        let set = &module.front().set;
        let this = module.this();
        for (import, item) in this.module.imports.iter().zip(imports) {
            let wanted = ExternType::import(module.decoded(), &import.ty);
            let found = self.ty(*item);
            if !found.satisfies(&wanted) {
                return Err(Failure::Link(format!(
                    "incompatible import type: {:?} {:?} is wanted as a {wanted}, and is a {found}",
                    import.module, import.name
                )));
            }
        }
        let number = self.instances.len() as u32;
        if number >= self.max_instances {
            return Err(Cause::InstanceLimit.into());
        }
        let mut entity = InstanceEntity {
            module: module.clone(),
            name,
            funcs: Vec::new(),
            memories: Vec::new(),
            tables: Vec::new(),
            globals: Vec::new(),
            types: Vec::new(),
            elems: Vec::new(),
            dropped: vec![false; this.module.data.len()],
        };
        // What is imported twice is one in the set.
        let mut seen = [0; 4];
        for item in imports {
            let (kind, ids, i) = match *item {
                Item::Func(i) => (0, &mut entity.funcs, i),
                Item::Table(i) => (1, &mut entity.tables, i),
                Item::Memory(i) => (2, &mut entity.memories, i),
                Item::Global(i) => (3, &mut entity.globals, i),
            };
            let index: usize = seen[kind];
            seen[kind] += 1;
            let id = match kind {
                0 => this.funcs[index].index(),
                1 => this.tables[index].index(),
                2 => this.memories[index].index(),
                _ => this.globals[index].index(),
            };
            if id == ids.len() {
                ids.push(i);
            }
        }
        for check in &this.checks {
            match *check {
                SizeCheck::Memory(id, min) => {
                    let page_size = set.memories[id.index()].ty.page_size;
                    self.memories[entity.memories[id.index()] as usize]
                        .require_paged(page_size, min)?;
                }
                SizeCheck::Table(id, min) => {
                    self.tables[entity.tables[id.index()] as usize]
                        .table
                        .require(min)?;
                }
            }
        }
        for ty in &set.types {
            let ty = self.intern(ty);
            entity.types.push(ty);
        }
        for ty in &set.memories[entity.memories.len()..] {
            let mut memory = Memory::with_page_size(ty.ty.min, ty.ty.max, ty.ty.page_size);
            memory.instantiate(self.limits.memory_pages)?;
            self.run.note_memory(memory.bytes().len());
            entity.memories.push(self.memories.len() as u32);
            self.memories.push(memory);
            self.memory_maxima.push(ty.ty.max);
        }
        for ty in &set.tables[entity.tables.len()..] {
            let mut table = Table::new(ty.ty.min, ty.ty.max);
            table.instantiate(self.limits.table_elements, FuncRef::NULL)?;
            entity.tables.push(self.tables.len() as u32);
            self.tables.push(TableEntity {
                table,
                element: ty.ty.element,
                max: ty.ty.max,
            });
        }
        let memory = entity.memories.first().copied().unwrap_or(NO_MEMORY);
        for id in entity.funcs.len()..set.funcs.len() {
            let shape = module.front().shapes[id];
            entity.funcs.push(self.heads.len() as u32);
            self.heads.push(Head {
                entry: UNTRANSLATED,
                ty: entity.types[set.funcs[id].ty.index()],
                weight: shape.weight,
                framed: shape.framed,
                leaf_cost: module.front().leaf_costs[id],
                memory,
            });
            self.funcs.push(Func {
                def: FuncDef::Body {
                    instance: number,
                    id: FuncId(id as u32),
                },
                end: 0,
            });
        }
        for id in entity.globals.len()..set.globals.len() {
            let global = &set.globals[id];
            let init = match &global.init {
                GlobalInit::Const(c) => bits(*c),
                GlobalInit::Expr(init) => self.value(&entity, init),
                GlobalInit::Host(..) => 0,
            };
            entity.globals.push(self.globals.len() as u32);
            self.globals.push(init);
            self.global_types.push(global.ty.clone());
        }
        self.instances.push(entity);
        self.elems(number)?;
        self.data(number)?;
        Ok(number)
    }

    /// Element segments: made, and the active ones written.
    fn elems(&mut self, number: u32) -> Result<(), Cause> {
        let module = self.instances[number as usize].module.clone();
        let (set, this) = (&module.front().set, module.this());
        for elem in &this.module.elems {
            let entity = &self.instances[number as usize];
            let items = elem.items.iter().map(|item| {
                let item = value(set, this, item);
                FuncRef::new(self.value(entity, &item) as u32)
            });
            let items: Vec<FuncRef> = items.collect();
            let live = matches!(elem.mode, SegmentMode::Passive);
            if let SegmentMode::Active(table, offset) = &elem.mode {
                let offset = self.value(entity, &value(set, this, offset)) as u32;
                let table = entity.tables[this.tables[table.index()].index()];
                let slots = self.tables[table as usize].table.elems_mut();
                let slots = slots.get_mut(offset as usize..);
                let slots = slots.and_then(|slots| slots.get_mut(..items.len()));
                slots
                    .ok_or(Cause::TableOutOfBounds)?
                    .copy_from_slice(&items);
            }
            let items = if live { items } else { Vec::new() };
            self.instances[number as usize].elems.push(items);
        }
        Ok(())
    }

    /// Active data segments.
    fn data(&mut self, number: u32) -> Result<(), Cause> {
        let module = self.instances[number as usize].module.clone();
        let (set, this) = (&module.front().set, module.this());
        for (n, data) in this.module.data.iter().enumerate() {
            let SegmentMode::Active(mem, offset) = &data.mode else {
                continue;
            };
            let entity = &self.instances[number as usize];
            let offset = self.value(entity, &value(set, this, offset)) as u32;
            let memory = entity.memories[this.memories[mem.index()].index()];
            let memory = &mut self.memories[memory as usize];
            bulk::data_init(memory.bytes_mut(), module.data(n), offset)?;
            self.instances[number as usize].dropped[n] = true;
        }
        Ok(())
    }

    /// A constant expression's value, as a slot.
    fn value(&self, entity: &InstanceEntity, v: &Value) -> u64 {
        match v {
            Value::Const(c) => bits(*c),
            Value::Func(f) => u64::from(entity.funcs[f.index()]),
            Value::Global(g) => self.global(entity, *g),
            Value::Ops(ops) => {
                let mut stack: Vec<Val> = Vec::new();
                for op in ops {
                    match op {
                        ValueOp::Push(Value::Const(c)) => stack.push(val(c.ty(), bits(*c))),
                        ValueOp::Push(Value::Global(g)) => {
                            let ty = &self.global_types[entity.globals[g.index()] as usize].ty;
                            stack.push(val(*ty, self.global(entity, *g)));
                        }
                        // References are no operands of arithmetic, and arithmetic is postfix already.
                        ValueOp::Push(_) => {}
                        ValueOp::Op(op) => {
                            let operands = stack.split_off(stack.len().saturating_sub(2));
                            stack.extend(op.eval(&operands).and_then(Result::ok));
                        }
                    }
                }
                stack.pop().map_or(0, slot)
            }
        }
    }

    fn global(&self, entity: &InstanceEntity, id: GlobalId) -> u64 {
        self.globals[entity.globals[id.index()] as usize]
    }

    /// What an export of an instance stands for.
    pub(crate) fn export(&self, instance: u32, name: &str) -> Option<Item> {
        let entity = self.instances.get(instance as usize)?;
        let exports = &entity.module.decoded().exports;
        let export = exports.iter().find(|e| e.name == name)?;
        Some(item(entity, export.item))
    }
}

/// What something of a module is in the store.
pub(crate) fn item(entity: &InstanceEntity, item: Extern) -> Item {
    match entity.module.this().item(item) {
        set::Item::Func(id) => Item::Func(entity.funcs[id.index()]),
        set::Item::Table(id) => Item::Table(entity.tables[id.index()]),
        set::Item::Memory(id) => Item::Memory(entity.memories[id.index()]),
        set::Item::Global(id) => Item::Global(entity.globals[id.index()]),
    }
}
