//! What `main` shows, checked; and that fuel, depth, traps and pauses cross the border as they should.

use dynamic_loads::app::{Cause, Instance, Trap};
use dynamic_loads::plugins::{BAD_PLUGIN, NO_PLUGIN, Plugins, edit, load, program};
use dynamic_loads::scripts::start;
use wrt_interp::{Error, Val};

const SHOUT: &[u8] = include_bytes!("../modules/shout.wat");
const SCRIPT: &[u8] = include_bytes!("../modules/script.wat");
const PLENTY: u64 = 1_000_000;

/// The program with one plugin, whose `run` has this body.
fn with_plugin(body: &str) -> Instance<Plugins> {
    let plugin = format!(
        r#"(module
            (import "app" "memory" (memory 1))
            (import "app" "wait" (func $wait))
            (func $run (export "run") (param $at i32) (param $len i32) (result i32) {body}))"#
    );
    let mut app = program(PLENTY).expect("no start function");
    assert_eq!(load(&mut app, plugin.as_bytes()), Ok(0));
    app
}

/// What `edit` with the plugin traps with.
fn trap(app: &mut Instance<Plugins>) -> Trap {
    edit(app, 0, "text").expect_err("the plugin traps")
}

#[test]
fn a_plugin_works_in_the_memory_of_the_program() {
    let mut app = program(PLENTY).expect("no start function");
    let shout = load(&mut app, SHOUT).expect("it is a plugin");
    assert_eq!(
        edit(&mut app, shout, "Quiet, 2 of us"),
        Ok("QUIET, 2 OF US".into())
    );
    assert_eq!((app.edits(), app.host().changes()), (1, &[8][..]));
}

#[test]
fn memory_that_a_plugin_grows_is_the_programs() {
    let mut app = with_plugin("(memory.grow (i32.const 1))");
    assert_eq!(app.edit(0, 4), Ok(1));
    assert_eq!(app.memory().pages(), 2);
    // As far as the program itself could grow it.
    let pages = (0..4).map(|_| app.edit(0, 4).expect("no trap"));
    assert_eq!(pages.collect::<Vec<_>>(), [2, 3, -1, -1]);
}

#[test]
fn what_is_no_plugin_is_refused() {
    let mut app = program(PLENTY).expect("no start function");
    let wants = r#"(module (import "app" "no such thing" (func)))"#;
    let lacks = "(module)";
    for module in ["no module", wants, lacks] {
        let trap = load(&mut app, module.as_bytes()).expect_err("no plugin");
        assert_eq!(
            (trap.cause(), trap.code()),
            (Cause::Host, BAD_PLUGIN),
            "{module}"
        );
        assert_eq!(trap.to_string(), "this is no plugin\n  at load");
    }
    assert_eq!(trap(&mut app).code(), NO_PLUGIN);
}

#[test]
fn a_trap_of_the_plugin_is_the_programs() {
    let mut app = with_plugin("(i32.load (i32.const 65536))");
    let trap = trap(&mut app);
    assert_eq!(trap.cause(), Cause::MemoryOutOfBounds);
    assert_eq!(trap.to_string(), "out of bounds memory access\n  at edit");
    // The program has its memory back, and goes on.
    assert_eq!((app.memory().pages(), app.edits()), (1, 0));
}

#[test]
fn the_program_pays_for_what_its_plugins_do() {
    let mut app = program(PLENTY).expect("no start function");
    let shout = load(&mut app, SHOUT).expect("it is a plugin");
    let spent = |app: &mut Instance<Plugins>, len: usize| {
        app.set_fuel(PLENTY);
        edit(app, shout, &"a".repeat(len)).expect("enough fuel");
        PLENTY - app.remaining_fuel()
    };
    let once = spent(&mut app, 10) - spent(&mut app, 0);
    assert!(once >= 100, "{once}");
    assert_eq!(spent(&mut app, 20) - spent(&mut app, 0), 2 * once);

    // What is left is exact: with what it takes it runs, with one unit less it does not.
    let needed = spent(&mut app, 20);
    app.set_fuel(needed);
    assert!(edit(&mut app, shout, &"a".repeat(20)).is_ok());
    assert_eq!(app.remaining_fuel(), 0);
    app.set_fuel(needed - 1);
    let trap = edit(&mut app, shout, &"a".repeat(20)).expect_err("too little");
    assert_eq!(trap.cause(), Cause::OutOfFuel);
}

