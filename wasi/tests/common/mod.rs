//! Folders to try things in, with a file outside of them that nothing may touch.
#![allow(dead_code, unreachable_pub)]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use tempfile::TempDir;
use wrt_rt::wasi::Errno;
use wrt_rt::wasi::filesystem::{Filesystem, Node, OpenOptions};
use wrt_wasi::{Access, Folders};

/// The granted folder to read and write, and that to read only.
pub const RW: Node = Node(0);
pub const RO: Node = Node(1);

pub const READ: OpenOptions = OpenOptions {
    read: true,
    write: false,
    create: false,
    exclusive: false,
    truncate: false,
    directory: false,
    follow: true,
};
pub const WRITE: OpenOptions = OpenOptions {
    write: true,
    ..READ
};
pub const CREATE: OpenOptions = OpenOptions {
    create: true,
    ..WRITE
};
pub const DIRECTORY: OpenOptions = OpenOptions {
    directory: true,
    ..READ
};
pub const NO_FOLLOW: OpenOptions = OpenOptions {
    follow: false,
    ..READ
};

/// What the file outside holds.
pub const SECRET: &[u8] = b"secret";

/// `rw` and `ro`, which are granted, beside `outside`, which is not.
pub struct Place {
    root: TempDir,
    pub folders: Folders,
    before: Canary,
}

#[derive(Debug, PartialEq)]
struct Canary {
    contents: Vec<u8>,
    modified: SystemTime,
    names: Vec<PathBuf>,
}

impl Default for Place {
    fn default() -> Self {
        Self::new()
    }
}

impl Place {
    pub fn new() -> Self {
        let root = tempfile::tempdir().expect("a folder");
        for folder in ["rw", "rw/sub", "ro", "ro/sub", "outside"] {
            fs::create_dir(root.path().join(folder)).expect("a folder");
        }
        for (file, contents) in [
            ("rw/file", &b"hello"[..]),
            ("ro/file", b"hello"),
            ("ro/sub/file", b"hello"),
            ("outside/secret", SECRET),
        ] {
            fs::write(root.path().join(file), contents).expect("a file");
        }
        let folders = Folders::new()
            .folder(root.path().join("rw"), "/rw", Access::ReadWrite)
            .and_then(|f| f.folder(root.path().join("ro"), "/ro", Access::ReadOnly))
            .expect("they are there");
        let before = canary(root.path());
        Self {
            root,
            folders,
            before,
        }
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    /// Opens and reads from the start.
    pub fn read(&mut self, dir: Node, path: &str, how: &OpenOptions) -> Result<Vec<u8>, Errno> {
        let node = self.folders.open(dir, path.as_bytes(), how)?;
        let mut buf = [0; 64];
        let read = self.folders.read(node, &mut buf, 0);
        self.folders.close(node).expect("it is open");
        Ok(buf[..read?].to_vec())
    }

    /// Names and cookies of a directory from a cookie on.
    pub fn list(&mut self, dir: Node, cookie: u64) -> Result<Vec<(String, u64)>, Errno> {
        let mut list = Vec::new();
        self.folders.read_dir(dir, cookie, &mut |entry| {
            let name = String::from_utf8(entry.name.to_vec()).expect("text");
            list.push((name, entry.next));
            true
        })?;
        Ok(list)
    }

    /// Nothing outside has changed.
    #[track_caller]
    pub fn check(&self) {
        assert_eq!(canary(self.root.path()), self.before);
    }
}

fn canary(root: &Path) -> Canary {
    let secret = root.join("outside/secret");
    let entries = fs::read_dir(root.join("outside")).expect("it is there");
    let mut names: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    names.sort();
    Canary {
        contents: fs::read(&secret).expect("it is there"),
        modified: fs::metadata(&secret)
            .and_then(|found| found.modified())
            .expect("a time"),
        names,
    }
}
