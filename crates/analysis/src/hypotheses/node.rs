//! `node`: a node was out of CPU, memory or order.
//!
//! Data: node series, and node events. Found when a node event is the first suspect or a node's
//! series rose at the onset; clear when the node series stayed where they were and no node was out
//! of order when it began.

use super::{Reason, View, evidence};
use model::{EventKind, analysis::Verdict, time::MINUTE};

const WORDS: [&str; 5] = [
    "node_",
    "nodecpu",
    "node cpu",
    "/node/",
    "containerinsights",
];
const NOT: [&str; 4] = ["creditbalance", "requests", "latency", "pod_"];

pub(super) fn judge(view: &View<'_>) -> Verdict<Reason> {
    let events = evidence::events(view, |e| {
        matches!(
            e.kind,
            EventKind::NodeNotReady
                | EventKind::NodeReboot
                | EventKind::NodeRemoved
                | EventKind::OomKill
        )
    });
    if let Some(id) = evidence::accused(view, &events) {
        return Verdict::Found(Reason {
            text: "a node's event is the first suspect".to_owned(),
            series: vec![],
            events: vec![id],
        });
    }
    let signals = evidence::named(view, &WORDS, &NOT);
    let by_series = evidence::by_series(
        view,
        &signals,
        "the nodes",
        "no series of the nodes around the onset: add their CPU, memory and load",
    );
    let ill = events.iter().find(|e| {
        let covers = e.at().is_some_and(|at| at <= view.onset.plus(5 * MINUTE))
            && e.end.is_none_or(|end| end >= view.onset);
        e.kind == EventKind::NodeNotReady && covers
    });
    match (by_series, ill) {
        (Verdict::Clear { .. }, Some(event)) => Verdict::Unknown {
            missing: format!(
                "{} was out of order when it began: look whether what is hit ran there",
                event.object.name
            ),
        },
        (verdict, _) => verdict,
    }
}
