//! The body of one function: statements of the IR in, statements of `syn` out, without recursion on nesting.

use super::func::{Emitter, rust_type};
use super::needs;
use super::rust::*;
use super::switch;
use crate::ir::{self, Bulk, Expr as E, LabelKind, Stmt as S};
use crate::op::Ty;
use crate::options::Backtrace;
use crate::set::MemId;
use crate::stride::Strided;
use crate::survey::Shape;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use quote::quote;
use syn::{Expr, Pat, Stmt};

/// The body of a function being spelled.
pub(super) struct Body<'a> {
    pub(super) cx: &'a Emitter<'a>,
    pub(super) f: &'a ir::Func,
    shape: Shape,
    pub(super) vars: Vec<String>,
    /// The memory whose bytes `m` is, if any statement needs them.
    memory: Option<MemId>,
    /// Bytes that the memory is known to have, where that saves checks.
    floor: Option<u64>,
    /// The dispatch loop has so many arms that LLVM, which threads a jump through each constant state, would
    /// take minutes over it.
    opaque_state: bool,
    /// It holds what makes NaNs quiet, so that loops need not load it again after each store.
    pub(super) quiets: bool,
    /// How to run loops without checks.
    strided: &'a BTreeMap<ir::Label, Strided>,
}

/// Most arms of a dispatch loop that LLVM may thread jumps through.
const THREADED_ARMS: usize = 512;

/// A list of statements being spelled, and what to do with it.
struct Level<'a> {
    stmts: core::slice::Iter<'a, S>,
    out: Vec<Stmt>,
    end: End<'a>,
    /// The innermost loop around, to which `break` and `continue` go without a label.
    inner: Option<ir::Label>,
    /// Control can get past what there is so far.
    falls: bool,
}

