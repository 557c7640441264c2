//! What snapshots of a module's instances are of, for both engines.

use crate::op::COST_MODEL;
use crate::options::Options;
use sha2::{Digest, Sha256};
use wrt_rt::snapshot::Subject;

/// What a snapshot of an instance of the binary module `bytes` is of, if it runs under `options`.
pub fn snapshot_subject(bytes: &[u8], options: &Options) -> Subject {
    Subject {
        module: Sha256::digest(bytes).into(),
        cost_model: COST_MODEL,
        options: u32::from(options.fuel) | u32::from(options.canonical_nans) << 1,
    }
}
