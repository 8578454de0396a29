//! What nobody can tell from this evidence, and how to get what is missing.

use super::{Context, hypothesis, paragraph, section, text};
use crate::ledger::Basis;
use model::report::{Block, Inline, Section};

pub(super) fn write(context: &mut Context<'_>) -> Option<Section> {
    let span = context.window();
    let mut items: Vec<Vec<Inline>> = Vec::new();
    for unknown in &context.input.analysis.unknown {
        let id = format!("unknown.{}", unknown.hypothesis);
        let mut line = vec![Inline::Strong(hypothesis(&unknown.hypothesis)), text(": ")];
        line.extend(
            context
                .ledger
                .quote(&id, &unknown.missing, &Basis::default().within(span)),
        );
        items.push(line);
    }
    for credit in context
        .input
        .analysis
        .credits
        .iter()
        .filter(|c| !c.note.is_empty())
    {
        let id = format!("credits.{}.note", credit.series);
        let mut line = vec![
            Inline::Strong("Burst credits".to_owned()),
            text(" ("),
            context.series_name(&credit.series),
            text("): "),
        ];
        let basis = Basis::of([credit.series.as_str()]).within(span);
        line.extend(context.ledger.quote(&id, &credit.note, &basis));
        items.push(line);
    }
    for pod in context
        .input
        .analysis
        .stuck_pods
        .iter()
        .filter(|p| p.since.is_none())
    {
        items.push(vec![
            Inline::Strong("Since when a pod is stuck".to_owned()),
            text(": the evidence does not say when "),
            Inline::Code(format!("{}/{}", pod.namespace, pod.pod)),
            text(" began to terminate."),
        ]);
    }
    let blocks = if items.is_empty() {
        vec![paragraph(vec![text(
            "No hypothesis is open for lack of data. That says nothing of what was not asked.",
        )])]
    } else {
        vec![Block::List(items)]
    };
    section("unknown", "What we do not know", blocks)
}
