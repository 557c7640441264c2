//! Constructors of `syn` trees. Parentheses are left to the printer, which knows precedence.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use proc_macro2::{Literal, Span, TokenStream};
use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{Block, Expr, Ident, Lifetime, Lit, Local, LocalInit, Pat, Path, Stmt, Type};

pub(crate) fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

pub(crate) fn path(name: &str) -> Expr {
    Expr::Path(syn::ExprPath {
        attrs: Vec::new(),
        qself: None,
        path: Path::from(ident(name)),
    })
}

/// `first::second`
pub(crate) fn path2(first: &str, second: &str) -> Expr {
    let mut segments = Punctuated::new();
    segments.push(syn::PathSegment::from(ident(first)));
    segments.push(syn::PathSegment::from(ident(second)));
    Expr::Path(syn::ExprPath {
        attrs: Vec::new(),
        qself: None,
        path: Path {
            leading_colon: None,
            segments,
        },
    })
}

pub(crate) fn call(func: Expr, args: impl IntoIterator<Item = Expr>) -> Expr {
    Expr::Call(syn::ExprCall {
        attrs: Vec::new(),
        func: Box::new(func),
        paren_token: Default::default(),
        args: args.into_iter().collect(),
    })
}

pub(crate) fn method(receiver: Expr, name: &str, args: impl IntoIterator<Item = Expr>) -> Expr {
    Expr::MethodCall(syn::ExprMethodCall {
        attrs: Vec::new(),
        receiver: Box::new(receiver),
        dot_token: Default::default(),
        method: ident(name),
        turbofish: None,
        paren_token: Default::default(),
        args: args.into_iter().collect(),
    })
}

pub(crate) fn field(base: Expr, name: &str) -> Expr {
    Expr::Field(syn::ExprField {
        attrs: Vec::new(),
        base: Box::new(base),
        dot_token: Default::default(),
        member: syn::Member::Named(ident(name)),
    })
}

pub(crate) fn not(e: Expr) -> Expr {
    Expr::Unary(syn::ExprUnary {
        attrs: Vec::new(),
        op: syn::UnOp::Not(Default::default()),
        expr: Box::new(e),
    })
}

pub(crate) fn not_zero(e: Expr) -> Expr {
    Expr::Binary(syn::ExprBinary {
        attrs: Vec::new(),
        left: Box::new(e),
        op: syn::BinOp::Ne(Default::default()),
        right: Box::new(int(0)),
    })
}

pub(crate) fn cast(e: Expr, ty: &str) -> Expr {
    Expr::Cast(syn::ExprCast {
        attrs: Vec::new(),
        expr: Box::new(e),
        as_token: Default::default(),
        ty: Box::new(ty_name(ty)),
    })
}

pub(crate) fn ty_name(name: &str) -> Type {
    Type::Path(syn::TypePath {
        qself: None,
        path: Path::from(ident(name)),
    })
}

pub(crate) fn ref_mut(e: Expr) -> Expr {
    Expr::Reference(syn::ExprReference {
        attrs: Vec::new(),
        and_token: Default::default(),
        mutability: Some(Default::default()),
        expr: Box::new(e),
    })
}

pub(crate) fn literal(lit: Literal) -> Expr {
    Expr::Lit(syn::ExprLit {
        attrs: Vec::new(),
        lit: Lit::new(lit),
    })
}

/// An integer without suffix.
pub(crate) fn int(value: u64) -> Expr {
    literal(Literal::u64_unsuffixed(value))
}

/// `value`, which may be negative, with `suffix` if any.
pub(crate) fn number(text: String, negative: bool, suffix: &str) -> Expr {
    let text = alloc::format!("{text}{suffix}");
    let lit: Literal = text.parse().expect("a literal");
    let e = literal(lit);
    if negative {
        Expr::Unary(syn::ExprUnary {
            attrs: Vec::new(),
            op: syn::UnOp::Neg(Default::default()),
            expr: Box::new(e),
        })
    } else {
        e
    }
}

pub(crate) fn assign(left: Expr, right: Expr) -> Expr {
    Expr::Assign(syn::ExprAssign {
        attrs: Vec::new(),
        left: Box::new(left),
        eq_token: Default::default(),
        right: Box::new(right),
    })
}

pub(crate) fn tuple(elems: impl IntoIterator<Item = Expr>) -> Expr {
    let mut elems: Punctuated<Expr, syn::Token![,]> = elems.into_iter().collect();
    if elems.len() == 1 {
        elems.push_punct(Default::default());
    }
    Expr::Tuple(syn::ExprTuple {
        attrs: Vec::new(),
        paren_token: Default::default(),
        elems,
    })
}

pub(crate) fn return_(value: Option<Expr>) -> Expr {
    Expr::Return(syn::ExprReturn {
        attrs: Vec::new(),
        return_token: Default::default(),
        expr: value.map(Box::new),
    })
}

pub(crate) fn break_(label: Option<&str>, value: Option<Expr>) -> Expr {
    Expr::Break(syn::ExprBreak {
        attrs: Vec::new(),
        break_token: Default::default(),
        label: label.map(lifetime),
        expr: value.map(Box::new),
    })
}

pub(crate) fn continue_(label: Option<&str>) -> Expr {
    Expr::Continue(syn::ExprContinue {
        attrs: Vec::new(),
        continue_token: Default::default(),
        label: label.map(lifetime),
    })
}

