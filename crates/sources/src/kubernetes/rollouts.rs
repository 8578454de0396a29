//! Rollouts: changes of a workload's pod template, from the revisions that its controller keeps.
//!
//! A Deployment keeps one `ReplicaSet` a template; a `StatefulSet` or `DaemonSet` keeps
//! `ControllerRevision`s. A new one is a rollout at its creationTimestamp. An old one whose revision
//! rose is a rollback: the controller writes the number anew, but no time, so that the time comes
//! from the Deployment's events or its Progressing condition, and otherwise stays an interval.

use super::{
    Listing,
    events::Scaling,
    meta::{
        annotation, controller, event_about, label, name, namespace, set, set_bounds, short, time,
    },
};
use k8s_openapi::{
    api::{
        apps::v1::{ControllerRevision, Deployment, ReplicaSet},
        core::v1::PodTemplateSpec,
    },
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use model::{
    Event, EventKind, Timestamp,
    time::{MINUTE, SECOND},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

const REVISION: &str = "deployment.kubernetes.io/revision";
/// Earlier numbers of a `ReplicaSet` that was rolled back to, separated by commas.
const HISTORY: &str = "deployment.kubernetes.io/revision-history";
const CAUSE: &str = "kubernetes.io/change-cause";
/// Helm's chart and version, as its charts label what they make (helm.sh, "labels and annotations").
pub(crate) const CHART: &str = "helm.sh/chart";
/// The tool that manages an object (Kubernetes' recommended labels).
pub(crate) const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
const RESTARTED: &str = "kubectl.kubernetes.io/restartedAt";
/// Scaling that belongs to a rollout comes within this time of its start: the default
/// `progressDeadlineSeconds` of a Deployment.
const PROGRESS_DEADLINE: i64 = 10 * MINUTE;

/// One template of a workload, as its controller keeps it, as small as it can be remembered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Revision {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) owner_kind: String,
    pub(crate) owner: String,
    pub(crate) created: Option<Timestamp>,
    /// Every number it had.
    pub(crate) numbers: BTreeSet<i64>,
    /// When it became the current one again under a number, where somebody watched.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) returned: BTreeMap<i64, Returned>,
    cause: String,
    images: BTreeMap<String, String>,
    restarted: Option<String>,
    chart: Option<String>,
    managed_by: Option<String>,
}

/// When an old template came back: the same instant twice where that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Returned {
    pub(crate) earliest: Option<Timestamp>,
    pub(crate) latest: Timestamp,
}

impl Revision {
    /// From a `ReplicaSet`; `None` for one without an owner, which has no revisions.
    pub fn of_replica_set(object: &ReplicaSet) -> Option<Self> {
        let template = object.spec.template.as_ref();
        let number = annotation(&object.metadata, REVISION).and_then(|n| n.parse().ok());
        Self::new(&object.metadata, number, template)
    }

    /// From a `ControllerRevision` of a `StatefulSet` or `DaemonSet`.
    pub fn of_controller_revision(object: &ControllerRevision) -> Option<Self> {
        let template = object.data.0.pointer("/spec/template").cloned();
        let template: Option<PodTemplateSpec> =
            template.and_then(|t| serde_json::from_value(t).ok());
        Self::new(&object.metadata, object.revision, template.as_ref())
    }

    fn new(
        meta: &ObjectMeta,
        number: Option<i64>,
        template: Option<&PodTemplateSpec>,
    ) -> Option<Self> {
        let owner = controller(meta)?;
        let history = annotation(meta, HISTORY).unwrap_or("");
        let earlier = history.split(',').filter_map(|n| n.trim().parse().ok());
        let inside = template.and_then(|t| t.metadata.as_ref());
        let said = |key| label(meta, key).or_else(|| label(inside?, key));
        Some(Self {
            namespace: namespace(meta).to_owned(),
            name: name(meta).to_owned(),
            owner_kind: owner.kind.clone(),
            owner: owner.name.clone(),
            created: time(meta.creation_timestamp.as_ref()),
            numbers: earlier.chain(number).collect(),
            returned: BTreeMap::new(),
            cause: short(annotation(meta, CAUSE).unwrap_or(""), 300),
            images: template.map(images).unwrap_or_default(),
            restarted: inside
                .and_then(|inside| annotation(inside, RESTARTED))
                .map(str::to_owned),
            chart: said(CHART).map(str::to_owned),
            managed_by: said(MANAGED_BY).map(str::to_owned),
        })
    }

    /// The newest number it had.
    fn number(&self) -> Option<i64> {
        self.numbers.last().copied()
    }
}

