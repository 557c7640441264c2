//! The filesystem in memory: content, limits, and what the host does with it. How guests see it is tested with the
//! guests.
#![cfg(feature = "std")]

use std::collections::{BTreeMap, BTreeSet};

use wrt_rt::Run;
use wrt_rt::wasi::filesystem::{Filesystem, Node, OpenOptions};
use wrt_rt::wasi::memfs::{Access, BLOCK, Fixed, Heap, Kinds, MemFs, Room};
use wrt_rt::wasi::preview1::*;
use wrt_rt::wasi::std::StdCtx;
use wrt_rt::wasi::{Compose, Denied, Descriptors, Errno, Limits, SeededEntropy, StepClock};

const CREATE: OpenOptions = OpenOptions {
    read: true,
    write: true,
    create: true,
    exclusive: false,
    truncate: false,
    directory: false,
    follow: true,
};
const READ: OpenOptions = OpenOptions {
    write: false,
    create: false,
    ..CREATE
};

fn heap(bytes: u64, entries: u32, open: u32) -> MemFs<Heap> {
    MemFs::new(Room {
        bytes,
        entries,
        open,
    })
}

/// Random writes, cuts and reads of a few files, against plain vectors.
fn content<K: Kinds>(files: &mut MemFs<K>) {
    let root = files.grant(b"", Access::ReadWrite).expect("room");
    let mut model: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
    let mut open: BTreeMap<u64, Node> = BTreeMap::new();
    let mut seed = 1u64;
    let mut random = |below: u64| {
        seed = seed
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (seed >> 33) % below
    };
    for round in 0..20_000 {
        let which = random(4);
        let name = [b'f', b'0' + which as u8];
        let node = *open
            .entry(which)
            .or_insert_with(|| files.open(root, &name, &CREATE).expect("room"));
        let expected = model.entry(which).or_default();
        let (at, len) = (random(2000), random(700));
        match random(5) {
            0 => {
                let bytes: Vec<u8> = (0..len).map(|n| (round + n) as u8).collect();
                assert_eq!(files.write(node, &bytes, at), Ok(bytes.len()));
                if !bytes.is_empty() {
                    let end = at as usize + bytes.len();
                    expected.resize(expected.len().max(end), 0);
                    expected[at as usize..end].copy_from_slice(&bytes);
                }
            }
            1 => {
                files.set_size(node, at).expect("room");
                expected.resize(at as usize, 0);
            }
            2 => {
                let bytes = [round as u8; 3];
                let end = expected.len() as u64 + 3;
                assert_eq!(files.append(node, &bytes), Ok((3, end)));
                expected.extend(bytes);
            }
            3 if random(10) == 0 => {
                files.close(node).expect("is open");
                open.remove(&which);
            }
            _ => {
                let mut buf = vec![7; len as usize];
                let n = files.read(node, &mut buf, at).expect("can be read");
                let from = expected.get(at as usize..).unwrap_or(&[]);
                let from = &from[..from.len().min(len as usize)];
                assert_eq!(&buf[..n], from, "round {round}");
            }
        }
    }
    for (which, expected) in model {
        let name = [b'f', b'0' + which as u8];
        let mut buf = vec![0; 4000];
        let n = files.read_file(&name, &mut buf, 0).expect("a file");
        assert_eq!(buf[..n], expected);
        files.unlink(root, &name).expect("a file");
    }
    for node in open.into_values() {
        files.close(node).expect("is open");
    }
    assert_eq!(files.blocks_used(), 0, "all was given back");
}

#[test]
fn content_is_kept() {
    content(&mut heap(1 << 20, 10, 10));
    content(&mut *Box::new(MemFs::<Fixed<10, 64, 10>>::fixed()));
}

#[test]
fn what_is_full_says_so_and_goes_on() {
    static FILES: std::sync::Mutex<MemFs<Fixed<4, 8, 3>>> = std::sync::Mutex::new(MemFs::fixed());
    let mut files = FILES.lock().expect("nobody panicked");
    let root = files.grant(b"", Access::ReadWrite).expect("room");
    let a = files.open(root, b"a", &CREATE).expect("room");
    // Seven blocks are left, since a name takes one.
    assert_eq!(files.write(a, &[1; 10 * BLOCK], 0), Ok(7 * BLOCK));
    assert_eq!(files.write(a, &[1], 7 * BLOCK as u64), Err(Errno::NOSPC));
    assert_eq!(files.set_size(a, 1 << 41), Err(Errno::FBIG));
    assert_eq!(files.set_size(a, 1 << 20), Err(Errno::NOSPC));
    assert_eq!(files.create_dir(root, b"d"), Err(Errno::NOSPC));
    assert_eq!(files.symlink(b"a", root, b"l"), Err(Errno::NOSPC));
    files.set_size(a, 10).expect("can be cut");
    files.create_dir(root, b"d").expect("there is room again");
    files.symlink(b"a", root, b"l").expect("there is room");
    assert_eq!(files.create_dir(root, b"e"), Err(Errno::NOSPC), "inodes");
    let b = files.open(root, b"a", &READ).expect("the last node");
    assert_eq!(files.open(root, b"a", &READ), Err(Errno::NFILE));
    files.close(b).expect("is open");
    assert!(files.open(root, b"l", &READ).is_ok());
    assert_eq!(files.close(Node(99)), Err(Errno::BADF));
}

