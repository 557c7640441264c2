//! What a command came to, held against what a script expects. The same text serves both engines: it is a module of
//! this crate, and of the program that runs compiled modules.
//!
//! Values are words: `i32:ff`, with their bits in hexadecimal, `func:null`, or a pattern such as `f32:canonical`.
//! Strings are percent-encoded.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Write as _;
use wrt_rt::{Cause, ExternRef, FuncRef, Val};

/// Stack slots that each call has; as many as an unoptimised build has by default.
pub(crate) const DEPTH: u32 = 16_384;

/// The word for no results.
pub(crate) const NOTHING: &str = "nothing";

/// What a command came to.
#[derive(Clone, Debug)]
pub(crate) enum Got {
    /// Results.
    Values(Vec<Val>),
    /// A trap, in full.
    Trap(Cause, String),
    /// An instance could not be linked, and why.
    Unlinkable(String),
    /// There is no such export.
    Missing,
}

impl Got {
    /// One word that must be the same in both engines.
    ///
    /// Which quiet NaN an instruction gives is not determined, nor is the number of a function.
    pub(crate) fn word(&self) -> String {
        match self {
            Got::Values(values) if values.is_empty() => NOTHING.to_string(),
            Got::Values(values) => {
                let words = values.iter().map(|value| match *value {
                    Val::F32(v) if v.to_bits() & 0x7fc0_0000 == 0x7fc0_0000 => {
                        "f32:nan".to_string()
                    }
                    Val::F64(v) if v.to_bits() & 0x7ff8 << 48 == 0x7ff8 << 48 => {
                        "f64:nan".to_string()
                    }
                    Val::FuncRef(f) if !f.is_null() => "func:any".to_string(),
                    value => show(value),
                });
                words.collect::<Vec<_>>().join(",")
            }
            Got::Trap(Cause::IncompatibleImport, _) => "unlinkable".to_string(),
            Got::Trap(Cause::NoSuchExport, _) => "missing".to_string(),
            Got::Trap(cause, _) => format!("trap:{}", encode(cause.message())),
            Got::Unlinkable(_) => "unlinkable".to_string(),
            Got::Missing => "missing".to_string(),
        }
    }

    /// What of it is not as it should be. `want` is `ok`, `exhaust`, `trap:` and the message, or `link:` and the
    /// beginning of why not; `results` are words.
    pub(crate) fn check(&self, want: &str, results: Option<&[&str]>) -> Result<(), String> {
        let (kind, text) = want.split_once(':').unwrap_or((want, ""));
        let text = decode(text);
        let good = match (kind, self) {
            ("ok", Got::Values(values)) => results.is_none_or(|results| same(values, results)),
            ("exhaust", Got::Trap(cause, _)) => *cause == Cause::CallStackExhausted,
            // The suite's text is sometimes longer than the cause (`uninitialized element 2`), sometimes shorter.
            ("trap", Got::Trap(cause, _)) => {
                let got = cause.message();
                !text.is_empty() && (got.starts_with(&text) || text.starts_with(got))
            }
            // When a module is compiled, sizes of imports are not known, so that only the instance traps.
            ("link" | "trap", Got::Unlinkable(why)) => !text.is_empty() && why.starts_with(&text),
            ("link", Got::Trap(Cause::IncompatibleImport, _)) => text == "incompatible import type",
            _ => false,
        };
        if good {
            return Ok(());
        }
        let wanted = match (kind, results) {
            ("ok", Some(results)) => format!(", should give {}", list(results)),
            ("ok", None) => String::new(),
            ("exhaust", _) => format!(", should trap with `{}`", Cause::CallStackExhausted),
            ("link", _) => format!(", should be refused with `{text}`"),
            _ => format!(", should trap with `{text}`"),
        };
        let got = match self {
            Got::Values(values) => {
                let values: Vec<String> = values.iter().map(|v| show(*v)).collect();
                format!("gives {}", list(&values))
            }
            Got::Trap(_, text) => format!("traps with `{}`", text.replace("\n ", "")),
            Got::Unlinkable(why) => format!("is refused with `{why}`"),
            Got::Missing => "no such export".to_string(),
        };
        Err(got + &wanted)
    }
}

/// Arguments, and results if any are expected, of ` ARG… [= RESULT…]`.
pub(crate) fn operands<'a>(words: &[&'a str]) -> (Vec<Val>, Option<Vec<&'a str>>) {
    let at = words.iter().position(|w| *w == "=");
    let args = words[..at.unwrap_or(words.len())].iter().map(|w| value(w));
    (args.collect(), at.map(|at| words[at + 1..].to_vec()))
}

fn list<S: AsRef<str>>(words: &[S]) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    if words.is_empty() {
        NOTHING.to_string()
    } else {
        words.join(" ")
    }
}

fn same(values: &[Val], want: &[&str]) -> bool {
    values.len() == want.len() && values.iter().zip(want).all(|(v, w)| matches(*v, w))
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
        Val::FuncRef(f) => f
            .index()
            .map_or("func:null".to_string(), |n| format!("func:{n:x}")),
        Val::ExternRef(e) => e
            .index()
            .map_or("extern:null".to_string(), |n| format!("extern:{n:x}")),
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

/// Percent-encoded: one word of letters, digits and a few signs.
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.' => {
                out.push(char::from(byte))
            }
            _ => {
                let _ = write!(out, "%{byte:02x}");
            }
        }
    }
    out
}

/// Undoes the percent-encoding.
pub(crate) fn decode(word: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = word.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || {
            rest.next()
                .and_then(|c| char::from(c).to_digit(16))
                .expect("two digits")
        };
        bytes.push((digit() * 16 + digit()) as u8);
    }
    String::from_utf8(bytes).expect("an encoded string")
}
