//! Preview 1 of WASI, by the functions that compiled code calls.

use crate::common::{module, trap};
use wrt_interp::wasi::buffers::Buffers;
use wrt_interp::wasi::std::StdCtx;
use wrt_interp::*;

const HELLO: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "path_open"
        (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\08\00\00\00\06\00\00\00hello\n")
    (func (export "hello") (result i32) (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32)))
    (func (export "args") (result i32)
        (drop (call $sizes (i32.const 32) (i32.const 36)))
        (i32.load (i32.const 32)))
    (func (export "open") (result i32) (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 0)
        (i32.const 0) (i64.const 0) (i64.const 0) (i32.const 0) (i32.const 0)))
    (func (export "_start") (call $exit (i32.const 7))))"#;

#[test]
fn a_program_writes_asks_and_exits() {
    let engine = Engine::default();
    let context = StdCtx::new()
        .buffers(Buffers::new("", 100))
        .arg("prog")
        .arg("-v");
    let mut store = Store::new(&engine, (context, "more"));
    let mut linker = Linker::<(StdCtx, &str)>::new();
    linker.wasi(|data| &mut data.0).expect("no name twice");
    assert!(linker.wasi(|data| &mut data.0).is_err());
    let instance = linker
        .instantiate(&mut store, &module(&engine, HELLO))
        .expect("links");
    let mut run = |name: &str| instance.execute(&mut store, name, &[]);
    assert_eq!(run("hello").expect("runs"), [Val::I32(0)]);
    assert_eq!(run("args").expect("runs"), [Val::I32(2)]);
    assert_eq!(run("open").expect("runs"), [Val::I32(8)]);
    let exit = trap(run("_start"));
    assert_eq!(exit.to_string(), "exit with status 7\n  at _start");
    let buffers = store
        .data_mut()
        .0
        .buffers_mut()
        .expect("they are in memory");
    assert_eq!(buffers.take_out(), b"hello\n");
    // Not from the store's first memory, but from the caller's.
    let other = linker
        .instantiate(&mut store, &module(&engine, HELLO))
        .expect("links");
    let memory = other.get_memory(&store, "memory").expect("is exported");
    memory.write(&mut store, 8, b"again").expect("inside");
    other.execute(&mut store, "hello", &[]).expect("runs");
    let buffers = store
        .data_mut()
        .0
        .buffers_mut()
        .expect("they are in memory");
    assert_eq!(buffers.take_out(), b"again\n");
}

#[test]
fn what_is_not_granted_is_denied() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, wasi::Denied::new());
    let mut linker = Linker::new();
    linker.wasi(|denied| denied).expect("no name twice");
    let instance = linker
        .instantiate(&mut store, &module(&engine, HELLO))
        .expect("links");
    let written = instance.execute(&mut store, "hello", &[]).expect("runs");
    assert_eq!(written, [Val::I32(i32::from(wasi::Errno::BADF.number()))]);
}

#[test]
fn a_write_that_cannot_be_paid_pauses_and_is_made_later() {
    let wat = r#"(module
        (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
        (memory 1)
        (data (i32.const 0) "\40\00\00\00\03\00\00\00\50\00\00\00\00\04\00\00")
        (data (i32.const 64) "abc")
        (func $print (export "print") (result i32)
            (memory.fill (i32.const 80) (i32.const 120) (i32.const 1024))
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 2) (i32.const 32)))
            (i32.store (i32.const 4) (i32.const 0))
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 2) (i32.const 32)))
            (i32.load (i32.const 32))))"#;
    let mut options = Options::default();
    options.stats = true;
    options.backtrace = Backtrace::Offsets;
    let engine = Engine::new(options);
    let module = module(&engine, wat);
    let mut linker = Linker::new();
    linker.wasi(|ctx: &mut StdCtx| ctx).expect("no name twice");
    let start = || {
        let mut store = Store::new(&engine, StdCtx::new().buffers(Buffers::new("", 10_000)));
        let instance = linker.instantiate(&mut store, &module).expect("links");
        let print = instance.get_func(&store, "print").expect("is exported");
        (store, print)
    };
    let (mut whole, print) = start();
    assert_eq!(print.call(&mut whole, &[]).expect("runs"), [Val::I32(1024)]);
    let (mut store, print) = start();
    store.set_fuel(0);
    let mut outcome = print.call_resumable(&mut store, &[]).expect("no trap");
    let mut pauses = 0;
    while let Outcome::Paused(run) = outcome {
        assert_eq!(run.reason(), Reason::OutOfFuel);
        assert_eq!(run.backtrace(&store).len(), 1);
        pauses += 1;
        store.set_fuel(store.remaining_fuel() + 1);
        outcome = run.resume(&mut store).expect("no trap");
    }
    // For the function's body and the fill, and for each write.
    assert_eq!(pauses, whole.consumed_fuel());
    let out = |store: &mut Store<StdCtx>| {
        store
            .data_mut()
            .buffers_mut()
            .expect("they are in memory")
            .take_out()
    };
    let (whole_out, sliced_out) = (out(&mut whole), out(&mut store));
    assert_eq!(whole_out.len(), 3 + 1024 + 1024);
    assert_eq!(whole_out, sliced_out);
    assert_eq!(store.stats(), whole.stats());
    assert_eq!(store.consumed_fuel(), whole.consumed_fuel());
    // Where the run cannot pause, it is a trap.
    store.set_fuel(45);
    let out = trap(print.call(&mut store, &[])).to_string();
    assert!(
        out.starts_with("all fuel consumed\n  at print (+0x"),
        "{out}"
    );
}

#[test]
fn a_write_that_waits_for_fuel_is_saved_and_restored() {
    let wat = r#"(module
        (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
        (memory 2)
        (data (i32.const 0) "\40\00\00\00\00\00\01\00")
        (func (export "print") (param i32) (result i32)
            (i32.add (local.get 0) (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32)))))"#;
    let engine = Engine::default();
    let module = module(&engine, wat);
    let mut linker = Linker::new();
    linker.wasi(|ctx: &mut StdCtx| ctx).expect("no name twice");
    let context = || StdCtx::new().buffers(Buffers::new("", 100_000));
    let mut store = Store::new(&engine, context());
    let instance = linker.instantiate(&mut store, &module).expect("links");
    store.set_fuel(100);
    let print = instance.get_func(&store, "print").expect("is exported");
    let Ok(Outcome::Paused(run)) = print.call_resumable(&mut store, &[Val::I32(5)]) else {
        panic!("it does not pause");
    };
    let bytes = run.save(&store).expect("it can be saved");
    let mut other = Store::new(&engine, context());
    let restored = linker
        .restore(&mut other, &module, &bytes)
        .expect("it can be restored");
    other.set_fuel(2_000);
    let outcome = restored.paused.expect("it paused").resume(&mut other);
    let Ok(Outcome::Done(values)) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(values, [Val::I32(5)]);
    let buffers = other.data_mut().buffers_mut().expect("they are in memory");
    assert_eq!(buffers.take_out().len(), 65_536);
}
