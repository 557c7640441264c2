//! Loops that go round a number of times that is known here are charged as a whole, before they start.
//!
//! In: a function with its checks placed. Out: the same; the check at the head of a loop that counts from a
//! constant to a constant, and has no other way out, stands before the loop and takes the fuel of all rounds,
//! if that is no more than [`WHOLE`]; where a check comes straight before it, the two are one. What is charged
//! in sum stays the same, to the unit.

use crate::ir::*;
use crate::module::Const;
use crate::op::Op;
use alloc::vec;
use alloc::vec::Vec;

/// A check takes at most so much fuel for the rounds of a loop: it bounds the distance between two checks.
const WHOLE: u64 = 8192;

/// Moves the checks of counted loops. Gives the dearest check that there is now because of that.
pub(super) fn hoist(f: &mut Func) -> u32 {
    let mut dearest = 0;
    for id in 0..f.blocks.len() {
        let mut at = 0;
        while at < f.blocks[id].len() {
            if let Some((body, rounds, site)) = whole(f, &f.blocks[id][..=at]) {
                f.blocks[body.0 as usize].remove(0);
                let list = &mut f.blocks[id];
                let fuel = match check_before(&mut list[..at]) {
                    Some(fuel) if u64::from(*fuel) + u64::from(rounds) <= WHOLE => {
                        *fuel += rounds;
                        *fuel
                    }
                    _ => {
                        list.insert(at, Stmt::Charge { fuel: rounds, site });
                        at += 1;
                        rounds
                    }
                };
                dearest = dearest.max(fuel);
            }
            at += 1;
        }
    }
    dearest
}

/// The fuel of the last check, if control runs straight on from there.
fn check_before(stmts: &mut [Stmt]) -> Option<&mut u32> {
    let straight = |stmt: &&mut Stmt| {
        let calls = matches!(
            stmt,
            Stmt::Call { .. } | Stmt::CallIndirect { .. } | Stmt::Bulk { .. }
        );
        !calls && stmt.blocks().is_empty()
    };
    let mut straight = stmts.iter_mut().rev().take_while(straight);
    straight.find_map(|stmt| match stmt {
        Stmt::Charge { fuel, .. } => Some(fuel),
        _ => None,
    })
}

/// If the last statement is a counted loop: its body, the fuel of all rounds, and the site of its check.
fn whole(f: &Func, stmts: &[Stmt]) -> Option<(BlockId, u32, SiteId)> {
    let (Stmt::Loop(label, body), before) = stmts.split_last()? else {
        return None;
    };
    let list = f.block(*body);
    let (Some(Stmt::Charge { fuel, site }), Some(Stmt::If { cond, then, .. })) =
        (list.first(), list.last())
    else {
        return None;
    };
    // Whether instructions are counted decides nothing.
    let counted = |stmt: &&Stmt| !matches!(stmt, Stmt::Count(_));
    if !f
        .block(*then)
        .iter()
        .filter(counted)
        .eq([&Stmt::Br(*label)])
    {
        return None;
    }
    let (var, until) = condition(f, *cond)?;
    let step = step(f, list, var)?;
    if !alone(f, *label, *body, var) {
        return None;
    }
    let fuel = u64::from(*fuel).checked_mul(until.rounds(start(f, before, var)?, step)?)?;
    (fuel <= WHOLE).then_some((*body, fuel as u32, *site))
}

/// A loop goes round again while its variable, stepped,
enum While {
    /// is not this,
    Not(i32),
    /// is less than this, unsigned,
    BelowU(u32),
    /// is less than this, signed.
    BelowS(i32),
}

impl While {
    /// How many rounds a loop makes that starts at `start`.
    fn rounds(&self, start: i32, step: i32) -> Option<u64> {
        let below = |start: i64, end: i64, most: i64| {
            let step = i64::from(step);
            // Beyond `most` the variable would wrap.
            let counts = step > 0 && start.max(end - 1) + step <= most;
            counts.then(|| (end - start + step - 1).div_euclid(step).max(1) as u64)
        };
        match *self {
            While::Not(end) => {
                let (distance, step) = match step {
                    0 => return None,
                    1.. => (end.wrapping_sub(start) as u32, step.unsigned_abs()),
                    _ => (start.wrapping_sub(end) as u32, step.unsigned_abs()),
                };
                (distance != 0 && distance % step == 0).then_some(u64::from(distance / step))
            }
            While::BelowU(end) => below(i64::from(start as u32), end.into(), u32::MAX.into()),
            While::BelowS(end) => below(start.into(), end.into(), i32::MAX.into()),
        }
    }
}

