//! A linked firmware as the analysis sees it: its functions with their bytes, and the words that can hold a function's
//! address. What comes in is any file; what goes out has functions that are sorted, do not overlap and lie in code.

use std::collections::BTreeMap;

use object::read::elf::{ElfFile32, SectionHeader};
use object::{LittleEndian, Object, ObjectSection, ObjectSymbol, SectionFlags, SymbolKind, elf};

/// The instructions that a firmware is made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Isa {
    /// Thumb of ARMv6-M, ARMv7-M and ARMv7E-M.
    Thumb,
    /// RV32IMAC.
    RiscV,
}

/// Bytes of a section that is loaded.
struct Section<'a> {
    start: u32,
    bytes: &'a [u8],
    code: bool,
    vectors: bool,
}

/// A function, or a label of assembler code that has no size.
pub(super) struct Function<'a> {
    pub(super) start: u32,
    /// Behind its last byte, literals among them.
    pub(super) end: u32,
    /// As in the symbol table.
    pub(super) names: Vec<&'a str>,
    bytes: &'a [u8],
}

impl Function<'_> {
    /// The halfword of code at an address in the function.
    pub(super) fn half(&self, at: u32) -> Option<u16> {
        let from = at.checked_sub(self.start)? as usize;
        let bytes = self.bytes.get(from..from.checked_add(2)?)?;
        Some(u16::from_le_bytes(bytes.try_into().ok()?))
    }
}

/// A firmware.
pub(super) struct Image<'a> {
    pub(super) isa: Isa,
    /// The instruction set by rustc's name, such as `thumbv7em`.
    pub(super) target: &'static str,
    /// Sorted by `start`, apart from each other.
    pub(super) functions: Vec<Function<'a>>,
    pub(super) entry: u32,
    sections: Vec<Section<'a>>,
    /// Where code ends and literals begin, and the other way round.
    marks: BTreeMap<u32, bool>,
}

