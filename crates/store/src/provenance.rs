//! One provenance for each question that a source is asked again and again: what a live source gives
//! is known as well after a month of polls as after one, and the record of it stays bounded.
//!
//! Two answers are to one question where source, name and query are the same, apart from the instants
//! that the query names; the query that stays names the whole span, so that anybody can ask it again.

mod instants;

use crate::{
    StoreError,
    driver::{Sql, Transaction, Value, sql},
    evidence::Holder,
    record::json,
};
use model::{Batch, Gap, IncidentId, Provenance, Window, bundle::sha256_hex};
use std::collections::BTreeSet;

/// Gaps that are kept of a question, the newest: with one every hour, those of six weeks.
const MAX_GAPS: usize = 1_000;

const ALL: Sql = sql(
    "provenance",
    "SELECT digest, body FROM provenance WHERE incident = $1 ORDER BY position",
);
const ADD: Sql = sql(
    "provenance",
    "INSERT INTO provenance (incident, digest, position, body)
     SELECT $1, $2, COALESCE(MAX(position), 0) + 1, $3 FROM provenance WHERE incident = $1
     ON CONFLICT (incident, digest) DO NOTHING",
);
const CHANGE: Sql = sql(
    "provenance",
    "UPDATE provenance SET body = $3 WHERE incident = $1 AND digest = $2",
);
const REMOVE: Sql = sql(
    "provenance",
    "DELETE FROM provenance WHERE incident = $1 AND digest = $2",
);

/// Writes the provenance of a batch with `new` events that were not stored before.
///
/// It joins what an archive, or an incident, knows of the same question; so do rows that versions
/// before wrote for each poll. An incident keeps what no configured source gave as it is.
pub(crate) async fn keep(
    tx: &mut dyn Transaction,
    holder: (&IncidentId, Holder),
    batch: &Batch,
    new: usize,
) -> Result<(), StoreError> {
    let (of, kind) = holder;
    let told = &batch.provenance;
    if kind == Holder::Incident && told.name.is_empty() {
        return add(tx, of, told, &json("provenance", told)?).await;
    }
    let question = question(told);
    let mut same: Vec<(String, Provenance)> = Vec::new();
    for row in tx.fetch(ALL, vec![of.0.as_str().into()]).await? {
        let stored: Provenance = row.json(1)?;
        if stored.name != told.name {
            continue;
        }
        let digest = row.text(0)?.to_owned();
        if self::question(&stored) == question {
            same.push((digest, stored));
        } else if kind == Holder::Incident {
            answered_elsewhere(tx, of, (&digest, stored), batch).await?;
        }
    }
    let mut rows = same.into_iter();
    let Some((digest, first)) = rows.next() else {
        let first = match kind {
            Holder::Archive => joined(None, batch, new),
            // As it was told, until there is more to it.
            Holder::Incident => told.clone(),
        };
        return add(tx, of, &first, &json("provenance", &question)?).await;
    };
    let mut before = first.clone();
    for (other, further) in rows {
        before = join(kind, &before, &alone(further), None);
        tx.execute(REMOVE, key(of, &other)).await?;
    }
    if kind == Holder::Incident && &before == told {
        before = told.clone();
    } else {
        before = join(kind, &before, batch, Some(new));
    }
    change(tx, of, (&digest, &first), &before).await
}

/// Source, name and query without its instants.
fn question(of: &Provenance) -> (&str, &str, String) {
    (&of.source, &of.name, instants::mask(&of.query))
}

/// An answer of which nothing but its provenance is at hand.
fn alone(provenance: Provenance) -> Batch {
    Batch {
        provenance,
        ..Batch::default()
    }
}

