//! Calls each function of both modules with the same arguments and fuel, and compares what is left.
mod plain;
mod strided;

use wrt_rt::{Val, Values};

/// Everything that can be seen of a call.
#[derive(Debug, PartialEq)]
struct Seen {
    result: Result<Values<1>, String>,
    fuel: u64,
}

macro_rules! call {
    ($instance:ident, $name:ident, $args:ident, $fuel:ident, $before:ident) => {{
        $instance.memory_mut().bytes_mut().copy_from_slice(&$before);
        $instance.set_fuel($fuel);
        let result = $instance.invoke($name, &$args).map_err(|trap| trap.to_string());
        Seen { result, fuel: $instance.remaining_fuel() }
    }};
}

fn main() {
    let mut strided = strided::Instance::new().expect("can be made");
    let mut plain = plain::Instance::new().expect("can be made");
    let before: Vec<u8> = (0..131_072u32).map(|n| (n.wrapping_mul(0x9e37_79b1) >> 13) as u8).collect();
    let places = [0, 4, 40, 64, 68, 131, 2000, 130_950, 131_056, 131_068, 131_071, -4, -8, -23, i32::MIN];
    let mut calls = 0;
    for name in NAMES {
        for p in places {
            for q in places {
                for n in [1, 2, 3, 4, 5, 9, 40, 260] {
                    for fuel in [u64::MAX, 1_000_000, 700, 150, 31] {
                        // An end that never comes would take every byte.
                        if fuel == u64::MAX && p < 0 {
                            continue;
                        }
                        calls += 1;
                        let args = [Val::I32(p), Val::I32(q), Val::I32(n)];
                        let a = call!(strided, name, args, fuel, before);
                        let b = call!(plain, name, args, fuel, before);
                        assert_eq!(a, b, "{name}({p}, {q}, {n}) with {fuel}");
                        let same = strided.memory().bytes() == plain.memory().bytes();
                        assert!(same, "memory after {name}({p}, {q}, {n}) with {fuel}");
                    }
                }
            }
        }
    }
    // More fuel than is given out at a time, and its end in the last of it.
    for fuel in [2_000_000, 1_500_000, 1_050_000, 1_048_577] {
        for name in NAMES {
            for (p, q, n) in [(0, 7, 131_072), (0, 65_536, 16_000), (8, 0, 32_000)] {
                calls += 1;
                let args = [Val::I32(p), Val::I32(q), Val::I32(n)];
                let a = call!(strided, name, args, fuel, before);
                let b = call!(plain, name, args, fuel, before);
                assert_eq!(a, b, "{name}({p}, {q}, {n}) with {fuel}");
                assert!(strided.memory().bytes() == plain.memory().bytes(), "memory after {name}");
            }
        }
    }
    println!("{calls} calls");
}
