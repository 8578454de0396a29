//! A cluster's life from a seed, and the truth of it: what happened, when, and in which versions of
//! which objects it can be seen.

#[path = "life/others.rs"]
mod others;

use crate::{
    api::{Server, State},
    world::{Dice, Key},
};
use model::Timestamp;
use others::Others;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Something that happened.
#[derive(Clone, Debug)]
pub(crate) struct Fact {
    /// Id of its event.
    pub(crate) id: String,
    /// Id of its event where only its end was seen.
    pub(crate) by_end: Option<String>,
    /// The id is only the beginning of the event's.
    pub(crate) prefix: bool,
    pub(crate) plural: &'static str,
    pub(crate) start: Timestamp,
    /// Another start that is as true, while the exact time of a change is not known.
    pub(crate) or_start: Option<Timestamp>,
    pub(crate) end: Option<Timestamp>,
    /// The version that shows it first, and the one that no longer does.
    pub(crate) from: u64,
    pub(crate) until: Option<u64>,
    /// It can only be told by who saw a version from this one on, before `from`.
    pub(crate) after: Option<u64>,
    pub(crate) attributes: Vec<(&'static str, String)>,
}

struct Pod {
    key: Key,
    uid: String,
    restarts: u64,
    deleting: Option<Timestamp>,
    life: usize,
    terminating: Option<usize>,
    last_end: Option<usize>,
}

struct Node {
    name: String,
    uid: String,
    added: usize,
    down: Option<usize>,
    boot: Option<usize>,
    kubelet: Option<usize>,
    boots: u64,
    upgrades: u64,
    /// Version that showed the present boot and kubelet first.
    since: u64,
}

struct Deployment {
    name: String,
    uid: String,
    generation: u64,
    replicas: u64,
    /// Uid and numbers of each replica set.
    sets: Vec<(String, Vec<u64>)>,
    scale: Option<usize>,
    since: u64,
}

struct Job {
    key: Key,
    fact: usize,
}

struct Notice {
    key: Key,
    fact: usize,
    count: u64,
}

pub(crate) struct Life {
    server: Server,
    now: std::sync::Arc<dyn Fn() -> Timestamp + Send + Sync>,
    dice: Dice,
    pub(crate) facts: Vec<Fact>,
    /// When each version came to be.
    pub(crate) times: BTreeMap<u64, Timestamp>,
    pods: Vec<Pod>,
    nodes: Vec<Node>,
    deployments: Vec<Deployment>,
    jobs: Vec<Job>,
    notices: Vec<Notice>,
    others: Others,
    made: u64,
}

impl Life {
    /// Begins with a small cluster; `now` is the server's clock.
    pub(crate) fn begin(
        server: &Server,
        now: std::sync::Arc<dyn Fn() -> Timestamp + Send + Sync>,
        seed: u64,
    ) -> Self {
        let mut life = Self {
            server: server.clone(),
            now,
            dice: Dice::new(seed ^ 0xC0FF_EE00),
            facts: Vec::new(),
            times: BTreeMap::new(),
            pods: Vec::new(),
            nodes: Vec::new(),
            deployments: Vec::new(),
            jobs: Vec::new(),
            notices: Vec::new(),
            others: Others::default(),
            made: 0,
        };
        life.storage();
        for _ in 0..3 {
            life.add_node();
        }
        life.add_deployment();
        life.begin_others();
        for _ in 0..3 {
            life.add_pod();
        }
        life
    }

    /// One thing happens.
    pub(crate) fn step(&mut self) {
        match self.dice.below(30) {
            0..=3 => self.add_pod(),
            4..=5 => self.restart(),
            6..=8 => self.delete_pod(),
            9..=12 => self.remove_pod(),
            13 => self.node_down_or_up(),
            14 => self.reboot(),
            15 => self.upgrade(),
            16 if self.nodes.len() < 5 => self.add_node(),
            16 => self.remove_node(),
            17 => self.roll_out(),
            18 => self.roll_back(),
            19 => self.scale(),
            20 => self.job(),
            21 => self.finish_job(),
            24..=29 => self.step_others(),
            _ => self.notice(),
        }
    }

    /// Now, in whole seconds as objects have it.
    fn second(&self) -> Timestamp {
        (self.now)().floor_to(1_000)
    }

