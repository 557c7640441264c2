//! Loops that walk through memory in strides: rounds, windows, and fuel for many rounds at once.

use wrt_rt::memory::stride::{self, Again, Window};
use wrt_rt::{Cause, Run};

/// Whether a loop whose variable is `value` at the end of a round goes round again.
fn goes_on(again: Again, value: i32, end: i32) -> bool {
    match again {
        Again::Ne => value != end,
        Again::LtU => (value as u32) < end as u32,
        Again::LtS => value < end,
        Again::GtU => value as u32 > end as u32,
        Again::GtS => value > end,
        Again::LeU => value as u32 <= end as u32,
        Again::LeS => value <= end,
        Again::GeU => value as u32 >= end as u32,
        Again::GeS => value >= end,
    }
}

/// Rounds until a loop ends, if that is within 200.
fn counted(again: Again, mut value: i32, end: i32, step: i32) -> Option<usize> {
    for round in 1..=200 {
        if !goes_on(again, value, end) {
            return Some(round);
        }
        value = value.wrapping_add(step);
    }
    None
}

#[test]
fn rounds_are_what_running_the_loop_gives_or_none() {
    let near = [i32::MIN, -1, 0, 100, i32::MAX];
    let values = near.map(|n| [-40, -6, -5, -1, 0, 1, 2, 7, 40].map(|d| n.wrapping_add(d)));
    let values: Vec<i32> = values.into_iter().flatten().collect();
    let all = [
        Again::Ne,
        Again::LtU,
        Again::LtS,
        Again::GtU,
        Again::GtS,
        Again::LeU,
        Again::LeS,
        Again::GeU,
        Again::GeS,
    ];
    let mut known = [0; 9];
    for (n, again) in all.into_iter().enumerate() {
        for &value in &values {
            for &end in &values {
                for step in [-8, -3, -2, -1, 0, 1, 2, 3, 8] {
                    let rounds = stride::rounds(again, value, end, step);
                    if rounds == 0 {
                        continue;
                    }
                    match counted(again, value, end, step) {
                        Some(counted) => {
                            assert_eq!(rounds, counted, "{again:?} {value} {end} {step}")
                        }
                        None => assert!(rounds > 200, "{again:?} {value} {end} {step}: {rounds}"),
                    }
                    known[n] += 1;
                }
            }
        }
    }
    assert!(known.iter().all(|known| *known > 100), "{known:?}");
}

fn window(start: i32, step: u32, width: u32) -> Window {
    Window {
        start: (start, 0),
        step,
        width,
    }
}

#[test]
fn windows_lie_within_memory_and_apart() {
    let mut m = [0; 64];
    let reads = |at, rounds| stride::reads(&[0; 64], rounds, [window(at, 4, 4)]).is_some();
    assert!(reads(0, 16) && !reads(0, 17) && !reads(1, 16) && !reads(-4, 1) && !reads(0, 0));
    assert!(stride::reads(&m, usize::MAX, [window(0, 4, 4)]).is_none());
    // Windows that are only read may overlap.
    let (rounds, [a, b]) =
        stride::reads(&m, 4, [window(0, 4, 8), window(8, 8, 8)]).expect("within");
    assert_eq!((rounds, a.len(), b.len()), (4, 20, 32));
    let mut write =
        |to, from| stride::write(&mut m, 4, window(to, 4, 4), [window(from, 4, 4)]).is_some();
    assert!(write(16, 0) && write(16, 32) && !write(16, 1) && !write(16, 16) && !write(16, 31));
    assert!(!write(16, 49) && !write(49, 0));
    let mut writes = |a, b| stride::writes(&mut m, 4, [window(a, 4, 4), window(b, 4, 4)]).is_some();
    assert!(writes(0, 16) && writes(48, 16) && !writes(0, 15) && !writes(0, 49));
}

#[test]
fn windows_give_their_parts_in_order() {
    let bytes: [u8; 12] = core::array::from_fn(|n| n as u8);
    let mut window: &[u8] = &bytes;
    assert_eq!(stride::next::<2>(&mut window, 2), [[0, 1], [2, 3]]);
    assert_eq!(stride::next::<2>(&mut window, 1), [[4, 5]]);
    assert_eq!(window, [6, 7, 8, 9, 10, 11]);
    let mut copy = bytes;
    let mut window: &mut [u8] = &mut copy;
    stride::next_mut::<4>(&mut window, 2)[1][0] = 99;
    assert_eq!(window, [8, 9, 10, 11]);
    assert_eq!(copy[4], 99);
    assert_eq!(stride::at::<3>(&bytes, 9), Ok(&[9, 10, 11]));
    assert_eq!(
        stride::at_mut::<3>(&mut copy, 10),
        Err(Cause::MemoryOutOfBounds)
    );
}

#[test]
fn rounds_cost_what_each_of_them_costs() {
    for fuel in [0, 9, 10, 11, 99, 100, 101, (1 << 20) + 5, 3 << 20, u64::MAX] {
        for rounds in [1, 9, 10, 11, 300_000] {
            let [mut one, mut many] = [(); 2].map(|()| {
                let mut rt = Run::new(0);
                rt.set_fuel(fuel);
                rt
            });
            let mut held = one.hold();
            let singly = (0..rounds)
                .take_while(|_| one.spend(&mut held, 10).is_ok())
                .count();
            if singly == rounds {
                one.release(held);
            }
            let (mut held, mut left) = (many.hold(), rounds);
            while left > 0 {
                match many.spend_rounds(&mut held, 10, left) {
                    Ok(n) => left -= n,
                    Err(cause) => {
                        assert_eq!(cause, Cause::OutOfFuel);
                        break;
                    }
                }
            }
            if left == 0 {
                many.release(held);
            }
            assert_eq!(rounds - left, singly, "{fuel} for {rounds}");
            assert_eq!(many.remaining_fuel(), one.remaining_fuel());
            assert_eq!(many.consumed_fuel(), one.consumed_fuel());
        }
    }
}
