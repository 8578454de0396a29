//! Rows of `kubectl get deployments`, `statefulsets`, `daemonsets` and `replicasets`, also with `-A` and
//! `-o wide`, and of `kubectl rollout history`.
//!
//! A workload says how old it is, and how many of its pods were ready when the table was taken. A
//! `ReplicaSet` is as old as the rollout that made it; its Deployment follows from its name, to which the
//! controller adds the hash of the pod template. A history has numbers and causes, and no times.

use super::{
    age::{Age, began},
    events::kind_name,
    layout::{Kind, Layout},
    row_event,
};
use crate::kubernetes::{
    Listing,
    meta::{set, set_bounds, short},
};
use model::{Event, EventKind};

/// A row.
struct Row<'a> {
    namespace: &'a str,
    name: &'a str,
    wanted: u32,
    ready: u32,
    age: Age<'a>,
    /// Behind the age: containers, images, selector.
    wide: &'a [&'a str],
}

/// What a row says; `None` where the line is none.
pub(super) fn events(layout: &Layout, line: &str, listing: &Listing) -> Option<Vec<Event>> {
    let (namespace, words) = layout.words(line);
    let row = row(layout.kind, namespace, &words)?;
    Some(match layout.kind {
        Kind::ReplicaSets => rollout(&row, listing).into_iter().collect(),
        Kind::Deployments => of_workload("Deployment", &row, listing),
        Kind::StatefulSets => of_workload("StatefulSet", &row, listing),
        _ => of_workload("DaemonSet", &row, listing),
    })
}

fn row<'a>(kind: Kind, namespace: &'a str, words: &'a [&'a str]) -> Option<Row<'a>> {
    let number = |text: &&str| text.parse::<u32>().ok();
    let (name, rest) = words.split_first()?;
    let (wanted, ready, rest) = match (kind, rest) {
        (Kind::ReplicaSets, [wanted, _, ready, rest @ ..])
        // Up to date, available, and the selector of nodes, which is one word.
        | (Kind::DaemonSets, [wanted, _, ready, _, _, _, rest @ ..]) => {
            (number(wanted)?, number(ready)?, rest)
        }
        (Kind::Deployments, [ready, current, available, rest @ ..]) => {
            number(current).and(number(available))?;
            let (ready, wanted) = ready.split_once('/')?;
            (number(&wanted)?, number(&ready)?, rest)
        }
        (Kind::StatefulSets, [ready, rest @ ..]) => {
            let (ready, wanted) = ready.split_once('/')?;
            (number(&wanted)?, number(&ready)?, rest)
        }
        _ => return None,
    };
    let (age, wide) = rest.split_first()?;
    Some(Row {
        namespace,
        // `deployment.apps/web` where several kinds were asked for.
        name: name.rsplit('/').next().unwrap_or(name),
        wanted,
        ready,
        age: Age::parse(age)?,
        wide,
    })
}

fn shown(namespace: &str, name: &str) -> String {
    if namespace.is_empty() {
        name.to_owned()
    } else {
        format!("{namespace}/{name}")
    }
}

/// That it was made, and that pods were missing when the table was taken.
fn of_workload(kind: &str, row: &Row<'_>, listing: &Listing) -> Vec<Event> {
    let (name, ago) = (shown(row.namespace, row.name), row.age.spaced());
    let of = |event_kind| row_event(listing, event_kind, kind, (row.namespace, row.name));
    let mut made = of(EventKind::Rollout);
    made.title = format!("Rollout of {kind} {name}: created {ago} before the listing");
    set(&mut made, "change", "created");
    set(&mut made, "age", row.age.text);
    began(&mut made, row.age, listing);
    let mut events = vec![made];
    if row.ready < row.wanted {
        let mut short_of = of(EventKind::Other("k8s_warning".into()));
        // This the table does date: it was so when the table was taken.
        short_of.start = listing.observed_at;
        let (ready, wanted) = (row.ready, row.wanted);
        short_of.title = format!("{kind} {name}: {ready} of {wanted} pods ready in the listing");
        set(&mut short_of, "ready", ready);
        set(&mut short_of, "wanted", wanted);
        events.push(short_of);
    }
    events
}

/// The rollout that made a `ReplicaSet`; `None` for one that no Deployment made.
fn rollout(row: &Row<'_>, listing: &Listing) -> Option<Event> {
    let (owner, hash) = row.name.rsplit_once('-')?;
    // Letters and digits that make no words (`SafeEncodeString` in k8s.io/apimachinery), and plain
    // numbers before Kubernetes 1.9.
    let is_hash = |b: u8| b"bcdfghjklmnpqrstvwxz".contains(&b) || b.is_ascii_digit();
    if owner.is_empty() || !(4..=10).contains(&hash.len()) || !hash.bytes().all(is_hash) {
        return None;
    }
    let kind = EventKind::Rollout;
    let mut event = row_event(listing, kind, "Deployment", (row.namespace, owner));
    let (name, ago) = (shown(row.namespace, owner), row.age.spaced());
    let image = match row.wide {
        [_containers, images, _selector, ..] => images.split(',').collect::<Vec<_>>().join(", "),
        _ => String::new(),
    };
    let with = if image.is_empty() {
        String::new()
    } else {
        format!(" with {}", short(&image, 120))
    };
    let set_name = row.name;
    event.title =
        format!("Rollout of Deployment {name}: {set_name}{with} made {ago} before the listing");
    set(&mut event, "replica_set", row.name);
    set(&mut event, "image", image);
    set(&mut event, "age", row.age.text);
    began(&mut event, row.age, listing);
    Some(event)
}

/// `deployment.apps/web`, alone on the line before a history.
pub(super) fn subject(line: &str) -> Option<(String, String)> {
    let mut words = line.split_whitespace();
    let (first, second) = (words.next()?, words.next());
    // `deployments "web"` before kubectl 1.14.
    let (kind, name) = match second {
        None => first.split_once('/')?,
        Some(quoted) => (
            first.strip_suffix('s')?,
            quoted.strip_prefix('"')?.strip_suffix('"')?,
        ),
    };
    let kind = kind_name(kind);
    let known = matches!(kind.as_str(), "Deployment" | "StatefulSet" | "DaemonSet");
    (known && words.next().is_none() && !name.is_empty()).then(|| (kind, name.to_owned()))
}

/// A line of a history, `2  kubectl set image …`: a rollout of unknown time.
pub(super) fn revision(
    line: &str,
    (kind, name): &(String, String),
    listing: &Listing,
) -> Option<Event> {
    let line = line.trim();
    let (number, cause) = line.split_once(' ').unwrap_or((line, ""));
    let number: u32 = number.parse().ok()?;
    let cause = Some(cause.trim()).filter(|cause| *cause != "<none>");
    let cause = short(cause.unwrap_or_default(), 300);
    let mut event = row_event(listing, EventKind::Rollout, kind, ("", name));
    let why = if cause.is_empty() {
        String::new()
    } else {
        format!(" ({})", short(&cause, 120))
    };
    event.title = format!("Rollout of {kind} {name}, revision {number}{why}; when is unknown");
    set(&mut event, "revision", number);
    set(&mut event, "change_cause", cause);
    set_bounds(&mut event, None, listing.observed_at);
    Some(event)
}
