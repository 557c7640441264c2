//! Register code: what a function becomes before it runs.
//!
//! An instruction is eight bytes: a number and up to three registers, or a register and 32 bits. One that needs more
//! is followed by a [`Instr::Word`]. Registers are slots of 64 bits, counted from the frame's first; a branch counts
//! from the instruction after it. The variants of numeric instructions, loads and stores come from the rows of
//! `wrt_compiler::op`; what is fused stands in [`for_each_fused`].

use wrt_compiler::op::{Load, Op, Store};

/// Register of a frame.
pub(crate) type Reg = u16;

/// Calls `$then!` with every fused instruction: an operation with an immediate operand, `Variant Op Type`; a
/// comparison and a branch that is taken if it holds, `Variant Immediate Op Type`, the second with an immediate; a
/// load or store without offset whose address is a sum, of two registers or with an immediate, and one whose offset is
/// in the word that follows, `Sum Immediate Far Row`; a sum with an operand shifted left, `Variant Bits`.
macro_rules! for_each_fused {
    ($then:ident $($first:tt)*) => {
        $then! {
            $($first)*
            immediates {
                I32AddImm I32Add i32;
                I32MulImm I32Mul i32;
                I32AndImm I32And i32;
                I32OrImm I32Or i32;
                I32XorImm I32Xor i32;
                I32ShlImm I32Shl i32;
                I32ShrSImm I32ShrS i32;
                I32ShrUImm I32ShrU i32;
                I32RotlImm I32Rotl i32;
                I64AddImm I64Add i64;
                I64MulImm I64Mul i64;
                I64AndImm I64And i64;
                I64OrImm I64Or i64;
                I64XorImm I64Xor i64;
                I64ShlImm I64Shl i64;
                I64ShrSImm I64ShrS i64;
                I64ShrUImm I64ShrU i64;
                I64RotlImm I64Rotl i64;
            }
            branches {
                BrI32Eq BrI32EqImm I32Eq i32;
                BrI32Ne BrI32NeImm I32Ne i32;
                BrI32LtS BrI32LtSImm I32LtS i32;
                BrI32LtU BrI32LtUImm I32LtU i32;
                BrI32GtS BrI32GtSImm I32GtS i32;
                BrI32GtU BrI32GtUImm I32GtU i32;
                BrI32LeS BrI32LeSImm I32LeS i32;
                BrI32LeU BrI32LeUImm I32LeU i32;
                BrI32GeS BrI32GeSImm I32GeS i32;
                BrI32GeU BrI32GeUImm I32GeU i32;
                BrI64Eq BrI64EqImm I64Eq i64;
                BrI64Ne BrI64NeImm I64Ne i64;
                BrI64LtS BrI64LtSImm I64LtS i64;
                BrI64LtU BrI64LtUImm I64LtU i64;
                BrI64GtS BrI64GtSImm I64GtS i64;
                BrI64GtU BrI64GtUImm I64GtU i64;
                BrI64LeS BrI64LeSImm I64LeS i64;
                BrI64LeU BrI64LeUImm I64LeU i64;
                BrI64GeS BrI64GeSImm I64GeS i64;
                BrI64GeU BrI64GeUImm I64GeU i64;
            }
            far_loads {
                I32LoadAt I32LoadAtImm I32LoadFar I32Load i32_load;
                I64LoadAt I64LoadAtImm I64LoadFar I64Load i64_load;
                F32LoadAt F32LoadAtImm F32LoadFar F32Load f32_load;
                F64LoadAt F64LoadAtImm F64LoadFar F64Load f64_load;
                I32Load8SAt I32Load8SAtImm I32Load8SFar I32Load8S i32_load8_s;
                I32Load8UAt I32Load8UAtImm I32Load8UFar I32Load8U i32_load8_u;
                I32Load16SAt I32Load16SAtImm I32Load16SFar I32Load16S i32_load16_s;
                I32Load16UAt I32Load16UAtImm I32Load16UFar I32Load16U i32_load16_u;
            }
            far_stores {
                I32StoreAt I32StoreAtImm I32StoreFar I32Store i32 i32_store;
                I64StoreAt I64StoreAtImm I64StoreFar I64Store i64 i64_store;
                F32StoreAt F32StoreAtImm F32StoreFar F32Store f32 f32_store;
                F64StoreAt F64StoreAtImm F64StoreFar F64Store f64 f64_store;
                I32Store8At I32Store8AtImm I32Store8Far I32Store8 i32 i32_store8;
                I32Store16At I32Store16AtImm I32Store16Far I32Store16 i32 i32_store16;
            }
            shifts {
                I32AddShl1 1;
                I32AddShl2 2;
                I32AddShl3 3;
                I32AddShl4 4;
            }
        }
    };
}
pub(crate) use for_each_fused;

