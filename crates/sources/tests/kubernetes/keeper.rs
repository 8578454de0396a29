//! A keeper that keeps in memory, as a database would: all of one handing on, or none of it.

use async_trait::async_trait;
use model::{Edge, Event, Gap, Timestamp, topology::EdgeKind};
use sources::source::{Cause, Keeper, Learned, SourceError};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

#[derive(Debug, Default)]
pub(crate) struct Kept {
    pub(crate) events: BTreeMap<String, Event>,
    pub(crate) edges: BTreeMap<(String, String, EdgeKind), Edge>,
    pub(crate) memory: BTreeMap<String, String>,
    pub(crate) gaps: Vec<Gap>,
    /// Runs of jobs by the hour.
    pub(crate) job_runs: BTreeMap<Timestamp, f64>,
    /// Part and what was said of it.
    pub(crate) reports: Vec<(String, Result<String, String>)>,
    pub(crate) fails: bool,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Memory(pub(crate) Arc<Mutex<Kept>>);

impl Memory {
    pub(crate) fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().unwrap()
    }

    /// The version from which a plural would go on.
    pub(crate) fn position(&self, plural: &str) -> Option<u64> {
        let saved = self.kept().memory.get(&format!("watch/{plural}/"))?.clone();
        let saved: serde_json::Value = serde_json::from_str(&saved).unwrap();
        saved["version"].as_str()?.parse().ok()
    }

    /// What the part's last report said.
    pub(crate) fn last_report(&self, part: &str) -> Option<Result<String, String>> {
        let kept = self.kept();
        let of_part = kept.reports.iter().rev().find(|(p, _)| p == part);
        of_part.map(|(_, said)| said.clone())
    }

    /// The first thing that went wrong with a part.
    pub(crate) fn first_error(&self, part: &str) -> Option<String> {
        let kept = self.kept();
        let mut of_part = kept.reports.iter().filter(|(p, _)| p == part);
        of_part.find_map(|(_, said)| said.clone().err())
    }
}

#[async_trait]
impl Keeper for Memory {
    async fn recall(&self) -> Result<Vec<(String, String)>, Cause> {
        Ok(self.kept().memory.clone().into_iter().collect())
    }

    async fn keep(&self, learned: Learned) -> Result<(), Cause> {
        let mut kept = self.kept();
        if kept.fails {
            return Err("the disk is full".into());
        }
        for event in learned.batch.events {
            kept.events.insert(event.id.clone(), event);
        }
        for edge in learned.batch.topology {
            let key = (edge.from.clone(), edge.to.clone(), edge.kind.clone());
            kept.edges.insert(key, edge);
        }
        for series in learned.batch.series {
            assert_eq!(series.meta.id, "job-runs-test");
            kept.job_runs.extend(series.samples.iter());
        }
        kept.gaps.extend(learned.batch.provenance.gaps);
        for (key, state) in learned.memory {
            match state {
                Some(state) => kept.memory.insert(key, state),
                None => kept.memory.remove(&key),
            };
        }
        Ok(())
    }

    fn report(&self, part: &str, state: Result<String, &SourceError>) {
        let said = state.map_err(ToString::to_string);
        self.kept().reports.push((part.to_owned(), said));
    }
}
