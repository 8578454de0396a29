//! Objects as the API sends them, read into what is looked at and no more.

use super::{
    events, meta,
    part::Part,
    rollouts::{self, Revision},
};
use k8s_openapi::{
    api::{
        apps::v1::{ControllerRevision, ReplicaSet},
        batch::v1::Job,
        core::v1::{Event as ApiEvent, Node, PersistentVolume, PersistentVolumeClaim, Pod},
        events::v1::Event as NewEvent,
    },
    apimachinery::pkg::apis::meta::v1::{ManagedFieldsEntry, ObjectMeta},
};
use memchr::{memchr_iter, memchr2_iter};
use model::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;

/// One version of an object.
#[derive(Clone, Debug)]
pub struct Object {
    /// `Pod`, `Deployment`…
    pub(crate) kind: &'static str,
    /// Its metadata, where the content does not hold them.
    own: ObjectMeta,
    pub(crate) content: Content,
    /// Who wrote what is looked at, and when.
    pub(crate) writers: Vec<Writer>,
}

/// What it is.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    Pod(Box<Pod>),
    Event(Box<ApiEvent>),
    Node(Box<Node>),
    /// `None`: one without an owner, which has no revisions.
    Revision(Option<Box<Revision>>),
    Job(Box<Job>),
    Claim(Box<PersistentVolumeClaim>),
    Volume(Box<PersistentVolume>),
    /// A Deployment, `StatefulSet`, `DaemonSet` or `CronJob`.
    Workload(Workload),
    /// Of Argo CD or Flux.
    Delivery(Box<Value>),
    /// A revision of a Helm release: everything is in the metadata.
    HelmRevision,
}

/// What is looked at of a workload.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Workload {
    pub(crate) replicas: Option<i64>,
    pub(crate) schedule: Option<String>,
    pub(crate) suspended: bool,
    pub(crate) chart: Option<String>,
    pub(crate) managed_by: Option<String>,
    pub(crate) app_version: Option<String>,
}

/// One entry of `managedFields` of somebody who wrote something that is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Writer {
    pub(crate) manager: String,
    pub(crate) at: Timestamp,
    /// The pod template.
    pub(crate) template: bool,
    /// The number of replicas.
    pub(crate) replicas: bool,
    /// The number of a revision.
    pub(crate) revision: bool,
}

#[derive(Deserialize)]
struct Plain {
    #[serde(default)]
    metadata: ObjectMeta,
    #[serde(default)]
    spec: PlainSpec,
}

#[derive(Default, Deserialize)]
struct PlainSpec {
    replicas: Option<i64>,
    schedule: Option<String>,
    suspend: Option<bool>,
}

#[derive(Deserialize)]
struct Custom {
    #[serde(default)]
    metadata: ObjectMeta,
    #[serde(default)]
    spec: Value,
    #[serde(default)]
    status: Value,
}

impl Object {
    /// Reads one object. `new_events` says that events come as `events.k8s.io/v1` has them.
    pub(crate) fn read(
        part: Part,
        new_events: bool,
        json: &str,
    ) -> Result<Self, serde_json::Error> {
        let stripped;
        let mut json = json;
        if matches!(part, Part::Pods | Part::Nodes | Part::Events | Part::Jobs) {
            stripped = without_unread(json);
            json = &stripped;
        }
        let none = ObjectMeta::default;
        let (own, content) = match part {
            Part::Pods => (none(), Content::Pod(serde_json::from_str(json)?)),
            Part::Events if new_events => {
                let object: NewEvent = serde_json::from_str(json)?;
                (none(), Content::Event(Box::new(events::from_new(object))))
            }
            Part::Events => (none(), Content::Event(serde_json::from_str(json)?)),
            Part::Nodes => (none(), Content::Node(serde_json::from_str(json)?)),
            Part::Jobs => (none(), Content::Job(serde_json::from_str(json)?)),
            Part::Claims => (none(), Content::Claim(serde_json::from_str(json)?)),
            Part::Volumes => (none(), Content::Volume(serde_json::from_str(json)?)),
            Part::ReplicaSets => {
                let object: ReplicaSet = serde_json::from_str(json)?;
                let revision = Revision::of_replica_set(&object).map(Box::new);
                (object.metadata, Content::Revision(revision))
            }
            Part::ControllerRevisions => {
                let object: ControllerRevision = serde_json::from_str(json)?;
                let revision = Revision::of_controller_revision(&object).map(Box::new);
                (object.metadata, Content::Revision(revision))
            }
            Part::Deployments | Part::StatefulSets | Part::DaemonSets | Part::CronJobs => {
                let object: Plain = serde_json::from_str(json)?;
                let workload = Content::Workload(workload(&object));
                (object.metadata, workload)
            }
            Part::Applications | Part::Kustomizations | Part::HelmReleases => {
                let object: Custom = serde_json::from_str(json)?;
                let content = serde_json::json!({"spec": object.spec, "status": object.status});
                (object.metadata, Content::Delivery(Box::new(content)))
            }
            Part::HelmRevisions => {
                let object: Plain = serde_json::from_str(json)?;
                (object.metadata, Content::HelmRevision)
            }
        };
        let mut object = Self {
            kind: part.kind(),
            own,
            content,
            writers: Vec::new(),
        };
        let written = object.meta_mut().managed_fields.take().unwrap_or_default();
        object.writers = written.iter().filter_map(writer).collect();
        Ok(object)
    }

