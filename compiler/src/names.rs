//! Every identifier of the output, chosen once. No other file makes one from the module's text.
//!
//! ```text
//! add, f3        function: its name, if that is a plain identifier; a Rust symbol's last segment; else its id
//! n, l2          local: the same
//! t4             temporary          p5  parameter of a loop          s6  state of a dispatch loop
//! 'b1, 'l1, 'trap   labels of a block and a loop; of the function's traps
//! g0, t0, m0     global, table, memory: fields of the state and the memories
//! st cx depth fuel m   state, context, depth budget, fuel held, memory bytes
//! q0                   what makes NaNs quiet
//! n0 k0                rounds of a loop without checks: left, and now
//! w1 c1 a1             a window of it; its bytes in this round; where they start
//! e at                 cause and offset of a trap
//! ```
//!
//! Identifiers come from an allow-list: ASCII letters, digits and `_`, at most [`LONGEST`] of them. A keyword
//! gets a trailing `_`, a clash `_f` and the id.

use crate::ir;
use crate::options::{Names as Style, Options};
use crate::set::{FuncId, Set};
use crate::shown::{shown, wanted};
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

const LONGEST: usize = 64;

/// Names that mean something else where functions and locals are named.
const TAKEN: &[&str] = &[
    "st", "cx", "host", "depth", "fuel", "m", "e", "at", "index", "caller", "arm", "enter", "live",
    "main", "check", "call", "core", "wrt_rt", "DATA", "FLASH", "FUNCS", "LIMITS", "Ok", "Err",
    "Some", "None",
];

/// Beginnings of our own names, which end in a number.
const OURS: &[&str] = &[
    "enter_",
    "call_t",
    "instantiate_",
    "lend_memory_",
    "data",
    "ELEM",
];

/// Methods of an instance that exports must not hide.
const METHODS: &[&str] = &[
    "new",
    "uninit",
    "with_limits",
    "set_limits",
    "lend_memory",
    "instantiate",
    "invoke",
    "reset",
    "runtime",
    "runtime_mut",
    "host",
    "host_mut",
    "set_fuel",
    "remaining_fuel",
    "into_host",
    "save",
    "restore",
    "set_verification",
    "enter",
    "clone",
    "drop",
    "into",
    "from",
    "try_into",
    "try_from",
    "borrow",
    "borrow_mut",
    "type_id",
    "caller",
    "exit",
    "trap",
    "raise",
    "bytes",
    "bytes_mut",
    "fmt",
    "depth",
];

/// Types of the output that traits of imports must not hide.
const TYPES: &[&str] = &[
    "State",
    "Memories",
    "Context",
    "Caller",
    "Imports",
    "Instance",
    "Limits",
    "Trap",
    "Trapped",
    "Cause",
    "Val",
    "Run",
    "Fuel",
    "Table",
    "Memory",
    "FixedMemory",
    "LentMemory",
    "FlashMemory",
    "Flash",
    "FixedTable",
    "FuncRef",
    "ExternRef",
    "Values",
    "Result",
    "Option",
    "Access",
    "Externs",
    "Self",
    "T",
    "H",
    "Ok",
    "Err",
    "Some",
    "None",
    "Box",
    "Vec",
    "String",
    "Send",
    "Sync",
    "Sized",
    "Copy",
    "Clone",
    "Drop",
    "Fn",
    "FnMut",
    "FnOnce",
    "Default",
    "Debug",
    "From",
    "Into",
    "Ref",
];

/// Identifiers of a set.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// Functions, by id.
    pub(crate) funcs: Vec<String>,
    /// What a backtrace prints, by id.
    pub(crate) shown: Vec<String>,
    taken: BTreeSet<String>,
    index_only: bool,
}

impl Names {
    /// Chooses the names of all functions of `set`.
    pub(crate) fn new(set: &Set<'_>, options: &Options) -> Names {
        let mut names = Names {
            taken: TAKEN.iter().map(|s| s.to_string()).collect(),
            index_only: options.names == Style::Index,
            ..Names::default()
        };
        let wanted = wanted(set);
        for (id, wanted) in wanted.into_iter().enumerate() {
            let plain = wanted
                .as_deref()
                .and_then(|w| if names.index_only { None } else { plain(w) });
            let name = names.claim(plain, &format!("f{id}"), id);
            names.funcs.push(name);
            names
                .shown
                .push(wanted.map_or_else(|| format!("#{id}"), |w| shown(&w)));
        }
        names
    }

    /// The identifier of a function.
    pub(crate) fn func(&self, id: FuncId) -> &str {
        &self.funcs[id.index()]
    }

    fn claim(&mut self, wanted: Option<String>, fallback: &str, id: usize) -> String {
        let wanted = wanted.unwrap_or_else(|| fallback.to_string());
        if self.taken.insert(wanted.clone()) {
            return wanted;
        }
        // Not `{wanted}_{id}`: `enter_3` is ours.
        let mut name = format!("{wanted}_f{id}");
        while !self.taken.insert(name.clone()) {
            name.push('_');
        }
        name
    }

