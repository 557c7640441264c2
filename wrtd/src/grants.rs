//! What the command line grants to a guest, and how it says so: the same options in `wrtd run` and `wrtd compile`.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt::Display;
use std::path::Path;
use std::str::FromStr;

use anyhow::Result;
use wrt_rt::wasi::std::StdCtx;
use wrt_wasi::{Access, Folders};

use crate::Refused;
use crate::guest::context::{Context, Setup};

/// The options.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Grants")]
pub(crate) struct Given {
    /// Grant the folder HOST and all that is below it, as GUEST or else by the name that HOST is given here; with :ro
    /// to read only. May be repeated
    #[arg(long, value_name = "HOST[::GUEST][:ro]")]
    pub(crate) dir: Vec<Folder>,

    /// Grant an environment variable: this value, or the one that it has here. May be repeated
    #[arg(long, value_name = "NAME[=VALUE]")]
    pub(crate) env: Vec<OsString>,

    /// Grant the whole environment; --env adds to it
    #[arg(long)]
    pub(crate) inherit_env: bool,

    /// Let time start at START and advance by STEP with each reading of a clock: 1ms unless given. Waiting takes no
    /// time. START is as 2026-01-31T12:00:00Z, or in nanoseconds since 1970
    #[arg(long, value_name = "START[,STEP]")]
    pub(crate) clock: Option<Steps>,

    /// Give random bytes that are the same whenever the seed is
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
}

impl Given {
    /// Whether anything is said.
    pub(crate) fn any(&self) -> bool {
        !self.dir.is_empty()
            || !self.env.is_empty()
            || self.inherit_env
            || self.clock.is_some()
            || self.seed.is_some()
    }
}

/// A granted folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Folder {
    /// Where it is, or where it will be when a program that has it starts.
    pub(crate) host: String,
    /// What the guest knows it by.
    pub(crate) guest: String,
    pub(crate) read_only: bool,
}

impl FromStr for Folder {
    type Err = String;

    fn from_str(text: &str) -> Result<Folder, String> {
        let (text, read_only) = match text.strip_suffix(":ro") {
            Some(text) => (text, true),
            None => (text, false),
        };
        let (host, guest) = text.split_once("::").unwrap_or((text, text));
        if host.is_empty() || guest.is_empty() {
            return Err("a folder has a name here, and one for the guest".to_string());
        }
        if text.contains('\0') {
            return Err("a zero byte is in no name".to_string());
        }
        Ok(Folder {
            host: host.to_string(),
            guest: guest.to_string(),
            read_only,
        })
    }
}

/// A clock that shows what it is told to. All is in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Steps {
    /// The first time that it shows, since 1970-01-01 UTC.
    pub(crate) start: u64,
    /// What each reading adds.
    pub(crate) step: u64,
}

/// One millisecond.
const STEP: u64 = 1_000_000;

impl FromStr for Steps {
    type Err = String;

    fn from_str(text: &str) -> Result<Steps, String> {
        let (start, step) = match text.split_once(',') {
            Some((start, step)) => (start, Some(step)),
            None => (text, None),
        };
        let start = start.parse().ok().or_else(|| time(start)).ok_or(
            "the start is a time from 1970 to 2554 as 2026-01-31T12:00:00Z, or in nanoseconds since 1970",
        )?;
        let step = match step {
            None => STEP,
            Some(step) => duration(step)
                .ok_or("the step is as 500, 500ns, 20us, 1ms or 2s; 0 lets time stand")?,
        };
        Ok(Steps { start, step })
    }
}

/// A number with its unit, nanoseconds if there is none.
fn duration(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "" | "ns" => 1,
        "us" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(unit)
}

/// A date, or a date and time of UTC, in nanoseconds since 1970.
fn time(text: &str) -> Option<u64> {
    let (date, time) = match text.split_once(['T', 't', ' ']) {
        Some((date, time)) => (date, time.strip_suffix(['Z', 'z'])?),
        None => (text, "00:00:00"),
    };
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
    let in_month = match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=in_month).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    if fraction.len() > 9 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let nanoseconds: u64 = format!("{fraction:0<9}").parse().ok()?;
    // Years begin in March, so that the day which some lack is their last.
    let year = if month > 2 {
        year
    } else {
        year.checked_sub(1)?
    };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = year * 365 + year / 4 - year / 100 + year / 400 + day_of_year;
    let days = days.checked_sub(719_468)?;
    let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second;
    seconds.checked_mul(1_000_000_000)?.checked_add(nanoseconds)
}