#[test]
fn a_plugin_that_never_ends_stops_when_the_programs_fuel_does() {
    let mut app = with_plugin("(loop $again (br $again)) (i32.const 0)");
    let trap = trap(&mut app);
    assert_eq!(trap.to_string(), "all fuel consumed\n  at edit");
    assert!(app.remaining_fuel() < 10);
}

#[test]
fn a_plugin_has_the_depth_that_the_program_has_left() {
    // Calls itself `len` times.
    let mut app = with_plugin(
        "(if (result i32) (local.get $len)
           (then (call $run (local.get $at) (i32.sub (local.get $len) (i32.const 1))))
           (else (i32.const 0)))",
    );
    let mut least = |calls: i32, below: i32| {
        least_depth(|depth| {
            app.runtime_mut().set_depth(depth);
            app.edit_below(calls, 0, below).map_err(|trap| trap.cause())
        })
    };
    let (none, ours, theirs) = (least(0, 0), least(10, 0), least(0, 20));
    assert!(none < ours && none < theirs, "{none} {ours} {theirs}");
    assert_eq!(least(10, 20) - none, (ours - none) + (theirs - none));
}

/// The least depth budget with which `call` is not too deep.
fn least_depth<R>(mut call: impl FnMut(u32) -> Result<R, Cause>) -> u32 {
    let fits = |depth: &u32| match call(*depth) {
        Ok(_) => true,
        Err(cause) => {
            assert_eq!(cause, Cause::CallStackExhausted);
            false
        }
    };
    (0..10_000).find(fits).expect("enough")
}

#[test]
fn a_run_that_compiled_code_waits_for_cannot_pause() {
    let mut app = with_plugin("(call $wait) (i32.const 0)");
    let trap = trap(&mut app);
    assert_eq!(trap.cause(), Cause::Host);
    assert_eq!(
        trap.to_string(),
        "a host function asks to pause a run that cannot pause\n  at edit"
    );
}

#[test]
fn a_script_calls_compiled_functions() {
    let (mut store, script) = start(SCRIPT).expect("it links");
    let args = [Val::I64(3), Val::I32(5)];
    let mean = script
        .execute(&mut store, "mean_power", &args)
        .expect("no trap");
    assert_eq!(mean, [Val::I64((1 + 3 + 9 + 27 + 81) / 5)]);
}

/// Fails with the trap that a script ends in.
fn failed<R: std::fmt::Debug>(result: Result<R, Error>) -> wrt_interp::Trap {
    match result {
        Err(Error::Trap(trap)) => *trap,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_trap_of_compiled_code_is_the_scripts() {
    let (mut store, script) = start(SCRIPT).expect("it links");
    let trap = failed(script.execute(&mut store, "mean_power", &[Val::I64(3), Val::I32(0)]));
    assert_eq!(trap.cause(), Cause::IntegerDivideByZero);
    assert_eq!(trap.to_string(), "integer divide by zero\n  at mean_power");
}

#[test]
fn the_script_pays_for_what_compiled_code_does() {
    let (mut store, script) = start(SCRIPT).expect("it links");
    let mut spent = |discs: i32| {
        store.set_fuel(PLENTY);
        let args = [Val::I32(0), Val::I32(discs)];
        script
            .execute(&mut store, "hanoi_below", &args)
            .expect("enough fuel");
        PLENTY - store.remaining_fuel()
    };
    // Each disc doubles the moves, and adds one.
    let (three, four, five) = (spent(3), spent(4), spent(5));
    assert_eq!(five - four, 2 * (four - three));

    store.set_fuel(five - 1);
    let args = [Val::I32(0), Val::I32(5)];
    let trap = failed(script.execute(&mut store, "hanoi_below", &args));
    assert_eq!(trap.to_string(), "all fuel consumed\n  at hanoi_below");
}

#[test]
fn compiled_code_has_the_depth_that_the_script_has_left() {
    let (mut store, script) = start(SCRIPT).expect("it links");
    let mut least = |calls: i32, discs: i32| {
        least_depth(|depth| {
            store.set_depth(depth);
            let args = [Val::I32(calls), Val::I32(discs)];
            let done = script.execute(&mut store, "hanoi_below", &args);
            done.map_err(|e| failed::<()>(Err(e)).cause())
        })
    };
    let (none, ours, theirs) = (least(0, 0), least(10, 0), least(0, 5));
    assert!(none < ours && none < theirs, "{none} {ours} {theirs}");
    assert_eq!(least(10, 5) - none, (ours - none) + (theirs - none));
}
