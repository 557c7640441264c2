//! Which instances of a script are compiled together, and the Rust that comes of them.
//!
//! Instances are one set if one imports from the other, or if both share the state of `spectest`; any other
//! instance is a set of its own. Sets of the same modules, in v1 and v2, are compiled once.

use crate::script::{Act, Script};
use crate::{Suite, parallel};
use std::collections::BTreeMap;
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{ImportSection, RawSection};
use wasmparser::{Import, Parser, Payload, TypeRef};
use wrt_compiler::front::Front;
use wrt_compiler::set::{FuncDef, GlobalInit};
use wrt_compiler::{DataLayout, Error, Options, Output, Source, compile, compile_set};

/// A set as Rust.
#[derive(Debug)]
pub(crate) struct Set {
    /// The Rust module's name.
    pub(crate) name: String,
    /// Its source.
    pub(crate) rust: String,
    /// Number of instances.
    pub(crate) steps: usize,
    /// Globals that scripts read, and the methods that read them.
    pub(crate) getters: BTreeMap<String, String>,
    /// Its first instance is that of `spectest`.
    pub(crate) spectest: bool,
    key: Vec<(String, Vec<u8>)>,
}

/// Scripts of one name, and the sets that they need.
#[derive(Debug, Default)]
pub(crate) struct Group {
    /// Name of the scripts, without folder and ending, as an identifier.
    name: String,
    /// Numbers of the scripts in the suite.
    pub(crate) scripts: Vec<usize>,
    /// The sets.
    pub(crate) sets: Vec<Set>,
    /// For each script and instance: number of its set and of its step in it, or why there is none.
    pub(crate) places: Vec<Vec<Result<Place, String>>>,
}

/// Where an instance is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Number of the set in the group.
    pub(crate) set: usize,
    /// Number of this incarnation of the set in the script.
    pub(crate) family: usize,
    /// Number of the instance in the set.
    pub(crate) step: usize,
    /// The set has no other.
    pub(crate) alone: bool,
}

/// All that a suite needs to run compiled.
#[derive(Debug)]
pub struct Plan {
    pub(crate) groups: Vec<Group>,
}

impl Plan {
    /// Plans and compiles all sets of `suite`.
    pub fn new(suite: &Suite) -> Plan {
        let mut named: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (n, script) in suite.scripts.iter().enumerate() {
            named.entry(stem(&script.name)).or_default().push(n);
        }
        let groups = parallel::each(named.into_iter().collect(), |(name, scripts)| {
            Group::new(name, scripts, suite)
        });
        Plan { groups }
    }
}

/// The name of a script without folder and ending, as part of an identifier.
fn stem(name: &str) -> String {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let stem = file.strip_suffix(".wast").unwrap_or(file);
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '_'
        }
    };
    let name: String = stem.chars().map(plain).collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        return format!("n{name}");
    }
    name
}

impl Group {
    fn new(name: String, scripts: Vec<usize>, suite: &Suite) -> Group {
        let mut group = Group {
            name,
            ..Group::default()
        };
        for n in scripts {
            let places = group.places(&suite.scripts[n]);
            group.places.push(places);
            group.scripts.push(n);
        }
        group
    }

    fn places(&mut self, script: &Script) -> Vec<Result<Place, String>> {
        let used: Vec<bool> = (0..script.insts.len())
            .map(|i| {
                script
                    .cmds
                    .iter()
                    .any(|cmd| cmd.inst == i && cmd.runs_compiled())
            })
            .collect();
        let mut places: Vec<Result<Place, String>> = script
            .insts
            .iter()
            .map(|_| Err("not needed".to_string()))
            .collect();
        for (family, members) in families(script).into_iter().enumerate() {
            let members: Vec<usize> = members
                .into_iter()
                .filter(|i| *i == 0 || used[*i])
                .collect();
            if members == [0] {
                continue;
            }
            let set = self.set(script, &members);
            for (step, inst) in members.iter().enumerate() {
                if *inst != 0 || places[0].is_err() {
                    places[*inst] = set.clone().map(|set| Place {
                        set,
                        family,
                        step,
                        alone: members.len() == 1,
                    });
                }
            }
        }
        places
    }

