//! What people wrote is theirs: no figure is made of it.

use model::{Analysis, Annotation, Evidence, Timestamp, Window};

#[test]
fn digits_in_a_note_are_no_figures() {
    let at = Timestamp::from_seconds(1_590_116_400);
    let evidence = Evidence {
        window: Window {
            start: at,
            end: at.plus(86_400_000),
        },
        ..Evidence::default()
    };
    let note = Annotation {
        id: "n".into(),
        start: at.plus(3_600_000),
        text: "alert(2) fired 17 times".into(),
        ..Annotation::default()
    };
    let report = report::build(&report::Input {
        title: "t",
        notice: None,
        evidence: &evidence,
        analysis: &Analysis::default(),
        annotations: &[note],
        said: report::Said::default(),
        document: None,
    });
    let ids: Vec<String> = report::figures(&report)
        .figures
        .into_iter()
        .map(|f| f.id)
        .collect();
    assert!(
        !ids.iter().any(|id| id.starts_with("chart.notes")),
        "{ids:?}"
    );
    assert!(report::markdown(&report).contains("17 times"));
}
