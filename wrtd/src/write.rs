//! Output, whole or not at all: written beside its place and renamed. What was there stays until then.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use tempfile::{NamedTempFile, TempDir};

use crate::Refused;
use crate::package::{MARK, PARTS, Tree};

/// Refuses a place where no file can be written, before any work is done for it.
pub(crate) fn check_file(path: &Path) -> Result<()> {
    let why = match fs::metadata(path) {
        Ok(found) if found.is_dir() => "is a folder",
        Ok(_) => return Ok(()),
        Err(_) if path.file_name().is_none() => "is no file name",
        Err(_) if !folder(path).is_dir() => "is in a folder that does not exist",
        Err(_) => return Ok(()),
    };
    Err(Refused(format!("{}: cannot write: it {why}", path.display())).into())
}

/// Writes `files`: the first to `path`, the others beside it under their names.
pub(crate) fn files(path: &Path, files: &[wrt_build::File]) -> Result<()> {
    check_file(path)?;
    // A link stays a link.
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let mut staged = Vec::new();
    for (n, file) in files.iter().enumerate() {
        let path = if n == 0 {
            path.clone()
        } else {
            path.with_file_name(&file.name)
        };
        if fs::metadata(&path).is_ok_and(|found| !found.is_file()) {
            // A device or a pipe: nothing to replace.
            let done = File::options()
                .write(true)
                .open(&path)
                .and_then(|mut f| f.write_all(&file.contents));
            match done {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Err(error.into()),
                done => done.map_err(|e| cannot(&path, e))?,
            }
        } else {
            staged.push((
                stage(&path, &file.contents).map_err(|e| cannot(&path, e))?,
                path,
            ));
        }
    }
    // The root last, since it refers to the others.
    staged
        .into_iter()
        .rev()
        .try_for_each(|(file, path)| persist(file, &path))
}

/// Copies the executable `from` to `path`.
pub(crate) fn executable(from: &Path, path: &Path) -> Result<()> {
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let staged = NamedTempFile::new_in(folder(path)).and_then(|file| {
        // Permissions are copied too.
        fs::copy(from, file.path())?;
        Ok(file)
    });
    persist(staged.map_err(|e| cannot(path, e))?, path)
}

/// Writes the files of `tree` below `dir`.
pub(crate) fn tree(dir: &Path, tree: &Tree) -> Result<()> {
    for (name, contents) in tree {
        let path = dir.join(name);
        let made = path.parent().map_or(Ok(()), fs::create_dir_all);
        made.and_then(|()| fs::write(&path, contents))
            .map_err(|e| cannot(&path, e))?;
    }
    Ok(())
}

/// Refuses a folder for a package that holds anything else, unless `force` is given.
pub(crate) fn check_package(dir: &Path, force: bool) -> Result<()> {
    let refused =
        |why: &str| Err(Refused(format!("{}: cannot write: {why}", dir.display())).into());
    match fs::metadata(dir) {
        Ok(found) if !found.is_dir() => return refused("it is no folder"),
        Ok(_) => {}
        Err(_) if dir.file_name().is_none() => return refused("it is no file name"),
        Err(_) if !folder(dir).is_dir() => return refused("it is in a folder that does not exist"),
        Err(_) => return Ok(()),
    }
    let empty = fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_none());
    let manifest = fs::read_to_string(dir.join("Cargo.toml")).unwrap_or_default();
    if empty || manifest.starts_with(MARK) || force {
        return Ok(());
    }
    refused(
        "it holds files that wrtd did not write; --force replaces src, wrt-rt and Cargo.toml there",
    )
}

/// Writes the package `package` to the folder `dir`. Of what was there, the generated parts are replaced, all or
/// none of them, and the rest stays.
pub(crate) fn package(dir: &Path, package: &Tree) -> Result<()> {
    let new = TempDir::with_prefix_in(".wrtd-", folder(dir)).map_err(|e| cannot(dir, e))?;
    tree(&new.path().join("new"), package)?;
    let made = fs::create_dir_all(dir).and_then(|()| fs::create_dir(new.path().join("old")));
    made.map_err(|e| cannot(dir, e))?;
    let mut moved: Vec<(PathBuf, PathBuf)> = Vec::new();
    let swap = |moved: &mut Vec<(PathBuf, PathBuf)>| -> io::Result<()> {
        for part in PARTS {
            let place = dir.join(part);
            let old = new.path().join("old").join(part);
            if fs::symlink_metadata(&place).is_ok() {
                fs::rename(&place, &old)?;
                moved.push((old, place.clone()));
            }
            let fresh = new.path().join("new").join(part);
            fs::rename(&fresh, &place)?;
            moved.push((place, fresh));
        }
        Ok(())
    };
    let swapped = swap(&mut moved);
    if swapped.is_err() {
        // Back again; where that fails too, nothing more can be done.
        for (now, before) in moved.into_iter().rev() {
            let _ = fs::rename(now, before);
        }
    }
    swapped.map_err(|e| cannot(dir, e))
}

fn stage(path: &Path, contents: &[u8]) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // What the system leaves of it is what any new file gets.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.prefix(".wrtd-").tempfile_in(folder(path))?;
    file.write_all(contents)?;
    if let Ok(found) = fs::metadata(path) {
        file.as_file().set_permissions(found.permissions())?;
    }
    Ok(file)
}

fn persist(file: NamedTempFile, path: &Path) -> Result<()> {
    file.persist(path).map_err(|e| cannot(path, e.error))?;
    Ok(())
}

/// The folder that `path` is in.
fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

fn cannot(path: &Path, error: io::Error) -> anyhow::Error {
    anyhow!("{}: cannot write: {error}", path.display())
}
