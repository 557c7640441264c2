//! A script of the specification suite, read: instances, what is done with them, and what could be decided at once.
//!
//! In: one `.wast` file. Out: a [`Script`]. What must be refused is refused here, by the compiler itself; nothing
//! is left out, so a directive that is not understood is a failure.

use crate::plan;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use wast::core::{AbstractHeapType, HeapType, NanPattern, WastArgCore, WastRetCore};
use wast::lexer::Lexer;
use wast::parser::{self, ParseBuffer};
use wast::token::{Id, Span};
use wast::{
    QuoteWat, QuoteWatTest, Wast, WastArg, WastDirective, WastExecute, WastInvoke, WastRet, Wat,
};
use wrt_compiler::{Error, Kind, Options, compile};

/// A script.
#[derive(Debug)]
pub(crate) struct Script {
    /// `v1/i32.wast`
    pub(crate) name: String,
    /// Instances; the first is that of `spectest`.
    pub(crate) insts: Vec<Inst>,
    /// What is done, in order.
    pub(crate) cmds: Vec<Cmd>,
    /// What is decided already.
    pub(crate) outcomes: Vec<Outcome>,
}

/// An instance.
#[derive(Debug)]
pub(crate) struct Inst {
    /// The module, binary.
    pub(crate) bytes: Vec<u8>,
    /// The module's own text, if it was quoted.
    pub(crate) text: Option<Vec<u8>>,
    /// Instances by the names under which they were registered when this one was made; of those it imports from.
    pub(crate) from: BTreeMap<String, usize>,
    /// It shares the state of `spectest`.
    pub(crate) shares: bool,
}

/// One command.
#[derive(Debug)]
pub(crate) struct Cmd {
    /// Line in the script.
    pub(crate) line: usize,
    /// On which instance.
    pub(crate) inst: usize,
    /// What.
    pub(crate) act: Act,
}

/// What a command does; in the words of the driver.
#[derive(Debug)]
pub(crate) enum Act {
    /// Makes the instance.
    Step {
        /// `ok` or a trap.
        want: String,
    },
    /// Calls an export.
    Call {
        /// Its name.
        name: String,
        /// What becomes of it.
        want: String,
        /// Arguments and results.
        values: String,
    },
    /// Reads a global.
    Get {
        /// Its name.
        name: String,
        /// Its value.
        result: String,
    },
}

/// What became of an assertion.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// Line in the script.
    pub(crate) line: usize,
    /// Passed, or why not.
    pub(crate) verdict: Result<(), String>,
}

/// Reads the script `text`.
pub(crate) fn read(name: &str, text: &str, spectest: &[u8]) -> Result<Script, String> {
    let mut lexer = Lexer::new(text);
    lexer.allow_confusing_unicode(true);
    let buffer = ParseBuffer::new_with_lexer(lexer).map_err(|e| e.to_string())?;
    let wast: Wast<'_> = parser::parse(&buffer).map_err(|e| e.to_string())?;
    let spectest = Inst {
        bytes: spectest.to_vec(),
        text: None,
        from: BTreeMap::new(),
        shares: true,
    };
    let script = Script {
        name: name.to_string(),
        insts: vec![spectest],
        cmds: Vec::new(),
        outcomes: Vec::new(),
    };
    let registered = BTreeMap::from([("spectest".to_string(), 0)]);
    let mut reader = Reader {
        text,
        script,
        registered,
        named: BTreeMap::new(),
        definitions: BTreeMap::new(),
        current: None,
    };
    for directive in wast.directives {
        let line = reader.line(directive.span());
        if let Err(reason) = reader.directive(line, directive) {
            reader.outcome(line, Err(reason));
        }
    }
    Ok(reader.script)
}

struct Reader<'a> {
    text: &'a str,
    script: Script,
    registered: BTreeMap<String, usize>,
    named: BTreeMap<String, usize>,
    definitions: BTreeMap<String, Vec<u8>>,
    current: Option<usize>,
}

