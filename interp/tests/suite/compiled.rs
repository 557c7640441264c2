//! What compiled code and this interpreter lend each other for the time of a call.

use crate::common::{cause, module, trap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use wrt_interp::*;

/// Writes, grows, and calls back.
const GUEST: &str = r#"(module
    (import "env" "memory" (memory 1))
    (import "env" "call" (func $call))
    (func (export "poke") (i32.store (i32.const 65532) (i32.const 7)))
    (func (export "grow") (result i32) (memory.grow (i32.const 1)))
    (func (export "far") (result i32) (i32.load (i32.const 65536)))
    (func (export "call") (call $call))
    (func $down (export "down") (param i32) (result i32)
      (if (result i32) (local.get 0)
        (then (call $down (i32.sub (local.get 0) (i32.const 1))))
        (else (call $call) (i32.const 0)))))"#;

/// A store with a place for a memory, and an instance that was made while `memory` was in it.
fn lent(memory: &mut wrt_rt::Memory) -> (Store<Vec<u32>>, Memory, Instance) {
    let engine = Engine::default();
    let mut store = Store::new(&engine, Vec::new());
    let place = Memory::vacant(&mut store, Some(3));
    let mut linker = Linker::new();
    linker
        .func_wrap("env", "call", |mut caller: Caller<'_, Vec<u32>>| {
            let depth = caller.depth();
            caller.data_mut().push(depth);
        })
        .and_then(|linker| linker.define("env", "memory", place))
        .expect("no name twice");
    let module = module(&engine, GUEST);
    let nothing = linker.instantiate(&mut store, &module);
    assert!(matches!(nothing, Err(Error::Link(_))), "{nothing:?}");
    let instance = place.lend(&mut store, memory, |store| {
        linker.instantiate(store, &module)
    });
    (store, place, instance.expect("it has a page"))
}

/// A memory as compiled code has one.
fn compiled(min: u32, max: Option<u32>) -> wrt_rt::Memory {
    let mut memory = wrt_rt::Memory::new(min, max);
    memory.instantiate(2).expect("it is small");
    memory
}

#[test]
fn a_memory_is_lent_for_the_time_of_a_call() {
    let mut memory = compiled(1, Some(3));
    let (mut store, place, instance) = lent(&mut memory);
    assert_eq!(
        cause(instance.execute(&mut store, "poke", &[])),
        Cause::MemoryOutOfBounds
    );
    assert_eq!(
        instance.execute(&mut store, "grow", &[]).expect("no trap"),
        [Val::I32(-1)]
    );
    let grown = place.lend(&mut store, &mut memory, |mut store| {
        instance.execute(&mut store, "poke", &[])?;
        assert_eq!(place.data(&store).len(), 65536);
        instance.execute(&mut store, "grow", &[])?;
        // Past the limit with which the lender made it.
        instance.execute(&mut store, "grow", &[])
    });
    assert_eq!(grown.expect("no trap"), [Val::I32(-1)]);
    assert_eq!((memory.pages(), memory.bytes()[65532]), (2, 7));
    assert_eq!(place.size(&store), 0);
    assert_eq!(store.stats().peak_pages, 2);
}

#[test]
fn a_memory_is_given_back_after_traps_and_panics() {
    let mut memory = compiled(1, Some(1));
    let (mut store, place, instance) = lent(&mut memory);
    let far = place.lend(&mut store, &mut memory, |store| {
        instance.execute(store, "far", &[])
    });
    assert_eq!(cause(far), Cause::MemoryOutOfBounds);
    let panics = catch_unwind(AssertUnwindSafe(|| {
        place.lend(&mut store, &mut memory, |_| -> Result<(), Error> {
            std::panic::resume_unwind(Box::new(()))
        })
    }));
    assert!(panics.is_err());
    assert_eq!((memory.pages(), place.size(&store)), (1, 0));
}

#[test]
fn a_memory_that_may_become_too_large_is_refused() {
    let mut memory = compiled(1, Some(3));
    let (mut store, place, _) = lent(&mut memory);
    for mut memory in [compiled(1, Some(4)), compiled(1, None)] {
        let refused = place.lend(&mut store, &mut memory, |_| Ok(()));
        assert_eq!(cause(refused), Cause::IncompatibleImport);
    }
    let mut other = Store::new(&Engine::default(), ());
    let refused = place.lend(&mut other, &mut memory, |_| Ok(()));
    assert!(matches!(refused, Err(Error::WrongStore(None))));
}

#[test]
fn a_host_function_knows_the_depth_that_is_left() {
    let mut memory = compiled(1, Some(3));
    let (mut store, _, instance) = lent(&mut memory);
    store.set_depth(100);
    for n in 0..3 {
        let down = instance.execute(&mut store, "down", &[Val::I32(n)]);
        down.expect("deep enough");
    }
    let left = store.data();
    let weight = left[0] - left[1];
    assert!(weight > 0 && left[0] + weight == 100, "{left:?}");
    assert_eq!(left[1] - left[2], weight);
}

#[test]
fn traps_become_those_of_compiled_code() {
    let trap = trap::<()>(Err(Error::trap(5, "no such line")));
    let there = wrt_rt::Trap::from(&trap);
    assert_eq!((there.cause(), there.code()), (Cause::Host, 5));
    assert_eq!(there.message(), "no such line");
    assert_eq!(Trap::from(there), trap);

    let trap = crate::common::trap::<()>(Err(Error::trap(5, String::from("line 7 is missing"))));
    assert_eq!(wrt_rt::Trap::from(&trap).message(), Cause::Host.message());
    let trap = crate::common::trap::<()>(Err(Error::exit(3)));
    assert_eq!(wrt_rt::Trap::from(&trap).exit_status(), Some(3));
}
