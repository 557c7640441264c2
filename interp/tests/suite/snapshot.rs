//! Snapshots, through the public interface: a run that is stopped at every check, saved, and restored into a new store
//! ends as if nothing had happened; and nothing that is no snapshot is taken for one.

use crate::common::module;
use wrt_interp::*;

/// A program with something of everything that a snapshot holds.
const PROGRAM: &str = r#"(module
  (import "env" "tick" (func $tick (param i32) (result i32)))
  (memory 1 4)
  (table $t 3 8 funcref)
  (table $x 2 externref)
  (elem (table $t) (i32.const 0) func $double $half)
  (elem $late func $half $double)
  (data "hello")
  (data (i32.const 70) "abc")
  (global $count (mut i32) (i32.const 0))
  (global $sum (mut f64) (f64.const 0.5))
  (global $ref (mut funcref) (ref.null func))
  (type $unary (func (param i32) (result i32)))
  (func $double (type $unary) (i32.mul (local.get 0) (i32.const 2)))
  (func $half (type $unary)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (loop $l (br_if $l (i32.rem_u (global.get $count) (i32.const 1))))
    (i32.shr_u (local.get 0) (i32.const 1)))
  (func $fib (param $n i32) (result i32)
    (if (result i32) (i32.lt_s (local.get $n) (i32.const 2))
      (then (local.get $n))
      (else (i32.add
        (call $fib (i32.sub (local.get $n) (i32.const 1)))
        (call $fib (i32.sub (local.get $n) (i32.const 2)))))))
  (func (export "run") (param $n i32) (result i64) (local $i i32) (local $f f32) (local $acc i64)
    (table.init $t $late (i32.const 1) (i32.const 0) (i32.const 2))
    (global.set $ref (ref.func $double))
    (drop (memory.grow (i32.const 1)))
    (loop $again
      (local.set $acc
        (i64.add
          (i64.mul (local.get $acc) (i64.const 31))
          (i64.extend_i32_u
            (i32.add
              (call_indirect (type $unary) (local.get $i)
                (i32.rem_u (local.get $i) (i32.const 3)))
              (i32.add (call $tick (local.get $i)) (call $fib (i32.and (local.get $i) (i32.const 7))))))))
      (local.set $f (f32.add (local.get $f) (f32.convert_i32_s (local.get $i))))
      (global.set $sum (f64.add (global.get $sum) (f64.promote_f32 (local.get $f))))
      (memory.fill (i32.add (i32.const 66000) (local.get $i)) (local.get $i) (i32.const 640))
      (i64.store offset=8 (i32.mul (local.get $i) (i32.const 8)) (local.get $acc))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (memory.init 0 (i32.const 5) (i32.const 0) (i32.const 5))
    (data.drop 0)
    (elem.drop $late)
    (i64.add (local.get $acc) (i64.load (i32.const 5))))
  (func (export "look") (result i64)
    (i64.add
      (i64.add (i64.load (i32.const 66001)) (i64.extend_i32_u (global.get $count)))
      (i64.reinterpret_f64 (global.get $sum)))))"#;

fn linker() -> Linker<()> {
    let mut linker = Linker::new();
    linker
        .func_wrap("env", "tick", |n: i32| n.wrapping_mul(7))
        .unwrap();
    linker
}

/// A store in which `run(n)` stopped for want of fuel after `fuel` units.
fn stopped(engine: &Engine, module: &Module, n: i32, fuel: u64) -> (Store<()>, Instance, Paused) {
    let mut store = Store::new(engine, ());
    store.set_fuel(fuel);
    let instance = linker().instantiate(&mut store, module).unwrap();
    let run = instance.get_func(&store, "run").unwrap();
    match run.call_resumable(&mut store, &[Val::I32(n)]).unwrap() {
        Outcome::Paused(paused) => (store, instance, paused),
        Outcome::Done(_) => panic!("it is done"),
    }
}

fn refusal<T>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::Snapshot(text)) => text,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was not refused"),
    }
}

