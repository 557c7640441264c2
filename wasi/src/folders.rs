//! The folders that a guest has, what it has open in them, and what it may do
//! there.

use std::fs::{File, FileTimes};
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cap_fs_ext::{
    DirExt as _, FollowSymlinks, MetadataExt as _, OpenOptionsFollowExt as _,
    OpenOptionsSyncExt as _, SystemTimeSpec,
};
use cap_std::fs::{Dir, Metadata, OpenOptions as HostOptions};
use cap_std::time::SystemTime as CapTime;
use wrt_rt::wasi::Errno;
use wrt_rt::wasi::filesystem::{Advice, DirEntry, Filesystem, Node, OpenOptions, SetTime, Stat};

use crate::dir::{self, Listing};
use crate::errno::{errno, retry};
use crate::os;

/// What a guest may have open at a time unless told otherwise, granted folders
/// included: each is a descriptor of this process.
pub const MAX_OPEN: u32 = 512;

/// What a guest may do in a folder and all that is below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// Look: read files and directories.
    ReadOnly,
    /// Change things as well.
    ReadWrite,
}

/// Something open.
#[derive(Debug)]
struct Open {
    access: Access,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    File(File),
    Dir(Dir, Option<Listing>),
}

/// Folders of the host, as the files of one guest.
#[derive(Debug)]
pub struct Folders {
    /// The folders' names, whose nodes are their places in this list.
    names: Vec<Vec<u8>>,
    nodes: Vec<Option<Open>>,
    /// No place below is free.
    lowest: usize,
    max_open: u32,
    /// What the lists of open directories take, in bytes.
    listed: usize,
}

impl Default for Folders {
    fn default() -> Self {
        Self::new()
    }
}

impl Folders {
    /// Grants nothing.
    pub fn new() -> Self {
        Self {
            names: Vec::new(),
            nodes: Vec::new(),
            lowest: 0,
            max_open: MAX_OPEN,
            listed: 0,
        }
    }

    /// Grants a folder, which the guest knows by the name. It is opened now,
    /// and stays the same wherever it is moved.
    pub fn folder(
        mut self,
        host: impl AsRef<Path>,
        guest: impl AsRef<[u8]>,
        access: Access,
    ) -> io::Result<Self> {
        let dir = Dir::open_ambient_dir(host, cap_std::ambient_authority())?;
        // Readable if that may be; else paths in it can still be used.
        let dir = match dir.open(".") {
            Ok(file) => Dir::from_std_file(file.into_std()),
            Err(_) => dir,
        };
        let kind = Kind::Dir(dir, None);
        // Folders come before whatever a guest opens.
        self.nodes
            .insert(self.names.len(), Some(Open { access, kind }));
        self.names.push(guest.as_ref().to_vec());
        Ok(self)
    }

    /// Bounds what the guest may have open at a time, granted folders included;
    /// more is [`Errno::MFILE`].
    pub fn max_open(mut self, max: u32) -> Self {
        self.max_open = max;
        self
    }

    fn get(&self, node: Node) -> Result<&Open, Errno> {
        self.nodes
            .get(node.0 as usize)
            .and_then(Option::as_ref)
            .ok_or(Errno::BADF)
    }

    /// A directory that may be looked at.
    fn dir(&self, node: Node) -> Result<(&Dir, Access), Errno> {
        let open = self.get(node)?;
        match &open.kind {
            Kind::Dir(dir, _) => Ok((dir, open.access)),
            Kind::File(_) => Err(Errno::NOTDIR),
        }
    }

    /// A directory in which things may be changed.
    fn mutable_dir(&self, node: Node) -> Result<&Dir, Errno> {
        match self.dir(node)? {
            (dir, Access::ReadWrite) => Ok(dir),
            (_, Access::ReadOnly) => Err(Errno::PERM),
        }
    }

