//! Stuck pods by the rollout that left them, and by node.

use super::events::{Build, name_of, short};
use crate::lane::{EventItem, Lane, Layout, Shape};
use model::time::MINUTE;
use model::{Analysis, Event, EventKind};
use std::collections::BTreeSet;

impl<'a> Build<'a> {
    /// Pods from deletion to removal; only those that stayed too long. A heading names the rollout,
    /// pods of one node follow each other.
    pub(super) fn stuck_pods(&self, analysis: &Analysis) -> Option<Lane> {
        let stuck: BTreeSet<&str> = analysis
            .stuck_pods
            .iter()
            .map(|p| p.event.as_str())
            .collect();
        let pods = self.of(&[EventKind::PodTerminating]);
        let mut pods: Vec<(Option<&Event>, &Event)> = pods
            .into_iter()
            .filter(|e| stuck.contains(e.id.as_str()) || self.is_suspect(e))
            .map(|e| (self.rollout_of(e, analysis), e))
            .collect();
        pods.sort_by_key(|(rollout, pod)| {
            let begun = rollout.map(|r| (r.at(), &r.id));
            // Pods of no known rollout come last.
            (begun.is_none(), begun, &pod.node, pod.at(), &pod.id)
        });
        let named = pods.iter().any(|(rollout, _)| rollout.is_some());
        let items = pods
            .iter()
            .map(|(rollout, pod)| EventItem {
                group: match rollout {
                    Some(rollout) => heading(rollout),
                    None if named => "no rollout known".to_owned(),
                    None => String::new(),
                },
                ..self.item(pod, Shape::Bar, label(pod))
            })
            .collect();
        let title = "Pods stuck in Terminating";
        self.lane("stuck-pods", title, Layout::Rows, items)
    }

    /// The rollout that a suspect names together with the pod, else the last one before whose
    /// object's name the pod's begins with.
    fn rollout_of(&self, pod: &Event, analysis: &Analysis) -> Option<&'a Event> {
        let rollouts: Vec<&'a Event> = self
            .evidence
            .events
            .iter()
            .filter(|e| e.kind == EventKind::Rollout)
            .collect();
        let suspected: BTreeSet<&String> = analysis
            .suspects
            .iter()
            .filter(|s| s.events.contains(&pod.id))
            .flat_map(|s| &s.events)
            .collect();
        let named = |r: &&Event| {
            let own = pod.object.name.strip_prefix(&r.object.name);
            !r.object.name.is_empty() && own.is_some_and(|rest| rest.starts_with('-'))
        };
        let of_suspect = || rollouts.iter().filter(|r| suspected.contains(&r.id));
        let latest = pod.at().map(|at| at.plus(5 * MINUTE));
        let before = rollouts
            .iter()
            .filter(|r| r.namespace == pod.namespace && r.at().is_some() && r.at() <= latest);
        of_suspect()
            .find(|r| named(r))
            .or_else(|| of_suspect().next())
            .or_else(|| before.filter(|r| named(r)).max_by_key(|r| r.at()))
            .copied()
    }
}

fn heading(rollout: &Event) -> String {
    let at = rollout.at().map(|at| format!(", {} UTC", at.minute()));
    format!(
        "after the rollout of {}{}",
        name_of(rollout),
        at.unwrap_or_default()
    )
}

fn label(pod: &Event) -> String {
    let node = if pod.node.is_empty() {
        "node unknown"
    } else {
        short(&pod.node)
    };
    let unknown = if pod.start.is_none() {
        " · start unknown"
    } else {
        ""
    };
    format!("{} · {node}{unknown}", name_of(pod))
}
