//! A running instance as the runners look at it, whichever engine runs it: calls, fuel, and everything that can
//! change. All that is printed of it is printed here, so that answers are compared as text.
//!
//! The generated packages have this file too, so it needs `wrt_rt` alone.

use std::fmt::Write as _;
use wrt_rt::{ExternRef, FuncRef, Limits, Val};

/// An instance, ready to be started.
pub trait Side {
    /// Instantiates, and runs the start function. The error is the trap as it prints.
    fn start(&mut self) -> Result<(), String>;
    /// Calls an export. The error is the trap as it prints.
    fn call(&mut self, name: &str, args: &[Val]) -> Result<Vec<Val>, String>;
    /// Sets the fuel that remains.
    fn set_fuel(&mut self, units: u64);
    /// The fuel that remains.
    fn fuel(&self) -> u64;
    /// What the host functions act on.
    fn host(&self) -> u64;
    /// All globals.
    fn globals(&self) -> Vec<Val>;
    /// All elements of each table.
    fn tables(&self) -> Vec<Vec<Val>>;
    /// Takes the sums of all memories, in order.
    fn memories(&self, sums: &mut Sums);
}

/// Makes an instance within these limits.
pub type Make = fn(Limits) -> Box<dyn Side>;

/// A call of an export.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The export.
    pub name: String,
    /// Its arguments.
    pub args: Vec<Val>,
}

/// The bounds of every instance here: the stack of a thread is not what is tested.
pub fn limits(fuel: u64) -> Limits {
    Limits {
        fuel,
        depth: 8192,
        memory_pages: 256,
        table_elements: 4096,
    }
}

/// The text of a trap for want of fuel begins with this.
pub const OUT_OF_FUEL: &str = "all fuel consumed";

/// What a run did by the time it ended or stopped.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// Calls that ended.
    pub done: usize,
    /// The sum of all results.
    pub results: u64,
    /// How the last call ended: its results, or the trap in one line.
    pub last: String,
}

impl Progress {
    /// A call ended in `outcome`. Whether it was for want of fuel.
    pub fn note(&mut self, outcome: &Result<Vec<Val>, String>) -> bool {
        self.last = match outcome {
            Ok(values) => words(values),
            Err(trap) => trap.replace('\n', " /"),
        };
        if self.last.starts_with(OUT_OF_FUEL) {
            return true;
        }
        self.done += 1;
        self.results = sum(self.results, self.last.as_bytes());
        false
    }
}

/// Makes all `calls` on an instance with `fuel` units for all of them together, and says where that leads.
pub fn rung(side: &mut dyn Side, calls: &[Call], fuel: u64, sums: &mut Sums) -> String {
    side.set_fuel(fuel);
    let mut progress = Progress::default();
    for call in calls {
        let outcome = side.call(&call.name, &call.args);
        if progress.note(&outcome) {
            break;
        }
    }
    line(side, &progress, sums)
}

/// Progress and state in one line.
pub fn line(side: &dyn Side, progress: &Progress, sums: &mut Sums) -> String {
    format!(
        "{} done, sum {:x}, {}, {}",
        progress.done,
        progress.results,
        state(side, sums),
        progress.last
    )
}

/// Everything that a run can change, in one line: fuel, the host's state, and sums of globals, tables and memories.
pub fn state(side: &dyn Side, sums: &mut Sums) -> String {
    let globals = sum(0, words(&side.globals()).as_bytes());
    let tables: Vec<String> = side.tables().iter().map(|table| words(table)).collect();
    let tables = sum(0, tables.join(";").as_bytes());
    sums.at = 0;
    side.memories(sums);
    let memories: Vec<String> = sums.seen[..sums.at].iter().map(Seen::text).collect();
    format!(
        "fuel {}, host {:x}, globals {globals:x}, tables {tables:x}, memories {}",
        side.fuel(),
        side.host(),
        memories.join(" ")
    )
}

/// Instantiates with `fuel` units and makes all `calls` with as much each: a line for each, and one for the state.
pub fn transcript(side: &mut dyn Side, calls: &[Call], fuel: u64, sums: &mut Sums) -> Vec<String> {
    if let Err(trap) = side.start() {
        return vec![format!(
            "fuel {}, {}",
            side.fuel(),
            trap.replace('\n', " /")
        )];
    }
    let mut lines = vec![format!("fuel {}", side.fuel())];
    for call in calls {
        side.set_fuel(fuel);
        let mut progress = Progress::default();
        progress.note(&side.call(&call.name, &call.args));
        lines.push(format!("fuel {}, {}", side.fuel(), progress.last));
    }
    lines.push(words(&side.globals()));
    lines.extend(side.tables().iter().map(|table| words(table)));
    lines.push(state(side, sums));
    lines
}

/// With how much fuel a program that takes `total` is run: one unit more each time up to `dense`, then in 200 steps, or
/// fewer if the program is long, and about the total.
pub fn rungs(total: u64, dense: u64) -> Vec<u64> {
    let mut rungs: Vec<u64> = (1..=dense.min(total + 1)).collect();
    if total <= dense {
        return rungs;
    }
    let steps = (20_000_000 / total).clamp(4, 200);
    // Odd, so that it meets the loops of a program at different places.
    let step = ((total - dense) / steps) | 1;
    let mut n = dense + step;
    while n + 1 < total {
        rungs.push(n);
        n += step;
    }
    // The first may be there already.
    rungs.retain(|n| *n < total - 1);
    rungs.extend(total - 1..=total + 1);
    rungs
}

