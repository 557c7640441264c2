//! Instructions that steer: blocks, branches, returns. Explicit frames, no recursion on the guest's nesting.

use super::Lower;
use crate::decode::val_type;
use crate::effects::Effect;
use crate::ir::*;
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;
use wasmparser::{BlockType, Operator};
use wrt_rt::ValType;

/// A block that is being lowered.
#[derive(Debug)]
pub(super) struct Frame {
    kind: FrameKind,
    label: Label,
    /// Variables that a branch to the label assigns: results, or parameters of a loop.
    targets: Vec<Var>,
    /// Variables that the end assigns.
    results: Vec<Var>,
    /// Operands below the block's own.
    height: usize,
    /// The list that the block stands in.
    outside: BlockId,
    /// Arms opened inside and not closed yet.
    arms: u32,
    /// A `br_table` leads to the label.
    switched: bool,
}

#[derive(Debug)]
enum FrameKind {
    Func,
    Block,
    Loop,
    If {
        cond: ExprId,
        then: BlockId,
        /// Parameters, for the other arm.
        params: Vec<ExprId>,
        /// Cost at the `if`.
        cost: u32,
        /// Cost behind the first arm, once it is closed, if the path goes on there.
        after: Option<Option<u32>>,
    },
}

impl Lower<'_> {
    pub(super) fn enter_body(&mut self) {
        let label = self.new_label(LabelKind::Block);
        self.charges.label(label);
        self.frames.push(Frame {
            kind: FrameKind::Func,
            label,
            targets: Vec::new(),
            results: Vec::new(),
            height: 0,
            outside: self.current,
            arms: 0,
            switched: false,
        });
    }

    /// Whether `op` steers; if so it is lowered.
    pub(super) fn control(&mut self, op: &Operator<'_>) -> bool {
        match op {
            Operator::Block { blockty } => self.block(*blockty),
            Operator::Loop { blockty } => self.loop_(*blockty),
            Operator::If { blockty } => self.if_(*blockty),
            Operator::Else => self.else_(),
            Operator::End => self.end(),
            Operator::Br { relative_depth } => {
                self.flush(Effect::CONTROL);
                self.branch(*relative_depth);
                self.reachable = false;
            }
            Operator::BrIf { relative_depth } => self.br_if(*relative_depth),
            Operator::BrTable { targets } => self.br_table(targets),
            Operator::Return => {
                self.flush(Effect::CONTROL);
                self.return_();
                self.reachable = false;
            }
            Operator::Unreachable => {
                self.emit(Stmt::Unreachable { at: self.at }, Effect::CONTROL);
                self.charges.end();
                self.reachable = false;
            }
            _ => return false,
        }
        true
    }

    /// Nothing runs here; only the nesting is followed.
    pub(super) fn skip(&mut self, op: &Operator<'_>) {
        match op {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => {
                self.skipped += 1
            }
            Operator::End if self.skipped > 0 => self.skipped -= 1,
            Operator::Else if self.skipped == 0 => self.else_(),
            Operator::End => self.end(),
            _ => {}
        }
    }

    fn block_types(&self, ty: BlockType) -> (Vec<ValType>, Vec<ValType>) {
        match ty {
            BlockType::Empty => (Vec::new(), Vec::new()),
            BlockType::Type(ty) => (Vec::new(), vec![val_type(ty)]),
            BlockType::FuncType(ty) => {
                let ty = &self.this().module.types[ty as usize];
                (ty.params.clone(), ty.results.clone())
            }
        }
    }

    fn temps(&mut self, types: &[ValType], kind: VarKind) -> Vec<Var> {
        types.iter().map(|ty| self.f.add_var(*ty, kind)).collect()
    }

    fn block(&mut self, ty: BlockType) {
        let (params, results) = self.block_types(ty);
        self.settle();
        let label = self.new_label(LabelKind::Block);
        self.charges.label(label);
        let results = self.temps(&results, VarKind::Temp);
        self.open(
            FrameKind::Block,
            label,
            results.clone(),
            results,
            params.len(),
        );
    }

    fn loop_(&mut self, ty: BlockType) {
        let (params, results) = self.block_types(ty);
        self.settle();
        let base = self.stack.len() - params.len();
        let vars = self.temps(&params, VarKind::LoopParam);
        for (n, var) in vars.iter().enumerate() {
            let value = self.stack[base + n];
            self.push(Stmt::Set(*var, value));
            self.stack[base + n] = self.var(*var);
        }
        let label = self.new_label(LabelKind::Loop);
        let results = self.temps(&results, VarKind::Temp);
        self.open(FrameKind::Loop, label, vars, results, params.len());
        self.arm(true);
    }

    fn if_(&mut self, ty: BlockType) {
        let (params, results) = self.block_types(ty);
        let cond = self.pop_cond();
        self.settle();
        let label = self.new_label(LabelKind::Block);
        self.charges.label(label);
        let results = self.temps(&results, VarKind::Temp);
        let cost = self.charges.here();
        let kept = self.stack[self.stack.len() - params.len()..].to_vec();
        let then = BlockId(self.f.blocks.len() as u32);
        let kind = FrameKind::If {
            cond,
            then,
            params: kept,
            cost,
            after: None,
        };
        self.open(kind, label, results.clone(), results, params.len());
        self.arm(false);
    }

    fn open(
        &mut self,
        kind: FrameKind,
        label: Label,
        targets: Vec<Var>,
        results: Vec<Var>,
        params: usize,
    ) {
        let outside = self.current;
        self.current = self.new_block();
        let height = self.stack.len() - params;
        self.frames.push(Frame {
            kind,
            label,
            targets,
            results,
            height,
            outside,
            arms: 0,
            switched: false,
        });
    }

    /// Starts an arm of the innermost frame at this place.
    fn arm(&mut self, region: bool) {
        let site = self.site();
        self.push(Stmt::Charge { fuel: 0, site });
        self.charges.open(site, region);
        self.frames.last_mut().expect("inside a function").arms += 1;
    }

    /// Closes the arms of the innermost frame. The cost behind them, if the path falls through.
    fn close_arms(&mut self) -> Option<u32> {
        let frame = self.frames.last_mut().expect("inside a function");
        let arms = core::mem::take(&mut frame.arms);
        let mut through = self.reachable.then(|| self.charges.here());
        for _ in 0..arms {
            through = self.charges.close(through.is_some());
            if let Some(cost) = through {
                self.charges.resume(cost);
            }
        }
        through
    }

    /// Puts the frame's results, which are on top of the stack, into its result variables.
    fn assign_results(&mut self, results: &[Var]) {
        let base = self.stack.len() - results.len();
        for (n, var) in results.iter().enumerate() {
            let value = self.as_value(self.stack[base + n]);
            self.spill_to(base + n, value, *var);
        }
    }

    fn else_(&mut self) {
        let results = self.frames.last().expect("validated").results.clone();
        if self.reachable {
            self.flush(Effect::CONTROL);
            self.assign_results(&results);
        }
        let through = self.close_if_arm();
        let otherwise = self.new_block();
        let frame = self.frames.last_mut().expect("validated");
        let FrameKind::If {
            params,
            cost,
            after,
            ..
        } = &mut frame.kind
        else {
            unreachable!("validated")
        };
        *after = Some(through);
        let (params, cost) = (params.clone(), *cost);
        self.stack.truncate(frame.height);
        self.stack.extend(params);
        self.charges.resume(cost);
        self.current = otherwise;
        self.reachable = true;
        self.arm(false);
    }

    /// Closes the arm of an `if`; the enclosing arm stands where it stood before the `if`.
    fn close_if_arm(&mut self) -> Option<u32> {
        let through = self.close_arms();
        if let FrameKind::If { cost, .. } = self.frames.last().expect("validated").kind {
            self.charges.resume(cost);
        }
        through
    }

    fn end(&mut self) {
        let frame = self.frames.last().expect("validated");
        let targeted = self.targeted[frame.label.0 as usize];
        let results = frame.results.clone();
        let keep = matches!(frame.kind, FrameKind::Block) && !targeted;
        let is_func = matches!(frame.kind, FrameKind::Func);
        let no_else = matches!(frame.kind, FrameKind::If { after: None, .. });
        if is_func {
            if self.reachable {
                self.flush(Effect::CONTROL);
                self.return_();
                self.reachable = false;
            }
            self.close_arms();
            self.charges.close(false);
            self.frames.pop();
            return;
        }
        if self.reachable && !keep {
            self.flush(Effect::CONTROL);
            self.assign_results(&results);
        }
        let mut through = self.close_if_arm();
        let last = self.current;
        let frame = self.frames.pop().expect("validated");
        let reached = self.charges.reached(frame.label);
        let inside = last;
        self.current = frame.outside;
        match frame.kind {
            FrameKind::Func => unreachable!("returned above"),
            FrameKind::Block => self.push(Stmt::Block(frame.label, inside)),
            FrameKind::Loop => self.push(Stmt::Loop(frame.label, inside)),
            FrameKind::If {
                cond,
                then,
                params,
                cost,
                after,
            } => {
                let otherwise = after.map(|_| last);
                match after {
                    Some(first) => through = first.max(through),
                    None => through = Some(cost).max(through),
                }
                if no_else && !results.is_empty() {
                    // Without an else, the parameters are the results of the other arm.
                    let other = self.new_block();
                    for (var, value) in results.iter().zip(&params) {
                        self.f.blocks[other.0 as usize].push(Stmt::Set(*var, *value));
                    }
                    self.push_if(frame.label, cond, then, Some(other), targeted);
                } else {
                    self.push_if(frame.label, cond, then, otherwise, targeted);
                }
            }
        }
        // The end is reached by falling through or by a branch.
        let Some(cost) = through.max(reached) else {
            self.reachable = false;
            self.skipped = 0;
            return;
        };
        let arm = through.is_none() || (frame.switched && reached.is_some());
        self.charges.resume(cost);
        if keep && self.reachable {
            // The results stay as they are: nothing else leads here.
            return;
        }
        self.reachable = true;
        self.stack.truncate(frame.height);
        self.push_vars(&results);
        if arm {
            self.arm(false);
        }
    }

    fn push_if(
        &mut self,
        label: Label,
        cond: ExprId,
        then: BlockId,
        otherwise: Option<BlockId>,
        targeted: bool,
    ) {
        let stmt = Stmt::If {
            cond,
            then,
            otherwise,
        };
        if targeted {
            let wrapper = self.new_block();
            self.f.blocks[wrapper.0 as usize].push(stmt);
            self.push(Stmt::Block(label, wrapper));
        } else {
            self.push(stmt);
        }
    }

    fn frame_index(&self, depth: u32) -> usize {
        self.frames.len() - 1 - depth as usize
    }

    /// Branches to the frame at `depth`; its values are on top of the stack.
    fn branch(&mut self, depth: u32) {
        let index = self.frame_index(depth);
        if index == 0 {
            return self.return_();
        }
        let frame = &self.frames[index];
        let (label, targets) = (frame.label, frame.targets.clone());
        let is_loop = matches!(frame.kind, FrameKind::Loop);
        let base = self.stack.len() - targets.len();
        // Parameters of a loop are assigned one after the other: none may be read after it was assigned.
        if is_loop && targets.len() > 1 {
            for i in base..self.stack.len() {
                if !self.is_settled(self.stack[i]) {
                    self.spill(i);
                }
            }
        }
        for (n, var) in targets.iter().enumerate() {
            let value = self.as_value(self.stack[base + n]);
            if self.f.node(value).expr != Expr::Var(*var) {
                self.push(Stmt::Set(*var, value));
            }
        }
        self.targeted[label.0 as usize] = true;
        if is_loop {
            self.charges.end();
        } else {
            self.charges.branch(label);
        }
        self.push(Stmt::Br(label));
    }

    fn return_(&mut self) {
        let values = self.stack[self.stack.len() - self.ty.results.len()..].to_vec();
        let values = values.into_iter().map(|e| self.as_value(e)).collect();
        self.charges.end();
        self.push(Stmt::Return(values));
    }

    /// Number of values that a branch to `depth` carries.
    fn arity(&self, depth: u32) -> usize {
        match self.frame_index(depth) {
            0 => self.ty.results.len(),
            index => self.frames[index].targets.len(),
        }
    }

    /// Settles the top operands, which a branch that may not be taken reads too.
    fn settle_top(&mut self, count: usize) {
        for i in self.stack.len() - count..self.stack.len() {
            if !self.is_settled(self.stack[i]) {
                self.spill(i);
            }
        }
    }

    fn br_if(&mut self, depth: u32) {
        let cond = self.pop_cond();
        self.flush(Effect::CONTROL);
        self.settle_top(self.arity(depth));
        let then = self.new_block();
        let outside = core::mem::replace(&mut self.current, then);
        self.branch(depth);
        self.current = outside;
        self.push(Stmt::If {
            cond,
            then,
            otherwise: None,
        });
        self.arm(false);
    }

    fn br_table(&mut self, targets: &wasmparser::BrTable<'_>) {
        let index = self.pop_value();
        self.flush(Effect::CONTROL);
        self.settle_top(self.arity(targets.default()));
        let mut keys: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (key, depth) in targets.targets().enumerate() {
            let depth = depth.expect("validated");
            if depth != targets.default() {
                keys.entry(depth).or_default().push(key as u32);
            }
        }
        let mut arms = Vec::new();
        for (depth, keys) in keys {
            arms.push((keys, self.switch_arm(depth)));
        }
        // In the order of their first keys, as a reader expects.
        arms.sort_by_key(|(keys, _)| keys[0]);
        let default = self.switch_arm(targets.default());
        self.push(Stmt::Switch {
            index,
            arms,
            default,
        });
        self.reachable = false;
    }

    fn switch_arm(&mut self, depth: u32) -> BlockId {
        let arm = self.new_block();
        let outside = core::mem::replace(&mut self.current, arm);
        self.branch(depth);
        self.current = outside;
        let index = self.frame_index(depth);
        self.frames[index].switched = true;
        arm
    }
}
