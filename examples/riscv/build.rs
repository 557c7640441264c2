//! Hands the board's memory to the linker.

fn main() {
    println!("cargo::rustc-link-search={}", env!("CARGO_MANIFEST_DIR"));
    println!("cargo::rerun-if-changed=memory.x");
    for script in ["memory.x", "link.x"] {
        println!("cargo::rustc-link-arg=-T{script}");
    }
}
