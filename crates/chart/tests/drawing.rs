//! What a picture says besides the curves, and what a pointer finds in it.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use chart::{
    Band, BandKind, Content, Curve, EventItem, Focus, Hit, Ink, Lane, LaneKind, Layout, Mark,
    MarkKind, PlacedKind, Plot, Rect, Role, Shape, Size, positions, svg,
};
use model::{Timestamp, Window};

const SIZE: Size = Size {
    width: 960,
    height: 200,
};

fn at(minute: i64) -> Timestamp {
    Timestamp::from_seconds(1_589_932_800 + minute * 60)
}

fn window() -> Window {
    Window::new(at(0), at(600)).unwrap()
}

fn lane(kind: LaneKind, content: Content) -> Lane {
    Lane {
        id: "l".into(),
        title: "a lane".into(),
        unit: "Count".into(),
        kind,
        summary: String::new(),
        series: Vec::new(),
        events: Vec::new(),
        content,
        marks: Vec::new(),
        bands: Vec::new(),
    }
}

fn curve(value: impl Fn(i64) -> f64) -> Curve {
    Curve {
        series: "s".into(),
        label: "series".into(),
        points: (-10..610).map(|i| (at(i), value(i))).collect(),
        gap_ms: 90_000,
        ..Curve::default()
    }
}

fn metric(plot: Plot) -> Lane {
    lane(LaneKind::Metric, Content::Metric(plot))
}

fn plot(curve: Curve) -> Plot {
    Plot {
        curves: vec![curve],
        ..Plot::default()
    }
}

fn item(id: &str, start: i64, end: Option<i64>, shape: Shape) -> EventItem {
    EventItem {
        event: id.into(),
        start: at(start),
        end: end.map(at),
        open: false,
        start_unknown: false,
        earliest: None,
        count: 1,
        members: Vec::new(),
        group: String::new(),
        shape,
        ink: Ink::Event,
        label: id.into(),
    }
}

fn events(layout: Layout, items: Vec<EventItem>) -> Lane {
    lane(LaneKind::Events, Content::Events { layout, items })
}

fn picture(lane: &Lane) -> String {
    svg(lane, window(), SIZE)
}

#[test]
fn an_axis_that_leaves_zero_out_is_marked_and_says_so() {
    let honest = metric(plot(curve(|i| 900.0 + (i % 40) as f64)));
    assert!(!picture(&honest).contains("not at zero"));
    let Content::Metric(plot) = honest.content.clone() else {
        unreachable!()
    };
    let cut = metric(Plot {
        from_zero: false,
        ..plot
    });
    let text = picture(&cut);
    assert!(text.contains("axis starts at 900, not at zero"), "{text}");
    // The zigzag, in the colour of a warning.
    assert!(
        text.lines()
            .any(|l| l.contains("fill=\"none\"") && l.contains("--chart-impact"))
    );
    // No area between the curve and a zero that is not there.
    assert!(!text.contains("fill-opacity=\"0.1\""));
}

#[test]
fn thinning_is_said_while_it_is_at_work_and_not_after_zooming_in() {
    let dense = Curve {
        points: (0..36_000)
            .map(|i| (at(0).plus(i * 1_000), (i % 50) as f64))
            .collect(),
        gap_ms: 1_500,
        ..curve(|_| 0.0)
    };
    let lane = metric(plot(dense));
    assert!(picture(&lane).contains("min–max per"));
    let near = Window::new(at(10), at(20)).unwrap();
    assert!(!svg(&lane, near, SIZE).contains("min–max per"));
    let cut = lane.slice(window(), 300);
    assert!(svg(&cut, window(), SIZE).contains("min–max per 2 min"));
}

