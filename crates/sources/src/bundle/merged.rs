//! Events of several files as one list, in which nothing stands twice.

use super::path::is_id;
use model::{
    Event, EventKind, Timestamp,
    time::{MINUTE, SECOND},
};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// Attribute of an event that raw files show as well: the ids that it would have from there.
pub(super) const LISTED_IN: &str = "listed_in";
/// Attributes that say something of one telling of an event, or bound its times.
const OWN: [&str; 6] = [
    LISTED_IN,
    "age",
    "start_earliest",
    "start_latest",
    "end_earliest",
    "end_latest",
];
/// Clocks of one thing that two files tell of differ by no more than this, milliseconds.
const AT_ONCE: i64 = 2 * SECOND;

/// Events, and where to look for one that says the same.
pub(super) struct Merged {
    all: Vec<Event>,
    by_object: HashMap<(EventKind, String), Vec<usize>>,
    ids: HashSet<String>,
}

impl Merged {
    pub(super) fn new(events: Vec<Event>) -> Self {
        let mut merged = Self {
            all: Vec::with_capacity(events.len()),
            by_object: HashMap::new(),
            ids: HashSet::new(),
        };
        for event in events {
            merged.push(event);
        }
        merged
    }

    /// The events in the order in which they came.
    pub(super) fn into_all(self) -> Vec<Event> {
        self.all
    }

    fn push(&mut self, event: Event) {
        let places = self.by_object.entry(place(&event)).or_default();
        places.push(self.all.len());
        self.ids.insert(event.id.clone());
        self.all.push(event);
    }

    /// Adds an event of a raw file, or its confirmation of one that is there.
    pub(super) fn add(&mut self, event: Event) {
        if self.ids.contains(&event.id) {
            return; // read before, and stored with its id
        }
        let found = self.by_object.get(&place(&event)).and_then(|candidates| {
            let same = |i: &&usize| {
                self.all
                    .get(**i)
                    .is_some_and(|other| is_same(other, &event))
            };
            candidates.iter().find(same).copied()
        });
        match found.and_then(|i| self.all.get_mut(i)) {
            Some(other) => confirm(other, &event),
            None => self.push(event),
        }
    }
}

/// Where to look for an event that says the same: at its object, or at its title where it is about none.
fn place(event: &Event) -> (EventKind, String) {
    let named = &event.object.name;
    let about = if named.is_empty() {
        format!("\0{}", event.title)
    } else {
        named.clone()
    };
    (event.kind.clone(), about)
}

/// Whether two events are one. For Terminating pods: the same pod, and the listing was not taken after the
/// other one had ended. For rollouts: the same revision, or times within a minute. For restarts: the same
/// one of the same container. For the rest: times within two seconds, or that may be the same as far as
/// anybody knows, and the same words.
fn is_same(known: &Event, new: &Event) -> bool {
    let agree = |a: &str, b: &str| a == b || a.is_empty() || b.is_empty();
    if !agree(&known.namespace, &new.namespace)
        || !agree(&known.cluster, &new.cluster)
        || !agree(&known.object.kind, &new.object.kind)
    {
        return false;
    }
    if new.object.name.is_empty() {
        // Notes, and logs of an unknown machine: the titles are the same, which they were found by.
        return is_near(known, new, AT_ONCE)
            && known.end == new.end
            && fact(known, "count") == fact(new, "count");
    }
    match new.kind {
        EventKind::PodTerminating => {
            let seen = new.attribute_time("observed_at").or(new.start);
            let over = |end: Timestamp| seen.is_some_and(|seen| seen > end.plus(MINUTE));
            !known.end.is_some_and(over)
        }
        EventKind::Rollout => match (fact(known, "revision"), fact(new, "revision")) {
            (Some(a), Some(b)) => a == b,
            _ => is_near(known, new, MINUTE),
        },
        EventKind::OomKill | EventKind::ContainerRestart => is_same_restart(known, new),
        EventKind::NodeNotReady => is_near(known, new, AT_ONCE) || is_same_interval(known, new),
        // Many messages and notes begin in one second: these are one where they say the same.
        EventKind::LogPattern => is_near(known, new, AT_ONCE) && known.title == new.title,
        _ => {
            let said = matches!(
                new.kind.as_str(),
                "k8s_warning" | "annotation" | "measurement"
            );
            let same = says_the_same(known, new);
            (is_near(known, new, AT_ONCE) && (same || !said)) || (same && may_be_near(known, new))
        }
    }
}

fn fact(event: &Event, name: &str) -> Option<String> {
    event.attribute(name)
}

/// Whether both began at one time, which is known of both.
fn is_near(known: &Event, new: &Event, ms: i64) -> bool {
    let starts = known.start.zip(new.start);
    starts.is_some_and(|(a, b)| a.since(b).abs() <= ms)
}

/// Whether both may have begun at one time, where that is not known of both: each was within the bounds of
/// the other.
fn may_be_near(known: &Event, new: &Event) -> bool {
    let after = |a: Option<Timestamp>, b: Option<Timestamp>| {
        a.zip(b).is_some_and(|(a, b)| a.since(b) > AT_ONCE)
    };
    let (a, b) = (known.start_bounds(), new.start_bounds());
    known.start.zip(new.start).is_none() && !after(a.0, b.1) && !after(b.0, a.1)
}

/// Whether the bounds of a start are known on both sides.
fn is_bounded(event: &Event) -> bool {
    matches!(event.start_bounds(), (Some(_), Some(_)))
}

