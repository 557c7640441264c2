//! The functions of `wasi_snapshot_preview1`, all 46, by one table.
//!
//! Each takes the context, the running state, the bytes of the guest's memory
//! and its own wasm parameters, and gives the errno to the guest, 0 for
//! success. It traps only when the guest exits, is interrupted while it waits,
//! or has no fuel for the work it asks.
//!
//! # Fuel
//!
//! A call costs one unit per 64 bytes of the guest's buffers, used up or not,
//! and of its paths, all together, rounded down. What is done by path,
//! `fd_readdir`, `fd_allocate` and `fd_filestat_set_size` cost one unit more;
//! `args_get` and `environ_get` one per 64 bytes of each string, `poll_oneoff`
//! one per subscription. All else is free.
//!
//! A call pays once, after it looked at its parameters and before it does
//! anything: what is refused, for want of fuel or by the interrupt flag, was
//! not begun, cost nothing, and can be called again. What is interrupted once
//! it was paid for is not called again.

use super::{Ctx, Errno, calls};
use crate::run::Run;
use crate::trap::{Cause, Trapped};
use crate::val::ValType;

/// Calls a macro with the table of preview 1: a row per function, of its kind,
/// name and wasm parameters. A row `errno` gives an `i32`, a row `exit` nothing,
/// and never returns.
#[macro_export]
macro_rules! for_each_preview1 {
    ($($callback:tt)+) => {
        $($callback)+! {
            /// Writes the arguments and pointers to them.
            errno args_get(argv: i32, argv_buf: i32);
            /// Gives the number of arguments and of their bytes.
            errno args_sizes_get(argc: i32, argv_buf_size: i32);
            /// Writes the environment and pointers to its variables.
            errno environ_get(environ: i32, environ_buf: i32);
            /// Gives the number of variables and of their bytes.
            errno environ_sizes_get(count: i32, environ_buf_size: i32);
            /// Gives a clock's resolution in nanoseconds.
            errno clock_res_get(id: i32, resolution: i32);
            /// Gives a clock's time in nanoseconds.
            errno clock_time_get(id: i32, precision: i64, time: i32);
            /// Advises on a file's use.
            errno fd_advise(fd: i32, offset: i64, len: i64, advice: i32);
            /// Allocates space in a file.
            errno fd_allocate(fd: i32, offset: i64, len: i64);
            /// Closes a descriptor.
            errno fd_close(fd: i32);
            /// Writes a file's data to its device.
            errno fd_datasync(fd: i32);
            /// Gives a descriptor's type, flags and rights.
            errno fd_fdstat_get(fd: i32, stat: i32);
            /// Sets the flags of a file: append and nonblock can be.
            errno fd_fdstat_set_flags(fd: i32, flags: i32);
            /// Reduces a descriptor's rights: they are told, not kept.
            errno fd_fdstat_set_rights(fd: i32, rights_base: i64, rights_inheriting: i64);
            /// Gives a file's attributes.
            errno fd_filestat_get(fd: i32, stat: i32);
            /// Sets a file's size.
            errno fd_filestat_set_size(fd: i32, size: i64);
            /// Sets a file's times.
            errno fd_filestat_set_times(fd: i32, atim: i64, mtim: i64, fst_flags: i32);
            /// Reads at an offset.
            errno fd_pread(fd: i32, iovs: i32, iovs_len: i32, offset: i64, nread: i32);
            /// Describes a directory that the host opened.
            errno fd_prestat_get(fd: i32, prestat: i32);
            /// Names a directory that the host opened.
            errno fd_prestat_dir_name(fd: i32, path: i32, path_len: i32);
            /// Writes at an offset.
            errno fd_pwrite(fd: i32, iovs: i32, iovs_len: i32, offset: i64, nwritten: i32);
            /// Reads into the first 1,024 buffers, as many bytes as there are.
            errno fd_read(fd: i32, iovs: i32, iovs_len: i32, nread: i32);
            /// Lists a directory.
            errno fd_readdir(fd: i32, buf: i32, buf_len: i32, cookie: i64, bufused: i32);
            /// Replaces a descriptor by another.
            errno fd_renumber(fd: i32, to: i32);
            /// Moves a file's position; nothing else has one.
            errno fd_seek(fd: i32, offset: i64, whence: i32, position: i32);
            /// Writes a file's data and attributes to its device.
            errno fd_sync(fd: i32);
            /// Gives a descriptor's position.
            errno fd_tell(fd: i32, position: i32);
            /// Writes from the first 1,024 buffers, as many bytes as possible.
            errno fd_write(fd: i32, iovs: i32, iovs_len: i32, nwritten: i32);
            /// Makes a directory.
            errno path_create_directory(fd: i32, path: i32, path_len: i32);
            /// Gives a path's attributes.
            errno path_filestat_get(fd: i32, flags: i32, path: i32, path_len: i32, stat: i32);
            /// Sets a path's times.
            errno path_filestat_set_times(fd: i32, flags: i32, path: i32, path_len: i32, atim: i64, mtim: i64, fst_flags: i32);
            /// Makes a hard link.
            errno path_link(old_fd: i32, old_flags: i32, old_path: i32, old_path_len: i32, new_fd: i32, new_path: i32, new_path_len: i32);
            /// Opens a file or directory.
            errno path_open(fd: i32, dirflags: i32, path: i32, path_len: i32, oflags: i32, rights_base: i64, rights_inheriting: i64, fdflags: i32, opened: i32);
            /// Reads a symbolic link.
            errno path_readlink(fd: i32, path: i32, path_len: i32, buf: i32, buf_len: i32, bufused: i32);
            /// Removes a directory.
            errno path_remove_directory(fd: i32, path: i32, path_len: i32);
            /// Renames a file or directory.
            errno path_rename(fd: i32, old_path: i32, old_path_len: i32, new_fd: i32, new_path: i32, new_path_len: i32);
            /// Makes a symbolic link.
            errno path_symlink(old_path: i32, old_path_len: i32, fd: i32, new_path: i32, new_path_len: i32);
            /// Removes a file.
            errno path_unlink_file(fd: i32, path: i32, path_len: i32);
            /// Waits for the first of some events.
            errno poll_oneoff(subscriptions: i32, events: i32, nsubscriptions: i32, nevents: i32);
            /// Ends the program with a status.
            exit proc_exit(status: i32);
            /// Sends a signal to the program itself: there are none.
            errno proc_raise(signal: i32);
            /// Fills a buffer with random bytes.
            errno random_get(buf: i32, buf_len: i32);
            /// Lets others run.
            errno sched_yield();
            /// Accepts a connection.
            errno sock_accept(fd: i32, flags: i32, opened: i32);
            /// Receives a message.
            errno sock_recv(fd: i32, ri_data: i32, ri_data_len: i32, ri_flags: i32, ro_data_len: i32, ro_flags: i32);
            /// Sends a message.
            errno sock_send(fd: i32, si_data: i32, si_data_len: i32, si_flags: i32, so_data_len: i32);
            /// Shuts a connection down.
            errno sock_shutdown(fd: i32, how: i32);
        }
    };
}

