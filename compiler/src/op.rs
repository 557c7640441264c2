//! The one table of instructions.
//!
//! In: nothing. Out: [`Op`] (numeric instructions), [`Load`] and [`Store`], each with its name, fuel
//! cost, type and meaning. The mapping from the binary format, constant folding, the interpreter and the
//! Rust that is printed derive from the rows; nothing else states them. Structured instructions have no
//! row: their meaning is a node of the IR, and their cost stands in [`cost`].
//!
//! Section 4.3 (numerics) and 4.4 (instructions) of the specification.

use wasmparser::Operator;
use wrt_rt::{Cause, Val, ValType, num};

/// Calls `$then!` with every numeric row.
///
/// A row is `Variant "text" cost (operands) -> result = meaning;`. A result of `bool` says that the
/// instruction is a condition; `traps` says that the meaning is a `Result<_, Cause>`. Each operand occurs
/// once, in order, so that the meaning can be printed with expressions in their place. What follows `$then` comes
/// before the rows.
#[macro_export]
macro_rules! for_each_op {
    ($then:ident $($first:tt)*) => {
        $then! {
            $($first)*
            I32Eqz "i32.eqz" 1 (a: i32) -> bool = a == 0;
            I32Eq "i32.eq" 1 (a: i32, b: i32) -> bool = a == b;
            I32Ne "i32.ne" 1 (a: i32, b: i32) -> bool = a != b;
            I32LtS "i32.lt_s" 1 (a: i32, b: i32) -> bool = a < b;
            I32LtU "i32.lt_u" 1 (a: i32, b: i32) -> bool = (a as u32) < b as u32;
            I32GtS "i32.gt_s" 1 (a: i32, b: i32) -> bool = a > b;
            I32GtU "i32.gt_u" 1 (a: i32, b: i32) -> bool = a as u32 > b as u32;
            I32LeS "i32.le_s" 1 (a: i32, b: i32) -> bool = a <= b;
            I32LeU "i32.le_u" 1 (a: i32, b: i32) -> bool = a as u32 <= b as u32;
            I32GeS "i32.ge_s" 1 (a: i32, b: i32) -> bool = a >= b;
            I32GeU "i32.ge_u" 1 (a: i32, b: i32) -> bool = a as u32 >= b as u32;
            I64Eqz "i64.eqz" 1 (a: i64) -> bool = a == 0;
            I64Eq "i64.eq" 1 (a: i64, b: i64) -> bool = a == b;
            I64Ne "i64.ne" 1 (a: i64, b: i64) -> bool = a != b;
            I64LtS "i64.lt_s" 1 (a: i64, b: i64) -> bool = a < b;
            I64LtU "i64.lt_u" 1 (a: i64, b: i64) -> bool = (a as u64) < b as u64;
            I64GtS "i64.gt_s" 1 (a: i64, b: i64) -> bool = a > b;
            I64GtU "i64.gt_u" 1 (a: i64, b: i64) -> bool = a as u64 > b as u64;
            I64LeS "i64.le_s" 1 (a: i64, b: i64) -> bool = a <= b;
            I64LeU "i64.le_u" 1 (a: i64, b: i64) -> bool = a as u64 <= b as u64;
            I64GeS "i64.ge_s" 1 (a: i64, b: i64) -> bool = a >= b;
            I64GeU "i64.ge_u" 1 (a: i64, b: i64) -> bool = a as u64 >= b as u64;
            F32Eq "f32.eq" 1 (a: f32, b: f32) -> bool = a == b;
            F32Ne "f32.ne" 1 (a: f32, b: f32) -> bool = a != b;
            F32Lt "f32.lt" 1 (a: f32, b: f32) -> bool = a < b;
            F32Gt "f32.gt" 1 (a: f32, b: f32) -> bool = a > b;
            F32Le "f32.le" 1 (a: f32, b: f32) -> bool = a <= b;
            F32Ge "f32.ge" 1 (a: f32, b: f32) -> bool = a >= b;
            F64Eq "f64.eq" 1 (a: f64, b: f64) -> bool = a == b;
            F64Ne "f64.ne" 1 (a: f64, b: f64) -> bool = a != b;
            F64Lt "f64.lt" 1 (a: f64, b: f64) -> bool = a < b;
            F64Gt "f64.gt" 1 (a: f64, b: f64) -> bool = a > b;
            F64Le "f64.le" 1 (a: f64, b: f64) -> bool = a <= b;
            F64Ge "f64.ge" 1 (a: f64, b: f64) -> bool = a >= b;

            I32Clz "i32.clz" 1 (a: i32) -> i32 = a.leading_zeros() as i32;
            I32Ctz "i32.ctz" 1 (a: i32) -> i32 = a.trailing_zeros() as i32;
            I32Popcnt "i32.popcnt" 1 (a: i32) -> i32 = a.count_ones() as i32;
            I32Add "i32.add" 1 (a: i32, b: i32) -> i32 = a.wrapping_add(b);
            I32Sub "i32.sub" 1 (a: i32, b: i32) -> i32 = a.wrapping_sub(b);
            I32Mul "i32.mul" 1 (a: i32, b: i32) -> i32 = a.wrapping_mul(b);
            I32DivS "i32.div_s" 1 (a: i32, b: i32) -> i32 traps = num::i32_div_s(a, b);
            I32DivU "i32.div_u" 1 (a: i32, b: i32) -> i32 traps = num::i32_div_u(a, b);
            I32RemS "i32.rem_s" 1 (a: i32, b: i32) -> i32 traps = num::i32_rem_s(a, b);
            I32RemU "i32.rem_u" 1 (a: i32, b: i32) -> i32 traps = num::i32_rem_u(a, b);
            I32And "i32.and" 1 (a: i32, b: i32) -> i32 = a & b;
            I32Or "i32.or" 1 (a: i32, b: i32) -> i32 = a | b;
            I32Xor "i32.xor" 1 (a: i32, b: i32) -> i32 = a ^ b;
            I32Shl "i32.shl" 1 (a: i32, b: i32) -> i32 = a.wrapping_shl(b as u32);
            I32ShrS "i32.shr_s" 1 (a: i32, b: i32) -> i32 = a.wrapping_shr(b as u32);
            I32ShrU "i32.shr_u" 1 (a: i32, b: i32) -> i32 = (a as u32).wrapping_shr(b as u32) as i32;
            I32Rotl "i32.rotl" 1 (a: i32, b: i32) -> i32 = a.rotate_left(b as u32);
            I32Rotr "i32.rotr" 1 (a: i32, b: i32) -> i32 = a.rotate_right(b as u32);
            I64Clz "i64.clz" 1 (a: i64) -> i64 = a.leading_zeros() as i64;
            I64Ctz "i64.ctz" 1 (a: i64) -> i64 = a.trailing_zeros() as i64;
            I64Popcnt "i64.popcnt" 1 (a: i64) -> i64 = a.count_ones() as i64;
            I64Add "i64.add" 1 (a: i64, b: i64) -> i64 = a.wrapping_add(b);
            I64Sub "i64.sub" 1 (a: i64, b: i64) -> i64 = a.wrapping_sub(b);
            I64Mul "i64.mul" 1 (a: i64, b: i64) -> i64 = a.wrapping_mul(b);
            I64DivS "i64.div_s" 1 (a: i64, b: i64) -> i64 traps = num::i64_div_s(a, b);
            I64DivU "i64.div_u" 1 (a: i64, b: i64) -> i64 traps = num::i64_div_u(a, b);
            I64RemS "i64.rem_s" 1 (a: i64, b: i64) -> i64 traps = num::i64_rem_s(a, b);
            I64RemU "i64.rem_u" 1 (a: i64, b: i64) -> i64 traps = num::i64_rem_u(a, b);
            I64And "i64.and" 1 (a: i64, b: i64) -> i64 = a & b;
            I64Or "i64.or" 1 (a: i64, b: i64) -> i64 = a | b;
            I64Xor "i64.xor" 1 (a: i64, b: i64) -> i64 = a ^ b;
            I64Shl "i64.shl" 1 (a: i64, b: i64) -> i64 = a.wrapping_shl(b as u32);
            I64ShrS "i64.shr_s" 1 (a: i64, b: i64) -> i64 = a.wrapping_shr(b as u32);
            I64ShrU "i64.shr_u" 1 (a: i64, b: i64) -> i64 = (a as u64).wrapping_shr(b as u32) as i64;
            I64Rotl "i64.rotl" 1 (a: i64, b: i64) -> i64 = a.rotate_left(b as u32);
            I64Rotr "i64.rotr" 1 (a: i64, b: i64) -> i64 = a.rotate_right(b as u32);

            F32Abs "f32.abs" 1 (a: f32) -> f32 = f32::abs(a);
            F32Neg "f32.neg" 1 (a: f32) -> f32 = -a;
            F32Ceil "f32.ceil" 1 (a: f32) -> f32 = num::f32_ceil(a);
            F32Floor "f32.floor" 1 (a: f32) -> f32 = num::f32_floor(a);
            F32Trunc "f32.trunc" 1 (a: f32) -> f32 = num::f32_trunc(a);
            F32Nearest "f32.nearest" 1 (a: f32) -> f32 = num::f32_nearest(a);
            F32Sqrt "f32.sqrt" 1 (a: f32) -> f32 = num::f32_sqrt(a);
            F32Add "f32.add" 1 (a: f32, b: f32) -> f32 = a + b;
            F32Sub "f32.sub" 1 (a: f32, b: f32) -> f32 = a - b;
            F32Mul "f32.mul" 1 (a: f32, b: f32) -> f32 = a * b;
            F32Div "f32.div" 1 (a: f32, b: f32) -> f32 = a / b;
            F32Min "f32.min" 1 (a: f32, b: f32) -> f32 = num::f32_min(a, b);
            F32Max "f32.max" 1 (a: f32, b: f32) -> f32 = num::f32_max(a, b);
            F32Copysign "f32.copysign" 1 (a: f32, b: f32) -> f32 = f32::copysign(a, b);
            F64Abs "f64.abs" 1 (a: f64) -> f64 = f64::abs(a);
            F64Neg "f64.neg" 1 (a: f64) -> f64 = -a;
            F64Ceil "f64.ceil" 1 (a: f64) -> f64 = num::f64_ceil(a);
            F64Floor "f64.floor" 1 (a: f64) -> f64 = num::f64_floor(a);
            F64Trunc "f64.trunc" 1 (a: f64) -> f64 = num::f64_trunc(a);
            F64Nearest "f64.nearest" 1 (a: f64) -> f64 = num::f64_nearest(a);
            F64Sqrt "f64.sqrt" 1 (a: f64) -> f64 = num::f64_sqrt(a);
            F64Add "f64.add" 1 (a: f64, b: f64) -> f64 = a + b;
            F64Sub "f64.sub" 1 (a: f64, b: f64) -> f64 = a - b;
            F64Mul "f64.mul" 1 (a: f64, b: f64) -> f64 = a * b;
            F64Div "f64.div" 1 (a: f64, b: f64) -> f64 = a / b;
            F64Min "f64.min" 1 (a: f64, b: f64) -> f64 = num::f64_min(a, b);
            F64Max "f64.max" 1 (a: f64, b: f64) -> f64 = num::f64_max(a, b);
            F64Copysign "f64.copysign" 1 (a: f64, b: f64) -> f64 = f64::copysign(a, b);

            I32WrapI64 "i32.wrap_i64" 1 (a: i64) -> i32 = a as i32;
            I32TruncF32S "i32.trunc_f32_s" 1 (a: f32) -> i32 traps = num::i32_trunc_f32_s(a);
            I32TruncF32U "i32.trunc_f32_u" 1 (a: f32) -> i32 traps = num::i32_trunc_f32_u(a);
            I32TruncF64S "i32.trunc_f64_s" 1 (a: f64) -> i32 traps = num::i32_trunc_f64_s(a);
            I32TruncF64U "i32.trunc_f64_u" 1 (a: f64) -> i32 traps = num::i32_trunc_f64_u(a);
            I64ExtendI32S "i64.extend_i32_s" 1 (a: i32) -> i64 = a as i64;
            I64ExtendI32U "i64.extend_i32_u" 1 (a: i32) -> i64 = a as u32 as i64;
            I64TruncF32S "i64.trunc_f32_s" 1 (a: f32) -> i64 traps = num::i64_trunc_f32_s(a);
            I64TruncF32U "i64.trunc_f32_u" 1 (a: f32) -> i64 traps = num::i64_trunc_f32_u(a);
            I64TruncF64S "i64.trunc_f64_s" 1 (a: f64) -> i64 traps = num::i64_trunc_f64_s(a);
            I64TruncF64U "i64.trunc_f64_u" 1 (a: f64) -> i64 traps = num::i64_trunc_f64_u(a);
            F32ConvertI32S "f32.convert_i32_s" 1 (a: i32) -> f32 = a as f32;
            F32ConvertI32U "f32.convert_i32_u" 1 (a: i32) -> f32 = a as u32 as f32;
            F32ConvertI64S "f32.convert_i64_s" 1 (a: i64) -> f32 = a as f32;
            F32ConvertI64U "f32.convert_i64_u" 1 (a: i64) -> f32 = a as u64 as f32;
            F32DemoteF64 "f32.demote_f64" 1 (a: f64) -> f32 = a as f32;
            F64ConvertI32S "f64.convert_i32_s" 1 (a: i32) -> f64 = a as f64;
            F64ConvertI32U "f64.convert_i32_u" 1 (a: i32) -> f64 = a as u32 as f64;
            F64ConvertI64S "f64.convert_i64_s" 1 (a: i64) -> f64 = a as f64;
            F64ConvertI64U "f64.convert_i64_u" 1 (a: i64) -> f64 = a as u64 as f64;
            F64PromoteF32 "f64.promote_f32" 1 (a: f32) -> f64 = a as f64;
            I32ReinterpretF32 "i32.reinterpret_f32" 1 (a: f32) -> i32 = a.to_bits() as i32;
            I64ReinterpretF64 "i64.reinterpret_f64" 1 (a: f64) -> i64 = a.to_bits() as i64;
            F32ReinterpretI32 "f32.reinterpret_i32" 1 (a: i32) -> f32 = f32::from_bits(a as u32);
            F64ReinterpretI64 "f64.reinterpret_i64" 1 (a: i64) -> f64 = f64::from_bits(a as u64);
            I32Extend8S "i32.extend8_s" 1 (a: i32) -> i32 = a as i8 as i32;
            I32Extend16S "i32.extend16_s" 1 (a: i32) -> i32 = a as i16 as i32;
            I64Extend8S "i64.extend8_s" 1 (a: i64) -> i64 = a as i8 as i64;
            I64Extend16S "i64.extend16_s" 1 (a: i64) -> i64 = a as i16 as i64;
            I64Extend32S "i64.extend32_s" 1 (a: i64) -> i64 = a as i32 as i64;
            I32TruncSatF32S "i32.trunc_sat_f32_s" 1 (a: f32) -> i32 = a as i32;
            I32TruncSatF32U "i32.trunc_sat_f32_u" 1 (a: f32) -> i32 = a as u32 as i32;
            I32TruncSatF64S "i32.trunc_sat_f64_s" 1 (a: f64) -> i32 = a as i32;
            I32TruncSatF64U "i32.trunc_sat_f64_u" 1 (a: f64) -> i32 = a as u32 as i32;
            I64TruncSatF32S "i64.trunc_sat_f32_s" 1 (a: f32) -> i64 = a as i64;
            I64TruncSatF32U "i64.trunc_sat_f32_u" 1 (a: f32) -> i64 = a as u64 as i64;
            I64TruncSatF64S "i64.trunc_sat_f64_s" 1 (a: f64) -> i64 = a as i64;
            I64TruncSatF64U "i64.trunc_sat_f64_u" 1 (a: f64) -> i64 = a as u64 as i64;
        }
    };
}

