//! Thumb of ARMv6-M, ARMv7-M and ARMv7E-M: how long an instruction is, what it writes to SP, and where it goes on.
//! Chapter A5 of the ARMv7-M Architecture Reference Manual, whose order this follows.

use super::insn::{Def, Flow, Insn, Sp, Value};

const SP: u32 = 13;
const LR: u32 = 14;
const PC: u32 = 15;

/// Bytes of the instruction that starts with this halfword.
pub(super) fn length(first: u16) -> u32 {
    if first >= 0xe800 { 4 } else { 2 }
}

/// Decodes the instruction whose halfwords these are; nothing if it needs the second and there is none.
pub(super) fn decode(at: u32, first: u16, second: Option<u16>) -> Option<Insn> {
    if length(first) == 2 {
        return Some(short(at, u32::from(first)));
    }
    Some(long(at, u32::from(first), u32::from(second?)))
}

/// An instruction that writes a register.
fn set(len: u32, register: u32, value: Value) -> Insn {
    const S: u8 = SP as u8;
    let (sp, def) = match (register, value) {
        (SP, Value::Sum(S, more)) if more < 0 => (Sp::Down(more.unsigned_abs()), Def::Nothing),
        (SP, Value::Sum(S, more)) => (Sp::Up(more.unsigned_abs()), Def::Nothing),
        (SP, value) => (Sp::Set(value), Def::Nothing),
        (PC, _) => return flow(len, Flow::Unknown),
        _ => (Sp::Kept, Def::Reg(register as u8, value)),
    };
    let plain = Insn::plain(len);
    Insn { sp, def, ..plain }
}

fn flow(len: u32, flow: Flow) -> Insn {
    Insn {
        flow,
        ..Insn::plain(len)
    }
}

/// One that writes many registers, SP not among them.
fn any(len: u32) -> Insn {
    Insn {
        def: Def::Any,
        ..Insn::plain(len)
    }
}

fn bits(word: u32, from: u32, count: u32) -> u32 {
    word >> from & ((1 << count) - 1)
}

fn signed(value: u32, count: u32) -> i32 {
    let rest = 32 - count;
    (value << rest) as i32 >> rest
}

/// The address that is counted from, for literals.
fn base(at: u32) -> u32 {
    at.wrapping_add(4) & !3
}

fn short(at: u32, word: u32) -> Insn {
    let (low, middle) = (bits(word, 0, 3), bits(word, 3, 3));
    let high = bits(word, 8, 3);
    let byte = bits(word, 0, 8);
    // The full registers of `add`, `mov` and `bx`.
    let (rd, rm) = (bits(word, 7, 1) << 3 | low, bits(word, 3, 4));
    let branch = |offset: i32| at.wrapping_add(4).wrapping_add_signed(offset);
    match word >> 8 {
        0x00..=0x07 => match bits(word, 6, 5) {
            0 => set(2, low, Value::Sum(middle as u8, 0)),
            by => set(2, low, Value::Left(middle as u8, by)),
        },
        0x08..=0x0f if bits(word, 6, 5) != 0 => {
            set(2, low, Value::Right(middle as u8, bits(word, 6, 5)))
        }
        0x1c | 0x1d => set(2, low, Value::Sum(middle as u8, bits(word, 6, 3) as i32)),
        0x1e | 0x1f => set(2, low, Value::Sum(middle as u8, -(bits(word, 6, 3) as i32))),
        0x08..=0x1b => set(2, low, Value::Other),
        0x20..=0x27 => set(2, high, Value::Const(byte)),
        0x28..=0x2f => Insn::plain(2),
        0x30..=0x37 => set(2, high, Value::Sum(high as u8, byte as i32)),
        0x38..=0x3f => set(2, high, Value::Sum(high as u8, -(byte as i32))),
        0x40..=0x43 => set(2, low, Value::Other),
        0x44 if rd == PC => flow(2, Flow::Table),
        0x44 => set(2, rd, Value::Both(rd as u8, rm as u8)),
        0x45 => Insn::plain(2),
        0x46 if rd == PC && rm == LR => flow(2, Flow::Return),
        0x46 if rd == PC => flow(2, Flow::Either(rm as u8, 0)),
        0x46 => set(2, rd, Value::Sum(rm as u8, 0)),
        0x47 => match (bits(word, 7, 1), rm) {
            (0, LR) => flow(2, Flow::Return),
            (0, rm) => flow(2, Flow::JumpReg(rm as u8, 0)),
            (_, rm) => flow(2, Flow::CallReg(rm as u8, 0)),
        },
        0x48..=0x4f => set(2, high, Value::Word(base(at).wrapping_add(4 * byte))),
        // Stores, and loads.
        0x50..=0x55 | 0x60..=0x67 | 0x70..=0x77 | 0x80..=0x87 | 0x90..=0x97 => Insn::plain(2),
        0x56..=0x5f | 0x68..=0x6f | 0x78..=0x7f | 0x88..=0x8f => set(2, low, Value::Other),
        0x98..=0x9f => set(2, high, Value::Other),
        0xa0..=0xa7 => set(2, high, Value::Const(base(at).wrapping_add(4 * byte))),
        0xa8..=0xaf => set(2, high, Value::Sum(SP as u8, 4 * byte as i32)),
        0xb0..=0xbf => miscellaneous(at, word),
        0xc0..=0xc7 => set(2, high, Value::Other),
        0xc8..=0xcf => any(2),
        0xd0..=0xdd => flow(2, Flow::Branch(branch(2 * signed(byte, 8)))),
        0xde => flow(2, Flow::Stop),
        // svc.
        0xdf => any(2),
        _ => flow(2, Flow::Jump(branch(2 * signed(bits(word, 0, 11), 11)))),
    }
}

