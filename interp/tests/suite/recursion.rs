//! Recursion without end is a trap, on a thread with 256 KiB of stack, and whatever goes through the host.

use crate::common::{cause, module, small_stack, started, trap};
use wrt_interp::*;

#[test]
fn recursion_within_the_guest() {
    let wat = r#"(module
        (table funcref (elem $indirect))
        (type $f (func))
        (func $direct (export "direct") (call $direct))
        (func $odd (export "odd") (call $even))
        (func $even (call $odd))
        (func $indirect (export "indirect") (call_indirect (type $f) (i32.const 0)))
        (func $wide (export "wide") (param i64 i64 i64 i64) (local f64 f64 f64 f64)
            (call $wide (local.get 0) (local.get 1) (local.get 2) (local.get 3))))"#;
    small_stack(|| {
        let (mut store, instance) = started(wat, ());
        for name in ["direct", "odd", "indirect"] {
            let out = trap(instance.execute(&mut store, name, &[]));
            assert_eq!(out.cause(), Cause::CallStackExhausted, "{name}");
            assert_eq!(out.frames().len(), 10);
            assert!(out.dropped() > 1000);
            assert!(
                out.to_string()
                    .ends_with(&format!("and {} more", out.dropped()))
            );
        }
        let wide = instance.execute(&mut store, "wide", &[Val::I64(0); 4]);
        assert_eq!(cause(wide), Cause::CallStackExhausted);
        store.set_depth(0);
        let out = trap(instance.execute(&mut store, "direct", &[]));
        assert_eq!(out.to_string(), "call stack exhausted\n  at direct");
    });
}

const PING: &str = r#"(module
    (import "h" "pong" (func $pong (param i32) (result i32)))
    (func $ping (export "ping") (param i32) (result i32) (call $pong (local.get 0)))
    (func $deep (export "deep") (param i32) (result i32)
        (if (result i32) (local.get 0)
            (then (call $deep (i32.sub (local.get 0) (i32.const 1))))
            (else (call $pong (i32.const 1))))))"#;

/// A store whose `pong` calls `name` again with what `next` makes of its argument, on values or typed.
fn pinging(name: &'static str, typed: bool, next: fn(i32) -> i32) -> (Store<u32>, Instance) {
    let engine = Engine::default();
    let mut store = Store::new(&engine, 0);
    let mut linker = Linker::new();
    let pong = move |mut caller: Caller<'_, u32>, n: i32| {
        *caller.data_mut() += 1;
        let instance = caller.instance().expect("a guest called");
        if typed {
            let ping = instance.get_typed_func::<i32, i32>(&caller, name)?;
            return ping.call(&mut caller, next(n));
        }
        let values = instance.execute(&mut caller, name, &[Val::I32(next(n))])?;
        Ok(values[0].i32().expect("its type"))
    };
    linker.func_wrap("h", "pong", pong).expect("no name twice");
    let instance = linker
        .instantiate(&mut store, &module(&engine, PING))
        .expect("links");
    (store, instance)
}

#[test]
fn recursion_through_the_host() {
    small_stack(|| {
        for typed in [true, false] {
            let (mut store, instance) = pinging("ping", typed, |n| n);
            for round in 1..=2 {
                let out = trap(instance.execute(&mut store, "ping", &[Val::I32(1)]));
                assert_eq!(out.cause(), Cause::ReentranceLimit);
                // One call from outside, 64 from the host; the last of these asked for one more.
                assert_eq!((out.frames().len(), out.dropped()), (10, 55));
                assert_eq!(*store.data(), 65 * round);
            }
        }
    });
}

#[test]
fn recursion_through_the_host_has_one_depth_budget() {
    small_stack(|| {
        // Each round trip descends by 1,000 calls, for which there is less and less room.
        let (mut store, instance) = pinging("deep", true, |_| 1000);
        store.set_depth(50_000);
        let out = trap(instance.execute(&mut store, "deep", &[Val::I32(1000)]));
        assert_eq!(out.cause(), Cause::CallStackExhausted);
        let rounds = *store.data();
        assert!((1..64).contains(&rounds), "{rounds}");
        // It is all there again.
        let out = trap(instance.execute(&mut store, "deep", &[Val::I32(1000)]));
        assert_eq!(out.cause(), Cause::CallStackExhausted);
        assert_eq!(*store.data(), 2 * rounds);
    });
}

#[test]
fn a_host_function_that_calls_itself_through_the_store_is_bounded() {
    small_stack(|| {
        let engine = Engine::default();
        let mut store = Store::new(&engine, None);
        let again = Func::wrap(&mut store, |mut caller: Caller<'_, Option<Func>>| {
            let again = caller.data().expect("it is set");
            again.call(&mut caller, &[]).map(drop)
        });
        *store.data_mut() = Some(again);
        assert_eq!(cause(again.call(&mut store, &[])), Cause::ReentranceLimit);
        assert_eq!(
            cause(again.call_resumable(&mut store, &[])),
            Cause::ReentranceLimit
        );
    });
}

#[test]
fn a_panic_in_a_host_function_that_is_caught_leaves_the_store_usable() {
    let (mut store, instance) = pinging("nowhere", false, |n| match n {
        0 => 0,
        _ => panic!("the host panics"),
    });
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    for _ in 0..100 {
        let run =
            std::panic::AssertUnwindSafe(|| instance.execute(&mut store, "ping", &[Val::I32(1)]));
        assert!(std::panic::catch_unwind(run).is_err());
    }
    std::panic::set_hook(hook);
    assert_eq!(
        cause(instance.execute(&mut store, "ping", &[Val::I32(0)])),
        Cause::NoSuchExport
    );
    let ping = instance.get_func(&store, "ping").expect("is exported");
    store.set_fuel(0);
    let outcome = ping.call_resumable(&mut store, &[Val::I32(0)]);
    assert!(
        matches!(outcome, Ok(Outcome::Paused(_))),
        "no host function is active"
    );
}

#[test]
fn instances_are_made_within_host_functions() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, None);
    let inner = module(
        &engine,
        r#"(module (func $main) (start $main) (func (export "f") (result i32) (i32.const 3)))"#,
    );
    let mut linker = Linker::new();
    let load = move |mut caller: Caller<'_, Option<Instance>>| {
        let instance = Linker::new().instantiate(&mut caller, &inner)?;
        *caller.data_mut() = Some(instance);
        let values = instance.execute(&mut caller, "f", &[])?;
        Ok(values[0].i32().expect("its type"))
    };
    linker.func_wrap("h", "load", load).expect("no name twice");
    let wat = r#"(module (import "h" "load" (func $load (result i32)))
        (func (export "run") (result i32) (i32.mul (call $load) (call $load))))"#;
    let outer = linker
        .instantiate(&mut store, &module(&engine, wat))
        .expect("links");
    assert_eq!(
        outer.execute(&mut store, "run", &[]).expect("runs"),
        [Val::I32(9)]
    );
    let made = store.data().expect("it is set");
    assert_eq!(
        made.execute(&mut store, "f", &[]).expect("runs"),
        [Val::I32(3)]
    );
}
