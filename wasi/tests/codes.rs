//! What each call on files gives, on paths of many kinds: as wasmtime has it, but for the differences that are listed.
//!
//! `guests/c/codes.c` makes the calls. What is expected in `codes/` is what it prints under wasmtime 50, in a folder like
//! [`folder`] to read and write, and in one to read only: the Python package's `WasiConfig.preopen_dir` takes both.
//! wasmtime 49 differs from it in two things that are its faults: `set_times` on a folder that the host opened is `BADF`,
//! and a link with a slash after it is not followed by `stat`.
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use wrt_interp::{Engine, Linker, Module, Store};
use wrt_rt::wasi::buffers::Buffers;
use wrt_rt::wasi::std::StdCtx;
use wrt_wasi::{Access, Folders};

/// A call, what wasmtime says to it, and what is said here.
const DIFFERENCES: &[(&str, &str, &str)] = &[
    // wasmtime supports it no more. Here there is room made for the bytes.
    ("__wasi_fd_allocate(fd, 0, 10)", "NOTSUP", "ok"),
    ("__wasi_fd_allocate(fd, 0, 10)", "NOTSUP", "BADF"),
    // Whether a file is open for it is looked at before the offset, which is beyond all files.
    ("__wasi_fd_pread(fd, &in, 1, FAR, &n)", "INVAL", "BADF"),
    ("__wasi_fd_pwrite(fd, &out, 1, FAR, &n)", "INVAL", "BADF"),
    // wasmtime writes to the end, whatever the offset, as Linux does; POSIX has it otherwise.
    ("__wasi_fd_pwrite(fd, &out, 1, FAR, &n)", "ok", "INVAL"),
];

/// The folder that is granted, and another beside it.
fn folder(root: &Path) {
    for dir in ["root", "root/sub", "root/full", "outside"] {
        fs::create_dir(root.join(dir)).expect("a folder");
    }
    for (file, contents) in [
        ("root/file", "hello\n"),
        ("root/sub/file", "a\n"),
        ("root/full/x", "b\n"),
        ("outside/secret", "secret\n"),
    ] {
        fs::write(root.join(file), contents).expect("a file");
    }
    let absolute = root.join("outside");
    for (link, target) in [
        ("link", Path::new("file")),
        ("dirlink", Path::new("sub")),
        ("outside", Path::new("../outside")),
        ("absolute", &absolute),
        ("loop", Path::new("loop")),
        ("dangling", Path::new("nowhere")),
    ] {
        symlink(target, root.join("root").join(link)).expect("a link");
    }
}

/// What the guest prints.
fn run(access: Access) -> String {
    let root = tempfile::tempdir().expect("a folder");
    folder(root.path());
    let folders = Folders::new()
        .folder(root.path().join("root"), "/", access)
        .expect("it is there");
    let host = StdCtx::new()
        .buffers(Buffers::new([], 1 << 20))
        .filesystem(folders);
    let engine = Engine::default();
    let mut store = Store::new(&engine, host);
    let mut linker = Linker::new();
    linker.wasi(|host| host).expect("no name twice");
    let guest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../guests/wasm/codes.wasm");
    let guest = fs::read(guest).expect("it is in the repository");
    let module = Module::new(&engine, guest).expect("a module");
    let instance = linker
        .instantiate(&mut store, &module)
        .expect("WASI is all that it imports");
    instance
        .execute(&mut store, "_start", &[])
        .expect("it returns");
    assert_eq!(
        fs::read(root.path().join("outside/secret")).expect("it is there"),
        b"secret\n"
    );
    let entries = fs::read_dir(root.path().join("outside")).expect("it is there");
    assert_eq!(entries.count(), 1);
    let buffers = store.data_mut().buffers_mut().expect("they were granted");
    String::from_utf8(buffers.take_out()).expect("text")
}

fn check(access: Access, expected: &str) {
    let got = run(access);
    assert_eq!(got.lines().count(), expected.lines().count());
    let mut wrong = Vec::new();
    let mut part = "";
    for (theirs, ours) in expected.lines().zip(got.lines()) {
        if theirs.starts_with("= ") {
            part = theirs;
        }
        let known = DIFFERENCES.iter().any(|(call, code, here)| {
            theirs == format!("{call} {code}") && ours == format!("{call} {here}")
        });
        if theirs != ours && !known {
            wrong.push(format!("{part}\n  wasmtime: {theirs}\n  here:     {ours}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn of_a_folder_to_read_and_write() {
    check(Access::ReadWrite, include_str!("codes/read-write.txt"));
}

#[test]
fn of_a_folder_to_read_only() {
    check(Access::ReadOnly, include_str!("codes/read-only.txt"));
}
