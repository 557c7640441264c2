//! Names chosen to become more than names: in exports, imports, functions, locals, and custom sections.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use syn::visit::{self, Visit};
use wasm_encoder::{
    CodeSection, ConstExpr, CustomSection, DataSection, EntityType, ExportKind, ExportSection,
    Function, FunctionSection, GlobalSection, GlobalType, ImportSection, IndirectNameMap,
    MemorySection, MemoryType, Module, NameMap, NameSection, TableSection, TableType, TypeSection,
    ValType,
};
use wrt_compiler::{DataLayout, Layout, Names, Options, compile};
use wrt_script::package::{self, Level, Package};
use wrt_tests::source;
use wrt_tests::{cargo, runtime};

/// The names.
fn names() -> Vec<String> {
    let crafted = [
        "\"; } pub fn injected() { //",
        "\"; } pub fn injected() {",
        "*/ pub fn injected() {} /*",
        "`] pub fn injected() {} //",
        "a\npub fn injected() {}",
        "a\r\npub fn injected() {}",
        "\\\"); pub fn injected() {} //",
        "r#\"",
        "\"#; pub fn injected() {} //",
        "r#fn",
        "r#injected",
        "\0",
        "\u{7f}\u{1b}[31m",
        "\u{202e}txet\u{2066}",
        "\u{feff}bom",
        "zero\u{200b}width\u{200d}joiner",
        "\u{2028}line\u{2029}",
        "🦀",
        "👩‍👩‍👧‍👦",
        "é",
        "名前",
        "ﬁ",
        "e\u{301}",
        "",
        " ",
        "_",
        "__",
        "0",
        "1abc",
        "-",
        ".",
        "a-b",
        "a_b",
        "a.b",
        "a b",
        "A_B",
        "aB",
        "a__b",
        "a_b_",
        "a_b_1",
        "{}",
        "{0}",
        "{name}",
        "\\",
        "\\u{41}",
        "'",
        "'a",
        "//",
        "/*",
        "*/",
        "///",
        "#![allow(x)]",
        "$crate",
        "concat!(\"a\")",
        "]]",
        "))",
        "C:\\..\\..\\x",
        "../../../etc/passwd",
        "_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE",
        "_RNvCs1234_7mycrate3foo",
        "_ZN1a8injected17h0123456789abcdefE",
    ];
    let words = [
        "as",
        "async",
        "await",
        "break",
        "const",
        "continue",
        "crate",
        "dyn",
        "else",
        "enum",
        "extern",
        "false",
        "fn",
        "for",
        "gen",
        "if",
        "impl",
        "in",
        "let",
        "loop",
        "match",
        "mod",
        "move",
        "mut",
        "pub",
        "ref",
        "return",
        "self",
        "Self",
        "static",
        "struct",
        "super",
        "trait",
        "true",
        "type",
        "unsafe",
        "use",
        "where",
        "while",
        "abstract",
        "become",
        "box",
        "do",
        "final",
        "macro",
        "override",
        "priv",
        "try",
        "typeof",
        "unsized",
        "virtual",
        "yield",
        "macro_rules",
        "union",
        "raw",
        "safe",
        "default",
        "auto",
    ];
    let ours = [
        "Instance",
        "State",
        "Memories",
        "Memory",
        "Context",
        "Caller",
        "Imports",
        "Externs",
        "Limits",
        "Trap",
        "Trapped",
        "Cause",
        "Val",
        "Values",
        "Run",
        "Table",
        "FuncRef",
        "ExternRef",
        "LIMITS",
        "FUNCS",
        "DATA",
        "ELEM0",
        "new",
        "uninit",
        "with_limits",
        "instantiate",
        "instantiate_0",
        "invoke",
        "reset",
        "run",
        "run_mut",
        "runtime",
        "runtime_mut",
        "host",
        "host_mut",
        "into_host",
        "set_fuel",
        "remaining_fuel",
        "caller",
        "exit",
        "trap",
        "raise",
        "depth",
        "st",
        "cx",
        "m",
        "e",
        "f",
        "i",
        "at",
        "fuel",
        "check",
        "call",
        "enter",
        "enter_0",
        "live",
        "num",
        "bulk",
        "memory",
        "wrt_rt",
        "core",
        "std",
        "alloc",
        "Ok",
        "Err",
        "Some",
        "None",
        "Result",
        "Option",
        "Vec",
        "String",
        "Box",
        "drop",
        "main",
        "l0",
        "t0",
        "g0",
        "m0",
        "b1",
        "f0",
        "f7",
        "call_t0_0",
        "value",
        "results",
        "args",
        "name",
        "part0",
        "x_mut",
        "set_x",
        "x",
        "i32",
        "u32",
        "u8",
        "str",
        "bool",
        "usize",
        "from",
        "into",
        "clone",
        "fmt",
        "type_id",
        "borrow",
        "data0",
        "d0_dropped",
        "export_0",
        "Host",
        "H",
        "T",
        "injected_",
    ];
    let mut names: Vec<String> = crafted
        .iter()
        .chain(&words)
        .chain(&ours)
        .map(|s| s.to_string())
        .collect();
    // As long as wasmparser allows.
    names.push("x".repeat(100_000));
    names.push("🦀\"".repeat(20_000));
    names
}

