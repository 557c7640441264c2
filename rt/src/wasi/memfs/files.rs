//! The filesystem as the functions of preview 1 use it.

use super::pool::{Kind, Kinds, Open};
use super::walk::Walk;
use super::{MemFs, NONE};
use crate::wasi::Errno;
use crate::wasi::filesystem::{
    Advice, DirEntry, FileType, Filesystem, Node, OpenOptions, SetTime, Stat,
};

impl Kind {
    const fn filetype(self) -> FileType {
        match self {
            Kind::Free => FileType::Unknown,
            Kind::File => FileType::RegularFile,
            Kind::Directory => FileType::Directory,
            Kind::Link => FileType::SymbolicLink,
        }
    }
}

impl<K: Kinds> MemFs<K> {
    fn open_of(&self, node: Node) -> Result<Open, Errno> {
        let open = self.opens.get(node.0).filter(|open| open.is_open);
        open.copied().ok_or(Errno::BADF)
    }

    /// The open directory of a node.
    fn directory(&self, node: Node) -> Result<Open, Errno> {
        let open = self.open_of(node)?;
        match self.inode(open.inode)?.kind {
            Kind::Directory => Ok(open),
            _ => Err(Errno::NOTDIR),
        }
    }

    /// The open directory of a node, in which something is to be changed.
    fn to_change(&self, node: Node) -> Result<u32, Errno> {
        match self.directory(node)? {
            open if open.read_only => Err(Errno::PERM),
            open => Ok(open.inode),
        }
    }

    /// The open file of a node.
    fn content(&self, node: Node, write: bool) -> Result<Open, Errno> {
        let open = self.open_of(node)?;
        match self.inode(open.inode)?.kind {
            Kind::File if write && open.read_only => Err(Errno::PERM),
            Kind::File => Ok(open),
            _ => Err(Errno::BADF),
        }
    }

    fn stat_of(&self, n: u32) -> Result<Stat, Errno> {
        let inode = self.inode(n)?;
        Ok(Stat {
            dev: 1,
            ino: u64::from(n).saturating_add(1),
            filetype: inode.kind.filetype(),
            nlink: u64::from(inode.links),
            size: match inode.kind {
                Kind::Directory => 0,
                _ => inode.size,
            },
            atim: inode.atim,
            mtim: inode.mtim,
            ctim: inode.ctim,
        })
    }

    fn put_times(&mut self, n: u32, atim: SetTime, mtim: SetTime) -> Result<(), Errno> {
        let now = self.tick();
        let new = |old: u64, set: SetTime| match set {
            SetTime::Keep => old,
            SetTime::Now => now,
            SetTime::At(time) => time,
        };
        let inode = self.inode_mut(n)?;
        inode.atim = new(inode.atim, atim);
        inode.mtim = new(inode.mtim, mtim);
        inode.ctim = now;
        Ok(())
    }

    /// Notes that a file's content changed.
    fn changed(&mut self, n: u32) -> Result<(), Errno> {
        let now = self.tick();
        let inode = self.inode_mut(n)?;
        (inode.mtim, inode.ctim) = (now, now);
        Ok(())
    }

    /// Keeps what is near to where a file was used.
    fn note(&mut self, node: Node, near: (u32, u32)) {
        if let Some(open) = self.opens.get_mut(node.0) {
            open.near = near;
        }
    }

    /// Opens what there is at the end of a path, or makes it.
    fn open_or_make(&mut self, walk: &Walk, options: &OpenOptions) -> Result<u32, Errno> {
        let Some(inode) = walk.inode else {
            if !options.create {
                return Err(Errno::NOENT);
            }
            if walk.slash {
                return Err(Errno::ISDIR);
            }
            let name = walk.named(Errno::ISDIR)?;
            return self.make(walk.parent, name.bytes(), Kind::File);
        };
        if options.create && options.exclusive {
            return Err(Errno::EXIST);
        }
        match self.inode(inode)?.kind {
            Kind::Link => Err(Errno::LOOP),
            Kind::Directory if options.write || options.create || options.truncate => {
                Err(Errno::ISDIR)
            }
            Kind::Directory => Ok(inode),
            _ if options.directory => Err(Errno::NOTDIR),
            _ => {
                if options.truncate {
                    self.forget(inode);
                    self.resize(inode, 0)?;
                    self.changed(inode)?;
                }
                Ok(inode)
            }
        }
    }

