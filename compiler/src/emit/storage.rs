//! Where the memories and tables of an instance are kept: on the heap, in place, or in buffers that are lent.

use super::func::rust_type;
use super::needs;
use super::root::{Root, strip_externs};
use super::rust::*;
use crate::options::Storage;
use crate::set::{MemId, TableId};
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use proc_macro2::{Ident, TokenStream};
use quote::quote;

impl Root<'_> {
    /// The type of a memory, by where it is kept.
    pub(crate) fn memory_type(&self, mem: MemId) -> TokenStream {
        match self.cx.options.storage {
            Storage::Growable => quote!(wrt_rt::Memory),
            Storage::Fixed => {
                let ty = &self.set.memories[mem.index()].ty;
                let flash = self.cx.flash.len() as u64;
                let bytes = needs::bytes(self.cx.options, ty) - flash;
                if flash > 0 {
                    let ram = proc_macro2::Literal::u64_unsuffixed(bytes);
                    return quote!(wrt_rt::FlashMemory<Flash, #ram>);
                }
                let bytes = proc_macro2::Literal::u64_unsuffixed(bytes);
                quote!(wrt_rt::FixedMemory<#bytes>)
            }
            Storage::Lent => quote!(wrt_rt::LentMemory),
        }
    }

    pub(crate) fn table_type(&self, table: TableId) -> TokenStream {
        let ty = &self.set.tables[table.index()].ty;
        let elem = ident(rust_type(ty.element));
        match self.cx.options.storage {
            Storage::Growable => quote!(wrt_rt::Table<#elem>),
            Storage::Fixed | Storage::Lent => {
                let allowed = self.cx.options.max_table_elements;
                let size = ty.max.map_or(ty.min, |max| max.min(allowed).max(ty.min));
                let size = proc_macro2::Literal::u32_unsuffixed(size);
                quote!(wrt_rt::FixedTable<#elem, #size>)
            }
        }
    }

    /// The struct of the memories, and the context that it is part of.
    pub(super) fn memories(&self) -> TokenStream {
        let count = self.set.memories.len();
        let names: Vec<_> = (0..count).map(|n| ident(&format!("m{n}"))).collect();
        let types = (0..count).map(|n| self.memory_type(MemId(n as u32)));
        let firsts = (0..count).map(|n| {
            let path = match self.cx.flash.is_empty() {
                true => memory_path(self.cx.options.storage),
                false => quote!(wrt_rt::FlashMemory),
            };
            let first = self
                .given(&format!("m{n}"))
                .unwrap_or_else(|| quote!(#path::idle()));
            strip_externs(&first)
        });
        let given: Vec<_> = self.given.iter().filter(|g| g.memory).collect();
        let params = given.iter().map(|g| {
            let (name, ty) = (ident(&g.field), &g.ty);
            quote!(#name: #ty,)
        });
        let constness = self.given.is_empty().then(|| quote!(const));
        let flash = (!self.cx.flash.is_empty()).then(|| {
            let bytes = proc_macro2::Literal::byte_string(&self.cx.flash);
            let len = proc_macro2::Literal::usize_unsuffixed(self.cx.flash.len());
            quote! {
                /// What of the memory is in flash.
                pub struct Flash;

                impl memory::Flash for Flash {
                    const BYTES: &'static [u8] = &FLASH;
                }

                static FLASH: [u8; #len] = *#bytes;
            }
        });
        quote! {
            #flash

            /// The linear memories.
            pub struct Memories { #(#names: #types,)* }

            impl Memories {
                #constness fn new(#(#params)*) -> Memories {
                    Memories { #(#names: #firsts,)* }
                }
            }

            /// What functions of the module work on.
            // The state is near to the one pointer to both, however large memories in place are.
            #[repr(C)]
            struct Context {
                st: State,
                mem: Memories,
            }
        }
    }

    /// Fields of the memories that are lent to the instance; as parameters; and the methods that lend them.
    pub(super) fn lent(&self) -> (Vec<Ident>, Vec<Ident>, Vec<Ident>) {
        let own = self.set.memories.iter().enumerate();
        let own = own.filter(|(_, memory)| {
            self.cx.options.storage == Storage::Lent && memory.host.is_none()
        });
        let names = own.enumerate().map(|(nth, (n, _))| {
            let (param, method) = match nth {
                0 => ("memory".to_string(), "lend_memory".to_string()),
                _ => (format!("memory_{nth}"), format!("lend_memory_{nth}")),
            };
            (ident(&format!("m{n}")), (ident(&param), ident(&method)))
        });
        let (fields, names): (_, Vec<_>) = names.unzip();
        let (params, methods) = names.into_iter().unzip();
        (fields, params, methods)
    }
}

pub(super) fn table_path(storage: Storage) -> TokenStream {
    match storage {
        Storage::Growable => quote!(wrt_rt::Table),
        Storage::Fixed | Storage::Lent => quote!(wrt_rt::FixedTable),
    }
}

fn memory_path(storage: Storage) -> TokenStream {
    match storage {
        Storage::Growable => quote!(wrt_rt::Memory),
        Storage::Fixed => quote!(wrt_rt::FixedMemory),
        Storage::Lent => quote!(wrt_rt::LentMemory),
    }
}
