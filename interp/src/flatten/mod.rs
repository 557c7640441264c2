//! IR to register code, one function at a time, when it is first called.
//!
//! In: a function of the store. Out: its instructions behind those that are there. Decides nothing that a program can
//! observe: order, temporaries and fuel are the IR's. A local of wasm has the register of its number throughout; a
//! temporary has one while the list of statements that declares it lasts; what an expression needs lies above.

mod expr;
mod pool;
mod stmt;

pub(crate) use expr::bits;

use crate::code::{Instr, Reg};
use crate::core::{BulkSite, Core, FuncDef, HOST, Indirect, InstanceEntity, UNTRANSLATED};
use crate::exec::WINDOW;
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;
use wrt_compiler::ir::{self, Expr, ExprId, Label, SiteId, Var};
use wrt_rt::Cause;

/// Makes the code of function `func` of the store, if it has a body and no code yet.
///
/// Traps with `CallStackExhausted` if one frame of it is larger than any that this machine has, and with
/// `OutOfMemory` if there is more code than a store can have.
#[inline(never)]
pub(crate) fn translate(core: &mut Core, func: u32) -> Result<(), Cause> {
    let (Some(head), Some(entity)) = (core.heads.get(func as usize), core.funcs.get(func as usize))
    else {
        return Err(Cause::Unreachable);
    };
    let FuncDef::Body { instance, id } = entity.def else {
        return Ok(());
    };
    if head.entry != UNTRANSLATED {
        return Ok(());
    }
    let Some(this) = core.instances.get(instance as usize) else {
        return Err(Cause::Unreachable);
    };
    let module = this.module.clone();
    let Ok(Some(f)) = module.front().func(id) else {
        return Err(Cause::CallStackExhausted);
    };
    let start = Start {
        count_calls: module.stats() && head.framed,
        samples: core.samples(instance),
        indirects: core.indirects.len() as u32,
        bulks: core.bulks.len() as u32,
        counts: core.counts.len() as u32,
        temps: None,
    };
    let flat = Flatten::whole(&f, this, instance, start);
    if flat.most as usize > WINDOW {
        return Err(Cause::CallStackExhausted);
    }
    let entry = core.code.len() as u32;
    let end = u32::try_from(core.code.len() + flat.out.len()).ok();
    // The last numbers have a meaning of their own.
    let end = end.filter(|end| *end < HOST).ok_or(Cause::OutOfMemory)?;
    core.code
        .try_reserve(flat.out.len())
        .map_err(|_| Cause::OutOfMemory)?;
    core.code.extend(flat.out);
    let sites = flat.sites.into_iter();
    core.sites.extend(sites.map(|(n, site)| (entry + n, site)));
    let offsets = flat.offsets.into_iter();
    core.offsets.extend(offsets.map(|(n, at)| (entry + n, at)));
    core.indirects.extend(flat.indirects);
    core.bulks.extend(flat.bulks);
    core.counts.extend(&f.counts);
    core.heads[func as usize].entry = entry;
    core.funcs[func as usize].end = end;
    Ok(())
}

/// Where the operands of a function are while it stands at one of its sites.
pub(crate) struct Layout {
    /// The function.
    pub(crate) f: ir::Func,
    /// The temporaries in the operands of each site, and their registers.
    pub(crate) temps: BTreeMap<SiteId, Vec<(Var, Reg)>>,
    /// Constants that stay in registers.
    pub(crate) pool: BTreeMap<u64, Reg>,
}

/// The layout of function `func` of the store; `None` if it has no body.
pub(crate) fn layout(core: &Core, func: u32) -> Option<Layout> {
    let FuncDef::Body { instance, id } = core.funcs.get(func as usize)?.def else {
        return None;
    };
    let this = core.instances.get(instance as usize)?;
    let f = this.module.front().func(id).ok()??;
    let start = Start {
        temps: Some(BTreeMap::new()),
        ..Start::default()
    };
    let Flatten { start, pool, .. } = Flatten::whole(&f, this, instance, start);
    let temps = start.temps?;
    Some(Layout { f, temps, pool })
}

/// What is decided about a function before it is flattened.
#[derive(Clone, Default)]
struct Start {
    /// Its calls are counted.
    count_calls: bool,
    /// Its check points are looked at now and then.
    samples: bool,
    /// How many there are already in the store.
    indirects: u32,
    bulks: u32,
    counts: u32,
    /// Where temporaries are at each site, if somebody asks.
    temps: Option<BTreeMap<SiteId, Vec<(Var, Reg)>>>,
}

/// A function on its way.
struct Flatten<'a> {
    f: &'a ir::Func,
    this: &'a InstanceEntity,
    instance: u32,
    start: Start,
    out: Vec<Instr>,
    /// The register of each variable, once it has one.
    regs: Vec<Option<Reg>>,
    /// Constants that stay in registers, and which.
    pool: BTreeMap<u64, Reg>,
    /// The first register that is free.
    next: u32,
    /// The most registers that were in use.
    most: u32,
    /// Targets of the labels of the IR, and of those made here.
    labels: Vec<Target>,
    /// Comparisons branch over a branch, which can go further than 16 bits.
    long: bool,
    /// A comparison could not branch as far as it should.
    too_far: bool,
    /// Something branches to the instruction that comes next.
    bound: usize,
    sites: Vec<(u32, SiteId)>,
    offsets: Vec<(u32, u32)>,
    indirects: Vec<Indirect>,
    bulks: Vec<BulkSite>,
}

