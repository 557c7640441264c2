//! What is known of the registers before an instruction.

use std::collections::BTreeMap;

use super::image::{Image, Isa};
use super::insn::Value;

/// What a register is known to hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    Const(u32),
    /// The stack pointer of when so many bytes were taken, or one above it.
    Sp(i64),
    /// The same, shifted to the right.
    Shifted(i64, u32),
}

#[derive(Clone, PartialEq, Eq, Default)]
pub(super) struct State {
    pub(super) depth: i64,
    /// The smallest of the depths over all ways, or less: what may be a jump out of the function.
    pub(super) least: i64,
    /// By register, sorted.
    pub(super) regs: BTreeMap<u8, Known>,
}

impl State {
    /// What a register holds.
    pub(super) fn register(&self, register: u8, image: &Image) -> Option<Known> {
        match (image.isa, register) {
            (Isa::Thumb, 13) | (Isa::RiscV, 2) => Some(Known::Sp(self.depth)),
            (Isa::RiscV, 0) => Some(Known::Const(0)),
            _ => self.regs.get(&register).copied(),
        }
    }

    /// What an instruction writes.
    pub(super) fn value(&self, value: Value, image: &Image) -> Option<Known> {
        Some(match value {
            Value::Const(value) => Known::Const(value),
            Value::Word(at) => Known::Const(image.word(at)?),
            Value::Sum(register, more) => match self.register(register, image)? {
                Known::Const(value) => Known::Const(value.wrapping_add_signed(more)),
                Known::Sp(depth) => Known::Sp(depth - i64::from(more)),
                Known::Shifted(..) => return None,
            },
            Value::High(register, high) => match self.register(register, image)? {
                Known::Const(low) => Known::Const(high | low & 0xffff),
                _ => return None,
            },
            Value::Both(a, b) => match (self.register(a, image)?, self.register(b, image)?) {
                (Known::Const(a), Known::Const(b)) => Known::Const(a.wrapping_add(b)),
                (Known::Sp(depth), Known::Const(more)) | (Known::Const(more), Known::Sp(depth)) => {
                    Known::Sp(depth - i64::from(more as i32))
                }
                _ => return None,
            },
            Value::Less(a, b) => match (self.register(a, image)?, self.register(b, image)?) {
                (Known::Const(a), Known::Const(b)) => Known::Const(a.wrapping_sub(b)),
                (Known::Sp(depth), Known::Const(less)) => Known::Sp(depth + i64::from(less as i32)),
                _ => return None,
            },
            Value::Aligned(register, to) => match self.register(register, image)? {
                Known::Const(value) => Known::Const(value & to.wrapping_neg()),
                Known::Sp(depth) => Known::Sp(depth + i64::from(to)),
                Known::Shifted(..) => return None,
            },
            Value::Right(register, by) => match self.register(register, image)? {
                Known::Sp(depth) => Known::Shifted(depth, by),
                Known::Const(value) => Known::Const(value.checked_shr(by).unwrap_or(0)),
                Known::Shifted(..) => return None,
            },
            Value::Left(register, by) => match self.register(register, image)? {
                Known::Shifted(depth, right) if right == by => Known::Sp(depth + (1 << by)),
                Known::Const(value) => Known::Const(value.checked_shl(by).unwrap_or(0)),
                _ => return None,
            },
            Value::Other => return None,
        })
    }
}
