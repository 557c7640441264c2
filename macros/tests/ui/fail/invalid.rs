wrt_macros::include_wasm!("data/invalid.wat", fuel = false);
wrt_macros::include_wasm!("data/truncated.wasm");

fn main() {}
