//! What `main` shows, checked.

use build_rs::plugin::{Cause, Instance, Val};
use build_rs::{Lines, TOO_LONG, bounded, load, number};

#[test]
fn host_functions_read_memory_and_call_back() {
    let lines = number("a\n  \n\nb c\n").expect("a good text");
    assert_eq!(lines, ["1: a", "2: b c"]);
}

#[test]
fn a_trap_has_cause_and_backtrace_and_a_reset_instance_is_new() {
    let mut instance = Instance::new(Lines::default()).expect("no start function");
    let trap = instance.mean(5).expect_err("no lines");
    assert_eq!(trap.cause(), Cause::IntegerDivideByZero);
    assert_eq!(trap.to_string(), "integer divide by zero\n  at mean");

    instance.host_mut().longest = Some(1);
    load(&mut instance, "a\nlonger\n").expect("it fits");
    let trap = instance.number(9).expect_err("a long line");
    assert_eq!((trap.cause(), trap.code()), (Cause::Host, TOO_LONG));
    assert_eq!(trap.message(), "line too long");
    // The state is as the trap left it.
    assert_eq!((instance.lines(), instance.host().lines.len()), (2, 1));

    instance.reset().expect("no start function");
    assert_eq!(instance.lines(), 0);
    assert!(instance.memory().bytes().iter().all(|b| *b == 0));
}

#[test]
fn a_range_that_the_guest_makes_up_traps() {
    let mut instance = Instance::new(Lines::default()).expect("no start function");
    let trap = instance
        .number(i32::MAX)
        .expect_err("past the end of memory");
    assert_eq!(trap.cause(), Cause::MemoryOutOfBounds);
}

#[test]
fn fuel_bounds_time() {
    let mut instance = bounded(10_000).expect("enough memory");
    assert_eq!(
        instance.spin().expect_err("no end").cause(),
        Cause::OutOfFuel
    );
    assert!(instance.remaining_fuel() < 100);
    instance.set_fuel(10_000);
    assert_eq!(instance.count(0, 10, 0), Ok(10));
}

#[test]
fn instances_share_nothing() {
    let mut one = Instance::new(Lines::default()).expect("no start function");
    let mut two = Instance::new(Lines::default()).expect("no start function");
    one.set_lines(5);
    load(&mut one, "x").expect("it fits");
    assert_eq!(two.lines(), 0);
    assert_eq!(two.count(0, 65536, i32::from(b'x')), Ok(0));
    assert_eq!(one.count(0, 65536, i32::from(b'x')), Ok(1));
}

#[test]
fn exports_can_be_called_by_name() {
    let mut instance = Instance::new(Lines::default()).expect("no start function");
    let args = [Val::I32(0), Val::I32(3), Val::I32(0)];
    assert_eq!(
        *instance.invoke("count", &args).expect("an export"),
        [Val::I32(3)]
    );
    let trap = instance.invoke("nothing", &[]).expect_err("no export");
    assert_eq!(trap.cause(), Cause::NoSuchExport);
    let trap = instance
        .invoke("count", &[Val::F64(0.0)])
        .expect_err("other parameters");
    assert_eq!(trap.cause(), Cause::ArgumentMismatch);
}
