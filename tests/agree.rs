//! Every row of the table of instructions on edge operands, compiled and interpreted, against wasmi: the same results,
//! the same traps.
//!
//! An instruction occurs with operands that come from outside, with a constant on either side, and with constants
//! alone, for LLVM folds each of these in its own way. What the compiler itself computes when it folds is compared
//! too. Loads and stores run on the edges of a memory.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use wasmi::{Engine, Linker, Module, Store, TrapCode};
use wrt_compiler::op::{Load, Op, Store as StoreOp, Ty};
use wrt_compiler::{DataLayout, Options, compile};
use wrt_rt::{Cause, Val, ValType};
use wrt_script::package::{self, Level, Package};
use wrt_script::parallel::each;
use wrt_tests::{cargo, runtime, say};

/// A function of the module under test, and the operands to call it on.
struct Case {
    name: String,
    /// NaNs of its result have the operands' bits, or the operation's.
    exact: bool,
    calls: Vec<Vec<Val>>,
    /// What the compiler's own folding says of each call, where it is one instruction.
    folded: Option<Op>,
}

fn edges(ty: ValType) -> Vec<Val> {
    let ints = [
        0,
        1,
        -1,
        2,
        7,
        8,
        31,
        32,
        33,
        63,
        64,
        65,
        127,
        128,
        255,
        256,
        32767,
        32768,
        65535,
        -128,
        1_000_000_007,
    ];
    let f32s = [
        0.0,
        1.0,
        0.5,
        1.5,
        2.5,
        0.499_999_97,
        3.0e-45,
        1.0e-39,
        f32::MIN_POSITIVE,
        f32::MAX,
        f32::INFINITY,
        4_194_304.5,
        8_388_609.0,
        127.5,
        2_147_483_520.0,
        2_147_483_648.0,
        4_294_967_040.0,
        4_294_967_296.0,
        9.223_371_5e18,
        9.223_372e18,
        1.844_674_3e19,
        1.844_674_4e19,
    ];
    let f64s = [
        0.0,
        1.0,
        0.5,
        1.5,
        2.5,
        0.499_999_999_999_999_94,
        5.0e-324,
        1.0e-310,
        f64::MIN_POSITIVE,
        f64::MAX,
        f64::INFINITY,
        3.402_823_567_797_337e38,
        1.000_000_059_604_644_8,
        2_147_483_647.0,
        2_147_483_647.5,
        2_147_483_648.0,
        4_294_967_295.5,
        4_294_967_296.0,
        4_503_599_627_370_497.5,
        9.223_372_036_854_775e18,
        9.223_372_036_854_776e18,
        1.844_674_407_370_955e19,
        1.844_674_407_370_955_2e19,
    ];
    match ty {
        ValType::I32 => {
            let more = [i32::MIN, i32::MIN + 1, i32::MAX, 0x5a5a_5a5a, -0x0102_0304];
            ints.into_iter().chain(more).map(Val::I32).collect()
        }
        ValType::I64 => {
            let more = [
                i64::MIN,
                i64::MIN + 1,
                i64::MAX,
                1 << 31,
                1 << 32,
                -(1 << 31),
                0x5a5a_5a5a_a5a5_a5a5,
            ];
            ints.into_iter()
                .map(i64::from)
                .chain(more)
                .map(Val::I64)
                .collect()
        }
        ValType::F32 => {
            let nans = [0x7fc0_0000, 0x7fa0_0000, 0x7fff_ffff, 0xff80_0001].map(f32::from_bits);
            f32s.into_iter()
                .flat_map(|v| [v, -v])
                .chain(nans)
                .map(Val::F32)
                .collect()
        }
        ValType::F64 => {
            let nans =
                [0x7ff8 << 48, 0x7ff4 << 48, u64::MAX >> 1, 0xfff0 << 48 | 1].map(f64::from_bits);
            f64s.into_iter()
                .flat_map(|v| [v, -v])
                .chain(nans)
                .map(Val::F64)
                .collect()
        }
        other => panic!("no operand of a row is a {other:?}"),
    }
}

