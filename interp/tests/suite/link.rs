//! Imports and exports: what is missing, of another type, defined twice; what instances share.

use crate::common::{cause, module, trap};
use wrt_interp::*;

/// The text of the error that instantiation must end in.
fn refused(linker: &Linker<()>, wat: &str) -> String {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let made = linker.instantiate(&mut store, &module(&engine, wat));
    made.expect_err("it does not link").to_string()
}

#[test]
fn missing_imports_are_all_named() {
    let wat = r#"(module
        (import "env" "f" (func (param i32) (result i64)))
        (import "env" "m" (memory 1 2))
        (import "a b" "t" (table 10 funcref))
        (import "env" "g" (global (mut f32))))"#;
    assert_eq!(
        refused(&Linker::new(), wat),
        "unknown imports: \"env\" \"f\" (function [i32] -> [i64]), \"env\" \"m\" (memory of 1 to 2 pages), \
         \"a b\" \"t\" (table of 10 or more funcrefs), \"env\" \"g\" (mutable global f32)"
    );
    let mut linker = Linker::new();
    linker.func_wrap("env", "f", || {}).expect("no name twice");
    let one = r#"(module (import "env" "f" (func)) (import "env" "x" (func)))"#;
    assert_eq!(
        refused(&linker, one),
        "unknown import: \"env\" \"x\" (function [] -> [])"
    );
}

