//! What was learned since the last time that it was handed on.

use super::rate::Began;
use crate::source::Learned;
use model::{Batch, Edge, EdgeKind, Event, Gap, Provenance, Timestamp, Window};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Longest id of an event, characters (the bundle's format).
const MAX_ID: usize = 128;

/// Events by id, the newest word of each; what is to be remembered; edges; gaps.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    events: BTreeMap<String, Event>,
    memory: BTreeMap<String, Option<String>>,
    edges: BTreeMap<(String, String, EdgeKind), Edge>,
    gaps: Vec<Gap>,
    /// Workloads whose rollouts have to be looked at again: namespace, kind, name.
    pub(crate) workloads: BTreeSet<(String, String, String)>,
    /// Claims of which something else became known: namespace, name.
    pub(crate) claims: BTreeSet<(String, String)>,
    /// Runs of jobs whose beginning was not told before.
    pub(super) job_runs: Vec<Began>,
}

impl Pending {
    pub(crate) fn event(&mut self, mut event: Event) {
        super::super::SOURCE_LIVE.clone_into(&mut event.source);
        self.events.insert(event.id.clone(), event);
    }

    pub(crate) fn remember(&mut self, key: String, state: Option<String>) {
        self.memory.insert(key, state);
    }

    pub(crate) fn edge(&mut self, edge: Edge) {
        let key = (edge.from.clone(), edge.to.clone(), edge.kind.clone());
        self.edges.insert(key, edge);
    }

    pub(crate) fn edges(&mut self, edges: impl IntoIterator<Item = Edge>) {
        for edge in edges {
            self.edge(edge);
        }
    }

    pub(crate) fn gap(&mut self, what: &str, window: Option<Window>, reason: String) {
        let gap = Gap {
            what: what.to_owned(),
            window,
            reason,
        };
        if !self.gaps.contains(&gap) {
            self.gaps.push(gap);
        }
    }

    /// How many things wait to be handed on.
    pub(crate) fn len(&self) -> usize {
        self.events.len() + self.memory.len() + self.edges.len() + self.gaps.len()
    }

    /// Everything, for good.
    pub(crate) fn take(&mut self, query: &str, window: Option<Window>, now: Timestamp) -> Learned {
        let events: Vec<Event> = std::mem::take(&mut self.events).into_values().collect();
        Learned {
            batch: Batch {
                provenance: Provenance {
                    source: super::super::SOURCE_LIVE.to_owned(),
                    query: query.to_owned(),
                    asked_at: Some(now),
                    window,
                    gaps: std::mem::take(&mut self.gaps),
                    events: events.len(),
                    ..Provenance::default()
                },
                events,
                topology: std::mem::take(&mut self.edges).into_values().collect(),
                ..Batch::default()
            },
            memory: std::mem::take(&mut self.memory).into_iter().collect(),
        }
    }
}

/// An id of an event: the parts with `-` between them. What an id may not hold becomes `_`; one
/// that would be too long keeps its beginning and is told apart by a hash.
pub(crate) fn event_id(parts: &[&str]) -> String {
    let whole = parts.join("-");
    let clean: String = whole
        .chars()
        .map(|c| match c {
            'A'..='Z' | 'a'..='z' | '0'..='9' | '.' | '_' | '-' => c,
            _ => '_',
        })
        .collect();
    if clean.len() <= MAX_ID && clean == whole {
        return clean;
    }
    let hash = Sha256::digest(whole.as_bytes());
    let hash = hash
        .iter()
        .take(8)
        .fold(0_u64, |hash, byte| hash << 8 | u64::from(*byte));
    let kept: String = clean.chars().take(MAX_ID - 17).collect();
    format!("{kept}-{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_hold_only_what_ids_may_hold_and_stay_apart() {
        assert_eq!(event_id(&["pod", "a-b", "3"]), "pod-a-b-3");
        let odd = event_id(&["flux", "main@sha1:abc"]);
        assert_ne!(odd, event_id(&["flux", "main/sha1:abc"]));
        let long = event_id(&["pod", &"x".repeat(300), "1"]);
        assert_ne!(long, event_id(&["pod", &"x".repeat(300), "2"]));
        for id in [odd, long] {
            assert!(id.len() <= MAX_ID, "{id}");
            let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            assert!(id.chars().all(fits), "{id}");
        }
    }
}
