//! A linked set: instances whose imports are satisfied by each other's exports or by the host.
//!
//! In: decoded modules in order of instantiation. Out: one index space for each kind of thing over the whole
//! set, and for each instance the map from its own indices. A shared memory is one memory, a call across
//! instances one direct call. Section 4.5.4 (instantiation) and 3.4.11 (import matching).

use crate::error::{Error, Kind};
use crate::module::*;
use crate::op::Op;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
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
    pub bytes: &'a [u8],
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
    /// Pages.
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

/// Links `parts`, which are instantiated in this order. Imports that name an earlier part come from it, all
/// others from the host.
///
/// Errors are `Link`: an import that an earlier part does not export, or exports at another type.
pub fn link(parts: Vec<(String, &[u8], Module)>) -> Result<Set<'_>, Error> {
    let mut set = Set {
        instances: Vec::new(),
        types: Vec::new(),
        funcs: Vec::new(),
        tables: Vec::new(),
        memories: Vec::new(),
        globals: Vec::new(),
    };
    let mut type_ids = BTreeMap::new();
    for (name, bytes, module) in parts {
        let source = name.clone();
        add(&mut set, &mut type_ids, name, bytes, module).map_err(|e| e.in_source(&source))?;
    }
    Ok(set)
}

fn add<'a>(
    set: &mut Set<'a>,
    type_ids: &mut BTreeMap<FuncType, TypeId>,
    name: String,
    bytes: &'a [u8],
    module: Module,
) -> Result<(), Error> {
    let number = set.instances.len();
    let mut this = Instance {
        name,
        bytes,
        types: Vec::new(),
        funcs: Vec::new(),
        tables: Vec::new(),
        memories: Vec::new(),
        globals: Vec::new(),
        elem_base: set
            .instances
            .last()
            .map_or(0, |i| i.elem_base + i.module.elems.len() as u32),
        data_base: set
            .instances
            .last()
            .map_or(0, |i| i.data_base + i.module.data.len() as u32),
        checks: Vec::new(),
        module: Module::default(),
    };
    for ty in &module.types {
        let next = TypeId(set.types.len() as u32);
        let id = *type_ids.entry(ty.clone()).or_insert(next);
        if id == next {
            set.types.push(ty.clone());
        }
        this.types.push(id);
    }
    for import in &module.imports {
        let from = set.instances.iter().rev().find(|i| i.name == import.module);
        let Some(from) = from else {
            host_import(set, &mut this, import, number);
            continue;
        };
        let export = from.module.exports.iter().find(|e| e.name == import.name);
        let Some(export) = export else {
            let text = format!(
                "unknown import: {:?} {:?}, a {}",
                import.module,
                import.name,
                describe(import, &module)
            );
            return Err(Error::new(Kind::Link, text).at(import.at));
        };
        let found = resolve(set, from, export.item);
        satisfy(set, &mut this, import, found).map_err(|found| {
            let text = format!(
                "incompatible import type: {:?} {:?} is wanted as a {}, and is a {found}",
                import.module,
                import.name,
                describe(import, &module)
            );
            Error::new(Kind::Link, text).at(import.at)
        })?;
    }
    for (body, ty) in module
        .funcs
        .iter()
        .skip(module.imported_funcs as usize)
        .enumerate()
    {
        this.funcs.push(FuncId(set.funcs.len() as u32));
        set.funcs.push(Func {
            ty: this.types[ty.index()],
            def: FuncDef::Body {
                instance: number,
                body,
            },
        });
    }
    for ty in module.tables.iter().skip(module.imported_tables as usize) {
        this.tables.push(TableId(set.tables.len() as u32));
        set.tables.push(Owned {
            ty: ty.clone(),
            host: None,
            instance: number,
        });
    }
    for ty in module
        .memories
        .iter()
        .skip(module.imported_memories as usize)
    {
        this.memories.push(MemId(set.memories.len() as u32));
        set.memories.push(Owned {
            ty: ty.clone(),
            host: None,
            instance: number,
        });
    }
    let inits = module.global_inits.iter();
    for (ty, init) in module
        .globals
        .iter()
        .skip(module.imported_globals as usize)
        .zip(inits)
    {
        let init = match value(set, &this, init) {
            Value::Const(c) => GlobalInit::Const(c),
            other => GlobalInit::Expr(other),
        };
        this.globals.push(GlobalId(set.globals.len() as u32));
        set.globals.push(Global {
            ty: ty.clone(),
            init,
            instance: number,
        });
    }
    this.module = module;
    set.instances.push(this);
    Ok(())
}

