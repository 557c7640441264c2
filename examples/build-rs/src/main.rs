//! Shows each thing that a host does with a translated module: `cargo run -p build-rs`.

use build_rs::plugin::{Cause, Instance, Trap, Val};
use build_rs::{Lines, bounded, load, number};

const TEXT: &str = "first\n\n   \nthe second line\nthird\n";

fn main() -> Result<(), Trap> {
    println!("numbered by the plugin, which asks its host what is wanted:");
    for line in number(TEXT)? {
        println!("  {line}");
    }

    println!("\na trap, with the functions that were active:");
    let mut instance = Instance::new(Lines::default())?;
    if let Err(trap) = instance.mean(100) {
        println!("  {}", trap.to_string().replace('\n', "\n  "));
    }

    println!("\na trap of the host's own, and what the guest had done until then:");
    instance.host_mut().longest = Some(10);
    load(&mut instance, TEXT)?;
    if let Err(trap) = instance.number(TEXT.len() as i32) {
        println!(
            "  {} (code {}), {} lines counted",
            trap.message(),
            trap.code(),
            instance.lines()
        );
    }
    instance.reset()?;
    println!("  after reset: {} lines counted", instance.lines());

    println!("\na loop without end, on 1,000,000 units of fuel:");
    let mut instance = bounded(1_000_000)?;
    match instance.spin() {
        Err(trap) if trap.cause() == Cause::OutOfFuel => {
            println!("  {}; left: {}", trap.message(), instance.remaining_fuel())
        }
        other => println!("  {other:?}"),
    }
    instance.set_fuel(1_000);
    println!(
        "  with 1,000 more, count(0, 4, 0) = {}",
        instance.count(0, 4, 0)?
    );

    println!("\na call by name:");
    let results = instance.invoke("count", &[Val::I32(0), Val::I32(7), Val::I32(0)])?;
    println!("  count(0, 7, 0) = {:?}", &*results);
    Ok(())
}
