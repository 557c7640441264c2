//! WASI preview 1: the guests of guests/wasi, each in a folder of its own, interpreted and compiled. What they print,
//! how they end and what is in the folder afterwards is the same, and so is the fuel that they took; and it is what
//! wasmtime gives, but for the differences that `wasi/differences.txt` lists with their reasons.
//!
//! wasmtime is the one that `WRT_WASMTIME` names, or that is on the path; without it that part is skipped.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use wasmparser::{Parser, Payload};
use wrt_compiler::{DataLayout, Options, compile};
use wrt_interp::{Engine, Error, Linker, Module, Store};
use wrt_rt::wasi::Filesystem;
use wrt_rt::wasi::buffers::Buffers;
use wrt_rt::wasi::memfs::{self, Heap, MemFs, Room};
use wrt_rt::wasi::preview1::SIGNATURES;
use wrt_rt::wasi::std::StdCtx;
use wrt_script::package::{self, Level, Package};
use wrt_tests::{cargo, root, runtime, say};
use wrt_wasi::{Access, Folders};

/// A guest, and how it is run.
struct Guest {
    name: &'static str,
    access: Access,
    /// wasmtime's command line can run it: it has no folders to read only, and ends a guest that gives it what has no
    /// meaning.
    peer: bool,
    /// What it does depends on time.
    timed: bool,
}

const fn guest(name: &'static str) -> Guest {
    Guest {
        name,
        access: Access::ReadWrite,
        peer: true,
        timed: false,
    }
}

const GUESTS: &[Guest] = &[
    guest("files"),
    guest("dirs"),
    guest("links"),
    guest("times"),
    guest("fds"),
    guest("paths"),
    Guest {
        timed: true,
        ..guest("poll")
    },
    guest("misc"),
    guest("limits"),
    Guest {
        peer: false,
        ..guest("wrong")
    },
    Guest {
        access: Access::ReadOnly,
        peer: false,
        ..guest("readonly")
    },
];

/// Fuel that is enough for each.
const PLENTY: u64 = 1 << 40;

/// What became of a guest.
#[derive(Debug, PartialEq, Eq)]
struct Ran {
    out: String,
    end: String,
    /// Each entry of the folder: its kind, its path, where a link leads.
    tree: Vec<String>,
    fuel: u64,
}

fn wasm(name: &str) -> PathBuf {
    root().join(format!("guests/wasm/wasi/{name}.wasm"))
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(wasm(name)).expect("the guest is in the repository")
}

/// Entries of a large folder.
const MANY: u32 = 100_000;

/// A fresh folder for a guest.
fn folder(guest: &Guest, engine: &str) -> PathBuf {
    let folder =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("wasi-{}-{engine}", guest.name));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("d")).expect("the target folder can be written");
    if guest.access == Access::ReadOnly {
        std::fs::write(folder.join("f"), "content\n").expect("can be written");
        std::os::unix::fs::symlink("f", folder.join("l")).expect("can be linked");
    } else {
        std::fs::remove_dir(folder.join("d")).expect("is empty");
    }
    if guest.name == "many" {
        for n in 0..MANY {
            std::fs::File::create(folder.join(format!("entry-{n:06}"))).expect("can be made");
        }
    }
    folder
}

fn tree(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(dir) = folders.pop() {
        for entry in std::fs::read_dir(dir).expect("a folder").flatten() {
            let path = entry.path();
            let shown = path
                .strip_prefix(folder)
                .expect("inside")
                .display()
                .to_string();
            let kind = entry.file_type().expect("a type");
            found.push(match std::fs::read_link(&path) {
                Ok(target) => format!("link {shown} to {}", target.display()),
                Err(_) if kind.is_dir() => format!("directory {shown}"),
                Err(_) => format!("file {shown}"),
            });
            if kind.is_dir() {
                folders.push(path);
            }
        }
    }
    found.sort();
    found
}

fn interpreted(guest: &Guest, fuel: u64) -> Ran {
    let dir = folder(guest, "interp");
    let folders = Folders::new()
        .folder(&dir, "/", guest.access)
        .expect("a folder");
    let (mut ran, _) = interpreted_on(guest, folders, fuel);
    ran.tree = tree(&dir);
    ran
}