/// Where a label is, or which branches wait to know.
#[derive(Clone, Debug)]
enum Target {
    At(usize),
    Awaited(Vec<usize>),
}

impl<'a> Flatten<'a> {
    /// The whole of `f`: with short branches if they reach, which they do in all but the largest functions.
    fn whole(f: &'a ir::Func, this: &'a InstanceEntity, instance: u32, start: Start) -> Self {
        let short = Flatten::new(f, this, instance, start.clone(), false).done();
        match short.too_far {
            false => short,
            true => Flatten::new(f, this, instance, start, true).done(),
        }
    }

    fn new(
        f: &'a ir::Func,
        this: &'a InstanceEntity,
        instance: u32,
        start: Start,
        long: bool,
    ) -> Self {
        let mut regs = vec![None; f.vars.len()];
        for (n, reg) in regs.iter_mut().take(f.locals as usize).enumerate() {
            *reg = Some(n as Reg);
        }
        let pool = pool::pool(f);
        let next = f.locals + pool.len() as u32;
        Flatten {
            f,
            this,
            instance,
            start,
            out: Vec::new(),
            regs,
            pool,
            next,
            most: next,
            labels: vec![Target::Awaited(Vec::new()); f.labels.len()],
            long,
            too_far: false,
            bound: 0,
            sites: Vec::new(),
            offsets: Vec::new(),
            indirects: Vec::new(),
            bulks: Vec::new(),
        }
    }

    fn done(mut self) -> Self {
        if self.start.count_calls {
            self.push(Instr::CountCall);
        }
        self.body();
        self
    }

    /// An instruction.
    fn push(&mut self, instr: Instr) {
        self.out.push(instr);
    }

    /// An instruction that can trap, and its offset in the file.
    fn push_at(&mut self, instr: Instr, at: u32) {
        self.offsets.push((self.out.len() as u32, at));
        self.out.push(instr);
    }

    /// An instruction at which the run can stop.
    fn push_site(&mut self, instr: Instr, site: SiteId) {
        self.note_temps(site);
        self.sites.push((self.out.len() as u32, site));
        let at = self.f.sites[site.0 as usize].at;
        self.push_at(instr, at);
    }

    /// Notes where the temporaries in the operands of a site are.
    fn note_temps(&mut self, site: SiteId) {
        let Some(temps) = &mut self.start.temps else {
            return;
        };
        let mut work = self.f.sites[site.0 as usize].operands.clone();
        let mut found = Vec::new();
        while let Some(e) = work.pop() {
            let expr = self.f.node(e).expr;
            if let Expr::Var(var) = expr
                && var.0 >= self.f.locals
                && let Some(reg) = self.regs[var.0 as usize]
            {
                found.push((var, reg));
            }
            work.extend(expr.operands());
        }
        temps.insert(site, found);
    }

    /// A free register.
    fn alloc(&mut self) -> Reg {
        let reg = self.next;
        self.next += 1;
        self.most = self.most.max(self.next);
        reg as Reg
    }

    /// The register of a variable, which gets one if it has none.
    fn reg(&mut self, var: Var) -> Reg {
        if let Some(reg) = self.regs[var.0 as usize] {
            return reg;
        }
        let reg = self.alloc();
        self.regs[var.0 as usize] = Some(reg);
        reg
    }

    /// A label of our own.
    fn label(&mut self) -> Label {
        self.labels.push(Target::Awaited(Vec::new()));
        Label(self.labels.len() as u32 - 1)
    }

    /// The label is here.
    fn bind(&mut self, label: Label) {
        let here = self.out.len();
        self.bound = here;
        let target = core::mem::replace(&mut self.labels[label.0 as usize], Target::At(here));
        if let Target::Awaited(branches) = target {
            for branch in branches {
                self.aim(branch, here);
            }
        }
    }

    fn aim(&mut self, branch: usize, target: usize) {
        let by = target as i64 - (branch as i64 + 1);
        self.too_far |= !self.out[branch].aim(by as i32);
    }

    /// A branch to `label`.
    fn push_branch(&mut self, mut instr: Instr, label: Label) {
        let far = matches!(
            instr,
            Instr::Br { .. } | Instr::BrIf { .. } | Instr::BrIfNot { .. }
        );
        if self.long && !far {
            // Over the next one, to the far branch.
            instr.aim(1);
            self.push(instr);
            self.push(Instr::Br { to: 1 });
            instr = Instr::Br { to: 0 };
        }
        let at = self.out.len();
        self.push(instr);
        match &mut self.labels[label.0 as usize] {
            Target::At(target) => {
                let target = *target;
                self.aim(at, target);
            }
            Target::Awaited(branches) => branches.push(at),
        }
        if self.long && !far {
            self.bound = self.out.len();
        }
    }

    /// Control cannot reach the instruction that comes next.
    fn is_dead(&self) -> bool {
        self.bound != self.out.len()
            && matches!(
                self.out.last(),
                Some(
                    Instr::Br { .. }
                        | Instr::Return
                        | Instr::ReturnOne { .. }
                        | Instr::ReturnMany { .. }
                        | Instr::Unreachable
                )
            )
    }

    /// Evaluates `exprs` into registers that follow each other, and gives the first.
    fn eval_row(&mut self, exprs: &[ExprId]) -> Reg {
        let base = self.next;
        for e in exprs {
            let d = self.alloc();
            self.eval_into(*e, d);
            self.next = u32::from(d) + 1;
        }
        self.most = self.most.max(self.next + 1);
        base as Reg
    }
}
