//! Fuel, depth, traps and tables.

use std::sync::atomic::{AtomicBool, Ordering};

use wrt_rt::Cause::*;
use wrt_rt::*;

#[test]
fn a_refused_charge_is_given_back() {
    let mut rt = Run::new(10);
    rt.set_fuel(100);
    assert_eq!(rt.charge(60), Ok(()));
    assert_eq!(rt.remaining_fuel(), 40);
    assert_eq!(rt.charge(41), Err(OutOfFuel));
    assert_eq!((rt.remaining_fuel(), rt.consumed_fuel()), (40, 60));
    assert_eq!(rt.charge(u32::MAX), Err(OutOfFuel));
    assert_eq!(rt.charge(40), Ok(()));
    assert_eq!((rt.remaining_fuel(), rt.consumed_fuel()), (0, 100));
    assert_eq!((rt.charge(0), rt.charge(1)), (Ok(()), Err(OutOfFuel)));
}

#[test]
fn what_remains_is_exact_across_refills() {
    let mut rt = Run::new(10);
    let all = 10_000_000_000;
    rt.set_fuel(all);
    let mut spent = 0;
    for n in [
        1,
        1 << 20,
        (1 << 20) - 1,
        3,
        1 << 30,
        u32::MAX,
        1 << 31,
        0,
        12_345,
    ] {
        assert_eq!(rt.charge(n), Ok(()));
        spent += u64::from(n);
        assert_eq!(
            (rt.remaining_fuel(), rt.consumed_fuel()),
            (all - spent, spent)
        );
    }
    rt.set_fuel(5);
    assert_eq!((rt.remaining_fuel(), rt.consumed_fuel()), (5, spent));
}

#[test]
fn unlimited_fuel_never_ends() {
    let mut rt = Run::new(10);
    for _ in 0..100 {
        assert_eq!(rt.charge(u32::MAX), Ok(()));
    }
    assert_eq!(rt.remaining_fuel(), u64::MAX);
    assert_eq!(rt.consumed_fuel(), 100 * u64::from(u32::MAX));
    rt.set_fuel(u64::MAX - 1);
    assert_eq!(rt.charge(7), Ok(()));
    assert_eq!(rt.remaining_fuel(), u64::MAX - 8);
}

#[test]
fn the_hook_adds_fuel_once_per_refusal() {
    let mut rt = Run::new(10);
    rt.set_fuel(10);
    rt.set_refuel_hook(Some(|request| {
        assert_eq!(request.lacking(), 15);
        request.add(20);
    }));
    assert_eq!(rt.charge(25), Ok(()));
    assert_eq!(rt.remaining_fuel(), 5);
    rt.set_refuel_hook(Some(|request| request.add(1)));
    assert_eq!(rt.charge(7), Err(OutOfFuel));
    assert_eq!(rt.remaining_fuel(), 6);
    assert_eq!(rt.charge(7), Ok(()));
    rt.set_refuel_hook(Some(|request| request.add(u64::MAX)));
    assert_eq!(rt.charge(7), Ok(()));
    assert_eq!(rt.remaining_fuel(), u64::MAX);
}

#[test]
fn the_flag_interrupts_within_a_slice() {
    static FLAG: AtomicBool = AtomicBool::new(false);
    let mut rt = Run::new(10);
    rt.set_interrupt(Some(&FLAG));
    assert_eq!(rt.charge(1), Ok(()));
    FLAG.store(true, Ordering::Relaxed);
    let spent = (0..2_000_000).take_while(|_| rt.charge(1).is_ok()).count();
    assert!(spent <= 1 << 20);
    assert_eq!(rt.charge(1), Err(Interrupted));
    FLAG.store(false, Ordering::Relaxed);
    assert_eq!(rt.charge(1), Ok(()));
}

#[test]
fn depth_and_reentrance() {
    assert_eq!(
        (enter(10, 10), enter(10, 11)),
        (Ok(0), Err(CallStackExhausted))
    );
    let mut rt = Run::new(10);
    assert!((0..run::REENTRANCE_LIMIT).all(|_| rt.reenter().is_ok()));
    assert_eq!(rt.reenter(), Err(ReentranceLimit));
    rt.leave();
    assert_eq!(rt.reenter(), Ok(()));
}