/// Constants that LLVM or the compiler could fold with.
fn constants(ty: ValType) -> Vec<Val> {
    match ty {
        ValType::I32 => [0, 1, -1, 32, i32::MIN].map(Val::I32).to_vec(),
        ValType::I64 => [0, 1, -1, 64, i64::MIN].map(Val::I64).to_vec(),
        ValType::F32 => [0.0, -0.0, 1.0, 2.5, f32::from_bits(0x7fa0_0000)]
            .map(Val::F32)
            .to_vec(),
        ValType::F64 => [0.0, -0.0, 1.0, 2.5, f64::from_bits(0x7ff4 << 48)]
            .map(Val::F64)
            .to_vec(),
        other => panic!("no operand of a row is a {other:?}"),
    }
}

fn constant(v: Val) -> String {
    let float = |text: String, negative: bool, nan: Option<u64>| match nan {
        Some(payload) => format!("{}nan:{payload:#x}", if negative { "-" } else { "" }),
        None => text,
    };
    match v {
        Val::I32(v) => format!("(i32.const {v})"),
        Val::I64(v) => format!("(i64.const {v})"),
        Val::F32(v) => {
            let payload = v.is_nan().then_some(u64::from(v.to_bits() & 0x7f_ffff));
            format!(
                "(f32.const {})",
                float(format!("{v:?}"), v.is_sign_negative(), payload)
            )
        }
        Val::F64(v) => {
            let payload = v.is_nan().then_some(v.to_bits() & ((1 << 52) - 1));
            format!(
                "(f64.const {})",
                float(format!("{v:?}"), v.is_sign_negative(), payload)
            )
        }
        other => panic!("no constant: {other:?}"),
    }
}

/// Instructions that only move bits: their NaNs are known to the bit.
fn moves_bits(op: Op) -> bool {
    let text = op.text();
    ["abs", "neg", "copysign"]
        .iter()
        .any(|name| text.ends_with(name))
        || text.contains("reinterpret")
}

fn result_type(op: Op) -> ValType {
    match op.result() {
        Ty::Val(ty) => ty,
        Ty::Bool => ValType::I32,
    }
}

/// Adds a function whose operands are constants where `fixed` has them.
fn add(wat: &mut String, cases: &mut Vec<Case>, op: Op, fixed: &[Option<Val>]) {
    let name = format!("{}#{}", op.text(), cases.len());
    let (mut params, mut body, mut count) = (String::new(), String::new(), 0);
    let mut calls = vec![Vec::new()];
    for (ty, fixed) in op.operands().iter().zip(fixed) {
        match fixed {
            Some(v) => {
                let _ = write!(body, " {}", constant(*v));
            }
            None => {
                let _ = write!(params, " (param {ty})");
                let _ = write!(body, " (local.get {count})");
                count += 1;
                let longer = |call: &Vec<Val>| {
                    let call = call.clone();
                    edges(*ty)
                        .into_iter()
                        .map(move |v| [&call[..], &[v]].concat())
                };
                calls = calls.iter().flat_map(longer).collect();
            }
        }
    }
    let _ = writeln!(
        wat,
        "(func (export {name:?}){params} (result {}) ({}{body}))",
        result_type(op),
        op.text()
    );
    let folded = fixed.iter().all(Option::is_none).then_some(op);
    cases.push(Case {
        name,
        exact: moves_bits(op),
        calls,
        folded,
    });
}

