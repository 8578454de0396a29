//! What the lanes of an incident hold, and what their pictures keep.

use chart::{Content, Curve, Frame, Lane, LaneKind, Role, Shape, Size, compose, lanes, svg};
use model::analysis::{ChangePoint, Credit, Direction, Driver, StuckPod, Suspect, Theory};
use model::{
    Analysis, Annotation, Event, EventKind, Evidence, Impact, ObjectRef, Samples, Series,
    SeriesMeta, Timestamp, Window,
};

/// The window begins here.
fn start() -> Timestamp {
    Timestamp::from_seconds(1_589_932_800)
}

fn minute(n: i64) -> Timestamp {
    start().plus(n * 60_000)
}

fn window() -> Window {
    Window {
        start: start(),
        end: minute(3_000),
    }
}

fn series(
    id: &str,
    name: &str,
    stat: &str,
    unit: &str,
    value: impl Fn(i64) -> Option<f64>,
) -> Series {
    let points = (0..3_000)
        .filter_map(|i| Some((minute(i), value(i)?)))
        .collect();
    let period_s = Some(60);
    let meta = SeriesMeta {
        id: id.to_owned(),
        name: name.to_owned(),
        stat: stat.to_owned(),
        unit: unit.to_owned(),
        period_s,
        ..SeriesMeta::default()
    };
    Series {
        meta,
        samples: Samples::from_unordered(points),
    }
}

fn event(id: &str, kind: EventKind, start: Option<Timestamp>, end: Option<Timestamp>) -> Event {
    Event {
        id: id.to_owned(),
        kind,
        start,
        end,
        object: ObjectRef {
            kind: "Pod".to_owned(),
            name: id.to_owned(),
        },
        node: "node-1".to_owned(),
        ..Event::default()
    }
}

fn story() -> (Evidence, Analysis, Vec<Annotation>) {
    let step = |at: i64, low: f64, high: f64| move |i| Some(if i < at { low } else { high });
    let mut evidence = Evidence {
        window: window(),
        impact: Some(Impact {
            start: minute(2_000),
            end: None,
        }),
        symptom: vec!["latency".to_owned()],
        series: vec![
            series(
                "balance",
                "BurstCreditBalance",
                "Minimum",
                "Bytes",
                step(1_000, 2e12, 1e12),
            ),
            series("cpu", "CPUUtilization", "Average", "Percent", |i| {
                Some(20.0 + (i % 7) as f64)
            }),
            series(
                "latency",
                "latency",
                "p95",
                "Seconds",
                step(2_000, 0.1, 0.4),
            ),
            series(
                "meta",
                "MetaDataIOBytes",
                "Sum",
                "Bytes",
                step(500, 6e6, 6e9),
            ),
            series("read", "DataReadIOBytes", "Sum", "Bytes", |_| Some(6e6)),
        ],
        events: vec![
            event("roll", EventKind::Rollout, Some(minute(490)), None),
            event("other", EventKind::Rollout, Some(minute(1_900)), None),
            event("pod-a", EventKind::PodTerminating, Some(minute(495)), None),
            event(
                "pod-b",
                EventKind::PodTerminating,
                None,
                Some(minute(2_500)),
            ),
        ],
        ..Evidence::default()
    };
    evidence.sort();
    let change = |series: &str, at, before, after| ChangePoint {
        series: series.to_owned(),
        at: minute(at),
        direction: Direction::Up,
        before,
        after,
        confidence: 0.99,
        kind: model::analysis::ChangeKind::Level,
        uncertainty_s: 60,
    };
    let stuck = |event: &str| StuckPod {
        event: event.to_owned(),
        namespace: String::new(),
        pod: event.to_owned(),
        node: "node-1".to_owned(),
        age_s: None,
        since: None,
        until: None,
    };
    let analysis = Analysis {
        changepoints: vec![
            change("meta", 500, 6e6, 6e9),
            change("latency", 2_000, 0.1, 0.4),
        ],
        stuck_pods: vec![stuck("pod-a"), stuck("pod-b")],
        suspects: vec![Suspect {
            rank: 1,
            events: vec!["roll".to_owned(), "pod-a".to_owned()],
            score: 0.9,
            explains: Vec::new(),
            evidence: Vec::new(),
            title: String::new(),
            start: None,
            end: None,
        }],
        driver: Some(Driver {
            series: "meta".to_owned(),
            onset: minute(500),
            uncertainty_s: 60,
            before: 6e6,
            after: 6e9,
            mechanism: String::new(),
        }),
        ..Analysis::default()
    };
    let note = Annotation {
        id: "n1".to_owned(),
        start: minute(2_100),
        text: "ticket opened".to_owned(),
        ..Annotation::default()
    };
    (evidence, analysis, vec![note])
}