impl Reader<'_> {
    fn line(&self, span: Span) -> usize {
        span.linecol_in(self.text).0 + 1
    }

    fn outcome(&mut self, line: usize, verdict: Result<(), String>) {
        self.script.outcomes.push(Outcome { line, verdict });
    }

    fn directive(&mut self, line: usize, directive: WastDirective<'_>) -> Result<(), String> {
        use WastDirective as D;
        match directive {
            D::Module(mut module) => {
                let name = module.name();
                let (bytes, text) = encoded(&mut module)?;
                self.instance(line, bytes, text, name, "ok");
            }
            D::ModuleDefinition(mut module) => {
                let name = module
                    .name()
                    .map_or(String::new(), |id| id.name().to_string());
                let bytes = encoded(&mut module)?.0;
                let verdict = compile(&bytes, &Options::default())
                    .map(|_| ())
                    .map_err(|e| e.to_string());
                self.definitions.insert(name, bytes.clone());
                self.definitions.insert(String::new(), bytes);
                self.outcome(line, verdict);
            }
            D::ModuleInstance {
                instance, module, ..
            } => {
                let module = module.map_or("", |id| id.name());
                let bytes = self
                    .definitions
                    .get(module)
                    .ok_or("no such definition")?
                    .clone();
                self.instance(line, bytes, None, instance, "ok");
            }
            D::Register { name, module, .. } => {
                let inst = self.find(module)?;
                self.registered.insert(name.to_string(), inst);
            }
            D::Invoke(call) => self.call(line, call, "ok", None)?,
            D::AssertReturn { exec, results, .. } => match exec {
                WastExecute::Invoke(call) => self.call(line, call, "ok", Some(&results))?,
                WastExecute::Get { module, global, .. } => {
                    let [result] = &results[..] else {
                        return Err("a global has one value".to_string());
                    };
                    let (inst, result) = (self.find(module)?, expected(result)?);
                    self.script.cmds.push(Cmd {
                        line,
                        inst,
                        act: Act::Get {
                            name: global.to_string(),
                            result,
                        },
                    });
                }
                WastExecute::Wat(_) => return Err("a module that returns".to_string()),
            },
            D::AssertTrap { exec, message, .. } => {
                let want = format!("trap:{}", encode(message));
                match exec {
                    WastExecute::Invoke(call) => self.call(line, call, &want, None)?,
                    WastExecute::Wat(mut wat) => {
                        let bytes = wat.encode().map_err(|e| e.to_string())?;
                        self.instance(line, bytes, None, None, &want);
                    }
                    WastExecute::Get { .. } => return Err("a global that traps".to_string()),
                }
            }
            D::AssertExhaustion { call, .. } => self.call(line, call, "exhaust", None)?,
            D::AssertInvalid { mut module, .. } => {
                let verdict = match encoded(&mut module) {
                    Ok((bytes, text)) => {
                        refused(&text.unwrap_or(bytes), &[Kind::Invalid, Kind::Unsupported])
                    }
                    // The assembler sees some of it already: then the text must be refused all the same.
                    Err(_) => refused(&self.source(&module)?, &[Kind::Text]),
                };
                self.outcome(line, verdict);
            }
            D::AssertMalformed { mut module, .. } => {
                let verdict = match module.to_test().map_err(|e| e.to_string())? {
                    QuoteWatTest::Binary(bytes) => {
                        refused(&bytes, &[Kind::Invalid, Kind::Unsupported])
                    }
                    // The assembler knows numbers and sections of later proposals: then the validator refuses.
                    QuoteWatTest::Text(text) => refused(&text, &[Kind::Text, Kind::Invalid]),
                };
                self.outcome(line, verdict);
            }
            D::AssertUnlinkable {
                mut module,
                message,
                ..
            } => {
                let bytes = module.encode().map_err(|e| e.to_string())?;
                self.unlinkable(line, bytes, message)?;
            }
            _ => return Err("a directive that is not understood".to_string()),
        }
        Ok(())
    }

    /// The text of a module that stands in the script itself.
    fn source(&self, module: &QuoteWat<'_>) -> Result<Vec<u8>, String> {
        let QuoteWat::Wat(Wat::Module(module)) = module else {
            return Err("no text".to_string());
        };
        let start = self.text[..module.span.offset()]
            .rfind('(')
            .ok_or("no parenthesis")?;
        let (mut depth, mut end, mut quoted) = (0, start, false);
        for (at, byte) in self.text.bytes().enumerate().skip(start) {
            match byte {
                b'"' => quoted = !quoted,
                b'(' if !quoted => depth += 1,
                b')' if !quoted => depth -= 1,
                _ => {}
            }
            end = at;
            if depth == 0 {
                break;
            }
        }
        Ok(self.text.as_bytes()[start..=end].to_vec())
    }

    fn find(&self, name: Option<Id<'_>>) -> Result<usize, String> {
        match name {
            Some(id) => self
                .named
                .get(id.name())
                .copied()
                .ok_or_else(|| format!("no module {}", id.name())),
            None => self
                .current
                .ok_or_else(|| "no module before this line".to_string()),
        }
    }

    fn instance(
        &mut self,
        line: usize,
        bytes: Vec<u8>,
        text: Option<Vec<u8>>,
        name: Option<Id<'_>>,
        want: &str,
    ) {
        let number = self.script.insts.len();
        if want == "ok" {
            self.current = Some(number);
            if let Some(id) = name {
                self.named.insert(id.name().to_string(), number);
            }
        }
        let inst = self.make(bytes, text);
        self.script.insts.push(inst);
        self.script.cmds.push(Cmd {
            line,
            inst: number,
            act: Act::Step {
                want: want.to_string(),
            },
        });
    }

    fn make(&self, bytes: Vec<u8>, text: Option<Vec<u8>>) -> Inst {
        let mut from = BTreeMap::new();
        let mut shares = false;
        for (module, is_state) in plan::imports(&bytes) {
            if let Some(inst) = self.registered.get(&module) {
                from.insert(module, *inst);
                shares |= *inst == 0 && is_state;
            }
        }
        Inst {
            bytes,
            text,
            from,
            shares,
        }
    }

    fn call(
        &mut self,
        line: usize,
        call: WastInvoke<'_>,
        want: &str,
        results: Option<&[WastRet<'_>]>,
    ) -> Result<(), String> {
        let mut values = String::new();
        for arg in &call.args {
            let _ = write!(values, " {}", argument(arg)?);
        }
        if let Some(results) = results {
            values.push_str(" =");
            for result in results {
                let _ = write!(values, " {}", expected(result)?);
            }
        }
        let inst = self.find(call.module)?;
        let act = Act::Call {
            name: call.name.to_string(),
            want: want.to_string(),
            values,
        };
        self.script.cmds.push(Cmd { line, inst, act });
        Ok(())
    }

    /// Either linking fails when compiling, or a size turns out too small when the instance is made.
    fn unlinkable(&mut self, line: usize, bytes: Vec<u8>, message: &str) -> Result<(), String> {
        let inst = self.make(bytes, None);
        let number = self.script.insts.len();
        self.script.insts.push(inst);
        let want = message.to_string();
        match plan::link(&self.script, number) {
            Err(e) if e.kind() == Kind::Link && e.message().starts_with(&want) => {
                self.outcome(line, Ok(()))
            }
            Err(e) => self.outcome(line, Err(format!("{e}, not {want}"))),
            Ok(Some(missing)) if want == "unknown import" => {
                // Nothing in the script has that name, and here no host gives it either.
                let known = self.registered.contains_key(&missing);
                self.outcome(
                    line,
                    if known {
                        Err(format!("{missing} is left to the host"))
                    } else {
                        Ok(())
                    },
                );
            }
            Ok(Some(missing)) => self.outcome(
                line,
                Err(format!("{missing} is left to the host, not {want}")),
            ),
            Ok(None) => {
                let act = Act::Step {
                    want: format!("trap:{}", encode(message)),
                };
                self.script.cmds.push(Cmd {
                    line,
                    inst: number,
                    act,
                });
            }
        }
        Ok(())
    }
}