fn miscellaneous(at: u32, word: u32) -> Insn {
    let low = bits(word, 0, 3);
    let count = bits(word, 0, 9).count_ones();
    match word >> 8 {
        0xb0 if bits(word, 7, 1) == 0 => {
            set(2, SP, Value::Sum(SP as u8, 4 * bits(word, 0, 7) as i32))
        }
        0xb0 => set(2, SP, Value::Sum(SP as u8, -4 * bits(word, 0, 7) as i32)),
        // cbz, cbnz.
        0xb1 | 0xb3 | 0xb9 | 0xbb => {
            let offset = bits(word, 9, 1) << 6 | bits(word, 3, 5) << 1;
            flow(2, Flow::Branch(at.wrapping_add(4).wrapping_add(offset)))
        }
        0xb2 | 0xba => set(2, low, Value::Other),
        0xb4 | 0xb5 => Insn {
            sp: Sp::Down(4 * count),
            flow: if bits(word, 8, 1) == 1 {
                Flow::Saved
            } else {
                Flow::Next
            },
            ..Insn::plain(2)
        },
        // cps.
        0xb6 => Insn::plain(2),
        0xbc | 0xbd => Insn {
            sp: Sp::Up(4 * count),
            flow: if bits(word, 8, 1) == 1 {
                Flow::Restored
            } else {
                Flow::Next
            },
            ..any(2)
        },
        // bkpt, which serves a debugger.
        0xbe => any(2),
        // it, and hints.
        0xbf => match bits(word, 0, 4) {
            0 => Insn::plain(2),
            mask => flow(2, Flow::Maybe(4 - mask.trailing_zeros() as u8)),
        },
        _ => flow(2, Flow::Unknown),
    }
}

fn long(at: u32, first: u32, second: u32) -> Insn {
    match first >> 9 {
        0x74 if bits(first, 6, 1) == 0 => multiple(first, second),
        0x74 => dual(first, second),
        0x75 => shifted(first, second),
        0x76 | 0x77 | 0x7e | 0x7f => coprocessor(first, second),
        0x78..=0x7b if bits(second, 15, 1) == 1 => branch(at, first, second),
        0x78 | 0x7a => modified(first, second),
        0x79 | 0x7b => plain_immediate(at, first, second),
        0x7c => single(at, first, second),
        0x7d => {
            let (low, rd) = (bits(second, 12, 4), bits(second, 8, 4));
            match (bits(first, 8, 1), bits(first, 7, 1)) {
                // Shifts by registers, extensions, parallel arithmetic.
                (0, _) if low == 15 => set(4, rd, Value::Other),
                (0, _) => flow(4, Flow::Unknown),
                (_, 0) => set(4, rd, Value::Other),
                // Products of 64 bits, and divisions.
                _ if low == SP || rd == SP => set(4, SP, Value::Other),
                _ => any(4),
            }
        }
        _ => flow(4, Flow::Unknown),
    }
}

