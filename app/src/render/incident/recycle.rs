//! Nodes to recycle first, with the commands for it.

use crate::render::instant;
use crate::render::markup::{IntoMarkup, Markup};
use leptos::prelude::*;
use model::analysis::recycle::NodeToRecycle;

/// Nodes at a glance, and in all.
const AT_A_GLANCE: usize = 8;
/// See [`AT_A_GLANCE`].
const MOST: usize = 100;

/// The panel; nothing where no node has a reason.
pub(crate) fn nodes_to_recycle(nodes: &[NodeToRecycle]) -> Markup {
    if nodes.is_empty() {
        return ().markup();
    }
    let list = |from: usize, to: usize| {
        let items = nodes.iter().skip(from).take(to - from).map(item);
        view! { <ol class="recycle" start=from + 1>{items.collect_view()}</ol> }
    };
    let more = (nodes.len() > AT_A_GLANCE).then(|| {
        view! {
            <details class="more">
                <summary>{nodes.len() - AT_A_GLANCE} " more"</summary>
                {list(AT_A_GLANCE, MOST)}
            </details>
        }
    });
    let commands: Vec<String> = nodes
        .iter()
        .take(MOST)
        .flat_map(NodeToRecycle::commands)
        .collect();
    let commands = (!commands.is_empty()).then(|| shown(&commands));
    view! {
        <section class="panel" aria-labelledby="h-recycle" data-testid="recycle">
            <h2 id="h-recycle">"Nodes to recycle first"</h2>
            {list(0, AT_A_GLANCE)}
            {more}
            {commands}
        </section>
    }
    .markup()
}

fn item(node: &NodeToRecycle) -> Markup {
    let done = node
        .done_at
        .map(|at| view! { " " <span class="chip chip-good">"done " {instant(at)}</span> });
    view! {
        <li>
            <strong class="mono">{node.node.clone()}</strong>
            {done}
            <br />
            <span class="small">{super::capitalised(&node.reasons.join("; "))} "."</span>
        </li>
    }
    .markup()
}

fn shown(commands: &[String]) -> Markup {
    let text = commands.join("\n") + "\n";
    let rows = commands.len().clamp(2, 16);
    view! {
        <details class="more" data-testid="recycle-commands">
            <summary>"Commands"</summary>
            <label class="small dim" for="recycle-commands">
                "Lineup shows these and runs none. Reboot or replace a node when it is drained, then uncordon it."
            </label>
            <textarea
                id="recycle-commands"
                class="code"
                readonly
                spellcheck="false"
                wrap="off"
                rows=rows
                inner_html=super::raw(&text)
            ></textarea>
            <button type="button" class="button" data-copy="recycle-commands">
                <span class="copy-todo">"Copy"</span>
                <span class="copy-done">"Copied"</span>
            </button>
        </details>
    }
    .markup()
}