#[test]
fn stopping_everywhere_changes_nothing() {
    let engine = Engine::default();
    let module = module(&engine, PROGRAM);
    let linker = linker();
    const FUEL: u64 = 1_000_000;
    let whole = {
        let mut store = Store::new(&engine, ());
        store.set_fuel(FUEL);
        let instance = linker.instantiate(&mut store, &module).unwrap();
        let results = instance.execute(&mut store, "run", &[Val::I32(9)]).unwrap();
        let look = instance.execute(&mut store, "look", &[]).unwrap();
        (results, look, FUEL - store.remaining_fuel())
    };
    let mut store = Store::new(&engine, ());
    store.set_fuel(0);
    let mut instance = linker.instantiate(&mut store, &module).unwrap();
    let run = instance.get_func(&store, "run").unwrap();
    let mut outcome = run.call_resumable(&mut store, &[Val::I32(9)]).unwrap();
    let (mut given, mut stops) = (0, 0);
    let results = loop {
        let paused = match outcome {
            Outcome::Done(results) => break results,
            Outcome::Paused(paused) => paused,
        };
        stops += 1;
        let bytes = paused.save(&store).unwrap();
        let consumed = store.consumed_fuel();
        let backtrace = paused.backtrace(&store);
        // Another store, as if in another process.
        store = Store::new(&engine, ());
        let restored = linker.restore(&mut store, &module, &bytes).unwrap();
        instance = restored.instance;
        let paused = restored.paused.unwrap();
        assert_eq!(paused.backtrace(&store), backtrace);
        assert_eq!(store.consumed_fuel(), consumed);
        assert!(paused.save(&store).unwrap() == bytes, "one form");
        store.set_fuel(store.remaining_fuel() + 1);
        given += 1;
        outcome = paused.resume(&mut store).unwrap();
    };
    assert!(stops > 500, "{stops}");
    let left = store.remaining_fuel();
    store.set_fuel(FUEL);
    let look = instance.execute(&mut store, "look", &[]).unwrap();
    let used = given - left + FUEL - store.remaining_fuel();
    assert_eq!((results, look), (whole.0, whole.1));
    assert_eq!(used, whole.2);
}

#[test]
fn a_host_call_waits_in_a_snapshot() {
    let engine = Engine::default();
    let module = module(&engine, PROGRAM);
    let mut suspending = Linker::new();
    suspending
        .func_wrap("env", "tick", |_: i32| -> Result<i32, Error> {
            Err(Error::suspend())
        })
        .unwrap();
    let mut store = Store::new(&engine, ());
    let instance = suspending.instantiate(&mut store, &module).unwrap();
    let run = instance.get_func(&store, "run").unwrap();
    let mut outcome = run.call_resumable(&mut store, &[Val::I32(9)]).unwrap();
    let mut calls = 0;
    let results = loop {
        let paused = match outcome {
            Outcome::Done(results) => break results,
            Outcome::Paused(paused) => paused,
        };
        let bytes = paused.save(&store).unwrap();
        store = Store::new(&engine, ());
        let restored = suspending.restore(&mut store, &module, &bytes).unwrap();
        let paused = restored.paused.unwrap();
        assert!(matches!(paused.reason(), Reason::Suspended { .. }));
        // It is the call number `calls`, whose argument that is.
        let result = [Val::I32(calls * 7)];
        outcome = paused.resume_with(&mut store, &result).unwrap();
        calls += 1;
    };
    assert_eq!(calls, 9);
    let mut store = Store::new(&engine, ());
    let instance = linker().instantiate(&mut store, &module).unwrap();
    let whole = instance.execute(&mut store, "run", &[Val::I32(9)]).unwrap();
    assert_eq!(results, whole);
}

