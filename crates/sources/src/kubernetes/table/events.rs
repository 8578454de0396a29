//! Rows of `kubectl get events` and `kubectl events`, also with `-A` and `-o wide`.
//!
//! The table says how long ago each was last seen, cut to a whole unit, and only with `-o wide`, or
//! behind a count, when it was seen first. Where it does not, the event here is the last time of it.

use super::{
    SOURCE,
    age::{Age, began, ended, span},
    layout::Layout,
};
use crate::kubernetes::{
    Listing,
    events::{Scaling, event_of, scale_event, step},
    meta::{set, set_time, short},
};
use k8s_openapi::api::core::v1::{Event as ApiEvent, EventSource, ObjectReference};
use model::{Event, EventKind, Timestamp};

/// A row.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Row<'a> {
    namespace: &'a str,
    last: Option<Age<'a>>,
    /// When it was seen first, where the table says so.
    first: Option<Age<'a>>,
    count: Option<i32>,
    severity: &'a str,
    reason: &'a str,
    /// `pod/web-1`.
    object: &'a str,
    /// `kubelet, node-a`.
    source: &'a str,
    message: &'a str,
}

/// Reads a row; `None` where the line is none.
pub(super) fn row<'a>(layout: &'a Layout, line: &'a str) -> Option<Row<'a>> {
    laid_out(layout, line).or_else(|| in_words(layout, line))
}

fn laid_out<'a>(layout: &'a Layout, line: &'a str) -> Option<Row<'a>> {
    let cells = layout.cells(line)?;
    let seen = cells.get("LAST SEEN");
    let (last, behind) = seen.split_once(' ').unwrap_or((seen, ""));
    let (count, first) = repeated(behind).unwrap_or_default();
    if !is_age(last) {
        return None;
    }
    checked(Row {
        namespace: cells.get("NAMESPACE"),
        last: Age::parse(last),
        first: first.or_else(|| Age::parse(cells.get("FIRST SEEN"))),
        count: count.or_else(|| cells.get("COUNT").parse().ok()),
        severity: cells.get("TYPE"),
        reason: cells.get("REASON"),
        object: cells.get("OBJECT"),
        source: cells.get("SOURCE"),
        message: cells.get("MESSAGE"),
    })
}

/// Where the spaces were lost: the message is all that comes behind the object.
fn in_words<'a>(layout: &Layout, line: &'a str) -> Option<Row<'a>> {
    let (namespace, words) = layout.words(line);
    let (last, mut rest) = words.split_first().filter(|(last, _)| is_age(last))?;
    let mut row = Row {
        namespace,
        last: Age::parse(last),
        ..Row::default()
    };
    if let [times, "over", first, after @ ..] = rest
        && times.starts_with("(x")
    {
        row.count = times.strip_prefix("(x").and_then(|n| n.parse().ok());
        row.first = first.strip_suffix(')').and_then(Age::parse);
        rest = after;
    }
    let [severity, reason, object, said @ ..] = rest else {
        return None;
    };
    (row.severity, row.reason, row.object) = (severity, reason, object);
    if let Some(first) = said.first() {
        // The words are parts of the line: the message reaches from the first of them to its end.
        let at = (first.as_ptr() as usize).checked_sub(line.as_ptr() as usize)?;
        row.message = line.get(at..)?.trim_end();
    }
    checked(row)
}

