//! A module, decoded and validated.

use alloc::sync::Arc;
use alloc::vec::Vec;
use wrt_compiler::front::Front;
use wrt_compiler::{Error, Options};

/// A validated module, to be instantiated any number of times. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct Module {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    front: Front<'static>,
    canonical_nans: bool,
}

impl Module {
    pub(crate) fn decode(bytes: Vec<u8>, options: &Options) -> Result<Module, Error> {
        let front = Front::owned(bytes, options)?;
        let canonical_nans = options.canonical_nans;
        Ok(Module {
            inner: Arc::new(Inner {
                front,
                canonical_nans,
            }),
        })
    }

    /// The front end's view.
    pub(crate) fn front(&self) -> &Front<'static> {
        &self.inner.front
    }

    /// Whether NaNs are made canonical.
    pub(crate) fn canonical_nans(&self) -> bool {
        self.inner.canonical_nans
    }

    /// The decoded module.
    pub(crate) fn decoded(&self) -> &wrt_compiler::module::Module {
        &self.this().module
    }

    /// The only instance of the set.
    pub(crate) fn this(&self) -> &wrt_compiler::set::Instance<'static> {
        &self.inner.front.set.instances[0]
    }

    /// The bytes of data segment `index`.
    pub(crate) fn data(&self, index: usize) -> &[u8] {
        let this = self.this();
        let data = this.module.data.get(index);
        data.and_then(|data| this.bytes.get(data.bytes.clone()))
            .unwrap_or(&[])
    }
}
