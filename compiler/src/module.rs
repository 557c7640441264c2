//! A decoded module: the spec's index spaces, with function bodies left as ranges of the file.
//!
//! In: nothing (see [`crate::decode`]). Holding a [`Module`] proves that it validated. Section 2.5.

use crate::error::{Error, Kind};
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;
use wrt_rt::ValType;
pub use wrt_rt::memory::PageSize;

macro_rules! index {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(pub u32);

        impl $name {
            /// The index as `usize`, for the vector of its index space.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )* };
}

index! {
    /// Index of a function type.
    TypeIdx,
    /// Index of a function, imports first.
    FuncIdx,
    /// Index of a table, imports first.
    TableIdx,
    /// Index of a memory, imports first.
    MemIdx,
    /// Index of a global, imports first.
    GlobalIdx,
    /// Index of an element segment.
    ElemIdx,
    /// Index of a data segment.
    DataIdx,
    /// Index of a local, parameters first.
    LocalIdx,
}

/// A validated module.
#[derive(Debug, Default)]
pub struct Module {
    /// Function types.
    pub types: Vec<FuncType>,
    /// Imports in order.
    pub imports: Vec<Import>,
    /// Type of every function, imports first.
    pub funcs: Vec<TypeIdx>,
    /// Number of functions that are imported.
    pub imported_funcs: u32,
    /// Every table, imports first.
    pub tables: Vec<TableType>,
    /// Number of tables that are imported.
    pub imported_tables: u32,
    /// Every memory, imports first.
    pub memories: Vec<MemoryType>,
    /// Number of memories that are imported.
    pub imported_memories: u32,
    /// Every global, imports first.
    pub globals: Vec<GlobalType>,
    /// Number of globals that are imported.
    pub imported_globals: u32,
    /// Initial values of the globals that the module defines.
    pub global_inits: Vec<ConstExpr>,
    /// Exports in order.
    pub exports: Vec<Export>,
    /// The start function.
    pub start: Option<FuncIdx>,
    /// Element segments.
    pub elems: Vec<Elem>,
    /// Data segments.
    pub data: Vec<Data>,
    /// Bodies of the functions that the module defines.
    pub bodies: Vec<Body>,
    /// The name section.
    pub names: NameSection,
}

impl Module {
    /// The type of function `func`.
    pub fn func_type(&self, func: FuncIdx) -> &FuncType {
        &self.types[self.funcs[func.index()].index()]
    }
}

/// `[params] -> [results]`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub struct FuncType {
    /// Parameters.
    pub params: Vec<ValType>,
    /// Results.
    pub results: Vec<ValType>,
}

impl core::fmt::Display for FuncType {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let list = |f: &mut core::fmt::Formatter<'_>, types: &[ValType]| {
            f.write_str("[")?;
            for (n, ty) in types.iter().enumerate() {
                write!(f, "{}{ty}", if n == 0 { "" } else { " " })?;
            }
            f.write_str("]")
        };
        list(f, &self.params)?;
        f.write_str(" -> ")?;
        list(f, &self.results)
    }
}

/// One import.
#[derive(Clone, Debug)]
pub struct Import {
    /// The first name.
    pub module: String,
    /// The second name.
    pub name: String,
    /// What is imported.
    pub ty: ExternType,
    /// Offset in the file.
    pub at: usize,
}

/// Type of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExternType {
    /// A function.
    Func(TypeIdx),
    /// A table.
    Table(TableType),
    /// A memory.
    Memory(MemoryType),
    /// A global.
    Global(GlobalType),
}

/// A table: elements of one reference type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableType {
    /// `FuncRef` or `ExternRef`.
    pub element: ValType,
    /// Elements at the start.
    pub min: u32,
    /// Elements at most, where stated.
    pub max: Option<u32>,
}

/// A linear memory; sizes in pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemoryType {
    /// Pages at the start.
    pub min: u32,
    /// Pages at most, where stated.
    pub max: Option<u32>,
    /// The size of a page.
    pub page_size: PageSize,
}

impl MemoryType {
    /// A memory of `min` pages of 65,536 bytes, and at most `max` if that is stated.
    pub const fn new(min: u32, max: Option<u32>) -> MemoryType {
        MemoryType {
            min,
            max,
            page_size: PageSize::Kib64,
        }
    }

    /// A memory of no pages of 65,536 bytes, without a maximum, until the builder is told otherwise.
    pub fn builder() -> MemoryTypeBuilder {
        MemoryTypeBuilder {
            ty: MemoryType::default(),
            page_size_log2: PageSize::default().log2(),
        }
    }

    /// The logarithm to the base 2 of the bytes in a page: 0 or 16.
    pub const fn page_size_log2(&self) -> u8 {
        self.page_size.log2()
    }
}

/// A memory type in the making.
#[derive(Clone, Debug)]
pub struct MemoryTypeBuilder {
    ty: MemoryType,
    page_size_log2: u8,
}

