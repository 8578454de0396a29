//! The suspects with what speaks for and against each, or that there is none and where to look.

use super::{CULPRIT, Context, listed, paragraph, section, text, title_of};
use crate::ledger::Basis;
use model::analysis::{EvidenceItem, Suspect};
use model::report::{Block, Inline, Section};
use model::{EventKind, Window};

/// Most suspects that are written out; the rest is counted.
const MAX_SUSPECTS: usize = 5;
/// Most names of events in a sentence.
const MAX_EVENTS: usize = 12;

pub(super) fn write(context: &mut Context<'_>) -> Option<Section> {
    let suspects = &context.input.analysis.suspects;
    let mut blocks = Vec::new();
    let pinned = super::judged::pinned(context).is_some();
    if !pinned && suspects.first().is_none_or(|s| s.score < CULPRIT) {
        blocks.extend(no_culprit(context));
    }
    for suspect in suspects.iter().take(MAX_SUSPECTS) {
        blocks.extend(written_out(context, suspect));
    }
    if suspects.len() > MAX_SUSPECTS {
        let rest = suspects.get(MAX_SUSPECTS..).unwrap_or(&[]);
        let events = rest.iter().flat_map(|s| s.events.iter().cloned());
        let n = context
            .ledger
            .count("suspects.further", rest.len(), Basis::of(events));
        blocks.push(paragraph(vec![
            text("Less probable, and not written out: "),
            n,
            text("."),
        ]));
    }
    blocks.extend(resources(context));
    section("root-cause", "Root cause", blocks)
}

/// One line for a suspect: its own title, else that of its first event.
pub(super) fn title(context: &Context<'_>, suspect: &Suspect) -> String {
    if !suspect.title.is_empty() {
        return suspect.title.lines().next().unwrap_or_default().to_owned();
    }
    let first = suspect.events.first();
    first
        .and_then(|id| context.input.evidence.event(id))
        .map(title_of)
        .or_else(|| first.cloned())
        .unwrap_or_else(|| "an event without a name".to_owned())
}

fn written_out(context: &mut Context<'_>, suspect: &Suspect) -> Vec<Block> {
    let key = format!("suspect.{}", suspect.rank);
    let basis = Basis::of(suspect.events.iter().cloned()).within(
        suspect
            .start
            .zip(suspect.end)
            .and_then(|(a, b)| Window::new(a, b)),
    );
    let of = suspect.events.first().cloned().unwrap_or_default();
    let events = || Basis::of(suspect.events.iter().cloned());
    let mut line = vec![
        Inline::Strong("Suspect ".to_owned()),
        context
            .ledger
            .count(&format!("{key}.rank"), suspect.rank as usize, basis),
        text(": "),
    ];
    let title = title(context, suspect);
    line.extend(
        context
            .ledger
            .quote(&format!("{key}.title"), &title, &events()),
    );
    line.push(text(". Probability "));
    line.push(
        context
            .ledger
            .share(&format!("{key}.score"), suspect.score, events()),
    );
    if let Some(start) = suspect.start {
        line.push(text(", began at "));
        line.push(context.time(&format!("{key}.start"), start, &of));
    }
    if let Some(end) = suspect.end {
        line.push(text(", ended at "));
        line.push(context.time(&format!("{key}.end"), end, &of));
    }
    line.push(text("."));
    line.extend(super::judged::remark(context, suspect));
    let mut blocks = vec![paragraph(line), group(context, suspect, &key)];
    let items: Vec<Vec<Inline>> = suspect
        .evidence
        .iter()
        .enumerate()
        .map(|(i, item)| evidence(context, item, &format!("{key}.evidence.{}", i + 1)))
        .collect();
    if !items.is_empty() {
        blocks.push(Block::List(items));
    }
    blocks.extend(explains(context, suspect, &key));
    blocks
}

/// Which events the suspect is made of.
fn group(context: &mut Context<'_>, suspect: &Suspect, key: &str) -> Block {
    let n = context.ledger.count(
        &format!("{key}.events"),
        suspect.events.len(),
        Basis::of(suspect.events.iter().cloned()),
    );
    let names = suspect.events.iter().take(MAX_EVENTS).map(|id| {
        let event = context.input.evidence.event(id);
        event.map_or_else(|| Inline::Code(id.clone()), |e| Inline::Text(title_of(e)))
    });
    let mut line = vec![text("Events in it: "), n, text(" — ")];
    line.extend(listed(names));
    line.push(text(if suspect.events.len() > MAX_EVENTS {
        " and further ones."
    } else {
        "."
    }));
    paragraph(line)
}

