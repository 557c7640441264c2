//! Bytes in, [`Module`] out: decoding and validation in one pass, by wasmparser.
//!
//! The one invariant: whatever comes out of [`module`] validated under [`SUPPORTED`]; nothing past this file
//! checks validity again. Section 5 (binary format) and 3 (validation).

use crate::error::{Error, Kind};
use crate::module::*;
use crate::op::Op;
use crate::options::Options;
use crate::survey::Facts;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::Range;
use wasmparser::{
    ElementItems, ElementKind, Encoding, ExternalKind, FuncValidatorAllocations, Name, Operator,
    OperatorsReader, Parser, Payload, TypeRef, ValidPayload, Validator, WasmFeatures,
};
use wrt_rt::ValType;

/// What is built: WebAssembly 2.0 without SIMD, extended constant expressions, and custom page sizes.
pub const SUPPORTED: WasmFeatures = WasmFeatures::WASM2
    .difference(WasmFeatures::SIMD)
    .union(WasmFeatures::EXTENDED_CONST)
    .union(WasmFeatures::CUSTOM_PAGE_SIZES);

/// Proposals by the names that users know, to refuse what is not built.
const PROPOSALS: &[(WasmFeatures, &str)] = &[
    (WasmFeatures::SIMD, "simd"),
    (WasmFeatures::RELAXED_SIMD, "relaxed simd"),
    (WasmFeatures::THREADS, "threads"),
    (WasmFeatures::TAIL_CALL, "tail calls"),
    (WasmFeatures::MULTI_MEMORY, "multi-memory"),
    (WasmFeatures::EXCEPTIONS, "exceptions"),
    (WasmFeatures::LEGACY_EXCEPTIONS, "legacy exceptions"),
    (WasmFeatures::MEMORY64, "memory64"),
    (WasmFeatures::FUNCTION_REFERENCES, "function references"),
    (WasmFeatures::GC, "gc"),
    (WasmFeatures::WIDE_ARITHMETIC, "wide arithmetic"),
    (WasmFeatures::STACK_SWITCHING, "stack switching"),
    (WasmFeatures::MEMORY_CONTROL, "memory control"),
    (
        WasmFeatures::SHARED_EVERYTHING_THREADS,
        "shared-everything threads",
    ),
];

/// Decodes and validates the binary module `bytes`.
///
/// Errors are `Invalid`, `Unsupported` if the module validates once a proposal that is not built is allowed,
/// or `Limit` where a cap of `options` is reached.
pub fn module(bytes: &[u8], options: &Options) -> Result<Module, Error> {
    if Parser::is_component(bytes) {
        return Err(Error::new(Kind::Unsupported, "components").at(0));
    }
    decode(bytes, options).map_err(|e| match e.kind() {
        Kind::Invalid => refuse_by_name(bytes).unwrap_or(e),
        _ => e,
    })
}

/// The proposal that `bytes` need, if it is only a proposal that stands in the way.
fn refuse_by_name(bytes: &[u8]) -> Option<Error> {
    let wanted = PROPOSALS
        .iter()
        .fold(SUPPORTED, |all, (flag, _)| all | *flag);
    let check = |features| Validator::new_with_features(features).validate_all(bytes);
    check(wanted).ok()?;
    let missing = PROPOSALS
        .iter()
        .filter_map(|(flag, name)| check(wanted & !*flag).err().map(|e| (e.offset(), *name)));
    let (offset, name) = missing.min_by_key(|(offset, _)| *offset)?;
    Some(Error::new(Kind::Unsupported, name).at(offset))
}