fn images(template: &PodTemplateSpec) -> BTreeMap<String, String> {
    let Some(spec) = &template.spec else {
        return BTreeMap::new();
    };
    let init = spec.init_containers.as_deref().unwrap_or_default();
    init.iter()
        .chain(&spec.containers)
        .filter_map(|c| Some((c.name.clone(), c.image.clone()?)))
        .collect()
}

/// One time that a template became the current one.
struct Step<'a> {
    /// Index of the revision in the input.
    index: usize,
    revision: &'a Revision,
    number: Option<i64>,
    /// Made for this step; otherwise an old template came back.
    new: bool,
}

/// A rollout, and which step of which revision it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Rollout {
    /// Index of the revision in the input.
    pub index: usize,
    /// The number that it had or got, where that is known.
    pub number: Option<i64>,
    /// The template was new; otherwise an old one came back.
    pub new: bool,
    /// The event; it has no id yet.
    pub event: Event,
}

/// The rollouts of all workloads.
pub fn events(
    revisions: &[Revision],
    deployments: &[&Deployment],
    scalings: &[Scaling],
    listing: &Listing,
) -> Vec<Rollout> {
    let mut workloads: BTreeMap<(&str, &str, &str), Vec<Step<'_>>> = BTreeMap::new();
    for (index, revision) in revisions.iter().enumerate() {
        let key = (
            revision.namespace.as_str(),
            revision.owner_kind.as_str(),
            revision.owner.as_str(),
        );
        workloads
            .entry(key)
            .or_default()
            .extend(steps(index, revision));
    }
    let mut out = Vec::new();
    for ((namespace, kind, owner), mut steps) in workloads {
        mark_returned(&mut steps);
        steps.sort_by_key(|s| (s.number.unwrap_or(0), s.revision.created));
        let deployment = deployments.iter().copied().find(|d| {
            kind == "Deployment"
                && (self::namespace(&d.metadata), name(&d.metadata)) == (namespace, owner)
        });
        let mut before: Option<(&Step<'_>, Option<Timestamp>)> = None;
        for (i, step) in steps.iter().enumerate() {
            let last = i + 1 == steps.len();
            let next = steps
                .get(i + 1)
                .filter(|s| s.new)
                .and_then(|s| s.revision.created);
            let mut event = rollout(step, before.map(|(s, _)| s), listing);
            if !step.new {
                let after = before.and_then(|(_, at)| at).or(step.revision.created);
                let deployment = deployment.filter(|_| last);
                let until = next.or(listing.observed_at);
                date_return(&mut event, step, deployment, scalings, (after, until));
            }
            before = Some((step, event.start));
            out.push(Rollout {
                index: step.index,
                number: step.number,
                new: step.new,
                event,
            });
        }
    }
    out
}

fn steps(index: usize, revision: &Revision) -> Vec<Step<'_>> {
    let step = |number, new| Step {
        index,
        revision,
        number,
        new,
    };
    if revision.numbers.is_empty() {
        return vec![step(None, true)];
    }
    let numbered = revision.numbers.iter().copied().enumerate();
    numbered
        .map(|(i, number)| step(Some(number), i == 0))
        .collect()
}

/// A template with a higher number than a younger one has come back, also where no history says so
/// (the annotation can be lost); then its first number is not known.
fn mark_returned(steps: &mut Vec<Step<'_>>) {
    let youngest_below = |number: Option<i64>, steps: &[Step<'_>]| {
        steps
            .iter()
            .filter(|s| s.new && s.number < number)
            .filter_map(|s| s.revision.created)
            .max()
    };
    let returned: Vec<bool> = steps
        .iter()
        .map(|s| {
            let created = s.revision.created;
            let younger = created.is_some() && youngest_below(s.number, steps) > created;
            s.new && s.number.is_some() && younger
        })
        .collect();
    let mut firsts = Vec::new();
    for (step, returned) in steps.iter_mut().zip(returned) {
        if returned {
            step.new = false;
            firsts.push(Step {
                number: None,
                new: true,
                ..*step
            });
        }
    }
    steps.extend(firsts);
}

fn rollout(step: &Step<'_>, before: Option<&Step<'_>>, listing: &Listing) -> Event {
    let revision = step.revision;
    let (namespace, kind, owner) = (&revision.namespace, &revision.owner_kind, &revision.owner);
    let mut event = event_about(listing, EventKind::Rollout, kind, (namespace, owner));
    event.start = revision.created.filter(|_| step.new);
    // Only the neighbour in the numbering is the template that was there before.
    let before = before.filter(|b| match (b.number, step.number) {
        (Some(before), Some(now)) => before + 1 == now,
        (None, None) => b.revision.number().or(revision.number()).is_none(),
        _ => false,
    });
    let change = describe_change(&mut event, revision, before.map(|b| b.revision), step);
    let number = step
        .number
        .map(|n| format!(", revision {n}"))
        .unwrap_or_default();
    event.title = format!("Rollout of {kind} {namespace}/{owner}{number}: {change}");
    set(&mut event, "revision", step.number);
    set(&mut event, "replica_set", revision.name.clone());
    set(&mut event, "change_cause", revision.cause.clone());
    set(&mut event, "chart", revision.chart.clone());
    set(&mut event, "managed_by", revision.managed_by.clone());
    event
}

