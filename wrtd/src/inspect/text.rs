//! For people.

use std::fmt::Write;

use super::report::{Bounds, Func, Item, Report, Sizes};

pub(crate) fn print(report: &Report) -> String {
    let mut out = String::new();
    let imported = report.funcs.iter().filter(|f| f.host).count();
    let own = report.funcs.len() - imported;
    let _ = writeln!(
        out,
        "{}: {} of its own, {imported} imported; cost model {}",
        report.file,
        count(own as u64, "function"),
        wrt_compiler::op::COST_MODEL
    );
    items(&mut out, "Imports", &report.imports);
    items(&mut out, "Exports", &report.exports);
    sizes(&mut out, "Memories", "page", &report.memories);
    sizes(&mut out, "Tables", "element", &report.tables);
    calls(&mut out, &report.funcs);
    if !report.bounds.is_empty() {
        out.push_str("\nBounds of a call\n");
    }
    for bounds in &report.bounds {
        bound(&mut out, report, bounds);
    }
    out
}

fn items(out: &mut String, heading: &str, items: &[Item]) {
    if items.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{heading}");
    for item in items {
        let _ = writeln!(out, "  {}: {}, {}", item.name, item.kind, item.what);
    }
}

fn sizes(out: &mut String, heading: &str, unit: &str, list: &[Sizes]) {
    if list.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{heading}");
    for (n, sizes) in list.iter().enumerate() {
        let _ = write!(out, "  {n}: {} at first", count(sizes.min.into(), unit));
        match sizes.max {
            Some(max) if max == sizes.min => out.push_str(", no more"),
            Some(max) => {
                let _ = write!(out, ", {} at most", grouped(max.into()));
            }
            None => out.push_str(", no most is declared"),
        }
        let _ = match &sizes.element {
            Some(element) => write!(out, "; {element}"),
            None => {
                let page = sizes.page.unwrap_or_default();
                let bytes = u64::from(sizes.min) * u64::from(page);
                write!(out, "; {} bytes", grouped(bytes))
            }
        };
        for (is, word) in [(sizes.imported, "imported"), (sizes.exported, "exported")] {
            if is {
                let _ = write!(out, "; {word}");
            }
        }
        out.push('\n');
    }
}

fn calls(out: &mut String, funcs: &[Func]) {
    let own = || funcs.iter().filter(|f| !f.host);
    if own().next().is_none() {
        return;
    }
    let quiet = |f: &&Func| f.calls.is_empty() && f.indirect.is_empty();
    out.push_str("\nCalls\n");
    for func in own().filter(|f| !quiet(f)) {
        let mut callees: Vec<String> = func.calls.iter().map(|n| funcs[*n].name.clone()).collect();
        for through in &func.indirect {
            let to: Vec<&str> = through.to.iter().map(|n| funcs[*n].name.as_str()).collect();
            let to = match to.is_empty() {
                true => "nothing".to_string(),
                false => to.join(", "),
            };
            let (ty, table) = (&through.ty, through.table);
            callees.push(format!("through table {table} at {ty} ({to})"));
        }
        let recursive = if func.recursive { "; recursive" } else { "" };
        let _ = writeln!(out, "  {}: {}{recursive}", func.name, callees.join(", "));
    }
    let quiet = own().filter(quiet).count();
    if quiet > 0 {
        let call = if quiet == 1 { "calls" } else { "call" };
        let _ = writeln!(
            out,
            "  {} that {call} nothing",
            count(quiet as u64, "function")
        );
    }
}

fn bound(out: &mut String, report: &Report, bounds: &Bounds) {
    let func = &report.funcs[bounds.func];
    let _ = writeln!(out, "  {}: {}", bounds.name, func.ty);
    if func.host {
        let _ = writeln!(out, "    a function of the host");
        return;
    }
    let known = |n: Option<u64>| match n {
        Some(n) => format!("at most {}", grouped(n)),
        None => "not bounded".to_string(),
    };
    let bound = &func.bound;
    let mut fuel = known(bound.fuel);
    if !bounds.hosts.is_empty() {
        fuel += &format!(", besides what is charged in {}", bounds.hosts.join(", "));
    }
    let slots = match (bound.slots, report.budget) {
        (None, Some(budget)) => format!("at most {}, the budget", grouped(budget.into())),
        (Some(slots), Some(budget)) if slots > budget.into() => {
            format!(
                "{}, above the budget of {}",
                known(Some(slots)),
                grouped(budget.into())
            )
        }
        (slots, _) => known(slots),
    };
    let lines = [
        ("fuel", fuel),
        ("between checks", known(bound.unchecked)),
        ("dearest check", grouped(bound.check)),
        ("stack slots", slots),
        ("depth of calls", known(bound.depth)),
    ];
    for (what, number) in lines {
        let _ = writeln!(out, "    {what:16}{number}");
    }
    if !bounds.reasons.is_empty() {
        out.push_str("    not bounded for\n");
    }
    for why in &bounds.reasons {
        let _ = writeln!(out, "      {}", why.text);
    }
}

pub(crate) fn count(n: u64, unit: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {unit}{plural}", grouped(n))
}

/// `1234567` as `1,234,567`.
pub(crate) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn digits_are_grouped() {
        let cases = [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (1234567, "1,234,567"),
        ];
        for (n, text) in cases {
            assert_eq!(super::grouped(n), text);
        }
    }
}