/// A sentence of evidence with how strongly it speaks for or against; the exact weight is the figure's
/// value, and stands in the table of figures.
fn evidence(context: &mut Context<'_>, item: &EvidenceItem, id: &str) -> Vec<Inline> {
    let basis = Basis::of(item.series.iter().chain(&item.events).cloned()).within(item.span);
    let mut line = vec![Inline::Strong(item.factor.replace('_', " ")), text(": ")];
    line.extend(context.ledger.quote(id, &item.text, &basis));
    line.push(text(" ("));
    line.push(
        context
            .ledger
            .weight(&format!("{id}.weight"), item.weight, basis),
    );
    line.push(text(")"));
    line
}

fn explains(context: &mut Context<'_>, suspect: &Suspect, key: &str) -> Option<Block> {
    let rows: Vec<Vec<Vec<Inline>>> = suspect
        .explains
        .iter()
        .map(|e| {
            let id = format!("{key}.explains.{}", e.series);
            let first = suspect.events.first().cloned().unwrap_or_default();
            let basis = Basis::of([e.series.clone(), first]);
            let lag = e.lag_s.saturating_mul(1000);
            vec![
                vec![context.series_name(&e.series)],
                vec![context.time(&format!("{id}.at"), e.at, &e.series)],
                vec![context.ledger.duration(&format!("{id}.lag"), lag, basis)],
            ]
        })
        .collect();
    let head = ["It explains", "Onset", "After the suspect's start"];
    (!rows.is_empty()).then(|| Block::Table {
        head: head.map(str::to_owned).to_vec(),
        rows,
    })
}

/// That there is no culprit, and what to look at next.
fn no_culprit(context: &mut Context<'_>) -> Vec<Block> {
    let why = if context.input.analysis.fault().is_some() {
        "The analysis failed, so that nothing can be said of any event."
    } else {
        "No event in the evidence is probable enough to be called the cause."
    };
    let mut blocks = vec![paragraph(vec![
        Inline::Strong("No culprit. ".to_owned()),
        text(why),
    ])];
    let events = &context.input.evidence.events;
    let has = |kinds: &[EventKind]| events.iter().any(|e| kinds.contains(&e.kind));
    let mut next: Vec<Vec<Inline>> = Vec::new();
    if !has(&[
        EventKind::Rollout,
        EventKind::ConfigChange,
        EventKind::Scale,
    ]) {
        next.push(vec![text("Changes: there is no rollout and no change of configuration in the evidence. Add the cluster's events, or what was deployed.")]);
    }
    if !has(&[
        EventKind::NodeReboot,
        EventKind::NodeAdded,
        EventKind::NodeRemoved,
        EventKind::NodeNotReady,
    ]) {
        next.push(vec![text(
            "Nodes: nothing about nodes is in the evidence. Add the nodes' listing.",
        )]);
    }
    let span = context.window();
    for unknown in &context.input.analysis.unknown {
        let mut line = vec![
            Inline::Strong(super::hypothesis(&unknown.hypothesis)),
            text(": "),
        ];
        let id = format!("unknown.{}", unknown.hypothesis);
        line.extend(
            context
                .ledger
                .quote(&id, &unknown.missing, &Basis::default().within(span)),
        );
        next.push(line);
    }
    if let Some(driver) = &context.input.analysis.driver {
        let mut line = vec![
            text("What happened to "),
            context.series_name(&driver.series),
            text(" at "),
        ];
        line.push(context.time("driver.onset", driver.onset, &driver.series));
        line.push(text("? Everything else follows from it."));
        next.push(line);
    }
    if next.is_empty() {
        next.push(vec![text(
            "A wider window: the cause may lie before its start.",
        )]);
    }
    blocks.push(paragraph(vec![text("Where to look next:")]));
    blocks.push(Block::List(next));
    blocks
}

fn resources(context: &mut Context<'_>) -> Vec<Block> {
    let rows: Vec<Vec<Vec<Inline>>> = context
        .input
        .analysis
        .resources
        .iter()
        .take(MAX_SUSPECTS)
        .map(|r| {
            let id = format!("resource.{}", r.rank);
            let basis = || Basis::of(r.series.iter().cloned());
            let shown = r.series.iter().take(4).map(|s| context.series_name(s));
            let names = listed(shown.collect::<Vec<_>>());
            vec![
                vec![
                    context
                        .ledger
                        .count(&format!("{id}.rank"), r.rank as usize, basis()),
                ],
                vec![Inline::Code(r.resource.clone())],
                vec![
                    context
                        .ledger
                        .share(&format!("{id}.score"), r.score, basis()),
                ],
                names,
            ]
        })
        .collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let head = ["Rank", "Resource", "Score", "Series that show it"]
        .map(str::to_owned)
        .to_vec();
    vec![
        paragraph(vec![text(
            "Resources, the one that deviates first and explains the rest on top:",
        )]),
        Block::Table { head, rows },
    ]
}