    /// Whether a directory is another, or above it.
    fn is_above(&self, above: u32, mut dir: u32) -> bool {
        let mut steps = 0;
        while let Ok(inode) = self.inode(dir) {
            if dir == above {
                return true;
            }
            if inode.parent == dir || steps > self.inodes.len() {
                return false;
            }
            dir = inode.parent;
            steps += 1;
        }
        false
    }

    /// Takes away what a rename replaces.
    fn replace(&mut self, from: u32, to: &Walk) -> Result<(), Errno> {
        let Some(old) = to.inode else {
            return Ok(());
        };
        let (from, old_inode) = (self.inode(from)?.kind, *self.inode(old)?);
        match (from == Kind::Directory, old_inode.kind == Kind::Directory) {
            (true, false) => return Err(Errno::NOTDIR),
            (false, true) => return Err(Errno::ISDIR),
            (true, true) if old_inode.size > 0 => return Err(Errno::NOTEMPTY),
            _ => {}
        }
        let name = to.named(Errno::BUSY)?;
        self.leave(to.parent, name.bytes())?;
        if old_inode.kind == Kind::Directory {
            self.inode_mut(old)?.links = 0;
        }
        self.release(old);
        Ok(())
    }
}

impl<K: Kinds> Filesystem for MemFs<K> {
    fn preopen(&mut self, index: u32) -> Option<(Node, &[u8])> {
        let preopen = self.preopens.get(index as usize)?.as_ref()?;
        Some((preopen.node, preopen.name.as_bytes()))
    }

    fn open(&mut self, dir: Node, path: &[u8], options: &OpenOptions) -> Result<Node, Errno> {
        let open = self.directory(dir)?;
        if open.read_only && (options.write || options.create || options.truncate) {
            return Err(Errno::PERM);
        }
        if options.directory && (options.create || options.exclusive || options.truncate) {
            return Err(Errno::INVAL);
        }
        if self.opens.room() == 0 {
            return Err(Errno::NFILE);
        }
        let follow = options.follow && !(options.create && options.exclusive);
        let walk = self.walk(open.inode, path, follow)?;
        let inode = self.open_or_make(&walk, options)?;
        self.open_inode(inode, open.read_only)
    }

    fn close(&mut self, node: Node) -> Result<(), Errno> {
        self.close_open(node.0)
    }

    fn stat(&mut self, node: Node) -> Result<Stat, Errno> {
        self.stat_of(self.open_of(node)?.inode)
    }

    fn stat_at(&mut self, dir: Node, path: &[u8], follow: bool) -> Result<Stat, Errno> {
        let dir = self.directory(dir)?.inode;
        self.stat_of(self.walk(dir, path, follow)?.found()?)
    }

    fn set_times(&mut self, node: Node, atim: SetTime, mtim: SetTime) -> Result<(), Errno> {
        match self.open_of(node)? {
            open if open.read_only => Err(Errno::PERM),
            open => self.put_times(open.inode, atim, mtim),
        }
    }

    fn set_times_at(
        &mut self,
        dir: Node,
        path: &[u8],
        follow: bool,
        atim: SetTime,
        mtim: SetTime,
    ) -> Result<(), Errno> {
        let dir = self.to_change(dir)?;
        // As other hosts have it, nothing is looked for where nothing is set.
        if (atim, mtim) == (SetTime::Keep, SetTime::Keep) {
            return Ok(());
        }
        let inode = self.walk(dir, path, follow)?.found()?;
        self.put_times(inode, atim, mtim)
    }

    fn read(&mut self, node: Node, buf: &mut [u8], offset: u64) -> Result<usize, Errno> {
        let mut open = self.content(node, false)?;
        let n = self.read_at(open.inode, &mut open.near, buf, offset)?;
        self.note(node, open.near);
        let now = self.tick();
        self.inode_mut(open.inode)?.atim = now;
        Ok(n)
    }

    fn write(&mut self, node: Node, bytes: &[u8], offset: u64) -> Result<usize, Errno> {
        let mut open = self.content(node, true)?;
        if bytes.is_empty() {
            return Ok(0);
        }
        let n = self.write_at(open.inode, &mut open.near, bytes, offset)?;
        self.note(node, open.near);
        self.changed(open.inode)?;
        Ok(n)
    }

