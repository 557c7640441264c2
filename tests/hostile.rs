//! Input that means harm: what is no module, is cut short, is damaged, is named to break out of a string, or is
//! larger than anything sane. The compiler answers with an error of one line or with Rust; it never panics, never
//! overflows the stack of a test, never takes minutes. And the same input gives the same bytes.

#[path = "hostile/large.rs"]
mod large;
#[path = "hostile/methods.rs"]
mod methods;
#[path = "hostile/names.rs"]
mod names;

use std::path::Path;
use std::process::Command;
use std::time::Duration;
use wasmparser::Validator;
use wrt_compiler::decode::SUPPORTED;
use wrt_compiler::{Error, Kind, Layout, Options, Output, compile};
use wrt_script::package;
use wrt_tests::guests;

/// A module of every section, with every kind of segment, import and export.
const EVERYTHING: &str = include_str!("hostile/everything.wat");

/// Modules to damage: small ones, for each is compiled some thousand times.
fn victims() -> Vec<(String, Vec<u8>)> {
    let mut victims = vec![(
        "everything".to_string(),
        wat::parse_str(EVERYTHING).expect("a valid module"),
    )];
    victims.extend(guests().into_iter().filter(|(_, bytes)| bytes.len() < 6000));
    let golden = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("golden"))
        .expect("the folder");
    for path in golden.flatten().map(|entry| entry.path()) {
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if path.extension().is_some_and(|e| e == "wat")
            && ["data", "call_indirect", "br_table"].contains(&name.as_str())
        {
            victims.push((name, wat::parse_file(&path).expect("a valid module")));
        }
    }
    victims.sort();
    for (name, bytes) in &victims {
        assert!(
            is_valid(bytes),
            "{name} is to be valid before it is damaged"
        );
    }
    victims
}

/// Compiles, and looks at the error if it is one.
fn answer(bytes: &[u8]) -> Result<Output, Error> {
    let answer = compile(bytes, &Options::default());
    if let Err(e) = &answer {
        let text = e.to_string();
        assert!(!text.contains(['\n', '\r', '\0']), "not one line: {text:?}");
        assert!(text.len() < 1000, "no short line: {text}");
    }
    answer
}

/// Whether `bytes` are a module of what is built; wasmparser says so, not we.
fn is_valid(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\0asm\x01\0\0\0")
        && Validator::new_with_features(SUPPORTED)
            .validate_all(bytes)
            .is_ok()
}

fn check(name: &str, bytes: &[u8]) {
    let answer = answer(bytes);
    let valid = is_valid(bytes);
    match &answer {
        Ok(_) => assert!(valid, "{name}: is compiled, and is not valid"),
        // An import can be refused only by a host.
        Err(e) => assert!(
            // wasmparser lets imports of exact function types pass without the proposal.
            !valid || e.kind() == Kind::Limit || e.to_string().contains("custom descriptors"),
            "{name}: is valid, and is refused: {e}"
        ),
    }
}

#[test]
fn every_prefix_is_refused_or_valid() {
    for (name, bytes) in victims() {
        let mut refused = 0;
        for len in 0..bytes.len() {
            check(&format!("{name}, {len} bytes of it"), &bytes[..len]);
            refused += usize::from(!is_valid(&bytes[..len]));
        }
        // Only where a section ends can a prefix be a module.
        assert!(
            refused + 16 > bytes.len(),
            "{name}: {refused} of {} prefixes are refused",
            bytes.len()
        );
    }
}

#[test]
fn every_byte_can_be_damaged() {
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    for (name, bytes) in victims() {
        // Some hundred places of a large one.
        for at in (8..bytes.len()).step_by(1 + bytes.len() / 300) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let mut damaged = bytes.clone();
            damaged[at] = match random % 4 {
                0 => damaged[at] ^ 1 << (random >> 8 & 7),
                1 => 0xff,
                2 => 0,
                _ => (random >> 8) as u8,
            };
            check(&format!("{name}, byte {at} is {}", damaged[at]), &damaged);
        }
    }
}

