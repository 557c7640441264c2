//! Structure that is nested too deep to print: rustc's parser and passes recurse on it and overflow.
//!
//! In: a function. Out: the same, or, if it is deeper than [`DEEPEST`], one in which the deep part is a
//! dispatch loop over numbered arms. Structure that is shallow enough stays as it is inside the arms, so inner
//! loops remain loops.

use crate::ir::*;
use crate::tidy::i32_const;
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;
use wrt_rt::ValType;

/// Deeper functions are flattened.
const DEEPEST: u32 = 48;
/// What is at most so deep stays structured inside an arm.
const KEPT: u32 = 24;

/// Flattens `f` if it is too deep.
pub(crate) fn flatten(f: &mut Func) {
    let heights = heights(f);
    if heights[f.body.0 as usize] <= DEEPEST {
        return;
    }
    let label = Label(f.labels.len() as u32);
    f.labels.push(LabelKind::Loop);
    let state = f.add_var(ValType::I32, VarKind::State);
    let mut flat = Flatten {
        f,
        state,
        label,
        arms: Vec::new(),
        targets: BTreeMap::new(),
    };
    flat.run(&heights);
    let Flatten { arms, targets, .. } = flat;
    retarget(f, state, label, &targets);
    let body = f.blocks.len() as u32;
    f.blocks.push(vec![Stmt::Dispatch { label, state, arms }]);
    f.body = BlockId(body);
}

/// Height of the structure in each list.
fn heights(f: &Func) -> Vec<u32> {
    let mut heights = vec![0u32; f.blocks.len()];
    let mut work = vec![(f.body, false)];
    while let Some((block, done)) = work.pop() {
        let inner = f.block(block).iter().flat_map(Stmt::blocks);
        if done {
            heights[block.0 as usize] = inner.map(|b| heights[b.0 as usize] + 1).max().unwrap_or(0);
        } else {
            work.push((block, true));
            work.extend(inner.map(|b| (b, false)));
        }
    }
    heights
}

struct Flatten<'f> {
    f: &'f mut Func,
    state: Var,
    label: Label,
    arms: Vec<BlockId>,
    /// The arm that a branch to a flattened label goes to.
    targets: BTreeMap<Label, u32>,
}

/// Statements still to be laid out.
struct Task {
    stmts: alloc::vec::IntoIter<Stmt>,
    /// The arm they go to.
    arm: u32,
    /// The arm that follows.
    next: Option<u32>,
}

impl Flatten<'_> {
    fn run(&mut self, heights: &[u32]) {
        let first = self.arm();
        let mut work = vec![Task {
            stmts: self.take(self.f.body),
            arm: first,
            next: None,
        }];
        while let Some(Task {
            mut stmts,
            arm,
            next,
        }) = work.pop()
        {
            let deep = |stmt: &Stmt| stmt.blocks().iter().any(|b| heights[b.0 as usize] >= KEPT);
            loop {
                let Some(stmt) = stmts.next() else {
                    if let Some(next) = next {
                        self.go(self.arms[arm as usize], next);
                    }
                    break;
                };
                if !deep(&stmt) {
                    let list = self.arms[arm as usize];
                    self.f.blocks[list.0 as usize].push(stmt);
                    continue;
                }
                let after = self.arm();
                match stmt {
                    Stmt::Block(label, block) => {
                        self.targets.insert(label, after);
                        work.push(Task {
                            stmts,
                            arm: after,
                            next,
                        });
                        work.push(Task {
                            stmts: self.take(block),
                            arm,
                            next: Some(after),
                        });
                    }
                    Stmt::Loop(label, block) => {
                        let head = self.arm();
                        self.targets.insert(label, head);
                        self.go(self.arms[arm as usize], head);
                        work.push(Task {
                            stmts,
                            arm: after,
                            next,
                        });
                        work.push(Task {
                            stmts: self.take(block),
                            arm: head,
                            next: Some(after),
                        });
                    }
                    Stmt::If {
                        cond,
                        then,
                        otherwise,
                    } => {
                        let then_arm = self.arm();
                        let other_arm = if otherwise.is_some() {
                            self.arm()
                        } else {
                            after
                        };
                        let (yes, no) = (self.list(), self.list());
                        self.go(yes, then_arm);
                        self.go(no, other_arm);
                        let list = self.arms[arm as usize];
                        let stmt = Stmt::If {
                            cond,
                            then: yes,
                            otherwise: Some(no),
                        };
                        self.f.blocks[list.0 as usize].push(stmt);
                        work.push(Task {
                            stmts,
                            arm: after,
                            next,
                        });
                        work.push(Task {
                            stmts: self.take(then),
                            arm: then_arm,
                            next: Some(after),
                        });
                        if let Some(block) = otherwise {
                            work.push(Task {
                                stmts: self.take(block),
                                arm: other_arm,
                                next: Some(after),
                            });
                        }
                    }
                    Stmt::Switch {
                        index,
                        mut arms,
                        mut default,
                    } => {
                        work.push(Task {
                            stmts,
                            arm: after,
                            next,
                        });
                        for block in arms.iter_mut().map(|(_, b)| b).chain([&mut default]) {
                            let (list, inside) = (self.list(), self.arm());
                            self.go(list, inside);
                            work.push(Task {
                                stmts: self.take(*block),
                                arm: inside,
                                next: Some(after),
                            });
                            *block = list;
                        }
                        let list = self.arms[arm as usize];
                        self.f.blocks[list.0 as usize].push(Stmt::Switch {
                            index,
                            arms,
                            default,
                        });
                    }
                    _ => unreachable!("no other statement is deep"),
                }
                break;
            }
        }
    }

    fn list(&mut self) -> BlockId {
        self.f.blocks.push(Vec::new());
        BlockId(self.f.blocks.len() as u32 - 1)
    }

    fn arm(&mut self) -> u32 {
        let list = self.list();
        self.arms.push(list);
        self.arms.len() as u32 - 1
    }

    fn take(&mut self, block: BlockId) -> alloc::vec::IntoIter<Stmt> {
        core::mem::take(&mut self.f.blocks[block.0 as usize]).into_iter()
    }

    /// Ends `list` by going to `arm`, unless it left already.
    fn go(&mut self, list: BlockId, arm: u32) {
        let leaves =
            |s: &Stmt| matches!(s, Stmt::Br(_) | Stmt::Return(_) | Stmt::Unreachable { .. });
        if self.f.block(list).last().is_some_and(leaves) {
            return;
        }
        let value = i32_const(self.f, arm as i32);
        let (state, label) = (self.state, self.label);
        self.f.blocks[list.0 as usize].extend([Stmt::Set(state, value), Stmt::Br(label)]);
    }
}

/// Turns branches to flattened labels into steps of the dispatch loop.
fn retarget(f: &mut Func, state: Var, label: Label, targets: &BTreeMap<Label, u32>) {
    for id in 0..f.blocks.len() {
        let hit = |s: &Stmt| matches!(s, Stmt::Br(l) if targets.contains_key(l));
        if !f.blocks[id].iter().any(hit) {
            continue;
        }
        let mut out = Vec::with_capacity(f.blocks[id].len() + 1);
        for stmt in core::mem::take(&mut f.blocks[id]) {
            match stmt {
                Stmt::Br(l) if let Some(arm) = targets.get(&l) => {
                    let value = i32_const(f, *arm as i32);
                    out.extend([Stmt::Set(state, value), Stmt::Br(label)]);
                }
                other => out.push(other),
            }
        }
        f.blocks[id] = out;
    }
}
