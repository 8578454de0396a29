//! Slices show what the lane shows, in bytes that the window bounds and not the samples.

use chart::{
    Content, Curve, EventItem, Ink, Lane, LaneKind, Layout, Plot, Shape, Slice, SliceError,
    VALUE_ERROR,
};
use model::{Timestamp, Window};
use proptest::prelude::*;
use std::collections::BTreeMap;

const PERIOD: i64 = 60_000;
const GAP: i64 = 90_000;
const START: i64 = 1_589_932_800_000;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(START + ms)
}

fn curve(points: Vec<(Timestamp, f64)>) -> Curve {
    Curve {
        series: "s".into(),
        label: "series".into(),
        points,
        gap_ms: GAP,
        ..Curve::default()
    }
}

fn lane(content: Content, kind: LaneKind) -> Lane {
    Lane {
        id: "l".into(),
        title: "a lane".into(),
        unit: "Seconds".into(),
        kind,
        summary: "what it shows".into(),
        series: vec!["s".into()],
        events: Vec::new(),
        content,
        marks: Vec::new(),
        bands: Vec::new(),
    }
}

fn metric(points: Vec<(Timestamp, f64)>) -> Lane {
    let plot = Plot {
        curves: vec![curve(points)],
        ..Plot::default()
    };
    lane(Content::Metric(plot), LaneKind::Metric)
}

fn first(lane: &Lane) -> &Curve {
    match &lane.content {
        Content::Metric(plot) => &plot.curves[0],
        Content::Events { .. } => panic!("no curves"),
    }
}

fn items(lane: &Lane) -> &[EventItem] {
    match &lane.content {
        Content::Events { items, .. } => items,
        Content::Metric(_) => panic!("no events"),
    }
}

/// Samples a minute apart, some of them missing.
fn samples(most: usize) -> impl Strategy<Value = Vec<(Timestamp, f64)>> {
    let one = (prop::bool::weighted(0.97), -1e6..1e6f64);
    prop::collection::vec(one, 2..most).prop_map(|all| {
        let all = (0..).zip(all);
        all.filter(|(_, (there, _))| *there)
            .map(|(i, (_, v))| (at(i * PERIOD), v))
            .collect()
    })
}

/// A window of `minutes` from the minute `from` on.
fn window(from: i64, minutes: i64) -> Window {
    Window {
        start: at(from * PERIOD),
        end: at((from + minutes) * PERIOD),
    }
}

fn inside(points: &[(Timestamp, f64)], w: Window) -> impl Iterator<Item = &(Timestamp, f64)> {
    points
        .iter()
        .filter(move |p| w.start <= p.0 && p.0 <= w.end)
}

/// Lowest and highest value of each column.
fn extremes(points: &[(Timestamp, f64)], w: Window, ms: i64) -> BTreeMap<i64, (f64, f64)> {
    let mut out = BTreeMap::new();
    for (t, v) in inside(points, w) {
        let (low, high) = out.entry(t.millis().div_euclid(ms)).or_insert((*v, *v));
        *low = v.min(*low);
        *high = v.max(*high);
    }
    out
}

