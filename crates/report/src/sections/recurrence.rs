//! Earlier incidents that this one is like, and what differs.

use super::{Context, section, text};
use crate::ledger::Basis;
use model::analysis::recurrence::Earlier;
use model::report::{Block, Inline, Section};

pub(super) fn write(context: &mut Context<'_>) -> Option<Section> {
    let earlier = context.input.said.earlier;
    let items: Vec<Vec<Inline>> = earlier.iter().map(|e| line(context, e)).collect();
    let blocks = (!items.is_empty()).then_some(Block::List(items));
    section("recurrence", "Seen before", blocks.into_iter().collect())
}

fn line(context: &mut Context<'_>, earlier: &Earlier) -> Vec<Inline> {
    let key = format!("earlier.{}", earlier.incident);
    let span = Some(earlier.window);
    let basis = || Basis::of([format!("incident:{}", earlier.incident)]).within(span);
    // Titles and names of features are names: digits in them are no figures.
    let mut line = vec![Inline::Strong(earlier.title.clone()), text(", from ")];
    let start = earlier.window.start;
    line.push(context.ledger.time(&format!("{key}.start"), start, basis()));
    line.push(text(": alike by "));
    let score = earlier.likeness.score;
    line.push(
        context
            .ledger
            .share(&format!("{key}.score"), score, basis()),
    );
    line.push(text("."));
    for (lead, list) in [
        (" In common: ", &earlier.likeness.reasons),
        (" Different: ", &earlier.likeness.differences),
    ] {
        if !list.is_empty() {
            line.push(text(lead));
            line.push(Inline::Text(format!("{}.", list.join("; "))));
        }
    }
    line
}