enum End<'a> {
    Function,
    Block(ir::Label),
    /// Ahead of it, what runs it without checks, if there is such a thing.
    Loop(ir::Label, Option<(&'a Strided, Vec<Stmt>)>),
    /// A round of it without checks.
    Strided(ir::Label, ir::BlockId, &'a Strided),
    Then(&'a ir::ExprId, Option<ir::BlockId>),
    Else(&'a ir::ExprId, Vec<Stmt>, bool),
    Arm(Box<Arms<'a>>),
}

/// The arms of a `match` that are done, and those to come.
struct Arms<'a> {
    on: Expr,
    done: Vec<(Pat, Expr)>,
    pat: Pat,
    rest: Vec<(Pat, ir::BlockId)>,
    /// Control can get past one that is done.
    falls: bool,
    dispatch: Option<(&'a ir::Label, &'a ir::Var)>,
}

impl<'a> Body<'a> {
    pub(super) fn new(
        cx: &'a Emitter<'a>,
        f: &'a ir::Func,
        shape: Shape,
        strided: &'a BTreeMap<ir::Label, Strided>,
    ) -> Body<'a> {
        let memory = needs::memory(f);
        let floor = memory
            .filter(|_| shape.traps && needs::floor(f))
            .map(|mem| {
                let ty = &cx.front.set.memories[mem.index()].ty;
                ty.page_size.bytes_in(ty.min)
            });
        Body {
            cx,
            f,
            shape,
            vars: cx.names.vars(f),
            memory,
            floor: floor.filter(|f| *f > 0),
            opaque_state: f
                .blocks
                .iter()
                .flatten()
                .any(|s| matches!(s, S::Dispatch { arms, .. } if arms.len() > THREADED_ARMS)),
            quiets: shape.state
                && !cx.options.canonical_nans
                && f.exprs.iter().any(|n| matches!(n.expr, E::Quiet(_))),
            strided,
        }
    }

    pub(super) fn run(&mut self) -> Vec<Stmt> {
        let mut head = Vec::new();
        if self.shape.framed {
            let weight = int(u64::from(self.shape.weight));
            let at = self.f.sites.first().map_or(0, |s| s.at);
            let enter = self
                .cx
                .check(at, &call(path("enter"), [path("depth"), weight]));
            head.push(let_(pat("depth", false), Some(enter)));
            if self.cx.options.stats {
                head.push(stmt(method(self.rt(), "count_call", [path("depth")])));
            }
        }
        if self.quiets {
            let quiet = method(self.rt(), "quiet", []);
            head.push(let_(pat("q0", false), Some(quiet)));
        }
        let mut bound = false;
        let mut levels = vec![Level {
            stmts: self.f.block(self.f.body).iter(),
            out: head,
            end: End::Function,
            inner: None,
            falls: true,
        }];
        loop {
            let level = levels.last_mut().expect("a level is left");
            let Some(stmt) = level.stmts.next() else {
                let level = levels.pop().expect("a level is left");
                match self.close(level, &mut levels) {
                    Some(done) => return done,
                    None => continue,
                }
            };
            // The memory is taken after the check at the head, which needs none.
            if !bound && levels.len() == 1 && !matches!(stmt, S::Charge { .. }) {
                bound = true;
                if let Some(mem) = self.memory {
                    levels[0]
                        .out
                        .push(let_(pat("m", true), Some(self.bytes(mem))));
                }
            }
            self.stmt(stmt, &mut levels);
        }
    }

    fn open(&self, levels: &mut Vec<Level<'a>>, block: ir::BlockId, end: End<'a>) {
        let inner = match &end {
            End::Loop(label, _) => Some(*label),
            End::Arm(arms) if arms.dispatch.is_some() => arms.dispatch.map(|(label, _)| *label),
            // Rust wants a label on what goes through a labelled block.
            End::Block(_) => None,
            _ => levels.last().and_then(|l| l.inner),
        };
        levels.push(Level {
            stmts: self.f.block(block).iter(),
            out: Vec::new(),
            end,
            inner,
            falls: true,
        });
    }

    /// Puts a finished list where it belongs.
    fn close(&self, level: Level<'a>, levels: &mut Vec<Level<'a>>) -> Option<Vec<Stmt>> {
        let mut out = level.out;
        let (done, falls) = match level.end {
            End::Function => return Some(out),
            End::Block(label) => (block_expr(Some(&self.label(label)), out), true),
            End::Loop(label, strided) => {
                if level.falls {
                    out.push(stmt(break_(None, None)));
                }
                let checked = loop_expr(Some(&self.label(label)), out);
                let done = match strided {
                    Some((strided, round)) => self.strided(strided, round, checked),
                    None => checked,
                };
                (done, level.falls)
            }
            End::Strided(label, block, strided) => {
                self.open(levels, block, End::Loop(label, Some((strided, out))));
                return None;
            }
            End::Then(cond, Some(otherwise)) => {
                self.open(levels, otherwise, End::Else(cond, out, level.falls));
                return None;
            }
            End::Then(cond, None) => (if_expr(self.expr(*cond), out, None), true),
            End::Else(cond, then, falls) => {
                let otherwise = (!out.is_empty()).then_some(out);
                let done = if_expr(self.expr(*cond), then, otherwise);
                (done, falls || level.falls)
            }
            End::Arm(mut arms) => {
                arms.falls |= level.falls;
                let body = match &mut out[..] {
                    [Stmt::Expr(Expr::Break(_) | Expr::Continue(_), _)] => match out.pop() {
                        Some(Stmt::Expr(e, _)) => e,
                        _ => return None,
                    },
                    _ => block_expr(None, out),
                };
                let pat = core::mem::replace(&mut arms.pat, wildcard());
                arms.done.push((pat, body));
                if let Some((pat, block)) = arms.rest.pop() {
                    arms.pat = pat;
                    self.open(levels, block, End::Arm(arms));
                    return None;
                }
                if let Some((label, _)) = arms.dispatch {
                    // No other number is ever set: the last arm stands for the rest.
                    if let Some((last, _)) = arms.done.last_mut() {
                        *last = wildcard();
                    }
                    let inside = vec![Stmt::Expr(match_expr(arms.on, arms.done), None)];
                    (loop_expr(Some(&self.label(*label)), inside), false)
                } else {
                    (match_expr(arms.on, arms.done), arms.falls)
                }
            }
        };
        let around = levels.last_mut().expect("inside the function");
        around.out.push(Stmt::Expr(done, None));
        around.falls = falls;
        None
    }

    fn stmt(&self, s: &'a S, levels: &mut Vec<Level<'a>>) {
        let level = levels.last_mut().expect("a level");
        level.falls = !matches!(s, S::Br(_) | S::Return(_) | S::Unreachable { .. });
        let out = &mut level.out;
        match s {
            S::Set(var, value) => {
                let mut value = self.expr(*value);
                if self.opaque_state && self.f.var(*var).kind == ir::VarKind::State {
                    value = call(parse(quote::quote!(core::hint::black_box)), [value]);
                }
                out.push(stmt(assign(self.var(*var), value)));
            }
            S::Let {
                var,
                value,
                mutable,
            } => {
                let name = pat(&self.vars[var.0 as usize], *mutable);
                out.push(let_(
                    self.typed(name, *var, *value),
                    Some(self.expr(*value)),
                ));
            }
            S::Declare { var, zero, mutable } => {
                let ty = self.f.var(*var).ty;
                let name = pat_typed(
                    pat(&self.vars[var.0 as usize], *mutable),
                    ty_name(rust_type(ty)),
                );
                out.push(let_(
                    name,
                    zero.then(|| self.constant(crate::module::Const::zero(ty), false)),
                ));
            }
            S::Eval(e) => out.push(let_(wildcard(), Some(self.expr(*e)))),
            S::GlobalSet(g, e) => {
                let place = field(self.state(), &format!("g{}", g.0));
                out.push(stmt(assign(place, self.expr(*e))));
            }
            S::TableSet {
                table,
                index,
                value,
                at,
            } => {
                let table = field(self.state(), &format!("t{}", table.0));
                let set = method(table, "set", [self.expr(*index), self.expr(*value)]);
                out.push(stmt(self.cx.check(*at, &set)));
            }
            S::Store {
                op,
                mem,
                addr,
                offset,
                value,
                at,
            } => {
                let args = [self.expr(*addr), int(u64::from(*offset)), self.expr(*value)];
                let store = method(self.place(*mem), op.rust(), args);
                out.push(stmt(self.cx.check(*at, &store)));
            }
            S::Call {
                func,
                args,
                results,
                declares,
                site,
            } => {
                let shape = self.cx.front.shapes[func.index()];
                let crosses = !shape.framed && self.cx.front.set.crosses(self.f.id, *func);
                // What takes no fuel in hand may charge nevertheless: another instance, the host.
                let apart = crosses || self.cx.front.set.body(*func).is_none();
                if apart {
                    self.release(out);
                }
                let at = self.f.sites[site.0 as usize].at;
                let args = self.arguments(args.iter());
                let (name, context) = if crosses {
                    let name = super::exports::entry(*func).to_string();
                    (name, Emitter::context_args(self.shape, Shape::ENTRY))
                } else {
                    let name = self.cx.names.func(*func).to_string();
                    (name, Emitter::context_args(self.shape, shape))
                };
                let mut e = call(path(&name), context.into_iter().chain(args));
                if shape.fuel && !crosses {
                    e = self.cx.call_with_fuel(at, &e);
                } else if shape.traps || crosses {
                    e = self.cx.check(at, &e);
                }
                self.bind(out, results, *declares, e);
                if apart {
                    self.hold(out);
                }
                if shape.env || crosses {
                    self.rebind(out);
                }
            }
            S::CallIndirect {
                ty,
                table,
                args,
                index,
                results,
                declares,
                site,
            } => {
                let name = super::indirect::name(*ty, *table);
                let dispatcher = self.cx.front.dispatcher;
                let mut all = Emitter::context_args(self.shape, dispatcher);
                all.extend(self.arguments(args.iter().chain([index])));
                let (at, e) = (self.f.sites[site.0 as usize].at, call(path(&name), all));
                let e = match dispatcher.fuel {
                    true => self.cx.call_with_fuel(at, &e),
                    false => self.cx.check(at, &e),
                };
                self.bind(out, results, *declares, e);
                self.rebind(out);
            }
            S::Bulk {
                op,
                args,
                result,
                declares,
                site,
            } => {
                self.release(out);
                let e = self.bulk(*op, args, *site);
                self.bind(out, result.as_slice(), *declares, e);
                self.hold(out);
                if matches!(op, Bulk::MemoryGrow(_)) {
                    self.rebind(out);
                }
            }
            S::Block(label, block) => self.open(levels, *block, End::Block(*label)),
            S::Loop(label, block) => match self.strided.get(label) {
                Some(strided) => {
                    let end = End::Strided(*label, *block, strided);
                    self.open(levels, strided.body, end);
                }
                None => self.open(levels, *block, End::Loop(*label, None)),
            },
            S::If {
                cond,
                then,
                otherwise,
            } => self.open(levels, *then, End::Then(cond, *otherwise)),
            S::Br(label) => {
                let inner = levels.last().and_then(|l| l.inner);
                let name = self.label(*label);
                let jump = match self.f.labels[label.0 as usize] {
                    LabelKind::Block => break_(Some(&name), None),
                    LabelKind::Loop => continue_((inner != Some(*label)).then_some(&name)),
                };
                levels.last_mut().expect("a level").out.push(stmt(jump));
            }
            S::Switch {
                index,
                arms,
                default,
            } => {
                let (on, pats) = switch::on(self.expr(*index), arms);
                let mut rest: Vec<(Pat, ir::BlockId)> = vec![(wildcard(), *default)];
                rest.extend(
                    pats.into_iter()
                        .zip(arms)
                        .rev()
                        .map(|(pat, (_, block))| (pat, *block)),
                );
                let (pat, first) = rest.pop().expect("a default");
                let arms = Arms {
                    on,
                    done: Vec::new(),
                    pat,
                    rest,
                    falls: false,
                    dispatch: None,
                };
                self.open(levels, first, End::Arm(Box::new(arms)));
            }
            S::Dispatch { label, state, arms } => {
                let zero = self.constant(crate::module::Const::I32(0), false);
                let name = pat(&self.vars[state.0 as usize], true);
                out.push(let_(pat_typed(name, ty_name("i32")), Some(zero)));
                let mut rest: Vec<(Pat, ir::BlockId)> = arms
                    .iter()
                    .enumerate()
                    .map(|(n, b)| (switch::keys_pat(&[n as u32]), *b))
                    .rev()
                    .collect();
                let (pat, first) = rest.pop().expect("an arm");
                let on = self.var(*state);
                let arms = Arms {
                    on,
                    done: Vec::new(),
                    pat,
                    rest,
                    falls: false,
                    dispatch: Some((label, state)),
                };
                self.open(levels, first, End::Arm(Box::new(arms)));
            }
            S::Return(values) => {
                let mut values: Vec<Expr> = values.iter().map(|v| self.expr(*v)).collect();
                let value = if values.len() == 1 {
                    values.pop()
                } else {
                    Some(tuple(values))
                };
                let value = match value {
                    Some(value) if self.shape.fuel => Some(tuple([path("fuel"), value])),
                    value => value,
                };
                let value = match (value, self.shape.traps) {
                    (Some(value), true) => Some(call(path("Ok"), [value])),
                    (Some(Expr::Tuple(t)), false) if t.elems.is_empty() => None,
                    (value, _) => value,
                };
                let last = levels.len() == 1 && !self.shape.traps;
                let out = &mut levels.last_mut().expect("a level").out;
                match value {
                    Some(value) if last => out.push(Stmt::Expr(value, None)),
                    None if last => {}
                    value => out.push(stmt(return_(value))),
                }
            }
            S::Unreachable { at } => {
                let cause = path2("Cause", "Unreachable");
                let value = match self.cx.options.backtrace {
                    Backtrace::Offsets => tuple([
                        cause,
                        literal(format!("{at:#x}").parse().expect("a literal")),
                    ]),
                    _ => cause,
                };
                out.push(stmt(break_(Some("trap"), Some(value))));
            }
            S::Count(n) => {
                let ir::Counts {
                    instructions,
                    accesses,
                } = self.f.counts[*n as usize];
                let instructions = instructions.map(|n| int(u64::from(n)));
                let accesses = int(u64::from(accesses));
                let rt = self.rt();
                let count = quote!(#rt.count([#(#instructions),*], #accesses));
                out.push(stmt(parse(count)));
            }
            S::Charge { fuel, site } => {
                let (units, at) = (int(u64::from(*fuel)), self.f.sites[site.0 as usize].at);
                let charge = method(self.rt(), "spend", [ref_mut(path("fuel")), units]);
                out.push(stmt(self.cx.check(at, &charge)));
                if self.cx.options.verification {
                    let (st, by_ref) = (self.state(), Emitter::state_ref(self.shape));
                    let state = self.cx.check(at, &parse(quote!(verify_state(#by_ref))));
                    out.push(stmt(parse(quote!(if #st.verify.sample() { #state; }))));
                }
            }
        }
    }

    /// Where the state is.
    pub(super) fn state(&self) -> Expr {
        Emitter::state(self.shape)
    }

    /// Where the running state is.
    pub(super) fn rt(&self) -> Expr {
        Emitter::run(self.shape)
    }

    /// A type where the value alone does not say which.
    fn typed(&self, pat: Pat, var: ir::Var, value: ir::ExprId) -> Pat {
        match self.f.node(value).expr {
            E::Const(_) => pat_typed(pat, ty_name(rust_type(self.f.var(var).ty))),
            _ => pat,
        }
    }

    /// Gives the result of `e` to the variables that take it.
    fn bind(&self, out: &mut Vec<Stmt>, results: &[ir::Var], declares: Option<bool>, e: Expr) {
        out.push(match (results, declares) {
            ([], _) => stmt(e),
            ([var], Some(mutable)) => let_(pat(&self.vars[var.0 as usize], mutable), Some(e)),
            ([var], None) => stmt(assign(self.var(*var), e)),
            (many, _) => stmt(assign(tuple(many.iter().map(|v| self.var(*v))), e)),
        });
    }

    /// Before anything else may charge.
    fn release(&self, out: &mut Vec<Stmt>) {
        if self.shape.fuel {
            let release = method(self.rt(), "release", [path("fuel")]);
            out.push(stmt(assign(path("fuel"), release)));
        }
    }

    /// After that.
    fn hold(&self, out: &mut Vec<Stmt>) {
        if self.shape.fuel {
            out.push(stmt(assign(path("fuel"), method(self.rt(), "hold", []))));
        }
    }

    /// After anything that may move the memory.
    fn rebind(&self, out: &mut Vec<Stmt>) {
        if let Some(mem) = self.memory {
            out.push(stmt(assign(path("m"), self.bytes(mem))));
        }
    }

    /// The bytes of the memory, with what is known of their number.
    fn bytes(&self, mem: MemId) -> Expr {
        if !self.cx.flash.is_empty() {
            return ref_mut(Emitter::memory(mem));
        }
        if needs::whole(self.cx.options, &self.cx.front.set, mem) {
            return method(Emitter::memory(mem), "whole_mut", []);
        }
        let bytes = method(Emitter::memory(mem), "bytes_mut", []);
        match self.floor {
            Some(floor) => {
                let at = self.f.sites.first().map_or(0, |s| s.at);
                self.cx
                    .check(at, &call(path2("memory", "at_least"), [bytes, int(floor)]))
            }
            None => bytes,
        }
    }

    /// Arguments of a call, which come after the state and the context.
    pub(super) fn arguments<'i>(&self, args: impl Iterator<Item = &'i ir::ExprId>) -> Vec<Expr> {
        args.map(|a| self.expr(*a)).collect()
    }

    /// The bytes of a memory, or a window of it.
    pub(super) fn place(&self, mem: MemId) -> Expr {
        match mem.index().checked_sub(self.cx.front.set.memories.len()) {
            Some(window) => path(&format!("c{window}")),
            None => path("m"),
        }
    }

    pub(super) fn var(&self, var: ir::Var) -> Expr {
        path(&self.vars[var.0 as usize])
    }

    fn label(&self, label: ir::Label) -> String {
        match self.f.labels[label.0 as usize] {
            LabelKind::Block => format!("b{}", label.0),
            LabelKind::Loop => format!("l{}", label.0),
        }
    }
}

/// Whether a node is a condition.
pub(super) fn is_bool(f: &ir::Func, e: ir::ExprId) -> bool {
    f.node(e).ty == Ty::Bool
}
