//! Preview 1 of WASI: its functions are those of `wrt_rt`, row by row of the table, on the caller's first memory.

use crate::caller::Caller;
use crate::error::Error;
use crate::host::Host;
use crate::linker::Linker;
use crate::store::StoreInner;
use crate::trap::Trap;
use crate::typed::WasmList;
use alloc::sync::Arc;
use wrt_compiler::module::FuncType;
use wrt_rt::wasi::{Provider, preview1};
use wrt_rt::{Cause, Run, Trapped};

/// The name that modules import it from.
const MODULE: &str = "wasi_snapshot_preview1";

impl<T> Linker<T> {
    /// Defines all functions of `wasi_snapshot_preview1`, on what `provider` finds in the embedder's data: a context
    /// that grants what it grants, such as `wrt_rt::wasi::std::StdCtx`.
    ///
    /// A guest that exits ends its run with the cause `Exit`. Fuel that is refused to one of these functions pauses a
    /// run that can pause, before the call; so does an interruption before it is paid for. An interruption while it
    /// waits after that is a trap. Fails with [`Error::Link`] if a name is taken.
    pub fn wasi<P: Provider + 'static>(
        &mut self,
        provider: impl Fn(&mut T) -> &mut P + Clone + Send + Sync + 'static,
    ) -> Result<&mut Self, Error> {
        macro_rules! rows {
            ($($(#[$doc:meta])* $kind:ident $name:ident($($arg:ident: $Arg:ty),*);)*) => { $(
                let data = provider.clone();
                let host = row(move |state, run, memory, ($($arg,)*): ($($Arg,)*)| {
                    preview1::$name(data(state).wasi(), run, memory, $($arg),*)
                });
                self.host(MODULE, stringify!($name), host)?;
            )* };
        }
        wrt_rt::for_each_preview1! { rows }
        Ok(self)
    }
}

/// The function of one row.
fn row<T, A: WasmList, R: WasmList>(
    f: impl Fn(&mut T, &mut Run, &mut [u8], A) -> Result<R, Trapped> + Send + Sync + 'static,
) -> Host<T> {
    let body = move |caller: Caller<'_, T>, slots: &mut [u64]| {
        let memory = caller.memory().map(|memory| memory.index);
        let StoreInner { core, data, .. } = caller.inner;
        core.open();
        let memory = memory.and_then(|index| core.memories.get_mut(index as usize));
        let bytes = memory.map_or(&mut [][..], |memory| memory.bytes_mut());
        let before = core.run.consumed_fuel();
        match f(data, &mut core.run, bytes, A::get(slots)) {
            Ok(result) => {
                result.put(slots);
                Ok(())
            }
            Err(_) => {
                let trap = core.run.take_trap(&[]);
                // They pay once, before they act: if nothing was paid, nothing is done yet.
                Err(match trap.cause() {
                    cause @ (Cause::OutOfFuel | Cause::Interrupted)
                        if core.run.consumed_fuel() == before =>
                    {
                        Error::Refused(cause)
                    }
                    _ => Trap::from(trap).into(),
                })
            }
        }
    };
    Host {
        ty: FuncType {
            params: A::TYPES.to_vec(),
            results: R::TYPES.to_vec(),
        },
        body: Arc::new(body),
    }
}
