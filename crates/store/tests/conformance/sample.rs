//! Records to tell stories with.

use model::bundle::RawFile;
use model::{
    Annotation, Batch, Edge, EdgeKind, Event, EventKind, Gap, Impact, Incident, IncidentId,
    ObjectRef, Provenance, Samples, Series, SeriesMeta, Timestamp, Window, time::DAY, time::MINUTE,
};

/// 2020-05-20T00:00:00Z.
pub(crate) const START: Timestamp = Timestamp::from_seconds(1_589_932_800);

pub(crate) fn minute(n: i64) -> Timestamp {
    START.plus(n * MINUTE)
}

pub(crate) fn window(days: i64) -> Window {
    Window {
        start: START,
        end: START.plus(days * DAY),
    }
}

pub(crate) fn id(n: u32) -> IncidentId {
    IncidentId(format!("{n:032x}"))
}

pub(crate) fn incident(n: u32) -> Incident {
    let mut extra = model::Extra::new();
    extra.insert("later_field".into(), serde_json::json!({"kept": 0.1}));
    Incident {
        id: id(n),
        title: format!("Zombie pods \u{1f9df} no. {n}, with 'quotes' and \u{0}"),
        window: window(3),
        impact: Some(Impact {
            start: minute(100),
            end: None,
        }),
        symptom: vec!["latency".into()],
        notice: Some("a simulation".into()),
        created_at: minute(5_000),
        digest: Some(format!("{n:064x}")),
        extra,
        ..Incident::default()
    }
}

pub(crate) fn series(id: &str, points: &[(i64, f64)]) -> Series {
    Series {
        meta: SeriesMeta {
            id: id.into(),
            name: id.to_uppercase(),
            unit: "Bytes".into(),
            stat: "Sum".into(),
            period_s: Some(60),
            ..SeriesMeta::default()
        },
        samples: Samples::from_unordered(points.iter().map(|(m, v)| (minute(*m), *v)).collect()),
    }
}

pub(crate) fn event(id: &str, title: &str) -> Event {
    Event {
        id: id.into(),
        kind: EventKind::Rollout,
        start: Some(minute(10)),
        title: title.into(),
        namespace: "wordpress".into(),
        object: ObjectRef {
            kind: "Deployment".into(),
            name: "site".into(),
        },
        ..Event::default()
    }
}

pub(crate) fn edge(from: &str, to: &str) -> Edge {
    Edge {
        from: from.into(),
        to: to.into(),
        kind: EdgeKind::Mounts,
        extra: model::Extra::new(),
    }
}

pub(crate) fn provenance(query: &str) -> Provenance {
    Provenance {
        name: String::new(),
        source: "cloudwatch".into(),
        query: query.into(),
        asked_at: Some(minute(5_000)),
        window: Some(window(3)),
        resolution_s: Some(60),
        absent: vec!["nothing.of.that.name".into()],
        gaps: vec![Gap {
            what: "StorageBytes".into(),
            window: None,
            reason: "no such metric".into(),
        }],
        series: vec!["io".into()],
        events: 2,
        questions: Vec::new(),
    }
}

/// A batch with something of everything.
pub(crate) fn batch() -> Batch {
    Batch {
        provenance: provenance("GetMetricData"),
        series: vec![
            series(
                "io",
                &[(0, -0.0), (1, 5e-324), (1439, f64::MAX), (1440, 1.5)],
            ),
            series("balance", &[(0, 2.3e12), (2_880, 0.0)]),
            series("empty", &[]),
        ],
        events: vec![event("e2", "second"), event("e1", "first \u{0} nul")],
        topology: vec![edge("pod", "fs"), edge("node", "fs")],
        files: vec![RawFile {
            path: "files/pods.txt".into(),
            observed_at: Some(minute(7)),
            content: vec![0, 159, 146, 150, 13, 10],
            ..RawFile::default()
        }],
    }
}

pub(crate) fn annotation(id: &str, start: i64, text: &str) -> Annotation {
    Annotation {
        id: id.into(),
        author: "a reader".into(),
        start: minute(start),
        text: text.into(),
        series: vec!["io".into()],
        ..Annotation::default()
    }
}
