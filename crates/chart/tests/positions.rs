//! The positions that the recording backend tells are those of the picture.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use chart::{
    Band, BandKind, Content, Curve, EventItem, Ink, Lane, LaneKind, Layout, Level, Mark, MarkKind,
    Placed, PlacedKind, Plot, Role, Shape, Size, positions, svg,
};
use model::{Timestamp, Window};

/// The backend units of an SVG in a CSS pixel.
const SCALE: f64 = 4.0;

const SIZE: Size = Size {
    width: 960,
    height: 220,
};

fn at(minute: i64) -> Timestamp {
    Timestamp::from_seconds(1_589_932_800 + minute * 60)
}

fn window() -> Window {
    Window::new(at(0), at(3_000)).unwrap()
}

fn lane(kind: LaneKind, content: Content) -> Lane {
    let mark = |minute, kind, label: &str| Mark {
        at: at(minute),
        uncertainty_ms: 1_800_000,
        about: "wave".into(),
        kind,
        label: label.into(),
        short: String::new(),
    };
    Lane {
        id: "l".into(),
        title: "a lane".into(),
        unit: "Bytes".into(),
        kind,
        summary: "what it shows".into(),
        series: vec!["wave".into()],
        events: Vec::new(),
        content,
        marks: vec![
            mark(700, MarkKind::ChangeUp, "1 KiB → 2 KiB"),
            mark(900, MarkKind::Onset, "onset"),
            mark(1_500, MarkKind::Note, "1"),
        ],
        bands: vec![Band {
            span: Window::new(at(2_000), at(2_500)).unwrap(),
            kind: BandKind::Impact,
            label: "impact".into(),
        }],
    }
}

fn metric() -> Lane {
    let wave = |i: i64| 2_000.0 + 900.0 * (i as f64 / 97.0).sin() + (i % 13) as f64 * 20.0;
    let curve = |series: &str, role, ink, lift: f64| Curve {
        series: series.into(),
        label: series.into(),
        points: (-100..3_100)
            .filter(|i| !(1_700..1_760).contains(i) && *i != 44)
            .map(|i| (at(i), wave(i) + lift))
            .collect(),
        gap_ms: 90_000,
        role,
        ink,
        ..Curve::default()
    };
    let plot = Plot {
        curves: vec![
            curve("wave", Role::Measured, Ink::S1, 0.0),
            curve("model", Role::Theory, Ink::S2, 400.0),
        ],
        ghosts: vec![curve("yesterday", Role::Measured, Ink::S3, -300.0)],
        from_zero: false,
        levels: vec![Level {
            series: "wave".into(),
            span: Window::new(at(500), at(700)).unwrap(),
            value: 2_100.0,
            range: Some((1_900.0, 2_200.0)),
        }],
        ..Plot::default()
    };
    lane(LaneKind::Metric, Content::Metric(plot))
}

fn events(layout: Layout) -> Lane {
    let shapes = [
        Shape::Flag,
        Shape::Diamond,
        Shape::Up,
        Shape::Down,
        Shape::Dot,
        Shape::Bar,
    ];
    let items = (0..40)
        .map(|i| EventItem {
            event: format!("event-{i}"),
            start: at(i * 70),
            end: (i % 6 == 5).then(|| at(i * 70 + 300)),
            open: i % 12 == 5,
            start_unknown: i % 18 == 5,
            earliest: None,
            count: 1,
            members: Vec::new(),
            group: format!("group {}", i / 14),
            shape: shapes[(i % 6) as usize],
            ink: if i % 7 == 0 { Ink::Suspect } else { Ink::Event },
            label: format!("event {i}"),
        })
        .collect();
    lane(LaneKind::Events, Content::Events { layout, items })
}

/// What a picture draws, in CSS pixels: lines by their points, and the middles of shapes.
#[derive(Default)]
struct Read {
    lines: Vec<Vec<(f64, f64)>>,
    middles: Vec<(f64, f64)>,
}

/// Reads the picture back.
fn read(text: &str) -> Read {
    let mut out = Read::default();
    for line in text.lines().filter(|l| l.starts_with('<')) {
        let number = |name: &str| attribute(line, name).and_then(|v| v.parse::<f64>().ok());
        if line.starts_with("<path") {
            let lines = path(attribute(line, "d").unwrap());
            if line.contains("fill=\"none\"") {
                out.lines.extend(lines);
            } else {
                out.middles.extend(lines.iter().map(|l| middle(l)));
                out.lines.extend(lines);
            }
        } else if line.starts_with("<circle") {
            let place = number("cx").zip(number("cy")).unwrap();
            out.middles.push((place.0 / SCALE, place.1 / SCALE));
        } else if line.starts_with("<rect") {
            let (x, y) = number("x").zip(number("y")).unwrap();
            let (w, h) = number("width").zip(number("height")).unwrap();
            out.middles
                .push(((x + w / 2.0) / SCALE, (y + h / 2.0) / SCALE));
        }
    }
    out
}

fn attribute<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let from = line.split_once(&format!(" {name}=\""))?.1;
    from.split('"').next()
}

/// Path data as lines: each `M x y`, then `l` with relative steps.
fn path(d: &str) -> Vec<Vec<(f64, f64)>> {
    let mut out = Vec::new();
    for run in d.trim_end_matches('z').split('M').filter(|r| !r.is_empty()) {
        let spaced = run.replace('l', " ").replace('-', " -");
        let numbers: Vec<f64> = spaced
            .split_whitespace()
            .map(|n| n.parse().unwrap())
            .collect();
        let (mut x, mut y) = (0.0, 0.0);
        let mut line = Vec::new();
        for pair in numbers.chunks(2) {
            (x, y) = (x + pair[0], y + pair[1]);
            line.push((x / SCALE, y / SCALE));
        }
        out.push(line);
    }
    out
}

