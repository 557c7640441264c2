wrt_macros::include_wasm!("data/add.wat");

// In a function too, under another name and with every kind of value.
fn fixed() -> i32 {
    wrt_macros::include_wasm!("data/add.wat", name = tiny, storage = fixed, fuel = false, backtrace = "offsets",
        max_memory_pages = 0x1, canonical_nans = true,);
    let mut instance = tiny::Instance::new().expect("no start function");
    instance.answer().expect("in bounds")
}

fn main() {
    let mut instance = add::Instance::new().expect("no start function");
    assert_eq!(instance.add(2, 3), Ok(5));
    assert_eq!(instance.answer(), Ok(42));
    assert_eq!(instance.memory().pages(), 1);
    instance.set_calls(9);
    assert_eq!(instance.calls(), 9);
    let trap = instance.fail().expect_err("unreachable");
    assert_eq!(trap.to_string(), "unreachable\n  at fail");
    assert_eq!(fixed(), 42);
}
