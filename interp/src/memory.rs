//! Memories of a store.

use crate::context::{AsContext, AsContextMut, StoreContext, StoreContextMut};
use crate::engine::StoreId;
use crate::error::Error;
use crate::store::StoreInner;
use alloc::string::{String, ToString};
use wrt_compiler::module::MemoryType;
use wrt_rt::Cause;

/// A linear memory of a store: bytes in pages of 65,536, or of one if its type says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    pub(crate) store: StoreId,
    pub(crate) index: u32,
}

impl Memory {
    /// A memory of zeros. Traps with `MemoryLimit` if the store's limit or its own maximum is smaller than its
    /// minimum, and with `OutOfMemory` if the pages cannot be had.
    pub fn new(mut store: impl AsContextMut, ty: MemoryType) -> Result<Memory, Error> {
        let inner = store.as_context_mut().0;
        let mut memory = wrt_rt::Memory::with_page_size(ty.min, ty.max, ty.page_size);
        memory.instantiate(inner.core.limits.memory_pages)?;
        inner.core.run.note_memory(memory.bytes().len());
        let index = inner.core.memories.len() as u32;
        inner.core.memories.push(memory);
        inner.core.memory_maxima.push(ty.max);
        let store = inner.id;
        Ok(Memory { store, index })
    }

    /// Its type now, the size being the minimum. Fails with [`Error::WrongStore`].
    pub fn ty(self, store: impl AsContext) -> Result<MemoryType, Error> {
        let inner = store.as_context().0;
        let memory = self.of(inner)?;
        let max = inner.core.memory_maxima.get(self.index as usize);
        Ok(MemoryType {
            min: memory.pages(),
            max: max.copied().flatten(),
            page_size: memory.page_size(),
        })
    }

    /// Bytes in each of its pages: 65,536, or 1; 0 in another store.
    pub fn page_size(self, store: impl AsContext) -> u32 {
        let memory = self.of(store.as_context().0);
        memory.map_or(0, |memory| memory.page_size().bytes())
    }

    /// The number of pages; 0 in another store.
    pub fn size(self, store: impl AsContext) -> u32 {
        let memory = self.of(store.as_context().0);
        memory.map_or(0, |memory| memory.pages())
    }

    /// The most pages that it ever had. A memory never shrinks, so it is [`size`](Memory::size).
    pub fn peak_pages(self, store: impl AsContext) -> u32 {
        self.size(store)
    }

    /// Adds `pages` of zeros, without fuel, and gives the number of pages before. Traps with `MemoryLimit` if they
    /// cannot be had; fails with [`Error::WrongStore`].
    pub fn grow(self, mut store: impl AsContextMut, pages: u32) -> Result<u32, Error> {
        let inner = store.as_context_mut().0;
        let memory = self.of_mut(inner)?;
        let before = memory.grow_host(pages).ok_or(Cause::MemoryLimit)?;
        let now = memory.bytes().len();
        inner.core.run.note_memory(now);
        inner.core.seal();
        Ok(before)
    }

    /// All bytes, as long as the store is borrowed, in which nothing can run or grow; none in another store.
    pub fn data<'a, T: 'a>(self, store: impl Into<StoreContext<'a, T>>) -> &'a [u8] {
        let memory = self.of(store.into().0);
        memory.map_or(&[], |memory| memory.bytes())
    }

    /// The same to change.
    pub fn data_mut<'a, T: 'a>(self, store: impl Into<StoreContextMut<'a, T>>) -> &'a mut [u8] {
        let memory = self.of_mut(store.into().0);
        memory.map_or(&mut [], |memory| memory.bytes_mut())
    }

    /// The same to change, together with the embedder's data. In another store there are no bytes.
    pub fn data_and_store_mut<'a, T: 'a>(
        self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> (&'a mut [u8], &'a mut T) {
        let inner = store.into().0;
        inner.core.open();
        let memory = match inner.id == self.store {
            true => inner.core.memories.get_mut(self.index as usize),
            false => None,
        };
        let bytes = memory.map_or(&mut [][..], |memory| memory.bytes_mut());
        (bytes, &mut inner.data)
    }

    /// Copies the bytes at `addr` into `buf`, all or none of them. Traps with `MemoryOutOfBounds`; fails with
    /// [`Error::WrongStore`].
    pub fn read(self, store: impl AsContext, addr: u32, buf: &mut [u8]) -> Result<(), Error> {
        Ok(self.of(store.as_context().0)?.read(addr, buf)?)
    }

    /// Copies `bytes` to `addr`, all or none of them. Traps with `MemoryOutOfBounds`; fails with
    /// [`Error::WrongStore`].
    pub fn write(self, mut store: impl AsContextMut, addr: u32, bytes: &[u8]) -> Result<(), Error> {
        let inner = store.as_context_mut().0;
        let written = self.of_mut(inner)?.write(addr, bytes);
        inner.core.seal();
        Ok(written?)
    }

    /// The `len` bytes at `addr`, as long as the store is borrowed: the memory cannot grow meanwhile. Traps with
    /// `MemoryOutOfBounds`; fails with [`Error::WrongStore`].
    pub fn get_safe_slice<'a, T: 'a>(
        self,
        store: impl Into<StoreContext<'a, T>>,
        addr: u32,
        len: u32,
    ) -> Result<&'a [u8], Error> {
        Ok(self.of(store.into().0)?.get(addr, len)?)
    }

    /// The same to change.
    pub fn get_safe_slice_mut<'a, T: 'a>(
        self,
        store: impl Into<StoreContextMut<'a, T>>,
        addr: u32,
        len: u32,
    ) -> Result<&'a mut [u8], Error> {
        Ok(self.of_mut(store.into().0)?.get_mut(addr, len)?)
    }

    /// The name that [`set_name`](Memory::set_name) gave it.
    pub fn name<'a, T: 'a>(self, store: impl Into<StoreContext<'a, T>>) -> Option<&'a str> {
        let inner = store.into().0;
        self.of(inner).ok()?;
        inner.memory_names.get(&self.index).map(String::as_str)
    }

    /// Gives it a name, for people. Fails with [`Error::WrongStore`].
    pub fn set_name(self, mut store: impl AsContextMut, name: &str) -> Result<(), Error> {
        let inner = store.as_context_mut().0;
        self.of(inner)?;
        inner.memory_names.insert(self.index, name.to_string());
        Ok(())
    }

    fn of<T>(self, inner: &StoreInner<T>) -> Result<&wrt_rt::Memory, Error> {
        inner.check(self.store)?;
        let memory = inner.core.memories.get(self.index as usize);
        memory.ok_or(Error::WrongStore(None))
    }

    /// The memory, to be written by the host.
    fn of_mut<T>(self, inner: &mut StoreInner<T>) -> Result<&mut wrt_rt::Memory, Error> {
        inner.check(self.store)?;
        inner.core.open();
        let memory = inner.core.memories.get_mut(self.index as usize);
        memory.ok_or(Error::WrongStore(None))
    }
}