/// What is known after a further answer. `new`: its events that were not stored before; `None` where
/// that was counted when it was stored.
fn join(kind: Holder, before: &Provenance, batch: &Batch, new: Option<usize>) -> Provenance {
    let told = &batch.provenance;
    match kind {
        Holder::Archive => joined(Some(before), batch, new.unwrap_or(told.events)),
        Holder::Incident => {
            let mut before = before.clone();
            for gap in &mut before.gaps {
                gap.window = gap.window.or(before.window);
            }
            // A batch may carry the events of other answers too: those are not this one's.
            let own = batch.events.len() <= told.events;
            let new = new.filter(|_| own).unwrap_or(0);
            let mut after = joined(Some(&before), batch, new);
            after.events = after.events.max(told.events);
            after
        }
    }
}

/// Takes from the gaps of another question of the same source what this answer has of them.
async fn answered_elsewhere(
    tx: &mut dyn Transaction,
    of: &IncidentId,
    (digest, stored): (&str, Provenance),
    batch: &Batch,
) -> Result<(), StoreError> {
    let mut left = stored.clone();
    left.gaps = stored
        .gaps
        .iter()
        .flat_map(|gap| {
            let speaks = if gap.what.is_empty() {
                has_all_of(&stored, batch)
            } else {
                answers(&gap.what, batch)
            };
            if speaks {
                unfilled(gap, batch)
            } else {
                vec![gap.clone()]
            }
        })
        .collect();
    if stored.is_of_nothing() && left.gaps.is_empty() {
        return tx.execute(REMOVE, key(of, digest)).await.map(|_| ());
    }
    change(tx, of, (digest, &stored), &left).await
}

/// Whether a batch gives all that another question is about: every series of it; anything, where
/// the source could not be asked at all.
fn has_all_of(other: &Provenance, batch: &Batch) -> bool {
    let has = |id: &String| batch.provenance.series.contains(id);
    other.is_of_nothing() || (!other.series.is_empty() && other.series.iter().all(has))
}

fn key(of: &IncidentId, digest: &str) -> Vec<Value> {
    vec![of.0.as_str().into(), digest.into()]
}

async fn add(
    tx: &mut dyn Transaction,
    of: &IncidentId,
    provenance: &Provenance,
    identity: &str,
) -> Result<(), StoreError> {
    let mut args = key(of, &sha256_hex(identity.as_bytes()));
    args.push(json("provenance", provenance)?.into());
    tx.execute(ADD, args).await.map(|_| ())
}

async fn change(
    tx: &mut dyn Transaction,
    of: &IncidentId,
    (digest, before): (&str, &Provenance),
    after: &Provenance,
) -> Result<(), StoreError> {
    if before == after {
        return Ok(());
    }
    let mut args = key(of, digest);
    args.push(json("provenance", after)?.into());
    tx.execute(CHANGE, args).await.map(|_| ())
}

/// What is known of a question after a further answer to it.
fn joined(before: Option<&Provenance>, batch: &Batch, new: usize) -> Provenance {
    let told = &batch.provenance;
    let nothing = Provenance::default();
    let before = before.unwrap_or(&nothing);
    let series = before.series.iter().chain(&told.series).cloned();
    Provenance {
        name: told.name.clone(),
        questions: told.questions.clone(),
        source: told.source.clone(),
        query: instants::both(&before.query, &told.query),
        asked_at: before.asked_at.max(told.asked_at),
        window: both(before.window, told.window),
        resolution_s: told.resolution_s.or(before.resolution_s),
        gaps: gaps(&before.gaps, batch),
        // As the newest answer says: what was absent before may have come into being.
        absent: told.absent.clone(),
        series: series.collect::<BTreeSet<_>>().into_iter().collect(),
        events: before.events.saturating_add(new),
    }
}

fn both(one: Option<Window>, other: Option<Window>) -> Option<Window> {
    let (Some(a), Some(b)) = (one, other) else {
        return one.or(other);
    };
    Some(Window {
        start: a.start.min(b.start),
        end: a.end.max(b.end),
    })
}

