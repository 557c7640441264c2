//! The golden files of compiled code, interpreted: same results, traps with the same text, same fuel to the unit.

use crate::common::module;
use std::path::Path;
use wrt_interp::*;

/// A linker with what the golden files import, and a store for them.
fn host(store: &mut Store<()>) -> Result<Linker<()>, Error> {
    let mut linker = Linker::new();
    linker
        .func_wrap(
            "env",
            "log",
            |caller: Caller<'_, ()>, ptr: u32, len: u32| {
                let memory = caller.memory().expect("it has one");
                let bytes = memory.get_safe_slice(&caller, ptr, len)?;
                assert_eq!(bytes, b"hello");
                Ok(bytes.len() as i32)
            },
        )?
        .func_wrap("env", "call-back", |caller: Caller<'_, ()>, n: i32| {
            call(caller, "double", n)
        })?
        .func_wrap("env", "pong", |caller: Caller<'_, ()>, n: i32| {
            call(caller, "ping", n)
        })?
        .func_wrap("env", "refuse", |code: i32| {
            Err::<(), _>(Error::trap(code, "the host refuses"))
        })?
        .func_wrap("more.math", "swap", |a: i32, b: i64| (b, a))?;
    let memory = Memory::new(&mut *store, MemoryType::new(1, Some(2)))?;
    memory.write(&mut *store, 0, &[42])?;
    let ty = MemoryType::builder().min(10).max(Some(20));
    let bytes = Memory::new(&mut *store, ty.page_size_log2(0).build()?)?;
    bytes.write(&mut *store, 9, &[42])?;
    let element = ValType::FuncRef;
    let ty = TableType {
        element,
        min: 4,
        max: None,
    };
    let table = Table::new(&mut *store, ty, Val::FuncRef(FuncRef::NULL))?;
    let mut global =
        |ty, mutable, value| Global::new(&mut *store, GlobalType { ty, mutable }, value);
    let base = global(ValType::I32, false, Val::I32(1000))?;
    let count = global(ValType::I64, true, Val::I64(7))?;
    linker
        .define("env", "memory", memory)?
        .define("env", "bytes", bytes)?
        .define("env", "table", table)?
        .define("env", "base", base)?
        .define("env", "count", count)?;
    Ok(linker)
}

fn call(mut caller: Caller<'_, ()>, name: &str, n: i32) -> Result<i32, Error> {
    let instance = caller.instance().expect("a guest called");
    let func = instance.get_typed_func::<i32, i32>(&caller, name)?;
    func.call(&mut caller, n)
}

/// The options of a golden file, as far as they are about running it.
fn options(wat: &str) -> Options {
    let mut options = Options::default();
    let lines = wat
        .lines()
        .filter_map(|line| line.strip_prefix(";; options: "));
    for word in lines.flat_map(|line| line.split(' ')) {
        let (key, value) = word.split_once('=').expect("key=value");
        let number = || value.parse().expect("a number");
        match key {
            "fuel" => options.fuel = value == "on",
            "stats" => options.stats = value == "on",
            // What is generated for it, nothing runs.
            "snapshots" | "verification" => {}
            "canonical_nans" => options.canonical_nans = value == "on",
            "max_memory_pages" => options.max_memory_pages = number(),
            "max_table_elements" => options.max_table_elements = number(),
            "max_call_depth" => options.max_call_depth = Some(number()),
            "backtrace" => {
                options.backtrace = match value {
                    "none" => Backtrace::None,
                    "functions" => Backtrace::Functions,
                    _ => Backtrace::Offsets,
                }
            }
            _ => {}
        }
    }
    options
}