const SIZE: Size = Size {
    width: 1_100,
    height: 200,
};

fn picture(lane: &Lane) -> String {
    svg(lane, window(), SIZE)
}

fn find<'a>(lanes: &'a [Lane], id: &str) -> &'a Lane {
    lanes
        .iter()
        .find(|l| l.id == id)
        .unwrap_or_else(|| panic!("no lane {id}"))
}

#[test]
fn lanes_tell_the_story_from_top_to_bottom() {
    let (evidence, analysis, notes) = story();
    let lanes = lanes(&evidence, &analysis, &notes);
    let ids: Vec<&str> = lanes.iter().map(|l| l.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "symptom",
            "credits-balance",
            "io-",
            "notes",
            "rollouts",
            "stuck-pods",
            "series-cpu"
        ]
    );
    assert!(lanes.iter().all(|l| !l.summary.is_empty()));
    // A thousandfold difference is shown on a logarithmic axis, and the words say so.
    let io = find(&lanes, "io-");
    assert!(matches!(&io.content, Content::Metric(plot) if plot.log));
    assert!(io.summary.contains("logarithmic"));
    // Sums over a minute are drawn a second: 6e6 bytes a minute are 97.7 KiB/s.
    assert_eq!(io.unit, "Bytes/Second");
    assert!(
        picture(io).contains("97.7 KiB/s → 95.4 MiB/s"),
        "{}",
        picture(io)
    );
    assert!(picture(io).contains("log scale from"));
}

#[test]
fn suspects_differ_in_shape_and_unknown_starts_stay_unknown() {
    let (evidence, analysis, notes) = story();
    let lanes = lanes(&evidence, &analysis, &notes);
    let Content::Events { items, .. } = &find(&lanes, "rollouts").content else {
        panic!("no events");
    };
    let look: Vec<_> = items.iter().map(|i| (i.event.as_str(), i.shape)).collect();
    assert_eq!(look, [("roll", Shape::SuspectFlag), ("other", Shape::Flag)]);
    let Content::Events { items, .. } = &find(&lanes, "stuck-pods").content else {
        panic!("no events");
    };
    let open = items.iter().find(|i| i.event == "pod-a").unwrap();
    assert!(open.open && !open.start_unknown);
    let unknown = items.iter().find(|i| i.event == "pod-b");
    assert!(
        unknown.is_none(),
        "without any bound it has no place on the axis"
    );
}

#[test]
fn one_instant_has_one_place_in_every_lane() {
    let (evidence, analysis, notes) = story();
    let x = Frame::new(SIZE.width, window()).x(minute(500));
    // The backend's units are quarters of a pixel; the onset is marked in every lane.
    let start = format!("M{} ", (x * 4.0).round());
    for lane in lanes(&evidence, &analysis, &notes) {
        assert!(picture(&lane).contains(&start), "{}", lane.id);
    }
}

#[test]
fn gaps_stay_gaps_and_spikes_stay_spikes() {
    let (mut evidence, ..) = story();
    let wave = |i: i64| Some(if i == 1_234 { 900.0 } else { 100.0 });
    let gap = |i: i64| wave(i).filter(|_| !(2_000..2_010).contains(&i));
    evidence.series = vec![series("x", "x", "Average", "Count", gap)];
    evidence.symptom.clear();
    let lanes = lanes(&evidence, &Analysis::default(), &[]);
    let text = picture(find(&lanes, "series-x"));
    // Three samples a pixel are drawn as the area that they cover: two runs, an area each.
    let curves: Vec<&str> = text
        .lines()
        .filter(|l| l.contains("--chart-s1") && l.contains("<path") && !l.contains("opacity"))
        .collect();
    assert_eq!(curves.len(), 2, "{curves:?}");
    // The axis ends at 1,000: the spike stands at nine tenths of the plot's height, the rest at
    // one tenth; nothing is drawn in between but the way up and down.
    let spike = steepest(curves[0]);
    assert!(spike > 300, "a spike of {spike} quarter pixels");
    assert!(
        find(&lanes, "series-x")
            .summary
            .contains("1 gap without samples")
    );
}

