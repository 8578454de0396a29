//! What else had to be true, as far as the data show it.

use super::{CULPRIT, Context, hypothesis, paragraph, section, text, uncapitalised};
use crate::ledger::Basis;
use model::Analysis;
use model::analysis::FoundHypothesis;
use model::report::{Block, Inline, Section};

pub(super) fn write(context: &mut Context<'_>) -> Option<Section> {
    let mut items: Vec<Vec<Inline>> = Vec::new();
    items.extend(limits(context));
    items.extend(stuck(context));
    items.extend(found(context));
    let blocks = if items.is_empty() {
        vec![paragraph(vec![text(
            "No contributing factor shows in the data. What else had to be true is unknown; those who \
             were there may know.",
        )])]
    } else {
        vec![Block::List(items)]
    };
    section("contributing", "Contributing factors", blocks)
}

/// Balances that ran out: what is permitted after that is less.
fn limits(context: &mut Context<'_>) -> Vec<Vec<Inline>> {
    let mut items = Vec::new();
    for credit in &context.input.analysis.credits {
        let Some(at) = credit.exhausted_at else {
            continue;
        };
        let id = credit.series.as_str();
        let mut line = vec![Inline::Strong("A limit".to_owned()), text(": what ")];
        line.push(context.series_name(id));
        line.push(text(
            " stands for may burst only while it lasts. It was exhausted at ",
        ));
        line.push(context.time(&format!("credits.{id}.exhausted_at"), at, id));
        let throttled: i64 = credit.throttled.iter().map(|w| w.millis()).sum();
        if throttled > 0 {
            line.push(text("; throughput was cut to the baseline for "));
            let basis = Basis::of([id]).within(context.window());
            let key = format!("credits.{id}.throttled");
            line.push(context.ledger.duration(&key, throttled, basis));
            line.push(text(" in all"));
        }
        line.push(text("."));
        items.push(line);
    }
    items
}

fn stuck(context: &mut Context<'_>) -> Option<Vec<Inline>> {
    let pods = &context.input.analysis.stuck_pods;
    let oldest = pods
        .iter()
        .filter_map(|p| Some((p.age_s?, p.event.as_str())))
        .max();
    if pods.is_empty() {
        return None;
    }
    let events = pods.iter().map(|p| p.event.clone());
    let mut line = vec![
        Inline::Strong("Pods that did not go".to_owned()),
        text(": "),
        context
            .ledger
            .count("stuck_pods.count", pods.len(), Basis::of(events)),
        text(" stuck in Terminating"),
    ];
    if let Some((age, event)) = oldest {
        line.push(text(", the oldest for "));
        let ms = age.saturating_mul(1000);
        let basis = Basis::of([event]);
        line.push(context.ledger.duration("stuck_pods.oldest", ms, basis));
    }
    line.push(text("."));
    Some(line)
}

/// What else the data speak for, each fact once: what a line above or the root cause says already is
/// not said again, and hypotheses with one reason share a line.
fn found(context: &mut Context<'_>) -> Vec<Vec<Inline>> {
    let span = context.window();
    let analysis = context.input.analysis;
    let mut told: Vec<(&str, Vec<String>, Vec<Inline>)> = Vec::new();
    for found in &analysis.found {
        let id = format!("found.{}", found.hypothesis);
        let basis = Basis::of(found.series.iter().chain(&found.events).cloned()).within(span);
        // Its figures are there in any case: a text may refer to them.
        let reason = context.ledger.quote(&id, &found.reason, &basis);
        if said_already(analysis, found) {
            continue;
        }
        let name = hypothesis(&found.hypothesis);
        match told.iter_mut().find(|(why, ..)| *why == found.reason) {
            Some((_, names, _)) => names.push(uncapitalised(&name)),
            None => told.push((&found.reason, vec![name], reason)),
        }
    }
    told.into_iter()
        .map(|(_, names, reason)| {
            let mut line = vec![Inline::Strong(names.join(", ")), text(": ")];
            line.extend(reason);
            line
        })
        .collect()
}

/// Whether it is the probable cause, or the balance that ran out.
fn said_already(analysis: &Analysis, found: &FoundHypothesis) -> bool {
    let cause = analysis.suspects.first().filter(|s| s.score >= CULPRIT);
    let is_cause = !found.events.is_empty()
        && cause.is_some_and(|s| found.events.iter().all(|e| s.events.contains(e)));
    let mut spent = analysis.credits.iter().filter(|c| c.exhausted_at.is_some());
    let is_limit = found.events.is_empty() && spent.any(|c| found.series.contains(&c.series));
    is_cause || is_limit
}
