//! Values of wasm as text: arguments of `--call`, and its results.
//!
//! `wrtd` uses it, and pastes this file into the programs that `wrtd run --engine aot` builds.

use std::io::{self, ErrorKind, Write};

use wrt_rt::{ExternRef, FuncRef, Val, ValType};

/// The value of type `ty` that `text` says. Integers are decimal or `0x…`, with or without sign; floats are as Rust
/// has them, `inf` and `nan` included; of references there is `null` alone. The error says what is expected.
pub(crate) fn parse(ty: ValType, text: &str) -> Result<Val, &'static str> {
    match ty {
        ValType::I32 => integer(text)
            .and_then(|n| {
                i32::try_from(n)
                    .or_else(|_| u32::try_from(n).map(|n| n as i32))
                    .ok()
            })
            .map(Val::I32)
            .ok_or("an integer from -2147483648 to 4294967295, in decimal or 0x…"),
        ValType::I64 => integer(text)
            .and_then(|n| {
                i64::try_from(n)
                    .or_else(|_| u64::try_from(n).map(|n| n as i64))
                    .ok()
            })
            .map(Val::I64)
            .ok_or(
                "an integer from -9223372036854775808 to 18446744073709551615, in decimal or 0x…",
            ),
        ValType::F32 => text
            .parse()
            .ok()
            .filter(|x: &f32| x.is_finite() || is_special(text))
            .map(Val::F32)
            .ok_or(FLOAT),
        ValType::F64 => text
            .parse()
            .ok()
            .filter(|x: &f64| x.is_finite() || is_special(text))
            .map(Val::F64)
            .ok_or(FLOAT),
        ValType::FuncRef if text == "null" => Ok(Val::FuncRef(FuncRef::NULL)),
        ValType::ExternRef if text == "null" => Ok(Val::ExternRef(ExternRef::NULL)),
        ValType::FuncRef | ValType::ExternRef => Err("null, the only reference that can be given"),
    }
}

const FLOAT: &str = "a number such as -1.5, 3e8, inf or nan";

/// `inf` or `nan`, spelled out: not a number that is too large.
fn is_special(text: &str) -> bool {
    !text.bytes().any(|b| b.is_ascii_digit())
}

fn integer(text: &str) -> Option<i128> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (digits, radix) = match digits.strip_prefix("0x").or(digits.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None => (digits, 10),
    };
    // A second sign would be taken otherwise.
    if !digits.starts_with(|c: char| c.is_ascii_hexdigit()) {
        return None;
    }
    let n = i128::from_str_radix(digits, radix).ok()?;
    Some(if negative { -n } else { n })
}

/// Prints each value on a line of standard output: integers as signed decimals. A reader that went away is no error.
pub(crate) fn print(values: &[Val]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    let mut write = || {
        for value in values {
            match value {
                Val::I32(n) => writeln!(stdout, "{n}")?,
                Val::I64(n) => writeln!(stdout, "{n}")?,
                Val::F32(x) => writeln!(stdout, "{x}")?,
                Val::F64(x) => writeln!(stdout, "{x}")?,
                Val::FuncRef(FuncRef::NULL) | Val::ExternRef(ExternRef::NULL) => {
                    writeln!(stdout, "null")?
                }
                other => writeln!(stdout, "<{}>", other.ty())?,
            }
        }
        stdout.flush()
    };
    match write() {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}
