//! Memories of less than a page, for ordinary modules: what has to fit.

use crate::error::{Error, Kind};
use crate::module::{Const, ConstOp, PageSize, SegmentMode};
use crate::options::{Options, Storage};
use crate::set::{GlobalInit, Instance, Set};
use alloc::format;
use alloc::string::String;
use wrt_rt::ValType;

/// The name that C and Rust compilers give to the global that is the stack's end.
const STACK_POINTER: &str = "__stack_pointer";

/// Refuses the option where the module could not run.
pub(crate) fn check(set: &Set<'_>, options: &Options) -> Result<(), Error> {
    let Some(bytes) = options.memory_bytes else {
        return Ok(());
    };
    let refuse = |what: String| {
        let text = format!("the option memory_bytes backs {bytes} bytes of memory, and {what}");
        Err(Error::new(Kind::Option, text))
    };
    if options.storage != Storage::Fixed {
        return refuse(String::from("that takes fixed storage"));
    }
    if options.snapshots {
        return refuse(String::from("a snapshot has whole pages"));
    }
    if !(1..=65536).contains(&bytes) {
        return refuse(String::from("a page has from 1 to 65,536"));
    }
    let ([memory], [instance]) = (&set.memories[..], &set.instances[..]) else {
        return refuse(String::from("that is for one module with one memory"));
    };
    if memory.ty.page_size == PageSize::Byte {
        return refuse(String::from(
            "this memory has pages of 1 byte: its type alone says how many there are",
        ));
    }
    if memory.host.is_some() || memory.ty.min != 1 {
        let min = memory.ty.min;
        return refuse(format!(
            "that is for a memory of the module's own of one page, not of {min}; \
             with wasm-ld `--initial-memory=65536` and a small `-z stack-size` may do"
        ));
    }
    for data in &instance.module.data {
        let SegmentMode::Active(_, offset) = &data.mode else {
            continue;
        };
        if let [ConstOp::Const(Const::I32(at))] = offset[..] {
            let end = u64::from(at as u32) + data.bytes.len() as u64;
            if end > u64::from(bytes) {
                return refuse(format!("data reaches to byte {end}"));
            }
        }
    }
    match stack(set, instance) {
        Some(stack) if stack > bytes => refuse(format!(
            "the stack begins at byte {stack}; with wasm-ld `-z stack-size` makes it smaller, \
             and `--stack-first` puts it below the data"
        )),
        _ => Ok(()),
    }
}

/// Where the stack begins, which goes down from there.
pub(super) fn stack(set: &Set<'_>, instance: &Instance<'_>) -> Option<u32> {
    let names = &instance.module.names.globals;
    let mut globals = instance.globals.iter().enumerate();
    let (_, id) = globals.find(|(index, id)| {
        let ty = &set.globals[id.index()].ty;
        let named = match names.get(&(*index as u32)) {
            Some(name) => name == STACK_POINTER,
            // Without names it is the first.
            None => names.is_empty() && *index == 0,
        };
        named && ty.mutable && ty.ty == ValType::I32
    })?;
    match set.globals[id.index()].init {
        GlobalInit::Const(Const::I32(value)) => Some(value as u32),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::{Options, Storage, compile};
    use alloc::string::ToString;

    #[track_caller]
    fn refused(wat: &str, bytes: u32, why: &str) {
        let options = Options {
            storage: Storage::Fixed,
            memory_bytes: Some(bytes),
            ..Options::default()
        };
        let error = compile(wat.as_bytes(), &options).expect_err("does not fit");
        assert!(error.to_string().contains(why), "{error}");
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let stack = "(module (memory 1) (global $__stack_pointer (mut i32) (i32.const 5000)))";
        refused(stack, 4096, "the stack begins at byte 5000");
        let unnamed = "(module (memory 1) (global (mut i32) (i32.const 5000)))";
        refused(unnamed, 4096, "the stack begins at byte 5000");
        let data = "(module (memory 1) (data (i32.const 4094) \"abc\"))";
        refused(data, 4096, "data reaches to byte 4097");
        refused("(module (memory 2))", 4096, "one page, not of 2");
        refused("(module (memory 0))", 4096, "one page, not of 0");
        let bytes = "(module (memory 1 (pagesize 1)))";
        refused(bytes, 1, "this memory has pages of 1 byte");
        refused("(module)", 4096, "one module with one memory");
        refused(
            "(module (import \"m\" \"m\" (memory 1)))",
            4096,
            "of the module's own",
        );
        refused("(module (memory 1))", 65537, "from 1 to 65,536");
        let options = Options {
            memory_bytes: Some(4096),
            ..Options::default()
        };
        let error = compile(b"(module (memory 1))", &options).expect_err("grows");
        assert!(error.to_string().contains("takes fixed storage"), "{error}");
    }
}
