//! What a user decides, each option once. The command line's flags and the macro's keys are these fields.

use alloc::string::{String, ToString};

/// How a module is compiled. `Options::default()` is what hosts want.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// Name of the generated Rust module, and stem of the names of its files.
    pub module_name: String,
    /// Count fuel. Without it nothing bounds the time of a run, and the interrupt flag is not seen.
    pub fuel: bool,
    /// What a trap records of the calls it unwinds.
    pub backtrace: Backtrace,
    /// Give every NaN that arithmetic makes the canonical bits, so that all machines agree on them.
    pub canonical_nans: bool,
    /// Count instructions by class, loads and stores, calls and peak depth in the instance's statistics.
    pub stats: bool,
    /// Save the state of an instance between calls, and restore it: methods `save` and `restore`. Needs `wrt-rt`'s
    /// feature `alloc`, and a module that owns its state.
    pub snapshots: bool,
    /// Look whether the instance is what it should be, as `set_verification` says. Wherever the guest is about to run,
    /// it costs a test at least.
    pub verification: bool,
    /// Where memories and tables are kept.
    pub storage: Storage,
    /// Names of functions and locals in the output.
    pub names: Names,
    /// The shape of the output.
    pub layout: Layout,
    /// Where data segments go.
    pub data: DataLayout,
    /// Cut the output into Rust modules of about so many bytes of wasm. rustc compiles them in parallel.
    pub split_bytes: u32,
    /// Default limit of each memory, in pages of 65,536 bytes; it is one on bytes, also where a memory has pages of
    /// one. Fixed storage reserves as much, up to the declared maximum.
    pub max_memory_pages: u32,
    /// Back only the first so many bytes of the memory's one page. An access beyond traps, which a page of 65,536 bytes
    /// would have allowed: a departure from the specification, for controllers that have no page to give. Refused where
    /// the module's data or its stack would not fit, and where pages are of one byte, for such a memory has as many as
    /// it says. Needs fixed storage; the interpreter has whole pages.
    pub memory_bytes: Option<u32>,
    /// Leave the constants of a memory in flash, as a static, and only the rest of it in RAM: the data segments that
    /// the module's name section calls `.rodata…`, if they lie at the beginning of memory (wasm-ld with
    /// `--no-stack-first`). To write there traps: a departure from the specification. Needs `memory_bytes`, which counts
    /// them in; not for modules with WASI.
    pub flash_data: bool,
    /// Default limit of each table, in elements.
    pub max_table_elements: u32,
    /// Default budget of call depth, in stack slots; `None` leaves it to `wrt_rt`.
    pub max_call_depth: Option<u32>,
    /// Longest function body that is compiled, in bytes of wasm.
    pub max_function_bytes: u32,
    /// Most locals, parameters included, that a function may have.
    pub max_locals: u32,
    /// Deepest nesting of blocks that is compiled. Beyond some thousands rustc takes minutes over a function.
    pub max_nesting: u32,
    /// Most targets that one `br_table` may have.
    pub max_br_table: u32,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            module_name: "module".to_string(),
            fuel: true,
            backtrace: Backtrace::Functions,
            canonical_nans: false,
            stats: false,
            snapshots: false,
            verification: false,
            storage: Storage::Growable,
            names: Names::Module,
            layout: Layout::File,
            data: DataLayout::SideFile,
            split_bytes: 50 * 1024,
            max_memory_pages: 65536,
            memory_bytes: None,
            flash_data: false,
            max_table_elements: 10_000_000,
            max_call_depth: None,
            max_function_bytes: 7_654_321,
            max_locals: 50_000,
            max_nesting: 2_000,
            max_br_table: 1_000_000,
        }
    }
}

/// What a trap records on its way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Backtrace {
    /// The cause alone.
    None,
    /// The functions that were active, innermost first.
    Functions,
    /// The functions, and in each the offset in the wasm file.
    Offsets,
}

/// Where memories and tables are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// On the heap; they grow as the module asks, up to the limits. Needs `wrt-rt`'s feature `alloc`.
    Growable,
    /// In place, inside the instance, at their largest size. Needs no allocator.
    Fixed,
    /// Memories in buffers that the host lends, tables in place. Needs no allocator.
    Lent,
}

/// Names of functions and locals in the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// From the name section, exports and imports, where they are plain identifiers.
    Module,
    /// `f3`, `l2`: the same whatever the module's names say.
    Index,
}

/// The shape of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// One source file, to be a module of a crate: `mod NAME;`.
    File,
    /// The `src` folder of a crate: `lib.rs` and one file per part.
    Crate,
    /// Files for `include!`: the first is one item, `pub mod NAME { … }`.
    Include,
}

/// Where data segments go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataLayout {
    /// A file beside the source, read by `include_bytes!`.
    SideFile,
    /// Byte strings in the source.
    Inline,
}
