//! Which nodes had better be recycled first: those that host stuck pods, then those that hosted some, then
//! those whose kubelet has a known issue that this incident shows; of equal ones the one that has been up for
//! longest. What was rebooted or left since comes last, as done.
//!
//! A node that shows none of this is not listed: age alone is no reason. A kernel is named where it tells: nodes
//! with stuck pods run it and no other does.

use crate::{case::Case, known_issues};
use model::{
    Event, EventKind, Timestamp,
    analysis::{KnownIssue, StuckPod, recycle::NodeToRecycle},
    time::{SECOND, span_text},
    words,
};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

/// Cluster and name of a node.
type Name = (String, String);

/// What the events say of a node.
#[derive(Default)]
struct Facts {
    kubelet: String,
    kernel: String,
    up_since: Option<Timestamp>,
    /// Its last reboot.
    booted: Option<Timestamp>,
    /// When it left, unless it came again.
    left: Option<Timestamp>,
    events: Vec<String>,
}

/// The nodes, the first to recycle first.
pub(crate) fn nodes_to_recycle(
    case: &Case<'_>,
    stuck: &[StuckPod],
    issues: &[KnownIssue],
) -> Vec<NodeToRecycle> {
    let facts = facts(case);
    let mut hosted: BTreeMap<Name, Vec<&StuckPod>> = BTreeMap::new();
    for pod in stuck.iter().filter(|p| !p.node.is_empty()) {
        let event = case.evidence.event(&pod.event);
        let cluster = event.map_or("", |e| e.cluster.as_str());
        let name = (cluster.to_owned(), pod.node.clone());
        hosted.entry(name).or_default().push(pod);
    }
    let telling = telling_kernels(&facts, &hosted);
    let names: BTreeSet<&Name> = facts.keys().chain(hosted.keys()).collect();
    let none = Facts::default();
    let mut out: Vec<NodeToRecycle> = names
        .into_iter()
        .filter_map(|name| {
            let facts = facts.get(name).unwrap_or(&none);
            let pods = hosted.get(name).map_or(&[][..], Vec::as_slice);
            judged(case, name, facts, pods, issues, &telling)
        })
        .collect();
    out.sort_by_key(|n| {
        (
            n.done_at.is_some(),
            Reverse((n.still_stuck, n.stuck.len(), n.issues.len())),
            (n.up_since.is_none(), n.up_since),
            (n.cluster.clone(), n.node.clone()),
        )
    });
    for (rank, node) in (1..).zip(&mut out) {
        node.rank = rank;
    }
    out
}

/// What is known of each node at the window's end. Events are in order of time.
fn facts(case: &Case<'_>) -> BTreeMap<Name, Facts> {
    let mut out: BTreeMap<Name, Facts> = BTreeMap::new();
    for event in &case.evidence.events {
        let at = event.at();
        let name = named(event);
        if name.is_empty() || at.is_some_and(|at| at > case.window.end) {
            continue;
        }
        if !matches!(
            event.kind,
            EventKind::NodeAdded
                | EventKind::NodeReboot
                | EventKind::NodeRemoved
                | EventKind::ConfigChange
        ) {
            continue;
        }
        let node = out
            .entry((event.cluster.clone(), name.to_owned()))
            .or_default();
        if node.heard(event, at) {
            node.events.push(event.id.clone());
        }
    }
    out
}

/// The node that an event is about; empty: about none.
fn named(event: &Event) -> &str {
    if event.object.kind == "Node" {
        &event.object.name
    } else if matches!(
        event.kind,
        EventKind::NodeAdded | EventKind::NodeReboot | EventKind::NodeRemoved
    ) {
        &event.node
    } else {
        ""
    }
}

impl Facts {
    /// Whether the event says anything.
    fn heard(&mut self, event: &Event, at: Option<Timestamp>) -> bool {
        match event.kind {
            EventKind::NodeAdded => {
                self.up_since = self.up_since.max(at);
                self.left = self.left.filter(|left| at.is_none_or(|at| *left > at));
                for (what, place) in [("kubelet", &mut self.kubelet), ("kernel", &mut self.kernel)]
                {
                    if let Some(version) = event.attribute(what) {
                        *place = version;
                    }
                }
            }
            EventKind::NodeReboot => {
                self.up_since = self.up_since.max(at);
                self.booted = self.booted.max(at);
            }
            EventKind::NodeRemoved => self.left = self.left.max(at),
            _ => {
                let to = event.attribute("to").unwrap_or_default();
                match event.attribute("what").as_deref() {
                    Some("kubelet") => self.kubelet = to,
                    Some("kernel") => self.kernel = to,
                    _ => return false,
                }
            }
        }
        true
    }
}

