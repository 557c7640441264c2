//! Instructions, as far as the stack is concerned: what the decoders make of them.

/// An instruction, as far as the stack is concerned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Insn {
    /// Bytes.
    pub(super) len: u32,
    pub(super) sp: Sp,
    pub(super) def: Def,
    pub(super) flow: Flow,
}

impl Insn {
    /// One of which nothing is to be said but its length.
    pub(super) const fn plain(len: u32) -> Insn {
        Insn {
            len,
            sp: Sp::Kept,
            def: Def::Nothing,
            flow: Flow::Next,
        }
    }
}

/// What it does to the stack pointer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Sp {
    Kept,
    /// Takes bytes.
    Down(u32),
    /// Gives bytes back.
    Up(u32),
    /// Sets it.
    Set(Value),
}

/// What it does to other registers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Def {
    Nothing,
    /// Writes one.
    Reg(u8, Value),
    /// Writes any but the frame pointer.
    Any,
}

/// What is written to a register.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Value {
    Const(u32),
    /// A register and a constant.
    Sum(u8, i32),
    /// A register, with these upper 16 bits.
    High(u8, u32),
    /// The sum of two registers.
    Both(u8, u8),
    /// The difference of two registers.
    Less(u8, u8),
    /// A register, rounded down to a multiple of a power of two.
    Aligned(u8, u32),
    /// A register, shifted to the right.
    Right(u8, u32),
    /// A register, shifted to the left.
    Left(u8, u32),
    /// The word at an address.
    Word(u32),
    Other,
}

/// Where it goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Flow {
    Next,
    Jump(u32),
    /// There or on.
    Branch(u32),
    Call(u32),
    /// A call of what a register holds, and a constant.
    CallReg(u8, i32),
    /// A call of a part that was taken out of the function, prologues among them.
    Outlined(u32),
    OutlinedReg(u8, i32),
    /// A jump out of the function to what a register holds, and a constant.
    JumpReg(u8, i32),
    /// A jump to what a register holds, and a constant: within the function or out of it.
    Either(u8, i32),
    /// A jump to what the word at an address holds.
    JumpWord(u32),
    /// A jump that stays in the function.
    Table,
    Return,
    /// A return to what an interrupt or a fault interrupted.
    TrapReturn,
    /// On, with the address of return on the stack.
    Saved,
    /// A return to an address on the stack.
    Restored,
    Stop,
    /// The next instructions, so many, may be skipped.
    Maybe(u8),
    /// Not an instruction of this machine.
    Unknown,
}
