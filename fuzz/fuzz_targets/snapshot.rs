//! Bytes as a snapshot of a module that has a bit of everything: they are refused, or give an instance that can be
//! saved again, and run; never a panic. The bytes take the place of some of those of a true snapshot, from the offset
//! that the first two say on, since its head tells the module.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use wrt_tests::exposed::Exposed;
use wrt_tests::interp::{Interp, Leave, go_on, in_steps};
use wrt_tests::side::{Call, Host, Progress, Side, limits};
use wrt_tests::smith;

/// The program that the snapshot is of, and the snapshot.
static TRUE: LazyLock<(Interp, Vec<Call>, Vec<u8>)> = LazyLock::new(|| {
    let wat = include_str!("../../tests/ladder/tables.wat");
    let module = Exposed::new(&wat::parse_str(wat).expect("a module"), false);
    let interp = Interp::new(&module.bytes, &smith::options(), false).expect("valid");
    let args = vec![wrt_rt::Val::I32(20)];
    let name = "fill".to_string();
    let calls = vec![Call { name, args }];
    let mut run = interp.make(limits(u64::MAX));
    run.start().expect("an instance");
    let mut leave = Leave::default();
    in_steps(run, &calls, &[200], &mut leave);
    (interp, calls, leave.snapshot)
});

fuzz_target!(|bytes: &[u8]| {
    let Some((at, rest)) = bytes.split_first_chunk::<2>() else {
        return;
    };
    let (interp, calls, snapshot) = &*TRUE;
    let mut forged = snapshot.clone();
    let at = usize::from(u16::from_le_bytes(*at)) % forged.len();
    let len = rest.len().min(forged.len() - at);
    forged[at..at + len].copy_from_slice(&rest[..len]);
    forged.extend(&rest[len..]);
    let Ok((mut run, paused)) = interp.restore(Host::default(), &forged) else {
        return;
    };
    run.set_fuel(10_000);
    if paused.is_some() {
        go_on(
            run,
            Progress::default(),
            paused,
            calls,
            &[1],
            &mut Leave::default(),
        );
    }
});
