//! Forgetting what is older than an archive is to be.

use crate::{
    StoreError, chunk,
    driver::{Sql, Transaction, Value, sql},
    evidence::{REACHES, SERIES_OF_INCIDENT, metas},
    record::json,
};
use model::{IncidentId, Provenance, Timestamp, Window};
use std::collections::BTreeSet;

const CHUNKS: Sql = sql(
    "chunk",
    "DELETE FROM chunks
     WHERE series IN (SELECT id FROM series WHERE incident = $1) AND day < $2",
);
const SERIES: Sql = sql(
    "series",
    "DELETE FROM series
     WHERE incident = $1 AND NOT EXISTS (SELECT 1 FROM chunks WHERE chunks.series = series.id)",
);
/// What was over before an instant began before it: found in the index of times, by the classes of
/// length.
const EVENTS: Sql = sql(
    "event",
    "DELETE FROM events WHERE incident = $1 AND from_ms < $2 AND until_ms < $2
         AND reach_ms IN ($3, $4, $5, $6, $7, $8)",
);
/// Events whose beginning is unknown.
const ENDED_EVENTS: Sql = sql(
    "event",
    "DELETE FROM events WHERE incident = $1 AND reach_ms IS NULL AND until_ms < $2",
);
const EDGES: Sql = sql(
    "edge",
    "DELETE FROM edges WHERE incident = $1 AND recorded_at < $2
         AND NOT EXISTS (SELECT 1 FROM memory
                         WHERE memory.archive = $1 AND memory.key = edges.origin)",
);
const PROVENANCE: Sql = sql(
    "provenance",
    "SELECT digest, body FROM provenance WHERE incident = $1",
);
const PUT_PROVENANCE: Sql = sql(
    "provenance",
    "UPDATE provenance SET body = $3 WHERE incident = $1 AND digest = $2",
);
const DELETE_PROVENANCE: Sql = sql(
    "provenance",
    "DELETE FROM provenance WHERE incident = $1 AND digest = $2",
);

/// Forgets inside a transaction; the number of rows that went.
pub(super) async fn before(
    tx: &mut dyn Transaction,
    archive: &IncidentId,
    before: Timestamp,
) -> Result<u64, StoreError> {
    let args = |at: i64| vec![Value::from(archive.0.as_str()), at.into()];
    let at = || args(before.millis());
    let mut gone = tx.execute(CHUNKS, args(chunk::day_of(before))).await?;
    gone += tx.execute(SERIES, args(0)[..1].to_vec()).await?;
    let classes = REACHES.map(Value::from);
    let over = at().into_iter().chain(classes).collect();
    gone += tx.execute(EVENTS, over).await?;
    gone += tx.execute(ENDED_EVENTS, at()).await?;
    gone += tx.execute(EDGES, at()).await?;
    Ok(gone + trim_provenance(tx, archive, before).await?)
}

async fn trim_provenance(
    tx: &mut dyn Transaction,
    archive: &IncidentId,
    before: Timestamp,
) -> Result<u64, StoreError> {
    let id = || Value::from(archive.0.as_str());
    let series = metas(&tx.fetch(SERIES_OF_INCIDENT, vec![id()]).await?)?;
    let series: BTreeSet<String> = series.into_iter().map(|meta| meta.id).collect();
    let mut gone = 0;
    for row in tx.fetch(PROVENANCE, vec![id()]).await? {
        let stored: Provenance = row.json(1)?;
        let key = vec![id(), row.text(0)?.into()];
        match trimmed(&stored, &series, before) {
            None => gone += tx.execute(DELETE_PROVENANCE, key).await?,
            Some(left) if left == stored => {}
            Some(left) => {
                let body = json("provenance", &left)?;
                let args = key.into_iter().chain([body.into()]).collect();
                tx.execute(PUT_PROVENANCE, args).await?;
            }
        }
    }
    Ok(gone)
}

/// What a provenance still speaks for; `None`: nothing. It names no span that was forgotten, so that
/// nobody takes a span without samples for one in which a source had none.
fn trimmed(
    stored: &Provenance,
    series: &BTreeSet<String>,
    before: Timestamp,
) -> Option<Provenance> {
    let after = |window: Window| Window::new(window.start.max(before), window.end);
    let mut left = stored.clone();
    if let Some(window) = stored.window {
        left.window = Some(after(window)?);
    }
    left.gaps.retain_mut(|gap| {
        let Some(window) = gap.window else {
            return true;
        };
        gap.window = after(window);
        gap.window.is_some()
    });
    left.series.retain(|id| series.contains(id));
    let says_nothing = left.is_of_nothing() && left.gaps.is_empty();
    (!says_nothing).then_some(left)
}
