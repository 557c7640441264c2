#![deny(missing_docs, warnings)]
//! A host function, under the strictest lints.

wrt_macros::include_wasm!("data/log.wat", name = guest);

struct Host(Vec<i32>);

impl guest::Env for Host {
    fn log(&mut self, _: &mut guest::Caller<'_>, value: i32) -> Result<(), guest::Trapped> {
        self.0.push(value);
        Ok(())
    }
}

fn main() {
    let mut instance = guest::Instance::new(Host(Vec::new())).expect("no start function");
    instance.run().expect("a host that accepts");
    assert_eq!(instance.host().0, [7]);
}