#[test]
fn a_hundred_thousand_entries_and_opens() {
    let mut files = heap(200 << 20, 100_001, 1000);
    let root = files.grant(b"", Access::ReadWrite).expect("room");
    for n in 0..100_000 {
        let node = files.open(root, format!("name-{n}").as_bytes(), &CREATE);
        files.close(node.expect("room")).expect("is open");
    }
    assert_eq!(files.open(root, b"one more", &CREATE), Err(Errno::NOSPC));
    let (mut seen, mut cookie) = (0, 0);
    loop {
        let (before, from) = (seen, cookie);
        let mut each = |entry: wrt_rt::wasi::filesystem::DirEntry<'_>| {
            seen += 1;
            cookie = entry.next;
            seen < before + 97
        };
        files.read_dir(root, from, &mut each).expect("a directory");
        if seen == before {
            break;
        }
    }
    assert_eq!(seen, 100_002);
    let mut refused = 0;
    for _ in 0..100_000 {
        if files.open(root, b"name-99", &READ) == Err(Errno::NFILE) {
            refused += 1;
        }
    }
    assert_eq!(refused, 100_000 - 999);
    assert!(files.stat_at(root, b"name-5", true).is_ok());
}

#[test]
fn the_host_fills_and_reads_it() {
    let mut files = heap(1 << 16, 20, 20);
    files.set_now(5_000);
    files.add_file(b"etc/motd", b"hello").expect("room");
    files.add_file(b"etc/motd", b"hi").expect("in its place");
    files.add_dir(b"var/tmp/").expect("room");
    assert_eq!(files.file(b"etc/motd").as_deref(), Ok(&b"hi"[..]));
    assert_eq!(files.file(b"etc"), Err(Errno::ISDIR));
    assert_eq!(files.file(b"none"), Err(Errno::NOENT));
    assert_eq!(files.add_file(b"etc/motd/x", b""), Err(Errno::NOTDIR));
    let mut names = Vec::new();
    files
        .names(b"", |name, is_dir| names.push((name.to_vec(), is_dir)))
        .expect("the root");
    assert_eq!(names, [(b"etc".to_vec(), true), (b"var".to_vec(), true)]);
    files
        .add_preopen(b"etc", "/etc", Access::ReadOnly)
        .expect("room");
    let (etc, name) = files
        .preopen(0)
        .map(|(n, name)| (n, name.to_vec()))
        .expect("is there");
    assert_eq!(name, b"/etc");
    assert_eq!(files.open(etc, b"motd", &CREATE), Err(Errno::PERM));
    let motd = files.open(etc, b"motd", &READ).expect("is there");
    assert_eq!(files.write(motd, b"x", 0), Err(Errno::PERM));
    assert!(files.stat(motd).expect("is open").mtim > 5_000);
    assert_eq!(files.stat_at(etc, b"../var", true), Err(Errno::PERM));
    for _ in 0..3 {
        files
            .add_preopen(b"var", "/var", Access::ReadWrite)
            .expect("room");
    }
    assert_eq!(
        files.add_preopen(b"var", "/v", Access::ReadWrite),
        Err(Errno::NFILE)
    );
}

#[test]
fn it_serves_the_functions_without_an_allocator() {
    let mut files = MemFs::<Fixed<8, 16, 8>>::fixed();
    files.add_file(b"in", b"0123456789").expect("room");
    files
        .add_preopen(b"", "/", Access::ReadWrite)
        .expect("room");
    let mut ctx = Compose {
        clock: StepClock::new(0, 1),
        entropy: SeededEntropy::new(1),
        stdio: Denied::new(),
        env: Denied::new(),
        filesystem: files,
        descriptors: Descriptors::<[_; 4]>::fixed(),
        limits: Limits {
            transfer: 4,
            random: 10,
            path: 5,
        },
    };
    let (c, mut rt, mut m) = (&mut ctx, Run::new(1), vec![0; 128]);
    m[..2].copy_from_slice(b"in");
    let open =
        |c: &mut _, rt: &mut Run, m: &mut Vec<u8>| path_open(c, rt, m, 3, 1, 0, 2, 0, 2, 0, 0, 8);
    assert_eq!(open(c, &mut rt, &mut m), Ok(0));
    // There are no streams: their numbers are free.
    assert_eq!(m[8], 0);
    m[16..24].copy_from_slice(&[64, 0, 0, 0, 32, 0, 0, 0]);
    assert_eq!(fd_read(c, &mut rt, &mut m, 0, 16, 1, 12), Ok(0));
    assert_eq!(
        (m[12], &m[64..69]),
        (4, &b"0123\0"[..]),
        "so much at a time"
    );
    assert_eq!(open(c, &mut rt, &mut m), Ok(0));
    assert_eq!(open(c, &mut rt, &mut m), Ok(0));
    assert_eq!(open(c, &mut rt, &mut m), Ok(33), "no descriptor is left");
    let stat = path_filestat_get(c, &mut rt, &mut m, 3, 0, 0, 6, 64);
    assert_eq!(stat, Ok(37), "so long a path");
    assert_eq!(
        random_get(c, &mut rt, &mut m, 0, 11),
        Ok(28),
        "so many bytes"
    );
    assert_eq!(fd_close(c, &mut rt, &mut m, 2), Ok(0));
    m[..2].copy_from_slice(b"in");
    assert_eq!(open(c, &mut rt, &mut m), Ok(0));
    // What a call costs is paid before it acts.
    rt.set_fuel(0);
    assert!(open(c, &mut rt, &mut m).is_err());
    assert_eq!(
        (rt.remaining_fuel(), ctx.descriptors.open().count()),
        (0, 4)
    );
}