#[test]
fn imports_of_another_type_are_refused() {
    let mut linker = Linker::new();
    linker
        .func_wrap("env", "f", |a: i32| a)
        .expect("no name twice");
    assert_eq!(
        refused(&linker, r#"(module (import "env" "f" (func (param i32))))"#),
        "incompatible import type: \"env\" \"f\" is wanted as a function [i32] -> [], \
         and is a function [i32] -> [i32]"
    );
    assert_eq!(
        refused(&linker, r#"(module (import "env" "f" (memory 1)))"#),
        "incompatible import type: \"env\" \"f\" is wanted as a memory of 1 or more pages, \
         and is a function [i32] -> [i32]"
    );
}

#[test]
fn names_are_defined_once_unless_shadowing_is_allowed() {
    let mut linker = Linker::<()>::new();
    linker.func_wrap("env", "f", || 1).expect("the first");
    let twice = linker.func_wrap("env", "f", || 2).expect_err("the second");
    assert_eq!(twice.to_string(), "\"env\" \"f\" is defined twice");
    linker
        .allow_shadowing(true)
        .func_wrap("env", "f", || 3)
        .expect("allowed");
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let wat = r#"(module (import "env" "f" (func $f (result i32))) (export "f" (func $f)))"#;
    let instance = linker
        .instantiate(&mut store, &module(&engine, wat))
        .expect("links");
    assert_eq!(
        instance.execute(&mut store, "f", &[]).expect("runs"),
        [Val::I32(3)]
    );
}

#[test]
fn things_of_another_store_or_engine_are_refused() {
    let engine = Engine::default();
    let (mut here, mut there) = (Store::new(&engine, ()), Store::new(&engine, ()));
    let memory = Memory::new(&mut there, MemoryType::new(1, None)).expect("a page");
    let mut linker = Linker::new();
    linker.define("env", "m", memory).expect("no name twice");
    let wat = module(&engine, r#"(module (import "env" "m" (memory 1)))"#);
    assert!(matches!(
        linker.instantiate(&mut here, &wat),
        Err(Error::WrongStore(None))
    ));
    let instance = linker.instantiate(&mut there, &wat).expect("links");
    assert!(matches!(
        linker.instance(&here, "x", instance),
        Err(Error::WrongStore(None))
    ));
    assert_eq!((memory.size(&here), memory.data(&here).len()), (0, 0));
    assert!(memory.read(&here, 0, &mut [0]).is_err() && memory.write(&mut here, 0, &[0]).is_err());
    assert!(memory.grow(&mut here, 1).is_err() && memory.get_safe_slice(&here, 0, 0).is_err());
    let mut stranger = Store::new(&Engine::default(), ());
    let refused = linker
        .instantiate(&mut stranger, &wat)
        .expect_err("of another engine");
    assert_eq!(
        refused.to_string(),
        "the module is of another engine than the store"
    );
    let global = Global::new(
        &mut there,
        GlobalType {
            ty: ValType::I32,
            mutable: true,
        },
        Val::I32(1),
    );
    let global = global.expect("of its type");
    assert!(global.get(&stranger).is_err() && global.set(&mut here, Val::I32(1)).is_err());
}

#[test]
fn a_memory_of_the_embedder_has_pages_of_one_byte() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let s = &mut store;
    let ty = MemoryType::builder()
        .min(300)
        .max(Some(301))
        .page_size_log2(0)
        .build()
        .expect("a type");
    assert_eq!(
        (
            ty.page_size_log2(),
            MemoryType::new(1, None).page_size_log2()
        ),
        (0, 16)
    );
    let memory = Memory::new(&mut *s, ty.clone()).expect("300 bytes");
    assert_eq!(memory.ty(&*s).expect("its store"), ty);
    assert_eq!((memory.page_size(&*s), memory.data(&*s).len()), (1, 300));
    let mut linker = Linker::new();
    linker.define("env", "m", memory).expect("no name twice");
    let with = |ty: &str| {
        let wat = format!(
            r#"(module (memory (import "env" "m") {ty})
              (func (export "grow") (result i32) (drop (memory.grow (i32.const 1))) (memory.size)))"#
        );
        module(&engine, &wat)
    };
    let grow = with("300 301 (pagesize 1)");
    let instance = linker.instantiate(&mut *s, &grow).expect("of its type");
    for _ in 0..2 {
        let size = instance.execute(&mut *s, "grow", &[]).expect("no trap");
        assert_eq!(size, [Val::I32(301)]);
    }
    assert_eq!(cause(memory.grow(&mut *s, 1)), Cause::MemoryLimit);
    let refused = linker.instantiate(&mut *s, &with("0")).expect_err("pages");
    let text =
        "is wanted as a memory of 0 or more pages, and is a memory of 301 to 301 pages of 1 byte";
    assert!(refused.to_string().contains(text), "{refused}");

    let pages = |log2, min| MemoryType::builder().page_size_log2(log2).min(min);
    assert!(pages(0, u32::MAX).build().is_ok() && pages(16, 65_536).build().is_ok());
    assert!(pages(16, 65_537).build().is_err() && pages(3, 1).build().is_err());
    assert!(pages(0, 2).max(Some(1)).build().is_err() && pages(64, 0).build().is_err());
}

#[test]
fn memories_tables_and_globals_are_the_embedders_too() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let s = &mut store;
    let memory = Memory::new(&mut *s, MemoryType::new(1, Some(2))).expect("a page");
    memory.set_name(&mut *s, "heap").expect("its store");
    assert_eq!(memory.name(&*s), Some("heap"));
    memory.write(&mut *s, 65_530, b"wasm").expect("inside");
    assert_eq!(
        cause(memory.write(&mut *s, 65_533, b"wasm")),
        Cause::MemoryOutOfBounds
    );
    assert_eq!(
        cause(memory.get_safe_slice(&*s, u32::MAX, 2)),
        Cause::MemoryOutOfBounds
    );
    assert_eq!(memory.grow(&mut *s, 1).expect("within its maximum"), 1);
    assert_eq!(cause(memory.grow(&mut *s, 1)), Cause::MemoryLimit);
    assert_eq!(
        (
            memory.size(&*s),
            memory.peak_pages(&*s),
            s.stats().peak_pages
        ),
        (2, 2, 2)
    );
    memory.data_mut(&mut *s)[0] = 9;
    memory.get_safe_slice_mut(&mut *s, 1, 1).expect("inside")[0] = 8;
    let mut buf = [0; 2];
    memory.read(&*s, 0, &mut buf).expect("inside");
    assert_eq!(buf, [9, 8]);

    let element = ValType::FuncRef;
    let null = Val::FuncRef(FuncRef::NULL);
    let table = Table::new(
        &mut *s,
        TableType {
            element,
            min: 1,
            max: Some(3),
        },
        null,
    )
    .expect("fits");
    let f = Func::wrap(&mut *s, |a: i32| a + 1);
    table
        .set(&mut *s, 0, Val::FuncRef(f.to_ref()))
        .expect("inside");
    assert_eq!(table.get(&*s, 0).expect("inside"), Val::FuncRef(f.to_ref()));
    assert_eq!(cause(table.get(&*s, 1)), Cause::TableOutOfBounds);
    assert_eq!(table.grow(&mut *s, 2, null).expect("within its maximum"), 1);
    assert_eq!(cause(table.grow(&mut *s, 1, null)), Cause::TableLimit);
    let wrong = table
        .set(&mut *s, 0, Val::I32(1))
        .expect_err("another type")
        .to_string();
    assert_eq!(wrong, "a table of funcrefs cannot hold an i32");
    let element = ValType::I64;
    assert!(
        Table::new(
            &mut *s,
            TableType {
                element,
                min: 0,
                max: None
            },
            Val::I64(0)
        )
        .is_err()
    );

    let ty = GlobalType {
        ty: ValType::F64,
        mutable: true,
    };
    let global = Global::new(&mut *s, ty.clone(), Val::F64(1.5)).expect("its type");
    global
        .set(&mut *s, Val::F64(2.5))
        .expect("it can be changed");
    assert_eq!(global.get(&*s).expect("its store"), Val::F64(2.5));
    assert!(
        global.set(&mut *s, Val::F32(2.5)).is_err()
            && Global::new(&mut *s, ty, Val::I32(1)).is_err()
    );
    let ty = GlobalType {
        ty: ValType::I32,
        mutable: false,
    };
    let fixed = Global::new(&mut *s, ty, Val::I32(1)).expect("its type");
    assert!(fixed.set(&mut *s, Val::I32(2)).is_err());

    let mut linker = Linker::new();
    let defined = linker
        .define("h", "m", memory)
        .and_then(|l| l.define("h", "t", table));
    defined
        .and_then(|l| l.define("h", "g", global))
        .expect("no name twice");
    let wat = r#"(module
        (import "h" "m" (memory 2)) (import "h" "t" (table 3 funcref)) (import "h" "g" (global $g (mut f64)))
        (type $f (func (param i32) (result i32)))
        (func (export "run") (result i32)
            (global.set $g (f64.add (global.get $g) (f64.const 1)))
            (i32.store8 (i32.const 2) (i32.const 7))
            (call_indirect (type $f) (i32.load8_u (i32.const 0)) (i32.const 0))))"#;
    let instance = linker
        .instantiate(&mut *s, &module(&engine, wat))
        .expect("links");
    assert_eq!(
        instance.execute(&mut *s, "run", &[]).expect("runs"),
        [Val::I32(10)]
    );
    assert_eq!(global.get(&*s).expect("its store"), Val::F64(3.5));
    assert_eq!(memory.data(&*s)[..3], [9, 8, 7]);
}