/// The same words: also where a title says how long before its listing something was.
fn says_the_same(known: &Event, new: &Event) -> bool {
    let said = |event: &Event| fact(event, "reason").zip(fact(event, "message"));
    known.title == new.title || (said(known).is_some() && said(known) == said(new))
}

/// A restart of unknown time is known by its number: how often its container, or its pod, has restarted.
fn is_same_restart(known: &Event, new: &Event) -> bool {
    let containers = (fact(known, "container"), fact(new, "container"));
    if matches!(&containers, (Some(a), Some(b)) if a != b) {
        return false;
    }
    if known.start.is_some() && new.start.is_some() {
        return is_near(known, new, AT_ONCE);
    }
    let counts = fact(known, "count").zip(fact(new, "count"));
    match counts.filter(|_| containers.0.is_some() == containers.1.is_some()) {
        Some((a, b)) => a == b && may_be_near(known, new),
        None => is_bounded(known) && is_bounded(new) && may_be_near(known, new),
    }
}

/// An interval that one file shows open and another over, or that both show with the same bounds. What two
/// files show open, both since an unknown time, may have been over in between.
fn is_same_interval(known: &Event, new: &Event) -> bool {
    let seen_before = |open: &Event, end: Timestamp| {
        let seen = open.attribute_time("observed_at");
        seen.is_none_or(|seen| seen <= end.plus(MINUTE))
    };
    let one = known.start.is_some() || new.start.is_some();
    let ends_agree = match (known.end, new.end) {
        (Some(a), Some(b)) => a.since(b).abs() <= AT_ONCE,
        (Some(end), None) => one && seen_before(new, end),
        (None, Some(end)) => one && seen_before(known, end),
        (None, None) => known.start_bounds() == new.start_bounds(),
    };
    ends_agree && may_be_near(known, new)
}

/// Lets a known event say that a file shows it too, and what that file knows besides, where the known one
/// is of a file itself.
fn confirm(known: &mut Event, new: &Event) {
    if !is_id(&known.id) {
        unite(known, new);
    }
    let listed = known
        .attributes
        .entry(LISTED_IN)
        .or_insert_with(|| Value::Array(Vec::new()));
    if let Value::Array(ids) = listed {
        let id = Value::from(new.id.clone());
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
}

/// When an event was last looked at.
fn told(event: &Event) -> Option<Timestamp> {
    let at = |name| event.attribute_time(name);
    at("observed_at").max(at("last_seen")).max(event.end)
}

/// What two files say of one event, whichever of them is read first: the known start or the tighter bounds,
/// the last end, and of what counts from a listing what the later listing says.
fn unite(known: &mut Event, new: &Event) {
    let later = told(new) > told(known);
    let begins = (known.start.is_some(), new.start.is_some());
    unite_end(known, new);
    if !begins.0 {
        unite_start(known, new);
    }
    if begins == (false, true) || (later && begins.0 == begins.1) {
        new.title.clone_into(&mut known.title);
        take(known, new, "age");
    }
    if later {
        take(known, new, "observed_at");
    }
    if fact(known, "container").is_some() == fact(new, "container").is_some() {
        take_larger(known, new, "count", |event, name| {
            fact(event, name).and_then(|n| n.parse::<i64>().ok())
        });
    }
    take_larger(known, new, "last_seen", Event::attribute_time);
    let facts = new.attributes.iter();
    for (name, value) in facts.filter(|(name, _)| !OWN.contains(&name.as_str())) {
        let missing = known.attributes.entry(name.clone());
        missing.or_insert_with(|| value.clone());
    }
}

fn unite_start(known: &mut Event, new: &Event) {
    let (a, b) = (known.start_bounds(), new.start_bounds());
    known.start = new.start;
    let latest = match (a.1, b.1) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    for (name, at) in [("start_earliest", a.0.max(b.0)), ("start_latest", latest)] {
        match at.filter(|_| known.start.is_none()) {
            Some(at) => known.attributes.insert(name.into(), at.to_string().into()),
            None => known.attributes.remove(name),
        };
    }
}

/// Of an interval that one file shows open and another over, and of which it is not sure that it is one, is
/// known that it had not ended when it was seen open.
fn unite_end(known: &mut Event, new: &Event) {
    let sure = known.start.is_some() && new.start.is_some();
    let open = match (known.end, new.end) {
        (None, Some(_)) => known.attribute_time("observed_at"),
        (Some(_), None) => new.attribute_time("observed_at"),
        _ => None,
    };
    if new.end > known.end {
        known.end = new.end;
        take(known, new, "end_earliest");
        take(known, new, "end_latest");
    }
    let seen = open.filter(|_| known.kind.is_interval() && !sure);
    if let Some((seen, end)) = seen.zip(known.end) {
        let earliest = known
            .attribute_time("end_earliest")
            .max(Some(seen.min(end)));
        let text = earliest.map(|at| at.to_string());
        known.attributes.insert("end_earliest".into(), text.into());
    }
}

/// Takes over an attribute, also that it is missing.
fn take(known: &mut Event, new: &Event, name: &str) {
    match new.attributes.get(name) {
        Some(value) => known.attributes.insert(name.to_owned(), value.clone()),
        None => known.attributes.remove(name),
    };
}

/// Takes over an attribute where it is larger.
fn take_larger<T: Ord>(
    known: &mut Event,
    new: &Event,
    name: &str,
    of: impl Fn(&Event, &str) -> Option<T>,
) {
    if of(new, name) > of(known, name) {
        take(known, new, name);
    }
}
