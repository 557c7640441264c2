//! Files in memory, under limits that the host states: for tests, for guests
//! whose files the host looks at, and, without an allocator, for bare metal.
//!
//! ```
//! use wrt_rt::wasi::memfs::{Access, Heap, MemFs, Room};
//! let mut files = MemFs::<Heap>::new(Room { bytes: 1 << 20, entries: 100, open: 16 });
//! files.add_file(b"data/in.txt", b"hello")?;
//! files.add_preopen(b"data", "/data", Access::ReadWrite)?;
//! // … a guest runs …
//! assert_eq!(files.file(b"data/in.txt")?, b"hello");
//! # Ok::<(), wrt_rt::wasi::Errno>(())
//! ```
//!
//! A file takes blocks of 256 bytes, and so do a link's target and a name.

mod data;
mod files;
mod pool;
mod walk;

#[cfg(feature = "alloc")]
pub use pool::Heap;
pub use pool::{BLOCK, Fixed, Kinds};

use super::Errno;
use super::filesystem::Node;
use crate::storage::InPlace;
use pool::{Entry, Index, Inode, Kind, Open, Place, Pool, Scan};
use walk::Name;

/// No place of a pool.
const NONE: u32 = u32::MAX;

/// The directory that all others are in.
const ROOT: u32 = 0;

/// The most bytes of a name.
const MAX_NAME: usize = 255;

/// The most folders that a guest may have from the start.
pub const MAX_PREOPENS: usize = 4;

/// What time it is before anybody says: 2000-01-01, in nanoseconds since 1970.
const START: u64 = 946_684_800_000_000_000;

/// How much a filesystem on the heap may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Bytes of content, links' targets and names, each rounded up to blocks;
    /// more are [`Errno::NOSPC`].
    pub bytes: u64,
    /// Files, directories and links, and names; more are [`Errno::NOSPC`].
    pub entries: u32,
    /// Nodes that are open at a time; more are [`Errno::NFILE`].
    pub open: u32,
}

/// What a guest may do in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Look at it; what changes something is [`Errno::PERM`].
    ReadOnly,
    /// Everything.
    ReadWrite,
}

/// A folder that a guest has from the start.
#[derive(Clone, Copy, Debug)]
struct Preopen {
    node: Node,
    name: &'static str,
}

/// Files in memory.
pub struct MemFs<K: Kinds> {
    inodes: Pool<K::Inodes>,
    entries: Pool<K::Entries>,
    blocks: Pool<K::Blocks>,
    opens: Pool<K::Opens>,
    index: K::Index,
    preopens: [Option<Preopen>; MAX_PREOPENS],
    now: u64,
}

impl<const ENTRIES: usize, const BLOCKS: usize, const OPEN: usize> Default
    for MemFs<Fixed<ENTRIES, BLOCKS, OPEN>>
{
    fn default() -> Self {
        Self::fixed()
    }
}

impl<const ENTRIES: usize, const BLOCKS: usize, const OPEN: usize>
    MemFs<Fixed<ENTRIES, BLOCKS, OPEN>>
{
    /// An empty filesystem in place, which can stand in a static.
    pub const fn fixed() -> Self {
        Self {
            inodes: Pool::new(InPlace::new(Inode::EMPTY), ENTRIES as u32),
            entries: Pool::new(InPlace::new(Entry::EMPTY), ENTRIES as u32),
            blocks: Pool::new(InPlace::new(pool::Block::EMPTY), BLOCKS as u32),
            opens: Pool::new(InPlace::new(Open::EMPTY), OPEN as u32),
            index: Scan,
            preopens: [None; MAX_PREOPENS],
            now: START,
        }
    }
}

#[cfg(feature = "alloc")]
impl MemFs<Heap> {
    /// An empty filesystem on the heap.
    pub fn new(room: Room) -> Self {
        let blocks = u32::try_from(room.bytes / BLOCK as u64).unwrap_or(NONE - 1);
        Self {
            inodes: Pool::new(alloc::vec::Vec::new(), room.entries),
            entries: Pool::new(alloc::vec::Vec::new(), room.entries),
            blocks: Pool::new(alloc::vec::Vec::new(), blocks),
            opens: Pool::new(alloc::vec::Vec::new(), room.open),
            index: pool::Names::default(),
            preopens: [None; MAX_PREOPENS],
            now: START,
        }
    }
}

/// What the host does.
impl<K: Kinds> MemFs<K> {
    /// Sets the time, in nanoseconds since 1970; each change afterwards is a
    /// nanosecond later.
    pub fn set_now(&mut self, nanoseconds: u64) {
        self.now = nanoseconds;
    }

    /// Makes a directory, and those that it is in.
    pub fn add_dir(&mut self, path: &[u8]) -> Result<(), Errno> {
        self.dir_of(path).map(drop)
    }

