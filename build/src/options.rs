//! The options by key, stated once: methods of [`Build`](crate::Build), keys of `include_wasm!` and flags of the
//! command line all come from the table below. A test compares it with the fields of
//! [`Options`](crate::Options); only `layout` is left out, which each face decides.

use crate::{Backtrace, Build, DataLayout, Names, Options, Storage};

/// An option, as faces that take text offer it.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// The key: the field's name, and `name` for `module_name`.
    pub name: &'static str,
    /// What it does, in one line.
    pub help: &'static str,
    /// What its values are, for people.
    pub values: &'static str,
    /// Its values are `true` and `false`.
    pub is_bool: bool,
}

/// Rows of `/// help`, `key(type of the method's parameter) => field: type`.
macro_rules! table {
    ($(#[doc = $help:literal] $key:ident($given:ty) => $field:ident: $ty:ty;)*) => {
        /// Every option but `layout`.
        pub const KEYS: &[Key] = &[$(
            Key {
                name: stringify!($key),
                help: $help.trim_ascii(),
                values: <$ty as Value>::VALUES,
                is_bool: matches!(<$ty as Value>::VALUES.as_bytes(), b"true, false"),
            }
        ),*];

        /// Sets the option `key` to what `text` says. The error names the key, or the values that it can have.
        pub fn set(options: &mut Options, key: &str, text: &str) -> Result<(), String> {
            match key {
                $(stringify!($key) => options.$field = parse(key, text)?,)*
                _ => return Err(unknown(key)),
            }
            Ok(())
        }

        /// One method for each option.
        impl Build {
            $(
                #[doc = $help]
                pub fn $key(mut self, value: $given) -> Build {
                    self.options.$field = value.into();
                    self
                }
            )*
        }

        #[cfg(test)]
        const FIELDS: &[&str] = &[$(stringify!($field)),*];
    };
}

table! {
    /// Name of the generated Rust module.
    name(&str) => module_name: String;
    /// Count fuel; without it nothing bounds the time of a run.
    fuel(bool) => fuel: bool;
    /// What a trap records of the calls it unwinds.
    backtrace(Backtrace) => backtrace: Backtrace;
    /// Give every NaN that arithmetic makes the canonical bits.
    canonical_nans(bool) => canonical_nans: bool;
    /// Count instructions by class, loads and stores, calls and peak depth.
    stats(bool) => stats: bool;
    /// Save the state of an instance between calls, and restore it.
    snapshots(bool) => snapshots: bool;
    /// Look whether the instance is what it should be, at a level that is set at run time.
    verification(bool) => verification: bool;
    /// Where memories and tables are kept: on the heap, or inside the instance.
    storage(Storage) => storage: Storage;
    /// Names of functions and locals: the module's, or numbers.
    names(Names) => names: Names;
    /// Where data segments go: a file beside the source, or into it.
    data(DataLayout) => data: DataLayout;
    /// Cut the Rust into modules of about so many bytes of wasm, which rustc compiles in parallel.
    split_bytes(u32) => split_bytes: u32;
    /// Limit of each memory, in pages of 65,536 bytes, whatever its own page size.
    max_memory_pages(u32) => max_memory_pages: u32;
    /// Back only so many bytes of the memory's one page.
    memory_bytes(u32) => memory_bytes: Option<u32>;
    /// Leave constant data of that memory in flash, where it cannot be written.
    flash_data(bool) => flash_data: bool;
    /// Limit of each table, in elements.
    max_table_elements(u32) => max_table_elements: u32;
    /// Budget of call depth, in stack slots.
    max_call_depth(u32) => max_call_depth: Option<u32>;
    /// Longest function body that is compiled, in bytes.
    max_function_bytes(u32) => max_function_bytes: u32;
    /// Most locals that a function may have.
    max_locals(u32) => max_locals: u32;
    /// Deepest nesting of blocks that is compiled.
    max_nesting(u32) => max_nesting: u32;
    /// Most targets that one `br_table` may have.
    max_br_table(u32) => max_br_table: u32;
}

fn unknown(key: &str) -> String {
    let keys: Vec<&str> = KEYS.iter().map(|k| k.name).collect();
    format!("unknown option `{key}`; there are {}", keys.join(", "))
}

fn parse<T: Value>(key: &str, text: &str) -> Result<T, String> {
    T::parse(text).ok_or_else(|| format!("`{key}` takes {}, not `{text}`", T::VALUES))
}

/// A value as text.
trait Value: Sized {
    const VALUES: &'static str;
    fn parse(text: &str) -> Option<Self>;
}

impl Value for String {
    const VALUES: &'static str = "an identifier";
    fn parse(text: &str) -> Option<String> {
        crate::is_name(text).then(|| text.to_string())
    }
}

impl Value for u32 {
    const VALUES: &'static str = "a number";
    fn parse(text: &str) -> Option<u32> {
        text.parse().ok()
    }
}

impl Value for Option<u32> {
    const VALUES: &'static str = u32::VALUES;
    fn parse(text: &str) -> Option<Option<u32>> {
        u32::parse(text).map(Some)
    }
}

/// Rows of a type and its values by name.
macro_rules! choices {
    ($($ty:ty: $values:literal { $($text:literal => $value:expr),* })*) => { $(
        impl Value for $ty {
            const VALUES: &'static str = $values;
            fn parse(text: &str) -> Option<$ty> {
                match text {
                    $($text => Some($value),)*
                    _ => None,
                }
            }
        }
    )* };
}

choices! {
    bool: "true, false" { "true" => true, "false" => false }
    Backtrace: "none, functions, offsets" {
        "none" => Backtrace::None, "functions" => Backtrace::Functions, "offsets" => Backtrace::Offsets
    }
    Storage: "growable, fixed, lent" {
        "growable" => Storage::Growable, "fixed" => Storage::Fixed, "lent" => Storage::Lent
    }
    Names: "module, index" { "module" => Names::Module, "index" => Names::Index }
    DataLayout: "side-file, inline" { "side-file" => DataLayout::SideFile, "inline" => DataLayout::Inline }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_field_of_options() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../compiler/src/options.rs");
        let text = std::fs::read_to_string(path).expect("the compiler's options");
        let file = syn::parse_file(&text).expect("Rust");
        let fields: Vec<String> = file
            .items
            .iter()
            .find_map(|item| match item {
                syn::Item::Struct(s) if s.ident == "Options" => Some(s),
                _ => None,
            })
            .expect("struct Options")
            .fields
            .iter()
            .filter_map(|f| f.ident.as_ref().map(|i| i.to_string()))
            .filter(|f| f != "layout")
            .collect();
        assert_eq!(fields, FIELDS);
        let renamed = |f: &str| if f == "module_name" { "name" } else { f }.to_string();
        let keys: Vec<String> = KEYS.iter().map(|k| k.name.to_string()).collect();
        assert_eq!(keys, fields.iter().map(|f| renamed(f)).collect::<Vec<_>>());
    }

    #[test]
    fn every_value_that_is_named_can_be_set() {
        for key in KEYS {
            let mut options = Options::default();
            for value in key.values.split(", ") {
                let value = match value {
                    "a number" => "7",
                    "an identifier" => "guest",
                    choice => choice,
                };
                set(&mut options, key.name, value).expect(key.name);
            }
            let error = set(&mut options, key.name, "no such value").expect_err(key.name);
            assert!(
                error.contains(key.name) && error.contains(key.values),
                "{error}"
            );
        }
        let error = set(&mut Options::default(), "layout", "file").expect_err("no key");
        assert!(
            error.starts_with("unknown option `layout`; there are name, fuel, "),
            "{error}"
        );
    }
}