/// A module that has each name wherever there is one. Its functions take nothing and give their number.
pub(crate) fn module() -> Vec<u8> {
    let names = names();
    let count = names.len() as u32;
    let (mut types, mut imports, mut funcs) = (
        TypeSection::new(),
        ImportSection::new(),
        FunctionSection::new(),
    );
    types.ty().function([], [ValType::I32]);
    types.ty().function([ValType::I32; 2], [ValType::I32]);
    for (n, name) in names.iter().enumerate() {
        // Each name as a module, as a field of one module, and as both.
        imports.import(name, "field", EntityType::Function(0));
        imports.import("env", name, EntityType::Function(0));
        imports.import(name, name, EntityType::Function(1));
        if n % 8 == 0 {
            imports.import(
                "env",
                &format!("g{name}"),
                EntityType::Global(global_type(false)),
            );
            imports.import(name, "g", EntityType::Global(global_type(true)));
        }
    }
    let imported = count * 3;
    let (mut exports, mut code) = (ExportSection::new(), CodeSection::new());
    let (mut func_names, mut local_names) = (NameMap::new(), IndirectNameMap::new());
    for (n, name) in names.iter().enumerate() {
        let n = n as u32;
        funcs.function(0);
        let mut body = Function::new([(count, ValType::I32)]);
        let mut locals = NameMap::new();
        for (local, name) in names
            .iter()
            .enumerate()
            .filter(|(local, _)| n.is_multiple_of(16) || local.is_multiple_of(16))
        {
            if n == 0 || name.len() < 1000 {
                locals.append(local as u32, name);
            }
        }
        local_names.append(imported + n, &locals);
        // Some locals are used, so that they are declared.
        for local in 0..count.min(200) {
            body.instructions().i32_const(1).local_set(local);
        }
        body.instructions().call(n * 3).drop();
        body.instructions()
            .local_get(n)
            .local_get(0)
            .call(n * 3 + 2)
            .drop();
        body.instructions().i32_const(n as i32).end();
        code.function(&body);
        func_names.append(imported + n, name);
        exports.export(name, ExportKind::Func, imported + n);
    }
    let (mut tables, mut memories, mut globals) = (
        TableSection::new(),
        MemorySection::new(),
        GlobalSection::new(),
    );
    let funcref = wasm_encoder::RefType::FUNCREF;
    tables.table(TableType {
        element_type: funcref,
        table64: false,
        minimum: 1,
        maximum: None,
        shared: false,
    });
    memories.memory(MemoryType {
        minimum: 1,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mine = names.iter().step_by(8).count() as u32 * 2;
    globals.global(global_type(true), &ConstExpr::i32_const(0));
    for (n, name) in names
        .iter()
        .enumerate()
        .filter(|(_, name)| name.len() < 1000)
    {
        // Another kind of export under a name like each of them.
        let name = format!("{name}+");
        match n % 3 {
            0 => exports.export(&name, ExportKind::Memory, 0),
            1 => exports.export(&name, ExportKind::Table, 0),
            _ => exports.export(&name, ExportKind::Global, mine),
        };
    }
    let mut data = DataSection::new();
    data.active(
        0,
        &ConstExpr::i32_const(0),
        b"\"; } pub fn injected() { //".iter().copied(),
    );
    let mut section = NameSection::new();
    section.module("\"; } pub fn injected() { //");
    section.functions(&func_names);
    section.locals(&local_names);
    let mut map = NameMap::new();
    map.append(0, "*/ pub fn injected() {} /*");
    section.globals(&map);
    section.data(&map);
    let mut module = Module::new();
    module
        .section(&types)
        .section(&imports)
        .section(&funcs)
        .section(&tables)
        .section(&memories)
        .section(&globals);
    module
        .section(&exports)
        .section(&code)
        .section(&data)
        .section(&section);
    for name in names.iter().filter(|name| name.len() < 1000) {
        module.section(&CustomSection {
            name: name.into(),
            data: b"\n*/ pub fn injected() {}".into(),
        });
    }
    module.finish()
}

fn global_type(mutable: bool) -> GlobalType {
    GlobalType {
        val_type: ValType::I32,
        mutable,
        shared: false,
    }
}

fn options(layout: Layout, names: Names) -> Options {
    let mut options = Options::default();
    options.module_name = "names".to_string();
    options.layout = layout;
    options.names = names;
    options.data = DataLayout::Inline;
    options
}

#[derive(Default)]
struct Injected {
    found: Vec<String>,
}

impl<'a> Visit<'a> for Injected {
    fn visit_ident(&mut self, ident: &'a proc_macro2::Ident) {
        if ident.to_string().trim_start_matches("r#") == "injected" {
            self.found.push(ident.to_string());
        }
        visit::visit_ident(self, ident);
    }
}

/// A name of a megabyte is none that anybody allows: refused, in a line that does not repeat it.
#[test]
fn megabyte_names_are_refused() {
    for name in [
        "x".repeat(1 << 20),
        "\"; } pub fn injected() {\n".repeat(1 << 16),
    ] {
        let text = format!("(module (func (export {name:?})))");
        let e = compile(text.as_bytes(), &Options::default()).expect_err("too long");
        assert!(
            e.to_string().len() < 200 && e.to_string().contains("string size"),
            "{e}"
        );
    }
}

/// In every layout the output is Rust, without an item that a name brought in, and without lines that are too long.
#[test]
fn names_are_only_names() {
    let bytes = module();
    for names in [Names::Module, Names::Index] {
        for layout in [Layout::File, Layout::Crate, Layout::Include] {
            let output = compile(&bytes, &options(layout, names)).expect("compiles");
            for (n, file) in output.files.iter().enumerate() {
                let text = std::str::from_utf8(&file.contents).expect("UTF-8");
                let faults: Vec<String> = source::faults(text, n > 0)
                    .into_iter()
                    .filter(|fault| !fault.starts_with("a call of"))
                    .collect();
                assert!(faults.is_empty(), "{}: {faults:?}", file.name);
                let mut injected = Injected::default();
                injected.visit_file(&syn::parse_file(text).expect("Rust"));
                // `r#injected` is squeezed to a name of its own; it must not be that of an item.
                injected.found.retain(|found| found == "injected");
                let functions = text
                    .lines()
                    .filter(|line| line.trim_start().starts_with("pub fn injected()"))
                    .count();
                assert_eq!(functions, 0, "{}: {:?}", file.name, injected.found);
                let strange = text
                    .chars()
                    .find(|c| !c.is_ascii_graphic() && !matches!(c, ' ' | '\n') && c.is_control());
                assert_eq!(strange, None, "{}", file.name);
            }
        }
    }
}

/// rustc takes it without a warning, and each export is found under its name, whatever it is.
#[test]
fn names_compile_and_are_found() {
    let Some(cargo) = cargo() else {
        return;
    };
    let bytes = module();
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile-names");
    let mut package = Package::new(&dir, "hostile-names", &runtime(), &["alloc"]);
    let file = compile(&bytes, &options(Layout::File, Names::Module)).expect("compiles");
    let index = compile(&bytes, &options(Layout::File, Names::Index)).expect("compiles");
    let include = compile(&bytes, &options(Layout::Include, Names::Module)).expect("compiles");
    package.add("src/names.rs", file.files[0].contents.as_slice());
    package.add("src/index.rs", index.files[0].contents.as_slice());
    for file in include.files {
        package.add(&format!("src/include/{}", file.name), file.contents);
    }
    package.add(
        "src/lib.rs",
        "#![no_std]\n#![deny(warnings)]\n//! Names.\npub mod names;\npub mod index;\n/// Included.\npub mod include {\n    \
         include!(\"include/names.rs\");\n}\n",
    );
    package.add("src/main.rs", main(&file.files[0].contents));
    package.write().expect("the target folder can be written");
    package.build(&cargo, Level::O0).unwrap_or_else(|errors| {
        panic!(
            "{}",
            errors
                .lines()
                .take(40)
                .fold(String::new(), |mut all, line| {
                    let _ = writeln!(all, "{}", line.chars().take(300).collect::<String>());
                    all
                })
        )
    });
    let mut command = Command::new(package.executable(Level::O0, "hostile-names"));
    let output = package::run(&mut command, Duration::from_secs(60)).expect("runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A host with all the functions, and a call of every export.
fn main(generated: &[u8]) -> String {
    let file = syn::parse_file(std::str::from_utf8(generated).expect("UTF-8")).expect("Rust");
    let mut out = "use hostile_names::names::*;\nstruct Everything;\n".to_string();
    let mut externs = String::new();
    for item in &file.items {
        match item {
            syn::Item::Trait(item) if item.ident != "Imports" => {
                let _ = writeln!(out, "impl {} for Everything {{", item.ident);
                for method in &item.items {
                    let syn::TraitItem::Fn(method) = method else {
                        continue;
                    };
                    let params = if method.sig.inputs.len() > 2 {
                        ", _: i32, _: i32"
                    } else {
                        ""
                    };
                    let name = &method.sig.ident;
                    let _ = writeln!(
                        out,
                        "    fn {name}(&mut self, _: &mut Caller<'_>{params}) -> Result<i32, Trapped> {{ Ok(1) }}"
                    );
                }
                out.push_str("}\n");
            }
            syn::Item::Struct(item) if item.ident == "Externs" => {
                for field in &item.fields {
                    let name = field.ident.as_ref().expect("a name");
                    let _ = write!(externs, "{name}: 0, ");
                }
            }
            _ => {}
        }
    }
    let _ = write!(
        out,
        "fn main() {{\n    let externs = Externs {{ {externs} }};\n    \
         let mut instance = Instance::new(Everything, externs).expect(\"an instance\");\n"
    );
    for (n, name) in names().iter().enumerate() {
        let _ = writeln!(
            out,
            "    assert_eq!(instance.invoke({name:?}, &[]).unwrap()[..], [Val::I32({n})]);"
        );
    }
    out.push_str("    assert!(instance.invoke(\"injected\", &[]).is_err());\n}\n");
    out
}
