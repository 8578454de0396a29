//! What happened, in a few sentences.

use super::{
    CULPRIT, Context, hypothesis, judged, listed, nodes_to_recycle, paragraph, section, text,
    uncapitalised,
};
use crate::ledger::Basis;
use model::Window;
use model::report::{Block, Inline, Section};

pub(super) fn write(context: &mut Context<'_>) -> Option<Section> {
    let mut blocks = Vec::new();
    blocks.extend(felt(context));
    blocks.push(cause(context));
    blocks.extend(driver(context));
    blocks.extend(credits(context));
    blocks.extend(ended(context));
    blocks.extend(seen(context));
    blocks.extend(ruled_out(context));
    section("summary", "Summary", blocks)
}

/// Who or what was slow, from when to when, and how bad it was.
fn felt(context: &mut Context<'_>) -> Option<Block> {
    let said = said(context);
    let measured = measured(context, said.is_some());
    let mut line = said.unwrap_or_default();
    if line.is_empty() && measured.is_none() {
        return None;
    }
    match measured {
        Some(measured) => {
            if !line.is_empty() {
                line.push(text(" "));
            }
            line.extend(measured);
        }
        None => line.push(text(" No series shows how bad it was.")),
    }
    Some(paragraph(line))
}

/// From when to when people felt it, as they said.
fn said(context: &mut Context<'_>) -> Option<Vec<Inline>> {
    let impact = context.input.evidence.impact?;
    let ledger = &mut context.ledger;
    let mut line = vec![text("Users were affected from ")];
    line.push(ledger.time("impact.start", impact.start, Basis::default()));
    let Some(end) = impact.end else {
        line.push(text(" on; it was still going on when this was written."));
        return Some(line);
    };
    line.push(text(" to "));
    line.push(ledger.time("impact.end", end, Basis::default()));
    line.push(text(", for "));
    let basis = Basis::default().within(Window::new(impact.start, end));
    line.push(ledger.duration("impact.duration", end.since(impact.start), basis));
    line.push(text("."));
    Some(line)
}

/// How bad it was; from when to when it was measured, where nobody said it.
fn measured(context: &mut Context<'_>, said: bool) -> Option<Vec<Inline>> {
    let impact = context.input.analysis.impact.as_ref()?;
    let id = impact.series.as_str();
    let span = context.window();
    let mut line = vec![
        context.series_name(id),
        text(" went from its normal level of "),
    ];
    line.push(context.value("impact.normal", id, impact.normal, span));
    line.push(text(" to "));
    line.push(context.value("impact.during", id, impact.during, span));
    line.push(text(" (at worst "));
    line.push(context.value("impact.worst", id, impact.worst, span));
    line.push(text(")"));
    if said && impact.end.is_some() {
        line.push(text("."));
        return Some(line);
    }
    line.push(text(" at "));
    line.push(context.time("impact.measured_start", impact.start, id));
    if let Some(end) = impact.end {
        line.push(text(" and was normal again at "));
        line.push(context.time("impact.measured_end", end, id));
        line.push(text("."));
    } else {
        line.push(text("; it was not normal again inside the window."));
    }
    Some(line)
}

/// What went before the end, as far as the data show it: nodes that were recycled, or the suspect's own
/// end. Nothing is said of an incident that nobody saw end.
fn ended(context: &mut Context<'_>) -> Option<Block> {
    let analysis = context.input.analysis;
    let of_people = context.input.evidence.impact.map(|i| (i.start, i.end));
    let of_data = analysis.impact.as_ref().map(|i| (i.start, i.end));
    let (start, end) = of_people.or(of_data)?;
    let end = end?;
    let mut line = vec![Inline::Strong("How it ended: ".to_owned())];
    if let Some(nodes) = nodes_to_recycle::recycled(context, "summary.recycled", start, end) {
        line.extend(nodes);
        line.push(text(", before it was over."));
        return Some(paragraph(line));
    }
    let first = analysis.suspects.first().filter(|s| s.score >= CULPRIT);
    let over = first.and_then(|s| Some((s, s.end.filter(|at| (start..=end).contains(at))?)));
    let Some((suspect, at)) = over else {
        line.push(text("the data do not show it; those who were there know."));
        return Some(paragraph(line));
    };
    line.push(text("the probable cause went away at "));
    line.push(context.time("suspect.1.end", at, suspect.id()));
    line.push(text(", before it was over."));
    Some(paragraph(line))
}