    fn uid(&mut self) -> String {
        self.made += 1;
        format!(
            "{:08x}-0000-4000-8000-{:012x}",
            self.dice.next() as u32,
            self.made
        )
    }

    fn put(&mut self, plural: &str, object: Value) -> u64 {
        let version = self.server.change(|state| state.world.put(plural, object));
        self.times.insert(version, (self.now)());
        version
    }

    fn edit(&mut self, plural: &str, key: &Key, edit: impl FnOnce(&mut Value)) -> u64 {
        let mut object = self.server.state().world.get(plural, key).cloned().unwrap();
        edit(&mut object);
        self.put(plural, object)
    }

    fn delete(&mut self, plural: &str, key: &Key) -> u64 {
        let version = self.server.change(|state| state.world.delete(plural, key));
        self.times.insert(version, (self.now)());
        version
    }

    fn fact(&mut self, plural: &'static str, id: String, start: Timestamp, from: u64) -> usize {
        self.facts.push(Fact {
            id,
            by_end: None,
            prefix: false,
            plural,
            start,
            or_start: None,
            end: None,
            from,
            until: None,
            after: None,
            attributes: Vec::new(),
        });
        self.facts.len() - 1
    }

    fn storage(&mut self) {
        let at = self.second();
        let uid = self.uid();
        self.put("persistentvolumes", json!({
            "metadata": {"name": "pv-shared", "uid": uid, "creationTimestamp": at.to_string()},
            "spec": {"csi": {"driver": "efs.csi.aws.com", "volumeHandle": "fs-0123abcd::fsap-0456"},
                     "claimRef": {"namespace": "shop", "name": "shared"}},
        }));
        let uid = self.uid();
        self.put("persistentvolumeclaims", json!({
            "metadata": {"namespace": "shop", "name": "shared", "uid": uid, "creationTimestamp": at.to_string()},
            "spec": {"volumeName": "pv-shared"},
        }));
    }

    fn add_node(&mut self) {
        let (uid, at) = (self.uid(), self.second());
        let name = format!("node-{}", self.made);
        let object = json!({
            "metadata": {"name": name, "uid": uid, "creationTimestamp": at.to_string()},
            "spec": {"providerID": format!("aws:///eu-west-1a/i-{}", self.made)},
            "status": {
                "conditions": [{"type": "Ready", "status": "True", "lastHeartbeatTime": at.to_string(),
                                "lastTransitionTime": at.to_string()}],
                "nodeInfo": {"bootID": format!("boot-{uid}-0"), "kubeletVersion": "v1.36.0",
                             "kernelVersion": "6.1.0", "containerRuntimeVersion": "containerd://2.1.0",
                             "architecture": "amd64", "kubeProxyVersion": "", "machineID": "",
                             "operatingSystem": "linux", "osImage": "", "systemUUID": ""},
            },
        });
        let from = self.put("nodes", object);
        let added = self.fact("nodes", format!("node-{uid}-added"), at, from);
        self.nodes.push(Node {
            name,
            uid,
            added,
            down: None,
            boot: None,
            kubelet: None,
            boots: 0,
            upgrades: 0,
            since: from,
        });
    }

    fn any_node(&mut self) -> Option<usize> {
        (!self.nodes.is_empty()).then(|| self.dice.below(self.nodes.len() as u64) as usize)
    }

    fn node_down_or_up(&mut self) {
        let Some(i) = self.any_node() else { return };
        let (at, key) = (self.second(), (String::new(), self.nodes[i].name.clone()));
        let joined = self.facts[self.nodes[i].added].start;
        if at.since(joined) < 5_000 {
            return; // it would only be coming up
        }
        let up = self.nodes[i].down.take();
        let ready = if up.is_some() { "True" } else { "False" };
        let version = self.edit("nodes", &key, |node| {
            let condition = &mut node["status"]["conditions"][0];
            if condition["lastTransitionTime"] == at.to_string() {
                return; // one change a second at most
            }
            condition["status"] = json!(ready);
            condition["lastTransitionTime"] = json!(at.to_string());
            condition["lastHeartbeatTime"] = json!(at.to_string());
        });
        let node = self
            .server
            .state()
            .world
            .get("nodes", &key)
            .cloned()
            .unwrap();
        if node["status"]["conditions"][0]["status"] != ready {
            self.nodes[i].down = up;
            return;
        }
        let uid = self.nodes[i].uid.clone();
        if let Some(fact) = up {
            self.facts[fact].end = Some(at);
            self.facts[fact].until = Some(version);
            self.facts[fact].by_end = Some(format!("node-{uid}-notready-until-{}", at.seconds()));
        } else {
            let id = format!("node-{uid}-notready-{}", at.seconds());
            let fact = self.fact("nodes", id, at, version);
            self.nodes[i].down = Some(fact);
        }
    }

