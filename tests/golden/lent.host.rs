use golden::lent::*;

/// Two pages and a half, in which something stood before.
fn buffer() -> &'static mut [u8] {
    vec![0xa5; 5 * 32_768].leak()
}

pub fn make() -> Result<Instance, Trap> {
    let small = vec![0; 65_535].leak();
    let trap = Instance::new(small).map(|_| ()).expect_err("there is room for less than a page");
    assert_eq!(trap.cause(), Cause::OutOfMemory);
    // Room for one page and no more, though the module may have two.
    let mut one = Instance::new(vec![0; 100_000].leak())?;
    assert_eq!((one.grow(1)?, one.size()?), (-1, 1));
    let mut instance = Instance::new(buffer())?;
    // Another buffer, and the first is free again.
    assert_eq!(instance.lend_memory(buffer()).len(), 5 * 32_768);
    assert_eq!(instance.load(0).expect_err("no page yet").cause(), Cause::MemoryOutOfBounds);
    instance.reset()?;
    Ok(instance)
}