/// ldm, stm.
fn multiple(first: u32, second: u32) -> Insn {
    let (rn, load, back) = (
        bits(first, 0, 4),
        bits(first, 4, 1) == 1,
        bits(first, 5, 1) == 1,
    );
    let down = match bits(first, 7, 2) {
        1 => false,
        2 => true,
        _ => return flow(4, Flow::Unknown),
    };
    let bytes = 4 * second.count_ones();
    let to_pc = load && bits(second, 15, 1) == 1;
    let sp = match (rn, back) {
        _ if load && bits(second, 13, 1) == 1 => Sp::Set(Value::Other),
        (SP, true) if load && !down => Sp::Up(bytes),
        (SP, true) if !load && down => Sp::Down(bytes),
        (SP, true) => Sp::Set(Value::Other),
        _ => Sp::Kept,
    };
    let flow = match (rn, back) {
        (SP, true) if to_pc => Flow::Restored,
        _ if to_pc => Flow::Unknown,
        (SP, true) if !load && bits(second, 14, 1) == 1 => Flow::Saved,
        _ => Flow::Next,
    };
    Insn { sp, flow, ..any(4) }
}

/// ldrd, strd, tables of jumps, and exclusive accesses.
fn dual(first: u32, second: u32) -> Insn {
    let (rn, load, back) = (
        bits(first, 0, 4),
        bits(first, 4, 1) == 1,
        bits(first, 5, 1) == 1,
    );
    let (index, up) = (bits(first, 8, 1) == 1, bits(first, 7, 1) == 1);
    let (rt, rt2, rd) = (bits(second, 12, 4), bits(second, 8, 4), bits(second, 0, 4));
    if !index && !back {
        let kind = bits(second, 4, 4);
        return match (up, load) {
            (true, true) if kind < 2 => flow(4, Flow::Table),
            (_, true) if rt == SP || (up && kind == 7 && rt2 == SP) => set(4, SP, Value::Other),
            (false, false) if rt2 == SP => set(4, SP, Value::Other),
            (true, false) if rd == SP => set(4, SP, Value::Other),
            _ => any(4),
        };
    }
    let sp = match (rn, back) {
        _ if load && (rt == SP || rt2 == SP) => Sp::Set(Value::Other),
        (SP, true) if up => Sp::Up(4 * bits(second, 0, 8)),
        (SP, true) => Sp::Down(4 * bits(second, 0, 8)),
        _ => Sp::Kept,
    };
    let flow = match load {
        true if rt == PC || rt2 == PC => Flow::Unknown,
        false if rn == SP && (rt == LR || rt2 == LR) => Flow::Saved,
        _ => Flow::Next,
    };
    Insn { sp, flow, ..any(4) }
}

/// Data processing with a register that is shifted by a constant.
fn shifted(first: u32, second: u32) -> Insn {
    let (rn, rd, rm) = (bits(first, 0, 4), bits(second, 8, 4), bits(second, 0, 4));
    if rd == PC {
        // Comparisons.
        return match bits(first, 4, 1) {
            1 => Insn::plain(4),
            _ => flow(4, Flow::Unknown),
        };
    }
    let by = bits(second, 12, 3) << 2 | bits(second, 6, 2);
    let value = match (bits(first, 5, 4), bits(second, 4, 2), by) {
        (2, 0, 0) if rn == PC => Value::Sum(rm as u8, 0),
        (2, 0, by) if rn == PC => Value::Left(rm as u8, by),
        (2, 1, by) if rn == PC && by != 0 => Value::Right(rm as u8, by),
        (8, 0, 0) => Value::Both(rn as u8, rm as u8),
        (13, 0, 0) => Value::Less(rn as u8, rm as u8),
        _ => Value::Other,
    };
    set(4, rd, value)
}

