//! Runs a script of assertions on compiled sets, and prints what became of each: `LINE ok`, `LINE no: REASON`.
//!
//! A script has a command per line, its words separated by spaces, strings percent-encoded:
//! ```text
//! new SET KIND N                 makes a set, and the first N instances of it
//! step LINE SET N WANT           instantiates number N of it; WANT is ok or a trap
//! call LINE SET NAME WANT ARG… [= RESULT…]
//! get LINE SET NAME = RESULT
//! drop SET
//! ```
use std::collections::HashMap;
use std::io::Write;
use wrt_rt::{Cause, ExternRef, FuncRef, Trap, Val};

/// A generated instance, whatever it exports.
pub trait Set {
    /// Makes instance number `n` of the set.
    fn step(&mut self, n: usize) -> Result<(), Trap>;
    /// Calls an export.
    fn invoke(&mut self, name: &str, args: &[Val]) -> Result<Vec<Val>, Trap>;
    /// Reads an exported global.
    fn global(&self, name: &str) -> Option<Val>;
}

/// Implements [`Set`] for the instance of a generated module.
#[macro_export]
macro_rules! set {
    ($module:ident; $($n:literal $step:ident)*; $($export:literal $getter:ident)*) => {
        impl $crate::Set for $module::Instance {
            fn step(&mut self, n: usize) -> Result<(), $module::Trap> {
                match n {
                    $($n => self.$step(),)*
                    _ => Err($module::Trap::new($module::Cause::NoSuchExport)),
                }
            }
            fn invoke(&mut self, name: &str, args: &[$module::Val]) -> Result<Vec<$module::Val>, $module::Trap> {
                Ok(self.invoke(name, args)?.to_vec())
            }
            fn global(&self, name: &str) -> Option<$module::Val> {
                match name {
                    $($export => Some(self.$getter().into()),)*
                    _ => None,
                }
            }
        }
    };
}

/// Makes a set by name.
pub type Table = &'static [(&'static str, fn() -> Box<dyn Set>)];

/// Runs the script named by the first argument.
pub fn main(table: Table) {
    let path = std::env::args().nth(1).expect("a script");
    let script = std::fs::read_to_string(path).expect("a readable script");
    // Frames are large without optimisation, and the depth budget, not the stack, is what is tested.
    let run = std::thread::Builder::new().stack_size(512 << 20).spawn(move || all(table, &script));
    run.expect("a thread").join().expect("no panic");
}

fn all(table: Table, script: &str) {
    let mut sets: HashMap<String, Box<dyn Set>> = HashMap::new();
    let out = std::io::stdout();
    for line in script.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["new", set, kind, steps] => {
                let (_, make) = table.iter().find(|(name, _)| *name == kind).expect("a set of this program");
                let mut made = make();
                for n in 0..steps.parse().expect("a number") {
                    made.step(n).expect("the first instances can be made");
                }
                sets.insert(set.to_string(), made);
            }
            ["drop", set] => drop(sets.remove(set)),
            [_, at, set, ..] => {
                let set = sets.get_mut(set).expect("a set that was made");
                let mut out = out.lock();
                match command(set.as_mut(), &words) {
                    Ok(()) => writeln!(out, "{at} ok"),
                    Err(reason) => writeln!(out, "{at} no: {}", reason.replace('\n', " ")),
                }
                .and_then(|()| out.flush())
                .expect("standard output");
            }
            _ => panic!("no command: {line}"),
        }
    }
}

fn command(set: &mut dyn Set, words: &[&str]) -> Result<(), String> {
    match words {
        ["step", _, _, n, want] => {
            let result = set.step(n.parse().expect("a number"));
            wanted(want, result.map(|()| Vec::new()), None)
        }
        ["call", _, _, name, want, rest @ ..] => {
            let at = rest.iter().position(|w| *w == "=");
            let args: Vec<Val> = rest[..at.unwrap_or(rest.len())].iter().map(|w| value(w)).collect();
            let results = set.invoke(&decode(name), &args);
            wanted(want, results, at.map(|at| &rest[at + 1..]))
        }
        ["get", _, _, name, "=", want] => match set.global(&decode(name)) {
            Some(value) => same(&[value], &[*want]),
            None => Err("no such global".to_string()),
        },
        _ => panic!("no command: {words:?}"),
    }
}