    pub(crate) fn meta(&self) -> &ObjectMeta {
        match &self.content {
            Content::Pod(object) => &object.metadata,
            Content::Event(object) => &object.metadata,
            Content::Node(object) => &object.metadata,
            Content::Job(object) => &object.metadata,
            Content::Claim(object) => &object.metadata,
            Content::Volume(object) => &object.metadata,
            Content::Revision(_)
            | Content::Workload(_)
            | Content::Delivery(_)
            | Content::HelmRevision => &self.own,
        }
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        match &mut self.content {
            Content::Pod(object) => &mut object.metadata,
            Content::Event(object) => &mut object.metadata,
            Content::Node(object) => &mut object.metadata,
            Content::Job(object) => &mut object.metadata,
            Content::Claim(object) => &mut object.metadata,
            Content::Volume(object) => &mut object.metadata,
            Content::Revision(_)
            | Content::Workload(_)
            | Content::Delivery(_)
            | Content::HelmRevision => &mut self.own,
        }
    }

    pub(crate) fn uid(&self) -> &str {
        self.meta().uid.as_deref().unwrap_or("")
    }

    /// The number that the API server counts its changes with; 0 where it is none. Since Kubernetes
    /// 1.35 the API documents that these can be compared; every server before counts with them too.
    pub(crate) fn version(&self) -> u64 {
        version_number(self.meta().resource_version.as_deref().unwrap_or(""))
    }
}

/// Lists that nothing is read from. They are most of a pod or a node, and take longest to read.
const UNREAD: [&str; 8] = [
    "args",
    "command",
    "env",
    "envFrom",
    "images",
    "managedFields",
    "ports",
    "tolerations",
];

/// An object's JSON in which the lists of [`UNREAD`] are empty. Only found where they are written as API
/// servers do, without spaces; inside a text the quotation marks would be escaped, so that nothing else can
/// be meant.
fn without_unread(json: &str) -> Cow<'_, str> {
    const LIST: &str = "\":[";
    let mut kept = String::new();
    // What follows the last list that was emptied, and what of it is still to be looked through.
    let (mut rest, mut from) = (json, 0);
    while let Some(key_end) = rest.get(from..).and_then(|r| Some(from + r.find(LIST)?)) {
        let start = key_end + LIST.len();
        let (before, list) = rest.split_at(start);
        let key = before.get(..key_end).and_then(|b| b.rsplit('"').next());
        if !key.is_some_and(|key| UNREAD.contains(&key)) {
            from = start;
            continue;
        }
        // One that does not end is for the parser to complain of.
        let Some(after) = end_of_list(list).and_then(|end| list.get(end..)) else {
            break;
        };
        kept.push_str(before);
        (rest, from) = (after, 0);
    }
    if kept.is_empty() {
        return Cow::Borrowed(json);
    }
    kept.push_str(rest);
    Cow::Owned(kept)
}

/// Where the list ends whose items these are: the place of its bracket. `None` where it does not. From
/// bracket to bracket, of which there are few: whether one lies in a text, the quotation marks between say.
fn end_of_list(items: &str) -> Option<usize> {
    let items = items.as_bytes();
    let (mut depth, mut quoted, mut from) = (1_u32, false, 0);
    memchr2_iter(b'[', b']', items).find(|&at| {
        quoted ^= quotation_marks(items.get(from..at).unwrap_or_default()) % 2 == 1;
        from = at;
        match items.get(at) {
            _ if quoted => {}
            Some(b'[') => depth += 1,
            _ => depth -= 1,
        }
        depth == 0
    })
}

