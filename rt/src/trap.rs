//! Traps in three sizes: a [`Cause`] is what an instruction returns,
//! [`Trapped`] (zero-sized) what generated functions return, and [`Trap`],
//! with backtrace, what the embedder gets. [`Run`](crate::Run) turns one into
//! the next. Messages are those of the spec's test suite (`assert_trap`).

use core::fmt::{self, Write as _};

/// Why execution ended.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// The instruction `unreachable`.
    Unreachable,
    /// A load, store or bulk operation reached past the end of a memory.
    MemoryOutOfBounds,
    /// A table instruction reached past the end of a table or segment.
    TableOutOfBounds,
    /// `call_indirect` with an index past the end of the table.
    UndefinedElement,
    /// `call_indirect` of a null reference.
    UninitializedElement,
    /// `call_indirect` of a function of another type.
    IndirectCallTypeMismatch,
    /// Integer division or remainder by zero.
    IntegerDivideByZero,
    /// A quotient or a truncated float that does not fit the result type.
    IntegerOverflow,
    /// Truncation of a NaN.
    InvalidConversionToInteger,
    /// The depth budget is used up.
    CallStackExhausted,
    /// The fuel is used up, and no hook added enough.
    OutOfFuel,
    /// The embedder's interrupt flag was set.
    Interrupted,
    /// A memory starts larger than the limit.
    MemoryLimit,
    /// A table starts larger than the limit.
    TableLimit,
    /// A memory or table is smaller than an import of it asks for.
    IncompatibleImport,
    /// The allocator refused.
    OutOfMemory,
    /// A store has as many instances as it may have.
    InstanceLimit,
    /// An instance that is verified is not what it should be.
    StateCorrupted,
    /// Host and guest call each other too deeply.
    ReentranceLimit,
    /// `invoke` with a name that is no exported function.
    NoSuchExport,
    /// `invoke` with arguments of other types or another number.
    ArgumentMismatch,
    /// A host function trapped, with a code and a message.
    Host,
    /// The guest asked to exit, with a status. Status 0 is success.
    Exit,
    /// A callee trapped and recorded its own cause.
    #[doc(hidden)]
    Callee,
}

impl Cause {
    /// The text that the spec's suite expects, or ours where it has none.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::MemoryOutOfBounds => "out of bounds memory access",
            Self::TableOutOfBounds => "out of bounds table access",
            Self::UndefinedElement => "undefined element",
            Self::UninitializedElement => "uninitialized element",
            Self::IndirectCallTypeMismatch => "indirect call type mismatch",
            Self::IntegerDivideByZero => "integer divide by zero",
            Self::IntegerOverflow => "integer overflow",
            Self::InvalidConversionToInteger => "invalid conversion to integer",
            Self::CallStackExhausted => "call stack exhausted",
            Self::OutOfFuel => "all fuel consumed",
            Self::Interrupted => "interrupted",
            Self::MemoryLimit => "memory exceeds its limit",
            Self::TableLimit => "table exceeds its limit",
            Self::IncompatibleImport => "incompatible import type",
            Self::OutOfMemory => "out of memory",
            Self::InstanceLimit => "more instances than the store may have",
            Self::StateCorrupted => "the state of an instance was changed from outside",
            Self::ReentranceLimit => "host and guest call each other too deeply",
            Self::NoSuchExport => "no such exported function",
            Self::ArgumentMismatch => "arguments do not match the function's type",
            Self::Host => "trap in a host function",
            Self::Exit => "exit",
            Self::Callee => "trap in a callee",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl core::error::Error for Cause {}

/// Holding one proves that a trap was recorded in a [`Run`](crate::Run), which
/// alone makes them. Zero-sized, so that results return in registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trapped(pub(crate) ());

impl From<Trapped> for Cause {
    #[inline(always)]
    fn from(_: Trapped) -> Self {
        Self::Callee
    }
}

/// One wasm function that was active when a trap occurred.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Frame {
    /// Index of the function within its linked set.
    pub func: u32,
    /// Byte offset of the instruction in the module, or [`Frame::UNKNOWN`].
    pub offset: u32,
}

impl Frame {
    /// The offset of a frame that does not record one.
    pub const UNKNOWN: u32 = u32::MAX;
}

/// How many frames a [`Trap`] keeps. With this number it stays below the 128
/// bytes at which an error type is thought large.
pub const MAX_FRAMES: usize = 10;

/// Why a call into an instance failed, with a bounded backtrace.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Trap {
    /// A host's own; else the cause has one.
    message: Option<&'static str>,
    names: Option<&'static [&'static str]>,
    frames: [Frame; MAX_FRAMES],
    code: i32,
    dropped: u16,
    len: u8,
    cause: Cause,
}

impl Trap {
    /// A trap without frames.
    pub const fn new(cause: Cause) -> Self {
        Self {
            message: None,
            names: None,
            frames: [Frame { func: 0, offset: 0 }; MAX_FRAMES],
            code: 0,
            dropped: 0,
            len: 0,
            cause,
        }
    }

