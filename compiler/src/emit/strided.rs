//! A loop that walks through memory in strides: run without checks, if a test before it allows that, else as it is.
//!
//! ```text
//! match memory::stride::write(m, memory::stride::rounds(…), window, [windows]) {
//!     Some((mut n0, mut w0, [mut w1])) => {
//!         while n0 != 0 {
//!             let k0 = check!('trap, cx.st.rt.spend_rounds(&mut fuel, 45, n0));
//!             n0 = n0.wrapping_sub(k0);
//!             for (c0, c1) in … { a round }
//!         }
//!     }
//!     None => 'l1: loop { … },
//! }
//! ```

use super::body::Body;
use super::rust::*;
use crate::ir::Var;
use crate::stride::{Parts, Strided, Window};
use alloc::format;
use alloc::vec::Vec;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Expr, Ident, Stmt};

/// How a window moves.
#[derive(PartialEq)]
enum Kind {
    /// Not at all.
    Fixed,
    /// By what it covers, so that it falls into parts.
    Parts,
    /// By less.
    Slides,
}

impl Window {
    fn kind(&self) -> Kind {
        match self.step {
            0 => Kind::Fixed,
            step if step == self.width => Kind::Parts,
            _ => Kind::Slides,
        }
    }
}

/// A window and its identifiers: all of its bytes, those of a round, where they start.
struct Named<'a> {
    window: &'a Window,
    all: Ident,
    now: Ident,
    at: Ident,
    /// What ends the name of a function that gives bytes to change.
    mutable: &'static str,
}

