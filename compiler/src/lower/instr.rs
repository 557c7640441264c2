//! Instructions that do not steer: each pops its operands and pushes an expression or emits a statement.

use super::Lower;
use crate::decode::heap_type;
use crate::effects::{Effect, State};
use crate::ir::*;
use crate::module::Const;
use crate::module::FuncIdx;
use crate::op::{Load, Op, Store, Ty};
use crate::set::{DataId, ElemId, FuncId, TypeId};
use alloc::vec::Vec;
use wasmparser::Operator;
use wrt_rt::ValType;

impl<'a> Lower<'a> {
    pub(super) fn plain(&mut self, op: &Operator<'_>) {
        use Operator as O;
        if let Some(op) = Op::decode(op) {
            return self.numeric(op);
        }
        if let Some((op, offset, mem)) = Load::decode(op) {
            let addr = self.pop_value();
            let mem = self.this().memories[mem as usize];
            return self.operand(
                Expr::Load {
                    op,
                    mem,
                    addr,
                    offset: offset as u32,
                },
                op.ty(),
            );
        }
        if let Some((op, offset, mem)) = Store::decode(op) {
            let value = self.pop_value();
            let addr = self.pop_value();
            let mem = self.this().memories[mem as usize];
            let stmt = Stmt::Store {
                op,
                mem,
                addr,
                offset: offset as u32,
                value,
                at: self.at,
            };
            return self.emit(stmt, Effect::write(State::MEMORIES));
        }
        match *op {
            O::Nop => {}
            O::Drop => {
                let e = self.pop();
                if self.sum(e).traps {
                    self.emit(Stmt::Eval(e), Effect::CONTROL);
                }
            }
            O::I32Const { value } => self.operand(Expr::Const(Const::I32(value)), ValType::I32),
            O::I64Const { value } => self.operand(Expr::Const(Const::I64(value)), ValType::I64),
            O::F32Const { value } => {
                self.operand(Expr::Const(Const::F32(value.bits())), ValType::F32)
            }
            O::F64Const { value } => {
                self.operand(Expr::Const(Const::F64(value.bits())), ValType::F64)
            }
            O::RefNull { hty } => {
                let ty = heap_type(hty);
                self.operand(Expr::Const(Const::Null(ty)), ty);
            }
            O::RefFunc { function_index } => {
                let func = self.callee(function_index);
                self.operand(Expr::RefFunc(func), ValType::FuncRef);
            }
            O::RefIsNull => {
                let e = self.pop_value();
                self.operand(Expr::RefIsNull(e), Ty::Bool);
            }
            O::LocalGet { local_index } => {
                let var = Var(local_index);
                let ty = self.f.var(var).ty;
                self.operand(Expr::Var(var), ty);
            }
            O::LocalSet { local_index } => self.local_set(Var(local_index)),
            O::LocalTee { local_index } => {
                self.local_set(Var(local_index));
                let e = self.var(Var(local_index));
                self.stack.push(e);
            }
            O::GlobalGet { global_index } => {
                let global = self.this().globals[global_index as usize];
                let ty = self.cx.set.globals[global.index()].ty.ty;
                let expr = match self.cx.set.constant(global) {
                    Some(c) => Expr::Const(c),
                    None => Expr::GlobalGet(global),
                };
                self.operand(expr, ty);
            }
            O::GlobalSet { global_index } => {
                let value = self.pop_value();
                let global = self.this().globals[global_index as usize];
                self.emit(
                    Stmt::GlobalSet(global, value),
                    Effect::write(State::GLOBALS),
                );
            }
            O::Select | O::TypedSelect { .. } => self.select(),
            O::Call { function_index } => self.call(self.callee(function_index)),
            O::CallIndirect {
                type_index,
                table_index,
            } => {
                let ty = self.this().types[type_index as usize];
                self.call_indirect(ty, table_index);
            }
            O::MemorySize { mem } => {
                let mem = self.this().memories[mem as usize];
                self.operand(Expr::MemorySize(mem), ValType::I32);
            }
            O::TableSize { table } => {
                let table = self.this().tables[table as usize];
                self.operand(Expr::TableSize(table), ValType::I32);
            }
            O::TableGet { table } => {
                let index = self.pop_value();
                let table = self.this().tables[table as usize];
                let ty = self.cx.set.tables[table.index()].ty.element;
                self.operand(Expr::TableGet(table, index), ty);
            }
            O::TableSet { table } => {
                let value = self.pop_value();
                let index = self.pop_value();
                let table = self.this().tables[table as usize];
                let stmt = Stmt::TableSet {
                    table,
                    index,
                    value,
                    at: self.at,
                };
                self.emit(stmt, Effect::write(State::TABLES));
            }
            _ => self.bulk(op),
        }
    }

