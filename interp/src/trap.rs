//! A trap as the embedder gets it: that of `wrt_rt` with names and messages of its own.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write as _};
use wrt_rt::Cause;
use wrt_rt::trap::MAX_FRAMES;

/// Why a run ended before its time, with a bounded backtrace. Prints as the trap of compiled code does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trap {
    message: Cow<'static, str>,
    frames: Vec<Frame>,
    dropped: u32,
    code: i32,
    cause: Cause,
    /// Whether printing says where in the file.
    offsets: bool,
}

/// One wasm function that was active when a trap occurred.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Index of the function in its module, imports first.
    pub func: u32,
    /// What the module calls it: its name, else that of an export, else `#` and the index. Control characters are
    /// escaped.
    pub name: String,
    /// Name of the instance, if it was given one.
    pub module: String,
    /// Offset of the instruction in the module's file, in bytes, where it is known.
    pub offset: Option<u32>,
}

impl Trap {
    /// A trap without frames.
    pub fn new(cause: Cause) -> Trap {
        Trap::with_message(cause, 0, cause.message())
    }

    pub(crate) fn with_message(
        cause: Cause,
        code: i32,
        message: impl Into<Cow<'static, str>>,
    ) -> Trap {
        Trap {
            message: message.into(),
            frames: Vec::new(),
            dropped: 0,
            code,
            cause,
            offsets: false,
        }
    }

    /// Adds a frame outside those there are, or counts it if there is no room.
    pub(crate) fn push(&mut self, frame: impl FnOnce() -> Frame) {
        if self.frames.len() < MAX_FRAMES {
            self.frames.push(frame());
        } else {
            self.dropped = (self.dropped + 1).min(u32::from(u16::MAX));
        }
    }

    /// Makes printing say where in the file.
    pub(crate) fn show_offsets(&mut self) {
        self.offsets = true;
    }

    /// Why execution ended.
    pub fn cause(&self) -> Cause {
        self.cause
    }

    /// The host's code ([`Cause::Host`]) or the exit status ([`Cause::Exit`]); 0 for any other cause.
    pub fn code(&self) -> i32 {
        self.code
    }

    /// The exit status, if the guest asked to exit.
    pub fn exit_status(&self) -> Option<i32> {
        (self.cause == Cause::Exit).then_some(self.code)
    }

    /// The cause's message, or the one that the host function gave.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The message, if it was not made at run time.
    pub(crate) fn static_message(&self) -> Option<&'static str> {
        match self.message {
            Cow::Borrowed(message) => Some(message),
            Cow::Owned(_) => None,
        }
    }

    /// The innermost active functions, innermost first, [`MAX_FRAMES`] at most. Empty where the engine's option
    /// `backtrace` is `None`.
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// How many outer frames were left out, counted up to 65,535.
    pub fn dropped(&self) -> u32 {
        self.dropped
    }
}

impl From<Cause> for Trap {
    fn from(cause: Cause) -> Trap {
        Trap::new(cause)
    }
}

impl From<wrt_rt::Trap> for Trap {
    /// The same without frames: those of compiled code are of another program.
    fn from(trap: wrt_rt::Trap) -> Trap {
        Trap::with_message(trap.cause(), trap.code(), trap.message())
    }
}

impl fmt::Display for Trap {
    /// The message, then one line per frame: `  at name (+0x1f3)`, with the offset where the engine's option
    /// `backtrace` is `Offsets`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if self.cause == Cause::Exit {
            write!(f, " with status {}", self.code)?;
        }
        for frame in &self.frames {
            f.write_str("\n  at ")?;
            write_name(f, &frame.name)?;
            if let (true, Some(offset)) = (self.offsets, frame.offset) {
                write!(f, " (+{offset:#x})")?;
            }
        }
        match self.dropped {
            0 => Ok(()),
            65535 => f.write_str("\n  and at least 65535 more"),
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
