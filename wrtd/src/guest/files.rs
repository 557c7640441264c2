//! The files of a context are those of its folders.
//!
//! `wrtd` uses it, and pastes this file into the programs that it builds.

use wrt_rt::wasi::Errno;
use wrt_rt::wasi::filesystem::{Advice, DirEntry, Filesystem, Node, OpenOptions, SetTime, Stat};

use super::context::Context;

/// No files.
#[derive(Clone, Copy, Debug)]
#[allow(dead_code)]
pub(crate) struct NoFiles;

impl Filesystem for NoFiles {}

/// Each function of the trait is that of the field.
macro_rules! forward {
    ($(fn $name:ident($($arg:ident: $T:ty),*) -> $R:ty;)*) => {
        impl<F: Filesystem> Filesystem for Context<F> {
            $(fn $name(&mut self, $($arg: $T),*) -> $R {
                self.files.$name($($arg),*)
            })*
        }
    };
}

forward! {
    fn preopen(index: u32) -> Option<(Node, &[u8])>;
    fn open(dir: Node, path: &[u8], options: &OpenOptions) -> Result<Node, Errno>;
    fn close(node: Node) -> Result<(), Errno>;
    fn stat(node: Node) -> Result<Stat, Errno>;
    fn stat_at(dir: Node, path: &[u8], follow: bool) -> Result<Stat, Errno>;
    fn set_times(node: Node, atim: SetTime, mtim: SetTime) -> Result<(), Errno>;
    fn set_times_at(dir: Node, path: &[u8], follow: bool, atim: SetTime, mtim: SetTime) -> Result<(), Errno>;
    fn read(node: Node, buf: &mut [u8], offset: u64) -> Result<usize, Errno>;
    fn write(node: Node, bytes: &[u8], offset: u64) -> Result<usize, Errno>;
    fn append(node: Node, bytes: &[u8]) -> Result<(usize, u64), Errno>;
    fn set_size(node: Node, size: u64) -> Result<(), Errno>;
    fn allocate(node: Node, offset: u64, len: u64) -> Result<(), Errno>;
    fn advise(node: Node, offset: u64, len: u64, advice: Advice) -> Result<(), Errno>;
    fn sync(node: Node, attributes: bool) -> Result<(), Errno>;
    fn read_dir(dir: Node, cookie: u64, each: &mut dyn FnMut(DirEntry<'_>) -> bool) -> Result<(), Errno>;
    fn create_dir(dir: Node, path: &[u8]) -> Result<(), Errno>;
    fn remove_dir(dir: Node, path: &[u8]) -> Result<(), Errno>;
    fn unlink(dir: Node, path: &[u8]) -> Result<(), Errno>;
    fn rename(old_dir: Node, old_path: &[u8], new_dir: Node, new_path: &[u8]) -> Result<(), Errno>;
    fn link(old_dir: Node, old_path: &[u8], new_dir: Node, new_path: &[u8]) -> Result<(), Errno>;
    fn symlink(target: &[u8], dir: Node, path: &[u8]) -> Result<(), Errno>;
    fn read_link(dir: Node, path: &[u8], buf: &mut [u8]) -> Result<usize, Errno>;
}
