//! Stories of reports and analyses.

use super::{
    place::{Place, stories},
    sample::{id, incident, minute, window},
};
use model::report::{Block, Figure, Inline, Section};
use model::{Analysis, Report};
use store::StoreError;

pub(crate) fn report(title: &str) -> Report {
    Report {
        title: title.into(),
        window: window(2),
        notice: Some("a simulation".into()),
        engine: "0.1.0".into(),
        sections: vec![Section {
            id: "summary".into(),
            title: "Summary".into(),
            blocks: vec![
                Block::Paragraph(vec![Inline::Figure("rate".into())]),
                Block::Chart {
                    id: "io".into(),
                    summary: "rises".into(),
                    svg: "<svg>\u{1f9df}</svg>".repeat(20_000),
                },
            ],
        }],
        figures: vec![Figure {
            id: "rate".into(),
            value: serde_json::json!(0.1 + 0.2),
            unit: "Ratio".into(),
            evidence: vec!["io".into()],
            span: Some(window(1)),
            text: "30 %".into(),
        }],
    }
}

/// Numbers that a careless reader of JSON gets wrong in the last bit.
fn analysis() -> Analysis {
    let hard = [
        0.1 + 0.2,
        5e-324,
        f64::MAX,
        2.225_073_858_507_201e-308,
        123_456_789.123_456_78,
    ];
    Analysis {
        schema: model::analysis::ANALYSIS_SCHEMA.into(),
        changepoints: hard
            .into_iter()
            .map(|v| model::analysis::ChangePoint {
                series: "io".into(),
                at: minute(1),
                direction: model::analysis::Direction::Up,
                before: v,
                after: -v,
                confidence: 1.0 / 3.0,
                kind: model::analysis::ChangeKind::Level,
                uncertainty_s: 60,
            })
            .collect(),
        ..Analysis::default()
    }
}

async fn the_last_report_counts(place: &Place) {
    let store = place.open().await;
    store.create_incident(&incident(1)).await.unwrap();
    assert_eq!(store.report(&id(1)).await.unwrap(), None);
    let first = report("first");
    store.put_report(&id(1), &first, minute(1)).await.unwrap();
    let last = report("last");
    store.put_report(&id(1), &last, minute(2)).await.unwrap();
    let store = place.open().await;
    assert_eq!(
        store.report(&id(1)).await.unwrap(),
        Some((report("last"), minute(2)))
    );
}

async fn an_analysis_keeps_every_bit(place: &Place) {
    let store = place.open().await;
    store.create_incident(&incident(1)).await.unwrap();
    assert_eq!(store.analysis(&id(1)).await.unwrap(), None);
    let older = Analysis::default();
    store.put_analysis(&id(1), &older, minute(1)).await.unwrap();
    let newer = analysis();
    store.put_analysis(&id(1), &newer, minute(2)).await.unwrap();
    assert_eq!(store.analysis(&id(1)).await.unwrap(), Some(analysis()));
}

async fn both_need_an_incident_and_go_with_it(place: &Place) {
    let store = place.open().await;
    let refused = store.put_report(&id(1), &report("x"), minute(1)).await;
    assert!(
        matches!(refused, Err(StoreError::Missing { .. })),
        "{refused:?}"
    );
    let refused = store.put_analysis(&id(1), &analysis(), minute(1)).await;
    assert!(
        matches!(refused, Err(StoreError::Missing { .. })),
        "{refused:?}"
    );
    store.create_incident(&incident(1)).await.unwrap();
    let made = report("x");
    store.put_report(&id(1), &made, minute(1)).await.unwrap();
    assert!(store.delete_incident(&id(1)).await.unwrap());
    assert_eq!(store.report(&id(1)).await.unwrap(), None);
}

stories!(
    the_last_report_counts,
    an_analysis_keeps_every_bit,
    both_need_an_incident_and_go_with_it,
);
