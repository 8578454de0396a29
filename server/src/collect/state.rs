//! How a source is doing, gathered while it is followed and written down when it has changed.

use crate::registry::Configured;
use model::{
    Gap, Timestamp, Window,
    source::{SourceHealth, SourceStatus},
};
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use store::Store;
use tokio::sync::Notify;

/// Shortest time between two writings of a state: a watch learns something many times a second.
const PAUSE: Duration = Duration::from_secs(2);
/// How long until a state that the database has not taken is written again, where nothing new is said.
const AGAIN: Duration = Duration::from_secs(20);
/// Gaps that a state names; the archive's provenance has them all.
const NAMED_GAPS: usize = 20;

/// The state of one source.
pub(super) struct State {
    now: Mutex<Inner>,
    changed: Notify,
}

struct Inner {
    status: SourceStatus,
    /// Parts of a watch and how each is doing.
    parts: BTreeMap<String, Part>,
}

/// A part of a watch.
struct Part {
    /// How it is doing.
    state: Result<String, String>,
    /// Not there, and need not be.
    is_absent: bool,
}

impl Inner {
    /// The whole is as good as its parts. What need not be there, and is not, tells nothing of the rest: a server
    /// that has nothing at all is no source.
    fn judge(&mut self, now: Timestamp) {
        self.status.tried_at = Some(now);
        let told = self.parts.iter().map(|(name, part)| (name, &part.state));
        let (good, bad): (Vec<_>, Vec<_>) = told.partition(|(_, state)| state.is_ok());
        let there = self.parts.values().filter(|part| !part.is_absent).count();
        let health = match (there > bad.len(), bad.is_empty()) {
            (true, true) => SourceHealth::Good,
            (true, false) => SourceHealth::Partial,
            (false, false) => SourceHealth::Failing,
            (false, true) => return,
        };
        let message = if bad.is_empty() {
            words(&good, self.parts.len())
        } else {
            words(&bad, there)
        };
        self.status.health = health;
        self.status.message = message;
        if health != SourceHealth::Failing {
            self.status.succeeded_at = Some(now);
        }
    }
}

impl State {
    pub(super) fn of(source: &Configured) -> Self {
        Self {
            now: Mutex::new(Inner {
                status: SourceStatus {
                    name: source.name().to_owned(),
                    kind: source.facts.kind.to_owned(),
                    ..SourceStatus::default()
                },
                parts: BTreeMap::new(),
            }),
            changed: Notify::new(),
        }
    }

    /// Goes on from what was known when the source was last followed.
    pub(super) async fn load(&self, store: &dyn Store) {
        match store.statuses().await {
            Ok(all) => {
                let mut inner = self.lock();
                if let Some(before) = all.into_iter().find(|s| s.name == inner.status.name) {
                    inner.status = SourceStatus {
                        kind: inner.status.kind.clone(),
                        ..before
                    };
                }
            }
            Err(error) => tracing::warn!(%error, "the state of a source cannot be read"),
        }
    }

    /// Newest instant that is known of the source.
    pub(super) fn newest(&self) -> Option<Timestamp> {
        self.lock().status.newest
    }

    /// Says how the source is doing.
    pub(super) fn set(&self, now: Timestamp, health: SourceHealth, message: &str) {
        let mut inner = self.lock();
        inner.status.health = health;
        message.clone_into(&mut inner.status.message);
        inner.status.tried_at = Some(now);
        drop(inner);
        self.changed.notify_one();
    }

    /// The source gave something, up to `newest`.
    pub(super) fn came(&self, now: Timestamp, newest: Option<Timestamp>, gaps: &[Gap]) {
        let mut inner = self.lock();
        inner.status.tried_at = Some(now);
        inner.status.succeeded_at = Some(now);
        inner.status.newest = inner.status.newest.max(newest);
        for gap in gaps {
            note(&mut inner.status.gaps, gap);
        }
        let more = inner.status.gaps.len().saturating_sub(NAMED_GAPS);
        inner.status.gaps.drain(..more);
        drop(inner);
        self.changed.notify_one();
    }

    /// Nobody asked the source about a span, and nobody will.
    pub(super) fn unasked(&self, gap: &Gap) {
        note(&mut self.lock().status.gaps, gap);
        self.changed.notify_one();
    }

    /// How a part of a watch is doing.
    pub(super) fn part(&self, now: Timestamp, part: &str, state: Result<String, String>) {
        let is_absent = false;
        self.learn(now, part, Part { state, is_absent });
    }

    /// A part of a watch is not there, and need not be.
    pub(super) fn absent(&self, now: Timestamp, part: &str, message: String) {
        let (state, is_absent) = (Ok(message), true);
        self.learn(now, part, Part { state, is_absent });
    }

    fn learn(&self, now: Timestamp, name: &str, part: Part) {
        let mut inner = self.lock();
        inner.parts.insert(name.to_owned(), part);
        inner.judge(now);
        drop(inner);
        self.changed.notify_one();
    }

    /// What stood in the way on this side is gone: the source is as good as its parts again.
    pub(super) fn went_on(&self, now: Timestamp) {
        let mut inner = self.lock();
        if inner.status.health == SourceHealth::Stopped && !inner.parts.is_empty() {
            inner.judge(now);
        }
        drop(inner);
        self.changed.notify_one();
    }

    /// How the source is doing.
    pub(super) fn status(&self) -> SourceStatus {
        self.lock().status.clone()
    }

