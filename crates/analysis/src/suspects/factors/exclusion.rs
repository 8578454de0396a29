//! `exclusion`: does something else explain it better?

use super::{Rates, item};
use crate::suspects::{View, candidates::Candidate};
use model::analysis::EvidenceItem;

/// A rollout that left no stuck pod, while others of its wave did.
const SPARED: f64 = -3.0;
/// The driver moved for a reason that no recorded event is.
const BY_ITSELF: f64 = -4.5;

pub(super) fn weigh(view: &View<'_>, candidate: &Candidate<'_>, _: &Rates) -> Option<EvidenceItem> {
    if candidate.spared && view.driver.physical {
        return Some(item(
            "exclusion",
            SPARED,
            "it left no pod stuck, while other rollouts of the same wave did".to_owned(),
        ));
    }
    let reason = view.by_itself.as_ref()?;
    candidate
        .zombies
        .is_empty()
        .then(|| item("exclusion", BY_ITSELF, reason.clone()))
}
