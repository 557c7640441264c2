//! What surrounds a guest, whichever engine runs it.
//!
//! The files below are also parts of the programs that `wrtd run --engine aot` builds, and so use nothing but `std` and
//! `wrt_rt`.

pub(crate) mod context;
pub(crate) mod stats;
pub(crate) mod values;

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::Path;

use anyhow::Result;
use wrt_rt::wasi::std::StdCtx;

use crate::Refused;

/// What the command line grants to a guest. Bytes are as the guest sees them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Grants {
    /// Its arguments; the first is the name of its file.
    pub(crate) args: Vec<Vec<u8>>,
    /// Its environment, by name.
    pub(crate) vars: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Grants {
    /// Those for the module in `file`: `NAME=VALUE` is a variable, `NAME` one that this process has.
    pub(crate) fn new(file: &Path, args: &[OsString], vars: &[OsString]) -> Result<Grants> {
        let name = file.file_name().unwrap_or(OsStr::new(""));
        let args = [name]
            .into_iter()
            .chain(args.iter().map(OsString::as_os_str));
        let args = args.map(|arg| arg.as_encoded_bytes().to_vec()).collect();
        let vars = vars.iter().map(|var| variable(var));
        let vars: Vec<_> = vars
            .collect::<Result<Vec<_>>>()?
            .into_iter()
            .flatten()
            .collect();
        Ok(Grants { args, vars })
    }

    /// The context that grants them, and streams, clocks and random bytes.
    pub(crate) fn context(&self, passed: u64) -> context::Context {
        let ctx = StdCtx::new().args(&self.args);
        let vars = self.vars.iter();
        let ctx = vars.fold(ctx, |ctx, (name, value)| ctx.env(name, value));
        context::Context::new(ctx, passed)
    }
}

/// A variable as `--env` names it; `None` if this process has none of the name.
fn variable(text: &OsStr) -> Result<Option<(Vec<u8>, Vec<u8>)>> {
    let bytes = text.as_encoded_bytes();
    let (name, value) = match bytes.iter().position(|b| *b == b'=') {
        Some(at) => (&bytes[..at], Some(bytes[at + 1..].to_vec())),
        None => (bytes, env::var_os(text).map(OsString::into_encoded_bytes)),
    };
    if name.is_empty() {
        return Err(Refused("--env takes NAME or NAME=VALUE".to_string()).into());
    }
    Ok(value.map(|value| (name.to_vec(), value)))
}
