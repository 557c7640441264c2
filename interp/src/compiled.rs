//! Where compiled code and this interpreter call each other: what of the one the other gets for the time of a call.
//!
//! A memory of compiled code is lent to a place in the store, which is empty otherwise. Fuel and depth are set on the
//! side that is called, from what the caller has left; a trap of one side becomes one of the other, of the same cause.

use crate::caller::Caller;
use crate::context::{AsContextMut, StoreContextMut};
use crate::error::Error;
use crate::memory::Memory;
use crate::store::StoreInner;
use crate::trap::Trap;
use core::mem;
use wrt_rt::Cause;
use wrt_rt::memory::PageSize;

impl Memory {
    /// A place in the store for memories that are lent to it, of at most `max` pages of 65,536 bytes if that is
    /// stated; see [`lend`](Memory::lend). It has no pages of its own: while none is lent, accesses trap with
    /// `MemoryOutOfBounds`, `memory.grow` gives −1, and modules that want pages cannot import it.
    pub fn vacant(mut store: impl AsContextMut, max: Option<u32>) -> Memory {
        let inner = store.as_context_mut().0;
        let index = inner.core.memories.len() as u32;
        // Never instantiated, so that it cannot grow.
        inner.core.memories.push(wrt_rt::Memory::new(0, max));
        inner.core.memory_maxima.push(max);
        let store = inner.id;
        Memory { store, index }
    }

    /// Lends `memory` to a place in the store that [`vacant`](Memory::vacant) made, as long as `f` runs, also if it
    /// panics: what guests of the store write and grow is written and grown in `memory`. A run that pauses in `f`
    /// finds, when it is resumed, whatever is lent then.
    ///
    /// Modules that import the place find the size of what is lent when they are instantiated; accesses past the end
    /// of what is lent later trap. Traps with `IncompatibleImport` if the type of `memory` allows more pages than the
    /// place does, or its pages are of one byte. Fails with [`Error::WrongStore`], and as `f` does.
    pub fn lend<C: AsContextMut, R>(
        self,
        mut store: C,
        memory: &mut wrt_rt::Memory,
        f: impl FnOnce(StoreContextMut<'_, C::Data>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let inner = store.as_context_mut().0;
        inner.check(self.store)?;
        let max = inner.core.memory_maxima.get(self.index as usize);
        let max = max.ok_or(Error::WrongStore(None))?;
        let page_size = memory.page_size();
        if page_size != PageSize::Kib64 || max.is_some_and(|max| memory.max() > max) {
            return Err(Cause::IncompatibleImport.into());
        }
        let mut loan = Loan {
            inner,
            place: self.index,
            memory,
        };
        loan.inner.core.run.note_memory(loan.memory.bytes().len());
        loan.swap();
        f(StoreContextMut(&mut *loan.inner))
    }
}

/// A memory in its place. Dropping it gives both theirs back.
struct Loan<'a, T> {
    inner: &'a mut StoreInner<T>,
    place: u32,
    memory: &'a mut wrt_rt::Memory,
}

impl<T> Loan<'_, T> {
    fn swap(&mut self) {
        self.inner.core.open();
        if let Some(place) = self.inner.core.memories.get_mut(self.place as usize) {
            mem::swap(place, self.memory);
        }
    }
}

impl<T> Drop for Loan<'_, T> {
    fn drop(&mut self) {
        self.swap();
    }
}

impl<T> Caller<'_, T> {
    /// The depth budget that is left for what the host function calls, in stack slots.
    pub fn depth(&self) -> u32 {
        self.inner.depth
    }
}

impl From<&Trap> for wrt_rt::Trap {
    /// The same for compiled code, which adds its own frames: cause and code, and the message unless it was made at
    /// run time.
    fn from(trap: &Trap) -> wrt_rt::Trap {
        wrt_rt::Trap::with_code(trap.cause(), trap.code(), trap.static_message())
    }
}
