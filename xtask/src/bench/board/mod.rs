//! `cargo xtask bench --target thumbv7em`: instructions and bytes of control code and signal processing on a Cortex-M4,
//! against the same source compiled for it by clang.
//!
//! QEMU counts instructions, which repeat exactly; it knows nothing of cycles.

mod firmware;
pub(crate) mod kernels;

use anyhow::{Result, bail};
use firmware::{Count, Level, Variant, Workspace};

const NATIVE: Variant = Variant {
    name: "native",
    change: None,
    edit: |text| text,
};

/// What is counted beside native code; the first is what the price of each check refers to.
const OURS: &[Variant] = &[
    Variant {
        name: "ours",
        change: Some(|_| {}),
        edit: |text| text,
    },
    Variant {
        name: "free",
        change: Some(|options| options.fuel = false),
        edit: |text| text,
    },
];

pub(crate) fn run() -> Result<()> {
    let workspace = Workspace::new()?;
    for level in Level::ALL {
        let native = counts(&workspace, &NATIVE, level)?;
        for variant in OURS {
            let ours = counts(&workspace, variant, level)?;
            let mut sum = 0.0;
            for ((name, ours), (_, native)) in ours.iter().zip(&native) {
                if ours.checksum != native.checksum {
                    bail!(
                        "{name}: {} natively, {} by WRT",
                        native.checksum,
                        ours.checksum
                    );
                }
                let ratio = ours.instructions as f64 / native.instructions as f64;
                sum += ratio.ln();
                println!(
                    "{} {} {name:8} {:>9} {:>9} {ratio:.3} fuel {} state {}",
                    level.name(),
                    variant.name,
                    native.instructions,
                    ours.instructions,
                    ours.fuel,
                    ours.state
                );
            }
            println!(
                "{} {} mean {:.3}",
                level.name(),
                variant.name,
                (sum / native.len() as f64).exp()
            );
        }
    }
    Ok(())
}

fn counts(workspace: &Workspace, variant: &Variant, level: Level) -> Result<Vec<(String, Count)>> {
    workspace
        .build("kernels", &firmware::all(), variant, level)?
        .run()
}
