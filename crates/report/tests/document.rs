//! What people wrote, in the place of the draft: shown, referred to, arranged, and never lost.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests too")]
#![allow(
    clippy::redundant_closure_for_method_calls,
    reason = "a method itself is not general enough in the lifetime of the drafts"
)]

#[path = "report_of/story.rs"]
mod story;

use model::{
    Document, Report,
    document::{DocumentSection, Placed, TimelineEntry, digest},
    report::Block,
};
use report::{Drafts, Input, Part, Said, html, markdown, preview};
use story::{analysis, evidence, notes};

fn with<T>(document: &Document, ask: impl FnOnce(&Drafts<'_>) -> T) -> T {
    let (evidence, analysis, notes) = (evidence(), analysis(), notes());
    ask(&Drafts::of(&Input {
        title: "Slow sites",
        notice: None,
        evidence: &evidence,
        analysis: &analysis,
        annotations: &notes,
        said: Said::default(),
        document: Some(document),
    }))
}

fn written(id: &str, text: &str) -> DocumentSection {
    DocumentSection {
        text: Some(text.into()),
        revision: 1,
        ..DocumentSection::untouched(id)
    }
}

fn of(sections: &[DocumentSection]) -> Document {
    Document {
        sections: sections.to_vec(),
        ..Document::default()
    }
}

fn report(document: &Document) -> Report {
    with(document, |drafts| drafts.report())
}

fn part(document: &Document, id: &str) -> Part {
    with(document, |drafts| {
        drafts.parts().into_iter().find(|p| p.id == id).unwrap()
    })
}

fn ids(report: &Report) -> Vec<&str> {
    report.sections.iter().map(|s| s.id.as_str()).collect()
}

#[test]
fn a_text_stands_in_the_place_of_the_draft_and_its_figures_follow_the_evidence() {
    let text = "Empty at {{credits.balance.exhausted_at}}, that is {{ credits.exhausted_at }}; \
                not {{credits.balance.gone}}, and `{{credits.balance.exhausted_at}}` is code.";
    let document = of(&[written("summary", text)]);
    let report = report(&document);
    let page = html(&report);
    assert!(!page.contains("Probable cause"));
    let stated = page
        .matches("data-figure=\"credits.balance.exhausted_at\"")
        .count();
    // Twice here, and wherever the drafts state it.
    assert!(stated >= 2, "{stated}");
    assert!(page.contains("data-unresolved=\"credits.balance.gone\""));
    assert!(page.contains("<code>{{credits.balance.exhausted_at}}</code>"));
    let text = markdown(&report);
    assert!(text.contains("Empty at 2020-05-21 09:20 UTC"), "{text}");
    assert!(
        text.contains("credits.balance.gone: not in the evidence"),
        "{text}"
    );
    let part = part(&document, "summary");
    assert_eq!(part.unresolved(), ["credits.balance.gone"]);
    assert!(part.is_written() && !part.has_conflict());
}

#[test]
fn a_short_reference_means_a_figure_only_where_it_can_mean_no_other() {
    // Every chart has numbers in its sentence.
    let shown = |text: &str| with(&Document::default(), |drafts| preview(drafts, text));
    assert_eq!(shown("{{driver.onset}}").unresolved, [""; 0]);
    assert_eq!(shown("{{impact.start}}").unresolved, [""; 0]);
    assert_eq!(shown("{{chart.1}}").unresolved, ["chart.1"]);
    assert_eq!(shown("{{nothing}}").unresolved, ["nothing"]);
}

#[test]
fn figures_are_those_that_are_stated_and_hidden_ones_do_not_leave() {
    let hidden = DocumentSection {
        hidden: true,
        revision: 1,
        ..DocumentSection::untouched("root-cause")
    };
    let all = report(&Document::default());
    let some = report(&of(&[hidden]));
    assert!(ids(&all).contains(&"root-cause") && !ids(&some).contains(&"root-cause"));
    assert!(all.figure("suspect.1.explains.meta.lag").is_some());
    assert!(some.figure("suspect.1.explains.meta.lag").is_none());
    assert!(!html(&some).contains("suspect.1.explains"));
    // A text may refer to what is drafted and not shown.
    let text = written("summary", "{{suspect.1.explains.meta.lag}} later");
    let hidden = DocumentSection {
        hidden: true,
        revision: 1,
        ..DocumentSection::untouched("root-cause")
    };
    let both = report(&of(&[hidden, text]));
    assert!(both.figure("suspect.1.explains.meta.lag").is_some());
    assert!(markdown(&both).contains("10 min later"));
}

#[test]
fn a_template_orders_names_and_leaves_out_and_no_word_is_lost() {
    let place = |id: &str, title: &str| Placed {
        id: id.into(),
        title: title.into(),
        guide: "guide".into(),
    };
    let document = Document {
        template: "ours".into(),
        layout: vec![
            place("customers", "What customers were told"),
            place("timeline", ""),
            place("summary", "Kurzfassung"),
        ],
        sections: vec![
            written("customers", "We told them."),
            // Not in the template any more.
            written("glossary", "Our words."),
            DocumentSection {
                title: "In short".into(),
                order: Some(0),
                revision: 2,
                ..DocumentSection::untouched("summary")
            },
        ],
        ..Document::default()
    };
    let report = report(&document);
    let titles: Vec<&str> = report.sections.iter().map(|s| s.title.as_str()).collect();
    assert_eq!(
        titles,
        [
            "What customers were told",
            "In short",
            "Timeline",
            "Glossary"
        ]
    );
    assert!(markdown(&report).contains("Our words."));
    assert!(!html(&report).contains("guide"));
}

#[test]
fn an_empty_section_is_no_section_of_the_report_and_is_there_to_be_written() {
    let document = Document {
        layout: vec![Placed {
            id: "customers".into(),
            ..Placed::default()
        }],
        ..Document::default()
    };
    assert_eq!(ids(&report(&document)), [""; 0]);
    let part = part(&document, "customers");
    assert_eq!((part.title.as_str(), part.text()), ("Customers", ""));
}

#[test]
fn a_draft_that_is_another_than_the_one_that_was_seen_is_offered() {
    let draft = part(&Document::default(), "summary");
    let seen = |draft: &str| DocumentSection {
        based_on: digest(draft),
        seen: draft.into(),
        ..written("summary", "Our words.")
    };
    assert_eq!(part(&of(&[seen(&draft.draft)]), "summary").offered(), None);
    let older = format!("{}\n\nAnd that.", draft.draft);
    let offered = part(&of(&[seen(&older)]), "summary");
    assert_eq!(offered.text(), "Our words.");
    let offered = offered.offered().unwrap();
    assert!(
        offered.contains("<del>") && offered.contains("that."),
        "{offered}"
    );
    // Where nobody wrote, the new draft is simply there.
    let touched = DocumentSection {
        text: None,
        ..seen(&older)
    };
    assert_eq!(part(&of(&[touched]), "summary").offered(), None);
}

#[test]
fn a_timeline_is_picked_reworded_and_reordered() {
    let drafted = with(&Document::default(), |drafts| drafts.timeline());
    assert!(drafted.len() > 5);
    let entry = |id: &str| TimelineEntry {
        id: id.into(),
        ..TimelineEntry::default()
    };
    let last = drafted.last().unwrap();
    let own = drafted[1].instant.unwrap();
    let entries = vec![
        TimelineEntry {
            hidden: true,
            ..entry(&drafted[0].id)
        },
        TimelineEntry {
            text: Some("in **our** words {{credits.exhausted_at}}".into()),
            ..entry(&drafted[1].id)
        },
        TimelineEntry {
            place: Some(0),
            ..entry(&last.id)
        },
        TimelineEntry {
            at: Some(own.plus(1)),
            text: Some("we called them".into()),
            ..entry("own-1")
        },
        // What is drafted no more and has no time of its own is not shown, and not lost either.
        TimelineEntry {
            text: Some("of a row that is gone".into()),
            ..entry("event.gone.start")
        },
    ];
    let document = of(&[DocumentSection {
        entries,
        revision: 1,
        ..DocumentSection::untouched("timeline")
    }]);
    let report = report(&document);
    let timeline = report.sections.iter().find(|s| s.id == "timeline").unwrap();
    let Some(Block::Table { rows, .. }) = timeline.blocks.first() else {
        panic!("no table");
    };
    assert_eq!(rows.len(), drafted.len());
    let text = markdown(&report);
    let lines: Vec<&str> = text
        .split("## Timeline")
        .nth(1)
        .unwrap()
        .lines()
        .filter(|l| l.starts_with("| 20"))
        .take(rows.len())
        .collect();
    assert!(lines[0].contains(last.at.as_str()), "{lines:?}");
    assert!(
        lines[1].contains("in **our** words 2020-05-21 09:20 UTC"),
        "{lines:?}"
    );
    assert!(lines[2].contains("we called them"), "{lines:?}");
    let rows = with(&document, |drafts| drafts.timeline());
    assert!(rows.iter().any(|r| r.hidden) && rows.iter().any(|r| r.own));
}

#[test]
fn charts_are_drawn_where_they_are_referred_to() {
    let charts = with(&Document::default(), |drafts| drafts.charts());
    let lane = charts[0].id.clone();
    let text = format!(
        "Before {{{{chart:{lane}}}}} after.\n\n\
         {{{{chart:{lane} from=2020-05-20T06:00:00Z to=2020-05-20T12:00:00Z}}}}\n\n{{{{chart:no-lane}}}}"
    );
    let document = of(&[written("summary", &text)]);
    let summary = part(&document, "summary");
    let drawn: Vec<&String> = summary
        .blocks
        .iter()
        .filter_map(|b| match b {
            Block::Chart { svg, .. } => Some(svg),
            _ => None,
        })
        .collect();
    assert_eq!(drawn.len(), 2);
    assert_ne!(drawn[0], drawn[1], "the span is another");
    assert_eq!(summary.unresolved(), ["chart:no-lane"]);
}

#[test]
fn a_chart_has_the_lanes_and_the_notes_that_are_asked_for() {
    let charts = with(&Document::default(), |drafts| drafts.charts());
    let (one, two) = (charts[0].id.clone(), charts[1].id.clone());
    let drawn = |options: &str| {
        let text = format!("{{{{chart:{one},{two}{options}}}}}");
        let summary = part(&of(&[written("summary", &text)]), "summary");
        assert_eq!(summary.unresolved(), [""; 0], "{options}");
        let charts = summary.blocks.into_iter().map(|b| match b {
            Block::Chart { id, svg, .. } => (id, svg),
            other => panic!("{other:?}"),
        });
        charts.collect::<Vec<_>>()
    };
    let all = drawn("");
    let ids: Vec<&String> = all.iter().map(|(id, _)| id).collect();
    assert_eq!(ids, [&one, &two]);
    assert_eq!(drawn(" notes=all"), all);
    assert_eq!(drawn(" notes=1,2,3,4,5,6,7,8,9"), all, "there are no more");
    let none = drawn(" notes=none");
    assert_ne!(none, all);
    assert_eq!(drawn(" notes=99"), none);
    // One that is not there is told, and so is what no chart is written as.
    for wrong in [format!("chart:{one},gone"), format!("chart:{one} note=1")] {
        let text = format!("{{{{{wrong}}}}}");
        let summary = part(&of(&[written("summary", &text)]), "summary");
        assert_eq!(summary.unresolved(), [wrong]);
    }
}

#[test]
fn the_preview_marks_wording_and_changes_no_word() {
    let text = "Kim forgot to {{impact.start}} drain & should have <b>.\n\n> quoted: should have";
    let shown = with(&Document::default(), |drafts| preview(drafts, text));
    assert_eq!(
        shown.html.matches("report-wording").count(),
        2,
        "{}",
        shown.html
    );
    let phrases: Vec<&str> = shown.remarks.iter().map(|r| r.0.as_str()).collect();
    assert_eq!(phrases, ["Kim forgot", "should have"]);
    assert!(shown.html.contains("&lt;b&gt;") && !shown.html.contains("<b>"));
    let private = with(&Document::default(), |drafts| {
        preview(drafts, "a \u{e010}0\u{e011}b\u{e012} \u{e000}0\u{e001}")
    });
    assert!(!private.html.contains("<span"), "{}", private.html);
}