    fn append(&mut self, node: Node, bytes: &[u8]) -> Result<(usize, u64), Errno> {
        let open = self.content(node, true)?;
        let end = self.inode(open.inode)?.size;
        let n = self.write(node, bytes, end)?;
        Ok((n, end.saturating_add(n as u64)))
    }

    fn set_size(&mut self, node: Node, size: u64) -> Result<(), Errno> {
        let open = self.content(node, true)?;
        self.note(node, (0, NONE));
        self.forget(open.inode);
        self.resize(open.inode, size)?;
        self.changed(open.inode)
    }

    fn allocate(&mut self, node: Node, offset: u64, len: u64) -> Result<(), Errno> {
        let open = self.content(node, true)?;
        if len == 0 {
            return Err(Errno::INVAL);
        }
        let end = offset.checked_add(len).ok_or(Errno::FBIG)?;
        match self.inode(open.inode)?.size {
            size if size < end => self.resize(open.inode, end),
            _ => Ok(()),
        }
    }

    fn advise(&mut self, node: Node, _: u64, _: u64, _: Advice) -> Result<(), Errno> {
        self.content(node, false).map(drop)
    }

    fn sync(&mut self, node: Node, _: bool) -> Result<(), Errno> {
        self.open_of(node).map(drop)
    }

