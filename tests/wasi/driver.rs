//! Runs a guest in a folder: its name, the folder, `ro` or `rw`, and units of fuel. What it wrote is written; its
//! status and the fuel that it consumed go to standard error.
use std::io::Write;
use wrt_rt::wasi::buffers::Buffers;
use wrt_rt::wasi::std::StdCtx;
use wrt_rt::{Cause, Trap};
use wrt_wasi::{Access, Folders};

/// A guest's status or trap, what it wrote, and the fuel that it consumed.
type Ran = (Result<(), Trap>, Vec<u8>, u64);

macro_rules! guests {
    ($($guest:ident)*) => {
        $(mod $guest;)*

        fn run(guest: &str, ctx: StdCtx<Folders>, fuel: u64) -> Ran {
            match guest {
                $(stringify!($guest) => {
                    let limits = wrt_rt::Limits { fuel, ..$guest::LIMITS };
                    let mut instance = $guest::Instance::with_limits(ctx, limits).expect("can be made");
                    let ended = instance._start();
                    let out = instance.host_mut().buffers_mut().expect("streams in memory").take_out();
                    (ended, out, instance.runtime().consumed_fuel())
                })*
                _ => panic!("no guest {guest}"),
            }
        }
    };
}

// GUESTS

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let access = if args[3] == "ro" { Access::ReadOnly } else { Access::ReadWrite };
    let folders = Folders::new().folder(&args[2], "/", access).expect("a folder");
    let ctx = StdCtx::new()
        .buffers(Buffers::new("some input\n", 1 << 20))
        .args([&args[1], "one", "two three"])
        .env("A", "1")
        .env("B", "two words")
        .clocks()
        .entropy()
        .filesystem(folders);
    let (ended, out, fuel) = run(&args[1], ctx, args[4].parse().expect("a number"));
    std::io::stdout().write_all(&out).expect("standard output");
    let status = match ended {
        Ok(()) => "status 0".to_string(),
        Err(trap) if trap.cause() == Cause::Exit => format!("status {}", trap.code()),
        Err(trap) => trap.message().to_string(),
    };
    eprint!("{status}, fuel {fuel}");
}
