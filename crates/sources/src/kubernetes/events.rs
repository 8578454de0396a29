//! Events of the API: warnings, node changes, scalings.
//!
//! Written through `core/v1` they have firstTimestamp, lastTimestamp, count and a source; written
//! through `events.k8s.io/v1` those are null, and eventTime, series and reportingComponent say the
//! same. Both are read.

use super::{
    Listing,
    meta::{SOURCE, micro, set, set_bounds, set_time, short, time},
};
use k8s_openapi::api::{core::v1::Event as ApiEvent, events::v1::Event as NewEvent};
use model::{Event, EventKind, ObjectRef, Timestamp};

/// Longest message in a title, characters.
const TITLE_CHARS: usize = 160;
/// Longest message in an attribute, characters.
const MESSAGE_CHARS: usize = 2000;

/// A change of a `ReplicaSet`'s size by its Deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scaling {
    /// When.
    pub at: Timestamp,
    /// Namespace of both.
    pub namespace: String,
    /// The Deployment.
    pub deployment: String,
    /// The `ReplicaSet`.
    pub set: String,
    /// Up or down.
    pub up: bool,
    /// Replicas before, where the message says so (since Kubernetes 1.27).
    pub from: Option<u32>,
    /// Replicas after.
    pub to: u32,
}

/// First time of an event, the last where it was seen again, and how often.
fn times(event: &ApiEvent) -> (Option<Timestamp>, Option<Timestamp>, Option<i32>) {
    let series = event.series.as_ref();
    let last = time(event.last_timestamp.as_ref())
        .or_else(|| micro(series.and_then(|s| s.last_observed_time.as_ref())));
    let first = time(event.first_timestamp.as_ref())
        .or_else(|| micro(event.event_time.as_ref()))
        .or(last)
        .or_else(|| time(event.metadata.creation_timestamp.as_ref()));
    let count = series.and_then(|s| s.count).or(event.count);
    (
        first,
        last.filter(|last| first.is_none_or(|first| *last > first)),
        count,
    )
}

/// An event of `events.k8s.io/v1` in the form of `core/v1`.
pub fn from_new(event: NewEvent) -> ApiEvent {
    ApiEvent {
        action: event.action,
        count: event.deprecated_count,
        event_time: event.event_time,
        first_timestamp: event.deprecated_first_timestamp,
        involved_object: event.regarding.unwrap_or_default(),
        last_timestamp: event.deprecated_last_timestamp,
        message: event.note,
        metadata: event.metadata,
        reason: event.reason,
        related: event.related,
        reporting_component: event.reporting_controller,
        reporting_instance: event.reporting_instance,
        series: event
            .series
            .map(|s| k8s_openapi::api::core::v1::EventSeries {
                count: Some(s.count),
                last_observed_time: Some(s.last_observed_time),
            }),
        source: event.deprecated_source,
        type_: event.type_,
    }
}

/// The event that an API event tells of; `None` for normal business (Scheduled, Pulled, Started…)
/// and for scalings, which [`scaling`] reads.
pub fn event_of(event: &ApiEvent, listing: &Listing) -> Option<Event> {
    let kind = kind_of(event)?;
    let about = &event.involved_object;
    let (first, last, count) = times(event);
    let node_event = about.kind.as_deref() == Some("Node");
    let message = event.message.as_deref().unwrap_or("");
    let reason = event.reason.as_deref().unwrap_or("");
    let mut out = Event {
        title: title(about.name.as_deref().unwrap_or(""), reason, message),
        start: first,
        // A node that is not ready is so until somebody says otherwise, not until the last repeat.
        end: last.filter(|_| kind != EventKind::NodeNotReady),
        kind,
        cluster: listing.cluster.clone(),
        // Events about nodes lie in the namespace `default`; nodes have none.
        namespace: about
            .namespace
            .clone()
            .filter(|_| !node_event)
            .unwrap_or_default(),
        object: ObjectRef {
            kind: about.kind.clone().unwrap_or_default(),
            name: about.name.clone().unwrap_or_default(),
        },
        node: node_of(event).to_owned(),
        source: SOURCE.to_owned(),
        ..Event::default()
    };
    if out.start.is_none() {
        set_bounds(&mut out, None, listing.observed_at);
    }
    set(&mut out, "reason", reason);
    set(&mut out, "message", short(message, MESSAGE_CHARS));
    set(&mut out, "count", count);
    set_time(&mut out, "last_seen", last);
    let source = event.source.as_ref();
    let reporter = source
        .and_then(|s| s.component.clone())
        .filter(|c| !c.is_empty())
        .or_else(|| event.reporting_component.clone());
    set(&mut out, "reporter", reporter);
    Some(out)
}

fn title(object: &str, reason: &str, message: &str) -> String {
    let text = if message.is_empty() { object } else { message };
    short(&format!("{reason}: {text}"), TITLE_CHARS)
}

