//! Calls in both directions, typed and on values.

use crate::common::{cause, module, started};
use wrt_interp::*;

#[test]
fn values_and_types_in_and_out() {
    let wat = r#"(module
        (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
        (func (export "all") (param i32 i64 f32 f64 externref funcref) (result funcref externref f64 f32 i64 i32)
            (local.get 5) (local.get 4) (local.get 3) (local.get 2) (local.get 1) (local.get 0))
        (func (export "none")))"#;
    let (mut store, instance) = started(wat, ());
    let add = instance.get_func(&store, "add").expect("is exported");
    assert_eq!(
        add.ty(&store).expect("its store").to_string(),
        "[i32 i32] -> [i32]"
    );
    let sum = add
        .call(&mut store, &[Val::I32(2), Val::I32(-5)])
        .expect("runs");
    assert_eq!(sum, [Val::I32(-3)]);
    let typed = instance.get_typed_func::<(i32, u32), i32>(&store, "add");
    assert_eq!(
        typed
            .expect("its type")
            .call(&mut store, (7, 8))
            .expect("runs"),
        15
    );

    let args = [
        Val::I32(-1),
        Val::I64(i64::MIN),
        Val::F32(-0.5),
        Val::F64(1e300),
        Val::ExternRef(ExternRef::new(9)),
        Val::FuncRef(add.to_ref()),
    ];
    let mut back = instance.execute(&mut store, "all", &args).expect("runs");
    back.reverse();
    assert_eq!(back, args);
    type Args = (i32, i64, f32, f64, ExternRef, FuncRef);
    type Back = (FuncRef, ExternRef, f64, f32, i64, i32);
    let all = instance
        .get_typed_func::<Args, Back>(&store, "all")
        .expect("its type");
    let back = all
        .call(&mut store, (1, 2, 3.0, 4.0, ExternRef::NULL, add.to_ref()))
        .expect("runs");
    assert_eq!(back, (add.to_ref(), ExternRef::NULL, 4.0, 3.0, 2, 1));
    assert_eq!(Func::from_ref(&store, back.0), Some(add));

    let none = instance
        .get_typed_func::<(), ()>(&store, "none")
        .expect("its type");
    none.call(&mut store, ()).expect("runs");
}

#[test]
fn wrong_arguments_are_errors() {
    let wat = r#"(module (func (export "f") (param i32) (result i64) (i64.const 1))
        (func (export "g") (param funcref)) (global (export "v") i32 (i32.const 1)))"#;
    let (mut store, instance) = started(wat, ());
    let f = instance.get_func(&store, "f").expect("is exported");
    assert_eq!(cause(f.call(&mut store, &[])), Cause::ArgumentMismatch);
    assert_eq!(
        cause(f.call(&mut store, &[Val::I64(1)])),
        Cause::ArgumentMismatch
    );
    assert_eq!(
        cause(instance.execute(&mut store, "nothing", &[])),
        Cause::NoSuchExport
    );
    assert_eq!(
        cause(instance.execute(&mut store, "v", &[])),
        Cause::NoSuchExport
    );
    assert!(instance.get_func(&store, "v").is_none() && instance.get_func(&store, "x").is_none());
    let wrong = instance
        .get_typed_func::<i32, i32>(&store, "f")
        .expect_err("another type");
    assert_eq!(
        wrong.to_string(),
        "a function of type [i32] -> [i64] is asked for as [i32] -> [i32]"
    );
    let none = instance
        .get_typed_func::<i32, i32>(&store, "x")
        .expect_err("no such export");
    assert_eq!(none.to_string(), "no function \"x\" is exported");
    let forged = [Val::FuncRef(FuncRef::new(1_000_000))];
    let forged = instance.execute(&mut store, "g", &forged);
    assert!(matches!(forged, Err(Error::WrongStore(None))));
}