fn middle(points: &[(f64, f64)]) -> (f64, f64) {
    let ends = |pick: fn(&(f64, f64)) -> f64| {
        let values = points.iter().map(pick);
        let low = values.clone().fold(f64::INFINITY, f64::min);
        f64::midpoint(low, values.fold(f64::NEG_INFINITY, f64::max))
    };
    (ends(|p| p.0), ends(|p| p.1))
}

/// How far a point lies from a line.
fn distance((x, y): (f64, f64), line: &[(f64, f64)]) -> f64 {
    let step = |pair: &[(f64, f64)]| {
        let ((ax, ay), (bx, by)) = (pair[0], pair[1]);
        let (dx, dy) = (bx - ax, by - ay);
        let length = dx * dx + dy * dy;
        let part = if length > 0.0 {
            (((x - ax) * dx + (y - ay) * dy) / length).clamp(0.0, 1.0)
        } else {
            0.0
        };
        (ax + part * dx - x).hypot(ay + part * dy - y)
    };
    line.windows(2).map(step).fold(f64::INFINITY, f64::min)
}

fn check(lane: &Lane, window: Window) -> Vec<Placed> {
    let placed = positions(lane, window, SIZE);
    let picture = read(&svg(lane, window, SIZE));
    for p in &placed {
        let point = (p.x, p.y);
        let off_lines = picture.lines.iter().map(|l| distance(point, l));
        let off_shapes = picture.middles.iter().map(|m| (m.0 - p.x).hypot(m.1 - p.y));
        let off = off_lines.chain(off_shapes).fold(f64::INFINITY, f64::min);
        assert!(off <= 1.0, "{p:?} is {off} pixels from anything drawn");
    }
    placed
}

#[test]
fn curves_marks_and_levels_are_where_the_picture_has_them() {
    let lane = metric();
    for window in [window(), Window::new(at(1_600), at(1_800)).unwrap()] {
        let placed = check(&lane, window);
        let of = |kind| placed.iter().filter(move |p| p.kind == kind).count();
        assert!(of(PlacedKind::Sample) > 200 && of(PlacedKind::Ghost) > 100);
        let plot = lane.plot(SIZE);
        assert!(placed.iter().all(|p| {
            (plot.left - 1.0..=plot.right + 1.0).contains(&p.x)
                && (plot.top - 1.0..=plot.bottom + 1.0).contains(&p.y)
        }));
    }
    let placed = positions(&lane, window(), SIZE);
    let marks = placed.iter().filter(|p| p.kind == PlacedKind::Mark);
    // Two ends each, and the tip of the change.
    assert_eq!(marks.count(), 7);
}

#[test]
fn every_line_of_the_picture_inside_the_plot_is_told() {
    let lane = metric();
    let placed = positions(&lane, window(), SIZE);
    let text = svg(&lane, window(), SIZE);
    let curve = text
        .lines()
        .filter(|l| l.contains("--chart-s1") && !l.contains("opacity"))
        .filter_map(|l| attribute(l, "d"));
    let told: Vec<&Placed> = placed.iter().filter(|p| p.id == "wave").collect();
    let points: Vec<(f64, f64)> = curve.flat_map(path).flatten().collect();
    assert!(points.len() > 1_000);
    for (x, y) in points {
        let near = |p: &&&Placed| (p.x - x).hypot(p.y - y) <= 1.0;
        // Keys of the legend lie above the plot.
        assert!(
            y < lane.plot(SIZE).top || told.iter().any(|p| near(&p)),
            "{x} {y} is not told"
        );
    }
}

#[test]
fn events_are_where_the_picture_has_them() {
    for layout in [
        Layout::Packed,
        Layout::Rows,
        Layout::Density,
        Layout::Heat,
        Layout::Grouped,
    ] {
        let placed = check(&events(layout), window());
        let events = placed.iter().filter(|p| p.kind == PlacedKind::Event);
        assert!(events.count() >= 8, "{layout:?}");
    }
}

#[test]
fn a_slice_is_drawn_where_the_lane_is() {
    let lane = metric();
    let plot = lane.plot(SIZE);
    let columns = (plot.right - plot.left) as u32;
    let cut = lane.slice(window(), columns);
    assert_eq!(cut.plot(SIZE), plot);
    let (whole, cut) = (
        positions(&lane, window(), SIZE),
        positions(&cut, window(), SIZE),
    );
    let samples = |all: &[Placed]| -> Vec<(f64, f64)> {
        let all = all
            .iter()
            .filter(|p| p.kind == PlacedKind::Sample && p.id == "wave");
        all.map(|p| (p.x, p.y)).collect()
    };
    let (whole, cut) = (samples(&whole), samples(&cut));
    assert!(cut.len() > 1_000);
    // Columns of the slice and of the drawing begin at different instants, so that a point may
    // stand one pixel aside.
    for (x, y) in cut {
        let near = whole
            .iter()
            .any(|p| (p.0 - x).abs() <= 1.0 && (p.1 - y).abs() <= 1.0);
        assert!(near || distance((x, y), &whole) <= 1.5, "{x} {y}");
    }
}