/// Calls `$then!` with every load and store: `Variant "text" cost -> type = function;`, the function being
/// one of `wrt_rt`'s, which checks the address. What follows `$then` comes before the rows.
#[macro_export]
macro_rules! for_each_access {
    ($then:ident $($first:tt)*) => {
        $then! {
            $($first)*
            loads {
                I32Load "i32.load" 1 i32 = i32_load;
                I64Load "i64.load" 1 i64 = i64_load;
                F32Load "f32.load" 1 f32 = f32_load;
                F64Load "f64.load" 1 f64 = f64_load;
                I32Load8S "i32.load8_s" 1 i32 = i32_load8_s;
                I32Load8U "i32.load8_u" 1 i32 = i32_load8_u;
                I32Load16S "i32.load16_s" 1 i32 = i32_load16_s;
                I32Load16U "i32.load16_u" 1 i32 = i32_load16_u;
                I64Load8S "i64.load8_s" 1 i64 = i64_load8_s;
                I64Load8U "i64.load8_u" 1 i64 = i64_load8_u;
                I64Load16S "i64.load16_s" 1 i64 = i64_load16_s;
                I64Load16U "i64.load16_u" 1 i64 = i64_load16_u;
                I64Load32S "i64.load32_s" 1 i64 = i64_load32_s;
                I64Load32U "i64.load32_u" 1 i64 = i64_load32_u;
            }
            stores {
                I32Store "i32.store" 1 i32 = i32_store;
                I64Store "i64.store" 1 i64 = i64_store;
                F32Store "f32.store" 1 f32 = f32_store;
                F64Store "f64.store" 1 f64 = f64_store;
                I32Store8 "i32.store8" 1 i32 = i32_store8;
                I32Store16 "i32.store16" 1 i32 = i32_store16;
                I64Store8 "i64.store8" 1 i64 = i64_store8;
                I64Store16 "i64.store16" 1 i64 = i64_store16;
                I64Store32 "i64.store32" 1 i64 = i64_store32;
            }
        }
    };
}

