//! The sources of `wrt-rt` and `wrt-wasi`, carried in the program.

/// Files of a package by their names, such as `src/lib.rs`.
type Sources = &'static [(&'static str, &'static str)];

const RUNTIME: Sources = include!(concat!(env!("OUT_DIR"), "/runtime.rs"));

/// The section `[features]` of its manifest.
const FEATURES: &str = include_str!(concat!(env!("OUT_DIR"), "/features.toml"));

const WASI: Sources = include!(concat!(env!("OUT_DIR"), "/wasi.rs"));

/// What it depends on besides `wrt-rt`, as sections of its manifest.
const WASI_DEPENDENCIES: &str = include_str!(concat!(env!("OUT_DIR"), "/wasi-dependencies.toml"));

/// The package `wrt-rt`, under another name: two generated packages in one program would otherwise bring two packages
/// of the same name and version, which cargo refuses.
pub(crate) fn package(name: &str) -> Vec<(String, Vec<u8>)> {
    files(
        name,
        "The runtime of code that WRT generated",
        "wrt_rt",
        FEATURES,
        RUNTIME,
    )
}

/// The package `wrt-wasi`, under another name too, beside the runtime that bears the name `runtime`. It depends on
/// packages of crates.io.
pub(crate) fn wasi_package(name: &str, runtime: &str) -> Vec<(String, Vec<u8>)> {
    let rest = format!(
        "{WASI_DEPENDENCIES}\n\
         [dependencies.wrt-rt]\n\
         package = \"{runtime}\"\n\
         path = \"../wrt-rt\"\n"
    );
    files(
        name,
        "Folders for code that WRT generated",
        "wrt_wasi",
        &rest,
        WASI,
    )
}

fn files(
    name: &str,
    what: &str,
    lib: &str,
    rest: &str,
    sources: Sources,
) -> Vec<(String, Vec<u8>)> {
    let manifest = format!(
        "# {what}, as wrtd {version} carries it.\n\
         [package]\n\
         name = \"{name}\"\n\
         version = \"{version}\"\n\
         edition = \"2024\"\n\
         rust-version = \"{rust}\"\n\
         license = \"{license}\"\n\
         publish = false\n\
         \n\
         [lib]\n\
         name = \"{lib}\"\n\
         \n\
         {rest}",
        version = env!("CARGO_PKG_VERSION"),
        rust = env!("CARGO_PKG_RUST_VERSION"),
        license = env!("CARGO_PKG_LICENSE"),
    );
    let mut files = vec![("Cargo.toml".to_string(), manifest.into_bytes())];
    files.extend(
        sources
            .iter()
            .map(|(name, text)| (name.to_string(), text.as_bytes().to_vec())),
    );
    files
}
