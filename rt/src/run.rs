//! What a running instance has besides memories, tables and globals: fuel,
//! a depth budget, the trap that ended it, and statistics.
//!
//! The hot counter is a slice of fuel, refilled on a cold path from a reserve
//! of 64 bits. Invariant: what remains is `reserve + slice`, to the unit, at
//! every point outside the cold path; a refused charge is not applied.

use crate::num;
use core::num::NonZeroIsize;
use core::sync::atomic::{AtomicBool, Ordering};

use crate::trap::{Cause, Frame, Trap, Trapped};

/// Most fuel that moves into the slice at a time, and so the distance in
/// units at which the interrupt flag is looked at.
const SLICE: u64 = 1 << 20;

/// How deeply host and guest may call each other.
pub const REENTRANCE_LIMIT: u32 = 64;

/// A request for fuel, given to the hook of [`Run::set_refuel_hook`].
#[derive(Debug)]
pub struct Refuel {
    lacking: u64,
    added: u64,
}

impl Refuel {
    /// The units that the refused charge lacks, 1 at least.
    pub fn lacking(&self) -> u64 {
        self.lacking
    }

    /// Adds fuel. If all that was added is less than what is lacking, it is
    /// kept and the instance still traps with [`Cause::OutOfFuel`].
    pub fn add(&mut self, units: u64) {
        self.added = self.added.saturating_add(units);
    }
}

/// The groups of instructions by which [`Stats::instructions`] counts, as the spec has them (2.4).
pub const CLASSES: [&str; 7] = [
    "numeric",
    "reference",
    "parametric",
    "variable",
    "table",
    "memory",
    "control",
];

/// What an instance did, as far as its code was generated to count it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Calls of wasm functions that call others: what calls nothing takes no frame.
    pub calls: u64,
    /// Calls of host functions.
    pub host_calls: u64,
    /// Instructions by class, in the order of [`CLASSES`]; structure that costs no fuel is left out. They are counted
    /// where control enters a sequence: one that traps counts those behind the trap, too.
    pub instructions: [u64; CLASSES.len()],
    /// Loads and stores.
    pub memory_accesses: u64,
    /// The most stack slots in use at a time.
    pub peak_depth: u32,
    /// The most that one memory had, in pages of 65,536 bytes; one that is
    /// begun counts as a whole.
    pub peak_pages: u32,
    /// Nanoseconds that the host waited on the guest's behalf: in `poll_oneoff`,
    /// and for input where the wait can be interrupted.
    pub waited: u64,
}

/// The processor multiplies floats of both widths, and quiets as it does.
const FAST_FLOATS: bool = cfg!(any(target_arch = "x86_64", target_arch = "aarch64"));

/// The processor multiplies floats of 32 bits, and quiets as it does.
const FAST_F32: bool = FAST_FLOATS || cfg!(all(target_arch = "arm", target_abi = "eabihf"));

/// The hot counter of fuel, while generated code has it in hand: it goes from
/// function to function in a register.
///
/// It counts up to -1, which is no unit, and so is never zero: a
/// `Result<(Fuel, T), Trapped>` returns in the registers of a `(Fuel, T)`. That
/// there was too little shows in the sign, which an addition gives for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fuel(NonZeroIsize);

impl Fuel {
    /// What is in hand once the counter was put back, or was handed to a
    /// function that trapped. Nobody spends of it.
    pub const GONE: Self = Self(NonZeroIsize::MAX);

    /// So many units, of which there are fewer than `isize` has values.
    const fn new(units: u64) -> Self {
        Self::counting(!(units as isize))
    }

    const fn counting(count: isize) -> Self {
        match NonZeroIsize::new(count) {
            Some(count) => Self(count),
            None => Self::GONE,
        }
    }

    const fn units(self) -> u64 {
        !self.0.get() as u64
    }
}

/// The running state that generated code carries as its field `rt`.
#[derive(Debug)]
pub struct Run {
    /// The units of the slice, while nobody holds it. First, where it is
    /// cheapest to reach.
    slice: usize,
    /// Why the last charge was refused.
    refused: Cause,
    /// How far the fuel not yet in the slice falls short of `u64::MAX`, which
    /// means unlimited.
    deficit: u64,
    /// All fuel that ever was in the slice or was charged past it.
    issued: u64,
    hook: Option<fn(&mut Refuel)>,
    interrupt: Option<&'static AtomicBool>,
    /// 1.0 of both widths, which the compiler must not know: see [`Quiet`].
    one_f64: f64,
    one_f32: f32,
    depth: u32,
    reentrance: u32,
    /// Whether `trap` is one.
    trapped: bool,
    trap: Trap,
    /// What the instance did so far.
    #[cfg(feature = "stats")]
    pub stats: Stats,
}