/// The module as bytes, and its own text if it has one.
fn encoded(module: &mut QuoteWat<'_>) -> Result<(Vec<u8>, Option<Vec<u8>>), String> {
    match module.to_test().map_err(|e| e.to_string())? {
        QuoteWatTest::Binary(bytes) => Ok((bytes, None)),
        QuoteWatTest::Text(text) => {
            let bytes = wat::parse_bytes(&text)
                .map_err(|e| e.to_string())?
                .into_owned();
            Ok((bytes, Some(text)))
        }
    }
}

/// Passed, if the compiler refuses `bytes` with an error of one of `kinds`.
fn refused(bytes: &[u8], kinds: &[Kind]) -> Result<(), String> {
    match compile(bytes, &Options::default()) {
        Ok(_) => Err("is accepted".to_string()),
        // What needs SIMD was not judged.
        Err(e) if e.kind() == Kind::Unsupported && e.message().contains("simd") => {
            Err(e.to_string())
        }
        Err(e) if kinds.contains(&e.kind()) => Ok(()),
        Err(e) => Err(wrong_kind(&e)),
    }
}

fn wrong_kind(e: &Error) -> String {
    format!("is refused as {:?}: {e}", e.kind())
}

/// Percent-encoded: one word of letters, digits and a few signs.
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.' => {
                out.push(char::from(byte))
            }
            _ => {
                let _ = write!(out, "%{byte:02x}");
            }
        }
    }
    out
}

