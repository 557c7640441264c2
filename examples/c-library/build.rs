//! Translates the library, which clang compiled to WebAssembly once: no C compiler runs here.

fn main() {
    wrt_build::Build::new("../../guests/wasm/lz4.wasm").compile_or_exit();
}
