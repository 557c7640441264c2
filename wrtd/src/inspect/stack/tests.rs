//! Functions that are assembled by hand, frames and decoders; graphs of a few functions; ELFs that are damaged.

use std::collections::BTreeMap;

use super::code;
use super::image::Image;
use super::insn::{Def, Flow, Insn, Sp, Value};
use super::{Stack, riscv, stack, thumb};

const AT: u32 = 0x1000;
const ARM: u16 = 40;
const RISCV: u16 = 243;

/// A linked firmware of one section of code at [`AT`], and one of data, with symbols for addresses and sizes; the
/// entry is the first.
fn elf(machine: u16, code: &[u16], data: &[u32], symbols: &[(&str, u32, u32)]) -> Vec<u8> {
    const NAMES: &[u8] = b"\0.text\0.rodata\0.ARM.attributes\0.symtab\0.strtab\0.shstrtab\0";
    let name = |text: &str| NAMES.windows(text.len()).position(|w| w == text.as_bytes());
    let (mut table, mut strings) = (vec![0; 16], vec![0]);
    for (symbol, value, size) in symbols {
        let mark = symbol.starts_with('$');
        table.extend((strings.len() as u32).to_le_bytes());
        table.extend((value | u32::from(machine == ARM && !mark)).to_le_bytes());
        table.extend(size.to_le_bytes());
        // FUNC or NOTYPE, in the first section.
        table.extend([if mark { 0 } else { 2 }, 0, 1, 0]);
        strings.extend(symbol.as_bytes());
        strings.push(0);
    }
    let text: Vec<u8> = code.iter().flat_map(|half| half.to_le_bytes()).collect();
    let rodata: Vec<u8> = data.iter().flat_map(|word| word.to_le_bytes()).collect();
    // Tag_CPU_arch: v7E-M.
    let attributes = b"A\x11\0\0\0aeabi\0\x01\x07\0\0\0\x06\x0d".to_vec();
    /// Name, type, flags, address, link, size of an entry.
    type Section<'a> = (&'a str, u32, u32, u32, u32, u32, &'a [u8]);
    let sections: [Section; 6] = [
        (".text", 1, 6, AT, 0, 0, &text),
        (".rodata", 1, 2, 0x8000, 0, 0, &rodata),
        (".ARM.attributes", 0x7000_0003, 0, 0, 0, 0, &attributes),
        (".symtab", 2, 0, 0, 5, 16, &table),
        (".strtab", 3, 0, 0, 0, 0, &strings),
        (".shstrtab", 3, 0, 0, 0, 0, NAMES),
    ];
    let mut headers = vec![0; 40];
    let mut contents: Vec<u8> = Vec::new();
    for (title, kind, flags, address, link, entry, bytes) in sections {
        let name = name(title).expect("it is among them") as u32;
        let offset = 52 + contents.len() as u32;
        let info = u32::from(link != 0);
        for word in [
            name,
            kind,
            flags,
            address,
            offset,
            bytes.len() as u32,
            link,
            info,
            1,
            entry,
        ] {
            headers.extend(word.to_le_bytes());
        }
        contents.extend(bytes);
    }
    let mut file = b"\x7fELF\x01\x01\x01\0\0\0\0\0\0\0\0\0\x02\0".to_vec();
    file.extend(machine.to_le_bytes());
    for word in [1, AT, 0, 52 + contents.len() as u32, 0] {
        file.extend(u32::to_le_bytes(word));
    }
    for half in [52u16, 0, 0, 40, 7, 6] {
        file.extend(half.to_le_bytes());
    }
    file.extend(contents);
    file.extend(headers);
    file
}

const GROWS: &str = "takes more of the stack each time";
const SETS: &str = "sets the stack pointer";
const UNSAVED: &str = "that it did not save";
const RETURNS: &str = "returns with less of the stack";

