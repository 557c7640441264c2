//! WASI preview 1 against streams in memory, and against hostile guests.
#![cfg(feature = "std")]

use std::sync::atomic::AtomicBool;

use wrt_rt::wasi::buffers::Buffers;
use wrt_rt::wasi::descriptors::Slot;
use wrt_rt::wasi::preview1::{self, *};
use wrt_rt::wasi::std::StdCtx;
use wrt_rt::wasi::{
    Clock, ClockId, Ctx, Denied, Descriptors, Entropy, Env, Errno, Provider, Stdio,
};
use wrt_rt::{Cause, Run, ValType};

const OK: i32 = 0;

fn number(errno: Errno) -> i32 {
    i32::from(errno.number())
}

fn put(m: &mut [u8], at: usize, words: &[u32]) {
    for (i, word) in words.iter().enumerate() {
        m[at + 4 * i..][..4].copy_from_slice(&word.to_le_bytes());
    }
}

fn word(m: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(m[at..at + 4].try_into().unwrap())
}

fn double(m: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(m[at..at + 8].try_into().unwrap())
}

fn ctx(input: &str) -> StdCtx {
    StdCtx::new().buffers(Buffers::new(input, 1000))
}

#[test]
fn the_table_is_whole() {
    assert_eq!(SIGNATURES.len(), 46);
    let open = preview1::signature("path_open").unwrap();
    assert_eq!((open.params.len(), open.params[5]), (9, ValType::I64));
    assert_eq!(preview1::signature("proc_exit").unwrap().result, None);
    assert_eq!(preview1::signature("fd_fly"), None);
    let mut names: Vec<_> = SIGNATURES.iter().map(|s| s.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 46);
}

#[test]
fn nothing_is_open_where_all_is_denied_and_exit_traps() {
    let (mut c, mut rt, mut m) = (Denied::new(), Run::new(1), [0; 64]);
    assert_eq!(
        path_open(&mut c, &mut rt, &mut m, 3, 0, 0, 1, 0, 0, 0, 0, 0),
        Ok(number(Errno::BADF))
    );
    assert!(proc_exit(c.wasi(), &mut rt, &mut m, 7).is_err());
    assert_eq!(rt.take_trap(&[]).exit_status(), Some(7));
}

#[test]
fn arguments_and_environment() {
    let mut c = StdCtx::new()
        .args(["prog", "", "xyz\0hidden"])
        .env("A", "1=2");
    let (mut rt, mut m) = (Run::new(1), vec![0xff; 64]);
    assert_eq!(args_sizes_get(&mut c, &mut rt, &mut m, 0, 4), Ok(OK));
    assert_eq!((word(&m, 0), word(&m, 4)), (3, 5 + 1 + 4));
    assert_eq!(args_get(&mut c, &mut rt, &mut m, 8, 20), Ok(OK));
    assert_eq!((word(&m, 8), word(&m, 12), word(&m, 16)), (20, 25, 26));
    assert_eq!(&m[20..31], b"prog\0\0xyz\0\xff");
    assert_eq!(environ_sizes_get(&mut c, &mut rt, &mut m, 0, 4), Ok(OK));
    assert_eq!((word(&m, 0), word(&m, 4)), (1, 6));
    assert_eq!(environ_get(&mut c, &mut rt, &mut m, 0, 32), Ok(OK));
    assert_eq!(&m[word(&m, 0) as usize..][..6], b"A=1=2\0");
    for (argv, buf) in [(8, 60), (60, 8), (-4, 8), (8, -1), (-1, -1)] {
        assert_eq!(
            args_get(&mut c, &mut rt, &mut m, argv, buf),
            Ok(number(Errno::FAULT))
        );
    }
    assert_eq!(
        args_sizes_get(&mut c, &mut rt, &mut m, 0, 61),
        Ok(number(Errno::FAULT))
    );
    assert_eq!(
        args_sizes_get(&mut Denied::new(), &mut rt, &mut m, 0, 4),
        Ok(OK)
    );
    assert_eq!((word(&m, 0), word(&m, 4)), (0, 0));
}

