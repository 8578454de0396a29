//! Known issues of others whose symptoms are in the evidence: where to read on, and what helps.

use super::{Context, section, sentence, text};
use crate::ledger::Basis;
use model::report::{Block, Inline, Section};

pub(super) fn write(context: &mut Context<'_>) -> Option<Section> {
    let span = context.window();
    let mut items: Vec<Vec<Inline>> = Vec::new();
    for issue in &context.input.analysis.known_issues {
        let id = format!("known_issue.{}", issue.id);
        let basis = Basis::of(issue.matched.iter().cloned()).within(span);
        let link = Inline::Link {
            text: issue.id.clone(),
            href: issue.link.clone(),
        };
        let mut line = vec![link, text(": ")];
        for (part, words) in [
            ("title", &issue.title),
            ("why", &issue.why),
            ("workaround", &issue.workaround),
        ] {
            let words = format!("{} ", sentence(words));
            let id = format!("{id}.{part}");
            line.extend(context.ledger.quote(&id, &words, &basis));
        }
        items.push(line);
    }
    let blocks = (!items.is_empty()).then_some(Block::List(items));
    section("known-issues", "Known issues", blocks.into_iter().collect())
}