fn decode(bytes: &[u8], options: &Options) -> Result<Module, Error> {
    let mut m = Module::default();
    let mut validator = Validator::new_with_features(SUPPORTED);
    let mut allocations = FuncValidatorAllocations::default();
    let mut parser = Parser::new(0);
    parser.set_features(SUPPORTED);
    for payload in parser.parse_all(bytes) {
        let payload = payload?;
        if let ValidPayload::Func(to_validate, body) = validator.payload(&payload)? {
            let index = to_validate.index;
            let range = body.range();
            let named = |e: Error| e.in_func(func_name(bytes, &m, index));
            if range.len() > options.max_function_bytes as usize {
                let text = format!(
                    "a function of {} bytes, above the option max_function_bytes",
                    range.len()
                );
                return Err(named(Error::new(Kind::Limit, text).at(range.start)));
            }
            let mut validator = to_validate.into_validator(allocations);
            let mut reader = body.get_binary_reader();
            let facts = (|| -> Result<Facts, Error> {
                validator.read_locals(&mut reader)?;
                reader.set_features(SUPPORTED);
                if validator.len_locals() > options.max_locals {
                    let text = format!(
                        "{} locals, above the option max_locals",
                        validator.len_locals()
                    );
                    return Err(Error::new(Kind::Limit, text).at(range.start));
                }
                let mut facts = Facts::default();
                let mut ops = OperatorsReader::new(reader);
                while !ops.eof() {
                    let (op, offset) = ops.read_with_offset()?;
                    validator.op(offset, &op)?;
                    if validator.control_stack_height() > options.max_nesting {
                        let text = format!(
                            "blocks nested deeper than {}, the option max_nesting",
                            options.max_nesting
                        );
                        return Err(Error::new(Kind::Limit, text).at(offset));
                    }
                    if let Operator::BrTable { targets } = &op
                        && targets.len() > options.max_br_table
                    {
                        let text = format!(
                            "a br_table of {} targets, above the option max_br_table",
                            targets.len()
                        );
                        return Err(Error::new(Kind::Limit, text).at(offset));
                    }
                    facts.see(&op, validator.operand_stack_height());
                }
                ops.finish()?;
                facts.locals = validator.len_locals();
                Ok(facts)
            })()
            .map_err(named)?;
            allocations = validator.into_allocations();
            m.bodies.push(Body { range, facts });
            continue;
        }
        section(&mut m, bytes, payload)?;
    }
    Ok(m)
}

