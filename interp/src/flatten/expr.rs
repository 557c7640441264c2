//! Expressions: trees become instructions, some of them fused. The height of a tree is capped in the IR, and so is
//! the recursion here.

use super::Flatten;
use crate::code::{Instr, Reg};
use wrt_compiler::ir::{Expr, ExprId, Func, Label};
use wrt_compiler::module::Const;
use wrt_compiler::op::{Load, Op, Store, Ty};
use wrt_rt::ValType;

/// The processor quiets NaNs in arithmetic, and nothing here folds it.
const QUIETS: bool = cfg!(any(target_arch = "x86_64", target_arch = "aarch64"));

/// How a load or store says where.
enum Address {
    /// The sum of two registers.
    Sum(Reg, Reg),
    /// The sum of a register and a constant.
    Immediate(Reg, i16),
    /// A register, and the offset.
    Offset(Reg, u16),
    /// A register, and an offset that does not fit.
    Far(Reg),
}

impl Flatten<'_> {
    /// Evaluates `e`; gives the register that holds it.
    pub(super) fn eval(&mut self, e: ExprId) -> Reg {
        match self.f.node(e).expr {
            Expr::Var(v) => self.reg(v),
            Expr::FromBool(c) => self.eval(c),
            Expr::Const(c) if self.pool.contains_key(&bits(c)) => self.pool[&bits(c)],
            Expr::Quiet(a) if QUIETS && !self.canonical_nans() => self.eval(a),
            _ => {
                let d = self.alloc();
                self.eval_into(e, d);
                d
            }
        }
    }

    /// Evaluates `e` into register `d`, which is written last.
    pub(super) fn eval_into(&mut self, e: ExprId, d: Reg) {
        let free = self.next;
        let node = *self.f.node(e);
        match node.expr {
            Expr::Const(c) => self.constant(bits(c), d),
            Expr::Var(v) => {
                let a = self.reg(v);
                if a != d {
                    self.push(Instr::Copy { d, a });
                }
            }
            Expr::Unary(op, a) => {
                let a = self.eval(a);
                self.numeric(op, d, a, 0, node.at);
            }
            Expr::Binary(op, a, b) => self.binary(op, d, a, b, node.at),
            Expr::Load {
                op, addr, offset, ..
            } => self.load(op, d, addr, offset, node.at),
            Expr::Select {
                cond,
                then,
                otherwise,
            } => {
                let cond = self.eval(cond);
                let (then, otherwise) = (self.eval(then), self.eval(otherwise));
                self.push(Instr::Select { d, cond });
                let value = u32::from(then) | u32::from(otherwise) << 16;
                self.push(Instr::Word { value });
            }
            Expr::GlobalGet(id) => {
                let global = self.this.globals[id.index()];
                self.push(Instr::GlobalGet { d, global });
            }
            Expr::MemorySize(_) => self.push(Instr::MemorySize { d }),
            Expr::TableSize(id) => {
                let table = self.this.tables[id.index()];
                self.push(Instr::TableSize { d, table });
            }
            Expr::TableGet(id, a) => {
                let a = self.eval(a);
                self.push_at(Instr::TableGet { d, a }, node.at);
                let value = self.this.tables[id.index()];
                self.push(Instr::Word { value });
            }
            Expr::RefFunc(id) => {
                let func = self.this.funcs[id.index()];
                self.push(Instr::RefFunc { d, func });
            }
            Expr::RefIsNull(a) => {
                let a = self.eval(a);
                self.push(Instr::RefIsNull { d, a });
            }
            Expr::FromBool(c) => self.eval_into(c, d),
            Expr::NonZero(a) => {
                let a = self.eval(a);
                let b = self.alloc();
                self.push(Instr::Const { d: b, value: 0 });
                self.push(Instr::numeric(Op::I32Ne, d, a, b));
            }
            Expr::Not(c) => {
                let a = self.eval(c);
                self.push(Instr::numeric(Op::I32Eqz, d, a, 0));
            }
            Expr::Quiet(a) if QUIETS && !self.canonical_nans() => self.eval_into(a, d),
            Expr::Quiet(a) => {
                let a = self.eval(a);
                self.push(match (node.ty, self.canonical_nans()) {
                    (Ty::Val(ValType::F32), false) => Instr::QuietF32 { d, a },
                    (Ty::Val(ValType::F32), true) => Instr::CanonicalF32 { d, a },
                    (_, false) => Instr::QuietF64 { d, a },
                    (_, true) => Instr::CanonicalF64 { d, a },
                });
            }
        }
        self.next = free;
    }

    fn numeric(&mut self, op: Op, d: Reg, a: Reg, b: Reg, at: u32) {
        let instr = Instr::numeric(op, d, a, b);
        if op.traps() {
            self.push_at(instr, at);
        } else {
            self.push(instr);
        }
    }

    fn load(&mut self, op: Load, d: Reg, addr: ExprId, offset: u32, at: u32) {
        let instr = match self.address(addr, offset, Instr::load_at(op, 0, 0, 0).is_some()) {
            Address::Sum(a, b) => Instr::load_at(op, d, a, b),
            Address::Immediate(a, b) => Instr::load_imm(op, d, a, b),
            Address::Offset(addr, offset) => Some(Instr::load(op, d, addr, offset)),
            Address::Far(addr) => Some(Instr::load_far(op, d, addr)),
        };
        self.access(instr, offset, at);
    }

    /// A store; its operands are evaluated first.
    pub(super) fn store(&mut self, op: Store, addr: ExprId, offset: u32, value: ExprId, at: u32) {
        let fused = Instr::store_at(op, 0, 0, 0).is_some();
        let addr = self.address(addr, offset, fused);
        let value = self.eval(value);
        let instr = match addr {
            Address::Sum(a, b) => Instr::store_at(op, a, b, value),
            Address::Immediate(a, b) => Instr::store_imm(op, a, b, value),
            Address::Offset(addr, offset) => Some(Instr::store(op, addr, value, offset)),
            Address::Far(addr) => Some(Instr::store_far(op, addr, value)),
        };
        self.access(instr, offset, at);
    }
    /// Evaluates an address, or the operands of its sum if the access takes these.
    fn address(&mut self, addr: ExprId, offset: u32, fused: bool) -> Address {
        if let Expr::Binary(Op::I32Add, a, b) = self.f.node(addr).expr
            && fused
            && offset == 0
        {
            let a = self.eval(a);
            return match self.small(b) {
                Some(b) => Address::Immediate(a, b),
                None => Address::Sum(a, self.eval(b)),
            };
        }
        let addr = self.eval(addr);
        match u16::try_from(offset) {
            Ok(offset) => Address::Offset(addr, offset),
            Err(_) => Address::Far(addr),
        }
    }

    /// A load or store, and its offset if that does not fit.
    fn access(&mut self, instr: Option<Instr>, offset: u32, at: u32) {
        let Some(instr) = instr else { return };
        self.push_at(instr, at);
        if offset > u16::MAX.into() {
            self.push(Instr::Word { value: offset });
        }
    }

    /// The operand and the bits of a shift to the left.
    fn shift(&self, e: ExprId) -> Option<(ExprId, i16)> {
        match self.f.node(e).expr {
            Expr::Binary(Op::I32Shl, a, bits) => Some((a, self.small(bits)?)),
            _ => None,
        }
    }

    fn binary(&mut self, op: Op, d: Reg, a: ExprId, b: ExprId, at: u32) {
        let commutes = matches!(
            op,
            Op::I32Add
                | Op::I32Mul
                | Op::I32And
                | Op::I32Or
                | Op::I32Xor
                | Op::I64Add
                | Op::I64Mul
                | Op::I64And
                | Op::I64Or
                | Op::I64Xor
        );
        let (a, b) = match self.small(a) {
            Some(_) if commutes => (b, a),
            _ => (a, b),
        };
        if let Some(small) = self.small(b) {
            let (op, small) = match op {
                Op::I32Sub => (Op::I32Add, small.checked_neg()),
                Op::I64Sub => (Op::I64Add, small.checked_neg()),
                op => (op, Some(small)),
            };
            if let Some(small) = small
                && Instr::immediate(op, d, 0, small).is_some()
            {
                let a = self.eval(a);
                self.out.extend(Instr::immediate(op, d, a, small));
                return;
            }
        }
        // Neither operand of a sum that has a shift in it has an effect, but that it may trap: they keep their order.
        if op == Op::I32Add {
            if let Some((shifted, bits)) = self.shift(b)
                && Instr::add_shl(bits, d, 0, 0).is_some()
            {
                let (a, b) = (self.eval(a), self.eval(shifted));
                self.out.extend(Instr::add_shl(bits, d, a, b));
                return;
            }
            if let Some((shifted, bits)) = self.shift(a)
                && Instr::add_shl(bits, d, 0, 0).is_some()
            {
                let (b, a) = (self.eval(shifted), self.eval(b));
                self.out.extend(Instr::add_shl(bits, d, a, b));
                return;
            }
        }
        let a = self.eval(a);
        let b = self.eval(b);
        self.numeric(op, d, a, b, at);
    }

    fn small(&self, e: ExprId) -> Option<i16> {
        small(self.f, e)
    }

    pub(super) fn constant(&mut self, value: u64, d: Reg) {
        let (low, high) = (value as u32, (value >> 32) as u32);
        if high == 0 {
            self.push(Instr::Const { d, value: low });
        } else {
            self.push(Instr::Const64 { d, value: low });
            self.push(Instr::Word { value: high });
        }
    }

    /// Branches to `label` if the condition is `sense`.
    pub(super) fn branch(&mut self, mut cond: ExprId, mut sense: bool, label: Label) {
        let free = self.next;
        let value = loop {
            match self.f.node(cond).expr {
                Expr::Not(c) => (cond, sense) = (c, !sense),
                Expr::NonZero(a) => match self.f.node(a).expr {
                    Expr::FromBool(c) => cond = c,
                    _ => break self.eval(a),
                },
                Expr::Unary(Op::I32Eqz, a) => {
                    sense = !sense;
                    match self.f.node(a).expr {
                        Expr::FromBool(c) => cond = c,
                        _ => break self.eval(a),
                    }
                }
                expr => match self.compare(expr, sense) {
                    Some(instr) => {
                        self.push_branch(instr, label);
                        self.next = free;
                        return;
                    }
                    None => break self.eval(cond),
                },
            }
        };
        self.next = free;
        let instr = match sense {
            true => Instr::BrIf { a: value, to: 0 },
            false => Instr::BrIfNot { a: value, to: 0 },
        };
        self.push_branch(instr, label);
    }

    /// A branch if the comparison `expr` comes to `sense`, without a target, if there is such a one.
    fn compare(&mut self, expr: Expr, sense: bool) -> Option<Instr> {
        let (op, a, b) = match expr {
            Expr::Unary(Op::I64Eqz, a) => (Op::I64Eq, a, None),
            Expr::Binary(op, a, b) => (op, a, Some(b)),
            _ => return None,
        };
        let op = if sense { op } else { op.opposite()? };
        Instr::branch(op, 0, 0)?;
        let left = self.eval(a);
        match b.map(|b| self.small(b).ok_or(b)) {
            None => Instr::branch_immediate(op, left, 0),
            Some(Ok(small)) => Instr::branch_immediate(op, left, small),
            Some(Err(b)) => {
                let right = self.eval(b);
                Instr::branch(op, left, right)
            }
        }
    }

    fn canonical_nans(&self) -> bool {
        self.this.module.canonical_nans()
    }
}

/// The value of a constant integer of 16 bits.
pub(super) fn small(f: &Func, e: ExprId) -> Option<i16> {
    match f.node(e).expr {
        Expr::Const(Const::I32(v)) => i16::try_from(v).ok(),
        Expr::Const(Const::I64(v)) => i16::try_from(v).ok(),
        _ => None,
    }
}

/// A constant as a slot.
pub(crate) fn bits(c: Const) -> u64 {
    match c {
        Const::I32(v) => u64::from(v as u32),
        Const::I64(v) => v as u64,
        Const::F32(bits) => u64::from(bits),
        Const::F64(bits) => bits,
        Const::Null(_) => u64::from(u32::MAX),
    }
}
