//! A compiled program that loads plugins: it gives the bytes of a module to its host, which loads them into the
//! interpreter, and calls the module by number.

use crate::app::{self, Caller, Instance, Trap, Trapped};
use wrt_interp::{Engine, Error, Linker, Memory, Module, Store, StoreContextMut, TypedFunc};

/// The code of the trap of a program that gives no module, or one that cannot be linked.
pub const BAD_PLUGIN: i32 = 1;
/// The code of the trap of a program that calls a plugin which it did not load.
pub const NO_PLUGIN: i32 = 2;

/// What a plugin exports under the name `run`: it takes a range of the memory, and gives the length that remains.
type Run = TypedFunc<(i32, i32), i32>;

/// The host of the program: an interpreter, and the plugins in it.
pub struct Plugins {
    linker: Linker<Changes>,
    store: Store<Changes>,
    /// Where the program's memory is while plugins run.
    memory: Memory,
    loaded: Vec<Run>,
}

/// What plugins said that they changed.
#[derive(Debug, Default)]
pub struct Changes(pub Vec<i32>);

impl Plugins {
    /// An interpreter without plugins, and the functions that they may import.
    pub fn new() -> Result<Plugins, Error> {
        let engine = Engine::default();
        let mut store = Store::new(&engine, Changes::default());
        let memory = Memory::vacant(&mut store, None);
        let mut linker = Linker::new();
        linker.define("app", "memory", memory)?;
        linker.func_wrap(
            "app",
            "changed",
            |mut caller: wrt_interp::Caller<'_, Changes>, count: i32| {
                caller.data_mut().0.push(count);
            },
        )?;
        // Asks to pause: refused, since the compiled program waits.
        linker.func_wrap("app", "wait", || -> Result<(), Error> {
            Err(Error::suspend())
        })?;
        Ok(Plugins {
            linker,
            store,
            memory,
            loaded: Vec::new(),
        })
    }

    /// What the plugins said that they changed.
    pub fn changes(&self) -> &[i32] {
        &self.store.data().0
    }

    /// Does something in the interpreter on the account of the program that called: with its memory, with the fuel
    /// and the depth that it has left. A trap becomes the program's.
    fn run_for<R>(
        &mut self,
        caller: &mut Caller<'_>,
        f: impl FnOnce(&Linker<Changes>, StoreContextMut<'_, Changes>) -> Result<R, Error>,
    ) -> Result<R, Trapped> {
        self.store.set_fuel(caller.runtime().remaining_fuel());
        self.store.set_depth(caller.depth());
        let done = self.memory.lend(&mut self.store, caller.memory(), |store| {
            f(&self.linker, store)
        });
        caller.runtime().set_fuel(self.store.remaining_fuel());
        done.map_err(|e| raise(caller, e))
    }
}

/// Makes an error of the interpreter the trap of the program.
fn raise(caller: &mut Caller<'_>, e: Error) -> Trapped {
    match e {
        Error::Trap(trap) => caller.raise(Trap::from(&*trap)),
        _ => caller.trap(BAD_PLUGIN, "this is no plugin"),
    }
}

impl app::Plugins for Plugins {
    fn load(&mut self, caller: &mut Caller<'_>, at: i32, len: i32) -> Result<i32, Trapped> {
        // Loading takes time by the byte, which the program pays.
        let paid = caller.runtime().charge(len as u32);
        let bytes = paid.and_then(|()| Ok(caller.memory().get(at as u32, len as u32)?.to_vec()));
        let bytes = bytes.map_err(|cause| caller.raise(Trap::new(cause)))?;
        let module = Module::new(self.store.engine(), bytes).map_err(|e| raise(caller, e))?;
        let run = self.run_for(caller, |linker, mut store| {
            let instance = linker.instantiate(&mut store, &module)?;
            instance.get_typed_func(&store, "run")
        })?;
        self.loaded.push(run);
        Ok(self.loaded.len() as i32 - 1)
    }

    fn run(
        &mut self,
        caller: &mut Caller<'_>,
        plugin: i32,
        at: i32,
        len: i32,
    ) -> Result<i32, Trapped> {
        let Some(&run) = self.loaded.get(plugin as usize) else {
            return Err(caller.trap(NO_PLUGIN, "no such plugin"));
        };
        self.run_for(caller, |_, store| run.call(store, (at, len)))
    }
}

/// The program, with `fuel` units for itself and its plugins together.
pub fn program(fuel: u64) -> Result<Instance<Plugins>, Error> {
    let mut app = Instance::new(Plugins::new()?).map_err(wrt_interp::Trap::from)?;
    app.set_fuel(fuel);
    Ok(app)
}

/// Has the program load a module, as text or as bytes. Gives the number of the plugin.
pub fn load(app: &mut Instance<Plugins>, module: &[u8]) -> Result<i32, Trap> {
    let at = app.input() as u32;
    app.memory_mut().write(at, module)?;
    app.load(module.len() as i32)
}

/// Has the program let a plugin edit `text`.
pub fn edit(app: &mut Instance<Plugins>, plugin: i32, text: &str) -> Result<String, Trap> {
    let at = app.input() as u32;
    app.memory_mut().write(at, text.as_bytes())?;
    let len = app.edit(plugin, text.len() as i32)?;
    let edited = app.memory().get(at, len as u32)?;
    Ok(String::from_utf8_lossy(edited).into_owned())
}
