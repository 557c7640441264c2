//! A module, decoded and validated.

use crate::engine::Engine;
use crate::error::Error;
use crate::types::ExternType;
use alloc::sync::Arc;
use alloc::vec::Vec;
use wrt_compiler::front::Front;

/// A validated module, to be instantiated any number of times. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct Module {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    front: Front<'static>,
    engine: Engine,
}

impl Module {
    /// Decodes and validates a binary module, or one in the text format with the feature `wat`.
    ///
    /// Fails with [`Error::Compile`] if it is none, needs a proposal that is not built, or reaches a cap of the
    /// engine's options.
    pub fn new(engine: &Engine, bytes: impl Into<Vec<u8>>) -> Result<Module, Error> {
        let bytes = bytes.into();
        #[cfg(feature = "wat")]
        let bytes = text(bytes)?;
        let front = Front::owned(bytes, engine.options())?;
        let engine = engine.clone();
        let inner = Arc::new(Inner { front, engine });
        Ok(Module { inner })
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.inner.engine
    }

    /// What it imports, in order: module, name and type.
    pub fn imports(&self) -> impl Iterator<Item = (&str, &str, ExternType)> {
        let module = self.decoded();
        let import = |import: &'_ wrt_compiler::module::Import| -> ExternType {
            ExternType::import(module, &import.ty)
        };
        let imports = module.imports.iter();
        imports.map(move |i| (&i.module[..], &i.name[..], import(i)))
    }

    /// What it exports, in order: name and type.
    pub fn exports(&self) -> impl Iterator<Item = (&str, ExternType)> {
        let module = self.decoded();
        let exports = module.exports.iter();
        exports.map(|e| (&e.name[..], ExternType::export(module, e.item)))
    }

    /// The binary module.
    pub fn bytes(&self) -> &[u8] {
        &self.this().bytes
    }

    /// The front end's view.
    pub(crate) fn front(&self) -> &Front<'static> {
        &self.inner.front
    }

    /// Whether NaNs are made canonical.
    pub(crate) fn canonical_nans(&self) -> bool {
        self.inner.engine.options().canonical_nans
    }

    /// Whether calls are counted.
    pub(crate) fn stats(&self) -> bool {
        self.inner.engine.options().stats
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

/// A binary module as it is; a text as the binary module that it describes.
#[cfg(feature = "wat")]
fn text(bytes: Vec<u8>) -> Result<Vec<u8>, Error> {
    use alloc::string::ToString;
    use wrt_compiler::{Error as CompileError, Kind};
    let is_text = core::str::from_utf8(&bytes).is_ok_and(|text| {
        let text = text.trim_start();
        text.starts_with('(') || text.starts_with(";;")
    });
    if !is_text {
        return Ok(bytes);
    }
    let parsed = wat::parse_bytes(&bytes).map(|bytes| bytes.into_owned());
    parsed.map_err(|e| CompileError::new(Kind::Text, e.to_string()).into())
}
