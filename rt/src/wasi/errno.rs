//! The error numbers of preview 1.

use core::fmt;

/// What went wrong in a call: a number of preview 1's `errno`, never 0.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Errno(u16);

/// A line per error that is used here.
macro_rules! errnos {
    ($($(#[$doc:meta])* $NAME:ident = $number:literal;)*) => {
        impl Errno {
            $($(#[$doc])* pub const $NAME: Self = Self($number);)*

            /// The name without its `E`, if it is one of the constants.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($number => Some(stringify!($NAME)),)*
                    _ => None,
                }
            }
        }
    };
}

errnos! {
    /// Too long.
    TOOBIG = 1;
    /// Permission denied by the host.
    ACCES = 2;
    /// Try again later.
    AGAIN = 6;
    /// No such file descriptor.
    BADF = 8;
    /// In use.
    BUSY = 10;
    /// It exists.
    EXIST = 20;
    /// A pointer outside the guest's memory.
    FAULT = 21;
    /// A file too large.
    FBIG = 22;
    /// Not a valid string of bytes.
    ILSEQ = 25;
    /// An argument with no meaning.
    INVAL = 28;
    /// Input or output failed.
    IO = 29;
    /// It is a directory.
    ISDIR = 31;
    /// Too many symbolic links, or one where none may be.
    LOOP = 32;
    /// Too many open descriptors.
    MFILE = 33;
    /// Too many links.
    MLINK = 34;
    /// A name too long.
    NAMETOOLONG = 37;
    /// Too many open files in the system.
    NFILE = 41;
    /// No such file or directory.
    NOENT = 44;
    /// Not enough memory.
    NOMEM = 48;
    /// No space left.
    NOSPC = 51;
    /// The function is not implemented.
    NOSYS = 52;
    /// It is no directory.
    NOTDIR = 54;
    /// A directory that is not empty.
    NOTEMPTY = 55;
    /// No socket.
    NOTSOCK = 57;
    /// The request is not supported.
    NOTSUP = 58;
    /// No such device, or not suited to it.
    NXIO = 60;
    /// A number too large for its type.
    OVERFLOW = 61;
    /// The operation is not permitted, or leads out of what was granted.
    PERM = 63;
    /// The reader has gone.
    PIPE = 64;
    /// The filesystem can only be read.
    ROFS = 69;
    /// A stream has no position.
    SPIPE = 70;
    /// The file is being executed.
    TXTBSY = 74;
    /// Both names have to be on one device.
    XDEV = 75;
    /// The host did not grant this capability, or the descriptor lacks the
    /// right.
    NOTCAPABLE = 76;
}

impl Errno {
    /// The error with this number, or `None` for 0, which is success.
    pub const fn new(number: u16) -> Option<Self> {
        if number == 0 {
            None
        } else {
            Some(Self(number))
        }
    }

    /// The number, as the guest gets it.
    pub const fn number(self) -> u16 {
        self.0
    }
}

impl fmt::Debug for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "E{name}"),
            None => write!(f, "errno {}", self.0),
        }
    }
}