#[test]
fn host_functions_of_all_shapes() {
    let wat = r#"(module
        (import "h" "none" (func $none))
        (import "h" "one" (func $one (param i32) (result i64)))
        (import "h" "many" (func $many (param f32 f64 i64) (result i64 f64 f32)))
        (import "h" "maybe" (func $maybe (param i32) (result i32)))
        (import "h" "long" (func $long (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
        (import "h" "dyn" (func $dyn (param i32 externref) (result externref i32)))
        (import "h" "data" (func $data (param i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "none") (call $none))
        (func (export "one") (param i32) (result i64) (i64.add (call $one (local.get 0)) (i64.const 1)))
        (func (export "many") (result i64 f64 f32) (call $many (f32.const 1) (f64.const 2) (i64.const 3)))
        (func (export "maybe") (param i32) (result i32) (call $maybe (local.get 0)))
        (func (export "long") (result i32) (call $long (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4)
            (i32.const 5) (i32.const 6) (i32.const 7) (i32.const 8) (i32.const 9) (i32.const 10) (i32.const 11)
            (i32.const 12) (i32.const 13) (i32.const 14) (i32.const 15) (i32.const 16)))
        (func (export "dyn") (param externref) (result externref i32) (call $dyn (i32.const 4) (local.get 0)))
        (func (export "data") (param i32) (result i32) (i32.add (i32.const 100) (call $data (local.get 0)))))"#;
    let engine = Engine::default();
    let mut linker = Linker::<Vec<i32>>::new();
    let ty = FuncType {
        params: vec![ValType::I32, ValType::ExternRef],
        results: vec![ValType::ExternRef, ValType::I32],
    };
    #[rustfmt::skip]
    let long = |a: i32, b: i32, c: i32, d: i32, e: i32, f: i32, g: i32, h: i32,
                i: i32, j: i32, k: i32, l: i32, m: i32, n: i32, o: i32, p: i32| {
        [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p].iter().sum::<i32>()
    };
    linker
        .func_wrap("h", "none", || {})
        .and_then(|l| l.func_wrap("h", "one", |a: u32| u64::from(a) * 2))
        .and_then(|l| l.func_wrap("h", "many", |a: f32, b: f64, c: i64| (c, b, a)))
        .and_then(|l| {
            l.func_wrap("h", "maybe", |a: i32| {
                if a < 0 {
                    Err(Error::trap(a, format!("{a} is negative")))
                } else {
                    Ok(a)
                }
            })
        })
        .and_then(|l| l.func_wrap("h", "long", long))
        .and_then(|l| {
            l.func_new("h", "dyn", ty, |_, args, results| {
                results[0] = args[1];
                results[1] = Val::I32(args[0].i32().unwrap_or(0) + 1);
                Ok(())
            })
        })
        .and_then(|l| {
            l.func_wrap("h", "data", |mut caller: Caller<'_, Vec<i32>>, a: i32| {
                caller.data_mut().push(a);
                let memory = caller.memory().expect("the caller has one");
                assert_eq!(caller.get_export("memory"), Some(memory.into()));
                memory.write(&mut caller, 8, b"written")?;
                Ok(caller.data().len() as i32)
            })
        })
        .expect("no name twice");
    let mut store = Store::new(&engine, Vec::new());
    let instance = linker
        .instantiate(&mut store, &module(&engine, wat))
        .expect("links");
    let mut call = |name: &str, args: &[Val]| instance.execute(&mut store, name, args);
    assert_eq!(call("none", &[]).expect("runs"), []);
    assert_eq!(
        call("one", &[Val::I32(-1)]).expect("runs"),
        [Val::I64(0x1_ffff_ffff)]
    );
    let many = [Val::I64(3), Val::F64(2.0), Val::F32(1.0)];
    assert_eq!(call("many", &[]).expect("runs"), many);
    assert_eq!(call("maybe", &[Val::I32(5)]).expect("runs"), [Val::I32(5)]);
    let Err(Error::Trap(trap)) = call("maybe", &[Val::I32(-5)]) else {
        panic!("it is refused");
    };
    assert_eq!((trap.cause(), trap.code()), (Cause::Host, -5));
    assert_eq!(trap.to_string(), "-5 is negative\n  at maybe");
    assert_eq!(call("long", &[]).expect("runs"), [Val::I32(136)]);
    let thing = Val::ExternRef(ExternRef::new(3));
    assert_eq!(call("dyn", &[thing]).expect("runs"), [thing, Val::I32(5)]);
    assert_eq!(call("data", &[Val::I32(7)]).expect("runs"), [Val::I32(101)]);
    let memory = instance.get_memory(&store, "memory").expect("is exported");
    assert_eq!(
        memory.get_safe_slice(&store, 8, 7).expect("inside"),
        b"written"
    );
    assert_eq!(store.into_data(), [7]);
}

#[test]
fn functions_of_the_embedder_are_called_directly_and_exported_again() {
    let wat = r#"(module (import "h" "f" (func $f (param i32) (result i32)))
        (export "f" (func $f))
        (func (export "ref") (result funcref) (ref.func $f)))"#;
    let engine = Engine::default();
    let mut store = Store::new(&engine, 10);
    let mut linker = Linker::new();
    let add = |caller: Caller<'_, i32>, a: i32| a + *caller.data();
    linker.func_wrap("h", "f", add).expect("no name twice");
    let instance = linker
        .instantiate(&mut store, &module(&engine, wat))
        .expect("links");
    assert_eq!(
        instance
            .execute(&mut store, "f", &[Val::I32(1)])
            .expect("runs"),
        [Val::I32(11)]
    );
    let f = instance
        .get_typed_func::<i32, i32>(&store, "f")
        .expect("its type");
    assert_eq!(f.call(&mut store, 2).expect("runs"), 12);
    let reference = instance
        .get_typed_func::<(), FuncRef>(&store, "ref")
        .expect("its type");
    let reference = reference.call(&mut store, ()).expect("runs");
    assert_eq!(Func::from_ref(&store, reference), Some(f.func()));
    // The same linker and module again: the function is not added twice.
    let second = linker
        .instantiate(&mut store, &module(&engine, wat))
        .expect("links");
    assert_eq!(second.get_func(&store, "f"), Some(f.func()));
    let own = Func::wrap(&mut store, |a: i64| (a, a));
    let pair = own.call(&mut store, &[Val::I64(4)]).expect("runs");
    assert_eq!(pair, [Val::I64(4), Val::I64(4)]);
}

#[test]
fn locals_that_are_references_start_as_null() {
    let (mut store, instance) = started(
        r#"(module (func (export "f") (param i32) (result funcref externref) (local i32 funcref i64 externref)
            (local.get 2) (local.get 4)))"#,
        (),
    );
    let results = instance.execute(&mut store, "f", &[Val::I32(1)]).unwrap();
    let null = [Val::FuncRef(FuncRef::NULL), Val::ExternRef(ExternRef::NULL)];
    assert_eq!(results, null);
}