/// The node that an event is about, or whose kubelet reported it.
fn node_of(event: &ApiEvent) -> &str {
    let about = &event.involved_object;
    if about.kind.as_deref() == Some("Node") {
        return about.name.as_deref().unwrap_or("");
    }
    let source = event.source.as_ref();
    let kubelet = source.and_then(|s| s.component.as_deref()) == Some("kubelet")
        || event.reporting_component.as_deref() == Some("kubelet");
    let host = source
        .and_then(|s| s.host.as_deref())
        .filter(|host| !host.is_empty())
        .or(event.reporting_instance.as_deref());
    host.filter(|_| kubelet).unwrap_or("")
}

/// Reasons as the kubelet, the node controller and the Deployment controller write them.
fn kind_of(event: &ApiEvent) -> Option<EventKind> {
    let on_node = event.involved_object.kind.as_deref() == Some("Node");
    let warning = event.type_.as_deref() == Some("Warning");
    let message = event.message.as_deref().unwrap_or("");
    Some(match event.reason.as_deref().unwrap_or("") {
        // NodeNotReady comes twice: on the node, and as a warning on each of its pods.
        "NodeNotReady" if on_node => EventKind::NodeNotReady,
        "Rebooted" if on_node => EventKind::NodeReboot,
        "RemovingNode" | "DeletingNode" if on_node => EventKind::NodeRemoved,
        "SystemOOM" | "OOMKilling" => EventKind::OomKill,
        "BackOff" if message.contains("restarting failed") => EventKind::ContainerRestart,
        "NodeHasDiskPressure" | "NodeHasInsufficientMemory" | "NodeHasInsufficientPID"
            if on_node =>
        {
            EventKind::Other("k8s_node_condition".into())
        }
        _ if warning => EventKind::Other("k8s_warning".into()),
        _ => return None,
    })
}

/// When an event says that a node is ready again: its name and the time.
pub(crate) fn ready_again(event: &ApiEvent) -> Option<(&str, Timestamp)> {
    let about = &event.involved_object;
    let ready =
        event.reason.as_deref() == Some("NodeReady") && about.kind.as_deref() == Some("Node");
    let (first, last, _) = times(event);
    Some((about.name.as_deref().filter(|_| ready)?, last.or(first)?))
}

/// What the message of a scaling says.
pub(crate) struct Step {
    pub(crate) set: String,
    pub(crate) up: bool,
    pub(crate) from: Option<u32>,
    pub(crate) to: u32,
}

/// A step from `Scaled up replica set web-5d8 to 3` and, since Kubernetes 1.27,
/// `Scaled up replica set web-5d8 from 1 to 3` or `… to 3 from 1`.
pub(crate) fn step(event: &ApiEvent) -> Option<Step> {
    if event.reason.as_deref() != Some("ScalingReplicaSet") {
        return None;
    }
    let message = event.message.as_deref()?;
    let (up, rest) = match message.strip_prefix("Scaled up replica set ") {
        Some(rest) => (true, rest),
        None => (false, message.strip_prefix("Scaled down replica set ")?),
    };
    let words: Vec<&str> = rest.split_whitespace().collect();
    let after = |word: &str| {
        let at = words.iter().position(|w| *w == word)?;
        words.get(at + 1)?.parse::<u32>().ok()
    };
    Some(Step {
        set: (*words.first()?).to_owned(),
        up,
        from: after("from"),
        to: after("to")?,
    })
}

/// A scaling, with its time.
pub fn scaling(event: &ApiEvent) -> Option<Scaling> {
    let step = step(event)?;
    let (first, last, _) = times(event);
    Some(Scaling {
        at: first.or(last)?,
        namespace: event.involved_object.namespace.clone().unwrap_or_default(),
        deployment: event.involved_object.name.clone()?,
        set: step.set,
        up: step.up,
        from: step.from,
        to: step.to,
    })
}

/// A scaling as an event of its own.
pub fn scale_event(scaling: &Scaling, listing: &Listing) -> Event {
    let way = if scaling.up { "up" } else { "down" };
    let mut out = Event {
        kind: EventKind::Scale,
        start: Some(scaling.at),
        title: format!(
            "Deployment {}/{} scaled {way} to {}",
            scaling.namespace, scaling.deployment, scaling.to
        ),
        cluster: listing.cluster.clone(),
        namespace: scaling.namespace.clone(),
        object: ObjectRef {
            kind: "Deployment".into(),
            name: scaling.deployment.clone(),
        },
        source: SOURCE.to_owned(),
        ..Event::default()
    };
    set(&mut out, "replica_set", scaling.set.clone());
    set(&mut out, "from", scaling.from);
    set(&mut out, "to", scaling.to);
    set_time(&mut out, "observed_at", listing.observed_at);
    out
}
