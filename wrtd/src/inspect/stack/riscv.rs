//! RV32IMAC: how long an instruction is, what it writes to `sp`, and where it goes on. Chapters 2 to 16 of The RISC-V
//! Instruction Set Manual, volume I.

use super::insn::{Def, Flow, Insn, Sp, Value};

const SP: u8 = 2;
/// `t0`, where parts of functions that were taken out of them return to.
const OUTLINED: u32 = 5;

/// Decodes the instruction whose halfwords these are; nothing if it needs the second and there is none.
pub(super) fn decode(at: u32, first: u16, second: Option<u16>) -> Option<Insn> {
    if first & 3 != 3 {
        return Some(short(at, u32::from(first)));
    }
    let word = u32::from(first) | u32::from(second?) << 16;
    Some(long(at, word))
}

/// An instruction that writes a register.
fn set(len: u32, register: u32, value: Value) -> Insn {
    let register = register as u8;
    let (sp, def) = match (register, value) {
        (0, _) => (Sp::Kept, Def::Nothing),
        (SP, Value::Sum(SP, more)) if more < 0 => (Sp::Down(more.unsigned_abs()), Def::Nothing),
        (SP, Value::Sum(SP, more)) => (Sp::Up(more.unsigned_abs()), Def::Nothing),
        (SP, value) => (Sp::Set(value), Def::Nothing),
        _ => (Sp::Kept, Def::Reg(register, value)),
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

/// A call through a register that is the link register, or a jump.
fn jalr(len: u32, link: u32, register: u32, more: i32) -> Insn {
    let register = register as u8;
    flow(
        len,
        match link {
            0 => Flow::Either(register, more),
            OUTLINED => Flow::OutlinedReg(register, more),
            _ => Flow::CallReg(register, more),
        },
    )
}

/// Bits of a word, from the lowest, with as many as there are.
fn bits(word: u32, from: u32, count: u32) -> u32 {
    word >> from & ((1 << count) - 1)
}

/// A number of so many bits, with its sign.
fn signed(value: u32, count: u32) -> i32 {
    let rest = 32 - count;
    (value << rest) as i32 >> rest
}

fn long(at: u32, word: u32) -> Insn {
    let (rd, rs1, rs2) = (bits(word, 7, 5), bits(word, 15, 5), bits(word, 20, 5));
    let function = bits(word, 12, 3);
    let immediate = word as i32 >> 20;
    let other = set(4, rd, Value::Other);
    match word & 0x7f {
        // lui, auipc.
        0x37 => set(4, rd, Value::Const(word & !0xfff)),
        0x17 => set(4, rd, Value::Const(at.wrapping_add(word & !0xfff))),
        // jal.
        0x6f => {
            let offset = bits(word, 31, 1) << 20
                | bits(word, 12, 8) << 12
                | bits(word, 20, 1) << 11
                | bits(word, 21, 10) << 1;
            let to = at.wrapping_add_signed(signed(offset, 21));
            flow(
                4,
                match rd {
                    0 => Flow::Jump(to),
                    OUTLINED => Flow::Outlined(to),
                    _ => Flow::Call(to),
                },
            )
        }
        0x67 if function == 0 => jalr(4, rd, rs1, immediate),
        // Branches.
        0x63 => {
            let offset = bits(word, 31, 1) << 12
                | bits(word, 7, 1) << 11
                | bits(word, 25, 6) << 5
                | bits(word, 8, 4) << 1;
            flow(4, Flow::Branch(at.wrapping_add_signed(signed(offset, 13))))
        }
        // Loads and atomics; stores and fences write no register.
        0x03 | 0x2f => other,
        0x23 | 0x0f => Insn::plain(4),
        0x13 => match function {
            0 => set(4, rd, Value::Sum(rs1 as u8, immediate)),
            7 if immediate < 0 && immediate.unsigned_abs().is_power_of_two() => {
                set(4, rd, Value::Aligned(rs1 as u8, immediate.unsigned_abs()))
            }
            1 if bits(word, 25, 7) == 0 => set(4, rd, Value::Left(rs1 as u8, rs2)),
            5 if bits(word, 25, 7) == 0 => set(4, rd, Value::Right(rs1 as u8, rs2)),
            _ => other,
        },
        0x33 => match (function, bits(word, 25, 7)) {
            (0, 0) => set(4, rd, Value::Both(rs1 as u8, rs2 as u8)),
            (0, 0x20) => set(4, rd, Value::Less(rs1 as u8, rs2 as u8)),
            _ => other,
        },
        0x73 => match (function, word) {
            // mret, sret.
            (0, 0x3020_0073 | 0x1020_0073) => flow(4, Flow::TrapReturn),
            // ecall and ebreak, which serve a debugger; wfi.
            (0, 0x73 | 0x0010_0073 | 0x1050_0073) => Insn::plain(4),
            (0 | 4, _) => flow(4, Flow::Unknown),
            _ => other,
        },
        _ => flow(4, Flow::Unknown),
    }
}

fn short(at: u32, word: u32) -> Insn {
    let (rd, rs2) = (bits(word, 7, 5), bits(word, 2, 5));
    // Registers of three bits: x8 to x15.
    let (high, low) = (8 + bits(word, 7, 3), 8 + bits(word, 2, 3));
    let immediate = signed(bits(word, 12, 1) << 5 | rs2, 6);
    let jump = bits(word, 12, 1) << 11
        | bits(word, 8, 1) << 10
        | bits(word, 9, 2) << 8
        | bits(word, 6, 1) << 7
        | bits(word, 7, 1) << 6
        | bits(word, 2, 1) << 5
        | bits(word, 11, 1) << 4
        | bits(word, 3, 3) << 1;
    let jump = at.wrapping_add_signed(signed(jump, 12));
    match (word & 3, bits(word, 13, 3)) {
        // All zero.
        (0, 0) if word == 0 => flow(2, Flow::Stop),
        // c.addi4spn.
        (0, 0) => {
            let more = bits(word, 7, 4) << 6
                | bits(word, 11, 2) << 4
                | bits(word, 5, 1) << 3
                | bits(word, 6, 1) << 2;
            set(2, low, Value::Sum(SP, more as i32))
        }
        // c.lw, c.sw.
        (0, 2) => set(2, low, Value::Other),
        (0, 6) => Insn::plain(2),
        // c.addi, c.li.
        (1, 0) => set(2, rd, Value::Sum(rd as u8, immediate)),
        (1, 2) => set(2, rd, Value::Const(immediate as u32)),
        // c.jal, c.j.
        (1, 1) => flow(2, Flow::Call(jump)),
        (1, 5) => flow(2, Flow::Jump(jump)),
        // c.addi16sp, c.lui.
        (1, 3) if rd == u32::from(SP) => {
            let more = bits(word, 12, 1) << 9
                | bits(word, 3, 2) << 7
                | bits(word, 5, 1) << 6
                | bits(word, 2, 1) << 5
                | bits(word, 6, 1) << 4;
            set(2, rd, Value::Sum(SP, signed(more, 10)))
        }
        (1, 3) => set(2, rd, Value::Const((immediate as u32) << 12)),
        // c.srli, c.srai, c.andi, c.sub and the like: x8 to x15.
        (1, 4) => match (bits(word, 10, 2), bits(word, 12, 1)) {
            (0, 0) => set(2, high, Value::Right(high as u8, rs2)),
            (2, _) if immediate < 0 && immediate.unsigned_abs().is_power_of_two() => set(
                2,
                high,
                Value::Aligned(high as u8, immediate.unsigned_abs()),
            ),
            _ => set(2, high, Value::Other),
        },
        // c.beqz, c.bnez.
        (1, _) => {
            let offset = bits(word, 12, 1) << 8
                | bits(word, 5, 2) << 6
                | bits(word, 2, 1) << 5
                | bits(word, 10, 2) << 3
                | bits(word, 3, 2) << 1;
            flow(2, Flow::Branch(at.wrapping_add_signed(signed(offset, 9))))
        }
        // c.slli, c.lwsp, c.swsp.
        (2, 0) => set(2, rd, Value::Left(rd as u8, rs2)),
        (2, 2) => set(2, rd, Value::Other),
        (2, 6) => Insn::plain(2),
        (2, 4) => match (bits(word, 12, 1), rd, rs2) {
            (0, 0, 0) => flow(2, Flow::Unknown),
            (0, register, 0) => jalr(2, 0, register, 0),
            (0, rd, rs2) => set(2, rd, Value::Sum(rs2 as u8, 0)),
            // c.ebreak.
            (_, 0, 0) => Insn::plain(2),
            (_, register, 0) => jalr(2, 1, register, 0),
            (_, rd, rs2) => set(2, rd, Value::Both(rd as u8, rs2 as u8)),
        },
        // Floating point, which RV32IMAC has not.
        _ => flow(2, Flow::Unknown),
    }
}
