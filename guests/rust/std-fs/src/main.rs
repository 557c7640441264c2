//! A WASI command that uses the whole of `std::fs` in the folder that its first argument names, and prints what comes
//! of it.

use std::fmt::Debug;
use std::fs::{self, File, FileTimes, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, SystemTime};

fn say<T: Debug>(what: &str, result: io::Result<T>) {
    match result {
        Ok(value) => println!("{what}: {value:?}"),
        Err(error) => println!("{what}: {:?}", error.kind()),
    }
}

fn names(dir: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        let mark = match (kind.is_dir(), kind.is_symlink()) {
            (true, _) => "/",
            (_, true) => "@",
            _ => "",
        };
        names.push(format!("{}{mark}", entry.file_name().to_string_lossy()));
    }
    names.sort();
    Ok(names)
}

fn main() -> io::Result<()> {
    let root = std::env::args().nth(1).unwrap_or_else(|| ".".to_string());
    let root = Path::new(&root);
    let at = |name: &str| root.join(name);

    say("create_dir", fs::create_dir(at("one")));
    say("create_dir again", fs::create_dir(at("one")));
    say("create_dir_all", fs::create_dir_all(at("one/two/three")));
    say("write", fs::write(at("one/text"), "first\nsecond\nthird\n"));
    say("read_to_string", fs::read_to_string(at("one/text")));
    say("read", fs::read(at("none")));
    say("exists", fs::exists(at("one/text")));
    say("exists", fs::exists(at("none")));
    say("copy", fs::copy(at("one/text"), at("one/copy")));
    say("rename", fs::rename(at("one/copy"), at("one/two/moved")));
    say("hard_link", fs::hard_link(at("one/text"), at("one/same")));
    // What takes its place is not stable for WASI.
    #[allow(deprecated)]
    let linked = fs::soft_link("one/text", at("link"));
    say("soft_link", linked);
    say("read_link", fs::read_link(at("link")));
    say("read through it", fs::read_to_string(at("link")));
    say("canonicalize", fs::canonicalize(at("link")));
    say(
        "metadata",
        fs::metadata(at("link")).map(|m| (m.is_file(), m.len())),
    );
    say(
        "symlink_metadata",
        fs::symlink_metadata(at("link")).map(|m| m.is_symlink()),
    );
    say("read_dir", names(root));
    say("read_dir", names(&at("one")));
    say("read_dir", names(&at("none")));

    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(at("data"))?;
    say("write_all", file.write_all(b"0123456789"));
    say("seek", file.seek(SeekFrom::Start(3)));
    say("write", file.write(b"abc"));
    say("seek", file.seek(SeekFrom::Current(-1)));
    let mut text = String::new();
    say("read_to_string", file.read_to_string(&mut text));
    println!("  {text}");
    say("seek", file.seek(SeekFrom::End(-2)));
    say("stream_position", file.stream_position());
    say("set_len", file.set_len(4));
    say("set_len", file.set_len(6));
    say("metadata", file.metadata().map(|m| m.len()));
    say("rewind", file.rewind());
    let mut bytes = Vec::new();
    say("read_to_end", file.read_to_end(&mut bytes));
    println!("  {bytes:?}");
    say("sync_all", file.sync_all());
    say("sync_data", file.sync_data());
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_007);
    say(
        "set_times",
        file.set_times(FileTimes::new().set_accessed(time).set_modified(time)),
    );
    say(
        "modified",
        file.metadata()
            .and_then(|m| m.modified())
            .map(|t| t == time),
    );
    say("try_clone", file.try_clone().map(drop));
    drop(file);

    let mut log = OpenOptions::new()
        .append(true)
        .create(true)
        .open(at("log"))?;
    for n in 0..3 {
        writeln!(log, "line {n}")?;
    }
    say("append", fs::read_to_string(at("log")));
    say(
        "create_new",
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(at("log"))
            .map(drop),
    );
    say(
        "open for nothing",
        OpenOptions::new().open(at("log")).map(drop),
    );
    say(
        "write to one to read",
        File::open(at("log")).and_then(|mut f| f.write(b"x")),
    );
    say(
        "open a directory",
        File::open(at("one")).and_then(|mut f| f.read(&mut [0; 4])),
    );

    let mut out = BufWriter::new(File::create(at("big"))?);
    for n in 0..20_000 {
        writeln!(out, "{n} {}", n * n % 9973)?;
    }
    out.flush()?;
    let lines = BufReader::new(File::open(at("big"))?).lines();
    let sum: u64 = lines
        .map_while(Result::ok)
        .filter_map(|line| line.split_once(' ')?.1.parse::<u64>().ok())
        .sum();
    println!("big: {} bytes, {sum}", fs::metadata(at("big"))?.len());

    say("remove_dir", fs::remove_dir(at("one")));
    say("remove_file", fs::remove_file(at("one/two")));
    say("remove_file", fs::remove_file(at("one/text")));
    say("dangling", fs::metadata(at("link")).map(|m| m.len()));
    say("remove_dir_all", fs::remove_dir_all(at("one")));
    say("read_dir", names(root));
    say("up", fs::read_dir(at("../..")).map(drop));
    say("elsewhere", File::open("/etc/passwd").map(drop));
    say(
        "set_permissions",
        fs::metadata(at("log")).and_then(|m| fs::set_permissions(at("log"), m.permissions())),
    );
    Ok(())
}
