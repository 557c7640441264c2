//! What may be done in folders, and the bounds of it.

mod common;

use std::fs;

use common::*;
use wrt_rt::wasi::Errno;
use wrt_rt::wasi::filesystem::{Advice, FileType, Filesystem, Node, OpenOptions, SetTime};
use wrt_wasi::{Access, Folders};

#[test]
fn folders_have_names() {
    let mut place = Place::new();
    assert_eq!(place.folders.preopen(0), Some((RW, &b"/rw"[..])));
    assert_eq!(place.folders.preopen(1), Some((RO, &b"/ro"[..])));
    assert_eq!(place.folders.preopen(2), None);
    let missing = Folders::new().folder(place.path("none"), "/", Access::ReadOnly);
    assert!(missing.is_err());
    let file = Folders::new().folder(place.path("rw/file"), "/", Access::ReadOnly);
    assert!(file.is_err());
}

#[test]
fn files_are_read_and_written_at_offsets() {
    let mut place = Place::new();
    let folders = &mut place.folders;
    let file = folders.open(RW, b"new", &CREATE).expect("a file");
    assert_eq!(folders.write(file, b"world", 6), Ok(5));
    assert_eq!(folders.write(file, b"hello", 0), Ok(5));
    assert_eq!(folders.append(file, b"!"), Ok((1, 12)));
    // The position of appending is not that of writing.
    assert_eq!(folders.write(file, b"H", 0), Ok(1));
    let mut buf = [9; 16];
    assert_eq!(folders.read(file, &mut buf, 0), Ok(12));
    assert_eq!(&buf[..12], b"Hello\0world!");
    assert_eq!(folders.read(file, &mut buf, 12), Ok(0));
    assert_eq!(folders.read(file, &mut buf, u64::MAX), Err(Errno::INVAL));
    folders.set_size(file, 3).expect("shorter");
    folders.allocate(file, 2, 6).expect("longer");
    folders.allocate(file, 0, 1).expect("as it is");
    assert_eq!(folders.stat(file).expect("open").size, 8);
    folders
        .advise(file, 0, 0, Advice::WillNeed)
        .expect("a hint");
    folders.sync(file, true).expect("a disk");
    folders.sync(RW, false).expect("a disk");
    folders.close(file).expect("open");
    assert_eq!(folders.close(file), Err(Errno::BADF));
    assert_eq!(folders.stat(file).err(), Some(Errno::BADF));
    assert_eq!(
        fs::read(place.path("rw/new")).expect("a file"),
        b"Hel\0\0\0\0\0"
    );
    // Of a directory there are no bytes.
    let folders = &mut place.folders;
    assert_eq!(folders.read(RW, &mut buf, 0), Err(Errno::BADF));
    assert_eq!(folders.write(RW, &buf, 0), Err(Errno::BADF));
    assert_eq!(folders.open(RW, b"sub", &WRITE), Err(Errno::ISDIR));
}

#[test]
fn options_of_opening() {
    let mut place = Place::new();
    let exclusive = OpenOptions {
        exclusive: true,
        ..CREATE
    };
    assert_eq!(place.read(RW, "none", &READ), Err(Errno::NOENT));
    assert_eq!(place.read(RW, "file", &exclusive), Err(Errno::EXIST));
    assert_eq!(
        place.read(RW, "file", &CREATE).as_deref(),
        Ok(&b"hello"[..])
    );
    let directory = OpenOptions {
        directory: true,
        ..CREATE
    };
    assert_eq!(place.read(RW, "new", &directory), Err(Errno::INVAL));
    assert!(!place.path("rw/new").exists());
    let truncate = OpenOptions {
        truncate: true,
        ..READ
    };
    assert_eq!(place.read(RW, "file", &truncate).as_deref(), Ok(&b""[..]));
}

/// Nobody writes to it, and nobody ever will.
#[test]
#[cfg(unix)]
fn a_pipe_holds_nobody_up() {
    let mut place = Place::new();
    let pipe = std::process::Command::new("mkfifo")
        .arg(place.path("rw/pipe"))
        .status();
    assert!(pipe.expect("there is mkfifo").success());
    let (done, wait) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let read = place.read(RW, "pipe", &READ);
        let only = OpenOptions {
            read: false,
            ..WRITE
        };
        let write = place.folders.open(RW, b"pipe", &only);
        done.send((read, write)).expect("somebody waits");
    });
    let said = wait.recv_timeout(std::time::Duration::from_secs(20));
    assert_eq!(
        said.expect("it does not wait"),
        (Err(Errno::SPIPE), Err(Errno::NXIO))
    );
}