/// Interprets a guest on a filesystem, and gives that back.
fn interpreted_on<F: Filesystem + Send + Sync + 'static>(
    guest: &Guest,
    files: F,
    fuel: u64,
) -> (Ran, StdCtx<F>) {
    let ctx = StdCtx::new()
        .buffers(Buffers::new("some input\n", 1 << 20))
        .args([guest.name, "one", "two three"])
        .env("A", "1")
        .env("B", "two words")
        .clocks()
        .entropy()
        .filesystem(files);
    let engine = Engine::default();
    let module = Module::new(&engine, bytes(guest.name)).expect("a module");
    let mut store = Store::new(&engine, ctx);
    store.set_fuel(fuel);
    let mut linker = Linker::<StdCtx<F>>::new();
    linker.wasi(|ctx| ctx).expect("no name twice");
    let instance = linker.instantiate(&mut store, &module).expect("links");
    let end = match instance.execute(&mut store, "_start", &[]) {
        Ok(_) => "status 0".to_string(),
        Err(Error::Trap(trap)) => match trap.exit_status() {
            Some(status) => format!("status {status}"),
            None => trap.cause().message().to_string(),
        },
        Err(error) => error.to_string(),
    };
    let fuel = store.consumed_fuel();
    let out = store.data_mut().buffers_mut().expect("streams in memory");
    let ran = Ran {
        out: String::from_utf8_lossy(&out.take_out()).into_owned(),
        end,
        tree: Vec::new(),
        fuel,
    };
    (ran, store.into_data())
}

/// The same files in memory.
fn in_memory(guest: &Guest) -> Ran {
    let room = Room {
        bytes: 1 << 20,
        entries: 100,
        open: 2000,
    };
    let mut files = MemFs::<Heap>::new(room);
    let mut access = memfs::Access::ReadWrite;
    if guest.access == Access::ReadOnly {
        files.add_file(b"f", b"content\n").expect("room");
        files.add_dir(b"d").expect("room");
        let root = files.grant(b"", memfs::Access::ReadWrite).expect("room");
        files.symlink(b"f", root, b"l").expect("room");
        files.close(root).expect("is open");
        access = memfs::Access::ReadOnly;
    }
    files.add_preopen(b"", "/", access).expect("room");
    let (mut ran, mut ctx) = interpreted_on(guest, files, PLENTY);
    ran.tree = tree_in_memory(ctx.filesystem_mut());
    ran
}

fn tree_in_memory(files: &mut MemFs<Heap>) -> Vec<String> {
    let root = files.grant(b"", memfs::Access::ReadOnly).expect("room");
    let mut found = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(dir) = folders.pop() {
        let mut names = Vec::new();
        let each = |name: &[u8], is_dir| {
            let name = String::from_utf8_lossy(name);
            names.push((format!("{dir}{name}"), is_dir));
        };
        files.names(dir.as_bytes(), each).expect("a directory");
        for (path, is_dir) in names {
            let mut target = [0; 64];
            found.push(match files.read_link(root, path.as_bytes(), &mut target) {
                Ok(n) => format!("link {path} to {}", String::from_utf8_lossy(&target[..n])),
                Err(_) if is_dir => format!("directory {path}"),
                Err(_) => format!("file {path}"),
            });
            if is_dir {
                folders.push(format!("{path}/"));
            }
        }
    }
    found.sort();
    found
}

/// The program of all guests, compiled.
fn program(cargo: &std::ffi::OsStr) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wasi-guests");
    let mut package = Package::new(&dir, "wasi-guests", &runtime(), &["std"]);
    package.depend(&format!(
        "wrt-wasi = {{ path = {:?} }}\n",
        root().join("wasi")
    ));
    let names: Vec<&str> = GUESTS
        .iter()
        .map(|g| g.name)
        .chain(["calls", "many"])
        .collect();
    for name in &names {
        let mut options = Options::default();
        options.module_name = (*name).to_string();
        options.data = DataLayout::Inline;
        let output = compile(&bytes(name), &options).unwrap_or_else(|e| panic!("{name}: {e}"));
        for file in output.files {
            package.add(&format!("src/{}", file.name), file.contents);
        }
    }
    let main = include_str!("wasi/driver.rs");
    package.add(
        "src/main.rs",
        main.replace("// GUESTS", &format!("guests! {{ {} }}", names.join(" "))),
    );
    package.write().expect("the target folder can be written");
    package
        .build(cargo, Level::O0)
        .unwrap_or_else(|errors| panic!("{errors}"));
    package.executable(Level::O0, "wasi-guests")
}

