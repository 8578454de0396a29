//! The features of an incident.

use model::{
    Analysis, Event, Evidence, SeriesMeta,
    analysis::CreditState,
    time::{DAY, HOUR},
};
use std::collections::{BTreeMap, BTreeSet};

/// Features by kind, each with its weight.
#[derive(Default)]
pub(super) struct Features(BTreeMap<String, BTreeMap<String, f64>>);

/// A suspect less probable than this is not part of what the incident was like.
const PROBABLE: f64 = 0.3;
/// A word of a name counts this much of the whole name.
const WORD: f64 = 0.3;

impl Features {
    pub(super) fn into_map(self) -> BTreeMap<String, BTreeMap<String, f64>> {
        self.0
    }

    /// Adds a feature; of two weights the larger counts.
    fn add(&mut self, kind: &str, name: impl Into<String>, weight: f64) {
        let slot = self.0.entry(kind.to_owned()).or_default();
        let old = slot.entry(name.into()).or_insert(0.0);
        *old = old.max(weight);
    }

    /// What drove it: the metric, how much it rose, how long until it was felt.
    pub(super) fn driver(&mut self, evidence: &Evidence, analysis: &Analysis) {
        let Some(driver) = &analysis.driver else {
            return;
        };
        if let Some(series) = evidence.series(&driver.series) {
            self.add("driver", metric(&series.meta), 1.0);
            if !series.meta.namespace.is_empty() {
                self.add("driver", series.meta.namespace.clone(), 0.4);
            }
            self.resource(&series.meta);
            let shape = shape(driver.before, driver.after);
            self.add("shape", format!("{} {shape}", metric(&series.meta)), 1.0);
            self.add("shape", format!("the driver {shape}"), 0.5);
        }
        if let Some(impact) = &analysis.impact {
            let lag = impact.start.since(driver.onset);
            let words = match lag {
                i64::MIN..=600_000 => "felt within ten minutes",
                600_001..=HOUR => "felt within an hour",
                l if l <= 12 * HOUR => "felt within hours",
                l if l <= DAY => "felt within a day",
                _ => "felt days later",
            };
            self.add("course", words, 1.0);
        }
    }

    /// What happened then: credits, stuck pods, what people felt.
    pub(super) fn course(&mut self, evidence: &Evidence, analysis: &Analysis) {
        for credit in &analysis.credits {
            let Some(series) = evidence.series(&credit.series) else {
                continue;
            };
            let name = metric(&series.meta);
            if credit.drain_start.is_some() {
                self.add("course", format!("{name} drained"), 1.0);
                self.resource(&series.meta);
            }
            if credit.exhausted_at.is_some() || credit.state == CreditState::Exhausted {
                self.add("course", format!("{name} reached zero"), 0.5);
            }
        }
        if !analysis.stuck_pods.is_empty() {
            self.add("course", "pods stuck in Terminating", 1.0);
        }
        let Some(impact) = &analysis.impact else {
            self.add("course", "no series shows an impact", 0.5);
            return;
        };
        if let Some(series) = evidence.series(&impact.series) {
            let shape = shape(impact.normal, impact.during);
            self.add("shape", format!("{} {shape}", metric(&series.meta)), 0.7);
            self.add("course", format!("felt in {}", metric(&series.meta)), 0.7);
        }
    }

    /// The suspect: kinds of its events, how many, and on what.
    pub(super) fn suspect(&mut self, evidence: &Evidence, analysis: &Analysis) {
        let Some(suspect) = analysis.suspects.first().filter(|s| s.score >= PROBABLE) else {
            self.add("event", "no suspect", 1.0);
            return;
        };
        let ids: BTreeSet<&str> = suspect.events.iter().map(String::as_str).collect();
        let events: Vec<&Event> = evidence
            .events
            .iter()
            .filter(|e| ids.contains(e.id.as_str()))
            .collect();
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for event in &events {
            *counts.entry(event.kind.as_str()).or_default() += 1;
        }
        for (kind, count) in counts {
            let name = kind.replace('_', " ");
            self.add("event", name.clone(), 1.0);
            let many = if count == 1 { "one" } else { "several" };
            self.add("event", format!("{many} of {name}"), 0.3);
        }
        for item in suspect.evidence.iter().filter(|e| e.weight >= 1.0) {
            self.add("event", format!("evidence: {}", item.factor), 0.4);
        }
        for event in events {
            self.object(event);
        }
    }

