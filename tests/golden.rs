//! Golden files: `golden/NAME.wat` and the Rust that it must become, `golden/NAME.rs`. What was expected is compiled
//! as it stands, for a crate without std and with warnings denied, and run by the directives in the `.wat`:
//!
//! ```text
//! ;; options: storage=fixed fuel=off …
//! ;; run: add(2, 3) = 5            results, separated by commas
//! ;; trap: div(1, 0) = integer divide by zero / at div
//! ;; fuel: sum(3) = 47             units consumed
//! ;; global: counter = 5           read by the method of that name
//! ;; new                           a fresh instance from here on
//! ;; reset                         the same instance, reset
//! ```
//! `golden/NAME.host.rs`, where there is one, makes the instance. `BLESS=1` rewrites what is expected.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use wasmparser::{CompositeInnerType, ExternalKind, Parser, Payload, TypeRef, ValType};
use wrt_compiler::{Backtrace, DataLayout, Layout, Names, Options, Output, Storage, compile};
use wrt_script::package::{self, Level, Package};
use wrt_tests::{cargo, guests, runtime, source};

/// A golden file.
struct Golden {
    name: String,
    wat: String,
    host: Option<String>,
    options: Options,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden")
}

/// All golden files, in order.
fn golden() -> Vec<Golden> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder())
        .expect("the folder")
        .flatten()
        .map(|entry| entry.path())
        .collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "wat"));
    paths.sort();
    let read = |path: PathBuf| {
        let name = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let wat = std::fs::read_to_string(&path).expect("text");
        let host = std::fs::read_to_string(path.with_extension("host.rs")).ok();
        let options = options(&name, &wat);
        Golden {
            name,
            wat,
            host,
            options,
        }
    };
    paths.into_iter().map(read).collect()
}

/// Directives of one kind.
fn directives<'a>(wat: &'a str, kind: &str) -> impl Iterator<Item = (usize, &'a str)> {
    let prefix = format!(";; {kind}:");
    wat.lines()
        .enumerate()
        .filter_map(move |(n, line)| Some((n + 1, line.strip_prefix(&prefix)?.trim())))
}

fn options(name: &str, wat: &str) -> Options {
    let mut options = Options::default();
    options.module_name = name.to_string();
    options.data = DataLayout::Inline;
    let on = |value: &str| value == "on";
    for word in directives(wat, "options").flat_map(|(_, line)| line.split(' ')) {
        let (key, value) = word.split_once('=').expect("key=value");
        match key {
            "fuel" => options.fuel = on(value),
            "stats" => options.stats = on(value),
            "snapshots" => options.snapshots = on(value),
            "verification" => options.verification = on(value),
            "canonical_nans" => options.canonical_nans = on(value),
            "names" => {
                options.names = if value == "index" {
                    Names::Index
                } else {
                    Names::Module
                }
            }
            "data" => {
                options.data = if value == "side" {
                    DataLayout::SideFile
                } else {
                    DataLayout::Inline
                }
            }
            "storage" => {
                options.storage = match value {
                    "growable" => Storage::Growable,
                    "fixed" => Storage::Fixed,
                    "lent" => Storage::Lent,
                    other => panic!("{name}: no storage {other}"),
                }
            }
            "split_bytes" => options.split_bytes = value.parse().expect("a number"),
            "max_memory_pages" => options.max_memory_pages = value.parse().expect("a number"),
            "memory_bytes" => options.memory_bytes = Some(value.parse().expect("a number")),
            "flash_data" => options.flash_data = on(value),
            "max_table_elements" => options.max_table_elements = value.parse().expect("a number"),
            "max_call_depth" => options.max_call_depth = Some(value.parse().expect("a number")),
            "backtrace" => {
                options.backtrace = match value {
                    "none" => Backtrace::None,
                    "functions" => Backtrace::Functions,
                    "offsets" => Backtrace::Offsets,
                    other => panic!("{name}: no level {other}"),
                };
            }
            other => panic!("{name}: no option {other}"),
        }
    }
    options
}

fn compiled(golden: &Golden) -> Output {
    compile(golden.wat.as_bytes(), &golden.options)
        .unwrap_or_else(|e| panic!("{}: {e}", golden.name))
}

/// The first line where two texts differ, for people.
fn difference(old: &str, new: &str) -> String {
    let mut lines = old.lines().zip(new.lines()).enumerate();
    match lines.find(|(_, (a, b))| a != b) {
        Some((n, (a, b))) => format!("line {}:\n  expected {a}\n  got      {b}", n + 1),
        None => "one ends before the other".to_string(),
    }
}

