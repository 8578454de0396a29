//! Nodes to recycle first: why, and the commands, which Lineup shows and never runs; and which of them
//! have been recycled, and when.

use super::{Context, paragraph, section, text};
use crate::ledger::Basis;
use model::Timestamp;
use model::analysis::recycle::NodeToRecycle;
use model::report::{Block, Inline, Section};

/// Nodes that a report lists.
const MOST: usize = 50;

pub(super) fn write(context: &mut Context<'_>) -> Option<Section> {
    let nodes = &context.input.analysis.nodes_to_recycle;
    if nodes.is_empty() {
        return None;
    }
    let mut blocks = Vec::new();
    let left = nodes.iter().filter(|n| n.done_at.is_none()).count();
    let title = if left == 0 {
        "Nodes that were recycled"
    } else {
        "Nodes to recycle first"
    };
    if let Some(mut line) = recycled(context, "recycle.done", Timestamp::MIN, Timestamp::MAX) {
        line.push(text(if left == 0 {
            ". None is left to do."
        } else {
            "."
        }));
        blocks.push(paragraph(line));
    }
    let items: Vec<Vec<Inline>> = nodes.iter().take(MOST).map(|n| line(context, n)).collect();
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
    section("nodes-to-recycle", title, blocks)
}

/// How many of the nodes were rebooted or left in a span, and from when to when.
pub(super) fn recycled(
    context: &mut Context<'_>,
    id: &str,
    from: Timestamp,
    to: Timestamp,
) -> Option<Vec<Inline>> {
    let nodes = context.input.analysis.nodes_to_recycle.iter();
    let mut done: Vec<(Timestamp, &NodeToRecycle)> = nodes
        .filter_map(|n| Some((n.done_at.filter(|at| (from..=to).contains(at))?, n)))
        .collect();
    done.sort_by_key(|(at, node)| (*at, node.rank));
    let ((first, node), (last, latest)) = (*done.first()?, *done.last()?);
    let basis = Basis::of(done.iter().flat_map(|(_, n)| n.events.iter().cloned()));
    let mut line = vec![context.ledger.count(id, done.len(), basis)];
    line.push(text(if done.len() == 1 {
        " node with stuck pods or a known issue was rebooted or left at "
    } else {
        " nodes with stuck pods or a known issue were rebooted or left, from "
    }));
    let at = |context: &mut Context<'_>, at, node: &NodeToRecycle| {
        let basis = Basis::of(node.events.iter().cloned());
        let id = format!("recycle.{}.done_at", node.node);
        context.ledger.time(&id, at, basis)
    };
    line.push(at(context, first, node));
    if done.len() > 1 {
        line.push(text(" to "));
        line.push(at(context, last, latest));
    }
    Some(line)
}

fn line(context: &mut Context<'_>, node: &NodeToRecycle) -> Vec<Inline> {
    let basis = Basis::of(node.stuck.iter().chain(&node.events).cloned()).within(context.window());
    let mut line = Vec::new();
    if node.done_at.is_some() {
        line.push(Inline::Strong("Recycled: ".to_owned()));
    }
    line.push(Inline::Code(node.node.clone()));
    line.push(text(": "));
    let id = format!("recycle.{}.why", node.node);
    let why = format!("{}.", node.reasons.join("; "));
    line.extend(context.ledger.quote(&id, &why, &basis));
    line
}
