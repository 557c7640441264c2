//! The capability to use files: what a back end implements, and the types it
//! speaks in. Paths are bytes relative to a directory that is open; a back end
//! resolves them itself, symbolic links included, and lets nothing through
//! that leads out of what was granted ([`Errno::PERM`]). Positions, rights and
//! descriptor numbers are not its business: the functions of
//! [`preview1`](super::preview1) keep them.

use super::Errno;

/// A file or directory that a filesystem has open: its own number for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Node(pub u32);

/// What stands at a path, by preview 1's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum FileType {
    /// Something else, or not known.
    Unknown = 0,
    /// A device of blocks.
    BlockDevice = 1,
    /// A device of characters, such as a terminal.
    CharacterDevice = 2,
    /// A directory.
    Directory = 3,
    /// A file of bytes.
    RegularFile = 4,
    /// A datagram socket.
    SocketDgram = 5,
    /// A stream socket.
    SocketStream = 6,
    /// A symbolic link.
    SymbolicLink = 7,
}

/// A file's attributes. Times are nanoseconds since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// The device that holds the file.
    pub dev: u64,
    /// The file's number on its device.
    pub ino: u64,
    /// What it is.
    pub filetype: FileType,
    /// How many names it has.
    pub nlink: u64,
    /// Bytes of a file; of a link, those of its target.
    pub size: u64,
    /// When it was last read.
    pub atim: u64,
    /// When its data last changed.
    pub mtim: u64,
    /// When its attributes last changed.
    pub ctim: u64,
}

/// What becomes of a time of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetTime {
    /// It stays.
    Keep,
    /// It becomes the present.
    Now,
    /// It becomes this, in nanoseconds since 1970-01-01 UTC.
    At(u64),
}

/// How to open a path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenOptions {
    /// To read; a directory is read by [`Filesystem::read_dir`] without it.
    pub read: bool,
    /// To write.
    pub write: bool,
    /// Makes a file if there is none.
    pub create: bool,
    /// With `create`: fails with [`Errno::EXIST`] if there is something.
    pub exclusive: bool,
    /// Empties the file.
    pub truncate: bool,
    /// Fails with [`Errno::NOTDIR`] unless it is a directory.
    pub directory: bool,
    /// Follows a symbolic link at the path's end; else one there is
    /// [`Errno::LOOP`].
    pub follow: bool,
}

/// An entry of a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DirEntry<'a> {
    /// Where to go on after this entry: stable while others come and go.
    pub next: u64,
    /// The number of the entry's file.
    pub ino: u64,
    /// What it is.
    pub filetype: FileType,
    /// Its name in the directory.
    pub name: &'a [u8],
}

/// What a program expects of its use of a file, by preview 1's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Nothing in particular.
    Normal,
    /// It reads in order.
    Sequential,
    /// It reads here and there.
    Random,
    /// It will soon read this.
    WillNeed,
    /// It will not need this soon.
    DontNeed,
    /// It reads this once.
    NoReuse,
}

impl Advice {
    /// The advice with the guest's number for it.
    pub const fn new(number: i32) -> Option<Self> {
        match number {
            0 => Some(Self::Normal),
            1 => Some(Self::Sequential),
            2 => Some(Self::Random),
            3 => Some(Self::WillNeed),
            4 => Some(Self::DontNeed),
            5 => Some(Self::NoReuse),
            _ => None,
        }
    }
}

/// The capability to use files and directories under the folders that the host
/// opened. Denied, there are none, and each function fails.
///
/// Each function fails with [`Errno::BADF`] for a node that is not open, and
/// those that change something with [`Errno::PERM`] where the grant is to read
/// only.
#[allow(unused_variables)]
pub trait Filesystem {
    /// The folder with this index that the host opened: its node, and the name
    /// by which the guest knows it. Asked for in order from 0 until there is
    /// none, when the guest starts.
    fn preopen(&mut self, index: u32) -> Option<(Node, &[u8])> {
        None
    }

    /// Opens a path.
    fn open(&mut self, dir: Node, path: &[u8], options: &OpenOptions) -> Result<Node, Errno> {
        Err(Errno::NOTCAPABLE)
    }

    /// Closes a node, that of a folder that the host opened included.
    fn close(&mut self, node: Node) -> Result<(), Errno> {
        Err(Errno::BADF)
    }

    /// The attributes of a node.
    fn stat(&mut self, node: Node) -> Result<Stat, Errno> {
        Err(Errno::BADF)
    }

