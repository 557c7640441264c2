//! The code of one function, followed along its branches: how deep the stack gets, and what is called at which depth.
//!
//! The depth of an instruction is the number of bytes that the function has taken when it gets there: the largest of
//! those over all ways to it, so that it is never too small. Where it grows each time around a loop, it is not bounded.
//! Code that only a table of jumps can lead to gets the depth at those jumps.
//!
//! What compilers do is taken as given: a callee returns with the stack pointer as it was, and keeps the registers that
//! it must keep, the frame pointer among them.

use std::collections::{BTreeMap, BTreeSet};

use super::image::{Function, Image, Isa};
use super::insn::{Def, Flow, Insn, Sp, Value};
use super::state::{Known, State};
use super::{riscv, thumb};

/// What can be said of a function alone.
#[derive(Default)]
pub(super) struct Body {
    /// Bytes that it takes at most itself.
    pub(super) frame: u64,
    pub(super) calls: Vec<Call>,
    /// Why it is not bounded.
    pub(super) reasons: Vec<String>,
    /// Whether it ends as handlers of interrupts do, so that nobody calls it.
    pub(super) handler: bool,
    /// Constants of its code that point to functions.
    pub(super) constants: BTreeSet<u32>,
}

/// A call, or a jump to another function.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Call {
    /// Bytes that the function has taken at it.
    pub(super) depth: u64,
    pub(super) at: u32,
    /// None: by a pointer.
    pub(super) to: Option<u32>,
    pub(super) jump: bool,
}

/// How often what is known before an instruction may change: more often than ways meet, it is a loop.
const MAX_GROWTH: u32 = 16;
const GROWS: &str = "takes more of the stack each time around a loop";
/// Instructions of a part that was taken out of a function.
const MAX_OUTLINED: u32 = 200;
/// Bytes: what no firmware has.
const MAX_DEPTH: i64 = 1 << 31;
/// Pairs of halves of constants that are put together, in one function.
const MAX_PAIRS: usize = 1 << 20;

/// Reads a function; `origin` if the stack starts in it, so that it may set the stack pointer.
pub(super) fn read(image: &Image, function: &Function, origin: bool) -> Body {
    let mut walk = Walk {
        image,
        function,
        origin,
        body: Body::default(),
        states: BTreeMap::new(),
        work: Vec::new(),
        maybe: BTreeSet::new(),
        edges: BTreeMap::new(),
        leaders: Leaders::default(),
        table: None,
        frame: None,
        returns: None,
        halves: BTreeMap::new(),
        saved: false,
        restored: false,
        failed: false,
    };
    walk.enter(function.start, State::default());
    walk.follow();
    walk.tables();
    walk.finish()
}

/// Where tables of jumps can lead: behind what never goes on.
#[derive(Default)]
struct Leaders {
    all: BTreeSet<u32>,
    /// Those that no table was followed to yet.
    fresh: Vec<u32>,
    /// Whether tables are being followed, perhaps to what is no code.
    guessed: bool,
}

impl Leaders {
    fn add(&mut self, at: u32) {
        if self.all.insert(at) {
            self.fresh.push(at);
        }
    }
}

struct Walk<'a> {
    image: &'a Image<'a>,
    function: &'a Function<'a>,
    origin: bool,
    body: Body,
    /// By address: the state before the instruction, and how often it has grown.
    states: BTreeMap<u32, (State, u32)>,
    work: Vec<u32>,
    /// Instructions that may be skipped.
    maybe: BTreeSet<u32>,
    /// Calls by address.
    edges: BTreeMap<(u32, Option<u32>), (i64, bool)>,
    leaders: Leaders,
    /// The largest and the smallest depth at jumps by tables.
    table: Option<(i64, i64)>,
    /// What the frame pointer was set to.
    frame: Option<i64>,
    /// The smallest depth at a return.
    returns: Option<i64>,
    /// By register: constants, and what is added to it.
    halves: BTreeMap<u8, (BTreeSet<u32>, BTreeSet<u32>)>,
    /// Whether the address of return is put on the stack, and taken from there.
    saved: bool,
    restored: bool,
    failed: bool,
}

