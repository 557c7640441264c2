//! What the program reaches, and what it does not.

use std::fs;
use std::path::{Path, PathBuf};

use sandboxed_folder::{Report, tally};
use tempfile::TempDir;
use wrt_wasi::Access;

/// A folder with two files, and a file beside it.
fn place() -> (TempDir, PathBuf) {
    let root = tempfile::tempdir().expect("a folder");
    let folder = root.path().join("folder");
    fs::create_dir(&folder).expect("a folder");
    fs::write(folder.join("one.txt"), "a\nb\n").expect("a file");
    fs::write(folder.join("two.txt"), "c\n").expect("a file");
    fs::write(root.path().join("secret.txt"), "secret\n").expect("a file");
    (root, folder)
}

fn run(folder: &Path, access: Access, others: &[&str]) -> (i32, Vec<String>) {
    let Report { status, output } = tally(folder, access, others).expect("no trap");
    (status, output.lines().map(str::to_string).collect())
}

#[test]
fn it_reads_and_writes_in_its_folder() {
    let (_root, folder) = place();
    let (status, output) = run(&folder, Access::ReadWrite, &["/data/one.txt"]);
    assert_eq!(
        output,
        ["/data/summary.txt: written", "/data/one.txt: 2 lines"]
    );
    assert_eq!(status, 0);
    let summary = fs::read_to_string(folder.join("summary.txt")).expect("written");
    assert_eq!(summary, "     2 one.txt\n     1 two.txt\n     3 in all\n");
}

#[test]
fn it_reaches_nothing_else() {
    let (root, folder) = place();
    let secret = root.path().join("secret.txt");
    let secret = secret.to_str().expect("text");
    let others = [
        "/data/../secret.txt",
        "../secret.txt",
        secret,
        "/etc/passwd",
    ];
    let (_, output) = run(&folder, Access::ReadWrite, &others);
    assert_eq!(output[1], "/data/../secret.txt: Operation not permitted");
    for line in &output[2..] {
        assert!(line.ends_with(": Capabilities insufficient"), "{line}");
    }
    assert_eq!(output.len(), 5);
}

#[test]
#[cfg(unix)]
fn links_lead_nowhere_else() {
    use std::os::unix::fs::symlink;
    let (root, folder) = place();
    symlink(root.path().join("secret.txt"), folder.join("absolute")).expect("a link");
    symlink("../secret.txt", folder.join("relative")).expect("a link");
    symlink("one.txt", folder.join("inside")).expect("a link");
    let others = ["/data/absolute", "/data/relative", "/data/inside"];
    let (_, output) = run(&folder, Access::ReadWrite, &others);
    assert_eq!(
        output[1..],
        [
            "/data/absolute: Operation not permitted",
            "/data/relative: Operation not permitted",
            "/data/inside: 2 lines",
        ]
    );
}

#[test]
fn a_folder_to_read_only_stays_as_it_is() {
    let (_root, folder) = place();
    let (status, output) = run(&folder, Access::ReadOnly, &["/data/two.txt"]);
    assert_eq!(
        output,
        [
            "/data/.summary: Operation not permitted",
            "/data/two.txt: 1 lines"
        ]
    );
    assert_eq!(status, 1);
    assert_eq!(fs::read_dir(&folder).expect("a folder").count(), 2);
}
