//! Fuel by call stack.

use crate::common::module;
use wrt_interp::*;

const PROGRAM: &str = r#"(module
  (import "env" "again" (func $again (param i32)))
  (func $loop (param $n i32)
    (loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func $fib (param $n i32) (result i32)
    (call $loop (i32.const 2))
    (if (result i32) (i32.lt_s (local.get $n) (i32.const 2))
      (then (local.get $n))
      (else (i32.add
        (call $fib (i32.sub (local.get $n) (i32.const 1)))
        (call $fib (i32.sub (local.get $n) (i32.const 2)))))))
  (func $bad (export "bad") (call $loop (i32.const 3)) (unreachable))
  (func (export "run") (result i32)
    (call $loop (i32.const 10))
    (call $again (i32.const 5))
    (call $fib (i32.const 5))))"#;

/// Calls back, and lives with what comes of it.
fn linker() -> Linker<()> {
    let mut linker = Linker::new();
    let again = |mut caller: Caller<'_, ()>, _: i32| {
        let bad = caller.get_export("bad").and_then(Extern::into_func);
        assert!(bad.expect("a function").call(&mut caller, &[]).is_err());
    };
    linker.func_wrap("env", "again", again).expect("one name");
    linker
}

/// `caller;callee fuel calls`, in order.
fn lines(nodes: &[ProfileNode]) -> Vec<String> {
    let mut paths: Vec<String> = Vec::new();
    let mut lines = Vec::new();
    for node in nodes {
        let path = match node.parent {
            Some(parent) => format!("{};{}", paths[parent], node.name),
            None => node.name.clone(),
        };
        lines.push(format!("{path} {} {}", node.fuel, node.calls));
        paths.push(path);
    }
    lines
}

#[test]
fn fuel_is_counted_by_call_stack() {
    let engine = Engine::default();
    let module = module(&engine, PROGRAM);
    let mut store = Store::new(&engine, ());
    let instance = linker().instantiate(&mut store, &module).unwrap();
    assert!(store.profile().is_empty());
    store.set_profile(true);
    let before = store.consumed_fuel();
    instance.execute(&mut store, "run", &[]).unwrap();
    let nodes = store.profile();
    let sum: u64 = nodes.iter().map(|node| node.fuel).sum();
    assert_eq!(sum, store.consumed_fuel() - before);
    let lines = lines(&nodes);
    assert_eq!(lines[0], "run 6 1");
    assert_eq!(lines[1], "run;loop 50 1");
    assert_eq!(lines[2], "run;bad 3 1");
    assert_eq!(lines[3], "run;bad;loop 15 1");
    assert!(lines[4].starts_with("run;fib "), "{lines:?}");
    // Stopped and resumed at every check, it is the same.
    let mut store = Store::new(&engine, ());
    let instance = linker().instantiate(&mut store, &module).unwrap();
    store.set_profile(true);
    store.set_fuel(100);
    let run = instance.get_func(&store, "run").unwrap();
    let mut outcome = run.call_resumable(&mut store, &[]).unwrap();
    while let Outcome::Paused(paused) = outcome {
        let sum: u64 = store.profile().iter().map(|node| node.fuel).sum();
        assert_eq!(sum, store.consumed_fuel() - before);
        store.set_fuel(store.remaining_fuel() + 1);
        outcome = paused.resume(&mut store).unwrap();
    }
    assert_eq!(store.profile(), nodes);
}

#[test]
fn deep_recursion_ends_in_its_caller() {
    let engine = Engine::default();
    let deep = r#"(module (func $f (export "f") (param i32)
        (if (local.get 0) (then (call $f (i32.sub (local.get 0) (i32.const 1)))))))"#;
    let mut store = Store::new(&engine, ());
    let module = module(&engine, deep);
    let instance = Linker::new().instantiate(&mut store, &module).unwrap();
    store.set_profile(true);
    instance
        .execute(&mut store, "f", &[Val::I32(1000)])
        .unwrap();
    instance.execute(&mut store, "f", &[Val::I32(0)]).unwrap();
    let nodes = store.profile();
    assert_eq!((nodes.len(), nodes[0].calls, nodes[255].calls), (256, 2, 1));
    let sum: u64 = nodes.iter().map(|node| node.fuel).sum();
    assert_eq!(sum, store.consumed_fuel());
}
