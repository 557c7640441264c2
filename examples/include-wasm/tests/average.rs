//! The filter against the same in Rust.

use include_wasm::Average;
use include_wasm::filter::Cause;

#[test]
fn averages_the_last_samples() {
    // In place: a box, since its memory of one page is large for a stack.
    let mut filter = Box::new(Average::new());
    filter.start().expect("no start function");
    let samples: Vec<i16> = (0..100i32)
        .map(|n| (n * n * 31 % 2000 - 1000) as i16)
        .collect();
    for (n, sample) in samples.iter().enumerate() {
        let window = &samples[n.saturating_sub(15)..=n];
        let sum: i32 = window.iter().map(|s| i32::from(*s)).sum();
        assert_eq!(filter.sample(*sample), Ok(sum / 16), "sample {n}");
    }
    filter.start().expect("no start function");
    assert_eq!(filter.sample(160), Ok(10));
}

#[test]
fn before_it_is_started_it_traps() {
    let mut filter = Box::new(Average::new());
    let trap = filter.sample(1).expect_err("no depth yet");
    assert_eq!(trap.cause(), Cause::CallStackExhausted);
}