/// Takes `weight` stack slots off the budget `depth` and gives what is left,
/// or [`Cause::CallStackExhausted`].
#[inline(always)]
pub fn enter(depth: u32, weight: u32) -> Result<u32, Cause> {
    match depth.checked_sub(weight) {
        Some(left) => Ok(left),
        None => Err(Cause::CallStackExhausted),
    }
}

/// Makes NaNs quiet: see [`Run::quiet`].
#[derive(Clone, Copy, Debug)]
pub struct Quiet {
    one_f64: f64,
    one_f32: f32,
}

impl Quiet {
    /// A float with its NaN made quiet, anything else as it is: a product that
    /// the compiler cannot fold, which costs one instruction where a test costs
    /// three. Where floats are software it is the test. Either way the compiler
    /// does not know the result, even if it knows `x`: generated code relies on
    /// arithmetic with such a float not being folded to the other operand.
    #[inline(always)]
    pub fn f64(self, x: f64) -> f64 {
        if FAST_FLOATS {
            x * self.one_f64
        } else {
            let zero = self.one_f64.to_bits() ^ 1.0f64.to_bits();
            f64::from_bits(num::quiet_f64(x).to_bits() ^ zero)
        }
    }

    /// As [`f64`](Quiet::f64).
    #[inline(always)]
    pub fn f32(self, x: f32) -> f32 {
        if FAST_F32 {
            x * self.one_f32
        } else {
            let zero = self.one_f32.to_bits() ^ 1.0f32.to_bits();
            f32::from_bits(num::quiet_f32(x).to_bits() ^ zero)
        }
    }
}

impl Run {
    /// Unlimited fuel, and `depth` stack slots for each call from outside.
    pub const fn new(depth: u32) -> Self {
        Self {
            one_f64: 1.0,
            one_f32: 1.0,
            depth,
            ..Self::idle()
        }
    }

    /// What an instance has before it is made: no depth, so that no call gets
    /// anywhere. All its bytes are zero, and take no flash in a static.
    pub const fn idle() -> Self {
        Self {
            slice: 0,
            refused: Cause::Unreachable,
            deficit: 0,
            issued: 0,
            hook: None,
            interrupt: None,
            one_f64: 0.0,
            one_f32: 0.0,
            depth: 0,
            reentrance: 0,
            trapped: false,
            trap: Trap::new(Cause::Unreachable),
            #[cfg(feature = "stats")]
            stats: Stats {
                calls: 0,
                host_calls: 0,
                instructions: [0; CLASSES.len()],
                memory_accesses: 0,
                peak_depth: 0,
                peak_pages: 0,
                waited: 0,
            },
        }
    }

    const fn reserve(&self) -> u64 {
        !self.deficit
    }

    /// Takes `n` units of fuel, or refuses, with [`Cause::OutOfFuel`] or
    /// [`Cause::Interrupted`], and takes nothing. Nobody holds the fuel.
    #[inline]
    pub fn charge(&mut self, n: u32) -> Result<(), Cause> {
        let mut fuel = self.hold();
        self.spend(&mut fuel, n)?;
        self.release(fuel);
        Ok(())
    }

    /// The hot counter, for generated code to hand from function to function.
    /// It goes back with [`release`](Run::release) before anything else charges.
    #[inline(always)]
    pub fn hold(&self) -> Fuel {
        Fuel::new(self.slice as u64)
    }

    /// Puts the hot counter back, and gives what is in hand then: nothing.
    #[inline(always)]
    pub fn release(&mut self, fuel: Fuel) -> Fuel {
        self.slice = fuel.units() as usize;
        Fuel::GONE
    }

    /// Puts the hot counter back after a trap, if it is still in hand.
    #[cold]
    #[inline(never)]
    pub fn release_trapped(&mut self, fuel: Fuel) {
        if fuel != Fuel::GONE {
            self.release(fuel);
        }
    }

    /// As [`charge`](Run::charge), on the counter that is held. A refused
    /// charge puts the counter back.
    #[inline(always)]
    pub fn spend(&mut self, fuel: &mut Fuel, n: u32) -> Result<(), Cause> {
        // Nothing here needs the old count, so that it takes no register.
        let count = fuel.0.get().wrapping_add(n as isize);
        match NonZeroIsize::new(count) {
            // A constant folds the second test away.
            Some(left) if count < 0 && (size_of::<isize>() > 4 || n <= i32::MAX as u32) => {
                *fuel = Fuel(left);
                Ok(())
            }
            _ => match self.spend_and_refill(count, n) {
                Some(refilled) => {
                    *fuel = refilled;
                    Ok(())
                }
                None => {
                    *fuel = Fuel::GONE;
                    Err(self.refused)
                }
            },
        }
    }