/// Quotation marks that are not escaped.
fn quotation_marks(json: &[u8]) -> usize {
    let mut escaped = 0;
    let mut done = 0;
    for slash in memchr_iter(b'\\', json) {
        if slash < done {
            continue;
        }
        done = slash + 2;
        escaped += usize::from(json.get(slash + 1) == Some(&b'"'));
    }
    memchr_iter(b'"', json).count() - escaped
}

/// A resource version as a number; 0 where it is none.
pub(crate) fn version_number(version: &str) -> u64 {
    version.parse().unwrap_or(0)
}

fn workload(object: &Plain) -> Workload {
    let said = |key| meta::label(&object.metadata, key).map(str::to_owned);
    Workload {
        replicas: object.spec.replicas,
        schedule: object.spec.schedule.clone(),
        suspended: object.spec.suspend.unwrap_or(false),
        chart: said(rollouts::CHART),
        managed_by: said(rollouts::MANAGED_BY),
        app_version: said("app.kubernetes.io/version"),
    }
}

fn writer(entry: &ManagedFieldsEntry) -> Option<Writer> {
    let at = meta::time(entry.time.as_ref())?;
    let fields = &entry.fields_v1.as_ref()?.0;
    let spec = fields.get("f:spec");
    let has = |field: &str| spec.is_some_and(|spec| spec.get(field).is_some());
    // The Deployment controller numbers replica sets by an annotation, the others have a field.
    let annotations = fields.pointer("/f:metadata/f:annotations");
    let numbered = |a: &Value| a.get("f:deployment.kubernetes.io/revision").is_some();
    let writer = Writer {
        manager: entry.manager.clone().unwrap_or_default(),
        at,
        template: has("f:template"),
        replicas: has("f:replicas"),
        revision: annotations.is_some_and(numbered) || fields.get("f:revision").is_some(),
    };
    (writer.template || writer.replicas || writer.revision).then_some(writer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn unread_lists_go_and_nothing_else_does() {
        for (json, left) in [
            (
                r#"{"a":1,"managedFields":[{"f":["]",{"x\"]":[]}]}],"b":[2]}"#,
                r#"{"a":1,"managedFields":[],"b":[2]}"#,
            ),
            (r#"{"managedFields":[]}"#, r#"{"managedFields":[]}"#),
            (
                r#"{"a":"\"managedFields\":["}"#,
                r#"{"a":"\"managedFields\":["}"#,
            ),
            (r#"{"managedFields":[{"#, r#"{"managedFields":[{"#),
            (
                r#"{"c":[{"env":[{"v":"]"}],"volumeMounts":[{"name":"d"}]},{"env":[]}],"ports":[1]}"#,
                r#"{"c":[{"env":[],"volumeMounts":[{"name":"d"}]},{"env":[]}],"ports":[]}"#,
            ),
            (
                r#"{"args":["\\\\",["\\\"]"],"\\\\\"]"],"a":[3]}"#,
                r#"{"args":[],"a":[3]}"#,
            ),
            (
                r#"{"env":"[1]","a":["\"env\":["]}"#,
                r#"{"env":"[1]","a":["\"env\":["]}"#,
            ),
        ] {
            assert_eq!(without_unread(json), left);
        }
    }

    /// Any value, of texts with much in them that looks like a list's end.
    fn any_json() -> impl Strategy<Value = Value> {
        let text = r#"[\[\]"\\{}:, a]{0,8}"#;
        let leaf = text.prop_map(Value::from);
        leaf.prop_recursive(4, 40, 5, move |inner| {
            let object = prop::collection::btree_map(text, inner.clone(), 0..5);
            prop_oneof![
                prop::collection::vec(inner, 0..5).prop_map(Value::from),
                object.prop_map(|fields| fields.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn whatever_an_unread_list_holds_goes(items in prop::collection::vec(any_json(), 0..5), kept in any_json()) {
            let of = |items: &[Value]| json!({"env": items, "kept": kept}).to_string();
            let whole = of(&items);
            prop_assert_eq!(without_unread(&whole), of(&[]));
        }
    }
}
