//! One flag for each option, made from the table that the build helper and the macro use: all of them where modules are
//! compiled, and where one runs those that a run heeds.

use std::marker::PhantomData;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use wrt_build::{KEYS, Key, Options};

/// What options are for.
pub(crate) trait Purpose: Clone {
    /// The heading above them.
    const HEADING: &str;

    /// Which there are.
    fn has(key: &Key) -> bool;
}

/// Rust source: all options.
#[derive(Clone, Debug, Default)]
pub(crate) struct Compiling;

impl Purpose for Compiling {
    const HEADING: &str = "Options of the compiler";

    fn has(_: &Key) -> bool {
        true
    }
}

/// A run: limits, and what a program can observe.
#[derive(Clone, Debug, Default)]
pub(crate) struct Running;

/// Options that a run heeds.
const OF_RUNS: &[&str] = &[
    "backtrace",
    "canonical_nans",
    "max_memory_pages",
    "max_table_elements",
    "max_call_depth",
    "max_function_bytes",
    "max_locals",
    "max_nesting",
    "max_br_table",
];

impl Purpose for Running {
    const HEADING: &str = "Limits and other options of the run";

    fn has(key: &Key) -> bool {
        OF_RUNS.contains(&key.name)
    }
}

/// The options that the command line sets, in the order of the table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flags<P = Compiling>(Vec<(&'static str, String)>, PhantomData<P>);

impl<P> Flags<P> {
    /// Sets `options` to what was given; the rest stays as it is.
    pub(crate) fn apply(&self, options: &mut Options) -> Result<(), String> {
        let mut set = |(key, value): &(&str, String)| wrt_build::set(options, key, value);
        self.0.iter().try_for_each(&mut set)
    }

    /// What was given, by key.
    pub(crate) fn list(&self) -> Vec<(String, String)> {
        let pairs = self.0.iter();
        pairs
            .map(|(key, value)| (key.to_string(), value.clone()))
            .collect()
    }

    /// Whether the option `key` was given.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.0.iter().any(|(k, _)| *k == key)
    }
}

impl<P: Purpose> Flags<P> {
    /// What [`list`](Flags::list) gave; what this version does not know is left out.
    pub(crate) fn given(list: &[(String, String)]) -> Flags<P> {
        let known = |(key, value): &(String, String)| {
            let key = keys::<P>().find(|k| k.name == key)?;
            Some((key.name, value.clone()))
        };
        Flags(list.iter().filter_map(known).collect(), PhantomData)
    }
}

/// `max_locals` as `max-locals`.
fn flag(key: &Key) -> String {
    key.name.replace('_', "-")
}

fn keys<P: Purpose>() -> impl Iterator<Item = &'static Key> {
    KEYS.iter().filter(|key| P::has(key))
}

fn arg<P: Purpose>(key: &'static Key) -> Arg {
    let arg = Arg::new(key.name).long(flag(key)).help_heading(P::HEADING);
    let help = key.help.trim_end_matches('.');
    if key.is_bool {
        arg.help(help)
            .value_name("BOOL")
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true")
            .value_parser(["true", "false"])
    } else if key.values.contains(", ") {
        let values: Vec<&str> = key.values.split(", ").collect();
        arg.help(help).value_name("WHICH").value_parser(values)
    } else {
        let parse = |text: &str| {
            let mut scratch = Options::default();
            wrt_build::set(&mut scratch, key.name, text).map(|()| text.to_string())
        };
        arg.help(help)
            .value_name(if key.values == "a number" {
                "N"
            } else {
                "IDENT"
            })
            .value_parser(parse)
    }
}

impl<P: Purpose> Args for Flags<P> {
    fn augment_args(command: Command) -> Command {
        command.args(keys::<P>().map(arg::<P>))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<P: Purpose> FromArgMatches for Flags<P> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = |key: &Key| Some((key.name, matches.get_one::<String>(key.name)?.clone()));
        Ok(Flags(keys::<P>().filter_map(given).collect(), PhantomData))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_a_flag() {
        let command = Flags::<Compiling>::augment_args(Command::new("test"));
        let flags: Vec<&str> = command.get_arguments().filter_map(Arg::get_long).collect();
        assert_eq!(flags, KEYS.iter().map(flag).collect::<Vec<_>>());
        let matches = command
            .try_get_matches_from(["test", "--fuel=false", "--stats", "--max-locals", "9"])
            .expect("flags");
        let flags = Flags::<Compiling>::from_arg_matches(&matches).expect("flags");
        let mut options = Options::default();
        flags.apply(&mut options).expect("values");
        assert!(!options.fuel && options.stats && options.max_locals == 9);
        assert!(flags.has("fuel") && !flags.has("names"));
    }

    /// Options that mean nothing to a run, or for which it has flags with other values.
    const NOT_OF_RUNS: &[&str] = &[
        "name",
        "fuel",
        "stats",
        "storage",
        "memory_bytes",
        "flash_data",
        "snapshots",
        "verification",
        "names",
        "data",
        "split_bytes",
    ];

    #[test]
    fn each_option_is_of_runs_or_not() {
        let mut known: Vec<&str> = OF_RUNS.iter().chain(NOT_OF_RUNS).copied().collect();
        let mut keys: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
        known.sort_unstable();
        keys.sort_unstable();
        assert_eq!(known, keys);
    }
}
