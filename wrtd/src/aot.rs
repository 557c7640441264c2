//! A run of compiled code: an executable of the module is built once, kept, and then becomes this process.
//!
//! What decides the code is in the executable, and in the name under which it is kept; limits, arguments, variables and
//! what is called reach it through its environment.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result, anyhow, bail};
use sha2::{Digest, Sha256};
use wrt_build::{Input, Layout, Options, shown};
use wrt_interp::{Limits, Val};

use crate::call::Call;
use crate::grants::Grants;
use crate::log::Level;
use crate::package::{self, Program};
use crate::processor::{self, Runs};
use crate::run::{Ends, Format};
use crate::{Refused, command, native};

/// Name of the package, whatever the module is called.
const NAME: &str = "module";

/// The folder where executables are kept, if the environment does not say so in `WRTD_CACHE`.
fn cache() -> Result<PathBuf> {
    let var = |name| {
        env::var_os(name)
            .filter(|dir| !dir.is_empty())
            .map(PathBuf::from)
    };
    let home = || var("HOME");
    let place = if let Some(dir) = var("WRTD_CACHE") {
        Some(dir)
    } else if cfg!(windows) {
        var("LOCALAPPDATA").map(|dir| dir.join("wrtd/cache"))
    } else if cfg!(target_vendor = "apple") {
        home().map(|dir| dir.join("Library/Caches/wrtd"))
    } else {
        let place = var("XDG_CACHE_HOME").filter(|dir| dir.is_absolute());
        place
            .or(home().map(|dir| dir.join(".cache")))
            .map(|dir| dir.join("wrtd"))
    };
    place.ok_or(
        Refused("--engine aot needs a folder to keep executables in: set WRTD_CACHE".to_string())
            .into(),
    )
}

/// Runs `call` of the module `input`, as an executable that is built if there is none yet. Gives the exit status, if
/// this process is still there then.
pub(crate) fn run(
    input: Input,
    limits: Limits,
    grants: &Grants,
    call: &Call,
    ends: &Ends,
) -> Result<i32> {
    let shown_file = input.path().map(shown).unwrap_or_default();
    let exe = executable(input, !grants.folders.is_empty(), ends.log)?;
    let mut command = Command::new(&exe);
    let mut set = |key: &str, value: &str| {
        command.env(format!("WRTD_RUN_{key}"), value);
    };
    for (key, n) in [
        ("FUEL", limits.fuel),
        ("DEPTH", limits.depth.into()),
        ("PAGES", limits.memory_pages.into()),
        ("ELEMENTS", limits.table_elements.into()),
        ("INITIALIZE", call.initialize.into()),
        ("ARGS", grants.args.len() as u64),
        ("VARS", grants.vars.len() as u64),
        ("FOLDERS", grants.folders.len() as u64),
    ] {
        set(key, &n.to_string());
    }
    let values: Vec<String> = call.args.iter().map(|val| encode(*val)).collect();
    let format = match ends.stats {
        None => "",
        Some(Format::Table) => "table",
        Some(Format::Json) => "json",
    };
    set("STATS", format);
    set("FILE", &shown_file);
    set("CALL", &call.name);
    set("VALUES", &values.join(","));
    for (n, arg) in grants.args.iter().enumerate() {
        set(&format!("ARG_{n}"), &hex(arg));
    }
    for (n, (name, value)) in grants.vars.iter().enumerate() {
        set(&format!("NAME_{n}"), &hex(name));
        set(&format!("VALUE_{n}"), &hex(value));
    }
    for (n, folder) in grants.folders.iter().enumerate() {
        set(&format!("HOST_{n}"), &folder.host);
        set(&format!("GUEST_{n}"), &folder.guest);
        set(
            &format!("READ_ONLY_{n}"),
            &u8::from(folder.read_only).to_string(),
        );
    }
    if let Some(clock) = grants.clock {
        set("CLOCK", &clock.start.to_string());
        set("STEP", &clock.step.to_string());
    }
    if let Some(seed) = grants.seed {
        set("SEED", &seed.to_string());
    }
    become_it(command).with_context(|| format!("cannot start {}", shown(&exe)))
}

