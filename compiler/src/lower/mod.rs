//! Wasm out, IR in: one function at a time.
//!
//! In: a validated body. Out: an [`ir::Func`] with its checks placed. The folding law: an operand stays an
//! unevaluated expression on the operand stack until its consumer, unless a statement that it does not
//! commute with comes first (see [`crate::effects`]); then, and only then, it becomes a temporary.

mod charge;
mod control;
mod counted;
mod instr;

use crate::decode;
use crate::effects::{Effect, State, Summary};
use crate::error::Error;
use crate::ir::*;
use crate::module::FuncType;
use crate::op::{self, Ty};
use crate::set::{FuncDef, FuncId, Instance, Set};
use crate::survey::Shape;
use alloc::vec::Vec;
use charge::Charges;
use control::Frame;
use wasmparser::{BinaryReader, FunctionBody, Operator};
use wrt_rt::ValType;

/// Trees higher than this are cut: text grows with the square of nesting.
const MAX_DEPTH: u8 = 16;
/// Trees of more nodes than this are cut.
const MAX_SIZE: u16 = 64;

/// What lowering knows of the set beyond the body.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The set.
    pub set: &'a Set<'a>,
    /// The shape of every function.
    pub shapes: &'a [Shape],
    /// Cost of every leaf's longest path; empty while the leaves themselves are lowered.
    pub leaf_costs: &'a [u32],
    /// Whether fuel is counted.
    pub fuel: bool,
    /// Whether instructions are counted.
    pub stats: bool,
}

/// Lowers function `id`, which has a body.
pub fn func(cx: Context<'_>, id: FuncId) -> Result<Func, Error> {
    let FuncDef::Body { instance, body } = cx.set.funcs[id.index()].def else {
        unreachable!("a host function has no body");
    };
    let this = &cx.set.instances[instance];
    Lower::new(cx, instance, id).run(this, body)
}

/// Cost of the longest path of every leaf, by [`FuncId`]; 0 for the others.
pub fn leaf_costs(set: &Set<'_>, shapes: &[Shape]) -> Result<Vec<u32>, Error> {
    let cx = Context {
        set,
        shapes,
        leaf_costs: &[],
        fuel: true,
        stats: false,
    };
    (0..set.funcs.len() as u32)
        .map(FuncId)
        .map(|id| {
            if shapes[id.index()].leaf {
                Ok(func(cx, id)?.leaf_cost.unwrap_or(0))
            } else {
                Ok(0)
            }
        })
        .collect()
}

struct Lower<'a> {
    cx: Context<'a>,
    instance: usize,
    ty: &'a FuncType,
    f: Func,
    /// Summaries of `f.exprs`.
    sums: Vec<Summary>,
    /// The operand stack.
    stack: Vec<ExprId>,
    frames: Vec<Frame>,
    charges: Charges,
    /// The sequence whose instructions are being counted.
    counts: Option<u32>,
    /// Labels that something branches to.
    targeted: Vec<bool>,
    /// Where statements go.
    current: BlockId,
    reachable: bool,
    /// Blocks opened since the path ended.
    skipped: u32,
    /// Offset of the instruction.
    at: u32,
}