#[test]
fn writing_gathers() {
    let (mut c, mut rt, mut m) = (ctx(""), Run::new(1), vec![0; 128]);
    m[64..70].copy_from_slice(b"hello!");
    put(&mut m, 0, &[64, 3, 0, 0, 67, 3]);
    assert_eq!(fd_write(&mut c, &mut rt, &mut m, 1, 0, 3, 40), Ok(OK));
    assert_eq!(word(&m, 40), 6);
    assert_eq!(fd_write(&mut c, &mut rt, &mut m, 2, 0, 1, 40), Ok(OK));
    let buffers = c.buffers_mut().unwrap();
    assert_eq!(
        (buffers.out(), buffers.err()),
        (&b"hello!"[..], &b"hel"[..])
    );
}

#[test]
fn writing_for_hostile_guests() {
    let (mut c, mut rt, mut m) = (ctx(""), Run::new(1), vec![0; 1 << 16]);
    let mut write = |m: &mut [u8], fd, iovs, len, n| fd_write(&mut c, &mut rt, m, fd, iovs, len, n);
    for fd in [0, 3, -1] {
        assert_eq!(write(&mut m, fd, 0, 1, 8), Ok(number(Errno::BADF)));
    }
    put(
        &mut m,
        0,
        &[u32::MAX, 2, 65_530, 7, 100, u32::MAX, 64, 4, u32::MAX, 1],
    );
    for iovs in [0, 8, 16, -1, -8, 65_532] {
        assert_eq!(write(&mut m, 1, iovs, 1, 60), Ok(number(Errno::FAULT)));
    }
    // A bad result pointer is found before anything is written.
    assert_eq!(write(&mut m, 1, 24, 1, 65_533), Ok(number(Errno::FAULT)));
    // A bad buffer after a good one leaves a short count.
    assert_eq!(write(&mut m, 1, 24, 2, 60), Ok(OK));
    assert_eq!(word(&m, 60), 4);
    // Billions of buffers are not all looked at.
    assert_eq!(write(&mut m, 1, 200, -1, 60), Ok(OK));
    assert_eq!(word(&m, 60), 0);
    // The host's limit, met half way and then wholly.
    put(&mut m, 0, &[1000, 5000]);
    assert_eq!(write(&mut m, 1, 0, 1, 60), Ok(OK));
    assert_eq!(word(&m, 60), 996);
    assert_eq!(write(&mut m, 1, 0, 1, 60), Ok(number(Errno::NOSPC)));
    assert_eq!(c.buffers_mut().unwrap().out().len(), 1000);
}

#[test]
fn reading_scatters_until_the_end() {
    let (mut c, mut rt, mut m) = (ctx("abcdefg"), Run::new(1), vec![0; 64]);
    put(&mut m, 0, &[32, 4, 40, 9]);
    assert_eq!(fd_read(&mut c, &mut rt, &mut m, 0, 0, 2, 20), Ok(OK));
    // One buffer at a time: another might have to be waited for.
    assert_eq!((word(&m, 20), &m[32..36]), (4, &b"abcd"[..]));
    assert_eq!(fd_read(&mut c, &mut rt, &mut m, 0, 8, 1, 20), Ok(OK));
    assert_eq!((word(&m, 20), &m[40..44]), (3, &b"efg\0"[..]));
    assert_eq!(fd_read(&mut c, &mut rt, &mut m, 0, 0, 2, 20), Ok(OK));
    assert_eq!(word(&m, 20), 0);
    assert_eq!(
        fd_read(&mut c, &mut rt, &mut m, 1, 0, 2, 20),
        Ok(number(Errno::BADF))
    );
}

#[test]
fn work_is_charged_and_refused() {
    let (mut c, mut rt, mut m) = (ctx("").entropy(), Run::new(1), vec![0; 256]);
    rt.set_fuel(1);
    put(&mut m, 0, &[64, 128]);
    assert!(fd_write(&mut c, &mut rt, &mut m, 1, 0, 1, 40).is_err());
    assert_eq!(
        (rt.take_trap(&[]).cause(), rt.remaining_fuel()),
        (Cause::OutOfFuel, 1)
    );
    assert_eq!(c.buffers_mut().unwrap().out(), b"");
    // All buffers are paid for before the first is written.
    put(&mut m, 0, &[64, 3, 64, 128]);
    assert!(fd_write(&mut c, &mut rt, &mut m, 1, 0, 2, 40).is_err());
    assert_eq!(c.buffers_mut().unwrap().out(), b"");
    assert_eq!(rt.remaining_fuel(), 1);
    assert!(random_get(&mut c, &mut rt, &mut m, 0, 128).is_err());
    assert_eq!(random_get(&mut c, &mut rt, &mut m, 0, 127), Ok(OK));
    assert_eq!(rt.remaining_fuel(), 0);
}

