//! What surrounds a guest, whichever engine runs it.
//!
//! The files below are also parts of the programs that `wrtd` builds, and so use nothing but `std` and `wrt_rt`.

pub(crate) mod context;
pub(crate) mod stats;
pub(crate) mod values;