fn compiled(program: &Path, guest: &Guest, fuel: u64) -> Ran {
    let dir = folder(guest, "compiled");
    let access = match guest.access {
        Access::ReadOnly => "ro",
        Access::ReadWrite => "rw",
    };
    let mut command = Command::new(program);
    command
        .arg(guest.name)
        .arg(&dir)
        .args([access, &fuel.to_string()]);
    let output = package::run(&mut command, Duration::from_secs(60)).expect("runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let (end, fuel) = said
        .rsplit_once(", fuel ")
        .unwrap_or_else(|| panic!("{}: {said}", guest.name));
    Ran {
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        end: end.to_string(),
        tree: tree(&dir),
        fuel: fuel.parse().expect("a number"),
    }
}

fn wasmtime(program: &Path, guest: &Guest) -> Ran {
    let dir = folder(guest, "wasmtime");
    let mut command = Command::new(program);
    command
        .args(["run", "--env", "A=1", "--env", "B=two words", "--dir"])
        .arg(format!("{}::/", dir.display()))
        .arg(wasm(guest.name))
        .args(["one", "two three"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = command.spawn().expect("starts");
    let mut input = child.stdin.take().expect("piped");
    // A guest need not read what it is given.
    let _ = input.write_all(b"some input\n");
    drop(input);
    let output = child.wait_with_output().expect("ends");
    Ran {
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        end: format!("status {}", output.status.code().unwrap_or(-1)),
        tree: tree(&dir),
        fuel: 0,
    }
}

/// A wasmtime that can be run.
fn peer() -> Option<PathBuf> {
    let named = std::env::var_os("WRT_WASMTIME").map(PathBuf::from);
    let program = named.unwrap_or_else(|| "wasmtime".into());
    let version = Command::new(&program).arg("--version").output().ok()?;
    version.status.success().then_some(program)
}

#[test]
fn guests_agree() {
    let cargo = cargo();
    let program = cargo.as_deref().map(program);
    let peer = peer();
    if peer.is_none() {
        say(
            "wasi: not compared with wasmtime, which is not on the path: `cargo xtask test` installs it",
        );
    }
    let list = include_str!("wasi/differences.txt");
    let mut listed: BTreeSet<(&str, &str, &str)> = BTreeSet::new();
    for line in list
        .lines()
        .filter(|l| !l.starts_with('#') && !l.is_empty())
    {
        let fields: Vec<&str> = line.splitn(4, " | ").collect();
        let [guest, theirs, ours, _why] = fields[..] else {
            panic!("differences.txt: {line}");
        };
        listed.insert((guest, theirs, ours));
    }
    let mut wrong = Vec::new();
    let mut met = BTreeSet::new();
    for guest in GUESTS {
        let ours = interpreted(guest, PLENTY);
        assert!(
            ours.end.starts_with("status"),
            "{}: {}",
            guest.name,
            ours.end
        );
        if let Some(program) = &program {
            let mut compiled = compiled(program, guest, PLENTY);
            if guest.timed {
                compiled.fuel = ours.fuel;
            }
            assert_eq!(compiled, ours, "{}: compiled, interpreted", guest.name);
            stop_alike(program, guest, ours.fuel);
        }
        let memory = in_memory(guest);
        if (&memory.out, &memory.end, &memory.tree) != (&ours.out, &ours.end, &ours.tree) {
            wrong.extend(differences(
                &format!("{} in memory", guest.name),
                &ours,
                &memory,
            ));
        }
        let expected = match &peer {
            Some(program) if guest.peer => wasmtime(program, guest),
            _ => continue,
        };
        let name = guest.name;
        if (&expected.end, &expected.tree) != (&ours.end, &ours.tree) {
            wrong.push(format!(
                "{name}: wasmtime {:?} {:?}, ours {:?} {:?}",
                expected.end, expected.tree, ours.end, ours.tree
            ));
        }
        if expected.out.lines().count() != ours.out.lines().count() {
            wrong.push(format!(
                "{name}: wasmtime printed\n{}ours\n{}",
                expected.out, ours.out
            ));
        }
        for (theirs, ours) in expected.out.lines().zip(ours.out.lines()) {
            let difference = listed.iter().find(|l| **l == (name, theirs, ours));
            match difference {
                Some(difference) => drop(met.insert(*difference)),
                None if theirs != ours => {
                    wrong.push(format!("{name}: wasmtime `{theirs}`, ours `{ours}`"))
                }
                None => {}
            }
        }
    }
    if peer.is_some() {
        let gone = listed.difference(&met);
        wrong.extend(gone.map(|gone| format!("differences.txt: no longer so: {gone:?}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// With too little fuel a guest ends at the same place in both engines, having done the same.
fn stop_alike(program: &Path, guest: &Guest, total: u64) {
    let parts = if guest.timed { 0 } else { 4 };
    for part in 0..parts {
        let fuel = total * part / parts;
        let ours = interpreted(guest, fuel);
        assert_eq!(ours.end, "all fuel consumed", "{}", guest.name);
        let compiled = compiled(program, guest, fuel);
        assert_eq!(compiled, ours, "{} with {fuel} units", guest.name);
    }
}

/// Where a guest gets something else.
fn differences(what: &str, expected: &Ran, got: &Ran) -> Vec<String> {
    let mut found = Vec::new();
    if (&expected.end, &expected.tree) != (&got.end, &got.tree) {
        found.push(format!(
            "{what}: {:?} {:?}, should be {:?} {:?}",
            got.end, got.tree, expected.end, expected.tree
        ));
    }
    let lines = expected.out.lines().zip(got.out.lines()).enumerate();
    for (n, (expected, got)) in lines.filter(|(_, (expected, got))| expected != got) {
        found.push(format!(
            "{what}: line {}: `{got}`, should be `{expected}`",
            n + 1
        ));
    }
    if expected.out.lines().count() != got.out.lines().count() {
        found.push(format!("{what}: {}", got.out));
    }
    found
}

/// What the guests that wasmtime cannot run print, as it should be.
#[test]
fn refusals_are_as_expected() {
    for name in ["readonly", "wrong"] {
        let guest = GUESTS.iter().find(|g| g.name == name).expect("a guest");
        let ours = interpreted(guest, PLENTY).out;
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("wasi/{name}.txt"));
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, &ours).expect("can be written");
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(ours == expected, "{name}: BLESS=1 accepts\n{ours}");
    }
}

#[test]
fn every_function_has_a_guest() {
    let mut called = BTreeSet::new();
    for entry in std::fs::read_dir(root().join("guests/wasm/wasi"))
        .expect("the folder")
        .flatten()
    {
        let bytes = std::fs::read(entry.path()).expect("a module");
        for payload in Parser::new(0).parse_all(&bytes) {
            if let Payload::ImportSection(section) = payload.expect("valid") {
                for import in section.into_imports() {
                    called.insert(import.expect("valid").name.to_string());
                }
            }
        }
    }
    let missing: Vec<&str> = SIGNATURES
        .iter()
        .map(|s| s.name)
        .filter(|n| !called.contains(*n))
        .collect();
    assert!(missing.is_empty(), "no guest calls {missing:?}");
}

#[test]
fn a_guest_that_only_calls_the_host_runs_out_of_fuel() {
    let calls = guest("calls");
    let ours = interpreted(&calls, 10_000);
    assert_eq!(ours.end, "all fuel consumed");
    if let Some(cargo) = cargo() {
        assert_eq!(compiled(&program(&cargo), &calls, 10_000), ours);
    }
}

#[test]
fn a_folder_may_have_many_entries() {
    let many = guest("many");
    let mut ours = interpreted(&many, PLENTY);
    let letters = 12 * MANY + 3;
    let expected = format!(
        "entries: {}\nletters: {letters}\nafter: it goes on\n\n",
        MANY + 2
    );
    assert_eq!(ours.out, expected);
    assert_eq!(ours.tree.len(), MANY as usize + 1);
    if let Some(cargo) = cargo() {
        let compiled = compiled(&program(&cargo), &many, PLENTY);
        // How many calls it takes depends on the order of the names.
        ours.fuel = compiled.fuel;
        assert!(compiled == ours, "{}", compiled.out);
    }
    let mut files = MemFs::<Heap>::new(Room {
        bytes: 100 << 20,
        entries: MANY + 2,
        open: 10,
    });
    for n in 0..MANY {
        files
            .add_file(format!("entry-{n:06}").as_bytes(), b"")
            .expect("room");
    }
    files
        .add_preopen(b"", "/", memfs::Access::ReadWrite)
        .expect("room");
    let (memory, _) = interpreted_on(&many, files, PLENTY);
    assert_eq!(memory.out, expected);
}