fn gaps(before: &[Gap], batch: &Batch) -> Vec<Gap> {
    let told = &batch.provenance;
    let left = before.iter().flat_map(|gap| unfilled(gap, batch));
    // The whole window of this answer, which is not the whole window of them all.
    let new = told.gaps.iter().map(|gap| Gap {
        window: gap.window.or(told.window),
        ..gap.clone()
    });
    let mut all: Vec<(String, Gap)> = left
        .chain(new)
        .map(|gap| (instants::mask(&gap.reason), gap))
        .collect();
    all.sort_by(|a, b| by_thing(a).cmp(&by_thing(b)));
    let mut grown: Vec<(String, Gap)> = Vec::new();
    for next in all {
        match grown.last_mut() {
            Some(last) if grows(last, &next) => {
                last.1.window = both(last.1.window, next.1.window);
                last.1.reason = instants::both(&last.1.reason, &next.1.reason);
            }
            _ => grown.push(next),
        }
    }
    let mut gaps: Vec<Gap> = grown.into_iter().map(|(_, gap)| gap).collect();
    // Those of unknown time last: they may be the newest.
    gaps.sort_by(|a, b| by_end(a).cmp(&by_end(b)));
    gaps.drain(..gaps.len().saturating_sub(MAX_GAPS));
    gaps
}

/// By thing, reason without its instants, and beginning.
fn by_thing((reason, gap): &(String, Gap)) -> (&str, &str, Option<i64>) {
    let start = gap.window.map(|w| w.start.millis());
    (&gap.what, reason, start)
}

fn by_end(gap: &Gap) -> (bool, Option<i64>, &str, &str) {
    let end = gap.window.map(|w| w.end.millis());
    (end.is_none(), end, &gap.what, &gap.reason)
}

/// Whether a gap goes on with the next one, which starts no earlier.
fn grows((why, gap): &(String, Gap), (next_why, next): &(String, Gap)) -> bool {
    let adjoins = match (gap.window, next.window) {
        (Some(one), Some(other)) => other.start <= one.end,
        (None, None) => true,
        _ => false,
    };
    adjoins && gap.what == next.what && why == next_why
}

/// What a further answer leaves of a gap: nothing, a part, or two.
fn unfilled(gap: &Gap, batch: &Batch) -> Vec<Gap> {
    let (Some(gone), Some(seen)) = (gap.window, looked_at(&batch.provenance)) else {
        return vec![gap.clone()];
    };
    if !answers(&gap.what, batch) || seen.end <= gone.start || gone.end <= seen.start {
        return vec![gap.clone()];
    }
    [
        Window::new(gone.start, seen.start),
        Window::new(seen.end, gone.end),
    ]
    .into_iter()
    .flatten()
    .map(|rest| Gap {
        window: Some(rest),
        ..gap.clone()
    })
    .collect()
}

/// The window that an answer is about. Where the source could not be asked at all it is about what is
/// missing: the newest reason stands for the ones before.
fn looked_at(told: &Provenance) -> Option<Window> {
    if told.is_of_nothing() {
        let windows = told.gaps.iter().map(|gap| gap.window);
        return windows.fold(None, both);
    }
    told.window
}

/// Whether a batch has what a gap speaks of.
fn answers(what: &str, batch: &Batch) -> bool {
    what.is_empty()
        || batch
            .provenance
            .series
            .iter()
            .any(|id| is_of(id, what, &batch.provenance.name))
        || batch.series.iter().any(|s| s.meta.id == what)
        || batch.series.iter().any(|s| s.meta.is_named(what))
}

/// Whether a series is what a gap names: by its id, to which an incident may have added the source's
/// name; or as one of those that a query selects, whose ids are the query's with a digest of their
/// labels.
fn is_of(id: &str, what: &str, name: &str) -> bool {
    let own = id.strip_prefix(name).and_then(|id| id.strip_prefix('.'));
    let is_digest = |text: &str| text.len() == 16 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let selected = id
        .rsplit_once('.')
        .filter(|(_, digest)| is_digest(digest))
        .and_then(|(query, _)| query.strip_suffix(what));
    id == what || own == Some(what) || selected.is_some_and(|head| head.ends_with('.'))
}

#[cfg(test)]
#[path = "provenance/tests.rs"]
mod tests;