#[test]
fn a_gap_is_marked_and_a_line_reaches_the_edges_of_a_narrow_window() {
    let mut one = curve(|_| 5.0);
    one.points.retain(|(t, _)| *t < at(200) || *t > at(300));
    let lane = metric(plot(one));
    assert!(picture(&lane).contains("no data"));
    // A window between two samples: the line runs through all of it.
    let near = Window::new(at(100).plus(10_000), at(100).plus(40_000)).unwrap();
    let samples: Vec<f64> = positions(&lane, near, SIZE)
        .into_iter()
        .filter(|p| p.kind == PlacedKind::Sample)
        .map(|p| p.x)
        .collect();
    let area = lane.plot(SIZE);
    assert_eq!(samples, [area.left, area.right]);
}

#[test]
fn where_a_change_may_lie_is_a_span_and_a_model_is_dashed() {
    let mut lane = metric(Plot {
        curves: vec![
            curve(|_| 5.0),
            Curve {
                series: "model".into(),
                role: Role::Theory,
                ink: Ink::S2,
                ..curve(|i| i as f64 / 100.0)
            },
        ],
        ..Plot::default()
    });
    lane.marks.push(Mark {
        at: at(300),
        uncertainty_ms: 1_800_000,
        about: "s".into(),
        kind: MarkKind::ChangeUp,
        label: "1 → 2".into(),
        short: String::new(),
    });
    let text = picture(&lane);
    let tint = |l: &&str| l.starts_with("<rect") && l.contains("--chart-change");
    assert_eq!(text.lines().filter(tint).count(), 1);
    lane.marks[0].uncertainty_ms = 0;
    assert_eq!(picture(&lane).lines().filter(tint).count(), 0);
    let dashes = text
        .lines()
        .find(|l| l.contains("fill=\"none\"") && l.contains("--chart-s2"));
    assert!(dashes.unwrap().matches('M').count() > 40);
}

#[test]
fn what_is_not_in_focus_is_faint() {
    let items = vec![
        item("a", 100, Some(200), Shape::Bar),
        item("b", 300, Some(400), Shape::Bar),
    ];
    let lane = events(Layout::Rows, items);
    let draw = |focus: &Focus| {
        let mut out = String::new();
        for part in positions_of(&lane, focus) {
            out.push_str(&part);
        }
        out
    };
    let all = draw(&Focus::default());
    let one = draw(&Focus {
        events: ["b".to_owned()].into(),
        ..Focus::default()
    });
    assert_eq!(all, "b1 b1 ");
    assert_eq!(one, "b0.22 b1 ");
}

/// The strength of every bar in a lane, as a backend of plotters gets it.
fn positions_of(lane: &Lane, focus: &Focus) -> Vec<String> {
    use plotters::prelude::IntoDrawingArea;
    use plotters_backend::{BackendColor, BackendStyle, DrawingBackend, DrawingErrorKind};
    use std::convert::Infallible;

    struct Bars<'a>(&'a mut Vec<String>);

    impl DrawingBackend for Bars<'_> {
        type ErrorType = Infallible;

        fn get_size(&self) -> (u32, u32) {
            (SIZE.width, SIZE.height)
        }

        fn ensure_prepared(&mut self) -> Result<(), DrawingErrorKind<Infallible>> {
            Ok(())
        }

        fn present(&mut self) -> Result<(), DrawingErrorKind<Infallible>> {
            Ok(())
        }

        fn draw_pixel(
            &mut self,
            _: (i32, i32),
            _: BackendColor,
        ) -> Result<(), DrawingErrorKind<Infallible>> {
            Ok(())
        }

        fn draw_rect<S: BackendStyle>(
            &mut self,
            _: (i32, i32),
            _: (i32, i32),
            style: &S,
            _: bool,
        ) -> Result<(), DrawingErrorKind<Infallible>> {
            self.0.push(format!("b{} ", style.color().alpha));
            Ok(())
        }

        fn draw_text<S: plotters_backend::BackendTextStyle>(
            &mut self,
            _: &str,
            _: &S,
            _: (i32, i32),
        ) -> Result<(), DrawingErrorKind<Infallible>> {
            Ok(())
        }
    }

    let mut out = Vec::new();
    let root = Bars(&mut out).into_drawing_area();
    chart::draw_focused(lane, window(), &root, chart::Style::default(), focus).unwrap();
    drop(root);
    out
}

