//! Curves of an incident that is too large for the memory, from the zoom levels of the database.

use chart::{Content, Curve, Lane, Role, drawn_unit};
use model::{IncidentId, Series, Window};
use store::{Bucket, EvidenceStore, StoreError};

/// A lane with its curves inside a window: every sample where they are no more than the columns, else
/// the lowest and the highest of each bucket; so much beyond the window's ends as can be joined with
/// what is inside.
pub(super) async fn filled<S: EvidenceStore + Sync + ?Sized>(
    store: &S,
    incident: &IncidentId,
    series: &[Series],
    lane: &Lane,
    window: Window,
    columns: u32,
) -> Result<Lane, StoreError> {
    let mut lane = lane.clone();
    let Content::Metric(plot) = &mut lane.content else {
        return Ok(lane);
    };
    for curve in &mut plot.curves {
        let of = series.iter().find(|s| s.meta.id == curve.series);
        let Some(of) = of.filter(|_| curve.role == Role::Measured) else {
            continue;
        };
        let column = window.millis() / i64::from(columns.max(1));
        let reach = window.widened(curve.gap_ms.max(column).max(1));
        let buckets = store
            .pyramid(incident, &curve.series, reach, columns as usize)
            .await?;
        *curve = curve_of(curve, &buckets, drawn_unit(&of.meta).1);
    }
    Ok(lane)
}

/// The curve with those buckets as its samples, times `factor`.
fn curve_of(curve: &Curve, buckets: &[Bucket], factor: f64) -> Curve {
    let is_sample = |b: &Bucket| b.count == 1 && b.end.since(b.start) == 1;
    if buckets.iter().all(is_sample) {
        let points = buckets.iter().map(|b| (b.start, b.max * factor));
        return Curve {
            points: points.collect(),
            ..curve.clone()
        };
    }
    let length = buckets.first().map_or(1, |b| b.end.since(b.start));
    let extremes = buckets
        .iter()
        .map(|b| (b.start, b.min * factor, b.max * factor));
    curve.clone().of_buckets(length, extremes)
}

#[cfg(test)]
mod tests {
    use super::super::known::made;
    use super::*;
    use crate::dossier::Dossier;
    use model::{
        Analysis, Batch, Evidence, Incident, Samples, SeriesMeta, Timestamp, time::DAY,
        time::MINUTE,
    };
    use proptest::prelude::*;
    use std::sync::LazyLock;
    use store::Revision;
    use tokio::runtime::Runtime;

    const START: Timestamp = Timestamp::from_seconds(1_589_932_800);
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

    /// Days at a minute, with gaps and a spike.
    fn series(days: i64, gaps: &[(i64, i64)], spike: i64) -> Series {
        let is_there = |m: &i64| !gaps.iter().any(|(from, n)| (*from..from + n).contains(m));
        let value = |m: i64| {
            if m == spike {
                -1e7
            } else {
                ((m % 997) * 31 % 101) as f64 / 8.0
            }
        };
        let minutes = (0..days * 1_440).filter(is_there);
        Series {
            meta: SeriesMeta {
                id: "io".into(),
                name: "io".into(),
                stat: "Sum".into(),
                // Drawn by the second.
                unit: "Bytes".into(),
                period_s: Some(60),
                ..SeriesMeta::default()
            },
            samples: Samples::from_unordered(
                minutes
                    .map(|m| (START.plus(m * MINUTE), value(m)))
                    .collect(),
            ),
        }
    }

    fn only_curve(lane: Lane) -> Curve {
        let Content::Metric(plot) = lane.content else {
            panic!("no lane of curves")
        };
        plot.curves.into_iter().next().unwrap()
    }

    /// The same window from memory and from the database.
    fn both(series: &Series, days: i64, window: Window, columns: u32) -> (Curve, Curve) {
        let incident = Incident {
            id: IncidentId("1".repeat(32)),
            window: Window {
                start: START,
                end: START.plus(days * DAY),
            },
            ..Incident::default()
        };
        let evidence = Evidence {
            window: incident.window,
            series: vec![series.clone()],
            ..Evidence::default()
        };
        let dossier = Dossier {
            title: String::new(),
            notice: None,
            evidence,
            analysis: Analysis::default(),
            annotations: Vec::new(),
        };
        let batch = Batch {
            series: vec![series.clone()],
            ..Batch::default()
        };
        let of = |most| made(Revision::default(), incident.clone(), dossier.clone(), most);
        let (whole, without) = (of(usize::MAX), of(0));
        assert!(whole.facts.whole && !without.facts.whole);
        assert!(only_curve(without.lanes[0].lane.clone()).points.is_empty());
        let stored = RUNTIME.block_on(async {
            let store = store::open("sqlite::memory:").await.unwrap();
            store.import(&incident, &[batch], &[]).await.unwrap();
            let lane = &without.lanes[0].lane;
            let series = &without.facts.evidence.series;
            filled(&*store, &incident.id, series, lane, window, columns)
                .await
                .unwrap()
        });
        let memory = whole.lanes[0].lane.slice(window, columns);
        (
            only_curve(memory),
            only_curve(stored.slice(window, columns)),
        )
    }

