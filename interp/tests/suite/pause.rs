//! Runs that pause and go on: out of fuel, interrupted, suspended by a host function.

use crate::common::{cause, module, started, trap};
use std::sync::atomic::{AtomicBool, Ordering};
use wrt_interp::*;

const FIB: &str = r#"(module
    (memory 1)
    (func $fib (export "fib") (param $n i32) (result i64)
        (if (result i64) (i32.lt_u (local.get $n) (i32.const 2))
            (then (i64.extend_i32_u (local.get $n)))
            (else (i64.add
                (call $fib (i32.sub (local.get $n) (i32.const 1)))
                (call $fib (i32.sub (local.get $n) (i32.const 2)))))))
    (func (export "fill") (param $n i32) (result i32)
        (memory.fill (i32.const 0) (i32.const 1) (local.get $n))
        (loop $l
            (i32.store8 (local.get $n) (i32.const 2))
            (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (i32.load (i32.const 0))))"#;

fn paused(outcome: Result<Outcome, Error>) -> Paused {
    match outcome {
        Ok(Outcome::Paused(paused)) => paused,
        other => panic!("{other:?}"),
    }
}

fn done(outcome: Result<Outcome, Error>) -> Vec<Val> {
    match outcome {
        Ok(Outcome::Done(values)) => values,
        other => panic!("{other:?}"),
    }
}

/// Results and fuel of a call in one go.
fn whole(name: &str, arg: i32) -> (Vec<Val>, u64) {
    let (mut store, instance) = started(FIB, ());
    let values = instance.execute(&mut store, name, &[Val::I32(arg)]);
    (values.expect("runs"), store.consumed_fuel())
}

#[test]
fn a_run_in_slices_is_the_run_in_one() {
    for (name, arg) in [("fib", 12), ("fill", 5_000)] {
        let (values, fuel) = whole(name, arg);
        for slice in [1, 7, 100, 3_000] {
            let (mut store, instance) = started(FIB, ());
            store.set_fuel(slice);
            let func = instance.get_func(&store, name).expect("is exported");
            let mut outcome = func.call_resumable(&mut store, &[Val::I32(arg)]);
            let mut pauses = 0;
            let got = loop {
                match outcome.expect("no trap") {
                    Outcome::Done(values) => break values,
                    Outcome::Paused(paused) => {
                        assert_eq!(paused.reason(), Reason::OutOfFuel);
                        pauses += 1;
                        let left = store.remaining_fuel();
                        store.set_fuel(left + slice);
                        outcome = paused.resume(&mut store);
                    }
                }
            };
            assert_eq!(got, values);
            assert_eq!(store.consumed_fuel(), fuel, "{name} by {slice}");
            assert!(pauses > 0 && pauses <= fuel / slice + 1);
        }
    }
}

#[test]
fn without_fuel_a_call_traps_and_the_store_goes_on() {
    let (mut store, instance) = started(FIB, ());
    store.set_fuel(100);
    let out = trap(instance.execute(&mut store, "fib", &[Val::I32(20)]));
    assert_eq!(out.cause(), Cause::OutOfFuel);
    assert!(
        out.to_string()
            .starts_with("all fuel consumed\n  at fib\n  at fib")
    );
    store.set_fuel(u64::MAX);
    let values = instance.execute(&mut store, "fib", &[Val::I32(10)]);
    assert_eq!(values.expect("runs"), [Val::I64(55)]);
}

#[test]
fn a_paused_run_leaves_the_store_free() {
    let (mut store, instance) = started(FIB, ());
    let fib = instance.get_func(&store, "fib").expect("is exported");
    store.set_fuel(500);
    let first = paused(fib.call_resumable(&mut store, &[Val::I32(14)]));
    let second = paused(fib.call_resumable(&mut store, &[Val::I32(13)]));
    let frames = first.backtrace(&store);
    assert!(frames.len() > 1 && frames.iter().all(|frame| frame.name == "fib"));
    assert!(
        frames
            .iter()
            .all(|frame| frame.func == 0 && frame.offset.is_some())
    );
    let dropped = paused(fib.call_resumable(&mut store, &[Val::I32(15)]));
    drop(dropped);
    store.set_fuel(u64::MAX);
    assert_eq!(
        fib.call(&mut store, &[Val::I32(9)]).expect("runs"),
        [Val::I64(34)]
    );
    assert_eq!(done(second.resume(&mut store)), [Val::I64(233)]);
    assert_eq!(done(first.resume(&mut store)), [Val::I64(377)]);
}

#[test]
fn only_its_own_store_resumes_a_run() {
    let engine = Engine::default();
    let module = module(&engine, FIB);
    let start = || {
        let mut store = Store::new(&engine, ());
        let instance = Linker::new()
            .instantiate(&mut store, &module)
            .expect("links");
        (store, instance)
    };
    let (mut store, instance) = start();
    let (mut other, stranger) = start();
    store.set_fuel(50);
    let fib = instance.get_func(&store, "fib").expect("is exported");
    let run = paused(fib.call_resumable(&mut store, &[Val::I32(10)]));
    assert!(run.backtrace(&other).is_empty());
    let refused = run.resume(&mut other).expect_err("another store");
    assert!(matches!(refused, Error::WrongStore(Some(_))));
    let run = refused.into_paused().expect("it is held");
    let refused = run
        .resume_with(&mut store, &[Val::I32(1)])
        .expect_err("no results are wanted");
    let run = refused.into_paused().expect("it is held");
    store.set_fuel(u64::MAX);
    assert_eq!(done(run.resume(&mut store)), [Val::I64(55)]);
    // Handles too.
    assert!(matches!(
        fib.call(&mut other, &[Val::I32(1)]),
        Err(Error::WrongStore(None))
    ));
    assert!(matches!(fib.ty(&other), Err(Error::WrongStore(None))));
    assert!(matches!(
        instance.execute(&mut other, "fib", &[]),
        Err(Error::WrongStore(None))
    ));
    assert!(instance.get_func(&other, "fib").is_none() && instance.exports(&other).is_empty());
    assert_ne!(stranger.get_func(&other, "fib"), Some(fib));
    drop(other);
    let (third, _) = start();
    assert!(stranger.get_func(&third, "fib").is_none());
}

#[test]
fn the_flag_interrupts() {
    static FLAG: AtomicBool = AtomicBool::new(false);
    let wat = r#"(module (func (export "spin") (param i32) (result i32)
        (loop $l (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (i32.const 7)))"#;
    let (mut store, instance) = started(wat, ());
    store.set_interrupt(Some(&FLAG));
    let spin = instance.get_func(&store, "spin").expect("is exported");
    FLAG.store(true, Ordering::Relaxed);
    assert_eq!(
        cause(spin.call(&mut store, &[Val::I32(3_000_000)])),
        Cause::Interrupted
    );
    let run = paused(spin.call_resumable(&mut store, &[Val::I32(3_000_000)]));
    assert_eq!(run.reason(), Reason::Interrupted);
    let run = paused(run.resume(&mut store));
    FLAG.store(false, Ordering::Relaxed);
    assert_eq!(done(run.resume(&mut store)), [Val::I32(7)]);
}

const ASK: &str = r#"(module
    (import "h" "ask" (func $ask (param i32) (result i32 i64)))
    (import "h" "tell" (func $tell (param i32)))
    (import "h" "through" (func $through (result i32)))
    (export "direct" (func $ask))
    (func $inner (export "run") (param i32) (result i64)
        (local $n i32) (local $m i64)
        (call $ask (local.get 0)) (local.set $m) (local.set $n)
        (call $tell (local.get $n))
        (i64.add (local.get $m) (i64.extend_i32_s (local.get $n))))
    (func $outer (export "outer") (result i64) (i64.add (i64.const 1000) (call $inner (i32.const 5))))
    (func (export "through") (result i32) (call $through)))"#;

