//! Names of functions as people see them: in backtraces and comments, of both engines.

use crate::module::{Extern, FuncIdx, Module};
#[cfg(feature = "emit")]
use crate::set::{FuncDef, Set};
use alloc::format;
use alloc::string::{String, ToString};
#[cfg(feature = "emit")]
use alloc::vec::Vec;

/// What a backtrace calls function `func` of a module that is linked with no other: its name, else that of an export,
/// else `#` and its index.
pub fn func(module: &Module, func: FuncIdx) -> String {
    let name = module.names.funcs.get(&func.0);
    let exports = || module.exports.iter();
    let export = || exports().find(|e| e.item == Extern::Func(func));
    let wanted = name.map(|name| last_segment(name));
    let wanted = wanted.or_else(|| export().map(|export| export.name.clone()));
    wanted.map_or_else(|| format!("#{}", func.0), |name| shown(&name))
}

/// What the module calls each function: its name, or an export or import of it.
#[cfg(feature = "emit")]
pub(crate) fn wanted(set: &Set<'_>) -> Vec<Option<String>> {
    let mut wanted: Vec<Option<String>> = alloc::vec![None; set.funcs.len()];
    for (n, instance) in set.instances.iter().enumerate() {
        for (index, id) in instance.funcs.iter().enumerate() {
            if let Some(name) = instance.module.names.funcs.get(&(index as u32)) {
                wanted[id.index()].get_or_insert_with(|| last_segment(name));
            }
        }
        for export in &instance.module.exports {
            if let Extern::Func(f) = export.item {
                wanted[set.func(n, f).index()].get_or_insert_with(|| export.name.clone());
            }
        }
    }
    for (id, func) in set.funcs.iter().enumerate() {
        if let FuncDef::Host { module, name } = &func.def {
            wanted[id] = Some(format!("{module}_{name}"));
        }
    }
    wanted
}

/// The last segment of a mangled Rust symbol; any other name as it is.
fn last_segment(name: &str) -> String {
    let Ok(demangled) = rustc_demangle::try_demangle(name) else {
        return name.to_string();
    };
    let path = format!("{demangled:#}");
    let mut depth = 0;
    let mut start = 0;
    for (at, c) in path.char_indices() {
        match c {
            '<' | '(' | '[' => depth += 1,
            '>' | ')' | ']' => depth -= 1,
            ':' if depth == 0 => start = at + 1,
            _ => {}
        }
    }
    let last = &path[start..];
    let end = last.find(['<', '{', '(']).unwrap_or(last.len());
    if end == 0 {
        path
    } else {
        last[..end].to_string()
    }
}

/// `name` for people: one line, no control characters, bounded.
pub fn shown(name: &str) -> String {
    const LONGEST: usize = 100;
    let mut out: String = name
        .chars()
        .take(LONGEST)
        .flat_map(char::escape_debug)
        .collect();
    if name.chars().count() > LONGEST {
        out.push('…');
    }
    out
}
