//! Recursion without end, of every kind, ends in a trap, on a thread whose stack is small: the guest's calls take none
//! of it. Run in debug and in release builds.

use crate::common::{module, small_stack, trap};
use wrt_interp::*;

/// Calls the export `f` of the module, which must trap with `cause` on a small stack.
fn ends(wat: &str, expected: Cause) {
    let deep = 10_000_000;
    for depth in [Limits::default().depth, deep] {
        small_stack(|| {
            let engine = Engine::default();
            let limits = Limits {
                depth,
                ..Limits::default()
            };
            let mut store = Store::with_limits(&engine, 0u64, limits);
            let instance = linker().instantiate(&mut store, &module(&engine, wat));
            let instance = instance.expect("links");
            let trap = trap(instance.execute(&mut store, "f", &[]));
            assert_eq!(trap.cause(), expected, "{wat}");
            assert!(trap.frames().len() <= 10);
            // The store goes on as if nothing had been.
            let fine = instance.execute(&mut store, "fine", &[]);
            assert_eq!(fine.expect("runs"), [Val::I32(7)]);
        });
    }
}

fn linker() -> Linker<u64> {
    let mut linker = Linker::new();
    linker
        .func_wrap("env", "again", |mut caller: Caller<'_, u64>| {
            *caller.data_mut() += 1;
            let f = caller.get_export("f").and_then(Extern::into_func);
            f.expect("an export").call(&mut caller, &[]).map(|_| ())
        })
        .expect("no name twice");
    linker
}

const FINE: &str = r#"(func (export "fine") (result i32) (i32.const 7))"#;

#[test]
fn direct_recursion() {
    ends(
        &format!(r#"(module (func $f (export "f") (call $f)) {FINE})"#),
        Cause::CallStackExhausted,
    );
}

#[test]
fn recursion_with_values() {
    let wat = format!(
        r#"(module
            (func (export "f") (drop (drop (call $g (i32.const 0) (i64.const 1)))))
            (func $g (param i32 i64) (result i32 i64) (local f64 f64 f64)
                (call $g (i32.add (local.get 0) (i32.const 1)) (i64.shl (local.get 1) (i64.const 1)))
                (drop) (drop) (local.get 0) (local.get 1))
            {FINE})"#
    );
    ends(&wat, Cause::CallStackExhausted);
}

#[test]
fn mutual_recursion() {
    let wat = format!(
        r#"(module (func $f (export "f") (call $g)) (func $g (call $h)) (func $h (call $f)) {FINE})"#
    );
    ends(&wat, Cause::CallStackExhausted);
}

#[test]
fn recursion_through_a_table() {
    let wat = format!(
        r#"(module (type $t (func)) (table funcref (elem $f))
            (func $f (export "f") (call_indirect (type $t) (i32.const 0))) {FINE})"#
    );
    ends(&wat, Cause::CallStackExhausted);
}

#[test]
fn recursion_in_loops_and_branches() {
    let wat = format!(
        r#"(module (global $n (mut i32) (i32.const 0))
            (func $f (export "f")
                (loop $l
                    (global.set $n (i32.add (global.get $n) (i32.const 1)))
                    (if (i32.and (global.get $n) (i32.const 1)) (then (call $f)) (else (block (call $f))))
                    (br $l)))
            {FINE})"#
    );
    ends(&wat, Cause::CallStackExhausted);
}

#[test]
fn recursion_through_the_host() {
    let wat = format!(
        r#"(module (import "env" "again" (func $again)) (func (export "f") (call $again)) {FINE})"#
    );
    ends(&wat, Cause::ReentranceLimit);
}

#[test]
fn recursion_of_the_start_function() {
    small_stack(|| {
        let wat = "(module (start $f) (func $f (call $f)))";
        let engine = Engine::default();
        let mut store = Store::new(&engine, 0u64);
        let made = linker().instantiate(&mut store, &module(&engine, wat));
        assert_eq!(trap(made).cause(), Cause::CallStackExhausted);
    });
}

#[test]
fn recursion_across_instances() {
    small_stack(|| {
        let engine = Engine::default();
        let mut store = Store::new(&engine, 0u64);
        let mut linker = linker();
        let table = r#"(module (type $t (func)) (table (export "t") 1 funcref)
            (func (export "g") (call_indirect (type $t) (i32.const 0))))"#;
        let first = linker.instantiate(&mut store, &module(&engine, table));
        linker
            .instance(&store, "m", first.expect("links"))
            .expect("no name twice");
        let wat = r#"(module (import "m" "t" (table 1 funcref)) (import "m" "g" (func $g))
            (elem (i32.const 0) func $f) (func $f (export "f") (call $g)))"#;
        let second = linker.instantiate(&mut store, &module(&engine, wat));
        let second = second.expect("links");
        let trap = trap(second.execute(&mut store, "f", &[]));
        assert_eq!(trap.cause(), Cause::CallStackExhausted);
    });
}

#[test]
fn deep_runs_pause_go_on_and_are_dropped() {
    let wat = r#"(module (func $f (export "f") (param i32) (result i32)
        (if (result i32) (local.get 0)
            (then (i32.add (i32.const 1) (call $f (i32.sub (local.get 0) (i32.const 1)))))
            (else (i32.const 0)))))"#;
    small_stack(|| {
        let engine = Engine::default();
        let limits = Limits {
            depth: 10_000_000,
            fuel: 200_000,
            ..Limits::default()
        };
        let mut store = Store::with_limits(&engine, 0u64, limits);
        let instance = linker().instantiate(&mut store, &module(&engine, wat));
        let f = instance.expect("links").get_func(&store, "f");
        let f = f.expect("is exported");
        let started = f.call_resumable(&mut store, &[Val::I32(100_000)]);
        let Ok(Outcome::Paused(paused)) = started else {
            panic!("it has not fuel enough");
        };
        assert!(paused.backtrace(&store).len() > 1_000);
        store.set_fuel(u64::MAX);
        match paused.resume(&mut store) {
            Ok(Outcome::Done(values)) => assert_eq!(values, [Val::I32(100_000)]),
            other => panic!("{other:?}"),
        }
        store.set_fuel(100_000);
        drop(f.call_resumable(&mut store, &[Val::I32(100_000)]));
    });
}