fn rows(wat: &mut String, cases: &mut Vec<Case>) {
    for op in Op::ALL.iter().copied() {
        match op.operands() {
            [a] => {
                add(wat, cases, op, &[None]);
                constants(*a)
                    .into_iter()
                    .for_each(|v| add(wat, cases, op, &[Some(v)]));
            }
            [a, b] => {
                add(wat, cases, op, &[None, None]);
                constants(*a)
                    .into_iter()
                    .for_each(|v| add(wat, cases, op, &[Some(v), None]));
                // Both constant: some pairs of all.
                let (left, right) = (constants(*a), constants(*b));
                for (n, v) in right.iter().enumerate() {
                    add(wat, cases, op, &[None, Some(*v)]);
                    for other in [n, n + 2] {
                        let u = left[other % left.len()];
                        add(wat, cases, op, &[Some(u), Some(*v)]);
                    }
                }
            }
            other => panic!("{} operands", other.len()),
        }
    }
}

/// Loads and stores at both ends of a memory of one page, with offsets that carry beyond 32 bits.
fn accesses(wat: &mut String, cases: &mut Vec<Case>) {
    let addresses = [
        0,
        1,
        7,
        65527,
        65528,
        65529,
        65531,
        65532,
        65533,
        65535,
        65536,
        -1,
        -2,
        -4,
        -8,
        -16,
        i32::MIN,
    ];
    let offsets: [u32; 6] = [0, 1, 8, 65528, 65535, u32::MAX];
    let addresses = || addresses.into_iter().map(|a| vec![Val::I32(a)]);
    for load in Load::ALL {
        for offset in offsets {
            let name = format!("{}@{offset}", load.text());
            let _ = writeln!(
                wat,
                "(func (export {name:?}) (param i32) (result {}) ({} offset={offset} (local.get 0)))",
                load.ty(),
                load.text()
            );
            cases.push(Case {
                name,
                exact: true,
                calls: addresses().collect(),
                folded: None,
            });
        }
    }
    let _ = writeln!(
        wat,
        "(func (export \"sum\") (result i64) (local $i i32) (local $sum i64)
           (loop $next
             (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.load (local.get $i))))
             (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 8))) (i32.const 65536))))
           (local.get $sum))"
    );
    for store in StoreOp::ALL {
        for offset in offsets {
            let name = format!("{}@{offset}", store.text());
            let (ty, text) = (store.ty(), store.text());
            let _ = writeln!(
                wat,
                "(func (export {name:?}) (param i32 {ty}) ({text} offset={offset} (local.get 0) (local.get 1)))"
            );
            let values = [0, 5, usize::MAX].map(|n| edges(ty)[n.min(edges(ty).len() - 1)]);
            let calls = addresses()
                .flat_map(|call| values.map(|v| [&call[..], &[v]].concat()))
                .collect();
            cases.push(Case {
                name,
                exact: true,
                calls,
                folded: None,
            });
        }
        cases.push(Case {
            name: "sum".to_string(),
            exact: true,
            calls: vec![Vec::new()],
            folded: None,
        });
    }
}

fn to_wasmi(v: Val) -> wasmi::Val {
    match v {
        Val::I32(v) => wasmi::Val::I32(v),
        Val::I64(v) => wasmi::Val::I64(v),
        Val::F32(v) => wasmi::Val::F32(wasmi::F32::from_bits(v.to_bits())),
        Val::F64(v) => wasmi::Val::F64(wasmi::F64::from_bits(v.to_bits())),
        other => panic!("no operand: {other:?}"),
    }
}

fn from_wasmi(v: &wasmi::Val) -> Val {
    match v {
        wasmi::Val::I32(v) => Val::I32(*v),
        wasmi::Val::I64(v) => Val::I64(*v),
        wasmi::Val::F32(v) => Val::F32(f32::from_bits(v.to_bits())),
        wasmi::Val::F64(v) => Val::F64(f64::from_bits(v.to_bits())),
        other => panic!("no result: {other:?}"),
    }
}

fn cause(code: TrapCode) -> Cause {
    match code {
        TrapCode::IntegerDivisionByZero => Cause::IntegerDivideByZero,
        TrapCode::IntegerOverflow => Cause::IntegerOverflow,
        TrapCode::BadConversionToInteger => Cause::InvalidConversionToInteger,
        TrapCode::MemoryOutOfBounds => Cause::MemoryOutOfBounds,
        other => panic!("no trap of these instructions: {other:?}"),
    }
}