#[test]
fn an_interrupt_comes_before_a_call_is_paid_for() {
    static FLAG: AtomicBool = AtomicBool::new(true);
    let (mut c, mut rt) = (ctx("").entropy(), Run::new(1));
    let mut m = subscriptions(&[(7, 1, 900, 0)]);
    assert_eq!(rt.charge(1), Ok(()));
    rt.set_interrupt(Some(&FLAG));
    let before = (rt.consumed_fuel(), m.clone());
    assert!(random_get(&mut c, &mut rt, &mut m, 0, 128).is_err());
    assert_eq!(rt.take_trap(&[]).cause(), Cause::Interrupted);
    assert!(poll_oneoff(&mut c, &mut rt, &mut m, 0, 512, 1, 1000).is_err());
    assert_eq!(rt.take_trap(&[]).cause(), Cause::Interrupted);
    assert_eq!((rt.consumed_fuel(), m), before);
}

#[test]
fn streams_describe_themselves_and_close() {
    let (mut c, mut rt, mut m) = (ctx(""), Run::new(1), vec![0xff; 64]);
    assert_eq!(fd_fdstat_get(&mut c, &mut rt, &mut m, 1, 0), Ok(OK));
    assert_eq!(
        (word(&m, 0), double(&m, 8), double(&m, 16)),
        (0, 1 << 6, 1 << 6)
    );
    assert_eq!(
        fd_fdstat_get(&mut c, &mut rt, &mut m, 0, 41),
        Ok(number(Errno::FAULT))
    );
    assert_eq!(
        fd_fdstat_set_flags(&mut c, &mut rt, &mut m, 1, 4),
        Ok(number(Errno::BADF))
    );
    assert_eq!(
        fd_seek(&mut c, &mut rt, &mut m, 1, 0, 0, 0),
        Ok(number(Errno::SPIPE))
    );
    assert_eq!(fd_close(&mut c, &mut rt, &mut m, 1), Ok(OK));
    for fd in [1, 3, -1] {
        assert_eq!(
            fd_close(&mut c, &mut rt, &mut m, fd),
            Ok(number(Errno::BADF))
        );
        assert_eq!(
            fd_seek(&mut c, &mut rt, &mut m, fd, 0, 0, 0),
            Ok(number(Errno::BADF))
        );
        assert_eq!(
            fd_fdstat_get(&mut c, &mut rt, &mut m, fd, 0),
            Ok(number(Errno::BADF))
        );
        assert_eq!(
            fd_prestat_get(&mut c, &mut rt, &mut m, fd, 0),
            Ok(number(Errno::BADF))
        );
        assert_eq!(
            fd_prestat_dir_name(&mut c, &mut rt, &mut m, fd, 0, 0),
            Ok(number(Errno::BADF))
        );
    }
}

#[test]
fn nothing_is_granted_at_first() {
    let (mut c, mut rt, mut m) = (StdCtx::new(), Run::new(1), vec![0; 64]);
    let denied = Ok(number(Errno::NOTCAPABLE));
    assert_eq!(random_get(&mut c, &mut rt, &mut m, 0, 8), denied);
    assert_eq!(clock_time_get(&mut c, &mut rt, &mut m, 0, 0, 0), denied);
    assert_eq!(clock_res_get(&mut c, &mut rt, &mut m, 1, 0), denied);
    assert_eq!(
        fd_write(&mut c, &mut rt, &mut m, 1, 0, 0, 0),
        Ok(number(Errno::BADF))
    );
    assert_eq!(
        fd_read(&mut c, &mut rt, &mut m, 0, 0, 0, 0),
        Ok(number(Errno::BADF))
    );
    assert_eq!((Env::arg(&c, 0), c.var(0)), (None, None));
    assert_eq!(m, [0; 64]);
}

