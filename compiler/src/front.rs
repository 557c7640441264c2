//! The front end as both engines use it: from the bytes of a linked set to the finished IR of each function.

use crate::error::{Error, Kind};
use crate::ir::Func;
use crate::lower::{self, Context};
use crate::module::Module;
use crate::options::Options;
use crate::set::{FuncDef, FuncId, Set};
use crate::survey::{self, Shape};
use crate::{decode, deep, link, nan, tidy};
use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

/// One instance of a linked set, to be.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The name under which later sources import from it.
    pub name: &'a str,
    /// A binary module.
    pub bytes: &'a [u8],
}

/// A linked set and all that is known of its functions before they are lowered.
#[derive(Debug)]
pub struct Front<'a> {
    /// The set.
    pub set: Set<'a>,
    /// The shape of every function.
    pub shapes: Vec<Shape>,
    /// The shape of what calls through a table.
    pub dispatcher: Shape,
    /// Fuel of every leaf's longest path; 0 for the others.
    pub leaf_costs: Vec<u32>,
    fuel: bool,
    stats: bool,
    canonical_nans: bool,
}

impl<'a> Front<'a> {
    /// Decodes, validates and links `sources`.
    pub fn new(sources: &[Source<'a>], options: &Options) -> Result<Front<'a>, Error> {
        let mut parts = Vec::new();
        for source in sources {
            let module = decode::module(source.bytes, options);
            let module = if sources.len() > 1 {
                module.map_err(|e| e.in_source(source.name))
            } else {
                module
            };
            parts.push((
                source.name.to_string(),
                Cow::Borrowed(source.bytes),
                module?,
            ));
        }
        Front::link(parts, options)
    }

    /// The same of one module, whose bytes it keeps.
    pub fn owned(bytes: Vec<u8>, options: &Options) -> Result<Front<'static>, Error> {
        let module = decode::module(&bytes, options)?;
        Front::link(vec![(String::new(), Cow::Owned(bytes), module)], options)
    }

    fn link(
        parts: Vec<(String, Cow<'a, [u8]>, Module)>,
        options: &Options,
    ) -> Result<Front<'a>, Error> {
        let set = link::link(parts)?;
        if set.funcs.len() as u64 >= u64::from(u32::MAX) {
            return Err(Error::new(Kind::Limit, "too many functions"));
        }
        let shapes = survey::shapes(&set, options.fuel, options.stats);
        let leaf_costs = if options.fuel {
            lower::leaf_costs(&set, &shapes)?
        } else {
            alloc::vec![0; shapes.len()]
        };
        Ok(Front {
            dispatcher: survey::dispatcher(&set, &shapes, options.fuel),
            set,
            shapes,
            leaf_costs,
            fuel: options.fuel,
            stats: options.stats,
            canonical_nans: options.canonical_nans,
        })
    }

    /// The finished IR of function `id`; `None` if it is the host's.
    pub fn func(&self, id: FuncId) -> Result<Option<Func>, Error> {
        let Some(mut func) = self.structured(id)? else {
            return Ok(None);
        };
        let opaque = self.shapes[id.index()].state;
        nan::mark(&mut func, self.canonical_nans, opaque);
        deep::flatten(&mut func);
        tidy::declare(&mut func);
        Ok(Some(func))
    }

    /// The IR of function `id` with its checks placed, as structured as it was; `None` if it is the host's.
    pub(crate) fn structured(&self, id: FuncId) -> Result<Option<Func>, Error> {
        if matches!(self.set.funcs[id.index()].def, FuncDef::Host { .. }) {
            return Ok(None);
        }
        let cx = Context {
            set: &self.set,
            shapes: &self.shapes,
            leaf_costs: &self.leaf_costs,
            fuel: self.fuel,
            stats: self.stats,
        };
        lower::func(cx, id).map(Some)
    }
}
