//! Events: what happened, to which object, from when to when.

use crate::{Extra, Timestamp, Window, topology};
use serde::{Deserialize, Serialize};

/// What kind of thing happened. A kind of a later version is kept as it is written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A change of a workload's pod template.
    Rollout,
    /// A pod from its deletionTimestamp to its removal.
    PodTerminating,
    /// A container started again.
    ContainerRestart,
    /// The kernel killed a container for its memory.
    OomKill,
    /// A node came back with another boot id.
    NodeReboot,
    /// A node joined.
    NodeAdded,
    /// A node left.
    NodeRemoved,
    /// A node was not ready, from when to when.
    NodeNotReady,
    /// The number of replicas changed.
    Scale,
    /// A job ran.
    JobRun,
    /// Some configuration changed.
    ConfigChange,
    /// An alert fired.
    Alert,
    /// The provider reported an incident, often after its effect began.
    ProviderIncident,
    /// A message that recurs in a log.
    LogPattern,
    /// Any other kind, as written.
    #[serde(untagged)]
    Other(String),
}

impl EventKind {
    /// Every kind that has a name of its own, in the order of the legend.
    pub const KNOWN: [Self; 14] = [
        Self::Rollout,
        Self::PodTerminating,
        Self::ContainerRestart,
        Self::OomKill,
        Self::NodeReboot,
        Self::NodeAdded,
        Self::NodeRemoved,
        Self::NodeNotReady,
        Self::Scale,
        Self::JobRun,
        Self::ConfigChange,
        Self::Alert,
        Self::ProviderIncident,
        Self::LogPattern,
    ];

    /// The kind as written in a bundle, e.g. `pod_terminating`.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Rollout => "rollout",
            Self::PodTerminating => "pod_terminating",
            Self::ContainerRestart => "container_restart",
            Self::OomKill => "oom_kill",
            Self::NodeReboot => "node_reboot",
            Self::NodeAdded => "node_added",
            Self::NodeRemoved => "node_removed",
            Self::NodeNotReady => "node_not_ready",
            Self::Scale => "scale",
            Self::JobRun => "job_run",
            Self::ConfigChange => "config_change",
            Self::Alert => "alert",
            Self::ProviderIncident => "provider_incident",
            Self::LogPattern => "log_pattern",
            Self::Other(kind) => kind,
        }
    }

    /// Whether it lasts: an interval kind without an end is still going on.
    pub fn is_interval(&self) -> bool {
        matches!(
            self,
            Self::PodTerminating | Self::NodeNotReady | Self::ProviderIncident | Self::Alert
        )
    }

    /// What people call it: `pod terminating`.
    pub fn label(&self) -> String {
        self.as_str().replace('_', " ")
    }
}

impl Default for EventKind {
    fn default() -> Self {
        Self::Other(String::new())
    }
}

/// The object that something happened to.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ObjectRef {
    /// Kubernetes kind (`Deployment`, `Pod`, `Node`…) or the source's own word.
    #[serde(default)]
    pub kind: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
}

/// An event, as one line of a bundle's `events.jsonl`. Empty texts mean "not said".
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Id, unique within one incident.
    pub id: String,
    /// What happened.
    pub kind: EventKind,
    /// When it began; `None` is unknown (see [`Event::start_bounds`]).
    #[serde(default)]
    pub start: Option<Timestamp>,
    /// When it ended; `None` on an interval kind means that it is still going on.
    #[serde(default)]
    pub end: Option<Timestamp>,
    /// One line for people.
    #[serde(default, deserialize_with = "null_is_default")]
    pub title: String,
    /// Kubernetes cluster.
    #[serde(default, deserialize_with = "null_is_default")]
    pub cluster: String,
    /// Kubernetes namespace, empty for nodes.
    #[serde(default, deserialize_with = "null_is_default")]
    pub namespace: String,
    /// What it happened to.
    #[serde(default, deserialize_with = "null_is_default")]
    pub object: ObjectRef,
    /// Node that hosted the object.
    #[serde(default, deserialize_with = "null_is_default")]
    pub node: String,
    /// Where the event came from.
    #[serde(default, deserialize_with = "null_is_default")]
    pub source: String,
    /// Further facts: `revision`, `image`, `image_before`, `deletionGracePeriodSeconds`, `reason`…
    /// `start_earliest`, `start_latest` bound an unknown start; `observed_at` is when it was seen.
    #[serde(default, deserialize_with = "null_is_default")]
    pub attributes: Extra,
    /// Fields of later versions.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The `source` of events that were read from a saved listing of Kubernetes objects. A listing shows
/// how things stood when it was taken, which is `observed_at` where anybody said; what became of
/// them later it does not say.
pub const LISTINGS: [&str; 2] = ["kubernetes-json", "kubectl-table"];

