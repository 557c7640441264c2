//! Passes that leave meaning alone: blocks that nothing branches to vanish, and every variable gets the one
//! place where it is declared.

use crate::ir::*;
use crate::module::Const;
use crate::op::Ty;
use alloc::vec;
use alloc::vec::Vec;

/// Puts the statements of blocks whose label has no branch into the list around them.
pub(crate) fn inline_blocks(f: &mut Func, targeted: impl Fn(Label) -> bool) {
    let inlined = |stmt: &Stmt| match stmt {
        Stmt::Block(label, block) | Stmt::Loop(label, block) if !targeted(*label) => Some(*block),
        _ => None,
    };
    let mut inside = vec![false; f.blocks.len()];
    for block in f.blocks.iter().flatten().filter_map(inlined) {
        inside[block.0 as usize] = true;
    }
    for (id, inside) in inside.into_iter().enumerate() {
        if inside || !f.blocks[id].iter().any(|s| inlined(s).is_some()) {
            continue;
        }
        let mut out = Vec::new();
        let mut lists = vec![core::mem::take(&mut f.blocks[id]).into_iter()];
        while let Some(list) = lists.last_mut() {
            match list.next() {
                None => drop(lists.pop()),
                Some(stmt) => match inlined(&stmt) {
                    Some(block) => {
                        lists.push(core::mem::take(&mut f.blocks[block.0 as usize]).into_iter())
                    }
                    None => out.push(stmt),
                },
            }
        }
        f.blocks[id] = out;
    }
}

impl Stmt {
    /// Expressions that it evaluates, in order.
    pub fn exprs(&self) -> Vec<ExprId> {
        match self {
            Stmt::Set(_, e) | Stmt::Eval(e) | Stmt::GlobalSet(_, e) => vec![*e],
            Stmt::Let { value, .. } => vec![*value],
            Stmt::TableSet { index, value, .. } => vec![*index, *value],
            Stmt::Store { addr, value, .. } => vec![*addr, *value],
            Stmt::Call { args, .. } | Stmt::Bulk { args, .. } => args.clone(),
            Stmt::CallIndirect { args, index, .. } => args.iter().chain([index]).copied().collect(),
            Stmt::If { cond, .. } => vec![*cond],
            Stmt::Switch { index, .. } => vec![*index],
            Stmt::Return(values) => values.clone(),
            Stmt::Declare { .. }
            | Stmt::Block(..)
            | Stmt::Loop(..)
            | Stmt::Br(_)
            | Stmt::Dispatch { .. }
            | Stmt::Unreachable { .. }
            | Stmt::Charge { .. }
            | Stmt::Count(_) => Vec::new(),
        }
    }

    /// Variables that it assigns.
    pub fn assigns(&self) -> Vec<Var> {
        match self {
            Stmt::Set(var, _) | Stmt::Let { var, .. } | Stmt::Declare { var, .. } => vec![*var],
            Stmt::Call { results, .. } | Stmt::CallIndirect { results, .. } => results.clone(),
            Stmt::Bulk { result, .. } => result.iter().copied().collect(),
            Stmt::Dispatch { state, .. } => vec![*state],
            _ => Vec::new(),
        }
    }

    /// Lists of statements inside it.
    pub fn blocks(&self) -> Vec<BlockId> {
        match self {
            Stmt::Block(_, b) | Stmt::Loop(_, b) => vec![*b],
            Stmt::If {
                then, otherwise, ..
            } => [Some(*then), *otherwise].into_iter().flatten().collect(),
            Stmt::Switch { arms, default, .. } => {
                arms.iter().map(|(_, b)| *b).chain([*default]).collect()
            }
            Stmt::Dispatch { arms, .. } => arms.clone(),
            _ => Vec::new(),
        }
    }
}

/// Where a variable occurs.
#[derive(Clone, Copy)]
struct Place {
    /// The innermost list around all occurrences.
    block: BlockId,
    /// The statement of it in which the first one lies.
    index: u32,
    /// That statement itself assigns the variable, before anything reads it.
    assigned: bool,
}