fn middle(place: Rect) -> (f64, f64) {
    (
        f64::midpoint(place.left, place.right),
        f64::midpoint(place.top, place.bottom),
    )
}

#[test]
fn a_pointer_finds_the_event_that_is_drawn_there() {
    let items = vec![
        item("flag", 50, None, Shape::Flag),
        item("bar", 200, Some(400), Shape::Bar),
        item("dot", 550, None, Shape::Dot),
    ];
    for layout in [Layout::Packed, Layout::Rows] {
        let lane = events(layout, items.clone());
        for placed in positions(&lane, window(), SIZE) {
            // The pole of a flag reaches through the rows below it.
            if placed.id == "flag" && placed.y > lane.plot(SIZE).top + 20.0 {
                continue;
            }
            let hit = lane.hit(window(), SIZE, placed.x, placed.y);
            assert!(
                matches!(&hit, Some(Hit::Event { id, .. }) if *id == placed.id),
                "{placed:?}: {hit:?}"
            );
        }
        assert_eq!(lane.hit(window(), SIZE, 450.0, 195.0), None);
    }
}

#[test]
fn events_that_fall_together_are_found_with_their_ids() {
    let dots: Vec<EventItem> = (0..40)
        .map(|i| item(&format!("e{i}"), 300 + i % 3, None, Shape::Dot))
        .collect();
    for layout in [Layout::Packed, Layout::Density, Layout::Heat] {
        let lane = events(layout, dots.clone());
        let frame = chart::Frame::new(SIZE.width, window());
        let area = lane.plot(SIZE);
        let y = if layout == Layout::Density {
            area.bottom - 3.0
        } else {
            area.top + 10.0
        };
        let Some(Hit::Cluster { events, count, .. }) =
            lane.hit(window(), SIZE, frame.x(at(300)), y)
        else {
            panic!("no cluster in {layout:?}");
        };
        assert_eq!(events.len() as u32, count);
        assert!(count >= 13 && events.contains(&"e0".to_owned()), "{count}");
        // Of a slice as well, with the same number.
        let cut = lane.slice(window(), 10);
        let place = cut.hit(window(), SIZE, frame.x(at(300)), y);
        assert!(matches!(place, Some(Hit::Cluster { .. })), "{place:?}");
    }
}

#[test]
fn a_mark_is_found_where_no_event_is() {
    let mut lane = metric(plot(curve(|_| 1.0)));
    lane.marks.push(Mark {
        at: at(300),
        uncertainty_ms: 0,
        about: "s".into(),
        kind: MarkKind::Onset,
        label: "onset".into(),
        short: String::new(),
    });
    let frame = chart::Frame::new(SIZE.width, window());
    let hit = lane.hit(window(), SIZE, frame.x(at(300)) + 4.0, 100.0);
    let Some(Hit::Mark { index: 0, place }) = hit else {
        panic!("{hit:?}");
    };
    assert!(
        lane.hit(window(), SIZE, middle(place).0 + 40.0, 100.0)
            .is_none()
    );
    assert_eq!(frame.time(frame.x(at(300))), at(300));
}

#[test]
fn another_day_is_a_curve_of_its_own() {
    let today = curve(|i| (i % 7) as f64);
    let yesterday = today.moved(60_000, "a minute before".into());
    let lane = metric(Plot {
        ghosts: vec![yesterday],
        ..plot(today)
    });
    assert!(picture(&lane).contains("a minute before"));
    let readings = lane.readings(at(3));
    let text: Vec<&str> = readings.iter().map(|r| r.text.as_str()).collect();
    assert_eq!(text, ["3", "2"]);
    assert!(readings[1].ghost && !readings[0].ghost);
    let kinds = positions(&lane, window(), SIZE);
    assert!(kinds.iter().any(|p| p.kind == PlacedKind::Ghost));
}

