//! A module translated where it is written, for a device without an allocator.
//!
//! `include_wasm!` needs no build script. With `storage = fixed` memories and tables lie inside the instance, which can
//! then stand in a static: `uninit` is `const`, and `instantiate` does the rest at run time. Nothing here needs `std` or
//! `alloc`. Fuel is left out: the one export has no loop, so that its time is bounded anyway.
#![no_std]

wrt_macros::include_wasm!(
    "filter.wat",
    storage = fixed,
    fuel = false,
    backtrace = none
);

use filter::{Instance, Trap};

/// A moving average over the last samples.
pub struct Average {
    instance: Instance,
}

impl Average {
    /// A filter for a static. It must be [started](Average::start) before it is used.
    pub const fn new() -> Average {
        Average {
            instance: Instance::uninit(),
        }
    }

    /// Forgets all samples.
    pub fn start(&mut self) -> Result<(), Trap> {
        self.instance.reset()
    }

    /// Takes a sample and gives the average. Traps if the filter was not started.
    pub fn sample(&mut self, value: i16) -> Result<i32, Trap> {
        self.instance.sample(i32::from(value))
    }

    /// How many samples the average is over.
    pub fn window(&self) -> usize {
        self.instance.window() as usize
    }
}

impl Default for Average {
    fn default() -> Average {
        Average::new()
    }
}
