// Keys that do not exist, or that a macro does not have.
wrt_macros::include_wasm!("data/add.wat", fule = true);
wrt_macros::include_wasm!("data/add.wat", layout = file);
wrt_macros::include_wasm!("data/add.wat", data = inline);
wrt_macros::include_wasm!("data/add.wat", fuel = true, fuel = false);
// Values of the wrong kind.
wrt_macros::include_wasm!("data/add.wat", fuel = 1);
wrt_macros::include_wasm!("data/add.wat", backtrace = all);
wrt_macros::include_wasm!("data/add.wat", max_locals = -1);
wrt_macros::include_wasm!("data/add.wat", max_locals = 99999999999);
wrt_macros::include_wasm!("data/add.wat", name = fn);
wrt_macros::include_wasm!("data/add.wat", name = "a b");
wrt_macros::include_wasm!("data/add.wat", name = core);
// No path.
wrt_macros::include_wasm!(add);
wrt_macros::include_wasm!();

fn main() {}
