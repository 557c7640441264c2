//! Runs WebAssembly that is loaded at run time.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod bulk;
mod caller;
mod code;
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
#[allow(non_snake_case)] // Functions are named as the rows are.
mod row;
mod run;
mod slot;
mod snapshot;
mod store;
mod table;
mod trap;
mod typed;
mod types;

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
pub use snapshot::Restored;
pub use store::Store;
pub use table::Table;
pub use trap::{Frame, Trap};
pub use typed::{WasmList, WasmTy};
pub use types::ExternType;
pub use wrt_compiler::module::{FuncType, GlobalType, MemoryType, TableType};
pub use wrt_compiler::{Backtrace, Error as CompileError, Kind as CompileErrorKind, Options};
#[cfg(feature = "wasi")]
pub use wrt_rt::wasi;
pub use wrt_rt::{Cause, ExternRef, FuncRef, Limits, Stats, Val, ValType};