/// Numbers of so many digits.
fn numbers<const N: usize>(text: &str, between: char, digits: [usize; N]) -> Option<[u64; N]> {
    let mut numbers = [0; N];
    let mut parts = text.split(between);
    for (number, digits) in numbers.iter_mut().zip(digits) {
        let part = parts.next()?;
        if part.len() != digits || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

/// What a guest gets. Bytes are as the guest sees them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Grants {
    /// Its arguments; the first is the name of its file.
    pub(crate) args: Vec<Vec<u8>>,
    /// Its environment, by name.
    pub(crate) vars: Vec<(Vec<u8>, Vec<u8>)>,
    /// Its folders, by paths that mean the same in any folder.
    pub(crate) folders: Vec<Folder>,
    /// Its clocks, if they are not those of the system.
    pub(crate) clock: Option<Steps>,
    /// Where its random bytes come from, if not from the system.
    pub(crate) seed: Option<u64>,
}

impl Grants {
    /// Those for the module in `file`, to run it in this process or below it.
    pub(crate) fn new(file: &Path, args: &[OsString], given: &Given) -> Result<Grants> {
        let name = file.file_name().unwrap_or(OsStr::new(""));
        let args = [name]
            .into_iter()
            .chain(args.iter().map(OsString::as_os_str));
        let args = args.map(|arg| arg.as_encoded_bytes().to_vec()).collect();
        let mut vars: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
        if given.inherit_env {
            let bytes = OsString::into_encoded_bytes;
            vars.extend(env::vars_os().map(|(name, value)| (bytes(name), bytes(value))));
        }
        for text in &given.env {
            let (name, value) = variable(text)?;
            let here = || env::var_os(text).map(OsString::into_encoded_bytes);
            if let Some(value) = value.or_else(here) {
                vars.retain(|(other, _)| *other != name);
                vars.push((name, value));
            }
        }
        let folders = given.dir.iter().map(Folder::absolute);
        Ok(Grants {
            args,
            vars,
            folders: folders.collect::<Result<_>>()?,
            clock: given.clock,
            seed: given.seed,
        })
    }
}

impl Grants {
    /// The context that grants them, and streams. It goes on where so much time has passed, and so many random bytes
    /// were given. The error says which folder there is not.
    pub(crate) fn context(&self, passed: u64, drawn: u64) -> Result<Context<Folders>> {
        let std = StdCtx::new().args(&self.args);
        let vars = self.vars.iter();
        let std = vars.fold(std, |std, (name, value)| std.env(name, value));
        let mut folders = Folders::new();
        for Folder {
            host,
            guest,
            read_only,
        } in &self.folders
        {
            let access = match read_only {
                true => Access::ReadOnly,
                false => Access::ReadWrite,
            };
            folders = folders
                .folder(host, guest, access)
                .map_err(|e| no_folder(host, &e))?;
        }
        let setup = Setup {
            clock: self.clock.map(|clock| (clock.start, clock.step)),
            seed: self.seed,
            passed,
            drawn,
        };
        Ok(Context::new(std, folders, setup))
    }
}

fn no_folder(host: &str, why: &dyn Display) -> Refused {
    Refused(format!("--dir {host}: cannot open the folder: {why}"))
}

impl Folder {
    /// With a path that means the same in any folder. Refuses what is no folder.
    fn absolute(&self) -> Result<Folder> {
        let refused = |why: &dyn Display| no_folder(&self.host, why);
        let path = Path::new(&self.host)
            .canonicalize()
            .map_err(|e| refused(&e))?;
        if !path.is_dir() {
            return Err(refused(&"it is none").into());
        }
        let host = path
            .to_str()
            .ok_or_else(|| refused(&"its name is no UTF-8"))?;
        Ok(Folder {
            host: host.to_string(),
            ..self.clone()
        })
    }
}

/// A variable as `--env` names it, with its value if that is said.
pub(crate) fn variable(text: &OsStr) -> Result<(Vec<u8>, Option<Vec<u8>>)> {
    let bytes = text.as_encoded_bytes();
    let (name, value) = match bytes.iter().position(|b| *b == b'=') {
        Some(at) => (&bytes[..at], Some(bytes[at + 1..].to_vec())),
        None => (bytes, None),
    };
    if name.is_empty() {
        return Err(Refused("--env takes NAME or NAME=VALUE".to_string()).into());
    }
    Ok((name.to_vec(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(text: &str) -> Option<(String, String, bool)> {
        let folder: Folder = text.parse().ok()?;
        Some((folder.host, folder.guest, folder.read_only))
    }

    #[test]
    fn folders() {
        let is = |host: &str, guest: &str, read_only| {
            Some((host.to_string(), guest.to_string(), read_only))
        };
        assert_eq!(folder("data"), is("data", "data", false));
        assert_eq!(folder("data:ro"), is("data", "data", true));
        assert_eq!(folder("/srv/x::/data"), is("/srv/x", "/data", false));
        assert_eq!(folder(".::/:ro"), is(".", "/", true));
        assert_eq!(folder("a:ro::b"), is("a:ro", "b", false));
        assert_eq!(folder("a::b::c"), is("a", "b::c", false));
        for text in ["", ":ro", "::/data", "data::", "data:::ro"] {
            assert_eq!(folder(text), None, "{text}");
        }
    }

    #[test]
    fn clocks() {
        let is = |text: &str| text.parse::<Steps>().ok().map(|c| (c.start, c.step));
        assert_eq!(is("0"), Some((0, STEP)));
        assert_eq!(is("1970-01-01"), Some((0, STEP)));
        assert_eq!(is("1970-01-01T00:00:01.5Z,0"), Some((1_500_000_000, 0)));
        assert_eq!(
            is("2000-03-01,20us"),
            Some((951_868_800_000_000_000, 20_000))
        );
        assert_eq!(
            is("2024-02-29T23:59:59Z,2s"),
            Some((1_709_251_199_000_000_000, 2_000_000_000))
        );
        assert_eq!(
            is("2026-01-01T00:00:00Z"),
            Some((1_767_225_600_000_000_000, STEP))
        );
        for text in [
            "",
            "now",
            "1969-12-31",
            "2023-02-29",
            "2026-13-01",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:00",
            "9999-01-01",
            "1,1h",
            "1,",
            "2026-1-1",
            "1,-5",
            "2026-01-01T00:00:00+01:00",
        ] {
            assert_eq!(is(text), None, "{text}");
        }
    }
}
