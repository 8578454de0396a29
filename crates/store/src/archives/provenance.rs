//! One provenance for each question that a source is asked again and again.

use crate::{
    StoreError,
    driver::{Sql, Transaction, sql},
    record::json,
};
use model::{Batch, Gap, IncidentId, Provenance, Window, bundle::sha256_hex};
use std::collections::BTreeSet;

/// Gaps that are kept of a question, the newest: with one every hour, those of six weeks.
const MAX_GAPS: usize = 1_000;

const SAME: Sql = sql(
    "provenance",
    "SELECT body FROM provenance WHERE incident = $1 AND digest = $2",
);
const PUT: Sql = sql(
    "provenance",
    "INSERT INTO provenance (incident, digest, position, body)
     SELECT $1, $2, COALESCE(MAX(position), 0) + 1, $3 FROM provenance WHERE incident = $1
     ON CONFLICT (incident, digest) DO UPDATE SET body = excluded.body",
);

/// Writes the provenance of a batch with `new` events that were not stored before.
pub(super) async fn join(
    tx: &mut dyn Transaction,
    archive: &IncidentId,
    batch: &Batch,
    new: usize,
) -> Result<(), StoreError> {
    let told = &batch.provenance;
    let question = json("provenance", &(&told.source, &told.query))?;
    let key = || vec![archive.0.as_str().into(), digest(&question).into()];
    let rows = tx.fetch(SAME, key()).await?;
    let before: Option<Provenance> = rows.first().map(|row| row.json(0)).transpose()?;
    let after = joined(before.as_ref(), batch, new);
    if before.as_ref() == Some(&after) {
        return Ok(());
    }
    let mut args = key();
    args.push(json("provenance", &after)?.into());
    tx.execute(PUT, args).await.map(|_| ())
}

fn digest(question: &str) -> String {
    sha256_hex(question.as_bytes())
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
        query: told.query.clone(),
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
    let mut gaps: Vec<Gap> = Vec::new();
    let mut all: Vec<Gap> = left.chain(new).collect();
    all.sort_by(|a, b| by_thing(a).cmp(&by_thing(b)));
    for gap in all {
        match gaps.last_mut() {
            Some(last) if grows(last, &gap) => last.window = both(last.window, gap.window),
            _ => gaps.push(gap),
        }
    }
    // Those of unknown time last: they may be the newest.
    gaps.sort_by(|a, b| by_end(a).cmp(&by_end(b)));
    gaps.drain(..gaps.len().saturating_sub(MAX_GAPS));
    gaps
}

fn by_thing(gap: &Gap) -> (&str, &str, Option<i64>) {
    let start = gap.window.map(|w| w.start.millis());
    (&gap.what, &gap.reason, start)
}

fn by_end(gap: &Gap) -> (bool, Option<i64>, &str, &str) {
    let end = gap.window.map(|w| w.end.millis());
    (end.is_none(), end, &gap.what, &gap.reason)
}

/// Whether a gap goes on with the next one, which starts no earlier.
fn grows(gap: &Gap, next: &Gap) -> bool {
    let adjoins = match (gap.window, next.window) {
        (Some(one), Some(other)) => other.start <= one.end,
        (None, None) => true,
        _ => false,
    };
    adjoins && gap.what == next.what && gap.reason == next.reason
}

/// What a further answer leaves of a gap: nothing, a part, or two.
fn unfilled(gap: &Gap, batch: &Batch) -> Vec<Gap> {
    let told = &batch.provenance;
    let (Some(gone), Some(seen)) = (gap.window, told.window) else {
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

/// Whether a batch has what a gap speaks of.
fn answers(what: &str, batch: &Batch) -> bool {
    what.is_empty()
        || batch.provenance.series.iter().any(|id| id == what)
        || batch.series.iter().any(|s| s.meta.id == what)
        || batch.series.iter().any(|s| s.meta.is_named(what))
}

#[cfg(test)]
#[path = "provenance/tests.rs"]
mod tests;
