wrt_macros::include_wasm!("data/large.wasm");

fn main() {}
