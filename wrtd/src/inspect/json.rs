//! For programs: one object. What is not bounded is `null`.

use serde_json::{Value, json};

use super::report::{Bounds, Func, Item, Report, Sizes};
use super::stack::{Root, Stack};

pub(crate) fn print(report: &Report, stack: Option<&Stack>) -> String {
    let bounds = report.bounds.iter().map(|bounds| bound(bounds, report));
    let mut report = json!({
        "file": report.file,
        "cost_model": wrt_compiler::op::COST_MODEL,
        "imports": list(&report.imports, item),
        "exports": list(&report.exports, item),
        "memories": list(&report.memories, sizes),
        "tables": list(&report.tables, sizes),
        "functions": list(&report.funcs, func),
        "bounds": bounds.collect::<Vec<Value>>(),
        "max_call_depth": report.budget,
    });
    if let Some(stack) = stack {
        report["native_stack"] = json!({
            "target": stack.target,
            "roots": list(&stack.roots, root),
            "handlers": list(&stack.handlers, root),
        });
    }
    format!("{report:#}\n")
}

fn list<T>(items: &[T], one: fn(&T) -> Value) -> Vec<Value> {
    items.iter().map(one).collect()
}

/// A function of firmware; all numbers are bytes.
fn root(root: &Root) -> Value {
    let path = root.path.iter();
    let path = path.map(|(name, bytes)| json!({"name": name, "bytes": bytes}));
    json!({
        "name": root.name,
        "bytes": root.bytes,
        "path": path.collect::<Vec<Value>>(),
        "not_bounded": root.reasons,
    })
}

fn item(item: &Item) -> Value {
    json!({"name": item.name, "kind": item.kind, "type": item.what})
}

fn sizes(sizes: &Sizes) -> Value {
    json!({
        "element": sizes.element,
        "page_size": sizes.page,
        "min": sizes.min,
        "max": sizes.max,
        "imported": sizes.imported,
        "exported": sizes.exported,
    })
}

fn func(func: &Func) -> Value {
    if func.host {
        return json!({"name": func.name, "type": func.ty, "host": true});
    }
    let indirect = func
        .indirect
        .iter()
        .map(|through| json!({"table": through.table, "type": through.ty, "to": through.to}));
    json!({
        "name": func.name,
        "type": func.ty,
        "host": false,
        "recursive": func.recursive,
        "calls": func.calls,
        "indirect": indirect.collect::<Vec<Value>>(),
        "fuel": func.bound.fuel,
        "between_checks": func.bound.unchecked,
        "stack_slots": func.bound.slots,
        "call_depth": func.bound.depth,
    })
}

fn bound(bounds: &Bounds, report: &Report) -> Value {
    let func = &report.funcs[bounds.func];
    let reasons = bounds.reasons.iter().map(
        |why| json!({"kind": why.kind, "function": why.func, "offset": why.at, "text": why.text}),
    );
    json!({
        "name": bounds.name,
        "function": bounds.func,
        "fuel": func.bound.fuel,
        "between_checks": func.bound.unchecked,
        "dearest_check": func.bound.check,
        "stack_slots": func.bound.slots,
        "call_depth": func.bound.depth,
        "host_calls": bounds.hosts,
        "not_bounded": reasons.collect::<Vec<Value>>(),
    })
}
