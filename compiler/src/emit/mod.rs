//! Rust out: the linked set as files. One function is spelled and printed at a time, so that memory stays
//! bounded by the largest of them.

mod body;
mod bulk;
mod exports;
mod expr;
mod flash;
mod func;
mod imports;
mod indirect;
mod needs;
mod root;
mod rust;
mod segments;
mod small;
mod snapshot;
mod steps;
mod storage;
mod strided;
mod switch;
mod verify;

use crate::error::{Error, Kind};
use crate::front::{Front, Source};
use crate::ir::{Func, Stmt};
use crate::names::Names;
use crate::op::COST_MODEL;
use crate::options::{DataLayout, Layout, Options, Storage};
use crate::set::{FuncId, TableId, TypeId};
use crate::stride;
use crate::survey;
use alloc::borrow::Cow;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use func::Emitter;
use proc_macro2::TokenStream;
use quote::quote;
use root::Root;
use segments::{Blob, Used};

/// What compiling gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Files to write; the first is the root, which refers to the others by name.
    pub files: Vec<File>,
    /// What is worth knowing of them.
    pub report: Report,
}

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name, without a folder.
    pub name: String,
    /// Its contents.
    pub contents: Vec<u8>,
}

/// Facts about a compilation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Functions compiled.
    pub functions: usize,
    /// Bytes of wasm that their bodies have.
    pub code_bytes: usize,
    /// Bytes of Rust.
    pub rust_bytes: usize,
    /// Rust modules that functions were cut into, beside the root.
    pub parts: usize,
    /// Most fuel that one check takes: the longest path between two checks.
    pub longest_path: u32,
    /// Version of the cost model.
    pub cost_model: u32,
}

/// Compiles one module, binary or text.
///
/// Errors name the reason, and where it lies: bytes that are no valid module, a proposal that is not built, a
/// cap of `options`.
pub fn compile(bytes: &[u8], options: &Options) -> Result<Output, Error> {
    compile_set(
        &[Source {
            name: &options.module_name,
            bytes,
        }],
        options,
    )
}

