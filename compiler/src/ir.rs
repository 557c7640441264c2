//! The intermediate representation of one function: statements over expression trees.
//!
//! Everything is an id into vectors of the function, so that nothing here is recursive to build, clone or
//! drop. Order of effects, temporaries and fuel are decided by who builds it; both back ends only follow.

use crate::module::Const;
use crate::op::{Load, Op, Store, Ty};
use crate::set::*;
use alloc::string::String;
use alloc::vec::Vec;
use wrt_rt::ValType;

/// A local of wasm or a temporary.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Var(pub u32);

/// An expression of the function's arena. Each is used once, but for constants and variables.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ExprId(pub u32);

/// A list of statements of the function's arena.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct BlockId(pub u32);

/// The target of a branch.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Label(pub u32);

/// What an instruction saw of the operand stack: see [`Site`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SiteId(pub u32);

/// One function.
#[derive(Debug, Clone)]
pub struct Func {
    /// Which one of the set.
    pub id: FuncId,
    /// Variables; the first are the parameters, then the locals of wasm, then temporaries.
    pub vars: Vec<VarDecl>,
    /// Number of parameters.
    pub params: u32,
    /// Number of locals of wasm, parameters included.
    pub locals: u32,
    /// Expressions.
    pub exprs: Vec<Node>,
    /// Lists of statements.
    pub blocks: Vec<Vec<Stmt>>,
    /// Kinds of labels.
    pub labels: Vec<LabelKind>,
    /// The function's body.
    pub body: BlockId,
    /// Sites of checks, bulk operations and calls.
    pub sites: Vec<Site>,
    /// What each [`Stmt::Count`] counts.
    pub counts: Vec<Counts>,
    /// Fuel of the longest path if callers pay for it.
    pub leaf_cost: Option<u32>,
    /// Longest path between two checks, in fuel.
    pub longest: u32,
    /// Which parameters are assigned.
    pub mutable_params: Vec<bool>,
}

/// A variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VarDecl {
    /// Its type.
    pub ty: ValType,
    /// What it is for.
    pub kind: VarKind,
    /// The name that the module gives it.
    pub name: Option<String>,
}

/// What a variable is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VarKind {
    /// A local of wasm: zero until it is set.
    Local,
    /// A temporary, set on every path before it is read, and once on each.
    Temp,
    /// A parameter of a loop: set before the loop and again by each branch to it.
    LoopParam,
    /// The state of a dispatch loop.
    State,
}

/// An expression, its type and the offset in the file of the instruction it stands for.
#[derive(Debug, Clone, Copy)]
pub struct Node {
    /// The expression.
    pub expr: Expr,
    /// Its type.
    pub ty: Ty,
    /// Offset in the file, in bytes.
    pub at: u32,
}

/// An expression. Operands are evaluated in the order written here.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Expr {
    /// A constant.
    Const(Const),
    /// The value of a variable.
    Var(Var),
    /// A numeric instruction of one operand.
    Unary(Op, ExprId),
    /// A numeric instruction of two operands.
    Binary(Op, ExprId, ExprId),
    /// A load.
    Load {
        /// The row.
        op: Load,
        /// The memory.
        mem: MemId,
        /// Its address, an i32.
        addr: ExprId,
        /// Bytes added to the address.
        offset: u32,
    },
    /// `select`; the condition is evaluated first.
    Select {
        /// A condition.
        cond: ExprId,
        /// The value if it holds.
        then: ExprId,
        /// The value if not.
        otherwise: ExprId,
    },
    /// `global.get`.
    GlobalGet(GlobalId),
    /// `memory.size`.
    MemorySize(MemId),
    /// `table.size`.
    TableSize(TableId),
    /// `table.get`.
    TableGet(TableId, ExprId),
    /// `ref.func`.
    RefFunc(FuncId),
    /// `ref.is_null`, a condition.
    RefIsNull(ExprId),
    /// A condition as a value.
    FromBool(ExprId),
    /// Whether an i32 is not zero, a condition.
    NonZero(ExprId),
    /// The opposite of a condition.
    Not(ExprId),
    /// A float whose NaNs are made quiet (or canonical): see `nan`.
    Quiet(ExprId),
}

