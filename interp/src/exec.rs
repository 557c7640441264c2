//! Registers, and what the instructions of the tables do: rows, loads and stores, and what is fused of them.

use crate::code::{Instr, Reg};
use crate::slot::Slot;
use wrt_compiler::op::{Load, Store};
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

/// One step: a `match` over the instruction, of the arms given and those of the tables. They are one `match`, so that
/// there is one jump table; each arm of the tables ends with `continue`, or with `break` and a trap.
macro_rules! step {
    (($($names:ident)*) { $($arms:tt)* }) => {
        wrt_compiler::for_each_op! { step rows ($($names)*) { $($arms)* } }
    };
    (rows $names:tt $arms:tt $($rows:tt)*) => {
        wrt_compiler::for_each_access! { step accesses $names $arms { $($rows)* } }
    };
    (accesses $names:tt $arms:tt $rows:tt $($accesses:tt)*) => {
        crate::code::for_each_fused! { step all $names $arms $rows $($accesses)* }
    };
    (
        all ($instr:ident $regs:ident $m:ident $pc:ident $word:ident)
        { $($arms:tt)* }
        { $($name:ident $text:literal $cost:literal ($($arg:ident: $arg_ty:ident),*) -> $res:ident $($traps:ident)? = $body:expr;)* }
        loads { $($load:ident $load_text:literal $load_cost:literal $load_ty:ident = $load_fn:ident;)* }
        stores { $($store:ident $store_text:literal $store_cost:literal $store_ty:ident = $store_fn:ident;)* }
        immediates { $($imm:ident $imm_op:ident $imm_ty:ident;)* }
        branches { $($br:ident $br_imm:ident $br_op:ident $br_ty:ident;)* }
        far_loads { $($load_at:ident $load_imm:ident $load_far:ident $far_load:ident $far_load_fn:ident;)* }
        far_stores { $($store_at:ident $store_imm:ident $store_far:ident $far_store:ident $far_store_ty:ident $far_store_fn:ident;)* }
        shifts { $($shift:ident $bits:literal;)* }
    ) => {
        match *$instr {
            $($arms)*
            $(Instr::$name { d, $($arg),* } => {
                match row::$name($(get::<$arg_ty>($regs, $arg)),*) {
                    Ok(v) => put($regs, d, v),
                    Err(cause) => break Stop::Exit(Exit::Trap(cause)),
                }
                continue;
            })*
            $(Instr::$load { d, addr, offset } => {
                match $m.$load_fn(get($regs, addr), u32::from(offset)) {
                    Ok(v) => put($regs, d, v),
                    Err(cause) => break Stop::Exit(Exit::Trap(cause)),
                }
                continue;
            })*
            $(Instr::$store { addr, value, offset } => {
                let v = get::<$store_ty>($regs, value);
                match $m.$store_fn(get($regs, addr), u32::from(offset), v) {
                    Ok(()) => {}
                    Err(cause) => break Stop::Exit(Exit::Trap(cause)),
                }
                continue;
            })*
            $(Instr::$imm { d, a, b } => {
                if let Ok(v) = row::$imm_op(get($regs, a), $imm_ty::from(b)) {
                    put($regs, d, v);
                }
                continue;
            })*
            $(Instr::$br { a, b, to } => {
                if row::$br_op(get($regs, a), get($regs, b)) == Ok(true) {
                    $pc = $pc.wrapping_add_signed(to as isize);
                }
                continue;
            }
            Instr::$br_imm { a, b, to } => {
                if row::$br_op(get($regs, a), $br_ty::from(b)) == Ok(true) {
                    $pc = $pc.wrapping_add_signed(to as isize);
                }
                continue;
            })*
            $(Instr::$load_at { d, a, b } => {
                let addr = get::<i32>($regs, a).wrapping_add(get($regs, b));
                match $m.$far_load_fn(addr, 0) {
                    Ok(v) => put($regs, d, v),
                    Err(cause) => break Stop::Exit(Exit::Trap(cause)),
                }
                continue;
            }
            Instr::$load_imm { d, a, b } => {
                let addr = get::<i32>($regs, a).wrapping_add(i32::from(b));
                match $m.$far_load_fn(addr, 0) {
                    Ok(v) => put($regs, d, v),
                    Err(cause) => break Stop::Exit(Exit::Trap(cause)),
                }
                continue;
            }
            Instr::$load_far { d, addr } => {
                let offset = $word!();
                match $m.$far_load_fn(get($regs, addr), offset) {
                    Ok(v) => put($regs, d, v),
                    Err(cause) => break Stop::Exit(Exit::Trap(cause)),
                }
                continue;
            })*
            $(Instr::$store_at { a, b, value } => {
                let addr = get::<i32>($regs, a).wrapping_add(get($regs, b));
                let v = get::<$far_store_ty>($regs, value);
                match $m.$far_store_fn(addr, 0, v) {
                    Ok(()) => {}
                    Err(cause) => break Stop::Exit(Exit::Trap(cause)),
                }
                continue;
            }
            Instr::$store_imm { a, b, value } => {
                let addr = get::<i32>($regs, a).wrapping_add(i32::from(b));
                let v = get::<$far_store_ty>($regs, value);
                match $m.$far_store_fn(addr, 0, v) {
                    Ok(()) => {}
                    Err(cause) => break Stop::Exit(Exit::Trap(cause)),
                }
                continue;
            }
            Instr::$store_far { addr, value } => {
                let offset = $word!();
                let v = get::<$far_store_ty>($regs, value);
                match $m.$far_store_fn(get($regs, addr), offset, v) {
                    Ok(()) => {}
                    Err(cause) => break Stop::Exit(Exit::Trap(cause)),
                }
                continue;
            })*
            $(Instr::$shift { d, a, b } => {
                let v = get::<i32>($regs, b).wrapping_shl($bits);
                put($regs, d, get::<i32>($regs, a).wrapping_add(v));
                continue;
            })*
        }
    };
}
pub(crate) use step;

macro_rules! define_far {
    (
        loads { $($load:ident $load_text:literal $load_cost:literal $load_ty:ident = $load_fn:ident;)* }
        stores { $($store:ident $store_text:literal $store_cost:literal $store_ty:ident = $store_fn:ident;)* }
    ) => {
        /// Loads and stores with an offset that does not fit into the instruction.
        #[inline(never)]
        pub(crate) fn far(instr: &Instr, regs: &mut Window, m: &mut [u8], offset: u32) -> Result<(), Cause> {
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
wrt_compiler::for_each_access! { define_far }