    fn extremes(curve: &Curve, window: Window) -> (f64, f64) {
        let inside = curve.points.iter().filter(|p| window.contains(p.0));
        inside.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), p| {
            (low.min(p.1), high.max(p.1))
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// What the database gives of a window is what the memory gives: the same samples where all
        /// of them are drawn, else the lowest and the highest of every column, and never a line over
        /// a column without samples.
        #[test]
        fn both_ways_show_the_same(
            days in 1i64..12,
            gaps in prop::collection::vec((0i64..17_000, 1i64..3_000), 0..4),
            spike in 0i64..17_000,
            (from, length) in (0.0f64..1.0, 0.0f64..1.0),
            columns in 2u32..700,
        ) {
            let io = series(days, &gaps, spike);
            prop_assume!(!io.samples.is_empty());
            let all = (days * DAY) as f64;
            let start = START.plus((from * all) as i64);
            let window = Window { start, end: start.plus(((length * length * all) as i64).max(MINUTE)) };
            let (memory, stored) = both(&io, days, window, columns);

            let most = 2 * columns as usize + 4;
            prop_assert!(stored.points.len() <= most, "{} of {columns}", stored.points.len());
            prop_assert!(stored.points.is_sorted_by(|a, b| a.0 <= b.0));
            let (times, values) = io.samples.inside(window);
            let Some(column) = stored.thinned else {
                let inside = |c: &Curve| -> Vec<_> {
                    c.points.iter().copied().filter(|p| window.contains(p.0)).collect()
                };
                prop_assert_eq!(inside(&stored).len(), times.len());
                if memory.thinned.is_none() {
                    prop_assert_eq!(inside(&stored), inside(&memory));
                }
                return Ok(());
            };
            // Whole columns of the window hold the extremes of their samples, and no others.
            let whole = times.iter().zip(values).filter(|(t, _)| {
                let first = t.floor_to(column);
                window.contains(first) && first.plus(column) <= window.end
            });
            for (t, v) in whole {
                let first = t.floor_to(column);
                let drawn: Vec<f64> = stored.points.iter().filter(|p| p.0.floor_to(column) == first).map(|p| p.1 * 60.0).collect();
                let low = drawn.iter().copied().fold(f64::INFINITY, f64::min);
                let high = drawn.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let slack = 1e-9 * v.abs().max(1.0);
                prop_assert!(low - slack <= *v && *v <= high + slack, "{v} at {t} is not between {low} and {high}");
            }
            // Every value that is drawn was measured.
            for (_, drawn) in &stored.points {
                let is_there = io.samples.values().iter().any(|v| (v - drawn * 60.0).abs() <= 1e-9 * v.abs().max(1.0));
                prop_assert!(is_there, "{drawn} was never measured");
            }
            // A column without samples is a gap in both.
            let empty = |at: Timestamp| io.samples.inside(Window { start: at, end: at.plus(column) }).0.is_empty();
            for pair in stored.points.windows(2) {
                let (a, b) = (pair[0].0, pair[1].0);
                let between = a.floor_to(column).plus(column);
                if between < b.floor_to(column) && empty(between) && b.since(a) > stored.gap_ms.max(2 * column) {
                    prop_assert!(stored.gaps.iter().any(|(from, to)| *from <= between && between < *to), "{a} is joined with {b}");
                }
            }
            if memory.thinned.is_some() {
                let inner = Window { start: window.start.plus(2 * column), end: window.end.plus(-2 * column) };
                if inner.millis() > 0 {
                    let (low, high) = extremes(&memory, inner);
                    let (stored_low, stored_high) = extremes(&stored, window);
                    prop_assert!(stored_low <= low + 1e-9 && high <= stored_high + 1e-9);
                }
            }
        }
    }
}