/// Kernels that nodes with stuck pods run and none of those without, where there are such.
fn telling_kernels(
    facts: &BTreeMap<Name, Facts>,
    hosted: &BTreeMap<Name, Vec<&StuckPod>>,
) -> BTreeSet<String> {
    let kernels = |with: bool| -> BTreeSet<String> {
        let those = facts
            .iter()
            .filter(|(name, f)| hosted.contains_key(*name) == with && !f.kernel.is_empty());
        those.map(|(_, f)| f.kernel.clone()).collect()
    };
    let without = kernels(false);
    if without.is_empty() {
        return BTreeSet::new();
    }
    kernels(true).difference(&without).cloned().collect()
}

/// A node with its reasons; `None` where there are none.
fn judged(
    case: &Case<'_>,
    (cluster, node): &Name,
    facts: &Facts,
    pods: &[&StuckPod],
    issues: &[KnownIssue],
    telling: &BTreeSet<String>,
) -> Option<NodeToRecycle> {
    let end = case.window.end;
    let still: Vec<&&StuckPod> = pods
        .iter()
        .filter(|p| p.until.is_none() && facts.left.is_none())
        .collect();
    let affected: Vec<(&KnownIssue, &str)> = issues
        .iter()
        .filter_map(|issue| {
            let fixed = known_issues::fixed_in(&issue.id)?;
            known_issues::is_older(&facts.kubelet, fixed).then_some((issue, fixed))
        })
        .collect();
    if pods.is_empty() && (affected.is_empty() || facts.left.is_some()) {
        return None;
    }
    let mut reasons = Vec::new();
    let since = pods.iter().filter_map(|p| p.since).min();
    if !still.is_empty() {
        let count = words::count(still.len(), "pod");
        // Until the listing that showed it, where nobody knows more.
        let oldest = still.iter().filter_map(|p| p.age_s).max();
        let oldest = oldest.map_or_else(String::new, |age| {
            format!(", the oldest for {}", span_text(age.saturating_mul(SECOND)))
        });
        reasons.push(format!("hosts {count} stuck in Terminating{oldest}"));
    }
    let gone = pods.len() - still.len();
    if gone > 0 {
        let count = words::count(gone, "pod");
        reasons.push(format!("hosted {count} stuck in Terminating"));
    }
    for (issue, fixed) in &affected {
        let kubelet = &facts.kubelet;
        reasons.push(format!(
            "its kubelet {kubelet} has {}; {fixed} has the fix",
            issue.id
        ));
    }
    if !pods.is_empty() && telling.contains(&facts.kernel) {
        let kernel = &facts.kernel;
        reasons.push(format!(
            "its kernel {kernel} runs on nodes with stuck pods and on no other"
        ));
    }
    let recycled = facts.left.or(facts.booted);
    let last = pods.iter().filter_map(|p| p.until.or(p.since)).max();
    // A pod that goes because its node is rebooted goes a little after that.
    let done_at = recycled.filter(|at| {
        still.is_empty() && since.is_some_and(|since| since < *at) && {
            facts.left.is_some() || last.is_some_and(|last| last.since(*at) <= SETTLE)
        }
    });
    match (done_at, facts.left, facts.up_since) {
        (Some(at), Some(_), _) => reasons.push(format!("it left at {} UTC", at.minute())),
        (Some(at), None, _) => reasons.push(format!("it was rebooted at {} UTC", at.minute())),
        (None, _, Some(up)) => reasons.push(format!("up for {}", span_text(end.since(up)))),
        (None, _, None) => reasons.push("since when it is up is unknown".to_owned()),
    }
    Some(NodeToRecycle {
        node: node.clone(),
        cluster: cluster.clone(),
        stuck: pods.iter().map(|p| p.event.clone()).collect(),
        still_stuck: u32::try_from(still.len()).unwrap_or(u32::MAX),
        issues: affected.iter().map(|(i, _)| i.id.clone()).collect(),
        kubelet: facts.kubelet.clone(),
        kernel: facts.kernel.clone(),
        up_since: facts.up_since,
        done_at,
        reasons,
        events: facts.events.clone(),
        ..NodeToRecycle::default()
    })
}

/// How long after a reboot the pods that it freed may take to go, milliseconds.
const SETTLE: i64 = 30 * model::time::MINUTE;

#[cfg(test)]
mod tests;
