//! The file of a run that was saved: all that `wrtd resume` needs, so that it goes on wherever it is carried.
//!
//! Out goes, after the magic number: name, options and grants of the run, the module, and the interpreter's snapshot;
//! at the end the SHA-256 of it all, which tells damage. It is no signature: whoever can write the file decides what
//! runs, within the limits that it states, and the snapshot is checked when it is restored.

use sha2::{Digest, Sha256};
use wrt_rt::Stats;

use crate::grants::{Folder, Grants, Steps};

/// Magic number and version.
const MAGIC: &[u8] = b"wrtd run 2\n";

/// A run that was saved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Saved {
    /// The module's file, for messages.
    pub(crate) name: String,
    /// Options that were given, by key.
    pub(crate) options: Vec<(String, String)>,
    pub(crate) grants: Grants,
    /// What the monotonic clock showed.
    pub(crate) passed: u64,
    /// How many random bytes were given.
    pub(crate) drawn: u64,
    /// What was counted, if it was. Fuel is in the snapshot.
    pub(crate) stats: Option<Stats>,
    /// The binary module.
    pub(crate) module: Vec<u8>,
    /// The run, as the interpreter saves it.
    pub(crate) snapshot: Vec<u8>,
}

impl Saved {
    /// The file's contents.
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        put(&mut out, self.name.as_bytes());
        put_number(&mut out, self.options.len() as u64);
        for (key, value) in &self.options {
            put(&mut out, key.as_bytes());
            put(&mut out, value.as_bytes());
        }
        put_grants(&mut out, &self.grants);
        put_number(&mut out, self.passed);
        put_number(&mut out, self.drawn);
        put_number(&mut out, self.stats.iter().len() as u64);
        self.stats
            .iter()
            .for_each(|stats| put_stats(&mut out, stats));
        put(&mut out, &self.module);
        put(&mut out, &self.snapshot);
        let sum = Sha256::digest(&out);
        out.extend_from_slice(&sum);
        out
    }

    /// The error says why these bytes are no saved run.
    pub(crate) fn read(bytes: &[u8]) -> Result<Saved, &'static str> {
        const OTHER: &str = "no run that this version of wrtd saved";
        const DAMAGED: &str = "a saved run, but damaged";
        let rest = bytes.strip_prefix(MAGIC).ok_or(OTHER)?;
        let (_, sum) = rest.split_last_chunk::<32>().ok_or(DAMAGED)?;
        let summed = &bytes[..bytes.len() - sum.len()];
        if Sha256::digest(summed)[..] != sum[..] {
            return Err(DAMAGED);
        }
        let mut rest = &summed[MAGIC.len()..];
        let saved = Saved::fields(&mut rest).ok_or(DAMAGED)?;
        if rest.is_empty() {
            Ok(saved)
        } else {
            Err(DAMAGED)
        }
    }

    fn fields(from: &mut &[u8]) -> Option<Saved> {
        Some(Saved {
            name: take_text(from)?,
            options: take_list(from, |from| Some((take_text(from)?, take_text(from)?)))?,
            grants: take_grants(from)?,
            passed: take_number(from)?,
            drawn: take_number(from)?,
            stats: take_list(from, take_stats)?.pop(),
            module: take(from)?,
            snapshot: take(from)?,
        })
    }
}

fn put_number(out: &mut Vec<u8>, n: u64) {
    out.extend_from_slice(&n.to_le_bytes());
}

fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    put_number(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn take_number(from: &mut &[u8]) -> Option<u64> {
    let (n, rest) = from.split_first_chunk()?;
    *from = rest;
    Some(u64::from_le_bytes(*n))
}

fn put_grants(out: &mut Vec<u8>, grants: &Grants) {
    put_number(out, grants.args.len() as u64);
    grants.args.iter().for_each(|arg| put(out, arg));
    put_number(out, grants.vars.len() as u64);
    for (name, value) in &grants.vars {
        put(out, name);
        put(out, value);
    }
    put_number(out, grants.folders.len() as u64);
    for folder in &grants.folders {
        put(out, folder.host.as_bytes());
        put(out, folder.guest.as_bytes());
        put_number(out, folder.read_only.into());
    }
    put_number(out, grants.clock.iter().len() as u64);
    if let Some(clock) = grants.clock {
        put_number(out, clock.start);
        put_number(out, clock.step);
    }
    put_number(out, grants.seed.iter().len() as u64);
    grants.seed.iter().for_each(|seed| put_number(out, *seed));
}

fn take_grants(from: &mut &[u8]) -> Option<Grants> {
    Some(Grants {
        args: take_list(from, take)?,
        vars: take_list(from, |from| Some((take(from)?, take(from)?)))?,
        folders: take_list(from, |from| {
            Some(Folder {
                host: take_text(from)?,
                guest: take_text(from)?,
                read_only: take_number(from)? != 0,
            })
        })?,
        clock: take_list(from, |from| {
            Some(Steps {
                start: take_number(from)?,
                step: take_number(from)?,
            })
        })?
        .pop(),
        seed: take_list(from, take_number)?.pop(),
    })
}

fn put_stats(out: &mut Vec<u8>, stats: &Stats) {
    put_number(out, stats.calls);
    put_number(out, stats.host_calls);
    put_number(out, stats.memory_accesses);
    put_number(out, stats.peak_depth.into());
    put_number(out, stats.peak_pages.into());
    stats.instructions.iter().for_each(|n| put_number(out, *n));
}

fn take_stats(from: &mut &[u8]) -> Option<Stats> {
    let mut stats = Stats::default();
    stats.calls = take_number(from)?;
    stats.host_calls = take_number(from)?;
    stats.memory_accesses = take_number(from)?;
    stats.peak_depth = take_number(from)?.try_into().ok()?;
    stats.peak_pages = take_number(from)?.try_into().ok()?;
    for n in &mut stats.instructions {
        *n = take_number(from)?;
    }
    Some(stats)
}

fn take(from: &mut &[u8]) -> Option<Vec<u8>> {
    let len = take_number(from)?;
    let (bytes, rest) = from.split_at_checked(usize::try_from(len).ok()?)?;
    *from = rest;
    Some(bytes.to_vec())
}

fn take_text(from: &mut &[u8]) -> Option<String> {
    String::from_utf8(take(from)?).ok()
}

/// A list ends with the input at the latest, since each item takes some.
fn take_list<T>(from: &mut &[u8], mut item: impl FnMut(&mut &[u8]) -> Option<T>) -> Option<Vec<T>> {
    let len = take_number(from)?;
    (0..len).map(|_| item(from)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_damage_is_seen() {
        let saved = Saved {
            name: "app.wasm".to_string(),
            options: vec![("max_locals".to_string(), "9".to_string())],
            grants: Grants {
                args: vec![b"app.wasm".to_vec(), b"\xff".to_vec()],
                vars: vec![(b"NAME".to_vec(), b"a=b".to_vec())],
                folders: vec![Folder {
                    host: "/srv".to_string(),
                    guest: "/".to_string(),
                    read_only: true,
                }],
                clock: Some(Steps { start: 5, step: 1 }),
                seed: Some(3),
            },
            passed: 7,
            drawn: 8,
            stats: Some(Stats::default()),
            module: b"\0asm".to_vec(),
            snapshot: vec![1, 2, 3],
        };
        let bytes = saved.write();
        assert_eq!(Saved::read(&bytes), Ok(saved));
        for cut in 0..bytes.len() {
            assert!(Saved::read(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert!(Saved::read(&damaged).is_err(), "damaged at {at}");
        }
    }

    #[test]
    fn forged_lengths_are_refused() {
        let whole = Saved::default().write();
        let fields = MAGIC.len()..whole.len() - 32;
        for at in fields {
            let mut forged = whole[..whole.len() - 32].to_vec();
            forged[at] = 0xff;
            let sum = Sha256::digest(&forged);
            forged.extend_from_slice(&sum);
            let _ = Saved::read(&forged);
        }
    }
}
