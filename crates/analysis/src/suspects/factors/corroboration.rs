//! `corroboration`: does anything but the time speak for it?
//!
//! Much happens in a day, so that something often stands right before an onset by chance. Weighed by
//! the rate of all that is recorded, a lone coincidence would still look certain: rates are measured
//! on few events, and what caused the incident may not be among them at all. How much to take off was
//! set on generated incidents (`tests/calibration.rs`).

use super::item;
use model::analysis::EvidenceItem;

/// Taken off where nothing but its time speaks for a candidate.
const ALONE: f64 = -1.7;
/// Most that time and frequency add up to where nothing else speaks for a candidate: five in six
/// against "no recorded event".
const CEILING: f64 = 1.2;
/// Factors that look at time and frequency only.
const OF_TIME: [&str; 2] = ["precedes", "specificity"];

/// Looks at what the other factors said.
pub(super) fn weigh(items: &[EvidenceItem]) -> Option<EvidenceItem> {
    let backed = items
        .iter()
        .any(|i| i.weight > 0.0 && !OF_TIME.contains(&i.factor.as_str()));
    let sum: f64 = items.iter().map(|i| i.weight).sum();
    (!backed).then(|| {
        item(
            "corroboration",
            ALONE.min(CEILING - sum),
            "only its time speaks for it: no link in the topology, no known mechanism, no effect \
             that grew or ended with it"
                .to_owned(),
        )
    })
}