impl<'a> Image<'a> {
    /// Reads an ELF; the error says what is wrong with it and what to do.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Image<'a>, String> {
        if !bytes.starts_with(b"\x7fELF") {
            return Err("not an ELF: name the firmware that rustc's linker wrote".into());
        }
        // Class and order of bytes.
        if bytes.get(4..6) != Some(&[1, 1]) {
            return Err(format!("not an ELF of 32 bits, little endian; {MACHINES}"));
        }
        let file = ElfFile32::<LittleEndian>::parse(bytes).map_err(damaged)?;
        let isa = match file.elf_header().e_machine.get(LittleEndian) {
            elf::EM_ARM => Isa::Thumb,
            elf::EM_RISCV => Isa::RiscV,
            other => return Err(format!("an ELF for machine {other}; {MACHINES}")),
        };
        if file.elf_header().e_type.get(LittleEndian) != elf::ET_EXEC {
            return Err("not linked: name the firmware, not an object file or a library".into());
        }
        let target = match isa {
            Isa::Thumb => arm(&file).map_err(damaged)?,
            Isa::RiscV => Some("riscv32imac"),
        };
        let target = target.ok_or_else(|| format!("an ELF for another Arm core; {MACHINES}"))?;
        let (mut sections, mut total) = (Vec::new(), 0usize);
        for section in file.sections() {
            let SectionFlags::Elf { sh_flags } = section.flags() else {
                continue;
            };
            if sh_flags & u64::from(elf::SHF_ALLOC) == 0 {
                continue;
            }
            let bytes = section.data().map_err(damaged)?;
            let start = section.address() as u32;
            total = total.saturating_add(bytes.len());
            let fits = u32::try_from(bytes.len()).is_ok_and(|n| start.checked_add(n).is_some());
            if !fits || total > file.data().len() || sections.len() == MAX_SECTIONS {
                return Err("damaged ELF: its sections overlap; link the firmware anew".into());
            }
            sections.push(Section {
                start,
                bytes,
                code: sh_flags & u64::from(elf::SHF_EXECINSTR) != 0,
                vectors: section.name().is_ok_and(|name| VECTORS.contains(&name)),
            });
        }
        let mut image = Image {
            isa,
            target,
            functions: Vec::new(),
            entry: file.entry() as u32,
            sections,
            marks: BTreeMap::new(),
        };
        image.symbols(&file)?;
        // Without the marks, literals look like code.
        let marked = isa == Isa::RiscV || image.marks.values().any(|code| *code);
        if image.functions.is_empty() || !marked {
            return Err("no functions in its symbol table: name a firmware that is not stripped (`strip = false`)".into());
        }
        Ok(image)
    }

    /// Finds functions and marks.
    fn symbols(&mut self, file: &ElfFile32<'a, LittleEndian>) -> Result<(), String> {
        // By address: size, whether it is a function by its type, names.
        let mut found: BTreeMap<u32, (u32, bool, Vec<&'a str>)> = BTreeMap::new();
        let mut read = 0usize;
        for symbol in file.symbols() {
            let function = symbol.kind() == SymbolKind::Text;
            let label = matches!(symbol.kind(), SymbolKind::Label | SymbolKind::Unknown);
            if symbol.is_undefined() || !(function || label) {
                continue;
            }
            let name = symbol.name().map_err(damaged)?;
            // In a good file names share no more than their ends.
            read = read.saturating_add(name.len());
            if read > file.data().len().saturating_mul(4) {
                return Err("damaged ELF: its names overlap; link the firmware anew".into());
            }
            let mut address = symbol.address() as u32;
            if let Some(mark) = name.strip_prefix('$') {
                let kind = mark.split('.').next().unwrap_or(mark);
                let code = kind.starts_with('x') || kind == "t";
                self.marks.insert(address, code);
                continue;
            }
            if self.isa == Isa::Thumb && function {
                address &= !1;
            }
            if name.is_empty() || name.starts_with(".L") || self.code(address).is_none() {
                continue;
            }
            let size = symbol.size() as u32;
            let entry = found.entry(address).or_default();
            entry.0 = entry.0.max(size);
            if function && !entry.1 {
                entry.2.clear();
            }
            if function || !entry.1 {
                entry.2.push(name);
            }
            entry.1 |= function;
        }
        let mut covered = 0u32;
        let mut starts: Vec<(u32, u32, Vec<&'a str>)> = Vec::new();
        for (start, (size, function, names)) in found {
            // A label within a function is none itself.
            if function || start >= covered {
                starts.push((start, size, names));
                covered = covered.max(start.saturating_add(size));
            }
        }
        let next: Vec<u32> = starts.iter().skip(1).map(|s| s.0).collect();
        for (n, (start, size, names)) in starts.into_iter().enumerate() {
            let Some((section, rest)) = self.code(start) else {
                continue;
            };
            let mut end = section.saturating_add(rest.len() as u32);
            if size != 0 {
                end = end.min(start.saturating_add(size));
            }
            end = end.min(next.get(n).copied().unwrap_or(u32::MAX));
            self.functions.push(Function {
                start,
                end,
                names,
                bytes: rest.get(..(end - start) as usize).unwrap_or(rest),
            });
        }
        Ok(())
    }

    /// The bytes of code from an address to the end of its section, with that address.
    fn code(&self, at: u32) -> Option<(u32, &'a [u8])> {
        self.sections.iter().filter(|s| s.code).find_map(|s| {
            let from = at.checked_sub(s.start)? as usize;
            let rest = s.bytes.get(from..)?;
            (!rest.is_empty()).then_some((at, rest))
        })
    }

    /// The function that starts at an address.
    pub(super) fn function_at(&self, address: u32) -> Option<usize> {
        self.functions
            .binary_search_by_key(&address, |f| f.start)
            .ok()
    }

    /// The function that a pointer is to; on Arm, pointers to functions have the lowest bit set.
    pub(super) fn pointee(&self, pointer: u32) -> Option<usize> {
        match self.isa {
            Isa::Thumb if pointer & 1 == 0 => None,
            Isa::Thumb => self.function_at(pointer & !1),
            Isa::RiscV => self.function_at(pointer),
        }
    }

    /// Whether an address holds literals.
    pub(super) fn is_data(&self, at: u32) -> bool {
        let last = self.marks.range(..=at).next_back();
        last.is_some_and(|(_, code)| !code)
    }

    /// Where code goes on behind literals in a function.
    pub(super) fn code_behind_data(&self, function: &Function) -> Vec<u32> {
        let marks = self
            .marks
            .range(function.start..function.end.max(function.start));
        let code = marks.filter(|(at, code)| **code && **at != function.start);
        code.map(|(at, _)| *at).collect()
    }

    /// The word at an address, if it is known when the firmware starts.
    pub(super) fn word(&self, at: u32) -> Option<u32> {
        self.sections.iter().find_map(|s| {
            let from = at.checked_sub(s.start)? as usize;
            let bytes = s.bytes.get(from..from.checked_add(4)?)?;
            Some(u32::from_le_bytes(bytes.try_into().ok()?))
        })
    }

    /// Every aligned word of data that is there when the firmware starts, but for the vector table.
    pub(super) fn words(&self) -> impl Iterator<Item = u32> {
        let data = self.sections.iter().filter(|s| !s.vectors);
        data.flat_map(move |s| {
            let skip = (s.start.wrapping_neg() & 3) as usize;
            let words = s.bytes.get(skip..).unwrap_or(&[]).chunks_exact(4);
            words.enumerate().filter_map(move |(n, bytes)| {
                let at = s.start.wrapping_add((skip + 4 * n) as u32);
                let data = !s.code || self.is_data(at);
                let word = u32::from_le_bytes(bytes.try_into().ok()?);
                data.then_some(word)
            })
        })
    }

    /// What the vector table leads to, but for the entry.
    pub(super) fn handlers(&self) -> Vec<usize> {
        let tables = self.sections.iter().filter(|s| s.vectors);
        // The first word is where the stack starts.
        let words = tables.flat_map(|s| s.bytes.chunks_exact(4).skip(1));
        let pointers = words.filter_map(|bytes| bytes.try_into().ok().map(u32::from_le_bytes));
        let mut handlers: Vec<usize> = pointers
            .filter(|pointer| pointer & !1 != self.entry & !1)
            .filter_map(|pointer| self.pointee(pointer))
            .collect();
        handlers.sort_unstable();
        handlers.dedup();
        handlers
    }
}

fn damaged(error: object::Error) -> String {
    format!("damaged ELF: {error}; link the firmware anew")
}

/// Loaded sections of a firmware; linkers write a dozen.
const MAX_SECTIONS: usize = 1000;

const MACHINES: &str = "stacks are read of thumbv6m, thumbv7m, thumbv7em and riscv32imac";

/// Sections that hold a vector table and nothing else.
const VECTORS: &[&str] = &[".vector_table", ".isr_vector", ".vectors", ".vector"];

/// The architecture of an ELF for Arm, as its build attributes have it.
fn arm(file: &ElfFile32<'_, LittleEndian>) -> Result<Option<&'static str>, object::Error> {
    for section in file.elf_section_table().iter() {
        if section.sh_type(LittleEndian) != elf::SHT_ARM_ATTRIBUTES {
            continue;
        }
        let attributes = section.attributes(LittleEndian, file.data())?;
        let mut vendors = attributes.subsections()?;
        while let Some(vendor) = vendors.next()? {
            let mut parts = vendor.subsubsections();
            while let Some(part) = parts.next()? {
                let mut reader = part.attributes();
                while let Some(tag) = reader.read_tag()? {
                    match tag {
                        // Tag_CPU_arch.
                        6 => {
                            return Ok(match reader.read_integer()? {
                                11 | 12 => Some("thumbv6m"),
                                10 => Some("thumbv7m"),
                                13 => Some("thumbv7em"),
                                _ => None,
                            });
                        }
                        // Tag_compatibility has a number and a text; names are texts, and odd tags from 32 on.
                        32 => drop((reader.read_integer()?, reader.read_string()?)),
                        4 | 5 => drop(reader.read_string()?),
                        tag if tag > 32 && tag % 2 == 1 => drop(reader.read_string()?),
                        _ => drop(reader.read_integer()?),
                    }
                }
            }
        }
    }
    Ok(None)
}