fn driver(context: &mut Context<'_>) -> Option<Block> {
    let driver = context.input.analysis.driver.as_ref()?;
    let id = driver.series.as_str();
    let span = context.window();
    // The symptom itself is what the driver falls back to: no sentence of its own then.
    let itself = driver.mechanism.starts_with("the symptom itself");
    let lead = if itself {
        "The first that changed is what was felt, "
    } else {
        "What drives it is "
    };
    let mut line = vec![text(lead), context.series_name(id)];
    line.push(text(": it left its normal level at "));
    line.push(context.time("driver.onset", driver.onset, id));
    line.push(text(" (± "));
    let basis = Basis::of([id]);
    let uncertainty = driver.uncertainty_s.saturating_mul(1000);
    line.push(
        context
            .ledger
            .duration("driver.uncertainty", uncertainty, basis),
    );
    line.push(text("), from "));
    line.push(context.value("driver.before", id, driver.before, span));
    line.push(text(" to "));
    line.push(context.value("driver.after", id, driver.after, span));
    line.push(text(". "));
    let basis = Basis::of([id]).within(span);
    line.extend(context.ledger.quote(
        "driver.mechanism",
        &if itself {
            "No earlier change that hangs together with it was found.".to_owned()
        } else {
            super::sentence(&driver.mechanism)
        },
        &basis,
    ));
    Some(paragraph(line))
}

fn credits(context: &mut Context<'_>) -> Vec<Block> {
    let mut out = Vec::new();
    for credit in &context.input.analysis.credits {
        let id = credit.series.as_str();
        let key = format!("credits.{id}");
        let mut line = vec![
            text("The burst credits ("),
            context.series_name(id),
            text(")"),
        ];
        let begin = line.len();
        if let Some(at) = credit.drain_start {
            line.push(text(" began to drain at "));
            line.push(context.time(&format!("{key}.drain_start"), at, id));
        }
        if let Some(at) = credit.exhausted_at {
            line.push(text(if line.len() > begin {
                ", reached zero at "
            } else {
                " reached zero at "
            }));
            line.push(context.time(&format!("{key}.exhausted_at"), at, id));
        }
        if let Some(at) = credit.recovery_start {
            line.push(text(if line.len() > begin {
                " and rose again from "
            } else {
                " rose again from "
            }));
            line.push(context.time(&format!("{key}.recovery_start"), at, id));
            line.push(text(" on"));
        }
        if let Some(forecast) = &credit.forecast {
            line.push(text(if line.len() > begin {
                "; if it goes on, they reach zero at "
            } else {
                " reach zero at "
            }));
            line.push(context.time(&format!("{key}.forecast"), forecast.exhausts_at, id));
            line.push(text(" (between "));
            line.push(context.time(&format!("{key}.forecast_low"), forecast.low, id));
            line.push(text(" and "));
            line.push(context.time(&format!("{key}.forecast_high"), forecast.high, id));
            line.push(text(")"));
        }
        if line.len() > begin {
            line.push(text("."));
            out.push(paragraph(line));
        }
    }
    out
}

/// The cause as people decided, with what the analysis says of it.
fn decided(context: &mut Context<'_>) -> Option<Block> {
    let judgement = judged::pinned(context)?;
    let suspect = judgement.suspect_in(&context.input.analysis.suspects);
    let mut line = vec![Inline::Strong("Cause: ".to_owned())];
    let title = suspect.map_or_else(
        || judgement.title.clone(),
        |s| super::root_cause::title(context, s),
    );
    let key = format!("judgement.{}", judgement.suspect);
    let basis = Basis::of([judgement.suspect.as_str()]);
    line.extend(
        context
            .ledger
            .quote(&format!("{key}.title"), &title, &basis),
    );
    line.push(text(", as "));
    line.push(Inline::Text(judged::author(judgement)));
    line.push(text(" decided"));
    let start = suspect.and_then(|s| s.start.map(|at| (s, at)));
    if let Some((suspect, start)) = start {
        line.push(text("; it began at "));
        let id = format!("suspect.{}.start", suspect.rank);
        line.push(context.time(&id, start, suspect.id()));
    }
    line.push(text(". "));
    match suspect {
        Some(suspect) => line.extend(judged::probability(context, suspect)),
        None => line.push(text(
            "The analysis, made again, has no such suspect any more.",
        )),
    }
    Some(paragraph(line))
}