    /// Writes every change down, for as long as the future is polled. What the database does not
    /// take is written again; meanwhile the store has it in memory.
    pub(super) async fn write(&self, store: &dyn Store) {
        let mut refused = false;
        loop {
            tokio::select! {
                () = self.changed.notified() => {}
                () = tokio::time::sleep(AGAIN), if refused => {}
            }
            let status = self.status();
            let written = store.put_status(&status).await;
            if let Err(error) = &written
                && !refused
            {
                tracing::warn!(%error, source = status.name, "the state of a source is not written");
            }
            refused = written.is_err();
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Every change is whole before the lock is given back.
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Parts that are named where the same is said of several.
const NAMED_PARTS: usize = 3;

/// What is said of the parts. What is said of several is said once; of all there are (`of`), without
/// naming them.
fn words(parts: &[(&String, &Result<String, String>)], of: usize) -> String {
    let mut said: Vec<(&str, Vec<&str>)> = Vec::new();
    for (name, state) in parts {
        let (Ok(text) | Err(text)) = state;
        match said.iter_mut().find(|(known, _)| known == text) {
            Some((_, names)) => names.push(name),
            None => said.push((text, vec![name])),
        }
    }
    let one = |(text, names): &(&str, Vec<&str>)| {
        if names.len() == of && of > 1 {
            return (*text).to_owned();
        }
        let named = names.get(..NAMED_PARTS).unwrap_or(names).join(", ");
        match names.len().saturating_sub(NAMED_PARTS) {
            0 => format!("{named}: {text}"),
            more => format!("{named} and {more} more: {text}"),
        }
    };
    said.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// Adds a gap; one that goes on from poll to poll is one gap that grows.
fn note(gaps: &mut Vec<Gap>, gap: &Gap) {
    let goes_on = |known: &Gap| {
        let touches = match (known.window, gap.window) {
            (Some(a), Some(b)) => b.start <= a.end && a.start <= b.end,
            (None, None) => true,
            _ => false,
        };
        touches && known.what == gap.what && known.reason == gap.reason
    };
    let Some(at) = gaps.iter().position(goes_on) else {
        gaps.push(gap.clone());
        return;
    };
    // The newest stand last.
    let mut known = gaps.remove(at);
    if let (Some(a), Some(b)) = (known.window, gap.window) {
        known.window = Some(Window {
            start: a.start.min(b.start),
            end: a.end.max(b.end),
        });
    }
    gaps.push(known);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_several_parts_is_said_once() {
        let away = Err("http://10.0.0.1 cannot be reached".to_owned());
        let refused = Err("access denied to list jobs".to_owned());
        let names: Vec<String> = ["events", "jobs", "nodes", "pods", "volumes"]
            .map(str::to_owned)
            .to_vec();
        let of = |states: &[&Result<String, String>], all: usize| {
            let states = states.iter().copied();
            words(&names.iter().zip(states).collect::<Vec<_>>(), all)
        };
        assert_eq!(of(&[&away; 5], 5), "http://10.0.0.1 cannot be reached");
        assert_eq!(
            of(&[&away, &refused, &away, &away, &away], 5),
            "events, nodes, pods and 1 more: http://10.0.0.1 cannot be reached; \
             jobs: access denied to list jobs"
        );
        assert_eq!(
            of(&[&away, &away], 5),
            "events, jobs: http://10.0.0.1 cannot be reached"
        );
    }

    #[test]
    fn a_source_of_which_nothing_is_there_has_failed_and_never_succeeded() {
        let mut inner = Inner {
            status: SourceStatus::default(),
            parts: BTreeMap::new(),
        };
        let mut told = |name: &str, state: Result<&str, &str>, is_absent| {
            let state = state.map(str::to_owned).map_err(str::to_owned);
            inner
                .parts
                .insert(name.to_owned(), Part { state, is_absent });
            inner.judge(Timestamp::MIN);
            inner.status.clone()
        };
        let absent = told("applications", Ok("this cluster has none"), true);
        assert_eq!(absent.succeeded_at, None);
        assert_eq!(absent.health, SourceStatus::default().health);
        for name in ["nodes", "pods"] {
            let failing = told(name, Err("it answers 404"), false);
            assert_eq!(failing.health, SourceHealth::Failing);
            assert_eq!(failing.succeeded_at, None);
            assert!(failing.message.ends_with("it answers 404"));
        }
        // One that can be read is enough, and two that cannot are named then.
        let partial = told("jobs", Ok("watching 3 jobs"), false);
        assert_eq!(partial.health, SourceHealth::Partial);
        assert_eq!(partial.message, "nodes, pods: it answers 404");
        assert_eq!(partial.succeeded_at, Some(Timestamp::MIN));
    }

    #[test]
    fn a_gap_that_goes_on_is_one_gap() {
        let at = |minute| Timestamp::from_seconds(minute * 60);
        let gap = |what: &str, span: Option<(i64, i64)>| Gap {
            what: what.into(),
            window: span.map(|(start, end)| Window {
                start: at(start),
                end: at(end),
            }),
            reason: "HTTP 500".into(),
        };
        let mut gaps = Vec::new();
        for told in [
            gap("a", Some((0, 10))),
            gap("b", Some((0, 10))),
            gap("a", Some((5, 15))),
            gap("c", None),
            gap("c", None),
            gap("a", Some((60, 70))),
        ] {
            note(&mut gaps, &told);
        }
        let expected = [
            gap("b", Some((0, 10))),
            gap("a", Some((0, 15))),
            gap("c", None),
            gap("a", Some((60, 70))),
        ];
        assert_eq!(gaps, expected);
    }
}