#[test]
fn on_a_narrow_screen_the_plot_keeps_its_height() {
    let curves = (0..4).map(|i| Curve {
        label: format!("a rather long name of a series, number {i}"),
        ..curve(|_| 1.0)
    });
    let lane = metric(Plot {
        curves: curves.collect(),
        ..Plot::default()
    });
    let inner = |width| {
        let height = lane.height_at(width);
        let area = lane.plot(Size { width, height });
        area.bottom - area.top
    };
    assert!((inner(340) - inner(960)).abs() < 1.0);
    assert_eq!(lane.height(), lane.height_at(960));
}

#[test]
fn the_plot_stays_where_it_is_when_the_window_moves() {
    let mut lane = metric(plot(curve(|i| i as f64)));
    lane.bands.push(Band {
        span: Window::new(at(100), at(200)).unwrap(),
        kind: BandKind::Impact,
        label: "impact".into(),
    });
    let area = lane.plot(SIZE);
    for (from, to) in [(0, 600), (300, 301), (-900, 900)] {
        let cut = lane.slice(Window::new(at(from), at(to)).unwrap(), 100);
        assert_eq!(cut.plot(SIZE), area);
        assert_eq!(cut.height(), lane.height());
    }
}

#[test]
fn zero_on_a_logarithmic_axis_is_not_drawn_as_its_floor() {
    let mut lane = metric(Plot {
        log: true,
        ..plot(curve(|i| {
            if i % 100 == 50 {
                0.0
            } else {
                1_000.0 + (i % 9) as f64
            }
        }))
    });
    let floor = lane.plot(SIZE).bottom;
    let below = |lane: &Lane| {
        let placed = positions(lane, window(), SIZE).into_iter();
        let below = placed.filter(|p| p.kind == PlacedKind::Sample && p.y > floor + 3.0);
        below.map(|p| p.x.round() as i64).collect::<Vec<_>>()
    };
    let width = lane.plot(SIZE).right - lane.plot(SIZE).left;
    let first = lane.plot(SIZE).left + width * 50.0 / 600.0;
    let marked = below(&lane);
    assert!(
        marked.iter().any(|x| (*x as f64 - first).abs() <= 4.0),
        "{marked:?}"
    );
    assert!(
        marked.len() >= 6 * 3,
        "one for each of six zeros: {marked:?}"
    );
    assert!(picture(&lane).contains("diamonds below: zero"));
    if let Content::Metric(plot) = &mut lane.content {
        plot.curves[0].points.retain(|(_, v)| *v > 0.0);
    }
    assert!(below(&lane).is_empty() && !picture(&lane).contains("diamonds below"));
}

#[test]
fn a_name_of_a_row_gives_way_to_its_glyphs() {
    let mut events: Vec<EventItem> = [0, 10, 20]
        .map(|i| item(&format!("e{i}"), i, None, Shape::Diamond))
        .to_vec();
    for event in &mut events {
        event.group = "a-node-of-a-long-name".into();
    }
    let lane = lane(
        LaneKind::Events,
        Content::Events {
            layout: Layout::Grouped,
            items: events,
        },
    );
    let size = Size {
        width: 390,
        height: lane.height(),
    };
    let text = svg(&lane, window(), size);
    let name = text
        .lines()
        .find(|l| l.contains(">a-node-of-a-long-name<"))
        .unwrap();
    let x = name
        .split(" x=\"")
        .nth(1)
        .and_then(|r| r.split('"').next())
        .unwrap();
    let x: f64 = x.parse().unwrap();
    let last = positions(&lane, window(), size)
        .into_iter()
        .filter(|p| p.kind == PlacedKind::Event)
        .map(|p| p.x)
        .fold(0.0, f64::max);
    assert!(
        x > last + 5.0,
        "the name begins at {x}, the last glyph lies at {last}"
    );
}
