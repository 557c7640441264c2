//! Modules with all that a runner looks at exported: `zz_g0` is global number 0, `zz_t0` a table, `zz_m0` a memory,
//! and on demand `zz_f0` a function. All else stays as it is, byte for byte.

use crate::side::Call;
use std::fmt::Write as _;
use wasm_encoder::{ExportKind, ExportSection, RawSection};
use wasmparser::{
    CompositeInnerType, ExternalKind, FuncType, FunctionSectionReader, ImportSectionReader, Parser,
    Payload, TypeRef, TypeSectionReader,
};
use wrt_compiler::{DataLayout, Options, compile};

/// A module that exports all it has.
#[derive(Debug)]
pub struct Exposed {
    /// The module.
    pub bytes: Vec<u8>,
    /// Functions of module `env` that it imports, in order.
    pub imports: Vec<String>,
    /// The exported functions, those that were exported before first.
    pub funcs: Vec<(String, FuncType)>,
    /// Numbers of globals, tables and memories.
    pub counts: [usize; 3],
}

/// What the names of exports begin with, in the order of `Exposed::counts`.
const PREFIXES: [&str; 3] = ["zz_g", "zz_t", "zz_m"];

impl Exposed {
    /// Of a valid module, which imports functions alone, from `env`. With `funcs` all functions are exported.
    pub fn new(bytes: &[u8], funcs: bool) -> Exposed {
        let mut module = wasm_encoder::Module::new();
        let mut read = Read::default();
        let mut exported = false;
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload.expect("valid");
            read.payload(&payload);
            let Some((id, range)) = payload.as_section() else {
                continue;
            };
            // Behind exports come start, elements, data count, code, data.
            if !exported && (id == 7 || (8..=12).contains(&id)) {
                module.section(&read.exports(funcs));
                exported = true;
            }
            if id != 7 {
                let data = &bytes[range];
                module.section(&RawSection { id, data });
            }
        }
        if !exported {
            module.section(&read.exports(funcs));
        }
        let index = |i: &u32| read.types[*i as usize].clone();
        let types: Vec<FuncType> = read.funcs.iter().map(index).collect();
        let named = read.exports.iter();
        let named = named.filter(|(_, kind, _)| *kind == ExportKind::Func);
        Exposed {
            bytes: module.finish(),
            funcs: named
                .map(|(name, _, i)| (name.clone(), types[*i as usize].clone()))
                .collect(),
            imports: read.imports,
            counts: read.counts,
        }
    }

    /// The compiled module `name`, and the Rust that makes it a `Side`.
    pub fn compile(&self, name: &str, options: &Options) -> Result<(Vec<u8>, String), String> {
        let mut options = options.clone();
        options.module_name = name.to_string();
        options.data = DataLayout::Inline;
        let output = compile(&self.bytes, &options).map_err(|e| e.to_string())?;
        let file = output.files.into_iter().next().expect("the root");
        Ok((file.contents, self.glue(name)))
    }

    fn glue(&self, name: &str) -> String {
        let hosted = !self.imports.is_empty();
        let kind = if hosted { "hosted" } else { "alone" };
        let mut out = format!("side_of! {{ {name}, {kind};");
        for (prefix, count) in PREFIXES.iter().zip(self.counts) {
            (0..count).for_each(|n| out.extend([" ", prefix, &n.to_string()]));
            out.push(';');
        }
        out.truncate(out.len() - 1);
        out.push_str(" }\n");
        if !hosted {
            return out;
        }
        let _ = writeln!(out, "impl {name}::Env for Host {{");
        let mut done: Vec<&str> = Vec::new();
        for import in &self.imports {
            if !done.contains(&import.as_str()) {
                done.push(import);
                let (_, method) = HOST
                    .iter()
                    .find(|(name, _)| name == import)
                    .expect("one of ours");
                let method = method.replace("Caller", &format!("{name}::Caller"));
                let _ = writeln!(out, "    {method}");
            }
        }
        out.push_str("}\n");
        out
    }

    /// The row of this module in the driver's table.
    pub fn row(&self, name: &str) -> String {
        let host = if self.imports.is_empty() {
            ""
        } else {
            "Host::default()"
        };
        format!(
            "    ({name:?}, |limits| {{\n        let mut instance = {name}::Instance::uninit({host});\n        \
             instance.set_limits(limits);\n        Box::new(instance)\n    }}),\n"
        )
    }
}