    /// The number of the set of `members`, compiled if it is new.
    fn set(&mut self, script: &Script, members: &[usize]) -> Result<usize, String> {
        let key = sources(script, members);
        let number = match self.sets.iter().position(|set| set.key == key) {
            Some(number) => number,
            None => {
                let name = format!("{}_{}", self.name, self.sets.len());
                let output = match members {
                    [only] if script.insts[*only].text.is_some() => {
                        let text = script.insts[*only].text.as_deref().unwrap_or_default();
                        compile(text, &options())
                    }
                    [_] => compile(&key[0].1, &options()),
                    _ => compile_set(&named(&key), &options()),
                };
                let output = output.map_err(|e| blame(script, members, &e))?;
                if let Some((module, name)) = left_to_host(&key)? {
                    return Err(format!("unknown import: {module:?} {name:?}"));
                }
                self.sets.push(Set {
                    name,
                    rust: root(&output),
                    steps: members.len(),
                    getters: BTreeMap::new(),
                    spectest: members[0] == 0,
                    key,
                });
                self.sets.len() - 1
            }
        };
        let set = &mut self.sets[number];
        for cmd in &script.cmds {
            let (Act::Get { name, .. }, Some(step)) =
                (&cmd.act, members.iter().position(|i| *i == cmd.inst))
            else {
                continue;
            };
            let name = exported(name, step, members.len() == 1);
            if let Some(method) = getter(&set.rust, &name) {
                set.getters.insert(name, method);
            }
        }
        Ok(number)
    }
}

/// The name by which a set exports `name` of its instance number `step`.
pub(crate) fn exported(name: &str, step: usize, alone: bool) -> String {
    if alone {
        name.to_string()
    } else {
        format!("s{step}_{name}")
    }
}

fn options() -> Options {
    let mut options = Options::default();
    options.data = DataLayout::Inline;
    options
}

fn root(output: &Output) -> String {
    String::from_utf8_lossy(&output.files[0].contents).into_owned()
}

/// The method that reads the global `name`.
fn getter(rust: &str, name: &str) -> Option<String> {
    let doc = format!("/// The global `{name}`.");
    let mut lines = rust.lines().map(str::trim).skip_while(|line| *line != doc);
    let declared = lines.find_map(|line| line.strip_prefix("pub fn "))?;
    Some(declared.split_once('(')?.0.to_string())
}

/// Which of `members` fails alone, where `error` is the set's.
fn blame(script: &Script, members: &[usize], error: &Error) -> String {
    let alone = members
        .iter()
        .find_map(|i| compile(&script.insts[*i].bytes, &options()).err());
    alone.as_ref().unwrap_or(error).to_string()
}

/// Instances that must be compiled together, in order; `spectest` is the first of each that imports from it.
fn families(script: &Script) -> Vec<Vec<usize>> {
    let mut of: Vec<usize> = (0..script.insts.len()).collect();
    let shared = script
        .insts
        .iter()
        .skip(1)
        .position(|inst| inst.shares)
        .map(|i| i + 1);
    for (i, inst) in script.insts.iter().enumerate().skip(1) {
        let others = inst
            .from
            .values()
            .copied()
            .filter(|j| *j != 0)
            .chain(shared.filter(|_| inst.shares));
        for other in others {
            let (from, to) = (of[i].max(of[other]), of[i].min(of[other]));
            of.iter_mut()
                .filter(|family| **family == from)
                .for_each(|family| *family = to);
        }
    }
    let mut families: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (i, family) in of.iter().enumerate().skip(1) {
        families.entry(*family).or_default().push(i);
    }
    let mut families: Vec<Vec<usize>> = families.into_values().collect();
    for family in &mut families {
        if family
            .iter()
            .any(|i| script.insts[*i].from.values().any(|j| *j == 0))
        {
            family.insert(0, 0);
        }
    }
    families
}