#[test]
fn clocks_and_random_bytes() {
    let (mut c, mut rt, mut m) = (StdCtx::new().clocks().entropy(), Run::new(1), vec![0; 64]);
    assert_eq!(clock_time_get(&mut c, &mut rt, &mut m, 0, 0, 0), Ok(OK));
    assert!(double(&m, 0) > 1_700_000_000_000_000_000);
    assert_eq!(clock_time_get(&mut c, &mut rt, &mut m, 1, 0, 0), Ok(OK));
    assert_eq!(
        clock_time_get(&mut c, &mut rt, &mut m, 2, 0, 0),
        Ok(number(Errno::NOTSUP))
    );
    assert_eq!(
        clock_time_get(&mut c, &mut rt, &mut m, 4, 0, 0),
        Ok(number(Errno::INVAL))
    );
    assert_eq!(
        clock_time_get(&mut c, &mut rt, &mut m, 0, 0, 57),
        Ok(number(Errno::FAULT))
    );
    assert_eq!(clock_res_get(&mut c, &mut rt, &mut m, 1, 0), Ok(OK));
    assert!(double(&m, 0) > 0);
    assert_eq!(random_get(&mut c, &mut rt, &mut m, 0, 64), Ok(OK));
    assert_ne!(m[..32], m[32..]);
    for (buf, len) in [(1, 64), (-1, 2), (0, -1), (65, 0)] {
        assert_eq!(
            random_get(&mut c, &mut rt, &mut m, buf, len),
            Ok(number(Errno::FAULT))
        );
    }
    assert_eq!(sched_yield(&mut c, &mut rt, &mut m), Ok(OK));
}

/// A clock that stands at 1,000 and remembers how long it was made to wait.
#[derive(Default)]
struct Still {
    slept: u64,
    buffers: Buffers,
    denied: Denied,
    descriptors: Descriptors<Vec<Slot>>,
}

impl Ctx for Still {
    type Filesystem = Denied;
    type Slots = Vec<Slot>;

    fn filesystem(&mut self) -> &mut Denied {
        &mut self.denied
    }

    fn descriptors(&mut self) -> &mut Descriptors<Vec<Slot>> {
        &mut self.descriptors
    }
}

impl Clock for Still {
    fn now(&mut self, clock: ClockId) -> Result<u64, Errno> {
        match clock {
            ClockId::ThreadCpu => Err(Errno::NOTSUP),
            _ => Ok(1000),
        }
    }

    fn sleep(&mut self, nanoseconds: u64) -> Result<(), Errno> {
        self.slept += nanoseconds;
        Ok(())
    }
}

impl Entropy for Still {}
impl Env for Still {}

impl Stdio for Still {
    fn kind(&mut self, stream: wrt_rt::wasi::Stream) -> wrt_rt::wasi::StreamKind {
        self.buffers.kind(stream)
    }
}

/// Memory with subscriptions to clocks, each `(userdata, clock, timeout, absolute)`.
fn subscriptions(clocks: &[(u32, u32, u32, u32)]) -> Vec<u8> {
    let mut m = vec![0; 1024];
    for (i, (userdata, clock, timeout, absolute)) in clocks.iter().enumerate() {
        let at = 48 * i;
        put(
            &mut m,
            at,
            &[*userdata, 0, 0, 0, *clock, 0, *timeout, 0, 0, 0, *absolute],
        );
    }
    m
}

#[test]
fn poll_waits_for_the_soonest() {
    let (mut c, mut rt) = (Still::default(), Run::new(1));
    let mut m = subscriptions(&[(7, 1, 900, 0), (8, 0, 1500, 1), (9, 1, 500, 0)]);
    assert_eq!(
        poll_oneoff(&mut c, &mut rt, &mut m, 0, 512, 3, 1000),
        Ok(OK)
    );
    assert_eq!((c.slept, word(&m, 1000)), (500, 2));
    assert_eq!((word(&m, 512), word(&m, 520)), (8, 0));
    assert_eq!((word(&m, 544), word(&m, 552)), (9, 0));

    // What is past or in error does not wait.
    let mut m = subscriptions(&[(7, 1, 999, 1), (8, 3, 5, 0), (9, 9, 5, 0), (6, 0, 5, 0)]);
    assert_eq!(
        poll_oneoff(&mut c, &mut rt, &mut m, 0, 512, 4, 1000),
        Ok(OK)
    );
    assert_eq!((c.slept, word(&m, 1000)), (500, 3));
    assert_eq!((word(&m, 520), word(&m, 552), word(&m, 584)), (0, 58, 28));

    // A stream is ready at once, and a write to standard input never.
    put(&mut m, 0, &[1, 0, 1, 0, 0]);
    put(&mut m, 48, &[2, 0, 2, 0, 0]);
    assert_eq!(
        poll_oneoff(&mut c, &mut rt, &mut m, 0, 512, 2, 1000),
        Ok(OK)
    );
    assert_eq!(
        (word(&m, 1000), word(&m, 520), word(&m, 552)),
        (2, 1 << 16, 2 << 16 | 8)
    );
}