#[test]
fn an_instance_at_rest_comes_back() {
    let engine = Engine::default();
    let module = module(&engine, PROGRAM);
    let mut store = Store::new(&engine, ());
    store.set_fuel(500_000);
    let instance = linker().instantiate(&mut store, &module).unwrap();
    instance.execute(&mut store, "run", &[Val::I32(3)]).unwrap();
    let bytes = instance.save(&store).unwrap();
    // A page that was written here and there, not four.
    assert!(bytes.len() < 4 * 4096 + 2000, "{}", bytes.len());
    let mut other = Store::new(&engine, ());
    let restored = linker().restore(&mut other, &module, &bytes).unwrap();
    assert!(restored.paused.is_none());
    assert_eq!(other.remaining_fuel(), store.remaining_fuel());
    let again = restored.instance;
    assert!(again.save(&other).unwrap() == bytes, "one form");
    for _ in 0..2 {
        let name = "look";
        let here = instance.execute(&mut store, name, &[]).unwrap();
        assert_eq!(again.execute(&mut other, name, &[]).unwrap(), here);
        // The segments were dropped: the second time it traps, in both.
        let run = [Val::I32(3)];
        let here = instance.execute(&mut store, "run", &run).unwrap_err();
        let there = again.execute(&mut other, "run", &run).unwrap_err();
        assert_eq!(here.to_string(), there.to_string());
        assert_eq!(other.remaining_fuel(), store.remaining_fuel());
    }
}

/// Memories of so many bytes: a page and its part, a block and its neighbours.
#[test]
fn memories_of_any_number_of_bytes_come_back() {
    let engine = Engine::default();
    for size in [1, 300, 4095, 4096, 4097, 65_535, 65_537] {
        let wat = format!(
            r#"(module
              (memory (export "m") {size} (pagesize 1))
              (func (export "grow") (result i32) (memory.grow (i32.const 1)))
              (func (export "touch") (i32.store8 (i32.sub (memory.size) (i32.const 1)) (memory.size))))"#
        );
        let module = module(&engine, &wat);
        let mut store = Store::new(&engine, ());
        let instance = linker().instantiate(&mut store, &module).unwrap();
        instance.execute(&mut store, "grow", &[]).unwrap();
        instance.execute(&mut store, "touch", &[]).unwrap();
        let bytes = instance.save(&store).unwrap();
        assert!(bytes.len() < 2 * 4096 + 200, "{}", bytes.len());
        let mut other = Store::new(&engine, ());
        let again = linker().restore(&mut other, &module, &bytes).unwrap();
        let again = again.instance;
        let (here, there) = (
            instance.get_memory(&store, "m").unwrap(),
            again.get_memory(&other, "m").unwrap(),
        );
        assert_eq!(there.size(&other), size + 1);
        assert!(there.data(&other) == here.data(&store));
        assert!(again.save(&other).unwrap() == bytes, "one form");
        let grown = again.execute(&mut other, "grow", &[]).unwrap();
        assert_eq!(grown, [Val::I32(size as i32 + 1)]);

        // Fewer than it starts with, more than there may be, and a run that is not there.
        let unsummed = &bytes[..bytes.len() - 8];
        let at = 8 + 12 + 32 + 16;
        assert_eq!(unsummed[at..at + 4], (size + 1).to_le_bytes());
        let limits = Limits {
            memory_pages: 2,
            ..Default::default()
        };
        for forged in [0, size - 1, 131_073, u32::MAX] {
            let mut bytes = unsummed.to_vec();
            bytes[at..at + 4].copy_from_slice(&forged.to_le_bytes());
            let mut other = Store::with_limits(&engine, (), limits);
            let restored = linker().restore(&mut other, &module, &summed(&bytes));
            assert!(restored.is_err(), "{size} forged to {forged}");
        }
    }
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    let engine = Engine::default();
    let program = module(&engine, PROGRAM);
    let (store, _, paused) = stopped(&engine, &program, 9, 1700);
    let bytes = paused.save(&store).unwrap();
    let restore = |engine: &Engine, module: &Module, bytes: &[u8], limits: Limits| {
        let mut store = Store::with_limits(engine, (), limits);
        refusal(linker().restore(&mut store, module, bytes))
    };
    let plenty = Limits::default();
    let other = module(&engine, &PROGRAM.replace("i64.const 31", "i64.const 37"));
    assert_eq!(
        restore(&engine, &other, &bytes, plenty),
        "it is of another module"
    );
    let mut options = Options::default();
    options.canonical_nans = true;
    let canonical = Engine::new(options);
    assert_eq!(
        restore(&canonical, &module(&canonical, PROGRAM), &bytes, plenty),
        "its set of options (1: fuel, 2: canonical NaNs) is 1, and here it is 3"
    );
    let with = |at: usize, v: u8| {
        let mut bytes = bytes[..bytes.len() - 8].to_vec();
        bytes[at] = v;
        summed(&bytes)
    };
    assert_eq!(
        restore(&engine, &program, &with(8, 9), plenty),
        "its version is 9, and here it is 1"
    );
    assert_eq!(
        restore(&engine, &program, &with(12, 9), plenty),
        "its cost model is 9, and here it is 1"
    );
    assert_eq!(
        restore(&engine, &program, &with(0, 9), plenty),
        "these bytes are no snapshot"
    );
    assert_eq!(
        restore(&engine, &program, &bytes[..100], plenty),
        "malformed snapshot: its checksum is not that of its bytes, at 0x64"
    );
    let shallow = Limits {
        depth: 100,
        ..plenty
    };
    assert_eq!(
        restore(&engine, &program, &bytes, shallow),
        format!(
            "its run has {} stack slots of call depth, and the limit is 100",
            plenty.depth
        )
    );
    let small = Limits {
        memory_pages: 1,
        ..plenty
    };
    assert_eq!(
        restore(&engine, &program, &bytes, small),
        "a memory has a size that it cannot have here"
    );
    let importing = module(
        &engine,
        r#"(module (import "env" "m" (memory 1)) (func (export "f")))"#,
    );
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new();
    let owner = module(&engine, r#"(module (memory (export "m") 1))"#);
    let owner = linker.instantiate(&mut store, &owner).unwrap();
    linker.instance(&store, "env", owner).unwrap();
    let instance = linker.instantiate(&mut store, &importing).unwrap();
    assert_eq!(
        refusal(instance.save(&store)),
        "the memory \"env\" \"m\" is imported, and not the instance's own to save"
    );
}

