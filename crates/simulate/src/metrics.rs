//! What is measured of the simulated world: one file for each thing that is watched.

pub(crate) mod efs_metrics;
pub(crate) mod platform;
pub(crate) mod sites;
