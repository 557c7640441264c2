//! Instantiation: one function for each instance of the set. Section 4.5.4.

use super::func::Emitter;
use super::root::{Root, option};
use super::rust::*;
use super::segments::{self, dropped};
use crate::module::{Const, PageSize, SegmentMode};
use crate::set::{self, ElemId, GlobalId, GlobalInit, SizeCheck, Value, ValueOp};
use crate::survey::Shape;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};

pub(crate) fn items(root: &Root<'_>) -> TokenStream {
    (0..root.set.instances.len())
        .map(|n| step(root, n))
        .collect()
}

fn step(root: &Root<'_>, n: usize) -> TokenStream {
    let name = ident(&format!("instantiate_{n}"));
    let this = &root.set.instances[n];
    let mut code = TokenStream::new();
    for check in &this.checks {
        code.extend(match check {
            SizeCheck::Memory(mem, min) => {
                let (field, min) = (ident(&format!("m{}", mem.0)), Literal::u32_unsuffixed(*min));
                match root.set.memories[mem.index()].ty.page_size {
                    PageSize::Kib64 => quote!(check!('trap, cx.mem.#field.require(#min));),
                    PageSize::Byte => {
                        quote!(check!('trap, cx.mem.#field.require_paged(memory::PageSize::Byte, #min));)
                    }
                }
            }
            SizeCheck::Table(table, min) => {
                let (field, min) = (
                    ident(&format!("t{}", table.0)),
                    Literal::u32_unsuffixed(*min),
                );
                quote!(check!('trap, cx.st.#field.require(#min));)
            }
        });
    }
    for (id, memory) in root.set.memories.iter().enumerate() {
        if memory.instance == n && memory.host.is_none() {
            let field = ident(&format!("m{id}"));
            let (min, max) = (
                Literal::u32_unsuffixed(memory.ty.min),
                option(memory.ty.max),
            );
            let limit = quote!(cx.st.limits.memory_pages);
            let instantiate = match memory.ty.page_size {
                _ if root.cx.options.memory_bytes.is_some() => quote!(instantiate_part(#limit)),
                PageSize::Kib64 => quote!(instantiate_as(#min, #max, #limit)),
                PageSize::Byte => {
                    quote!(instantiate_paged(memory::PageSize::Byte, #min, #max, #limit))
                }
            };
            code.extend(quote!(check!('trap, cx.mem.#field.#instantiate);));
            if root.cx.options.stats {
                let bytes = match root.cx.flash.is_empty() {
                    true => quote!(cx.mem.#field.bytes().len()),
                    false => {
                        let all = root.cx.options.memory_bytes.unwrap_or_default();
                        Literal::u32_unsuffixed(all).into_token_stream()
                    }
                };
                code.extend(quote!(cx.st.rt.note_memory(#bytes);));
            }
        }
    }
    for (id, table) in root.set.tables.iter().enumerate() {
        if table.instance == n && table.host.is_none() {
            let field = ident(&format!("t{id}"));
            let null = ident(super::func::rust_type(table.ty.element));
            let (min, max) = (Literal::u32_unsuffixed(table.ty.min), option(table.ty.max));
            code.extend(quote!(check!('trap, cx.st.#field.instantiate_as(#min, #max, cx.st.limits.table_elements, #null::NULL));));
        }
    }
    for (id, global) in root.set.globals.iter().enumerate() {
        if global.instance != n || root.constant_global(id) {
            continue;
        }
        let field = ident(&format!("g{id}"));
        let init = match &global.init {
            GlobalInit::Const(value) => {
                let value = super::expr::constant(*value, false);
                quote!(#value)
            }
            GlobalInit::Expr(init) => value(root, init),
            GlobalInit::Host(..) => continue,
        };
        code.extend(quote!(cx.st.#field = #init;));
    }
    let mut statics = TokenStream::new();
    for k in 0..this.module.elems.len() {
        let (statik, init) = elem(root, n, k);
        statics.extend(statik);
        code.extend(init);
    }
    code.extend(data(root, n));
    let initialise = root.cx.options.snapshots.then(|| {
        let code = core::mem::replace(&mut code, quote!(check!('trap, initialise(cx));));
        quote! {
            /// Memories, tables and globals as they are before the start function.
            fn initialise(cx: &mut Context) -> Result<(), Trapped> {
                let e: Cause = 'trap: {
                    #code
                    return Ok(());
                };
                Err(cx.st.rt.trap_silent(e))
            }
        }
    });
    if let Some(start) = this.module.start {
        let entry = super::exports::entry(this.funcs[start.index()]);
        code.extend(quote!(check!('trap, #entry(cx, host, depth));));
    }
    quote! {
        #statics
        #initialise
        fn #name(cx: &mut Context, host: &mut &mut dyn Imports, depth: u32) -> Result<(), Trapped> {
            let e: Cause = 'trap: {
                #code
                return Ok(());
            };
            Err(cx.st.rt.trap_silent(e))
        }
    }
}

/// The elements of segment `k` of instance `n`: as a static, and what instantiation does with them.
fn elem(root: &Root<'_>, n: usize, k: usize) -> (TokenStream, TokenStream) {
    let this = &root.set.instances[n];
    let elem = &this.module.elems[k];
    let id = ElemId(this.elem_base + k as u32);
    let used = root.used.elems.contains(&id.0);
    let values: Vec<Value> = elem
        .items
        .iter()
        .map(|item| set::value(root.set, this, item))
        .collect();
    let raw = values.iter().map(|v| match v {
        Value::Func(f) => Literal::u32_unsuffixed(f.0),
        _ => Literal::u32_unsuffixed(u32::MAX),
    });
    let name = ident(&format!("ELEM{}", id.0));
    let rust = ident(super::func::rust_type(elem.ty));
    let active = match &elem.mode {
        SegmentMode::Active(table, offset) => Some((
            this.tables[table.index()],
            value(root, &set::value(root.set, this, offset)),
        )),
        _ => None,
    };
    if !used
        && (active.is_none() || values.is_empty() && !matches!(elem.mode, SegmentMode::Active(..)))
    {
        return Default::default();
    }
    let len = Literal::usize_unsuffixed(values.len());
    let statik = quote! {
        /// Functions of an element segment.
        static #name: [u32; #len] = [#(#raw),*];
    };
    let mut code = TokenStream::new();
    let computed: Vec<(usize, TokenStream)> = values
        .iter()
        .enumerate()
        .filter(|(_, v)| matches!(v, Value::Global(_) | Value::Ops(_)))
        .map(|(i, v)| (i, value(root, v)))
        .collect();
    if used {
        let field = ident(&format!("e{}", id.0));
        code.extend(quote!(cx.st.#field = wrt_rt::refs(&#name);));
        for (i, value) in &computed {
            let i = Literal::usize_unsuffixed(*i);
            code.extend(quote!(if let Some(slot) = cx.st.#field.get_mut(#i) { *slot = #value; }));
        }
    }
    if let Some((table, offset)) = active {
        let table = ident(&format!("t{}", table.0));
        code.extend(quote!(check!('trap, wrt_rt::elem_init::<#rust>(cx.st.#table.elems_mut(), &#name, #offset));));
        for (i, value) in &computed {
            let i = Literal::i32_unsuffixed(*i as i32);
            code.extend(
                quote!(check!('trap, cx.st.#table.set((#offset).wrapping_add(#i), #value));),
            );
        }
    }
    if used && !matches!(elem.mode, SegmentMode::Passive) {
        let flag = dropped(state(), "e", id.0);
        code.extend(quote!(#flag = true;));
    }
    (statik, code)
}

fn data(root: &Root<'_>, n: usize) -> TokenStream {
    let this = &root.set.instances[n];
    let flash = root.cx.flash.len();
    let mut code = TokenStream::new();
    let place = |at: TokenStream, bytes: &core::ops::Range<usize>, memory: TokenStream| {
        let (start, len) = (
            Literal::usize_unsuffixed(bytes.start),
            Literal::usize_unsuffixed(bytes.len()),
        );
        quote!(check!('trap, bulk::data_init(#memory, bulk::segment(DATA, #start, #len), #at));)
    };
    if let Some(runs) = segments::constant_runs(root.set, n, root.blob, flash) {
        for run in runs {
            let memory = ident(&format!("m{}", this.memories[0].0));
            // RAM begins where flash ends.
            let at = Literal::u32_unsuffixed(run.at - flash as u32);
            let bytes = match flash {
                0 => quote!(cx.mem.#memory.bytes_mut()),
                _ => quote!(cx.mem.#memory.ram_mut()),
            };
            code.extend(place(quote!(#at), &run.bytes, bytes));
        }
    } else {
        for (k, data) in this.module.data.iter().enumerate() {
            let SegmentMode::Active(mem, offset) = &data.mode else {
                continue;
            };
            let memory = ident(&format!("m{}", this.memories[mem.index()].0));
            let at = value(root, &set::value(root.set, this, offset));
            let bytes = &root.blob.data[this.data_base as usize + k];
            code.extend(place(
                quote!((#at) as u32),
                bytes,
                quote!(cx.mem.#memory.bytes_mut()),
            ));
        }
    }
    for (k, data) in this.module.data.iter().enumerate() {
        let id = this.data_base + k as u32;
        if root.used.data.contains(&id) {
            let flag = dropped(state(), "d", id);
            let gone = matches!(data.mode, SegmentMode::Active(..)).to_string();
            let gone = ident(&gone);
            code.extend(quote!(#flag = #gone;));
        }
    }
    code
}

/// Where the steps have the state.
fn state() -> syn::Expr {
    Emitter::state(Shape::ENTRY)
}

/// A constant expression as Rust over `cx.st`.
fn value(root: &Root<'_>, v: &Value) -> TokenStream {
    match v {
        Value::Const(c) => constant(*c),
        Value::Func(f) => {
            let f = Literal::u32_unsuffixed(f.0);
            quote!(FuncRef::new(#f))
        }
        Value::Global(g) => global(root, *g),
        Value::Ops(ops) => {
            let mut stack: Vec<TokenStream> = Vec::new();
            for op in ops {
                match op {
                    ValueOp::Push(v) => stack.push(value(root, v)),
                    ValueOp::Op(op) => {
                        let b = stack.pop().expect("validated");
                        let a = stack.pop().expect("validated");
                        // Only wrapping addition, subtraction and multiplication are constant.
                        let name = match op.text() {
                            "i32.add" | "i64.add" => ident("wrapping_add"),
                            "i32.sub" | "i64.sub" => ident("wrapping_sub"),
                            _ => ident("wrapping_mul"),
                        };
                        stack.push(quote!((#a).#name(#b)));
                    }
                }
            }
            stack.pop().expect("validated")
        }
    }
}

fn constant(c: Const) -> TokenStream {
    let c = super::expr::constant(c, true);
    quote!(#c)
}

fn global(root: &Root<'_>, g: GlobalId) -> TokenStream {
    match root.set.constant(g) {
        Some(c) => constant(c),
        None => {
            let field = ident(&format!("g{}", g.0));
            quote!(cx.st.#field)
        }
    }
}
