//! From the samples of queries to series, and the names of those that did not come.

use super::NAME;
use super::fetch::Fetched;
use super::plan::{Span, belongs};
use super::queries::Query;
use crate::resource;
use model::time::SECOND;
use model::{Extra, Gap, Samples, Series, SeriesMeta, Timestamp, Window};
use std::collections::{BTreeMap, BTreeSet};

/// The query that names a series, and the samples of all its queries.
type Found<'a> = (&'a Query, Vec<(Timestamp, f64)>);

/// The series of a pull in order of their id, and the metrics without any sample.
pub(super) fn assemble(
    queries: &[Query],
    fetched: &Fetched,
    span: &Span,
) -> (Vec<Series>, Missing) {
    let mut found: BTreeMap<&str, Found<'_>> = BTreeMap::new();
    // Of two spellings the first asked wins where both have a sample: of two samples at one
    // instant `Samples` takes the later in the list, hence the order reversed.
    for (query, points) in queries.iter().zip(&fetched.points).rev() {
        let mine = points
            .iter()
            .filter(|(t, _)| belongs(*t, query.period_s, span))
            .map(|(t, v)| (*t, *v / divisor(query)));
        let mut mine: Vec<(Timestamp, f64)> = mine.collect();
        if mine.is_empty() {
            continue;
        }
        let entry = found.entry(&query.series).or_insert((query, Vec::new()));
        entry.0 = query;
        entry.1.append(&mut mine);
    }
    let series: Vec<Series> = found
        .into_values()
        .map(|(query, points)| {
            let samples = Samples::from_unordered(points);
            Series {
                meta: meta(query, &samples),
                samples,
            }
        })
        .filter(|s| !s.samples.is_empty())
        .collect();
    let whole = fetched.gaps.is_empty() && fetched.failure.is_none();
    let missing = missing(queries, &series, span, whole);
    (series, missing)
}

/// What a Sum is divided by, so that a count of minutes is a count.
fn divisor(query: &Query) -> f64 {
    if query.per_minute {
        f64::from(query.period_s) / 60.0
    } else {
        1.0
    }
}

fn meta(query: &Query, samples: &Samples) -> SeriesMeta {
    let mut extra = Extra::new();
    if query.per_minute && query.period_s > 60 {
        // Whoever asks again gets the Sum itself.
        extra.insert("divided_by".into(), (query.period_s / 60).into());
    }
    let dimensions = query.dimensions.iter();
    let dimensions = dimensions.map(|(name, value)| (name.as_str(), value.as_str()));
    SeriesMeta {
        id: query.series.clone(),
        name: query.name.clone(),
        source: NAME.into(),
        namespace: query.namespace.clone(),
        dimensions: query.dimensions.iter().cloned().collect(),
        stat: query.stat.clone(),
        unit: query.unit.clone(),
        period_s: Some(period(query, samples)),
        resource: resource::of_dimensions(&query.namespace, &dimensions),
        extra,
    }
}

/// The period that the samples have: a source that is set to the slower of its two ways publishes
/// less often than it was asked, and the minutes between are no gaps.
fn period(query: &Query, samples: &Samples) -> u32 {
    let slow_ms = i64::from(query.slow_s) * SECOND;
    if query.slow_s > query.period_s && samples.step_ms() == Some(slow_ms) {
        query.slow_s
    } else {
        query.period_s
    }
}

/// Metrics without any sample.
#[derive(Debug, Default)]
pub(super) struct Missing {
    /// Those that should be there.
    pub(super) gaps: Vec<Gap>,
    /// Those that may be missing though all is well, and why.
    pub(super) absent: Vec<String>,
}

/// A metric without any sample, named only once, whatever the number of its statistics. Where the
/// answers are not `whole`, nobody knows whether it is absent.
fn missing(queries: &[Query], series: &[Series], span: &Span, whole: bool) -> Missing {
    let came: BTreeSet<&str> = series.iter().map(|s| s.meta.id.as_str()).collect();
    let came: BTreeSet<&str> = queries
        .iter()
        .filter(|q| came.contains(q.series.as_str()))
        .map(|q| q.what.as_str())
        .collect();
    let mut named = BTreeSet::new();
    let without = queries
        .iter()
        .filter(|q| !came.contains(q.what.as_str()) && named.insert(q.what.as_str()));
    let mut missing = Missing::default();
    for query in without {
        if whole && !query.may_miss.is_empty() {
            missing
                .absent
                .push(format!("{} ({})", query.what, query.may_miss));
            continue;
        }
        missing.gaps.push(Gap {
            what: query.what.clone(),
            window: Window::new(span.window.start, span.window.end),
            reason: if query.may_miss.is_empty() {
                "CloudWatch has no sample of it for this window".into()
            } else {
                format!(
                    "CloudWatch has no sample of it for this window ({})",
                    query.may_miss
                )
            },
        });
    }
    missing
}
