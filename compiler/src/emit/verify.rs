//! Verification: where the guest starts and stops running, and what is looked at there. Nothing without the option.

use super::root::Root;
use super::rust::ident;
use crate::error::{Error, Kind};
use crate::options::Options;
use crate::set::Set;
use alloc::format;
use alloc::vec::Vec;
use proc_macro2::{Literal, TokenStream};
use quote::quote;
use wrt_rt::ValType;

/// Refuses the option for linked instances, among which the guest would start and stop at each call.
pub(crate) fn check(set: &Set<'_>, options: &Options) -> Result<(), Error> {
    if options.verification && set.instances.len() != 1 {
        let text = "the option verification is for one module, and here are several, linked";
        return Err(Error::new(Kind::Option, text));
    }
    Ok(())
}

/// A statement before the guest runs, with the context where it is said; it returns a `Trapped`.
pub(crate) fn guard(options: &Options, cx: TokenStream) -> TokenStream {
    when(
        options,
        quote! {
            if let Err(cause) = verify_guard(&mut #cx.st, &#cx.mem) {
                return Err(#cx.st.rt.trap_silent(cause));
            }
        },
    )
}

/// A statement after the guest ran.
pub(crate) fn seal(options: &Options, cx: TokenStream) -> TokenStream {
    when(options, quote!(verify_seal(&mut #cx.st, &#cx.mem);))
}

/// A statement before the host writes.
pub(crate) fn open(options: &Options, cx: TokenStream) -> TokenStream {
    when(options, quote!(verify_open(&mut #cx.st, &#cx.mem);))
}

fn when(options: &Options, code: TokenStream) -> TokenStream {
    match options.verification {
        true => code,
        false => TokenStream::new(),
    }
}

/// The functions that the others call.
pub(crate) fn items(root: &Root<'_>) -> TokenStream {
    let set = root.set;
    let funcs = Literal::usize_unsuffixed(set.funcs.len());
    let memories: Vec<_> = (0..set.memories.len())
        .map(|n| ident(&format!("m{n}")))
        .collect();
    let tables: Vec<_> = (0..set.tables.len())
        .map(|n| ident(&format!("t{n}")))
        .collect();
    let of_funcs = set.tables.iter().zip(&tables);
    let of_funcs = of_funcs.filter(|(table, _)| table.ty.element == ValType::FuncRef);
    let of_funcs = of_funcs.map(|(_, name)| name);
    let globals = set.globals.iter().enumerate().filter(|(_, g)| g.ty.mutable);
    let globals = globals.map(|(n, global)| {
        let name = ident(&format!("g{n}"));
        match global.ty.ty {
            ValType::I32 => quote!(st.#name as u32 as u64),
            ValType::I64 => quote!(st.#name as u64),
            ValType::F32 => quote!(st.#name.to_bits() as u64),
            ValType::F64 => quote!(st.#name.to_bits()),
            ValType::FuncRef | ValType::ExternRef => quote!(st.#name.raw() as u64),
        }
    });
    when(
        root.cx.options,
        quote! {
            /// A sum over memories, tables and globals.
            fn verify_sum(st: &State, mem: &Memories) -> u64 {
                let mut sum = wrt_rt::verify::Sum::new();
                #(sum.memory(mem.#memories.bytes());)*
                #(sum.refs(st.#tables.elems());)*
                #(sum.add(#globals);)*
                sum.finish()
            }

            /// Whether what the engine relies on in the state is sound.
            fn verify_state(st: &State) -> Result<(), Cause> {
                match true #(&& wrt_rt::verify::funcs_are_sound(st.#of_funcs.elems(), #funcs))* {
                    true => Ok(()),
                    false => Err(Cause::StateCorrupted),
                }
            }

            /// The guest is about to run.
            fn verify_guard(st: &mut State, mem: &Memories) -> Result<(), Cause> {
                let mut verify = st.verify;
                let sound = || {
                    verify_state(st).is_ok() #(&& wrt_rt::verify::memory_is_sound(&mem.#memories))*
                };
                let done = verify.guard(sound, || verify_sum(st, mem));
                st.verify = verify;
                done
            }

            /// The guest stopped.
            fn verify_seal(st: &mut State, mem: &Memories) {
                let mut verify = st.verify;
                verify.seal(|| verify_sum(st, mem));
                st.verify = verify;
            }

            /// The host is about to write.
            fn verify_open(st: &mut State, mem: &Memories) {
                let mut verify = st.verify;
                verify.open(|| verify_sum(st, mem));
                st.verify = verify;
            }
        },
    )
}

/// The method that sets the level.
pub(crate) fn method(options: &Options) -> TokenStream {
    when(
        options,
        quote! {
            /// Sets how the instance is verified from now on; not at all at first.
            pub fn set_verification(&mut self, level: wrt_rt::verify::Verification) {
                self.cx.st.verify.set(level);
            }
        },
    )
}