    /// A file that may be looked at.
    fn file(&self, node: Node) -> Result<(&File, Access), Errno> {
        let open = self.get(node)?;
        match &open.kind {
            Kind::File(file) => Ok((file, open.access)),
            Kind::Dir(..) => Err(Errno::BADF),
        }
    }

    /// A file that may be changed.
    fn mutable_file(&self, node: Node) -> Result<&File, Errno> {
        match self.file(node)? {
            (file, Access::ReadWrite) => Ok(file),
            (_, Access::ReadOnly) => Err(Errno::PERM),
        }
    }

    /// A number that is free, before anything is opened for it.
    fn free(&mut self) -> Result<usize, Errno> {
        let above = self.nodes.iter().skip(self.lowest);
        self.lowest += above.take_while(|open| open.is_some()).count();
        if self.lowest == self.nodes.len() {
            if self.nodes.len() >= self.max_open as usize {
                return Err(Errno::MFILE);
            }
            self.nodes.push(None);
        }
        Ok(self.lowest)
    }
}

/// A path as the host takes it: as in wasmtime, no other bytes than UTF-8.
fn path(bytes: &[u8]) -> Result<&Path, Errno> {
    let text = std::str::from_utf8(bytes).map_err(|_| Errno::ILSEQ)?;
    Ok(Path::new(text))
}

fn stat(host: &Metadata) -> Stat {
    let [atim, mtim, ctim] = os::times(host);
    Stat {
        dev: host.dev(),
        ino: host.ino(),
        filetype: os::filetype(host.file_type()),
        nlink: host.nlink(),
        size: host.len(),
        atim,
        mtim,
        ctim,
    }
}

/// The time that becomes a file's, or none if it stays.
fn time(set: SetTime) -> Result<Option<SystemTime>, Errno> {
    match set {
        SetTime::Keep => Ok(None),
        SetTime::Now => Ok(Some(SystemTime::now())),
        SetTime::At(nanoseconds) => UNIX_EPOCH
            .checked_add(Duration::from_nanos(nanoseconds))
            .map(Some)
            .ok_or(Errno::OVERFLOW),
    }
}

fn time_spec(set: SetTime) -> Result<Option<SystemTimeSpec>, Errno> {
    Ok(match set {
        SetTime::Now => Some(SystemTimeSpec::SymbolicNow),
        set => time(set)?.map(|time| SystemTimeSpec::Absolute(CapTime::from_std(time))),
    })
}

impl Filesystem for Folders {
    fn preopen(&mut self, index: u32) -> Option<(Node, &[u8])> {
        let name = self.names.get(index as usize)?;
        Some((Node(index), name))
    }

    fn open(&mut self, dir: Node, at: &[u8], options: &OpenOptions) -> Result<Node, Errno> {
        let (_, access) = self.dir(dir)?;
        if options.directory && (options.create || options.exclusive || options.truncate) {
            return Err(Errno::INVAL);
        }
        let writes = options.write || options.create || options.truncate;
        if writes && access == Access::ReadOnly {
            return Err(Errno::PERM);
        }
        let at = path(at)?;
        let mut how = HostOptions::new();
        how.read(options.read || !options.write)
            .write(writes)
            .create(options.create && !options.exclusive)
            .create_new(options.create && options.exclusive)
            .truncate(options.truncate)
            // A pipe without a writer would hold up the guest beyond its fuel.
            .nonblock(true)
            .follow(if options.follow {
                FollowSymlinks::Yes
            } else {
                FollowSymlinks::No
            });
        let free = self.free()?;
        let (dir, _) = self.dir(dir)?;
        let file = retry(|| dir.open_with(at, &how))?;
        let found = file.metadata().map_err(errno)?;
        let file = file.into_std();
        let kind = if found.is_dir() {
            Kind::Dir(Dir::from_std_file(file), None)
        } else if options.directory {
            return Err(Errno::NOTDIR);
        } else {
            Kind::File(file)
        };
        let number = u32::try_from(free).map_err(|_| Errno::MFILE)?;
        let slot = self.nodes.get_mut(free).ok_or(Errno::MFILE)?;
        *slot = Some(Open { access, kind });
        Ok(Node(number))
    }

