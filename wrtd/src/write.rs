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
    Err(Refused(format!(
        "{}: cannot write: it {why}",
        wrt_build::shown(path)
    ))
    .into())
}

/// As [`check_file`], for what is always a new file: a device is no place for it.
pub(crate) fn check_executable(path: &Path) -> Result<()> {
    check_file(path)?;
    if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return Err(Refused(format!(
            "{}: cannot write: it is no file",
            wrt_build::shown(path)
        ))
        .into());
    }
    Ok(())
}

/// Writes `files`: the first to `path`, the others beside it under their names.
pub(crate) fn files(path: &Path, files: &[wrt_build::File]) -> Result<()> {
    check_file(path)?;
    let mut staged = Vec::new();
    for (n, file) in files.iter().enumerate() {
        let path = match n {
            0 => path.to_path_buf(),
            _ => path.with_file_name(&file.name),
        };
        staged.extend(put(&path, &file.contents)?.map(|file| (file, path)));
    }
    // The root last, since it refers to the others.
    let mut staged = staged.into_iter().rev();
    staged.try_for_each(|(file, path)| persist(file, &path))
}

/// Writes `text` to `path`.
pub(crate) fn text(path: &Path, text: &str) -> Result<()> {
    check_file(path)?;
    match put(path, text.as_bytes())? {
        Some(file) => persist(file, path),
        None => Ok(()),
    }
}

/// Writes `contents` beside `path`, to be renamed; to a device or a pipe, which is not replaced, at once.
fn put(path: &Path, contents: &[u8]) -> Result<Option<NamedTempFile>> {
    if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        send(path, contents).map_err(|e| cannot(path, e))?;
        return Ok(None);
    }
    stage(path, contents).map(Some).map_err(|e| cannot(path, e))
}

/// Writes to a device or a pipe, whose reader may go away.
fn send(path: &Path, contents: &[u8]) -> io::Result<()> {
    let written = File::options()
        .write(true)
        .open(path)
        .and_then(|mut f| f.write_all(contents));
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Copies the executable `from` to `path`.
pub(crate) fn executable(from: &Path, path: &Path) -> Result<()> {
    let target = target(path);
    let staged = NamedTempFile::new_in(folder(&target)).and_then(|file| {
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
        |why: &str| Err(Refused(format!("{}: cannot write: {why}", wrt_build::shown(dir))).into());
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
    let is_new = !dir.exists();
    if is_new {
        fs::create_dir(dir).map_err(|e| cannot(dir, e))?;
    }
    let result = replace_parts(dir, package);
    if result.is_err() && is_new {
        // Empty again, if all went as it should.
        let _ = fs::remove_dir(dir);
    }
    result
}

fn replace_parts(dir: &Path, package: &Tree) -> Result<()> {
    let stage = TempDir::with_prefix_in(".wrtd-", dir).map_err(|e| cannot(dir, e))?;
    let (new, old) = (stage.path().join("new"), stage.path().join("old"));
    tree(&new, package)?;
    fs::create_dir(&old).map_err(|e| cannot(dir, e))?;
    let mut moved: Vec<(PathBuf, PathBuf)> = Vec::new();
    let mut rename =
        |from: PathBuf, to: PathBuf| fs::rename(&from, &to).map(|()| moved.push((to, from)));
    let swapped = PARTS.iter().try_for_each(|part| {
        let place = dir.join(part);
        if fs::symlink_metadata(&place).is_ok() {
            rename(place.clone(), old.join(part))?;
        }
        let part = new.join(part);
        if part.exists() {
            rename(part, place)
        } else {
            Ok(())
        }
    });
    if swapped.is_err() {
        // Back again; where that fails too, nothing more can be done.
        for (now, before) in moved.iter().rev() {
            let _ = fs::rename(now, before);
        }
    }
    swapped.map_err(|e| cannot(dir, e))
}

fn stage(path: &Path, contents: &[u8]) -> io::Result<NamedTempFile> {
    let target = target(path);
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // What the system leaves of it is what any new file gets.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.prefix(".wrtd-").tempfile_in(folder(&target))?;
    file.as_file_mut().write_all(contents)?;
    if let Ok(found) = fs::metadata(&target) {
        file.as_file().set_permissions(found.permissions())?;
    }
    Ok(file)
}

fn persist(file: NamedTempFile, path: &Path) -> Result<()> {
    file.persist(target(path))
        .map_err(|e| cannot(path, e.error))?;
    Ok(())
}

/// Where `path` leads: a link stays a link.
fn target(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
}

/// The folder that `path` is in.
fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

fn cannot(path: &Path, error: io::Error) -> anyhow::Error {
    anyhow!("{}: cannot write: {error}", wrt_build::shown(path))
}
