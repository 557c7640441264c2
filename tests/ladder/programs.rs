//! The programs: texts with directives, and guests.

use std::path::Path;
use wasmparser::{FuncType, ValType};
use wrt_compiler::Options;
use wrt_rt::{ExternRef, FuncRef, Val};
use wrt_tests::exposed::Exposed;
use wrt_tests::side::Call;

/// A module and what to call in it.
pub(crate) struct Program {
    /// An identifier.
    pub(crate) name: String,
    pub(crate) module: Exposed,
    pub(crate) calls: Vec<Call>,
    pub(crate) options: Options,
}

/// Guests, and with what argument their `run` is called.
const GUESTS: &[(&str, i32)] = &[
    ("bytes", 1),
    ("collatz", 40),
    ("fib", 9),
    ("hash", 1),
    ("indirect", 1),
    ("interp", 1),
    ("mandelbrot", 2),
    ("matmul", 1),
    ("nbody", 2),
    ("search", 1),
    ("sha256", 1),
    ("sieve", 1),
    ("sort", 1),
    ("tree", 1),
];

/// All programs.
pub(crate) fn programs() -> Vec<Program> {
    let mut programs = Vec::new();
    for folder in ["golden", "ladder"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let entries = std::fs::read_dir(folder).expect("the folder");
        let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        paths.retain(|path| path.extension().is_some_and(|e| e == "wat"));
        paths.sort();
        programs.extend(paths.iter().filter_map(|path| text(path)));
    }
    for (name, bytes) in wrt_tests::guests() {
        let Some((_, n)) = GUESTS.iter().find(|(guest, _)| *guest == name) else {
            continue;
        };
        let call = Call {
            name: "run".to_string(),
            args: vec![Val::I32(*n)],
        };
        programs.push(Program {
            name: format!("guest_{name}"),
            module: Exposed::new(&bytes, false),
            calls: vec![call],
            options: options(),
        });
    }
    programs
}

/// A text, unless the host brings more than the functions of `env`, or an export's name is no word.
fn text(path: &Path) -> Option<Program> {
    let stem = path.file_stem()?.to_string_lossy().into_owned();
    if path.with_extension("host.rs").exists() {
        return None;
    }
    let wat = std::fs::read_to_string(path).expect("text");
    let bytes = wat::parse_str(&wat).unwrap_or_else(|e| panic!("{stem}: {e}"));
    let module = Exposed::new(&bytes, false);
    let calls: Option<Vec<Call>> = wat
        .lines()
        .filter_map(|line| {
            let line = line.strip_prefix(";; ")?;
            let kinds = ["run: ", "trap: ", "fuel: "];
            kinds.iter().find_map(|kind| line.strip_prefix(kind))
        })
        .map(|call| self::call(call, &module.funcs))
        .collect();
    let folder = path.parent()?.file_name()?.to_string_lossy().into_owned();
    Some(Program {
        name: format!("{folder}_{stem}"),
        module,
        calls: calls?,
        options: options(),
    })
}

fn options() -> Options {
    let mut options = Options::default();
    options.canonical_nans = true;
    options
}

/// `NAME(ARGS)`, with or without ` = RESULT` behind it.
fn call(text: &str, funcs: &[(String, FuncType)]) -> Option<Call> {
    let text = text.split(" = ").next()?;
    let (name, args) = text.strip_suffix(')')?.rsplit_once('(')?;
    let (_, ty) = funcs.iter().find(|(func, _)| func == name)?;
    if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return None;
    }
    let words = args.split(", ").filter(|word| !word.is_empty());
    let args = words.zip(ty.params()).map(|(word, ty)| value(word, *ty));
    Some(Call {
        name: name.to_string(),
        args: args.collect::<Option<_>>()?,
    })
}

fn value(word: &str, ty: ValType) -> Option<Val> {
    let bits = word
        .strip_prefix("bits:")
        .map(|bits| u64::from_str_radix(bits, 16));
    Some(match (ty, bits) {
        (ValType::I32, _) => Val::I32(word.parse::<i64>().ok()? as i32),
        (ValType::I64, _) => Val::I64(word.parse().ok()?),
        (ValType::F32, Some(bits)) => Val::F32(f32::from_bits(bits.ok()? as u32)),
        (ValType::F64, Some(bits)) => Val::F64(f64::from_bits(bits.ok()?)),
        (ValType::F32, None) => Val::F32(word.parse().ok()?),
        (ValType::F64, None) => Val::F64(word.parse().ok()?),
        (ty, _) if ty == ValType::EXTERNREF => Val::ExternRef(match word.parse() {
            Ok(n) => ExternRef::new(n),
            Err(_) => ExternRef::NULL,
        }),
        _ => Val::FuncRef(FuncRef::NULL),
    })
}
