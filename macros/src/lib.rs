//! `include_wasm!`: a WebAssembly module as a Rust module, where it is written.
#![forbid(unsafe_code)]

mod include;

use proc_macro::TokenStream;

/// Translates the WebAssembly module in a file, binary or text, into a Rust module in place.
///
/// ```ignore
/// wrt_macros::include_wasm!("guest.wasm");
/// let mut instance = guest::Instance::new()?;
/// ```
///
/// The path is relative to the package's folder (`CARGO_MANIFEST_DIR`), and the Rust module, which is `pub`, has the
/// file's name as an identifier. Options follow as `key = value`; they are those of `wrt_build::Build` but for `data`,
/// as a macro writes no file:
///
/// ```ignore
/// wrt_macros::include_wasm!("guest.wasm", name = plugin, fuel = false, storage = fixed, max_memory_pages = 4);
/// ```
///
/// The package needs `wrt-rt`, with its feature `alloc` unless `storage` is `fixed` or `lent`. It is rebuilt when the file changes.
/// Errors stand at the path or the option that is at fault.
///
/// A module has at most 256 KiB of wasm here, because all of it passes through one macro expansion, which rustc repeats
/// in every build of the crate. Use `wrt-build` for larger ones.
#[proc_macro]
pub fn include_wasm(input: TokenStream) -> TokenStream {
    let invocation = syn::parse_macro_input!(input as include::Invocation);
    match include::expand(&invocation) {
        Ok(tokens) => tokens.into(),
        Err(error) => error.into_compile_error().into(),
    }
}