fn wanted(want: &str, got: Result<Vec<Val>, Trap>, results: Option<&[&str]>) -> Result<(), String> {
    match (want.split_once(':'), got) {
        (None, Ok(values)) if want == "ok" => results.map_or(Ok(()), |results| same(&values, results)),
        (None, Err(trap)) if want == "exhaust" && trap.cause() == Cause::CallStackExhausted => Ok(()),
        // The suite's text is sometimes longer than the cause (`uninitialized element 2`), sometimes shorter.
        (Some(("trap", text)), Err(trap)) => {
            let (text, got) = (decode(text), trap.message());
            if !text.is_empty() && (got.starts_with(&text) || text.starts_with(got)) {
                return Ok(());
            }
            Err(format!("traps with `{got}`, not `{text}`"))
        }
        (_, Ok(values)) => Err(format!("gives {values:?}, not {}", decode(want))),
        (_, Err(trap)) => Err(format!("traps with `{trap}`")),
    }
}

fn same(values: &[Val], want: &[&str]) -> Result<(), String> {
    if values.len() == want.len() && values.iter().zip(want).all(|(v, w)| matches(*v, w)) {
        return Ok(());
    }
    let bits: Vec<String> = values.iter().map(|v| show(*v)).collect();
    Err(format!("gives {}, not {}", bits.join(" "), want.join(" ")))
}

fn matches(value: Val, want: &str) -> bool {
    match (value, want) {
        (Val::F32(v), "f32:canonical") => v.to_bits() & 0x7fff_ffff == 0x7fc0_0000,
        (Val::F32(v), "f32:arithmetic") => v.to_bits() & 0x7fc0_0000 == 0x7fc0_0000,
        (Val::F64(v), "f64:canonical") => v.to_bits() & (u64::MAX >> 1) == 0x7ff8 << 48,
        (Val::F64(v), "f64:arithmetic") => v.to_bits() & 0x7ff8 << 48 == 0x7ff8 << 48,
        (Val::FuncRef(f), "func:any") => !f.is_null(),
        (Val::ExternRef(e), "extern:any") => !e.is_null(),
        (Val::FuncRef(f), "ref:null") => f.is_null(),
        (Val::ExternRef(e), "ref:null") => e.is_null(),
        _ => show(value) == want,
    }
}

fn show(value: Val) -> String {
    match value {
        Val::I32(v) => format!("i32:{:x}", v as u32),
        Val::I64(v) => format!("i64:{:x}", v as u64),
        Val::F32(v) => format!("f32:{:x}", v.to_bits()),
        Val::F64(v) => format!("f64:{:x}", v.to_bits()),
        Val::FuncRef(f) => f.index().map_or("func:null".to_string(), |n| format!("func:{n:x}")),
        Val::ExternRef(e) => e.index().map_or("extern:null".to_string(), |n| format!("extern:{n:x}")),
        other => format!("{other:?}"),
    }
}

fn value(word: &str) -> Val {
    let (ty, text) = word.split_once(':').expect("a value");
    let bits = u64::from_str_radix(text, 16);
    match (ty, bits) {
        ("i32", Ok(bits)) => Val::I32(bits as u32 as i32),
        ("i64", Ok(bits)) => Val::I64(bits as i64),
        ("f32", Ok(bits)) => Val::F32(f32::from_bits(bits as u32)),
        ("f64", Ok(bits)) => Val::F64(f64::from_bits(bits)),
        ("extern", Ok(bits)) => Val::ExternRef(ExternRef::new(bits as u32)),
        ("extern", Err(_)) => Val::ExternRef(ExternRef::NULL),
        ("func", Err(_)) => Val::FuncRef(FuncRef::NULL),
        _ => panic!("no value: {word}"),
    }
}

/// Undoes the percent-encoding.
fn decode(word: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = word.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|c| char::from(c).to_digit(16)).expect("two digits");
        bytes.push((digit() * 16 + digit()) as u8);
    }
    String::from_utf8(bytes).expect("an encoded string")
}
