//! Attempts to leave a granted folder, or to change what was granted to be read
//! only. Each is refused with its code, and the file outside stays as it is.
#![cfg(unix)]

mod common;

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use common::*;
use wrt_rt::wasi::Errno;
use wrt_rt::wasi::filesystem::{Filesystem, Node, OpenOptions, SetTime};
use wrt_wasi::Folders;

/// Every function that takes a path, at this one; what each says.
fn everything_at(folders: &mut Folders, dir: Node, at: &[u8]) -> Vec<(&'static str, Errno)> {
    let now = SetTime::Now;
    let mut buf = [0; 16];
    let truncate = OpenOptions {
        truncate: true,
        ..WRITE
    };
    let exclusive = OpenOptions {
        exclusive: true,
        ..CREATE
    };
    let refusals = [
        ("open", folders.open(dir, at, &READ).err()),
        ("open directory", folders.open(dir, at, &DIRECTORY).err()),
        ("write", folders.open(dir, at, &WRITE).err()),
        ("create", folders.open(dir, at, &CREATE).err()),
        ("exclusive", folders.open(dir, at, &exclusive).err()),
        ("truncate", folders.open(dir, at, &truncate).err()),
        ("stat", folders.stat_at(dir, at, true).err()),
        ("times", folders.set_times_at(dir, at, true, now, now).err()),
        ("create_dir", folders.create_dir(dir, at).err()),
        ("remove_dir", folders.remove_dir(dir, at).err()),
        ("unlink", folders.unlink(dir, at).err()),
        ("rename from", folders.rename(dir, at, dir, b"got").err()),
        ("rename to", folders.rename(dir, b"file", dir, at).err()),
        ("link from", folders.link(dir, at, dir, b"got").err()),
        ("link to", folders.link(dir, b"file", dir, at).err()),
        ("symlink", folders.symlink(b"file", dir, at).err()),
        ("read_link", folders.read_link(dir, at, &mut buf).err()),
    ];
    let refused = refusals.map(|(name, error)| match error {
        Some(error) => (name, error),
        None => panic!("{name} at {:?} went through", String::from_utf8_lossy(at)),
    });
    refused.to_vec()
}

/// All of them are refused with `EPERM`, but those that are named.
#[track_caller]
fn refused(place: &mut Place, at: &str, but: &[(&str, Errno)]) {
    for (name, error) in everything_at(&mut place.folders, RW, at.as_bytes()) {
        let other = but.iter().find(|(known, _)| *known == name);
        let expected = other.map_or(Errno::PERM, |(_, error)| *error);
        assert_eq!(error, expected, "{name} at {at:?}");
    }
    place.check();
    assert!(!place.path("rw/got").exists());
    assert_eq!(fs::read(place.path("rw/file")).expect("a file"), b"hello");
}

#[test]
fn parents() {
    let mut place = Place::new();
    for at in [
        "../outside/secret",
        "sub/../../outside/secret",
        "./.././outside/secret",
        "sub/../sub/../../outside/secret",
        "../outside/new",
        "sub/../../../../../../../../../../etc/passwd",
    ] {
        refused(&mut place, at, &[]);
    }
    // A folder's own parent has no name below it; and a path that leaves and comes back has left.
    for at in ["..", "../rw/file", "sub/../../rw/file"] {
        assert_eq!(place.read(RW, at, &READ), Err(Errno::PERM), "{at}");
        let stat = place.folders.stat_at(RW, at.as_bytes(), true);
        assert_eq!(stat.err(), Some(Errno::PERM), "{at}");
    }
    assert_eq!(
        place.read(RW, "sub/../file", &READ).as_deref(),
        Ok(&b"hello"[..])
    );
}

#[test]
fn absolute_paths() {
    let mut place = Place::new();
    let secret = place.path("outside/secret");
    let secret = secret.to_str().expect("text").to_string();
    for at in [
        &*secret,
        "/etc/passwd",
        "//etc/passwd",
        "/proc/self/environ",
    ] {
        refused(&mut place, at, &[]);
    }
    // Nor by the guest's own name of the folder: that is resolved in the guest.
    assert_eq!(place.read(RW, "/rw/file", &READ), Err(Errno::PERM));
}

