//! Translates what is compiled ahead of time; what is in `modules/` is loaded at run time.

fn main() {
    wrt_build::Build::new("app.wat")
        .max_memory_pages(4)
        .compile_or_exit();
    wrt_build::Build::new("math.wat").compile_or_exit();
}
