//! What everything that runs in one store shares, whatever the embedder's data: functions, memories, tables, globals,
//! code, and the account of fuel. Indices into its vectors are store-wide.

use crate::code::Instr;
use crate::module::Module;
use crate::profile::Profile;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use wrt_compiler::ir::{Bulk, Counts, SiteId};
use wrt_compiler::module::{FuncType, GlobalType};
use wrt_compiler::set::FuncId;
use wrt_rt::verify::Verifier;
use wrt_rt::{FuncRef, Limits, Memory, Run, Table, ValType};

/// A function whose code is not there yet.
pub(crate) const UNTRANSLATED: u32 = u32::MAX;
/// The entry of a host function.
pub(crate) const HOST: u32 = u32::MAX - 1;
/// Stands for the memory of a function that has none.
pub(crate) const NO_MEMORY: u32 = u32::MAX;

/// Instances that a store may have at first.
const MAX_INSTANCES: u32 = 10_000;

/// See the head of this file.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) run: Run,
    pub(crate) limits: Limits,
    /// Code of all functions. What was translated once stays where it is, also when a function is translated anew.
    pub(crate) code: Vec<Instr>,
    /// Instructions at which a run can stop, and their sites in the IR of the function; in order.
    pub(crate) sites: Vec<(u32, SiteId)>,
    /// Instructions that can trap, and their offsets in the file, in bytes; in order.
    pub(crate) offsets: Vec<(u32, u32)>,
    /// What a call needs of each function, and the rest.
    pub(crate) heads: Vec<Head>,
    pub(crate) funcs: Vec<Func>,
    pub(crate) memories: Vec<Memory>,
    /// Their declared maxima, in pages.
    pub(crate) memory_maxima: Vec<Option<u32>>,
    pub(crate) tables: Vec<TableEntity>,
    pub(crate) globals: Vec<u64>,
    pub(crate) global_types: Vec<GlobalType>,
    pub(crate) instances: Vec<InstanceEntity>,
    /// As many as there may be.
    pub(crate) max_instances: u32,
    /// Distinct function types, and their numbers.
    pub(crate) types: Vec<FuncType>,
    pub(crate) type_ids: BTreeMap<FuncType, u32>,
    /// What `Instr::CallIndirect` and `Instr::Bulk` do.
    pub(crate) indirects: Vec<Indirect>,
    pub(crate) bulks: Vec<BulkSite>,
    /// What `Instr::Count` counts.
    pub(crate) counts: Vec<Counts>,
    /// Fuel by call stack, if somebody asks.
    pub(crate) profile: Option<Profile>,
    /// The instances that are verified.
    pub(crate) verify: BTreeMap<u32, Verifier>,
}

/// What a call needs of a function.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    /// Index of its first instruction, `UNTRANSLATED` or `HOST`.
    pub(crate) entry: u32,
    /// Index of its type.
    pub(crate) ty: u32,
    /// Stack slots that it takes off the budget: see `survey::Shape`.
    pub(crate) weight: u32,
    /// It takes them off itself; if not, whoever calls it from outside sees whether they are there.
    pub(crate) framed: bool,
    /// Fuel that such a caller pays for it.
    pub(crate) leaf_cost: u32,
    /// The memory that its loads and stores are about.
    pub(crate) memory: u32,
}

/// The rest of a function.
#[derive(Debug)]
pub(crate) struct Func {
    pub(crate) def: FuncDef,
    /// Index of the instruction behind its last one, once it has code.
    pub(crate) end: u32,
}

/// What a function is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FuncDef {
    /// The embedder's, by its number among these.
    Host(u32),
    /// A body of an instance's module.
    Body { instance: u32, id: FuncId },
}

/// A table; its references are kept by their numbers, whichever kind they are.
#[derive(Debug)]
pub(crate) struct TableEntity {
    pub(crate) table: Table<FuncRef>,
    pub(crate) element: ValType,
    pub(crate) max: Option<u32>,
}

/// An instance: the index spaces of its module's set, in the store.
#[derive(Debug)]
pub(crate) struct InstanceEntity {
    pub(crate) module: Module,
    pub(crate) name: String,
    pub(crate) funcs: Vec<u32>,
    pub(crate) memories: Vec<u32>,
    pub(crate) tables: Vec<u32>,
    pub(crate) globals: Vec<u32>,
    /// Types of the module's set.
    pub(crate) types: Vec<u32>,
    /// Element segments; empty once they are dropped.
    pub(crate) elems: Vec<Vec<FuncRef>>,
    /// Whether each data segment was dropped.
    pub(crate) dropped: Vec<bool>,
}

/// What a `call_indirect` asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Indirect {
    pub(crate) ty: u32,
    pub(crate) table: u32,
    /// Number of arguments.
    pub(crate) args: u32,
}

/// A bulk operation; its ids are those of the module's set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BulkSite {
    pub(crate) instance: u32,
    pub(crate) op: Bulk,
}

impl Core {
    /// Nothing yet, within `limits`.
    pub(crate) fn new(limits: Limits) -> Core {
        let mut run = Run::new(limits.depth);
        run.set_fuel(limits.fuel);
        Core {
            run,
            limits,
            code: Vec::new(),
            sites: Vec::new(),
            offsets: Vec::new(),
            heads: Vec::new(),
            funcs: Vec::new(),
            memories: Vec::new(),
            memory_maxima: Vec::new(),
            tables: Vec::new(),
            globals: Vec::new(),
            global_types: Vec::new(),
            instances: Vec::new(),
            max_instances: MAX_INSTANCES,
            types: Vec::new(),
            type_ids: BTreeMap::new(),
            indirects: Vec::new(),
            bulks: Vec::new(),
            counts: Vec::new(),
            profile: None,
            verify: BTreeMap::new(),
        }
    }
}

/// How much there is in a store, to come back to: see [`Core::truncate`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    code: usize,
    sites: usize,
    offsets: usize,
    funcs: usize,
    memories: usize,
    tables: usize,
    globals: usize,
    instances: usize,
    indirects: usize,
    bulks: usize,
    counts: usize,
}

impl Core {
    /// How much there is now.
    pub(crate) fn mark(&self) -> Mark {
        Mark {
            code: self.code.len(),
            sites: self.sites.len(),
            offsets: self.offsets.len(),
            funcs: self.funcs.len(),
            memories: self.memories.len(),
            tables: self.tables.len(),
            globals: self.globals.len(),
            instances: self.instances.len(),
            indirects: self.indirects.len(),
            bulks: self.bulks.len(),
            counts: self.counts.len(),
        }
    }

    /// Forgets all instances made since, to which nothing refers yet, and what they own.
    pub(crate) fn truncate(&mut self, mark: Mark) {
        self.code.truncate(mark.code);
        self.sites.truncate(mark.sites);
        self.offsets.truncate(mark.offsets);
        self.heads.truncate(mark.funcs);
        self.funcs.truncate(mark.funcs);
        self.memories.truncate(mark.memories);
        self.memory_maxima.truncate(mark.memories);
        self.tables.truncate(mark.tables);
        self.globals.truncate(mark.globals);
        self.global_types.truncate(mark.globals);
        self.instances.truncate(mark.instances);
        self.indirects.truncate(mark.indirects);
        self.bulks.truncate(mark.bulks);
        self.counts.truncate(mark.counts);
    }
}
