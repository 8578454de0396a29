//! What Argo CD and Flux say that they brought into the cluster.

use super::{
    kept::{About, Sight, Tracked},
    last::Last,
    pending::{Pending, event_id},
    when::When,
};
use crate::kubernetes::{
    meta::{self, event, set},
    object::{Content, Object},
};
use model::{Event, EventKind, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

/// What is remembered of an application or release: the deliveries that are written already, and
/// the revision that was applied last.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct DeliveryState {
    written: BTreeSet<String>,
    applied: String,
    /// The version of the object that showed it first.
    since: u64,
    /// The last application, with the version that showed the one before first, and its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Last>,
}

impl Tracked for DeliveryState {
    fn see(&mut self, object: &Object, sight: &Sight<'_>, out: &mut Pending) -> bool {
        let Content::Delivery(content) = &object.content else {
            return false;
        };
        match object.kind {
            "Application" => self.argo(object, content, sight, out),
            "HelmRelease" => self.helm(object, content, sight, out),
            _ => self.applied(object, content, sight, out),
        }
    }

    fn gone(&mut self, _: &About<'_>, _: When, _: &mut Pending) {}
}

impl DeliveryState {
    /// `status.history` of an Argo CD application: one entry a deployment, with who asked for it.
    fn argo(
        &mut self,
        object: &Object,
        content: &Value,
        sight: &Sight<'_>,
        out: &mut Pending,
    ) -> bool {
        let mut changed = false;
        for entry in list(content, "/status/history") {
            let number = entry.get("id").map(Value::to_string).unwrap_or_default();
            let revision = text(entry, "/revision");
            let mut event = delivery(object, "argocd", sight);
            event.id = event_id(&["argocd", object.uid(), &number]);
            event.start = at(entry, "/deployedAt");
            let name = meta::name(object.meta());
            event.title = format!("Argo CD deployed {name} at {}", meta::short(revision, 40));
            set(&mut event, "revision", revision);
            set(&mut event, "repository", text(entry, "/source/repoURL"));
            set(&mut event, "path", text(entry, "/source/path"));
            set(&mut event, "chart", text(entry, "/source/chart"));
            set(&mut event, "user", text(entry, "/initiatedBy/username"));
            changed |= self.write(event, out);
        }
        changed
    }

    /// `status.history` of a Flux Helm release: the last releases, newest first.
    fn helm(
        &mut self,
        object: &Object,
        content: &Value,
        sight: &Sight<'_>,
        out: &mut Pending,
    ) -> bool {
        let mut changed = false;
        for entry in list(content, "/status/history") {
            let number = entry
                .get("version")
                .map(Value::to_string)
                .unwrap_or_default();
            let (chart, version) = (text(entry, "/chartName"), text(entry, "/chartVersion"));
            let mut event = delivery(object, "flux", sight);
            event.id = event_id(&["helm", object.uid(), &number]);
            event.start = at(entry, "/lastDeployed").or_else(|| at(entry, "/firstDeployed"));
            let name = meta::name(object.meta());
            event.title = format!("Flux released {name}: {chart} {version}");
            set(&mut event, "revision", number);
            set(&mut event, "chart", format!("{chart}-{version}"));
            set(&mut event, "app_version", text(entry, "/appVersion"));
            changed |= self.write(event, out);
        }
        if list(content, "/status/history").is_empty() {
            changed |= self.applied(object, content, sight, out);
        }
        changed
    }

    /// `status.lastAppliedRevision`: what is there, without since when.
    fn applied(
        &mut self,
        object: &Object,
        content: &Value,
        sight: &Sight<'_>,
        out: &mut Pending,
    ) -> bool {
        let revision = text(content, "/status/lastAppliedRevision");
        if revision.is_empty() {
            return false;
        }
        if !(sight.newest || sight.first) {
            return self.applied_before(object, content, sight, out);
        }
        if revision == self.applied {
            return false;
        }
        let mut event = application(object, content, &self.applied, sight);
        let version = object.version();
        revision.clone_into(&mut self.applied);
        // A revision may come back, which is another delivery.
        if self.written.contains(&event.id) {
            event.id = event_id(&["flux", object.uid(), revision, &version.to_string()]);
        }
        self.last = Some(Last::new(self.since, version, event.clone()));
        self.since = version;
        self.write(event, out);
        true
    }

    /// A version between the last two came late: another revision was applied in between.
    fn applied_before(
        &mut self,
        object: &Object,
        content: &Value,
        sight: &Sight<'_>,
        out: &mut Pending,
    ) -> bool {
        let revision = text(content, "/status/lastAppliedRevision");
        let Some(last) = &mut self.last else {
            return false;
        };
        let previous = last.was_two(object.version(), "revision_before", revision);
        let own = last.event().attribute("revision");
        let Some(previous) = previous.filter(|_| own.as_deref() != Some(revision)) else {
            return false;
        };
        let earlier = application(object, content, &previous, sight);
        last.tell_from(object.version(), ("revision_before", revision), None, out);
        self.write(earlier, out);
        true
    }

    fn write(&mut self, event: Event, out: &mut Pending) -> bool {
        let news = self.written.insert(event.id.clone());
        if news {
            out.event(event);
        }
        news
    }
}

/// One application of a revision; without one before, nobody knows since when it was there.
fn application(object: &Object, content: &Value, before: &str, sight: &Sight<'_>) -> Event {
    let revision = text(content, "/status/lastAppliedRevision");
    let mut event = delivery(object, "flux", sight);
    event.id = event_id(&["flux", object.uid(), revision]);
    let name = meta::name(object.meta());
    event.title = format!("Flux applied {name} at {}", meta::short(revision, 60));
    let ready = list(content, "/status/conditions")
        .into_iter()
        .find(|c| text(c, "/type") == "Ready" && text(c, "/status") == "True")
        .and_then(|c| at(c, "/lastTransitionTime"));
    let first = before.is_empty();
    let when = if first {
        When::between(None, sight.when.latest)
    } else {
        sight.when
    };
    match ready.filter(|at| !first && when.allows(*at, 2_000)) {
        Some(at) => event.start = Some(at),
        None => when.start(&mut event),
    }
    set(&mut event, "revision", revision);
    set(&mut event, "revision_before", before);
    event
}

fn delivery(object: &Object, provider: &str, sight: &Sight<'_>) -> Event {
    let mut event = event(
        sight.listing,
        EventKind::ConfigChange,
        object.kind,
        object.meta(),
    );
    set(&mut event, "provider", provider);
    event
}

fn list<'a>(content: &'a Value, path: &str) -> Vec<&'a Value> {
    let list = content.pointer(path).and_then(Value::as_array);
    list.map(|list| list.iter().collect()).unwrap_or_default()
}

fn text<'a>(content: &'a Value, path: &str) -> &'a str {
    content.pointer(path).and_then(Value::as_str).unwrap_or("")
}

fn at(content: &Value, path: &str) -> Option<Timestamp> {
    text(content, path).parse().ok()
}