    fn bulk(&mut self, op: &Operator<'_>) {
        use Operator as O;
        let this = self.this();
        let memory = |m: u32| this.memories[m as usize];
        let table = |t: u32| this.tables[t as usize];
        let data = |d: u32| DataId(this.data_base + d);
        let elem = |e: u32| ElemId(this.elem_base + e);
        let (bulk, args, result, writes) = match *op {
            O::MemoryGrow { mem } => (Bulk::MemoryGrow(memory(mem)), 1, true, State::MEMORIES),
            O::MemoryFill { mem } => (Bulk::MemoryFill(memory(mem)), 3, false, State::MEMORIES),
            O::MemoryCopy { dst_mem, src_mem } => (
                Bulk::MemoryCopy(memory(dst_mem), memory(src_mem)),
                3,
                false,
                State::MEMORIES,
            ),
            O::MemoryInit { data_index, mem } => (
                Bulk::MemoryInit(memory(mem), data(data_index)),
                3,
                false,
                State::MEMORIES,
            ),
            O::DataDrop { data_index } => (Bulk::DataDrop(data(data_index)), 0, false, State::NONE),
            O::TableGrow { table: t } => (Bulk::TableGrow(table(t)), 2, true, State::TABLES),
            O::TableFill { table: t } => (Bulk::TableFill(table(t)), 3, false, State::TABLES),
            O::TableCopy {
                dst_table,
                src_table,
            } => (
                Bulk::TableCopy(table(dst_table), table(src_table)),
                3,
                false,
                State::TABLES,
            ),
            O::TableInit {
                elem_index,
                table: t,
            } => (
                Bulk::TableInit(table(t), elem(elem_index)),
                3,
                false,
                State::TABLES,
            ),
            O::ElemDrop { elem_index } => (Bulk::ElemDrop(elem(elem_index)), 0, false, State::NONE),
            ref other => unreachable!("validation refuses {other:?}"),
        };
        self.settle_arguments(args);
        let args = self.pop_values(args);
        self.flush(Effect::write(writes));
        let site = self.site();
        let result = result.then(|| self.f.add_var(ValType::I32, VarKind::Temp));
        self.push(Stmt::Bulk {
            op: bulk,
            args,
            result,
            declares: None,
            site,
        });
        if let Some(result) = result {
            let e = self.var(result);
            self.stack.push(e);
        }
    }

    fn numeric(&mut self, op: Op) {
        if op == Op::I32Eqz {
            // The opposite of a condition, where a condition is asked.
            let e = self.pop();
            return match self.f.node(e).ty {
                Ty::Bool => self.operand(Expr::Not(e), Ty::Bool),
                Ty::Val(_) => self.operand(Expr::Unary(op, e), Ty::Bool),
            };
        }
        let expr = match op.operands().len() {
            1 => {
                let a = self.pop_value();
                Expr::Unary(op, a)
            }
            _ => {
                let b = self.pop_value();
                let a = self.pop_value();
                Expr::Binary(op, a, b)
            }
        };
        self.operand(expr, op.result());
    }

