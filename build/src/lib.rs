//! Translates WebAssembly to Rust in a build script.
//!
//! ```no_run
//! // In `main` of build.rs:
//! wrt_build::Build::new("guest.wasm").max_memory_pages(64).compile_or_exit();
//! ```
//!
//! ```ignore
//! // src/main.rs
//! include!(concat!(env!("OUT_DIR"), "/guest.rs")); // pub mod guest { … }
//! ```
//!
//! The package needs `wrt-rt` among its dependencies. Binary modules and the text format are both taken. A build
//! script of a debug build is itself unoptimized; for modules above a megabyte, `[profile.dev.build-override]` with
//! `opt-level = 2` saves time.
//!
//! [`Build::read`] gives what [`Input::compile`] turns into files in memory: what `include_wasm!` and the command line
//! stand on.
#![forbid(unsafe_code)]

mod error;
mod input;
mod name;
mod options;

use std::path::{Path, PathBuf};
use std::{env, fs};

pub use wrt_compiler::{
    Backtrace, DataLayout, File, Layout, Names, Options, Output, Report, Storage,
};

pub use error::{Error, shown};
pub use input::Input;
pub use name::{is_name, name_of};
pub use options::{KEYS, Key, set};

/// A module, or several that import from each other, to be translated.
///
/// One method for each option; what an option means is said at [`Options`].
#[derive(Clone, Debug)]
pub struct Build {
    sources: Vec<(String, PathBuf)>,
    options: Options,
    out_dir: Option<PathBuf>,
}

impl Build {
    /// The module in the file `path`. A relative path starts at the package's folder, where cargo runs build scripts.
    ///
    /// The generated module has the file's name, as an identifier: `my-guest.wasm` becomes `my_guest`.
    pub fn new(path: impl AsRef<Path>) -> Build {
        let path = path.as_ref();
        let name = name_of(path);
        Build::linked(&name).instance(&name, path)
    }

    /// A linked set without members yet, in a generated module called `name`. Add them with
    /// [`instance`](Build::instance).
    pub fn linked(name: &str) -> Build {
        let mut options = Options::default();
        options.module_name = name.to_string();
        Build {
            sources: Vec::new(),
            options,
            out_dir: None,
        }
    }

    /// Adds an instance of the module in the file `path`. Later ones may import from it under `name`, and its exports
    /// are methods called `name_export`. The same file may occur twice.
    pub fn instance(mut self, name: &str, path: impl AsRef<Path>) -> Build {
        let path = path.as_ref().to_path_buf();
        self.sources.push((name.to_string(), path));
        self
    }

    /// All options at once. The module keeps its name, and [`compile`](Build::compile) chooses the layout.
    pub fn options(mut self, options: Options) -> Build {
        let module_name = std::mem::take(&mut self.options.module_name);
        self.options = options;
        self.options.module_name = module_name;
        self
    }

    /// Writes to `dir` in place of `OUT_DIR`.
    pub fn out_dir(mut self, dir: impl AsRef<Path>) -> Build {
        self.out_dir = Some(dir.as_ref().to_path_buf());
        self
    }

    /// Reads the files.
    pub fn read(&self) -> Result<Input, Error> {
        Input::read(&self.sources, self.options.clone())
    }

    /// Compiles into `OUT_DIR`, tells cargo which files to watch, and gives the path of `NAME.rs`, which is to be
    /// included.
    pub fn compile(&self) -> Result<PathBuf, Error> {
        for (_, path) in &self.sources {
            println!("cargo::rerun-if-changed={}", path.display());
        }
        let dir = match (&self.out_dir, env::var_os("OUT_DIR")) {
            (Some(dir), _) => dir.clone(),
            (None, Some(dir)) => PathBuf::from(dir),
            (None, None) => return Err(Error::no_out_dir()),
        };
        let mut input = self.read()?;
        input.options.layout = Layout::Include;
        let output = input.compile()?;
        for file in &output.files {
            let path = dir.join(&file.name);
            fs::write(&path, &file.contents).map_err(|e| Error::write(&path, e))?;
        }
        Ok(dir.join(&output.files[0].name))
    }

    /// As [`compile`](Build::compile); an error ends the build script with its message, one line, and status 1.
    pub fn compile_or_exit(&self) {
        if let Err(error) = self.compile() {
            eprintln!("wrt: {error}");
            std::process::exit(1);
        }
    }
}