fn constant(f: &Func, e: ExprId) -> Option<i32> {
    match f.node(e).expr {
        Expr::Const(Const::I32(value)) => Some(value),
        _ => None,
    }
}

fn variable(f: &Func, e: ExprId) -> Option<Var> {
    match f.node(e).expr {
        Expr::Var(var) => Some(var),
        _ => None,
    }
}

/// A comparison of a variable with a constant.
fn condition(f: &Func, cond: ExprId) -> Option<(Var, While)> {
    match f.node(cond).expr {
        Expr::NonZero(a) => Some((variable(f, a)?, While::Not(0))),
        Expr::Binary(op, a, b) => {
            let (var, end) = (variable(f, a)?, constant(f, b)?);
            let until = match op {
                Op::I32Ne => While::Not(end),
                Op::I32LtU => While::BelowU(end as u32),
                Op::I32LtS => While::BelowS(end),
                _ => return None,
            };
            Some((var, until))
        }
        _ => None,
    }
}

/// What the loop adds to `var` in each round.
fn step(f: &Func, list: &[Stmt], var: Var) -> Option<i32> {
    list.iter().find_map(|stmt| match stmt {
        Stmt::Set(v, value) if *v == var => match f.node(*value).expr {
            Expr::Binary(op, a, b) if variable(f, a) == Some(var) => match op {
                Op::I32Add => constant(f, b),
                Op::I32Sub => constant(f, b)?.checked_neg(),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    })
}

/// Whether the loop has no way out but its end, no loop inside, and assigns `var` once.
fn alone(f: &Func, label: Label, body: BlockId, var: Var) -> bool {
    let mut inside = vec![label];
    let mut targets: Vec<Label> = Vec::new();
    let (mut work, mut assigned) = (vec![body], 0);
    while let Some(block) = work.pop() {
        for stmt in f.block(block) {
            match stmt {
                Stmt::Loop(..) | Stmt::Dispatch { .. } | Stmt::Return(_) => return false,
                Stmt::Block(label, _) => inside.push(*label),
                Stmt::Br(label) => targets.push(*label),
                _ => {}
            }
            assigned += stmt.assigns().iter().filter(|v| **v == var).count();
            work.extend(stmt.blocks());
        }
    }
    inside.sort();
    let again = targets.iter().filter(|t| **t == label).count();
    assigned == 1 && again == 1 && targets.iter().all(|t| inside.binary_search(t).is_ok())
}

/// What `var` holds behind `stmts`.
fn start(f: &Func, stmts: &[Stmt], var: Var) -> Option<i32> {
    for stmt in stmts.iter().rev() {
        match stmt {
            Stmt::Set(v, value) if *v == var => return constant(f, *value),
            _ if stmt.assigns().contains(&var) || !stmt.blocks().is_empty() => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::While;
    use alloc::vec::Vec;

    /// Steps until the loop ends, or longer than any number that is tested.
    fn steps(until: &While, start: i32, step: i32) -> Option<u64> {
        let mut value = start;
        (1..=100).find(|_| {
            value = value.wrapping_add(step);
            !match *until {
                While::Not(end) => value != end,
                While::BelowU(end) => (value as u32) < end,
                While::BelowS(end) => value < end,
            }
        })
    }

    #[test]
    fn rounds_are_what_running_the_loop_gives() {
        let near = [i32::MIN, -1, 0, 7, i32::MAX];
        let values = near.map(|n| (-4..=4).map(move |d| n.wrapping_add(d)));
        let values: Vec<i32> = values.into_iter().flatten().collect();
        let mut known = 0;
        for &start in &values {
            for &end in &values {
                for step in -3..=3 {
                    for until in [
                        While::Not(end),
                        While::BelowU(end as u32),
                        While::BelowS(end),
                    ] {
                        let Some(rounds) = until.rounds(start, step) else {
                            continue;
                        };
                        let run = steps(&until, start, step);
                        assert!(run == Some(rounds) || run.is_none() && rounds > 100);
                        known += 1;
                    }
                }
            }
        }
        assert!(known > 1000, "only {known} loops are known");
    }
}
