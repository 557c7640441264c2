//! What is known of a function before it is lowered, and what follows from that over the call graph.
//!
//! In: instructions as they are validated; then the linked set. Out: which parameters a function takes
//! (`cx` or `st`, `host`, `depth`, `fuel`), whether it can trap, whether it is a leaf that its callers pay for, and its
//! stack weight. Both engines read these facts; neither computes its own.

use crate::module::*;
use crate::op::{self, Op};
use crate::set::{FuncDef, FuncId, Set};
use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;
use wasmparser::Operator;

/// A leaf has at most so many instructions: its callers pay for its longest path wherever it goes.
const LEAF_MAX: u32 = 64;

/// Stack slots that a frame costs beyond its locals and operands: return address, saved registers.
const FRAME_WEIGHT: u32 = 8;

/// What one function body says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Functions called directly.
    pub calls: BTreeSet<FuncIdx>,
    /// It calls through a table.
    pub indirect: bool,
    /// It has a loop.
    pub loops: bool,
    /// It reads or writes linear memory or asks its size.
    pub memory: bool,
    /// It reads or writes a global or a table, or drops a segment.
    pub state: bool,
    /// It runs a bulk operation or grows something, charged by length.
    pub bulk: bool,
    /// An instruction of its own can trap.
    pub traps: bool,
    /// Number of instructions.
    pub instructions: u32,
    /// Deepest operand stack.
    pub operands: u32,
    /// Locals, parameters included.
    pub locals: u32,
}

impl Facts {
    /// Takes in one instruction, after which the operand stack holds `height` operands.
    pub(crate) fn see(&mut self, op: &Operator<'_>, height: u32) {
        use Operator as O;
        self.instructions += op::cost(op);
        self.operands = self.operands.max(height);
        if let Some(op) = Op::decode(op) {
            self.traps |= op.traps();
            return;
        }
        if op::Load::decode(op).is_some() || op::Store::decode(op).is_some() {
            self.memory = true;
            self.traps = true;
            return;
        }
        match op {
            O::Loop { .. } => self.loops = true,
            O::Call { function_index } => {
                self.calls.insert(FuncIdx(*function_index));
            }
            O::CallIndirect { .. } => self.indirect = true,
            O::Unreachable => self.traps = true,
            O::GlobalGet { .. } | O::GlobalSet { .. } | O::TableSize { .. } => self.state = true,
            O::MemorySize { .. } => self.memory = true,
            O::TableGet { .. } | O::TableSet { .. } => {
                self.state = true;
                self.traps = true;
            }
            O::DataDrop { .. } | O::ElemDrop { .. } => self.state = true,
            O::MemoryGrow { .. }
            | O::MemoryCopy { .. }
            | O::MemoryFill { .. }
            | O::MemoryInit { .. } => {
                self.memory = true;
                self.state = true;
                self.bulk = true;
                self.traps = true;
            }
            O::TableGrow { .. }
            | O::TableCopy { .. }
            | O::TableFill { .. }
            | O::TableInit { .. } => {
                self.state = true;
                self.bulk = true;
                self.traps = true;
            }
            _ => {}
        }
    }
}

/// What follows for a function of a linked set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// It can trap: it returns `Result<_, Trapped>`.
    pub traps: bool,
    /// It takes the state.
    pub state: bool,
    /// It takes the memories, and the state with them.
    pub env: bool,
    /// It may call the host, and takes it, memories and state.
    pub host: bool,
    /// It calls: it takes the depth budget and subtracts its weight from it.
    pub framed: bool,
    /// It checks no fuel of its own: no loop, no call, no bulk operation, and short.
    pub leaf: bool,
    /// It charges: it takes the fuel that its caller has in hand, and gives back what is left.
    pub fuel: bool,
    /// Stack slots: parameters, locals, deepest operand stack, the frame, and the heaviest of the functions
    /// that it calls which are not framed themselves.
    pub weight: u32,
}

impl Shape {
    /// What takes all but fuel: functions of the host, and what enters a function from outside.
    pub const ENTRY: Shape = Shape {
        traps: true,
        state: true,
        env: true,
        host: true,
        framed: true,
        leaf: false,
        fuel: false,
        weight: FRAME_WEIGHT,
    };
}

