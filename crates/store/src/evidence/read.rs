//! Reading evidence back: whole, by series and window, or summed up for a zoom level.

use crate::{
    Bucket, StoreError, chunk,
    driver::{Row, Sql, Transaction, sql},
    pyramid,
};
use model::{
    Evidence, Incident, IncidentId, Samples, Series, SeriesMeta, Timestamp, Window, time::DAY,
};
use std::collections::BTreeMap;

const INCIDENT: Sql = sql(
    "incident",
    "SELECT body FROM incidents WHERE id = $1 AND archive IS NULL",
);
pub(super) const SERIES: Sql = sql(
    "series",
    "SELECT id, body FROM series WHERE incident = $1 ORDER BY series_id",
);
const ALL_CHUNKS: Sql = sql(
    "chunk",
    "SELECT chunks.series, day, points, data FROM chunks JOIN series ON series.id = chunks.series
     WHERE series.incident = $1 ORDER BY chunks.series, day",
);
const EVENTS: Sql = sql("event", "SELECT body FROM events WHERE incident = $1");
pub(super) const EDGES: Sql = sql(
    "edge",
    "SELECT body FROM edges WHERE incident = $1 ORDER BY position",
);
pub(super) const PROVENANCE: Sql = sql(
    "provenance",
    "SELECT body FROM provenance WHERE incident = $1 ORDER BY position",
);
const SERIES_KEY: Sql = sql(
    "series",
    "SELECT id FROM series WHERE incident = $1 AND series_id = $2",
);
/// The lowest level: samples.
const DATA: Sql = sql(
    "chunk",
    "SELECT day, points, data FROM chunks
     WHERE series = $1 AND day BETWEEN $2 AND $3 ORDER BY day",
);
/// The middle level; samples of the days that have no half hours and of two days more.
const HALF_HOURS: Sql = sql(
    "chunk",
    "SELECT day, points, CASE WHEN half_hours IS NULL OR day = $4 OR day = $5 THEN data END,
            half_hours
     FROM chunks WHERE series = $1 AND day BETWEEN $2 AND $3 ORDER BY day",
);
/// The highest level.
const DAYS: Sql = sql(
    "chunk",
    "SELECT day, points, low, high, mean FROM chunks
     WHERE series = $1 AND day BETWEEN $2 AND $3 ORDER BY day",
);

/// Everything of an incident, inside one snapshot.
pub(super) async fn evidence(
    tx: &mut dyn Transaction,
    id: &IncidentId,
) -> Result<Option<Evidence>, StoreError> {
    let args = || vec![id.0.as_str().into()];
    let Some(incident) = tx.fetch(INCIDENT, args()).await?.into_iter().next() else {
        return Ok(None);
    };
    let incident: Incident = incident.json(0)?;
    let series = tx.fetch(SERIES, args()).await?;
    let chunks = tx.fetch(ALL_CHUNKS, args()).await?;
    let mut evidence = Evidence {
        window: incident.window,
        impact: incident.impact,
        symptom: incident.symptom,
        series: Vec::new(),
        events: records(&tx.fetch(EVENTS, args()).await?)?,
        topology: records(&tx.fetch(EDGES, args()).await?)?,
        provenance: records(&tx.fetch(PROVENANCE, args()).await?)?,
    };
    let whole = Window {
        start: Timestamp::from_millis(i64::MIN),
        end: Timestamp::from_millis(i64::MAX),
    };
    evidence.series = apart(move || with_samples(&series, &chunks, whole)).await?;
    evidence.sort();
    Ok(Some(evidence))
}

/// Decompressing many series takes tens of milliseconds: not on a thread that serves others.
pub(crate) async fn apart<T: Default + Send + 'static>(
    decode: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(decode).await {
        Ok(decoded) => decoded,
        Err(stopped) => match stopped.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is shutting down; nobody waits for the answer.
            Err(_) => Ok(T::default()),
        },
    }
}

/// Rows whose only column is the JSON of a record.
pub(super) fn records<T: serde::de::DeserializeOwned>(rows: &[Row]) -> Result<Vec<T>, StoreError> {
    rows.iter().map(|row| row.json(0)).collect()
}

/// Series with their samples inside a window: `id, body` of each series, `series, day, points, data`
/// of the chunks in order of their days.
pub(super) fn with_samples(
    series: &[Row],
    chunks: &[Row],
    window: Window,
) -> Result<Vec<Series>, StoreError> {
    let mut by_series: BTreeMap<i64, Vec<&Row>> = BTreeMap::new();
    for chunk in chunks {
        by_series.entry(chunk.int(0)?).or_default().push(chunk);
    }
    let mut out = Vec::with_capacity(series.len());
    for row in series {
        let meta: SeriesMeta = row.json(1)?;
        let mut samples = Samples::default();
        for chunk in by_series.remove(&row.int(0)?).unwrap_or_default() {
            let day = decoded(&meta.id, chunk, 1)?;
            let (times, values) = day.inside(window);
            for (t, v) in times.iter().zip(values) {
                samples.push(*t, *v);
            }
        }
        out.push(Series { meta, samples });
    }
    Ok(out)
}

/// The samples of a row with day, number of points and data from `column` on.
pub(crate) fn decoded(series: &str, row: &Row, column: usize) -> Result<Samples, StoreError> {
    let day = row.int(column)?;
    chunk::decode(day, row.count(column + 1)?, row.blob(column + 2)?)
        .map_err(|e| StoreError::corrupt_chunk(series, day, e))
}

