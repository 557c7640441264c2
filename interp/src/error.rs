//! Why the embedder did not get what it asked for.

use crate::pause::Paused;
use crate::trap::Trap;
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;
use wrt_compiler::Error as CompileError;
use wrt_rt::Cause;

/// Any error of this crate. Prints in one line, but for the backtrace of a trap.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The bytes are no module that can be run.
    Compile(Box<CompileError>),
    /// An import is missing or of another type, or a name was defined twice.
    Link(String),
    /// The run ended.
    Trap(Box<Trap>),
    /// A value or function is of another type than it is used at.
    Type(String),
    /// Something of one store was used with another. Holds the run if it was one that was to go on.
    WrongStore(Option<Box<Paused>>),
    /// A paused run cannot go on in this way; it is still paused, and the text says why.
    Resume(Box<Paused>, &'static str),
    /// Why an instance or a run cannot be saved, or the bytes of a snapshot not be restored.
    Snapshot(String),
    /// What a host function returns that was refused fuel before it did anything: the run pauses with that cause, and
    /// calls it again when it goes on. Where it cannot pause, it traps with the cause.
    Refused(Cause),
    /// What a host function returns to pause the run: see [`Error::suspend`].
    Suspend,
}

impl Error {
    /// A host function's own trap, of a code and message of its choosing.
    pub fn trap(code: i32, message: impl Into<Cow<'static, str>>) -> Error {
        Trap::with_message(Cause::Host, code, message).into()
    }

    /// Ends the run with an exit status, as the guest's own wish.
    pub fn exit(status: i32) -> Error {
        Trap::with_message(Cause::Exit, status, Cause::Exit.message()).into()
    }

    /// Pauses the run in the call of this host function. Whoever resumes it gives the function's results.
    ///
    /// The run traps instead where it was not made by `call_resumable`, or where a host function called it.
    pub fn suspend() -> Error {
        Error::Suspend
    }

    /// The trap, if it is one.
    pub fn as_trap(&self) -> Option<&Trap> {
        match self {
            Error::Trap(trap) => Some(trap),
            _ => None,
        }
    }

    /// The paused run that it holds, if it does.
    pub fn into_paused(self) -> Option<Paused> {
        match self {
            Error::WrongStore(paused) => paused.map(|paused| *paused),
            Error::Resume(paused, _) => Some(*paused),
            _ => None,
        }
    }
}

impl From<CompileError> for Error {
    fn from(e: CompileError) -> Error {
        Error::Compile(Box::new(e))
    }
}

impl From<Trap> for Error {
    fn from(trap: Trap) -> Error {
        Error::Trap(Box::new(trap))
    }
}

impl From<Cause> for Error {
    fn from(cause: Cause) -> Error {
        Trap::new(cause).into()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Compile(e) => e.fmt(f),
            Error::Link(message) | Error::Type(message) | Error::Snapshot(message) => {
                f.write_str(message)
            }
            Error::Trap(trap) => trap.fmt(f),
            Error::WrongStore(_) => f.write_str("something of another store"),
            Error::Resume(_, message) => f.write_str(message),
            Error::Refused(cause) => cause.fmt(f),
            Error::Suspend => f.write_str("a host function asks to pause"),
        }
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Error::Compile(e) => Some(e),
            Error::Trap(trap) => Some(trap),
            _ => None,
        }
    }
}
