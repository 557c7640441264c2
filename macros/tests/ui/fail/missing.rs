wrt_macros::include_wasm!("data/missing.wasm");

fn main() {}