fn checked(row: Row<'_>) -> Option<Row<'_>> {
    let known = matches!(row.severity, "Normal" | "Warning");
    (known && row.object.contains('/') && !row.reason.is_empty()).then_some(row)
}

/// Whether a cell is an age, or says that there is none.
fn is_age(cell: &str) -> bool {
    Age::parse(cell).is_some() || matches!(cell, "<unknown>" | "<invalid>")
}

/// `(x23 over 2h)`.
fn repeated(cell: &str) -> Option<(Option<i32>, Option<Age<'_>>)> {
    let inner = cell.trim().strip_prefix("(x")?.strip_suffix(')')?;
    let (count, first) = inner.split_once(" over ")?;
    Some((count.parse().ok(), Age::parse(first)))
}

/// The event of a row; `None` for normal business, as in [`event_of`].
pub(super) fn event(row: &Row<'_>, listing: &Listing) -> Option<Event> {
    let api = api_event(row);
    let mut event = event_of(&api, listing).or_else(|| scaled(&api, listing))?;
    SOURCE.clone_into(&mut event.source);
    event.start = None;
    set_time(&mut event, "observed_at", listing.observed_at);
    let again = row
        .first
        .filter(|first| Some(first.least) != row.last.map(|l| l.least));
    if let Some(begin) = again.or(row.last) {
        began(&mut event, begin, listing);
    }
    if let Some(last) = row.last {
        set(&mut event, "age", last.text);
        let (said, ago) = (short(&event.title, 160), last.spaced());
        event.title = format!("{said} (last seen {ago} before the listing)");
        if again.is_some() && event.kind != EventKind::NodeNotReady {
            ended(&mut event, last, listing);
        }
    }
    Some(event)
}

/// The node that a row says is ready again, and when.
pub(super) fn ready_again<'a>(row: &Row<'a>) -> Option<(&'a str, Age<'a>)> {
    let node = row.object.strip_prefix("node/")?;
    Some((node, row.last.filter(|_| row.reason == "NodeReady")?))
}

/// Ends the times of not being ready that a later row ends. Of two rows of one age nobody knows which
/// came first.
pub(super) fn end_not_ready(events: &mut [Event], ready: &[(String, Age<'_>)], listing: &Listing) {
    let open = |event: &&mut Event| {
        event.kind == EventKind::NodeNotReady && event.source == SOURCE && event.end.is_none()
    };
    for event in events.iter_mut().filter(open) {
        let since = event.attribute_time("start_latest");
        let later = |age: &Age<'_>| {
            let end = span(*age, listing).map(|span| span.1);
            end.zip(since).is_some_and(|(end, since)| end > since)
        };
        let of_node = ready.iter().filter(|(node, _)| *node == event.object.name);
        let first = of_node.map(|(_, age)| *age).filter(later);
        if let Some(age) = first.max_by_key(|age| age.least) {
            ended(event, age, listing);
        }
    }
}

fn api_event(row: &Row<'_>) -> ApiEvent {
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let (kind, name) = row.object.split_once('/').unwrap_or(("", row.object));
    let (component, host) = row.source.split_once(',').unwrap_or((row.source, ""));
    ApiEvent {
        type_: text(row.severity),
        reason: text(row.reason),
        message: text(row.message),
        count: row.count,
        involved_object: ObjectReference {
            kind: text(&kind_name(kind)),
            name: text(name),
            namespace: text(row.namespace),
            ..ObjectReference::default()
        },
        source: Some(EventSource {
            component: text(component.trim()),
            host: text(host.trim()),
        }),
        ..ApiEvent::default()
    }
}

fn scaled(api: &ApiEvent, listing: &Listing) -> Option<Event> {
    let step = step(api)?;
    let about = &api.involved_object;
    let scaling = Scaling {
        // Taken away again by whoever knows how old the row is.
        at: Timestamp::MIN,
        namespace: about.namespace.clone().unwrap_or_default(),
        deployment: about.name.clone()?,
        set: step.set,
        up: step.up,
        from: step.from,
        to: step.to,
    };
    Some(scale_event(&scaling, listing))
}

/// `Pod` for `pod`: a table has kinds in small letters, perhaps with their group.
pub(super) fn kind_name(written: &str) -> String {
    const KINDS: [&str; 16] = [
        "Pod",
        "Node",
        "Deployment",
        "ReplicaSet",
        "StatefulSet",
        "DaemonSet",
        "Job",
        "CronJob",
        "PersistentVolumeClaim",
        "PersistentVolume",
        "Service",
        "Endpoints",
        "EndpointSlice",
        "Ingress",
        "HorizontalPodAutoscaler",
        "PodDisruptionBudget",
    ];
    let plain = written.split('.').next().unwrap_or_default();
    let known = KINDS.iter().find(|kind| kind.eq_ignore_ascii_case(plain));
    known.map_or_else(|| plain.to_owned(), |kind| (*kind).to_owned())
}
