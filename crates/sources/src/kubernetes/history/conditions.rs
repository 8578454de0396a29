//! A condition of a node, from when to when it was bad.

use super::{
    kept::Sight,
    pending::{Pending, event_id},
    when::When,
};
use crate::kubernetes::{
    meta::{self, set_bounds, time},
    nodes,
};
use k8s_openapi::api::core::v1::{Node, NodeCondition};
use model::{Event, EventKind, Timestamp, time::SECOND};
use serde::{Deserialize, Serialize};

/// A condition that is as old as its node, give or take this time, was written when the node joined.
const REGISTRATION: i64 = 3 * SECOND;

/// What is remembered of one condition. `Ready` is bad while it is not `True`, any other while it is.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Condition {
    /// Since when it is as it is, as the newest version says.
    since: Option<Timestamp>,
    status: String,
    bad: bool,
    /// The last bad time, over or not.
    last: Option<Event>,
    /// The node is coming up and has not been ready yet: no failure unless it lasts.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    coming_up: bool,
}

/// What a version of a node says of it.
pub(crate) struct Seen<'a> {
    pub(crate) node: &'a Node,
    pub(crate) uid: &'a str,
    pub(crate) condition: &'a NodeCondition,
    pub(crate) created: Option<Timestamp>,
}

impl Seen<'_> {
    fn is_bad(&self) -> bool {
        (self.condition.type_ == "Ready") == (self.condition.status != "True")
    }

    /// A bad time that begins now, or of which only the end is known.
    fn event(&self, start: Option<Timestamp>, end: Option<Timestamp>, sight: &Sight<'_>) -> Event {
        let mut event = nodes::of_condition(self.node, self.condition, None, sight.listing)
            .unwrap_or_else(|| self.bare(sight));
        let kind = match self.condition.type_.as_str() {
            "Ready" => "notready",
            other => other,
        };
        let at = start.or(end).unwrap_or_default().seconds().to_string();
        event.id = match start {
            Some(_) => event_id(&["node", self.uid, kind, &at]),
            None => event_id(&["node", self.uid, kind, "until", &at]),
        };
        event.start = start;
        event.end = end;
        event
    }

    fn bare(&self, sight: &Sight<'_>) -> Event {
        let ready = self.condition.type_ == "Ready";
        let kind = if ready {
            EventKind::NodeNotReady
        } else {
            EventKind::Other("k8s_node_condition".into())
        };
        let mut event = nodes::of(self.node, kind, sight.listing);
        let name = meta::name(&self.node.metadata);
        event.title = if ready {
            format!("Node {name} was not ready")
        } else {
            format!("Node {name} had {}", self.condition.type_)
        };
        meta::set(&mut event, "condition", self.condition.type_.clone());
        event
    }
}

impl Condition {
    /// The bad time that is not over.
    pub(crate) fn open(&mut self) -> Option<&mut Event> {
        let bad = self.bad;
        self.last
            .as_mut()
            .filter(|event| bad && event.end.is_none())
    }

    /// The bad time that is not over, where it was written down.
    pub(crate) fn told(&mut self) -> Option<&mut Event> {
        let quiet = self.coming_up;
        self.open().filter(|_| !quiet)
    }

    /// Takes in what a version says; `true` where what is remembered changed.
    pub(crate) fn see(&mut self, seen: &Seen<'_>, sight: &Sight<'_>, out: &mut Pending) -> bool {
        let Some(at) = time(seen.condition.last_transition_time.as_ref()) else {
            return false;
        };
        if !sight.newest && !sight.first {
            return self.see_late(seen, at, out);
        }
        let bad = seen.is_bad();
        let before = self.since;
        let late = seen
            .created
            .is_none_or(|c| sight.when.latest.since(c) > nodes::BRING_UP);
        if self.coming_up && bad && late {
            self.coming_up = false;
            if let Some(open) = self.open() {
                out.event(open.clone());
            }
            return true;
        }
        if before == Some(at) && self.bad == bad && self.status == seen.condition.status {
            return false;
        }
        let same = self.status == seen.condition.status && before < Some(at);
        let coming_up = self.coming_up;
        match (bad, self.open()) {
            (true, None) => self.begin(seen, at, sight, out),
            (true, Some(_)) if coming_up => {}
            (false, Some(_)) if coming_up => {
                self.coming_up = false;
                self.last = None;
            }
            // `False` and `Unknown` follow one another while a node stays unready. The same status
            // since a later time means that it was well in between.
            (true, Some(open)) if same => {
                When::between(before.max(sight.when.earliest), at).end(open);
                out.event(open.clone());
                self.begin(seen, at, sight, out);
            }
            (true, Some(_)) => {}
            (false, Some(open)) => {
                open.end = Some(at);
                out.event(open.clone());
            }
            (false, None) => self.well_again(seen, at, sight, out),
        }
        (self.since, self.bad) = (Some(at), bad);
        self.status.clone_from(&seen.condition.status);
        true
    }

    fn begin(&mut self, seen: &Seen<'_>, at: Timestamp, sight: &Sight<'_>, out: &mut Pending) {
        let event = seen.event(Some(at), None, sight);
        let young = |c: Timestamp| sight.when.latest.since(c) <= nodes::BRING_UP;
        // A kubelet registers its node as not ready at once.
        let at_once = |c: Timestamp| at.since(c).abs() <= REGISTRATION;
        self.coming_up = seen.condition.type_ == "Ready"
            && self.since.is_none()
            && seen.created.is_some_and(|c| young(c) && at_once(c));
        if !self.coming_up {
            out.event(event.clone());
        }
        self.last = Some(event);
    }

    /// It is well since a later time than it was before: it was bad in between, unseen.
    fn well_again(&mut self, seen: &Seen<'_>, at: Timestamp, sight: &Sight<'_>, out: &mut Pending) {
        let earliest = if sight.first {
            let late = |c: Timestamp| at.since(c) > nodes::BRING_UP;
            if seen.condition.type_ != "Ready" || !seen.created.is_some_and(late) {
                return;
            }
            seen.created
        } else {
            self.since
        };
        if !sight.first && self.since.is_none_or(|since| at <= since) {
            return;
        }
        let mut event = seen.event(None, Some(at), sight);
        set_bounds(&mut event, earliest, Some(at));
        out.event(event.clone());
        self.last = Some(event);
    }

    /// An older version comes late: it may say what happened between two that are known.
    fn see_late(&mut self, seen: &Seen<'_>, at: Timestamp, out: &mut Pending) -> bool {
        let Some(since) = self.since.filter(|since| at < *since) else {
            return false;
        };
        let (bad, now_bad) = (seen.is_bad(), self.bad);
        match &mut self.last {
            Some(last) if bad && last.start.is_none() && last.end == Some(since) => {
                last.start = Some(at);
                last.attributes.remove("start_earliest");
                last.attributes.remove("start_latest");
                out.event(last.clone());
                true
            }
            Some(last) if !bad && now_bad && last.end.is_none() => {
                if last.start.is_none_or(|start| at <= start) {
                    return false;
                }
                last.end = Some(at);
                out.event(last.clone());
                let mut next = last.clone();
                next.end = None;
                next.start = Some(since);
                let kind = if seen.condition.type_ == "Ready" {
                    "notready"
                } else {
                    &seen.condition.type_
                };
                next.id = event_id(&["node", seen.uid, kind, &since.seconds().to_string()]);
                out.event(next.clone());
                *last = next;
                true
            }
            _ => false,
        }
    }
}