impl Walk<'_> {
    fn frame_register(&self) -> u8 {
        match self.image.isa {
            Isa::Thumb => 7,
            Isa::RiscV => 8,
        }
    }

    /// Follows the tables to what nothing else leads to.
    fn tables(&mut self) {
        let Some(mut table) = self.table else {
            return;
        };
        self.leaders.guessed = true;
        for at in self.image.code_behind_data(self.function) {
            self.leaders.add(at);
        }
        let mut led = BTreeSet::new();
        for _ in 0..MAX_GROWTH {
            while let Some(at) = self.leaders.fresh.pop() {
                let at = self.behind_padding(at);
                let reached = self.states.contains_key(&at) && !led.contains(&at);
                if reached || !self.inside(at) || self.image.is_data(at) {
                    continue;
                }
                led.insert(at);
                let frame = self.frame.map(|d| (self.frame_register(), Known::Sp(d)));
                let regs = frame.into_iter().collect();
                let (depth, least) = table;
                self.enter(at, State { depth, least, regs });
                self.follow();
            }
            match self.table {
                Some(wider) if wider != table => table = wider,
                _ => return,
            }
            self.leaders.fresh = led.iter().copied().collect();
        }
        self.fail(self.function.start, GROWS);
    }

    /// The first instruction from here on that does something.
    fn behind_padding(&self, mut at: u32) -> u32 {
        loop {
            let second = self.function.half(at.wrapping_add(2));
            at = match (self.image.isa, self.function.half(at), second) {
                (Isa::Thumb, Some(0xbf00), _) | (Isa::RiscV, Some(0x0001), _) => at + 2,
                (Isa::Thumb, Some(0xf3af), Some(0x8000)) => at + 4,
                (Isa::RiscV, Some(0x0013), Some(0)) => at + 4,
                _ => return at,
            };
        }
    }

    fn fail(&mut self, at: u32, what: &str) {
        self.failed = true;
        self.work.clear();
        if self.body.reasons.is_empty() {
            self.body.reasons.push(format!("{what}, at {at:#x}"));
        }
    }

    /// Goes on at an address of the function.
    fn enter(&mut self, at: u32, state: State) {
        if self.failed {
            return;
        }
        self.body.frame = self.body.frame.max(state.depth.max(0) as u64);
        let frame = self.frame_register();
        let Some((old, growth)) = self.states.get_mut(&at) else {
            self.states.insert(at, (state, 0));
            self.work.push(at);
            return;
        };
        let mut joined = State {
            depth: old.depth.max(state.depth),
            least: old.least.min(state.least),
            regs: BTreeMap::new(),
        };
        for (register, known) in &old.regs {
            match (known, state.regs.get(register)) {
                (Known::Sp(a), Some(Known::Sp(b))) if *register == frame => {
                    joined.regs.insert(frame, Known::Sp(*a.max(b)));
                }
                (known, Some(other)) if known == other => {
                    joined.regs.insert(*register, *known);
                }
                _ => {}
            }
        }
        if *old == joined {
            return;
        }
        *growth += 1;
        if *growth > MAX_GROWTH {
            // What is not the frame pointer may walk through the stack.
            joined.regs.remove(&frame);
            joined.least = 0;
        }
        let deeper = joined.depth > old.depth;
        let grown = deeper && (*growth > MAX_GROWTH || joined.depth > MAX_DEPTH);
        *old = joined;
        self.work.push(at);
        if grown {
            self.fail(at, GROWS);
        }
    }

    fn follow(&mut self) {
        while let Some(at) = self.work.pop() {
            if let Some((state, _)) = self.states.get(&at) {
                self.step(at, state.clone());
            }
        }
    }

    fn step(&mut self, at: u32, state: State) {
        let half = |at: u32| self.function.half(at).filter(|_| !self.image.is_data(at));
        let Some(first) = half(at) else {
            return self.fail(at, "runs into what is not code");
        };
        let second = half(at.wrapping_add(2));
        let insn = match self.image.isa {
            Isa::Thumb => thumb::decode(at, first, second),
            Isa::RiscV => riscv::decode(at, first, second),
        };
        let Some(insn) = insn else {
            return self.fail(at, "ends within an instruction");
        };
        let mut after = state.clone();
        self.define(&insn, &state, &mut after);
        if !self.adjust(&insn, &state, &mut after) {
            return self.fail(at, "sets the stack pointer in a way that is not understood");
        }
        let next = at.wrapping_add(insn.len);
        self.flow(at, next, &insn, &state, after);
        // An instruction that may be skipped.
        if self.maybe.contains(&at) {
            self.pass(at, next, state);
        }
    }

    /// Sets what registers hold afterwards.
    fn define(&mut self, insn: &Insn, state: &State, after: &mut State) {
        let frame = self.frame_register();
        match insn.def {
            Def::Nothing => {}
            Def::Any => after.regs.retain(|register, _| *register == frame),
            Def::Reg(register, value) => {
                self.halve(register, value);
                match state.value(value, self.image) {
                    Some(known) => {
                        match known {
                            Known::Const(pointer) if self.is_pointer(value, pointer) => {
                                self.body.constants.insert(pointer);
                            }
                            Known::Sp(depth) if register == frame => {
                                self.frame = self.frame.max(Some(depth));
                            }
                            _ => {}
                        }
                        after.regs.insert(register, known);
                    }
                    None => {
                        after.regs.remove(&register);
                    }
                }
            }
        }
        if matches!(insn.flow, Flow::Call(_) | Flow::CallReg(..)) {
            let saved: fn(u8) -> bool = match self.image.isa {
                Isa::Thumb => |r| (4..=11).contains(&r),
                Isa::RiscV => |r| matches!(r, 3 | 4 | 8 | 9 | 18..=27),
            };
            after.regs.retain(|register, _| saved(*register));
        }
    }

    /// Whether a constant that was made so points to a function. A number that needs no linker is no pointer.
    fn is_pointer(&self, made: Value, pointer: u32) -> bool {
        let linked = match self.image.isa {
            Isa::Thumb => matches!(made, Value::High(..) | Value::Word(_)),
            Isa::RiscV => matches!(made, Value::Sum(..)),
        };
        linked && self.image.pointee(pointer).is_some()
    }

    /// Remembers parts of constants, which may be put together where the walk does not see it.
    fn halve(&mut self, register: u8, value: Value) {
        match value {
            Value::Const(value) => {
                self.halves.entry(register).or_default().0.insert(value);
            }
            // On Arm, pointers are not put together so.
            Value::Sum(from, more) if self.image.isa == Isa::RiscV => {
                self.halves.entry(from).or_default().1.insert(more as u32);
            }
            Value::High(from, high) => {
                self.halves.entry(from).or_default().1.insert(high);
            }
            _ => {}
        }
    }

    /// Sets the depth afterwards; whether it is known.
    fn adjust(&self, insn: &Insn, state: &State, after: &mut State) -> bool {
        match insn.sp {
            Sp::Kept => {}
            Sp::Down(bytes) => {
                after.depth += i64::from(bytes);
                after.least += i64::from(bytes);
            }
            // More than was taken is given back where depths met that differ.
            Sp::Up(bytes) => {
                after.depth = (after.depth - i64::from(bytes)).max(0);
                after.least = (after.least - i64::from(bytes)).max(0);
            }
            Sp::Set(value) => match state.value(value, self.image) {
                Some(Known::Sp(depth)) => {
                    after.depth = depth.max(0);
                    after.least = 0;
                }
                // Here the stack starts.
                _ if self.origin => {}
                _ => return false,
            },
        }
        true
    }

    fn flow(&mut self, at: u32, next: u32, insn: &Insn, state: &State, after: State) {
        match insn.flow {
            Flow::Next => self.pass(at, next, after),
            Flow::Maybe(count) => {
                let mut skipped = next;
                for _ in 0..count {
                    self.maybe.insert(skipped);
                    let half = self.function.half(skipped).unwrap_or(0);
                    skipped = skipped.wrapping_add(thumb::length(half));
                }
                self.pass(at, next, after);
            }
            Flow::Jump(to) => {
                self.leaders.add(next);
                self.jump(at, to, after);
            }
            Flow::Branch(to) => {
                self.jump(at, to, after.clone());
                self.pass(at, next, after);
            }
            Flow::Call(to) => self.call(at, next, Some(to), after),
            Flow::CallReg(register, more) => {
                let to = self.target(register, more, state);
                self.call(at, next, to, after);
            }
            Flow::Outlined(to) => self.outlined(at, next, Some(to), after),
            Flow::OutlinedReg(register, more) => {
                let to = self.target(register, more, state);
                self.outlined(at, next, to, after);
            }
            Flow::JumpReg(register, more) => {
                self.leaders.add(next);
                match self.target(register, more, state) {
                    Some(to) => self.jump(at, to, after),
                    None => self.edge(at, None, after.depth, true),
                }
            }
            Flow::JumpWord(word) => {
                self.leaders.add(next);
                match self.image.word(word) {
                    Some(to) => self.jump(at, to & !1, after),
                    None => self.edge(at, None, after.depth, true),
                }
            }
            Flow::Either(register, more) => {
                self.leaders.add(next);
                if let Some(to) = self.target(register, more, state) {
                    return self.jump(at, to, after);
                }
                if self.image.isa == Isa::RiscV && matches!(register, 1 | 5) {
                    return self.returned(&after);
                }
                // Only a function that has given back its frame leaves itself.
                if after.least == 0 {
                    self.edge(at, None, after.depth, true);
                }
                self.by_table(&after);
            }
            Flow::Table => {
                self.leaders.add(next);
                self.by_table(&after);
            }
            Flow::Saved => {
                self.saved = true;
                self.pass(at, next, after);
            }
            Flow::Return | Flow::Restored | Flow::TrapReturn => {
                self.leaders.add(next);
                self.body.handler |= insn.flow == Flow::TrapReturn;
                // What a caller saved is restored by an epilogue that was taken out of it.
                let own = matches!(insn.sp, Sp::Up(bytes) if state.depth >= i64::from(bytes));
                self.restored |= insn.flow == Flow::Restored && own;
                self.returned(&after);
            }
            Flow::Stop => {
                self.leaders.add(next);
            }
            Flow::Unknown => self.fail(at, "holds an instruction that is not understood"),
        }
    }

    /// Follows a part that was taken out of the function, which is a sequence.
    fn outlined(&mut self, at: u32, next: u32, to: Option<u32>, mut state: State) {
        const STRAYS: &str = "calls a part of itself that is not a sequence";
        let image = self.image;
        let part = to.and_then(|to| image.functions.get(image.function_at(to)?));
        let Some(part) = part else {
            return self.fail(at, STRAYS);
        };
        let mut inner = part.start;
        for _ in 0..MAX_OUTLINED {
            let second = part.half(inner.wrapping_add(2));
            let first = part.half(inner);
            let Some(insn) = first.and_then(|first| riscv::decode(inner, first, second)) else {
                break;
            };
            let mut after = state.clone();
            self.define(&insn, &state, &mut after);
            if !self.adjust(&insn, &state, &mut after) {
                break;
            }
            self.body.frame = self.body.frame.max(after.depth.max(0) as u64);
            match insn.flow {
                Flow::Next => {}
                Flow::Call(to) => self.edge(inner, Some(to), after.depth, false),
                Flow::CallReg(register, more) => {
                    let to = self.target(register, more, &state);
                    self.edge(inner, to, after.depth, false);
                }
                Flow::Either(5, 0) => return self.pass(at, next, after),
                _ => break,
            }
            inner = inner.wrapping_add(insn.len);
            state = after;
        }
        self.fail(at, STRAYS);
    }

    fn by_table(&mut self, after: &State) {
        let (most, least) = self.table.unwrap_or((after.depth, after.least));
        self.table = Some((most.max(after.depth), least.min(after.least)));
    }

    fn returned(&mut self, after: &State) {
        let least = self.returns.map_or(after.least, |d| d.min(after.least));
        self.returns = Some(least);
    }

    fn target(&self, register: u8, more: i32, state: &State) -> Option<u32> {
        match state.register(register, self.image)? {
            Known::Const(value) => Some(match self.image.isa {
                Isa::Thumb => value & !1,
                Isa::RiscV => value.wrapping_add_signed(more) & !1,
            }),
            _ => None,
        }
    }

    fn inside(&self, at: u32) -> bool {
        (self.function.start..self.function.end).contains(&at)
    }

    /// Goes on behind an instruction.
    fn pass(&mut self, at: u32, next: u32, after: State) {
        if self.inside(next) && !self.image.is_data(next) {
            self.enter(next, after);
        } else if self.leaders.guessed {
            // It was padding.
        } else if self.image.function_at(next).is_some() {
            self.edge(at, Some(next), after.depth, true);
        } else {
            self.fail(at, "runs past its end");
        }
    }

    fn jump(&mut self, at: u32, to: u32, after: State) {
        if self.inside(to) {
            self.enter(to, after);
        } else {
            self.edge(at, Some(to), after.depth, true);
        }
    }

    fn call(&mut self, at: u32, next: u32, to: Option<u32>, after: State) {
        self.edge(at, to, after.depth, false);
        // What does not return may stand at the end.
        if self.inside(next) && !self.image.is_data(next) {
            self.enter(next, after);
        }
    }

    fn edge(&mut self, at: u32, to: Option<u32>, depth: i64, jump: bool) {
        let edge = self.edges.entry((at, to)).or_insert((depth, jump));
        edge.0 = edge.0.max(depth);
        self.body.frame = self.body.frame.max(depth.max(0) as u64);
    }

    fn finish(mut self) -> Body {
        if self.returns.is_some_and(|depth| depth > 0) {
            let start = self.function.start;
            self.fail(
                start,
                "returns with less of the stack than it was called with",
            );
        }
        if self.restored && !self.saved {
            let start = self.function.start;
            self.fail(
                start,
                "jumps to an address on the stack that it did not save",
            );
        }
        let pairs = self
            .halves
            .values()
            .map(|(a, b)| a.len().saturating_mul(b.len()));
        if pairs.fold(0, usize::saturating_add) > MAX_PAIRS {
            let start = self.function.start;
            self.fail(
                start,
                "has too many constants to tell which functions it points to",
            );
        } else {
            for (bases, offsets) in self.halves.values() {
                for base in bases {
                    for offset in offsets {
                        let value = base.wrapping_add(*offset);
                        if self.image.pointee(value).is_some() {
                            self.body.constants.insert(value);
                        }
                    }
                }
            }
        }
        let edges = self.edges.into_iter();
        self.body.calls = edges
            .map(|((at, to), (depth, jump))| Call {
                depth: depth.max(0) as u64,
                at,
                to,
                jump,
            })
            .collect();
        self.body
    }
}