/// Says what changed: attributes, and a few words for the title.
fn describe_change(
    event: &mut Event,
    revision: &Revision,
    before: Option<&Revision>,
    step: &Step<'_>,
) -> String {
    let join = |images: Vec<&str>| images.join(", ");
    if !step.new {
        set(event, "change", "rollback");
    }
    let Some(before) = before else {
        let all: Vec<&str> = revision.images.values().map(String::as_str).collect();
        set(event, "image", join(all.clone()));
        if step.number == Some(1) {
            set(event, "change", "created");
            return format!("created with {}", tails(&all));
        }
        return tails(&all);
    };
    let changed: Vec<(&str, &str)> = revision
        .images
        .iter()
        .filter_map(|(container, image)| {
            let old = before.images.get(container).map_or("", String::as_str);
            (old != image).then_some((old, image.as_str()))
        })
        .collect();
    if changed.is_empty() {
        let all: Vec<&str> = revision.images.values().map(String::as_str).collect();
        set(event, "image", join(all.clone()));
        set(event, "image_before", join(all));
        if !step.new {
            return "rolled back, images unchanged".into();
        }
        if revision.restarted != before.restarted {
            set(event, "change", "restart");
            return "restarted, images unchanged".into();
        }
        set(event, "change", "template");
        return "pod template changed, images unchanged".into();
    }
    let (old, new): (Vec<&str>, Vec<&str>) = changed.into_iter().unzip();
    let old: Vec<&str> = old.into_iter().filter(|image| !image.is_empty()).collect();
    set(event, "image", join(new.clone()));
    set(event, "image_before", join(old.clone()));
    if step.new {
        set(event, "change", "image");
    }
    let back = if step.new { "" } else { "rolled back, " };
    format!("{back}{} -> {}", tails(&old), tails(&new))
}

/// Images without their registry.
fn tails(images: &[&str]) -> String {
    let tail = |image: &&str| image.rsplit('/').next().unwrap_or("").to_owned();
    let tails: Vec<String> = images.iter().map(tail).collect();
    short(&tails.join(", "), 160)
}

/// Finds out when an old template came back, as far as anything says so.
fn date_return(
    event: &mut Event,
    step: &Step<'_>,
    deployment: Option<&Deployment>,
    scalings: &[Scaling],
    (after, until): (Option<Timestamp>, Option<Timestamp>),
) {
    let seen = step
        .number
        .and_then(|number| step.revision.returned.get(&number));
    if let Some(seen) = seen {
        if seen.earliest == Some(seen.latest) {
            event.start = seen.earliest;
            set(event, "dated_by", "watch");
        } else {
            set_bounds(event, seen.earliest.max(after), Some(seen.latest));
        }
        return;
    }
    let scaled_up = scalings
        .iter()
        .filter(|s| s.up && s.set == step.revision.name)
        .filter(|s| s.namespace == event.namespace && after.is_none_or(|after| s.at > after))
        .map(|s| s.at)
        .min();
    if scaled_up.is_some() {
        event.start = scaled_up;
        set(event, "dated_by", "scaling event");
        return;
    }
    let conditions = deployment
        .and_then(|d| d.status.as_ref()?.conditions.as_deref())
        .unwrap_or_default();
    let progressing = conditions
        .iter()
        .find(|c| c.type_.as_deref() == Some("Progressing"));
    let updated = progressing
        .and_then(|c| time(c.last_update_time.as_ref()))
        .filter(|updated| after.is_none_or(|after| *updated >= after));
    // `FoundNewReplicaSet` is written when the rollback begins; any later reason bounds it.
    if progressing.and_then(|c| c.reason.as_deref()) == Some("FoundNewReplicaSet") {
        event.start = updated;
        set(event, "dated_by", updated.map(|_| "Progressing condition"));
    }
    if event.start.is_none() {
        set_bounds(event, after, updated.or(until));
    }
}

/// Whether a scaling is a step of a rollout: of its workload, and while it can be going on.
pub(crate) fn is_part_of(scaling: &Scaling, rollout: &Event) -> bool {
    let same = rollout.namespace == scaling.namespace
        && rollout.object.kind == "Deployment"
        && rollout.object.name == scaling.deployment;
    let in_time = |start| (-5 * SECOND..=PROGRESS_DEADLINE).contains(&scaling.at.since(start));
    same && rollout.start.is_some_and(in_time)
}