fn cause(context: &mut Context<'_>) -> Block {
    if let Some(decided) = decided(context) {
        return decided;
    }
    if context.input.analysis.fault().is_some() {
        return paragraph(vec![Inline::Strong(
            "The analysis failed. The cause is unknown.".to_owned(),
        )]);
    }
    let Some(first) = context.input.analysis.suspects.first() else {
        return paragraph(vec![Inline::Strong(
            "No event in the evidence explains this. The cause is unknown.".to_owned(),
        )]);
    };
    let basis = Basis::of(first.events.iter().cloned());
    let score = context
        .ledger
        .share("suspect.1.score", first.score, basis.clone());
    let title = super::root_cause::title(context, first);
    let mut line = vec![Inline::Strong(
        if first.score >= CULPRIT {
            "Probable cause: "
        } else {
            "The cause is unknown. "
        }
        .to_owned(),
    )];
    if first.score < CULPRIT {
        line.push(text("The most probable event is "));
    }
    line.extend(context.ledger.quote("suspect.1.title", &title, &basis));
    line.push(text(", with a probability of "));
    line.push(score);
    if let Some(start) = first.start {
        line.push(text("; it began at "));
        let of = first.events.first().map(String::as_str).unwrap_or_default();
        line.push(context.time("suspect.1.start", start, of));
    }
    line.push(text("."));
    line.extend(judged::remark(context, first));
    paragraph(line)
}

/// Measurements that the summary names.
const NAMED: usize = 3;

/// What is plain to see where no event explains it: pods that did not go, what was measured, known
/// issues whose symptoms are there.
fn seen(context: &mut Context<'_>) -> Vec<Block> {
    let analysis = context.input.analysis;
    if analysis
        .suspects
        .first()
        .is_some_and(|s| s.score >= CULPRIT)
    {
        return Vec::new();
    }
    let mut out = Vec::new();
    let pods = &analysis.stuck_pods;
    if !pods.is_empty() {
        let basis = Basis::of(pods.iter().map(|p| p.event.clone()));
        let n = context
            .ledger
            .count("summary.stuck_pods", pods.len(), basis);
        out.push(paragraph(vec![
            text("Pods stuck in Terminating: "),
            n,
            text("."),
        ]));
    }
    let measured = context.input.evidence.events.iter();
    let measured = measured.filter(|e| e.kind.as_str() == "measurement");
    for event in measured.take(NAMED) {
        let basis = Basis::of([event.id.clone()]);
        let id = format!("summary.measured.{}", event.id);
        let said = super::sentence(&event.title);
        let mut line = vec![text("Measured: ")];
        line.extend(context.ledger.quote(&id, &said, &basis));
        out.push(paragraph(line));
    }
    for issue in &analysis.known_issues {
        let basis = Basis::of(issue.matched.iter().cloned());
        let id = format!("summary.known_issue.{}", issue.id);
        let said = super::sentence(&issue.title);
        let mut line = vec![text("A known issue shows its symptoms: ")];
        line.extend(context.ledger.quote(&id, &said, &basis));
        out.push(paragraph(line));
    }
    out
}

fn ruled_out(context: &Context<'_>) -> Option<Block> {
    let names: Vec<Inline> = context
        .input
        .analysis
        .ruled_out
        .iter()
        .map(|r| Inline::Text(uncapitalised(&hypothesis(&r.hypothesis))))
        .collect();
    if names.is_empty() {
        return None;
    }
    let mut line = vec![text("The data speak against: ")];
    line.extend(listed(names));
    line.push(text("."));
    Some(paragraph(line))
}
