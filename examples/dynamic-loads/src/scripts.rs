//! Interpreted scripts that call a compiled module: its instance is the data of their store.

use crate::math::Instance;
use wrt_interp::{Caller, Engine, Error, Linker, Module, Store, Trap};
use wrt_rt::Trap as CompiledTrap;

/// A store whose scripts may import the functions of `math`, and an instance of `script` in it.
pub fn start(script: &[u8]) -> Result<(Store<Instance>, wrt_interp::Instance), Error> {
    let engine = Engine::default();
    let math = Instance::new().map_err(Trap::from)?;
    let mut store = Store::new(&engine, math);
    let instance = linker()?.instantiate(&mut store, &Module::new(&engine, script)?)?;
    Ok((store, instance))
}

/// The functions of the compiled module, for interpreted ones.
fn linker() -> Result<Linker<Instance>, Error> {
    let mut linker = Linker::new();
    linker
        .func_wrap(
            "math",
            "power",
            |caller: Caller<'_, _>, base: i64, exponent: i32| {
                call_for(caller, |math: &mut Instance| math.power(base, exponent))
            },
        )?
        .func_wrap(
            "math",
            "mean",
            |caller: Caller<'_, _>, sum: i64, count: i64| {
                call_for(caller, |math: &mut Instance| math.mean(sum, count))
            },
        )?
        .func_wrap("math", "hanoi", |caller: Caller<'_, _>, n: i32| {
            call_for(caller, |math: &mut Instance| math.hanoi(n))
        })?;
    Ok(linker)
}

/// Calls the compiled instance on the account of the script that called: with the fuel and the depth that it has
/// left. A trap becomes the script's.
fn call_for<R>(
    mut caller: Caller<'_, Instance>,
    f: impl FnOnce(&mut Instance) -> Result<R, CompiledTrap>,
) -> Result<R, Error> {
    let (fuel, depth) = (caller.remaining_fuel(), caller.depth());
    let math = caller.data_mut();
    math.set_fuel(fuel);
    math.runtime_mut().set_depth(depth);
    let done = f(math);
    let left = math.remaining_fuel();
    caller.set_fuel(left);
    Ok(done.map_err(Trap::from)?)
}