/// A value in the driver's words.
fn word(v: Val) -> String {
    match v {
        Val::I32(v) => format!("i32:{:x}", v as u32),
        Val::I64(v) => format!("i64:{:x}", v as u64),
        Val::F32(v) => format!("f32:{:x}", v.to_bits()),
        Val::F64(v) => format!("f64:{:x}", v.to_bits()),
        other => panic!("no number: {other:?}"),
    }
}

fn is_nan(v: Val) -> bool {
    matches!(v, Val::F32(v) if v.is_nan()) || matches!(v, Val::F64(v) if v.is_nan())
}

fn is_quiet(v: Val) -> bool {
    match v {
        Val::F32(v) => v.is_nan() && v.to_bits() & (1 << 22) != 0,
        Val::F64(v) => v.is_nan() && v.to_bits() & (1 << 51) != 0,
        _ => false,
    }
}

/// What is expected in place of the bits of a NaN that arithmetic made: any quiet one.
fn expected(case: &Case, v: Val) -> String {
    match v {
        Val::F32(_) if is_nan(v) && !case.exact => "f32:arithmetic".to_string(),
        Val::F64(_) if is_nan(v) && !case.exact => "f64:arithmetic".to_string(),
        _ => word(v),
    }
}

/// The name in the driver's words: all of ours are plain but for these.
fn encode(name: &str) -> String {
    name.replace('#', "%23")
        .replace('@', "%40")
        .replace(' ', "%20")
}

/// Calls everything in wasmi: the script that says the same of us.
fn script(bytes: &[u8], cases: &[Case]) -> String {
    let engine = Engine::default();
    let module = Module::new(&engine, bytes).expect("a valid module");
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine)
        .instantiate_and_start(&mut store, &module)
        .expect("an instance");
    let interp = wrt_interp::Engine::default();
    let ours = wrt_interp::Module::new(&interp, bytes).expect("a valid module");
    let mut ours_in = wrt_interp::Store::new(&interp, ());
    let ours = wrt_interp::Linker::new().instantiate(&mut ours_in, &ours);
    let ours = ours.expect("an instance");
    let mut script = "new s agree 1\n".to_string();
    let mut line = 0;
    for case in cases {
        let func = instance.get_func(&store, &case.name).expect("an export");
        let mut results = vec![wasmi::Val::I32(0); func.ty(&store).results().len()];
        for call in &case.calls {
            let args: Vec<wasmi::Val> = call.iter().map(|v| to_wasmi(*v)).collect();
            let answer = match func.call(&mut store, &args, &mut results) {
                Ok(()) => Ok(results.iter().map(from_wasmi).collect::<Vec<Val>>()),
                Err(e) => Err(cause(e.as_trap_code().expect("a trap"))),
            };
            let interpreted = ours.execute(&mut ours_in, &case.name, call);
            let interpreted = interpreted.map_err(|e| e.as_trap().expect("a trap").cause());
            assert!(
                same(&interpreted, &answer, case.exact),
                "{} of {call:?} is {interpreted:?} interpreted, and {answer:?}",
                case.name
            );
            if let Some(op) = case.folded {
                folded(op, call, &answer, case.exact);
            }
            line += 1;
            let _ = write!(script, "call {line} s {}", encode(&case.name));
            match &answer {
                Ok(values) => {
                    script.push_str(" ok");
                    call.iter().for_each(|v| script.extend([" ", &word(*v)]));
                    script.push_str(" =");
                    values
                        .iter()
                        .for_each(|v| script.extend([" ", &expected(case, *v)]));
                }
                Err(cause) => {
                    script.extend([" trap:", &encode(cause.message())]);
                    call.iter().for_each(|v| script.extend([" ", &word(*v)]));
                }
            }
            script.push('\n');
        }
    }
    script
}

