//! The two ways to a picture: from the samples in memory, and from the zoom levels of the database where
//! an incident has too many for that.

use crate::support::{Counting, TestServer, at};
use app::backend::{Backend, Caller, LanesAsk};
use chart::{Content, Curve};
use model::{
    Batch, Incident, IncidentId, Samples, Series, SeriesMeta, Timestamp, Window,
    time::{DAY, MINUTE},
};
use proptest::prelude::*;
use server::{backend::ServerBackend, config::Config, registry::Registry};
use std::sync::{Arc, LazyLock};
use tokio::runtime::Runtime;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

/// Samples are sums of a minute, drawn by the second.
const FACTOR: f64 = 60.0;

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
            unit: "Bytes".into(),
            period_s: Some(60),
            ..SeriesMeta::default()
        },
        samples: Samples::from_unordered(minutes.map(|m| (at(m), value(m))).collect()),
    }
}

/// The curve of a window from memory and from the database.
async fn both(series: Series, days: i64, window: Window, columns: u32) -> (Curve, Curve) {
    let server = TestServer::start().await;
    let incident = Incident {
        id: IncidentId("1".repeat(32)),
        window: Window {
            start: at(0),
            end: at(days * 1_440),
        },
        ..Incident::default()
    };
    let batch = Batch {
        series: vec![series],
        ..Batch::default()
    };
    server.store.import(&incident, &[batch], &[]).await.unwrap();
    let backend = |most: usize| {
        let of = ServerBackend::new(
            server.store.clone(),
            server.clock.clone(),
            Arc::new(Counting::default()),
            server.worker.clone(),
            Arc::new(Registry::default()),
            &Config::default(),
        );
        of.keeping(most)
    };
    let cut = |most: usize| {
        let backend = backend(most);
        let ask = LanesAsk {
            window: Some(window),
            columns,
            ..LanesAsk::default()
        };
        let id = incident.id.clone();
        async move {
            let given = backend.lanes(&Caller::LocalUser, &id, ask).await.unwrap();
            let mut curves = given
                .slice
                .lanes
                .into_iter()
                .filter_map(|lane| match lane.content {
                    Content::Metric(plot) => plot.curves.into_iter().next(),
                    Content::Events { .. } => None,
                });
            curves.next().unwrap()
        }
    };
    (cut(usize::MAX).await, cut(0).await)
}

fn extremes(points: impl Iterator<Item = f64>) -> (f64, f64) {
    points.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
        (low.min(v), high.max(v))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// What the database gives of a window is what the memory gives: the same samples where all of
    /// them are drawn, else the lowest and the highest of every column, and no line over a gap that is
    /// longer than a column.
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
        let start = at(0).plus((from * all) as i64);
        let window = Window { start, end: start.plus(((length * length * all) as i64).max(MINUTE)) };
        let (memory, stored) = RUNTIME.block_on(both(io.clone(), days, window, columns));

        prop_assert!(stored.points.len() <= 2 * columns as usize + 4);
        prop_assert!(stored.points.is_sorted_by(|a, b| a.0 <= b.0));
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(1.0);
        for (_, drawn) in &stored.points {
            let measured = io.samples.values().iter().any(|v| near(*v, drawn * FACTOR));
            prop_assert!(measured, "{drawn} was never measured");
        }
        let (times, values) = io.samples.inside(window);
        let inside = |c: &Curve| -> Vec<(Timestamp, f64)> {
            c.points.iter().copied().filter(|p| window.contains(p.0)).collect()
        };
        let Some(column) = stored.thinned else {
            prop_assert_eq!(inside(&stored).len(), times.len());
            if memory.thinned.is_none() {
                prop_assert_eq!(inside(&stored), inside(&memory));
            }
            return Ok(());
        };
        // A column that lies in the window whole has the extremes of its samples, and no others.
        let drawn = |first: Timestamp| {
            let of = stored.points.iter().filter(move |p| p.0.floor_to(column) == first);
            extremes(of.map(|p| p.1 * FACTOR))
        };
        for t in times {
            let first = t.floor_to(column);
            let whole = Window { start: first, end: first.plus(column) };
            if first >= window.start && whole.end <= window.end {
                let (low, high) = extremes(io.samples.inside(whole).1.iter().copied());
                let (shown_low, shown_high) = drawn(first);
                prop_assert!(near(low, shown_low) && near(high, shown_high), "the column at {first}");
            }
        }
        for pair in stored.points.windows(2) {
            let (a, b) = (pair[0].0, pair[1].0);
            if b.since(a) > stored.gap_ms.max(2 * column) {
                let told = stored.gaps.iter().any(|(from, to)| *from >= a && *to <= b);
                prop_assert!(told, "{a} is joined with {b}");
            }
        }
        if memory.thinned.is_some() && !values.is_empty() {
            let inner = Window { start: window.start.plus(column), end: window.end.plus(-column) };
            let whole = memory.points.iter().filter(|p| inner.contains(p.0)).map(|p| p.1);
            let (low, high) = extremes(whole);
            let (stored_low, stored_high) = extremes(stored.points.iter().map(|p| p.1));
            prop_assert!(low == f64::INFINITY || (stored_low <= low + 1e-9 && high <= stored_high + 1e-9));
        }
    }
}
