//! The frames of a run. Each stands at an offset in the file, with the locals of wasm and the operands that the
//! instruction there finds or leaves on the stack; registers and code are not in a snapshot.
//!
//! Restoring sets the variables that hold locals and operands. An operand that is no variable is computed from those,
//! and must come out as the snapshot has it.

use super::{Refs, Standing, refused};
use crate::code::Instr;
use crate::core::{Core, FuncDef};
use crate::error::Error;
use crate::exec::WINDOW;
use crate::flatten::{self, Layout, bits};
use crate::machine::Machine;
use crate::slot::{Slot, slot, val};
use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use alloc::format;
use alloc::vec::Vec;
use wrt_compiler::ir::{Expr, ExprId, Func, SiteId, Stmt, Var};
use wrt_compiler::op::{Op, Ty};
use wrt_rt::snapshot::{Reader, Writer};
use wrt_rt::{Cause, ValType};

/// Where a frame stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// Inside the call of the site.
    Inside = 0,
    /// Before the instruction of the site, which a refused charge stopped.
    Before = 1,
}

/// Writes the frames of `machine`.
pub(super) fn save(
    core: &Core,
    instance: u32,
    refs: &Refs,
    machine: &Machine,
    standing: Standing,
    w: &mut Writer,
) -> Result<(), Error> {
    w.u32(machine.budget());
    w.u32(refs.index(machine.entry())?);
    match standing {
        Standing::Refused(Cause::Interrupted) => w.u8(1),
        Standing::Refused(_) => w.u8(0),
        Standing::Host { func, .. } => {
            w.u8(2);
            w.u32(refs.index(func)?);
        }
    }
    let frames = machine.frames();
    w.u32(frames.len() as u32);
    if frames.is_empty() {
        // The charge of a leaf was refused before it was entered.
        let params = &core.types[core.heads[machine.entry() as usize].ty as usize].params;
        for (ty, arg) in params.iter().zip(machine.slots(0, params.len())) {
            refs.save(w, *ty, *arg)?;
        }
    }
    let mut layouts = Layouts::default();
    for (n, frame) in frames.iter().enumerate() {
        match core.funcs[frame.func as usize].def {
            FuncDef::Body { instance: of, .. } if of == instance => {}
            _ => return Err(refused("a function of another instance is active")),
        }
        let last = n + 1 == frames.len();
        let at = match standing {
            Standing::Refused(_) if last => At::Before,
            _ => At::Inside,
        };
        let here = frame.pc.saturating_sub(u32::from(at == At::Inside));
        let Ok(found) = core.sites.binary_search_by_key(&here, |(n, _)| *n) else {
            return Err(refused("the run stands where none can stand"));
        };
        let site = core.sites[found].1;
        let layout = layouts.of(core, frame.func)?;
        let offset = layout.f.sites[site.0 as usize].at;
        let before = &layout.f.sites[..site.0 as usize];
        let ordinal = before.iter().filter(|site| site.at == offset).count();
        w.u32(refs.index(frame.func)?);
        w.u32(offset);
        w.u32(ordinal as u32);
        w.u8(at as u8);
        let regs = Regs {
            core,
            instance,
            layout,
            site,
            slots: machine.slots(frame.base, WINDOW),
        };
        for n in 0..layout.f.locals {
            let v = regs.var(Var(n)).unwrap_or(0);
            refs.save(w, layout.f.vars[n as usize].ty, v)?;
        }
        let operands = &layout.f.sites[site.0 as usize].operands;
        w.u32(operands.len() as u32);
        for e in operands {
            let v = regs.eval(*e).ok_or(refused("an operand has no value"))?;
            refs.save(w, value_type(&layout.f, *e), v)?;
        }
        if at == At::Before {
            let base = base(core.code[frame.pc as usize]).unwrap_or(0);
            for (n, ty) in own_operands(&layout.f, site).into_iter().enumerate() {
                let v = regs.slots.get(usize::from(base) + n).copied();
                refs.save(w, ty, v.unwrap_or(0))?;
            }
        }
    }
    Ok(())
}

