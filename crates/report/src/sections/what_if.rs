//! What would have been: the balance and the impact under other circumstances, with the model's own
//! error on what was measured.

use super::{Context, paragraph, section, sentence, text};
use crate::ledger::Basis;
use model::analysis::what_if::{Outcome, Part, Scenario, Supposed, Throughput};
use model::report::{Block, Inline, Section};
use model::time::MINUTE;

pub(super) fn write(context: &mut Context<'_>) -> Option<Section> {
    let supposed = context.input.said.supposed;
    let items: Vec<Vec<Inline>> = (1..)
        .zip(supposed)
        .map(|(n, s)| line(context, n, s))
        .collect();
    let blocks = if items.is_empty() {
        vec![paragraph(vec![text(
            if context.input.analysis.credits.is_empty() {
                "What would have been is unknown: the evidence has no balance of burst credits to compute \
             it from."
            } else {
                "What would have been is unknown: nothing was supposed."
            },
        )])]
    } else {
        vec![Block::List(items)]
    };
    section("what-if", "What if", blocks)
}

fn line(context: &mut Context<'_>, n: usize, supposed: &Supposed) -> Vec<Inline> {
    let key = format!("what_if.{n}");
    let span = context.window();
    let basis = Basis::of([supposed.series.as_str()]).within(span);
    let mut line = vec![
        Inline::Strong(capital(&words(&supposed.scenario))),
        text(": "),
    ];
    if let Some(outcome) = &supposed.outcome {
        line.extend(told(context, outcome, &key, &basis));
    } else {
        line.push(text("unknown: "));
        let missing = sentence(&supposed.missing);
        let id = format!("{key}.missing");
        line.extend(context.ledger.quote(&id, &missing, &basis));
    }
    line
}

fn told(context: &mut Context<'_>, outcome: &Outcome, key: &str, basis: &Basis) -> Vec<Inline> {
    let id = outcome.series.as_str();
    let mut line = vec![context.series_name(id)];
    match outcome.exhausted_at {
        Some(at) => {
            line.push(text(" would have been exhausted at "));
            line.push(
                context
                    .ledger
                    .time(&format!("{key}.exhausted_at"), at, basis.clone()),
            );
        }
        None => line.push(text(" would not have been exhausted")),
    }
    if let Some(at) = outcome.measured_exhausted_at {
        line.push(text("; it was at "));
        let id = format!("{key}.measured_exhausted_at");
        line.push(context.ledger.time(&id, at, basis.clone()));
    }
    line.push(text(". Impact avoided: "));
    let avoided = (outcome.impact_min_avoided * MINUTE as f64).round() as i64;
    line.push(
        context
            .ledger
            .duration(&format!("{key}.avoided"), avoided, basis.clone()),
    );
    line.push(text(" of "));
    let was = (outcome.impact_min * MINUTE as f64).round() as i64;
    line.push(
        context
            .ledger
            .duration(&format!("{key}.impact"), was, basis.clone()),
    );
    line.push(text(". The model misses the measured balance by "));
    line.push(
        context
            .ledger
            .share(&format!("{key}.error"), outcome.error.share, basis.clone()),
    );
    line.push(text(" of the largest."));
    for (n, note) in (1..).zip(&outcome.notes) {
        line.push(text(" "));
        let note = sentence(note);
        line.extend(
            context
                .ledger
                .quote(&format!("{key}.note.{n}"), &note, basis),
        );
    }
    line
}

/// What is supposed. Its own numbers are what somebody asked for, and no figures: the scenarios of a
/// draft have none.
fn words(scenario: &Scenario) -> String {
    match scenario {
        Scenario::WithoutSuspect => "without the suspect".to_owned(),
        Scenario::Mitigated { .. } => "had the suspect been ended earlier".to_owned(),
        Scenario::Throughput(Throughput::Elastic) => "with elastic throughput".to_owned(),
        Scenario::Throughput(Throughput::Provisioned { .. }) => {
            "with provisioned throughput".to_owned()
        }
        Scenario::Throughput(Throughput::Bursting { .. }) => {
            "with another size of the file system".to_owned()
        }
        Scenario::Size { .. } => "with another size".to_owned(),
        Scenario::LessIo {
            part: Part::Metadata,
            ..
        } => "with less metadata I/O".to_owned(),
        Scenario::LessIo { .. } => "with less I/O".to_owned(),
    }
}

fn capital(words: &str) -> String {
    let mut chars = words.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}
