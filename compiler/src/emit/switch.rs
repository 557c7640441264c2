//! `br_table`: what a `match` is on, and its patterns.

use super::rust::*;
use crate::ir;
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use syn::{Expr, Pat};

/// Most keys that a `match` has; beyond, a table is looked up.
const MATCHED_KEYS: usize = 1024;

/// What a `match` is on, and the pattern of each arm. rustc takes time in the square of the keys, so many
/// of them become a table of bytes that gives the number of the arm.
pub(super) fn on(index: Expr, arms: &[(Vec<u32>, ir::BlockId)]) -> (Expr, Vec<Pat>) {
    if arms.iter().map(|(keys, _)| keys.len()).sum::<usize>() <= MATCHED_KEYS {
        return (index, arms.iter().map(|(keys, _)| keys_pat(keys)).collect());
    }
    // The largest number of each width stands for the default.
    let width = if arms.len() < 0xff {
        1
    } else if arms.len() < 0xffff {
        2
    } else {
        4
    };
    let last = arms
        .iter()
        .filter_map(|(keys, _)| keys.last())
        .max()
        .map_or(0, |k| *k as usize);
    let mut table = vec![0xff; (last + 1) * width];
    for (n, (keys, _)) in arms.iter().enumerate() {
        for key in keys {
            let start = *key as usize * width;
            table[start..start + width].copy_from_slice(&(n as u32).to_le_bytes()[..width]);
        }
    }
    let table = literal(proc_macro2::Literal::byte_string(&table));
    let on = call(path("arm"), [table, int(width as u64), index]);
    (on, (0..arms.len() as u32).map(|n| keys_pat(&[n])).collect())
}

/// `1 | 3..=5`: keys are u32, compared as the i32 of the same bits.
pub(super) fn keys_pat(keys: &[u32]) -> Pat {
    let mut runs: Vec<(i32, i32)> = Vec::new();
    for key in keys.iter().map(|k| *k as i32) {
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(key) => *last = key,
            _ => runs.push((key, key)),
        }
    }
    let lit = |v: i32| syn::PatLit {
        attrs: Vec::new(),
        lit: syn::Lit::new(proc_macro2::Literal::u64_unsuffixed(u64::from(v as u32))),
    };
    let one = |(first, last): (i32, i32)| {
        if first == last {
            Pat::Lit(lit(first))
        } else {
            let end = |v| Some(Box::new(Expr::Lit(lit(v))));
            Pat::Range(syn::PatRange {
                attrs: Vec::new(),
                start: end(first),
                limits: syn::RangeLimits::Closed(Default::default()),
                end: end(last),
            })
        }
    };
    if let [only] = runs[..] {
        return one(only);
    }
    Pat::Or(syn::PatOr {
        attrs: Vec::new(),
        leading_vert: None,
        cases: runs.into_iter().map(one).collect(),
    })
}
