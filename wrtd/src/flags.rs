//! One flag for each option of the compiler, made from the table that the build helper and the macro use.

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use wrt_build::{KEYS, Key, Options};

/// The options that the command line sets, in the order of the table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flags(Vec<(&'static str, String)>);

impl Flags {
    /// Sets `options` to what was given; the rest stays as it is.
    pub(crate) fn apply(&self, options: &mut Options) -> Result<(), String> {
        let mut set = |(key, value): &(&str, String)| wrt_build::set(options, key, value);
        self.0.iter().try_for_each(&mut set)
    }

    /// Whether the option `key` was given.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.0.iter().any(|(k, _)| *k == key)
    }
}

/// `max_locals` as `max-locals`.
fn flag(key: &Key) -> String {
    key.name.replace('_', "-")
}

fn arg(key: &'static Key) -> Arg {
    let arg = Arg::new(key.name)
        .long(flag(key))
        .help_heading("Options of the compiler");
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

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        command.args(KEYS.iter().map(arg))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Flags::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Flags, clap::Error> {
        let given = |key: &Key| Some((key.name, matches.get_one::<String>(key.name)?.clone()));
        Ok(Flags(KEYS.iter().filter_map(given).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Flags::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_a_flag() {
        let command = Flags::augment_args(Command::new("test"));
        let flags: Vec<&str> = command.get_arguments().filter_map(Arg::get_long).collect();
        assert_eq!(flags, KEYS.iter().map(flag).collect::<Vec<_>>());
        let matches = command
            .try_get_matches_from(["test", "--fuel=false", "--stats", "--max-locals", "9"])
            .expect("flags");
        let flags = Flags::from_arg_matches(&matches).expect("flags");
        let mut options = Options::default();
        flags.apply(&mut options).expect("values");
        assert!(!options.fuel && options.stats && options.max_locals == 9);
        assert!(flags.has("fuel") && !flags.has("names"));
    }
}
