//! What rustc is asked for beyond the release profile, for the processor that runs the code.

/// Where code is to run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Runs {
    /// On every processor of the family.
    Anywhere,
    /// On this machine alone.
    Here,
}

/// The flags of rustc.
pub(crate) fn flags(runs: Runs) -> Vec<&'static str> {
    let level = level().filter(|_| runs == Runs::Here);
    std::iter::once(ALIGNED).chain(level).collect()
}

/// Each function starts a cache line. Where in a line it starts otherwise depends on what lies before it, and some
/// loops and calls take a seventh more time in the wrong place. For an LLVM that knows it.
const ALIGNED: &str = "-Cllvm-args=-align-all-functions=6";

/// The instructions that this processor has; `None` where there is nothing to gain.
///
/// These are the levels of the x86-64 ABI. Asking for the processor by its name was slower than its level, and level 2
/// slower than none.
fn level() -> Option<&'static str> {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::is_x86_feature_detected as has;
        let third = has!("avx2")
            && has!("bmi1")
            && has!("bmi2")
            && has!("f16c")
            && has!("fma")
            && has!("lzcnt")
            && has!("movbe")
            && has!("xsave");
        let fourth = has!("avx512f")
            && has!("avx512bw")
            && has!("avx512cd")
            && has!("avx512dq")
            && has!("avx512vl");
        match (third, fourth) {
            (true, true) => Some("-Ctarget-cpu=x86-64-v4"),
            (true, false) => Some("-Ctarget-cpu=x86-64-v3"),
            (false, _) => None,
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    None
}
