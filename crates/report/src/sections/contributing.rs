//! What else had to be true, as far as the data show it.

use super::{CULPRIT, Context, hypothesis, paragraph, section, text};
use crate::ledger::Basis;
use model::report::{Block, Inline, Section};

/// From this probability on a further suspect is named here.
const POSSIBLE: f64 = 0.2;

pub(super) fn write(context: &mut Context<'_>) -> Option<Section> {
    let mut items: Vec<Vec<Inline>> = Vec::new();
    items.extend(limits(context));
    items.extend(stuck(context));
    items.extend(found(context));
    items.extend(others(context));
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

fn found(context: &mut Context<'_>) -> Vec<Vec<Inline>> {
    let span = context.window();
    let mut items = Vec::new();
    for found in &context.input.analysis.found {
        let id = format!("found.{}", found.hypothesis);
        let basis = Basis::of(found.series.iter().chain(&found.events).cloned()).within(span);
        let mut line = vec![Inline::Strong(hypothesis(&found.hypothesis)), text(": ")];
        line.extend(context.ledger.quote(&id, &found.reason, &basis));
        items.push(line);
    }
    items
}

/// Suspects that are not the probable cause and may have had a part in it.
fn others(context: &mut Context<'_>) -> Vec<Vec<Inline>> {
    let mut items = Vec::new();
    for suspect in &context.input.analysis.suspects {
        let probable = suspect.rank == 1 && suspect.score >= CULPRIT;
        if probable || suspect.score < POSSIBLE {
            continue;
        }
        let key = format!("suspect.{}", suspect.rank);
        let basis = Basis::of(suspect.events.iter().cloned());
        let mut line = vec![Inline::Strong("Possibly".to_owned()), text(": ")];
        let title = super::root_cause::title(context, suspect);
        line.extend(
            context
                .ledger
                .quote(&format!("{key}.title"), &title, &basis),
        );
        line.push(text(", by a probability of "));
        line.push(
            context
                .ledger
                .share(&format!("{key}.score"), suspect.score, basis),
        );
        line.push(text("."));
        items.push(line);
    }
    items
}
