//! Where things are kept: pools of places that are given out and taken back,
//! in place or on the heap, under a limit.

use super::NONE;
use crate::storage::{InPlace, Storage};
use crate::wasi::Errno;

/// What stands in a pool: it can hold the number of the next free place.
pub(super) trait Place: Copy {
    const EMPTY: Self;

    fn set_next(&mut self, next: u32);
    fn next(&self) -> u32;
}

/// Places of one kind.
#[derive(Clone, Debug)]
pub(super) struct Pool<S> {
    places: S,
    /// The first free place, if there is one among those that exist.
    free: u32,
    /// How many are taken.
    used: u32,
    limit: u32,
}

impl<S> Pool<S> {
    pub(super) const fn new(places: S, limit: u32) -> Self {
        Self {
            places,
            free: NONE,
            used: 0,
            limit,
        }
    }

    pub(super) const fn used(&self) -> u32 {
        self.used
    }

    /// How many more can be taken, as far as the limit goes.
    pub(super) const fn room(&self) -> u32 {
        self.limit.saturating_sub(self.used)
    }
}

impl<T: Place, S: Storage<Item = T>> Pool<S> {
    pub(super) fn get(&self, n: u32) -> Option<&T> {
        self.places.items().get(n as usize)
    }

    pub(super) fn get_mut(&mut self, n: u32) -> Option<&mut T> {
        self.places.items_mut().get_mut(n as usize)
    }

    /// How many places exist, taken or not.
    pub(super) fn len(&self) -> u32 {
        self.places.items().len() as u32
    }

    /// Takes a place for `value`, or fails with `full`.
    pub(super) fn take(&mut self, value: T, full: Errno) -> Result<u32, Errno> {
        if self.used >= self.limit || self.free == NONE && !self.grow() {
            return Err(full);
        }
        let n = self.free;
        let place = self.places.items_mut().get_mut(n as usize).ok_or(full)?;
        self.free = place.next();
        *place = value;
        self.used = self.used.saturating_add(1);
        Ok(n)
    }

    /// Gives a place back.
    pub(super) fn give(&mut self, n: u32) {
        let free = self.free;
        if let Some(place) = self.get_mut(n) {
            *place = T::EMPTY;
            place.set_next(free);
            self.free = n;
            self.used = self.used.saturating_sub(1);
        }
    }

    /// Makes more places, a half more than there are.
    fn grow(&mut self) -> bool {
        let old = self.len();
        let limit = (self.limit as usize).min(self.places.capacity());
        let new = (old as usize)
            .saturating_add((old as usize / 2).max(16))
            .min(limit);
        if new <= old as usize || !self.places.grow_to(new, T::EMPTY) {
            return false;
        }
        for n in (old..new as u32).rev() {
            let free = self.free;
            if let Some(place) = self.get_mut(n) {
                place.set_next(free);
                self.free = n;
            }
        }
        true
    }
}

/// Bytes of a block of content.
pub const BLOCK: usize = 256;

/// A part of a file's content, of a link's target or of a name.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    pub(super) bytes: [u8; BLOCK],
    /// The block that follows.
    pub(super) next: u32,
}

impl Place for Block {
    const EMPTY: Self = Self {
        bytes: [0; BLOCK],
        next: NONE,
    };

    fn set_next(&mut self, next: u32) {
        self.next = next;
    }

    fn next(&self) -> u32 {
        self.next
    }
}

/// What an inode is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Free,
    File,
    Directory,
    Link,
}

/// A file, directory or link.
#[derive(Clone, Copy, Debug)]
pub struct Inode {
    pub(super) kind: Kind,
    /// Names; of a directory also its `.` and the `..` of those in it.
    pub(super) links: u32,
    /// How often it is open.
    pub(super) open: u32,
    /// Bytes; entries of a directory.
    pub(super) size: u64,
    /// The first block of the content.
    pub(super) first: u32,
    /// The directory that a directory is in, or the next free place.
    pub(super) parent: u32,
    pub(super) atim: u64,
    pub(super) mtim: u64,
    pub(super) ctim: u64,
}

impl Place for Inode {
    const EMPTY: Self = Self {
        kind: Kind::Free,
        links: 0,
        open: 0,
        size: 0,
        first: NONE,
        parent: NONE,
        atim: 0,
        mtim: 0,
        ctim: 0,
    };

    fn set_next(&mut self, next: u32) {
        self.parent = next;
    }

    fn next(&self) -> u32 {
        self.parent
    }
}