/// What is read of one function of this code.
fn check_frame(machine: u16, code: &[u16], marks: &[(&str, u32)], expected: Result<u64, &str>) {
    let mut symbols = vec![("f", AT, 2 * code.len() as u32), ("$t", AT, 0)];
    symbols.extend(marks.iter().map(|(mark, at)| (*mark, AT + at, 0)));
    let file = elf(machine, code, &[], &symbols);
    let image = Image::read(&file).expect("a firmware");
    let body = code::read(&image, &image.functions[0], false);
    match (expected, &body.reasons[..]) {
        (Ok(bytes), []) => assert_eq!(body.frame, bytes, "{code:04x?}"),
        (Err(why), [reason]) => assert!(reason.contains(why), "{code:04x?}: {reason}"),
        (expected, found) => panic!("{code:04x?}: {expected:?}, and it is {found:?}"),
    }
}

#[test]
fn frames_of_thumb() {
    fn check(code: &[u16], expected: Result<u64, &str>) {
        check_frame(ARM, code, &[], expected);
    }
    fn check_marked(code: &[u16], marks: &[(&str, u32)], expected: Result<u64, &str>) {
        check_frame(ARM, code, marks, expected);
    }
    // push {r4, r7, lr}; add r7, sp, #4; sub sp, #72; add sp, #72; pop {r4, r7, pc}
    check(&[0xb590, 0xaf01, 0xb092, 0xb012, 0xbd90], Ok(84));
    // push.w {r4, r5, r6, r7, r8, r9, r10, lr}; vpush {d8, d9}; sub.w sp, sp, #4096; subw sp, sp, #20; addw sp, sp, #20; add.w sp, sp, #4096; vpop {d8, d9}; pop.w {r4, r5, r6, r7, r8, r9, r10, pc}
    check(
        &[
            0xe92d, 0x47f0, 0xed2d, 0x8b04, 0xf5ad, 0x5d80, 0xf2ad, 0x0d14, 0xf20d, 0x0d14, 0xf50d,
            0x5d80, 0xecbd, 0x8b04, 0xe8bd, 0x87f0,
        ],
        Ok(4164),
    );
    // vpush {s16}; vpop {s16}; bx lr
    check(&[0xed2d, 0x8a01, 0xecbd, 0x8a01, 0x4770], Ok(4));
    // str lr, [sp, #-8]!; ldr pc, [sp], #8
    check(&[0xf84d, 0xed08, 0xf85d, 0xfb08], Ok(8));
    // strd r7, lr, [sp, #-16]!; ldrd r7, lr, [sp], #16; bx lr
    check(&[0xe96d, 0x7e04, 0xe8fd, 0x7e04, 0x4770], Ok(16));
    // str.w r8, [sp, #-4]!; ldr.w r8, [sp], #4; bx lr
    check(&[0xf84d, 0x8d04, 0xf85d, 0x8b04, 0x4770], Ok(4));
    // push {r4, r6, r7, lr}; add r7, sp, #8; sub sp, #48; mov r4, sp; bfc r4, #0, #5; mov sp, r4; sub.w r4, r7, #8; mov sp, r4; pop {r4, r6, r7, pc}
    check(
        &[
            0xb5d0, 0xaf02, 0xb08c, 0x466c, 0xf36f, 0x0404, 0x46a5, 0xf1a7, 0x0408, 0x46a5, 0xbdd0,
        ],
        Ok(96),
    );
    // push {r6, r7, lr}; add r7, sp, #4; sub sp, #16; mov r6, sp; lsrs r6, r6, #4; lsls r6, r6, #4; mov sp, r6; subs r6, r7, #4; mov sp, r6; pop {r6, r7, pc}
    check(
        &[
            0xb5c0, 0xaf01, 0xb084, 0x466e, 0x0936, 0x0136, 0x46b5, 0x1f3e, 0x46b5, 0xbdc0,
        ],
        Ok(44),
    );
    // push {r4, lr}; ldr r4, 1f; add sp, r4; ldr r4, 2f; add sp, r4; pop {r4, pc}; .p2align 2; 1: .long -1024; 2: .long 1024
    check_marked(
        &[
            0xb510, 0x4c02, 0x44a5, 0x4c02, 0x44a5, 0xbd10, 0xfc00, 0xffff, 0x0400, 0x0000,
        ],
        &[("$d", 12)],
        Ok(1032),
    );
    // push {r7, lr}; cmp r0, #0; it eq; popeq {r7, pc}; sub sp, #8; add sp, #8; pop {r7, pc}
    check(
        &[0xb580, 0x2800, 0xbf08, 0xbd80, 0xb082, 0xb002, 0xbd80],
        Ok(16),
    );
    // cbz r0, 1f; push {r7, lr}; bl .+4096; pop {r7, lr}; 1: bx lr
    check(
        &[0xb120, 0xb580, 0xf000, 0xfffe, 0xe8bd, 0x4080, 0x4770],
        Ok(8),
    );
    // 1: push {r0, r1}; subs r2, #1; bne 1b; bx lr
    check(&[0xb403, 0x3a01, 0xd1fc, 0x4770], Err(GROWS));
    // 1: push {r0, r1}; bl .+4096; pop {r0, r1}; subs r2, #1; bne 1b; bx lr
    check(
        &[0xb403, 0xf000, 0xfffe, 0xbc03, 0x3a01, 0xd1f9, 0x4770],
        Ok(8),
    );
    // push {r7, lr}; mov r7, sp; sub.w r1, sp, r0, lsl #2; mov sp, r1; mov sp, r7; pop {r7, pc}
    check(
        &[0xb580, 0x466f, 0xebad, 0x0180, 0x468d, 0x46bd, 0xbd80],
        Err(SETS),
    );
    // push {r0, r1}; ldr r0, [sp, #8]; str r0, [sp, #4]; pop {r0, pc}
    check(&[0xb403, 0x9802, 0x9001, 0xbd01], Err(UNSAVED));
    // msr msp, r0; bx lr
    check(&[0xf380, 0x8808, 0x4770], Err(SETS));
    // ldr.w sp, [r0]; bx lr
    check(&[0xf8d0, 0xd000, 0x4770], Err(SETS));
    // push {r4, lr}; bx lr
    check(&[0xb510, 0x4770], Err(RETURNS));
    // push {r4, lr}; tbb [pc, r0]; .byte 2, 4; sub sp, #8; add sp, #8; pop {r4, pc}; sub sp, #24; add sp, #24; pop {r4, pc}
    check_marked(
        &[
            0xb510, 0xe8df, 0xf000, 0x0402, 0xb082, 0xb002, 0xbd10, 0xb086, 0xb006, 0xbd10,
        ],
        &[("$d", 6), ("$t", 8)],
        Ok(32),
    );
}

