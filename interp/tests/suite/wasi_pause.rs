//! Calls of preview 1 that cannot be paid: wherever the fuel ends, nothing of the call was done, and it is made whole
//! when there is more.

use crate::common::{module, trap};
use wrt_interp::wasi::buffers::Buffers;
use wrt_interp::wasi::filesystem::{Filesystem, Stat};
use wrt_interp::wasi::memfs::{Access, Heap, MemFs, Room};
use wrt_interp::wasi::std::StdCtx;
use wrt_interp::wasi::{Ctx, SeededEntropy, StepClock, preview1};
use wrt_interp::*;

type Context = StdCtx<MemFs<Heap>>;

/// Calls in order, with their arguments in the text format: i32 as they are, i64 with an `L`. Paths are at 1024, of 84
/// bytes, and at 1200, of 3; buffers of 300 and 200 bytes are listed at 2048.
const CALLS: &[(&str, &str)] = &[
    ("path_open", "3 1 1024 84 0 2L 0L 0 3000"),
    ("path_open", "3 1 1200 3 1 66L 0L 1 3004"),
    ("fd_read", "4 2048 2 3008"),
    ("fd_write", "5 2048 2 3012"),
    ("fd_write", "5 2048 2 3012"),
    ("fd_write", "1 2048 1 3016"),
    ("fd_read", "0 2048 2 3020"),
    ("fd_pread", "5 2048 2 100L 3024"),
    ("fd_seek", "4 -10L 1 3032"),
    ("fd_readdir", "3 8192 512 0L 3040"),
    ("path_create_directory", "3 1300 70"),
    ("path_filestat_get", "3 1 1024 84 3100"),
    ("path_filestat_set_times", "3 1 1024 84 5L 0L 9"),
    ("path_rename", "3 1200 3 3 1400 70"),
    ("path_symlink", "1024 84 3 1200 3"),
    ("path_readlink", "3 1200 3 9000 256 3044"),
    ("path_link", "3 0 1400 70 3 1500 70"),
    ("path_unlink_file", "3 1400 70"),
    ("path_remove_directory", "3 1300 70"),
    ("fd_allocate", "5 0L 2000L"),
    ("fd_filestat_set_size", "5 1800L"),
    ("random_get", "12288 300"),
    ("environ_get", "16384 16640"),
    ("args_get", "17408 17664"),
    ("clock_time_get", "1 0L 3048"),
    ("poll_oneoff", "20480 20736 2 3056"),
    ("fd_renumber", "5 4"),
    ("fd_readdir", "3 8192 512 2L 3040"),
    ("fd_close", "4"),
];

/// A module that makes the calls and writes the errno of each at 32768 and so on.
fn guest() -> String {
    let (mut imports, mut calls) = (String::new(), String::new());
    for (n, (name, args)) in CALLS.iter().enumerate() {
        let signature = preview1::signature(name).expect("is a function of preview 1");
        let params = signature.params.iter();
        let params: String = params.map(|ty| format!("{ty:?} ").to_lowercase()).collect();
        imports += &format!(
            "(import \"wasi_snapshot_preview1\" \"{name}\" (func $f{n} (param {params}) (result i32)))\n"
        );
        let args = args.split(' ').map(|arg| match arg.strip_suffix('L') {
            Some(arg) => format!("(i64.const {arg}) "),
            None => format!("(i32.const {arg}) "),
        });
        let args: String = args.collect();
        let at = 32768 + 4 * n;
        calls += &format!("(i32.store (i32.const {at}) (call $f{n} {args}))\n");
    }
    let long = |last: &str| format!("{}{last}", "./".repeat((70 - last.len()) / 2));
    format!(
        r#"(module {imports} (memory (export "memory") 1)
            (data (i32.const 1024) "d/{}in")
            (data (i32.const 1200) "new")
            (data (i32.const 1300) "{}")
            (data (i32.const 1400) "{}")
            (data (i32.const 1500) "{}")
            (data (i32.const 2048) "\00\10\00\00\2c\01\00\00\00\12\00\00\c8\00\00\00")
            (data (i32.const 20496) "\01")
            (data (i32.const 20504) "\e8\03")
            (data (i32.const 20536) "\01\00\00\00\00\00\00\00\04")
            (func (export "run") {calls}))"#,
        "./".repeat(40),
        long("made"),
        long("link"),
        long("last"),
    )
}

fn context() -> Context {
    let mut files = MemFs::<Heap>::new(Room {
        bytes: 1 << 16,
        entries: 20,
        open: 10,
    });
    files.add_file(b"d/in", &[b'i'; 450]).expect("room");
    files
        .add_preopen(b"", "/", Access::ReadWrite)
        .expect("room");
    StdCtx::new()
        .buffers(Buffers::new("some input", 10_000))
        .arg("prog")
        .arg("x".repeat(200))
        .env("A", "y".repeat(100))
        .env("B", "z".repeat(60))
        .clock(StepClock::new(1_000, 10))
        .seed(SeededEntropy::new(7))
        .filesystem(files)
}

