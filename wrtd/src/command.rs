//! Whether a module is a command: a program that needs nothing but WASI.
//!
//! In: a linked set that is about to be compiled. Holding a [`Command`] proves that it exports `_start: [] -> []` and
//! imports only functions of WASI preview 1, so that an executable can be made of it.

use std::borrow::Cow;

use anyhow::Result;
use wrt_build::Input;
use wrt_compiler::Source;
use wrt_compiler::front::Front;
use wrt_compiler::module::{Extern, PageSize};
use wrt_compiler::set::{FuncDef, GlobalInit, Set};
use wrt_rt::wasi::preview1;

use crate::Refused;

const WASI: &str = "wasi_snapshot_preview1";

/// What the `main` of a command needs to know.
pub(crate) struct Command {
    /// The name by which `invoke` calls `_start`.
    pub(crate) start: String,
    /// Some function is imported, so that an instance takes a host.
    pub(crate) has_host: bool,
    /// Some of them is on files, so that granted folders are of use.
    pub(crate) has_files: bool,
}

impl Command {
    /// The error says which import stands in the way, or that there is no `_start`. The `input` has been compiled.
    pub(crate) fn of(input: &Input) -> Result<Command> {
        let refused = |why: &str| {
            let why = format!("no executable: {why}; --crate makes a library of it");
            Refused(in_file(input, &why))
        };
        let binaries = binaries(input).map_err(|e| refused(&e.to_string()))?;
        let front = front(input, &binaries)?;
        let Some(start) = start(&front.set) else {
            return Err(refused("the module exports no function `_start: [] -> []`").into());
        };
        if let Some(import) = foreign(&front.set) {
            let why = format!("the module imports {import}, which is not WASI preview 1");
            return Err(refused(&why).into());
        }
        Ok(Command {
            start,
            has_host: has_host(&front.set),
            has_files: has_files(&front.set),
        })
    }
}

/// Whether a program that calls `input`, command or not, needs a host for it, and whether that has files. The error
/// says which import is not WASI's.
pub(crate) fn needs(input: &Input) -> Result<(bool, bool)> {
    let binaries = binaries(input).map_err(|e| Refused(in_file(input, &e.to_string())))?;
    let front = front(input, &binaries)?;
    match foreign(&front.set) {
        Some(import) => Err(Refused(in_file(input, &format!("unknown import: {import}"))).into()),
        None => Ok((has_host(&front.set), has_files(&front.set))),
    }
}

/// `why`, with the file before it.
fn in_file(input: &Input, why: &str) -> String {
    match input.path() {
        Some(path) => format!("{}: {why}", wrt_build::shown(path)),
        None => why.to_string(),
    }
}

type Binary<'a> = (&'a str, Cow<'a, [u8]>);

fn binaries(input: &Input) -> Result<Vec<Binary<'_>>, wat::Error> {
    let sources = input.sources().into_iter();
    sources
        .map(|source| Ok((source.name, wat::parse_bytes(source.bytes)?)))
        .collect()
}

fn front<'a>(input: &Input, binaries: &'a [Binary<'_>]) -> Result<Front<'a>> {
    let sources: Vec<Source<'_>> = binaries
        .iter()
        .map(|(name, bytes)| Source { name, bytes })
        .collect();
    let front = Front::new(&sources, &input.options);
    Ok(front.map_err(|e| Refused(input.error(e).to_string()))?)
}

fn has_host(set: &Set<'_>) -> bool {
    let mut funcs = set.funcs.iter();
    funcs.any(|f| matches!(f.def, FuncDef::Host { .. }))
}

/// Whether one of WASI's functions is imported that begin with a folder.
fn has_files(set: &Set<'_>) -> bool {
    let mut funcs = set.funcs.iter();
    funcs.any(|f| match &f.def {
        FuncDef::Host { name, .. } => {
            name.starts_with("path_") || ["fd_readdir", "fd_prestat_get"].contains(&&**name)
        }
        _ => false,
    })
}

/// The name of the last instance's `_start`.
fn start(set: &Set<'_>) -> Option<String> {
    let last = set.instances.last()?;
    let export = last.module.exports.iter().find(|e| e.name == "_start")?;
    let Extern::Func(func) = export.item else {
        return None;
    };
    let ty = last.module.func_type(func);
    let plain = ty.params.is_empty() && ty.results.is_empty();
    let name = match set.instances.len() {
        1 => "_start".to_string(),
        _ => format!("{}__start", last.name),
    };
    plain.then_some(name)
}

/// The first import that WASI does not satisfy: module, field and type.
fn foreign(set: &Set<'_>) -> Option<String> {
    for func in &set.funcs {
        let FuncDef::Host { module, name } = &func.def else {
            continue;
        };
        let ty = &set.types[func.ty.index()];
        let known = preview1::signature(name)
            .is_some_and(|s| s.params == ty.params && s.result.as_slice() == ty.results);
        if module != WASI || !known {
            return Some(format!("{module:?} {name:?}, a function {ty}"));
        }
    }
    let bounds = |min: u32, max: Option<u32>| match max {
        Some(max) => format!("{min} to {max}"),
        None => format!("{min} or more"),
    };
    for memory in &set.memories {
        if let Some((module, name)) = &memory.host {
            let pages = bounds(memory.ty.min, memory.ty.max);
            let size = match memory.ty.page_size {
                PageSize::Kib64 => "",
                PageSize::Byte => " of 1 byte",
            };
            return Some(format!(
                "{module:?} {name:?}, a memory of {pages} pages{size}"
            ));
        }
    }
    for table in &set.tables {
        if let Some((module, name)) = &table.host {
            let elements = bounds(table.ty.min, table.ty.max);
            return Some(format!(
                "{module:?} {name:?}, a table of {elements} {}",
                table.ty.element
            ));
        }
    }
    for global in &set.globals {
        if let GlobalInit::Host(module, name) = &global.init {
            let mutable = if global.ty.mutable { "mutable " } else { "" };
            return Some(format!(
                "{module:?} {name:?}, a {mutable}global {}",
                global.ty.ty
            ));
        }
    }
    None
}