macro_rules! define_instr {
    (
        rows { $($name:ident $text:literal $cost:literal ($($arg:ident: $arg_ty:ident),*) -> $res:ident $($traps:ident)? = $body:expr;)* }
        loads { $($load:ident $load_text:literal $load_cost:literal $load_ty:ident = $load_fn:ident;)* }
        stores { $($store:ident $store_text:literal $store_cost:literal $store_ty:ident = $store_fn:ident;)* }
        immediates { $($imm:ident $imm_op:ident $imm_ty:ident;)* }
        branches { $($br:ident $br_imm:ident $br_op:ident $br_ty:ident;)* }
        far_loads { $($load_at:ident $load_imm:ident $load_far:ident $far_load:ident $far_load_fn:ident;)* }
        far_stores { $($store_at:ident $store_imm:ident $store_far:ident $far_store:ident $far_store_ty:ident $far_store_fn:ident;)* }
        shifts { $($shift:ident $bits:literal;)* }
    ) => {
        /// An instruction. `d` is the register that takes the result.
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub(crate) enum Instr {
            $($name { d: Reg, $($arg: Reg),* },)*
            $($load { d: Reg, addr: Reg, offset: u16 },)*
            $($store { addr: Reg, value: Reg, offset: u16 },)*
            $($imm { d: Reg, a: Reg, b: i16 },)*
            $($br { a: Reg, b: Reg, to: i16 },)*
            $($br_imm { a: Reg, b: i16, to: i16 },)*
            $($load_at { d: Reg, a: Reg, b: Reg },)*
            $($load_imm { d: Reg, a: Reg, b: i16 },)*
            $($load_far { d: Reg, addr: Reg },)*
            $($store_at { a: Reg, b: Reg, value: Reg },)*
            $($store_imm { a: Reg, b: i16, value: Reg },)*
            $($store_far { addr: Reg, value: Reg },)*
            $($shift { d: Reg, a: Reg, b: Reg },)*
            /// More of the instruction before it.
            Word { value: u32 },
            /// Any other load or store whose offset, in the word that follows, is 65,536 or more.
            LoadFar { d: Reg, addr: Reg, op: Load },
            StoreFar { addr: Reg, value: Reg, op: Store },
            Copy { d: Reg, a: Reg },
            Const { d: Reg, value: u32 },
            /// The high half is in the word that follows.
            Const64 { d: Reg, value: u32 },
            /// The operands, first the one if `cond` is not zero, are in the word that follows.
            Select { d: Reg, cond: Reg },
            Br { to: i32 },
            BrIf { a: Reg, to: i32 },
            BrIfNot { a: Reg, to: i32 },
            /// Goes to one of the `n` branches that follow, the last if there are no more.
            Switch { a: Reg, n: u32 },
            /// Counts what `core.counts[n]` says.
            Count { n: u32 },
            /// A check point of an instance that is looked at now and then.
            Sample { instance: u32 },
            /// Takes fuel for the region, or stops here.
            Charge { fuel: u32 },
            /// Clears `n` registers from `d` on.
            Clear { d: Reg, n: Reg },
            /// Calls a function of the store; its frame starts at `base`, where its arguments are.
            Call { base: Reg, func: u32 },
            /// The same of a function that is not the instance's own: what it does not pay for itself is taken here.
            CallImport { base: Reg, func: u32 },
            /// Calls what `core.indirects[site]` says; the index is behind the arguments.
            CallIndirect { base: Reg, site: u32 },
            /// The results are in the frame's first registers.
            Return,
            /// The only result is `a`.
            ReturnOne { a: Reg },
            /// `n` results, from `a` on.
            ReturnMany { a: Reg, n: Reg },
            GlobalGet { d: Reg, global: u32 },
            GlobalSet { a: Reg, global: u32 },
            MemorySize { d: Reg },
            TableSize { d: Reg, table: u32 },
            /// The table is in the word that follows.
            TableGet { d: Reg, a: Reg },
            TableSet { a: Reg, b: Reg },
            RefIsNull { d: Reg, a: Reg },
            RefFunc { d: Reg, func: u32 },
            /// What `core.bulks[site]` says, with operands from `base` on, where the result goes.
            Bulk { base: Reg, site: u32 },
            QuietF32 { d: Reg, a: Reg },
            QuietF64 { d: Reg, a: Reg },
            CanonicalF32 { d: Reg, a: Reg },
            CanonicalF64 { d: Reg, a: Reg },
            Unreachable,
            /// Counts the call, where statistics are wanted.
            CountCall,
        }

        impl Instr {
            /// A numeric instruction; the second operand is ignored where there is but one.
            pub(crate) fn numeric(op: Op, d: Reg, a: Reg, b: Reg) -> Instr {
                let mut operands = [a, b].into_iter();
                let mut next = || operands.next().unwrap_or(0);
                match op {
                    $(Op::$name => Instr::$name { d, $($arg: next()),* },)*
                }
            }

            /// A numeric instruction whose second operand is immediate, if there is such a one.
            pub(crate) fn immediate(op: Op, d: Reg, a: Reg, b: i16) -> Option<Instr> {
                match op {
                    $(Op::$imm_op => Some(Instr::$imm { d, a, b }),)*
                    _ => None,
                }
            }

            /// A branch if the comparison holds, if there is such a one. It has no target yet.
            pub(crate) fn branch(op: Op, a: Reg, b: Reg) -> Option<Instr> {
                match op {
                    $(Op::$br_op => Some(Instr::$br { a, b, to: 0 }),)*
                    _ => None,
                }
            }

            /// The same with an immediate operand.
            pub(crate) fn branch_immediate(op: Op, a: Reg, b: i16) -> Option<Instr> {
                match op {
                    $(Op::$br_op => Some(Instr::$br_imm { a, b, to: 0 }),)*
                    _ => None,
                }
            }

            pub(crate) fn load(op: Load, d: Reg, addr: Reg, offset: u16) -> Instr {
                match op {
                    $(Load::$load => Instr::$load { d, addr, offset },)*
                }
            }

            pub(crate) fn store(op: Store, addr: Reg, value: Reg, offset: u16) -> Instr {
                match op {
                    $(Store::$store => Instr::$store { addr, value, offset },)*
                }
            }

            /// A load from the sum of `a` and `b`, if there is such a one.
            pub(crate) fn load_at(op: Load, d: Reg, a: Reg, b: Reg) -> Option<Instr> {
                match op {
                    $(Load::$far_load => Some(Instr::$load_at { d, a, b }),)*
                    _ => None,
                }
            }

            /// A load from the sum of `a` and a constant, if there is such a one.
            pub(crate) fn load_imm(op: Load, d: Reg, a: Reg, b: i16) -> Option<Instr> {
                match op {
                    $(Load::$far_load => Some(Instr::$load_imm { d, a, b }),)*
                    _ => None,
                }
            }

            /// A load whose offset follows.
            pub(crate) fn load_far(op: Load, d: Reg, addr: Reg) -> Instr {
                match op {
                    $(Load::$far_load => Instr::$load_far { d, addr },)*
                    _ => Instr::LoadFar { d, addr, op },
                }
            }

            /// A store to the sum of `a` and `b`, if there is such a one.
            pub(crate) fn store_at(op: Store, a: Reg, b: Reg, value: Reg) -> Option<Instr> {
                match op {
                    $(Store::$far_store => Some(Instr::$store_at { a, b, value }),)*
                    _ => None,
                }
            }

            /// A store to the sum of `a` and a constant, if there is such a one.
            pub(crate) fn store_imm(op: Store, a: Reg, b: i16, value: Reg) -> Option<Instr> {
                match op {
                    $(Store::$far_store => Some(Instr::$store_imm { a, b, value }),)*
                    _ => None,
                }
            }

            /// A store whose offset follows.
            pub(crate) fn store_far(op: Store, addr: Reg, value: Reg) -> Instr {
                match op {
                    $(Store::$far_store => Instr::$store_far { addr, value },)*
                    _ => Instr::StoreFar { addr, value, op },
                }
            }

            /// The sum of `a` and `b` shifted left by `bits`, if there is such a one.
            pub(crate) fn add_shl(bits: i16, d: Reg, a: Reg, b: Reg) -> Option<Instr> {
                match bits {
                    $($bits => Some(Instr::$shift { d, a, b }),)*
                    _ => None,
                }
            }

            /// Sets the target of a branch, in instructions from the one behind it. `false` if that is too far.
            pub(crate) fn aim(&mut self, by: i32) -> bool {
                match self {
                    $(Instr::$br { to, .. } | Instr::$br_imm { to, .. } => match i16::try_from(by) {
                        Ok(by) => *to = by,
                        Err(_) => return false,
                    },)*
                    Instr::Br { to } | Instr::BrIf { to, .. } | Instr::BrIfNot { to, .. } => *to = by,
                    _ => return false,
                }
                true
            }
        }
    };
}

macro_rules! rows {
    ($($rows:tt)*) => { wrt_compiler::for_each_access! { accesses rows { $($rows)* } } };
}
macro_rules! accesses {
    ($($tables:tt)*) => { for_each_fused! { define_instr $($tables)* } };
}
wrt_compiler::for_each_op! { rows }

const _: () = assert!(size_of::<Instr>() == 8);
