//! `corroboration`: does anything but the time speak for it?
//!
//! Much happens in a day, so that something often stands right before an onset by chance. Weighed by
//! the rate of all that is recorded, a lone coincidence would still look certain: rates are measured
//! on few events, and what caused the incident may not be among them at all. How much to take off was
//! set on generated incidents (`tests/calibration.rs`).

use super::{Rates, item, resource};
use crate::suspects::{View, candidates::Candidate, relation::Relation};
use model::analysis::EvidenceItem;

/// Taken off where nothing but its time speaks for a candidate.
const ALONE: f64 = -1.7;
/// Most that time and frequency add up to where nothing else speaks for a candidate: five in six
/// against "no recorded event".
const CEILING: f64 = 1.2;
/// The same where what is known speaks against a link: less than even.
const APART: f64 = -1.0;
/// The same where nobody says what it hangs together with, though others are known to.
const UNKNOWN: f64 = -0.6;
/// The same where only its place speaks for it too: things happen to every service.
const PLACED: f64 = 2.6;
/// The same where its end fits too, though nothing leads from it to what deviates.
const COINCIDES: f64 = -0.5;
/// Factors that look at time and frequency only.
const OF_TIME: [&str; 2] = ["precedes", "specificity"];
/// Factors that look at its place.
const OF_PLACE: [&str; 2] = ["resource", "topology"];

/// Looks at what the other factors said.
pub(super) fn weigh(
    view: &View<'_>,
    candidate: &Candidate<'_>,
    items: &[EvidenceItem],
    rates: &Rates,
) -> Option<EvidenceItem> {
    let speaks = |i: &&EvidenceItem| i.weight > 0.0 && !OF_TIME.contains(&i.factor.as_str());
    let of_place = |i: &EvidenceItem| OF_PLACE.contains(&i.factor.as_str());
    let backed = items.iter().filter(speaks).any(|i| !of_place(i));
    let relation = candidate.relation(view.relations);
    let placed = relation >= Relation::Beside && items.iter().filter(speaks).any(of_place);
    let apart = relation == Relation::Apart && candidate.zombies.is_empty();
    let sum: f64 = items.iter().map(|i| i.weight).sum();
    if backed {
        return (apart && sum > COINCIDES).then(|| {
            item(
                "corroboration",
                COINCIDES - sum,
                "what speaks for it are coincidences of time: nothing leads from it to what deviates"
                    .to_owned(),
            )
        });
    }
    if placed {
        // What deviates most may be the place of a coincidence as well; what deviates less is so
        // much less likely.
        let own = items.iter().find(|i| i.factor == "resource");
        let behind = own.map_or(0.0, |own| resource::most(view) - own.weight);
        let most = PLACED - behind.max(0.0);
        return (sum > most).then(|| {
            item(
                "corroboration",
                most - sum,
                "its time and its place speak for it, and nothing else".to_owned(),
            )
        });
    }
    let ceiling = match relation {
        Relation::Apart => APART,
        Relation::Unknown if rates.matched => UNKNOWN,
        _ => CEILING,
    };
    Some(item(
        "corroboration",
        ALONE.min(ceiling - sum),
        "only its time speaks for it: no link in the topology, no known mechanism, no effect \
         that grew or ended with it"
            .to_owned(),
    ))
}
