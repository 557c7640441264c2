//! Data that stays in flash: which segments, and what else the module must be like.
//!
//! In: a memory of part of a page, the lowest of whose segments are constants. Out: where flash ends, and its bytes.

use super::small::stack;
use crate::error::{Error, Kind};
use crate::module::{Const, ConstOp, SegmentMode};
use crate::options::Options;
use crate::set::Set;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// How the names of constant segments begin, as wasm-ld gives them.
const CONSTANT: &str = ".rodata";

/// Bytes below the first segment that may be in flash, too: as many as linkers leave free there.
const LOWEST: u32 = 4096;

/// What is in flash, from address 0 on; nothing without the option. Refuses it where the module does not allow it.
pub(crate) fn bytes(set: &Set<'_>, options: &Options) -> Result<Vec<u8>, Error> {
    let mut flash = Vec::new();
    if !options.flash_data {
        return Ok(flash);
    }
    let refuse = |what: String| {
        let text = format!("the option flash_data leaves constant data in flash, and {what}");
        Err(Error::new(Kind::Option, text))
    };
    // One module, one memory of its own, of a fixed size in place: what memory_bytes asks for.
    let (Some(size), [instance]) = (options.memory_bytes, &set.instances[..]) else {
        return refuse(String::from("that takes the option memory_bytes"));
    };
    if options.verification {
        return refuse(String::from("verification looks at whole memories"));
    }
    let module = &instance.module;
    if module
        .imports
        .iter()
        .any(|import| import.module == super::imports::WASI)
    {
        return refuse(String::from(
            "functions of WASI need all of memory in one piece",
        ));
    }
    let mut constants = Vec::new();
    let mut lowest = size;
    for (n, data) in module.data.iter().enumerate() {
        let SegmentMode::Active(_, offset) = &data.mode else {
            continue;
        };
        let [ConstOp::Const(Const::I32(at))] = offset[..] else {
            return refuse(String::from("a segment's address is no constant"));
        };
        let names = &module.names.data;
        match names
            .get(&(n as u32))
            .is_some_and(|name| name.starts_with(CONSTANT))
        {
            true => constants.push((at as u32, &instance.bytes[data.bytes.clone()])),
            false => lowest = lowest.min(at as u32),
        }
    }
    constants.sort_by_key(|(at, _)| *at);
    let Some((first, _)) = constants.first() else {
        return refuse(format!(
            "no data segment is named {CONSTANT}: the name section may have been stripped"
        ));
    };
    if *first > LOWEST {
        return refuse(format!(
            "constants begin at byte {first}: with wasm-ld `--no-stack-first` they lie at the beginning"
        ));
    }
    for (at, bytes) in constants {
        // Segments that overlap are written in order; those of linkers do not.
        if flash.len() > at as usize {
            return refuse(format!("segments overlap at byte {at}"));
        }
        flash.resize(at as usize, 0);
        flash.extend_from_slice(bytes);
    }
    let end = flash.len();
    if end > lowest as usize {
        return refuse(format!("data that may change lies below, at byte {lowest}"));
    }
    match stack(set, instance) {
        Some(stack) if stack as usize <= end => refuse(format!(
            "the stack lies below, at byte {stack}: with wasm-ld `--no-stack-first` it lies above"
        )),
        _ => Ok(flash),
    }
}

#[cfg(test)]
mod tests {
    use crate::{Options, Storage, compile};
    use alloc::format;
    use alloc::string::ToString;

    fn refused(module: &str, change: impl Fn(&mut Options), why: &str) {
        let mut options = Options {
            storage: Storage::Fixed,
            memory_bytes: Some(4096),
            flash_data: true,
            ..Options::default()
        };
        change(&mut options);
        let error = compile(module.as_bytes(), &options).expect_err(why);
        assert!(error.to_string().contains(why), "{error}");
    }

    #[test]
    fn modules_that_do_not_allow_it_are_refused() {
        let fine = "(memory 1) (data $.rodata (i32.const 16) \"a\")";
        let module = |more: &str| format!("(module {fine} {more})");
        let same = |_: &mut Options| {};
        refused(
            &module(""),
            |o| o.memory_bytes = None,
            "takes the option memory_bytes",
        );
        refused(&module(""), |o| o.verification = true, "verification looks");
        let wasi = "(module (import \"wasi_snapshot_preview1\" \"sched_yield\" (func (result i32))) \
                    (memory (export \"memory\") 1) (data $.rodata (i32.const 16) \"a\"))";
        refused(wasi, same, "functions of WASI need all of memory");
        refused(
            "(module (memory 1) (data (i32.const 16) \"a\"))",
            same,
            "no data segment is named .rodata",
        );
        let high = "(module (memory 1) (data $.rodata (i32.const 4097) \"\"))";
        refused(
            high,
            |o| o.memory_bytes = Some(8192),
            "constants begin at byte 4097",
        );
        let sum = "(data (i32.add (i32.const 8) (i32.const 90)) \"x\")";
        refused(&module(sum), same, "address is no constant");
        refused(
            &module("(data $.data (i32.const 8) \"x\")"),
            same,
            "data that may change lies below, at byte 8",
        );
        refused(
            &module("(data $.rodata.b (i32.const 16) \"x\")"),
            same,
            "segments overlap at byte 16",
        );
        let stack = "(global $__stack_pointer (mut i32) (i32.const 16))";
        refused(&module(stack), same, "the stack lies below, at byte 16");
    }
}