/// The type of a function of preview 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Its name in the module `wasi_snapshot_preview1`.
    pub name: &'static str,
    /// Its wasm parameters.
    pub params: &'static [ValType],
    /// Its wasm result: an errno, or nothing for `proc_exit`.
    pub result: Option<ValType>,
}

/// Why a call ends without success.
pub(super) enum Stop {
    /// The guest gets this number.
    Errno(Errno),
    /// The guest traps.
    Trap(Cause),
}

impl From<Errno> for Stop {
    fn from(errno: Errno) -> Self {
        Self::Errno(errno)
    }
}

impl From<Cause> for Stop {
    fn from(cause: Cause) -> Self {
        Self::Trap(cause)
    }
}

/// The public function of one row.
macro_rules! function {
    ($(#[$doc:meta])* errno $name:ident($($arg:ident: $T:ty),*)) => {
        $(#[$doc])*
        #[allow(clippy::too_many_arguments)]
        pub fn $name<C: Ctx>(
            ctx: &mut C,
            rt: &mut Run,
            mem: &mut [u8],
            $($arg: $T,)*
        ) -> Result<i32, Trapped> {
            match calls::$name(ctx, rt, mem, $($arg,)*) {
                Ok(()) => Ok(0),
                Err(Stop::Errno(errno)) => Ok(i32::from(errno.number())),
                Err(Stop::Trap(cause)) => Err(rt.trap_silent(cause)),
            }
        }
    };
    ($(#[$doc:meta])* exit $name:ident($arg:ident: $T:ty)) => {
        $(#[$doc])*
        /// Traps with [`Cause::Exit`] and the status as code.
        #[allow(clippy::too_many_arguments)]
        pub fn $name<C: Ctx>(
            _: &mut C,
            rt: &mut Run,
            _: &mut [u8],
            $arg: $T,
        ) -> Result<(), Trapped> {
            Err(rt.exit($arg))
        }
    };
}

/// The wasm type of a parameter, and what each kind of row gives.
macro_rules! facts {
    (i32) => {
        ValType::I32
    };
    (i64) => {
        ValType::I64
    };
    (result errno) => {
        Some(ValType::I32)
    };
    (result exit) => {
        None
    };
}

/// The public functions, and their signatures as data.
macro_rules! functions {
    ($($(#[$doc:meta])* $kind:ident $name:ident($($arg:ident: $T:ident),*);)*) => {
        $(function!($(#[$doc])* $kind $name($($arg: $T),*));)*

        /// Every function of preview 1, in the order of the table.
        pub const SIGNATURES: &[Signature] = &[$(Signature {
            name: stringify!($name),
            params: &[$(facts!($T)),*],
            result: facts!(result $kind),
        }),*];
    };
}

for_each_preview1!(functions);

/// The signature of the function with this name.
pub fn signature(name: &str) -> Option<&'static Signature> {
    SIGNATURES.iter().find(|signature| signature.name == name)
}
