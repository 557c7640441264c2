//! What is to be called: a function of a module, with arguments of its type.

use std::ffi::OsString;
use std::path::Path;

use anyhow::{Result, anyhow};
use wrt_build::shown;
use wrt_interp::{ExternType, FuncType, Module, Val};

use crate::Refused;
use crate::guest::values;

/// Holding one proves that the module exports the function, and that the arguments are of its type.
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) args: Vec<Val>,
    /// The module is no command, and wants to be initialized first.
    pub(crate) initialize: bool,
}

/// What modules export that are to be initialized before they are called.
pub(crate) const INITIALIZE: &str = "_initialize";

/// How many exports a message lists.
const LISTED: usize = 30;

impl Call {
    /// `_start`, or the function called `name` with `args`. The error says what does not fit, and lists the exports of
    /// the module, which is in `file`, if there is no such function.
    pub(crate) fn of(
        module: &Module,
        file: &str,
        name: Option<&str>,
        args: &[OsString],
    ) -> Result<Call> {
        let refused = |why: &str| Refused(format!("{file}: {why}"));
        let Some(name) = name else {
            if !is_plain(module, "_start") {
                let why = "no function `_start: [] -> []` is exported; --call NAME calls another";
                return Err(anyhow!(exports(module)).context(refused(why)));
            }
            return Ok(Call {
                name: "_start".to_string(),
                args: Vec::new(),
                initialize: false,
            });
        };
        let shown_name = shown(Path::new(name));
        let Some(ty) = func(module, name) else {
            let why = format!("no function `{shown_name}` is exported");
            return Err(anyhow!(exports(module)).context(refused(&why)));
        };
        let types = &ty.params;
        if types.len() != args.len() {
            let plural = if types.len() == 1 { "" } else { "s" };
            let given = match args.len() {
                0 => "none is".to_string(),
                1 => "1 is".to_string(),
                n => format!("{n} are"),
            };
            let n = types.len();
            let why = format!("`{shown_name}: {ty}` takes {n} argument{plural}, and {given} given");
            return Err(refused(&why).into());
        }
        let mut values = Vec::new();
        for (n, (ty, arg)) in types.iter().zip(args).enumerate() {
            let text = arg.to_str().unwrap_or("");
            values.push(values::parse(*ty, text).map_err(|expected| {
                let n = n + 1;
                refused(&format!(
                    "argument {n} of `{shown_name}` is {ty}: {expected}; not {arg:?}"
                ))
            })?);
        }
        Ok(Call {
            name: name.to_string(),
            args: values,
            initialize: is_plain(module, INITIALIZE),
        })
    }
}

fn func(module: &Module, name: &str) -> Option<FuncType> {
    module.exports().find_map(|(export, ty)| match ty {
        ExternType::Func(ty) if export == name => Some(ty),
        _ => None,
    })
}

/// Whether `name` is a function without parameters and results.
fn is_plain(module: &Module, name: &str) -> bool {
    let ty = func(module, name);
    ty.is_some_and(|ty| ty.params.is_empty() && ty.results.is_empty())
}

/// The exports, for a message.
fn exports(module: &Module) -> String {
    let exports = module.exports();
    let lines: Vec<String> = exports
        .map(|(name, ty)| format!("{}: {ty}", shown(Path::new(name))))
        .collect();
    match lines.len().saturating_sub(LISTED) {
        _ if lines.is_empty() => "it exports nothing".to_string(),
        0 => lines.join("\n"),
        hidden => format!("{}\nand {hidden} more", lines[..LISTED].join("\n")),
    }
}
