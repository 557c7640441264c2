//! Verification of compiled instances: each level finds the faults that it says it finds.

use std::path::Path;
use std::process::Command;
use std::time::Duration;
use wrt_compiler::{DataLayout, Options, compile};
use wrt_script::package::{self, Level, Package};
use wrt_tests::{cargo, runtime};

const PROGRAM: &str = r#"(module
  (import "env" "host" (func $host))
  (memory (export "memory") 1)
  (table $t (export "table") 2 funcref)
  (global $g (export "global") (mut i32) (i32.const 3))
  (elem (i32.const 0) func $f)
  (func $f (export "run") (param $n i32) (result i32)
    (i32.store (i32.const 8) (local.get $n))
    (call $host)
    (loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.load (i32.const 8))))"#;

/// Put into the generated module, where the fields can be reached: writes that nobody knows of.
const FAULTS: &str = r#"
impl Caller<'_> {
    pub fn inject(&mut self, fault: &str) {
        match fault {
            "memory" => self.cx.mem.m0.bytes_mut().iter_mut().skip(5000).take(1).for_each(|b| *b ^= 4),
            "global" => self.cx.st.g0 ^= 1,
            "table" => self.cx.st.t0.set(1, FuncRef::new(1)).unwrap_or_default(),
            "func" => self.cx.st.t0.set(1, FuncRef::new(99)).unwrap_or_default(),
            _ => {}
        }
    }
}
impl<H: Imports> Instance<H> {
    pub fn corrupt(&mut self) {
        self.cx.st.g0 ^= 1;
    }
}
"#;

const DRIVER: &str = r#"
#![forbid(unsafe_code)]
mod program;
use program::{Caller, Env, Instance};
use wrt_rt::verify::Verification;
use wrt_rt::{Cause, Trapped, Val};

struct Host(&'static str);

impl Env for Host {
    fn host(&mut self, caller: &mut Caller<'_>) -> Result<(), Trapped> {
        caller.inject(self.0);
        if self.0 == "write" {
            caller.memory().bytes_mut()[100] = 1;
        }
        Ok(())
    }
}

/// A line for each level and fault: what was found.
fn main() {
    let sampling = Verification::Sampling(10.try_into().unwrap());
    let levels = [Verification::Off, sampling, Verification::Standard, Verification::Full];
    for level in levels {
        for fault in ["none", "write", "memory", "global", "table", "func"] {
            let mut instance = Instance::new(Host(fault)).unwrap();
            instance.set_verification(level);
            let found = match instance.run(50) {
                Ok(_) => "nothing".to_string(),
                Err(trap) => trap.to_string(),
            };
            println!("{level:?} {fault}: {}", found.lines().next().unwrap());
        }
    }
    // Between calls.
    let mut instance = Instance::new(Host("none")).unwrap();
    instance.set_verification(Verification::Full);
    instance.run(5).unwrap();
    instance.set_global(8);
    instance.memory_mut().write(70, &[7]).unwrap();
    instance.run(5).unwrap();
    instance.corrupt();
    for _ in 0..2 {
        let trap = instance.invoke("run", &[Val::I32(5)]).unwrap_err();
        assert_eq!(trap.cause(), Cause::StateCorrupted);
    }
    instance.reset().unwrap();
    instance.run(5).unwrap();
}
"#;

#[test]
fn each_level_finds_what_it_says() {
    let Some(cargo) = cargo() else { return };
    let mut options = Options::default();
    options.module_name = "program".to_string();
    options.data = DataLayout::Inline;
    options.verification = true;
    let output = compile(PROGRAM.as_bytes(), &options).expect("compiles");
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let mut package = Package::new(scratch, "verify", &runtime(), &["std"]);
    for mut file in output.files {
        file.contents.extend_from_slice(FAULTS.as_bytes());
        package.add(&format!("src/{}", file.name), file.contents);
    }
    package.add("src/main.rs", DRIVER);
    package.write().expect("the target folder can be written");
    if let Err(errors) = package.build(&cargo, Level::O0) {
        panic!("{errors}");
    }
    let mut command = Command::new(package.executable(Level::O0, "verify"));
    let output = package::run(&mut command, Duration::from_secs(60)).expect("the driver runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let text = String::from_utf8(output.stdout).expect("text");
    let mut seen = 0;
    for line in text.lines() {
        let full = line.starts_with("Full ");
        let changed = ["memory:", "global:", "table:"]
            .iter()
            .any(|f| line.contains(f));
        let unsound = line.contains("func:") && !line.starts_with("Off ");
        let expected = match full && changed || unsound {
            true => "the state of an instance was changed from outside",
            false => "nothing",
        };
        assert!(line.ends_with(&format!(": {expected}")), "{line}");
        seen += 1;
    }
    assert_eq!(seen, 24);
}

#[test]
fn linked_instances_are_refused() {
    let source = |name| wrt_compiler::Source {
        name,
        bytes: b"(module)",
    };
    let mut options = Options::default();
    options.verification = true;
    let error = wrt_compiler::compile_set(&[source("a"), source("b")], &options);
    assert_eq!(
        error.expect_err("two").to_string(),
        "the option verification is for one module, and here are several, linked"
    );
}
