//! Runs that pause: out of fuel, interrupted, or because a host function asked for it. All that such a run is about
//! is in [`Paused`], not on the host's stack; meanwhile the store can be used for anything.

use crate::context::{AsContext, AsContextMut};
use crate::engine::StoreId;
use crate::error::Error;
use crate::func::{Func, values};
use crate::machine::Machine;
use crate::run::Stop;
use crate::slot::slot;
use crate::snapshot::Standing;
use crate::store::StoreInner;
use crate::trap::{Frame, Trap};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use wrt_rt::{Cause, Val};

/// How a call that may pause ended for now.
#[derive(Debug)]
pub enum Outcome {
    /// It is done, with these results.
    Done(Vec<Val>),
    /// It paused.
    Paused(Paused),
}

/// Why a run paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A charge was refused, and not applied.
    OutOfFuel,
    /// The embedder's flag is set.
    Interrupted,
    /// Host function `func` returned [`Error::suspend`], and waits for its results.
    Suspended {
        /// The host function.
        func: Func,
    },
}

/// A run that paused, to go on in its store. Dropping it ends the run; what the run changed stays.
pub struct Paused {
    pub(crate) store: StoreId,
    /// `None` if a host function was called directly.
    machine: Option<Machine>,
    /// The function that was called from outside.
    func: u32,
    reason: Reason,
    /// Where the results of a host function go.
    base: u32,
}

impl Paused {
    /// Calls function `func` with arguments in the first `params` of `slots`.
    pub(crate) fn start<T>(
        inner: &mut StoreInner<T>,
        func: u32,
        params: usize,
        mut slots: Vec<u64>,
    ) -> Result<Outcome, Error> {
        let depth = inner.begin()?;
        let store = inner.id;
        let mut paused = Paused {
            store,
            machine: None,
            func,
            reason: Reason::OutOfFuel,
            base: 0,
        };
        if inner.is_host(func) {
            return match inner.call_host(func, &mut slots, depth, None) {
                Ok(()) => Ok(Outcome::Done(paused.results(inner, &slots))),
                Err(Error::Suspend) => {
                    let index = func;
                    paused.reason = Reason::Suspended {
                        func: Func { store, index },
                    };
                    Ok(Outcome::Paused(paused))
                }
                Err(e) => Err(inner.traced(None, e, false)),
            };
        }
        let machine = inner.prepared(func, slots.get(..params).unwrap_or(&[]), depth)?;
        paused.go(inner, machine)
    }

    /// The run and how it stands, unless a host function was called directly.
    pub(crate) fn standing(&self) -> Option<(&Machine, Standing)> {
        let machine = self.machine.as_ref()?;
        let standing = match self.reason {
            Reason::OutOfFuel => Standing::Refused(Cause::OutOfFuel),
            Reason::Interrupted => Standing::Refused(Cause::Interrupted),
            Reason::Suspended { func } => Standing::Host {
                func: func.index,
                base: self.base,
            },
        };
        Some((machine, standing))
    }

    /// A run that stands so.
    pub(crate) fn standing_at(store: StoreId, machine: Machine, standing: Standing) -> Paused {
        let (reason, base) = match standing {
            Standing::Refused(Cause::Interrupted) => (Reason::Interrupted, 0),
            Standing::Refused(_) => (Reason::OutOfFuel, 0),
            Standing::Host { func: index, base } => {
                let func = Func { store, index };
                (Reason::Suspended { func }, base)
            }
        };
        Paused {
            store,
            func: machine.entry(),
            machine: Some(machine),
            reason,
            base,
        }
    }

    /// The run, for faults to be injected.
    #[cfg(test)]
    pub(crate) fn machine_mut(&mut self) -> &mut Machine {
        self.machine.as_mut().expect("a run of the guest")
    }

    /// Runs until it is done or pauses again.
    fn go<T>(self, inner: &mut StoreInner<T>, mut machine: Machine) -> Result<Outcome, Error> {
        let stop = inner.drive(&mut machine, true);
        let store = self.store;
        let (reason, base) = match stop {
            Ok(Stop::Refused(Cause::Interrupted)) => (Reason::Interrupted, 0),
            Ok(Stop::Refused(_)) => (Reason::OutOfFuel, 0),
            Ok(Stop::Suspended { func: index, base }) => {
                let func = Func { store, index };
                (Reason::Suspended { func }, base)
            }
            done => {
                let n = inner.func_type(self.func).map_or(0, |ty| ty.results.len());
                let results = self.results(inner, machine.results(n));
                inner.put_back(machine);
                return done.map(|_| Outcome::Done(results));
            }
        };
        Ok(Outcome::Paused(Paused {
            machine: Some(machine),
            reason,
            base,
            ..self
        }))
    }