/// Compiles modules that import from each other into one linked set. A later source may import from an earlier
/// one by its name; the same bytes may occur twice.
///
/// Errors are those of [`compile`], and an import that an earlier source does not satisfy.
pub fn compile_set(sources: &[Source<'_>], options: &Options) -> Result<Output, Error> {
    let mut binaries: Vec<Cow<'_, [u8]>> = Vec::new();
    if syn::parse_str::<syn::Ident>(&options.module_name).is_err()
        || !options.module_name.is_ascii()
    {
        let text = format!(
            "the option module_name is {:?}, which is no identifier of Rust",
            options.module_name
        );
        return Err(Error::new(Kind::Option, text));
    }
    for source in sources {
        let bytes = binary(source.bytes);
        binaries.push(if sources.len() > 1 {
            bytes.map_err(|e| e.in_source(source.name))?
        } else {
            bytes?
        });
    }
    let sources: Vec<Source<'_>> = sources
        .iter()
        .zip(&binaries)
        .map(|(s, bytes)| Source {
            name: s.name,
            bytes,
        })
        .collect();
    let front = Front::new(&sources, options)?;
    snapshot::check(&front.set, options)?;
    verify::check(&front.set, options)?;
    small::check(&front.set, options)?;
    let flash = flash::bytes(&front.set, options)?;
    let names = Names::new(&front.set, options);
    let cx = Emitter {
        front: &front,
        names: &names,
        options,
        templates: expr::Templates::new(),
        flash,
    };
    module(&cx)
}

/// A module in the text format as a binary one; a binary one as it is.
///
/// Errors are `Text`, and `Invalid` for what is neither.
pub fn binary(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Error> {
    if bytes.starts_with(b"\0asm") {
        return Ok(Cow::Borrowed(bytes));
    }
    let looks_like_text = core::str::from_utf8(bytes).is_ok_and(|text| {
        text.trim_start().starts_with('(') || text.trim_start().starts_with(";;")
    });
    if !looks_like_text {
        return Err(Error::new(
            Kind::Invalid,
            "neither a wasm module (magic number) nor its text format",
        )
        .at(0));
    }
    wat::parse_bytes(bytes).map_err(|e| {
        // The first line says what is wrong, the second where.
        let text = e.to_string();
        let mut lines = text.lines();
        let what = lines.next().unwrap_or("invalid text");
        if what.contains("parsing components disabled") {
            return Error::new(Kind::Unsupported, "components").at(0);
        }
        let place = lines
            .next()
            .and_then(|l| l.trim().strip_prefix("--> <anon>:").map(str::to_string));
        let place = place.map(|p| format!(" (line {})", p.replacen(':', ", column ", 1)));
        Error::new(
            Kind::Text,
            format!("text format: {what}{}", place.unwrap_or_default()),
        )
    })
}

/// Lints that generated code does not follow, on purpose: they judge what a person wrote, and what triggers them
/// here is the module's (its dead code, its names, variables that it sets in vain) or a matter of one shape for
/// all. Whoever includes the code must not see warnings. `unsafe_code` is not among them, but forbidden.
const ALLOWED: &[&str] = &[
    "dead_code",
    "double_negations",
    "non_snake_case",
    "non_camel_case_types",
    "non_upper_case_globals",
    "unreachable_code",
    "unreachable_pub",
    "unused_assignments",
    "unused_braces",
    "unused_imports",
    "unused_labels",
    "unused_mut",
    "unused_parens",
    "unused_variables",
    "clippy::all",
    "clippy::pedantic",
];

struct Part {
    text: String,
    wasm: usize,
}

fn module(cx: &Emitter<'_>) -> Result<Output, Error> {
    let front = cx.front;
    let mut report = Report {
        cost_model: COST_MODEL,
        ..Report::default()
    };
    let mut parts: Vec<Part> = Vec::new();
    let mut used = Used::default();
    let mut indirect = BTreeSet::new();
    for n in 0..front.set.funcs.len() {
        let id = FuncId(n as u32);
        let Some(mut f) = front.func(id)? else {
            continue;
        };
        see(&f, &mut used, &mut indirect);
        let wasm = front.set.body(id).map_or(0, |(_, body)| body.range.len());
        if parts
            .last()
            .is_none_or(|p| p.wasm > 0 && p.wasm + wasm > cx.options.split_bytes as usize)
        {
            parts.push(Part {
                text: String::new(),
                wasm: 0,
            });
        }
        let part = parts.last_mut().expect("just pushed");
        // Where check points are counted, none may be left out; and targets with storage in place have no vector unit
        // for which a second version of a loop would be worth its flash.
        let strided = match cx.options.verification || cx.options.storage != Storage::Growable {
            true => Default::default(),
            false => stride::find(&mut f, front.set.memories.len() as u32),
        };
        let item = cx.func(&f, &strided);
        let file = syn::File {
            shebang: None,
            attrs: Vec::new(),
            items: alloc::vec![syn::Item::Fn(item)],
        };
        part.text.push_str(&prettyplease::unparse(&file));
        part.wasm += wasm;
        report.functions += 1;
        report.code_bytes += wasm;
        report.longest_path = report.longest_path.max(f.longest);
    }
    let blob = Blob::new(&front.set, cx.flash.len());
    let root = Root::new(cx, &used, &blob);
    let dispatchers = dispatchers(cx, &indirect);
    let items = root.items(&dispatchers);
    report.parts = parts.len();
    Ok(assemble(cx.options, items, parts, blob, report))
}

/// Which segments and which kinds of indirect call `f` uses.
fn see(f: &Func, used: &mut Used, indirect: &mut BTreeSet<(TypeId, TableId)>) {
    for stmt in f.blocks.iter().flatten() {
        match stmt {
            Stmt::Bulk { op, .. } => used.see(*op),
            Stmt::CallIndirect { ty, table, .. } => {
                indirect.insert((*ty, *table));
            }
            _ => {}
        }
    }
}

fn dispatchers(cx: &Emitter<'_>, indirect: &BTreeSet<(TypeId, TableId)>) -> Vec<syn::ItemFn> {
    let set = &cx.front.set;
    let referenced = survey::in_tables(set);
    indirect
        .iter()
        .map(|(ty, table)| {
            let candidates: Vec<FuncId> = referenced
                .iter()
                .copied()
                .filter(|f| set.funcs[f.index()].ty == *ty)
                .collect();
            cx.dispatcher(*ty, *table, &candidates)
        })
        .collect()
}

fn assemble(
    options: &Options,
    items: TokenStream,
    parts: Vec<Part>,
    blob: Blob,
    mut report: Report,
) -> Output {
    let name = &options.module_name;
    let data_file = format!("{name}.data");
    let side = options.data == DataLayout::SideFile && !blob.bytes.is_empty();
    let data = if side {
        quote!(
            static DATA: &[u8] = include_bytes!(#data_file);
        )
    } else {
        let bytes = proc_macro2::Literal::byte_string(&blob.bytes);
        quote!(static DATA: &[u8] = #bytes;)
    };
    let one_part = parts.len() == 1;
    let uses: TokenStream = (0..parts.len())
        .filter(|_| !one_part)
        .map(|n| {
            let part = rust::ident(&format!("part{n}"));
            quote!(use #part::*;)
        })
        .collect();
    let file: syn::File = rust::parse(quote!(#uses #items #data));
    let mut body = prettyplease::unparse(&file);
    let mut files = Vec::new();
    let include = options.layout == Layout::Include;
    for (n, part) in parts.into_iter().enumerate() {
        if one_part {
            // Functions of the root are seen by nobody above it.
            body.push_str(&part.text.replace("pub(super) fn", "fn"));
            break;
        }
        match options.layout {
            Layout::File => {
                body.push_str(&format!("mod part{n} {{\n    use super::*;\n"));
                indent(&mut body, &part.text);
                body.push_str("}\n");
            }
            Layout::Crate => {
                body.push_str(&format!("mod part{n};\n"));
                let text = format!("{HEAD}use super::*;\n{}", part.text);
                files.push(File {
                    name: format!("part{n}.rs"),
                    contents: text.into_bytes(),
                });
            }
            Layout::Include => {
                let file = format!("{name}.part{n}.rs");
                body.push_str(&format!(
                    "mod part{n} {{\n    use super::*;\n    include!({file:?});\n}}\n"
                ));
                files.push(File {
                    name: file,
                    contents: format!("{HEAD}{}", part.text).into_bytes(),
                });
            }
        }
    }
    let allowed = ALLOWED.join(", ");
    let text = if include {
        let mut text = format!(
            "{HEAD}#[forbid(unsafe_code)]\n#[allow({allowed})]\n/// A WebAssembly module, translated by WRT.\npub mod {name} {{\n"
        );
        indent(&mut text, &body);
        text.push_str("}\n");
        text
    } else {
        let no_std = if options.layout == Layout::Crate {
            "#![no_std]\n"
        } else {
            ""
        };
        format!("{HEAD}{no_std}#![forbid(unsafe_code)]\n#![allow({allowed})]\n\n{body}")
    };
    let root = match options.layout {
        Layout::Crate => "lib.rs".to_string(),
        _ => format!("{name}.rs"),
    };
    files.insert(
        0,
        File {
            name: root,
            contents: text.into_bytes(),
        },
    );
    report.rust_bytes = files.iter().map(|f| f.contents.len()).sum();
    if side {
        files.push(File {
            name: data_file,
            contents: blob.bytes,
        });
    }
    Output { files, report }
}

/// The first line of every file.
const HEAD: &str =
    "// Generated by WRT from WebAssembly. Edits are lost when it is generated again.\n";

/// Adds `text`, each line four spaces in. No literal of ours spans lines.
fn indent(out: &mut String, text: &str) {
    for line in text.lines() {
        if !line.is_empty() {
            out.push_str("    ");
            out.push_str(line);
        }
        out.push('\n');
    }
}
