//! The demonstration: two simulated incidents, and a real one beside them.

use model::Bundle;
use sources::bundle::BundleError;
use std::io::Cursor;

/// A case of the PetShop data (CC BY 4.0, see `server/demo/ATTRIBUTION.md`).
const PETSHOP: &[u8] = include_bytes!("../demo/petshop.zip");

/// Seed of the simulated incidents.
const SEED: u64 = 1;

/// The incidents that `lineup serve --demo` opens with.
pub fn bundles() -> Result<Vec<Bundle>, BundleError> {
    Ok(vec![
        simulate::zombie_pods(SEED).bundle,
        simulate::recurrence(SEED).bundle,
        sources::bundle::read_zip(Cursor::new(PETSHOP))?,
    ])
}
