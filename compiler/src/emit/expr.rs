//! Expressions: trees of the IR in, trees of `syn` out. Their height is capped by lowering.

use super::body::{Body, is_bool};
use super::func::rust_type;
use super::rust::*;
use crate::ir::{self, Expr as E};
use crate::module::{Const, PageSize};
use crate::op::Op;
use alloc::format;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;
use syn::Expr;
use wrt_rt::ValType;

/// The meanings of the numeric rows, parsed once.
pub(crate) struct Templates(Vec<Expr>);

impl Templates {
    pub(crate) fn new() -> Templates {
        Templates(
            Op::ALL
                .iter()
                .map(|op| syn::parse_str(op.rust()).expect("a row is Rust"))
                .collect(),
        )
    }

    /// The row of `op` over `operands`.
    fn apply(&self, op: Op, operands: Vec<Operand>) -> Expr {
        let mut e = self.0[op as usize].clone();
        let mut operands = operands.into_iter();
        substitute(&mut e, &mut operands, Place::Other);
        e
    }
}

/// An operand of a row: a literal is written with its type only where the place does not give it.
enum Operand {
    Tree(Expr),
    Const(Const),
}

/// Where in a row an operand stands.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// Its type shows: an argument, or beside another operand.
    Typed,
    /// It does not: a receiver, a cast, a lone operand.
    Other,
}

/// Puts `operands` in place of `a` and `b`, in order of evaluation. It recurses on rows only.
fn substitute(e: &mut Expr, operands: &mut impl Iterator<Item = Operand>, place: Place) {
    match e {
        Expr::Path(p) if p.path.is_ident("a") || p.path.is_ident("b") => {
            *e = match operands.next().expect("as many operands as the row has") {
                Operand::Tree(tree) => tree,
                Operand::Const(c) => constant(c, place == Place::Other),
            };
        }
        Expr::MethodCall(call) => {
            substitute(&mut call.receiver, operands, Place::Other);
            call.args
                .iter_mut()
                .for_each(|arg| substitute(arg, operands, Place::Typed));
        }
        Expr::Call(call) => call
            .args
            .iter_mut()
            .for_each(|arg| substitute(arg, operands, Place::Typed)),
        Expr::Binary(binary) => {
            substitute(&mut binary.left, operands, Place::Other);
            substitute(&mut binary.right, operands, Place::Typed);
        }
        Expr::Unary(unary) => substitute(&mut unary.expr, operands, Place::Other),
        Expr::Cast(cast) => substitute(&mut cast.expr, operands, Place::Other),
        // The printer puts parentheses back where they are needed.
        Expr::Paren(paren) => {
            substitute(&mut paren.expr, operands, place);
            *e = (*paren.expr).clone();
        }
        _ => {}
    }
}