#[test]
fn what_the_store_holds_may_borrow() {
    let mut log = Vec::new();
    let engine = Engine::default();
    let wat = r#"(module (import "h" "log" (func $log (param i32))) (func (export "run") (call $log (i32.const 4))))"#;
    let module = module(&engine, wat);
    let mut linker = Linker::<&mut Vec<i32>>::new();
    let push = |mut caller: Caller<'_, &mut Vec<i32>>, n: i32| caller.data_mut().push(n);
    linker.func_wrap("h", "log", push).expect("no name twice");
    let mut store = Store::new(&engine, &mut log);
    let instance = linker.instantiate(&mut store, &module).expect("links");
    instance.execute(&mut store, "run", &[]).expect("runs");
    drop((store, linker));
    assert_eq!(log, [4]);
}

#[test]
fn everything_can_be_sent_and_shared() {
    fn both<X: Send + Sync>() {}
    both::<(
        Engine,
        Module,
        Store<()>,
        Linker<()>,
        Instance,
        Func,
        TypedFunc<i32, ()>,
    )>();
    both::<(Error, Trap, Paused, Extern)>();
    let _: Box<dyn std::error::Error + Send + Sync> = Error::suspend().into();
}

#[test]
fn a_host_function_charges_and_asks_again() {
    let wat = r#"(module (import "h" "work" (func $work (param i32) (result i32)))
        (func (export "run") (param i32) (result i32) (call $work (local.get 0))))"#;
    let engine = Engine::default();
    let mut linker = Linker::<u32>::new();
    let work = |mut caller: Caller<'_, u32>, n: i32| {
        if let Err(e) = caller.charge(1000) {
            let cause = e.as_trap().map_or(Cause::Host, Trap::cause);
            return Err(Error::Refused(cause));
        }
        *caller.data_mut() += 1;
        Ok(n * 2)
    };
    linker.func_wrap("h", "work", work).expect("no name twice");
    let mut store = Store::new(&engine, 0);
    let instance = linker
        .instantiate(&mut store, &module(&engine, wat))
        .expect("links");
    let run = instance.get_func(&store, "run").expect("is exported");
    store.set_fuel(500);
    assert_eq!(
        cause(run.call(&mut store, &[Val::I32(3)])),
        Cause::OutOfFuel
    );
    let Ok(Outcome::Paused(paused)) = run.call_resumable(&mut store, &[Val::I32(3)]) else {
        panic!("it does not pause");
    };
    assert_eq!(paused.reason(), Reason::OutOfFuel);
    store.set_refuel_hook(Some(|request| request.add(request.lacking())));
    let Ok(Outcome::Done(values)) = paused.resume(&mut store) else {
        panic!("it is not done");
    };
    assert_eq!(
        (values, *store.data(), store.remaining_fuel()),
        (vec![Val::I32(6)], 1, 0)
    );
}
