//! Stacks as text.

use std::fmt::Write;

use super::{Root, Stack};

/// Prints what is known of a firmware's stack.
pub(crate) fn print(stack: &Stack) -> String {
    let mut out = format!("native stack ({}), in bytes:\n", stack.target);
    for one in &stack.roots {
        root(&mut out, one);
    }
    match deepest(&stack.handlers) {
        _ if stack.handlers.is_empty() => {
            out.push_str("  interrupts are not included: name their handlers with --root\n");
        }
        Some(bytes) => {
            let _ = writeln!(
                out,
                "  interrupts are not included: add at most {bytes} for each that can be active at a time"
            );
        }
        None => {
            out.push_str("  interrupts are not included, and not bounded:\n");
            for one in stack.handlers.iter().filter(|one| one.bytes.is_none()) {
                root(&mut out, one);
            }
        }
    }
    out
}

/// The bytes of the deepest of these, if all are bounded.
fn deepest(roots: &[Root]) -> Option<u64> {
    roots
        .iter()
        .try_fold(0, |most, one| Some(one.bytes?.max(most)))
}

fn root(out: &mut String, root: &Root) {
    let Root { name, bytes, .. } = root;
    let _ = match bytes {
        Some(bytes) => writeln!(out, "  {name}: at most {bytes}"),
        None => writeln!(out, "  {name}: not bounded"),
    };
    for (name, bytes) in &root.path {
        let _ = writeln!(out, "    {bytes:>6}  {name}");
    }
    for reason in &root.reasons {
        let _ = writeln!(out, "    {reason}");
    }
}