    fn read_dir(
        &mut self,
        dir: Node,
        cookie: u64,
        each: &mut dyn FnMut(DirEntry<'_>) -> bool,
    ) -> Result<(), Errno> {
        let dir = self.directory(dir)?.inode;
        let parent = self.inode(dir)?.parent;
        // A cookie is the place of the next entry, behind those of these two.
        let ino = |n: u32| u64::from(n).saturating_add(1);
        for (at, name, inode) in [(0, &b"."[..], dir), (1, b"..", parent)] {
            let entry = DirEntry {
                next: at + 1,
                ino: ino(inode),
                filetype: FileType::Directory,
                name,
            };
            if at >= cookie && !each(entry) {
                return Ok(());
            }
        }
        let first = u32::try_from(cookie.saturating_sub(2)).unwrap_or(u32::MAX);
        for n in first..self.entries.len() {
            let Some(entry) = self.entries.get(n).filter(|entry| entry.dir == dir) else {
                continue;
            };
            let name = self.name(entry)?;
            let entry = DirEntry {
                next: u64::from(n).saturating_add(3),
                ino: ino(entry.inode),
                filetype: self.inode(entry.inode)?.kind.filetype(),
                name: name.bytes(),
            };
            if !each(entry) {
                break;
            }
        }
        Ok(())
    }

    fn create_dir(&mut self, dir: Node, path: &[u8]) -> Result<(), Errno> {
        let dir = self.to_change(dir)?;
        let walk = self.walk(dir, path, false)?;
        if walk.inode.is_some() {
            return Err(Errno::EXIST);
        }
        let name = walk.named(Errno::EXIST)?;
        self.make(walk.parent, name.bytes(), Kind::Directory)
            .map(drop)
    }

    fn remove_dir(&mut self, dir: Node, path: &[u8]) -> Result<(), Errno> {
        let dir = self.to_change(dir)?;
        // A slash behind a link does not make it a directory to remove.
        let walk = self.walk(dir, without_slashes(path), false)?;
        let (inode, name) = (walk.found()?, walk.named(Errno::INVAL)?);
        match *self.inode(inode)? {
            found if found.kind != Kind::Directory => return Err(Errno::NOTDIR),
            // As other hosts have it.
            _ if path.last() == Some(&b'/') => return Err(Errno::INVAL),
            found if found.size > 0 => return Err(Errno::NOTEMPTY),
            _ => {}
        }
        self.leave(walk.parent, name.bytes())?;
        self.inode_mut(inode)?.links = 0;
        self.release(inode);
        Ok(())
    }

    fn unlink(&mut self, dir: Node, path: &[u8]) -> Result<(), Errno> {
        let dir = self.to_change(dir)?;
        let walk = self.walk(dir, without_slashes(path), false)?;
        let (inode, name) = (walk.found()?, walk.named(Errno::ISDIR)?);
        if self.inode(inode)?.kind == Kind::Directory {
            return Err(Errno::ISDIR);
        }
        if path.last() == Some(&b'/') {
            return Err(Errno::NOTDIR);
        }
        self.leave(walk.parent, name.bytes())?;
        self.release(inode);
        Ok(())
    }

    fn rename(
        &mut self,
        old_dir: Node,
        old_path: &[u8],
        new_dir: Node,
        new_path: &[u8],
    ) -> Result<(), Errno> {
        let (old_dir, new_dir) = (self.to_change(old_dir)?, self.to_change(new_dir)?);
        let old = self.walk(old_dir, old_path, false)?;
        let new = self.walk(new_dir, new_path, false)?;
        let inode = old.found()?;
        let (old_name, new_name) = (old.named(Errno::BUSY)?, new.named(Errno::BUSY)?);
        if new.inode == Some(inode) {
            return Ok(());
        }
        let is_dir = self.inode(inode)?.kind == Kind::Directory;
        if !is_dir && new.slash {
            return Err(Errno::NOTDIR);
        }
        if is_dir && self.is_above(inode, new.parent) {
            return Err(Errno::INVAL);
        }
        self.replace(inode, &new)?;
        // The new name first, so that there is always one.
        self.enter(new.parent, new_name.bytes(), inode)?;
        self.leave(old.parent, old_name.bytes())
    }

    fn link(
        &mut self,
        old_dir: Node,
        old_path: &[u8],
        new_dir: Node,
        new_path: &[u8],
    ) -> Result<(), Errno> {
        let (old_dir, new_dir) = (self.to_change(old_dir)?, self.to_change(new_dir)?);
        let inode = self.walk(old_dir, old_path, false)?.found()?;
        let new = self.walk(new_dir, new_path, false)?;
        if self.inode(inode)?.kind == Kind::Directory {
            return Err(Errno::PERM);
        }
        if new.inode.is_some() {
            return Err(Errno::EXIST);
        }
        if new.slash {
            return Err(Errno::NOENT);
        }
        if self.inode(inode)?.links == u32::MAX {
            return Err(Errno::MLINK);
        }
        let name = new.named(Errno::EXIST)?;
        self.enter(new.parent, name.bytes(), inode)
    }

    fn symlink(&mut self, target: &[u8], dir: Node, path: &[u8]) -> Result<(), Errno> {
        let dir = self.to_change(dir)?;
        if target.first() == Some(&b'/') {
            return Err(Errno::PERM);
        }
        let walk = self.walk(dir, path, false)?;
        if walk.inode.is_some() {
            return Err(Errno::EXIST);
        }
        if walk.slash {
            return Err(Errno::NOENT);
        }
        let name = walk.named(Errno::EXIST)?;
        let content = self.chain(target)?;
        match self.make(walk.parent, name.bytes(), Kind::Link) {
            Ok(inode) => {
                let inode = self.inode_mut(inode)?;
                (inode.first, inode.size) = (content, target.len() as u64);
                Ok(())
            }
            Err(errno) => {
                self.free_chain(content);
                Err(errno)
            }
        }
    }

    fn read_link(&mut self, dir: Node, path: &[u8], buf: &mut [u8]) -> Result<usize, Errno> {
        let dir = self.directory(dir)?.inode;
        let inode = *self.inode(self.walk(dir, path, false)?.found()?)?;
        if inode.kind != Kind::Link {
            return Err(Errno::INVAL);
        }
        let len = usize::try_from(inode.size)
            .unwrap_or(usize::MAX)
            .min(buf.len());
        self.copy_out(inode.first, buf.get_mut(..len).unwrap_or(&mut []));
        Ok(len)
    }
}

/// A path without the slashes at its end.
fn without_slashes(path: &[u8]) -> &[u8] {
    let last = path.iter().rposition(|b| *b != b'/');
    // `/` itself is refused where it is followed.
    last.and_then(|last| path.get(..=last)).unwrap_or(path)
}

impl<K: Kinds> MemFs<K> {
    /// No open node is near to anything of this file: its blocks change.
    fn forget(&mut self, inode: u32) {
        for n in 0..self.opens.len() {
            if let Some(open) = self.opens.get_mut(n).filter(|open| open.inode == inode) {
                open.near = (0, NONE);
            }
        }
    }
}
