//! Builds a linked set: gives everything its id, and every import what it stands for.
//!
//! In: decoded modules in order of instantiation. Out: a [`Set`]. Section 3.4.11 (import matching).

use crate::error::{Error, Kind};
use crate::module::*;
use crate::set::*;
use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Links `parts`, which are instantiated in this order. Imports that name an earlier part come from it, all
/// others from the host.
///
/// Errors are `Link`: an import that an earlier part does not export, or exports at another type.
pub fn link(parts: Vec<(String, Cow<'_, [u8]>, Module)>) -> Result<Set<'_>, Error> {
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
    bytes: Cow<'a, [u8]>,
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
        let found = from.item(export.item);
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
                .position(|m| m.host.as_ref() == Some(&names) && m.ty.page_size == ty.page_size);
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
            let same_pages = have.page_size == want.page_size;
            if same_pages && can_reach && limits_match(have.max, want.max) {
                this.memories.push(id);
                if want.min > have.min {
                    this.checks.push(SizeCheck::Memory(id, want.min));
                }
                return Ok(());
            }
            describe_memory(have)
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
        ExternType::Memory(ty) => describe_memory(ty),
        ExternType::Global(ty) => describe_global(ty),
    }
}

fn describe_memory(ty: &MemoryType) -> String {
    let limits = limits("memory", ty.min, ty.max);
    match ty.page_size {
        PageSize::Kib64 => limits,
        PageSize::Byte => format!("{limits} (pagesize 1)"),
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