    /// A trap without frames, with a code and a message of its own: [`Host`](Cause::Host) has the host's code,
    /// [`Exit`](Cause::Exit) the status. Without a message it has the cause's.
    pub const fn with_code(cause: Cause, code: i32, message: Option<&'static str>) -> Self {
        Self {
            code,
            message,
            ..Self::new(cause)
        }
    }

    /// Adds a frame outside those there are, or counts it if there is no room.
    pub(crate) fn push(&mut self, frame: Frame) {
        match self.frames.get_mut(usize::from(self.len)) {
            Some(slot) => {
                *slot = frame;
                self.len += 1;
            }
            None => self.dropped = self.dropped.saturating_add(1),
        }
    }

    /// The names by which frames are printed, indexed by function.
    pub(crate) fn named(self, names: &'static [&'static str]) -> Self {
        Self {
            names: Some(names),
            ..self
        }
    }

    /// Why execution ended.
    pub const fn cause(&self) -> Cause {
        self.cause
    }

    /// The host's code ([`Cause::Host`]) or the exit status ([`Cause::Exit`]);
    /// 0 for any other cause.
    pub const fn code(&self) -> i32 {
        self.code
    }

    /// The exit status, if the guest asked to exit.
    pub const fn exit_status(&self) -> Option<i32> {
        match self.cause {
            Cause::Exit => Some(self.code),
            _ => None,
        }
    }

    /// The cause's message, or the one that the host function gave.
    pub const fn message(&self) -> &'static str {
        match self.message {
            Some(message) => message,
            None => self.cause.message(),
        }
    }

    /// The innermost active functions, innermost first, [`MAX_FRAMES`] at
    /// most. Empty if the code was generated without backtraces.
    pub fn frames(&self) -> &[Frame] {
        self.frames.get(..usize::from(self.len)).unwrap_or(&[])
    }

    /// How many outer frames were left out, counted up to 65,535.
    pub const fn dropped(&self) -> u32 {
        self.dropped as u32
    }
}

impl From<Cause> for Trap {
    fn from(cause: Cause) -> Self {
        Self::new(cause)
    }
}

impl fmt::Debug for Trap {
    /// The live frames alone: `main` may return one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trap")
            .field("cause", &self.cause)
            .field("code", &self.code)
            .field("message", &self.message())
            .field("frames", &self.frames())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Trap {
    /// The message, then one line per frame: `  at name (+0x1f3)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())?;
        if self.cause == Cause::Exit {
            write!(f, " with status {}", self.code)?;
        }
        for frame in self.frames() {
            f.write_str("\n  at ")?;
            match self.names.and_then(|names| names.get(frame.func as usize)) {
                Some(name) if !name.is_empty() => write_name(f, name)?,
                _ => write!(f, "func[{}]", frame.func)?,
            }
            if frame.offset != Frame::UNKNOWN {
                write!(f, " (+{:#x})", frame.offset)?;
            }
        }
        match self.dropped {
            0 => Ok(()),
            u16::MAX => f.write_str("\n  and at least 65535 more"),
            n => write!(f, "\n  and {n} more"),
        }
    }
}

/// Names come from the guest: control characters must not reach a terminal.
fn write_name(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    name.chars().try_for_each(|c| match c.is_control() {
        true => write!(f, "{}", c.escape_default()),
        false => f.write_char(c),
    })
}

impl core::error::Error for Trap {}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn a_trap_is_small_and_trapped_is_nothing() {
        assert!(size_of::<Trap>() < 128);
        assert_eq!(size_of::<Result<i64, Trapped>>(), size_of::<Option<i64>>());
        assert_eq!(size_of::<Trapped>(), 0);
    }

    #[test]
    fn display_names_offsets_and_the_rest() {
        let mut trap = Trap::new(Cause::MemoryOutOfBounds).named(&["main", "a\x1b[2J"]);
        trap.push(Frame {
            func: 1,
            offset: 0x1f3,
        });
        trap.push(Frame {
            func: 0,
            offset: Frame::UNKNOWN,
        });
        trap.push(Frame { func: 9, offset: 1 });
        assert_eq!(
            trap.to_string(),
            "out of bounds memory access\n  at a\\u{1b}[2J (+0x1f3)\n  at main\n  at func[9] (+0x1)"
        );
        for _ in 0..9 {
            trap.push(Frame { func: 0, offset: 0 });
        }
        assert_eq!((trap.frames().len(), trap.dropped()), (MAX_FRAMES, 2));
        assert!(trap.to_string().ends_with("\n  and 2 more"));
        (0..70_000).for_each(|_| trap.push(Frame { func: 0, offset: 0 }));
        assert_eq!((trap.frames().len(), trap.dropped()), (MAX_FRAMES, 65_535));
    }

    #[test]
    fn exit_prints_its_status() {
        let trap = Trap::with_code(Cause::Exit, 3, None);
        assert_eq!(
            (trap.exit_status(), trap.to_string()),
            (Some(3), "exit with status 3".into())
        );
    }
}