/// Declares each variable: where it is first assigned, if that comes before all its uses; else a local of wasm
/// at zero at the top, a temporary just before the statement that assigns it on every path.
pub(crate) fn declare(f: &mut Func) {
    let (places, counts) = occurrences(f);
    let mut declared: Vec<Vec<(u32, Stmt)>> = vec![Vec::new(); f.blocks.len()];
    let mut lets: Vec<bool> = vec![false; f.vars.len()];
    f.mutable_params = counts[..f.params as usize].iter().map(|n| *n > 0).collect();
    for n in f.params as usize..f.vars.len() {
        let Some(place) = places[n] else { continue };
        let var = Var(n as u32);
        let within = matches!(
            f.block(place.block)[place.index as usize],
            Stmt::Dispatch { .. }
        );
        let alone = match &f.block(place.block)[place.index as usize] {
            // Several results are declared together or not at all.
            Stmt::Call { results, .. } | Stmt::CallIndirect { results, .. } => results.len() == 1,
            _ => true,
        };
        if place.assigned && alone {
            lets[n] = true;
            continue;
        }
        let zero = f.vars[n].kind != VarKind::Temp || within;
        let (block, index) = if f.vars[n].kind == VarKind::Local {
            (f.body, 0)
        } else {
            (place.block, place.index)
        };
        let stmt = Stmt::Declare {
            var,
            zero,
            mutable: zero && counts[n] > 0,
        };
        declared[block.0 as usize].push((index, stmt));
    }
    for (id, mut inserts) in declared.into_iter().enumerate() {
        let block = BlockId(id as u32);
        for (index, stmt) in f.blocks[id].iter_mut().enumerate() {
            let mutable = |var: &Var| {
                let first = first_assignment(&places, &lets, *var, block, index);
                first.then(|| counts[var.0 as usize] > 1)
            };
            match stmt {
                Stmt::Set(var, value) => {
                    if let Some(mutable) = mutable(var) {
                        *stmt = Stmt::Let {
                            var: *var,
                            value: *value,
                            mutable,
                        };
                    }
                }
                Stmt::Call {
                    results, declares, ..
                }
                | Stmt::CallIndirect {
                    results, declares, ..
                } => {
                    *declares = if let [var] = &results[..] {
                        mutable(var)
                    } else {
                        None
                    };
                }
                Stmt::Bulk {
                    result: Some(var),
                    declares,
                    ..
                } => *declares = mutable(var),
                _ => {}
            }
        }
        if inserts.is_empty() {
            continue;
        }
        inserts.sort_by_key(|(index, _)| *index);
        let mut inserts = inserts.into_iter().peekable();
        let mut out = Vec::with_capacity(f.blocks[id].len() + inserts.len());
        for (index, stmt) in core::mem::take(&mut f.blocks[id]).into_iter().enumerate() {
            while let Some((_, declare)) = inserts.next_if(|(at, _)| *at == index as u32) {
                out.push(declare);
            }
            out.push(stmt);
        }
        f.blocks[id] = out;
    }
}

fn first_assignment(
    places: &[Option<Place>],
    lets: &[bool],
    var: Var,
    block: BlockId,
    index: usize,
) -> bool {
    let n = var.0 as usize;
    lets[n] && places[n].is_some_and(|p| p.block == block && p.index as usize == index)
}

/// The place of every variable, and how often it is assigned.
fn occurrences(f: &Func) -> (Vec<Option<Place>>, Vec<u32>) {
    let mut places: Vec<Option<Place>> = vec![None; f.vars.len()];
    let mut counts = vec![0u32; f.vars.len()];
    // For each list, the statement that it lies in.
    let mut parent: Vec<Option<(BlockId, u32)>> = vec![None; f.blocks.len()];
    let mut depth = vec![0u32; f.blocks.len()];
    let mut work = vec![(f.body, 0u32)];
    while let Some((block, index)) = work.pop() {
        let Some(stmt) = f.block(block).get(index as usize) else {
            continue;
        };
        work.push((block, index + 1));
        let mut see = |var: Var, assigned: bool| {
            let slot = &mut places[var.0 as usize];
            *slot = Some(match *slot {
                None => Place {
                    block,
                    index,
                    assigned,
                },
                Some(place) => join(place, (block, index), &parent, &depth),
            });
        };
        let mut exprs = stmt.exprs();
        while let Some(e) = exprs.pop() {
            let expr = f.node(e).expr;
            if let Expr::Var(var) = expr {
                see(var, false);
            }
            exprs.extend(expr.operands());
        }
        for var in stmt.assigns() {
            see(var, true);
            counts[var.0 as usize] += 1;
        }
        let blocks = stmt.blocks();
        for inner in blocks.iter().rev() {
            parent[inner.0 as usize] = Some((block, index));
            depth[inner.0 as usize] = depth[block.0 as usize] + 1;
            work.push((*inner, 0));
        }
    }
    (places, counts)
}

/// The innermost list around `place` and `other`, which comes later.
fn join(
    place: Place,
    other: (BlockId, u32),
    parent: &[Option<(BlockId, u32)>],
    depth: &[u32],
) -> Place {
    let (mut a, mut b) = ((place.block, place.index), other);
    let up = |x: (BlockId, u32)| parent[x.0.0 as usize].expect("below the body");
    while a.0 != b.0 {
        if depth[a.0.0 as usize] >= depth[b.0.0 as usize] {
            a = up(a);
        } else {
            b = up(b);
        }
    }
    Place {
        block: a.0,
        index: a.1,
        assigned: place.assigned && a == (place.block, place.index),
    }
}

/// Adds a constant of type i32.
pub(crate) fn i32_const(f: &mut Func, value: i32) -> ExprId {
    f.add(
        Expr::Const(Const::I32(value)),
        Ty::Val(wrt_rt::ValType::I32),
        0,
    )
}