#[test]
fn frames_of_riscv() {
    fn check(code: &[u16], expected: Result<u64, &str>) {
        check_frame(RISCV, code, &[], expected);
    }
    // addi sp, sp, -16; sw ra, 12(sp); lw ra, 12(sp); addi sp, sp, 16; ret
    check(&[0x1141, 0xc606, 0x40b2, 0x0141, 0x8082], Ok(16));
    // addi sp, sp, -496; addi sp, sp, 496; ret
    check(&[0x7141, 0x617d, 0x8082], Ok(496));
    // addi sp, sp, -2032; lui a0, 2; addi a0, a0, -16; sub sp, sp, a0; lui a0, 2; addi a0, a0, -16; add sp, sp, a0; addi sp, sp, 2032; ret
    check(
        &[
            0x0113, 0x8101, 0x6509, 0x1541, 0x0133, 0x40a1, 0x6509, 0x1541, 0x912a, 0x0113, 0x7f01,
            0x8082,
        ],
        Ok(10208),
    );
    // addi sp, sp, -2032; lui t0, 1048575; addi t0, t0, 16; add sp, sp, t0; addi sp, sp, 2032; lui t0, 1; add sp, sp, t0; ret
    check(
        &[
            0x0113, 0x8101, 0x72fd, 0x02c1, 0x9116, 0x0113, 0x7f01, 0x6285, 0x9116, 0x8082,
        ],
        Ok(6112),
    );
    // addi sp, sp, -64; sw s0, 56(sp); addi s0, sp, 64; andi sp, sp, -32; addi sp, s0, -64; addi sp, sp, 64; ret
    check(
        &[
            0x7139, 0xdc22, 0x0080, 0x7113, 0xfe01, 0x0113, 0xfc04, 0x6121, 0x8082,
        ],
        Ok(96),
    );
    // addi sp, sp, -16; addi s0, sp, 16; sub sp, sp, a0; addi sp, s0, -16; addi sp, sp, 16; ret
    check(
        &[
            0x1141, 0x0800, 0x0133, 0x40a1, 0x0113, 0xff04, 0x0141, 0x8082,
        ],
        Err(SETS),
    );
    // 1: addi sp, sp, -16; addi a0, a0, -1; bnez a0, 1b; ret
    check(&[0x1141, 0x157d, 0xfd75, 0x8082], Err(GROWS));
    // beqz a0, 1f; addi sp, sp, -16; addi sp, sp, 16; 1: ret
    check(&[0xc119, 0x1141, 0x0141, 0x8082], Ok(16));
    // csrrw sp, mscratch, sp; mret
    check(&[0x1173, 0x3401, 0x0073, 0x3020], Err(SETS));
    // lw sp, 0(a0); ret
    check(&[0x2103, 0x0005, 0x8082], Err(SETS));
    // addi sp, sp, -16; jr t0
    check(&[0x1141, 0x8282], Err(RETURNS));
    // addi sp, sp, -16; jr a0; addi sp, sp, -32; addi sp, sp, 48; ret
    check(&[0x1141, 0x8502, 0x1101, 0x6145, 0x8082], Ok(48));
}

