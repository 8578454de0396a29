//! Writing a batch: samples merge into their chunks, everything else replaces or joins what is
//! there.

use super::{files, times};
use crate::{
    StoreError, chunk,
    database::Database,
    driver::{Column, Row, Sql, Transaction, Value, sql},
    error::ChunkError,
    provenance, pyramid,
    record::{json, plain},
};
use model::bundle::sha256_hex;
use model::{Batch, Edge, Event, IncidentId, Samples, Series, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

const PUT_SERIES: Sql = sql(
    "series",
    "INSERT INTO series (incident, series_id, body) VALUES ($1, $2, $3)
     ON CONFLICT (incident, series_id) DO UPDATE SET body = excluded.body
     RETURNING id",
);
const CHUNKS: Sql = sql(
    "chunk",
    "SELECT day, points, data FROM chunks WHERE series = $1 AND day BETWEEN $2 AND $3",
);
const PUT_CHUNK: Sql = sql(
    "chunk",
    "INSERT INTO chunks (series, day, points, low, high, mean, half_hours, data)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (series, day) DO UPDATE SET
         points = excluded.points, low = excluded.low, high = excluded.high,
         mean = excluded.mean, half_hours = excluded.half_hours, data = excluded.data",
);
/// Records a statement: bounds its size, and lets the rows of the next be made meanwhile.
pub(crate) const AT_ONCE: usize = 500;

/// What evidence belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    Incident,
    Archive,
}

impl Database {
    /// Writes one batch of an incident inside a transaction.
    pub(crate) async fn write_batch(
        &self,
        tx: &mut dyn Transaction,
        incident: &IncidentId,
        batch: &Batch,
    ) -> Result<(), StoreError> {
        self.lock(tx, incident, Holder::Incident).await?;
        let new = self.write_content(tx, incident, batch, None).await?;
        provenance::keep(tx, (incident, Holder::Incident), batch, new).await
    }

    /// Finds an incident or archive, and keeps other writers of it out until the end of the
    /// transaction.
    pub(crate) async fn lock(
        &self,
        tx: &mut dyn Transaction,
        of: &IncidentId,
        wanted: Holder,
    ) -> Result<(), StoreError> {
        let lock = self.driver.dialect().lock_incident;
        let rows = tx.fetch(lock, vec![id(of)]).await?;
        let found = match rows.first().map(|row| row.maybe_text(0)).transpose()? {
            None => None,
            Some(None) => Some(Holder::Incident),
            Some(Some(_)) => Some(Holder::Archive),
        };
        match wanted {
            _ if found == Some(wanted) => Ok(()),
            Holder::Incident => Err(StoreError::missing("incident", of)),
            Holder::Archive => Err(StoreError::missing("archive", of)),
        }
    }

    /// Writes everything of a batch but its provenance. `told_at`: when its edges were told. How many of
    /// its events were not stored yet, each id counted once.
    pub(crate) async fn write_content(
        &self,
        tx: &mut dyn Transaction,
        holder: &IncidentId,
        batch: &Batch,
        told_at: Option<Timestamp>,
    ) -> Result<usize, StoreError> {
        for series in &batch.series {
            write_series(tx, holder, series).await?;
        }
        // Rows of edges are made while the database is at work on events.
        let making = async { edge_tables(&batch.topology) };
        let (new, edges) = tokio::join!(self.write_events(tx, holder, &batch.events), making);
        let new = new?;
        for table in edges? {
            let when = told_at.map(Timestamp::millis).into();
            let args = vec![id(holder), when, table];
            tx.execute(self.driver.dialect().put_edges, args).await?;
        }
        for file in &batch.files {
            files::write(tx, holder, file).await?;
        }
        Ok(new)
    }

    async fn write_events(
        &self,
        tx: &mut dyn Transaction,
        holder: &IncidentId,
        events: &[Event],
    ) -> Result<usize, StoreError> {
        let mut last: BTreeMap<&str, &Event> = BTreeMap::new();
        for event in events {
            last.insert(plain("event id", &event.id)?, event);
        }
        let rows: Vec<(&str, &Event)> = last.into_iter().collect();
        let mut tables = rows.chunks(AT_ONCE).map(table_of);
        let mut next = tables.next().transpose()?;
        let mut new = 0;
        while let Some(table) = next {
            // The next is made while the database is at work on this one.
            let making = async { tables.next().transpose() };
            let (put, made) = tokio::join!(self.put_events(tx, holder, table), making);
            new += put?;
            next = made?;
        }
        Ok(new)
    }

    /// Stores events of which each id comes once. How many were not stored yet.
    async fn put_events(
        &self,
        tx: &mut dyn Transaction,
        holder: &IncidentId,
        table: EventTable,
    ) -> Result<usize, StoreError> {
        let dialect = self.driver.dialect();
        let EventTable { ids, others } = table;
        let told = ids.len();
        let ids = Column::Texts(ids);
        let of = |columns| vec![id(holder), Value::Table(columns)];
        let counted = |rows: Vec<Row>| rows.first().map_or(Ok(0), |row| row.count(0));
        let known = match dialect.known_events {
            Some(known) => Some(counted(tx.fetch(known, of(vec![ids.clone()])).await?)?),
            None => None,
        };
        let columns = std::iter::once(ids).chain(others).collect();
        let put = tx.fetch(dialect.put_events, of(columns)).await?;
        known.map_or_else(|| counted(put), |known| Ok(told.saturating_sub(known)))
    }
}