#[test]
fn what_is_no_module_is_refused() {
    let cases: [(&[u8], Kind, &str); 12] = [
        (b"", Kind::Invalid, "neither"),
        (b"\0", Kind::Invalid, "neither"),
        (b"\0as", Kind::Invalid, "neither"),
        (b"\x7fELF\x02\x01\x01", Kind::Invalid, "neither"),
        (b"PK\x03\x04", Kind::Invalid, "neither"),
        (b"hello", Kind::Invalid, "neither"),
        (b"\xff\xfe(\0m\0", Kind::Invalid, "neither"),
        (b"\0asm", Kind::Invalid, ""),
        (b"\0asm\x02\0\0\0", Kind::Invalid, "version"),
        (b"\0asm\x0d\0\x01\0", Kind::Unsupported, "components"),
        (b"(component)", Kind::Unsupported, "components"),
        (b"(module (func", Kind::Text, ""),
    ];
    for (bytes, kind, word) in cases {
        let e = answer(bytes).expect_err("is no module");
        assert!(
            e.kind() == kind && e.to_string().contains(word),
            "{:?}: {e}",
            String::from_utf8_lossy(bytes)
        );
    }
}

#[test]
fn what_is_invalid_is_refused_with_function_and_offset() {
    let text = "(module (func $fine) (func $main (result i32) (i64.const 1)))";
    let bytes = wat::parse_str(text).expect("can be written");
    let e = answer(&bytes).expect_err("is not valid");
    assert_eq!(
        (e.kind(), e.func(), e.offset()),
        (Kind::Invalid, Some("$main"), Some(0x21)),
        "{e}"
    );
    for text in [
        "(module (func (local.get 7)))",
        "(module (memory 1 0))",
        "(module (start 3))",
    ] {
        assert!(answer(text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn proposals_are_refused_by_name() {
    let cases = [
        ("(module (func (drop (v128.const i64x2 0 0))))", "simd"),
        ("(module (memory 1 2 shared))", "threads"),
        ("(module (func $f (return_call $f)))", "tail calls"),
        ("(module (memory 1) (memory 1))", "multi-memory"),
        ("(module (memory i64 1))", "memory64"),
        ("(module (tag) (func (throw 0)))", "exceptions"),
        ("(module (type (struct)))", "gc"),
    ];
    for (text, name) in cases {
        let e = answer(text.as_bytes()).expect_err(text);
        assert!(
            e.kind() == Kind::Unsupported && e.message() == name && e.offset().is_some(),
            "{text}: {e}"
        );
    }
}

/// Everything that the determinism test compiles, as `name length hash` a line.
fn fingerprints() -> String {
    let mut lines = String::new();
    let mut inputs = guests();
    inputs.push(("everything".to_string(), EVERYTHING.as_bytes().to_vec()));
    inputs.push(("names".to_string(), names::module()));
    for (name, bytes) in inputs {
        for layout in [Layout::File, Layout::Crate, Layout::Include] {
            let mut options = Options::default();
            options.layout = layout;
            for file in compile(&bytes, &options)
                .unwrap_or_else(|e| panic!("{name}: {e}"))
                .files
            {
                // FNV-1a.
                let hash = file
                    .contents
                    .iter()
                    .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                        (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
                    });
                lines.push_str(&format!(
                    "{name} {layout:?} {} {} {hash:x}\n",
                    file.name,
                    file.contents.len()
                ));
            }
        }
    }
    lines
}

/// Two runs in different processes and folders give identical bytes.
#[test]
fn same_input_same_bytes() {
    const ASKED: &str = "WRT_FINGERPRINTS";
    if let Some(path) = std::env::var_os(ASKED) {
        std::fs::write(path, fingerprints()).expect("the file can be written");
        return;
    }
    let runs = ["here", "there/and/further"].map(|folder| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("determinism")
            .join(folder);
        std::fs::create_dir_all(&folder).expect("the target folder can be written");
        let file = folder.join("fingerprints");
        let mut command = Command::new(std::env::current_exe().expect("a path"));
        command
            .args(["--exact", "same_input_same_bytes"])
            .env(ASKED, &file)
            .env("HOME", &folder)
            .current_dir(&folder);
        let output = package::run(&mut command, Duration::from_secs(300)).expect("runs");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stdout)
        );
        std::fs::read_to_string(&file).expect("was written")
    });
    assert!(runs[0].lines().count() > 20, "{}", runs[0]);
    assert_eq!(runs[0], runs[1]);
}
