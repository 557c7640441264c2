//! Bulk operations as calls of the runtime, and what grows or drops something.

use super::body::Body;
use super::func::Emitter;
use super::rust::*;
use crate::ir::{self, Bulk};
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;
use syn::Expr;

impl Body<'_> {
    /// The call, checked where it can trap.
    pub(super) fn bulk(&self, op: Bulk, args: &[ir::ExprId], site: ir::SiteId) -> Expr {
        let rt = || ref_mut(self.rt());
        let table = |t: crate::set::TableId| field(self.state(), &format!("t{}", t.0));
        let elems = |t| method(table(t), "elems_mut", []);
        let args = self.arguments(args.iter());
        let with = |first: Vec<Expr>| first.into_iter().chain(args.clone()).collect::<Vec<_>>();
        let flash = !self.cx.flash.is_empty();
        let e = match op {
            Bulk::MemoryGrow(_) if self.cx.options.memory_bytes.is_some() => {
                call(path2("memory", "grow_part"), args.clone())
            }
            Bulk::MemoryGrow(mem) => method(Emitter::memory(mem), "grow", with(vec![rt()])),
            Bulk::MemoryFill(_) if flash => method(path("m"), "fill", with(vec![rt()])),
            Bulk::MemoryCopy(..) if flash => method(path("m"), "copy", with(vec![rt()])),
            Bulk::MemoryInit(_, data) if flash => method(
                path("m"),
                "init",
                with(vec![rt(), super::segments::live_data(self.state(), data)]),
            ),
            Bulk::MemoryFill(_) => call(path2("bulk", "memory_fill"), with(vec![rt(), path("m")])),
            Bulk::MemoryCopy(..) => call(path2("bulk", "memory_copy"), with(vec![rt(), path("m")])),
            Bulk::MemoryInit(_, data) => call(
                path2("bulk", "memory_init"),
                with(vec![
                    rt(),
                    path("m"),
                    super::segments::live_data(self.state(), data),
                ]),
            ),
            Bulk::DataDrop(data) => assign(
                super::segments::dropped(self.state(), "d", data.0),
                parse(quote::quote!(true)),
            ),
            Bulk::TableGrow(t) => method(table(t), "grow", with(vec![rt()])),
            Bulk::TableFill(t) => call(path2("bulk", "table_fill"), with(vec![rt(), elems(t)])),
            Bulk::TableCopy(to, from) if to == from => {
                call(path2("bulk", "table_copy"), with(vec![rt(), elems(to)]))
            }
            Bulk::TableCopy(to, from) => call(
                path2("bulk", "table_copy_between"),
                with(vec![rt(), elems(to), method(table(from), "elems", [])]),
            ),
            Bulk::TableInit(t, elem) => call(
                path2("bulk", "table_init"),
                with(vec![
                    rt(),
                    elems(t),
                    super::segments::live_elem(self.state(), elem),
                ]),
            ),
            Bulk::ElemDrop(elem) => assign(
                super::segments::dropped(self.state(), "e", elem.0),
                parse(quote::quote!(true)),
            ),
        };
        match op {
            Bulk::DataDrop(_) | Bulk::ElemDrop(_) => e,
            _ => self.cx.check(self.f.sites[site.0 as usize].at, &e),
        }
    }
}