impl MemoryTypeBuilder {
    /// Pages at the start.
    pub fn min(mut self, min: u32) -> MemoryTypeBuilder {
        self.ty.min = min;
        self
    }

    /// Pages at most, where stated.
    pub fn max(mut self, max: Option<u32>) -> MemoryTypeBuilder {
        self.ty.max = max;
        self
    }

    /// The logarithm to the base 2 of the bytes in a page.
    pub fn page_size_log2(mut self, log2: u8) -> MemoryTypeBuilder {
        self.page_size_log2 = log2;
        self
    }

    /// The type; `Invalid` if no memory can have it.
    pub fn build(self) -> Result<MemoryType, Error> {
        let invalid = |text: String| Error::new(Kind::Invalid, text);
        let MemoryType { min, max, .. } = self.ty;
        let log2 = self.page_size_log2;
        let page_size = PageSize::from_log2(log2).ok_or_else(|| {
            invalid(format!(
                "pages have 1 byte or 65,536, not 2 to the power of {log2}"
            ))
        })?;
        let most = page_size.most();
        if min.max(max.unwrap_or(0)) > most {
            let bytes = page_size.bytes();
            return Err(invalid(format!(
                "a memory has at most {most} pages of {bytes} bytes"
            )));
        }
        if max.is_some_and(|max| max < min) {
            return Err(invalid(String::from(
                "a memory of a minimum above its maximum",
            )));
        }
        Ok(MemoryType {
            page_size,
            ..self.ty
        })
    }
}

/// A global.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlobalType {
    /// Type of the value.
    pub ty: ValType,
    /// Whether `global.set` is allowed.
    pub mutable: bool,
}

/// One export.
#[derive(Clone, Debug)]
pub struct Export {
    /// Any string.
    pub name: String,
    /// What is exported.
    pub item: Extern,
}

/// Something that a module exports, by index space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extern {
    /// A function.
    Func(FuncIdx),
    /// A table.
    Table(TableIdx),
    /// A memory.
    Memory(MemIdx),
    /// A global.
    Global(GlobalIdx),
}

/// A constant: a value known when compiling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Const {
    /// An i32.
    I32(i32),
    /// An i64.
    I64(i64),
    /// Bits of an f32.
    F32(u32),
    /// Bits of an f64.
    F64(u64),
    /// `ref.null`.
    Null(ValType),
}

impl Const {
    /// The type.
    pub fn ty(self) -> ValType {
        match self {
            Const::I32(_) => ValType::I32,
            Const::I64(_) => ValType::I64,
            Const::F32(_) => ValType::F32,
            Const::F64(_) => ValType::F64,
            Const::Null(ty) => ty,
        }
    }

    /// Zero or null.
    pub fn zero(ty: ValType) -> Const {
        match ty {
            ValType::I32 => Const::I32(0),
            ValType::I64 => Const::I64(0),
            ValType::F32 => Const::F32(0),
            ValType::F64 => Const::F64(0),
            ValType::FuncRef | ValType::ExternRef => Const::Null(ty),
        }
    }
}

/// A constant expression in postfix order, extended arithmetic included. Section 3.3.13.
pub type ConstExpr = Vec<ConstOp>;

/// One instruction of a constant expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConstOp {
    /// A constant.
    Const(Const),
    /// `global.get`.
    Global(GlobalIdx),
    /// `ref.func`.
    Func(FuncIdx),
    /// Addition, subtraction or multiplication.
    Op(crate::op::Op),
}

/// How a segment is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SegmentMode<I> {
    /// Copied by instructions.
    Passive,
    /// Copied at instantiation: where to.
    Active(I, ConstExpr),
    /// Only declares functions whose references are taken.
    Declared,
}

/// An element segment.
#[derive(Clone, Debug)]
pub struct Elem {
    /// How it is used.
    pub mode: SegmentMode<TableIdx>,
    /// Type of its elements.
    pub ty: ValType,
    /// Its elements.
    pub items: Vec<ConstExpr>,
}

/// A data segment.
#[derive(Clone, Debug)]
pub struct Data {
    /// How it is used.
    pub mode: SegmentMode<MemIdx>,
    /// Its bytes, as a range of the file.
    pub bytes: Range<usize>,
}

/// A function body.
#[derive(Clone, Debug)]
pub struct Body {
    /// Locals and instructions, as a range of the file.
    pub range: Range<usize>,
    /// What was seen while it was validated.
    pub facts: crate::survey::Facts,
}

/// Names that the module gives, none of them trusted to be anything but text.
#[derive(Clone, Debug, Default)]
pub struct NameSection {
    /// Of functions.
    pub funcs: BTreeMap<u32, String>,
    /// Of locals, by function.
    pub locals: BTreeMap<u32, BTreeMap<u32, String>>,
    /// Of globals.
    pub globals: BTreeMap<u32, String>,
    /// Of data segments.
    pub data: BTreeMap<u32, String>,
}
