//! A generated cargo package: its files are written only where they changed, so that a second run builds nothing.

use crate::parallel;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A package to be.
#[derive(Debug)]
pub struct Package {
    dir: PathBuf,
    files: BTreeMap<String, Vec<u8>>,
    /// The target and its compiler, if it is not built for the host.
    target: Option<(String, Option<PathBuf>)>,
}

/// How a package is optimised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// `opt-level = 0`, with rustc's checks for overflow.
    O0,
    /// `opt-level = 3`.
    O3,
}

impl Level {
    /// `O0`, `O3`.
    pub fn name(self) -> &'static str {
        match self {
            Level::O0 => "O0",
            Level::O3 => "O3",
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Level::O0 => "debug",
            Level::O3 => "release",
        }
    }
}

/// Where generated code finds `wrt-rt`.
#[derive(Clone, Debug)]
pub enum Runtime {
    /// In a folder.
    At(PathBuf),
    /// In these files, by their path in its package, which go with what is generated.
    Files(Vec<(String, Vec<u8>)>),
}

impl Package {
    /// A package named `name` in the folder `dir`, which depends on `runtime` with `features`.
    pub fn new(dir: &Path, name: &str, runtime: &Runtime, features: &[&str]) -> Package {
        let mut package = Package {
            // cargo and the programs run in other folders.
            dir: std::path::absolute(dir).unwrap_or_else(|_| dir.to_path_buf()),
            files: BTreeMap::new(),
            target: None,
        };
        let place = match runtime {
            Runtime::At(place) => place.display().to_string(),
            Runtime::Files(files) => {
                for (path, contents) in files {
                    package.add(&format!("wrt-rt/{path}"), contents.as_slice());
                }
                "wrt-rt".to_string()
            }
        };
        let features: Vec<String> = features.iter().map(|f| format!("{f:?}")).collect();
        let manifest = format!(
            "[package]\nname = {name:?}\nversion = \"0.0.0\"\nedition = \"2024\"\nautobins = true\n\n[workspace]\n\n\
             [profile.dev]\ndebug = false\nincremental = false\n\n[profile.release]\ndebug = false\n\n\
             [dependencies]\nwrt-rt = {{ path = {place:?}, default-features = false, features = [{}] }}\n",
            features.join(", ")
        );
        package.add("Cargo.toml", manifest);
        package
    }

    /// Adds dependencies, as lines of a manifest.
    pub fn depend(&mut self, lines: &str) {
        let manifest = self.files.entry("Cargo.toml".to_string()).or_default();
        manifest.extend_from_slice(lines.as_bytes());
    }

    /// Builds it for a target without an operating system, with another compiler than cargo's own if need be.
    pub fn build_for(&mut self, target: &str, rustc: Option<&Path>) {
        self.target = Some((target.to_string(), rustc.map(Path::to_path_buf)));
    }

    /// Adds a file, by its path in the package.
    pub fn add(&mut self, path: &str, contents: impl Into<Vec<u8>>) {
        self.files.insert(path.to_string(), contents.into());
    }

    /// The package's folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Writes what changed, and removes what is no longer in `src`.
    pub fn write(&self) -> io::Result<()> {
        let mut keep = BTreeSet::new();
        for (name, contents) in &self.files {
            let path = self.dir.join(name);
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            if std::fs::read(&path).ok().as_ref() != Some(contents) {
                std::fs::write(&path, contents)?;
            }
            keep.insert(path);
        }
        let mut folders = vec![self.dir.join("src")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).into_iter().flatten() {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if !keep.contains(&path) {
                    std::fs::remove_file(&path)?;
                }
            }
        }
        Ok(())
    }

    /// Builds all targets at several levels, side by side: much of rustc's work on one crate is one thread's.
    pub fn build_at(&self, cargo: &OsStr, levels: &[Level]) -> Result<(), String> {
        let built = parallel::each(levels.to_vec(), |level| self.build(cargo, level));
        built.into_iter().collect()
    }

    /// Builds all targets. The error is what rustc said, one line for each message.
    pub fn build(&self, cargo: &OsStr, level: Level) -> Result<(), String> {
        let mut command = Command::new(cargo);
        command
            .arg("build")
            .args(["--quiet", "--keep-going", "--message-format=short"]);
        match &self.target {
            // It has no dependency but the runtime.
            None => drop(command.arg("--offline")),
            Some((target, rustc)) => {
                command.args(["--target", target]);
                command.envs(rustc.iter().map(|rustc| ("RUSTC", rustc)));
            }
        }
        if level == Level::O3 {
            command.arg("--release");
        }
        command
            .arg("--manifest-path")
            .arg(self.dir.join("Cargo.toml"));
        command
            .arg("--target-dir")
            .arg(self.target())
            .current_dir(&self.dir);
        for name in [
            "CARGO_TARGET_DIR",
            "CARGO_BUILD_TARGET",
            "CARGO_ENCODED_RUSTFLAGS",
            "CARGO_MANIFEST_DIR",
        ] {
            command.env_remove(name);
        }
        let output = command
            .output()
            .map_err(|e| format!("cargo cannot be run: {e}"))?;
        if output.status.success() {
            return Ok(());
        }
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// One target folder for all generated packages, so that the runtime is built once.
    fn target(&self) -> PathBuf {
        self.dir.parent().unwrap_or(&self.dir).join("build")
    }

    /// The executable of one of the package's binaries.
    pub fn executable(&self, level: Level, name: &str) -> PathBuf {
        let folder = match &self.target {
            None => self.target(),
            Some((target, _)) => return self.target().join(target).join(level.folder()).join(name),
        };
        folder
            .join(level.folder())
            .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }
}

/// Runs `command` for at most `limit`; its output is taken whole. An overrun ends in an error.
pub fn run(command: &mut Command, limit: Duration) -> io::Result<Output> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let take = |pipe: Option<Box<dyn io::Read + Send>>| {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            // A pipe that breaks gives what came before.
            let _ = pipe.map(|mut p| p.read_to_end(&mut bytes));
            bytes
        })
    };
    let out = take(child.stdout.take().map(|p| Box::new(p) as _));
    let err = take(child.stderr.take().map(|p| Box::new(p) as _));
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break Some(status);
        }
        if start.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            break None;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let (stdout, stderr) = (
        out.join().unwrap_or_default(),
        err.join().unwrap_or_default(),
    );
    match status {
        Some(status) => Ok(Output {
            status,
            stdout,
            stderr,
        }),
        None => Err(io::Error::new(
            io::ErrorKind::TimedOut,
            format!("took longer than {limit:?}"),
        )),
    }
}
