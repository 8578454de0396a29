//! What it was not, and the data that say so.

use super::{Context, hypothesis, listed, paragraph, section, text};
use crate::ledger::Basis;
use model::report::{Block, Inline, Section};

pub(super) fn write(context: &mut Context<'_>) -> Option<Section> {
    let span = context.window();
    let mut rows = Vec::new();
    for ruled in &context.input.analysis.ruled_out {
        let id = format!("ruled_out.{}", ruled.hypothesis);
        let ids = ruled.series.iter().chain(&ruled.events).cloned();
        let reason = context
            .ledger
            .quote(&id, &ruled.reason, &Basis::of(ids).within(span));
        let names = ruled
            .series
            .iter()
            .map(|s| context.series_name(s))
            .chain(ruled.events.iter().map(|e| Inline::Code(e.clone())));
        // A few names are enough to find the rest: the figures carry all of them.
        let names: Vec<Inline> = names.take(6).collect();
        let title = Inline::Strong(hypothesis(&ruled.hypothesis));
        rows.push(vec![vec![title], reason, listed(names)]);
    }
    let blocks = if rows.is_empty() {
        vec![paragraph(vec![text(
            "Nothing could be ruled out with the data at hand.",
        )])]
    } else {
        let head = ["Hypothesis", "Why not", "Evidence"]
            .map(str::to_owned)
            .to_vec();
        vec![Block::Table { head, rows }]
    };
    section("ruled-out", "Ruled out", blocks)
}