/// The type of a result: a condition is not a value until it is asked to be one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ty {
    /// A value of a wasm type.
    Val(ValType),
    /// A condition; as a value, the i32 0 or 1.
    Bool,
}

/// Rust types that occur in rows, tied to the types of wasm.
trait Slot: Sized {
    const TY: Ty;
    fn from_val(v: Val) -> Option<Self>;
    fn into_val(self) -> Val;
}

macro_rules! slots {
    ($($rust:ident $variant:ident),*) => { $(
        impl Slot for $rust {
            const TY: Ty = Ty::Val(ValType::$variant);
            fn from_val(v: Val) -> Option<Self> {
                match v {
                    Val::$variant(v) => Some(v),
                    _ => None,
                }
            }
            fn into_val(self) -> Val {
                Val::$variant(self)
            }
        }
    )* };
}
slots!(i32 I32, i64 I64, f32 F32, f64 F64);

impl Slot for bool {
    const TY: Ty = Ty::Bool;
    fn from_val(v: Val) -> Option<Self> {
        i32::from_val(v).map(|v| v != 0)
    }
    fn into_val(self) -> Val {
        Val::I32(self as i32)
    }
}

const fn val_type<T: Slot>() -> ValType {
    match T::TY {
        Ty::Val(v) => v,
        Ty::Bool => ValType::I32,
    }
}