/// A guest with one file of this content, that may have so many descriptors.
fn guest(content: &[u8], limit: u32) -> StdCtx<MemFs<Heap>> {
    let mut files = heap(1 << 10, 2, limit + 1);
    files.add_file(b"f", content).expect("room");
    files.add_preopen(b"", "/", Access::ReadOnly).expect("room");
    StdCtx::new().max_open(limit).filesystem(files)
}

/// The number that opening the file gives, or an errno.
fn opened(c: &mut StdCtx<MemFs<Heap>>, rt: &mut Run, m: &mut [u8]) -> Result<u32, i32> {
    m[0] = b'f';
    match path_open(c, rt, m, 3, 0, 0, 1, 0, 2, 0, 0, 8) {
        Ok(0) => Ok(u32::from_le_bytes(m[8..12].try_into().expect("four"))),
        Ok(errno) => Err(errno),
        Err(_) => panic!("it traps"),
    }
}

#[test]
fn the_lowest_free_number_is_given_out() {
    const LIMIT: u32 = 40;
    let (mut c, mut rt, mut m) = (guest(b"", LIMIT), Run::new(1), [0; 16]);
    let mut free: BTreeSet<u32> = (0..LIMIT).filter(|fd| *fd != 3).collect();
    let mut seed = 1_u32;
    for _ in 0..5_000 {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (fd, to) = (seed >> 8 & 63, seed >> 16 & 63);
        let is = |fd| fd < LIMIT && !free.contains(&fd);
        match seed >> 30 {
            0 if fd != 3 => {
                let closed = fd_close(&mut c, &mut rt, &mut m, fd as i32) == Ok(0);
                assert_eq!(closed, is(fd));
                free.extend(closed.then_some(fd));
            }
            1 if fd != 3 && to != 3 => {
                let done = fd_renumber(&mut c, &mut rt, &mut m, fd as i32, to as i32) == Ok(0);
                assert_eq!(done, is(fd) && is(to));
                free.extend((done && fd != to).then_some(fd));
            }
            _ => {
                let lowest = free.pop_first().ok_or(33);
                assert_eq!(opened(&mut c, &mut rt, &mut m), lowest);
            }
        }
    }
}

#[test]
fn a_hundred_thousand_descriptors() {
    const MANY: u32 = 100_000;
    let start = std::time::Instant::now();
    let (mut c, mut rt, mut m) = (guest(b"", MANY), Run::new(1), [0; 16]);
    for n in 1..MANY {
        let expected = if n <= 3 { n - 1 } else { n };
        assert_eq!(opened(&mut c, &mut rt, &mut m), Ok(expected));
    }
    assert_eq!(opened(&mut c, &mut rt, &mut m), Err(33), "MFILE");
    for fd in [77_777, 5] {
        assert_eq!(fd_close(&mut c, &mut rt, &mut m, fd), Ok(0));
    }
    for fd in [Ok(5), Ok(77_777), Err(33)] {
        assert_eq!(opened(&mut c, &mut rt, &mut m), fd);
    }
    // Were all looked at each time, it would take minutes.
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn what_is_read_over_the_list_of_buffers_adds_nothing() {
    let words = |words: &[u32]| -> Vec<u8> { words.iter().flat_map(|w| w.to_le_bytes()).collect() };
    // The first buffer is the entry of the second, which was paid for with 4 bytes.
    let content = [words(&[128, 64]), vec![b'x'; 64]].concat();
    let (mut c, mut rt, mut m) = (guest(&content, 8), Run::new(1), vec![0; 256]);
    assert_eq!(opened(&mut c, &mut rt, &mut m), Ok(0));
    m[16..32].copy_from_slice(&words(&[24, 8, 128, 4]));
    assert_eq!(fd_read(&mut c, &mut rt, &mut m, 0, 16, 2, 8), Ok(0));
    assert_eq!((m[8], &m[16..32]), (12, &words(&[24, 8, 128, 64])[..]));
    assert_eq!(m[128..133], *b"xxxx\0");
}
