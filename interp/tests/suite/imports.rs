//! Imports in odd numbers.

use crate::common::module;
use wrt_interp::*;

#[test]
fn what_is_imported_twice_is_one() {
    let engine = Engine::default();
    let module = module(
        &engine,
        r#"(module
            (import "env" "f" (func $a (param i32) (result i32)))
            (import "env" "f" (func $b (param i32) (result i32)))
            (import "env" "t" (table $s 2 funcref))
            (import "env" "t" (table $t 2 funcref))
            (import "env" "g" (global $g i32))
            (import "env" "g" (global $h i32))
            (table $own 1 funcref)
            (elem (table $t) (i32.const 1) func $b)
            (elem (table $own) (i32.const 0) func $own)
            (func $own (export "own") (result i32) (i32.add (global.get $g) (global.get $h)))
            (func $start (drop (call $a (i32.const 40))))
            (start $start)
            (func (export "f") (result i32)
              (i32.add
                (call_indirect $s (param i32) (result i32) (i32.const 1) (i32.const 1))
                (call_indirect $own (result i32) (i32.const 0)))))"#,
    );
    let mut store = Store::new(&engine, 0);
    let mut linker = Linker::new();
    let owner = crate::common::module(
        &engine,
        r#"(module (table (export "t") 2 funcref) (global (export "g") i32 (i32.const 5)))"#,
    );
    let owner = linker.instantiate(&mut store, &owner).unwrap();
    linker.instance(&store, "env", owner).unwrap();
    linker
        .func_wrap("env", "f", |mut caller: Caller<'_, i32>, n: i32| {
            *caller.data_mut() += n;
            n + 1
        })
        .unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let results = instance.execute(&mut store, "f", &[]).unwrap();
    assert_eq!(results, [Val::I32(12)]);
    assert_eq!(*store.data(), 41);
}