fn value(word: &str, ty: ValType) -> Val {
    let bits = |digits| u64::from_str_radix(digits, 16).expect("hexadecimal");
    let float = word.strip_prefix("bits:").map(bits);
    match ty {
        ValType::I32 => Val::I32(word.parse::<i64>().expect("an integer") as i32),
        ValType::I64 => Val::I64(word.parse().expect("an integer")),
        ValType::F32 => Val::F32(float.map_or_else(
            || word.parse().expect("a float"),
            |bits| f32::from_bits(bits as u32),
        )),
        ValType::F64 => {
            Val::F64(float.map_or_else(|| word.parse().expect("a float"), f64::from_bits))
        }
        ValType::ExternRef if word != "null" => {
            Val::ExternRef(ExternRef::new(word.parse().expect("a number")))
        }
        ty => ty.zero(),
    }
}

fn text(values: &[Val]) -> String {
    let value = |v: &Val| match *v {
        Val::I32(v) => v.to_string(),
        Val::I64(v) => v.to_string(),
        Val::F32(v) if v.is_nan() => format!("nan:{:x}", v.to_bits()),
        Val::F64(v) if v.is_nan() => format!("nan:{:x}", v.to_bits()),
        Val::F32(v) => v.to_string(),
        Val::F64(v) => v.to_string(),
        Val::FuncRef(f) => f
            .index()
            .map_or("null".to_string(), |n| format!("func {n}")),
        Val::ExternRef(e) => e
            .index()
            .map_or("null".to_string(), |n| format!("extern {n}")),
        other => format!("{other:?}"),
    };
    values.iter().map(value).collect::<Vec<_>>().join(", ")
}

/// Follows the directives of one file; gives how many there were, and what was not as expected.
fn follow(name: &str, wat: &str, wrong: &mut Vec<String>) -> usize {
    let engine = Engine::new(options(wat));
    let module = module(&engine, wat);
    let make = || {
        let mut store = Store::new(&engine, ());
        let linker = host(&mut store).expect("no name twice");
        let instance = linker.instantiate(&mut store, &module);
        (store, instance.unwrap_or_else(|e| panic!("{name}: {e}")))
    };
    let (mut store, mut instance) = make();
    let mut followed = 0;
    for line in wat.lines().filter_map(|line| line.strip_prefix(";; ")) {
        let (kind, rest) = line.split_once(": ").unwrap_or((line, ""));
        let got = match kind {
            "new" | "reset" => {
                (store, instance) = make();
                continue;
            }
            "global" | "run" | "trap" | "fuel" => rest.split_once(" = "),
            _ => continue,
        };
        let (what, want) = got.expect("WHAT = VALUE");
        followed += 1;
        let got = if kind == "global" {
            let global = instance.get_global(&store, what).expect("is exported");
            text(&[global.get(&store).expect("its store")])
        } else {
            let (export, args) = what
                .strip_suffix(')')
                .and_then(|c| c.rsplit_once('('))
                .expect("NAME(ARGS)");
            let func = instance.get_func(&store, export).expect("is exported");
            let types = func.ty(&store).expect("its store").params;
            let words = args.split(", ").filter(|word| !word.is_empty());
            let args: Vec<Val> = words.zip(types).map(|(word, ty)| value(word, ty)).collect();
            const MUCH: u64 = 1 << 40;
            if kind == "fuel" {
                store.set_fuel(MUCH);
            }
            let result = instance.execute(&mut store, export, &args);
            match result {
                _ if kind == "fuel" => (MUCH - store.remaining_fuel()).to_string(),
                Ok(values) => text(&values),
                Err(e) => e.to_string().replace("\n ", " /"),
            }
        };
        if got != want {
            wrong.push(format!("{name}.wat: {line}: got {got}"));
        }
    }
    followed
}

#[test]
fn golden_files_run_as_compiled_code_does() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden");
    let mut followed = 0;
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder").flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|e| e == "wat") {
            let name = path
                .file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            let wat = std::fs::read_to_string(&path).expect("text");
            // A part of a page is for storage in place, which the interpreter has not.
            if wat.contains(" memory_bytes=") {
                continue;
            }
            followed += follow(&name, &wat, &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(followed > 100, "only {followed} directives");
}
