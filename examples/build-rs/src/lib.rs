//! A module translated by a build script, and all that a host does with it.
//!
//! `build.rs` calls `wrt_build::Build::new("plugin.wat")`, which writes `plugin.rs` to `OUT_DIR`; one `include!` makes
//! a Rust module of it. Exports of the wasm module are methods of [`plugin::Instance`], what it imports from `"host"`
//! is the trait [`plugin::Host`], and a trap is a [`plugin::Trap`].
//!
//! The host here reads the guest's memory, calls back into the guest while the guest calls it, traps with a cause of
//! its own, bounds the guest's time by fuel, and makes a trapped instance fresh again.

include!(concat!(env!("OUT_DIR"), "/plugin.rs"));

use plugin::{Caller, Instance, Limits, Trap, Trapped};

/// The code of the trap with which [`Lines`] refuses a line.
pub const TOO_LONG: i32 = 1;

/// Collects the lines that the plugin hands over, but for empty ones.
#[derive(Debug, Default)]
pub struct Lines {
    /// The lines, numbered.
    pub lines: Vec<String>,
    /// Longest line that is taken, in bytes.
    pub longest: Option<i32>,
}

impl plugin::Host for Lines {
    fn line(
        &mut self,
        caller: &mut Caller<'_>,
        number: i32,
        start: i32,
        len: i32,
    ) -> Result<(), Trapped> {
        if self.longest.is_some_and(|longest| len > longest) {
            // Ends the call of the export with a cause of our own.
            return Err(caller.trap(TOO_LONG, "line too long"));
        }
        // A range that the guest made up traps, as it would in the guest.
        let text = match caller.memory().get(start as u32, len as u32) {
            Ok(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Err(cause) => return Err(caller.raise(Trap::new(cause))),
        };
        self.lines.push(format!("{number}: {text}"));
        Ok(())
    }

    fn wanted(&mut self, caller: &mut Caller<'_>, start: i32, len: i32) -> Result<i32, Trapped> {
        // A call back into the instance that is calling us.
        let spaces = caller.count(self, start, len, i32::from(b' '))?;
        Ok(i32::from(spaces < len))
    }
}

/// Numbers the lines of `text` that are not empty.
pub fn number(text: &str) -> Result<Vec<String>, Trap> {
    let mut instance = Instance::new(Lines::default())?;
    load(&mut instance, text)?;
    instance.number(text.len() as i32)?;
    Ok(instance.into_host().lines)
}

/// Puts `text` into the plugin's memory.
pub fn load(instance: &mut Instance<Lines>, text: &str) -> Result<(), Trap> {
    let at = instance.text() as u32;
    Ok(instance.memory_mut().write(at, text.as_bytes())?)
}

/// An instance that has `fuel` units, each about one instruction, and no more than two pages of memory.
pub fn bounded(fuel: u64) -> Result<Instance<Lines>, Trap> {
    let limits = Limits {
        fuel,
        memory_pages: 2,
        ..plugin::LIMITS
    };
    Instance::with_limits(Lines::default(), limits)
}
