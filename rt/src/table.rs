//! Tables of references. Spec, 4.2.7 (table instances) and 4.6.5 (table
//! instructions). As with memories, `new` makes a table without elements, for
//! statics, and `instantiate` gives it those.

use core::fmt;

use crate::run::Run;
use crate::storage::{InPlace, Storage};
use crate::trap::Cause;
use crate::val::{FuncRef, Ref};

/// A table on the heap.
#[cfg(feature = "alloc")]
pub type Table<R> = Elements<alloc::vec::Vec<R>>;

/// A table of at most `N` elements, in place.
pub type FixedTable<R, const N: usize> = Elements<InPlace<R, N>>;

/// A table, whose elements live in `S`: see [`Table`] and [`FixedTable`].
pub struct Elements<S> {
    elems: S,
    min: u32,
    max: u32,
    /// The most elements it may have now: `max`, the embedder's limit and the
    /// storage's capacity, whichever is least.
    bound: u32,
}

#[cfg(feature = "alloc")]
impl<R: Ref> Elements<alloc::vec::Vec<R>> {
    /// A table type, in elements, without elements yet.
    pub const fn new(min: u32, max: Option<u32>) -> Self {
        Self::with_storage(alloc::vec::Vec::new(), min, max)
    }

    /// A table without a type yet: see
    /// [`instantiate_as`](Elements::instantiate_as).
    pub const fn idle() -> Self {
        Self::new(0, Some(0))
    }
}

impl<R: Ref, const N: usize> Elements<InPlace<R, N>> {
    /// A table type, in elements, without elements yet.
    pub const fn new(min: u32, max: Option<u32>) -> Self {
        Self::with_storage(InPlace::new(R::NULL), min, max)
    }

    /// A table without a type yet, all bytes zero: see
    /// [`instantiate_as`](Elements::instantiate_as).
    pub const fn idle() -> Self {
        Self {
            elems: InPlace::new(R::ZERO),
            min: 0,
            max: 0,
            bound: 0,
        }
    }
}

impl<S> Elements<S> {
    const fn with_storage(elems: S, min: u32, max: Option<u32>) -> Self {
        let max = match max {
            Some(max) => max,
            None => u32::MAX,
        };
        Self {
            elems,
            min,
            max,
            bound: 0,
        }
    }
}

impl<R: Ref, S: Storage<Item = R>> Elements<S> {
    /// Gives the table its initial elements, each `init`, and at most `limit`
    /// from now on. Traps with [`Cause::TableLimit`] if it starts larger, and
    /// with [`Cause::OutOfMemory`] if the elements cannot be had.
    pub fn instantiate(&mut self, limit: u32, init: R) -> Result<(), Cause> {
        self.reset();
        if self.min > limit || self.min > self.max {
            return Err(Cause::TableLimit);
        }
        let capacity = u32::try_from(self.elems.capacity()).unwrap_or(u32::MAX);
        let bound = self.max.min(limit).min(capacity);
        if self.min > bound || !self.elems.grow_to(self.min as usize, init) {
            return Err(Cause::OutOfMemory);
        }
        self.bound = bound;
        Ok(())
    }

    /// Gives it a type, in elements, and does as
    /// [`instantiate`](Elements::instantiate) does.
    pub fn instantiate_as(
        &mut self,
        min: u32,
        max: Option<u32>,
        limit: u32,
        init: R,
    ) -> Result<(), Cause> {
        self.min = min;
        self.max = max.unwrap_or(u32::MAX);
        self.instantiate(limit, init)
    }

    /// Refuses a table of fewer than `min` elements, which an import asks for,
    /// with [`Cause::IncompatibleImport`].
    pub fn require(&self, min: u32) -> Result<(), Cause> {
        if (self.size() as u32) < min {
            return Err(Cause::IncompatibleImport);
        }
        Ok(())
    }

    /// Takes all elements away, as before `instantiate`.
    pub fn reset(&mut self) {
        self.elems.clear();
        self.bound = 0;
    }

    /// All elements.
    #[inline(always)]
    pub fn elems(&self) -> &[R] {
        self.elems.items()
    }

    /// All elements, to change.
    #[inline(always)]
    pub fn elems_mut(&mut self) -> &mut [R] {
        self.elems.items_mut()
    }

    /// The instruction `table.size`: the number of elements.
    #[inline]
    pub fn size(&self) -> i32 {
        self.elems().len() as i32
    }

    /// The instruction `table.get`. Traps with [`Cause::TableOutOfBounds`].
    #[inline]
    pub fn get(&self, i: i32) -> Result<R, Cause> {
        match self.elems().get(i as u32 as usize) {
            Some(elem) => Ok(*elem),
            None => Err(Cause::TableOutOfBounds),
        }
    }

    /// The instruction `table.set`. Traps with [`Cause::TableOutOfBounds`].
    #[inline]
    pub fn set(&mut self, i: i32, v: R) -> Result<(), Cause> {
        match self.elems_mut().get_mut(i as u32 as usize) {
            Some(elem) => {
                *elem = v;
                Ok(())
            }
            None => Err(Cause::TableOutOfBounds),
        }
    }

    /// The instruction `table.grow`: adds `n` elements (unsigned), each `v`,
    /// and gives the number before, or −1 if they cannot be had. Past the
    /// bound it is −1 without charge; else it costs one unit of fuel per 8
    /// elements and traps if they are refused.
    pub fn grow(&mut self, rt: &mut Run, v: R, n: i32) -> Result<i32, Cause> {
        let Some(len) = self.grown(n as u32) else {
            return Ok(-1);
        };
        rt.charge(n as u32 / 8)?;
        let before = self.size();
        Ok(if self.elems.grow_to(len, v) {
            before
        } else {
            -1
        })
    }

    /// Adds `n` elements, each `v`, without charge and gives the number
    /// before, or `None` if they cannot be had.
    pub fn grow_host(&mut self, v: R, n: u32) -> Option<u32> {
        let before = self.size() as u32;
        let len = self.grown(n)?;
        self.elems.grow_to(len, v).then_some(before)
    }

    /// The number of elements with `n` more, if the bound allows it.
    fn grown(&self, n: u32) -> Option<usize> {
        let len = (self.size() as u32).checked_add(n)?;
        (len <= self.bound).then_some(len as usize)
    }
}

impl<S: Storage<Item = FuncRef>> Elements<S> {
    /// The function that `call_indirect` calls. Traps with
    /// [`Cause::UndefinedElement`] past the end and with
    /// [`Cause::UninitializedElement`] for null.
    #[inline]
    pub fn func(&self, i: i32) -> Result<FuncRef, Cause> {
        match self.elems().get(i as u32 as usize) {
            Some(func) if func.is_null() => Err(Cause::UninitializedElement),
            Some(func) => Ok(*func),
            None => Err(Cause::UndefinedElement),
        }
    }
}

impl<R: Ref, S: Storage<Item = R>> fmt::Debug for Elements<S> {
    /// The sizes, not the elements.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table")
            .field("size", &self.elems().len())
            .field("min", &self.min)
            .field("max", &self.max)
            .field("bound", &self.bound)
            .finish()
    }
}