#[test]
fn links_to_outside() {
    let mut place = Place::new();
    let outside = place.path("outside");
    for (name, target) in [
        ("absolute", outside.as_path()),
        ("relative", "../outside".as_ref()),
        ("deep", "sub/../../outside".as_ref()),
        // To links of this folder, and through one.
        ("chained", "absolute".as_ref()),
        ("chained_relative", "sub/../relative".as_ref()),
        ("sub/through", "../relative/../outside".as_ref()),
    ] {
        symlink(target, place.path("rw").join(name)).expect("a link");
    }
    for link in [
        "absolute",
        "relative",
        "deep",
        "chained",
        "chained_relative",
        "sub/through",
    ] {
        // What is behind the link.
        refused(&mut place, &format!("{link}/secret"), &[]);
        refused(&mut place, &format!("{link}/new"), &[]);
        refused(&mut place, &format!("{link}/../rw/file"), &[]);
        // The link itself, followed because of the slash or the flag.
        for at in [format!("{link}/"), format!("{link}/."), format!("{link}//")] {
            assert_eq!(place.read(RW, &at, &DIRECTORY), Err(Errno::PERM), "{at}");
            let stat = place.folders.stat_at(RW, at.as_bytes(), true);
            assert_eq!(stat.err(), Some(Errno::PERM), "{at}");
            let stat = place.folders.stat_at(RW, at.as_bytes(), false);
            assert_eq!(stat.err(), Some(Errno::PERM), "{at}");
            let times =
                place
                    .folders
                    .set_times_at(RW, at.as_bytes(), false, SetTime::Now, SetTime::Now);
            assert_eq!(times.err(), Some(Errno::PERM), "{at}");
        }
        assert_eq!(place.read(RW, link, &DIRECTORY), Err(Errno::PERM), "{link}");
        assert_eq!(place.read(RW, link, &NO_FOLLOW), Err(Errno::LOOP), "{link}");
    }
    place.check();
}

#[test]
fn links_to_files_outside() {
    let mut place = Place::new();
    let secret = place.path("outside/secret");
    symlink(&secret, place.path("rw/absolute")).expect("a link");
    symlink("../outside/secret", place.path("rw/relative")).expect("a link");
    symlink("../outside/new", place.path("rw/dangling")).expect("a link");
    let truncate = OpenOptions {
        truncate: true,
        ..CREATE
    };
    for link in ["absolute", "relative", "dangling"] {
        for how in [READ, WRITE, CREATE, truncate] {
            assert_eq!(
                place.read(RW, link, &how),
                Err(Errno::PERM),
                "{link} {how:?}"
            );
        }
        let (folders, at) = (&mut place.folders, link.as_bytes());
        let now = SetTime::Now;
        assert_eq!(folders.stat_at(RW, at, true).err(), Some(Errno::PERM));
        let times = folders.set_times_at(RW, at, true, now, now);
        assert_eq!(times, Err(Errno::PERM));
        // A link that is not followed is a file of this folder, to move and remove.
        assert!(folders.stat_at(RW, at, false).is_ok());
        folders
            .set_times_at(RW, at, false, now, now)
            .expect("the link's own");
        folders
            .rename(RW, at, RW, b"moved")
            .expect("the link's own");
        assert_eq!(place.read(RW, "moved", &READ), Err(Errno::PERM));
        place.folders.unlink(RW, b"moved").expect("the link's own");
        place.check();
    }
    // Where an absolute link leads is not told.
    symlink(&secret, place.path("rw/absolute")).expect("a link");
    let target = place.folders.read_link(RW, b"absolute", &mut [0; 64]);
    assert_eq!(target, Err(Errno::PERM));
}

