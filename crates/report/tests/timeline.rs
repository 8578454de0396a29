//! The timeline of a report has a bounded length, and says what it leaves out.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests too")]

use model::report::{Block, Inline};
use model::{Analysis, Annotation, Event, EventKind, Evidence, Report, Timestamp, Window};
use report::{Input, Said, build, markdown};

/// Rows that the timeline has at most, as long as people said no more than that.
const MOST: usize = 25;
/// Minutes from one to the next, so that nothing is put together with what is like it.
const APART: i64 = 61;

fn minute(n: i64) -> Timestamp {
    Timestamp::from_seconds(1_589_932_800 + n * 60)
}

fn event(id: &str, kind: EventKind, at: i64) -> Event {
    Event {
        id: id.to_owned(),
        kind,
        start: Some(minute(at)),
        title: format!("title of {id}"),
        ..Event::default()
    }
}

/// Alerts `alert-1` and so on, each in an hour of its own.
fn alerts(n: usize) -> Vec<Event> {
    (1_i64..)
        .take(n)
        .map(|n| event(&format!("alert-{n}"), EventKind::Alert, n * APART))
        .collect()
}

fn notes(n: usize) -> Vec<Annotation> {
    (1_i64..)
        .take(n)
        .map(|n| Annotation {
            id: format!("note-{n}"),
            start: minute(10_000 - n * APART),
            text: format!("words of note-{n}"),
            author: "Kim".to_owned(),
            ..Annotation::default()
        })
        .collect()
}

fn report(events: Vec<Event>, notes: &[Annotation]) -> Report {
    let evidence = Evidence {
        window: Window {
            start: minute(0),
            end: minute(10_000),
        },
        events,
        ..Evidence::default()
    };
    build(&Input {
        title: "Many things",
        notice: None,
        evidence: &evidence,
        analysis: &Analysis::default(),
        annotations: notes,
        said: Said::default(),
        document: None,
    })
}

/// What each row says, and the paragraphs below the table.
fn timeline(report: &Report) -> (Vec<String>, Vec<String>) {
    let mut sections = report.sections.iter();
    let section = sections.find(|s| s.id == "timeline").unwrap();
    let said = |line: &[Inline]| -> String {
        let words = line.iter().map(|inline| match inline {
            Inline::Text(text) | Inline::Strong(text) | Inline::Code(text) => text.as_str(),
            Inline::Figure(id) => report.figure(id).unwrap().text.as_str(),
            other => panic!("{other:?}"),
        });
        words.collect()
    };
    let (mut all, mut below) = (Vec::new(), Vec::new());
    for block in &section.blocks {
        match block {
            Block::Table { rows, .. } => {
                all.extend(rows.iter().map(|cells| said(cells[1].as_slice())));
            }
            Block::Paragraph(line) => below.push(said(line)),
            other => panic!("{other:?}"),
        }
    }
    (all, below)
}

#[test]
fn of_many_rows_the_weightiest_stay_and_the_others_are_counted() {
    // Alerts weigh more than rollouts, and what people said more than anything; of equal weight the
    // earlier stays.
    let mut events = alerts(30);
    for n in 1..=10 {
        let at = n * APART + 20;
        events.push(event(&format!("rollout-{n}"), EventKind::Rollout, at));
    }
    let report = report(events, &notes(4));
    let (rows, below) = timeline(&report);
    let mut wanted: Vec<String> = (1..=21).map(|n| format!("title of alert-{n}")).collect();
    // In order of time, the latest note first of all that was written.
    wanted.extend((1..=4).rev().map(|n| format!("Note: words of note-{n}")));
    assert_eq!(wanted.len(), MOST);
    assert_eq!(rows, wanted);
    let said = "Of less weight, and not listed: 19. The incident's timeline has them all: events in its table \
                of events, changes in its charts.";
    assert_eq!(below, [said]);
    let figure = report.figure("timeline.further").unwrap();
    assert_eq!((figure.text.as_str(), figure.evidence.len()), ("19", 19));
    for left_out in ["alert-22", "alert-30", "rollout-1", "rollout-10"] {
        assert!(
            figure.evidence.iter().any(|id| id == left_out),
            "{left_out}"
        );
    }
    let text = markdown(&report);
    assert!(text.contains("not listed: 19"), "{text}");
}

#[test]
fn as_many_as_there_is_room_for_are_all_listed() {
    let (rows, below) = timeline(&report(alerts(MOST), &[]));
    assert_eq!((rows.len(), below), (MOST, Vec::new()));
    let (rows, below) = timeline(&report(alerts(MOST + 1), &[]));
    assert_eq!(rows.len(), MOST);
    assert!(below[0].contains("not listed: 1."), "{below:?}");
}

#[test]
fn what_a_row_puts_together_is_counted_one_by_one() {
    let mut events = alerts(MOST);
    for n in 0..3 {
        events.push(event(&format!("rollout-{n}"), EventKind::Rollout, n));
    }
    let report = report(events, &[]);
    let (rows, below) = timeline(&report);
    assert_eq!(rows.len(), MOST);
    assert!(below[0].contains("not listed: 3."), "{below:?}");
    assert_eq!(report.figure("timeline.further").unwrap().evidence.len(), 3);
}

#[test]
fn what_people_said_is_never_left_out() {
    let (rows, below) = timeline(&report(alerts(5), &notes(40)));
    assert_eq!(rows.len(), 40);
    assert!(rows.iter().all(|row| row.starts_with("Note: ")), "{rows:?}");
    assert!(below[0].contains("not listed: 5."), "{below:?}");
}
