//! How events come into lanes: pods by their rollout, log messages by their rows.

use chart::{Content, EventItem, Layout, Shape, compose, lane_of, lanes};
use model::analysis::{StuckPod, Suspect};
use model::{Analysis, Event, EventKind, Evidence, ObjectRef, Samples, Series, SeriesMeta};
use model::{Timestamp, Window};

fn minute(n: i64) -> Timestamp {
    Timestamp::from_seconds(1_589_932_800 + n * 60)
}

fn event(id: &str, kind: EventKind, name: &str, start: i64, end: Option<i64>) -> Event {
    Event {
        id: id.into(),
        kind,
        start: Some(minute(start)),
        end: end.map(minute),
        namespace: "shop".into(),
        object: ObjectRef {
            kind: "Pod".into(),
            name: name.into(),
        },
        node: format!("node-{}.example", start % 2),
        ..Event::default()
    }
}

fn evidence(events: Vec<Event>, series: Vec<Series>) -> Evidence {
    let mut evidence = Evidence {
        window: Window {
            start: minute(0),
            end: minute(1_000),
        },
        events,
        series,
        ..Evidence::default()
    };
    evidence.sort();
    evidence
}

fn items<'a>(lanes: &'a [chart::Lane], id: &str) -> (Layout, &'a [EventItem]) {
    let lane = lanes.iter().find(|l| l.id == id);
    match lane.map(|l| &l.content) {
        Some(Content::Events { layout, items }) => (*layout, items),
        _ => panic!("no lane of events {id}"),
    }
}

#[test]
fn stuck_pods_stand_under_the_rollout_that_left_them() {
    let rollout = |id, name, at| event(id, EventKind::Rollout, name, at, None);
    let pod = |id, name, at| event(id, EventKind::PodTerminating, name, at, None);
    let evidence = evidence(
        vec![
            rollout("r1", "web", 100),
            rollout("r2", "web", 200),
            rollout("r3", "api", 300),
            pod("p1", "web-6f-a", 103),
            pod("p2", "web-6f-b", 105),
            pod("p3", "web-7c-c", 204),
            // The analysis knows better than its name.
            pod("p4", "worker-1", 305),
            pod("p5", "lonely-1", 50),
        ],
        Vec::new(),
    );
    let stuck = |id: &str| StuckPod {
        event: id.into(),
        namespace: "shop".into(),
        pod: String::new(),
        node: String::new(),
        age_s: None,
        since: None,
        until: None,
    };
    let analysis = Analysis {
        stuck_pods: ["p1", "p2", "p3", "p4", "p5"].map(stuck).to_vec(),
        suspects: vec![Suspect {
            rank: 1,
            events: vec!["r3".into(), "p4".into()],
            score: 0.9,
            explains: Vec::new(),
            evidence: Vec::new(),
            title: String::new(),
            start: None,
            end: None,
        }],
        ..Analysis::default()
    };
    let lanes = lanes(&evidence, &analysis, &[]);
    let (layout, items) = items(&lanes, "stuck-pods");
    assert_eq!(layout, Layout::Rows);
    let rows: Vec<(&str, &str)> = items
        .iter()
        .map(|i| (i.group.as_str(), i.event.as_str()))
        .collect();
    let (r1, r2) = (
        "after the rollout of web, 2020-05-20 01:40 UTC",
        "after the rollout of web, 2020-05-20 03:20 UTC",
    );
    let r3 = "after the rollout of api, 2020-05-20 05:00 UTC";
    let none = "no rollout known";
    assert_eq!(
        rows,
        [(r1, "p1"), (r1, "p2"), (r2, "p3"), (r3, "p4"), (none, "p5")]
    );
    assert_eq!(items[0].label, "web-6f-a · node-1");
}

#[test]
fn log_messages_are_rows_of_counts_where_lines_were_counted() {
    let message = |id: &str, template: &str, start, end| {
        let mut event = event(id, EventKind::LogPattern, "", start, end);
        event.title = format!("Log, 90 times: {template}");
        event.attributes.insert("count".into(), 90.into());
        event.attributes.insert("template".into(), template.into());
        event
    };
    let counted = Series {
        meta: SeriesMeta {
            id: "lines".into(),
            stat: "Sum".into(),
            unit: "Count".into(),
            period_s: Some(60),
            dimensions: [("template".to_owned(), "volume is busy".to_owned())].into(),
            ..SeriesMeta::default()
        },
        samples: Samples::from_unordered(
            (100..400)
                .map(|m| (minute(m), if m % 2 == 0 { 3.0 } else { 0.0 }))
                .collect(),
        ),
    };
    let events = vec![
        message("m1", "volume is busy", 100, Some(400)),
        message("m2", "unmount failed", 150, Some(900)),
    ];
    let evidence = evidence(events, vec![counted]);
    let lanes = lanes(&evidence, &Analysis::default(), &[]);
    let (layout, items) = items(&lanes, "events-log_pattern");
    assert_eq!(layout, Layout::Heat);
    let of =
        |group: &str| -> Vec<&EventItem> { items.iter().filter(|i| i.group == group).collect() };
    let lines: u32 = of("volume is busy").iter().map(|i| i.count).sum();
    assert_eq!(lines, 450);
    assert!(of("volume is busy").iter().all(|i| i.shape == Shape::Dot));
    // When in its span the other one came is not known, and not made up.
    let [span] = of("unmount failed")[..] else {
        panic!("more than one item");
    };
    assert_eq!((span.shape, span.count), (Shape::Bar, 90));
    assert_eq!(span.end, Some(minute(900)));
}