#[test]
fn instances_share_what_they_import() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new();
    let first = r#"(module
        (memory (export "memory") 1 4)
        (table (export "table") 4 funcref)
        (global (export "counter") (mut i32) (i32.const 1))
        (type $f (func (param i32) (result i32)))
        (func $own (param i32) (result i32) (i32.store (i32.const 0) (local.get 0)) (i32.const 11))
        (elem (i32.const 0) $own)
        (func (export "call") (param i32 i32) (result i32)
            (call_indirect (type $f) (local.get 1) (local.get 0)))
        (func (export "pages") (result i32) (memory.size)))"#;
    let second = r#"(module
        (import "first" "memory" (memory 1))
        (import "first" "table" (table 2 funcref))
        (import "first" "counter" (global $counter (mut i32)))
        (import "first" "call" (func $call (param i32 i32) (result i32)))
        (memory $own 1)
        (func $f (param i32) (result i32)
            (global.set $counter (i32.add (global.get $counter) (i32.const 1)))
            (i32.add (i32.load (i32.const 0)) (local.get 0)))
        (elem (i32.const 1) $f)
        (func (export "go") (param i32) (result i32) (call $call (local.get 0) (i32.const 100)))
        (func (export "grow") (result i32) (memory.grow (i32.const 1))))"#;
    // One memory is all that a module may have.
    let second = second.replace("(memory $own 1)", "");
    let a = linker
        .instantiate_as(&mut store, "a", &module(&engine, first))
        .expect("links");
    linker.instance(&store, "first", a).expect("no name twice");
    assert!(linker.get("first", "memory").is_some());
    let b = linker
        .instantiate_as(&mut store, "b", &module(&engine, &second))
        .expect("links");
    let memory = a.get_memory(&store, "memory").expect("is exported");
    memory
        .write(&mut store, 0, &5u32.to_le_bytes())
        .expect("inside");
    // b -> a -> b, whose function reads a's memory.
    assert_eq!(
        b.execute(&mut store, "go", &[Val::I32(1)]).expect("runs"),
        [Val::I32(105)]
    );
    assert_eq!(
        b.execute(&mut store, "go", &[Val::I32(0)]).expect("runs"),
        [Val::I32(11)]
    );
    assert_eq!(memory.data(&store)[0], 100);
    let counter = a.get_global(&store, "counter").expect("is exported");
    assert_eq!(counter.get(&store).expect("its store"), Val::I32(2));
    assert_eq!(
        b.execute(&mut store, "grow", &[]).expect("runs"),
        [Val::I32(1)]
    );
    assert_eq!(
        a.execute(&mut store, "pages", &[]).expect("runs"),
        [Val::I32(2)]
    );
    let out = trap(b.execute(&mut store, "go", &[Val::I32(3)]));
    assert_eq!(out.to_string(), "uninitialized element\n  at call\n  at go");
    let frames = out.frames().iter().map(|f| (&f.module[..], f.func));
    assert_eq!(frames.collect::<Vec<_>>(), [("a", 1), ("b", 2)]);
}

