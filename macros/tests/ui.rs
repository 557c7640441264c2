//! The macro as users meet it: programs that must run, and programs that must be refused with the message beside
//! them. `TRYBUILD=overwrite` rewrites the messages.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// Puts the modules where the macro looks for them: trybuild compiles in a package of its own in the target folder.
fn copy_modules() -> io::Result<()> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("..");
    let data = target.join("tests/trybuild/wrt-macros/data");
    fs::create_dir_all(&data)?;
    for entry in fs::read_dir(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/ui/data"))? {
        let entry = entry?;
        fs::copy(entry.path(), data.join(entry.file_name()))?;
    }
    // One byte more than the macro takes: the module's first eight, and a custom section to fill it up.
    let mut large = b"\0asm\x01\0\0\0".to_vec();
    large.resize(256 * 1024 + 1, 0);
    fs::write(data.join("large.wasm"), large)
}

#[test]
fn ui() {
    copy_modules().expect("modules can be copied");
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    cases.compile_fail("tests/ui/fail/*.rs");
}