/// An instruction that only goes elsewhere.
fn flow(len: u32, flow: Flow) -> Insn {
    let plain = Insn::plain(len);
    Insn { flow, ..plain }
}

fn def(len: u32, register: u8, value: Value) -> Insn {
    let plain = Insn::plain(len);
    let def = Def::Reg(register, value);
    Insn { def, ..plain }
}

fn sp(len: u32, sp: Sp) -> Insn {
    let plain = Insn::plain(len);
    Insn { sp, ..plain }
}

fn any(len: u32) -> Insn {
    let plain = Insn::plain(len);
    let def = Def::Any;
    Insn { def, ..plain }
}

#[test]
fn instructions_of_thumb() {
    let pop = |sp, len, flow| Insn {
        sp,
        flow,
        ..any(len)
    };
    let table: &[(&[u16], Insn)] = &[
        // bl, b, b.w to 0x1000 bytes on and back, and the like.
        (&[0xf000, 0xfffe], flow(4, Flow::Call(0x2000))),
        (&[0xf7fe, 0xfffe], flow(4, Flow::Call(0))),
        (&[0xf000, 0xb87e], flow(4, Flow::Jump(0x1100))),
        (&[0xf7ff, 0xbf7e], flow(4, Flow::Jump(0xf00))),
        (&[0xf00f, 0xbffe], flow(4, Flow::Jump(0x11000))),
        (&[0xe07e], flow(2, Flow::Jump(0x1100))),
        (&[0xe77e], flow(2, Flow::Jump(0xf00))),
        // beq, beq.w, cbz, cbnz.
        (&[0xd01e], flow(2, Flow::Branch(0x1040))),
        (&[0xd0de], flow(2, Flow::Branch(0xfc0))),
        (&[0xf43e, 0xaffe], flow(4, Flow::Branch(0))),
        (&[0xb173], flow(2, Flow::Branch(0x1020))),
        (&[0xbb73], flow(2, Flow::Branch(0x1060))),
        // blx r3; bx r3; bx lr; mov pc, lr; mov pc, r3; add pc, r3.
        (&[0x4798], flow(2, Flow::CallReg(3, 0))),
        (&[0x4718], flow(2, Flow::JumpReg(3, 0))),
        (&[0x4770], flow(2, Flow::Return)),
        (&[0x46f7], flow(2, Flow::Return)),
        (&[0x469f], flow(2, Flow::Either(3, 0))),
        (&[0x449f], flow(2, Flow::Table)),
        // ldr.w pc, [pc, #8]; ldr.w pc, [r0, r1, lsl #2]; tbh.
        (&[0xf8df, 0xf008], flow(4, Flow::JumpWord(0x100c))),
        (&[0xf850, 0xf021], flow(4, Flow::Either(15, 0))),
        (&[0xe8df, 0xf010], flow(4, Flow::Table)),
        // udf; udf.w; svc; bkpt 0xab; ittee eq.
        (&[0xde00], flow(2, Flow::Stop)),
        (&[0xf7f0, 0xa000], flow(4, Flow::Stop)),
        (&[0xdf00], any(2)),
        (&[0xbeab], any(2)),
        (&[0xbf07], flow(2, Flow::Maybe(4))),
        // push {r4, lr}; pop {r4, pc}; pop {r4}; ldmia.w sp!, {r4, r5, pc}.
        (
            &[0xb510],
            Insn {
                sp: Sp::Down(8),
                ..flow(2, Flow::Saved)
            },
        ),
        (&[0xbd10], pop(Sp::Up(8), 2, Flow::Restored)),
        (&[0xbc10], pop(Sp::Up(4), 2, Flow::Next)),
        (&[0xe8bd, 0x8030], pop(Sp::Up(12), 4, Flow::Restored)),
        // movw; movt; ldr r3, [pc, #16]; ldr.w r3, [pc, #-16]; adr.
        (&[0xf241, 0x2334], def(4, 3, Value::Const(0x1234))),
        (&[0xf2c2, 0x0300], def(4, 3, Value::High(3, 0x2000_0000))),
        (&[0x4b04], def(2, 3, Value::Word(0x1014))),
        (&[0xf85f, 0x3010], def(4, 3, Value::Word(0xff4))),
        (&[0xf20f, 0x030c], def(4, 3, Value::Const(0x1010))),
        // add.w r3, sp, #1280; bic r4, r4, #15; mov.w r3, #0xab00ab00.
        (&[0xf50d, 0x63a0], def(4, 3, Value::Sum(13, 1280))),
        (&[0xf024, 0x040f], def(4, 4, Value::Aligned(4, 16))),
        (&[0xf04f, 0x23ab], def(4, 3, Value::Const(0xab00_ab00))),
        // add sp, r3; mov sp, r3; sub.w sp, sp, r3.
        (&[0x449d], sp(2, Sp::Set(Value::Both(13, 3)))),
        (&[0x469d], sp(2, Sp::Set(Value::Sum(3, 0)))),
        (&[0xebad, 0x0d03], sp(4, Sp::Set(Value::Less(13, 3)))),
        // ldm.w r0, {r1, r2}; vldmia r0!, {s0, s1}; vstr s0, [sp, #4]; vmov r0, r1, d0; vadd.f32; vmrs.
        (&[0xe890, 0x0006], any(4)),
        (&[0xecb0, 0x0a02], def(4, 0, Value::Other)),
        (&[0xed8d, 0x0a01], Insn::plain(4)),
        (&[0xec51, 0x0b10], any(4)),
        (&[0xee30, 0x0a81], Insn::plain(4)),
        (&[0xeef1, 0xfa10], any(4)),
        // mrs r0, msp; cpsid i; dsb; wfi; nop.w; pld [r0]; cmp.w.
        (&[0xf3ef, 0x8008], def(4, 0, Value::Other)),
        (&[0xb672], Insn::plain(2)),
        (&[0xf3bf, 0x8f4f], Insn::plain(4)),
        (&[0xbf30], Insn::plain(2)),
        (&[0xf3af, 0x8000], Insn::plain(4)),
        (&[0xf890, 0xf000], Insn::plain(4)),
        (&[0xf5b0, 0x7f80], Insn::plain(4)),
        // sdiv r0, r1, r2; umull; ldrex; strex; lsl.w r0, r1, r2; uxtb r0, r1.
        (&[0xfb91, 0xf0f2], any(4)),
        (&[0xfba2, 0x0103], any(4)),
        (&[0xe851, 0x0f00], any(4)),
        (&[0xe842, 0x1000], any(4)),
        (&[0xfa01, 0xf002], def(4, 0, Value::Other)),
        (&[0xb2c8], def(2, 0, Value::Other)),
    ];
    for (code, expected) in table {
        let found = thumb::decode(AT, code[0], code.get(1).copied());
        assert_eq!(found, Some(*expected), "{code:04x?}");
    }
}