#[test]
fn a_failed_instantiation_leaves_what_it_wrote() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new();
    let first = r#"(module (memory (export "memory") 1) (table (export "table") 2 funcref)
        (type $f (func (result i32)))
        (func (export "call") (result i32) (call_indirect (type $f) (i32.const 1))))"#;
    let a = linker
        .instantiate(&mut store, &module(&engine, first))
        .expect("links");
    linker.instance(&store, "first", a).expect("no name twice");
    let second = r#"(module (import "first" "memory" (memory 1)) (import "first" "table" (table 2 funcref))
        (func $f (result i32) (i32.const 9))
        (elem (i32.const 1) $f)
        (data (i32.const 0) "here") (data (i32.const 65534) "beyond"))"#;
    let made = linker.instantiate(&mut store, &module(&engine, second));
    assert_eq!(cause(made), Cause::MemoryOutOfBounds);
    let memory = a.get_memory(&store, "memory").expect("is exported");
    assert_eq!(&memory.data(&store)[..4], b"here");
    assert_eq!(
        a.execute(&mut store, "call", &[]).expect("runs"),
        [Val::I32(9)]
    );
}

#[test]
fn start_functions_run_trap_and_end() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, 0);
    let mut linker = Linker::new();
    let note = |mut caller: Caller<'_, i32>| *caller.data_mut() += 1;
    linker.func_wrap("h", "note", note).expect("no name twice");
    let host = r#"(module (import "h" "note" (func $note)) (start $note))"#;
    linker
        .instantiate(&mut store, &module(&engine, host))
        .expect("links");
    assert_eq!(*store.data(), 1);
    let traps = r#"(module (func $main unreachable) (start $main))"#;
    let out = trap(linker.instantiate(&mut store, &module(&engine, traps)));
    assert_eq!(out.to_string(), "unreachable\n  at main");
    let endless = r#"(module (func $main (loop $l (br $l))) (start $main))"#;
    store.set_fuel(100_000);
    let out = trap(linker.instantiate(&mut store, &module(&engine, endless)));
    assert_eq!(out.to_string(), "all fuel consumed\n  at main");
}

#[test]
fn limits_hold_when_an_instance_is_made_and_when_it_grows() {
    let engine = Engine::default();
    let limits = Limits {
        memory_pages: 2,
        table_elements: 5,
        ..Limits::default()
    };
    let mut store = Store::with_limits(&engine, (), limits);
    assert_eq!(store.limits(), limits);
    let linker = Linker::new();
    let mut make = |wat: &str| linker.instantiate(&mut store, &module(&engine, wat));
    assert_eq!(cause(make("(module (memory 3))")), Cause::MemoryLimit);
    assert_eq!(cause(make("(module (table 6 funcref))")), Cause::TableLimit);
    let wat = r#"(module (memory 1) (table $t 4 externref)
        (func (export "pages") (param i32) (result i32) (memory.grow (local.get 0)))
        (func (export "elems") (param i32) (result i32) (table.grow $t (ref.null extern) (local.get 0))))"#;
    let instance = make(wat).expect("within the limits");
    for (name, by, got) in [
        ("pages", 2, -1),
        ("pages", 1, 1),
        ("elems", 2, -1),
        ("elems", 1, 4),
    ] {
        let grown = instance
            .execute(&mut store, name, &[Val::I32(by)])
            .expect("runs");
        assert_eq!(grown, [Val::I32(got)], "{name} by {by}");
    }
    let engine = Engine::new({
        let mut options = Options::default();
        options.max_memory_pages = 1;
        options
    });
    let mut store = Store::new(&engine, ());
    let big = linker.instantiate(&mut store, &module(&engine, "(module (memory 2))"));
    assert_eq!(cause(big), Cause::MemoryLimit);
}