#[test]
fn a_trap_keeps_its_first_cause_and_every_frame() {
    let mut rt = Run::new(10);
    rt.begin();
    let inner = rt.trap_at(2, Unreachable, 0x20);
    let outer = rt.trap(1, inner.into());
    rt.trap_silent(outer.into());
    let trap = rt.take_trap(&["a", "b", "c"]);
    assert_eq!(trap.cause(), Unreachable);
    assert_eq!(
        trap.frames(),
        [
            Frame {
                func: 2,
                offset: 0x20
            },
            Frame {
                func: 1,
                offset: Frame::UNKNOWN
            }
        ]
    );
    assert_eq!(trap.to_string(), "unreachable\n  at c (+0x20)\n  at b");

    // A host function that catches a trap and then traps itself.
    rt.trap(5, OutOfFuel);
    let host = rt.host_trap(42, "disk on fire");
    rt.trap(3, host.into());
    let trap = rt.take_trap(&[]);
    assert_eq!(
        (trap.cause(), trap.code(), trap.frames().len()),
        (Host, 42, 1)
    );
    assert_eq!(trap.to_string(), "disk on fire\n  at func[3]");

    let trapped = rt.raise(trap);
    rt.trap(4, trapped.into());
    assert_eq!(rt.take_trap(&[]).frames().len(), 2);

    let exit = rt.exit(3);
    rt.trap(0, exit.into());
    assert_eq!(rt.take_trap(&[]).exit_status(), Some(3));
}

/// The life of a table of 2 to 5 elements.
fn life<S: Storage<Item = FuncRef>>(t: &mut table::Elements<S>) {
    let mut rt = Run::new(10);
    rt.set_fuel(100);
    assert_eq!((t.size(), t.get(0)), (0, Err(TableOutOfBounds)));
    assert_eq!(t.instantiate(1, FuncRef::NULL), Err(TableLimit));
    assert_eq!(t.instantiate(100, FuncRef::NULL), Ok(()));
    assert_eq!(t.size(), 2);
    assert_eq!(t.set(1, FuncRef::new(9)), Ok(()));
    assert_eq!(t.set(2, FuncRef::new(9)), Err(TableOutOfBounds));
    assert_eq!(t.func(0), Err(UninitializedElement));
    assert_eq!(t.func(1), Ok(FuncRef::new(9)));
    assert_eq!(
        (t.func(2), t.func(-1)),
        (Err(UndefinedElement), Err(UndefinedElement))
    );
    assert_eq!(t.grow(&mut rt, FuncRef::new(4), 4), Ok(-1));
    assert_eq!(t.grow(&mut rt, FuncRef::new(4), -1), Ok(-1));
    assert_eq!(t.grow(&mut rt, FuncRef::new(4), 3), Ok(2));
    assert_eq!(
        (t.get(4), t.get(5)),
        (Ok(FuncRef::new(4)), Err(TableOutOfBounds))
    );
    assert_eq!(t.grow(&mut rt, FuncRef::NULL, 0), Ok(5));
    assert_eq!(t.instantiate(4, FuncRef::new(1)), Ok(()));
    assert_eq!(t.elems(), [FuncRef::new(1); 2]);
    assert_eq!(
        (t.grow_host(FuncRef::NULL, 3), t.grow_host(FuncRef::NULL, 2)),
        (None, Some(2))
    );
}

#[cfg(feature = "alloc")]
#[test]
fn table_on_the_heap() {
    life(&mut Table::<FuncRef>::new(2, Some(5)));
    let mut t = Table::<ExternRef>::new(0, None);
    t.instantiate(20, ExternRef::NULL).unwrap();
    let mut rt = Run::new(0);
    rt.set_fuel(1);
    assert_eq!(t.grow(&mut rt, ExternRef::NULL, 16), Err(OutOfFuel));
    assert_eq!((t.size(), rt.remaining_fuel()), (0, 1));
    assert_eq!(t.grow(&mut rt, ExternRef::NULL, 15), Ok(0));
}

#[test]
fn table_in_place() {
    life(&mut FixedTable::<FuncRef, 7>::new(2, Some(5)));
    assert_eq!(
        FixedTable::<FuncRef, 1>::new(2, None).instantiate(9, FuncRef::NULL),
        Err(OutOfMemory)
    );
}
