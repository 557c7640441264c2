//! What every generated source must keep to, looked for in its syntax tree: `unsafe` is forbidden at its top, and
//! nothing in it can panic.

use proc_macro2::{TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream};
use syn::visit::{self, Visit};
use syn::{BinOp, Expr, Ident, Lifetime, Lit, Token};

/// Methods that panic.
const PANICS: &[&str] = &[
    "unwrap",
    "unwrap_err",
    "expect",
    "expect_err",
    "copy_from_slice",
    "clone_from_slice",
    "split_at",
    "split_at_mut",
    "swap_with_slice",
    "copy_within",
    "chunks",
    "chunks_exact",
];
/// Macros that generated code may call.
const MACROS: &[&str] = &["check", "call", "include_bytes", "include"];

/// Everything in `source`, a file that can be a module, that generated code must not have. An `included` file stands
/// inside a module that forbids `unsafe` already.
pub fn faults(source: &str, included: bool) -> Vec<String> {
    let file = match syn::parse_file(source) {
        Ok(file) => file,
        Err(e) => return vec![format!("is no Rust: {e}")],
    };
    let mut faults = Faults::default();
    let forbids = |attrs: &[syn::Attribute]| {
        attrs.iter().any(|a| {
            a.path().is_ident("forbid")
                && matches!(a.parse_args::<syn::Path>(), Ok(p) if p.is_ident("unsafe_code"))
        })
    };
    let inside = match &file.items[..] {
        [syn::Item::Mod(only)] => forbids(&only.attrs),
        _ => false,
    };
    if !included && !inside && !forbids(&file.attrs) {
        faults.found.push("does not forbid unsafe_code".to_string());
    }
    faults.visit_file(&file);
    words(&mut faults, source);
    faults.found
}

/// `unsafe` as a word, wherever tokens can hide it.
fn words(faults: &mut Faults, source: &str) {
    let Ok(tokens) = source.parse::<TokenStream>() else {
        return;
    };
    let mut work = vec![tokens];
    while let Some(tokens) = work.pop() {
        for token in tokens {
            match token {
                TokenTree::Group(group) => work.push(group.stream()),
                TokenTree::Ident(ident) if ident == "unsafe" => {
                    faults.found.push("the word unsafe".to_string())
                }
                _ => {}
            }
        }
    }
}

#[derive(Default)]
struct Faults {
    found: Vec<String>,
}

/// The arguments of `check!` and `call!`.
struct Check {
    expr: Expr,
}

impl Parse for Check {
    fn parse(input: ParseStream<'_>) -> syn::Result<Check> {
        input.parse::<Lifetime>()?;
        input.parse::<Token![,]>()?;
        if input.peek(Ident) && input.peek2(Token![,]) {
            input.parse::<Ident>()?;
            input.parse::<Token![,]>()?;
        }
        if input.peek(Lit) && input.peek2(Token![,]) {
            input.parse::<Lit>()?;
            input.parse::<Token![,]>()?;
        }
        let expr = input.parse()?;
        input.parse::<Option<Token![,]>>()?;
        Ok(Check { expr })
    }
}

impl<'a> Visit<'a> for Faults {
    fn visit_expr_index(&mut self, node: &'a syn::ExprIndex) {
        self.found.push("an index".to_string());
        visit::visit_expr_index(self, node);
    }

    fn visit_expr_method_call(&mut self, node: &'a syn::ExprMethodCall) {
        if PANICS.iter().any(|name| node.method == name) {
            self.found.push(format!("a call of {}", node.method));
        }
        visit::visit_expr_method_call(self, node);
    }

    /// Integers are added by `wrapping_add` and so on; only floats have `+`, `-`, `*` and `/`, and nothing has these.
    fn visit_expr_binary(&mut self, node: &'a syn::ExprBinary) {
        if matches!(
            node.op,
            BinOp::Rem(_)
                | BinOp::Shl(_)
                | BinOp::Shr(_)
                | BinOp::RemAssign(_)
                | BinOp::ShlAssign(_)
                | BinOp::ShrAssign(_)
        ) {
            self.found
                .push("a remainder or a shift that can panic".to_string());
        }
        visit::visit_expr_binary(self, node);
    }

    fn visit_macro(&mut self, node: &'a syn::Macro) {
        let name = node
            .path
            .segments
            .last()
            .map_or(String::new(), |s| s.ident.to_string());
        if !MACROS.contains(&name.as_str()) {
            self.found.push(format!("the macro {name}"));
        }
        if name == "check" || name == "call" {
            match node.parse_body::<Check>() {
                Ok(check) => self.visit_owned(&check.expr),
                Err(e) => self
                    .found
                    .push(format!("a {name}! that cannot be read: {e}")),
            }
        }
    }
}

impl Faults {
    fn visit_owned(&mut self, expr: &Expr) {
        let mut inner = Faults::default();
        inner.visit_expr(expr);
        self.found.append(&mut inner.found);
    }
}

#[cfg(test)]
mod tests {
    use super::faults;

    /// Each fault is noticed, inside of `check!` too.
    #[test]
    fn faults_are_noticed() {
        let cases = [
            ("fn f() {}", "does not forbid"),
            (
                "#![forbid(unsafe_code)] fn f(x: &[u8]) -> u8 { x[0] }",
                "an index",
            ),
            (
                "#![forbid(unsafe_code)] fn f(x: &[u8]) { check!('trap, 7, g(&x[1..])); }",
                "an index",
            ),
            (
                "#![forbid(unsafe_code)] fn f(x: Option<u8>) { check!('trap, x.unwrap()); }",
                "a call of unwrap",
            ),
            (
                "#![forbid(unsafe_code)] fn f() { panic!() }",
                "the macro panic",
            ),
            (
                "#![forbid(unsafe_code)] fn f(x: u8) -> u8 { x % 2 }",
                "a remainder",
            ),
            (
                "#![forbid(unsafe_code)] unsafe fn f() {}",
                "the word unsafe",
            ),
            ("fn f( {", "is no Rust"),
        ];
        for (source, fault) in cases {
            let found = faults(source, false);
            assert!(
                found.iter().any(|f| f.contains(fault)),
                "{source}: {found:?}"
            );
        }
        assert!(
            faults(
                "#![forbid(unsafe_code)] fn f() { check!('trap, 0x1f, g()); }",
                false
            )
            .is_empty()
        );
    }
}
