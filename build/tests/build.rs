//! The helper as a build script calls it, but for `OUT_DIR`.

use std::fs;
use std::path::Path;

use wrt_build::{Backtrace, Build, Options, Storage};

const ADD: &str = "(module (func (export \"add\") (param i32 i32) (result i32)
    (i32.add (local.get 0) (local.get 1))))";

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn write(dir: &Path, name: &str, text: &str) -> std::path::PathBuf {
    let path = dir.join(name);
    fs::write(&path, text).expect("the folder is ours");
    path
}

#[test]
fn writes_one_module_named_after_the_file() {
    let dir = folder();
    let source = write(dir.path(), "My-Guest.wat", ADD);
    let root = Build::new(&source)
        .out_dir(dir.path())
        .compile()
        .expect("valid");
    assert_eq!(root, dir.path().join("my_guest.rs"));
    let text = fs::read_to_string(&root).expect("it was written");
    assert!(
        text.contains("pub mod my_guest {") && text.contains("pub fn add"),
        "{text}"
    );
    let again = Build::new(&source)
        .name("other")
        .out_dir(dir.path())
        .compile()
        .expect("valid");
    assert_eq!(again, dir.path().join("other.rs"));
}

#[test]
fn options_are_set_one_by_one_or_all_at_once() {
    let mut options = Options::default();
    options.fuel = false;
    options.storage = Storage::Fixed;
    let build = Build::new("a.wat")
        .options(options)
        .backtrace(Backtrace::None)
        .max_call_depth(9)
        .max_locals(7);
    let shown = format!("{build:?}");
    for part in [
        "module_name: \"a\"",
        "fuel: false",
        "storage: Fixed",
        "backtrace: None",
        "max_call_depth: Some(9)",
        "max_locals: 7",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
}

#[test]
fn large_modules_and_data_lie_in_files_beside_the_first() {
    let dir = folder();
    let funcs = "(func (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))".repeat(20);
    let text = format!("(module (memory 1) (data (i32.const 0) \"bytes\") {funcs})");
    let source = write(dir.path(), "parts.wat", &text);
    let output = Build::new(source).split_bytes(40).out_dir(dir.path());
    output.compile().expect("valid");
    for name in ["parts.rs", "parts.part0.rs", "parts.part1.rs", "parts.data"] {
        assert!(dir.path().join(name).is_file(), "{name}");
    }
}

#[test]
fn several_modules_are_one() {
    let dir = folder();
    let lib = write(dir.path(), "lib.wat", ADD);
    let app = "(module (import \"lib\" \"add\" (func $add (param i32 i32) (result i32)))
        (func (export \"five\") (result i32) (call $add (i32.const 2) (i32.const 3))))";
    let app = write(dir.path(), "app.wat", app);
    let build = Build::linked("set")
        .instance("lib", lib)
        .instance("app", app)
        .out_dir(dir.path());
    let text = fs::read_to_string(build.compile().expect("they fit")).expect("it was written");
    assert!(
        text.contains("fn lib_add") && text.contains("fn app_five"),
        "{text}"
    );
}

#[test]
fn an_error_is_one_line_with_the_file_and_nothing_is_written() {
    let dir = folder();
    let check = |build: Build, expect: &str| {
        let error = build
            .out_dir(dir.path().join("out"))
            .compile()
            .expect_err(expect);
        let shown = error
            .to_string()
            .replace(&dir.path().display().to_string(), "DIR");
        assert_eq!(shown, expect);
        assert_eq!(format!("{error:?}"), error.to_string());
    };
    let invalid = write(
        dir.path(),
        "invalid.wat",
        "(module (func (result i32) (i64.const 1)))",
    );
    let mismatch = "invalid: type mismatch: expected i32, found i64";
    check(
        Build::new(&invalid),
        &format!("DIR/invalid.wat: {mismatch} (func #0, at 0x1a)"),
    );
    check(
        Build::linked("set")
            .instance("a", &invalid)
            .instance("b", &invalid),
        &format!("DIR/invalid.wat: {mismatch} (module a, func #0, at 0x1a)"),
    );
    check(
        Build::new(dir.path().join("line\nbreak.wasm")),
        "DIR/line\\nbreak.wasm: cannot read: No such file or directory (os error 2)",
    );
    check(
        Build::new(&invalid).name("a b"),
        "\"a b\" cannot be the name of a Rust module",
    );
    let valid = write(dir.path(), "valid.wat", ADD);
    check(
        Build::new(valid),
        "DIR/out/valid.rs: cannot write: No such file or directory (os error 2)",
    );
}