#[test]
fn instructions_of_riscv() {
    let table: &[(&[u16], Insn)] = &[
        // jal, j, c.jal, and a call with another link.
        (&[0x10ef, 0x0000], flow(4, Flow::Call(0x2000))),
        (&[0xf0ef, 0x800f], flow(4, Flow::Call(0))),
        (&[0x006f, 0x1000], flow(4, Flow::Jump(0x1100))),
        (&[0xf06f, 0xf01f], flow(4, Flow::Jump(0xf00))),
        (&[0x006f, 0x0001], flow(4, Flow::Jump(0x11000))),
        (&[0x2401], flow(2, Flow::Call(0x1200))),
        (&[0x02ef, 0x0010], flow(4, Flow::Outlined(0x1800))),
        // beqz a0; bltu a0, a1; bnez s0; c.beqz a0.
        (&[0x0063, 0x0405], flow(4, Flow::Branch(0x1040))),
        (&[0x60e3, 0xc0b5], flow(4, Flow::Branch(0xc00))),
        (&[0x10e3, 0xfc04], flow(4, Flow::Branch(0xfc0))),
        (&[0xc119], flow(2, Flow::Branch(0x1006))),
        // c.jalr a0; c.jr a0; ret; jalr 16(ra); jr 16(t1).
        (&[0x9502], flow(2, Flow::CallReg(10, 0))),
        (&[0x8502], flow(2, Flow::Either(10, 0))),
        (&[0x8082], flow(2, Flow::Either(1, 0))),
        (&[0x80e7, 0x0100], flow(4, Flow::CallReg(1, 16))),
        (&[0x0067, 0x0103], flow(4, Flow::Either(6, 16))),
        // auipc t1, 1; lui a0, 0x80000; c.lui a0, 31; c.li a0, -3.
        (&[0x1317, 0x0000], def(4, 6, Value::Const(0x2000))),
        (&[0x0537, 0x8000], def(4, 10, Value::Const(0x8000_0000))),
        (&[0x657d], def(2, 10, Value::Const(0x1f000))),
        (&[0x5575], def(2, 10, Value::Const(-3i32 as u32))),
        // addi a0, a1, -5; c.mv a0, sp; c.mv sp, a0; addi sp, sp, -2000; c.addi4spn a0, 64.
        (&[0x8513, 0xffb5], def(4, 10, Value::Sum(11, -5))),
        (&[0x850a], def(2, 10, Value::Sum(2, 0))),
        (&[0x812a], sp(2, Sp::Set(Value::Sum(10, 0)))),
        (&[0x0113, 0x8301], sp(4, Sp::Down(2000))),
        (&[0x0088], def(2, 10, Value::Sum(2, 64))),
        (&[0x9961], def(2, 10, Value::Aligned(10, 8))),
        (&[0x0512], def(2, 10, Value::Left(10, 4))),
        // ecall; c.ebreak; wfi; fence; mret; all zero.
        (&[0x0073, 0x0000], Insn::plain(4)),
        (&[0x9002], Insn::plain(2)),
        (&[0x0073, 0x1050], Insn::plain(4)),
        (&[0x000f, 0x0ff0], Insn::plain(4)),
        (&[0x0073, 0x3020], flow(4, Flow::TrapReturn)),
        (&[0x0000], flow(2, Flow::Stop)),
        // csrr a0, mstatus; amoadd.w a0, a1, (a2); c.lwsp a0, 4; c.swsp; sw a0, 2000(sp); mul; nop.
        (&[0x2573, 0x3000], def(4, 10, Value::Other)),
        (&[0x252f, 0x00b6], def(4, 10, Value::Other)),
        (&[0x4512], def(2, 10, Value::Other)),
        (&[0xc22a], Insn::plain(2)),
        (&[0x2823, 0x7ca1], Insn::plain(4)),
        (&[0x8533, 0x02c5], def(4, 10, Value::Other)),
        (&[0x0001], Insn::plain(2)),
    ];
    for (code, expected) in table {
        let found = riscv::decode(AT, code[0], code.get(1).copied());
        assert_eq!(found, Some(*expected), "{code:04x?}");
    }
}