impl Body<'_> {
    /// The choice between `round`, as often as `s` says, and `checked`.
    pub(super) fn strided(&self, s: &Strided, round: Vec<Stmt>, checked: Expr) -> Expr {
        let written = s.windows.iter().filter(|w| w.written).count();
        let named: Vec<Named<'_>> = s
            .windows
            .iter()
            .enumerate()
            .map(|(n, window)| {
                let mutable = if window.written || written > 1 {
                    "_mut"
                } else {
                    ""
                };
                Named {
                    window,
                    all: ident(&format!("w{n}")),
                    now: ident(&format!("c{n}")),
                    at: ident(&format!("a{n}")),
                    mutable,
                }
            })
            .collect();
        let again = ident(&format!("{:?}", s.again));
        let args = [
            self.expr(s.value),
            self.expr(s.end),
            number(format!("{}", s.step.unsigned_abs()), s.step < 0, ""),
        ];
        let rounds = quote!(memory::stride::rounds(memory::stride::Again::#again, #(#args),*));
        let shown = |written: bool| {
            let (mut values, mut names) = (Vec::new(), Vec::new());
            for named in named.iter().filter(|n| n.window.written == written) {
                let (all, window) = (&named.all, named.window);
                values.push(self.window(window));
                names.push(if window.kind() == Kind::Parts {
                    quote!(mut #all)
                } else {
                    quote!(#all)
                });
            }
            (values, names)
        };
        let ((own, own_names), (others, other_names)) = (shown(true), shown(false));
        let arm = quote!(None => ());
        let mut choice: syn::ExprMatch = match written {
            0 => parse(
                quote!(match memory::stride::reads(m, #rounds, [#(#others),*]) {
                    Some((mut n0, [#(#other_names),*])) => {}
                    #arm
                }),
            ),
            1 => parse(
                quote!(match memory::stride::write(m, #rounds, #(#own)*, [#(#others),*]) {
                    Some((mut n0, #(#own_names)*, [#(#other_names),*])) => {}
                    #arm
                }),
            ),
            _ => parse(
                quote!(match memory::stride::writes(m, #rounds, [#(#own,)* #(#others),*]) {
                    Some((mut n0, [#(#own_names,)* #(#other_names),*])) => {}
                    #arm
                }),
            ),
        };
        choice.arms[0].body = block_expr(None, self.rounds(s, &named, round)).into();
        choice.arms[1].body = checked.into();
        Expr::Match(choice)
    }

    /// `Window { start: (l0, 8), step: 4, width: 4 }`
    fn window(&self, w: &Window) -> Expr {
        let start = self.expr(w.start);
        let [offset, step, width] = [w.offset, w.step, w.width].map(|n| int(u64::from(n)));
        parse(
            quote!(memory::stride::Window { start: (#start, #offset), step: #step, width: #width }),
        )
    }

    /// All rounds.
    fn rounds(&self, s: &Strided, named: &[Named<'_>], round: Vec<Stmt>) -> Vec<Stmt> {
        let of = |kind: Kind| named.iter().filter(move |n| n.window.kind() == kind);
        let part = |n: &Named<'_>, at: Expr| {
            let (all, width) = (&n.all, int(u64::from(n.window.width)));
            let func = ident(&format!("at{}", n.mutable));
            let at = quote!(memory::stride::#func::<#width>(#all, #at));
            let at = self.cx.check(0, &parse(at));
            let_(pat(&format!("{}", n.now), false), Some(at))
        };
        let mut out: Vec<Stmt> = of(Kind::Fixed).map(|n| part(n, int(0))).collect();
        for n in of(Kind::Slides) {
            let at = &n.at;
            out.push(parse(quote!(let mut #at: usize = 0;)));
        }
        let rounds = ident(if s.fuel.is_some() { "k0" } else { "n0" });
        let count = s.parts.as_ref().map_or(1, |parts| parts.count);
        let now = if count > 1 {
            let count = int(u64::from(count));
            quote!(#rounds.wrapping_mul(#count))
        } else {
            quote!(#rounds)
        };
        let (mut pattern, mut each) = (quote!(_), quote!(0..#now));
        for (first, n) in of(Kind::Parts).enumerate() {
            let (all, bytes) = (&n.all, &n.now);
            let width = int(u64::from(n.window.width / count));
            let next = ident(&format!("next{}", n.mutable));
            let iter = ident(&format!("iter{}", n.mutable));
            let parts = quote!(memory::stride::#next::<#width>(&mut #all, #now).#iter());
            (pattern, each) = if first == 0 {
                (quote!(#bytes), parts)
            } else {
                (quote!((#pattern, #bytes)), quote!(#each.zip(#parts)))
            };
        }
        let mut each: syn::ExprForLoop = parse(quote!(for #pattern in #each {}));
        each.body.stmts = of(Kind::Slides)
            .map(|n| part(n, path(&format!("{}", n.at))))
            .collect();
        each.body.stmts.extend(round);
        for n in of(Kind::Slides) {
            let (at, step) = (&n.at, int(u64::from(n.window.step)));
            each.body
                .stmts
                .push(parse(quote!(#at = #at.wrapping_add(#step);)));
        }
        let mut all = alloc::vec![Stmt::Expr(Expr::ForLoop(each), None)];
        if let Some(parts) = &s.parts {
            all.extend(self.leave(parts, &rounds));
        }
        let Some((fuel, site)) = s.fuel else {
            out.extend(all);
            return out;
        };
        let spend = method(
            self.rt(),
            "spend_rounds",
            [ref_mut(path("fuel")), int(u64::from(fuel)), path("n0")],
        );
        let spend = self.cx.check(self.f.sites[site.0 as usize].at, &spend);
        let mut charged: syn::ExprWhile = parse(quote!(while n0 != 0 {
            let k0 = #spend;
            n0 = n0.wrapping_sub(k0);
        }));
        charged.body.stmts.extend(all);
        out.push(Stmt::Expr(Expr::While(charged), None));
        out
    }

    /// Gives the variables of a loop of parts what `rounds` of its rounds, 1 at least, leave in them.
    fn leave(&self, parts: &Parts, rounds: &Ident) -> Vec<Stmt> {
        let add = |var: Var, step: i32, times: TokenStream| {
            let step = number(format!("{}", step.unsigned_abs()), step < 0, "");
            let var = self.var(var);
            let sum = quote!(#var.wrapping_add(#times.wrapping_mul(#step)));
            stmt(assign(var, parse(sum)))
        };
        let counters = |times: TokenStream| {
            let all = parts.counters.iter();
            all.map(move |(var, step)| add(*var, *step, times.clone()))
        };
        if parts.left.is_empty() {
            return counters(quote!((#rounds as i32))).collect();
        }
        let mut out: Vec<Stmt> = counters(quote!((#rounds as i32).wrapping_sub(1))).collect();
        for (var, e) in &parts.left {
            out.push(stmt(assign(self.var(*var), self.expr(*e))));
        }
        out.extend(counters(quote!(1i32)));
        out
    }
}