#[test]
fn names_come_and_go() {
    let mut place = Place::new();
    let folders = &mut place.folders;
    folders.create_dir(RW, b"dir").expect("a folder");
    assert_eq!(folders.create_dir(RW, b"dir"), Err(Errno::EXIST));
    assert_eq!(folders.unlink(RW, b"dir"), Err(Errno::ISDIR));
    assert_eq!(folders.remove_dir(RW, b"file"), Err(Errno::NOTDIR));
    folders.link(RW, b"file", RW, b"dir/link").expect("a link");
    assert_eq!(folders.stat_at(RW, b"file", true).expect("a file").nlink, 2);
    assert_eq!(folders.remove_dir(RW, b"dir"), Err(Errno::NOTEMPTY));
    folders.unlink(RW, b"dir/link").expect("a file");
    folders
        .rename(RW, b"file", RW, b"dir/file")
        .expect("it moves");
    assert_eq!(
        folders.rename(RW, b"dir/file", RW, b"sub"),
        Err(Errno::ISDIR)
    );
    folders.unlink(RW, b"dir/file").expect("a file");
    folders.remove_dir(RW, b"dir").expect("it is empty");
    assert_eq!(folders.unlink(RW, b"dir"), Err(Errno::NOENT));
}

#[test]
#[cfg(unix)]
fn symbolic_links() {
    let mut place = Place::new();
    let folders = &mut place.folders;
    folders
        .symlink(b"../file", RW, b"sub/link")
        .expect("a link");
    let mut buf = [0; 64];
    assert_eq!(folders.read_link(RW, b"sub/link", &mut buf), Ok(7));
    assert_eq!(&buf[..7], b"../file");
    assert_eq!(folders.read_link(RW, b"sub/link", &mut buf[..3]), Ok(3));
    assert_eq!(folders.read_link(RW, b"file", &mut buf), Err(Errno::INVAL));
    let link = folders.stat_at(RW, b"sub/link", false).expect("a link");
    assert_eq!((link.filetype, link.size), (FileType::SymbolicLink, 7));
    let file = folders.stat_at(RW, b"sub/link", true).expect("a file");
    assert_eq!((file.filetype, file.size), (FileType::RegularFile, 5));
    assert_eq!(
        place.read(RW, "sub/link", &READ).as_deref(),
        Ok(&b"hello"[..])
    );
    assert_eq!(place.read(RW, "sub/link", &NO_FOLLOW), Err(Errno::LOOP));
}

#[test]
fn times() {
    let mut place = Place::new();
    let folders = &mut place.folders;
    let (at, keep) = (SetTime::At, SetTime::Keep);
    let file = folders.open(RW, b"file", &READ).expect("a file");
    folders
        .set_times(file, at(5), at(1_500_000_000))
        .expect("times");
    folders.set_times(file, keep, keep).expect("no times");
    let stat = folders.stat(file).expect("open");
    assert_eq!((stat.atim, stat.mtim), (5, 1_500_000_000));
    folders
        .set_times_at(RW, b"file", true, keep, at(7))
        .expect("times");
    let stat = folders.stat_at(RW, b"file", true).expect("a file");
    assert_eq!((stat.atim, stat.mtim), (5, 7));
    folders.set_times(file, SetTime::Now, keep).expect("times");
    let stat = folders.stat(file).expect("open");
    assert!(stat.atim > 1_600_000_000_000_000_000 && stat.mtim == 7);
    for dir in [RW, folders.open(RW, b"sub", &DIRECTORY).expect("a folder")] {
        folders.set_times(dir, at(1), at(2)).expect("times");
        assert_eq!(folders.stat(dir).expect("open").mtim, 2);
    }
}

