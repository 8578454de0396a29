//! How much is stored of each source, and from when to when.

use crate::{
    StoreError,
    driver::{Row, Sql, Transaction, sql},
    evidence::{apart, decoded},
};
use model::{Timestamp, Window, source::Holding};
use std::collections::BTreeMap;

const ARCHIVES: Sql = sql(
    "archive",
    "SELECT archive, (SELECT COUNT(*) FROM series WHERE incident = incidents.id)
     FROM incidents WHERE archive IS NOT NULL",
);
const CHUNKS: Sql = sql(
    "chunk",
    "SELECT archive, CAST(SUM(points) AS BIGINT),
            CAST(SUM(octet_length(data) + COALESCE(octet_length(half_hours), 0)) AS BIGINT)
     FROM incidents JOIN series ON series.incident = incidents.id
         JOIN chunks ON chunks.series = series.id
     WHERE archive IS NOT NULL GROUP BY archive",
);
/// Answered by the index of times alone.
const EVENTS: Sql = sql(
    "event",
    "SELECT archive, COUNT(*), CAST(SUM(bytes) AS BIGINT), MIN(from_ms), MIN(until_ms),
            MAX(from_ms), MAX(until_ms)
     FROM incidents JOIN events ON events.incident = incidents.id
     WHERE archive IS NOT NULL GROUP BY archive",
);
/// The chunks of the first and the last day of each archive.
const ENDS: Sql = sql(
    "chunk",
    "SELECT archive, series_id, chunks.day, points, data
     FROM (SELECT incidents.id, archive, MIN(day) AS first_day, MAX(day) AS last_day
           FROM incidents JOIN series ON series.incident = incidents.id
               JOIN chunks ON chunks.series = series.id
           WHERE archive IS NOT NULL GROUP BY incidents.id, archive) AS spans
         JOIN series ON series.incident = spans.id
         JOIN chunks ON chunks.series = series.id AND chunks.day IN (first_day, last_day)",
);

/// Reads it inside one snapshot.
pub(super) async fn all(tx: &mut dyn Transaction) -> Result<Vec<Holding>, StoreError> {
    let mut holdings: BTreeMap<String, Holding> = BTreeMap::new();
    for row in tx.fetch(ARCHIVES, Vec::new()).await? {
        let name = row.text(0)?;
        let holding = Holding {
            name: name.to_owned(),
            series: row.count(1)? as u64,
            ..Holding::default()
        };
        holdings.insert(name.to_owned(), holding);
    }
    for row in tx.fetch(CHUNKS, Vec::new()).await? {
        let holding = holdings.entry(row.text(0)?.to_owned()).or_default();
        holding.samples = row.count(1)? as u64;
        holding.bytes += row.count(2)? as u64;
    }
    for row in tx.fetch(EVENTS, Vec::new()).await? {
        let holding = holdings.entry(row.text(0)?.to_owned()).or_default();
        holding.events = row.count(1)? as u64;
        holding.bytes += row.count(2)? as u64;
        for column in 3..=6 {
            if let Some(at) = row.maybe_int(column)? {
                reach(holding, Timestamp::from_millis(at));
            }
        }
    }
    let ends = tx.fetch(ENDS, Vec::new()).await?;
    for (name, at) in apart(move || instants(&ends)).await? {
        reach(holdings.entry(name).or_default(), at);
    }
    Ok(holdings.into_values().collect())
}

/// Makes the span of a holding hold an instant.
fn reach(holding: &mut Holding, at: Timestamp) {
    let span = holding.span.get_or_insert(Window {
        start: at,
        end: at.plus(1),
    });
    span.start = span.start.min(at);
    span.end = span.end.max(at.plus(1));
}

/// The first and the last instant of each chunk.
fn instants(chunks: &[Row]) -> Result<Vec<(String, Timestamp)>, StoreError> {
    let mut instants = Vec::with_capacity(2 * chunks.len());
    for row in chunks {
        let samples = decoded(row.text(1)?, row, 2)?;
        let times = samples.times();
        for at in times.first().into_iter().chain(times.last()) {
            instants.push((row.text(0)?.to_owned(), *at));
        }
    }
    Ok(instants)
}