#[test]
fn links_that_the_guest_makes() {
    let mut place = Place::new();
    let folders = &mut place.folders;
    assert_eq!(
        folders.symlink(b"/etc/passwd", RW, b"link"),
        Err(Errno::PERM)
    );
    // It may be made, as wasmtime has it, and leads nowhere.
    folders.symlink(b"../outside", RW, b"link").expect("a link");
    refused(&mut place, "link/secret", &[]);
    // Nor does it when moved to where the same text leads elsewhere.
    let folders = &mut place.folders;
    folders.create_dir(RW, b"sub/deep").expect("a folder");
    folders
        .symlink(b"../../outside", RW, b"sub/deep/link")
        .expect("a link");
    let inside = place.read(RW, "sub/deep/link/secret", &READ);
    assert_eq!(inside, Err(Errno::NOENT));
    place
        .folders
        .rename(RW, b"sub/deep/link", RW, b"sub/link")
        .expect("it moves");
    assert_eq!(place.read(RW, "sub/link/secret", &READ), Err(Errno::PERM));
    place.check();
}

#[test]
fn links_in_circles() {
    let mut place = Place::new();
    symlink("b", place.path("rw/a")).expect("a link");
    symlink("a", place.path("rw/b")).expect("a link");
    assert_eq!(place.read(RW, "a", &READ), Err(Errno::LOOP));
    assert_eq!(place.read(RW, "a/file", &READ), Err(Errno::LOOP));
}

