//! A linked set: instances whose imports are satisfied by each other's exports or by the host.
//!
//! In: decoded modules in order of instantiation. Out: one index space for each kind of thing over the whole
//! set, and for each instance the map from its own indices. A shared memory is one memory, a call across
//! instances one direct call. `link` builds it. Section 4.5.4 (instantiation).

use crate::module::*;
use crate::op::Op;
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use wrt_rt::Val;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(pub u32);

        impl $name {
            /// The id as `usize`.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )* };
}

id! {
    /// A function type of the set; equal types have one id.
    TypeId,
    /// A function of the set; its value as a `funcref`.
    FuncId,
    /// A table of the set.
    TableId,
    /// A memory of the set.
    MemId,
    /// A global of the set.
    GlobalId,
    /// An element segment of the set.
    ElemId,
    /// A data segment of the set.
    DataId,
}

/// Instances compiled together.
#[derive(Debug)]
pub struct Set<'a> {
    /// In order of instantiation.
    pub instances: Vec<Instance<'a>>,
    /// Distinct function types.
    pub types: Vec<FuncType>,
    /// Functions: host imports and bodies.
    pub funcs: Vec<Func>,
    /// Tables.
    pub tables: Vec<Owned<TableType>>,
    /// Memories.
    pub memories: Vec<Owned<MemoryType>>,
    /// Globals.
    pub globals: Vec<Global>,
}

/// One instance of a module.
#[derive(Debug)]
pub struct Instance<'a> {
    /// Name under which later instances import from it.
    pub name: String,
    /// The module's file.
    pub bytes: Cow<'a, [u8]>,
    /// The module.
    pub module: Module,
    /// Index spaces of the module, in the set.
    pub types: Vec<TypeId>,
    /// Functions.
    pub funcs: Vec<FuncId>,
    /// Tables.
    pub tables: Vec<TableId>,
    /// Memories.
    pub memories: Vec<MemId>,
    /// Globals.
    pub globals: Vec<GlobalId>,
    /// Id of the first element segment.
    pub elem_base: u32,
    /// Id of the first data segment.
    pub data_base: u32,
    /// Imports whose declared minimum can only be compared when the instance is made.
    pub checks: Vec<SizeCheck>,
}

/// A minimum that the current size must have reached when an instance is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SizeCheck {
    /// Pages, of the memory's own size.
    Memory(MemId, u32),
    /// Elements.
    Table(TableId, u32),
}

/// A function of the set.
#[derive(Debug)]
pub struct Func {
    /// Its type.
    pub ty: TypeId,
    /// What it is.
    pub def: FuncDef,
}

/// What a function is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FuncDef {
    /// The host's.
    Host {
        /// The first name of the import.
        module: String,
        /// The second name.
        name: String,
    },
    /// A body of one of the instances.
    Body {
        /// Which instance.
        instance: usize,
        /// Index into its bodies.
        body: usize,
    },
}

/// A memory or table, and who brings it.
#[derive(Debug)]
pub struct Owned<T> {
    /// The type as declared where it is defined.
    pub ty: T,
    /// The import that the host satisfies, if it is the host's.
    pub host: Option<(String, String)>,
    /// The instance that defines it, or first imports it.
    pub instance: usize,
}

/// A global.
#[derive(Debug)]
pub struct Global {
    /// Its type.
    pub ty: GlobalType,
    /// Where its first value comes from.
    pub init: GlobalInit,
    /// The instance that defines it, or first imports it.
    pub instance: usize,
}

/// Where a global's first value comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum GlobalInit {
    /// The host.
    Host(String, String),
    /// Known when compiling; an immutable global of this kind is nothing but its value.
    Const(Const),
    /// Computed when the instance is made.
    Expr(Value),
}

/// A constant expression over the set, folded as far as it goes.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Known when compiling.
    Const(Const),
    /// A reference to a function.
    Func(FuncId),
    /// The value of a global.
    Global(GlobalId),
    /// Postfix arithmetic over the others.
    Ops(Vec<ValueOp>),
}

/// One step of postfix arithmetic.
#[derive(Debug, Clone, PartialEq)]
pub enum ValueOp {
    /// A leaf.
    Push(Value),
    /// A row of the table.
    Op(Op),
}

/// Something of the set that an export stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// A function.
    Func(FuncId),
    /// A table.
    Table(TableId),
    /// A memory.
    Memory(MemId),
    /// A global.
    Global(GlobalId),
}

