use golden::flash::*;

pub fn make() -> Result<Instance, Trap> {
    let mut instance = Instance::new()?;
    let memory = instance.memory();
    assert_eq!(memory.get(1024, 5), Ok(&b"hello"[..]));
    assert_eq!(memory.get(1036, 1), Ok(&[7][..]));
    assert!(memory.get(1035, 2).is_err() && memory.get(2047, 2).is_err());
    let memory = instance.memory_mut();
    assert!(memory.write(1024, b"j").is_err());
    assert_eq!(memory.write(1040, b"j"), Ok(()));
    assert_eq!(memory.ram().len(), 2048 - 1036);
    instance.reset()?;
    Ok(instance)
}