    /// The attributes of what stands at a path.
    fn stat_at(&mut self, dir: Node, path: &[u8], follow: bool) -> Result<Stat, Errno> {
        Err(Errno::NOTCAPABLE)
    }

    /// Sets the times of last access and change of a node.
    fn set_times(&mut self, node: Node, atim: SetTime, mtim: SetTime) -> Result<(), Errno> {
        Err(Errno::BADF)
    }

    /// Sets the times of last access and change of what stands at a path.
    fn set_times_at(
        &mut self,
        dir: Node,
        path: &[u8],
        follow: bool,
        atim: SetTime,
        mtim: SetTime,
    ) -> Result<(), Errno> {
        Err(Errno::NOTCAPABLE)
    }

    /// Reads some bytes at an offset and gives their number; 0 is the end.
    fn read(&mut self, node: Node, buf: &mut [u8], offset: u64) -> Result<usize, Errno> {
        Err(Errno::BADF)
    }

    /// Writes some bytes at an offset and gives their number. What lies
    /// between the old end and the offset reads as zeros.
    fn write(&mut self, node: Node, bytes: &[u8], offset: u64) -> Result<usize, Errno> {
        Err(Errno::BADF)
    }

    /// Writes some bytes at the end, wherever that is by now, and gives their
    /// number and the new end.
    fn append(&mut self, node: Node, bytes: &[u8]) -> Result<(usize, u64), Errno> {
        Err(Errno::BADF)
    }

    /// Cuts a file or extends it by zeros.
    fn set_size(&mut self, node: Node, size: u64) -> Result<(), Errno> {
        Err(Errno::BADF)
    }

    /// Makes room for these bytes of a file and extends it if it is shorter.
    fn allocate(&mut self, node: Node, offset: u64, len: u64) -> Result<(), Errno> {
        Err(Errno::BADF)
    }

    /// Takes note of how these bytes will be used; 0 bytes are all that follow.
    fn advise(&mut self, node: Node, offset: u64, len: u64, advice: Advice) -> Result<(), Errno> {
        Err(Errno::BADF)
    }

    /// Hands data on to the device, and with `attributes` those too.
    fn sync(&mut self, node: Node, attributes: bool) -> Result<(), Errno> {
        Err(Errno::BADF)
    }

    /// Hands over the entries from a cookie on, 0 being the first, until `each`
    /// returns `false` or there are no more. `.` and `..` come first.
    fn read_dir(
        &mut self,
        dir: Node,
        cookie: u64,
        each: &mut dyn FnMut(DirEntry<'_>) -> bool,
    ) -> Result<(), Errno> {
        Err(Errno::BADF)
    }

    /// Makes a directory.
    fn create_dir(&mut self, dir: Node, path: &[u8]) -> Result<(), Errno> {
        Err(Errno::NOTCAPABLE)
    }

    /// Removes an empty directory.
    fn remove_dir(&mut self, dir: Node, path: &[u8]) -> Result<(), Errno> {
        Err(Errno::NOTCAPABLE)
    }

    /// Removes a name of anything but a directory.
    fn unlink(&mut self, dir: Node, path: &[u8]) -> Result<(), Errno> {
        Err(Errno::NOTCAPABLE)
    }

    /// Renames, replacing what bears the new name if it is of the same kind,
    /// and empty if a directory.
    fn rename(
        &mut self,
        old_dir: Node,
        old_path: &[u8],
        new_dir: Node,
        new_path: &[u8],
    ) -> Result<(), Errno> {
        Err(Errno::NOTCAPABLE)
    }

    /// Gives a file one more name. Links at the old path's end are not
    /// followed.
    fn link(
        &mut self,
        old_dir: Node,
        old_path: &[u8],
        new_dir: Node,
        new_path: &[u8],
    ) -> Result<(), Errno> {
        Err(Errno::NOTCAPABLE)
    }

    /// Makes a symbolic link to `target`, which cannot be absolute.
    fn symlink(&mut self, target: &[u8], dir: Node, path: &[u8]) -> Result<(), Errno> {
        Err(Errno::NOTCAPABLE)
    }

    /// Writes a symbolic link's target, cut to the buffer, and gives the
    /// number of bytes written.
    fn read_link(&mut self, dir: Node, path: &[u8], buf: &mut [u8]) -> Result<usize, Errno> {
        Err(Errno::NOTCAPABLE)
    }
}