macro_rules! is_traps {
    () => {
        false
    };
    (traps) => {
        true
    };
}

macro_rules! meaning {
    ($e:expr, traps) => {
        $e
    };
    ($e:expr,) => {
        Ok($e)
    };
}

macro_rules! define_op {
    ($($name:ident $text:literal $cost:literal ($($arg:ident: $arg_ty:ident),*) -> $res:ident $($traps:ident)? = $body:expr;)*) => {
        /// A numeric instruction: operands in, one result out, no state but the trap.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        #[allow(missing_docs)] // Each variant is its row.
        pub enum Op { $($name,)* }

        impl Op {
            /// Every row, in the order of the table.
            pub const ALL: &'static [Op] = &[$(Op::$name,)*];

            /// The instruction's name in the text format.
            pub const fn text(self) -> &'static str {
                match self { $(Op::$name => $text,)* }
            }

            /// Units of fuel.
            pub const fn cost(self) -> u32 {
                match self { $(Op::$name => $cost,)* }
            }

            /// Types of the operands, first pushed first.
            pub const fn operands(self) -> &'static [ValType] {
                match self { $(Op::$name => const { &[$(val_type::<$arg_ty>(),)*] },)* }
            }

            /// Type of the result.
            pub const fn result(self) -> Ty {
                match self { $(Op::$name => <$res as Slot>::TY,)* }
            }

            /// Whether it can trap.
            pub const fn traps(self) -> bool {
                match self { $(Op::$name => is_traps!($($traps)?),)* }
            }

            /// The meaning as Rust source over the operands `a` and `b`.
            pub const fn rust(self) -> &'static str {
                match self { $(Op::$name => stringify!($body),)* }
            }

            /// What the instruction computes. `None` if the operands have not its types.
            pub fn eval(self, operands: &[Val]) -> Option<Result<Val, Cause>> {
                let mut operands = operands.iter().copied();
                match self { $(Op::$name => {
                    $(let $arg = <$arg_ty as Slot>::from_val(operands.next()?)?;)*
                    let result: Result<$res, Cause> = meaning!($body, $($traps)?);
                    Some(result.map(Slot::into_val))
                })* }
            }

            /// The row of an instruction of the binary format.
            pub fn decode(op: &Operator<'_>) -> Option<Op> {
                match op { $(Operator::$name => Some(Op::$name),)* _ => None }
            }
        }
    };
}
for_each_op!(define_op);

