//! What is printed, in whichever format: names and numbers.

use wrt_compiler::Options;
use wrt_compiler::front::Front;
use wrt_compiler::inspect::{Bound, Inspection, Reason};
use wrt_compiler::module::{Extern, ExternType, FuncIdx, MemoryType, Module, PageSize, TableType};
use wrt_compiler::set::{FuncDef, FuncId};
use wrt_compiler::shown;

pub(crate) struct Report {
    pub(crate) file: String,
    pub(crate) imports: Vec<Item>,
    pub(crate) exports: Vec<Item>,
    pub(crate) memories: Vec<Sizes>,
    pub(crate) tables: Vec<Sizes>,
    pub(crate) funcs: Vec<Func>,
    /// Of exported functions, and of the one that is started.
    pub(crate) bounds: Vec<Bounds>,
    /// The budget of a run, in stack slots, if an option states it.
    pub(crate) budget: Option<u32>,
}

/// Something imported or exported.
pub(crate) struct Item {
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    /// What it is more precisely.
    pub(crate) what: String,
}

/// A memory or a table.
pub(crate) struct Sizes {
    /// What a table holds.
    pub(crate) element: Option<String>,
    /// Bytes in a page of a memory.
    pub(crate) page: Option<u32>,
    /// Pages or elements.
    pub(crate) min: u32,
    pub(crate) max: Option<u32>,
    pub(crate) imported: bool,
    pub(crate) exported: bool,
}

pub(crate) struct Func {
    pub(crate) name: String,
    pub(crate) ty: String,
    pub(crate) host: bool,
    /// Whom it calls, as indices.
    pub(crate) calls: Vec<usize>,
    pub(crate) indirect: Vec<Indirect>,
    pub(crate) recursive: bool,
    pub(crate) bound: Bound,
}

pub(crate) struct Indirect {
    pub(crate) ty: String,
    pub(crate) table: u32,
    pub(crate) to: Vec<usize>,
}

pub(crate) struct Bounds {
    /// As it is exported.
    pub(crate) name: String,
    /// Index of the function.
    pub(crate) func: usize,
    pub(crate) hosts: Vec<String>,
    pub(crate) reasons: Vec<Why>,
}

/// A reason why something is not bounded.
pub(crate) struct Why {
    pub(crate) kind: &'static str,
    /// The function in which it is; of recursion none.
    pub(crate) func: Option<String>,
    pub(crate) at: Option<u32>,
    /// For people.
    pub(crate) text: String,
}

impl Report {
    pub(crate) fn new(
        file: String,
        front: &Front<'_>,
        found: &Inspection,
        options: &Options,
    ) -> Report {
        let instance = &front.set.instances[0];
        let module = &instance.module;
        let names = names(front);
        let exported = |item: Extern| module.exports.iter().any(|e| e.item == item);
        let memories = module.memories.iter().enumerate().map(|(n, ty)| Sizes {
            element: None,
            page: Some(ty.page_size.bytes()),
            min: ty.min,
            max: ty.max,
            imported: n < module.imported_memories as usize,
            exported: exported(Extern::Memory(wrt_compiler::module::MemIdx(n as u32))),
        });
        let tables = module.tables.iter().enumerate().map(|(n, ty)| Sizes {
            element: Some(ty.element.to_string()),
            page: None,
            min: ty.min,
            max: ty.max,
            imported: n < module.imported_tables as usize,
            exported: exported(Extern::Table(wrt_compiler::module::TableIdx(n as u32))),
        });
        let funcs = found.funcs.iter().enumerate().map(|(n, info)| {
            let id = FuncId(n as u32);
            let indices = |ids: &[FuncId]| ids.iter().map(|f| f.index()).collect();
            let indirect = info.indirect.iter().map(|n| {
                let through = &found.indirect[*n];
                Indirect {
                    ty: front.set.types[through.ty.index()].to_string(),
                    table: through.table.0,
                    to: indices(&through.to),
                }
            });
            Func {
                name: names[n].clone(),
                ty: front.set.func_type(id).to_string(),
                host: front.set.body(id).is_none(),
                calls: indices(&info.calls),
                indirect: indirect.collect(),
                recursive: info.cycle.is_some(),
                bound: info.bound.clone(),
            }
        });
        let entries = module
            .exports
            .iter()
            .map(|e| (shown::shown(&e.name), e.item));
        let started = module
            .start
            .map(|f| ("(start)".to_string(), Extern::Func(f)));
        let bounds = entries.chain(started).filter_map(|(name, item)| {
            let Extern::Func(func) = item else {
                return None;
            };
            let id = instance.funcs[func.index()];
            let bound = &found.funcs[id.index()].bound;
            Some(Bounds {
                name,
                func: id.index(),
                hosts: bound
                    .hosts
                    .iter()
                    .map(|f| names[f.index()].clone())
                    .collect(),
                reasons: bound
                    .reasons
                    .iter()
                    .map(|r| why(r, &names, found))
                    .collect(),
            })
        });
        Report {
            file,
            imports: imports(module),
            exports: exports(module, &instance.funcs, &names),
            memories: memories.collect(),
            tables: tables.collect(),
            funcs: funcs.collect(),
            bounds: bounds.collect(),
            budget: options.max_call_depth,
        }
    }
}