    fn local_set(&mut self, local: Var) {
        let value = self.pop_value();
        if self.f.node(value).expr == Expr::Var(local) {
            return;
        }
        let sum = self.sum(value);
        self.flush(Effect::set(local, &sum));
        // What was only just put into a temporary goes into the local instead.
        if let Expr::Var(temp) = self.f.node(value).expr
            && self.f.var(temp).kind == VarKind::Temp
            && !self.stack.iter().any(|e| self.reads(*e, temp))
        {
            let stmts = &mut self.f.blocks[self.current.0 as usize];
            let mut own = stmts.iter_mut().rev();
            match own.find(|stmt| !matches!(stmt, Stmt::Count(_))) {
                Some(Stmt::Set(var, _)) if *var == temp => {
                    *var = local;
                    return;
                }
                Some(Stmt::Call { results, .. } | Stmt::CallIndirect { results, .. })
                    if results[..] == [temp] =>
                {
                    results[0] = local;
                    return;
                }
                Some(Stmt::Bulk {
                    result: Some(var), ..
                }) if *var == temp => {
                    *var = local;
                    return;
                }
                _ => {}
            }
        }
        self.push(Stmt::Set(local, value));
    }

    /// Rust evaluates the condition first, wasm last: the arms go ahead only if both could trap.
    fn select(&mut self) {
        let n = self.stack.len();
        let traps = |l: &Self, i: usize| l.sum(l.stack[i]).traps;
        if traps(self, n - 1) && (traps(self, n - 2) || traps(self, n - 3)) {
            self.spill(n - 3);
            self.spill(n - 2);
        }
        let cond = self.pop_cond();
        let otherwise = self.pop_value();
        let then = self.pop_value();
        let ty = self.f.node(then).ty;
        self.operand(
            Expr::Select {
                cond,
                then,
                otherwise,
            },
            ty,
        );
    }

    fn call(&mut self, func: FuncId) {
        let shape = self.cx.shapes[func.index()];
        let crosses = self.cx.set.crosses(self.f.id, func);
        if let (true, Some(cost)) = (shape.leaf && !crosses, self.cx.leaf_costs.get(func.index())) {
            self.charges.spend(*cost);
        }
        let set = self.cx.set;
        let ty = set.func_type(func);
        let count = ty.params.len();
        if shape.state || shape.env || crosses {
            self.settle_arguments(count);
        }
        let args = self.pop_values(count);
        if shape.traps || shape.state || shape.env || crosses {
            self.flush(Effect::write(State::ALL));
        }
        let site = self.site();
        let results = self.results(&ty.results);
        self.push(Stmt::Call {
            func,
            args,
            results: results.clone(),
            declares: None,
            site,
        });
        self.counts = None;
        self.push_vars(&results);
    }

    fn call_indirect(&mut self, ty: TypeId, table: u32) {
        let table = self.this().tables[table as usize];
        let set = self.cx.set;
        let signature = &set.types[ty.index()];
        self.settle_arguments(signature.params.len() + 1);
        let index = self.pop_value();
        let args = self.pop_values(signature.params.len());
        self.flush(Effect::write(State::ALL));
        let site = self.site();
        let results = self.results(&signature.results);
        self.push(Stmt::CallIndirect {
            ty,
            table,
            args,
            index,
            results: results.clone(),
            declares: None,
            site,
        });
        self.counts = None;
        self.push_vars(&results);
    }

    fn results(&mut self, types: &[ValType]) -> Vec<Var> {
        types
            .iter()
            .map(|ty| self.f.add_var(*ty, VarKind::Temp))
            .collect()
    }

    pub(super) fn push_vars(&mut self, vars: &[Var]) {
        for var in vars {
            let e = self.var(*var);
            self.stack.push(e);
        }
    }

    fn callee(&self, index: u32) -> FuncId {
        self.cx.set.func(self.instance, FuncIdx(index))
    }

    pub(super) fn this(&self) -> &'a crate::set::Instance<'a> {
        let set: &'a crate::set::Set<'a> = self.cx.set;
        &set.instances[self.instance]
    }
}