/// `expr` over the set, seen from `this`.
pub fn value(set: &Set<'_>, this: &Instance<'_>, expr: &ConstExpr) -> Value {
    let mut ops: Vec<ValueOp> = Vec::new();
    for op in expr {
        let leaf = match *op {
            ConstOp::Const(c) => Value::Const(c),
            ConstOp::Func(f) => Value::Func(this.funcs[f.index()]),
            ConstOp::Global(g) => {
                let id = this.globals[g.index()];
                match &set.globals[id.index()] {
                    Global {
                        ty: GlobalType { mutable: false, .. },
                        init: GlobalInit::Const(c),
                        ..
                    } => Value::Const(*c),
                    _ => Value::Global(id),
                }
            }
            ConstOp::Op(op) => {
                let [
                    ..,
                    ValueOp::Push(Value::Const(a)),
                    ValueOp::Push(Value::Const(b)),
                ] = ops[..]
                else {
                    ops.push(ValueOp::Op(op));
                    continue;
                };
                ops.truncate(ops.len() - 2);
                let folded = op
                    .eval(&[a.to_val(), b.to_val()])
                    .expect("validated")
                    .expect("cannot trap");
                Value::Const(Const::from_val(folded))
            }
        };
        ops.push(ValueOp::Push(leaf));
    }
    match ops.pop() {
        Some(ValueOp::Push(only)) if ops.is_empty() => only,
        Some(last) => {
            ops.push(last);
            Value::Ops(ops)
        }
        None => unreachable!("a constant expression has a value"),
    }
}

impl Const {
    fn to_val(self) -> Val {
        match self {
            Const::I32(v) => Val::I32(v),
            Const::I64(v) => Val::I64(v),
            Const::F32(v) => Val::F32(f32::from_bits(v)),
            Const::F64(v) => Val::F64(f64::from_bits(v)),
            Const::Null(wrt_rt::ValType::FuncRef) => Val::FuncRef(wrt_rt::FuncRef::NULL),
            Const::Null(_) => Val::ExternRef(wrt_rt::ExternRef::NULL),
        }
    }

    fn from_val(v: Val) -> Const {
        match v {
            Val::I32(v) => Const::I32(v),
            Val::I64(v) => Const::I64(v),
            Val::F32(v) => Const::F32(v.to_bits()),
            Val::F64(v) => Const::F64(v.to_bits()),
            other => Const::zero(other.ty()),
        }
    }
}

impl Instance<'_> {
    /// What an export stands for.
    pub fn item(&self, item: Extern) -> Item {
        match item {
            Extern::Func(i) => Item::Func(self.funcs[i.index()]),
            Extern::Table(i) => Item::Table(self.tables[i.index()]),
            Extern::Memory(i) => Item::Memory(self.memories[i.index()]),
            Extern::Global(i) => Item::Global(self.globals[i.index()]),
        }
    }
}

impl Set<'_> {
    /// The function that instance number `instance` calls `func`.
    pub fn func(&self, instance: usize, func: FuncIdx) -> FuncId {
        self.instances[instance].funcs[func.index()]
    }

    /// Whether a call is one from an instance to another. It costs what a call from outside costs, so that fuel and
    /// depth of a module do not depend on what it is linked with.
    pub fn crosses(&self, caller: FuncId, callee: FuncId) -> bool {
        match (
            &self.funcs[caller.index()].def,
            &self.funcs[callee.index()].def,
        ) {
            (FuncDef::Body { instance: a, .. }, FuncDef::Body { instance: b, .. }) => a != b,
            _ => false,
        }
    }

    /// The type of a function.
    pub fn func_type(&self, func: FuncId) -> &FuncType {
        &self.types[self.funcs[func.index()].ty.index()]
    }

    /// What an export of instance number `instance` stands for.
    pub fn item(&self, instance: usize, item: Extern) -> Item {
        self.instances[instance].item(item)
    }

    /// The value of a global that is nothing but its value.
    pub fn constant(&self, global: GlobalId) -> Option<Const> {
        match &self.globals[global.index()] {
            Global {
                ty: GlobalType { mutable: false, .. },
                init: GlobalInit::Const(c),
                ..
            } => Some(*c),
            _ => None,
        }
    }

    /// The body of a function, and the instance it belongs to.
    pub fn body(&self, func: FuncId) -> Option<(&Instance<'_>, &Body)> {
        match self.funcs[func.index()].def {
            FuncDef::Body { instance, body } => {
                let instance = &self.instances[instance];
                Some((instance, &instance.module.bodies[body]))
            }
            FuncDef::Host { .. } => None,
        }
    }

    /// Functions whose reference some instance can take: in element segments, `ref.func`, exports.
    pub fn referenced(&self) -> Vec<FuncId> {
        let mut seen = alloc::vec![false; self.funcs.len()];
        for (n, instance) in self.instances.iter().enumerate() {
            let module = &instance.module;
            let items = module.elems.iter().flat_map(|e| e.items.iter()).flatten();
            for op in items.chain(module.global_inits.iter().flatten()) {
                if let ConstOp::Func(f) = op {
                    seen[self.func(n, *f).index()] = true;
                }
            }
            for export in &module.exports {
                if let Extern::Func(f) = export.item {
                    seen[self.func(n, f).index()] = true;
                }
            }
        }
        (0..self.funcs.len() as u32)
            .map(FuncId)
            .filter(|f| seen[f.index()])
            .collect()
    }
}
