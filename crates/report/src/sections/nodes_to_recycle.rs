//! Nodes to recycle first: why, and the commands, which Lineup shows and never runs.

use super::{Context, paragraph, section, text};
use crate::ledger::Basis;
use model::analysis::recycle::NodeToRecycle;
use model::report::{Block, Inline, Section};

/// Nodes that a report lists.
const MOST: usize = 50;

pub(super) fn write(context: &mut Context<'_>) -> Option<Section> {
    let nodes = &context.input.analysis.nodes_to_recycle;
    let mut blocks = Vec::new();
    let items: Vec<Vec<Inline>> = nodes.iter().take(MOST).map(|n| line(context, n)).collect();
    if items.is_empty() {
        return None;
    }
    blocks.push(Block::List(items));
    if nodes.len() > MOST {
        let more = context.ledger.count(
            "recycle.more",
            nodes.len() - MOST,
            Basis::default().within(context.window()),
        );
        blocks.push(paragraph(vec![
            more,
            text(" further nodes are not listed."),
        ]));
    }
    let commands: Vec<String> = nodes
        .iter()
        .take(MOST)
        .flat_map(NodeToRecycle::commands)
        .collect();
    if !commands.is_empty() {
        blocks.push(Block::Code {
            label: "To empty them, in this order; Lineup runs nothing. Reboot or replace a node when it is \
                    drained, then uncordon it"
                .to_owned(),
            text: commands.join("\n") + "\n",
        });
    }
    section("nodes-to-recycle", "Nodes to recycle first", blocks)
}

fn line(context: &mut Context<'_>, node: &NodeToRecycle) -> Vec<Inline> {
    let basis = Basis::of(node.stuck.iter().chain(&node.events).cloned()).within(context.window());
    let mut line = Vec::new();
    if node.done_at.is_some() {
        line.push(Inline::Strong("Done: ".to_owned()));
    }
    line.push(Inline::Code(node.node.clone()));
    line.push(text(": "));
    let id = format!("recycle.{}.why", node.node);
    let why = format!("{}.", node.reasons.join("; "));
    line.extend(context.ledger.quote(&id, &why, &basis));
    line
}