fn host_import(set: &mut Set<'_>, this: &mut Instance<'_>, import: &Import, instance: usize) {
    let names = (import.module.clone(), import.name.clone());
    match &import.ty {
        ExternType::Func(ty) => {
            let ty = this.types[ty.index()];
            let def = FuncDef::Host {
                module: names.0,
                name: names.1,
            };
            // The same import of several instances is one function.
            let known = set.funcs.iter().position(|f| f.ty == ty && f.def == def);
            let id = known.unwrap_or(set.funcs.len());
            if known.is_none() {
                set.funcs.push(Func { ty, def });
            }
            this.funcs.push(FuncId(id as u32));
        }
        ExternType::Table(ty) => {
            let known = set
                .tables
                .iter()
                .position(|t| t.host.as_ref() == Some(&names));
            let id = known.unwrap_or(set.tables.len());
            if known.is_none() {
                set.tables.push(Owned {
                    ty: ty.clone(),
                    host: Some(names),
                    instance,
                });
            }
            this.tables.push(TableId(id as u32));
            this.checks
                .push(SizeCheck::Table(TableId(id as u32), ty.min));
        }
        ExternType::Memory(ty) => {
            let known = set
                .memories
                .iter()
                .position(|m| m.host.as_ref() == Some(&names));
            let id = known.unwrap_or(set.memories.len());
            if known.is_none() {
                set.memories.push(Owned {
                    ty: ty.clone(),
                    host: Some(names),
                    instance,
                });
            }
            this.memories.push(MemId(id as u32));
            this.checks
                .push(SizeCheck::Memory(MemId(id as u32), ty.min));
        }
        ExternType::Global(ty) => {
            let init = GlobalInit::Host(names.0, names.1);
            let known = set
                .globals
                .iter()
                .position(|g| g.init == init && g.ty == *ty);
            let id = known.unwrap_or(set.globals.len());
            if known.is_none() {
                set.globals.push(Global {
                    ty: ty.clone(),
                    init,
                    instance,
                });
            }
            this.globals.push(GlobalId(id as u32));
        }
    }
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

fn resolve(_set: &Set<'_>, from: &Instance<'_>, item: Extern) -> Item {
    match item {
        Extern::Func(i) => Item::Func(from.funcs[i.index()]),
        Extern::Table(i) => Item::Table(from.tables[i.index()]),
        Extern::Memory(i) => Item::Memory(from.memories[i.index()]),
        Extern::Global(i) => Item::Global(from.globals[i.index()]),
    }
}

/// Satisfies `import` with `found`, or says what `found` is.
fn satisfy(
    set: &Set<'_>,
    this: &mut Instance<'_>,
    import: &Import,
    found: Item,
) -> Result<(), String> {
    let limits_match = |max: Option<u32>, want: Option<u32>| match (want, max) {
        (None, _) => true,
        (Some(want), Some(max)) => max <= want,
        (Some(_), None) => false,
    };
    let is = match (&import.ty, found) {
        (ExternType::Func(ty), Item::Func(id)) => {
            let have = set.funcs[id.index()].ty;
            if have == this.types[ty.index()] {
                this.funcs.push(id);
                return Ok(());
            }
            format!("func {}", set.types[have.index()])
        }
        (ExternType::Table(want), Item::Table(id)) => {
            let have = &set.tables[id.index()].ty;
            let can_reach = have.max.is_none_or(|max| want.min <= max);
            if have.element == want.element && can_reach && limits_match(have.max, want.max) {
                this.tables.push(id);
                if want.min > have.min {
                    this.checks.push(SizeCheck::Table(id, want.min));
                }
                return Ok(());
            }
            limits("table", have.min, have.max)
        }
        (ExternType::Memory(want), Item::Memory(id)) => {
            let have = &set.memories[id.index()].ty;
            let can_reach = have.max.is_none_or(|max| want.min <= max);
            if can_reach && limits_match(have.max, want.max) {
                this.memories.push(id);
                if want.min > have.min {
                    this.checks.push(SizeCheck::Memory(id, want.min));
                }
                return Ok(());
            }
            limits("memory", have.min, have.max)
        }
        (ExternType::Global(want), Item::Global(id)) => {
            let have = &set.globals[id.index()].ty;
            if have == want {
                this.globals.push(id);
                return Ok(());
            }
            describe_global(have)
        }
        (_, Item::Func(_)) => "func".to_string(),
        (_, Item::Table(_)) => "table".to_string(),
        (_, Item::Memory(_)) => "memory".to_string(),
        (_, Item::Global(_)) => "global".to_string(),
    };
    Err(is)
}

fn describe(import: &Import, module: &Module) -> String {
    match &import.ty {
        ExternType::Func(ty) => format!("func {}", module.types[ty.index()]),
        ExternType::Table(ty) => limits("table", ty.min, ty.max),
        ExternType::Memory(ty) => limits("memory", ty.min, ty.max),
        ExternType::Global(ty) => describe_global(ty),
    }
}

fn describe_global(ty: &GlobalType) -> String {
    format!(
        "{}global {}",
        if ty.mutable { "mutable " } else { "" },
        ty.ty
    )
}

fn limits(what: &str, min: u32, max: Option<u32>) -> String {
    match max {
        Some(max) => format!("{what} {min} {max}"),
        None => format!("{what} {min}"),
    }
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

impl Set<'_> {
    /// The function that instance number `instance` calls `func`.
    pub fn func(&self, instance: usize, func: FuncIdx) -> FuncId {
        self.instances[instance].funcs[func.index()]
    }

    /// The type of a function.
    pub fn func_type(&self, func: FuncId) -> &FuncType {
        &self.types[self.funcs[func.index()].ty.index()]
    }

    /// What an export of instance number `instance` stands for.
    pub fn item(&self, instance: usize, item: Extern) -> Item {
        resolve(self, &self.instances[instance], item)
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
