//! What the tests share.

use wrt_interp::*;

/// The module that the text describes.
pub(crate) fn module(engine: &Engine, wat: &str) -> Module {
    let bytes = wat::parse_str(wat).unwrap_or_else(|e| panic!("{e}"));
    Module::new(engine, bytes).unwrap_or_else(|e| panic!("{e}"))
}

/// A store with an instance of a module that imports nothing.
pub(crate) fn started<T>(wat: &str, data: T) -> (Store<T>, Instance) {
    let engine = Engine::default();
    let mut store = Store::new(&engine, data);
    let instance = Linker::new().instantiate(&mut store, &module(&engine, wat));
    (store, instance.unwrap_or_else(|e| panic!("{e}")))
}

/// The trap that a call must have ended in.
pub(crate) fn trap<R>(result: Result<R, Error>) -> Trap {
    match result {
        Ok(_) => panic!("it does not trap"),
        Err(Error::Trap(trap)) => *trap,
        Err(other) => panic!("{other:?}"),
    }
}

/// The cause of the trap that a call must have ended in.
pub(crate) fn cause<R>(result: Result<R, Error>) -> Cause {
    trap(result).cause()
}

/// Calls `f` on a thread with a small stack.
pub(crate) fn small_stack<R: Send>(f: impl FnOnce() -> R + Send) -> R {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(256 * 1024);
        let thread = thread.spawn_scoped(scope, f).expect("a thread");
        thread.join().expect("no panic")
    })
}