/// What `env` exports, as generated code calls it.
const HOST: &[(&str, &str)] = &[
    (
        "mix",
        "fn mix(&mut self, _: &mut Caller<'_>, a: i32, b: i64) -> Result<i64, wrt_rt::Trapped> { Ok(self.mix(a, b)) }",
    ),
    (
        "note",
        "fn note(&mut self, _: &mut Caller<'_>, a: i32) -> Result<(), wrt_rt::Trapped> { self.note(a); Ok(()) }",
    ),
    (
        "pick",
        "fn pick(&mut self, _: &mut Caller<'_>) -> Result<i32, wrt_rt::Trapped> { Ok(self.pick()) }",
    ),
    (
        "real",
        "fn real(&mut self, _: &mut Caller<'_>, a: f32, b: f64) -> Result<f64, wrt_rt::Trapped> { Ok(self.real(a, b)) }",
    ),
    (
        "pair",
        "fn pair(&mut self, _: &mut Caller<'_>, a: i64) -> Result<(i32, f32), wrt_rt::Trapped> { Ok(self.pair(a)) }",
    ),
    (
        "refuse",
        "fn refuse(&mut self, caller: &mut Caller<'_>, a: i32) -> Result<(), wrt_rt::Trapped> { match self.refuse(a) { \
         Some(code) => Err(caller.trap(code, side::REFUSED)), None => Ok(()) } }",
    ),
    // The guest's own export `back`, called from below a host function.
    (
        "again",
        "fn again(&mut self, caller: &mut Caller<'_>, a: i32) -> Result<i32, wrt_rt::Trapped> { \
         self.note(a); caller.back(self, a) }",
    ),
];

/// The same as a module, from which others can be told to import; `again` asks for an export and is left out.
pub const IMPORTS: &str = r#"(module
    (import "env" "mix" (func (param i32 i64) (result i64)))
    (import "env" "note" (func (param i32)))
    (import "env" "pick" (func (result i32)))
    (import "env" "real" (func (param f32 f64) (result f64)))
    (import "env" "pair" (func (param i64) (result i32 f32)))
    (import "env" "refuse" (func (param i32))))"#;

/// The lines of a driver's script for one program.
pub fn script(name: &str, calls: &[Call], how: &str) -> String {
    let mut out = format!("program {name}\n");
    for call in calls {
        let args = crate::side::words(&call.args);
        let space = if args.is_empty() { "" } else { " " };
        let _ = writeln!(out, "call {}{space}{args}", call.name);
    }
    let _ = writeln!(out, "{how}");
    out
}

/// The library of a package whose programs are sides: the driver. `SIDE` stands beside it as `src/side.rs`.
pub const LIBRARY: &str = include_str!("side/driver.rs");
/// This crate's `side`.
pub const SIDE: &str = include_str!("side/mod.rs");

/// What is read of a module on the way.
#[derive(Default)]
struct Read {
    types: Vec<FuncType>,
    funcs: Vec<u32>,
    imports: Vec<String>,
    counts: [usize; 3],
    exports: Vec<(String, ExportKind, u32)>,
}

impl Read {
    fn payload(&mut self, payload: &Payload<'_>) {
        match payload {
            Payload::TypeSection(section) => self.read_types(section.clone()),
            Payload::ImportSection(section) => self.read_imports(section.clone()),
            Payload::FunctionSection(section) => self.read_funcs(section.clone()),
            Payload::GlobalSection(section) => self.counts[0] += section.count() as usize,
            Payload::TableSection(section) => self.counts[1] += section.count() as usize,
            Payload::MemorySection(section) => self.counts[2] += section.count() as usize,
            Payload::ExportSection(section) => {
                for export in section.clone() {
                    let export = export.expect("valid");
                    let kind = match export.kind {
                        ExternalKind::Func => ExportKind::Func,
                        ExternalKind::Table => ExportKind::Table,
                        ExternalKind::Memory => ExportKind::Memory,
                        _ => ExportKind::Global,
                    };
                    self.exports
                        .push((export.name.to_string(), kind, export.index));
                }
            }
            _ => {}
        }
    }

    fn read_types(&mut self, section: TypeSectionReader<'_>) {
        for group in section {
            for ty in group.expect("valid").into_types() {
                if let CompositeInnerType::Func(ty) = ty.composite_type.inner {
                    self.types.push(ty);
                }
            }
        }
    }

    fn read_imports(&mut self, section: ImportSectionReader<'_>) {
        for import in section.into_imports() {
            let import = import.expect("valid");
            match import.ty {
                TypeRef::Func(ty) if import.module == "env" => {
                    self.funcs.push(ty);
                    self.imports.push(import.name.to_string());
                }
                other => panic!("imports {other:?} from {}", import.module),
            }
        }
    }

    fn read_funcs(&mut self, section: FunctionSectionReader<'_>) {
        self.funcs
            .extend(section.into_iter().map(|ty| ty.expect("valid")));
    }

    /// The exports as they are to be.
    fn exports(&mut self, funcs: bool) -> ExportSection {
        let kinds = [ExportKind::Global, ExportKind::Table, ExportKind::Memory];
        for (n, kind) in kinds.into_iter().enumerate() {
            for i in 0..self.counts[n] as u32 {
                self.exports.push((format!("{}{i}", PREFIXES[n]), kind, i));
            }
        }
        if funcs {
            for i in self.imports.len() as u32..self.funcs.len() as u32 {
                self.exports.push((format!("zz_f{i}"), ExportKind::Func, i));
            }
        }
        let mut section = ExportSection::new();
        for (name, kind, i) in &self.exports {
            section.export(name, *kind, *i);
        }
        section
    }
}