/// Links instance number `number` of `script` with all it needs. The name of a module that is left to the host, if
/// there is one.
pub(crate) fn link(script: &Script, number: usize) -> Result<Option<String>, Error> {
    let mut members = vec![number];
    let mut next = 0;
    while next < members.len() {
        for needed in script.insts[members[next]].from.values() {
            if !members.contains(needed) {
                members.push(*needed);
            }
        }
        next += 1;
    }
    members.sort_unstable();
    let key = sources(script, &members);
    let set = Front::new(&named(&key), &options())?.set;
    Ok(host_import(&set).map(|(module, _)| module))
}

/// The first import of a set that the host would have to satisfy.
fn left_to_host(key: &[(String, Vec<u8>)]) -> Result<Option<(String, String)>, String> {
    let front = Front::new(&named(key), &options()).map_err(|e| e.to_string())?;
    Ok(host_import(&front.set))
}

fn host_import(set: &wrt_compiler::set::Set<'_>) -> Option<(String, String)> {
    let funcs = set.funcs.iter().filter_map(|f| match &f.def {
        FuncDef::Host { module, name } => Some((module.clone(), name.clone())),
        FuncDef::Body { .. } => None,
    });
    let globals = set.globals.iter().filter_map(|g| match &g.init {
        GlobalInit::Host(module, name) => Some((module.clone(), name.clone())),
        _ => None,
    });
    funcs
        .chain(set.tables.iter().filter_map(|t| t.host.clone()))
        .chain(set.memories.iter().filter_map(|m| m.host.clone()))
        .chain(globals)
        .next()
}

fn named(key: &[(String, Vec<u8>)]) -> Vec<Source<'_>> {
    key.iter()
        .map(|(name, bytes)| Source { name, bytes })
        .collect()
}

/// The modules of `members`, with the imported names that are theirs made unique.
fn sources(script: &Script, members: &[usize]) -> Vec<(String, Vec<u8>)> {
    let number = |inst: usize| members.iter().position(|m| *m == inst);
    members
        .iter()
        .enumerate()
        .map(|(step, i)| {
            let inst = &script.insts[*i];
            let names = inst
                .from
                .iter()
                .filter_map(|(name, j)| Some((name.as_str(), format!("s{}", number(*j)?))));
            (format!("s{step}"), rename(&inst.bytes, &names.collect()))
        })
        .collect()
}

/// The modules that `bytes` imports from, and whether it is a table or a memory. None of an invalid module.
pub(crate) fn imports(bytes: &[u8]) -> Vec<(String, bool)> {
    let mut all = Vec::new();
    for payload in Parser::new(0).parse_all(bytes) {
        let Ok(Payload::ImportSection(section)) = payload else {
            continue;
        };
        for import in section.into_imports().flatten() {
            all.push((
                import.module.to_string(),
                matches!(import.ty, TypeRef::Table(_) | TypeRef::Memory(_)),
            ));
        }
    }
    all
}

/// `bytes` with other names for the modules it imports from; all else stays as it is, byte for byte.
fn rename(bytes: &[u8], names: &BTreeMap<&str, String>) -> Vec<u8> {
    if names.is_empty() {
        return bytes.to_vec();
    }
    let mut module = wasm_encoder::Module::new();
    for payload in Parser::new(0).parse_all(bytes) {
        let Ok(payload) = payload else {
            return bytes.to_vec();
        };
        if let Payload::ImportSection(section) = payload {
            let mut imports = ImportSection::new();
            for import in section.into_imports() {
                let Ok(import) = import else {
                    return bytes.to_vec();
                };
                let name = names
                    .get(import.module)
                    .map_or(import.module, String::as_str);
                let import = Import {
                    module: name,
                    ..import
                };
                if RoundtripReencoder
                    .parse_import(&mut imports, import)
                    .is_err()
                {
                    return bytes.to_vec();
                }
            }
            module.section(&imports);
        } else if let Some((id, range)) = payload.as_section() {
            module.section(&RawSection {
                id,
                data: &bytes[range],
            });
        }
    }
    module.finish()
}
