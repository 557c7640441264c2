//! Snapshots of an instance at rest go from compiled code to the interpreter and back, byte for byte.

use std::path::Path;
use std::process::Command;
use std::time::Duration;
use wrt_compiler::{DataLayout, Options, compile};
use wrt_interp::{Engine, Linker, Module, Store, Val};
use wrt_script::package::{self, Level, Package};
use wrt_tests::{cargo, runtime};

const PROGRAM: &str = r#"(module
  (memory 1 4)
  (table $t 3 8 funcref)
  (table $x 2 externref)
  (elem (table $t) (i32.const 0) func $double $half)
  (elem $late func $half $double)
  (elem $unused func $half)
  (elem declare func $double)
  (data "hello")
  (data (i32.const 70) "abc")
  (data "never")
  (global $count (mut i32) (i32.const 0))
  (global $sum (mut f64) (f64.const 0.5))
  (global $small (mut f32) (f32.const -0.0))
  (global $long (mut i64) (i64.const -1))
  (global $ref (mut funcref) (ref.null func))
  (global $constant i32 (i32.const 7))
  (type $unary (func (param i32) (result i32)))
  (func $double (type $unary) (i32.mul (local.get 0) (i32.const 2)))
  (func $half (type $unary) (i32.shr_u (local.get 0) (i32.const 1)))
  (func $start (global.set $count (i32.add (global.get $count) (i32.const 100))))
  (start $start)
  (func (export "step") (param $n i32) (result i32)
    (if (i32.eq (local.get $n) (i32.const 3)) (then
      (table.init $t $late (i32.const 1) (i32.const 0) (i32.const 2))
      (elem.drop $late)
      (drop (table.grow $t (ref.func $half) (i32.const 2)))
      (drop (memory.grow (i32.const 1)))
      (memory.init 0 (i32.const 66000) (i32.const 0) (i32.const 5))
      (data.drop 0)
      (global.set $ref (ref.func $double))))
    (global.set $count (i32.add (global.get $count) (local.get $n)))
    (global.set $sum (f64.mul (global.get $sum) (f64.const 1.25)))
    (global.set $long (i64.sub (global.get $long) (i64.extend_i32_u (local.get $n))))
    (i32.store8 (i32.mul (local.get $n) (i32.const 1000)) (global.get $count))
    (i32.add
      (call_indirect $t (type $unary) (global.get $count) (i32.rem_u (local.get $n) (i32.const 2)))
      (i32.add (i32.load8_u (i32.const 4000)) (i32.mul (table.size $t) (memory.size))))))"#;

/// Steps before the snapshot, and behind it.
const STEPS: i32 = 8;

const DRIVER: &str = r#"
#![forbid(unsafe_code)]
mod program;
use program::Instance;

/// Arguments: how many steps were taken, up to which to go; then a snapshot to start from, in hexadecimal, or nothing.
/// Out: what each step gave, the fuel that is left, and the snapshot.
fn main() {
    let mut words = std::env::args().skip(1);
    let mut number = || words.next().unwrap().parse::<i32>().unwrap();
    let (from, to) = (number(), number());
    let mut instance = match words.next() {
        None => {
            let mut instance = Instance::new().unwrap();
            instance.set_fuel(1_000_000);
            instance
        }
        Some(hex) => {
            let byte = |i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap();
            let bytes: Vec<u8> = (0..hex.len()).step_by(2).map(byte).collect();
            let mut wrong = bytes.clone();
            wrong[30] ^= 1;
            let mut instance = Instance::uninit();
            assert!(instance.restore(&wrong).is_err());
            instance.restore(&bytes).unwrap();
            assert!(instance.save() == bytes, "one form");
            instance
        }
    };
    let results: Vec<String> = (from..to).map(|n| instance.step(n).unwrap().to_string()).collect();
    let hex: String = instance.save().iter().map(|b| format!("{b:02x}")).collect();
    println!("{}|{}|{hex}", results.join(" "), instance.remaining_fuel());
}
"#;

/// Results of the steps, fuel left, and the snapshot in hexadecimal.
type Answer = (String, u64, String);