    /// Identifiers of the variables of one function.
    pub(crate) fn vars(&self, f: &ir::Func) -> Vec<String> {
        let mut used = BTreeSet::new();
        f.vars
            .iter()
            .enumerate()
            .map(|(n, var)| {
                let wanted = var
                    .name
                    .as_deref()
                    .filter(|_| !self.index_only)
                    .and_then(plain);
                if let Some(name) = wanted
                    && !self.taken.contains(&name)
                    && used.insert(name.clone())
                {
                    return name;
                }
                let letter = match var.kind {
                    ir::VarKind::Local => 'l',
                    ir::VarKind::Temp => 't',
                    ir::VarKind::LoopParam => 'p',
                    ir::VarKind::State => 's',
                };
                format!("{letter}{n}")
            })
            .collect()
    }
}

/// `name` as an identifier, if it is a plain one that cannot be taken for one of ours.
pub(crate) fn plain(name: &str) -> Option<String> {
    let mut chars = name.chars();
    let first = chars.next()?;
    let ok = (first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && name.len() <= LONGEST
        && name.chars().any(|c| c != '_');
    // `l3`, `t12`, `enter_7`: the patterns of our own names.
    let numbered = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
    let short = first.is_ascii_lowercase() && name.len() > 1 && chars.all(|c| c.is_ascii_digit());
    let ours = short
        || OURS
            .iter()
            .any(|o| name.strip_prefix(o).is_some_and(numbered));
    (ok && !ours).then(|| unkeyword(name))
}

fn unkeyword(name: &str) -> String {
    // `syn` knows the keywords of every edition but the reserved words that no edition uses yet.
    let word = syn::parse_str::<syn::Ident>(name).is_err()
        || matches!(
            name,
            "gen" | "async" | "await" | "dyn" | "try" | "union" | "macro_rules" | "raw" | "safe"
        );
    if word {
        format!("{name}_")
    } else {
        name.to_string()
    }
}

/// `name` as an identifier, whatever it is: other characters become `_`.
fn squeezed(name: &str, fallback: &str) -> String {
    let mut out = String::new();
    for c in name.chars().take(LONGEST) {
        if c.is_ascii_alphanumeric() {
            out.push(c);
        } else if !out.ends_with('_') {
            out.push('_');
        }
    }
    if !out.bytes().any(|c| c.is_ascii_alphanumeric()) {
        return fallback.to_string();
    }
    if out.starts_with(|c: char| c.is_ascii_digit()) {
        out.insert(0, '_');
    }
    unkeyword(&out)
}

fn snake(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase()
            && out.ends_with(|p: char| p.is_ascii_lowercase() || p.is_ascii_digit())
        {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// A scope of unique identifiers: methods of the instance, traits, methods of a trait, fields.
#[derive(Debug)]
pub(crate) struct Scope {
    taken: BTreeSet<String>,
    number: usize,
}

impl Scope {
    /// Methods of an instance.
    pub(crate) fn methods() -> Scope {
        Scope {
            taken: METHODS.iter().map(|s| s.to_string()).collect(),
            number: 0,
        }
    }

    /// Types.
    pub(crate) fn types() -> Scope {
        Scope {
            taken: TYPES.iter().map(|s| s.to_string()).collect(),
            number: 0,
        }
    }

    /// Parameters of a method of the instance.
    pub(crate) fn params() -> Scope {
        let taken = [
            "self", "host", "depth", "cx", "args", "results", "value", "e", "cause", "name",
        ];
        Scope {
            taken: taken.iter().map(|s| s.to_string()).collect(),
            number: 0,
        }
    }

    /// Anything else.
    pub(crate) fn empty() -> Scope {
        Scope {
            taken: BTreeSet::new(),
            number: 0,
        }
    }

    /// An identifier in lower case for `name`.
    pub(crate) fn value(&mut self, name: &str) -> String {
        let fallback = format!("export_{}", self.number);
        let name = squeezed(&snake(name), &fallback);
        self.unique(name)
    }

    /// An identifier in camel case for `name`.
    pub(crate) fn ty(&mut self, name: &str) -> String {
        let fallback = format!("Module{}", self.number);
        let mut out = String::new();
        for word in squeezed(name, &fallback)
            .split('_')
            .filter(|w| !w.is_empty())
        {
            let mut chars = word.chars();
            out.extend(chars.next().map(|c| c.to_ascii_uppercase()));
            out.push_str(chars.as_str());
        }
        if out.is_empty() || out.starts_with(|c: char| c.is_ascii_digit()) {
            out.insert(0, 'M');
        }
        self.unique(unkeyword(&out))
    }

    /// `name`, which is an identifier, or one like it.
    pub(crate) fn claim(&mut self, name: String) -> String {
        self.unique(name)
    }

    /// Keeps `name` from being chosen.
    pub(crate) fn reserve(&mut self, name: &str) {
        self.taken.insert(name.to_string());
    }

    fn unique(&mut self, name: String) -> String {
        self.number += 1;
        let mut out = name;
        while !self.taken.insert(out.clone()) {
            if self.taken.contains(&format!("{out}_")) {
                out = format!("{out}_{}", self.number);
            } else {
                out.push('_');
            }
        }
        out
    }
}

/// The name of what an export stands for, as methods of the instance are named.
pub(crate) fn export_name(set: &Set<'_>, instance: usize, name: &str) -> String {
    if set.instances.len() == 1 {
        name.to_string()
    } else {
        format!("{}_{name}", set.instances[instance].name)
    }
}