/// Sums of memories, which remember what they are of, since from one run to the next little changes.
#[derive(Debug, Default)]
pub struct Sums {
    seen: Vec<Seen>,
    at: usize,
}

#[derive(Debug, Default)]
struct Seen {
    bytes: Vec<u8>,
    sums: Vec<u64>,
}

/// Bytes with a sum of their own.
const CHUNK: usize = 1024;

impl Sums {
    /// Takes the sum of the next memory.
    pub fn add(&mut self, bytes: &[u8]) {
        if self.at == self.seen.len() {
            self.seen.push(Seen::default());
        }
        self.seen[self.at].update(bytes);
        self.at += 1;
    }
}

impl Seen {
    fn update(&mut self, bytes: &[u8]) {
        let known = self.bytes.len() / CHUNK;
        self.sums.resize(bytes.len().div_ceil(CHUNK), 0);
        self.bytes.resize(bytes.len(), 0);
        for (n, (new, old)) in (bytes.chunks(CHUNK).zip(self.bytes.chunks_mut(CHUNK))).enumerate() {
            if n >= known || new != old {
                self.sums[n] = sum(0, new);
                old.copy_from_slice(new);
            }
        }
    }

    fn text(&self) -> String {
        let sums = self.sums.iter().flat_map(|n| n.to_le_bytes());
        let bytes: Vec<u8> = sums.collect();
        format!("{}:{:x}", self.bytes.len(), sum(0, &bytes))
    }
}

/// Adds `bytes` to a sum in which order counts.
pub fn sum(before: u64, bytes: &[u8]) -> u64 {
    let step = |sum: u64, n: u64| {
        (sum ^ n)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .rotate_left(29)
    };
    let (words, rest) = bytes.as_chunks::<8>();
    let mut sum = words
        .iter()
        .fold(before, |sum, word| step(sum, u64::from_le_bytes(*word)));
    for byte in rest {
        sum = step(sum, u64::from(*byte) | 256);
    }
    sum
}

/// Values as words with spaces between, bits in hexadecimal digits: `i32:2a func:null`.
pub fn words(values: &[Val]) -> String {
    let mut out = String::new();
    for value in values {
        let space = if out.is_empty() { "" } else { " " };
        let index = |n: Option<u32>| n.map_or("null".to_string(), |n| format!("{n:x}"));
        let _ = match *value {
            Val::I32(v) => write!(out, "{space}i32:{:x}", v as u32),
            Val::I64(v) => write!(out, "{space}i64:{:x}", v as u64),
            Val::F32(v) => write!(out, "{space}f32:{:x}", v.to_bits()),
            Val::F64(v) => write!(out, "{space}f64:{:x}", v.to_bits()),
            Val::FuncRef(f) => write!(out, "{space}func:{}", index(f.index())),
            Val::ExternRef(e) => write!(out, "{space}extern:{}", index(e.index())),
            other => write!(out, "{space}{other:?}"),
        };
    }
    out
}

/// The value that a word means.
pub fn value(word: &str) -> Val {
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

/// What the functions of module `env` act on: each answers by its arguments and by all calls before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Host(pub u64);

impl Host {
    /// Calls the function `name`. The error is the code of its trap.
    pub fn call(&mut self, name: &str, args: &[Val]) -> Result<Vec<Val>, i32> {
        Ok(match (name, args) {
            ("mix", [Val::I32(a), Val::I64(b)]) => vec![Val::I64(self.mix(*a, *b))],
            ("note", [Val::I32(a)]) => {
                self.note(*a);
                Vec::new()
            }
            ("pick", []) => vec![Val::I32(self.pick())],
            ("real", [Val::F32(a), Val::F64(b)]) => vec![Val::F64(self.real(*a, *b))],
            ("pair", [Val::I64(a)]) => {
                let (n, x) = self.pair(*a);
                vec![Val::I32(n), Val::F32(x)]
            }
            ("refuse", [Val::I32(a)]) => match self.refuse(*a) {
                Some(code) => return Err(code),
                None => Vec::new(),
            },
            _ => panic!("no function {name} of {args:?}"),
        })
    }

    fn next(&mut self, arg: u64) -> u64 {
        self.0 = sum(self.0, &arg.to_le_bytes());
        self.0
    }

    /// `mix: [i32 i64] -> [i64]`
    pub fn mix(&mut self, a: i32, b: i64) -> i64 {
        self.next(a as u64);
        self.next(b as u64) as i64
    }

    /// `note: [i32] -> []`
    pub fn note(&mut self, a: i32) {
        self.next(a as u64);
    }

    /// `pick: [] -> [i32]`, a small number
    pub fn pick(&mut self) -> i32 {
        (self.next(1) % 32) as i32
    }

    /// `real: [f32 f64] -> [f64]`, no NaN
    pub fn real(&mut self, a: f32, b: f64) -> f64 {
        self.next(u64::from(a.to_bits()));
        (self.next(b.to_bits()) % 4096) as f64 / 8.0
    }

    /// `pair: [i64] -> [i32 f32]`, no NaN
    pub fn pair(&mut self, a: i64) -> (i32, f32) {
        let n = self.next(a as u64);
        (n as i32, (n % 512) as f32 / 4.0)
    }

    /// `refuse: [i32] -> []`: now and then it traps, with this code
    pub fn refuse(&mut self, a: i32) -> Option<i32> {
        let n = self.next(a as u64);
        n.is_multiple_of(8).then_some(a)
    }
}

/// The message of that trap.
pub const REFUSED: &str = "the host refuses";
