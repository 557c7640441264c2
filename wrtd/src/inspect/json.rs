//! For programs: one object. What is not bounded is `null`.

use std::fmt::Write;

use super::report::{Bounds, Func, Item, Report, Sizes};

pub(crate) fn print(report: &Report) -> String {
    let mut out = String::from("{\n");
    let _ = writeln!(out, "  \"file\": {},", quoted(&report.file));
    let _ = writeln!(out, "  \"cost_model\": {},", wrt_compiler::op::COST_MODEL);
    list(&mut out, "imports", report.imports.iter().map(item));
    list(&mut out, "exports", report.exports.iter().map(item));
    list(&mut out, "memories", report.memories.iter().map(sizes));
    list(&mut out, "tables", report.tables.iter().map(sizes));
    list(&mut out, "functions", report.funcs.iter().map(func));
    let bounds = report.bounds.iter().map(|b| bound(b, report));
    list(&mut out, "bounds", bounds);
    let budget = optional(report.budget.map(u64::from));
    let _ = writeln!(out, "  \"max_call_depth\": {budget}");
    out.push_str("}\n");
    out
}

/// A member that is a list, an item a line.
fn list(out: &mut String, name: &str, items: impl Iterator<Item = String>) {
    let items: Vec<String> = items.map(|item| format!("\n    {item}")).collect();
    let end = if items.is_empty() { "" } else { "\n  " };
    let _ = writeln!(out, "  \"{name}\": [{}{end}],", items.join(","));
}

fn item(item: &Item) -> String {
    format!(
        "{{\"name\": {}, \"kind\": {}, \"type\": {}}}",
        quoted(&item.name),
        quoted(item.kind),
        quoted(&item.what)
    )
}

fn sizes(sizes: &Sizes) -> String {
    let element = match &sizes.element {
        Some(element) => format!("\"element\": {}, ", quoted(element)),
        None => String::new(),
    };
    format!(
        "{{{element}\"min\": {}, \"max\": {}, \"imported\": {}, \"exported\": {}}}",
        sizes.min,
        optional(sizes.max.map(u64::from)),
        sizes.imported,
        sizes.exported
    )
}

fn func(func: &Func) -> String {
    let name = quoted(&func.name);
    if func.host {
        let ty = quoted(&func.ty);
        return format!("{{\"name\": {name}, \"type\": {ty}, \"host\": true}}");
    }
    let indirect = func.indirect.iter().map(|through| {
        format!(
            "{{\"table\": {}, \"type\": {}, \"to\": {:?}}}",
            through.table,
            quoted(&through.ty),
            through.to
        )
    });
    let indirect: Vec<String> = indirect.collect();
    format!(
        "{{\"name\": {name}, \"type\": {}, \"host\": false, \"recursive\": {}, \"calls\": {:?}, \"indirect\": [{}], {}}}",
        quoted(&func.ty),
        func.recursive,
        func.calls,
        indirect.join(", "),
        numbers(func)
    )
}

fn numbers(func: &Func) -> String {
    let bound = &func.bound;
    format!(
        "\"fuel\": {}, \"between_checks\": {}, \"stack_slots\": {}, \"call_depth\": {}",
        optional(bound.fuel),
        optional(bound.unchecked),
        optional(bound.slots),
        optional(bound.depth)
    )
}

fn bound(bounds: &Bounds, report: &Report) -> String {
    let func = &report.funcs[bounds.func];
    let hosts: Vec<String> = bounds.hosts.iter().map(|name| quoted(name)).collect();
    let reasons = bounds.reasons.iter().map(|why| {
        format!(
            "{{\"kind\": {}, \"function\": {}, \"offset\": {}, \"text\": {}}}",
            quoted(why.kind),
            why.func
                .as_ref()
                .map_or("null".to_string(), |name| quoted(name)),
            optional(why.at.map(u64::from)),
            quoted(&why.text)
        )
    });
    let reasons: Vec<String> = reasons.collect();
    format!(
        "{{\"name\": {}, \"function\": {}, {}, \"dearest_check\": {}, \"host_calls\": [{}], \"not_bounded\": [{}]}}",
        quoted(&bounds.name),
        bounds.func,
        numbers(func),
        func.bound.check,
        hosts.join(", "),
        reasons.join(", ")
    )
}

fn optional(n: Option<u64>) -> String {
    n.map_or("null".to_string(), |n| n.to_string())
}

/// A string of JSON.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        let _ = match c {
            '"' | '\\' => write!(out, "\\{c}"),
            c if c < ' ' => write!(out, "\\u{:04x}", c as u32),
            c => write!(out, "{c}"),
        };
    }
    out.push('"');
    out
}