/// A name in a directory.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The directory, or [`NONE`] for a free place.
    pub(super) dir: u32,
    /// What bears the name, or the next free place.
    pub(super) inode: u32,
    /// The block of the name.
    pub(super) name: u32,
    pub(super) len: u8,
}

impl Place for Entry {
    const EMPTY: Self = Self {
        dir: NONE,
        inode: NONE,
        name: NONE,
        len: 0,
    };

    fn set_next(&mut self, next: u32) {
        self.inode = next;
    }

    fn next(&self) -> u32 {
        self.inode
    }
}

/// A node that is open.
#[derive(Clone, Copy, Debug)]
pub struct Open {
    /// The inode, or the next free place.
    pub(super) inode: u32,
    pub(super) is_open: bool,
    pub(super) read_only: bool,
    /// A block that was reached, and its number in the file: the next use is near.
    pub(super) near: (u32, u32),
}

impl Place for Open {
    const EMPTY: Self = Self {
        inode: NONE,
        is_open: false,
        read_only: false,
        near: (0, NONE),
    };

    fn set_next(&mut self, next: u32) {
        self.inode = next;
    }

    fn next(&self) -> u32 {
        self.inode
    }
}

/// How names are found without looking at all of them.
pub trait Index {
    /// The entry of a name in a directory; `None` if the index does not know.
    fn find(&self, dir: u32, name: &[u8]) -> Option<Option<u32>>;

    /// Notes an entry.
    fn add(&mut self, dir: u32, name: &[u8], entry: u32);

    /// Forgets an entry.
    fn remove(&mut self, dir: u32, name: &[u8]);
}

/// No index: all names are looked at.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scan;

impl Index for Scan {
    fn find(&self, _: u32, _: &[u8]) -> Option<Option<u32>> {
        None
    }

    fn add(&mut self, _: u32, _: &[u8], _: u32) {}

    fn remove(&mut self, _: u32, _: &[u8]) {}
}

/// The types of storage of a filesystem: see [`Fixed`] and `Heap`.
pub trait Kinds {
    #[doc(hidden)]
    type Inodes: Storage<Item = Inode>;
    #[doc(hidden)]
    type Entries: Storage<Item = Entry>;
    #[doc(hidden)]
    type Blocks: Storage<Item = Block>;
    #[doc(hidden)]
    type Opens: Storage<Item = Open>;
    #[doc(hidden)]
    type Index: Index;
}

/// Everything in place, without an allocator: `ENTRIES` files, directories,
/// links and as many names, `BLOCKS` blocks of 256 bytes for content and names,
/// `OPEN` nodes open at a time.
#[derive(Clone, Copy, Debug)]
pub struct Fixed<const ENTRIES: usize, const BLOCKS: usize, const OPEN: usize>;

impl<const ENTRIES: usize, const BLOCKS: usize, const OPEN: usize> Kinds
    for Fixed<ENTRIES, BLOCKS, OPEN>
{
    type Inodes = InPlace<Inode, ENTRIES>;
    type Entries = InPlace<Entry, ENTRIES>;
    type Blocks = InPlace<Block, BLOCKS>;
    type Opens = InPlace<Open, OPEN>;
    type Index = Scan;
}

/// Everything on the heap, as it is needed.
#[cfg(feature = "alloc")]
#[derive(Clone, Copy, Debug)]
pub struct Heap;

#[cfg(feature = "alloc")]
impl Kinds for Heap {
    type Inodes = alloc::vec::Vec<Inode>;
    type Entries = alloc::vec::Vec<Entry>;
    type Blocks = alloc::vec::Vec<Block>;
    type Opens = alloc::vec::Vec<Open>;
    type Index = Names;
}

/// The names of each directory, in order.
#[cfg(feature = "alloc")]
#[derive(Clone, Debug, Default)]
pub struct Names(
    alloc::collections::BTreeMap<u32, alloc::collections::BTreeMap<alloc::vec::Vec<u8>, u32>>,
);

#[cfg(feature = "alloc")]
impl Index for Names {
    fn find(&self, dir: u32, name: &[u8]) -> Option<Option<u32>> {
        let entry = self.0.get(&dir).and_then(|names| names.get(name));
        Some(entry.copied())
    }

    fn add(&mut self, dir: u32, name: &[u8], entry: u32) {
        self.0.entry(dir).or_default().insert(name.to_vec(), entry);
    }

    fn remove(&mut self, dir: u32, name: &[u8]) {
        if let Some(names) = self.0.get_mut(&dir) {
            names.remove(name);
            if names.is_empty() {
                self.0.remove(&dir);
            }
        }
    }
}
