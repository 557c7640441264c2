//! Modules as they were read, and the options to compile them with.

use std::fs;
use std::path::{Path, PathBuf};

use wrt_compiler::{Options, Output, Source};

use crate::{Error, is_name};

/// What is to be compiled: holding one proves that all files could be read.
#[derive(Clone, Debug)]
pub struct Input {
    /// The options, layout included.
    pub options: Options,
    sources: Vec<Read>,
}

#[derive(Clone, Debug)]
struct Read {
    name: String,
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Input {
    pub(crate) fn read(sources: &[(String, PathBuf)], options: Options) -> Result<Input, Error> {
        if !is_name(&options.module_name) {
            return Err(Error::name(&options.module_name));
        }
        let read = |(name, path): &(String, PathBuf)| {
            let bytes = fs::read(path).map_err(|e| Error::read(path, e))?;
            Ok(Read {
                name: name.clone(),
                path: path.clone(),
                bytes,
            })
        };
        let sources = sources.iter().map(read).collect::<Result<_, Error>>()?;
        Ok(Input { options, sources })
    }

    /// Name and bytes of each member of the linked set.
    pub fn sources(&self) -> Vec<Source<'_>> {
        self.sources
            .iter()
            .map(|s| Source {
                name: &s.name,
                bytes: &s.bytes,
            })
            .collect()
    }

    /// The bytes of all files together.
    pub fn size(&self) -> usize {
        self.sources.iter().map(|s| s.bytes.len()).sum()
    }

    /// The file, if there is only one.
    pub fn path(&self) -> Option<&Path> {
        match &self.sources[..] {
            [only] => Some(&only.path),
            _ => None,
        }
    }

    /// Compiles. The error names the file.
    pub fn compile(&self) -> Result<Output, Error> {
        wrt_compiler::compile_set(&self.sources(), &self.options).map_err(|e| self.error(e))
    }

    /// An error of the compiler, with the file that is at fault where that is known.
    pub fn error(&self, error: wrt_compiler::Error) -> Error {
        let named = |name| {
            self.sources
                .iter()
                .find(|s| s.name == name)
                .map(|s| s.path.as_path())
        };
        let path = self.path().or_else(|| error.source_name().and_then(named));
        Error::compile(path, error)
    }
}