    fn reboot(&mut self) {
        let Some(i) = self.any_node() else { return };
        let at = self.second();
        self.nodes[i].boots += 1;
        let boot = format!("boot-{}-{}", self.nodes[i].uid, self.nodes[i].boots);
        let key = (String::new(), self.nodes[i].name.clone());
        let version = self.edit("nodes", &key, |node| {
            node["status"]["nodeInfo"]["bootID"] = json!(boot);
            node["status"]["conditions"][0]["lastHeartbeatTime"] = json!(at.to_string());
        });
        if let Some(before) = self.nodes[i].boot {
            self.facts[before].until = Some(version);
        }
        let fact = self.fact("nodes", format!("boot-{boot}"), at, version);
        self.facts[fact].after = Some(self.nodes[i].since);
        self.nodes[i].boot = Some(fact);
        self.nodes[i].since = version;
    }

    fn upgrade(&mut self) {
        let Some(i) = self.any_node() else { return };
        let at = self.second();
        self.nodes[i].upgrades += 1;
        let kubelet = format!("v1.36.{}", self.nodes[i].upgrades);
        let key = (String::new(), self.nodes[i].name.clone());
        let version = self.edit("nodes", &key, |node| {
            node["status"]["nodeInfo"]["kubeletVersion"] = json!(kubelet);
            node["status"]["conditions"][0]["lastHeartbeatTime"] = json!(at.to_string());
        });
        if let Some(before) = self.nodes[i].kubelet {
            self.facts[before].until = Some(version);
        }
        let id = format!("node-{}-kubelet-{kubelet}-", self.nodes[i].uid);
        let fact = self.fact("nodes", id, at, version);
        self.facts[fact].prefix = true;
        self.facts[fact].after = Some(self.nodes[i].since);
        self.nodes[i].kubelet = Some(fact);
        self.nodes[i].since = version;
    }

    fn remove_node(&mut self) {
        let Some(i) = self.any_node() else { return };
        let node = self.nodes.remove(i);
        let version = self.delete("nodes", &(String::new(), node.name.clone()));
        let at = (self.now)();
        for fact in [Some(node.added), node.down, node.boot, node.kubelet]
            .into_iter()
            .flatten()
        {
            self.facts[fact].until = Some(version);
        }
        if let Some(down) = node.down {
            self.facts[down].end = Some(at);
        }
        let removed = self.fact("nodes", format!("node-{}-removed", node.uid), at, version);
        self.facts[removed].after = Some(self.facts[node.added].from);
    }

