//! Kinds of evidence, one file each. A factor looks at one candidate and adds at most one item.

mod corroboration;
mod dose_response;
mod effect;
mod exclusion;
mod mechanism;
mod precedes;
mod resource;
mod reversal;
mod specificity;
mod topology;

pub(crate) use reversal::Undoing;
pub(crate) use specificity::Rates;

use super::{View, candidates::Candidate};
use model::analysis::EvidenceItem;

/// A factor.
type Factor = fn(&View<'_>, &Candidate<'_>, &Rates) -> Option<EvidenceItem>;

/// Every factor.
const FACTORS: [Factor; 9] = [
    precedes::weigh,
    specificity::weigh,
    mechanism::weigh,
    dose_response::weigh,
    effect::weigh,
    reversal::weigh,
    resource::weigh,
    topology::weigh,
    exclusion::weigh,
];

/// The evidence for and against a candidate.
pub(crate) fn weigh(
    view: &View<'_>,
    candidate: &Candidate<'_>,
    rates: &Rates,
) -> Vec<EvidenceItem> {
    let mut items: Vec<EvidenceItem> = FACTORS
        .iter()
        .filter_map(|factor| factor(view, candidate, rates))
        .collect();
    items.extend(corroboration::weigh(view, candidate, &items, rates));
    items
}

/// An item without series, events or span.
fn item(factor: &str, weight: f64, text: String) -> EvidenceItem {
    EvidenceItem {
        factor: factor.to_owned(),
        weight,
        text,
        series: Vec::new(),
        events: Vec::new(),
        span: None,
    }
}
