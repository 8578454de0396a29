//! What went well, as far as the data show it: an alarm in time, an end, evidence without holes.

use super::{Context, paragraph, section, text, title_of};
use crate::ledger::Basis;
use model::report::{Block, Inline, Section};
use model::{EventKind, Window};

pub(super) fn write(context: &mut Context<'_>) -> Option<Section> {
    let mut items: Vec<Vec<Inline>> = Vec::new();
    items.extend(warned(context));
    items.extend(ended(context));
    items.extend(whole(context));
    let mut blocks = Vec::new();
    if items.is_empty() {
        blocks.push(paragraph(vec![text(
            "What went well is unknown: no data shows it. Those who were there know.",
        )]));
    } else {
        blocks.push(Block::List(items));
    }
    section("went-well", "What went well", blocks)
}

/// An alert between the first sign and the moment that people felt it.
fn warned(context: &mut Context<'_>) -> Option<Vec<Inline>> {
    let evidence = context.input.evidence;
    let felt = evidence.impact?.start;
    let onset = context.input.analysis.driver.as_ref()?.onset;
    let span = Window::new(onset, felt)?;
    let alerts = evidence
        .events
        .iter()
        .filter(|e| e.kind == EventKind::Alert)
        .filter_map(|e| Some((e.at().filter(|at| span.contains(*at))?, e)));
    let (at, event) = alerts.min_by(|a, b| (a.0, &a.1.id).cmp(&(b.0, &b.1.id)))?;
    let lead = felt.since(at);
    let basis = Basis::of([event.id.as_str()]).within(Some(span));
    Some(vec![
        text("An alert went off "),
        context.ledger.duration("went_well.lead", lead, basis),
        text(" before people felt it: "),
        Inline::Text(title_of(event)),
        text("."),
    ])
}

fn ended(context: &mut Context<'_>) -> Option<Vec<Inline>> {
    let impact = context.input.evidence.impact?;
    let end = impact.end?;
    let basis = Basis::default().within(Window::new(impact.start, end));
    let lasted = context
        .ledger
        .duration("impact.duration", end.since(impact.start), basis);
    Some(vec![
        text("It ended: users were affected no longer after "),
        lasted,
        text("."),
    ])
}

fn whole(context: &mut Context<'_>) -> Option<Vec<Inline>> {
    let provenance = &context.input.evidence.provenance;
    let holes = provenance.iter().any(|p| !p.gaps.is_empty());
    if provenance.is_empty() || holes {
        return None;
    }
    let n = context
        .ledger
        .count("went_well.sources", provenance.len(), Basis::default());
    Some(vec![
        text(
            "The evidence was kept before it was gone: nothing is missing in what was asked for. Questions that were asked: ",
        ),
        n,
        text("."),
    ])
}
