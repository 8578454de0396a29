//! `lineup analyze`: what happened, without server or database.

use super::{CommandError, json_text, print};
use crate::dossier::Dossier;
use model::{Analysis, Event, EventKind, Timestamp, time::span_text, words::printable};
use std::{fmt::Write, path::Path};

pub(super) fn run(bundle: &Path, json: bool) -> Result<(), CommandError> {
    let dossier = Dossier::of_bundle(&super::read_bundle(bundle)?)?;
    if json {
        print(&json_text(&dossier.analysis)?)
    } else {
        print(&safe(&summary(&dossier)))
    }
}

/// The text without anything that a terminal would obey; line ends are the summary's own, because
/// [`summary`] takes those of foreign text away.
fn safe(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(printable).collect();
    lines.join("\n")
}

/// The analysis for a terminal: the answer first, then the reasons.
fn summary(dossier: &Dossier) -> String {
    let mut out = String::new();
    let window = dossier.evidence.window;
    let _ = writeln!(out, "{}", printable(&dossier.title));
    let _ = writeln!(
        out,
        "{} to {} UTC",
        window.start.minute(),
        window.end.minute()
    );
    if let Some(notice) = &dossier.notice {
        let _ = writeln!(out, "Note: {}", printable(notice));
    }
    write_impact(&mut out, dossier);
    write_suspects(&mut out, &dossier.analysis);
    write_credits(&mut out, dossier);
    write_stuck_pods(&mut out, dossier);
    write_hypotheses(&mut out, &dossier.analysis);
    write_messages(&mut out, dossier);
    write_known_issues(&mut out, &dossier.analysis);
    write_questions(&mut out, dossier);
    write_not_read(&mut out, dossier);
    out
}

/// A series as people call it.
fn name(dossier: &Dossier, id: &str) -> String {
    let series = dossier.evidence.series(id);
    series.map_or_else(
        || id.to_owned(),
        |s| printable(&dossier.evidence.label(&s.meta)),
    )
}

fn write_impact(out: &mut String, dossier: &Dossier) {
    let analysis = &dossier.analysis;
    if let Some(impact) = &analysis.impact {
        let end = impact
            .end
            .map_or_else(|| "still going on at the window's end".to_owned(), stamp);
        let _ = writeln!(
            out,
            "\nImpact: {} from {} to {end}",
            name(dossier, &impact.series),
            stamp(impact.start)
        );
    }
    if let Some(driver) = &analysis.driver {
        let _ = writeln!(
            out,
            "Driver: {} since {} (± {}). {}",
            name(dossier, &driver.series),
            stamp(driver.onset),
            span_text(driver.uncertainty_s * 1000),
            printable(&driver.mechanism)
        );
    }
}

fn write_suspects(out: &mut String, analysis: &Analysis) {
    let _ = writeln!(out, "\nSuspects");
    if analysis.suspects.is_empty() {
        let _ = writeln!(
            out,
            "  none: no event in the evidence explains what was seen"
        );
    }
    for suspect in &analysis.suspects {
        let _ = writeln!(
            out,
            "  {}. {:3.0} %  {}",
            suspect.rank,
            suspect.score * 100.0,
            if suspect.title.is_empty() {
                printable(&suspect.events.join(", "))
            } else {
                printable(&suspect.title)
            }
        );
        for item in &suspect.evidence {
            let _ = writeln!(
                out,
                "       {:+5.1}  {}: {}",
                item.weight,
                item.factor,
                printable(&item.text)
            );
        }
    }
}

fn write_credits(out: &mut String, dossier: &Dossier) {
    for credit in &dossier.analysis.credits {
        let name = name(dossier, &credit.series);
        let _ = write!(out, "\nCredits {name}: {:?}", credit.state);
        for (what, at) in [
            ("draining since", credit.drain_start),
            ("exhausted at", credit.exhausted_at),
            ("recovering since", credit.recovery_start),
            (
                "would be exhausted at",
                credit.forecast.as_ref().map(|f| f.exhausts_at),
            ),
        ] {
            if let Some(at) = at {
                let _ = write!(out, "; {what} {}", stamp(at));
            }
        }
        let _ = writeln!(out);
    }
}

