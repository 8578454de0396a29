//! What people set out to do, with the alarms that it stands for: what each would have done in this
//! incident, and its definition.

use super::{Context, section, text};
use crate::alarms;
use crate::ledger::Basis;
use chart::value_text;
use model::action::{ActionState, TestedAction};
use model::analysis::back_test::{BackTest, Rule};
use model::report::{Block, Inline, Section};

pub(super) fn write(context: &mut Context<'_>) -> Option<Section> {
    let actions = context.input.said.actions;
    let items: Vec<Vec<Inline>> = actions.iter().map(|a| line(context, a)).collect();
    let mut blocks: Vec<Block> = (!items.is_empty())
        .then_some(Block::List(items))
        .into_iter()
        .collect();
    for action in actions {
        blocks.extend(definitions(context, action));
    }
    section("actions", "Action items", blocks)
}

fn line(context: &mut Context<'_>, action: &TestedAction) -> Vec<Inline> {
    let item = &action.item;
    let state = match item.state {
        ActionState::Open => "Open",
        ActionState::Done => "Done",
    };
    // What people wrote is theirs: digits in it are no figures.
    let mut line = vec![
        Inline::Strong(format!("{state}: ")),
        Inline::Text(item.title.clone()),
    ];
    if !item.owner.is_empty() {
        line.push(Inline::Text(format!(" ({})", item.owner)));
    }
    if let Some(due) = item.due {
        line.push(text(", until "));
        let id = format!("action.{}.due", item.id);
        line.push(context.ledger.time(&id, due, Basis::default()));
    }
    if item.link.starts_with("https://") {
        line.push(text(", "));
        line.push(Inline::Link {
            text: "tracked here".to_owned(),
            href: item.link.clone(),
        });
    }
    line.push(text(". "));
    if let Some(rule) = &item.alarm {
        line.extend(alarm(context, action, rule));
    }
    line
}

/// The rule in words, and what it would have done.
fn alarm(context: &mut Context<'_>, action: &TestedAction, rule: &Rule) -> Vec<Inline> {
    let key = format!("action.{}", action.item.id);
    let mut line = vec![text("Alarm: ")];
    line.extend(in_words(context, rule, &key));
    line.push(text(". "));
    let missing = &action.missing;
    line.extend(would_have(
        context,
        rule,
        action.tested.as_ref(),
        missing,
        &key,
    ));
    line
}

/// A rule in words, its numbers as figures.
pub(super) fn in_words(context: &mut Context<'_>, rule: &Rule, key: &str) -> Vec<Inline> {
    let evidence = context.input.evidence;
    let series = rule.series().and_then(|id| evidence.series(id));
    let label = series.map_or_else(
        || rule.series().unwrap_or_default().to_owned(),
        |s| evidence.label(&s.meta),
    );
    let words = rule.words(&label, series.map(|s| &s.meta), |v, meta| {
        value_text(v, &meta.unit)
    });
    let basis = Basis::of(rule.series()).within(context.window());
    context.ledger.quote(&format!("{key}.rule"), &words, &basis)
}

/// What a rule would have done; `missing` says why nobody can tell.
pub(super) fn would_have(
    context: &mut Context<'_>,
    rule: &Rule,
    test: Option<&BackTest>,
    missing: &str,
    key: &str,
) -> Vec<Inline> {
    let basis = Basis::of(rule.series()).within(context.window());
    match test {
        Some(test) => tested(context, test, key, &basis),
        None if missing.is_empty() => Vec::new(),
        None => {
            let mut line = vec![text("What it would have done is unknown: ")];
            let missing = super::sentence(missing);
            let id = format!("{key}.missing");
            line.extend(context.ledger.quote(&id, &missing, &basis));
            line
        }
    }
}

fn tested(context: &mut Context<'_>, test: &BackTest, key: &str, basis: &Basis) -> Vec<Inline> {
    let mut line = Vec::new();
    match test.first {
        None => line.push(text("It would not have gone off for this incident")),
        Some(first) => {
            line.push(text("It would have gone off at "));
            line.push(
                context
                    .ledger
                    .time(&format!("{key}.fires"), first, basis.clone()),
            );
            if let Some(lead) = test.lead_s {
                line.push(text(", "));
                let ms = lead.saturating_abs().saturating_mul(1000);
                line.push(
                    context
                        .ledger
                        .duration(&format!("{key}.lead"), ms, basis.clone()),
                );
                line.push(text(if lead >= 0 {
                    " before people felt it"
                } else {
                    " after people felt it"
                }));
            }
        }
    }
    line.push(text(", with "));
    let alarms = test.false_alarms as usize;
    line.push(
        context
            .ledger
            .count(&format!("{key}.false_alarms"), alarms, basis.clone()),
    );
    line.push(text(if alarms == 1 {
        " false alarm in "
    } else {
        " false alarms in "
    }));
    let quiet = test.quiet_s.saturating_mul(1000);
    line.push(
        context
            .ledger
            .duration(&format!("{key}.quiet"), quiet, basis.clone()),
    );
    line.push(text(" of quiet time."));
    line
}

fn definitions(context: &Context<'_>, action: &TestedAction) -> Vec<Block> {
    let Some(rule) = &action.item.alarm else {
        return Vec::new();
    };
    let title = &action.item.title;
    alarms::definitions(context.input.evidence, rule, title)
        .into_iter()
        .filter_map(|d| {
            Some(Block::Code {
                label: format!("{}: {title}", d.format),
                text: d.text.ok()?,
            })
        })
        .collect()
}
