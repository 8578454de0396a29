//! What else a cluster has: stateful and daemon sets with their revisions, cron jobs, and what Argo
//! CD and Flux say that they brought.

use super::Life;
use crate::world::Key;
use model::Timestamp;
use serde_json::{Value, json};

/// Entries that Argo CD keeps of the past (`revisionHistoryLimit`).
const ARGO_KEEPS: usize = 10;
/// Releases that Flux keeps of the past.
const FLUX_KEEPS: usize = 5;

/// A stateful or daemon set.
pub(super) struct Controlled {
    kind: &'static str,
    plural: &'static str,
    name: &'static str,
    uid: String,
    generation: u64,
    /// Uid, image, present number, and the fact that tells of the number.
    revisions: Vec<(String, u64, u64, usize)>,
}

/// A cron job.
pub(super) struct Cron {
    uid: String,
    generation: u64,
    minutes: u64,
    change: Option<usize>,
    since: u64,
}

/// Something of Argo CD or Flux.
pub(super) struct Delivered {
    plural: &'static str,
    uid: String,
    /// Facts, the oldest first.
    facts: Vec<usize>,
    history: Vec<Value>,
}

/// All of them.
#[derive(Default)]
pub(super) struct Others {
    sets: Vec<Controlled>,
    cron: Option<Cron>,
    delivered: Vec<Delivered>,
}

impl Life {
    /// Begins with one of each.
    pub(super) fn begin_others(&mut self) {
        for (kind, plural, name) in [
            ("StatefulSet", "statefulsets", "db"),
            ("DaemonSet", "daemonsets", "agent"),
        ] {
            let uid = self.uid();
            self.others.sets.push(Controlled {
                kind,
                plural,
                name,
                uid,
                generation: 0,
                revisions: Vec::new(),
            });
            self.update(self.others.sets.len() - 1);
        }
        let uid = self.uid();
        self.others.cron = Some(Cron {
            uid,
            generation: 0,
            minutes: 5,
            change: None,
            since: 0,
        });
        self.write_cron();
        for plural in ["applications", "kustomizations", "helmreleases"] {
            let uid = self.uid();
            self.others.delivered.push(Delivered {
                plural,
                uid,
                facts: Vec::new(),
                history: Vec::new(),
            });
        }
    }

    /// One thing happens to one of them.
    pub(super) fn step_others(&mut self) {
        match self.dice.below(7) {
            0 | 1 => {
                let i = self.dice.below(2) as usize;
                self.update(i);
            }
            // The revisions of a stateful set come back; those of the daemon set never, so that what
            // was there before is always told.
            2 => self.undo(0),
            3 => self.reschedule(),
            _ => {
                let i = self.dice.below(self.others.delivered.len() as u64) as usize;
                self.deliver(i);
            }
        }
    }

    /// A new template, and a new revision.
    fn update(&mut self, i: usize) {
        self.write_set(i);
        let (uid, at) = (self.uid(), self.second());
        let set = &self.others.sets[i];
        let (kind, name) = (set.kind, set.name);
        let number = set.revisions.iter().map(|r| r.2).max().unwrap_or(0) + 1;
        let image = set.revisions.len() as u64 + 1;
        let object = revision((kind, name), &uid, (number, image), at, at);
        let version = self.put("controllerrevisions", object);
        let fact = self.fact("controllerrevisions", format!("rollout-{uid}"), at, version);
        let attributes = &mut self.facts[fact].attributes;
        attributes.push(("image", format!("registry.example.org/{name}:{image}")));
        if kind == "DaemonSet" && number > 1 {
            attributes.push((
                "image_before",
                format!("registry.example.org/{name}:{}", image - 1),
            ));
        }
        let known = (uid, image, number, fact);
        self.others.sets[i].revisions.push(known);
    }

    /// An old revision gets a new number: its controller forgets the one before.
    fn undo(&mut self, i: usize) {
        let set = &self.others.sets[i];
        let newest = set.revisions.iter().map(|r| r.2).max().unwrap_or(0);
        let old: Vec<usize> = (0..set.revisions.len())
            .filter(|r| set.revisions[*r].2 != newest)
            .collect();
        let Some(r) = self.dice.pick(&old).copied() else {
            return;
        };
        self.write_set(i);
        let at = self.second();
        let set = &self.others.sets[i];
        let owner = (set.kind, set.name);
        let (uid, image, number, before) = set.revisions[r].clone();
        let key: Key = ("shop".to_owned(), format!("{}-{image}", owner.1));
        let state = self.server.state();
        let known = state.world.get("controllerrevisions", &key).cloned();
        drop(state);
        let created = known.unwrap()["metadata"]["creationTimestamp"]
            .as_str()
            .and_then(|at| at.parse().ok())
            .unwrap();
        let next = (newest + 1, image);
        let version = self.put(
            "controllerrevisions",
            revision(owner, &uid, next, created, at),
        );
        if number != image {
            self.facts[before].until = Some(version);
        }
        let id = format!("rollout-{uid}-{}", newest + 1);
        let fact = self.fact("controllerrevisions", id, at, version);
        // That it came back shows only to somebody who saw its number before.
        self.facts[fact].after = Some(self.facts[before].from);
        self.others.sets[i].revisions[r] = (uid, image, newest + 1, fact);
    }

