//! Loops that run without checks where they may: `strides/loops.wat`, as it is and with steps that nothing is known
//! of, must give the same results and traps, and leave the same memory and fuel. Called near the ends of memory, over
//! ranges that overlap, with counters that wrap, and with fuel that ends in the midst.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use wrt_compiler::{Layout, Options, compile};
use wrt_script::package::{self, Level, Package};
use wrt_tests::{cargo, runtime};

const LOOPS: &str = include_str!("strides/loops.wat");
const MAIN: &str = include_str!("strides/main.rs");

/// Names of the functions.
fn exports() -> Vec<&'static str> {
    LOOPS
        .lines()
        .filter_map(|line| {
            line.trim()
                .strip_prefix("(func (export \"")?
                .split('"')
                .next()
        })
        .collect()
}

fn rust(text: &str, name: &str) -> String {
    let mut options = Options::default();
    options.module_name = name.to_string();
    options.layout = Layout::File;
    let files = compile(text.as_bytes(), &options).expect("compiles").files;
    String::from_utf8(files[0].contents.clone()).expect("text")
}

#[test]
fn loops_with_and_without_checks_are_the_same() {
    let mut unknown = LOOPS.to_string();
    for step in [1, 3, 4, 8, 12] {
        unknown = unknown.replace(
            &format!("(i32.const +{step})"),
            &format!("(global.get $s{step})"),
        );
    }
    let (strided, plain) = (rust(LOOPS, "strided"), rust(&unknown, "plain"));
    let strides = strided.matches("memory::stride::rounds(").count();
    assert_eq!(strides, exports().len(), "each function has one such loop");
    assert!(!plain.contains("memory::stride"));
    let Some(cargo) = cargo() else {
        return;
    };
    let mut package = Package::new(
        &Path::new(env!("CARGO_TARGET_TMPDIR")).join("strides"),
        "strides",
        &runtime(),
        &["std"],
    );
    package.add("src/strided.rs", strided);
    package.add("src/plain.rs", plain);
    let mut main = MAIN.to_string();
    let _ = writeln!(main, "const NAMES: &[&str] = &{:?};", exports());
    package.add("src/main.rs", main);
    package.write().expect("the target folder can be written");
    let levels = [Level::O0, Level::O3];
    let built = package.build_at(&cargo, &levels);
    built.unwrap_or_else(|errors| panic!("{errors}"));
    for level in levels {
        let mut command = Command::new(package.executable(level, "strides"));
        let output = package::run(&mut command, Duration::from_secs(120)).expect("runs");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success(),
            "{}:\n{text}{}",
            level.name(),
            String::from_utf8_lossy(&output.stderr)
        );
        wrt_tests::say(&format!("strides: {} at {}", text.trim(), level.name()));
    }
}
