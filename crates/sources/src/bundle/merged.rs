//! Events of several files as one list, in which nothing stands twice.

use super::path::is_id;
use model::{
    Event, EventKind, Timestamp,
    event::LISTINGS,
    time::{MINUTE, SECOND},
};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};

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

/// How many events of one place are looked at, known starts and unknown ones each: more than a pod or a node has.
const LOOKED_AT: usize = 1_000;

/// Events, and where to look for one that says the same.
pub(super) struct Merged {
    all: Vec<Event>,
    places: HashMap<Place, Candidates>,
    ids: HashSet<String>,
}

/// Where an event may be found: by its kind, and its object with the words that decide, where words do.
type Place = (EventKind, String, String);

/// Events of one place, by their places among all.
#[derive(Default)]
struct Candidates {
    begun: BTreeMap<Timestamp, Vec<usize>>,
    /// Since nobody knows when.
    unknown: Vec<usize>,
}

impl Candidates {
    fn add(&mut self, start: Option<Timestamp>, place: usize) {
        match start {
            Some(start) => self.begun.entry(start).or_default().push(place),
            None => self.unknown.push(place),
        }
    }

    /// Those that may be the same as an event, the latest first.
    fn of(&self, event: &Event) -> impl Iterator<Item = usize> {
        let at_once = !matches!(
            event.kind,
            EventKind::PodTerminating | EventKind::Rollout | EventKind::NodeNotReady
        );
        let start = event.start.filter(|_| at_once);
        let from = start.map_or(Timestamp::MIN, |start| start.plus(-AT_ONCE));
        let until = start.map_or(Timestamp::MAX, |start| start.plus(AT_ONCE));
        let begun = self.begun.range(from..=until).rev();
        let begun = begun.flat_map(|(_, places)| places).take(LOOKED_AT);
        let unknown = self.unknown.iter().rev().take(LOOKED_AT);
        begun.chain(unknown).copied()
    }
}