/// Largest step of a path in the direction of y.
fn steepest(line: &str) -> i64 {
    let d = line.split("d=\"").nth(1).and_then(|d| d.split('"').next());
    let runs = d
        .unwrap_or_default()
        .split('M')
        .filter_map(|run| run.split_once('l'));
    let mut most = 0;
    for (_, steps) in runs {
        let spaced = steps.replace('-', " -");
        let numbers = spaced
            .split_whitespace()
            .filter_map(|n| n.parse::<i64>().ok());
        most = numbers
            .skip(1)
            .step_by(2)
            .map(i64::abs)
            .fold(most, i64::max);
    }
    most
}

#[test]
fn four_series_of_9_000_noisy_points_stay_below_50_kb() {
    let mut state = 1_u64;
    let mut noise = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(u32::MAX)
    };
    let window = Window::new(start(), minute(9_000)).unwrap();
    let mut evidence = Evidence {
        window,
        ..Evidence::default()
    };
    for n in 0..4 {
        let points = (0..9_000)
            .map(|i| (minute(i), noise() + f64::from(n)))
            .collect();
        let mut one = series(&format!("s{n}"), "same", "Average", "Percent", |_| None);
        one.meta
            .dimensions
            .insert("host".to_owned(), format!("h{n}"));
        one.samples = Samples::from_unordered(points);
        evidence.series.push(one);
    }
    let lanes = lanes(&evidence, &Analysis::default(), &[]);
    assert_eq!(lanes.len(), 1);
    let text = svg(
        &lanes[0],
        window,
        Size {
            width: 1_100,
            height: 168,
        },
    );
    assert!(text.len() < 50_000, "{} bytes", text.len());
}

#[test]
fn hostile_names_are_text_and_lane_ids_are_tame() {
    let (mut evidence, analysis, mut notes) = story();
    let bad = "</title></svg><script>alert(1)</script>\"'&\u{0}";
    for series in &mut evidence.series {
        series.meta.name = format!("{bad}{}", series.meta.id);
        series.meta.unit = bad.to_owned();
    }
    for event in &mut evidence.events {
        event.object.name = bad.to_owned();
        event.node = bad.to_owned();
        event.kind = EventKind::Other(bad.to_owned());
    }
    notes[0].text = bad.to_owned();
    for lane in lanes(&evidence, &analysis, &notes) {
        let tame = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        assert!(lane.id.chars().all(tame), "{}", lane.id);
        let text = picture(&lane);
        assert!(
            !text.contains("<script") && !text.contains('\0'),
            "{}",
            lane.id
        );
        for tag in ["svg", "title", "desc"] {
            assert_eq!(
                text.matches(&format!("</{tag}>")).count(),
                1,
                "{tag} of {}",
                lane.id
            );
        }
    }
}

#[test]
fn pictures_are_the_same_each_time_and_their_ids_differ() {
    let (evidence, analysis, notes) = story();
    let lanes = lanes(&evidence, &analysis, &notes);
    let mut ids = std::collections::BTreeSet::new();
    for lane in &lanes {
        let text = picture(lane);
        assert_eq!(text, picture(lane));
        assert!(text.contains("role=\"img\"") && !text.contains("style="));
        for id in text
            .split(" id=\"")
            .skip(1)
            .filter_map(|t| t.split('"').next())
        {
            assert!(ids.insert(id.to_owned()), "{id} twice");
        }
    }
}

#[test]
fn any_size_and_any_window_can_be_drawn() {
    let (evidence, analysis, notes) = story();
    let far = Window::new(minute(-900_000), minute(-800_000)).unwrap();
    for lane in lanes(&evidence, &analysis, &notes) {
        for size in [(0, 0), (1, 9_000), (360, 20), (9_000, 1)] {
            let (width, height) = size;
            for window in [window(), far, Window::default()] {
                let text = svg(&lane, window, Size { width, height });
                assert!(text.ends_with("</svg>"));
                assert!(!text.contains("NaN"), "{} at {size:?}", lane.id);
            }
        }
    }
}

#[test]
fn what_has_no_lane_is_named() {
    let (mut evidence, analysis, notes) = story();
    for n in 0..30 {
        let id = format!("extra-{n:02}");
        evidence
            .series
            .push(series(&id, &id, "Average", "Count", |_| Some(1.0)));
    }
    evidence.sort();
    let composed = compose(&evidence, &analysis, &notes);
    let metric = composed.lanes.iter().filter(|l| l.kind == LaneKind::Metric);
    assert_eq!(metric.clone().count(), chart::MAX_METRIC_LANES);
    let shown: usize = metric.map(|l| l.series.len()).sum();
    assert_eq!(shown + composed.more.len(), evidence.series.len());
}

