//! Where the items of memories and tables live: on the heap, or for targets
//! without an allocator in place, or in a buffer that is lent.

/// A growable run of items. [`Memory`](crate::Memory) and
/// [`Table`](crate::Table) use `Vec`; their fixed kinds use [`InPlace`], and
/// [`LentMemory`](crate::LentMemory) uses [`Lent`].
pub trait Storage {
    /// A byte, or a reference.
    type Item: Copy;

    /// The most items that fit.
    fn capacity(&self) -> usize;

    /// All items.
    fn items(&self) -> &[Self::Item];

    /// All items, to change.
    fn items_mut(&mut self) -> &mut [Self::Item];

    /// Appends `fill` until there are `len` items, and tells whether that was
    /// possible; if not, nothing changed. No effect if there are `len` already.
    fn grow_to(&mut self, len: usize, fill: Self::Item) -> bool;

    /// Removes all items.
    fn clear(&mut self);
}

/// Items that a `Vec` grows by at once.
#[cfg(feature = "alloc")]
const BLOCK: usize = 1024;

#[cfg(feature = "alloc")]
impl<T: Copy> Storage for alloc::vec::Vec<T> {
    type Item = T;

    #[inline]
    fn capacity(&self) -> usize {
        isize::MAX as usize / size_of::<T>().max(1)
    }

    #[inline(always)]
    fn items(&self) -> &[T] {
        self.as_slice()
    }

    #[inline(always)]
    fn items_mut(&mut self) -> &mut [T] {
        self.as_mut_slice()
    }

    fn grow_to(&mut self, len: usize, fill: T) -> bool {
        let Some(more) = len.checked_sub(self.len()) else {
            return true;
        };
        // An eighth of what there is, up to a page, so that growing in small
        // steps does not copy all of it in each.
        let spare = (self.len() / 8).min(crate::memory::PAGE / size_of::<T>().max(1));
        let room = more <= self.capacity() - self.len()
            || spare > more && self.try_reserve_exact(spare).is_ok();
        if !room && self.try_reserve_exact(more).is_err() {
            return false;
        }
        // Known already, but not to the compiler, which now leaves out the
        // failure of a second allocation.
        match len.checked_sub(self.len()) {
            Some(more) if more <= self.capacity() - self.len() => {
                // Without optimization, `resize` goes item by item, 0.4 ms for
                // a page; blocks are copied as a whole.
                if more >= BLOCK {
                    let block = [fill; BLOCK];
                    for _ in 0..more / BLOCK {
                        self.extend_from_slice(&block);
                    }
                }
                self.resize(len, fill);
                true
            }
            _ => false,
        }
    }

    fn clear(&mut self) {
        alloc::vec::Vec::clear(self);
    }
}

/// Storage for `N` items, inside the value itself.
pub struct InPlace<T, const N: usize> {
    items: [T; N],
    len: usize,
}

impl<T: Copy, const N: usize> InPlace<T, N> {
    /// No items; `fill` is what the unused places hold.
    pub const fn new(fill: T) -> Self {
        Self {
            items: [fill; N],
            len: 0,
        }
    }
}

impl<T, const N: usize> InPlace<T, N> {
    /// All places, used or not.
    #[inline(always)]
    pub(crate) fn all_mut(&mut self) -> &mut [T; N] {
        &mut self.items
    }
}

impl<T: Copy, const N: usize> Storage for InPlace<T, N> {
    type Item = T;

    #[inline]
    fn capacity(&self) -> usize {
        N
    }

    #[inline(always)]
    fn items(&self) -> &[T] {
        self.items.get(..self.len).unwrap_or(&[])
    }

    #[inline(always)]
    fn items_mut(&mut self) -> &mut [T] {
        self.items.get_mut(..self.len).unwrap_or(&mut [])
    }

    fn grow_to(&mut self, len: usize, fill: T) -> bool {
        grow(&mut self.items, &mut self.len, len, fill)
    }

    fn clear(&mut self) {
        self.len = 0;
    }
}

/// Storage in a buffer that is lent for good: a static of the firmware's, or
/// memory of another kind than that in which statics lie.
#[derive(Debug)]
pub struct Lent<T: 'static> {
    items: &'static mut [T],
    len: usize,
}

impl<T> Lent<T> {
    /// Without a buffer: there is room for nothing.
    pub const fn new() -> Self {
        Self {
            items: &mut [],
            len: 0,
        }
    }

    /// Uses `buffer` from now on, without items, and gives back what it used.
    pub fn lend(&mut self, buffer: &'static mut [T]) -> &'static mut [T] {
        self.len = 0;
        core::mem::replace(&mut self.items, buffer)
    }
}

impl<T> Default for Lent<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Copy> Storage for Lent<T> {
    type Item = T;

    #[inline]
    fn capacity(&self) -> usize {
        self.items.len()
    }

    #[inline(always)]
    fn items(&self) -> &[T] {
        self.items.get(..self.len).unwrap_or(&[])
    }

    #[inline(always)]
    fn items_mut(&mut self) -> &mut [T] {
        self.items.get_mut(..self.len).unwrap_or(&mut [])
    }

    fn grow_to(&mut self, len: usize, fill: T) -> bool {
        grow(self.items, &mut self.len, len, fill)
    }

    fn clear(&mut self) {
        self.len = 0;
    }
}

/// Fills the places behind `used`, up to `len`, if there are so many.
fn grow<T: Copy>(places: &mut [T], used: &mut usize, len: usize, fill: T) -> bool {
    if len > places.len() {
        return false;
    }
    if let Some(fresh) = places.get_mut(*used..len) {
        fresh.fill(fill);
        *used = len;
    }
    true
}
