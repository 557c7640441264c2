//! A flame graph of fuel by function. In goes the tree of calls that the interpreter noted, out comes an SVG; being
//! fuel, it is the same on every machine, byte for byte.

use std::io::{self, Write};
use std::path::Path;

use anyhow::{Result, anyhow};
use inferno::flamegraph::{self, Options};
use wrt_build::{File, shown};
use wrt_interp::ProfileNode;

/// Draws the profile of the module in the file `name` to `file`. Where no fuel was used there is nothing to draw, and
/// a message says so.
pub(crate) fn write(file: &Path, name: &str, nodes: &[ProfileNode]) -> Result<()> {
    let lines = folded(nodes);
    if lines.is_empty() {
        let _ = writeln!(
            io::stderr(),
            "wrtd: {}: not written: no fuel was used",
            shown(file)
        );
        return Ok(());
    }
    let mut options = Options::default();
    options.title = format!("Fuel of {name}");
    options.count_name = "units of fuel".to_string();
    options.name_type = "Function:".to_string();
    // Colours by name, not by chance.
    options.deterministic = true;
    let mut contents = Vec::new();
    flamegraph::from_lines(
        &mut options,
        lines.iter().map(String::as_str),
        &mut contents,
    )
    .map_err(|e| anyhow!("cannot draw the flame graph: {e}"))?;
    crate::write::files(
        file,
        &[File {
            name: String::new(),
            contents,
        }],
    )
}

/// What uses less than one in so many parts, callees included, counts as part of its caller: it would be too narrow to
/// be seen.
const PARTS: u128 = 20_000;

/// A line for each stack of calls that used fuel itself: `outer;inner 12`, in a fixed order.
fn folded(nodes: &[ProfileNode]) -> Vec<String> {
    let mut own: Vec<u64> = nodes.iter().map(|node| node.fuel).collect();
    let mut all = own.clone();
    // Callers come first.
    for (n, node) in nodes.iter().enumerate().rev() {
        if let Some(parent) = node.parent.filter(|parent| *parent < n) {
            all[parent] = all[parent].saturating_add(all[n]);
        }
    }
    let whole: u128 = own.iter().map(|fuel| u128::from(*fuel)).sum();
    for (n, node) in nodes.iter().enumerate().rev() {
        if let (Some(parent), true) = (node.parent, u128::from(all[n]) * PARTS < whole) {
            own[parent] = own[parent].saturating_add(own[n]);
            own[n] = 0;
        }
    }
    let mut stacks: Vec<String> = Vec::with_capacity(nodes.len());
    let mut lines = Vec::new();
    for (n, node) in nodes.iter().enumerate() {
        if u128::from(all[n]) * PARTS < whole {
            stacks.push(String::new());
            continue;
        }
        // A semicolon would end the name.
        let name = node.name.replace(';', ":");
        let outer = node.parent.and_then(|parent| stacks.get(parent));
        let stack = match outer {
            Some(outer) => format!("{outer};{name}"),
            None => name,
        };
        if own[n] > 0 {
            lines.push(format!("{stack} {}", own[n]));
        }
        stacks.push(stack);
    }
    lines.sort();
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stacks_are_folded_and_what_is_tiny_is_its_callers() {
        let node = |parent, name: &str, fuel| ProfileNode {
            parent,
            func: 0,
            name: name.to_string(),
            module: String::new(),
            fuel,
            calls: 1,
        };
        let nodes = [
            node(None, "main", 5),
            node(Some(0), "b;c", 100_000),
            node(Some(0), "a", 0),
            node(Some(2), "b;c", 20),
            node(Some(1), "tiny", 1),
            node(Some(4), "tinier", 2),
        ];
        assert_eq!(
            folded(&nodes),
            ["main 5", "main;a;b:c 20", "main;b:c 100003"]
        );
        assert!(folded(&[node(None, "main", 0)]).is_empty());
    }
}