/// Descriptors in order of their id.
pub(crate) fn metas(rows: &[Row]) -> Result<Vec<SeriesMeta>, StoreError> {
    rows.iter().map(|row| row.json(1)).collect()
}

/// The statement for [`metas`]; `$1` incident or archive.
pub(crate) const SERIES_OF_INCIDENT: Sql = SERIES;

/// One stored series, as its readers need it.
pub(super) struct Reading<'a> {
    tx: &'a mut dyn Transaction,
    series: &'a str,
    key: i64,
}

impl<'a> Reading<'a> {
    /// Finds the series.
    pub(super) async fn of(
        tx: &'a mut dyn Transaction,
        incident: &IncidentId,
        series: &'a str,
    ) -> Result<Self, StoreError> {
        let args = vec![incident.0.as_str().into(), series.into()];
        let rows = tx.fetch(SERIES_KEY, args).await?;
        let row = rows.first().ok_or_else(|| {
            let what = format!("{series} of incident {incident}");
            StoreError::missing("series", what)
        })?;
        let key = row.int(0)?;
        Ok(Self { tx, series, key })
    }

    /// Samples inside the window.
    pub(super) async fn samples(&mut self, window: Window) -> Result<Samples, StoreError> {
        let mut samples = Samples::default();
        for row in self.rows(DATA, window).await? {
            let day = decoded(self.series, &row, 0)?;
            let (times, values) = day.inside(window);
            for (t, v) in times.iter().zip(values) {
                samples.push(*t, *v);
            }
        }
        Ok(samples)
    }

    /// At most `max_buckets` buckets (two, where fewer are asked for).
    pub(super) async fn pyramid(
        &mut self,
        window: Window,
        max_buckets: usize,
    ) -> Result<Vec<Bucket>, StoreError> {
        let days = self.rows(DAYS, window).await?;
        let Some(window) = clipped(window, &days)? else {
            return Ok(Vec::new());
        };
        let points: usize = days.iter().map(|row| row.count(1)).sum::<Result<_, _>>()?;
        let period = pyramid::period_for(window, max_buckets);
        if points <= max_buckets || period < pyramid::HALF_HOUR {
            let raw = pyramid::singles(&self.samples(window).await?, window);
            return Ok(if raw.len() <= max_buckets {
                raw
            } else {
                pyramid::gather(period, raw)
            });
        }
        let fine = if period < DAY {
            self.half_hours(window).await?
        } else {
            self.days(window, &days).await?
        };
        Ok(pyramid::gather(period, fine))
    }

    /// Half hours; raw samples of the days that have none or that the window cuts.
    async fn half_hours(&mut self, window: Window) -> Result<Vec<Bucket>, StoreError> {
        let mut args = self.args(window);
        args.extend(cut_days(window).map(Into::into));
        let mut fine = Vec::new();
        for row in self.tx.fetch(HALF_HOURS, args).await? {
            if row.maybe_blob(2)?.is_some() {
                let samples = decoded(self.series, &row, 0)?;
                fine.extend(pyramid::singles(&samples, window));
            } else {
                let day = row.int(0)?;
                let buckets = pyramid::decode_half_hours(day, row.blob(3)?)
                    .map_err(|e| StoreError::corrupt_chunk(self.series, day, e))?;
                fine.extend(buckets);
            }
        }
        Ok(fine)
    }

    /// Days; raw samples of the days that the window cuts.
    async fn days(&mut self, window: Window, days: &[Row]) -> Result<Vec<Bucket>, StoreError> {
        let mut fine = Vec::new();
        for row in days {
            let day = row.int(0)?;
            if cut_days(window).contains(&Some(day)) {
                let whole = Window {
                    start: window.start.max(chunk::start_of(day)),
                    end: window.end.min(chunk::start_of(day + 1)),
                };
                fine.extend(pyramid::singles(&self.samples(whole).await?, whole));
            } else {
                fine.push(Bucket {
                    start: chunk::start_of(day),
                    end: chunk::start_of(day + 1),
                    min: row.real(2)?,
                    max: row.real(3)?,
                    mean: row.real(4)?,
                    count: row.count(1)? as u64,
                });
            }
        }
        Ok(fine)
    }

    async fn rows(&mut self, statement: Sql, window: Window) -> Result<Vec<Row>, StoreError> {
        let args = self.args(window);
        self.tx.fetch(statement, args).await
    }

    /// Series, first and last day: what all three levels ask for.
    fn args(&self, window: Window) -> Vec<crate::driver::Value> {
        vec![
            self.key.into(),
            chunk::day_of(window.start).into(),
            chunk::day_of(window.end.plus(-1)).into(),
        ]
    }
}

/// The part of the window in which there are samples, to the day; `None` without any.
fn clipped(window: Window, days: &[Row]) -> Result<Option<Window>, StoreError> {
    let (Some(first), Some(last)) = (days.first(), days.last()) else {
        return Ok(None);
    };
    let start = window.start.max(chunk::start_of(first.int(0)?));
    let end = window.end.min(chunk::start_of(last.int(0)? + 1));
    Ok(Window::new(start, end))
}

/// The days that the window begins and ends in the middle of.
fn cut_days(window: Window) -> [Option<i64>; 2] {
    let cut = |t| {
        let day = chunk::day_of(t);
        (chunk::start_of(day) != t).then_some(day)
    };
    [cut(window.start), cut(window.end)]
}
