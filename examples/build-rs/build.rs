//! Translates `plugin.wat` into `OUT_DIR/plugin.rs`.

fn main() {
    wrt_build::Build::new("plugin.wat")
        .max_memory_pages(16)
        .compile_or_exit();
}
