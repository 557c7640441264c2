//! Compiled and interpreted modules that call each other.
//!
//! [`plugins`]: a compiled program loads modules while it runs, lends them its memory, and calls them. [`scripts`]: an
//! interpreted module calls a compiled one. Across the border, in both directions:
//!
//! - **fuel** is one account: what the caller has left moves over for the time of the call, and what remains of it
//!   moves back;
//! - **depth** is one budget: the callee has what the caller has left, so that neither can overflow the stack through
//!   the other;
//! - a **trap** of the callee becomes the caller's, with its cause; each side's backtrace has its own functions;
//! - **pausing** is refused in a run that compiled code waits for, with a trap: it could not be resumed.

pub mod plugins;
pub mod scripts;

include!(concat!(env!("OUT_DIR"), "/app.rs"));
include!(concat!(env!("OUT_DIR"), "/math.rs"));