impl Op {
    /// The comparison of integers that holds exactly where this one does not.
    pub fn opposite(self) -> Option<Op> {
        const PAIRS: [(Op, Op); 10] = [
            (Op::I32Eq, Op::I32Ne),
            (Op::I32LtS, Op::I32GeS),
            (Op::I32LtU, Op::I32GeU),
            (Op::I32GtS, Op::I32LeS),
            (Op::I32GtU, Op::I32LeU),
            (Op::I64Eq, Op::I64Ne),
            (Op::I64LtS, Op::I64GeS),
            (Op::I64LtU, Op::I64GeU),
            (Op::I64GtS, Op::I64LeS),
            (Op::I64GtU, Op::I64LeU),
        ];
        PAIRS.iter().find_map(|(a, b)| match self {
            op if op == *a => Some(*b),
            op if op == *b => Some(*a),
            _ => None,
        })
    }
}

macro_rules! define_access {
    (loads { $($l:ident $lt:literal $lc:literal $lty:ident = $lf:ident;)* }
     stores { $($s:ident $st:literal $sc:literal $sty:ident = $sf:ident;)* }) => {
        define_access!(one Load $($l $lt $lc $lty $lf)*);
        define_access!(one Store $($s $st $sc $sty $sf)*);
    };
    (one $kind:ident $($name:ident $text:literal $cost:literal $ty:ident $f:ident)*) => {
        #[doc = concat!(stringify!($kind), " instructions: one checked access to linear memory.")]
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        #[allow(missing_docs)] // Each variant is its row.
        pub enum $kind { $($name,)* }

        impl $kind {
            /// Every row, in the order of the table.
            pub const ALL: &'static [$kind] = &[$($kind::$name,)*];

            /// The instruction's name in the text format.
            pub const fn text(self) -> &'static str {
                match self { $($kind::$name => $text,)* }
            }

            /// Units of fuel.
            pub const fn cost(self) -> u32 {
                match self { $($kind::$name => $cost,)* }
            }

            /// The type loaded or stored.
            pub const fn ty(self) -> ValType {
                match self { $($kind::$name => val_type::<$ty>(),)* }
            }

            /// The function of `wrt_rt` that does it.
            pub const fn rust(self) -> &'static str {
                match self { $($kind::$name => stringify!($f),)* }
            }

            /// The row of an instruction of the binary format, its static offset in bytes and its memory.
            pub fn decode(op: &Operator<'_>) -> Option<($kind, u64, u32)> {
                match op {
                    $(Operator::$name { memarg } => Some(($kind::$name, memarg.offset, memarg.memory)),)*
                    _ => None,
                }
            }
        }
    };
}
for_each_access!(define_access);

