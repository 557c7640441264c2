//! Types of imports and exports.

use crate::core::{Core, TableEntity};
use crate::instantiate::Item;
use alloc::format;
use alloc::string::String;
use core::fmt;
use wrt_compiler::module::{self, Extern, FuncType, GlobalType, MemoryType, PageSize, TableType};

/// The type of an import or export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExternType {
    /// A function.
    Func(FuncType),
    /// A table; sizes in elements.
    Table(TableType),
    /// A memory; sizes in pages.
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

    /// Whether something of this type can stand for an import of type `wanted`.
    pub(crate) fn satisfies(&self, wanted: &ExternType) -> bool {
        // A maximum that is wanted must be promised.
        let promised = |wanted: Option<u32>, found: Option<u32>| match (wanted, found) {
            (None, _) => true,
            (Some(wanted), Some(found)) => found <= wanted,
            (Some(_), None) => false,
        };
        match (wanted, self) {
            (ExternType::Table(wanted), ExternType::Table(found)) => {
                wanted.element == found.element
                    && found.min >= wanted.min
                    && promised(wanted.max, found.max)
            }
            (ExternType::Memory(wanted), ExternType::Memory(found)) => {
                wanted.page_size == found.page_size
                    && found.min >= wanted.min
                    && promised(wanted.max, found.max)
            }
            _ => wanted == self,
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

impl Core {
    /// The type of something of the store now: tables and memories with their current sizes as minima.
    pub(crate) fn ty(&self, item: Item) -> ExternType {
        match item {
            Item::Func(i) => {
                let ty = self.heads[i as usize].ty;
                ExternType::Func(self.types[ty as usize].clone())
            }
            Item::Table(i) => {
                let TableEntity {
                    table,
                    element,
                    max,
                } = &self.tables[i as usize];
                ExternType::Table(TableType {
                    element: *element,
                    min: table.size() as u32,
                    max: *max,
                })
            }
            Item::Memory(i) => {
                let memory = &self.memories[i as usize];
                ExternType::Memory(MemoryType {
                    min: memory.pages(),
                    max: self.memory_maxima[i as usize],
                    page_size: memory.page_size(),
                })
            }
            Item::Global(i) => ExternType::Global(self.global_types[i as usize].clone()),
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
            ExternType::Memory(ty) => {
                write!(f, "memory {} pages", size(ty.min, ty.max))?;
                match ty.page_size {
                    PageSize::Kib64 => Ok(()),
                    PageSize::Byte => write!(f, " of 1 byte"),
                }
            }
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
