//! What is timed: name, nature and how many rounds make about a quarter of a second natively.

/// One kernel: a C file of guests/bench that exports `run(rounds) -> checksum`.
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
    kernel("collatz", 1_000_000, "integer arithmetic"),
    kernel("fib", 1_000, "recursive calls"),
    kernel("indirect", 700, "indirect calls"),
    kernel("nbody", 3_500_000, "floating point"),
    kernel("mandelbrot", 1_400, "floating point, branches"),
    kernel("matmul", 30, "floating point, memory"),
    kernel("stream", 400, "memory bandwidth, bulk copies"),
    kernel("sieve", 70, "memory, strides"),
    kernel("sort", 80, "branches, memory"),
    kernel("tree", 140, "pointers, recursion"),
    kernel("hash", 800, "CRC-32, hash table"),
    kernel("sha256", 700, "rotations, small arrays"),
    kernel("bytes", 700, "byte loops: UTF-8, base64"),
    kernel("search", 1_200, "string search"),
    kernel("interp", 450, "a bytecode interpreter"),
    kernel("coremark", 2_500, "list, matrix, state machine"),
];

/// SQLite: more than a megabyte of wasm. It is built when it is asked for, not committed.
pub(crate) const SQLITE: Kernel = kernel("sqlite", 50, "SQL in memory; 1.4 MB of wasm");

/// Where the time goes in kernels that were slower than wasmtime: shares of WRT's time, each from a build without the
/// thing in question. The report prints what holds of a run that shows it.
pub(crate) const EXPLAINED: &[(&str, &str)] = &[
    (
        "fib",
        "a call does next to nothing besides fuel (below); checks of the call depth are 2 %",
    ),
    (
        "indirect",
        "fuel (below), and the `match` over what can stand in the table, which rustc makes a jump, and then a call, \
         where wasmtime compares a type and calls through a pointer",
    ),
    (
        "nbody",
        "marks that keep NaNs as the specification has them, and fuel (below); bounds checks are nothing; wasmtime \
         beats clang's native code, too",
    ),
    (
        "sieve",
        "an inner loop of nine instructions; bounds checks are 15 %, fuel (below) the rest",
    ),
    (
        "tree",
        "fuel (below) and checks of the call depth, 4 %; bounds checks are nothing",
    ),
    (
        "coremark",
        "bounds checks are 12 %, the rest is fuel (below)",
    ),
    (
        "sqlite",
        "bounds checks are 17 %, and fuel (below); a quarter of all is the bytecode loop, one function of 15,000 lines \
         whose values do not fit into registers beside fuel, memory and depth",
    ),
];

/// Those whose floating-point results can be NaN: the price of canonical NaNs is measured on them.
pub(crate) const FLOATS: &[&str] = &["nbody", "mandelbrot", "matmul", "stream"];

#[cfg(test)]
mod tests {
    use super::KERNELS;
    use crate::{guests, paths};

    #[test]
    fn every_kernel_has_a_source_a_module_and_a_row() {
        let mut sources: Vec<String> = std::fs::read_dir(paths::guests().join("bench"))
            .expect("guests/bench is there")
            .flatten()
            .filter_map(|e| {
                e.file_name()
                    .to_str()?
                    .strip_suffix(".c")
                    .map(str::to_owned)
            })
            .collect();
        sources.sort();
        let mut rows: Vec<&str> = KERNELS.iter().map(|k| k.name).collect();
        rows.sort_unstable();
        assert_eq!(sources, rows);
        for name in rows {
            let file = guests::wasm(&format!("bench/{name}"));
            assert!(
                file.is_file(),
                "{} is not built: cargo xtask guests",
                file.display()
            );
        }
    }
}