    fn close(&mut self, node: Node) -> Result<(), Errno> {
        let slot = self.nodes.get_mut(node.0 as usize);
        let open = slot.and_then(Option::take).ok_or(Errno::BADF)?;
        self.lowest = self.lowest.min(node.0 as usize);
        if let Kind::Dir(_, Some(listing)) = open.kind {
            self.listed = self.listed.saturating_sub(listing.bytes);
        }
        Ok(())
    }

    fn stat(&mut self, node: Node) -> Result<Stat, Errno> {
        let host = match &self.get(node)?.kind {
            Kind::File(file) => Metadata::from_file(file),
            Kind::Dir(dir, _) => dir.dir_metadata(),
        };
        Ok(stat(&host.map_err(errno)?))
    }

    fn stat_at(&mut self, dir: Node, at: &[u8], follow: bool) -> Result<Stat, Errno> {
        let (dir, _) = self.dir(dir)?;
        // With a slash after it, a link stands for the directory behind it.
        let follow = follow || at.ends_with(b"/") || at.ends_with(b"/.");
        let at = path(at)?;
        let host = if follow {
            dir.metadata(at)
        } else {
            dir.symlink_metadata(at)
        };
        Ok(stat(&host.map_err(errno)?))
    }

    fn set_times(&mut self, node: Node, atim: SetTime, mtim: SetTime) -> Result<(), Errno> {
        let open = self.get(node)?;
        if open.access == Access::ReadOnly {
            return Err(Errno::PERM);
        }
        match &open.kind {
            Kind::Dir(dir, _) => dir.set_times(".", time_spec(atim)?, time_spec(mtim)?),
            Kind::File(file) => {
                let mut times = FileTimes::new();
                if let Some(time) = time(atim)? {
                    times = times.set_accessed(time);
                }
                if let Some(time) = time(mtim)? {
                    times = times.set_modified(time);
                }
                file.set_times(times)
            }
        }
        .map_err(errno)
    }

    fn set_times_at(
        &mut self,
        dir: Node,
        at: &[u8],
        follow: bool,
        atim: SetTime,
        mtim: SetTime,
    ) -> Result<(), Errno> {
        let dir = self.mutable_dir(dir)?;
        let at = path(at)?;
        let (atim, mtim) = (time_spec(atim)?, time_spec(mtim)?);
        let set = if follow {
            dir.set_times(at, atim, mtim)
        } else {
            dir.set_symlink_times(at, atim, mtim)
        };
        set.map_err(errno)
    }

    fn read(&mut self, node: Node, buf: &mut [u8], offset: u64) -> Result<usize, Errno> {
        let (file, _) = self.file(node)?;
        retry(|| os::read_at(file, buf, offset))
    }

    fn write(&mut self, node: Node, bytes: &[u8], offset: u64) -> Result<usize, Errno> {
        let file = self.mutable_file(node)?;
        retry(|| os::write_at(file, bytes, offset))
    }

    fn append(&mut self, node: Node, bytes: &[u8]) -> Result<(usize, u64), Errno> {
        let file = self.mutable_file(node)?;
        retry(|| os::append(file, bytes))
    }

    fn set_size(&mut self, node: Node, size: u64) -> Result<(), Errno> {
        let file = self.mutable_file(node)?;
        retry(|| file.set_len(size))
    }

    fn allocate(&mut self, node: Node, offset: u64, len: u64) -> Result<(), Errno> {
        let file = self.mutable_file(node)?;
        retry(|| os::allocate(file, offset, len))
    }

    fn advise(&mut self, node: Node, offset: u64, len: u64, advice: Advice) -> Result<(), Errno> {
        let (file, _) = self.file(node)?;
        os::advise(file, offset, len, advice).map_err(errno)
    }

