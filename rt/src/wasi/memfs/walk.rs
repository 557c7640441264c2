//! From a path to what stands there: one name after the other, links read into
//! a buffer as they come.

use super::pool::{Kind, Kinds};
use super::{MAX_NAME, MemFs};
use crate::wasi::Errno;

/// The most links that one path goes through.
const MAX_LINKS: u32 = 40;

/// Bytes of what is left of a path behind a link, its target included.
const REST: usize = 1024;

/// A name.
#[derive(Clone, Copy)]
pub(super) struct Name {
    bytes: [u8; MAX_NAME],
    len: usize,
}

impl Name {
    pub(super) fn new(name: &[u8]) -> Result<Name, Errno> {
        let mut bytes = [0; MAX_NAME];
        let to = bytes.get_mut(..name.len()).ok_or(Errno::NAMETOOLONG)?;
        to.copy_from_slice(name);
        Ok(Name {
            bytes,
            len: name.len(),
        })
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or(&[])
    }
}

/// Where a path led.
pub(super) struct Walk {
    /// The directory that its last name is in.
    pub(super) parent: u32,
    /// The last name; none for `.` and `..`.
    pub(super) name: Option<Name>,
    /// What stands there.
    pub(super) inode: Option<u32>,
    /// It ended in a slash.
    pub(super) slash: bool,
}

impl Walk {
    /// What stands there, or [`Errno::NOENT`].
    pub(super) fn found(&self) -> Result<u32, Errno> {
        self.inode.ok_or(Errno::NOENT)
    }

    /// The name, where one can be made or taken away; else `other`.
    pub(super) fn named(&self, other: Errno) -> Result<Name, Errno> {
        self.name.ok_or(other)
    }
}

/// What is left of a path: of that which was given, or of the buffer.
struct Rest<'a> {
    given: &'a [u8],
    buffer: [u8; REST],
    /// The part of the buffer, once a link was met.
    part: Option<(usize, usize)>,
}

impl Rest<'_> {
    fn bytes(&self) -> &[u8] {
        match self.part {
            None => self.given,
            Some((start, end)) => self.buffer.get(start..end).unwrap_or(&[]),
        }
    }

    fn skip(&mut self, n: usize) {
        match &mut self.part {
            None => self.given = self.given.get(n..).unwrap_or(&[]),
            Some((start, _)) => *start = start.saturating_add(n),
        }
    }

    /// The next name, without the slashes around it; whether slashes follow.
    fn next(&mut self) -> Result<Option<(Name, bool)>, Errno> {
        let slashes = self.bytes().iter().take_while(|b| **b == b'/').count();
        self.skip(slashes);
        let len = self.bytes().iter().take_while(|b| **b != b'/').count();
        if len == 0 {
            return Ok(None);
        }
        let name = Name::new(self.bytes().get(..len).unwrap_or(&[]))?;
        self.skip(len);
        Ok(Some((name, !self.bytes().is_empty())))
    }

    /// Whether nothing but slashes is left.
    fn is_over(&self) -> bool {
        self.bytes().iter().all(|b| *b == b'/')
    }
}

impl<K: Kinds> MemFs<K> {
    /// Follows a path from a directory on, above which it must not lead; links
    /// at its end if `follow` says so, or a slash comes behind them.
    pub(super) fn walk(&self, dir: u32, path: &[u8], follow: bool) -> Result<Walk, Errno> {
        let mut rest = Rest {
            given: path,
            buffer: [0; REST],
            part: None,
        };
        if path.is_empty() {
            return Err(Errno::NOENT);
        }
        let (mut at, mut depth, mut links) = (dir, 0_u32, 0_u32);
        if path.first() == Some(&b'/') {
            return Err(Errno::PERM);
        }
        let mut slash = false;
        while let Some((name, slashes)) = rest.next()? {
            let last = rest.is_over();
            slash = slashes;
            match name.bytes() {
                b"." => continue,
                b".." => {
                    depth = depth.checked_sub(1).ok_or(Errno::PERM)?;
                    at = self.inode(at)?.parent;
                    continue;
                }
                _ => {}
            }
            let Some(inode) = self.lookup(at, name.bytes()) else {
                if !last {
                    return Err(Errno::NOENT);
                }
                return Ok(Walk {
                    parent: at,
                    name: Some(name),
                    inode: None,
                    slash,
                });
            };
            let found = self.inode(inode)?;
            match found.kind {
                Kind::Link if !last || follow || slash => {
                    links = links.saturating_add(1);
                    if links > MAX_LINKS {
                        return Err(Errno::LOOP);
                    }
                    self.expand(inode, &mut rest)?;
                    slash = false;
                }
                Kind::Directory if !last => {
                    at = inode;
                    depth = depth.saturating_add(1);
                }
                _ if !last || slash && found.kind != Kind::Directory => return Err(Errno::NOTDIR),
                _ => {
                    return Ok(Walk {
                        parent: at,
                        name: Some(name),
                        inode: Some(inode),
                        slash,
                    });
                }
            }
        }
        Ok(Walk {
            parent: at,
            name: None,
            inode: Some(at),
            slash,
        })
    }

    /// Puts a link's target before what is left.
    fn expand(&self, link: u32, rest: &mut Rest<'_>) -> Result<(), Errno> {
        let left = rest.bytes();
        let inode = self.inode(link)?;
        let len = usize::try_from(inode.size).map_err(|_| Errno::NAMETOOLONG)?;
        let mut buffer = [0; REST];
        let end = len.checked_add(left.len()).ok_or(Errno::NAMETOOLONG)?;
        let to = buffer.get_mut(..end).ok_or(Errno::NAMETOOLONG)?;
        if let Some((target, behind)) = to.split_at_mut_checked(len) {
            self.copy_out(inode.first, target);
            behind.copy_from_slice(left);
        }
        if buffer.first() == Some(&b'/') {
            return Err(Errno::PERM);
        }
        rest.buffer = buffer;
        rest.part = Some((0, end));
        Ok(())
    }
}
