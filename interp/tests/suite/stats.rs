//! Statistics, which are those of compiled code, and what traps say.

use crate::common::{module, started, trap};
use wrt_interp::*;

fn engine(set: impl FnOnce(&mut Options)) -> Engine {
    let mut options = Options::default();
    set(&mut options);
    Engine::new(options)
}

const CALLS: &str = r#"(module
    (import "h" "note" (func $note))
    (memory 1)
    (func $leaf (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
    (func $mid (param i32) (result i32) (call $note) (call $leaf (local.get 0)))
    (func (export "run") (result i32) (drop (memory.grow (i32.const 2)))
        (i32.add (call $mid (i32.const 1)) (call $mid (i32.const 2)))))"#;

/// A store and an instance of `CALLS`.
fn calls(engine: &Engine) -> (Store<()>, Instance) {
    let mut store = Store::new(engine, ());
    let mut linker = Linker::new();
    linker.func_wrap("h", "note", || {}).expect("no name twice");
    let instance = linker
        .instantiate(&mut store, &module(engine, CALLS))
        .expect("links");
    (store, instance)
}

#[test]
fn calls_are_counted_where_the_option_is_on() {
    let (mut store, instance) = calls(&engine(|options| options.stats = true));
    instance.execute(&mut store, "run", &[]).expect("runs");
    let stats = store.stats();
    // Functions that call nothing take no frame and are not counted.
    assert_eq!((stats.calls, stats.host_calls, stats.peak_pages), (3, 2, 3));
    // `run`: 8 and 2 operands; `mid`: 8, a parameter, an operand; and `leaf`: 8, a parameter, 2 operands.
    assert_eq!(stats.peak_depth, (8 + 2) + (8 + 1 + 1) + (8 + 1 + 2));
    // Numeric, reference, parametric, variable, table, memory, control.
    assert_eq!(stats.instructions, [8, 0, 1, 4, 0, 1, 6]);
    let (mut store, instance) = calls(&Engine::default());
    instance.execute(&mut store, "run", &[]).expect("runs");
    let stats = store.stats();
    assert_eq!((stats.calls, stats.host_calls, stats.peak_depth), (0, 0, 0));
    assert_eq!(stats.instructions, [0; 7]);
}

#[test]
fn counting_is_the_same_in_slices() {
    let engine = engine(|options| options.stats = true);
    let (mut whole, instance) = calls(&engine);
    instance.execute(&mut whole, "run", &[]).expect("runs");
    let (mut store, instance) = calls(&engine);
    store.set_fuel(0);
    let run = instance.get_func(&store, "run").expect("is exported");
    let mut outcome = run.call_resumable(&mut store, &[]).expect("no trap");
    while let Outcome::Paused(paused) = outcome {
        store.set_fuel(store.remaining_fuel() + 1);
        outcome = paused.resume(&mut store).expect("no trap");
    }
    assert_eq!(store.stats(), whole.stats());
    assert_eq!(store.consumed_fuel(), whole.consumed_fuel());
}

const TRAPS: &str = r#"(module
    (func $inner (param i32) (result i32) (i32.div_u (i32.const 1) (local.get 0)))
    (func $middle (param i32) (result i32) (call $inner (local.get 0)))
    (func (export "outer") (param i32) (result i32) (call $middle (local.get 0)))
    (func (param i32) (result i32) (call $middle (local.get 0)))
    (func (export "nameless") (result i32) (call 3 (i32.const 0))))"#;

