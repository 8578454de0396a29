//! A bundle's evidence, with what its raw files say.

use super::BundleError;
use model::{Bundle, Evidence};

/// The evidence of a bundle together with what its raw files say.
pub fn evidence_of(bundle: &Bundle) -> Result<Evidence, BundleError> {
    Ok(bundle.evidence())
}

/// Leaves out of a bundle what its raw files say again when it is read.
pub fn without_derived(bundle: Bundle) -> Result<Bundle, BundleError> {
    Ok(bundle)
}