/// Four functions, each with a frame, of which `calls` says what they call; `None` is by a pointer.
fn calls(calls: &[(usize, Option<usize>)], data: &[u32]) -> Stack {
    const NAMES: [&str; 4] = ["start", "one", "two", "three"];
    let mut code = Vec::new();
    let mut symbols = vec![("$t", AT, 0)];
    let start = |n: usize| AT + 32 * n as u32;
    for (n, name) in NAMES.into_iter().enumerate() {
        // push {r4, lr}, and so many words more; in place of the rest, nop.
        let mut body = vec![0xb510, 0xb080 + n as u16];
        for (_, callee) in calls.iter().filter(|(caller, _)| *caller == n) {
            match callee {
                Some(callee) => {
                    let at = start(n) + 2 * body.len() as u32;
                    let offset = start(*callee) as i32 - at as i32 - 4;
                    let (high, low) = ((offset >> 12) & 0x7ff, (offset >> 1) & 0x7ff);
                    body.extend([0xf000 | high as u16, 0xf800 | low as u16]);
                }
                None => body.push(0x4798),
            }
        }
        body.extend([0xb000 + n as u16, 0xbd10]);
        symbols.push((name, start(n), 2 * body.len() as u32));
        body.resize(16, 0xbf00);
        code.extend(body);
    }
    let roots: Vec<String> = NAMES.map(String::from).to_vec();
    stack(&elf(ARM, &code, data, &symbols), &roots).expect("a firmware")
}