/// Results or traps are the same, but for NaNs that are not known to the bit, which must be quiet in `a`.
fn same(a: &Result<Vec<Val>, Cause>, b: &Result<Vec<Val>, Cause>, exact: bool) -> bool {
    let value =
        |(a, b): (&Val, &Val)| word(*a) == word(*b) || (!exact && is_quiet(*a) && is_nan(*b));
    match (a, b) {
        (Ok(a), Ok(b)) => a.len() == b.len() && a.iter().zip(b).all(value),
        (Err(a), Err(b)) => a == b,
        _ => false,
    }
}

/// The compiler's own folding agrees with `answer`.
fn folded(op: Op, call: &[Val], answer: &Result<Vec<Val>, Cause>, exact: bool) {
    let ours = op.eval(call).expect("operands of its types");
    let ours = ours.map(|v| vec![v]);
    assert!(
        same(&ours, answer, exact),
        "{} of {call:?} folds to {ours:?}, and is {answer:?}",
        op.text()
    );
}

#[test]
fn every_instruction_agrees_with_wasmi() {
    let start = Instant::now();
    let mut wat = "(module (memory 1) (data (i32.const 0) \"\\00\\81\\7f\\ff\\80\\01\\a0\\7f\\f4\\7f\\ff\\ff\\00\\80\\55\\aa\")\n\
                   (data (i32.const 65520) \"\\01\\02\\83\\84\\05\\06\\87\\88\\f9\\7a\\7b\\fc\\fd\\7e\\f0\\ff\")\n"
        .to_string();
    let mut cases = Vec::new();
    rows(&mut wat, &mut cases);
    accesses(&mut wat, &mut cases);
    wat.push(')');
    let bytes = wat::parse_str(&wat).expect("a valid module");
    let script = script(&bytes, &cases);
    let calls = script.lines().count() - 1;
    let Some(cargo) = cargo() else {
        return;
    };
    let mut options = Options::default();
    options.module_name = "agree".to_string();
    options.data = DataLayout::Inline;
    options.split_bytes = 4096;
    let output = compile(&bytes, &options).expect("compiles");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let mut package = Package::new(&target.join("agree-run"), "agree-run", &runtime(), &["std"]);
    for (path, text) in wrt_script::DRIVER {
        package.add(path, *text);
    }
    package.add("src/agree.rs", output.files[0].contents.as_slice());
    package.add(
        "src/main.rs",
        "mod agree;\nagree_run::set! { agree; 0 instantiate_0; }\n\
         fn main() {\n    agree_run::main(&[(\"agree\", |_| Box::new(agree::Instance::uninit()))]);\n}\n",
    );
    package.add("agree.script", script.as_str());
    package.write().expect("the target folder can be written");
    let levels = [Level::O0, Level::O3];
    let built = package.build_at(&cargo, &levels);
    built.unwrap_or_else(|errors| panic!("{errors}"));
    let outputs = each(levels.to_vec(), |level| {
        let mut command = Command::new(package.executable(level, "agree-run"));
        command.arg(package.dir().join("agree.script"));
        package::run(&mut command, Duration::from_secs(120)).expect("runs")
    });
    for (level, output) in levels.iter().zip(outputs) {
        let answers = String::from_utf8_lossy(&output.stdout);
        let wrong: Vec<String> = (script.lines().skip(1).zip(answers.lines()))
            .filter(|(_, answer)| !answer.ends_with(" ok"))
            .map(|(call, answer)| format!("{call}: {answer}"))
            .collect();
        assert!(
            wrong.is_empty(),
            "{}: {} wrong\n{}",
            level.name(),
            wrong.len(),
            wrong[..wrong.len().min(40)].join("\n")
        );
        assert_eq!(
            answers.lines().count(),
            calls,
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    say(&format!(
        "agree: {} functions, {calls} calls at O0 and O3 in {:.0?}",
        cases.len(),
        start.elapsed()
    ));
}
