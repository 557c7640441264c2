//! Folders of the host, granted to a guest as its files: the back end of
//! [`wrt_rt::wasi::filesystem`] on an operating system.
//!
//! ```no_run
//! use wrt_rt::wasi::std::StdCtx;
//! use wrt_wasi::{Access, Folders};
//!
//! let folders = Folders::new()
//!     .folder("/srv/app/data", "/data", Access::ReadOnly)?
//!     .folder("/tmp/app", "/tmp", Access::ReadWrite)?;
//! let host = StdCtx::new().arg("app").inherit_stdio().filesystem(folders);
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! Every path is resolved by cap-std below a descriptor of the folder, so that
//! neither `..`, nor an absolute path, nor a symbolic link leads out of it, not
//! even one that is put there during the call. Of a folder to read only, each
//! function that changes something is refused before the host is asked.
#![forbid(unsafe_code)]

mod dir;
mod errno;
mod folders;
mod os;

pub use folders::{Access, Folders, MAX_OPEN};
