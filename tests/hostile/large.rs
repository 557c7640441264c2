//! What is larger than anything sane: compiled within seconds, on the stack that a test thread has, or refused with
//! an error that names the function and the option. What is compiled, rustc must take.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use wasm_encoder::{
    BlockType, CodeSection, ExportKind, ExportSection, Function, FunctionSection, MemorySection,
    MemoryType, Module, TypeSection, ValType,
};
use wrt_compiler::{DataLayout, Error, Kind, Options, compile};
use wrt_script::package;
use wrt_tests::say;

/// What the compiler may take, without optimisation, on a machine that does other things too.
const COMPILE: Duration = Duration::from_secs(30);
/// What rustc may take.
const RUSTC: Duration = Duration::from_secs(60);
/// The stack of a test's thread.
const STACK: usize = 2 << 20;

/// A module of one function `main: [i32] -> [i32]` with `locals` and a memory.
fn module(locals: &[(u32, ValType)], body: impl FnOnce(&mut Function)) -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32], [ValType::I32]);
    let (mut funcs, mut memories) = (FunctionSection::new(), MemorySection::new());
    funcs.function(0);
    memories.memory(MemoryType {
        minimum: 1,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut exports = ExportSection::new();
    exports.export("main", ExportKind::Func, 0);
    let mut function = Function::new(locals.iter().copied());
    body(&mut function);
    function.instructions().end();
    let mut code = CodeSection::new();
    code.function(&function);
    let mut module = Module::new();
    module
        .section(&types)
        .section(&funcs)
        .section(&memories)
        .section(&exports)
        .section(&code);
    module.finish()
}

/// `depth` blocks, each with a way out of it and a store behind it.
fn blocks(depth: u32) -> Vec<u8> {
    module(&[], |f| {
        let mut i = f.instructions();
        (0..depth).for_each(|_| {
            i.block(BlockType::Empty);
        });
        for n in 0..depth {
            i.local_get(0)
                .i32_const(n as i32)
                .i32_gt_u()
                .br_if((depth - 1 - n).min(7));
            i.local_get(0).i32_const(1).i32_add().local_set(0).end();
        }
        i.local_get(0);
    })
}

/// `depth` loops, each of which may go round any of the next few around it.
fn loops(depth: u32) -> Vec<u8> {
    module(&[], |f| {
        let mut i = f.instructions();
        (0..depth).for_each(|_| {
            i.loop_(BlockType::Empty);
        });
        for n in 0..depth {
            i.local_get(0)
                .i32_const(n as i32 + 1)
                .i32_eq()
                .br_if((depth - 1 - n).min(3))
                .end();
        }
        i.local_get(0);
    })
}

/// `depth` choices, one in the first arm of the other.
fn ifs(depth: u32) -> Vec<u8> {
    module(&[], |f| {
        let mut i = f.instructions();
        for n in 0..depth {
            i.local_get(0)
                .i32_const(n as i32)
                .i32_gt_s()
                .if_(BlockType::Result(ValType::I32));
        }
        i.i32_const(-1);
        for n in 0..depth {
            i.else_().i32_const(n as i32).end();
        }
    })
}

/// A `br_table` of `targets` over 64 blocks.
fn table(targets: u32) -> Vec<u8> {
    module(&[], |f| {
        let mut i = f.instructions();
        (0..64).for_each(|_| {
            i.block(BlockType::Empty);
        });
        i.local_get(0)
            .br_table((0..targets).map(|n| n.wrapping_mul(2_654_435_761) >> 26), 0)
            .end();
        for n in 0..63 {
            i.local_get(0).i32_const(n).i32_xor().local_set(0).end();
        }
        i.local_get(0);
    })
}

/// A straight function of at least `bytes`, of arithmetic, loads, stores and choices.
fn straight(bytes: usize) -> Vec<u8> {
    module(&[(20, ValType::I32)], |f| {
        for n in 0.. {
            let (a, b) = (n % 20 + 1, (n * 7 + 3) % 20 + 1);
            let mut i = f.instructions();
            i.local_get(a)
                .i32_const(n as i32 * 77)
                .i32_add()
                .local_get(b)
                .i32_xor()
                .local_set(a);
            if n % 3 == 0 {
                i.local_get(a).i32_const(0xffff).i32_and().local_get(b);
                i.i32_store(wasm_encoder::MemArg {
                    offset: u64::from(n),
                    align: 2,
                    memory_index: 0,
                });
            }
            if n % 5 == 0 {
                i.local_get(b)
                    .i32_const(n as i32)
                    .i32_lt_s()
                    .if_(BlockType::Empty);
                i.local_get(0).i32_const(3).i32_rotl().local_set(b).end();
            }
            if f.byte_len() > bytes {
                break;
            }
        }
        f.instructions().local_get(1);
    })
}

/// `count` locals, each of which is set and read.
fn locals(count: u32) -> Vec<u8> {
    module(&[(count - 1, ValType::I32)], |f| {
        let mut i = f.instructions();
        for n in 1..count {
            i.local_get(n - 1)
                .i32_const(n as i32)
                .i32_add()
                .local_set(n);
        }
        i.local_get(count - 1);
    })
}

/// `count` operands on the stack at once.
fn operands(count: u32) -> Vec<u8> {
    module(&[], |f| {
        let mut i = f.instructions();
        (0..count).for_each(|n| {
            i.local_get(0).i32_const(n as i32).i32_mul();
        });
        (1..count).for_each(|_| {
            i.i32_add();
        });
    })
}

/// A chain of `count` instructions, each of which takes the result of the one before.
fn chain(count: u32) -> Vec<u8> {
    module(&[], |f| {
        let mut i = f.instructions();
        i.local_get(0);
        (0..count).for_each(|_| {
            i.i32_clz();
        });
    })
}

/// Compiles on a small stack, within the time: the Rust, or why not.
fn compiled(name: &str, bytes: Vec<u8>, options: &Options) -> Result<Vec<u8>, Error> {
    let start = Instant::now();
    let mut options = options.clone();
    options.data = DataLayout::Inline;
    let thread = std::thread::Builder::new()
        .stack_size(STACK)
        .spawn(move || compile(&bytes, &options).map(|output| output.files[0].contents.clone()));
    let answer = thread.expect("a thread").join().expect("no panic");
    assert!(
        start.elapsed() < COMPILE,
        "{name}: compiled for {:.0?}",
        start.elapsed()
    );
    if let Err(e) = &answer {
        let text = e.to_string();
        let named = text.contains("the option") && e.func().is_some();
        assert!(
            e.kind() == Kind::Limit && named,
            "{name}: refused without function or option: {text}"
        );
    }
    answer
}

/// `(name, module, whether it must be compiled)`
fn inputs() -> Vec<(&'static str, Vec<u8>, bool)> {
    vec![
        ("blocks-1000", blocks(1_000), true),
        ("blocks-1999", blocks(1_999), true),
        ("blocks-10000", blocks(10_000), false),
        ("blocks-100000", blocks(100_000), false),
        ("loops-1000", loops(1_000), true),
        ("loops-1999", loops(1_999), true),
        ("loops-10000", loops(10_000), false),
        ("ifs-300", ifs(300), true),
        ("ifs-1000", ifs(1_000), true),
        ("ifs-1999", ifs(1_999), true),
        ("ifs-10000", ifs(10_000), false),
        ("table-100000", table(100_000), true),
        ("table-1000000", table(1_000_000), true),
        ("straight-250k", straight(250_000), true),
        ("locals-50000", locals(50_000), true),
        ("operands-10000", operands(10_000), true),
        ("chain-100000", chain(100_000), true),
    ]
}

#[test]
fn large_modules_are_compiled_or_refused_by_name() {
    for (name, bytes, must) in inputs() {
        assert!(super::is_valid(&bytes), "{name} is to be valid");
        let answer = compiled(name, bytes, &Options::default());
        assert!(
            !must || answer.is_ok(),
            "{name}: {}",
            answer.expect_err("checked")
        );
    }
}

/// The caps are there for rustc; without them the compiler itself still needs no more than its stack and some seconds.
#[test]
fn large_modules_are_compiled_without_caps() {
    let mut options = Options::default();
    options.max_nesting = u32::MAX;
    options.max_br_table = u32::MAX;
    options.max_locals = u32::MAX;
    options.max_function_bytes = u32::MAX;
    for (name, bytes, _) in inputs() {
        compiled(name, bytes, &options).unwrap_or_else(|e| panic!("{name}: {e}"));
    }
}

#[test]
fn caps_name_function_and_option() {
    type Set = fn(&mut Options);
    let cases: [(Vec<u8>, Set, &str); 4] = [
        (blocks(20), |o| o.max_nesting = 10, "max_nesting"),
        (table(50), |o| o.max_br_table = 10, "max_br_table"),
        (
            straight(5000),
            |o| o.max_function_bytes = 1000,
            "max_function_bytes",
        ),
        (locals(50), |o| o.max_locals = 10, "max_locals"),
    ];
    for (bytes, set, option) in cases {
        let mut options = Options::default();
        set(&mut options);
        let e = compile(&bytes, &options).expect_err(option);
        assert!(
            e.kind() == Kind::Limit && e.message().contains(option) && e.func().is_some(),
            "{e}"
        );
        assert!(e.offset().is_some(), "{e}");
    }
}

/// The runtime as a library, by rustc alone: what is compiled against it can be stopped in time.
fn runtime() -> Option<(PathBuf, PathBuf)> {
    let rustc = std::env::var_os("RUSTC").map_or_else(|| PathBuf::from("rustc"), PathBuf::from);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("large");
    std::fs::create_dir_all(&folder).expect("the target folder can be written");
    let library = folder.join("libwrt_rt.rlib");
    let mut command = Command::new(&rustc);
    command.args([
        "--crate-name",
        "wrt_rt",
        "--crate-type",
        "rlib",
        "--edition",
        "2024",
        "-Copt-level=3",
    ]);
    command
        .args(["--cfg", "feature=\"alloc\"", "--cap-lints", "allow", "-o"])
        .arg(&library);
    command.arg(wrt_tests::root().join("rt/src/lib.rs"));
    match package::run(&mut command, Duration::from_secs(300)) {
        Ok(output) if output.status.success() => Some((rustc, library)),
        Ok(output) => panic!("{}", String::from_utf8_lossy(&output.stderr)),
        Err(e) => {
            say(&format!("skipped: what needs rustc ({e})"));
            None
        }
    }
}

/// Everything of `names` goes through rustc at both levels.
fn rustc_takes(names: &[&str]) {
    let Some((rustc, library)) = runtime() else {
        return;
    };
    let mut wrong = Vec::new();
    for (name, bytes, _) in inputs()
        .into_iter()
        .filter(|(name, ..)| names.contains(name))
    {
        let Ok(rust) = compiled(name, bytes, &Options::default()) else {
            continue;
        };
        let file = library.with_file_name(format!("{name}.rs"));
        std::fs::write(&file, rust).expect("the target folder can be written");
        for level in ["0", "3"] {
            let start = Instant::now();
            let mut command = Command::new(&rustc);
            command.args([
                "--crate-name",
                "large",
                "--crate-type",
                "rlib",
                "--edition",
                "2024",
            ]);
            command.arg(format!("-Copt-level={level}")).arg("--extern");
            command
                .arg(format!("wrt_rt={}", library.display()))
                .arg(&file)
                .arg("-o");
            command.arg(library.with_file_name(format!("{name}.rlib")));
            let output = package::run(&mut command, RUSTC);
            let seconds = start.elapsed().as_secs_f32();
            match output {
                Ok(output) if output.status.success() => {
                    say(&format!("large: {name} at -O{level}: {seconds:.1} s"));
                }
                Ok(output) => {
                    let stderr = String::from_utf8_lossy(&output.stderr);
                    let words: Vec<&str> = stderr.lines().take(6).collect();
                    wrong.push(format!(
                        "{name} at -O{level}: {}: {}",
                        output.status,
                        words.join("\n")
                    ));
                }
                Err(e) => wrong.push(format!("{name} at -O{level}: {e}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rustc_takes_what_is_deep() {
    // Nested results are the dearest: each is alive around the whole dispatch loop. At 1,000 rustc -O3 takes
    // more than a minute.
    rustc_takes(&["blocks-1000", "loops-1000", "ifs-300"]);
}

#[test]
#[ignore = "long: minutes of rustc"]
fn rustc_takes_what_is_large() {
    rustc_takes(&[
        "blocks-1999",
        "loops-1999",
        "table-100000",
        "table-1000000",
        "straight-250k",
        "locals-50000",
        "operands-10000",
        "chain-100000",
    ]);
}