/// What each function is called, as in backtraces; imports by both their names.
fn names(front: &Front<'_>) -> Vec<String> {
    let instance = &front.set.instances[0];
    let mut names = vec![String::new(); front.set.funcs.len()];
    for (n, id) in instance.funcs.iter().enumerate() {
        names[id.index()] = match &front.set.funcs[id.index()].def {
            FuncDef::Host { module, name } => {
                format!("{}.{}", shown::shown(module), shown::shown(name))
            }
            FuncDef::Body { .. } => shown::func(&instance.module, FuncIdx(n as u32)),
        };
    }
    names
}

fn imports(module: &Module) -> Vec<Item> {
    let item = |import: &wrt_compiler::module::Import| {
        let (kind, what) = match &import.ty {
            ExternType::Func(ty) => ("function", module.types[ty.index()].to_string()),
            ExternType::Table(ty) => ("table", table_type(ty)),
            ExternType::Memory(ty) => ("memory", memory_type(ty)),
            ExternType::Global(ty) => ("global", global_type(ty)),
        };
        Item {
            name: format!(
                "{}.{}",
                shown::shown(&import.module),
                shown::shown(&import.name)
            ),
            kind,
            what,
        }
    };
    module.imports.iter().map(item).collect()
}

fn exports(module: &Module, funcs: &[FuncId], names: &[String]) -> Vec<Item> {
    let item = |export: &wrt_compiler::module::Export| {
        let (kind, what) = match export.item {
            Extern::Func(f) => {
                let ty = module.func_type(f);
                let name = &names[funcs[f.index()].index()];
                let own = *name == shown::shown(&export.name);
                let what = if own {
                    ty.to_string()
                } else {
                    format!("{ty}, {name} inside")
                };
                ("function", what)
            }
            Extern::Table(t) => ("table", table_type(&module.tables[t.index()])),
            Extern::Memory(m) => ("memory", memory_type(&module.memories[m.index()])),
            Extern::Global(g) => ("global", global_type(&module.globals[g.index()])),
        };
        Item {
            name: shown::shown(&export.name),
            kind,
            what,
        }
    };
    module.exports.iter().map(item).collect()
}

fn table_type(ty: &TableType) -> String {
    format!("{} of {}", limits(ty.min, ty.max), ty.element)
}

fn memory_type(ty: &MemoryType) -> String {
    let bytes = match ty.page_size {
        PageSize::Kib64 => "",
        PageSize::Byte => " of 1 byte",
    };
    format!("{} pages{bytes}", limits(ty.min, ty.max))
}

fn global_type(ty: &wrt_compiler::module::GlobalType) -> String {
    let mutable = if ty.mutable { "mutable " } else { "" };
    format!("{mutable}{}", ty.ty)
}

fn limits(min: u32, max: Option<u32>) -> String {
    match max {
        Some(max) => format!("{min} to {max}"),
        None => format!("{min} or more"),
    }
}

fn why(reason: &Reason, names: &[String], found: &Inspection) -> Why {
    let name = |f: &FuncId| names[f.index()].clone();
    match reason {
        Reason::Loop { func, at, why } => Why {
            kind: "loop",
            func: Some(name(func)),
            at: Some(*at),
            text: format!("the loop at {at:#x} in {}: {why}", name(func)),
        },
        Reason::Recursion(cycle) => {
            const LISTED: usize = 8;
            let cycle = &found.cycles[*cycle];
            let mut list: Vec<String> = cycle.iter().take(LISTED).map(name).collect();
            if cycle.len() > LISTED {
                list.push(format!("{} more", cycle.len() - LISTED));
            }
            Why {
                kind: "recursion",
                func: None,
                at: None,
                text: format!("recursion of {}", list.join(", ")),
            }
        }
        Reason::Foreign { func, at, table } => Why {
            kind: "indirect call",
            func: Some(name(func)),
            at: Some(*at),
            text: format!(
                "the call at {at:#x} in {}: table {} may hold functions of other modules",
                name(func),
                table.0
            ),
        },
    }
}