    fn write_set(&mut self, i: usize) {
        let at = self.second();
        let set = &mut self.others.sets[i];
        set.generation += 1;
        let object = json!({
            "metadata": {"namespace": "shop", "name": set.name, "uid": set.uid,
                "generation": set.generation, "creationTimestamp": at.to_string(),
                "managedFields": [{"manager": "helm", "operation": "Update", "time": at.to_string(),
                    "apiVersion": "apps/v1", "fieldsType": "FieldsV1",
                    "fieldsV1": {"f:spec": {"f:template": {}}}}]},
            "spec": {"replicas": 3},
        });
        let plural = set.plural;
        self.put(plural, object);
    }

    fn write_cron(&mut self) -> u64 {
        let at = self.second();
        let cron = self.others.cron.as_mut().unwrap();
        cron.generation += 1;
        let object = json!({
            "metadata": {"namespace": "shop", "name": "report", "uid": cron.uid,
                "generation": cron.generation, "creationTimestamp": at.to_string()},
            "spec": {"schedule": format!("*/{} * * * *", cron.minutes), "suspend": false},
        });
        let version = self.put("cronjobs", object);
        let cron = self.others.cron.as_mut().unwrap();
        cron.since = version;
        let change = cron.change.take();
        if let Some(change) = change {
            self.facts[change].until = Some(version);
        }
        version
    }

    fn reschedule(&mut self) {
        let to = 1 + self.dice.below(30);
        let cron = self.others.cron.as_mut().unwrap();
        let (from, since) = (cron.minutes, cron.since);
        if from == to {
            return;
        }
        cron.minutes = to;
        let version = self.write_cron();
        let at = (self.now)();
        let cron = self.others.cron.as_ref().unwrap();
        let id = format!("config-change-{}-{}", cron.uid, cron.generation);
        let fact = self.fact("cronjobs", id, at, version);
        let attributes = &mut self.facts[fact].attributes;
        attributes.push(("from", format!("*/{from} * * * *")));
        attributes.push(("to", format!("*/{to} * * * *")));
        self.facts[fact].after = Some(since);
        self.others.cron.as_mut().unwrap().change = Some(fact);
    }

    fn deliver(&mut self, i: usize) {
        let at = self.second();
        let delivered = &self.others.delivered[i];
        let (plural, uid) = (delivered.plural, delivered.uid.clone());
        let number = delivered.facts.len() + 1;
        let mut history = delivered.history.clone();
        let (id, attribute, keeps) = match plural {
            "applications" => {
                history.push(json!({"id": number, "revision": format!("abc{number}"),
                    "deployedAt": at.to_string(), "source": {"repoURL": "https://git.example.org/shop"},
                    "initiatedBy": {"username": "ada"}}));
                let revision = ("revision", format!("abc{number}"));
                (format!("argocd-{uid}-{number}"), revision, ARGO_KEEPS)
            }
            "helmreleases" => {
                history.insert(
                    0,
                    json!({"version": number, "chartName": "shop",
                    "chartVersion": format!("1.0.{number}"), "firstDeployed": at.to_string(),
                    "lastDeployed": at.to_string(), "status": "deployed"}),
                );
                let chart = ("chart", format!("shop-1.0.{number}"));
                (format!("helm-{uid}-{number}"), chart, FLUX_KEEPS)
            }
            _ => {
                let revision = format!("main-{number}");
                (format!("flux-{uid}-{revision}"), ("revision", revision), 1)
            }
        };
        if plural == "applications" {
            history.drain(..history.len().saturating_sub(keeps));
        }
        history.truncate(keeps);
        let mut object = json!({
            "metadata": {"namespace": "shop", "name": "shop", "uid": uid, "creationTimestamp": at.to_string()},
            "spec": {},
            "status": {"history": history},
        });
        if plural == "kustomizations" {
            object["status"] = json!({"lastAppliedRevision": format!("main-{number}"),
                "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": at.to_string()}]});
        }
        let version = self.put(plural, object);
        let fact = self.fact(plural, id, at, version);
        self.facts[fact].attributes.push(attribute);
        let delivered = &mut self.others.delivered[i];
        delivered.history = history;
        delivered.facts.push(fact);
        let old = delivered.facts.len().checked_sub(keeps + 1);
        if let Some(old) = old.and_then(|old| delivered.facts.get(old)).copied() {
            self.facts[old].until = Some(version);
        }
    }
}

/// A revision as the controllers of stateful and daemon sets write it.
fn revision(
    (kind, owner): (&str, &str),
    uid: &str,
    (number, image): (u64, u64),
    created: Timestamp,
    written: Timestamp,
) -> Value {
    json!({
        "metadata": {"namespace": "shop", "name": format!("{owner}-{image}"), "uid": uid,
            "creationTimestamp": created.to_string(),
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": kind, "name": owner,
                "uid": "owner", "controller": true}],
            "managedFields": [{"manager": "kube-controller-manager", "operation": "Update",
                "apiVersion": "apps/v1", "fieldsType": "FieldsV1", "time": written.to_string(),
                "fieldsV1": {"f:data": {}, "f:revision": {}}}]},
        "revision": number,
        "data": {"spec": {"template": {"$patch": "replace", "spec": {"containers": [
            {"name": "app", "image": format!("registry.example.org/{owner}:{image}")}]}}}},
    })
}
