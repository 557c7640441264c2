//! Translates the program, which clang compiled to WebAssembly once.

fn main() {
    wrt_build::Build::new("../../guests/wasm/tally.wasm").compile_or_exit();
}