    /// Spends `n` units for each of the next rounds of a loop, for as many of
    /// `rounds` as the counter has, 1 at least, and gives their number. If it
    /// has not enough for one, that one is spent as [`spend`](Run::spend) does.
    #[inline(always)]
    pub fn spend_rounds(&mut self, fuel: &mut Fuel, n: u32, rounds: usize) -> Result<usize, Cause> {
        let units = fuel.units();
        let all = u64::from(n).checked_mul(rounds as u64);
        let count = match all {
            Some(all) if all <= units => rounds,
            _ => units.checked_div(u64::from(n)).unwrap_or(0) as usize,
        };
        if count == 0 {
            self.spend(fuel, n)?;
            return Ok(1);
        }
        // At most what the counter has.
        *fuel = Fuel::new(units.wrapping_sub(u64::from(n).wrapping_mul(count as u64)));
        Ok(count)
    }

    /// Undoes the addition that came to `count`, which is too much, and
    /// charges anew. If that is refused, `refused` says why.
    ///
    /// Each unit of code has its own: the address of one in another crate would
    /// be loaded ahead of every loop with a check, and take a register there.
    #[cold]
    #[inline]
    fn spend_and_refill(&mut self, count: isize, n: u32) -> Option<Fuel> {
        self.release(Fuel::counting(count.wrapping_sub(n as isize)));
        match self.refill(n) {
            Ok(()) => Some(self.hold()),
            Err(cause) => {
                self.refused = cause;
                None
            }
        }
    }

    /// Charges `n` units to slice and reserve together and refills the slice.
    #[cold]
    #[inline(never)]
    fn refill(&mut self, n: u32) -> Result<(), Cause> {
        if self.interrupted() == Some(true) {
            return Err(Cause::Interrupted);
        }
        let n = u64::from(n);
        let left = self.slice as u64;
        if self.remaining_fuel() < n {
            self.refuel(n);
        }
        let remaining = self.remaining_fuel();
        if remaining < n {
            return Err(Cause::OutOfFuel);
        }
        let slice = if remaining == u64::MAX {
            SLICE
        } else {
            let slice = (remaining - n).min(SLICE);
            self.deficit = !(remaining - n - slice);
            slice
        };
        self.issued = self
            .issued
            .wrapping_add(n)
            .wrapping_add(slice)
            .wrapping_sub(left);
        self.slice = slice as usize;
        Ok(())
    }

    /// Asks the hook, if there is one, for what the charge `n` lacks.
    fn refuel(&mut self, n: u64) {
        let Some(hook) = self.hook else { return };
        let mut request = Refuel {
            lacking: n - self.remaining_fuel(),
            added: 0,
        };
        hook(&mut request);
        // Saturated, the reserve is unlimited.
        self.deficit = self.deficit.saturating_sub(request.added);
    }

    /// Sets the fuel that remains, in units; `u64::MAX` means unlimited.
    pub fn set_fuel(&mut self, units: u64) {
        self.issued = self.consumed_fuel();
        self.slice = 0;
        self.deficit = !units;
        // Called when an instance is made: from here on the ones are opaque.
        self.one_f64 = core::hint::black_box(1.0);
        self.one_f32 = core::hint::black_box(1.0);
    }

    /// Sets both, as a snapshot has them: the fuel that remains, and all that was charged before.
    pub fn restore_fuel(&mut self, remaining: u64, consumed: u64) {
        self.set_fuel(remaining);
        self.issued = consumed;
    }

    /// What makes NaNs quiet, for a function to keep in registers.
    #[inline(always)]
    pub fn quiet(&self) -> Quiet {
        Quiet {
            one_f64: self.one_f64,
            one_f32: self.one_f32,
        }
    }

    /// The fuel that remains, exact to the unit; `u64::MAX` means unlimited.
    pub fn remaining_fuel(&self) -> u64 {
        self.reserve().saturating_add(self.slice as u64)
    }

    /// All fuel charged since the instance was made, in units.
    pub fn consumed_fuel(&self) -> u64 {
        self.issued.wrapping_sub(self.slice as u64)
    }

    /// Sets what is asked for fuel, once for each charge that would otherwise
    /// be refused.
    pub fn set_refuel_hook(&mut self, hook: Option<fn(&mut Refuel)>) {
        self.hook = hook;
    }

    /// Sets the flag that interrupts the instance, within 1,048,576 units of
    /// fuel after it was set to true. It is only read: whoever sets it clears
    /// it. Only code generated with fuel looks at it.
    pub fn set_interrupt(&mut self, flag: Option<&'static AtomicBool>) {
        self.interrupt = flag;
    }

    /// Whether the interrupt flag is set, for host functions that wait.
    /// `None` if there is no flag.
    pub fn interrupted(&self) -> Option<bool> {
        self.interrupt.map(|flag| flag.load(Ordering::Relaxed))
    }

