//! From the samples of queries to series, and the names of those that did not come.

use super::NAME;
use super::efs::{self, METRICS};
use super::fetch::Fetched;
use super::plan::{Query, Span, belongs};
use model::{Extra, Gap, Samples, Series, SeriesMeta, Timestamp, Window, topology};
use std::collections::BTreeMap;

/// The query that names a series, and the samples of all its queries.
type Found<'a> = (&'a Query, Vec<(Timestamp, f64)>);

/// The series of a pull in order of their id, and a gap for each metric without any sample.
pub(super) fn assemble(
    file_system: &str,
    queries: &[Query],
    fetched: &Fetched,
    span: &Span,
) -> (Vec<Series>, Vec<Gap>) {
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
        .map(|(query, points)| Series {
            meta: meta(file_system, query),
            samples: Samples::from_unordered(points),
        })
        .filter(|s| !s.samples.is_empty())
        .collect();
    let gaps = missing(queries, &series, span);
    (series, gaps)
}

/// What a Sum is divided by, so that a count of minutes is a count.
fn divisor(query: &Query) -> f64 {
    if query.metric.per_minute {
        f64::from(query.period_s) / 60.0
    } else {
        1.0
    }
}

fn meta(file_system: &str, query: &Query) -> SeriesMeta {
    let mut dimensions = BTreeMap::from([(efs::FILE_SYSTEM.to_owned(), file_system.to_owned())]);
    if let Some(class) = &query.class {
        dimensions.insert(efs::STORAGE_CLASS.to_owned(), class.clone());
    }
    let mut extra = Extra::new();
    if query.metric.per_minute && query.period_s > 60 {
        // Whoever asks again gets the Sum itself.
        extra.insert("divided_by".into(), (query.period_s / 60).into());
    }
    SeriesMeta {
        id: query.series.clone(),
        name: query.name.clone(),
        source: NAME.into(),
        namespace: efs::NAMESPACE.into(),
        dimensions,
        stat: query.stat.into(),
        unit: query.metric.unit.into(),
        period_s: Some(query.period_s),
        resource: Some(topology::aws_id(file_system)),
        extra,
    }
}

/// A metric without any sample, unless the reason is known already, and named only once.
fn missing(queries: &[Query], series: &[Series], span: &Span) -> Vec<Gap> {
    METRICS
        .iter()
        .filter(|metric| {
            let mut asked = queries.iter().filter(|q| q.metric == *metric);
            !asked.any(|q| series.iter().any(|s| s.meta.id == q.series))
        })
        .map(|metric| Gap {
            what: metric.id_name().to_owned(),
            window: Window::new(span.window.start, span.window.end),
            reason: if metric.may_miss.is_empty() {
                "CloudWatch has no sample of it for this window".into()
            } else {
                format!(
                    "CloudWatch has no sample of it for this window ({})",
                    metric.may_miss
                )
            },
        })
        .collect()
}