#[test]
fn poll_for_hostile_guests() {
    let (mut c, mut rt) = (Still::default(), Run::new(1));
    let mut m = subscriptions(&[(7, 1, 900, 0)]);
    for (subs, events, n, count, errno) in [
        (0, 512, 0, 1000, Errno::INVAL),
        (0, 512, -1, 1000, Errno::FAULT),
        (0, 512, 0x0555_5556, 1000, Errno::FAULT),
        (1000, 512, 1, 1000, Errno::FAULT),
        (0, 1000, 1, 1000, Errno::FAULT),
        (0, 512, 1, -1, Errno::FAULT),
    ] {
        assert_eq!(
            poll_oneoff(&mut c, &mut rt, &mut m, subs, events, n, count),
            Ok(number(errno))
        );
    }
    m[8] = 3;
    assert_eq!(
        poll_oneoff(&mut c, &mut rt, &mut m, 0, 512, 1, 1000),
        Ok(number(Errno::INVAL))
    );
    // Events over subscriptions destroy what the guest asked, and no more.
    let mut m = subscriptions(&[(7, 1, 1, 0), (8, 1, 1, 0)]);
    assert!(poll_oneoff(&mut c, &mut rt, &mut m, 0, 40, 2, 1000).is_ok());
    // An interrupt ends a wait of centuries.
    static FLAG: AtomicBool = AtomicBool::new(true);
    rt.set_interrupt(Some(&FLAG));
    let mut m = subscriptions(&[(7, 1, u32::MAX, 0)]);
    let slept = c.slept;
    assert_eq!(rt.charge(0), Ok(()));
    assert!(poll_oneoff(&mut c, &mut rt, &mut m, 0, 512, 1, 1000).is_err());
    assert_eq!(
        (rt.take_trap(&[]).cause(), c.slept),
        (Cause::Interrupted, slept)
    );
    let mut empty = [];
    assert_eq!(
        poll_oneoff(&mut c, &mut rt, &mut empty, 0, 0, 1, 0),
        Ok(number(Errno::FAULT))
    );
}

/// Standard input on which nothing comes, and whose reader is interrupted meanwhile.
struct Silent {
    still: Still,
    flag: &'static AtomicBool,
    waits: u32,
}

impl Clock for Silent {}
impl Entropy for Silent {}
impl Env for Silent {}

impl Stdio for Silent {
    fn kind(&mut self, _: wrt_rt::wasi::Stream) -> wrt_rt::wasi::StreamKind {
        wrt_rt::wasi::StreamKind::Terminal
    }

    fn ready(&mut self, _: wrt_rt::wasi::Stream, _: u64) -> Result<bool, Errno> {
        self.waits += 1;
        self.flag
            .store(self.waits == 3, std::sync::atomic::Ordering::Relaxed);
        Ok(false)
    }

    fn read(&mut self, _: &mut [u8]) -> Result<usize, Errno> {
        panic!("it would wait for ever");
    }
}

impl Ctx for Silent {
    type Filesystem = Denied;
    type Slots = Vec<Slot>;

    fn filesystem(&mut self) -> &mut Denied {
        &mut self.still.denied
    }

    fn descriptors(&mut self) -> &mut Descriptors<Vec<Slot>> {
        &mut self.still.descriptors
    }
}

#[test]
fn a_read_that_waits_can_be_interrupted_and_is_accounted() {
    static FLAG: AtomicBool = AtomicBool::new(false);
    let mut c = Silent {
        still: Still::default(),
        flag: &FLAG,
        waits: 0,
    };
    let (mut rt, mut m) = (Run::new(1), vec![0; 64]);
    rt.set_interrupt(Some(&FLAG));
    put(&mut m, 0, &[32, 8]);
    assert!(fd_read(&mut c, &mut rt, &mut m, 0, 0, 1, 20).is_err());
    assert_eq!(rt.take_trap(&[]).cause(), Cause::Interrupted);
    assert_eq!((c.waits, rt.stats.waited), (3, 60_000_000));
}