/// The story with a balance of which the analysis says this.
fn with_credit(credit: Credit) -> Lane {
    let (evidence, mut analysis, notes) = story();
    analysis.credits = vec![Credit {
        series: "balance".to_owned(),
        ..credit
    }];
    find(&lanes(&evidence, &analysis, &notes), "credits-balance").clone()
}

fn theory_of(lane: &Lane) -> Option<&Curve> {
    let Content::Metric(plot) = &lane.content else {
        panic!("curves");
    };
    plot.curves.iter().find(|c| c.role == Role::Theory)
}

#[test]
fn a_balance_has_its_theoretical_line_told_apart_and_named() {
    let lane = with_credit(Credit {
        theory: Some(Theory {
            line: Samples::from_unordered(vec![(minute(0), 2e12), (minute(2_999), 5e11)]),
            unmeasured: vec![Window {
                start: minute(600),
                end: minute(700),
            }],
            error_share: 0.0123,
            basis: "baseline: 50 KiB/s per GiB of StorageBytes".to_owned(),
        }),
        ..Credit::default()
    });
    let theory = theory_of(&lane).unwrap();
    // At the instants of the samples, and nowhere else.
    assert_eq!(theory.points.len(), 3_000 - 100);
    assert_eq!(theory.points.first(), Some(&(minute(0), 2e12)));
    let read = |at| {
        let texts: Vec<String> = lane.readings(at).into_iter().map(|r| r.text).collect();
        texts.join(" · ")
    };
    assert_eq!(lane.readings(minute(9))[1].label, "in theory");
    assert_eq!(read(minute(0)), "1.82 TiB · 1.82 TiB");
    assert_eq!(read(minute(650)), "1.82 TiB · no data");
    for says in ["in theory", "StorageBytes", "1.23 %"] {
        assert!(lane.summary.contains(says), "{}", lane.summary);
    }
    let text = picture(&lane);
    assert!(text.contains(">in theory<"), "the legend names it");
    let dashes = text
        .lines()
        .find(|l| l.contains("fill=\"none\"") && l.contains("--chart-s2") && l.len() > 400);
    assert!(dashes.unwrap().matches('M').count() > 20);
    let order = |ink: &str| text.rfind(&format!("stroke=\"var(--chart-{ink}"));
    assert!(order("s2") > order("s1"), "over what was measured");
    // By zoom level like every curve: no more than two points a column.
    let cut = lane.slice(window(), 100);
    assert!(theory_of(&cut).unwrap().points.len() <= 2 * 100 + 2);
    let near = Window {
        start: minute(100),
        end: minute(160),
    };
    let cut = lane.slice(near, 100);
    assert_eq!(theory_of(&cut).unwrap().points.len(), 63);
}

#[test]
fn where_there_is_no_theory_the_lane_says_why() {
    let why = "the file system is in elastic throughput mode: burst credits do not limit it";
    let lane = with_credit(Credit {
        no_theory: why.to_owned(),
        ..Credit::default()
    });
    assert!(theory_of(&lane).is_none());
    let says = format!("No theoretical line: {why}.");
    assert!(lane.summary.starts_with(&says), "{}", lane.summary);
    assert!(!picture(&lane).contains("in theory"));
}

#[test]
fn the_clue_of_the_story_stands_on_the_lane_of_io() {
    let (evidence, analysis, notes) = story();
    let all = lanes(&evidence, &analysis, &notes);
    let io = all.iter().find(|l| l.id.starts_with("io-")).unwrap();
    assert!(
        io.summary.contains("Over the whole window metadata is") && io.summary.contains("× reads"),
        "{}",
        io.summary
    );
    let after = Window {
        start: minute(1_000),
        end: minute(1_500),
    };
    let says = "metadata is 1,000 × reads and an unknown multiple of writes (not measured)";
    assert_eq!(io.ratio_at(minute(1_000)).as_deref(), Some(says));
    assert!(io.ratio_in(after).unwrap().starts_with(says));
    let size = Size {
        width: 1_200,
        height: io.height(),
    };
    assert!(svg(io, after, size).contains("In sight metadata is 1,000 × reads"));
    // Thinned as the browser has it, it says the same.
    assert!(
        io.slice(after, 50)
            .ratio_in(after)
            .unwrap()
            .starts_with(says)
    );
}