/// A statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Stmt {
    /// Assigns a variable.
    Set(Var, ExprId),
    /// Declares a variable and assigns it.
    Let {
        /// The variable.
        var: Var,
        /// Its first value.
        value: ExprId,
        /// Whether it is set again.
        mutable: bool,
    },
    /// Declares a variable: at zero, or without a value if it is set on every path.
    Declare {
        /// The variable.
        var: Var,
        /// Whether it starts at zero.
        zero: bool,
        /// Whether it is set more than once.
        mutable: bool,
    },
    /// Evaluates for the trap alone.
    Eval(ExprId),
    /// `global.set`.
    GlobalSet(GlobalId, ExprId),
    /// `table.set`.
    TableSet {
        /// The table.
        table: TableId,
        /// An i32.
        index: ExprId,
        /// A reference.
        value: ExprId,
        /// Offset in the file.
        at: u32,
    },
    /// A store.
    Store {
        /// The row.
        op: Store,
        /// The memory.
        mem: MemId,
        /// An i32.
        addr: ExprId,
        /// Bytes added to the address.
        offset: u32,
        /// What is stored.
        value: ExprId,
        /// Offset in the file.
        at: u32,
    },
    /// A direct call.
    Call {
        /// The callee.
        func: FuncId,
        /// Its arguments; none of them reads state (see `effects`).
        args: Vec<ExprId>,
        /// Variables that take the results.
        results: Vec<Var>,
        /// Whether the only result is declared here, and if so, whether it is set again.
        declares: Option<bool>,
        /// What is known here.
        site: SiteId,
    },
    /// `call_indirect`.
    CallIndirect {
        /// The type that the callee must have.
        ty: TypeId,
        /// The table.
        table: TableId,
        /// Arguments.
        args: Vec<ExprId>,
        /// An i32, evaluated after the arguments.
        index: ExprId,
        /// Variables that take the results.
        results: Vec<Var>,
        /// Whether the only result is declared here, and if so, whether it is set again.
        declares: Option<bool>,
        /// What is known here.
        site: SiteId,
    },
    /// A bulk operation, or one that grows or drops something.
    Bulk {
        /// Which.
        op: Bulk,
        /// Operands in order; none of them reads state.
        args: Vec<ExprId>,
        /// The variable that takes the result.
        result: Option<Var>,
        /// Whether it is declared here, and if so, whether it is set again.
        declares: Option<bool>,
        /// What is known here.
        site: SiteId,
    },
    /// A block: a branch to its label goes past it.
    Block(Label, BlockId),
    /// A loop: a branch to its label starts it again; falling off its end leaves it.
    Loop(Label, BlockId),
    /// A choice.
    If {
        /// A condition.
        cond: ExprId,
        /// If it holds.
        then: BlockId,
        /// If not.
        otherwise: Option<BlockId>,
    },
    /// A branch.
    Br(Label),
    /// A branch by number: the arm with the key, else the default.
    Switch {
        /// An i32, compared unsigned.
        index: ExprId,
        /// Keys, in order, and what to do.
        arms: Vec<(Vec<u32>, BlockId)>,
        /// What to do for any other key.
        default: BlockId,
    },
    /// A loop over numbered arms, for structure that is too deep to print: each arm ends by setting `state`
    /// and branching to `label`, or by leaving.
    Dispatch {
        /// Branching to it runs the arm that `state` numbers.
        label: Label,
        /// An i32 that starts at zero.
        state: Var,
        /// The arms.
        arms: Vec<BlockId>,
    },
    /// Returns the results.
    Return(Vec<ExprId>),
    /// Traps.
    Unreachable {
        /// Offset in the file.
        at: u32,
    },
    /// A check: takes fuel for the region that starts here, or stops before it.
    Charge {
        /// Units; a region without cost has no check.
        fuel: u32,
        /// What is known here.
        site: SiteId,
    },
    /// Counts the instructions of the sequence that starts here, by its number in `counts`; only with statistics.
    Count(u32),
}

