//! What an incident or archive has inside a window, at a cost that goes with the window.

use super::{
    read::{self, EDGES, PROVENANCE, SERIES},
    times::REACHES,
};
use crate::{
    StoreError, chunk,
    driver::{Sql, Transaction, Value, sql},
};
use model::{Event, Evidence, Incident, IncidentId, Provenance, Timestamp, Window};

/// An archive as well.
const HOLDER: Sql = sql("incident", "SELECT body FROM incidents WHERE id = $1");
const CHUNKS: Sql = sql(
    "chunk",
    "SELECT chunks.series, day, points, data
     FROM series JOIN chunks ON chunks.series = series.id
     WHERE series.incident = $1 AND day BETWEEN $2 AND $3 ORDER BY chunks.series, day",
);
/// `$2` and `$3` the window, then the classes of [`REACHES`]. Each class is a search in the index of
/// times (CROSS JOIN: SQLite keeps to that order); so are the events that go on or whose time is
/// unknown.
const EVENTS: Sql = sql(
    "event",
    "WITH classes (longest) AS (VALUES ($4), ($5), ($6), ($7), ($8), ($9))
     SELECT body FROM classes CROSS JOIN events
     WHERE incident = $1 AND reach_ms = longest
         AND from_ms >= $2 - longest AND from_ms < $3 AND until_ms >= $2
     UNION ALL
     SELECT body FROM events
     WHERE incident = $1 AND reach_ms IS NULL AND (from_ms IS NULL OR from_ms < $3)",
);

/// Reads it inside one snapshot.
pub(crate) async fn between(
    tx: &mut dyn Transaction,
    holder: &IncidentId,
    window: Window,
) -> Result<Evidence, StoreError> {
    let args = || vec![Value::from(holder.0.as_str())];
    let found = tx.fetch(HOLDER, args()).await?;
    let row = found
        .first()
        .ok_or_else(|| StoreError::missing("incident or archive", holder))?;
    let incident: Incident = row.json(0)?;
    let series = tx.fetch(SERIES, args()).await?;
    let days = [window.start, window.end.plus(-1)].map(|t| chunk::day_of(t).into());
    let chunks = tx
        .fetch(CHUNKS, args().into_iter().chain(days).collect())
        .await?;
    let mut evidence = Evidence {
        window,
        impact: incident.impact,
        symptom: incident.symptom,
        series: Vec::new(),
        events: events(tx, holder, window).await?,
        topology: read::records(&tx.fetch(EDGES, args()).await?)?,
        provenance: read::records(&tx.fetch(PROVENANCE, args()).await?)?,
    };
    let told = std::mem::take(&mut evidence.provenance).into_iter();
    evidence.provenance = told.filter_map(|told| inside(told, window)).collect();
    evidence.series = read::apart(move || read::with_samples(&series, &chunks, window)).await?;
    evidence.sort();
    Ok(evidence)
}

/// What a provenance says of a window: its own part of it, and the gaps in there. What an archive did
/// not have last month is no gap of today.
fn inside(mut told: Provenance, window: Window) -> Option<Provenance> {
    let part = |of: Window| {
        let start = of.start.max(window.start);
        (of.start < window.end && window.start < of.end).then(|| Window {
            start,
            end: of.end.min(window.end),
        })
    };
    if let Some(asked) = told.window {
        told.window = Some(part(asked)?);
    }
    told.gaps.retain_mut(|gap| match gap.window {
        Some(span) => {
            gap.window = part(span);
            gap.window.is_some()
        }
        None => true,
    });
    let says_nothing = told.is_of_nothing() && told.gaps.is_empty();
    (!says_nothing).then_some(told)
}

async fn events(
    tx: &mut dyn Transaction,
    holder: &IncidentId,
    window: Window,
) -> Result<Vec<Event>, StoreError> {
    // So far before all events that nothing is lost, and that subtracting a reach is no overflow.
    let earliest = Timestamp::from_millis(-4 * Timestamp::MAX.millis());
    let mut args = vec![
        holder.0.as_str().into(),
        window.start.max(earliest).millis().into(),
        window.end.millis().into(),
    ];
    args.extend(REACHES.map(Value::from));
    let mut events: Vec<Event> = read::records(&tx.fetch(EVENTS, args).await?)?;
    events.retain(|event| event.touches(window));
    Ok(events)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How SQLite goes about a statement.
    async fn plan(statement: Sql) -> Vec<String> {
        let driver = crate::sqlite::open("sqlite::memory:", crate::sqlite::Missing::Make)
            .await
            .unwrap();
        let text = format!("EXPLAIN QUERY PLAN {}", statement.text).leak();
        let args = vec![Value::from(0); 9];
        let rows = driver.fetch(sql("plan", text), args).await.unwrap();
        rows.iter()
            .map(|row| row.text(3).unwrap().to_owned())
            .collect()
    }

    #[tokio::test]
    async fn a_window_is_found_by_indexes_and_not_by_looking_through_everything() {
        let events = plan(EVENTS).await;
        for step in [
            "SEARCH events USING INDEX events_times (incident=? AND reach_ms=? AND from_ms>? AND from_ms<?)",
            "SEARCH events USING INDEX events_times (incident=? AND reach_ms=?)",
        ] {
            assert!(events.iter().any(|done| done == step), "{events:?}");
        }
        let chunks = plan(CHUNKS).await;
        let step =
            "SEARCH chunks USING INDEX sqlite_autoindex_chunks_1 (series=? AND day>? AND day<?)";
        assert!(chunks.iter().any(|done| done == step), "{chunks:?}");
    }
}
