//! What a report states, and how its renderings carry it.

#[path = "report_of/story.rs"]
mod story;

use model::analysis::{ChangeKind, ChangePoint, Direction, KnownIssue};
use model::report::{Block, Inline};
use model::{Analysis, Event, EventKind, Evidence, Report};
use report::{Input, Said, build, figures, html, html_fragment, json, markdown};
use story::{HOSTILE, analysis, evidence, notes};

fn of(evidence: &Evidence, analysis: &Analysis) -> Report {
    let notes = notes();
    let title = format!("Slow sites {HOSTILE}");
    build(&Input {
        title: &title,
        notice: Some("Simulated data."),
        evidence,
        analysis,
        annotations: &notes,
        said: Said::default(),
        document: None,
    })
}

fn whole() -> Report {
    of(&evidence(), &analysis())
}

/// Every inline of a report, section by section.
fn inlines(report: &Report) -> Vec<(&str, &Inline)> {
    let mut out = Vec::new();
    for section in &report.sections {
        for block in &section.blocks {
            let lines: Vec<&Vec<Inline>> = match block {
                Block::Paragraph(line) | Block::Heading { text: line, .. } => vec![line],
                Block::List(items) | Block::Ordered { items, .. } => items.iter().collect(),
                Block::Quote(_) => panic!("a draft quotes nobody"),
                Block::Table { rows, .. } => rows.iter().flatten().collect(),
                Block::Chart { .. } | Block::Code { .. } => Vec::new(),
            };
            out.extend(
                lines
                    .into_iter()
                    .flatten()
                    .map(|i| (section.id.as_str(), i)),
            );
        }
    }
    out
}

#[test]
fn sections_stand_in_their_order() {
    let report = whole();
    let ids: Vec<&str> = report.sections.iter().map(|s| s.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "summary",
            "impact",
            "detection",
            "timeline",
            "root-cause",
            "contributing",
            "ruled-out",
            "unknown",
            "went-well",
            "back-test",
            "what-if",
            "charts",
            "sources",
            "glossary"
        ]
    );
}

/// Digits may stand in words only where they are part of a name or of what somebody wrote: any
/// number of ours must be a figure.
#[test]
fn every_number_is_a_figure() {
    let report = whole();
    let (evidence, notes) = (evidence(), notes());
    let mut written: Vec<String> = notes.iter().map(|n| n.text.clone()).collect();
    written.extend(
        evidence
            .events
            .iter()
            .flat_map(|e| [e.title.clone(), e.object.name.clone(), e.node.clone()]),
    );
    written.extend(evidence.series.iter().map(|s| s.meta.label()));
    for (section, inline) in inlines(&report) {
        let (Inline::Text(text) | Inline::Strong(text)) = inline else {
            continue;
        };
        for word in text
            .split_whitespace()
            .filter(|w| w.contains(|c: char| c.is_ascii_digit()))
        {
            let outside = written
                .iter()
                .any(|w| w.contains(word.trim_end_matches([',', '.', ':', ';'])));
            assert!(outside, "{section}: '{word}' in '{text}' is no figure");
        }
    }
}

#[test]
fn every_figure_is_known_and_has_its_evidence() {
    let report = whole();
    let mut named = 0;
    for (section, inline) in inlines(&report) {
        if let Inline::Figure(id) = inline {
            named += 1;
            let figure = report
                .figure(id)
                .unwrap_or_else(|| panic!("{section}: no figure {id}"));
            assert!(!figure.text.is_empty(), "{id}");
        }
    }
    assert!(named > 40, "{named}");
    let exhausted = report.figure("credits.balance.exhausted_at").unwrap();
    assert_eq!(exhausted.value, "2020-05-21T09:20:00Z");
    assert_eq!(exhausted.evidence, ["balance"]);
    assert_eq!(exhausted.text, "2020-05-21 09:20 UTC");
    // 3e7 bytes in 300 s.
    let before = report.figure("driver.before").unwrap();
    assert_eq!(
        (before.text.as_str(), before.unit.as_str()),
        ("97.7 KiB/s", "Bytes/Second")
    );
    let quoted = report.figure("suspect.1.evidence.1.1").unwrap();
    assert_eq!(
        (quoted.text.as_str(), &quoted.evidence[..]),
        ("10 min", &["meta".to_owned(), "roll".to_owned()][..])
    );
    let ids: std::collections::BTreeSet<&str> =
        report.figures.iter().map(|f| f.id.as_str()).collect();
    assert_eq!(ids.len(), report.figures.len());
}