    fn add_pod(&mut self) {
        let (uid, at) = (self.uid(), self.second());
        let name = format!("web-{}", self.made);
        let node = self
            .any_node()
            .map_or_else(String::new, |i| self.nodes[i].name.clone());
        let object = json!({
            "metadata": {"namespace": "shop", "name": name, "uid": uid, "creationTimestamp": at.to_string(),
                "managedFields": [{"manager": "kubelet", "operation": "Update", "time": at.to_string()}]},
            "spec": {"nodeName": node, "containers": [{"name": "app", "image": "web:1",
                        "volumeMounts": [{"name": "data", "mountPath": "/data", "subPath": "sites"}]}],
                     "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "shared"}}]},
            "status": {"phase": "Running",
                "conditions": [
                    {"type": "PodScheduled", "status": "True", "lastTransitionTime": at.to_string()},
                    {"type": "Ready", "status": "True", "lastTransitionTime": at.to_string()}],
                "containerStatuses": [{"name": "app", "image": "web:1", "imageID": "", "ready": true,
                                       "restartCount": 0}]},
        });
        let from = self.put("pods", object);
        let life = self.fact("pods", format!("pod-{uid}"), at, from);
        self.facts[life]
            .attributes
            .push(("ready_at", at.to_string()));
        self.pods.push(Pod {
            key: ("shop".to_owned(), name),
            uid,
            restarts: 0,
            deleting: None,
            life,
            terminating: None,
            last_end: None,
        });
    }

    fn any_pod(&mut self, wanted: impl Fn(&Pod) -> bool) -> Option<usize> {
        let good: Vec<usize> = (0..self.pods.len())
            .filter(|i| wanted(&self.pods[*i]))
            .collect();
        self.dice.pick(&good).copied()
    }

    fn restart(&mut self) {
        let Some(i) = self.any_pod(|pod| pod.deleting.is_none()) else {
            return;
        };
        let at = self.second();
        let reason = if self.dice.once_in(2) {
            "OOMKilled"
        } else {
            "Error"
        };
        self.pods[i].restarts += 1;
        let (restarts, key) = (self.pods[i].restarts, self.pods[i].key.clone());
        let version = self.edit("pods", &key, |pod| {
            let status = &mut pod["status"]["containerStatuses"][0];
            status["restartCount"] = json!(restarts);
            status["lastState"] = json!({"terminated": {"exitCode": 137, "reason": reason,
                "finishedAt": at.to_string(), "startedAt": at.to_string()}});
        });
        if let Some(before) = self.pods[i].last_end {
            self.facts[before].until = Some(version);
        }
        let id = format!("pod-{}-app-end-{restarts}", self.pods[i].uid);
        let fact = self.fact("pods", id, at, version);
        self.facts[fact]
            .attributes
            .push(("reason", reason.to_owned()));
        self.pods[i].last_end = Some(fact);
    }

    fn delete_pod(&mut self) {
        let Some(i) = self.any_pod(|pod| pod.deleting.is_none()) else {
            return;
        };
        let at = self.second();
        let deletion = at.plus(30_000);
        let key = self.pods[i].key.clone();
        let version = self.edit("pods", &key, |pod| {
            pod["metadata"]["deletionTimestamp"] = json!(deletion.to_string());
            pod["metadata"]["deletionGracePeriodSeconds"] = json!(30);
        });
        let fact = self.fact(
            "pods",
            format!("pod-{}-terminating", self.pods[i].uid),
            deletion,
            version,
        );
        self.facts[fact].or_start = Some(at);
        self.pods[i].deleting = Some(deletion);
        self.pods[i].terminating = Some(fact);
    }

    /// The kubelet, or somebody by force, lets go of a pod: the API server moves the
    /// deletionTimestamp back by the grace and then deletes.
    fn remove_pod(&mut self) {
        let Some(i) = self.any_pod(|pod| pod.deleting.is_some()) else {
            return;
        };
        let pod = self.pods.remove(i);
        let deletion = pod.deleting.unwrap();
        let server = self.server.clone();
        let requested = deletion.plus(-30_000);
        let key = pod.key.clone();
        let (shortened, version) = server.change(|state: &mut State| {
            let mut object = state.world.get("pods", &key).cloned().unwrap();
            object["metadata"]["deletionTimestamp"] = json!(requested.to_string());
            object["metadata"]["deletionGracePeriodSeconds"] = json!(0);
            let shortened = state.world.put("pods", object);
            (shortened, state.world.delete("pods", &key))
        });
        let at = (self.now)();
        self.times.insert(shortened, at);
        self.times.insert(version, at);
        for fact in [Some(pod.life), pod.terminating, pod.last_end]
            .into_iter()
            .flatten()
        {
            self.facts[fact].until = Some(version);
        }
        self.facts[pod.life].end = Some(at);
        let terminating = pod.terminating.unwrap();
        self.facts[terminating].end = Some(at);
        if at < deletion {
            // Gone within its grace: Terminating since it was asked for.
            self.facts[terminating].start = requested;
            self.facts[terminating].or_start = Some(deletion);
        }
    }

    fn add_deployment(&mut self) {
        let (uid, at) = (self.uid(), self.second());
        let name = "web".to_owned();
        let since = self.put(
            "deployments",
            deployment(&name, &uid, 1, 3, at, "f:template"),
        );
        self.deployments.push(Deployment {
            name,
            uid,
            generation: 1,
            replicas: 3,
            sets: Vec::new(),
            scale: None,
            since,
        });
        self.add_set(0);
    }

    fn add_set(&mut self, i: usize) {
        let (uid, at) = (self.uid(), self.second());
        let revision = self.last_revision(i) + 1;
        let name = format!("{}-{revision}", self.deployments[i].name);
        let object = replica_set(&self.deployments[i].name, &name, &uid, &[revision], at, at);
        let version = self.put("replicasets", object);
        let fact = self.fact("replicasets", format!("rollout-{uid}"), at, version);
        self.facts[fact]
            .attributes
            .push(("image", format!("web:{revision}")));
        self.deployments[i].sets.push((uid, vec![revision]));
    }

    fn last_revision(&self, i: usize) -> u64 {
        let sets = self.deployments[i].sets.iter();
        sets.flat_map(|(_, numbers)| numbers)
            .copied()
            .max()
            .unwrap_or(0)
    }

    fn roll_out(&mut self) {
        self.touch_deployment(0, "f:template");
        self.add_set(0);
    }

    fn roll_back(&mut self) {
        if self.deployments[0].sets.len() < 2 {
            return;
        }
        self.touch_deployment(0, "f:template");
        let newest = self.last_revision(0);
        let old: Vec<usize> = (0..self.deployments[0].sets.len())
            .filter(|s| !self.deployments[0].sets[*s].1.contains(&newest))
            .collect();
        let Some(set) = self.dice.pick(&old).copied() else {
            return;
        };
        self.deployments[0].sets[set].1.push(newest + 1);
        let (uid, numbers) = self.deployments[0].sets[set].clone();
        let (deployment, at) = (self.deployments[0].name.clone(), self.second());
        let name = format!("{deployment}-{}", numbers[0]);
        let key = ("shop".to_owned(), name.clone());
        let known = self
            .server
            .state()
            .world
            .get("replicasets", &key)
            .cloned()
            .unwrap();
        let created = known["metadata"]["creationTimestamp"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        let object = replica_set(&deployment, &name, &uid, &numbers, created, at);
        let version = self.put("replicasets", object);
        self.fact(
            "replicasets",
            format!("rollout-{uid}-{}", newest + 1),
            at,
            version,
        );
    }

    fn touch_deployment(&mut self, i: usize, field: &str) -> u64 {
        self.deployments[i].generation += 1;
        let at = self.second();
        let d = &self.deployments[i];
        let object = deployment(&d.name, &d.uid, d.generation, d.replicas, at, field);
        let version = self.put("deployments", object);
        if let Some(scale) = self.deployments[i].scale.take() {
            self.facts[scale].until = Some(version);
        }
        version
    }

    fn scale(&mut self) {
        let from = self.deployments[0].replicas;
        let to = 1 + self.dice.below(9);
        if from == to {
            return;
        }
        self.deployments[0].replicas = to;
        let at = self.second();
        let since = self.deployments[0].since;
        let version = self.touch_deployment(0, "f:replicas");
        let id = format!(
            "scale-{}-{}",
            self.deployments[0].uid, self.deployments[0].generation
        );
        let fact = self.fact("deployments", id, at, version);
        self.facts[fact].attributes.push(("to", to.to_string()));
        self.facts[fact].attributes.push(("from", from.to_string()));
        self.facts[fact].after = Some(since);
        self.deployments[0].scale = Some(fact);
        self.deployments[0].since = version;
    }

    fn job(&mut self) {
        let (uid, at) = (self.uid(), self.second());
        let key = ("shop".to_owned(), format!("report-{}", self.made));
        let version = self.put("jobs", json!({
            "metadata": {"namespace": key.0, "name": key.1, "uid": uid, "creationTimestamp": at.to_string(),
                "ownerReferences": [{"apiVersion": "batch/v1", "kind": "CronJob", "name": "report",
                    "uid": "owner", "controller": true}]},
            "status": {"startTime": at.to_string(), "active": 1},
        }));
        let fact = self.fact("jobs", format!("job-{uid}"), at, version);
        let owner = ("owner", "CronJob/report".to_owned());
        self.facts[fact].attributes.push(owner);
        self.jobs.push(Job { key, fact });
    }

    fn finish_job(&mut self) {
        let count = self.jobs.len() as u64;
        if count == 0 {
            return;
        }
        let job = self.jobs.remove(self.dice.below(count) as usize);
        let at = self.second();
        if self.dice.once_in(3) {
            let version = self.delete("jobs", &job.key);
            self.facts[job.fact].end = Some((self.now)());
            self.facts[job.fact].until = Some(version);
            return;
        }
        self.facts[job.fact].end = Some(at);
        self.edit("jobs", &job.key, |job| {
            job["status"] = json!({"startTime": job["status"]["startTime"],
                "completionTime": at.to_string(), "succeeded": 1});
        });
    }

    fn notice(&mut self) {
        let count = self.notices.len() as u64;
        let at = self.second();
        if count > 0 && self.dice.once_in(2) {
            let i = self.dice.below(count) as usize;
            if self.dice.once_in(4) {
                let notice = self.notices.remove(i);
                let version = self.delete("events", &notice.key);
                self.facts[notice.fact].until = Some(version);
                return;
            }
            self.notices[i].count += 1;
            let (key, count) = (self.notices[i].key.clone(), self.notices[i].count);
            let version = self.edit("events", &key, |event| {
                if event["series"].is_null() && event["eventTime"].is_null() {
                    event["count"] = json!(count);
                    event["lastTimestamp"] = json!(at.to_string());
                } else {
                    event["series"] = json!({"count": count, "lastObservedTime": micro(at)});
                }
            });
            let fact = &mut self.facts[self.notices[i].fact];
            fact.attributes = vec![
                ("count", count.to_string()),
                ("version", version.to_string()),
            ];
            fact.end = Some(at).filter(|at| *at > fact.start);
            return;
        }
        let uid = self.uid();
        let key = ("shop".to_owned(), format!("web.{}", self.made));
        let new = self.dice.once_in(2);
        let mut event = json!({
            "metadata": {"namespace": key.0, "name": key.1, "uid": uid, "creationTimestamp": at.to_string()},
            "involvedObject": {"kind": "Pod", "namespace": "shop", "name": "web-1"},
            "type": "Warning", "reason": "FailedMount", "message": "Unable to attach or mount volumes",
            "reportingComponent": "kubelet",
        });
        // As core/v1 shows what was written through events.k8s.io/v1, and its own.
        let times = if new {
            json!({"firstTimestamp": null, "lastTimestamp": null, "eventTime": micro(at), "source": {}})
        } else {
            json!({"firstTimestamp": at.to_string(), "lastTimestamp": at.to_string(), "count": 1,
                   "eventTime": null, "source": {"component": "kubelet"}})
        };
        for (name, value) in times.as_object().unwrap() {
            event[name] = value.clone();
        }
        let version = self.put("events", event);
        let fact = self.fact("events", format!("event-{uid}"), at, version);
        self.notices.push(Notice {
            key,
            fact,
            count: 1,
        });
    }
}

fn micro(at: Timestamp) -> String {
    at.to_string().replace('Z', ".000000Z")
}

fn deployment(
    name: &str,
    uid: &str,
    generation: u64,
    replicas: u64,
    at: Timestamp,
    field: &str,
) -> Value {
    json!({
        "metadata": {"namespace": "shop", "name": name, "uid": uid, "generation": generation,
            "creationTimestamp": at.to_string(), "labels": {"helm.sh/chart": "web-1.2.3"},
            "managedFields": [{"manager": "kubectl-edit", "operation": "Update", "apiVersion": "apps/v1",
                "fieldsType": "FieldsV1", "time": at.to_string(), "fieldsV1": {"f:spec": {field: {}}}}]},
        "spec": {"replicas": replicas},
    })
}

fn replica_set(
    deployment: &str,
    name: &str,
    uid: &str,
    numbers: &[u64],
    created: Timestamp,
    written: Timestamp,
) -> Value {
    let (last, earlier) = numbers.split_last().unwrap();
    let history: Vec<String> = earlier.iter().map(ToString::to_string).collect();
    let mut annotations = json!({"deployment.kubernetes.io/revision": last.to_string()});
    if !history.is_empty() {
        annotations["deployment.kubernetes.io/revision-history"] = json!(history.join(","));
    }
    json!({
        "metadata": {"namespace": "shop", "name": name, "uid": uid, "creationTimestamp": created.to_string(),
            "annotations": annotations,
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": deployment,
                "uid": "owner", "controller": true}],
            "managedFields": [{"manager": "kube-controller-manager", "operation": "Update",
                "apiVersion": "apps/v1", "fieldsType": "FieldsV1", "time": written.to_string(),
                "fieldsV1": {"f:metadata": {"f:annotations": {"f:deployment.kubernetes.io/revision": {}}}}}]},
        "spec": {"selector": {}, "template": {"spec": {"containers": [
            {"name": "app", "image": format!("web:{}", numbers[0])}]}}},
    })
}
