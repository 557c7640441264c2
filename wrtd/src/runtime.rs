//! The sources of `wrt-rt`, carried in the program.

/// Name and text of each file, as `src/lib.rs`.
const SOURCES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/runtime.rs"));

/// The section `[features]` of its manifest.
const FEATURES: &str = include_str!(concat!(env!("OUT_DIR"), "/features.toml"));

/// The package, under another name: two generated packages in one program would otherwise bring two packages of
/// the same name and version, which cargo refuses.
pub(crate) fn package(name: &str) -> Vec<(String, Vec<u8>)> {
    let manifest = format!(
        "# The runtime of code that WRT generated, as wrtd {version} carries it.\n\
         [package]\n\
         name = \"{name}\"\n\
         version = \"{version}\"\n\
         edition = \"2024\"\n\
         rust-version = \"{rust}\"\n\
         license = \"{license}\"\n\
         publish = false\n\
         \n\
         [lib]\n\
         name = \"wrt_rt\"\n\
         \n\
         {FEATURES}",
        version = env!("CARGO_PKG_VERSION"),
        rust = env!("CARGO_PKG_RUST_VERSION"),
        license = env!("CARGO_PKG_LICENSE"),
    );
    let mut files = vec![("Cargo.toml".to_string(), manifest.into_bytes())];
    files.extend(
        SOURCES
            .iter()
            .map(|(name, text)| (name.to_string(), text.as_bytes().to_vec())),
    );
    files
}