fn write_stuck_pods(out: &mut String, dossier: &Dossier) {
    let pods = &dossier.analysis.stuck_pods;
    if !pods.is_empty() {
        let _ = writeln!(out, "\nStuck Terminating");
    }
    for pod in pods {
        let age = pod.age_s.map_or_else(
            || longest(dossier, &pod.event),
            |s| format!("for {}", span_text(s * 1000)),
        );
        let node = if pod.node.is_empty() {
            "unknown node"
        } else {
            &pod.node
        };
        let _ = writeln!(
            out,
            "  {}/{} on {} {age}",
            printable(&pod.namespace),
            printable(&pod.pod),
            printable(node)
        );
    }
}

/// How long a pod of unknown start can have been Terminating, where its listing says that much.
fn longest(dossier: &Dossier, id: &str) -> String {
    let unknown = || "for an unknown time".to_owned();
    let Some(event) = dossier.evidence.events.iter().find(|e| e.id == id) else {
        return unknown();
    };
    match (event.start_bounds().0, event.attribute_time("observed_at")) {
        (Some(earliest), Some(seen)) => format!(
            "for an unknown time: at most {} before the listing at {}",
            span_text(seen.since(earliest)),
            stamp(seen)
        ),
        _ => unknown(),
    }
}

/// Lines of a long list that are printed; the report has them all.
const LISTED: usize = 12;

/// A heading with its lines, where there are any.
fn write_list(out: &mut String, heading: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{heading}");
    for line in lines.iter().take(LISTED) {
        let _ = writeln!(out, "  {}", printable(line));
    }
    if let Some(more) = lines.len().checked_sub(LISTED).filter(|n| *n > 0) {
        let _ = writeln!(out, "  and {more} more");
    }
}

/// Messages of logs that recur, the most frequent first.
fn write_messages(out: &mut String, dossier: &Dossier) {
    let events = dossier.evidence.events.iter();
    let mut patterns: Vec<(u64, &Event)> = events
        .filter(|e| e.kind == EventKind::LogPattern)
        .map(|e| {
            let count = e.attribute("count").and_then(|n| n.parse().ok());
            (count.unwrap_or(1), e)
        })
        .collect();
    patterns.sort_by_key(|(count, e)| (std::cmp::Reverse(*count), e.start));
    let line = |(count, event): &(u64, &Event)| format!("{count} × {}", event.title);
    let lines: Vec<String> = patterns.iter().map(line).collect();
    write_list(out, "Messages that recur", &lines);
}

fn write_known_issues(out: &mut String, analysis: &Analysis) {
    let issues = analysis.known_issues.iter();
    let lines: Vec<String> = issues
        .map(|i| {
            format!(
                "{}: {} What to do: {} ({})",
                i.title, i.why, i.workaround, i.link
            )
        })
        .collect();
    write_list(out, "Known issues", &lines);
}

/// What has to be answered before all of the evidence is read.
fn write_questions(out: &mut String, dossier: &Dossier) {
    let questions = dossier
        .evidence
        .provenance
        .iter()
        .flat_map(|p| &p.questions);
    let lines: Vec<String> = questions
        .map(|q| {
            let proposal = if q.proposal.is_empty() {
                String::new()
            } else {
                format!(" (proposed: {})", q.proposal)
            };
            format!("{}: {}{proposal}", q.path, q.why)
        })
        .collect();
    write_list(out, "Questions", &lines);
}

fn write_not_read(out: &mut String, dossier: &Dossier) {
    let gaps = dossier.evidence.provenance.iter().flat_map(|p| &p.gaps);
    let lines: Vec<String> = gaps
        .map(|gap| match gap.what.as_str() {
            "" => gap.reason.clone(),
            what => format!("{what}: {}", gap.reason),
        })
        .collect();
    write_list(out, "Not read", &lines);
}

fn write_hypotheses(out: &mut String, analysis: &Analysis) {
    if !analysis.found.is_empty() {
        let _ = writeln!(out, "\nFound");
    }
    for found in &analysis.found {
        let _ = writeln!(out, "  {}: {}", found.hypothesis, printable(&found.reason));
    }
    if !analysis.ruled_out.is_empty() {
        let _ = writeln!(out, "\nRuled out");
    }
    for ruled in &analysis.ruled_out {
        let _ = writeln!(out, "  {}: {}", ruled.hypothesis, printable(&ruled.reason));
    }
    if !analysis.unknown.is_empty() {
        let _ = writeln!(out, "\nUnknown");
    }
    for unknown in &analysis.unknown {
        let _ = writeln!(
            out,
            "  {}: {}",
            unknown.hypothesis,
            printable(&unknown.missing)
        );
    }
}

fn stamp(at: Timestamp) -> String {
    format!("{} UTC", at.minute())
}