/// Floating point, above all.
fn coprocessor(first: u32, second: u32) -> Insn {
    let (rn, rt) = (bits(first, 0, 4), bits(second, 12, 4));
    let float = matches!(bits(second, 8, 4), 10 | 11);
    let load = bits(first, 4, 1) == 1;
    match first >> 8 {
        0xec | 0xed if first & 0xffe0 == 0xec40 => match load {
            true if rt == SP || rn == SP => set(4, SP, Value::Other),
            _ => any(4),
        },
        // vldm, vstm, vldr, vstr.
        0xec | 0xed => {
            let bytes = 4 * bits(second, 0, 8);
            let back = bits(first, 5, 1) == 1;
            match (rn, back, bits(first, 7, 2)) {
                (SP, true, 2) if float => set(4, SP, Value::Sum(SP as u8, -(bytes as i32))),
                (SP, true, 1) if float => set(4, SP, Value::Sum(SP as u8, bytes as i32)),
                (_, true, _) => set(4, rn, Value::Other),
                _ => Insn::plain(4),
            }
        }
        0xee if bits(second, 4, 1) == 0 => Insn::plain(4),
        0xee if load && rt == SP => set(4, SP, Value::Other),
        0xee => any(4),
        // vsel, vmaxnm, vrint and the like.
        0xfe if float && bits(second, 4, 1) == 0 => Insn::plain(4),
        _ => flow(4, Flow::Unknown),
    }
}

fn branch(at: u32, first: u32, second: u32) -> Insn {
    let (sign, j1, j2) = (bits(first, 10, 1), bits(second, 13, 1), bits(second, 11, 1));
    let from = at.wrapping_add(4);
    let far = || {
        let (i1, i2) = (1 ^ j1 ^ sign, 1 ^ j2 ^ sign);
        let offset =
            sign << 24 | i1 << 23 | i2 << 22 | bits(first, 0, 10) << 12 | bits(second, 0, 11) << 1;
        from.wrapping_add_signed(signed(offset, 25))
    };
    match (bits(second, 14, 1), bits(second, 12, 1)) {
        (1, 1) => return flow(4, Flow::Call(far())),
        (0, 1) => return flow(4, Flow::Jump(far())),
        (1, _) => return flow(4, Flow::Unknown),
        _ => {}
    }
    if bits(first, 7, 3) != 7 {
        let offset =
            sign << 20 | j2 << 19 | j1 << 18 | bits(first, 0, 6) << 12 | bits(second, 0, 11) << 1;
        return flow(
            4,
            Flow::Branch(from.wrapping_add_signed(signed(offset, 21))),
        );
    }
    match bits(first, 4, 7) {
        // msr to MSP, PSP or CONTROL.
        0x38 | 0x39 if matches!(bits(second, 0, 8), 8 | 9 | 20) => set(4, SP, Value::Other),
        // msr, hints, barriers.
        0x38..=0x3b => Insn::plain(4),
        // mrs.
        0x3e | 0x3f => set(4, bits(second, 8, 4), Value::Other),
        // udf.
        0x7f if second & 0xf000 == 0xa000 => flow(4, Flow::Stop),
        _ => flow(4, Flow::Unknown),
    }
}

/// The constant of an instruction with a modified immediate.
fn expand(imm12: u32) -> u32 {
    let byte = imm12 & 0xff;
    match imm12 >> 8 {
        0 => byte,
        1 => byte << 16 | byte,
        2 => byte << 24 | byte << 8,
        3 => byte << 24 | byte << 16 | byte << 8 | byte,
        _ => (0x80 | imm12 & 0x7f).rotate_right(imm12 >> 7),
    }
}

