//! The command line as users meet it. Each file of `tests/cli` is one test:
//!
//! ```text
//! # A comment, at the top or after an empty line.
//! FILE: add.wat          the lines up to END become this file, in an empty folder
//! (module)
//! END
//! RUN: wrtd compile add.wat | head -n 1
//! what it prints, both streams, is expected here
//! [exit 2]               and its status, unless it is 0
//! ```
//!
//! A shell runs each `RUN:` in that folder, with `wrtd` on the path and `$GUESTS` for the guests of this repository.
//! The folder's own path is printed as `[DIR]`. `BLESS=1` rewrites what is expected.
#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, thread};

/// Something that a file says.
enum Step {
    /// A line to keep as it is.
    Text(String),
    File {
        name: String,
        contents: String,
    },
    Run {
        command: String,
        expected: String,
    },
}

fn parse(text: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix("FILE: ") {
            let contents = lines.by_ref().take_while(|line| *line != "END");
            let contents = contents.map(|line| format!("{line}\n")).collect();
            steps.push(Step::File {
                name: name.to_string(),
                contents,
            });
        } else if let Some(command) = line.strip_prefix("RUN: ") {
            let mut expected = String::new();
            while let Some(line) = lines.next_if(|line| !starts_step(line)) {
                expected += &format!("{line}\n");
            }
            steps.push(Step::Run {
                command: command.to_string(),
                expected,
            });
        } else {
            steps.push(Step::Text(line.to_string()));
        }
    }
    steps
}

fn starts_step(line: &str) -> bool {
    line.is_empty() || ["FILE: ", "RUN: "].iter().any(|s| line.starts_with(s))
}

/// What `command` prints, and its status. Empty lines cannot be expected, and are left out.
fn run(command: &str, dir: &Path) -> String {
    let wrtd = Path::new(env!("CARGO_BIN_EXE_wrtd"));
    let path = env::var("PATH").unwrap_or_default();
    let bin = wrtd.parent().expect("a program lies in a folder").display();
    let guests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../guests/wasm");
    let output = Command::new("sh")
        .args(["-c", &format!("exec 2>&1\n{command}")])
        .current_dir(dir)
        .env("PATH", format!("{bin}:{path}"))
        .env(
            "GUESTS",
            guests
                .canonicalize()
                .expect("the guests are in the repository"),
        )
        .env_remove("CARGO_TARGET_DIR")
        .env_remove("RUST_BACKTRACE")
        .stdin(Stdio::null())
        .output()
        .expect("there is a shell");
    let text = String::from_utf8_lossy(&output.stdout);
    let text = text.replace(&dir.display().to_string(), "[DIR]");
    let mut got: String = text
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| format!("{line}\n"))
        .collect();
    match output.status.code() {
        Some(0) => {}
        Some(code) => got += &format!("[exit {code}]\n"),
        None => got += &format!("[{}]\n", output.status),
    }
    got
}

/// Runs one file. The error says what was expected and what came.
fn test(path: &Path) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|e| e.to_string())?;
    let dir = tempfile::tempdir().map_err(|e| e.to_string())?;
    // As the shell will print it.
    let dir_path = dir.path().canonicalize().map_err(|e| e.to_string())?;
    let mut blessed = String::new();
    let mut wrong = String::new();
    for step in parse(&text) {
        match step {
            Step::Text(line) => blessed += &format!("{line}\n"),
            Step::File { name, contents } => {
                fs::write(dir_path.join(&name), &contents).map_err(|e| e.to_string())?;
                blessed += &format!("FILE: {name}\n{contents}END\n");
            }
            Step::Run { command, expected } => {
                let got = run(&command, &dir_path);
                if got != expected {
                    wrong += &format!("RUN: {command}\nexpected:\n{expected}got:\n{got}\n");
                }
                blessed += &format!("RUN: {command}\n{got}");
            }
        }
    }
    if env::var_os("BLESS").is_some() {
        return fs::write(path, blessed).map_err(|e| e.to_string());
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

#[test]
fn cli() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli");
    let mut paths: Vec<PathBuf> = fs::read_dir(dir)
        .expect("the tests are beside this file")
        .map(|entry| entry.expect("the folder can be read").path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty());
    let run = |path: &PathBuf| {
        test(path)
            .err()
            .map(|why| format!("{}\n{why}", path.display()))
    };
    let failures: Vec<String> = thread::scope(|scope| {
        let tests: Vec<_> = paths
            .iter()
            .map(|path| scope.spawn(move || run(path)))
            .collect();
        tests
            .into_iter()
            .filter_map(|t| t.join().expect("tests do not panic"))
            .collect()
    });
    assert!(
        failures.is_empty(),
        "BLESS=1 rewrites what is expected\n\n{}",
        failures.join("\n")
    );
}
