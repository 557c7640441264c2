//! Data and element segments: one blob of bytes, adjacent segments merged, and a table of where they go.

use super::rust::*;
use crate::ir::Bulk;
use crate::module::{Const, ConstOp, SegmentMode};
use crate::set::{DataId, ElemId, Set};
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::vec::Vec;
use core::ops::Range;
use syn::Expr;

/// All bytes that segments hold, and where each segment's are.
#[derive(Debug, Default)]
pub(crate) struct Blob {
    pub(crate) bytes: Vec<u8>,
    pub(crate) data: Vec<Range<usize>>,
}

/// Whether an active segment is in flash, which has the first so many bytes of memory.
fn in_flash<I>(mode: &SegmentMode<I>, flash: usize) -> bool {
    match mode {
        SegmentMode::Active(_, offset) => match offset[..] {
            [ConstOp::Const(Const::I32(at))] => (at as u32 as usize) < flash,
            _ => false,
        },
        _ => false,
    }
}

impl Blob {
    /// All but what is in flash.
    pub(crate) fn new(set: &Set<'_>, flash: usize) -> Blob {
        let mut blob = Blob::default();
        for instance in &set.instances {
            for data in &instance.module.data {
                let bytes = match in_flash(&data.mode, flash) {
                    true => &[],
                    false => &instance.bytes[data.bytes.clone()],
                };
                let start = blob.bytes.len();
                blob.bytes.extend_from_slice(bytes);
                blob.data.push(start..blob.bytes.len());
            }
        }
        blob
    }
}

/// An active segment at a constant address, or several that lie side by side.
pub(crate) struct Run {
    pub(crate) at: u32,
    pub(crate) bytes: Range<usize>,
}

/// The active data segments of `instance` at constant addresses, in order, adjacent ones merged. `None` if
/// some address is not constant, or a memory other than the first is written.
pub(crate) fn constant_runs(
    set: &Set<'_>,
    instance: usize,
    blob: &Blob,
    flash: usize,
) -> Option<Vec<Run>> {
    let this = &set.instances[instance];
    let mut runs: Vec<Run> = Vec::new();
    for (n, data) in this.module.data.iter().enumerate() {
        let SegmentMode::Active(mem, offset) = &data.mode else {
            continue;
        };
        if in_flash(&data.mode, flash) {
            continue;
        }
        let [ConstOp::Const(Const::I32(at))] = offset[..] else {
            return None;
        };
        if mem.0 != 0 {
            return None;
        }
        let at = at as u32;
        let bytes = blob.data[this.data_base as usize + n].clone();
        match runs.last_mut() {
            Some(last)
                if last.bytes.end == bytes.start
                    && u64::from(last.at) + last.bytes.len() as u64 == u64::from(at) =>
            {
                last.bytes.end = bytes.end;
            }
            _ => runs.push(Run { at, bytes }),
        }
    }
    Some(runs)
}

/// `st.d3_dropped`
pub(crate) fn dropped(state: Expr, kind: &str, n: u32) -> Expr {
    field(state, &dropped_name(kind, n))
}

/// The field that says whether a segment was dropped.
pub(crate) fn dropped_name(kind: &str, n: u32) -> alloc::string::String {
    format!("{kind}{n}_dropped")
}

/// The bytes of a data segment, or none once it was dropped.
pub(crate) fn live_data(state: Expr, data: DataId) -> Expr {
    call(
        path("live"),
        [
            dropped(state, "d", data.0),
            call(path(&format!("data{}", data.0)), []),
        ],
    )
}

/// The elements of an element segment, or none once it was dropped.
pub(crate) fn live_elem(state: Expr, elem: ElemId) -> Expr {
    let elems = field(state.clone(), &format!("e{}", elem.0));
    call(
        path("live"),
        [
            dropped(state, "e", elem.0),
            Expr::Reference(syn::ExprReference {
                attrs: Vec::new(),
                and_token: Default::default(),
                mutability: None,
                expr: alloc::boxed::Box::new(elems),
            }),
        ],
    )
}

/// Segments that instructions use, and which must therefore outlive instantiation.
#[derive(Debug, Default)]
pub(crate) struct Used {
    pub(crate) data: BTreeSet<u32>,
    pub(crate) elems: BTreeSet<u32>,
}

impl Used {
    /// Takes in one bulk operation.
    pub(crate) fn see(&mut self, op: Bulk) {
        match op {
            Bulk::MemoryInit(_, data) | Bulk::DataDrop(data) => {
                self.data.insert(data.0);
            }
            Bulk::TableInit(_, elem) | Bulk::ElemDrop(elem) => {
                self.elems.insert(elem.0);
            }
            _ => {}
        }
    }
}