/// The functions that can stand in a table.
pub fn in_tables(set: &Set<'_>) -> BTreeSet<FuncId> {
    let mut funcs: BTreeSet<FuncId> = set.referenced().into_iter().collect();
    // A host can bring a table with any of its own functions in it.
    if set.tables.iter().any(|t| t.host.is_some()) {
        let hosts = (0..set.funcs.len() as u32).map(FuncId);
        funcs.extend(hosts.filter(|f| matches!(set.funcs[f.index()].def, FuncDef::Host { .. })));
    }
    funcs
}

/// The shape of what calls through a table, given those of all functions.
pub fn dispatcher(set: &Set<'_>, shapes: &[Shape], fuel: bool) -> Shape {
    Shape {
        host: in_tables(set).iter().any(|f| shapes[f.index()].host),
        fuel,
        ..Shape::ENTRY
    }
}

/// The shape of every function of `set`, by [`FuncId`]. `fuel` and `stats` say whether fuel and instructions are
/// counted.
pub fn shapes(set: &Set<'_>, fuel: bool, stats: bool) -> Vec<Shape> {
    let mut shapes: Vec<Shape> = vec![Shape::default(); set.funcs.len()];
    let mut callers: Vec<Vec<u32>> = vec![Vec::new(); set.funcs.len()];
    for (id, func) in set.funcs.iter().enumerate() {
        let FuncDef::Body { instance, body } = func.def else {
            shapes[id] = Shape::ENTRY;
            continue;
        };
        let facts = &set.instances[instance].module.bodies[body].facts;
        let calls = facts.indirect || !facts.calls.is_empty();
        let leaf = !calls && !facts.loops && !facts.bulk && facts.instructions <= LEAF_MAX;
        let charged = fuel && !leaf;
        shapes[id] = Shape {
            traps: facts.traps || facts.indirect || calls || charged,
            state: facts.state || facts.traps || calls || charged || stats,
            env: facts.memory || facts.indirect,
            host: false,
            framed: calls,
            leaf,
            fuel: charged,
            weight: FRAME_WEIGHT + facts.locals + facts.operands,
        };
        for callee in &facts.calls {
            let callee = set.func(instance, *callee);
            callers[callee.index()].push(id as u32);
            // Who calls from outside has everything at hand.
            let crosses = set.crosses(FuncId(id as u32), callee);
            shapes[id].env |= crosses;
            shapes[id].host |= crosses;
        }
    }
    spread(&mut shapes, &callers, |shape| &mut shape.env);
    spread(&mut shapes, &callers, |shape| &mut shape.host);
    if dispatcher(set, &shapes, fuel).host {
        for (id, func) in set.funcs.iter().enumerate() {
            if let FuncDef::Body { instance, body } = func.def {
                let facts = &set.instances[instance].module.bodies[body].facts;
                shapes[id].host |= facts.indirect;
            }
        }
        spread(&mut shapes, &callers, |shape| &mut shape.host);
    }
    add_unframed_callees(set, &mut shapes);
    shapes
}

/// A caller of a function that needs something needs it too.
fn spread(shapes: &mut [Shape], callers: &[Vec<u32>], need: impl Fn(&mut Shape) -> &mut bool) {
    let mut work: Vec<u32> = (0..shapes.len() as u32)
        .filter(|f| *need(&mut shapes[*f as usize]))
        .collect();
    while let Some(callee) = work.pop() {
        for caller in &callers[callee as usize] {
            let needs = need(&mut shapes[*caller as usize]);
            if !*needs {
                *needs = true;
                work.push(*caller);
            }
        }
    }
}

/// A framed function reserves what the heaviest of the unframed functions of its instance that it calls needs.
fn add_unframed_callees(set: &Set<'_>, shapes: &mut [Shape]) {
    for (id, func) in set.funcs.iter().enumerate() {
        let FuncDef::Body { instance, body } = func.def else {
            continue;
        };
        let facts = &set.instances[instance].module.bodies[body].facts;
        let callees = facts.calls.iter().map(|f| set.func(instance, *f));
        let heaviest = callees
            .filter(|f| !set.crosses(FuncId(id as u32), *f))
            .map(|f| shapes[f.index()])
            .filter(|s| !s.framed)
            .map(|s| s.weight)
            .max();
        shapes[id].weight += heaviest.unwrap_or(0);
    }
}