/// Reads null as the type's empty value: "a field without a value may be null, empty or absent".
pub fn null_is_default<'de, D, T>(d: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(d)?.unwrap_or_default())
}

impl Event {
    /// An attribute as text; numbers are written out, empty texts are `None`.
    pub fn attribute(&self, name: &str) -> Option<String> {
        match self.attributes.get(name)? {
            serde_json::Value::String(s) => (!s.is_empty()).then(|| s.clone()),
            serde_json::Value::Null => None,
            other => Some(other.to_string()),
        }
    }

    /// An attribute that is an instant.
    pub fn attribute_time(&self, name: &str) -> Option<Timestamp> {
        self.attribute(name)?.parse().ok()
    }

    /// Earliest and latest instant at which it can have begun: both the same where that is known.
    pub fn start_bounds(&self) -> (Option<Timestamp>, Option<Timestamp>) {
        match self.start {
            Some(t) => (Some(t), Some(t)),
            None => (
                self.attribute_time("start_earliest"),
                self.attribute_time("start_latest")
                    .or_else(|| self.attribute_time("observed_at")),
            ),
        }
    }

    /// The instant at which the event stands on a time axis: its start, else the latest possible.
    pub fn at(&self) -> Option<Timestamp> {
        self.start.or(self.start_bounds().1)
    }

    /// Until when it is known to have gone on: its end, the listing that showed it, or for ever
    /// where whoever told of it would have told its end too. `None`: nobody said when the listing
    /// was taken.
    pub fn known_until(&self) -> Option<Timestamp> {
        let seen = self.end.or_else(|| self.attribute_time("observed_at"));
        let listed = LISTINGS.contains(&self.source.as_str());
        seen.or((!listed).then_some(Timestamp::MAX))
    }

    /// Whether it touches the window. Events of unknown time belong to every window.
    pub fn touches(&self, window: Window) -> bool {
        match self.at() {
            None => true,
            Some(at) if self.kind.is_interval() => window.touches(at, self.end),
            Some(at) => window.touches(at, Some(self.end.unwrap_or(at))),
        }
    }

    /// Resource id of what it happened to: the attribute `resource` where that is an id (`aws:…`,
    /// `k8s:…`), else the Kubernetes object; `None` where the event names neither.
    pub fn resource(&self) -> Option<String> {
        // Other sources have attributes of that name which are no ids, e.g. a label `resource="cpu"`.
        let explicit = self.attribute("resource").filter(|id| topology::is_id(id));
        explicit.or_else(|| self.object_id())
    }

    fn object_id(&self) -> Option<String> {
        (!self.object.name.is_empty()).then(|| {
            topology::k8s_id(
                &self.cluster,
                &self.namespace,
                &self.object.kind,
                &self.object.name,
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nulls_unknown_kinds_and_unknown_fields_are_kept() {
        let line = r#"{"id":"e1","kind":"volcano","start":"2020-05-20T10:00:00Z","node":null,
            "object":null,"attributes":{"revision":7},"later":"field"}"#;
        let event: Event = serde_json::from_str(line).unwrap();
        assert_eq!(event.kind, EventKind::Other("volcano".into()));
        assert_eq!(event.attribute("revision").as_deref(), Some("7"));
        let back = serde_json::to_value(&event).unwrap();
        assert_eq!(back["kind"], "volcano");
        assert_eq!(back["later"], "field");
    }

    #[test]
    fn an_explicit_resource_wins_over_the_object() {
        let mut event = Event {
            cluster: "c".into(),
            namespace: "shop".into(),
            object: ObjectRef {
                kind: "Pod".into(),
                name: "web-1".into(),
            },
            ..Event::default()
        };
        assert_eq!(event.resource().as_deref(), Some("k8s:c/shop/Pod/web-1"));
        let with = |event: &mut Event, text: &str| {
            event.attributes.insert("resource".into(), text.into());
            event.resource()
        };
        assert_eq!(with(&mut event, "aws:fs-1").as_deref(), Some("aws:fs-1"));
        let node = "k8s:c//Node/n";
        assert_eq!(with(&mut event, node).as_deref(), Some(node));
        // No ids: a label of kube-state-metrics, a scheme without a name, a number.
        let own = Some("k8s:c/shop/Pod/web-1".to_owned());
        assert_eq!(with(&mut event, "cpu"), own);
        assert_eq!(with(&mut event, "aws:"), own);
        event.attributes.insert("resource".into(), 7.into());
        assert_eq!(event.resource(), own);
        event.object.name.clear();
        assert_eq!(event.resource(), None);
    }

    #[test]
    fn every_known_kind_is_written_as_its_name() {
        for kind in EventKind::KNOWN {
            assert_eq!(serde_json::to_value(&kind).unwrap(), kind.as_str());
            assert_eq!(
                serde_json::from_value::<EventKind>(kind.as_str().into()).unwrap(),
                kind
            );
        }
    }
}
