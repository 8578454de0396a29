//! The bundle: the portable form of an incident (format: `docs/bundle.md`).

mod error;

pub use error::BundleError;

use model::{Bundle, Evidence};

/// A bundle's evidence.
pub fn evidence_of(bundle: &Bundle) -> Result<Evidence, BundleError> {
    Ok(bundle.evidence())
}
