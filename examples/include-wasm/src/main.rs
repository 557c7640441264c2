//! Filters a square wave: `cargo run -p include-wasm`. The filter stands in a static, as on a device.

use std::sync::{Mutex, PoisonError};

use include_wasm::Average;
use include_wasm::filter::Trap;

static FILTER: Mutex<Average> = Mutex::new(Average::new());

fn main() -> Result<(), Trap> {
    let mut filter = FILTER.lock().unwrap_or_else(PoisonError::into_inner);
    filter.start()?;
    println!(
        "a square wave, averaged over {} samples in {} bytes:",
        filter.window(),
        size_of::<Average>()
    );
    for n in 0..48 {
        let wave = if n % 32 < 16 { 1000 } else { 0 };
        let average = filter.sample(wave)?;
        println!(
            "{wave:>5} {average:>5} {}",
            "#".repeat(average as usize / 25)
        );
    }
    Ok(())
}