/// Reads frames of instance `index`.
pub(super) fn restore(
    core: &mut Core,
    index: u32,
    r: &mut Reader<'_>,
) -> Result<(Machine, Standing), Error> {
    let refs = Refs::new(&core.instances[index as usize]);
    let budget = r.u32()?;
    if budget > core.run.depth() {
        let limit = core.run.depth();
        let why =
            format!("its run has {budget} stack slots of call depth, and the limit is {limit}");
        return Err(refused(why));
    }
    let entry = body(core, &refs, index, r)?;
    let mut standing = match r.u8()? {
        0 => Standing::Refused(Cause::OutOfFuel),
        1 => Standing::Refused(Cause::Interrupted),
        2 => {
            let func = refs.func(r.u32()?).filter(|f| *f != u32::MAX);
            let func = func.ok_or(r.fail("a function that the module has not"))?;
            if !matches!(core.funcs[func as usize].def, FuncDef::Host(_)) {
                return Err(r
                    .fail("it waits for a function that is not the host's")
                    .into());
            }
            Standing::Host { func, base: 0 }
        }
        _ => return Err(r.fail("no way for a run to stand").into()),
    };
    let count = r.u32()?;
    let mut machine = Machine::new();
    if count == 0 {
        let ty = core.heads[entry as usize].ty;
        let params = core.types[ty as usize].params.clone();
        let mut args = Vec::new();
        for ty in params {
            args.push(refs.restore(r, ty)?);
        }
        if matches!(standing, Standing::Host { .. }) || core.heads[entry as usize].framed {
            return Err(r
                .fail("a run without frames that waits for something")
                .into());
        }
        machine.prepare(entry, &args, budget)?;
        return Ok((machine, standing));
    }
    machine.prepare(entry, &[], budget)?;
    // What the frame before calls: a function, or a type; and where its arguments are.
    let mut called = (Callee::Func(entry), 0u32);
    let mut layouts = Layouts::default();
    for n in 0..count {
        let last = n + 1 == count;
        let func = body(core, &refs, index, r)?;
        let (callee, frame_base) = called;
        if !callee.is(core, func) {
            return Err(r
                .fail("a function that the frame before does not call")
                .into());
        }
        let (offset, ordinal) = (r.u32()?, r.u32()?);
        let at = match r.u8()? {
            0 => At::Inside,
            1 if last && matches!(standing, Standing::Refused(_)) => At::Before,
            _ => return Err(r.fail("no way for a frame to stand").into()),
        };
        flatten::translate(core, func)?;
        let layout = layouts.of(core, func)?;
        let (pc, site) = find(core, func, &layout.f, offset, ordinal)
            .ok_or(r.fail("a frame that stands where none can stand"))?;
        let instr = core.code[pc as usize];
        let fits = matches!(
            (at, instr),
            (At::Inside, Instr::Call { .. })
                | (At::Before, Instr::Charge { .. } | Instr::Bulk { .. })
                | (_, Instr::CallImport { .. } | Instr::CallIndirect { .. })
        );
        if !fits || (last && at == At::Inside && matches!(standing, Standing::Refused(_))) {
            return Err(r.fail("a frame that stands where none can stand").into());
        }
        let next = pc + u32::from(at == At::Inside);
        if let Err(cause) = machine.push(core, func, next, frame_base) {
            return Err(refused(format!(
                "a frame does not fit: {}",
                cause.message()
            )));
        }
        for (value, reg) in &layout.pool {
            machine.slots_mut(frame_base, WINDOW)[usize::from(*reg)] = *value;
        }
        values(
            core,
            index,
            &refs,
            &mut machine,
            frame_base,
            (layout, site),
            r,
        )?;
        if at == At::Before {
            let base = base(instr).unwrap_or(0);
            for (n, ty) in own_operands(&layout.f, site).into_iter().enumerate() {
                let v = refs.restore(r, ty)?;
                machine.slots_mut(frame_base, WINDOW)[usize::from(base) + n] = v;
            }
        }
        let to = frame_base + u32::from(base(instr).unwrap_or(0));
        called = match instr {
            Instr::Call { func, .. } | Instr::CallImport { func, .. } => (Callee::Func(func), to),
            Instr::CallIndirect { site, .. } => {
                (Callee::Type(core.indirects[site as usize].ty), to)
            }
            _ => (Callee::Func(u32::MAX), to),
        };
    }
    if let Standing::Host { func, base } = &mut standing {
        if !called.0.is(core, *func) {
            return Err(r
                .fail("a host function that the last frame does not call")
                .into());
        }
        *base = called.1;
        machine.room(called.1)?;
    }
    Ok((machine, standing))
}