fn section(m: &mut Module, bytes: &[u8], payload: Payload<'_>) -> Result<(), Error> {
    match payload {
        Payload::Version {
            encoding: Encoding::Component,
            ..
        } => {
            return Err(Error::new(Kind::Unsupported, "components").at(0));
        }
        Payload::TypeSection(section) => {
            for group in section {
                for ty in group?.into_types() {
                    let ty = ty.unwrap_func();
                    let types =
                        |list: &[wasmparser::ValType]| list.iter().map(|t| val_type(*t)).collect();
                    m.types.push(FuncType {
                        params: types(ty.params()),
                        results: types(ty.results()),
                    });
                }
            }
        }
        Payload::ImportSection(section) => {
            for import in section.into_imports_with_offsets() {
                let (at, import) = import?;
                let ty = match import.ty {
                    TypeRef::Func(ty) => {
                        m.funcs.push(TypeIdx(ty));
                        m.imported_funcs += 1;
                        ExternType::Func(TypeIdx(ty))
                    }
                    TypeRef::Table(ty) => {
                        m.tables.push(table_type(&ty));
                        m.imported_tables += 1;
                        ExternType::Table(table_type(&ty))
                    }
                    TypeRef::Memory(ty) => {
                        m.memories.push(memory_type(&ty));
                        m.imported_memories += 1;
                        ExternType::Memory(memory_type(&ty))
                    }
                    TypeRef::Global(ty) => {
                        m.globals.push(global_type(&ty));
                        m.imported_globals += 1;
                        ExternType::Global(global_type(&ty))
                    }
                    // wasmparser lets it pass without the proposal.
                    TypeRef::FuncExact(_) => {
                        return Err(Error::new(Kind::Unsupported, "custom descriptors").at(at));
                    }
                    TypeRef::Tag(_) => {
                        return Err(Error::new(Kind::Unsupported, "exceptions").at(at));
                    }
                };
                m.imports.push(Import {
                    module: import.module.to_owned(),
                    name: import.name.to_owned(),
                    ty,
                    at,
                });
            }
        }
        Payload::FunctionSection(section) => {
            for ty in section {
                m.funcs.push(TypeIdx(ty?));
            }
        }
        Payload::TableSection(section) => {
            for table in section {
                m.tables.push(table_type(&table?.ty));
            }
        }
        Payload::MemorySection(section) => {
            for memory in section {
                m.memories.push(memory_type(&memory?));
            }
        }
        Payload::GlobalSection(section) => {
            for global in section {
                let global = global?;
                m.globals.push(global_type(&global.ty));
                m.global_inits.push(const_expr(&global.init_expr)?);
            }
        }
        Payload::ExportSection(section) => {
            for export in section {
                let export = export?;
                let item = match export.kind {
                    ExternalKind::Func | ExternalKind::FuncExact => {
                        Extern::Func(FuncIdx(export.index))
                    }
                    ExternalKind::Table => Extern::Table(TableIdx(export.index)),
                    ExternalKind::Memory => Extern::Memory(MemIdx(export.index)),
                    ExternalKind::Global => Extern::Global(GlobalIdx(export.index)),
                    ExternalKind::Tag => return Err(Error::new(Kind::Unsupported, "exceptions")),
                };
                m.exports.push(Export {
                    name: export.name.to_owned(),
                    item,
                });
            }
        }
        Payload::StartSection { func, .. } => m.start = Some(FuncIdx(func)),
        Payload::ElementSection(section) => {
            for elem in section {
                m.elems.push(element(elem?)?);
            }
        }
        Payload::DataSection(section) => {
            for data in section {
                let data = data?;
                let mode = match data.kind {
                    wasmparser::DataKind::Passive => SegmentMode::Passive,
                    wasmparser::DataKind::Active {
                        memory_index,
                        offset_expr,
                    } => SegmentMode::Active(MemIdx(memory_index), const_expr(&offset_expr)?),
                };
                m.data.push(Data {
                    mode,
                    bytes: subrange(bytes, data.data),
                });
            }
        }
        Payload::CustomSection(section) => {
            // Names are a courtesy: a broken name section is as good as none.
            if let wasmparser::KnownCustom::Name(names) = section.as_known() {
                let _ = name_section(&mut m.names, names);
            }
        }
        _ => {}
    }
    Ok(())
}

/// Where `part` lies in `whole`, of which it is a slice.
fn subrange(whole: &[u8], part: &[u8]) -> Range<usize> {
    let start = part.as_ptr().addr() - whole.as_ptr().addr();
    start..start + part.len()
}

/// How messages name function `index`: by the name section, which comes after the code, or an export of it.
fn func_name(bytes: &[u8], m: &Module, index: u32) -> String {
    let mut names = NameSection::default();
    for payload in Parser::new(0).parse_all(bytes) {
        let Ok(payload) = payload else { break };
        if let Payload::CustomSection(section) = payload
            && let wasmparser::KnownCustom::Name(section) = section.as_known()
        {
            // A broken name section is as good as none.
            let _ = name_section(&mut names, section);
        }
    }
    if let Some(name) = names.funcs.get(&index) {
        return format!("${name}");
    }
    let exported = m
        .exports
        .iter()
        .find(|e| e.item == Extern::Func(FuncIdx(index)));
    match exported {
        Some(export) => format!("{:?}", export.name),
        None => format!("#{index}"),
    }
}

fn element(elem: wasmparser::Element<'_>) -> Result<Elem, Error> {
    let mode = match elem.kind {
        ElementKind::Passive => SegmentMode::Passive,
        ElementKind::Declared => SegmentMode::Declared,
        ElementKind::Active {
            table_index,
            offset_expr,
        } => SegmentMode::Active(
            TableIdx(table_index.unwrap_or(0)),
            const_expr(&offset_expr)?,
        ),
    };
    let mut items = Vec::new();
    let ty = match elem.items {
        ElementItems::Functions(funcs) => {
            for func in funcs {
                items.push(alloc::vec![ConstOp::Func(FuncIdx(func?))]);
            }
            ValType::FuncRef
        }
        ElementItems::Expressions(ty, exprs) => {
            for expr in exprs {
                items.push(const_expr(&expr?)?);
            }
            ref_type(ty)
        }
    };
    Ok(Elem { mode, ty, items })
}

