//! What is counted on boards: control code and signal processing, C files of guests/board that export
//! `run(rounds) -> checksum` and need no libc.

/// One kernel.
pub(crate) struct Kernel {
    pub(crate) name: &'static str,
    /// What it stands for.
    pub(crate) nature: &'static str,
    /// The argument of `run`.
    pub(crate) rounds: i32,
}

const fn kernel(name: &'static str, rounds: i32, nature: &'static str) -> Kernel {
    Kernel {
        name,
        nature,
        rounds,
    }
}

/// The kernels, chosen to be varied.
pub(crate) const KERNELS: &[Kernel] = &[
    kernel("fir", 20, "filter, f32"),
    kernel("biquad", 20, "filter, 16-bit fixed point"),
    kernel("pid", 60, "controllers, f32"),
    kernel("trig", 40, "attitude, f32"),
    kernel("cordic", 60, "fixed-point mathematics"),
    kernel("crc", 20, "checksums"),
    kernel("frames", 100, "state machine on a serial line"),
    kernel("parser", 100, "parser and printer of text lines"),
    kernel("sort", 10, "sort, median, binary search"),
    kernel("aes", 40, "AES-128, counter mode"),
];

/// What firmware is weighed against.
pub(crate) const EMPTY: Kernel = kernel("empty", 100, "next to nothing");