#[test]
fn directories_are_read_with_stable_cookies() {
    let mut place = Place::new();
    for n in 0..10 {
        fs::write(place.path(&format!("rw/sub/{n}")), []).expect("a file");
    }
    let sub = place
        .folders
        .open(RW, b"sub", &DIRECTORY)
        .expect("a folder");
    let all = place.list(sub, 0).expect("a folder");
    assert_eq!((&*all[0].0, &*all[1].0, all.len()), (".", "..", 12));
    // What goes on meanwhile does not move what is still to be read.
    let (third, cookie) = all[2].clone();
    fs::remove_file(place.path("rw/sub").join(third)).expect("a file");
    fs::write(place.path("rw/sub/more"), []).expect("a file");
    assert_eq!(place.list(sub, cookie).expect("a folder"), all[3..]);
    assert_eq!(place.list(sub, 12), Ok(vec![]));
    assert_eq!(place.list(sub, u64::MAX), Ok(vec![]));
    // From the start it is read anew.
    let again = place.list(sub, 0).expect("a folder");
    assert!(again.iter().any(|(name, _)| name == "more"));
    assert_eq!(again.len(), 12);
    let file = place.folders.open(RW, b"file", &READ).expect("a file");
    assert_eq!(place.list(file, 0), Err(Errno::NOTDIR));
    let mut types = Vec::new();
    let each = &mut |entry: wrt_rt::wasi::filesystem::DirEntry<'_>| {
        types.push((entry.name.to_vec(), entry.filetype, entry.ino));
        true
    };
    place.folders.read_dir(RW, 0, each).expect("a folder");
    for (name, filetype, ino) in types {
        let stat = place.folders.stat_at(RW, &name, false);
        // The parent is not the guest's to look at.
        if name != b".." {
            let stat = stat.expect("a name of it");
            assert_eq!((stat.filetype, stat.ino), (filetype, ino), "{name:?}");
        }
    }
}

/// Whoever reads on gets all of many entries, each once; a second list is as large again and still fits.
#[test]
fn large_directories() {
    const COUNT: usize = 100_000;
    let mut place = Place::new();
    for n in 0..COUNT {
        fs::File::create(place.path(&format!("rw/sub/{n:06}"))).expect("a file");
    }
    let one = place
        .folders
        .open(RW, b"sub", &DIRECTORY)
        .expect("a folder");
    let other = place
        .folders
        .open(RW, b"sub", &DIRECTORY)
        .expect("a folder");
    for sub in [one, other] {
        let (mut names, mut cookie) = (Vec::new(), 0);
        loop {
            let (before, from) = (names.len(), cookie);
            let mut left = 1000;
            let each = &mut |entry: wrt_rt::wasi::filesystem::DirEntry<'_>| {
                names.push(entry.name.to_vec());
                cookie = entry.next;
                left -= 1;
                left > 0
            };
            place.folders.read_dir(sub, from, each).expect("a folder");
            if names.len() == before {
                break;
            }
        }
        names.sort();
        names.dedup();
        assert_eq!(names.len(), COUNT + 2);
    }
    place.folders.close(one).expect("open");
    place.folders.close(other).expect("open");
}

#[test]
fn what_is_open_is_bounded() {
    let mut place = Place::new();
    place.folders = std::mem::take(&mut place.folders).max_open(10);
    let mut open = Vec::new();
    let truncate = OpenOptions {
        truncate: true,
        ..WRITE
    };
    let error = loop {
        match place.folders.open(RW, b"file", &READ) {
            Ok(node) => open.push(node),
            Err(error) => break error,
        }
    };
    assert_eq!((error, open.len()), (Errno::MFILE, 8));
    // Nothing is made or emptied for what cannot be opened.
    assert_eq!(
        place.folders.open(RW, b"file", &truncate),
        Err(Errno::MFILE)
    );
    assert_eq!(place.folders.open(RW, b"new", &CREATE), Err(Errno::MFILE));
    assert!(!place.path("rw/new").exists());
    assert_eq!(fs::read(place.path("rw/file")).expect("a file"), b"hello");
    place.folders.close(open[3]).expect("open");
    assert_eq!(place.folders.open(RW, b"file", &READ), Ok(open[3]));
    place.folders.close(RO).expect("open");
    assert_eq!(place.read(RO, "file", &READ), Err(Errno::BADF));
    assert_eq!(
        place.folders.open(Node(u32::MAX), b"file", &READ),
        Err(Errno::BADF)
    );
}
