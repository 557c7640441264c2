//! Runs WebAssembly that is loaded at run time: without recursion on the host's stack, within bounds of fuel, depth,
//! memory and tables, and so that a run can pause and go on later.
//!
//! It reads the same intermediate representation as the compiler's Rust output does: results, traps, backtraces and
//! fuel are those of compiled code. `no_std` with `alloc`, and no `unsafe`.
//!
//! ```
//! use wrt_interp::{Caller, Engine, Error, Linker, Module, Store};
//!
//! let wat = r#"(module
//!     (import "env" "log" (func $log (param i32)))
//!     (func (export "add") (param i32 i32) (result i32)
//!         (call $log (local.get 0))
//!         (i32.add (local.get 0) (local.get 1))))"#;
//! let engine = Engine::default();
//! let module = Module::new(&engine, wat::parse_str(wat).expect("the text is right"))?;
//!
//! // The store holds data of ours: here, what the guest logged.
//! let mut store = Store::new(&engine, Vec::new());
//! store.set_fuel(1_000);
//! let mut linker = Linker::new();
//! linker.func_wrap("env", "log", |mut caller: Caller<'_, Vec<i32>>, n: i32| caller.data_mut().push(n))?;
//! let instance = linker.instantiate(&mut store, &module)?;
//!
//! let add = instance.get_typed_func::<(i32, i32), i32>(&store, "add")?;
//! assert_eq!(add.call(&mut store, (2, 3))?, 5);
//! assert_eq!(store.data()[..], [2]);
//! assert!(store.remaining_fuel() < 1_000);
//! # Ok::<(), Error>(())
//! ```
//!
//! # What there is
//!
//! An [`Engine`] has the options; a [`Module`] is decoded and validated once; a [`Store`] is what runs together: all
//! instances in it share its fuel, limits and the embedder's data. A [`Linker`] knows what modules may import, and
//! makes an [`Instance`]. [`Func`], [`Memory`], [`Table`] and [`Global`] are handles: numbers that mean something in
//! their store, and in another give [`Error::WrongStore`]. They take the store, or, in a host function, its
//! [`Caller`].
//!
//! A reference to a function, [`FuncRef`], is the function's number in its store, and has no store in it: see
//! [`Func::to_ref`] and [`Func::from_ref`].
//!
//! # Runs that pause
//!
//! [`Func::call`] ends in the trap `OutOfFuel` where the fuel is used up. [`Func::call_resumable`] pauses instead, and
//! so it does when the interrupt flag is set, or when a host function returns [`Error::suspend`]:
//!
//! ```
//! use wrt_interp::{Engine, Error, Linker, Module, Outcome, Reason, Store, Val};
//!
//! let wat = r#"(module (func (export "sum") (param $n i32) (result i32) (local $sum i32)
//!     (loop $next
//!         (local.set $sum (i32.add (local.get $sum) (local.get $n)))
//!         (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
//!     (local.get $sum)))"#;
//! let engine = Engine::default();
//! let module = Module::new(&engine, wat::parse_str(wat).expect("the text is right"))?;
//! let mut store = Store::new(&engine, ());
//! let instance = Linker::new().instantiate(&mut store, &module)?;
//! let sum = instance.get_func(&store, "sum").expect("it is exported");
//!
//! store.set_fuel(100);
//! let mut outcome = sum.call_resumable(&mut store, &[Val::I32(100)])?;
//! let results = loop {
//!     match outcome {
//!         Outcome::Done(results) => break results,
//!         Outcome::Paused(run) => {
//!             assert_eq!(run.reason(), Reason::OutOfFuel);
//!             store.set_fuel(store.remaining_fuel() + 100);
//!             outcome = run.resume(&mut store)?;
//!         }
//!     }
//! };
//! assert_eq!(results, [Val::I32(5050)]);
//! # Ok::<(), Error>(())
//! ```
//!
//! A paused run does not keep the store from running other things. A host function may call back into the store; what
//! it calls cannot pause, and traps where it would.
//!
//! # Bounds
//!
//! Fuel and depth are counted as compiled code counts them. The guest's calls take nothing of the host's stack; calls
//! that go through host functions do, and 64 of them may be active at a time. [`Limits`] states the rest.
//!
//! # Features
//!
//! `std` (default): the host's square root. `wasi` (default): `Linker::wasi`, preview 1. `wat`: modules in the text
//! format.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod bulk;
mod caller;
mod code;
mod compiled;
mod context;
mod core;
mod engine;
mod error;
mod exec;
mod flatten;
mod func;
mod global;
mod host;
mod instance;
mod instantiate;
mod linker;
mod machine;
mod memory;
mod module;
mod pause;
#[cfg(feature = "wasi")]
mod preview1;
mod profile;
mod rare;
#[allow(non_snake_case)] // Functions are named as the rows are.
mod row;
mod run;
mod slot;
mod snapshot;
mod steps;
mod store;
mod table;
mod trap;
mod typed;
mod types;
mod verify;

pub use caller::Caller;
pub use context::{AsContext, AsContextMut, StoreContext, StoreContextMut};
pub use engine::Engine;
pub use error::Error;
pub use func::{Func, TypedFunc};
pub use global::Global;
pub use host::{HostResults, IntoFunc};
pub use instance::{Extern, Instance};
pub use linker::Linker;
pub use memory::Memory;
pub use module::Module;
pub use pause::{Outcome, Paused, Reason};
pub use profile::ProfileNode;
pub use snapshot::Restored;
pub use store::Store;
pub use table::Table;
pub use trap::{Frame, Trap};
pub use typed::{WasmList, WasmTy};
pub use types::ExternType;
pub use verify::Verification;
pub use wrt_compiler::module::{
    FuncType, GlobalType, MemoryType, MemoryTypeBuilder, PageSize, TableType,
};
pub use wrt_compiler::{Backtrace, Error as CompileError, Kind as CompileErrorKind, Options};
#[cfg(feature = "wasi")]
pub use wrt_rt::wasi;
pub use wrt_rt::{Cause, ExternRef, FuncRef, Limits, Refuel, Stats, Val, ValType};
