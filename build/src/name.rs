//! Names of generated modules: identifiers that mean nothing else.

use std::path::Path;

/// Keywords of every edition, and crates that a module of their name would hide.
const TAKEN: &[&str] = &[
    "Self",
    "_",
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "core",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "proc_macro",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "wrt_rt",
    "yield",
];

/// Whether a generated module can be called `name`: a plain identifier of at most 64 bytes, no keyword, and not the
/// name of a crate that generated code uses.
pub fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.len() <= 64
        && name.chars().all(plain)
        && name.starts_with(|c: char| !c.is_ascii_digit())
        && !TAKEN.contains(&name)
}

/// A name for what is generated from the file `path`: its stem, other characters than letters and digits as `_`.
pub fn name_of(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let mut name = String::new();
    for c in stem.chars().take(60) {
        if c.is_ascii_alphanumeric() {
            name.push(c.to_ascii_lowercase());
        } else if !name.ends_with('_') {
            name.push('_');
        }
    }
    if !name.contains(|c: char| c.is_ascii_alphanumeric()) {
        return "module".to_string();
    }
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert(0, '_');
    }
    if !is_name(&name) {
        name.push('_');
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_name_their_modules() {
        let check = |path: &str, expect: &str| {
            let name = name_of(Path::new(path));
            assert_eq!(name, expect);
            assert!(is_name(&name), "{name}");
        };
        check("a/b/My-Guest.v2.wasm", "my_guest_v2");
        check("7zip.wasm", "_7zip");
        check("loop.wat", "loop_");
        check("core.wasm", "core_");
        check("日本.wasm", "module");
        check("", "module");
        check("x\"; } fn f() {.wasm", "x_fn_f_");
        check(&"n".repeat(300), &"n".repeat(60));
    }

    #[test]
    fn what_is_no_name() {
        for name in [
            "", "a b", "1a", "fn", "wrt_rt", "é", "a-b", "_", "r#fn", "a\n",
        ] {
            assert!(!is_name(name), "{name:?}");
        }
    }
}
