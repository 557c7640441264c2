// A method that the module does not export, and a host that lacks a function.
wrt_macros::include_wasm!("data/add.wat");
wrt_macros::include_wasm!("data/log.wat", name = guest);

struct Host;

impl guest::Env for Host {}

fn main() {
    let mut instance = add::Instance::new().unwrap();
    instance.subtract(1, 2);
}