impl Body<'_> {
    pub(super) fn expr(&self, id: ir::ExprId) -> Expr {
        let node = self.f.node(id);
        match node.expr {
            E::Const(c) => constant(c, false),
            E::Var(var) => self.var(var),
            E::Unary(op, a) => self.numeric(op, &[a], node.at),
            E::Binary(op, a, b) => self.numeric(op, &[a, b], node.at),
            E::Load {
                op,
                mem,
                addr,
                offset,
            } => {
                let args = [self.expr(addr), int(u64::from(offset))];
                self.cx
                    .check(node.at, &method(self.place(mem), op.rust(), args))
            }
            E::Select {
                cond,
                then,
                otherwise,
            } => {
                let func = parse(quote::quote!(core::hint::select_unpredictable));
                call(
                    func,
                    [self.expr(cond), self.typed_expr(then), self.expr(otherwise)],
                )
            }
            E::GlobalGet(g) => field(self.state(), &format!("g{}", g.0)),
            // The page is there, as far as the module can tell.
            E::MemorySize(_) if self.cx.options.memory_bytes.is_some() => int(1),
            E::MemorySize(mem) => {
                let size = match self.cx.front.set.memories[mem.index()].ty.page_size {
                    PageSize::Kib64 => "size",
                    PageSize::Byte => "size_in_bytes",
                };
                call(path2("memory", size), [path("m")])
            }
            E::TableSize(t) => method(field(self.state(), &format!("t{}", t.0)), "size", []),
            E::TableGet(t, index) => {
                let get = method(
                    field(self.state(), &format!("t{}", t.0)),
                    "get",
                    [self.expr(index)],
                );
                self.cx.check(node.at, &get)
            }
            E::RefFunc(func) => call(path2("FuncRef", "new"), [int(u64::from(func.0))]),
            E::RefIsNull(e) => method(self.expr(e), "is_null", []),
            E::FromBool(e) => cast(self.expr(e), "i32"),
            E::NonZero(e) => not_zero(self.typed_expr(e)),
            E::Not(e) => not(self.expr(e)),
            E::Quiet(e) => {
                let ty = match node.ty {
                    crate::op::Ty::Val(ValType::F64) => "f64",
                    _ => "f32",
                };
                let value = self.expr(e);
                if self.cx.options.canonical_nans {
                    call(path2("num", &format!("canonical_{ty}")), [value])
                } else if self.quiets {
                    method(path("q0"), ty, [value])
                } else {
                    call(path2("num", &format!("quiet_{ty}")), [value])
                }
            }
        }
    }

    /// An expression whose type shows.
    fn typed_expr(&self, id: ir::ExprId) -> Expr {
        match self.f.node(id).expr {
            E::Const(c) => constant(c, true),
            _ => self.expr(id),
        }
    }

    pub(super) fn constant(&self, c: Const, typed: bool) -> Expr {
        constant(c, typed)
    }

    fn numeric(&self, op: Op, operands: &[ir::ExprId], at: u32) -> Expr {
        let operands = operands
            .iter()
            .map(|id| match self.f.node(*id).expr {
                E::Const(c) => Operand::Const(c),
                _ => {
                    debug_assert!(!is_bool(self.f, *id), "a condition is no operand");
                    Operand::Tree(self.expr(*id))
                }
            })
            .collect();
        let e = self.cx.templates.apply(op, operands);
        if op.traps() { self.cx.check(at, &e) } else { e }
    }
}

/// A constant, with its type as suffix where it would not show.
pub(crate) fn constant(c: Const, typed: bool) -> Expr {
    let suffix = if typed { rust_type(c.ty()) } else { "" };
    match c {
        Const::I32(v) => number(v.unsigned_abs().to_string(), v < 0, suffix),
        Const::I64(v) => number(v.unsigned_abs().to_string(), v < 0, suffix),
        Const::F32(bits) => {
            let v = f32::from_bits(bits);
            float(
                v.is_finite(),
                format!("{:?}", v.abs()),
                v.is_sign_negative(),
                "f32",
                suffix,
                u64::from(bits),
            )
        }
        Const::F64(bits) => {
            let v = f64::from_bits(bits);
            float(
                v.is_finite(),
                format!("{:?}", v.abs()),
                v.is_sign_negative(),
                "f64",
                suffix,
                bits,
            )
        }
        Const::Null(ValType::FuncRef) => path2("FuncRef", "NULL"),
        Const::Null(_) => path2("ExternRef", "NULL"),
    }
}

/// The shortest decimal that reads back as the same float; the bits, if there is none.
fn float(
    finite: bool,
    text: alloc::string::String,
    negative: bool,
    ty: &str,
    suffix: &str,
    bits: u64,
) -> Expr {
    if finite {
        return number(text, negative, suffix);
    }
    let bits = proc_macro2::Literal::u64_unsuffixed(bits);
    let literal: proc_macro2::Literal =
        format!("{:#x}", bits.to_string().parse::<u64>().expect("a number"))
            .parse()
            .expect("a literal");
    call(path2(ty, "from_bits"), vec![self::literal(literal)])
}