#[test]
fn output_is_as_expected() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = String::new();
    for golden in golden() {
        for file in compiled(&golden).files {
            let path = folder().join(&file.name);
            if bless {
                std::fs::write(&path, &file.contents).expect("the folder can be written");
                continue;
            }
            let expected = std::fs::read(&path).unwrap_or_default();
            if expected != file.contents {
                let (old, new) = (
                    String::from_utf8_lossy(&expected),
                    String::from_utf8_lossy(&file.contents),
                );
                let _ = writeln!(wrong, "{}: {}", file.name, difference(&old, &new));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}BLESS=1 accepts what is got");
}

/// The first example of the README, and what it says that it becomes.
#[test]
fn readme_shows_what_is_printed() {
    let readme = include_str!("../README.md");
    let block = |language: &str| {
        let (_, rest) = readme.split_once(&format!("```{language}\n"))?;
        rest.split_once("```").map(|(block, _)| block)
    };
    let (wat, rust) = (block("wat").expect("a .wat"), block("rust").expect("Rust"));
    let output = compile(wat.as_bytes(), &Options::default()).expect("valid");
    let printed = String::from_utf8_lossy(&output.files[0].contents);
    assert!(
        printed.ends_with(rust),
        "the end of what is printed:\n{}",
        &printed[printed.rfind("/// `hypot2").unwrap_or(0)..]
    );
}

/// Everything that the compiler prints for `bytes`, in each layout, is free of faults.
fn sound(name: &str, bytes: &[u8], options: &Options) -> Vec<String> {
    let mut found = Vec::new();
    for layout in [Layout::File, Layout::Crate, Layout::Include] {
        let mut options = options.clone();
        options.layout = layout;
        options.module_name = name.replace('-', "_");
        options.data = DataLayout::SideFile;
        let output = compile(bytes, &options).unwrap_or_else(|e| panic!("{name}: {e}"));
        for (n, file) in output
            .files
            .iter()
            .enumerate()
            .filter(|(_, f)| f.name.ends_with(".rs"))
        {
            let text = std::str::from_utf8(&file.contents).expect("UTF-8");
            let faults = source::faults(text, n > 0);
            found.extend(
                faults
                    .into_iter()
                    .map(|fault| format!("{} ({layout:?}): {fault}", file.name)),
            );
        }
    }
    found
}

#[test]
fn output_cannot_panic() {
    let mut found = Vec::new();
    for golden in golden() {
        found.extend(sound(&golden.name, golden.wat.as_bytes(), &golden.options));
    }
    for (name, bytes) in guests() {
        // Each on its own: the tree of a large one is large.
        found.extend(sound(&name, &bytes, &Options::default()));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn output_compiles_and_runs() {
    let Some(cargo) = cargo() else {
        return;
    };
    let all = golden();
    let (fixed, growable): (Vec<&Golden>, Vec<&Golden>) = all
        .iter()
        .partition(|g| g.options.storage != Storage::Growable);
    for (name, golden, features) in [
        ("golden", growable, &["alloc", "stats"][..]),
        ("golden-fixed", fixed, &[]),
    ] {
        let package = package(name, features, &golden);
        package.write().expect("the target folder can be written");
        let levels = [Level::O0, Level::O3];
        let built = package.build_at(&cargo, &levels);
        built.unwrap_or_else(|errors| panic!("{errors}"));
        for level in levels {
            let mut command = Command::new(package.executable(level, name));
            let output = package::run(&mut command, Duration::from_secs(60)).expect("runs");
            assert!(
                output.status.success(),
                "{}:\n{}{}",
                level.name(),
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }
}

/// A library without std of all that is expected, and a program that follows the directives.
fn package(name: &str, features: &[&str], all: &[&Golden]) -> Package {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let mut package = Package::new(&target.join(name), name, &runtime(), features);
    let mut library = "//! Golden files.\n#![no_std]\n#![deny(warnings)]\n".to_string();
    let mut main = include_str!("golden/driver.rs").to_string();
    let mut calls = String::new();
    let library_path = format!("{}::", name.replace('-', "_"));
    for golden in all {
        let name = &golden.name;
        for file in compiled(golden).files {
            let expected = std::fs::read(folder().join(&file.name)).unwrap_or_default();
            package.add(&format!("src/{}", file.name), expected);
        }
        let _ = writeln!(library, "pub mod {name};");
        if let Some(host) = &golden.host {
            let _ = writeln!(main, "mod {name}_host;");
            package.add(
                &format!("src/{name}_host.rs"),
                host.replace("golden::", &library_path),
            );
        }
        main.push_str(&test(golden));
        let _ = writeln!(calls, "    test_{name}();");
    }
    main = main.replace("golden::", &library_path);
    let _ = write!(
        main,
        "fn main() {{\n{calls}    assert_eq!(WRONG.load(Ordering::Relaxed), 0);\n}}\n"
    );
    package.add("src/lib.rs", library);
    package.add("src/main.rs", main);
    package
}

/// A function that follows the directives of one file.
fn test(golden: &Golden) -> String {
    let name = &golden.name;
    let types = types(golden);
    let make = match golden.host {
        Some(_) => format!("crate::{name}_host::make()"),
        None => format!("golden::{name}::Instance::new()"),
    };
    let mut out = format!("fn test_{name}() {{\n    use golden::{name}::*;\n");
    let _ = writeln!(out, "    let mut i = {make}.expect(\"can be made\");");
    for (n, line) in golden.wat.lines().enumerate() {
        let Some(directive) = line.strip_prefix(";; ") else {
            continue;
        };
        let at = format!("{name}.wat:{}", n + 1);
        let (kind, rest) = directive.split_once(": ").unwrap_or((directive, ""));
        let _ = match kind {
            "new" => writeln!(out, "    i = {make}.expect(\"can be made\");"),
            "reset" => writeln!(out, "    i.reset().expect(\"can be made again\");"),
            "global" => {
                let (method, value) = rest.split_once(" = ").expect("NAME = VALUE");
                writeln!(
                    out,
                    "    same({at:?}, &text(&[i.{method}().into()]), {value:?});"
                )
            }
            "run" | "trap" | "fuel" => {
                let (call, want) = rest.split_once(" = ").expect("CALL = RESULT");
                let (export, args) = call
                    .strip_suffix(')')
                    .and_then(|c| c.rsplit_once('('))
                    .expect("NAME(ARGS)");
                let types = types
                    .get(export)
                    .unwrap_or_else(|| panic!("{at}: no export {export}"));
                let args =
                    arguments(args, types).unwrap_or_else(|| panic!("{at}: other arguments"));
                writeln!(
                    out,
                    "    {kind}({at:?}, &mut i, {export:?}, &[{args}], {want:?});"
                )
            }
            _ => Ok(()),
        };
    }
    out.push_str("}\n");
    let macros = format!(
        "impl crate::Instance for golden::{name}::Instance{}",
        generics(golden)
    );
    let _ = write!(
        out,
        "{macros} {{\n    fn call(&mut self, name: &str, args: &[Val]) -> Result<Vec<Val>, Trap> {{\n        \
         Ok(self.invoke(name, args)?.to_vec())\n    }}\n    fn set_fuel(&mut self, units: u64) {{\n        \
         self.set_fuel(units);\n    }}\n    fn remaining_fuel(&self) -> u64 {{\n        \
         self.remaining_fuel()\n    }}\n}}\n"
    );
    out
}

/// The host's type, where functions are imported.
fn generics(golden: &Golden) -> String {
    match &golden.host {
        Some(host) if host.contains("pub struct Host") => {
            format!("<crate::{}_host::Host>", golden.name)
        }
        _ => String::new(),
    }
}

fn arguments(args: &str, types: &[ValType]) -> Option<String> {
    let words: Vec<&str> = args.split(", ").filter(|word| !word.is_empty()).collect();
    if words.len() != types.len() {
        return None;
    }
    let value = |(word, ty): (&&str, &ValType)| match ty {
        ValType::I32 => format!("Val::I32({word}i64 as i32)"),
        ValType::I64 => format!("Val::I64({word})"),
        ValType::F32 => format!("Val::F32({})", float(word, "f32")),
        ValType::F64 => format!("Val::F64({})", float(word, "f64")),
        ty if *ty == ValType::EXTERNREF && *word == "null" => {
            "Val::ExternRef(ExternRef::NULL)".to_string()
        }
        ty if *ty == ValType::EXTERNREF => format!("Val::ExternRef(ExternRef::new({word}))"),
        _ => "Val::FuncRef(FuncRef::NULL)".to_string(),
    };
    Some(
        words
            .iter()
            .zip(types)
            .map(value)
            .collect::<Vec<_>>()
            .join(", "),
    )
}

/// A float in decimal, or its bits as `bits:7fa00000`.
fn float(word: &str, ty: &str) -> String {
    match word.strip_prefix("bits:") {
        Some(bits) => format!("{ty}::from_bits(0x{bits})"),
        None => format!("{word}{ty}"),
    }
}

/// Parameters of every exported function.
fn types(golden: &Golden) -> BTreeMap<String, Vec<ValType>> {
    let bytes = wat::parse_str(&golden.wat).unwrap_or_else(|e| panic!("{}: {e}", golden.name));
    let (mut types, mut funcs, mut exports) = (Vec::new(), Vec::new(), BTreeMap::new());
    for payload in Parser::new(0).parse_all(&bytes) {
        match payload.expect("valid") {
            Payload::TypeSection(section) => {
                for ty in section
                    .into_iter()
                    .flat_map(|group| group.expect("valid").into_types())
                {
                    let CompositeInnerType::Func(ty) = ty.composite_type.inner else {
                        continue;
                    };
                    types.push(ty.params().to_vec());
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    if let TypeRef::Func(ty) = import.expect("valid").ty {
                        funcs.push(ty);
                    }
                }
            }
            Payload::FunctionSection(section) => {
                funcs.extend(section.into_iter().map(|ty| ty.expect("valid")))
            }
            Payload::ExportSection(section) => {
                for export in section.into_iter().map(|export| export.expect("valid")) {
                    if export.kind == ExternalKind::Func {
                        exports.insert(
                            export.name.to_string(),
                            types[funcs[export.index as usize] as usize].clone(),
                        );
                    }
                }
            }
            _ => {}
        }
    }
    exports
}
