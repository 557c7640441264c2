//! A script of the specification suite, read: instances, what is done with them, and what could be decided at once.
//!
//! In: one `.wast` file. Out: a [`Script`]. What must be refused is refused here, by the compiler itself; nothing
//! is left out, so a directive that is not understood is a failure.

use crate::check::encode;
use crate::plan;
use crate::words::{argument, expected};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use wast::lexer::Lexer;
use wast::parser::{self, ParseBuffer};
use wast::token::{Id, Span};
use wast::{QuoteWat, QuoteWatTest, Wast, WastDirective, WastExecute, WastInvoke, WastRet, Wat};
use wrt_compiler::{Error, Kind, Options, compile};

/// A script.
#[derive(Debug)]
pub struct Script {
    /// `v1/i32.wast`
    pub name: String,
    /// Instances; the first is that of `spectest`.
    pub insts: Vec<Inst>,
    /// What is done, in order.
    pub cmds: Vec<Cmd>,
    /// What is decided already.
    pub outcomes: Vec<Outcome>,
}

/// An instance.
#[derive(Debug)]
pub struct Inst {
    /// The module, binary.
    pub bytes: Vec<u8>,
    /// The module's own text, if it was quoted.
    pub text: Option<Vec<u8>>,
    /// Instances by the names under which they were registered when this one was made; of those it imports from.
    pub from: BTreeMap<String, usize>,
    /// It shares the state of `spectest`.
    pub shares: bool,
}

/// One command.
#[derive(Debug)]
pub struct Cmd {
    /// Line in the script.
    pub line: usize,
    /// On which instance.
    pub inst: usize,
    /// What.
    pub act: Act,
}

impl Cmd {
    /// It is not decided by compiling.
    pub(crate) fn runs_compiled(&self) -> bool {
        !matches!(self.act, Act::Refused { .. })
    }
}

/// What a command does, in the words of `check`.
#[derive(Debug)]
pub enum Act {
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
    /// Asks for an instance that cannot be linked. Compiled, that was decided when the script was read.
    Refused {
        /// Why not.
        want: String,
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
pub struct Outcome {
    /// Line in the script.
    pub line: usize,
    /// Passed, or why not.
    pub verdict: Result<(), String>,
}

/// Reads the script `text`. The error says where it is no script.
pub(crate) fn read(name: &str, text: &str, spectest: &[u8]) -> Result<Script, String> {
    let mut lexer = Lexer::new(text);
    lexer.allow_confusing_unicode(true);
    let unreadable = |e: wast::Error| {
        let (line, column) = e.span().linecol_in(text);
        format!("{name}:{}:{}: {}", line + 1, column + 1, e.message())
    };
    let buffer = ParseBuffer::new_with_lexer(lexer).map_err(unreadable)?;
    let wast: Wast<'_> = parser::parse(&buffer).map_err(unreadable)?;
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
                // What follows is not said of the module before.
                self.current = None;
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
                    let name = global.to_string();
                    self.command(line, inst, Act::Get { name, result });
                }
                WastExecute::Wat(_) => return Err("a module that returns".to_string()),
            },
            D::AssertTrap { exec, message, .. } => {
                let want = format!("trap:{}", encode(message));
                match exec {
                    WastExecute::Invoke(call) => self.call(line, call, &want, None)?,
                    WastExecute::Wat(mut wat) => {
                        let bytes = wat.encode().map_err(|e| e.message())?;
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
                let verdict = match module.to_test().map_err(|e| e.message())? {
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
                let bytes = module.encode().map_err(|e| e.message())?;
                self.unlinkable(line, bytes, message)?;
            }
            other => return Err(format!("{}: not understood", directive_name(&other))),
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
        let want = want.to_string();
        self.command(line, number, Act::Step { want });
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
        self.command(line, inst, act);
        Ok(())
    }

    /// Either linking fails when compiling, or a size turns out too small when the instance is made.
    fn unlinkable(&mut self, line: usize, bytes: Vec<u8>, message: &str) -> Result<(), String> {
        let inst = self.make(bytes, None);
        let number = self.script.insts.len();
        self.script.insts.push(inst);
        let want = message.to_string();
        let verdict = match plan::link(&self.script, number) {
            Err(e) if e.kind() == Kind::Link && e.message().starts_with(&want) => Ok(()),
            Err(e) => Err(format!("{e}, not {want}")),
            // Nothing in the script has that name, and here no host gives it either.
            Ok(Some(missing))
                if want == "unknown import" && !self.registered.contains_key(&missing) =>
            {
                Ok(())
            }
            Ok(Some(missing)) => Err(format!("{missing} is left to the host, not {want}")),
            Ok(None) => {
                let want = format!("trap:{}", encode(message));
                self.command(line, number, Act::Step { want });
                return Ok(());
            }
        };
        self.outcome(line, verdict);
        self.command(line, number, Act::Refused { want });
        Ok(())
    }

    fn command(&mut self, line: usize, inst: usize, act: Act) {
        self.script.cmds.push(Cmd { line, inst, act });
    }
}

/// The keyword of a directive that has no meaning here.
fn directive_name(directive: &WastDirective<'_>) -> &'static str {
    match directive {
        WastDirective::AssertException { .. } => "assert_exception",
        WastDirective::AssertSuspension { .. } => "assert_suspension",
        WastDirective::AssertInvalidCustom { .. } => "assert_invalid_custom",
        WastDirective::AssertMalformedCustom { .. } => "assert_malformed_custom",
        WastDirective::Thread(_) => "thread",
        WastDirective::Wait { .. } => "wait",
        _ => "a directive",
    }
}

/// The module as bytes, and its own text if it has one.
fn encoded(module: &mut QuoteWat<'_>) -> Result<(Vec<u8>, Option<Vec<u8>>), String> {
    match module.to_test().map_err(|e| e.message())? {
        QuoteWatTest::Binary(bytes) => Ok((bytes, None)),
        QuoteWatTest::Text(text) => {
            let bytes = wat::parse_bytes(&text)
                .map_err(|e| first_line(&e))?
                .into_owned();
            Ok((bytes, Some(text)))
        }
    }
}

/// The message, without the piece of the text below it.
fn first_line(e: &wat::Error) -> String {
    e.to_string().lines().next().unwrap_or_default().to_string()
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