    fn sync(&mut self, node: Node, attributes: bool) -> Result<(), Errno> {
        let again;
        let file = match &self.get(node)?.kind {
            Kind::File(file) => file,
            Kind::Dir(dir, _) => {
                again = dir.open(".").map_err(errno)?.into_std();
                &again
            }
        };
        let synced = if attributes {
            file.sync_all()
        } else {
            file.sync_data()
        };
        synced.map_err(errno)
    }

    fn read_dir(
        &mut self,
        dir: Node,
        cookie: u64,
        each: &mut dyn FnMut(DirEntry<'_>) -> bool,
    ) -> Result<(), Errno> {
        self.dir(dir)?;
        let slot = self.nodes.get_mut(dir.0 as usize);
        let Some(Open { kind, .. }) = slot.and_then(Option::as_mut) else {
            return Err(Errno::BADF);
        };
        let Kind::Dir(dir, kept) = kind else {
            return Err(Errno::NOTDIR);
        };
        if cookie == 0 {
            let old = kept.take().map_or(0, |listing| listing.bytes);
            self.listed = self.listed.saturating_sub(old);
        }
        let listing = match kept {
            Some(listing) => listing,
            None => {
                let room = dir::MAX_BYTES.saturating_sub(self.listed);
                let listing = Listing::read(dir, room)?;
                self.listed = self.listed.saturating_add(listing.bytes);
                kept.insert(listing)
            }
        };
        listing.from(cookie, each);
        Ok(())
    }

    fn create_dir(&mut self, dir: Node, at: &[u8]) -> Result<(), Errno> {
        let dir = self.mutable_dir(dir)?;
        dir.create_dir(path(at)?).map_err(errno)
    }

    fn remove_dir(&mut self, dir: Node, at: &[u8]) -> Result<(), Errno> {
        let dir = self.mutable_dir(dir)?;
        dir.remove_dir(path(at)?).map_err(errno)
    }

    fn unlink(&mut self, dir: Node, at: &[u8]) -> Result<(), Errno> {
        let dir = self.mutable_dir(dir)?;
        dir.remove_file_or_symlink(path(at)?).map_err(errno)
    }

    fn rename(
        &mut self,
        old_dir: Node,
        old_path: &[u8],
        new_dir: Node,
        new_path: &[u8],
    ) -> Result<(), Errno> {
        let old_dir = self.mutable_dir(old_dir)?;
        let new_dir = self.mutable_dir(new_dir)?;
        old_dir
            .rename(path(old_path)?, new_dir, path(new_path)?)
            .map_err(errno)
    }

    fn link(
        &mut self,
        old_dir: Node,
        old_path: &[u8],
        new_dir: Node,
        new_path: &[u8],
    ) -> Result<(), Errno> {
        let old_dir = self.mutable_dir(old_dir)?;
        let new_dir = self.mutable_dir(new_dir)?;
        old_dir
            .hard_link(path(old_path)?, new_dir, path(new_path)?)
            .map_err(errno)
    }

    fn symlink(&mut self, target: &[u8], dir: Node, at: &[u8]) -> Result<(), Errno> {
        let dir = self.mutable_dir(dir)?;
        let (target, at) = (path(target)?, path(at)?);
        // A guest's own links are made for what is not there yet, too.
        dir.symlink(target, at).map_err(errno)
    }

    fn read_link(&mut self, dir: Node, at: &[u8], buf: &mut [u8]) -> Result<usize, Errno> {
        let (dir, _) = self.dir(dir)?;
        let target = dir.read_link(path(at)?).map_err(errno)?;
        let target = target.to_str().ok_or(Errno::ILSEQ)?.as_bytes();
        let (into, from) = (buf.iter_mut(), target.iter());
        into.zip(from).for_each(|(to, from)| *to = *from);
        Ok(target.len().min(buf.len()))
    }
}