    /// The depth budget of a call from outside, in stack slots.
    pub fn depth(&self) -> u32 {
        self.depth
    }

    /// Sets the depth budget of calls from outside, in stack slots.
    pub fn set_depth(&mut self, depth: u32) {
        self.depth = depth;
    }

    /// Counts a call from a host function back into the instance, or refuses
    /// it with [`Cause::ReentranceLimit`]. Each success needs one [`leave`].
    ///
    /// [`leave`]: Run::leave
    pub fn reenter(&mut self) -> Result<(), Cause> {
        if self.reentrance >= REENTRANCE_LIMIT {
            return Err(Cause::ReentranceLimit);
        }
        self.reentrance += 1;
        Ok(())
    }

    /// Ends what [`reenter`](Run::reenter) began.
    pub fn leave(&mut self) {
        self.reentrance = self.reentrance.saturating_sub(1);
    }

    /// Records that function `func` trapped, unless its callee did.
    #[cold]
    #[inline(never)]
    pub fn trap(&mut self, func: u32, cause: Cause) -> Trapped {
        self.trap_at(func, cause, Frame::UNKNOWN)
    }

    /// As [`trap`](Run::trap), with the instruction's byte offset.
    #[cold]
    #[inline(never)]
    pub fn trap_at(&mut self, func: u32, cause: Cause, offset: u32) -> Trapped {
        let trapped = self.trap_silent(cause);
        self.trap.push(Frame { func, offset });
        trapped
    }

    /// As [`trap`](Run::trap), without a frame.
    #[cold]
    #[inline(never)]
    pub fn trap_silent(&mut self, cause: Cause) -> Trapped {
        if cause != Cause::Callee || !self.trapped {
            return self.raise(Trap::new(cause));
        }
        Trapped(())
    }

    /// Records a host function's own trap, with a code and a message of its
    /// choosing.
    #[cold]
    pub fn host_trap(&mut self, code: i32, message: &'static str) -> Trapped {
        self.raise(Trap::with_code(Cause::Host, code, Some(message)))
    }

    /// Records that the guest asked to exit.
    #[cold]
    pub fn exit(&mut self, status: i32) -> Trapped {
        self.raise(Trap::with_code(Cause::Exit, status, None))
    }

    /// Records again a trap that was taken, so that a host function can pass
    /// on what a call back into the instance returned.
    #[cold]
    pub fn raise(&mut self, trap: Trap) -> Trapped {
        self.trapped = true;
        self.trap = trap;
        Trapped(())
    }

    /// Forgets the last trap: a call from outside begins.
    pub fn begin(&mut self) {
        self.trapped = false;
    }

    /// Takes the recorded trap out; `names` prints its frames, indexed by
    /// function.
    #[cold]
    #[inline(never)]
    pub fn take_trap(&mut self, names: &'static [&'static str]) -> Trap {
        if !core::mem::take(&mut self.trapped) {
            self.trap = Trap::new(Cause::Callee);
        }
        self.trap.named(names)
    }

    /// Notes that a memory has so many bytes now.
    #[inline]
    pub fn note_memory(&mut self, bytes: usize) {
        #[cfg(feature = "stats")]
        {
            let pages = bytes.div_ceil(crate::memory::PAGE) as u32;
            self.stats.peak_pages = self.stats.peak_pages.max(pages);
        }
        #[cfg(not(feature = "stats"))]
        let _ = bytes;
    }

    /// Notes that the host waited so many nanoseconds.
    #[inline]
    pub fn note_wait(&mut self, nanoseconds: u64) {
        #[cfg(feature = "stats")]
        {
            self.stats.waited = self.stats.waited.saturating_add(nanoseconds);
        }
        #[cfg(not(feature = "stats"))]
        let _ = nanoseconds;
    }
}

/// What is counted, where the feature `stats` is on.
#[cfg(feature = "stats")]
impl Run {
    /// Counts the entry into a function, with `depth` slots of budget left.
    #[inline]
    pub fn count_call(&mut self, depth: u32) {
        self.stats.calls = self.stats.calls.wrapping_add(1);
        self.stats.peak_depth = self.stats.peak_depth.max(self.depth.saturating_sub(depth));
    }

    /// Counts a call of a host function.
    #[inline]
    pub fn count_host_call(&mut self) {
        self.stats.host_calls = self.stats.host_calls.wrapping_add(1);
    }

    /// Counts a sequence of instructions, by class, with `accesses` loads and stores among them.
    #[inline]
    pub fn count(&mut self, instructions: [u32; CLASSES.len()], accesses: u32) {
        for (sum, n) in self.stats.instructions.iter_mut().zip(instructions) {
            *sum = sum.wrapping_add(u64::from(n));
        }
        self.stats.memory_accesses = self.stats.memory_accesses.wrapping_add(u64::from(accesses));
    }
}
