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
use std::{
    cmp::Ordering,
    collections::{BTreeMap, HashMap},
};

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
/// Differences told.
const TOLD: usize = 6;
/// Features named in a reason.
const NAMED: usize = 3;

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
    most: f64,
    incidents: f64,
    /// Incidents that have it, by kind and name.
    with: [HashMap<&'f str, f64>; KINDS.len()],
}

impl<'f> Telling<'f> {
    fn of(this: &'f Fingerprint, others: &'f [Fingerprint]) -> Self {
        let incidents = others.len() as f64 + 1.0;
        let with = KINDS.map(|(kind, _, _)| {
            let mut with = HashMap::new();
            for one in others.iter().chain(std::iter::once(this)) {
                for name in one.features.get(kind).into_iter().flat_map(BTreeMap::keys) {
                    *with.entry(name.as_str()).or_insert(0.0) += 1.0;
                }
            }
            with
        });
        Self {
            most: (1.0 + incidents).ln(),
            incidents,
            with,
        }
    }

    /// 1 for a feature of one incident, falling to a little for one of all (inverse document
    /// frequency, Sparck Jones 1972).
    fn weight(&self, kind: usize, name: &str) -> f64 {
        let with = self.with.get(kind).and_then(|w| w.get(name));
        let share = (1.0 + self.incidents) / with.copied().unwrap_or(1.0);
        (share.ln() / self.most).clamp(LEAST_TELLING, 1.0)
    }
}

/// A feature with its weights here and there, and how telling it is.
struct Pair<'f> {
    name: &'f str,
    here: f64,
    there: f64,
    tells: f64,
}

impl Pair<'_> {
    fn common(&self) -> f64 {
        self.tells * self.here.min(self.there)
    }

    fn all(&self) -> f64 {
        self.tells * self.here.max(self.there)
    }
}

/// The features of one kind of two incidents, in order of their names.
fn pairs<'f>(
    this: &'f Fingerprint,
    other: &'f Fingerprint,
    kind: usize,
    telling: &Telling<'_>,
) -> Vec<Pair<'f>> {
    let name_of = KINDS.get(kind).map_or("", |k| k.0);
    let of = |f: &'f Fingerprint| f.features.get(name_of).into_iter().flatten();
    let (mut here, mut there) = (of(this).peekable(), of(other).peekable());
    let mut out = Vec::new();
    loop {
        let order = match (here.peek(), there.peek()) {
            (Some((a, _)), Some((b, _))) => a.cmp(b),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return out,
        };
        let mine = if order.is_le() { here.next() } else { None };
        let theirs = if order.is_ge() { there.next() } else { None };
        let Some((name, _)) = mine.or(theirs) else {
            return out;
        };
        out.push(Pair {
            name,
            here: mine.map_or(0.0, |(_, w)| *w),
            there: theirs.map_or(0.0, |(_, w)| *w),
            tells: telling.weight(kind, name),
        });
    }
}

fn compare(
    this: &Fingerprint,
    other: &Fingerprint,
    index: usize,
    telling: &Telling<'_>,
) -> Similar {
    let (mut score, mut weights) = (0.0, 0.0);
    let (mut shared, mut apart) = (Vec::new(), Vec::new());
    for (kind, (_, weight, words)) in KINDS.into_iter().enumerate() {
        let pairs = pairs(this, other, kind, telling);
        let all: f64 = pairs.iter().map(Pair::all).sum();
        if all <= 0.0 {
            continue;
        }
        let share = pairs.iter().map(Pair::common).sum::<f64>() / all;
        score += weight * share;
        weights += weight;
        let (mut mine, rest): (Vec<Pair<'_>>, Vec<Pair<'_>>) =
            pairs.into_iter().partition(|p| p.common() > 0.0);
        apart.extend(rest.into_iter().map(|p| (weight * p.all(), p)));
        mine.sort_by(|p, q| q.common().total_cmp(&p.common()).then(p.name.cmp(q.name)));
        mine.truncate(NAMED);
        if !mine.is_empty() {
            shared.push((weight * share, words, mine));
        }
    }
    shared.sort_by(|a, b| b.0.total_cmp(&a.0));
    let order =
        |a: &(f64, Pair<'_>), b: &(f64, Pair<'_>)| b.0.total_cmp(&a.0).then(a.1.name.cmp(b.1.name));
    if apart.len() > TOLD {
        apart.select_nth_unstable_by(TOLD, order);
        apart.truncate(TOLD);
    }
    apart.sort_by(order);
    Similar {
        index,
        score: if weights > 0.0 { score / weights } else { 0.0 },
        reasons: shared
            .iter()
            .map(|(_, words, mine)| {
                let names: Vec<&str> = mine.iter().map(|p| p.name).collect();
                format!("{words}: {}", names.join(", "))
            })
            .collect(),
        differences: apart
            .iter()
            .map(|(_, p)| {
                let whose = if p.here > 0.0 {
                    "only now"
                } else {
                    "only then"
                };
                format!("{whose}: {}", p.name)
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests;
