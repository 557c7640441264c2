//! Why a module was not compiled: the reason, the function and the offset in the file, in one line.

use alloc::string::{String, ToString};
use core::fmt;

/// A compile error. Prints as `unsupported: simd (func $main, at 0x1f3)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: Kind,
    message: String,
    source: Option<String>,
    func: Option<String>,
    offset: Option<u64>,
}

/// What sort of error it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// The text format could not be parsed.
    Text,
    /// The bytes are no module, or the module does not validate.
    Invalid,
    /// The module needs a proposal that is not built.
    Unsupported,
    /// A cap of the options was reached; the message names the option.
    Limit,
    /// An import is missing or has another type than what would satisfy it.
    Link,
    /// An option has a value that it cannot have.
    Option,
}

impl Error {
    /// An error of `kind` that reads `message`: lower case, no full stop.
    pub fn new(kind: Kind, message: impl Into<String>) -> Error {
        Error {
            kind,
            message: message.into(),
            source: None,
            func: None,
            offset: None,
        }
    }

    /// The same, at `offset` bytes into the file.
    #[must_use]
    pub fn at(mut self, offset: usize) -> Error {
        self.offset = Some(offset as u64);
        self
    }

    /// The same, in the function that `func` names.
    #[must_use]
    pub fn in_func(mut self, func: impl Into<String>) -> Error {
        self.func = Some(func.into());
        self
    }

    /// The same, in the source named `source` of a linked set.
    #[must_use]
    pub fn in_source(mut self, source: &str) -> Error {
        self.source.get_or_insert_with(|| source.to_string());
        self
    }

    /// What sort of error it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The reason alone.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Offset into the file, in bytes.
    pub fn offset(&self) -> Option<u64> {
        self.offset
    }

    /// The source of a linked set that it lies in.
    pub fn source_name(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// The function, by name or as `#3`.
    pub fn func(&self) -> Option<&str> {
        self.func.as_deref()
    }
}

impl From<wasmparser::BinaryReaderError> for Error {
    fn from(e: wasmparser::BinaryReaderError) -> Error {
        Error::new(Kind::Invalid, e.message()).at(e.offset())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Text | Kind::Option => "",
            Kind::Invalid => "invalid: ",
            Kind::Unsupported => "unsupported: ",
            Kind::Limit => "limit: ",
            Kind::Link => "unlinkable: ",
        };
        // The message may quote names of the module: they must not break the line.
        f.write_str(kind)?;
        if self.kind == Kind::Text {
            f.write_str(&self.message)?;
        } else {
            escape(f, &self.message)?;
        }
        if self.func.is_none() && self.offset.is_none() && self.source.is_none() {
            return Ok(());
        }
        f.write_str(" (")?;
        let mut comma = "";
        if let Some(source) = &self.source {
            f.write_str("module ")?;
            escape(f, source)?;
            comma = ", ";
        }
        if let Some(func) = &self.func {
            f.write_str(comma)?;
            f.write_str("func ")?;
            escape(f, func)?;
            comma = ", ";
        }
        if let Some(offset) = self.offset {
            write!(f, "{comma}at {offset:#x}")?;
        }
        f.write_str(")")
    }
}

fn escape(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    const LONGEST: usize = 400;
    for (n, c) in text.chars().enumerate() {
        if n == LONGEST {
            return f.write_str("…");
        }
        if c.is_control() {
            write!(f, "{}", c.escape_default())?;
        } else {
            fmt::Write::write_char(f, c)?;
        }
    }
    Ok(())
}

impl core::error::Error for Error {}