/// Data processing with a modified immediate.
fn modified(first: u32, second: u32) -> Insn {
    let (rn, rd) = (bits(first, 0, 4), bits(second, 8, 4));
    if rd == PC {
        return match bits(first, 4, 1) {
            1 => Insn::plain(4),
            _ => flow(4, Flow::Unknown),
        };
    }
    let imm = expand(bits(first, 10, 1) << 11 | bits(second, 12, 3) << 8 | bits(second, 0, 8));
    let value = match bits(first, 5, 4) {
        0 if (!imm).wrapping_add(1).is_power_of_two() => {
            Value::Aligned(rn as u8, (!imm).wrapping_add(1))
        }
        1 if imm.wrapping_add(1).is_power_of_two() => Value::Aligned(rn as u8, imm.wrapping_add(1)),
        2 if rn == PC => Value::Const(imm),
        3 if rn == PC => Value::Const(!imm),
        8 => Value::Sum(rn as u8, imm as i32),
        13 => Value::Sum(rn as u8, (imm as i32).wrapping_neg()),
        _ => Value::Other,
    };
    set(4, rd, value)
}

/// Data processing with a plain immediate.
fn plain_immediate(at: u32, first: u32, second: u32) -> Insn {
    let (rn, rd) = (bits(first, 0, 4), bits(second, 8, 4));
    let imm12 = bits(first, 10, 1) << 11 | bits(second, 12, 3) << 8 | bits(second, 0, 8);
    let imm16 = rn << 12 | imm12;
    let value = match bits(first, 4, 5) {
        0x00 if rn == PC => Value::Const(base(at).wrapping_add(imm12)),
        0x0a if rn == PC => Value::Const(base(at).wrapping_sub(imm12)),
        0x00 => Value::Sum(rn as u8, imm12 as i32),
        0x0a => Value::Sum(rn as u8, -(imm12 as i32)),
        0x04 => Value::Const(imm16),
        0x0c => Value::High(rd as u8, imm16 << 16),
        // bfc from the lowest bit on.
        0x16 if rn == PC && second & 0x70c0 == 0 => match bits(second, 0, 5) {
            31 => Value::Const(0),
            last => Value::Aligned(rd as u8, 2 << last),
        },
        0x10 | 0x12 | 0x14 | 0x16 | 0x18 | 0x1a | 0x1c => Value::Other,
        _ => return flow(4, Flow::Unknown),
    };
    set(4, rd, value)
}

/// Loads and stores of one register.
fn single(at: u32, first: u32, second: u32) -> Insn {
    let (rn, rt) = (bits(first, 0, 4), bits(second, 12, 4));
    let (size, load, long) = (
        bits(first, 5, 2),
        bits(first, 4, 1) == 1,
        bits(first, 7, 1) == 1,
    );
    if size == 3 || (!load && bits(first, 8, 1) == 1) {
        return flow(4, Flow::Unknown);
    }
    // The register is written back.
    let back = !long && rn != PC && second & 0x0900 == 0x0900;
    let moved = |plain: Insn| match (back, rn) {
        (false, _) => plain,
        (_, SP) => {
            let by = bits(second, 0, 8);
            let sp = match bits(second, 9, 1) {
                1 => Sp::Up(by),
                _ => Sp::Down(by),
            };
            Insn { sp, ..plain }
        }
        _ => Insn {
            def: Def::Any,
            ..plain
        },
    };
    let literal = || {
        let offset = bits(second, 0, 12);
        match long {
            true => base(at).wrapping_add(offset),
            false => base(at).wrapping_sub(offset),
        }
    };
    match (load, rt) {
        (false, LR) if rn == SP => moved(flow(4, Flow::Saved)),
        (false, _) => moved(Insn::plain(4)),
        // Hints to the cache.
        (true, PC) if size != 2 => Insn::plain(4),
        (true, PC) if rn == PC => flow(4, Flow::JumpWord(literal())),
        (true, PC) if rn == SP && back => moved(flow(4, Flow::Restored)),
        (true, PC) => moved(flow(4, Flow::Either(PC as u8, 0))),
        (true, SP) => set(4, SP, Value::Other),
        (true, _) if rn == PC && size == 2 => set(4, rt, Value::Word(literal())),
        _ => moved(set(4, rt, Value::Other)),
    }
}