/// The instructions of a sequence without branches, which ends behind a call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// By class, in the order of [`wrt_rt::run::CLASSES`].
    pub instructions: [u32; wrt_rt::run::CLASSES.len()],
    /// Loads and stores among them.
    pub accesses: u32,
}

/// A bulk operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bulk {
    /// `memory.grow`: pages.
    MemoryGrow(MemId),
    /// `memory.fill`: destination, value, length.
    MemoryFill(MemId),
    /// `memory.copy`, destination memory first: destination, source, length.
    MemoryCopy(MemId, MemId),
    /// `memory.init`: destination, source, length.
    MemoryInit(MemId, DataId),
    /// `data.drop`.
    DataDrop(DataId),
    /// `table.grow`: value, elements.
    TableGrow(TableId),
    /// `table.fill`: destination, value, length.
    TableFill(TableId),
    /// `table.copy`, destination table first: destination, source, length.
    TableCopy(TableId, TableId),
    /// `table.init`: destination, source, length.
    TableInit(TableId, ElemId),
    /// `elem.drop`.
    ElemDrop(ElemId),
}

/// What a label stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelKind {
    /// The end of a block.
    Block,
    /// The start of a loop.
    Loop,
}

/// A place where a run can stop or hand over: a check, a bulk operation, a call.
///
/// The locals of wasm are the variables of the same index. `operands` are the values below those that the
/// instruction itself takes, deepest first, as expressions that can be evaluated at this place without effect.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// Offset in the file, in bytes.
    pub at: u32,
    /// The operand stack.
    pub operands: Vec<ExprId>,
}

impl Func {
    /// The node of an expression.
    pub fn node(&self, e: ExprId) -> &Node {
        &self.exprs[e.0 as usize]
    }

    /// The statements of a block.
    pub fn block(&self, b: BlockId) -> &[Stmt] {
        &self.blocks[b.0 as usize]
    }

    /// The declaration of a variable.
    pub fn var(&self, v: Var) -> &VarDecl {
        &self.vars[v.0 as usize]
    }

    /// Adds a variable.
    pub fn add_var(&mut self, ty: ValType, kind: VarKind) -> Var {
        self.vars.push(VarDecl {
            ty,
            kind,
            name: None,
        });
        Var(self.vars.len() as u32 - 1)
    }

    /// Adds an expression.
    pub fn add(&mut self, expr: Expr, ty: Ty, at: u32) -> ExprId {
        self.exprs.push(Node { expr, ty, at });
        ExprId(self.exprs.len() as u32 - 1)
    }
}

impl Expr {
    /// The operands, in the order in which they are evaluated.
    pub fn operands(&self) -> impl Iterator<Item = ExprId> + use<> {
        let list: [Option<ExprId>; 3] = match *self {
            Expr::Const(_)
            | Expr::Var(_)
            | Expr::GlobalGet(_)
            | Expr::MemorySize(_)
            | Expr::TableSize(_)
            | Expr::RefFunc(_) => [None; 3],
            Expr::Unary(_, a)
            | Expr::Load { addr: a, .. }
            | Expr::TableGet(_, a)
            | Expr::RefIsNull(a)
            | Expr::FromBool(a)
            | Expr::NonZero(a)
            | Expr::Not(a)
            | Expr::Quiet(a) => [Some(a), None, None],
            Expr::Binary(_, a, b) => [Some(a), Some(b), None],
            Expr::Select {
                cond,
                then,
                otherwise,
            } => [Some(cond), Some(then), Some(otherwise)],
        };
        list.into_iter().flatten()
    }
}