/// All that a run can change.
#[derive(Debug, PartialEq)]
struct World {
    memory: Vec<u8>,
    files: Vec<(String, Option<Vec<u8>>, Stat)>,
    out: Vec<u8>,
    open: String,
    time: Option<StepClock>,
    random: Option<SeededEntropy>,
    consumed: u64,
    stats: Stats,
}

fn world(store: &mut Store<Context>, instance: &Instance) -> World {
    let memory = instance.get_memory(&*store, "memory").expect("is exported");
    let memory = memory.get_safe_slice(&*store, 0, 65_536).expect("inside");
    let (memory, consumed, stats) = (memory.to_vec(), store.consumed_fuel(), store.stats());
    let ctx = store.data_mut();
    let buffers = ctx.buffers_mut().expect("they are in memory");
    let out = buffers.out().to_vec();
    let open = ctx.descriptors().open().collect::<Vec<_>>();
    let (time, random) = (ctx.step_clock(), ctx.seeded());
    let fs = ctx.filesystem_mut();
    let (root, _) = fs.preopen(0).expect("is granted");
    let (mut files, mut dirs) = (Vec::new(), vec![String::new()]);
    while let Some(dir) = dirs.pop() {
        let mut found = Vec::new();
        let each =
            |name: &[u8], is_dir| found.push((format!("{dir}{}", name.escape_ascii()), is_dir));
        fs.names(dir.as_bytes(), each).expect("a directory");
        for (path, is_dir) in found {
            let stat = fs.stat_at(root, path.as_bytes(), false).expect("is there");
            files.push((path.clone(), fs.file(path.as_bytes()).ok(), stat));
            if is_dir {
                dirs.push(path + "/");
            }
        }
    }
    World {
        memory,
        files,
        out,
        open: format!("{open:?}"),
        time,
        random,
        consumed,
        stats,
    }
}

#[test]
fn wherever_the_fuel_ends_a_call_is_made_once_and_whole() {
    let mut options = Options::default();
    options.stats = true;
    let engine = Engine::new(options);
    let module = module(&engine, &guest());
    let mut linker = Linker::<Context>::new();
    linker.wasi(|ctx| ctx).expect("no name twice");
    let start = |fuel| {
        let mut store = Store::new(&engine, context());
        let instance = linker.instantiate(&mut store, &module).expect("links");
        store.set_fuel(fuel);
        let run = instance.get_func(&store, "run").expect("is exported");
        (store, instance, run)
    };

    let (mut store, instance, run) = start(u64::MAX);
    run.call(&mut store, &[]).expect("runs");
    let whole = world(&mut store, &instance);
    let errnos = &whole.memory[32768..][..4 * CALLS.len()];
    for (errno, (name, args)) in errnos.chunks(4).zip(CALLS) {
        assert_eq!(errno, [0; 4], "{name} {args}");
    }
    let total = whole.consumed;

    // A unit at a time.
    let (mut store, instance, run) = start(0);
    let mut outcome = run.call_resumable(&mut store, &[]).expect("no trap");
    let mut pauses = 0;
    while let Outcome::Paused(paused) = outcome {
        assert_eq!(paused.reason(), Reason::OutOfFuel);
        pauses += 1;
        store.set_fuel(store.remaining_fuel() + 1);
        outcome = paused.resume(&mut store).expect("no trap");
    }
    assert_eq!(world(&mut store, &instance), whole);
    assert_eq!((pauses, store.remaining_fuel()), (total, 0));

    // Once, at each unit; where it cannot pause it is a trap at the same place.
    for fuel in 0..total {
        let (mut store, instance, run) = start(fuel);
        let outcome = run.call_resumable(&mut store, &[]).expect("no trap");
        let Outcome::Paused(paused) = outcome else {
            panic!("{fuel} units are enough");
        };
        let at = world(&mut store, &instance);
        assert_eq!(at.consumed + store.remaining_fuel(), fuel);
        let (mut other, instance_of_other, run) = start(fuel);
        let out = trap(run.call(&mut other, &[]));
        assert_eq!(out.cause(), Cause::OutOfFuel);
        assert_eq!(world(&mut other, &instance_of_other), at, "{fuel} units");

        store.set_fuel(total - at.consumed);
        let outcome = paused.resume(&mut store).expect("no trap");
        assert!(matches!(outcome, Outcome::Done(_)), "{fuel} units");
        assert_eq!(world(&mut store, &instance), whole, "{fuel} units");
    }
}
