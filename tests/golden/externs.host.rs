use golden::externs::*;

pub fn make() -> Result<Instance, Trap> {
    let mut memory = wrt_rt::Memory::new(1, Some(2));
    memory.instantiate(2).expect("memory");
    memory.write(0, &[42]).expect("in bounds");
    let mut table = wrt_rt::Table::new(4, None);
    table.instantiate(10, FuncRef::NULL).expect("memory");
    Instance::new(Externs { env_memory: memory, env_table: table, env_base: 1000, env_count: 7 })
}