    /// Makes a file with this content, in place of one that there is, and the
    /// directories that it is in.
    pub fn add_file(&mut self, path: &[u8], content: &[u8]) -> Result<(), Errno> {
        let split = path.iter().rposition(|b| *b == b'/');
        let (dir, name) = match split {
            Some(at) => (path.get(..at), path.get(at.saturating_add(1)..)),
            None => (Some(&[][..]), Some(path)),
        };
        let (dir, name) = (self.dir_of(dir.unwrap_or(&[]))?, name.unwrap_or(&[]));
        let inode = match self.lookup(dir, name) {
            Some(inode) => inode,
            None => self.make(dir, name, Kind::File)?,
        };
        self.resize(inode, 0)?;
        match self.write_at(inode, &mut (0, NONE), content, 0)? {
            n if n < content.len() => Err(Errno::NOSPC),
            _ => Ok(()),
        }
    }

    /// Grants a directory, which the guest knows by the name. There are
    /// [`MAX_PREOPENS`] at most; another is [`Errno::NFILE`].
    pub fn add_preopen(
        &mut self,
        path: &[u8],
        name: &'static str,
        access: Access,
    ) -> Result<(), Errno> {
        let free = self.preopens.iter().position(Option::is_none);
        let node = self.grant(path, access)?;
        match free.and_then(|n| self.preopens.get_mut(n)) {
            Some(slot) => *slot = Some(Preopen { node, name }),
            None => {
                self.close_open(node.0)?;
                return Err(Errno::NFILE);
            }
        }
        Ok(())
    }

    /// Opens a directory for the host's own use, through the functions of
    /// [`Filesystem`](super::Filesystem).
    pub fn grant(&mut self, path: &[u8], access: Access) -> Result<Node, Errno> {
        let inode = self.dir_of(path)?;
        self.open_inode(inode, access == Access::ReadOnly)
    }

    /// Bytes of a file.
    pub fn len_of(&self, path: &[u8]) -> Result<u64, Errno> {
        let inode = self.walk(self.root()?, path, true)?.found()?;
        match self.inode(inode)? {
            inode if inode.kind == Kind::File => Ok(inode.size),
            _ => Err(Errno::ISDIR),
        }
    }

    /// Reads a file from an offset on, and gives the number of bytes.
    pub fn read_file(&mut self, path: &[u8], buf: &mut [u8], offset: u64) -> Result<usize, Errno> {
        self.len_of(path)?;
        let inode = self.walk(self.root()?, path, true)?.found()?;
        self.read_at(inode, &mut (0, NONE), buf, offset)
    }

    /// The content of a file.
    #[cfg(feature = "alloc")]
    pub fn file(&mut self, path: &[u8]) -> Result<alloc::vec::Vec<u8>, Errno> {
        let len = usize::try_from(self.len_of(path)?).map_err(|_| Errno::FBIG)?;
        let mut content = alloc::vec::Vec::new();
        content.try_reserve_exact(len).map_err(|_| Errno::NOMEM)?;
        content.resize(len, 0);
        self.read_file(path, &mut content, 0)?;
        Ok(content)
    }

    /// Hands over the names in a directory, and whether each is a directory.
    pub fn names(&self, path: &[u8], mut each: impl FnMut(&[u8], bool)) -> Result<(), Errno> {
        let root = self.root()?;
        let dir = match path {
            [] => root,
            _ => self.walk(root, path, true)?.found()?,
        };
        for n in 0..self.entries.len() {
            if let Some(entry) = self.entries.get(n).filter(|entry| entry.dir == dir) {
                let is_dir = self.inode(entry.inode)?.kind == Kind::Directory;
                each(self.name(entry)?.bytes(), is_dir);
            }
        }
        Ok(())
    }

    /// Blocks of 256 bytes that are in use.
    pub fn blocks_used(&self) -> u32 {
        self.blocks.used()
    }
}

impl<K: Kinds> MemFs<K> {
    /// The root, which is there from the first use on.
    fn root(&self) -> Result<u32, Errno> {
        self.inode(ROOT).map(|_| ROOT)
    }

    /// The directory at a path, made if need be.
    fn dir_of(&mut self, path: &[u8]) -> Result<u32, Errno> {
        if self.inodes.len() == 0 {
            let root = self.inodes.take(Inode::EMPTY, Errno::NOSPC)?;
            let now = self.tick();
            *self.inode_mut(root)? = Inode {
                kind: Kind::Directory,
                links: 2,
                parent: ROOT,
                atim: now,
                mtim: now,
                ctim: now,
                ..Inode::EMPTY
            };
        }
        let mut dir = ROOT;
        for name in path.split(|b| *b == b'/').filter(|name| !name.is_empty()) {
            dir = match self.lookup(dir, name) {
                Some(inode) if self.inode(inode)?.kind == Kind::Directory => inode,
                Some(_) => return Err(Errno::NOTDIR),
                None => self.make(dir, name, Kind::Directory)?,
            };
        }
        Ok(dir)
    }

    /// The present, which goes on.
    fn tick(&mut self) -> u64 {
        self.now = self.now.saturating_add(1);
        self.now
    }

    fn inode(&self, n: u32) -> Result<&Inode, Errno> {
        let inode = self.inodes.get(n).filter(|inode| inode.kind != Kind::Free);
        inode.ok_or(Errno::NOENT)
    }