/// Events column by column, as `put_events` takes them.
struct EventTable {
    ids: Vec<String>,
    others: Vec<Column>,
}

fn table_of(events: &[(&str, &Event)]) -> Result<EventTable, StoreError> {
    let (mut ids, mut bodies) = (Vec::new(), Vec::new());
    let (mut from, mut until) = (Vec::new(), Vec::new());
    let (mut reach, mut bytes) = (Vec::new(), Vec::new());
    for (id, event) in events {
        let body = json("event", event)?;
        let times = times::columns(event);
        ids.push((*id).to_owned());
        from.push(times.0);
        until.push(times.1);
        reach.push(times.2);
        bytes.push(i64::try_from(body.len()).ok());
        bodies.push(body);
    }
    let others = vec![
        Column::Texts(bodies),
        Column::Ints(from),
        Column::Ints(until),
        Column::Ints(reach),
        Column::Ints(bytes),
    ];
    Ok(EventTable { ids, others })
}

/// Edges column by column, as `put_edges` takes them, each once.
fn edge_tables(edges: &[Edge]) -> Result<Vec<Value>, StoreError> {
    let mut seen = BTreeSet::new();
    let mut rows = Vec::with_capacity(edges.len());
    for edge in edges {
        let body = json("edge", edge)?;
        let digest = sha256_hex(body.as_bytes());
        if seen.insert(digest.clone()) {
            // What PostgreSQL's text cannot hold is no key that could be remembered.
            let origin = plain("edge", &edge.from).ok();
            rows.push((digest, body, origin.map(str::to_owned)));
        }
    }
    let mut rows = rows.into_iter().peekable();
    let mut tables = Vec::new();
    while rows.peek().is_some() {
        let (mut digests, mut bodies, mut origins) = (Vec::new(), Vec::new(), Vec::new());
        for (digest, body, origin) in rows.by_ref().take(AT_ONCE) {
            digests.push(digest);
            bodies.push(body);
            origins.push(origin);
        }
        tables.push(Value::Table(vec![
            Column::Texts(digests),
            Column::Texts(bodies),
            Column::MaybeTexts(origins),
        ]));
    }
    Ok(tables)
}

fn id(incident: &IncidentId) -> Value {
    incident.0.as_str().into()
}

async fn write_series(
    tx: &mut dyn Transaction,
    incident: &IncidentId,
    series: &Series,
) -> Result<(), StoreError> {
    let name = plain("series id", &series.meta.id)?;
    let args = vec![
        id(incident),
        name.into(),
        json("series", &series.meta)?.into(),
    ];
    let rows = tx.fetch(PUT_SERIES, args).await?;
    let row = rows
        .first()
        .ok_or_else(|| StoreError::missing("series", name))?;
    let key = row.int(0)?;

    let days = chunk::by_day(&series.samples);
    let (Some((first, _)), Some((last, _))) = (days.first_key_value(), days.last_key_value())
    else {
        return Ok(());
    };
    let mut stored = stored_chunks(tx, name, key, *first, *last).await?;
    for (day, points) in days {
        let before = stored.remove(&day).unwrap_or_default();
        if let Some(args) = merged(key, name, day, &before, points)? {
            tx.execute(PUT_CHUNK, args).await?;
        }
    }
    Ok(())
}

async fn stored_chunks(
    tx: &mut dyn Transaction,
    series: &str,
    key: i64,
    first: i64,
    last: i64,
) -> Result<BTreeMap<i64, Samples>, StoreError> {
    let args = vec![key.into(), first.into(), last.into()];
    let rows = tx.fetch(CHUNKS, args).await?;
    rows.iter()
        .map(|row| {
            let day = row.int(0)?;
            let samples = chunk::decode(day, row.count(1)?, row.blob(2)?)
                .map_err(|e| StoreError::corrupt_chunk(series, day, e))?;
            Ok((day, samples))
        })
        .collect()
}

/// Columns of [`PUT_CHUNK`] for a day with further samples; `None` where they change nothing.
fn merged(
    key: i64,
    series: &str,
    day: i64,
    before: &Samples,
    further: Vec<(Timestamp, f64)>,
) -> Result<Option<Vec<Value>>, StoreError> {
    let after = Samples::from_unordered(before.iter().chain(further).collect());
    let bits = |s: &Samples| s.values().iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    if after.times() == before.times() && bits(&after) == bits(before) {
        return Ok(None);
    }
    let Some(sum) = pyramid::day(&after) else {
        return Ok(None);
    };
    let cannot = |e: ChunkError| StoreError::Invalid {
        what: format!("series '{series}' on {}", chunk::start_of(day).date()),
        reason: e.to_string(),
    };
    Ok(Some(vec![
        key.into(),
        day.into(),
        i64::try_from(after.len()).unwrap_or(i64::MAX).into(),
        sum.min.into(),
        sum.max.into(),
        sum.mean.into(),
        pyramid::encode_half_hours(&after).map_err(cannot)?.into(),
        chunk::encode(day, &after).map_err(cannot)?.into(),
    ]))
}