impl<'a> Lower<'a> {
    fn new(cx: Context<'a>, instance: usize, id: FuncId) -> Lower<'a> {
        let ty = cx.set.func_type(id);
        let f = Func {
            id,
            vars: Vec::new(),
            params: ty.params.len() as u32,
            locals: 0,
            exprs: Vec::new(),
            blocks: Vec::new(),
            labels: Vec::new(),
            body: BlockId(0),
            sites: Vec::new(),
            counts: Vec::new(),
            leaf_cost: None,
            longest: 0,
            mutable_params: Vec::new(),
        };
        Lower {
            cx,
            instance,
            ty,
            f,
            sums: Vec::new(),
            stack: Vec::new(),
            frames: Vec::new(),
            charges: Charges::default(),
            counts: None,
            targeted: Vec::new(),
            current: BlockId(0),
            reachable: true,
            skipped: 0,
            at: 0,
        }
    }

    fn run(mut self, this: &Instance<'_>, number: usize) -> Result<Func, Error> {
        let body = &this.module.bodies[number];
        let reader = BinaryReader::new(&this.bytes[body.range.clone()], body.range.start);
        let body = FunctionBody::new(reader);
        for ty in &self.ty.params {
            self.f.add_var(*ty, VarKind::Local);
        }
        for group in body.get_locals_reader()? {
            let (count, ty) = group?;
            for _ in 0..count {
                self.f.add_var(decode::val_type(ty), VarKind::Local);
            }
        }
        self.f.locals = self.f.vars.len() as u32;
        if let Some(names) = this
            .module
            .names
            .locals
            .get(&(this.module.imported_funcs + number as u32))
        {
            for (var, name) in names {
                if let Some(var) = self.f.vars.get_mut(*var as usize) {
                    var.name = Some(name.clone());
                }
            }
        }
        let leaf = self.cx.shapes[self.f.id.index()].leaf;
        self.charges.whole = leaf;
        self.f.body = self.new_block();
        self.current = self.f.body;
        self.at = body.range().start as u32;
        let site = self.site();
        self.charges.open(site, true);
        self.push(Stmt::Charge { fuel: 0, site });
        self.enter_body();
        let mut ops = body.get_operators_reader()?;
        while !ops.eof() {
            let (op, at) = ops.read_with_offset()?;
            self.at = at as u32;
            self.instr(&op);
        }
        Ok(self.finish(leaf))
    }

    fn instr(&mut self, op: &Operator<'_>) {
        if !self.reachable {
            return self.skip(op);
        }
        self.charges.spend(op::cost(op));
        if self.cx.stats {
            self.count(op);
        }
        if self.control(op) {
            self.counts = None;
        } else {
            self.plain(op);
        }
    }

    /// Adds an instruction to its sequence, which starts here if none is open.
    fn count(&mut self, op: &Operator<'_>) {
        let cost = op::cost(op);
        if cost == 0 {
            return;
        }
        let open = match self.counts {
            Some(open) => open,
            None => {
                let open = self.f.counts.len() as u32;
                self.f.counts.push(Counts::default());
                self.push(Stmt::Count(open));
                self.counts = Some(open);
                open
            }
        };
        let counts = &mut self.f.counts[open as usize];
        counts.instructions[op::class(op)] += cost;
        let access = op::Load::decode(op).is_some() || op::Store::decode(op).is_some();
        counts.accesses += u32::from(access);
    }

    /// Writes the fuel of each region into its check, and takes out the checks of what is no region.
    fn finish(mut self, leaf: bool) -> Func {
        let total = self.charges.fuel.get(&SiteId(0)).copied().unwrap_or(0);
        if leaf {
            self.f.leaf_cost = Some(total);
        }
        self.f.longest = self.charges.longest;
        let (fuel, on) = (&self.charges.fuel, self.cx.fuel);
        for block in &mut self.f.blocks {
            block.retain_mut(|stmt| match stmt {
                Stmt::Charge { fuel: n, site } => {
                    *n = fuel.get(site).copied().unwrap_or(0);
                    *n != 0 && on && !(leaf && *site == SiteId(0))
                }
                _ => true,
            });
        }
        let targeted = &self.targeted;
        crate::tidy::inline_blocks(&mut self.f, |label| targeted[label.0 as usize]);
        self.f.longest = self.f.longest.max(counted::hoist(&mut self.f));
        crate::structure::restore(&mut self.f);
        self.f
    }

    fn new_block(&mut self) -> BlockId {
        self.f.blocks.push(Vec::new());
        BlockId(self.f.blocks.len() as u32 - 1)
    }

    fn new_label(&mut self, kind: LabelKind) -> Label {
        self.f.labels.push(kind);
        self.targeted.push(false);
        Label(self.f.labels.len() as u32 - 1)
    }

    /// A statement, whatever is pending.
    fn push(&mut self, stmt: Stmt) {
        self.f.blocks[self.current.0 as usize].push(stmt);
    }

    /// A statement of effect `effect`, after what does not commute with it.
    fn emit(&mut self, stmt: Stmt, effect: Effect) {
        self.flush(effect);
        self.push(stmt);
    }

    /// Evaluates into temporaries the pending operands that do not commute with `effect`.
    fn flush(&mut self, effect: Effect) {
        for i in 0..self.stack.len() {
            let e = self.stack[i];
            let keep = self.sum(e).commutes(&effect, |v| self.reads(e, v));
            if !keep {
                self.spill(i);
            }
        }
    }

    /// Evaluates operand `i` of the stack into a temporary.
    fn spill(&mut self, i: usize) {
        let e = self.stack[i];
        if matches!(self.f.node(e).expr, Expr::Const(_)) {
            return;
        }
        let value = self.as_value(e);
        let Ty::Val(ty) = self.f.node(value).ty else {
            unreachable!("a value")
        };
        let temp = self.f.add_var(ty, VarKind::Temp);
        self.spill_to(i, value, temp);
    }

    /// Evaluates operand `i`, which is `value`, into `var`. Traps keep their order: those below go first.
    fn spill_to(&mut self, i: usize, value: ExprId, var: Var) {
        if self.sum(value).traps {
            for below in 0..i {
                if self.sum(self.stack[below]).traps {
                    self.spill(below);
                }
            }
        }
        self.push(Stmt::Set(var, value));
        self.stack[i] = self.var(var);
    }

    /// Leaves on the stack only constants and temporaries that nothing sets again.
    fn settle(&mut self) {
        for i in 0..self.stack.len() {
            if !self.is_settled(self.stack[i]) {
                self.spill(i);
            }
        }
    }

    fn is_settled(&self, e: ExprId) -> bool {
        match self.f.node(e).expr {
            Expr::Const(_) => true,
            Expr::Var(v) => self.f.var(v).kind == VarKind::Temp,
            _ => false,
        }
    }

    fn sum(&self, e: ExprId) -> Summary {
        self.sums[e.0 as usize]
    }

    fn reads(&self, e: ExprId, var: Var) -> bool {
        let mut work = alloc::vec![e];
        while let Some(e) = work.pop() {
            let expr = &self.f.node(e).expr;
            if *expr == Expr::Var(var) {
                return true;
            }
            work.extend(expr.operands().filter(|e| self.sum(*e).may_read(var)));
        }
        false
    }

    fn add(&mut self, expr: Expr, ty: Ty) -> ExprId {
        let sum = Summary::of(&expr, expr.operands().map(|e| self.sums[e.0 as usize]));
        self.sums.push(sum);
        self.f.add(expr, ty, self.at)
    }

    fn var(&mut self, var: Var) -> ExprId {
        let ty = self.f.var(var).ty;
        self.add(Expr::Var(var), Ty::Val(ty))
    }

    fn operand(&mut self, expr: Expr, ty: impl Into<Ty>) {
        let e = self.add(expr, ty.into());
        self.stack.push(e);
        let sum = self.sum(e);
        if sum.depth > MAX_DEPTH || sum.size > MAX_SIZE {
            self.spill(self.stack.len() - 1);
        }
    }

    fn pop(&mut self) -> ExprId {
        self.stack.pop().expect("validated")
    }

    fn pop_value(&mut self) -> ExprId {
        let e = self.pop();
        self.as_value(e)
    }

    fn pop_values(&mut self, count: usize) -> Vec<ExprId> {
        let values = self.stack.split_off(self.stack.len() - count);
        values.into_iter().map(|e| self.as_value(e)).collect()
    }

    /// A condition as the i32 that it is; a value as it is.
    fn as_value(&mut self, e: ExprId) -> ExprId {
        match self.f.node(e).ty {
            Ty::Bool => self.add(Expr::FromBool(e), Ty::Val(ValType::I32)),
            Ty::Val(_) => e,
        }
    }

    fn pop_cond(&mut self) -> ExprId {
        let e = self.pop();
        match self.f.node(e).ty {
            Ty::Bool => e,
            Ty::Val(_) => self.add(Expr::NonZero(e), Ty::Bool),
        }
    }

    fn site(&mut self) -> SiteId {
        self.f.sites.push(Site {
            at: self.at,
            operands: self.stack.clone(),
        });
        SiteId(self.f.sites.len() as u32 - 1)
    }

    /// Evaluates the last `count` operands that read state: they are arguments of a call or a bulk operation,
    /// which borrows the state before its arguments are evaluated.
    fn settle_arguments(&mut self, count: usize) {
        for i in self.stack.len() - count..self.stack.len() {
            if self.sum(self.stack[i]).reads.meets(State::ALL) {
                self.spill(i);
            }
        }
    }
}

impl From<ValType> for Ty {
    fn from(ty: ValType) -> Ty {
        Ty::Val(ty)
    }
}