/// A snapshot with its checksum.
fn summed(bytes: &[u8]) -> Vec<u8> {
    let mut writer = wrt_rt::snapshot::Writer::new();
    writer.bytes(bytes);
    writer.finish()
}

/// A generator of numbers that are no secret.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below as u64) as usize
    }
}

#[test]
fn forged_snapshots_are_errors_or_runs() {
    let engine = Engine::default();
    let program = module(&engine, PROGRAM);
    let originals: Vec<Vec<u8>> = [300, 700, 1100, 1500, 1700]
        .map(|fuel| {
            let (store, _, paused) = stopped(&engine, &program, 9, fuel);
            let bytes = paused.save(&store).unwrap();
            bytes[..bytes.len() - 8].to_vec()
        })
        .into();
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let linker = linker();
    let limits = Limits {
        memory_pages: 4,
        ..Default::default()
    };
    let (mut refused, mut ran) = (0, 0);
    for _ in 0..10_000 {
        let mut bytes = originals[numbers.next(originals.len())].clone();
        for _ in 0..1 + numbers.next(3) {
            // The frames are at the end, and the most there is to forge.
            let len = bytes.len();
            let near = if numbers.next(4) > 0 {
                len.min(400)
            } else {
                len
            };
            let at = len - 1 - numbers.next(near);
            match numbers.next(5) {
                0 => bytes[at] = numbers.next(256) as u8,
                1 => bytes[at] ^= 1 << numbers.next(8),
                2 => bytes[at] = bytes[at].wrapping_add(1),
                3 => bytes.truncate(at.max(1)),
                _ => {
                    let from = numbers.next(len.min(at + 64));
                    let n = numbers.next(16).min(len - from).min(len - at);
                    bytes.copy_within(from..from + n, at);
                }
            }
        }
        let mut store = Store::with_limits(&engine, (), limits);
        match linker.restore(&mut store, &program, &summed(&bytes)) {
            Err(_) => refused += 1,
            Ok(restored) => {
                ran += 1;
                store.set_fuel(2000);
                if let Some(paused) = restored.paused {
                    // Whatever it computes, it ends.
                    let _ = paused.resume(&mut store);
                }
                let _ = restored.instance.execute(&mut store, "look", &[]);
            }
        }
    }
    assert!(refused > 1000 && ran > 100, "{refused} refused, {ran} ran");
}
