//! `save` and `restore`: the state of an instance between calls, in the form that `wrt_rt::snapshot` has, which the
//! interpreter writes and reads too.

use super::root::Root;
use super::rust::*;
use super::segments::dropped_name;
use crate::error::{Error, Kind};
use crate::module::{PageSize, SegmentMode};
use crate::options::Options;
use crate::set::Set;
use alloc::format;
use alloc::vec::Vec;
use proc_macro2::{Literal, TokenStream};
use quote::quote;
use wrt_rt::ValType;

/// Refuses the option where a part of the state is not the module's own.
pub(crate) fn check(set: &Set<'_>, options: &Options) -> Result<(), Error> {
    if !options.snapshots {
        return Ok(());
    }
    let refuse = |what: &str| {
        let text =
            format!("the option snapshots is for one module that owns its state, and {what}");
        Err(Error::new(Kind::Option, text))
    };
    if set.instances.len() != 1 {
        return refuse("here are several, linked");
    }
    let memories = set.memories.iter().filter_map(|m| m.host.as_ref());
    let tables = set.tables.iter().filter_map(|t| t.host.as_ref());
    let globals = set.globals.iter().filter_map(|g| match &g.init {
        crate::set::GlobalInit::Host(module, name) if g.ty.mutable => Some((module, name)),
        _ => None,
    });
    let all = memories.chain(tables).map(|(module, name)| (module, name));
    match all.chain(globals).next() {
        Some((module, name)) => refuse(&format!("this one imports {module:?} {name:?}")),
        None => Ok(()),
    }
}

/// A part of the state: how it is written, read and put in place.
struct Part {
    write: TokenStream,
    read: TokenStream,
    place: TokenStream,
}

/// The methods; nothing without the option.
pub(crate) fn methods(root: &Root<'_>) -> TokenStream {
    if !root.cx.options.snapshots {
        return TokenStream::new();
    }
    let subject = crate::snapshot_subject(&root.set.instances[0].bytes, root.cx.options);
    let module = Literal::byte_string(&subject.module);
    let (cost_model, options) = (
        Literal::u32_unsuffixed(subject.cost_model),
        Literal::u32_unsuffixed(subject.options),
    );
    let parts = parts(root);
    let writes = parts.iter().map(|p| &p.write);
    let reads = parts.iter().map(|p| &p.read);
    let places = parts.iter().map(|p| &p.place);
    quote! {
        /// What snapshots of the instance are of.
        const SUBJECT: wrt_rt::snapshot::Subject = wrt_rt::snapshot::Subject {
            module: *#module,
            cost_model: #cost_model,
            options: #options,
        };

        /// The state between calls, as a snapshot: memories, tables, globals, dropped segments, and the fuel.
        pub fn save(&self) -> wrt_rt::snapshot::Bytes {
            let mut w = wrt_rt::snapshot::Writer::new();
            w.header(&Self::SUBJECT, &self.cx.st.rt);
            #(#writes)*
            w.flag(false);
            w.finish()
        }

        /// Makes the state what a snapshot has, also of an instance that was not instantiated; the start function
        /// does not run.
        ///
        /// Refuses what is no snapshot of the same module, cost model and options, or of an instance at rest, and
        /// what the limits do not allow. If the limits are to blame, the instance is to be reset.
        pub fn restore(&mut self, snapshot: &[u8]) -> Result<(), wrt_rt::snapshot::Refused> {
            let mut r = wrt_rt::snapshot::Reader::new(snapshot)?;
            let (remaining, consumed) = r.header(&Self::SUBJECT)?;
            #(#reads)*
            r.at_rest()?;
            self.cx.st.reset();
            self.cx.st.limit();
            if initialise(&mut self.cx).is_err() {
                return Err(wrt_rt::snapshot::Refused::DoesNotFit("the limits are too low"));
            }
            #(#places)*
            self.cx.st.rt.restore_fuel(remaining, consumed);
            Ok(())
        }
    }
}

/// The state, in the order of the format.
fn parts(root: &Root<'_>) -> Vec<Part> {
    let set = root.set;
    let funcs = Literal::usize_unsuffixed(set.funcs.len());
    let mut parts = Vec::new();
    for (n, memory) in set.memories.iter().enumerate() {
        let name = ident(&format!("m{n}"));
        let page_size = match memory.ty.page_size {
            PageSize::Kib64 => quote!(memory::PageSize::Kib64),
            PageSize::Byte => quote!(memory::PageSize::Byte),
        };
        parts.push(Part {
            write: quote!(w.memory(&self.cx.mem.#name);),
            read: quote!(let #name = r.memory(#page_size)?;),
            place: quote!(self.cx.mem.#name.restore(&#name)?;),
        });
    }
    for (n, table) in set.tables.iter().enumerate() {
        let name = ident(&format!("t{n}"));
        let check = (table.ty.element == ValType::FuncRef)
            .then(|| quote!(wrt_rt::snapshot::check_funcs(&#name, #funcs)?;));
        parts.push(Part {
            write: quote!(w.refs(self.cx.st.#name.elems());),
            read: quote!(let #name = r.table()?; #check),
            place: quote!(self.cx.st.#name.restore(&#name)?;),
        });
    }
    for (n, global) in set.globals.iter().enumerate() {
        if !global.ty.mutable {
            continue;
        }
        let name = ident(&format!("g{n}"));
        let method = ident(&format!("{}", global.ty.ty));
        let value = match global.ty.ty {
            ValType::FuncRef => quote!(wrt_rt::snapshot::check_func(r.#method()?, #funcs)?),
            _ => quote!(r.#method()?),
        };
        parts.push(Part {
            write: quote!(w.#method(self.cx.st.#name);),
            read: quote!(let #name = #value;),
            place: quote!(self.cx.st.#name = #name;),
        });
    }
    let module = &set.instances[0].module;
    for (n, data) in module.data.iter().enumerate() {
        let used = root.used.data.contains(&(n as u32));
        let gone = matches!(data.mode, SegmentMode::Active(..));
        parts.push(segment("d", n, used, gone));
    }
    for (n, elem) in module.elems.iter().enumerate() {
        let used = root.used.elems.contains(&(n as u32));
        let gone = !matches!(elem.mode, SegmentMode::Passive) || elem.items.is_empty();
        parts.push(segment("e", n, used && !gone, gone));
    }
    parts
}

/// A segment: dropped or not. One that no instruction names stays what it is.
fn segment(kind: &str, n: usize, used: bool, gone: bool) -> Part {
    if !used {
        return Part {
            write: quote!(w.flag(#gone);),
            read: quote!(let _ = r.flag()?;),
            place: TokenStream::new(),
        };
    }
    let (name, field) = (
        ident(&format!("{kind}{n}")),
        ident(&dropped_name(kind, n as u32)),
    );
    Part {
        write: quote!(w.flag(self.cx.st.#field);),
        read: quote!(let #name = r.flag()?;),
        place: quote!(self.cx.st.#field = #name;),
    }
}