/// A thread swaps a folder for a link to outside, and back, while the guest
/// uses paths through it.
#[test]
fn links_swapped_during_the_call() {
    let mut place = Place::new();
    let (swap, spare, link) = (
        place.path("rw/swap"),
        place.path("rw/spare"),
        place.path("rw/link"),
    );
    fs::create_dir(&swap).expect("a folder");
    fs::write(swap.join("secret"), b"inside").expect("a file");
    symlink(place.path("outside"), &link).expect("a link");
    let stop = AtomicBool::new(false);
    let (mut inside, mut refusals) = (0, 0);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                fs::rename(&swap, &spare).expect("it moves");
                fs::rename(&link, &swap).expect("it moves");
                fs::rename(&swap, &link).expect("it moves");
                fs::rename(&spare, &swap).expect("it moves");
            }
        });
        let start = Instant::now();
        for round in 0.. {
            let seen = inside > 0 && refusals > 0 && round > 4000;
            if seen || start.elapsed() > Duration::from_secs(20) {
                break;
            }
            let folders = &mut place.folders;
            let now = SetTime::At(1);
            let result = match round % 5 {
                0 => place.read(RW, "swap/secret", &READ).map(|read| {
                    assert_eq!(read, b"inside");
                }),
                1 => folders
                    .stat_at(RW, b"swap/secret", true)
                    .map(|stat| assert_ne!(stat.size, 0)),
                2 => folders.set_times_at(RW, b"swap/secret", true, now, now),
                3 => folders
                    .open(RW, b"swap/new", &CREATE)
                    .and_then(|node| folders.close(node)),
                _ => folders.unlink(RW, b"swap/new"),
            };
            match result {
                Ok(()) => inside += 1,
                Err(Errno::PERM) => refusals += 1,
                // Between two renames there is nothing, and moving while it is looked at may be seen.
                Err(error) => assert!(
                    [Errno::NOENT, Errno::AGAIN, Errno::LOOP, Errno::NOTDIR].contains(&error),
                    "{error:?}"
                ),
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
    place.check();
    assert!(
        inside > 0 && refusals > 0,
        "{inside} times inside, {refusals} refused"
    );
}

/// What is linked in from outside by the host is in the folder; the guest makes
/// no such link, in either direction.
#[test]
fn hard_links() {
    let mut place = Place::new();
    let folders = &mut place.folders;
    for (old, new) in [
        ("../outside/secret", "got"),
        ("file", "../outside/new"),
        ("sub/../../outside/secret", "got"),
    ] {
        let linked = folders.link(RW, old.as_bytes(), RW, new.as_bytes());
        assert_eq!(linked, Err(Errno::PERM), "{old} {new}");
    }
    // A symbolic link is linked to itself, not to what it leads to.
    symlink(place.path("outside/secret"), place.path("rw/link")).expect("a link");
    let folders = &mut place.folders;
    folders
        .link(RW, b"link", RW, b"got")
        .expect("a link's link");
    assert_eq!(place.read(RW, "got", &READ), Err(Errno::PERM));
    let found = fs::metadata(place.path("outside/secret")).expect("it is there");
    assert_eq!(found.nlink(), 1);
    place.check();
}

#[test]
fn rename_and_link_across_folders() {
    let mut place = Place::new();
    let other = place.path("other");
    fs::create_dir(&other).expect("a folder");
    let folders = std::mem::take(&mut place.folders);
    let granted = folders.folder(&other, "/other", wrt_wasi::Access::ReadWrite);
    place.folders = granted.expect("it is there");
    let (folders, both) = (&mut place.folders, Node(2));
    // Between two folders to write: as in one.
    folders
        .rename(RW, b"file", both, b"moved")
        .expect("it moves");
    folders
        .link(both, b"moved", RW, b"file")
        .expect("it is linked");
    // From or to one that is to be read only: not.
    for (from, to) in [(RW, RO), (RO, RW), (RO, both), (RO, RO)] {
        let renamed = folders.rename(from, b"file", to, b"new");
        assert_eq!(renamed, Err(Errno::PERM), "{from:?} {to:?}");
        let linked = folders.link(from, b"file", to, b"new");
        assert_eq!(linked, Err(Errno::PERM), "{from:?} {to:?}");
    }
    // Nor to where none was granted, though the folders lie side by side.
    let renamed = folders.rename(RW, b"file", both, b"../outside/new");
    assert_eq!(renamed, Err(Errno::PERM));
    let renamed = folders.rename(both, b"../outside/secret", RW, b"got");
    assert_eq!(renamed, Err(Errno::PERM));
    assert_eq!(fs::read(place.path("ro/file")).expect("a file"), b"hello");
    assert!(!place.path("ro/new").exists());
    place.check();
}

#[test]
fn proc_self() {
    let mut place = Place::new();
    for (link, target) in [
        ("cwd", "/proc/self/cwd"),
        ("root", "/proc/self/root"),
        ("environ", "/proc/self/environ"),
        ("fd", "/proc/self/fd/0"),
    ] {
        symlink(target, place.path("rw").join(link)).expect("a link");
        assert_eq!(place.read(RW, link, &READ), Err(Errno::PERM), "{link}");
        assert_eq!(place.read(RW, link, &DIRECTORY), Err(Errno::PERM), "{link}");
        let stat = place.folders.stat_at(RW, link.as_bytes(), true);
        assert_eq!(stat.err(), Some(Errno::PERM), "{link}");
    }
    for at in ["root/etc/passwd", "cwd/Cargo.toml"] {
        refused(&mut place, at, &[]);
    }
}

/// Where `/proc` itself was granted, its links that lead anywhere are not
/// followed.
#[test]
#[cfg(target_os = "linux")]
fn proc_granted() {
    let mut folders = Folders::new()
        .folder("/proc/self", "/proc", wrt_wasi::Access::ReadOnly)
        .expect("it is there");
    for at in ["root/etc/passwd", "cwd/Cargo.toml", "cwd", "root", "exe"] {
        let opened = folders.open(Node(0), at.as_bytes(), &READ);
        let error = opened.expect_err(at);
        assert!(
            [Errno::LOOP, Errno::PERM].contains(&error),
            "{at}: {error:?}"
        );
    }
}

/// Every call that could write, in a folder to read only, on paths and on what
/// is open.
#[test]
fn writes_through_a_read_only_grant() {
    let mut place = Place::new();
    let (now, earlier) = (SetTime::Now, SetTime::At(1));
    let file = place.folders.open(RO, b"file", &READ).expect("to read");
    let sub = place.folders.open(RO, b"sub", &DIRECTORY).expect("to read");
    let before = fs::metadata(place.path("ro/file")).expect("it is there");
    let folders = &mut place.folders;
    let none = OpenOptions::default();
    for dir in [RO, sub] {
        for at in [&b"file"[..], b"new", b"sub"] {
            for how in [
                WRITE,
                CREATE,
                OpenOptions {
                    truncate: true,
                    ..none
                },
                OpenOptions {
                    truncate: true,
                    ..READ
                },
                OpenOptions {
                    create: true,
                    ..READ
                },
                OpenOptions {
                    create: true,
                    exclusive: true,
                    ..READ
                },
                OpenOptions {
                    write: true,
                    ..none
                },
                OpenOptions {
                    write: true,
                    directory: true,
                    ..none
                },
            ] {
                let opened = folders.open(dir, at, &how);
                assert_eq!(opened, Err(Errno::PERM), "{how:?}");
            }
            let refusals = [
                folders.set_times_at(dir, at, true, now, now),
                folders.set_times_at(dir, at, false, earlier, SetTime::Keep),
                folders.create_dir(dir, at),
                folders.remove_dir(dir, at),
                folders.unlink(dir, at),
                folders.rename(dir, at, dir, b"other"),
                folders.rename(RW, b"file", dir, at),
                folders.rename(dir, at, RW, b"other"),
                folders.link(dir, at, dir, b"other"),
                folders.link(RW, b"file", dir, at),
                folders.link(dir, at, RW, b"other"),
                folders.symlink(b"file", dir, at),
            ];
            assert_eq!(refusals, [Err(Errno::PERM); 12]);
        }
    }
    assert_eq!(folders.write(file, b"x", 0), Err(Errno::PERM));
    assert_eq!(folders.append(file, b"x"), Err(Errno::PERM));
    assert_eq!(folders.set_size(file, 0), Err(Errno::PERM));
    assert_eq!(folders.set_size(file, 1 << 40), Err(Errno::PERM));
    assert_eq!(folders.allocate(file, 0, 100), Err(Errno::PERM));
    for node in [file, sub, RO] {
        assert_eq!(folders.set_times(node, now, now), Err(Errno::PERM));
        assert_eq!(
            folders.set_times(node, earlier, SetTime::Keep),
            Err(Errno::PERM)
        );
    }
    let after = fs::metadata(place.path("ro/file")).expect("it is there");
    assert_eq!(after.len(), before.len());
    assert_eq!(
        (after.mtime(), after.mtime_nsec()),
        (before.mtime(), before.mtime_nsec())
    );
    assert_eq!(
        (after.ctime(), after.ctime_nsec()),
        (before.ctime(), before.ctime_nsec())
    );
    assert_eq!(
        fs::read_dir(place.path("ro")).expect("it is there").count(),
        2
    );
    assert_eq!(
        place.read(RO, "sub/file", &READ).as_deref(),
        Ok(&b"hello"[..])
    );
    place.check();
}

/// A link in a folder to write, to one that is to be read only, leads nowhere.
#[test]
fn a_link_between_grants() {
    let mut place = Place::new();
    symlink("../ro", place.path("rw/link")).expect("a link");
    symlink(place.path("ro/file"), place.path("rw/absolute")).expect("a link");
    assert_eq!(place.read(RW, "link/file", &WRITE), Err(Errno::PERM));
    assert_eq!(place.read(RW, "absolute", &WRITE), Err(Errno::PERM));
    assert_eq!(fs::read(place.path("ro/file")).expect("a file"), b"hello");
}

#[test]
fn strange_paths() {
    let mut place = Place::new();
    let long = "a".repeat(1 << 20);
    assert_eq!(place.read(RW, &long, &READ), Err(Errno::NAMETOOLONG));
    assert_eq!(
        place.read(RW, &"sub/../".repeat(1 << 17), &READ),
        Err(Errno::NAMETOOLONG)
    );
    assert_eq!(place.read(RW, "", &READ), Err(Errno::NOENT));
    assert_eq!(place.read(RW, "file\0", &READ), Err(Errno::INVAL));
    assert_eq!(
        place.read(RW, "../outside/secret\0", &READ),
        Err(Errno::INVAL)
    );
    let opened = place.folders.open(RW, b"\xff", &READ);
    assert_eq!(opened, Err(Errno::ILSEQ));
    assert_eq!(place.read(RW, "file/", &READ), Err(Errno::NOTDIR));
    assert_eq!(place.read(RW, "file/..", &READ), Err(Errno::NOTDIR));
    assert_eq!(place.read(RW, "file", &DIRECTORY), Err(Errno::NOTDIR));
    let file = place.folders.open(RW, b"file", &READ).expect("to read");
    assert_eq!(
        place.folders.open(file, b"../file", &READ),
        Err(Errno::NOTDIR)
    );
    assert_eq!(place.read(Node(99), "file", &READ), Err(Errno::BADF));
}