pub(crate) fn lifetime(name: &str) -> Lifetime {
    Lifetime::new(&alloc::format!("'{name}"), Span::call_site())
}

fn label(name: &str) -> syn::Label {
    syn::Label {
        name: lifetime(name),
        colon_token: Default::default(),
    }
}

pub(crate) fn block(stmts: Vec<Stmt>) -> Block {
    Block {
        brace_token: Default::default(),
        stmts,
    }
}

pub(crate) fn block_expr(name: Option<&str>, stmts: Vec<Stmt>) -> Expr {
    Expr::Block(syn::ExprBlock {
        attrs: Vec::new(),
        label: name.map(label),
        block: block(stmts),
    })
}

pub(crate) fn loop_expr(name: Option<&str>, stmts: Vec<Stmt>) -> Expr {
    Expr::Loop(syn::ExprLoop {
        attrs: Vec::new(),
        label: name.map(label),
        loop_token: Default::default(),
        body: block(stmts),
    })
}

pub(crate) fn if_expr(cond: Expr, then: Vec<Stmt>, otherwise: Option<Vec<Stmt>>) -> Expr {
    // `else { if … }` reads as `else if …`.
    let otherwise = otherwise.map(|mut stmts| {
        let chained = matches!(&stmts[..], [Stmt::Expr(Expr::If(_), _)]);
        let e = match stmts.pop() {
            Some(Stmt::Expr(e, _)) if chained => e,
            last => {
                stmts.extend(last);
                block_expr(None, stmts)
            }
        };
        (Default::default(), Box::new(e))
    });
    Expr::If(syn::ExprIf {
        attrs: Vec::new(),
        if_token: Default::default(),
        cond: Box::new(cond),
        then_branch: block(then),
        else_branch: otherwise,
    })
}

pub(crate) fn match_expr(on: Expr, arms: Vec<(Pat, Expr)>) -> Expr {
    let arms = arms.into_iter().map(|(pat, body)| syn::Arm {
        attrs: Vec::new(),
        pat,
        guard: None,
        fat_arrow_token: Default::default(),
        body: Box::new(body),
        comma: Some(Default::default()),
    });
    Expr::Match(syn::ExprMatch {
        attrs: Vec::new(),
        match_token: Default::default(),
        expr: Box::new(on),
        brace_token: Default::default(),
        arms: arms.collect(),
    })
}

pub(crate) fn stmt(e: Expr) -> Stmt {
    Stmt::Expr(e, Some(Default::default()))
}

pub(crate) fn pat(name: &str, mutable: bool) -> Pat {
    Pat::Ident(syn::PatIdent {
        attrs: Vec::new(),
        by_ref: None,
        mutability: mutable.then(Default::default),
        ident: ident(name),
        subpat: None,
    })
}

pub(crate) fn pat_tuple(pats: impl IntoIterator<Item = Pat>) -> Pat {
    Pat::Tuple(syn::PatTuple {
        attrs: Vec::new(),
        paren_token: Default::default(),
        elems: pats.into_iter().collect(),
    })
}

pub(crate) fn pat_typed(pat: Pat, ty: Type) -> Pat {
    Pat::Type(syn::PatType {
        attrs: Vec::new(),
        pat: Box::new(pat),
        colon_token: Default::default(),
        ty: Box::new(ty),
    })
}

pub(crate) fn wildcard() -> Pat {
    Pat::Wild(syn::PatWild {
        attrs: Vec::new(),
        underscore_token: Default::default(),
    })
}

pub(crate) fn let_(pat: Pat, value: Option<Expr>) -> Stmt {
    Stmt::Local(Local {
        attrs: Vec::new(),
        let_token: Default::default(),
        pat,
        init: value.map(|e| LocalInit {
            eq_token: Default::default(),
            expr: Box::new(e),
            diverge: None,
        }),
        semi_token: Default::default(),
    })
}

/// `check!('trap, e)`, with the offset where it is wanted.
pub(crate) fn check(at: Option<u32>, e: &Expr) -> Expr {
    trapping("check", lifetime("trap").to_token_stream(), at, e)
}

/// `call!('trap, fuel, e)`, with the offset where it is wanted.
pub(crate) fn call_with_fuel(at: Option<u32>, e: &Expr) -> Expr {
    let label = lifetime("trap");
    trapping("call", quote::quote!(#label, fuel), at, e)
}

fn trapping(name: &str, first: TokenStream, at: Option<u32>, e: &Expr) -> Expr {
    let tokens: TokenStream = match at {
        None => quote::quote!(#first, #e),
        Some(at) => {
            let at: Literal = alloc::format!("{at:#x}").parse().expect("a literal");
            quote::quote!(#first, #at, #e)
        }
    };
    Expr::Macro(syn::ExprMacro {
        attrs: Vec::new(),
        mac: syn::Macro {
            path: Path::from(ident(name)),
            bang_token: Default::default(),
            delimiter: syn::MacroDelimiter::Paren(Default::default()),
            tokens,
        },
    })
}

/// Tokens parsed as whatever is wanted: for code that is the same in every module.
pub(crate) fn parse<T: syn::parse::Parse>(tokens: impl ToTokens) -> T {
    syn::parse2(tokens.to_token_stream()).expect("our own template")
}
