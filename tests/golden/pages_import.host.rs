use golden::pages_import::*;
use wrt_rt::memory::PageSize;

pub fn make() -> Result<Instance, Trap> {
    let bytes = |page_size| {
        let mut memory = wrt_rt::Memory::with_page_size(10, Some(20), page_size);
        memory.instantiate(10).expect("memory");
        memory
    };
    let refused = Instance::new(Externs { env_bytes: bytes(PageSize::Kib64) });
    assert_eq!(refused.map(|_| ()).map_err(|trap| trap.cause()), Err(Cause::IncompatibleImport));
    let mut memory = bytes(PageSize::Byte);
    memory.write(9, &[42]).expect("in bounds");
    Instance::new(Externs { env_bytes: memory })
}
