//! `cargo xtask bench --target thumbv7em`: instructions and bytes of control code and signal processing on a Cortex-M4,
//! against the same source compiled for it by clang; and what each check costs.
//!
//! QEMU counts instructions, which repeat exactly; it knows nothing of cycles.

mod checks;
mod firmware;
pub(crate) mod kernels;
mod report;

use anyhow::{Result, bail};
use firmware::{Count, Level, Variant, Workspace};
use kernels::{EMPTY, KERNELS, Kernel};

use crate::{cmd, paths};

/// What one variant did at one level, kernel by kernel.
struct Counts {
    variant: &'static Variant,
    level: Level,
    of: Vec<Count>,
}

/// Bytes of flash of firmware with one kernel.
struct Flash {
    level: Level,
    native: Vec<u64>,
    ours: Vec<u64>,
    /// With [`EMPTY`] in place of a kernel.
    empty_native: u64,
    empty_ours: u64,
    /// What clang's code of [`EMPTY`] takes of that.
    empty: u64,
}

/// All that was measured.
struct Results {
    counts: Vec<Counts>,
    flash: Vec<Flash>,
}

pub(crate) fn run() -> Result<()> {
    let workspace = Workspace::new()?;
    let all: Vec<&Kernel> = KERNELS.iter().collect();
    let mut results = Results {
        counts: Vec::new(),
        flash: Vec::new(),
    };
    for level in Level::ALL {
        let native = count(&workspace, &all, &checks::NATIVE, level)?;
        results.counts.push(native);
        for variant in checks::OURS {
            let ours = count(&workspace, &all, variant, level)?;
            agree(&all, &results.counts, &ours)?;
            results.counts.push(ours);
        }
        results.flash.push(flash(&workspace, level)?);
    }
    let text = report::markdown(&results);
    println!("{text}");
    let out = paths::root().join("docs/BOARDS.md");
    cmd::write(&out, text)?;
    cmd::say(format_args!("written to {}", out.display()));
    Ok(())
}

fn count(
    workspace: &Workspace,
    kernels: &[&Kernel],
    variant: &'static Variant,
    level: Level,
) -> Result<Counts> {
    cmd::say(format_args!("counting {}, {}", variant.name, level.name()));
    let elf = workspace.build("kernels", kernels, variant, level)?;
    Ok(Counts {
        variant,
        level,
        of: firmware::run(&elf, kernels)?,
    })
}

/// Every variant computes the same.
fn agree(kernels: &[&Kernel], before: &[Counts], ours: &Counts) -> Result<()> {
    let Some(native) = before
        .iter()
        .find(|c| c.variant.options.is_none() && c.level == ours.level)
    else {
        return Ok(());
    };
    for ((kernel, ours), native) in kernels.iter().zip(&ours.of).zip(&native.of) {
        if ours.checksum != native.checksum {
            bail!(
                "{}: {} natively, {} by WRT",
                kernel.name,
                native.checksum,
                ours.checksum
            );
        }
    }
    Ok(())
}

fn flash(workspace: &Workspace, level: Level) -> Result<Flash> {
    cmd::say(format_args!("weighing, {}", level.name()));
    let weigh = |kernel: &Kernel, variant: &Variant| -> Result<u64> {
        let elf = workspace.build(kernel.name, &[kernel], variant, level)?;
        firmware::bytes(&elf)
    };
    let ours = &checks::OURS[0];
    Ok(Flash {
        level,
        native: KERNELS
            .iter()
            .map(|k| weigh(k, &checks::NATIVE))
            .collect::<Result<_>>()?,
        ours: KERNELS
            .iter()
            .map(|k| weigh(k, ours))
            .collect::<Result<_>>()?,
        empty_native: weigh(&EMPTY, &checks::NATIVE)?,
        empty_ours: weigh(&EMPTY, ours)?,
        empty: firmware::bytes(&workspace.object(&EMPTY, level)?)?,
    })
}