#[test]
fn any_series_can_have_a_lane_of_its_own() {
    let series = |n: i64| Series {
        meta: SeriesMeta {
            id: format!("s {n}"),
            name: format!("series {n}"),
            unit: "Count".into(),
            ..SeriesMeta::default()
        },
        samples: Samples::from_unordered(vec![(minute(n), 1.0)]),
    };
    let evidence = evidence(Vec::new(), (0..30).map(series).collect());
    let analysis = Analysis::default();
    let more = compose(&evidence, &analysis, &[]).more;
    assert!(!more.is_empty());
    for left_out in more {
        let lane = lane_of(&left_out.series, &evidence, &analysis, &[]);
        let lane = lane.unwrap_or_else(|| panic!("no lane of {}", left_out.series));
        assert_eq!(lane.series, std::slice::from_ref(&left_out.series));
        assert!(lane.id.starts_with("series-s-"), "{}", lane.id);
    }
    assert!(lane_of("nothing", &evidence, &analysis, &[]).is_none());
}

#[test]
fn every_node_has_one_row_of_its_life() {
    let of = |id: &str, kind, at, end| event(id, kind, "", at, end);
    let evidence = evidence(
        vec![
            // Even minutes are of node-0, odd ones of node-1.
            of("added", EventKind::NodeAdded, 101, None),
            of("boot", EventKind::NodeReboot, 300, None),
            of("away", EventKind::NodeNotReady, 401, Some(430)),
            of("gone", EventKind::NodeRemoved, 701, None),
        ],
        Vec::new(),
    );
    let lanes = lanes(&evidence, &Analysis::default(), &[]);
    let (layout, items) = items(&lanes, "nodes");
    assert_eq!(layout, Layout::Grouped);
    let rows: Vec<(&str, &str)> = items
        .iter()
        .map(|i| (i.group.as_str(), i.label.as_str()))
        .collect();
    let expected = [
        ("node-1", "added node-1"),
        ("node-0", "reboot node-0"),
        ("node-1", "not ready node-1"),
        ("node-1", "removed node-1"),
    ];
    assert_eq!(rows, expected);
    let lane = lanes.iter().find(|l| l.id == "nodes").unwrap();
    let size = chart::Size {
        width: 960,
        height: lane.height(),
    };
    let placed = chart::positions(lane, evidence.window, size);
    let row = |id: &str| {
        let mut of = placed.iter().filter(|p| p.id == id);
        of.next().map(|p| p.y.round()).unwrap()
    };
    assert!((row("added") - row("gone")).abs() < 2.0);
    assert!((row("added") - row("boot")).abs() > 10.0);
    // The row says which node it is; the glyphs say what happened.
    let picture = chart::svg(lane, evidence.window, size);
    assert!(picture.contains(">node-1<") && picture.contains(">reboot<"));
}

#[test]
fn a_picture_with_a_focus_makes_the_rest_faint() {
    let evidence = evidence(
        vec![
            event("e1", EventKind::Rollout, "web", 100, None),
            event("e2", EventKind::Rollout, "api", 600, None),
        ],
        Vec::new(),
    );
    let lanes = lanes(&evidence, &Analysis::default(), &[]);
    let size = chart::Size {
        width: 960,
        height: 120,
    };
    let focus = chart::Focus {
        events: ["e1".to_owned()].into(),
        ..chart::Focus::default()
    };
    let plain = chart::svg(&lanes[0], evidence.window, size);
    let lit = chart::svg_focused(&lanes[0], evidence.window, size, &focus);
    assert_ne!(plain, lit);
    assert!(lit.matches("opacity").count() > plain.matches("opacity").count());
}

#[test]
fn lanes_of_events_are_known_by_their_ids() {
    let kinds = [
        EventKind::Rollout,
        EventKind::PodTerminating,
        EventKind::NodeReboot,
        EventKind::Alert,
        EventKind::JobRun,
        EventKind::OomKill,
        EventKind::ContainerRestart,
        EventKind::Scale,
        EventKind::LogPattern,
        EventKind::Other("a".into()),
        EventKind::Other("b".into()),
        EventKind::Other("c".into()),
        EventKind::Other("d".into()),
        EventKind::Other("events".into()),
    ];
    let events = (1..).zip(kinds).map(|(n, kind)| {
        let id = format!("e{n}");
        event(&id, kind, "web", n, Some(n + 1))
    });
    let meta = SeriesMeta {
        id: "notes".into(),
        ..SeriesMeta::default()
    };
    let series = Series {
        meta,
        samples: Samples::from_unordered(vec![(minute(1), 1.0)]),
    };
    let evidence = evidence(events.collect(), vec![series]);
    let analysis = Analysis {
        stuck_pods: vec![StuckPod {
            event: "e2".into(),
            namespace: "shop".into(),
            pod: String::new(),
            node: String::new(),
            age_s: None,
            since: None,
            until: None,
        }],
        ..Analysis::default()
    };
    let note = model::Annotation {
        start: minute(1),
        ..model::Annotation::default()
    };
    let lanes = lanes(&evidence, &analysis, &[note]);
    let ids: Vec<&str> = lanes.iter().map(|l| l.id.as_str()).collect();
    for of in [
        "notes",
        "rollouts",
        "stuck-pods",
        "nodes",
        "alerts",
        "jobs",
        "events-log_pattern",
        "events-further",
        "series-notes",
    ] {
        assert!(ids.contains(&of), "{of}: {ids:?}");
    }
    for lane in &lanes {
        let is = lane.kind == chart::LaneKind::Events;
        assert_eq!(chart::is_event_lane(&lane.id), is, "{}", lane.id);
    }
    for no in ["", "events", "events-", "note", "notes-2", "symptom"] {
        assert!(!chart::is_event_lane(no), "{no}");
    }
}