    fn object(&mut self, event: &Event) {
        let name = workload(&event.object.name);
        if !name.is_empty() {
            self.add("object", name.clone(), 1.0);
            let words = name.split('-').filter(|w| w.len() > 3);
            for word in words {
                self.add("object", format!("\u{2026}{word}\u{2026}"), WORD);
            }
        }
        if !event.namespace.is_empty() {
            self.add("object", format!("namespace {}", event.namespace), 0.6);
        }
        if !event.cluster.is_empty() {
            self.add("object", format!("cluster {}", event.cluster), 0.3);
        }
    }

    /// Hypotheses that the data speak for.
    pub(super) fn findings(&mut self, analysis: &Analysis) {
        for found in &analysis.found {
            self.add("finding", found.hypothesis.clone(), 1.0);
        }
        for ruled_out in &analysis.ruled_out {
            self.add("finding", format!("not {}", ruled_out.hypothesis), 0.3);
        }
    }

    fn resource(&mut self, meta: &SeriesMeta) {
        const NAMES: [&str; 3] = ["FileSystemId", "VolumeId", "InstanceId"];
        let dimension = NAMES.iter().find_map(|d| meta.dimensions.get(*d));
        if let Some(name) = meta.resource.as_ref().or(dimension) {
            self.add("object", name.clone(), 1.0);
        }
    }
}

/// A metric by its name, in one spelling.
fn metric(meta: &SeriesMeta) -> String {
    let name = if meta.name.is_empty() {
        &meta.id
    } else {
        &meta.name
    };
    name.to_ascii_lowercase()
}

/// How a level changed, in classes of a factor of about three.
fn shape(before: f64, after: f64) -> String {
    if before <= 0.0 && after > 0.0 {
        return "up from nothing".into();
    }
    let factor = if before > 0.0 { after / before } else { 1.0 };
    let class = |f: f64| match f {
        f if f < 1.5 => "a little",
        f if f < 4.0 => "about twice",
        f if f < 15.0 => "several times",
        f if f < 100.0 => "tens of times",
        _ => "hundreds of times",
    };
    if factor >= 1.0 {
        format!("up {}", class(factor))
    } else {
        format!("down {}", class(1.0 / factor.max(1e-9)))
    }
}

/// Name of the workload that an object belongs to: without the hashes that a controller adds to the
/// names of `ReplicaSet`s and pods (five characters, and eight to ten before them), without an ordinal.
fn workload(name: &str) -> String {
    let mut parts: Vec<&str> = name.split('-').collect();
    let hash = |part: &str, least: usize, most: usize| {
        (least..=most).contains(&part.len())
            && part
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
            && (part.chars().any(|c| c.is_ascii_digit())
                || !part.chars().any(|c| "aeiou".contains(c)))
    };
    if parts.len() > 2
        && parts.last().is_some_and(|p| hash(p, 5, 5))
        && parts.get(parts.len() - 2).is_some_and(|p| hash(p, 8, 10))
    {
        parts.truncate(parts.len() - 2);
    } else if parts.len() > 1
        && parts
            .last()
            .is_some_and(|p| hash(p, 8, 10) || p.chars().all(|c| c.is_ascii_digit()))
    {
        parts.truncate(parts.len() - 1);
    }
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workload_is_known_by_its_pods() {
        for (name, wanted) in [
            ("web-56dc6d7dbd-wcc4q", "web"),
            (
                "dockside-cycles-production-797fbbbc6d-whjpp",
                "dockside-cycles-production",
            ),
            ("dockside-cycles-production", "dockside-cycles-production"),
            ("db-0", "db"),
            ("web", "web"),
            ("", ""),
        ] {
            assert_eq!(workload(name), wanted);
        }
    }

    #[test]
    fn shapes_are_classes() {
        assert_eq!(shape(1.0, 300.0), "up hundreds of times");
        assert_eq!(shape(10.0, 5.0), "down about twice");
        assert_eq!(shape(0.0, 5.0), "up from nothing");
    }
}