#[test]
fn without_a_culprit_it_says_so_and_where_to_look() {
    let mut analysis = analysis();
    analysis.suspects[0].score = 0.4;
    let text = markdown(&of(&evidence(), &analysis));
    assert!(
        text.contains("**No culprit.**") && text.contains("Where to look next"),
        "{text}"
    );
    assert!(!text.contains("Probable cause"));
    analysis.suspects.clear();
    let text = markdown(&of(&evidence(), &analysis));
    assert!(text.contains("The cause is unknown"), "{text}");
}

#[test]
fn without_a_culprit_the_summary_says_what_is_plain_to_see() {
    let (mut evidence, mut analysis) = (evidence(), analysis());
    let title = "touch on /mnt/efs took 334 ms, 33 times as long as on /app (10 ms)";
    evidence.events.push(Event {
        id: "files/touch.txt#1".into(),
        kind: EventKind::Other("measurement".into()),
        start: Some(story::minute(2_100)),
        title: title.into(),
        ..Event::default()
    });
    analysis.known_issues = vec![KnownIssue {
        id: "kubernetes-1".into(),
        title: "Pods hang in Terminating while NFS is slow".into(),
        ..KnownIssue::default()
    }];
    let summary = |analysis: &Analysis| {
        let text = markdown(&of(&evidence, analysis));
        let end = text.find("## Impact").unwrap();
        text[..end].to_owned()
    };
    let pods = analysis.stuck_pods.len();
    assert!(pods > 0);
    let told = ["Measured: ", "33 times as long", "Pods hang in Terminating"];
    assert!(told.iter().all(|t| !summary(&analysis).contains(t)));
    analysis.suspects.clear();
    let summary = summary(&analysis);
    for text in told {
        assert!(summary.contains(text), "{text}: {summary}");
    }
    assert!(
        summary.contains(&format!("Pods stuck in Terminating: {pods}.")),
        "{summary}"
    );
}

#[test]
fn one_rise_has_the_same_figures_in_summary_and_timeline() {
    let (evidence, mut analysis) = (evidence(), analysis());
    let driver = analysis.driver.clone().unwrap();
    analysis.changepoints = vec![ChangePoint {
        series: driver.series.clone(),
        at: driver.onset,
        direction: Direction::Up,
        before: driver.before * 0.7,
        after: driver.after * 0.7,
        confidence: 0.9,
        kind: ChangeKind::Level,
        uncertainty_s: 60,
    }];
    let report = of(&evidence, &analysis);
    let ids = |section: &str| -> Vec<String> {
        let of = inlines(&report).into_iter().filter(|(s, _)| *s == section);
        of.filter_map(|(_, i)| match i {
            Inline::Figure(id) => Some(id.clone()),
            _ => None,
        })
        .collect()
    };
    for id in ["driver.before", "driver.after"] {
        for section in ["summary", "timeline"] {
            assert!(
                ids(section).iter().any(|i| i == id),
                "{section}: {:?}",
                ids(section)
            );
        }
    }
}

#[test]
fn nothing_known_is_said_to_be_unknown() {
    let window = evidence().window;
    let empty = Evidence {
        window,
        ..Evidence::default()
    };
    let input = Input {
        title: "Nothing",
        notice: None,
        evidence: &empty,
        analysis: &Analysis::default(),
        annotations: &[],
        said: Said::default(),
        document: None,
    };
    let report = build(&input);
    let text = markdown(&report);
    assert!(text.contains("The cause is unknown"));
    assert!(!text.contains("As people said"), "nobody said anything");
    assert!(text.contains("How bad it was is unknown"));
    assert!(text.contains("Where the evidence came from is unknown"));
    balanced(&html(&report));
    // Not even a window.
    let nowhere = Evidence::default();
    balanced(&html(&build(&Input {
        evidence: &nowhere,
        ..input
    })));
}

/// Elements that have no end tag.
const VOID: [&str; 3] = ["meta", "br", "hr"];