fn asking() -> (Store<Vec<i32>>, Instance) {
    let engine = Engine::default();
    let mut store = Store::new(&engine, Vec::new());
    let mut linker = Linker::new();
    linker
        .func_wrap("h", "ask", |mut caller: Caller<'_, Vec<i32>>, a: i32| {
            caller.data_mut().push(a);
            Err::<(i32, i64), _>(Error::suspend())
        })
        .and_then(|l| {
            l.func_wrap("h", "tell", |mut caller: Caller<'_, Vec<i32>>, a: i32| {
                caller.data_mut().push(a);
                Err::<(), _>(Error::suspend())
            })
        })
        .and_then(|l| {
            l.func_wrap("h", "through", |mut caller: Caller<'_, Vec<i32>>| {
                let instance = caller.instance().expect("a guest called");
                let outer = instance.get_func(&caller, "outer").expect("is exported");
                match outer.call_resumable(&mut caller, &[])? {
                    Outcome::Done(_) => Ok(1),
                    Outcome::Paused(_) => Ok(2),
                }
            })
        })
        .expect("no name twice");
    let instance = linker
        .instantiate(&mut store, &module(&engine, ASK))
        .expect("links");
    (store, instance)
}

#[test]
fn a_host_function_suspends_and_gets_its_results_later() {
    let (mut store, instance) = asking();
    let outer = instance.get_func(&store, "outer").expect("is exported");
    let run = paused(outer.call_resumable(&mut store, &[]));
    let Reason::Suspended { func } = run.reason() else {
        panic!("{run:?}");
    };
    assert_eq!(
        func.ty(&store).expect("its store").to_string(),
        "[i32] -> [i32 i64]"
    );
    let names: Vec<String> = run.backtrace(&store).into_iter().map(|f| f.name).collect();
    assert_eq!(names, ["inner", "outer"]);
    // Without results, and with wrong ones, it stays paused.
    let run = run
        .resume(&mut store)
        .expect_err("it has results")
        .into_paused();
    let run = run
        .expect("it is held")
        .resume_with(&mut store, &[Val::I32(1), Val::I32(1)]);
    let run = run
        .expect_err("of another type")
        .into_paused()
        .expect("it is held");
    let results = [Val::I32(-2), Val::I64(50)];
    let run = paused(run.resume_with(&mut store, &results));
    assert!(matches!(run.reason(), Reason::Suspended { .. }));
    assert_eq!(done(run.resume(&mut store)), [Val::I64(1048)]);
    assert_eq!(store.data()[..], [5, -2]);
    // Called directly.
    let direct = instance.get_func(&store, "direct").expect("is exported");
    let run = paused(direct.call_resumable(&mut store, &[Val::I32(1)]));
    assert!(run.backtrace(&store).is_empty());
    assert_eq!(done(run.resume_with(&mut store, &results)), results);
}

