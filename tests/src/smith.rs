//! Random modules by wasm-smith, and what to call in them.

use crate::exposed::{Exposed, IMPORTS};
use crate::interp::Interp;
use crate::reference::{Reference, common};
use crate::side::{Call, OUT_OF_FUEL, Sums, limits, transcript};
use arbitrary::Unstructured;
use wasm_smith::{Config, InstructionKinds};
use wrt_compiler::Options;
use wrt_rt::{Cause, ExternRef, FuncRef, Val};

/// Units of fuel for the start function, and for each call.
pub const FUEL: u64 = 20_000;
/// The most bytes that a module has.
pub const MAX_BYTES: usize = 1024;

/// A random module and calls of its functions.
pub struct Subject {
    /// The module, and all that it has.
    pub module: Exposed,
    /// Each function once or twice.
    pub calls: Vec<Call>,
    /// It is compared with wasmi: its NaNs are the same in all engines, and wasmi gets it right.
    pub exact: bool,
}

/// The module that `bytes` stand for; `None` if it would be too large, or there are not enough bytes.
pub fn subject(bytes: &[u8]) -> Option<Subject> {
    let mut u = Unstructured::new(bytes);
    let kind = u.int_in_range(0..=3).ok()?;
    let config = config(kind, &mut u).ok()?;
    // The guards that wasm-smith puts before what could trap are `select`s of an `i32.eqz`, which wasmi 2.0.0 now and
    // then gets wrong: it divides by the zero that they guard against, where V8 and we do not.
    let exact = !config.disallow_traps && (config.canonicalize_nans || !config.allow_floats);
    let module = wasm_smith::Module::new(config, &mut u).ok()?;
    let module = module.to_bytes();
    if module.len() > MAX_BYTES {
        return None;
    }
    let module = Exposed::new(&module, true);
    let calls = calls(&module);
    Some(Subject {
        module,
        calls,
        exact,
    })
}

/// Bytes that look random: splitmix64.
pub fn noise(seed: u64, len: usize) -> Vec<u8> {
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut state = seed.wrapping_mul(STEP);
    let mut next = || {
        state = state.wrapping_add(STEP);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    (0..len / 8).flat_map(|_| next().to_le_bytes()).collect()
}

/// What modules of the four kinds may have: floats as they come, floats with one NaN, no floats, or neither floats nor
/// traps.
fn config(kind: u8, u: &mut Unstructured<'_>) -> arbitrary::Result<Config> {
    Ok(Config {
        available_imports: Some(wat::parse_str(IMPORTS).expect("a module")),
        max_imports: if u.arbitrary()? { 4 } else { 0 },
        canonicalize_nans: kind == 1,
        allow_floats: kind < 2,
        disallow_traps: kind == 3,
        export_everything: false,
        max_exports: 0,
        max_funcs: 6,
        min_funcs: 1,
        max_types: 6,
        max_globals: 4,
        max_tables: 3,
        max_memories: 1,
        max_data_segments: 3,
        max_element_segments: 3,
        max_elements: 8,
        max_instructions: 120,
        max_memory32_bytes: 8 << 16,
        memory_max_size_required: true,
        max_table_elements: 64,
        table_max_size_required: true,
        max_values: 4,
        bulk_memory_enabled: true,
        multi_value_enabled: true,
        reference_types_enabled: true,
        saturating_float_to_int_enabled: true,
        sign_extension_ops_enabled: true,
        extended_const_enabled: true,
        custom_page_sizes_enabled: true,
        exceptions_enabled: false,
        gc_enabled: false,
        memory64_enabled: false,
        relaxed_simd_enabled: false,
        shared_everything_threads_enabled: false,
        simd_enabled: false,
        tail_call_enabled: false,
        threads_enabled: false,
        wide_arithmetic_enabled: false,
        allowed_instructions: InstructionKinds::all(),
        ..Config::default()
    })
}

/// Each function once, or twice if it has parameters; the arguments depend on the module alone.
fn calls(module: &Exposed) -> Vec<Call> {
    let mut seed = crate::side::sum(1, &module.bytes);
    let mut pick = |n: usize| {
        seed = seed.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        (seed >> 33) as usize % n
    };
    let mut calls = Vec::new();
    for (name, ty) in &module.funcs {
        for _ in 0..1 + usize::from(!ty.params().is_empty()) {
            let args = ty.params().iter().map(|ty| argument(*ty, &mut pick));
            calls.push(Call {
                name: name.clone(),
                args: args.collect(),
            });
        }
    }
    calls
}

fn argument(ty: wasmparser::ValType, pick: &mut impl FnMut(usize) -> usize) -> Val {
    const INTS: [i64; 10] = [0, 1, -1, 2, 7, 64, 255, 65_535, i32::MIN as i64, i64::MIN];
    const FLOATS: [f64; 8] = [0.0, -0.0, 1.0, -1.5, 1e30, 5e-324, f64::INFINITY, f64::NAN];
    match ty {
        wasmparser::ValType::I32 => Val::I32(INTS[pick(INTS.len())] as i32),
        wasmparser::ValType::I64 => Val::I64(INTS[pick(INTS.len())]),
        wasmparser::ValType::F32 => Val::F32(FLOATS[pick(FLOATS.len())] as f32),
        wasmparser::ValType::F64 => Val::F64(FLOATS[pick(FLOATS.len())]),
        ty if ty == wasmparser::ValType::EXTERNREF => Val::ExternRef(match pick(3) {
            0 => ExternRef::NULL,
            n => ExternRef::new(n as u32),
        }),
        _ => Val::FuncRef(FuncRef::NULL),
    }
}

/// The options of all random modules.
pub fn options() -> Options {
    let mut options = Options::default();
    options.canonical_nans = true;
    options
}

/// What the interpreter says of a subject, line by line.
pub fn interpreted(interp: &Interp, calls: &[Call]) -> Vec<String> {
    let mut run = interp.make(limits(FUEL));
    transcript(&mut run, calls, FUEL, &mut Sums::default())
}

/// How much of a subject was compared with wasmi.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// All of it.
    Whole,
    /// All before a call that ran out of fuel or stack, where wasmi goes on.
    Part,
    /// Nothing: the instance could not be made within the fuel, or the module is not `exact`.
    Nothing,
}

/// Compares the interpreter with wasmi, but for fuel and backtraces. The error is for people.
pub fn against_wasmi(subject: &Subject, interp: &Interp) -> Result<Compared, String> {
    if !subject.exact {
        return Ok(Compared::Nothing);
    }
    let ours = interpreted(interp, &subject.calls);
    let ends = |line: &String| {
        line.contains(OUT_OF_FUEL) || line.contains(Cause::CallStackExhausted.message())
    };
    // A line for the start comes first.
    let (calls, ours) = match ours.iter().position(ends) {
        Some(0) => return Ok(Compared::Nothing),
        Some(n) => (
            &subject.calls[..n - 1],
            interpreted(interp, &subject.calls[..n - 1]),
        ),
        None => (&subject.calls[..], ours),
    };
    let mut wasmi = Reference::new(&subject.module.bytes, 100_000_000)?;
    let theirs = transcript(&mut wasmi, calls, 0, &mut Sums::default());
    for (ours, theirs) in ours.iter().zip(&theirs) {
        if common(ours) != common(theirs) {
            return Err(format!("we say   {ours}\nwasmi says {theirs}"));
        }
    }
    if ours.len() != theirs.len() {
        return Err(format!("we say {ours:#?}\nwasmi says {theirs:#?}"));
    }
    Ok(match calls.len() == subject.calls.len() {
        true => Compared::Whole,
        false => Compared::Part,
    })
}
