//! The engine: options, shared by the modules and stores that it makes.

use alloc::sync::Arc;
use core::sync::atomic::{AtomicUsize, Ordering};
use wrt_compiler::Options;

/// Decides how modules are read and run. Cloning it is cheap and gives the same engine.
///
/// Of the options it heeds `fuel`, `backtrace`, `canonical_nans`, `stats`, `max_call_depth`, `max_memory_pages`,
/// `max_table_elements` and the caps on what a module may contain; those about Rust output mean nothing here.
#[derive(Clone, Debug, Default)]
pub struct Engine {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    options: Options,
    /// How many stores there were.
    stores: AtomicUsize,
}

/// Which store something belongs to: the engine, which lives as long as its stores do, and the store's number.
///
/// Stores that live at the same time differ. There is no process-wide counter behind it, so a handle that outlives
/// its store and the store's engine could in principle fit a store of a later engine; it then means something of that
/// store, within its bounds and of the right kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StoreId {
    engine: usize,
    number: usize,
}

impl Engine {
    /// An engine with these options.
    pub fn new(options: Options) -> Engine {
        Engine {
            inner: Arc::new(Inner {
                options,
                stores: AtomicUsize::new(0),
            }),
        }
    }

    /// The options.
    pub fn options(&self) -> &Options {
        &self.inner.options
    }

    /// Whether both are the same engine.
    pub fn same(&self, other: &Engine) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    /// The identity of a new store.
    pub(crate) fn store_id(&self) -> StoreId {
        StoreId {
            engine: Arc::as_ptr(&self.inner) as usize,
            number: self.inner.stores.fetch_add(1, Ordering::Relaxed),
        }
    }
}
