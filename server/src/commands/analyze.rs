//! `lineup analyze`: what happened, without server or database.

use super::{CommandError, json_text, print};
use crate::dossier::Dossier;
use model::{Analysis, Timestamp, time::span_text, words::printable};
use std::{fmt::Write, path::Path};

pub(super) fn run(bundle: &Path, json: bool) -> Result<(), CommandError> {
    let dossier = Dossier::of_bundle(&sources::bundle::read(bundle)?)?;
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
    write_impact(&mut out, &dossier.analysis);
    write_suspects(&mut out, &dossier.analysis);
    write_credits(&mut out, &dossier.analysis);
    write_stuck_pods(&mut out, dossier);
    write_hypotheses(&mut out, &dossier.analysis);
    out
}

fn write_impact(out: &mut String, analysis: &Analysis) {
    if let Some(impact) = &analysis.impact {
        let end = impact
            .end
            .map_or_else(|| "still going on at the window's end".to_owned(), stamp);
        let _ = writeln!(
            out,
            "\nImpact: {} from {} to {end}",
            impact.series,
            stamp(impact.start)
        );
    }
    if let Some(driver) = &analysis.driver {
        let _ = writeln!(
            out,
            "Driver: {} since {} (± {}). {}",
            driver.series,
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

fn write_credits(out: &mut String, analysis: &Analysis) {
    for credit in &analysis.credits {
        let _ = write!(out, "\nCredits {}: {:?}", credit.series, credit.state);
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

fn write_hypotheses(out: &mut String, analysis: &Analysis) {
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