/// The executable of the module, with `folders` if it can use them, built if need be.
fn executable(mut input: Input, folders: bool, log: Level) -> Result<PathBuf> {
    // Given when it runs.
    let defaults = Options::default();
    input.options.max_memory_pages = defaults.max_memory_pages;
    input.options.max_table_elements = defaults.max_table_elements;
    input.options.max_call_depth = None;
    input.options.module_name = NAME.to_string();
    input.options.layout = Layout::Crate;
    let exe = cache()?
        .join(key(&input, folders)?)
        .with_extension(env::consts::EXE_EXTENSION);
    if exe.is_file() {
        log.say(Level::Debug, "wrtd", format!("kept in {}", exe.display()));
        return Ok(exe);
    }
    log.say(Level::Debug, "wrtd", format!("building {}", exe.display()));
    let output = input.compile().map_err(|e| Refused(e.to_string()))?;
    let (has_host, has_files) = command::needs(&input)?;
    let program = program(has_host, has_files && folders);
    let needs = program.needs();
    let tree = package::tree(output, &input.options, Some(program), true);
    if let Some(dir) = exe.parent() {
        fs::create_dir_all(dir)
            .map_err(|e| anyhow!("{}: cannot make the folder: {e}", shown(dir)))?;
    }
    native::build(&tree, NAME, needs, Runs::Here, &exe)?;
    Ok(exe)
}

/// What tells executables apart: the module and its options, folders, this program, the compiler behind it, and the
/// processor.
fn key(input: &Input, folders: bool) -> Result<String> {
    let rustc = Command::new("rustc").arg("-vV").output();
    let rustc = match rustc {
        Ok(output) if output.status.success() => output.stdout,
        _ => {
            native::check_cargo("--engine aot", "use --engine interp")?;
            bail!("`rustc -vV` failed");
        }
    };
    let this = env::current_exe()
        .and_then(fs::metadata)
        .context("cannot find this program")?;
    let modified = this
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let flags = ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET"].map(env::var_os);
    let about = format!(
        "{} {} {modified:?} {flags:?} {:?} {folders} {:?}",
        crate::version(),
        this.len(),
        processor::flags(Runs::Here),
        input.options
    );
    let mut hash = Sha256::new();
    for part in [about.as_bytes(), &rustc, input.sources()[0].bytes] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let hash = hash.finalize();
    Ok(hex(&hash))
}

/// The program around the module.
fn program(has_host: bool, folders: bool) -> Program {
    let context = include_str!("guest/aot_context.txt");
    let (host, arg, ty, context) = match has_host {
        true => (
            include_str!("guest/aot_host.txt"),
            "host, ",
            "Instance<Context>",
            context,
        ),
        false => ("", "", "Instance", ""),
    };
    let files = match folders {
        true => include_str!("guest/aot_folders.txt"),
        false => include_str!("guest/aot_no_files.txt"),
    };
    let main = include_str!("guest/aot_main.txt")
        .replace("INSTANCE_TYPE_HERE", ty)
        .replace("INSTANCE_HERE", "Instance")
        .replace("CONTEXT_HERE", context)
        .replace("FILES_HERE", files.trim_end())
        .replace("HOST_HERE", host)
        .replace("HOST_ARG_HERE", arg)
        .replace("use NAME::", &format!("use {NAME}::"));
    let parts = [
        ("src/main.rs", &*main),
        ("src/guest/context.rs", include_str!("guest/context.rs")),
        ("src/guest/stats.rs", include_str!("guest/stats.rs")),
        ("src/guest/values.rs", include_str!("guest/values.rs")),
    ];
    let files = parts.map(|(name, text)| (name.to_string(), text.as_bytes().to_vec()));
    Program {
        files: files.to_vec(),
        folders,
    }
}

/// A value, to the bit; references that can be given are null.
fn encode(value: Val) -> String {
    match value {
        Val::I32(n) => format!("i32:{n:x}"),
        Val::I64(n) => format!("i64:{n:x}"),
        Val::F32(x) => format!("f32:{:x}", x.to_bits()),
        Val::F64(x) => format!("f64:{:x}", x.to_bits()),
        Val::FuncRef(_) => "funcref:0".to_string(),
        _ => "externref:0".to_string(),
    }
}

/// Two digits for each byte.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Ends as `command` ends. Returns if it cannot be started.
#[cfg(unix)]
fn become_it(mut command: Command) -> Result<i32> {
    use std::os::unix::process::CommandExt;
    Err(command.exec().into())
}

/// Waits for `command`, and gives its exit status.
#[cfg(not(unix))]
fn become_it(mut command: Command) -> Result<i32> {
    Ok(command.status()?.code().unwrap_or(125))
}