/// Reads locals and operands of a frame, and sets the registers that hold them.
fn values(
    core: &Core,
    instance: u32,
    refs: &Refs,
    machine: &mut Machine,
    base: u32,
    (layout, site): (&Layout, SiteId),
    r: &mut Reader<'_>,
) -> Result<(), Error> {
    let f = &layout.f;
    for n in 0..f.locals as usize {
        let v = refs.restore(r, f.vars[n].ty)?;
        machine.slots_mut(base, WINDOW)[n] = v;
    }
    let operands = &f.sites[site.0 as usize].operands;
    if r.u32()? as usize != operands.len() {
        return Err(r.fail("another number of operands").into());
    }
    let mut values = Vec::new();
    for e in operands {
        let v = refs.restore(r, value_type(f, *e))?;
        values.push(v);
        if let Expr::Var(var) = f.node(*e).expr
            && var.0 >= f.locals
            && let Some((_, reg)) = layout.temps[&site].iter().find(|(v, _)| *v == var)
        {
            machine.slots_mut(base, WINDOW)[usize::from(*reg)] = v;
        }
    }
    let regs = Regs {
        core,
        instance,
        layout,
        site,
        slots: machine.slots(base, WINDOW),
    };
    for (e, v) in operands.iter().zip(values) {
        if regs.eval(*e) != Some(v) {
            return Err(r
                .fail("an operand that does not follow from the locals")
                .into());
        }
    }
    Ok(())
}

/// What a call calls.
#[derive(Clone, Copy)]
enum Callee {
    Func(u32),
    Type(u32),
}

impl Callee {
    fn is(self, core: &Core, func: u32) -> bool {
        match self {
            Callee::Func(callee) => callee == func,
            Callee::Type(ty) => core.heads[func as usize].ty == ty,
        }
    }
}

/// Reads a function of the store that is a body of instance `index`.
fn body(core: &Core, refs: &Refs, index: u32, r: &mut Reader<'_>) -> Result<u32, Error> {
    let func = refs.func(r.u32()?).filter(|f| *f != u32::MAX);
    let func = func.ok_or(r.fail("a function that the module has not"))?;
    match core.funcs[func as usize].def {
        FuncDef::Body { instance, .. } if instance == index => Ok(func),
        _ => Err(r
            .fail("a frame of a function that is not the instance's")
            .into()),
    }
}

/// The layouts of functions, each made once.
#[derive(Default)]
struct Layouts(BTreeMap<u32, Layout>);

impl Layouts {
    fn of(&mut self, core: &Core, func: u32) -> Result<&Layout, Error> {
        match self.0.entry(func) {
            Entry::Occupied(layout) => Ok(layout.into_mut()),
            Entry::Vacant(slot) => {
                let layout = flatten::layout(core, func);
                Ok(slot.insert(layout.ok_or(refused("a frame of a function without a body"))?))
            }
        }
    }
}

/// The site of number `ordinal` among those of `func` at `offset`, and its instruction.
fn find(core: &Core, func: u32, f: &Func, offset: u32, ordinal: u32) -> Option<(u32, SiteId)> {
    let mut at_offset = (0..).zip(&f.sites).filter(|(_, site)| site.at == offset);
    let site = SiteId(at_offset.nth(ordinal as usize)?.0);
    let entry = core.heads.get(func as usize)?.entry;
    let end = core.funcs.get(func as usize)?.end;
    let first = core.sites.partition_point(|(n, _)| *n < entry);
    let mut own = core.sites[first..].iter().take_while(|(n, _)| *n < end);
    let (pc, _) = own.find(|(_, s)| *s == site)?;
    Some((*pc, site))
}

