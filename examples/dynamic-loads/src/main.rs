//! Shows both directions: `cargo run -p dynamic-loads [PLUGIN]`, where PLUGIN is a .wat or .wasm file of your own that
//! works as `modules/shout.wat` does.

use dynamic_loads::{plugins, scripts};
use std::error::Error;
use wrt_interp::Val;

const TEXT: &str = "a plugin works in the memory of its program";

fn main() -> Result<(), Box<dyn Error>> {
    let plugin = match std::env::args_os().nth(1) {
        Some(file) => std::fs::read(file)?,
        None => include_bytes!("../modules/shout.wat").to_vec(),
    };
    println!(
        "a compiled program loads a plugin of {} bytes:",
        plugin.len()
    );
    let mut app = plugins::program(100_000)?;
    let number = plugins::load(&mut app, &plugin)?;
    println!("  {} units of fuel left", app.remaining_fuel());
    println!("  {}", plugins::edit(&mut app, number, TEXT)?);
    println!(
        "  {} units of fuel left; letters changed: {:?}",
        app.remaining_fuel(),
        app.host().changes()
    );

    println!("\nthe same with too little fuel for the plugin:");
    app.set_fuel(100);
    if let Err(trap) = plugins::edit(&mut app, number, TEXT) {
        println!("  {}", trap.to_string().replace('\n', "\n  "));
    }

    println!("\nan interpreted script calls a compiled module:");
    let (mut store, script) = scripts::start(include_bytes!("../modules/script.wat"))?;
    let mean = script.execute(&mut store, "mean_power", &[Val::I64(3), Val::I32(5)])?;
    println!("  mean_power(3, 5) = {mean:?}");
    if let Err(e) = script.execute(&mut store, "mean_power", &[Val::I64(3), Val::I32(0)]) {
        println!("  {}", e.to_string().replace('\n', "\n  "));
    }
    Ok(())
}