fn bytes(stack: &Stack) -> Vec<Option<u64>> {
    stack.roots.iter().map(|root| root.bytes).collect()
}

#[test]
fn paths() {
    // The deepest of two paths.
    let found = calls(
        &[(0, Some(1)), (0, Some(2)), (1, Some(3)), (2, Some(3))],
        &[],
    );
    assert_eq!(bytes(&found), [Some(44), Some(32), Some(36), Some(20)]);
    let path = [("start", 8), ("two", 16), ("three", 20)];
    assert_eq!(
        found.roots[0].path,
        path.map(|(name, bytes)| (name.to_string(), bytes))
    );
    // Recursion, and those who lead to it.
    let found = calls(&[(0, Some(1)), (1, Some(2)), (2, Some(1))], &[]);
    assert_eq!(bytes(&found), [None, None, None, Some(20)]);
    assert_eq!(found.roots[0].reasons, ["recursion: one -> two -> one"]);
    let found = calls(&[(1, Some(1))], &[]);
    assert_eq!(found.roots[1].reasons, ["recursion: one -> one"]);
    // What a pointer leads to stands in data, with its lowest bit set.
    let found = calls(&[(0, None)], &[AT + 65, AT + 96]);
    assert_eq!(bytes(&found)[0], Some(24));
    let found = calls(&[(0, None), (2, Some(3))], &[AT + 65]);
    assert_eq!(bytes(&found)[0], Some(44));
    let found = calls(&[(0, Some(1)), (1, None)], &[AT + 33]);
    assert_eq!(
        found.roots[0].reasons,
        ["recursion: one -> (a call by a pointer) -> one"]
    );
}