impl Merged {
    pub(super) fn new(events: Vec<Event>) -> Self {
        let mut merged = Self {
            all: Vec::with_capacity(events.len()),
            places: HashMap::new(),
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
        for place in places(&event) {
            let candidates = self.places.entry(place).or_default();
            candidates.add(event.start, self.all.len());
        }
        self.ids.insert(event.id.clone());
        self.all.push(event);
    }

    /// Adds events of raw files, or their confirmation of those that are there. What is known best comes first,
    /// so that the rest finds it.
    pub(super) fn add_all(&mut self, mut events: Vec<Event>) {
        events.sort_by_key(|event| event.start.is_none());
        for event in events {
            self.add(event);
        }
    }

    fn add(&mut self, event: Event) {
        if self.ids.contains(&event.id) {
            return; // read before, and stored with its id
        }
        let found = places(&event).into_iter().find_map(|place| {
            let mut candidates = self.places.get(&place)?.of(&event);
            candidates.find(|i| self.all.get(*i).is_some_and(|other| is_same(other, &event)))
        });
        let Some((i, other)) = found.and_then(|i| Some((i, self.all.get_mut(i)?))) else {
            self.push(event);
            return;
        };
        let before = other.start;
        confirm(other, &event);
        if let (None, Some(start)) = (before, other.start) {
            for place in places(&event) {
                let candidates = self.places.entry(place).or_default();
                candidates.add(Some(start), i);
            }
        }
    }
}

/// Kinds of which many begin at once at one object: these are one where they say the same.
fn is_told_in_words(event: &Event) -> bool {
    let said = ["k8s_warning", "annotation", "measurement"];
    event.kind == EventKind::LogPattern || said.contains(&event.kind.as_str())
}

/// Where to look for an event: by its title, and by the words that a title says with how long ago they were.
fn places(event: &Event) -> Vec<Place> {
    let place = |words: String| (event.kind.clone(), event.object.name.clone(), words);
    if !is_told_in_words(event) && !event.object.name.is_empty() {
        return vec![place(String::new())];
    }
    let mut places = vec![place(event.title.clone())];
    if let Some((reason, message)) = fact(event, "reason").zip(fact(event, "message")) {
        places.push(place(format!("{reason}\0{message}")));
    }
    places
}

/// Whether two events of one place are one. For Terminating pods: the same pod, and the listing was not taken
/// after the other one had ended, nor does it show that it was made after the other one was deleted. For rollouts: the same revision, or times within a minute. For restarts: the
/// same one of the same container. For the rest: times within two seconds, or that may be the same as far as
/// anybody knows.
fn is_same(known: &Event, new: &Event) -> bool {
    let agree = |a: &str, b: &str| a == b || a.is_empty() || b.is_empty();
    if !agree(&known.namespace, &new.namespace)
        || !agree(&known.cluster, &new.cluster)
        || !agree(&known.object.kind, &new.object.kind)
    {
        return false;
    }
    if new.object.name.is_empty() {
        return is_same_note(known, new);
    }
    match new.kind {
        EventKind::PodTerminating => {
            let seen = new.attribute_time("observed_at").or(new.start);
            let over = |end: Timestamp| seen.is_some_and(|seen| seen > end.plus(MINUTE));
            !known.end.is_some_and(over) && !are_two_pods(known, new)
        }
        EventKind::Rollout => match (fact(known, "revision"), fact(new, "revision")) {
            (Some(a), Some(b)) => a == b,
            _ => is_near(known, new, MINUTE) || is_same_age(known, new),
        },
        EventKind::OomKill | EventKind::ContainerRestart => is_same_restart(known, new),
        EventKind::NodeNotReady => is_near(known, new, AT_ONCE) || is_same_interval(known, new),
        EventKind::NodeAdded => is_near(known, new, AT_ONCE) || is_same_age(known, new),
        EventKind::LogPattern => is_near(known, new, AT_ONCE),
        _ if is_told_in_words(new) => is_near(known, new, AT_ONCE) || may_be_near(known, new),
        _ => is_near(known, new, AT_ONCE) || (known.title == new.title && may_be_near(known, new)),
    }
}

/// A note about nothing that has a name: it is the same where it stands in two files, with all that is said of
/// it. Two of one file are two.
fn is_same_note(known: &Event, new: &Event) -> bool {
    let file = |id: &str| id.rsplit_once('#').map(|(path, _)| path.to_owned());
    let said = |event: &'_ Event| -> Vec<(String, Value)> {
        let all = event.attributes.iter();
        let said = all.filter(|(name, _)| !OWN.contains(&name.as_str()));
        said.map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    };
    new.kind != EventKind::LogPattern
        && is_near(known, new, AT_ONCE)
        && known.end == new.end
        && file(&known.id) != file(&new.id)
        && said(known) == said(new)
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

/// Two rows of tables, of which each says how old one thing is: the spans that are meant overlap.
fn is_same_age(known: &Event, new: &Event) -> bool {
    let is_row = |event: &Event| event.source == "kubectl-table" && is_bounded(event);
    is_row(known) && is_row(new) && may_be_near(known, new)
}

/// Whether two listings show two pods of one name, as a `StatefulSet` makes them: a deletion may be brought
/// forward, but one that is seen later is never of later. Deleted is a pod when its grace period is over, and
/// `kubectl` shows it in Terminating before that.
fn are_two_pods(known: &Event, new: &Event) -> bool {
    let is_listed = |event: &Event| LISTINGS.contains(&event.source.as_str());
    let seen = |event: &Event| event.attribute_time("observed_at");
    let (early, late) = match (seen(known), seen(new)) {
        (Some(a), Some(b)) if a <= b => (known, new),
        (Some(_), Some(_)) => (new, known),
        _ => return false,
    };
    let grace = |event: &Event| {
        let seconds = fact(event, "deletionGracePeriodSeconds").and_then(|s| s.parse::<i64>().ok());
        seconds.unwrap_or(0).saturating_mul(SECOND)
    };
    let room = MINUTE.saturating_add(grace(known).max(grace(new)));
    let (by, from) = (early.start_bounds().1, late.start_bounds().0);
    let is_later = by.zip(from).is_some_and(|(by, from)| from.since(by) > room);
    is_listed(known) && is_listed(new) && is_later
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
/// the last end, and of the rest what the later listing says.
fn unite(known: &mut Event, new: &Event) {
    let later = told(new) > told(known);
    let begins = (known.start, new.start);
    unite_end(known, new);
    unite_start(known, new);
    let is_titled = match begins {
        (Some(before), Some(start)) if before != start => start < before,
        (None, Some(_)) => true,
        (Some(_), None) => false,
        _ => later,
    };
    if is_titled {
        new.title.clone_into(&mut known.title);
        take(known, new, "age");
    }
    for (had, has) in [
        (&mut known.cluster, &new.cluster),
        (&mut known.namespace, &new.namespace),
        (&mut known.node, &new.node),
        (&mut known.object.kind, &new.object.kind),
    ] {
        if had.is_empty() {
            has.clone_into(had);
        }
    }
    let told_alike = fact(known, "container").is_some() == fact(new, "container").is_some();
    let (count, seen) = (number(known), known.attribute_time("last_seen"));
    for (name, value) in new
        .attributes
        .iter()
        .filter(|(n, _)| !OWN.contains(&n.as_str()))
    {
        let keeps = match name.as_str() {
            "count" => !told_alike || number(new) <= count,
            "last_seen" => new.attribute_time("last_seen") <= seen,
            _ => !later,
        };
        if !(keeps && known.attributes.contains_key(name)) {
            known.attributes.insert(name.clone(), value.clone());
        }
    }
}

fn number(event: &Event) -> Option<i64> {
    fact(event, "count")?.parse().ok()
}

fn unite_start(known: &mut Event, new: &Event) {
    let (a, b) = (known.start_bounds(), new.start_bounds());
    known.start = match (known.start, new.start) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
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
    let last = |event: &Event| event.attribute_time("observed_at").or(event.start);
    let open = match (known.end, new.end) {
        (None, Some(_)) => last(known),
        (Some(_), None) => last(new),
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
