//! Follows the directives of the golden files.
#![allow(unused_imports, dead_code, unused_mut)]
use std::sync::atomic::{AtomicUsize, Ordering};
use wrt_rt::{Trap, Val};

trait Instance {
    fn call(&mut self, name: &str, args: &[Val]) -> Result<Vec<Val>, Trap>;
    fn set_fuel(&mut self, units: u64);
    fn remaining_fuel(&self) -> u64;
}

fn text(values: &[Val]) -> String {
    let value = |v: &Val| match *v {
        Val::I32(v) => v.to_string(),
        Val::I64(v) => v.to_string(),
        Val::F32(v) if v.is_nan() => format!("nan:{:x}", v.to_bits()),
        Val::F64(v) if v.is_nan() => format!("nan:{:x}", v.to_bits()),
        Val::F32(v) => v.to_string(),
        Val::F64(v) => v.to_string(),
        Val::FuncRef(f) => f.index().map_or("null".to_string(), |n| format!("func {n}")),
        Val::ExternRef(e) => e.index().map_or("null".to_string(), |n| format!("extern {n}")),
        other => format!("{other:?}"),
    };
    values.iter().map(value).collect::<Vec<_>>().join(", ")
}

static WRONG: AtomicUsize = AtomicUsize::new(0);

fn same(at: &str, got: &str, want: &str) {
    if got != want {
        println!("{at}: got {got}, expected {want}");
        WRONG.fetch_add(1, Ordering::Relaxed);
    }
}

fn run(at: &str, i: &mut dyn Instance, name: &str, args: &[Val], want: &str) {
    match i.call(name, args) {
        Ok(values) => same(at, &text(&values), want),
        Err(trap) => same(at, &trap.to_string(), want),
    }
}

fn trap(at: &str, i: &mut dyn Instance, name: &str, args: &[Val], want: &str) {
    let got = match i.call(name, args) {
        Ok(values) => text(&values),
        Err(trap) => trap.to_string().replace("\n ", " /"),
    };
    same(at, &got, want);
}

fn fuel(at: &str, i: &mut dyn Instance, name: &str, args: &[Val], want: &str) {
    const MUCH: u64 = 1 << 40;
    i.set_fuel(MUCH);
    let _ = i.call(name, args);
    same(at, &(MUCH - i.remaining_fuel()).to_string(), want);
}