    /// Whether it stands before an instruction, not behind a call.
    fn refused(&self) -> bool {
        !matches!(self.reason, Reason::Suspended { .. })
    }

    fn results<T>(&self, inner: &StoreInner<T>, slots: &[u64]) -> Vec<Val> {
        let ty = inner.func_type(self.func);
        ty.map_or(Vec::new(), |ty| values(&ty.results, slots))
    }

    /// Why it paused.
    pub fn reason(&self) -> Reason {
        self.reason
    }

    /// The function that was called from outside.
    pub fn func(&self) -> Func {
        let (store, index) = (self.store, self.func);
        Func { store, index }
    }

    /// The active functions, innermost first, all of them. Empty in another store than the run's.
    pub fn backtrace(&self, store: impl AsContext) -> Vec<Frame> {
        let inner = store.as_context().0;
        let frames = match &self.machine {
            Some(machine) if inner.id == self.store => machine.frames(),
            _ => &[],
        };
        let refused = self.refused();
        let frames = frames.iter().rev().enumerate();
        frames
            .map(|(n, frame)| inner.frame(frame, refused && n == 0))
            .collect()
    }

    /// Goes on, until it is done or pauses again.
    ///
    /// Fails with [`Error::WrongStore`], or with [`Error::Resume`] where a host function with results waits for them
    /// or where a host function resumes it; both hold the run. A trap ends it.
    pub fn resume(self, store: impl AsContextMut) -> Result<Outcome, Error> {
        self.resume_with(store, &[])
    }

    /// Goes on after a host function asked to pause, whose results these are. Fails as [`resume`](Paused::resume),
    /// also where the results are not of the host function's type.
    pub fn resume_with(
        mut self,
        mut store: impl AsContextMut,
        results: &[Val],
    ) -> Result<Outcome, Error> {
        let inner = store.as_context_mut().0;
        if inner.id != self.store {
            return Err(Error::WrongStore(Some(Box::new(self))));
        }
        if inner.level > 0 {
            return self.refuse("a host function cannot resume a run");
        }
        let types = match self.reason {
            Reason::Suspended { func } => inner.func_type(func.index).map(|ty| &ty.results[..]),
            _ => None,
        };
        let types = types.unwrap_or(&[]).iter().copied();
        let fits = |val: &Val| inner.check_slot(val.ty(), slot(*val)).is_ok();
        if !types.eq(results.iter().map(|val| val.ty())) || !results.iter().all(fits) {
            return self.refuse("these are not the results of the function that paused the run");
        }
        let Some(mut machine) = self.machine.take() else {
            return Ok(Outcome::Done(results.to_vec()));
        };
        if let Some(profile) = &mut inner.core.profile {
            profile.begin(machine.frames(), inner.core.run.consumed_fuel());
        }
        let slots = machine.slots_mut(self.base, results.len());
        for (to, result) in slots.iter_mut().zip(results) {
            *to = slot(*result);
        }
        self.go(inner, machine)
    }

    fn refuse(self, why: &'static str) -> Result<Outcome, Error> {
        Err(Error::Resume(Box::new(self), why))
    }

    /// Ends the run with the trap that it would have had without pausing: `OutOfFuel`, `Interrupted`, or one of the
    /// host's. Its frames are those of the run, if `store` is the run's.
    pub fn into_trap(self, store: impl AsContext) -> Trap {
        let inner = store.as_context().0;
        let mut trap = match self.reason {
            Reason::OutOfFuel => Trap::new(Cause::OutOfFuel),
            Reason::Interrupted => Trap::new(Cause::Interrupted),
            Reason::Suspended { .. } => Trap::new(Cause::Host),
        };
        if let (Some(machine), true) = (&self.machine, inner.id == self.store) {
            inner.trace(&mut trap, machine.frames(), self.refused());
        }
        trap
    }
}

impl fmt::Debug for Paused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Paused")
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}