proptest! {
    #[test]
    fn no_spike_is_hidden_and_the_number_of_points_is_bounded(
        points in samples(3_000), from in -100i64..1_000, minutes in 1i64..3_000, columns in 1u32..300,
    ) {
        let w = window(from, minutes);
        let whole = metric(points.clone());
        let cut = whole.slice(w, columns);
        let cut = first(&cut);
        let most = 2 * (columns as usize + 2) + 2;
        prop_assert!(cut.points.len() <= most, "{} of {most}", cut.points.len());
        prop_assert!(cut.points.is_sorted_by_key(|p| p.0));
        prop_assert!(cut.points.iter().all(|p| points.contains(p)));
        let n = inside(&points, w).count();
        if let Some(ms) = cut.thinned {
            prop_assert!(ms <= w.millis() / i64::from(columns) + 1);
            prop_assert_eq!(extremes(&points, w, ms), extremes(&cut.points, w, ms));
        } else {
            prop_assert!(n <= 2 * columns as usize);
            prop_assert!(inside(&points, w).eq(inside(&cut.points, w)));
        }
        // Lines reach the window's edges.
        prop_assert_eq!(points.iter().rfind(|p| p.0 < w.start), cut.points.iter().rfind(|p| p.0 < w.start));
        prop_assert_eq!(points.iter().find(|p| p.0 > w.end), cut.points.iter().find(|p| p.0 > w.end));
    }

    #[test]
    fn no_gap_is_joined_that_a_column_can_show(
        points in samples(2_000), minutes in 10i64..2_000, columns in 1u32..200,
    ) {
        let w = window(0, minutes);
        let whole = metric(points.clone());
        let cut = whole.slice(w, columns);
        let cut = first(&cut);
        let column = |t: Timestamp| cut.thinned.map_or(t.millis(), |ms| t.millis().div_euclid(ms));
        for pair in points.windows(2) {
            let ((a, _), (b, _)) = (pair[0], pair[1]);
            let seen = a <= w.end && b >= w.start && column(a) != column(b);
            if b.since(a) <= GAP || !seen {
                continue;
            }
            if cut.thinned.is_some() {
                prop_assert!(cut.gaps.contains(&(a, b)), "the gap after {a} is lost");
            }
        }
        // And none is made up.
        for (from, to) in &cut.gaps {
            prop_assert!(!points.iter().any(|(t, _)| from < t && t < to));
            prop_assert!(to.since(*from) > GAP);
        }
        // Between them it is joined: a slice of a slice is the same.
        let again = whole.slice(w, columns).slice(w, columns);
        prop_assert_eq!(first(&again), cut);
    }

    #[test]
    fn with_room_for_every_sample_the_slice_is_the_lane(points in samples(400)) {
        let whole = metric(points);
        prop_assert_eq!(&whole.slice(window(0, 400), 400), &whole);
    }

    #[test]
    fn what_is_read_back_is_what_was_written(
        points in samples(600), from in 0i64..300, minutes in 1i64..600, columns in 1u32..200,
    ) {
        let lanes = [metric(points), events(50, Layout::Rows)];
        let slice = Slice::of(&lanes, window(from, minutes), columns);
        let back = Slice::decode(&slice.encode()).unwrap();
        let (sent, came) = (first(&slice.lanes[0]), first(&back.lanes[0]));
        prop_assert_eq!(sent.points.len(), came.points.len());
        for (sent, came) in sent.points.iter().zip(&came.points) {
            prop_assert_eq!(sent.0, came.0);
            prop_assert!((sent.1 - came.1).abs() <= sent.1.abs() * VALUE_ERROR);
        }
        prop_assert_eq!(&sent.gaps, &came.gaps);
        prop_assert_eq!(sent.thinned, came.thinned);
        prop_assert_eq!(&slice.lanes[1], &back.lanes[1]);
        prop_assert_eq!((slice.window, slice.columns), (back.window, back.columns));
        // What was sent once is sent unchanged a second time.
        prop_assert_eq!(&Slice::decode(&back.encode()).unwrap(), &back);
    }

    #[test]
    fn damaged_bytes_are_an_error_and_no_panic(
        cut in 0usize..400, place in 0usize..400, byte: u8,
    ) {
        let points = (0..40).map(|i| (at(i * PERIOD), i as f64)).collect();
        let bytes = Slice::of(&[metric(points)], window(0, 40), 100).encode();
        prop_assert!(Slice::decode(&bytes[..cut.min(bytes.len() - 1)]).is_err());
        let mut changed = bytes.clone();
        let place = place % changed.len();
        changed[place] = byte;
        if let Ok(slice) = Slice::decode(&changed) {
            // Whatever it says can be drawn, cut and read.
            for lane in &slice.lanes {
                let text = chart::svg(lane, slice.window, chart::Size { width: 400, height: 160 });
                prop_assert!(text.ends_with("</svg>"));
                let _ = lane.slice(window(0, 10), 10).readings(at(0));
            }
        }
    }
}

/// Events a minute apart.
fn events(n: i64, layout: Layout) -> Lane {
    let items: Vec<EventItem> = (0..n)
        .map(|i| EventItem {
            event: format!("event-{i}"),
            start: at(i * PERIOD),
            end: (i % 2 == 0).then(|| at((i + 30) * PERIOD)),
            open: false,
            start_unknown: false,
            earliest: None,
            count: 1,
            members: Vec::new(),
            group: String::new(),
            shape: if i % 2 == 0 { Shape::Bar } else { Shape::Dot },
            ink: Ink::Event,
            label: format!("pod-{i}"),
        })
        .collect();
    let mut lane = lane(Content::Events { layout, items }, LaneKind::Events);
    lane.events = items_of(&lane);
    lane
}

fn items_of(lane: &Lane) -> Vec<String> {
    items(lane).iter().map(|i| i.event.clone()).collect()
}

#[test]
fn another_version_is_named() {
    let mut bytes = Slice::of(&[], window(0, 1), 1).encode();
    bytes[0] = 9;
    assert_eq!(Slice::decode(&bytes), Err(SliceError::Format(9)));
    assert!(matches!(Slice::decode(&[]), Err(SliceError::Damaged(_))));
}

#[test]
fn events_that_touch_the_window_stay_and_keep_their_number() {
    let lane = events(2_000, Layout::Packed);
    let few = lane.slice(window(100, 40), 900);
    // Bars that began before, bars and points that begin inside.
    assert_eq!(items(&few).len(), 15 + 41);
    assert!(items(&few).iter().all(|i| i.count == 1));
    for layout in [
        Layout::Packed,
        Layout::Rows,
        Layout::Density,
        Layout::Heat,
        Layout::Grouped,
    ] {
        let cut = events(2_000, layout).slice(window(0, 2_000), 100);
        let items = items(&cut);
        assert!(items.len() <= 100, "{layout:?}: {}", items.len());
        let all: u32 = items.iter().map(|i| i.count).sum();
        assert_eq!(all, 2_000, "{layout:?}");
        let ids: usize = items.iter().map(|i| 1 + i.members.len()).sum();
        assert!(ids <= 200);
    }
}

#[test]
fn bytes_are_bounded_by_columns_and_not_by_samples() {
    let bytes = |n: i64| {
        // Noise: nothing repeats that could be written shorter.
        let noise = |i: i64| (i.wrapping_mul(2_654_435_761) % 10_007) as f64;
        let points = (0..n).map(|i| (at(i * PERIOD), noise(i))).collect();
        let lanes = [metric(points), events(n, Layout::Density)];
        Slice::of(&lanes, window(0, n), 900).encode().len()
    };
    let (short, long) = (bytes(4_000), bytes(64_000));
    // Two points of six bytes at most a column, and an event of some thirty.
    assert!(short < 900 * (2 * 6 + 48), "{short} bytes");
    assert!(long < short * 5 / 4, "{short} and {long} bytes");
}
