//! The entries of an open directory, read once when the guest begins with the
//! first: a cookie is a place in that list, and so stays the same place while
//! entries come and go. The lists of all open directories together take
//! [`MAX_BYTES`] at most.

use cap_fs_ext::MetadataExt as _;
use cap_std::fs::Dir;
use wrt_rt::wasi::Errno;
use wrt_rt::wasi::filesystem::{DirEntry, FileType};

use crate::errno::errno;
use crate::os;

/// What the lists of one guest's directories may take, in bytes: some 600,000
/// entries with names of usual length.
pub(crate) const MAX_BYTES: usize = 64 << 20;

/// Of each entry besides its name.
const OVERHEAD: usize = size_of::<Entry>() + 2 * size_of::<usize>();

#[derive(Debug)]
struct Entry {
    ino: u64,
    filetype: FileType,
    name: Box<str>,
}

/// The entries as they were.
#[derive(Debug)]
pub(crate) struct Listing {
    entries: Vec<Entry>,
    /// What the list takes.
    pub(crate) bytes: usize,
}

impl Listing {
    /// Reads the directory, of which the list may take so many bytes: with more
    /// it is [`Errno::NOMEM`]. A name that is no UTF-8 is [`Errno::ILSEQ`].
    pub(crate) fn read(dir: &Dir, room: usize) -> Result<Self, Errno> {
        let ino = dir.dir_metadata().map_err(errno)?.ino();
        let mut listing = Self {
            entries: Vec::new(),
            bytes: 0,
        };
        for name in [".", ".."] {
            listing.push(ino, FileType::Directory, name, room)?;
        }
        for entry in dir.entries().map_err(errno)? {
            let entry = entry.map_err(errno)?;
            let name = entry.file_name();
            let name = name.to_str().ok_or(Errno::ILSEQ)?;
            let filetype = os::filetype(entry.file_type().map_err(errno)?);
            listing.push(ino_of(&entry), filetype, name, room)?;
        }
        Ok(listing)
    }

    fn push(&mut self, ino: u64, filetype: FileType, name: &str, room: usize) -> Result<(), Errno> {
        self.bytes = self.bytes.saturating_add(OVERHEAD + name.len());
        if self.bytes > room {
            return Err(Errno::NOMEM);
        }
        self.entries.push(Entry {
            ino,
            filetype,
            name: name.into(),
        });
        Ok(())
    }

    /// Hands over the entries from a cookie on.
    pub(crate) fn from(&self, cookie: u64, each: &mut dyn FnMut(DirEntry<'_>) -> bool) {
        let skipped = usize::try_from(cookie).unwrap_or(usize::MAX);
        let entries = self.entries.iter().skip(skipped);
        for (entry, next) in entries.zip(cookie.saturating_add(1)..) {
            let goes_on = each(DirEntry {
                next,
                ino: entry.ino,
                filetype: entry.filetype,
                name: entry.name.as_bytes(),
            });
            if !goes_on {
                break;
            }
        }
    }
}

#[cfg(unix)]
fn ino_of(entry: &cap_std::fs::DirEntry) -> u64 {
    std::os::unix::fs::DirEntryExt::ino(entry)
}

#[cfg(not(unix))]
fn ino_of(_: &cap_std::fs::DirEntry) -> u64 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_bounded() {
        let folder = tempfile::tempdir().expect("a folder");
        for n in 0..10 {
            std::fs::write(folder.path().join(format!("{n}")), []).expect("a file");
        }
        let authority = cap_std::ambient_authority();
        let dir = Dir::open_ambient_dir(folder.path(), authority).expect("it is there");
        let whole = Listing::read(&dir, MAX_BYTES).expect("a small one");
        assert_eq!(whole.entries.len(), 12);
        let room = whole.bytes;
        assert!(Listing::read(&dir, room).is_ok());
        assert_eq!(Listing::read(&dir, room - 1).err(), Some(Errno::NOMEM));
    }
}