fn is_extern(ty: &HeapType<'_>) -> bool {
    matches!(
        ty,
        HeapType::Abstract {
            ty: AbstractHeapType::Extern,
            ..
        }
    )
}

fn argument(arg: &WastArg<'_>) -> Result<String, String> {
    let WastArg::Core(arg) = arg else {
        return Err("an argument of a component".to_string());
    };
    Ok(match arg {
        WastArgCore::I32(v) => format!("i32:{v:x}"),
        WastArgCore::I64(v) => format!("i64:{v:x}"),
        WastArgCore::F32(v) => format!("f32:{:x}", v.bits),
        WastArgCore::F64(v) => format!("f64:{:x}", v.bits),
        WastArgCore::RefNull(ty) if is_extern(ty) => "extern:null".to_string(),
        WastArgCore::RefNull(_) => "func:null".to_string(),
        WastArgCore::RefExtern(n) => format!("extern:{n:x}"),
        WastArgCore::V128(_) => return Err("unsupported: simd".to_string()),
        other => return Err(format!("an argument that is not built: {other:?}")),
    })
}

fn expected(result: &WastRet<'_>) -> Result<String, String> {
    let WastRet::Core(result) = result else {
        return Err("a result of a component".to_string());
    };
    Ok(match result {
        WastRetCore::I32(v) => format!("i32:{v:x}"),
        WastRetCore::I64(v) => format!("i64:{v:x}"),
        WastRetCore::F32(NanPattern::Value(v)) => format!("f32:{:x}", v.bits),
        WastRetCore::F64(NanPattern::Value(v)) => format!("f64:{:x}", v.bits),
        WastRetCore::F32(NanPattern::CanonicalNan) => "f32:canonical".to_string(),
        WastRetCore::F64(NanPattern::CanonicalNan) => "f64:canonical".to_string(),
        WastRetCore::F32(NanPattern::ArithmeticNan) => "f32:arithmetic".to_string(),
        WastRetCore::F64(NanPattern::ArithmeticNan) => "f64:arithmetic".to_string(),
        WastRetCore::RefNull(None) => "ref:null".to_string(),
        WastRetCore::RefNull(Some(ty)) if is_extern(ty) => "extern:null".to_string(),
        WastRetCore::RefNull(Some(_)) => "func:null".to_string(),
        WastRetCore::RefExtern(None) => "extern:any".to_string(),
        WastRetCore::RefExtern(Some(n)) => format!("extern:{n:x}"),
        WastRetCore::RefFunc(_) => "func:any".to_string(),
        WastRetCore::V128(_) => return Err("unsupported: simd".to_string()),
        other => return Err(format!("a result that is not built: {other:?}")),
    })
}
