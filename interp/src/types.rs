//! Types of imports and exports.

use alloc::format;
use alloc::string::String;
use core::fmt;
use wrt_compiler::module::{self, Extern, FuncType, GlobalType, MemoryType, TableType};

/// The type of an import or export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExternType {
    /// A function.
    Func(FuncType),
    /// A table; sizes in elements.
    Table(TableType),
    /// A memory; sizes in pages of 65,536 bytes.
    Memory(MemoryType),
    /// A global.
    Global(GlobalType),
}

impl ExternType {
    /// The type of an import of `module`.
    pub(crate) fn import(module: &module::Module, ty: &module::ExternType) -> ExternType {
        match ty {
            module::ExternType::Func(ty) => ExternType::Func(module.types[ty.index()].clone()),
            module::ExternType::Table(ty) => ExternType::Table(ty.clone()),
            module::ExternType::Memory(ty) => ExternType::Memory(ty.clone()),
            module::ExternType::Global(ty) => ExternType::Global(ty.clone()),
        }
    }

    /// The type of an export of `module`.
    pub(crate) fn export(module: &module::Module, item: Extern) -> ExternType {
        match item {
            Extern::Func(i) => ExternType::Func(module.func_type(i).clone()),
            Extern::Table(i) => ExternType::Table(module.tables[i.index()].clone()),
            Extern::Memory(i) => ExternType::Memory(module.memories[i.index()].clone()),
            Extern::Global(i) => ExternType::Global(module.globals[i.index()].clone()),
        }
    }
}

impl fmt::Display for ExternType {
    /// `function [i32] -> []`, `memory of 1 to 2 pages`, `table of 10 or more funcrefs`, `mutable global i32`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExternType::Func(ty) => write!(f, "function {ty}"),
            ExternType::Table(ty) => {
                write!(f, "table {} {}s", size(ty.min, ty.max), ty.element)
            }
            ExternType::Memory(ty) => write!(f, "memory {} pages", size(ty.min, ty.max)),
            ExternType::Global(ty) => {
                let kind = if ty.mutable { "mutable" } else { "immutable" };
                write!(f, "{kind} global {}", ty.ty)
            }
        }
    }
}

fn size(min: u32, max: Option<u32>) -> String {
    match max {
        Some(max) => format!("of {min} to {max}"),
        None => format!("of {min} or more"),
    }
}