/// Where the spec groups an instruction (2.4): an index into [`wrt_rt::run::CLASSES`].
pub fn class(op: &Operator<'_>) -> usize {
    use Operator as O;
    if Op::decode(op).is_some() {
        return 0;
    }
    if Load::decode(op).is_some() || Store::decode(op).is_some() {
        return 5;
    }
    match op {
        O::I32Const { .. } | O::I64Const { .. } | O::F32Const { .. } | O::F64Const { .. } => 0,
        O::RefNull { .. } | O::RefIsNull | O::RefFunc { .. } => 1,
        O::Drop | O::Select | O::TypedSelect { .. } => 2,
        O::LocalGet { .. } | O::LocalSet { .. } | O::LocalTee { .. } => 3,
        O::GlobalGet { .. } | O::GlobalSet { .. } => 3,
        O::TableGet { .. } | O::TableSet { .. } | O::TableSize { .. } | O::TableGrow { .. } => 4,
        O::TableFill { .. } | O::TableCopy { .. } | O::TableInit { .. } | O::ElemDrop { .. } => 4,
        O::MemorySize { .. } | O::MemoryGrow { .. } | O::MemoryFill { .. } => 5,
        O::MemoryCopy { .. } | O::MemoryInit { .. } | O::DataDrop { .. } => 5,
        _ => 6,
    }
}

/// Version of the cost model: it changes when the fuel of any program does.
pub const COST_MODEL: u32 = 1;

/// Units of fuel of one instruction: one each, none for structure.
pub fn cost(op: &Operator<'_>) -> u32 {
    use Operator as O;
    if let Some(op) = Op::decode(op) {
        return op.cost();
    }
    match op {
        O::Block { .. } | O::Loop { .. } | O::Else | O::End | O::Nop => 0,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A meaning is printed with expressions in place of its operands, so each must occur once, in order.
    #[test]
    fn each_operand_occurs_once_in_order() {
        for op in Op::ALL {
            let words: alloc::vec::Vec<&str> = op
                .rust()
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .filter(|w| *w == "a" || *w == "b")
                .collect();
            let expected: &[&str] = if op.operands().len() == 1 {
                &["a"]
            } else {
                &["a", "b"]
            };
            assert_eq!(words, expected, "{}", op.text());
        }
    }
}
