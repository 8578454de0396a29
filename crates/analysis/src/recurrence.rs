//! Recurrence: has this been seen before?
//!
//! A fingerprint holds what an incident was like without its times, ids and sizes to the digit. Two
//! are alike by the share of their features that they have in common, kind by kind; a feature that
//! most incidents have (every one has an alert) says little and counts little.

mod features;

use features::Features;
use model::{
    Analysis, Evidence,
    analysis::recurrence::{Fingerprint, Similar},
};
use std::collections::BTreeMap;

/// Kinds of features, what they weigh, and how people say that two incidents share one.
const KINDS: [(&str, f64, &str); 6] = [
    ("driver", 0.25, "driven by the same metric"),
    ("course", 0.2, "the same course"),
    ("event", 0.2, "the same kind of suspect"),
    ("shape", 0.15, "the same shape"),
    ("object", 0.12, "the same objects"),
    ("finding", 0.08, "the same finding"),
];
/// What a feature counts at least, however common it is.
const LEAST_TELLING: f64 = 0.1;
/// Reasons and differences told.
const TOLD: usize = 6;

/// The fingerprint of an incident, from its evidence and its analysis.
pub fn fingerprint(evidence: &Evidence, analysis: &Analysis) -> Fingerprint {
    let mut features = Features::default();
    features.driver(evidence, analysis);
    features.course(evidence, analysis);
    features.suspect(evidence, analysis);
    features.findings(analysis);
    Fingerprint {
        window: evidence.window,
        felt: analysis
            .impact
            .as_ref()
            .map(|i| i.start)
            .or(evidence.impact.map(|i| i.start)),
        features: features.into_map(),
    }
}

/// How alike earlier incidents are, most alike first (then in their own order). Every one is listed:
/// from 0.5 on it is worth a look.
pub fn similar(this: &Fingerprint, others: &[Fingerprint]) -> Vec<Similar> {
    let telling = Telling::of(this, others);
    let mut out: Vec<Similar> = others
        .iter()
        .enumerate()
        .map(|(index, other)| compare(this, other, index, &telling))
        .collect();
    out.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.index.cmp(&b.index)));
    out
}

/// How telling a feature is among the incidents that are compared.
struct Telling<'f> {
    incidents: f64,
    with: BTreeMap<(&'f str, &'f str), f64>,
}

impl<'f> Telling<'f> {
    fn of(this: &'f Fingerprint, others: &'f [Fingerprint]) -> Self {
        let mut with = BTreeMap::new();
        for one in others.iter().chain(std::iter::once(this)) {
            for (kind, features) in &one.features {
                for name in features.keys() {
                    *with.entry((kind.as_str(), name.as_str())).or_insert(0.0) += 1.0;
                }
            }
        }
        Self {
            incidents: others.len() as f64 + 1.0,
            with,
        }
    }

    /// 1 for a feature of one incident, falling to a little for one of all (inverse document
    /// frequency, Sparck Jones 1972).
    fn weight(&self, kind: &str, name: &str) -> f64 {
        let with = self.with.get(&(kind, name)).copied().unwrap_or(1.0);
        let most = (1.0 + self.incidents).ln();
        (((1.0 + self.incidents) / with).ln() / most).clamp(LEAST_TELLING, 1.0)
    }
}

fn compare(
    this: &Fingerprint,
    other: &Fingerprint,
    index: usize,
    telling: &Telling<'_>,
) -> Similar {
    let none = BTreeMap::new();
    let (mut score, mut weights) = (0.0, 0.0);
    let (mut shared, mut apart) = (Vec::new(), Vec::new());
    for (kind, weight, words) in KINDS {
        let a = this.features.get(kind).unwrap_or(&none);
        let b = other.features.get(kind).unwrap_or(&none);
        let (mut common, mut all) = (0.0, 0.0);
        let mut mine: Vec<(f64, &str)> = Vec::new();
        for name in a.keys().chain(b.keys().filter(|k| !a.contains_key(*k))) {
            let tells = telling.weight(kind, name);
            let (x, y) = (
                a.get(name).copied().unwrap_or(0.0),
                b.get(name).copied().unwrap_or(0.0),
            );
            common += tells * x.min(y);
            all += tells * x.max(y);
            if x > 0.0 && y > 0.0 {
                mine.push((tells * x.min(y), name));
            } else {
                let whose = if x > 0.0 { "only now" } else { "only then" };
                apart.push((weight * tells * x.max(y), format!("{whose}: {name}")));
            }
        }
        if all <= 0.0 {
            continue;
        }
        score += weight * common / all;
        weights += weight;
        mine.sort_by(|p, q| q.0.total_cmp(&p.0).then(p.1.cmp(q.1)));
        if !mine.is_empty() {
            let names: Vec<&str> = mine.iter().take(3).map(|m| m.1).collect();
            shared.push((
                weight * common / all,
                format!("{words}: {}", names.join(", ")),
            ));
        }
    }
    Similar {
        index,
        score: if weights > 0.0 { score / weights } else { 0.0 },
        reasons: told(shared),
        differences: told(apart),
    }
}

/// The weightiest sentences.
fn told(mut sentences: Vec<(f64, String)>) -> Vec<String> {
    sentences.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    sentences.into_iter().take(TOLD).map(|s| s.1).collect()
}

#[cfg(test)]
mod tests;
