//! Where evidence comes from: bundles and loose files, Kubernetes, `CloudWatch` and its neighbours in
//! AWS, Prometheus, what others report by themselves (webhooks), the `PetShop` data.
//!
//! Everything here turns what was saved or answered into the plain data of `model`. Nothing
//! judges, and nothing is invented: what a source does not say stays unknown and is named in the
//! provenance of its batch.

pub mod bundle;
#[cfg(feature = "aws")]
pub mod cloudtrail;
#[cfg(feature = "aws")]
pub mod cloudwatch;
#[cfg(feature = "aws")]
pub mod efs;
#[cfg(feature = "aws")]
pub mod eks_audit;
pub mod files;
pub mod follow;
#[cfg(feature = "aws")]
pub mod health;
pub mod hooks;
pub mod http;
pub mod kubernetes;
pub mod petshop;
pub mod prometheus;
pub mod records;
pub mod source;

#[cfg(feature = "aws")]
mod aws;
mod resource;
mod skew;

pub use bundle::{BundleError, evidence_of};
