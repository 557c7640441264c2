//! `wrtd inspect --elf`: what native stack a linked firmware takes at most, read from its instructions. rustc does not
//! say it: it can emit sizes of frames only where it is not stable.
//!
//! An ELF comes in, and names of functions; for each, the deepest path of calls goes out, or why there is no bound. A
//! bound is never too small for code by compilers: what is not understood is a reason, not a guess. A call by a pointer
//! may reach every function whose address stands in data, or in code as a constant; the vector table, which the core
//! alone reads, is no such data. Interrupts are apart: each takes a stack frame of the core and what its handler takes.

mod code;
mod graph;
mod image;
mod insn;
mod riscv;
mod state;
#[cfg(test)]
mod tests;
mod text;
mod thumb;

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::Refused;
use graph::Graph;
use image::Image;
pub(crate) use text::print;

/// What is known of a firmware's stack.
#[derive(Debug)]
pub(crate) struct Stack {
    /// The instruction set by rustc's name, such as `thumbv7em`.
    pub(crate) target: &'static str,
    pub(crate) roots: Vec<Root>,
    /// The handlers of interrupts and faults, with what the core itself puts on the stack. They are in no root. On Arm
    /// they are those of the vector table, on RISC-V the functions that end in `mret`.
    pub(crate) handlers: Vec<Root>,
}

/// What a call of one function takes.
#[derive(Debug)]
pub(crate) struct Root {
    /// Demangled.
    pub(crate) name: String,
    /// Bytes of stack at most; none if they are not bounded.
    pub(crate) bytes: Option<u64>,
    /// The deepest path: functions and the bytes that each has taken when it calls the next, which add up to `bytes`.
    pub(crate) path: Vec<(String, u64)>,
    /// Why it is not bounded.
    pub(crate) reasons: Vec<String>,
}

/// Reads a firmware. Without names of `roots`, these are its entry and the exported methods of generated instances.
pub(crate) fn read(elf: &Path, roots: &[String]) -> Result<Stack> {
    let bytes =
        fs::read(elf).map_err(|e| Refused(format!("cannot read {}: {e}", elf.display())))?;
    Ok(stack(&bytes, roots).map_err(|e| refused(elf, &e))?)
}

/// Fails if `stack` is of a firmware for another target than this one, which is named as rustc does.
pub(crate) fn check_target(stack: &Stack, elf: &Path, target: &str) -> Result<()> {
    let name = target.split('-').next().unwrap_or(target);
    if name == stack.target {
        return Ok(());
    }
    let found = stack.target;
    Err(refused(elf, &format!("built for {found}, not for {target}")).into())
}

fn refused(elf: &Path, what: &str) -> Refused {
    Refused(format!("{}: {what}", elf.display()))
}

fn stack(bytes: &[u8], names: &[String]) -> Result<Stack, String> {
    let image = Image::read(bytes)?;
    let roots = roots(&image, names)?;
    let graph = Graph::new(&image);
    let mut handlers: Vec<Root> = graph
        .handlers()
        .into_iter()
        .map(|f| graph.root(f))
        .collect();
    for handler in &mut handlers {
        if let Some(bytes) = &mut handler.bytes {
            // Aligned, and with the registers of a floating-point unit, if there can be one.
            let core = match image.target {
                "thumbv7em" => 108,
                "riscv32imac" => 0,
                _ => 36,
            };
            *bytes += core;
            if core > 0 {
                handler.path.insert(0, ("the core".into(), core));
            }
        }
    }
    Ok(Stack {
        target: image.target,
        roots: roots.into_iter().map(|f| graph.root(f)).collect(),
        handlers,
    })
}

/// Functions that are told of at a time.
const MAX_ROOTS: usize = 500;

/// The functions that were asked for.
fn roots(image: &Image, names: &[String]) -> Result<Vec<usize>, String> {
    let mut found = Vec::new();
    if names.is_empty() {
        found.extend(image.function_at(image.entry & !1));
        let exported = |f: &usize| {
            image.functions[*f]
                .names
                .iter()
                .any(|n| is_export(&demangled(n)))
        };
        found.extend((0..image.functions.len()).filter(exported));
        if found.is_empty() {
            return Err("no function at its entry: name one with --root".into());
        }
    }
    for name in names {
        let before = found.len();
        for (n, function) in image.functions.iter().enumerate() {
            let named = |symbol: &&str| {
                let full = demangled(symbol);
                *symbol == name
                    || full == *name
                    || full
                        .strip_suffix(name.as_str())
                        .is_some_and(|rest| rest.ends_with("::"))
            };
            if function.names.iter().any(named) {
                found.push(n);
            }
        }
        if found.len() == before {
            return Err(format!(
                "no function `{name}`: `llvm-nm --demangle` lists those that the optimizer left"
            ));
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|f| seen.insert(*f));
    match found.len() {
        0..=MAX_ROOTS => Ok(found),
        many => Err(format!(
            "{many} functions have these names: name fewer with --root"
        )),
    }
}

/// A symbol as it is written in Rust, without the hash.
fn demangled(symbol: &str) -> String {
    // What is longer is no name that anybody wants to read.
    if symbol.len() > 2000 {
        return symbol.chars().take(2000).collect();
    }
    format!("{:#}", rustc_demangle::demangle(symbol))
}

/// Whether a name is of a method of a generated instance: `thermostat::Instance<H>::step`.
fn is_export(name: &str) -> bool {
    let Some((front, method)) = name.rsplit_once("::") else {
        return false;
    };
    let front = front.trim_end_matches('>');
    let of_instance = front.contains("::Instance<") || front.ends_with("::Instance");
    of_instance && !method.is_empty() && !method.contains(['{', ' ']) && !name.contains(" as ")
}
