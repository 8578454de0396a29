//! Preparation of one series: counter to rate, robust statistics, daily and weekly season, gaps.

pub(crate) mod blocks;
pub(crate) mod prepared;
pub(crate) mod rate;
pub(crate) mod robust;
pub(crate) mod season;

pub(crate) use prepared::Prepared;
