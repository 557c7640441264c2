//! What the instructions do that neither steer nor call: the rows, loads and stores, and what is fused of them.
//!
//! Each group is a `match` of its own over the whole of [`Instr`], inlined into the machine's; the optimizer makes
//! one jump table of them.

use crate::code::{Instr, Reg, for_each_fused};
use crate::row;
use crate::slot::Slot;
use wrt_rt::{Access, Cause};

/// The most registers that a frame can have. On small targets a frame is small, because so many slots are kept free
/// above the stack's top.
pub(crate) const WINDOW: usize = if cfg!(target_pointer_width = "64") {
    1 << 16
} else {
    1 << 10
};

/// The registers of the running frame, and whatever lies above them.
pub(crate) type Window = [u64; WINDOW];

/// The value in register `r`. All registers of a function are below [`WINDOW`]: the mask is for the compiler.
#[inline(always)]
pub(crate) fn get<T: Slot>(regs: &Window, r: Reg) -> T {
    T::get(regs[usize::from(r) & (WINDOW - 1)])
}

/// Sets register `r`.
#[inline(always)]
pub(crate) fn put<T: Slot>(regs: &mut Window, r: Reg, v: T) {
    regs[usize::from(r) & (WINDOW - 1)] = v.put();
}

/// Whether an instruction was one of the group.
pub(crate) type Done = Result<bool, Cause>;

macro_rules! define_numeric {
    ($($name:ident $text:literal $cost:literal ($($arg:ident: $arg_ty:ident),*) -> $res:ident $($traps:ident)? = $body:expr;)*) => {
        /// The numeric instructions.
        #[inline(always)]
        pub(crate) fn numeric(instr: &Instr, regs: &mut Window) -> Done {
            match *instr {
                $(Instr::$name { d, $($arg),* } => {
                    let v = row::$name($(get::<$arg_ty>(regs, $arg)),*)?;
                    put(regs, d, v);
                })*
                _ => return Ok(false),
            }
            Ok(true)
        }
    };
}
wrt_compiler::for_each_op! { define_numeric }

macro_rules! define_accesses {
    (
        loads { $($load:ident $load_text:literal $load_cost:literal $load_ty:ident = $load_fn:ident;)* }
        stores { $($store:ident $store_text:literal $store_cost:literal $store_ty:ident = $store_fn:ident;)* }
    ) => {
        /// Loads and stores.
        #[inline(always)]
        pub(crate) fn access(instr: &Instr, regs: &mut Window, m: &mut [u8]) -> Done {
            match *instr {
                $(Instr::$load { d, addr, offset } => {
                    let v = m.$load_fn(get(regs, addr), u32::from(offset))?;
                    put(regs, d, v);
                })*
                $(Instr::$store { addr, value, offset } => {
                    m.$store_fn(get(regs, addr), u32::from(offset), get::<$store_ty>(regs, value))?;
                })*
                _ => return Ok(false),
            }
            Ok(true)
        }

        /// Loads and stores with an offset that does not fit into the instruction.
        #[inline(never)]
        pub(crate) fn far(instr: &Instr, regs: &mut Window, m: &mut [u8], offset: u32) -> Result<(), Cause> {
            use wrt_compiler::op::{Load, Store};
            match *instr {
                Instr::LoadFar { d, addr, op } => match op {
                    $(Load::$load => put(regs, d, m.$load_fn(get(regs, addr), offset)?),)*
                },
                Instr::StoreFar { addr, value, op } => match op {
                    $(Store::$store => m.$store_fn(get(regs, addr), offset, get::<$store_ty>(regs, value))?,)*
                },
                _ => {}
            }
            Ok(())
        }
    };
}
wrt_compiler::for_each_access! { define_accesses }

macro_rules! define_fused {
    (
        immediates { $($imm:ident $imm_op:ident $imm_ty:ident;)* }
        branches { $($br:ident $br_imm:ident $br_op:ident $br_ty:ident;)* }
    ) => {
        /// Operations with an immediate operand.
        #[inline(always)]
        pub(crate) fn immediate(instr: &Instr, regs: &mut Window) -> Done {
            match *instr {
                $(Instr::$imm { d, a, b } => {
                    let v = row::$imm_op(get(regs, a), $imm_ty::from(b))?;
                    put(regs, d, v);
                })*
                _ => return Ok(false),
            }
            Ok(true)
        }

        /// Comparisons that branch: how far, if it is one of them.
        #[inline(always)]
        pub(crate) fn branch(instr: &Instr, regs: &Window) -> Option<i16> {
            let (holds, to) = match *instr {
                $(Instr::$br { a, b, to } => {
                    (row::$br_op(get(regs, a), get(regs, b)), to)
                })*
                $(Instr::$br_imm { a, b, to } => {
                    (row::$br_op(get(regs, a), $br_ty::from(b)), to)
                })*
                _ => return None,
            };
            Some(if holds == Ok(true) { to } else { 0 })
        }
    };
}
for_each_fused! { define_fused }
