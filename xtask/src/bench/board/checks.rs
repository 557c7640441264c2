//! What is built: native code, ours with all checks, and ours with each check taken out. Where no option of the
//! compiler does that, the generated Rust is edited; such code is for measuring alone.

use super::firmware::Variant;
use crate::wrtd::{SILENT, UNMETERED};

pub(super) const NATIVE: Variant = Variant {
    name: "native",
    what: "clang",
    options: None,
    edit: |text| text,
};

/// Ours; the first is what the price of each check refers to.
pub(super) const OURS: &[Variant] = &[
    Variant {
        name: "ours",
        what: "all checks and fuel, no backtrace",
        options: Some(&[SILENT]),
        edit: |text| text,
    },
    Variant {
        name: "free",
        what: "without fuel",
        options: Some(&[SILENT, UNMETERED]),
        edit: |text| text,
    },
    Variant {
        name: "unbounded",
        what: "without bounds checks",
        options: Some(&[SILENT]),
        edit: unbounded,
    },
    Variant {
        name: "deep",
        what: "without checks of the call depth",
        options: Some(&[SILENT]),
        edit: deep,
    },
    Variant {
        name: "loud",
        what: "without marks that quiet NaNs",
        options: Some(&[SILENT]),
        edit: loud,
    },
    Variant {
        name: "bare",
        what: "without any of these",
        options: Some(&[SILENT, UNMETERED]),
        edit: |text| loud(deep(unbounded(text))),
    },
    Variant {
        name: "functions",
        what: "with backtraces of functions",
        options: Some(&["--backtrace=functions"]),
        edit: |text| text,
    },
];

/// Loads and stores that trust their addresses, under the name of the runtime's trait.
const UNBOUNDED: &str = "
trait Access {
    fn at<const N: usize>(&self, addr: i32, offset: u32) -> [u8; N];
    fn set<const N: usize>(&mut self, addr: i32, offset: u32, bytes: [u8; N]);
    LOADS
    STORES
}
impl<const LEN: usize> Access for [u8; LEN] {
    #[inline(always)]
    fn at<const N: usize>(&self, addr: i32, offset: u32) -> [u8; N] {
        // SAFETY: the kernels stay within their memory.
        unsafe { self.as_ptr().add((addr as u32).wrapping_add(offset) as usize).cast::<[u8; N]>().read() }
    }
    #[inline(always)]
    fn set<const N: usize>(&mut self, addr: i32, offset: u32, bytes: [u8; N]) {
        // SAFETY: as above.
        unsafe { self.as_mut_ptr().add((addr as u32).wrapping_add(offset) as usize).cast::<[u8; N]>().write(bytes) }
    }
}
";

/// Each load and store: its name, its type, the type in memory.
const LOADS: &[(&str, &str, &str)] = &[
    ("i32_load", "i32", "i32"),
    ("i64_load", "i64", "i64"),
    ("f32_load", "f32", "f32"),
    ("f64_load", "f64", "f64"),
    ("i32_load8_s", "i32", "i8"),
    ("i32_load8_u", "i32", "u8"),
    ("i32_load16_s", "i32", "i16"),
    ("i32_load16_u", "i32", "u16"),
    ("i64_load8_u", "i64", "u8"),
    ("i64_load16_u", "i64", "u16"),
    ("i64_load32_s", "i64", "i32"),
    ("i64_load32_u", "i64", "u32"),
];
const STORES: &[(&str, &str, &str)] = &[
    ("i32_store", "i32", "i32"),
    ("i64_store", "i64", "i64"),
    ("f32_store", "f32", "f32"),
    ("f64_store", "f64", "f64"),
    ("i32_store8", "i32", "u8"),
    ("i32_store16", "i32", "u16"),
    ("i64_store8", "i64", "u8"),
    ("i64_store16", "i64", "u16"),
    ("i64_store32", "i64", "u32"),
];

fn unbounded(text: String) -> String {
    let loads: String = LOADS
        .iter()
        .map(|(name, ty, stored)| {
            format!(
                "#[inline(always)] fn {name}(&self, addr: i32, offset: u32) -> Result<{ty}, Cause> {{ Ok(<{stored}>::from_le_bytes(self.at(addr, offset)) as {ty}) }}\n"
            )
        })
        .collect();
    let stores: String = STORES
        .iter()
        .map(|(name, ty, stored)| {
            format!(
                "#[inline(always)] fn {name}(&mut self, addr: i32, offset: u32, v: {ty}) -> Result<(), Cause> {{ self.set(addr, offset, (v as {stored}).to_le_bytes()); Ok(()) }}\n"
            )
        })
        .collect();
    let access = UNBOUNDED
        .replace("LOADS", &loads)
        .replace("STORES", &stores);
    text.replace("#![forbid(unsafe_code)]\n", "")
        .replace("use wrt_rt::{Access, ", "use wrt_rt::{")
        + &access
}

/// Each `check!('trap, enter(depth, N))` becomes `depth`.
fn deep(text: String) -> String {
    without(&text, "check!('trap, enter(depth, ", "))", "depth")
}

/// Each `q0.f32(` becomes `(`.
fn loud(text: String) -> String {
    text.replace("q0.f32(", "(").replace("q0.f64(", "(")
}

/// The text with everything from `start` to the next `end` replaced.
fn without(text: &str, start: &str, end: &str, by: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(start) {
        let Some((_, after)) = after.split_once(end) else {
            break;
        };
        out.push_str(before);
        out.push_str(by);
        rest = after;
    }
    out + rest
}