/// Where an instruction's operands are.
fn base(instr: Instr) -> Option<u16> {
    match instr {
        Instr::Call { base, .. }
        | Instr::CallImport { base, .. }
        | Instr::CallIndirect { base, .. }
        | Instr::Bulk { base, .. } => Some(base),
        _ => None,
    }
}

/// Types of the operands that the instruction of a site takes itself, if it keeps them in registers of their own.
fn own_operands(f: &Func, site: SiteId) -> Vec<ValType> {
    let mut stmts = f.blocks.iter().flatten();
    let own = stmts.find_map(|stmt| match stmt {
        Stmt::Bulk { site: s, .. }
        | Stmt::Call { site: s, .. }
        | Stmt::CallIndirect { site: s, .. }
            if *s == site =>
        {
            Some(stmt.exprs())
        }
        _ => None,
    });
    let own = own.unwrap_or_default();
    own.into_iter().map(|e| value_type(f, e)).collect()
}

/// The type of an expression as a value.
fn value_type(f: &Func, e: ExprId) -> ValType {
    match f.node(e).ty {
        Ty::Val(ty) => ty,
        Ty::Bool => ValType::I32,
    }
}

/// The registers of a frame.
struct Regs<'a> {
    core: &'a Core,
    instance: u32,
    layout: &'a Layout,
    site: SiteId,
    slots: &'a [u64],
}

impl Regs<'_> {
    fn var(&self, var: Var) -> Option<u64> {
        if var.0 < self.layout.f.locals {
            return self.slots.get(var.0 as usize).copied();
        }
        let mut temps = self.layout.temps.get(&self.site)?.iter();
        let (_, reg) = temps.find(|(v, _)| *v == var)?;
        self.slots.get(usize::from(*reg)).copied()
    }

    /// The value of an operand, which has no effect and cannot trap. Trees are low: recursion is bounded.
    fn eval(&self, e: ExprId) -> Option<u64> {
        let node = self.layout.f.node(e);
        let this = self.core.instances.get(self.instance as usize)?;
        let numeric = |op: Op, operands: &[ExprId]| {
            let mut vals = Vec::new();
            for (e, ty) in operands.iter().zip(op.operands()) {
                vals.push(val(*ty, self.eval(*e)?));
            }
            op.eval(&vals)?.ok().map(slot)
        };
        Some(match node.expr {
            Expr::Const(c) => bits(c),
            Expr::Var(var) => self.var(var)?,
            Expr::Unary(op, a) => numeric(op, &[a])?,
            Expr::Binary(op, a, b) => numeric(op, &[a, b])?,
            Expr::Select {
                cond,
                then,
                otherwise,
            } => match self.eval(cond)? {
                0 => self.eval(otherwise)?,
                _ => self.eval(then)?,
            },
            Expr::GlobalGet(id) => self.core.globals[this.globals[id.index()] as usize],
            Expr::MemorySize(id) => {
                let memory = &self.core.memories[this.memories[id.index()] as usize];
                memory.size().put()
            }
            Expr::TableSize(id) => {
                let table = &self.core.tables[this.tables[id.index()] as usize];
                table.table.size().put()
            }
            Expr::RefFunc(id) => u64::from(this.funcs[id.index()]),
            Expr::RefIsNull(a) => (self.eval(a)? == u64::from(u32::MAX)).put(),
            Expr::FromBool(a) => self.eval(a)?,
            Expr::NonZero(a) => (self.eval(a)? != 0).put(),
            Expr::Not(a) => (self.eval(a)? == 0).put(),
            Expr::Quiet(a) => {
                let v = self.eval(a)?;
                match (node.ty, this.module.canonical_nans()) {
                    (Ty::Val(ValType::F32), true) => wrt_rt::num::canonical_f32(Slot::get(v)).put(),
                    (_, true) => wrt_rt::num::canonical_f64(Slot::get(v)).put(),
                    (_, false) => v,
                }
            }
            Expr::Load { .. } | Expr::TableGet(..) => return None,
        })
    }
}
