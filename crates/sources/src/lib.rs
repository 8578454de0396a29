//! Where evidence comes from: bundles and loose files, Kubernetes, `CloudWatch` and its neighbours in
//! AWS, Prometheus, what others report by themselves (webhooks), the `PetShop` data.
//!
//! Everything here turns what was saved or answered into the plain data of `model`. Nothing
//! judges, and nothing is invented: what a source does not say stays unknown and is named in the
//! provenance of its batch.

pub mod bundle;
pub mod cloudtrail;
pub mod cloudwatch;
pub mod efs;
pub mod eks_audit;
pub mod files;
pub mod health;
pub mod hooks;
pub mod http;
pub mod kubernetes;
pub mod petshop;
pub mod prometheus;
pub mod source;

mod aws;

pub use bundle::{BundleError, evidence_of};