fn compiled(driver: &Path, from: i32, to: i32, snapshot: &str) -> Answer {
    let mut command = Command::new(driver);
    command.args([from.to_string(), to.to_string()]);
    command.args((!snapshot.is_empty()).then_some(snapshot));
    let output = package::run(&mut command, Duration::from_secs(60)).expect("the driver runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).expect("text");
    let words: Vec<&str> = text.trim().split('|').collect();
    let [results, fuel, hex] = words[..] else {
        panic!("{text}")
    };
    (
        results.to_string(),
        fuel.parse().expect("fuel"),
        hex.to_string(),
    )
}

fn interpreted(program: &str, from: i32, to: i32, snapshot: &str) -> Answer {
    let engine = Engine::default();
    let module = wat::parse_str(program).expect("a module");
    let module = Module::new(&engine, module).expect("a module");
    let mut store = Store::new(&engine, ());
    let linker = Linker::new();
    let instance = if snapshot.is_empty() {
        let instance = linker.instantiate(&mut store, &module).expect("links");
        store.set_fuel(1_000_000);
        instance
    } else {
        let byte = |i| u8::from_str_radix(&snapshot[i..i + 2], 16).expect("hexadecimal");
        let bytes: Vec<u8> = (0..snapshot.len()).step_by(2).map(byte).collect();
        let restored = linker.restore(&mut store, &module, &bytes);
        restored.expect("a snapshot").instance
    };
    let step = |n| {
        let results = instance.execute(&mut store, "step", &[Val::I32(n)]);
        match results.expect("no trap")[..] {
            [Val::I32(v)] => v.to_string(),
            ref other => panic!("{other:?}"),
        }
    };
    let results: Vec<String> = (from..to).map(step).collect();
    let bytes = instance.save(&store).expect("its own state");
    let hex = bytes.iter().map(|b| format!("{b:02x}")).collect();
    (results.join(" "), store.remaining_fuel(), hex)
}

#[test]
fn state_goes_from_one_engine_to_the_other() {
    goes_both_ways("snapshot", PROGRAM);
}

#[test]
fn state_with_pages_of_one_byte_does_too() {
    let bytes = PROGRAM.replace("(memory 1 4)", "(memory 66004 66100 (pagesize 1))");
    assert_ne!(bytes, PROGRAM);
    goes_both_ways("snapshot-bytes", &bytes);
}

fn goes_both_ways(name: &str, program: &str) {
    let Some(cargo) = cargo() else { return };
    let mut options = Options::default();
    options.module_name = "program".to_string();
    options.data = DataLayout::Inline;
    options.snapshots = true;
    let output = compile(program.as_bytes(), &options).expect("compiles");
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let mut package = Package::new(&scratch, name, &runtime(), &["std"]);
    for file in output.files {
        package.add(&format!("src/{}", file.name), file.contents);
    }
    package.add("src/main.rs", DRIVER);
    package.write().expect("the target folder can be written");
    if let Err(errors) = package.build(&cargo, Level::O0) {
        panic!("{errors}");
    }
    let driver = package.executable(Level::O0, name);
    let mut seen = Vec::new();
    for middle in 0..=STEPS {
        let (mine, theirs) = (
            compiled(&driver, 0, middle, ""),
            interpreted(program, 0, middle, ""),
        );
        assert_eq!(mine, theirs, "after {middle} steps");
        let (_, _, snapshot) = mine;
        let (mine, theirs) = (
            compiled(&driver, middle, STEPS, &snapshot),
            interpreted(program, middle, STEPS, &snapshot),
        );
        assert_eq!(mine, theirs, "from step {middle} on");
        seen.push(mine.2);
    }
    seen.dedup();
    assert_eq!(seen.len(), 1, "all ways lead to one state");
}

#[test]
fn state_that_is_not_the_modules_own_is_refused() {
    let mut options = Options::default();
    options.snapshots = true;
    let error = compile(br#"(module (import "env" "m" (memory 1)))"#, &options);
    assert_eq!(
        error.expect_err("an import").to_string(),
        "the option snapshots is for one module that owns its state, and this one imports \"env\" \"m\""
    );
}
