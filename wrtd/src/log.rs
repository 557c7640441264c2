//! Messages with a level: those of `wrtd` itself, and those of guests that import `wasi:logging`.

use std::fmt;
use std::io::{self, Write};

use anyhow::Result;
use clap::ValueEnum;
use wrt_interp::{Caller, Error, Linker};

use crate::interp::Context;

/// How much a message matters; the levels of `wasi:logging`, and one above all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Level {
    Trace,
    Debug,
    #[default]
    Info,
    Warn,
    Error,
    Critical,
    Off,
}

/// The levels that a message can have, by their number in `wasi:logging`.
const LEVELS: [Level; 6] = [
    Level::Trace,
    Level::Debug,
    Level::Info,
    Level::Warn,
    Level::Error,
    Level::Critical,
];

impl Level {
    /// Prints a message of `level` to standard error if it is at least this. Control characters are escaped.
    pub(crate) fn say(self, level: Level, context: &str, message: impl fmt::Display) {
        if level >= self {
            let level = format!("{level:?}").to_lowercase();
            let line = format!("[{level}] {context}: {message}");
            let mut shown = String::with_capacity(line.len() + 1);
            for c in line.chars() {
                match c.is_control() {
                    true => shown.extend(c.escape_default()),
                    false => shown.push(c),
                }
            }
            shown.push('\n');
            let _ = io::stderr().write_all(shown.as_bytes());
        }
    }
}

/// Defines `wasi:logging/logging`, whose messages of `least` or above are printed: `log(level, context, message)`, as
/// the canonical ABI flattens it.
pub(crate) fn define(linker: &mut Linker<Context>, least: Level) -> Result<()> {
    for module in ["wasi:logging/logging", "wasi:logging/logging@0.1.0-draft"] {
        linker.func_wrap(
            module,
            "log",
            move |mut caller: Caller<'_, Context>,
                  level: u32,
                  context: u32,
                  context_len: u32,
                  message: u32,
                  len: u32| {
                // As other functions do: by the bytes that they look at, before they do anything.
                let units = context_len / 64 + len / 64;
                caller.charge(units).map_err(|e| match e.as_trap() {
                    Some(trap) => Error::Refused(trap.cause()),
                    None => e,
                })?;
                let Some(level) = LEVELS.get(level as usize) else {
                    return Err(Error::trap(0, "wasi:logging: no such level"));
                };
                let Some(memory) = caller.memory() else {
                    return Err(Error::trap(0, "wasi:logging: the module has no memory"));
                };
                let text = |at, len| -> Result<String, Error> {
                    let bytes = memory.get_safe_slice(&caller, at, len)?;
                    Ok(String::from_utf8_lossy(bytes).into_owned())
                };
                let (context, message) = (text(context, context_len)?, text(message, len)?);
                least.say(*level, &context, message);
                Ok(())
            },
        )?;
    }
    Ok(())
}
