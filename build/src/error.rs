//! Why nothing was written: the file and the reason, in one line.

use std::path::Path;
use std::{fmt, io};

/// A path for a message of one line: control characters are escaped.
pub fn shown(path: &Path) -> String {
    let escape = |c: char| match c.is_control() {
        true => c.escape_default().to_string(),
        false => c.to_string(),
    };
    path.to_string_lossy().chars().map(escape).collect()
}

/// Prints as `path/to/guest.wasm: invalid: type mismatch (at 0x1f3)`, in `{:?}` too, so that a `main` that returns it
/// reads well.
pub struct Error {
    message: String,
    compile: Option<wrt_compiler::Error>,
}

impl Error {
    /// The compiler's error, where the input is at fault; `None` where a file could not be read or written.
    pub fn compile_error(&self) -> Option<&wrt_compiler::Error> {
        self.compile.as_ref()
    }

    pub(crate) fn read(path: &Path, error: io::Error) -> Error {
        Error::of(format!("{}: cannot read: {error}", shown(path)))
    }

    pub(crate) fn write(path: &Path, error: io::Error) -> Error {
        Error::of(format!("{}: cannot write: {error}", shown(path)))
    }

    pub(crate) fn compile(path: Option<&Path>, error: wrt_compiler::Error) -> Error {
        let message = match path {
            Some(path) => format!("{}: {error}", shown(path)),
            None => error.to_string(),
        };
        Error {
            message,
            compile: Some(error),
        }
    }

    pub(crate) fn name(name: &str) -> Error {
        Error::of(format!("{name:?} cannot be the name of a Rust module"))
    }

    pub(crate) fn no_out_dir() -> Error {
        Error::of("OUT_DIR is not set: this is no build script; call out_dir".to_string())
    }

    fn of(message: String) -> Error {
        Error {
            message,
            compile: None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