fn const_expr(expr: &wasmparser::ConstExpr<'_>) -> Result<ConstExpr, Error> {
    let mut ops = Vec::new();
    for op in expr.get_operators_reader() {
        ops.push(match op? {
            Operator::I32Const { value } => ConstOp::Const(Const::I32(value)),
            Operator::I64Const { value } => ConstOp::Const(Const::I64(value)),
            Operator::F32Const { value } => ConstOp::Const(Const::F32(value.bits())),
            Operator::F64Const { value } => ConstOp::Const(Const::F64(value.bits())),
            Operator::RefNull { hty } => ConstOp::Const(Const::Null(heap_type(hty))),
            Operator::RefFunc { function_index } => ConstOp::Func(FuncIdx(function_index)),
            Operator::GlobalGet { global_index } => ConstOp::Global(GlobalIdx(global_index)),
            Operator::End => continue,
            op => ConstOp::Op(Op::decode(&op).expect("validated")),
        });
    }
    Ok(ops)
}

fn name_section(
    names: &mut NameSection,
    section: wasmparser::NameSectionReader<'_>,
) -> Result<(), Error> {
    for subsection in section {
        match subsection? {
            Name::Function(map) => {
                for naming in map {
                    let naming = naming?;
                    names.funcs.insert(naming.index, naming.name.to_string());
                }
            }
            Name::Global(map) => {
                for naming in map {
                    let naming = naming?;
                    names.globals.insert(naming.index, naming.name.to_string());
                }
            }
            Name::Data(map) => {
                for naming in map {
                    let naming = naming?;
                    names.data.insert(naming.index, naming.name.to_string());
                }
            }
            Name::Local(map) => {
                for func in map {
                    let func = func?;
                    let locals = names.locals.entry(func.index).or_default();
                    for naming in func.names {
                        let naming = naming?;
                        locals.insert(naming.index, naming.name.to_string());
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// The type of a validated value.
pub(crate) fn val_type(ty: wasmparser::ValType) -> ValType {
    match ty {
        wasmparser::ValType::I32 => ValType::I32,
        wasmparser::ValType::I64 => ValType::I64,
        wasmparser::ValType::F32 => ValType::F32,
        wasmparser::ValType::F64 => ValType::F64,
        wasmparser::ValType::Ref(ty) => ref_type(ty),
        wasmparser::ValType::V128 => unreachable!("refused by validation"),
    }
}

fn ref_type(ty: wasmparser::RefType) -> ValType {
    if ty.is_func_ref() {
        ValType::FuncRef
    } else {
        ValType::ExternRef
    }
}

/// The type of `ref.null` at a validated heap type.
pub(crate) fn heap_type(ty: wasmparser::HeapType) -> ValType {
    if ty == wasmparser::HeapType::FUNC {
        ValType::FuncRef
    } else {
        ValType::ExternRef
    }
}

fn table_type(ty: &wasmparser::TableType) -> TableType {
    // A 32-bit table: validation has both limits below 2^32.
    TableType {
        element: ref_type(ty.element_type),
        min: ty.initial as u32,
        max: ty.maximum.map(|m| m as u32),
    }
}

fn memory_type(ty: &wasmparser::MemoryType) -> MemoryType {
    // A 32-bit memory: validation has both limits below 2^32, whatever the page size.
    let log2 = ty.page_size_log2.map(|log2| u8::try_from(log2).ok());
    MemoryType {
        min: ty.initial as u32,
        max: ty.maximum.map(|m| m as u32),
        page_size: match log2 {
            Some(log2) => log2.and_then(PageSize::from_log2).expect("validated"),
            None => PageSize::default(),
        },
    }
}

fn global_type(ty: &wasmparser::GlobalType) -> GlobalType {
    GlobalType {
        ty: val_type(ty.content_type),
        mutable: ty.mutable,
    }
}