#[test]
fn modules_say_what_they_import_and_export() {
    let wat = r#"(module (import "a" "f" (func (param i64))) (memory (export "m") 1)
        (func (export "g") (result f32) (f32.const 0)))"#;
    let module = module(&Engine::default(), wat);
    let imports = module.imports().map(|(m, n, ty)| format!("{m}.{n}: {ty}"));
    assert_eq!(imports.collect::<Vec<_>>(), ["a.f: function [i64] -> []"]);
    let exports = module.exports().map(|(n, ty)| format!("{n}: {ty}"));
    let wanted = ["m: memory of 1 or more pages", "g: function [] -> [f32]"];
    assert_eq!(exports.collect::<Vec<_>>(), wanted);
    let broken =
        Module::new(&Engine::default(), &b"\0asm\x01\0\0\0\x01"[..]).expect_err("it is cut off");
    assert!(matches!(broken, Error::Compile(_)) && broken.to_string().starts_with("invalid: "));
    assert!(Module::new(&Engine::default(), "no module").is_err());
}

#[test]
fn an_import_may_occur_twice() {
    let wat = r#"(module
        (import "a" "f" (func $f (param i32) (result i32)))
        (import "a" "g" (global $g i32))
        (import "a" "t" (table $t 1 funcref))
        (import "a" "f" (func $again (param i32) (result i32)))
        (import "a" "g" (global $more i32))
        (import "a" "t" (table $s 2 funcref))
        (table $own 1 funcref)
        (global (export "own") i32 (i32.const 5))
        (func $run (export "run") (result i32)
            (i32.add (call $f (i32.const 1)) (call $again (global.get $more))))
        (elem (table $s) (i32.const 1) func $run)
        (elem (table $own) (i32.const 0) func $run)
        (start $main)
        (func $main (drop (call $run)))
        (export "t" (table $s)) (export "fails" (func $fails)) (export "f" (func $again))
        (func $fails unreachable))"#;
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let element = ValType::FuncRef;
    let ty = TableType {
        element,
        min: 2,
        max: None,
    };
    let table = Table::new(&mut store, ty, Val::FuncRef(FuncRef::NULL)).expect("fits");
    let ty = GlobalType {
        ty: ValType::I32,
        mutable: false,
    };
    let global = Global::new(&mut store, ty, Val::I32(20)).expect("its type");
    let mut linker = Linker::new();
    linker
        .func_wrap("a", "f", |a: i32| a * 2)
        .and_then(|l| l.define("a", "g", global))
        .and_then(|l| l.define("a", "t", table))
        .expect("no name twice");
    let instance = linker
        .instantiate(&mut store, &module(&engine, wat))
        .expect("links");
    assert_eq!(
        instance.execute(&mut store, "run", &[]).expect("runs"),
        [Val::I32(42)]
    );
    assert_eq!(
        instance
            .execute(&mut store, "f", &[Val::I32(4)])
            .expect("runs"),
        [Val::I32(8)]
    );
    let own = instance.get_global(&store, "own").expect("is exported");
    assert_eq!(own.get(&store).expect("its store"), Val::I32(5));
    assert_eq!(instance.get_table(&store, "t"), Some(table));
    let run = instance.get_func(&store, "run").expect("is exported");
    assert_eq!(
        table.get(&store, 1).expect("inside"),
        Val::FuncRef(run.to_ref())
    );
    let out = trap(instance.execute(&mut store, "fails", &[]));
    assert_eq!(out.to_string(), "unreachable\n  at fails");
}

#[test]
fn a_store_has_so_many_instances_and_no_more() {
    let engine = Engine::default();
    let module = module(
        &engine,
        r#"(module (func (export "f") (result i32) (i32.const 1)))"#,
    );
    let mut store = Store::new(&engine, ());
    store.set_max_instances(2);
    let linker = Linker::new();
    let first = linker.instantiate(&mut store, &module).expect("room");
    linker.instantiate(&mut store, &module).expect("room");
    let third = linker.instantiate(&mut store, &module);
    assert_eq!(crate::common::cause(third), Cause::InstanceLimit);
    assert!(first.execute(&mut store, "f", &[]).is_ok());
}