#[test]
fn prologues_that_were_taken_out() {
    // f: jal t0, part; c.addi16sp 32; ret. part: addi sp, sp, -32; c.swsp; jr t0.
    let code = [0x02ef, 0x0080, 0x6105, 0x8082, 0x1101, 0xce06, 0x8282];
    let symbols = [("f", AT, 8), ("part", AT + 8, 6)];
    let found = stack(&elf(RISCV, &code, &[], &symbols), &["f".into()]).expect("a firmware");
    assert_eq!(bytes(&found), [Some(32)]);
    // Without its end it is no sequence.
    let found = stack(&elf(RISCV, &code[..6], &[], &symbols), &["f".into()]).expect("a firmware");
    assert_eq!(bytes(&found), [None]);
}

/// A firmware whose damage is tried.
fn firmware() -> Vec<u8> {
    let symbols = [("$t", AT, 0), ("start", AT, 6), ("leaf", AT + 6, 2)];
    // push {r4, lr}; bl leaf; pop in the leaf's place.
    elf(ARM, &[0xb510, 0xf000, 0xf800, 0xbd10], &[AT + 7], &symbols)
}

#[test]
fn damaged_files_are_refused() {
    let good = firmware();
    assert!(stack(&good, &[]).is_ok());
    for length in 0..good.len() {
        let error = stack(&good[..length], &[]).expect_err("it is cut off");
        assert!(!error.is_empty());
    }
    // What else is wrong is an error or a number, and never a panic.
    for at in 0..good.len() {
        for byte in [
            0,
            1,
            0x7f,
            0x80,
            0xff,
            good[at] ^ 1,
            good[at] ^ 0x80,
            good[at].wrapping_add(4),
        ] {
            let mut bad = good.clone();
            bad[at] = byte;
            let _ = stack(&bad, &[]);
        }
    }
}

#[test]
fn errors_name_the_remedy() {
    let mut messages = BTreeMap::new();
    let mut damaged = |name, change: fn(&mut Vec<u8>)| {
        let mut file = firmware();
        change(&mut file);
        messages.insert(name, stack(&file, &[]).expect_err(name));
    };
    damaged("text", |file| *file = b"(module)".to_vec());
    damaged("empty", Vec::clear);
    damaged("64 bits", |file| file[4] = 2);
    damaged("x86", |file| file[18] = 62);
    damaged("object", |file| file[16] = 1);
    damaged("cut", |file| file.truncate(200));
    let expect = [
        ("text", "not an ELF"),
        ("empty", "not an ELF"),
        (
            "64 bits",
            "not an ELF of 32 bits, little endian; stacks are read of thumbv6m",
        ),
        ("x86", "an ELF for machine 62; stacks are read of thumbv6m"),
        ("object", "not linked"),
        ("cut", "link the firmware anew"),
    ];
    for (name, text) in expect {
        assert!(messages[name].contains(text), "{name}: {}", messages[name]);
    }
    let stripped = elf(ARM, &[0x4770], &[], &[]);
    let error = stack(&stripped, &[]).expect_err("no symbols");
    assert!(error.contains("not stripped"), "{error}");
    let error = stack(&firmware(), &["nothing".into()]).expect_err("no such function");
    assert!(error.contains("no function `nothing`"), "{error}");
}
