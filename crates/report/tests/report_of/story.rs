//! A small incident for the tests of the report, hostile names included.

use model::analysis::{
    ChangeKind, ChangePoint, Credit, CreditState, Direction, Driver, EvidenceItem, Explained,
    MeasuredImpact, RuledOut, StuckPod, Suspect, UnknownHypothesis,
};
use model::evidence::{Gap, Provenance};
use model::{
    Analysis, Annotation, Event, EventKind, Evidence, Impact, ObjectRef, Samples, Series,
    SeriesMeta, Timestamp, Window,
};

/// Markup in every place where outside text can stand.
pub(crate) const HOSTILE: &str = "</p><script>alert(1)</script>|`*_[x](https://evil.example)\"'&";

pub(crate) fn minute(n: i64) -> Timestamp {
    Timestamp::from_seconds(1_589_932_800 + n * 60)
}

fn series(id: &str, name: &str, stat: &str, unit: &str, at: i64, levels: (f64, f64)) -> Series {
    let (low, high) = levels;
    let points = (0..600)
        .map(|i| (minute(i * 5), if i * 5 < at { low } else { high }))
        .collect();
    let meta = SeriesMeta {
        id: id.to_owned(),
        name: name.to_owned(),
        stat: stat.to_owned(),
        unit: unit.to_owned(),
        period_s: Some(300),
        ..SeriesMeta::default()
    };
    Series {
        meta,
        samples: Samples::from_unordered(points),
    }
}

pub(crate) fn evidence() -> Evidence {
    let mut evidence = Evidence {
        window: Window {
            start: minute(0),
            end: minute(3_000),
        },
        impact: Some(Impact {
            start: minute(2_000),
            end: Some(minute(2_500)),
        }),
        symptom: vec!["latency".to_owned()],
        series: vec![
            series(
                "balance",
                "BurstCreditBalance",
                "Minimum",
                "Bytes",
                2_000,
                (2e12, 0.0),
            ),
            series("latency", "latency", "p95", "Seconds", 2_000, (0.1, 0.4)),
            series("meta", "MetadataIOBytes", "Sum", "Bytes", 500, (3e7, 3e10)),
        ],
        events: vec![
            Event {
                id: "roll".to_owned(),
                kind: EventKind::Rollout,
                start: Some(minute(490)),
                title: format!("shop v7.4 {HOSTILE}"),
                namespace: "shop".to_owned(),
                object: ObjectRef {
                    kind: "Deployment".to_owned(),
                    name: "shop-3".to_owned(),
                },
                ..Event::default()
            },
            Event {
                id: "pod".to_owned(),
                kind: EventKind::PodTerminating,
                start: Some(minute(495)),
                object: ObjectRef {
                    kind: "Pod".to_owned(),
                    name: "shop-797fbbbc6d".to_owned(),
                },
                node: "node-1".to_owned(),
                ..Event::default()
            },
        ],
        provenance: vec![Provenance {
            source: "cloudwatch".to_owned(),
            query: "AWS/EFS fs-1".to_owned(),
            asked_at: Some(minute(3_100)),
            resolution_s: Some(300),
            gaps: vec![Gap {
                what: "MeteredIOBytes".to_owned(),
                window: None,
                reason: "not kept for 63 days".to_owned(),
            }],
            series: vec!["meta".to_owned()],
            ..Provenance::default()
        }],
        ..Evidence::default()
    };
    evidence.sort();
    evidence
}

pub(crate) fn analysis() -> Analysis {
    let change = |series: &str, at, before, after| ChangePoint {
        series: series.to_owned(),
        at: minute(at),
        direction: if after > before {
            Direction::Up
        } else {
            Direction::Down
        },
        before,
        after,
        confidence: 0.99,
        kind: ChangeKind::Level,
        uncertainty_s: 300,
    };
    Analysis {
        engine: "0.1.0".to_owned(),
        changepoints: vec![
            change("meta", 500, 3e7, 3e10),
            change("latency", 2_000, 0.1, 0.4),
        ],
        credits: vec![Credit {
            series: "balance".to_owned(),
            drain_start: Some(minute(500)),
            exhausted_at: Some(minute(2_000)),
            state: CreditState::Exhausted,
            ..Credit::default()
        }],
        stuck_pods: vec![StuckPod {
            event: "pod".to_owned(),
            namespace: "shop".to_owned(),
            pod: "shop-797fbbbc6d".to_owned(),
            node: "node-1".to_owned(),
            age_s: Some(3_600),
            since: Some(minute(495)),
            until: None,
        }],
        suspects: vec![suspect()],
        ruled_out: vec![RuledOut {
            hypothesis: "traffic".to_owned(),
            reason: "requests stayed within 4 % of 12.5 /s at 2020-05-20 12:00 UTC".to_owned(),
            series: vec!["latency".to_owned()],
            events: Vec::new(),
        }],
        unknown: vec![UnknownHypothesis {
            hypothesis: "provider".to_owned(),
            missing: "no health events in 14 days".to_owned(),
        }],
        driver: Some(Driver {
            series: "meta".to_owned(),
            onset: minute(500),
            uncertainty_s: 300,
            before: 3e7,
            after: 3e10,
            mechanism: "It spends the burst credits in 25 h".to_owned(),
        }),
        impact: Some(MeasuredImpact {
            series: "latency".to_owned(),
            start: minute(2_000),
            end: None,
            normal: 0.1,
            during: 0.4,
            worst: 0.9,
        }),
        ..Analysis::default()
    }
}

fn suspect() -> Suspect {
    Suspect {
        rank: 1,
        events: vec!["roll".to_owned(), "pod".to_owned()],
        score: 0.93,
        explains: vec![Explained {
            series: "meta".to_owned(),
            at: minute(500),
            lag_s: 600,
        }],
        evidence: vec![EvidenceItem {
            factor: "precedes".to_owned(),
            weight: 1.4,
            text: "began 10 min before the onset".to_owned(),
            series: vec!["meta".to_owned()],
            events: vec!["roll".to_owned()],
            span: None,
        }],
        title: "shop-3 and 1 stuck pod".to_owned(),
        start: Some(minute(490)),
        end: None,
    }
}

pub(crate) fn notes() -> Vec<Annotation> {
    vec![Annotation {
        id: "n1".to_owned(),
        author: "kim".to_owned(),
        start: minute(2_100),
        text: format!("touch takes 334 ms {HOSTILE}"),
        ..Annotation::default()
    }]
}