#[test]
fn a_run_that_cannot_pause_traps() {
    let (mut store, instance) = asking();
    const REFUSED: &str = "a host function asks to pause a run that cannot pause";
    let out = trap(instance.execute(&mut store, "outer", &[]));
    assert_eq!(out.cause(), Cause::Host);
    assert_eq!(
        out.to_string(),
        format!("{REFUSED}\n  at inner\n  at outer")
    );
    // Under a host function that asks for a call that pauses.
    let through = instance.get_func(&store, "through").expect("is exported");
    let Err(Error::Trap(out)) = through.call_resumable(&mut store, &[]) else {
        panic!("it pauses over a host frame");
    };
    assert_eq!(
        out.to_string(),
        format!("{REFUSED}\n  at inner\n  at outer\n  at through")
    );
    let direct = instance.execute(&mut store, "direct", &[Val::I32(1)]);
    assert_eq!(trap(direct).to_string(), REFUSED);
}

#[test]
fn a_run_that_traps_after_a_pause_has_its_backtrace() {
    let (mut store, instance) = asking();
    let outer = instance.get_func(&store, "outer").expect("is exported");
    let run = paused(outer.call_resumable(&mut store, &[]));
    let text = run.into_trap(&store).to_string();
    assert_eq!(text, "trap in a host function\n  at inner\n  at outer");
    let run = paused(outer.call_resumable(&mut store, &[]));
    store.set_fuel(0);
    let run = paused(run.resume_with(&mut store, &[Val::I32(0), Val::I64(0)]));
    assert!(
        matches!(run.reason(), Reason::Suspended { .. }),
        "what comes next is paid for"
    );
}

#[test]
fn out_of_fuel_below_a_host_function_is_a_trap() {
    let wat = r#"(module
        (import "h" "back" (func $back (param i32) (result i32)))
        (func (export "spin") (param i32) (result i32)
            (loop $l (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
            (i32.const 7))
        (func (export "go") (param i32) (result i32) (call $back (local.get 0))))"#;
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new();
    let back = |mut caller: Caller<'_, ()>, n: i32| {
        let instance = caller.instance().expect("a guest called");
        let spin = instance.get_func(&caller, "spin").expect("is exported");
        match spin.call_resumable(&mut caller, &[Val::I32(n)])? {
            Outcome::Done(values) => Ok(values[0].i32().expect("its type")),
            Outcome::Paused(_) => Err(Error::trap(1, "paused")),
        }
    };
    linker.func_wrap("h", "back", back).expect("no name twice");
    let instance = linker
        .instantiate(&mut store, &module(&engine, wat))
        .expect("links");
    store.set_fuel(1000);
    let go = instance.get_func(&store, "go").expect("is exported");
    let Err(Error::Trap(out)) = go.call_resumable(&mut store, &[Val::I32(1_000_000)]) else {
        panic!("it does not trap");
    };
    assert_eq!(out.to_string(), "all fuel consumed\n  at spin\n  at go");
    store.set_fuel(1000);
    assert_eq!(
        done(go.call_resumable(&mut store, &[Val::I32(3)])),
        [Val::I32(7)]
    );
}

#[test]
fn a_paused_run_is_sent_to_another_thread_with_its_store() {
    let (mut store, instance) = started(FIB, ());
    store.set_fuel(100);
    let fib = instance.get_func(&store, "fib").expect("is exported");
    let run = paused(fib.call_resumable(&mut store, &[Val::I32(11)]));
    let thread = std::thread::spawn(move || {
        store.set_fuel(u64::MAX);
        done(run.resume(&mut store))
    });
    assert_eq!(thread.join().expect("no panic"), [Val::I64(89)]);
}