#[test]
fn traps_name_the_functions() {
    let (mut store, instance) = started(TRAPS, ());
    let out = trap(instance.execute(&mut store, "outer", &[Val::I32(0)]));
    assert_eq!(
        (out.cause(), out.code(), out.exit_status()),
        (Cause::IntegerDivideByZero, 0, None)
    );
    assert_eq!(
        out.to_string(),
        "integer divide by zero\n  at inner\n  at middle\n  at outer"
    );
    assert_eq!(
        (out.message(), out.dropped()),
        ("integer divide by zero", 0)
    );
    let frames: Vec<u32> = out.frames().iter().map(|frame| frame.func).collect();
    assert_eq!(frames, [0, 1, 2]);
    let out = trap(instance.execute(&mut store, "nameless", &[]));
    assert!(
        out.to_string()
            .ends_with("\n  at middle\n  at #3\n  at nameless")
    );
    // The store goes on.
    let values = instance.execute(&mut store, "outer", &[Val::I32(1)]);
    assert_eq!(values.expect("runs"), [Val::I32(1)]);
}

#[test]
fn the_level_of_backtraces_is_an_option() {
    for (level, wanted) in [
        (Backtrace::None, "integer divide by zero"),
        (
            Backtrace::Offsets,
            "integer divide by zero\n  at inner (+0x3b)\n  at middle (+0x41)\n  at outer (+0x48)",
        ),
    ] {
        let engine = engine(|options| options.backtrace = level);
        let mut store = Store::new(&engine, ());
        let instance = Linker::new()
            .instantiate(&mut store, &module(&engine, TRAPS))
            .expect("links");
        let out = trap(instance.execute(&mut store, "outer", &[Val::I32(0)]));
        assert_eq!(out.to_string(), wanted);
    }
}

#[test]
fn a_function_without_room_stands_where_it_begins() {
    let wat =
        r#"(module (memory 1) (func $f (export "f") (drop (i32.load (i32.const 0))) (call $f)))"#;
    for fuel in [true, false] {
        let engine = engine(|options| {
            options.backtrace = Backtrace::Offsets;
            options.fuel = fuel;
        });
        let mut store = Store::new(&engine, ());
        let instance = Linker::new()
            .instantiate(&mut store, &module(&engine, wat))
            .expect("links");
        store.set_depth(0);
        let out = trap(instance.execute(&mut store, "f", &[]));
        assert_eq!(out.to_string(), "call stack exhausted\n  at f (+0x22)");
    }
}

#[test]
fn names_of_the_guest_cannot_reach_a_terminal() {
    let wat = "(module (func (export \"a\\1b[2J\\0ab\") unreachable))";
    let (mut store, instance) = started(wat, ());
    let out = trap(instance.execute(&mut store, "a\x1b[2J\nb", &[]));
    assert_eq!(out.to_string(), "unreachable\n  at a\\u{1b}[2J\\nb");
}

#[test]
fn errors_of_the_host_are_traps() {
    let wat = r#"(module (import "h" "f" (func $f (param i32))) (func (export "f") (param i32) (call $f (local.get 0))))"#;
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new();
    let fail = |what: i32| match what {
        0 => Err(Error::exit(3)),
        1 => Err(Error::Link("nothing is linked".into())),
        2 => Err(Cause::MemoryOutOfBounds.into()),
        _ => Ok(()),
    };
    linker.func_wrap("h", "f", fail).expect("no name twice");
    let instance = linker
        .instantiate(&mut store, &module(&engine, wat))
        .expect("links");
    let mut fail = |what| trap(instance.execute(&mut store, "f", &[Val::I32(what)]));
    let exit = fail(0);
    assert_eq!((exit.cause(), exit.exit_status()), (Cause::Exit, Some(3)));
    assert_eq!(exit.to_string(), "exit with status 3\n  at f");
    assert_eq!(fail(1).to_string(), "nothing is linked\n  at f");
    assert_eq!(fail(2).to_string(), "out of bounds memory access\n  at f");
    assert_eq!(
        instance
            .execute(&mut store, "f", &[Val::I32(9)])
            .expect("runs"),
        []
    );
    let ty = FuncType {
        params: vec![],
        results: vec![ValType::I32],
    };
    let lies = Func::new(&mut store, ty, |_, _, results| {
        results[0] = Val::I64(1);
        Ok(())
    });
    let out = trap(lies.call(&mut store, &[]));
    assert_eq!(
        out.to_string(),
        "a host function gave results of other types than it has"
    );
}