/// Asserts that every element is closed by its own tag, and gives the tags in order.
fn balanced(html: &str) -> Vec<String> {
    let mut open: Vec<String> = Vec::new();
    let mut tags = Vec::new();
    let mut rest = html.trim_start_matches("<!DOCTYPE html>\n");
    while let Some((_, after)) = rest.split_once('<') {
        let Some((tag, later)) = after.split_once('>') else {
            panic!("a tag without an end");
        };
        rest = later;
        let name: String = tag
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        assert!(
            !name.is_empty(),
            "stray '<' before {:?}",
            tag.chars().take(40).collect::<String>()
        );
        if tag.starts_with('/') {
            assert_eq!(open.pop().as_deref(), Some(name.as_str()));
        } else if !tag.ends_with('/') && !VOID.contains(&name.as_str()) {
            open.push(name.clone());
            tags.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
    tags
}

#[test]
fn html_is_whole_tame_and_alone() {
    let text = html(&whole());
    let tags = balanced(&text);
    let headings: Vec<&str> = tags
        .iter()
        .map(String::as_str)
        .filter(|t| matches!(*t, "h1" | "h2" | "h3"))
        .collect();
    assert_eq!(headings.iter().filter(|t| **t == "h1").count(), 1);
    assert_eq!(headings.first(), Some(&"h1"));
    assert!(
        !tags
            .iter()
            .any(|t| matches!(t.as_str(), "script" | "img" | "link" | "iframe"))
    );
    for outside in ["src=", "@import", "url(", "onload", "javascript:"] {
        assert!(!text.contains(outside), "{outside}");
    }
    assert!(text.contains("Simulated data."));
    assert!(text.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(text.contains("<data value=\"0.93\" data-figure=\"suspect.1.score\""));
    assert!(text.contains("<time datetime=\"2020-05-21T09:20:00Z\" data-figure=\"credits.balance.exhausted_at\" title=\"Evidence: balance\">"));
    let links = text
        .split("href=\"#")
        .skip(1)
        .filter_map(|t| t.split('"').next());
    for target in links {
        assert!(text.contains(&format!("id=\"{target}\"")), "no {target}");
    }
}

#[test]
fn markdown_shows_what_was_written_and_no_more() {
    let report = whole();
    let text = markdown(&report);
    let parser = pulldown_cmark::Parser::new_ext(&text, pulldown_cmark::Options::all());
    let mut headings = 0;
    for event in parser {
        use pulldown_cmark::{Event, Tag};
        match event {
            Event::Html(html) | Event::InlineHtml(html) => panic!("markup: {html}"),
            Event::Start(Tag::Link { dest_url, .. }) => panic!("link: {dest_url}"),
            Event::Start(Tag::Heading { .. }) => headings += 1,
            _ => {}
        }
    }
    assert_eq!(headings, report.sections.len() + 2);
    // Rows have as many cells as their head, whatever stands in them.
    let cells = |line: &str| line.replace("\\|", "").matches('|').count();
    let mut width = None;
    for line in text.lines() {
        if line.starts_with('|') {
            assert_eq!(*width.get_or_insert(cells(line)), cells(line), "{line}");
        } else {
            width = None;
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn json_holds_the_whole_report() {
    let report = whole();
    let back: Report = serde_json::from_str(&json(&report)).unwrap();
    assert_eq!(back, report);
    assert_eq!(html(&back), html(&report));
    assert_eq!(figures(&report).figures, report.figures);
}

#[test]
fn equal_input_gives_equal_bytes() {
    let (a, b) = (whole(), whole());
    assert_eq!(html(&a), html(&b));
    assert_eq!(markdown(&a), markdown(&b));
    assert_eq!(json(&a), json(&b));
    assert!(html(&a).contains(&html_fragment(&a)));
}

#[test]
fn every_figure_leads_back_to_where_it_is_said() {
    let report = whole();
    let html = html(&report);
    let goals = html.matches(" id=\"report-said-").count();
    assert_eq!(goals, html.matches("href=\"#report-said-").count());
    for (n, figure) in (1..).zip(&report.figures) {
        let row = html
            .split(&format!("<tr id=\"report-figure-{n}\">"))
            .nth(1)
            .and_then(|rest| rest.split("</tr>").next())
            .expect(&figure.id);
        let back: Vec<&str> = row.split("href=\"#").skip(1).collect();
        assert!(!back.is_empty(), "{} has no way back", figure.id);
        for goal in back {
            let goal = goal.split('"').next().unwrap_or_default();
            let at =
                format!("<a class=\"report-figure\" id=\"{goal}\" href=\"#report-figure-{n}\">");
            assert_eq!(html.matches(&at).count(), 1, "{goal}");
        }
    }
}