    fn inode_mut(&mut self, n: u32) -> Result<&mut Inode, Errno> {
        self.inodes.get_mut(n).ok_or(Errno::NOENT)
    }

    fn name(&self, entry: &Entry) -> Result<Name, Errno> {
        let block = self.blocks.get(entry.name).ok_or(Errno::IO)?;
        Name::new(block.bytes.get(..usize::from(entry.len)).unwrap_or(&[]))
    }

    /// The number of the entry of a name.
    fn entry(&self, dir: u32, name: &[u8]) -> Option<u32> {
        if let Some(known) = self.index.find(dir, name) {
            return known;
        }
        (0..self.entries.len()).find(|n| {
            self.entries.get(*n).is_some_and(|entry| {
                let block = self.blocks.get(entry.name);
                let bytes = block.and_then(|b| b.bytes.get(..usize::from(entry.len)));
                entry.dir == dir && bytes == Some(name)
            })
        })
    }

    /// What bears a name in a directory.
    fn lookup(&self, dir: u32, name: &[u8]) -> Option<u32> {
        let entry = self.entries.get(self.entry(dir, name)?)?;
        Some(entry.inode)
    }

    /// Gives an inode a name.
    fn enter(&mut self, dir: u32, name: &[u8], inode: u32) -> Result<(), Errno> {
        if name.len() > MAX_NAME {
            return Err(Errno::NAMETOOLONG);
        }
        // A directory that was removed takes no more.
        if self.inode(dir)?.links == 0 {
            return Err(Errno::NOENT);
        }
        let block = self.chain(name)?;
        let entry = Entry {
            dir,
            inode,
            name: block,
            len: name.len() as u8,
        };
        let number = match self.entries.take(entry, Errno::NOSPC) {
            Ok(number) => number,
            Err(errno) => {
                self.free_chain(block);
                return Err(errno);
            }
        };
        self.index.add(dir, name, number);
        let now = self.tick();
        let is_dir = self.inode(inode)?.kind == Kind::Directory;
        let place = self.inode_mut(dir)?;
        place.size = place.size.saturating_add(1);
        (place.mtim, place.ctim) = (now, now);
        if is_dir {
            place.links = place.links.saturating_add(1);
            self.inode_mut(inode)?.parent = dir;
        } else {
            let inode = self.inode_mut(inode)?;
            inode.links = inode.links.saturating_add(1);
            inode.ctim = now;
        }
        Ok(())
    }

    /// Takes a name away, and what bore it if nothing else holds it.
    fn leave(&mut self, dir: u32, name: &[u8]) -> Result<(), Errno> {
        let number = self.entry(dir, name).ok_or(Errno::NOENT)?;
        let entry = *self.entries.get(number).ok_or(Errno::NOENT)?;
        self.index.remove(dir, name);
        self.free_chain(entry.name);
        self.entries.give(number);
        let now = self.tick();
        let is_dir = self.inode(entry.inode)?.kind == Kind::Directory;
        let place = self.inode_mut(dir)?;
        place.size = place.size.saturating_sub(1);
        (place.mtim, place.ctim) = (now, now);
        if is_dir {
            place.links = place.links.saturating_sub(1);
        } else {
            let inode = self.inode_mut(entry.inode)?;
            inode.links = inode.links.saturating_sub(1);
            inode.ctim = now;
        }
        Ok(())
    }

    /// Frees an inode that has neither a name nor is open.
    fn release(&mut self, n: u32) {
        if let Ok(inode) = self.inode(n)
            && inode.links == 0
            && inode.open == 0
        {
            self.free_chain(inode.first);
            self.inodes.give(n);
        }
    }

    /// A new inode under a name.
    fn make(&mut self, dir: u32, name: &[u8], kind: Kind) -> Result<u32, Errno> {
        let now = self.tick();
        let inode = Inode {
            kind,
            links: if kind == Kind::Directory { 2 } else { 0 },
            atim: now,
            mtim: now,
            ctim: now,
            ..Inode::EMPTY
        };
        let n = self.inodes.take(inode, Errno::NOSPC)?;
        if let Err(errno) = self.enter(dir, name, n) {
            self.inodes.give(n);
            return Err(errno);
        }
        Ok(n)
    }

    fn open_inode(&mut self, inode: u32, read_only: bool) -> Result<Node, Errno> {
        let open = Open {
            inode,
            is_open: true,
            read_only,
            near: (0, NONE),
        };
        let node = self.opens.take(open, Errno::NFILE)?;
        let inode = self.inode_mut(inode)?;
        inode.open = inode.open.saturating_add(1);
        Ok(Node(node))
    }

    fn close_open(&mut self, node: u32) -> Result<(), Errno> {
        let open = *self
            .opens
            .get(node)
            .filter(|open| open.is_open)
            .ok_or(Errno::BADF)?;
        self.opens.give(node);
        let inode = self.inode_mut(open.inode)?;
        inode.open = inode.open.saturating_sub(1);
        self.release(open.inode);
        Ok(())
    }
}
