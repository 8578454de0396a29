//! The demonstration. On 20 May 2020 every PHP site gets a patched image (CVE-2019-11048). Five old
//! pods never leave; their nodes' NFS clients list a directory without end. The credits last until
//! the night of 22 May; the nodes are rebooted in the late morning.

use crate::{
    Simulated, Truth, background,
    cluster::{CLUSTER, Cluster, Pod, image},
    efs::CREDIT_CAP,
    files,
    log::{Key, Log, event, object, with},
    metrics,
    random::Random,
    recorder::Recorder,
    rollouts::{Plan, roll_out, terminating},
    story::{Roles, Telling, alert, jitter, note, provider_incident},
    traffic,
    zombies::{InputOutput, Setting, Zombie},
};
use model::{
    Annotation, EventKind, Impact, Timestamp, Window,
    time::{DAY, HOUR, MINUTE, SECOND},
};

/// 2020-05-17T00:00:00Z, the window's start.
const START: Timestamp = Timestamp::from_seconds(1_589_673_600);
/// Length of the window: until 2020-05-23T12:00:00Z.
const LENGTH: i64 = 6 * DAY + 12 * HOUR;
/// 2020-05-20.
const PATCH_DAY: Timestamp = START.plus(3 * DAY);
/// 2020-05-22, the night and the morning of the incident.
const NIGHT: Timestamp = START.plus(5 * DAY);
/// Parts of the zombies' requests that each zombie has. The first alone already outweighs the
/// baseline, and each further one steepens the fall.
const SHARES: [f64; 5] = [0.34, 0.20, 0.16, 0.18, 0.12];

/// A pod that does not leave.
struct Stuck {
    pod: Pod,
    event: Key,
    from: Timestamp,
    until: Option<Timestamp>,
    share: f64,
}

/// The story while it is told.
struct Scene {
    seed: u64,
    window: Window,
    random: Random,
    cluster: Cluster,
    log: Log,
    roles: Roles,
    stuck: Vec<Stuck>,
}

/// Tells the story.
pub(crate) fn tell(seed: u64) -> Simulated {
    let window = Window {
        start: START,
        end: START.plus(LENGTH),
    };
    let mut scene = Scene {
        seed,
        window,
        random: Random::new(seed, "story"),
        cluster: Cluster::new(seed, START, "7.4.5"),
        log: Log::default(),
        roles: Roles::default(),
        stuck: Vec::new(),
    };
    scene.forgotten_pods();
    scene.days_before();
    scene.patch();
    scene.days_between();
    let listing = scene.listing();
    scene.reboots();
    scene.afterwards();
    let io = scene.input_output();
    scene.tell_metrics(&io, listing)
}

/// When the credits are used up: at 03:00 UTC for seed 1, up to 15 minutes away for the others.
fn exhaustion(seed: u64) -> Timestamp {
    let turn = (seed.wrapping_sub(1) % 31) as i64 * 7 % 31;
    NIGHT.plus(3 * HOUR + (if turn > 15 { turn - 31 } else { turn }) * MINUTE)
}

impl Scene {
    /// Two pods that have been stuck for weeks and do nothing.
    fn forgotten_pods(&mut self) {
        let workloads = self.cluster.php();
        for (age, terminating_for) in [(40 * DAY, 25 * DAY), (22 * DAY, 20 * DAY)] {
            let created = START.plus(-age + self.random.whole(0, 20) * HOUR);
            let from = START.plus(-terminating_for + self.random.whole(0, 600) * MINUTE);
            let workload = workloads.get(self.random.index(workloads.len())).copied();
            let node = self.random.index(5);
            let Some(pod) = workload.and_then(|w| self.cluster.forgotten_pod(w, node, created))
            else {
                continue;
            };
            let event = self.log.push(terminating(&pod, from));
            self.roles.harmless.push(event);
            self.roles.stuck.push(event);
            self.roles.decoys.push(event);
            self.stuck.push(Stuck {
                pod,
                event,
                from,
                until: None,
                share: 0.0,
            });
        }
    }

    fn ordinary_rollouts(&mut self, day: Timestamp, from: i64, to: i64) {
        let hours = Window {
            start: day.plus(from),
            end: day.plus(to).min(self.window.end),
        };
        let keys = background::daily_rollouts(
            &mut self.cluster,
            &mut self.log,
            &mut self.random,
            day,
            hours,
        );
        self.roles.decoys.extend(keys);
    }

    fn days_before(&mut self) {
        for day in 0..3 {
            self.ordinary_rollouts(START.plus(day * DAY), 0, DAY);
        }
        let at = START.plus(DAY + 14 * HOUR + jitter(&mut self.random, 50));
        let keys = background::spot_replacement(&mut self.cluster, &mut self.log, at, &[]);
        self.roles.decoys.extend(keys);
    }

    /// The cluster-wide rollout, one Deployment every four minutes or so from 09:30.
    fn patch(&mut self) {
        self.cluster.php_version = "7.4.6";
        let mut at = PATCH_DAY.plus(9 * HOUR + 30 * MINUTE + jitter(&mut self.random, 12));
        for (place, workload) in self.patch_order().into_iter().enumerate() {
            let stuck: &[usize] = match place {
                4 => &[0, 1],
                7 | 17 => &[0],
                12 => &[1],
                _ => &[],
            };
            self.patch_one(workload, at, stuck);
            at = at.plus(self.random.whole(150, 330) * SECOND);
        }
        self.ordinary_rollouts(PATCH_DAY, 13 * HOUR, DAY);
    }

    /// Any order, with sites in production at the places where two pods are needed.
    fn patch_order(&mut self) -> Vec<usize> {
        let mut order = self.cluster.php();
        for i in (1..order.len()).rev() {
            order.swap(i, self.random.index(i + 1));
        }
        for place in [4, 12] {
            let production = |i: &usize| {
                self.cluster
                    .workloads
                    .get(*i)
                    .is_some_and(crate::cluster::Workload::is_production)
            };
            let found = (place..order.len()).find(|&p| order.get(p).is_some_and(production));
            if let Some(found) = found {
                order.swap(place, found);
            }
        }
        order
    }

    fn patch_one(&mut self, workload: usize, at: Timestamp, stuck: &[usize]) {
        let name = self.cluster.workloads.get(workload).map(|w| w.name.clone());
        let build = self.random.whole(100, 900);
        let plan = Plan {
            workload,
            at,
            image: image(
                &name.unwrap_or_default(),
                true,
                self.cluster.php_version,
                build,
            ),
            why: "PHP 7.4.6 (CVE-2019-11048)",
            user: "platform-team",
            stuck,
        };
        let done = roll_out(&mut self.cluster, &mut self.log, &mut self.random, &plan);
        let side = if stuck.is_empty() {
            &mut self.roles.campaign
        } else {
            &mut self.roles.culprit
        };
        side.push(done.rollout);
        for (i, (pod, event, from)) in done.replaced.into_iter().enumerate() {
            if stuck.contains(&i) {
                let zombies = self.stuck.iter().filter(|s| s.share > 0.0).count();
                let share = SHARES.get(zombies).copied().unwrap_or(0.1);
                self.roles.culprit.push(event);
                self.roles.stuck.push(event);
                self.stuck.push(Stuck {
                    pod,
                    event,
                    from,
                    until: None,
                    share,
                });
            } else {
                self.roles.campaign.push(event);
            }
        }
    }

    /// From the afternoon of 20 May to the night of 22 May: business as usual, one node rebooted
    /// for its kernel, and what happens to stand near 03:00.
    fn days_between(&mut self) {
        let day = PATCH_DAY.plus(DAY);
        if let Some(node) = self.lonely_zombie() {
            let at = day.plus(7 * HOUR + 40 * MINUTE + jitter(&mut self.random, 25));
            self.reboot(&node, at, "kernel update");
        }
        self.ordinary_rollouts(day, 0, DAY);
        let keep: Vec<String> = self.stuck.iter().map(|s| s.pod.node.clone()).collect();
        let at = day.plus(16 * HOUR + 20 * MINUTE + jitter(&mut self.random, 40));
        let keys = background::spot_replacement(&mut self.cluster, &mut self.log, at, &keep);
        self.roles.decoys.extend(keys);
        for (hour, minute, name) in [
            (1, 12, "copperkettle-production"),
            (2, 8, "dockside-cycles-staging"),
            (2, 41, "harbour-theatre-production"),
        ] {
            let at = NIGHT.plus(hour * HOUR + minute * MINUTE + jitter(&mut self.random, 6));
            let Some(workload) = self.cluster.find(name) else {
                continue;
            };
            let done = crate::rollouts::ordinary(
                &mut self.cluster,
                &mut self.log,
                &mut self.random,
                workload,
                at,
            );
            self.roles.decoys.push(done.rollout);
            self.roles
                .decoys
                .extend(done.replaced.iter().map(|(_, key, _)| *key));
        }
        self.configuration();
    }

    fn configuration(&mut self) {
        let day = PATCH_DAY.plus(DAY);
        let change = |at: Timestamp, title: &str, namespace: &str, kind: &str, name: &str| {
            let mut change = event(EventKind::ConfigChange, "kubernetes", at, title.to_owned());
            change.cluster = CLUSTER.into();
            change.namespace = namespace.into();
            change.object = object(kind, name);
            with(change, "user", "platform-team")
        };
        let ingress = change(
            day.plus(18 * HOUR + 5 * MINUTE),
            "Ingress: proxy-read-timeout 60 s to 75 s",
            "ingress-nginx",
            "ConfigMap",
            "nginx-configuration",
        );
        let plugins = change(
            day.plus(23 * HOUR + 30 * MINUTE),
            "elmfield-school: automatic update of two CMS plug-ins",
            "elmfield-school",
            "Deployment",
            "elmfield-school-production",
        );
        let posted = NIGHT.plus(2 * HOUR + 20 * MINUTE + jitter(&mut self.random, 10));
        let provider = provider_incident(
            posted,
            posted.plus(95 * MINUTE),
            "Amazon Connect",
            "us-east-1",
        );
        for event in [ingress, plugins, provider] {
            let key = self.log.push(event);
            self.roles.decoys.push(key);
        }
    }

    /// The node of the last zombie that has its node to itself.
    fn lonely_zombie(&self) -> Option<String> {
        let alone = |s: &&Stuck| {
            let same = self.stuck.iter().filter(|o| o.pod.node == s.pod.node);
            s.share > 0.0 && same.count() == 1
        };
        self.stuck.iter().rfind(alone).map(|s| s.pod.node.clone())
    }

    fn reboot(&mut self, node: &str, at: Timestamp, why: &str) {
        background::reboot(&mut self.log, node, at, why);
        for stuck in self
            .stuck
            .iter_mut()
            .filter(|s| s.pod.node == node && s.until.is_none())
        {
            stuck.until = Some(at);
            // The node reports the pod's end when its kubelet is back.
            self.log
                .end(stuck.event, at.plus(self.random.whole(100, 200) * SECOND));
        }
    }

    /// `kubectl get pods --all-namespaces | grep Terminating` in the morning.
    fn listing(&mut self) -> model::bundle::RawFile {
        let at = NIGHT.plus(9 * HOUR + 50 * MINUTE);
        let left: Vec<&Pod> = self
            .stuck
            .iter()
            .filter(|s| s.until.is_none())
            .map(|s| &s.pod)
            .collect();
        files::raw("pods-terminating.txt", at, files::listing(&left, None, at))
    }

    /// The nodes of all zombies, one after another.
    fn reboots(&mut self) {
        let mut at = NIGHT.plus(10 * HOUR + 40 * MINUTE + jitter(&mut self.random, 10));
        let mut order: Vec<usize> = (0..self.stuck.len()).collect();
        // Those that do something first: the harmless ones show that their end changes nothing.
        order.sort_by_key(|&i| self.stuck.get(i).is_some_and(|s| s.share == 0.0));
        for i in order {
            let node = match self.stuck.get(i) {
                Some(s) if s.until.is_none() => s.pod.node.clone(),
                _ => continue,
            };
            self.reboot(&node, at, "manual");
            at = at.plus(self.random.whole(13, 22) * MINUTE);
        }
    }

    fn afterwards(&mut self) {
        self.ordinary_rollouts(NIGHT, 14 * HOUR, DAY);
        self.ordinary_rollouts(NIGHT.plus(DAY), 0, DAY);
        let (log, random, window) = (&mut self.log, &mut self.random, self.window);
        let decoys = &mut self.roles.decoys;
        decoys.extend(background::cron_jobs(log, random, window));
        decoys.extend(background::scaling(&self.cluster, log, random, window));
        decoys.extend(background::restarts(&self.cluster, log, random, window));
    }

    fn input_output(&self) -> InputOutput {
        let zombies = self
            .stuck
            .iter()
            .filter(|s| s.share > 0.0)
            .map(|s| Zombie {
                node: s.pod.node.clone(),
                from: s.from,
                until: s.until,
                share: s.share,
            })
            .collect();
        let times = traffic::minutes(self.window);
        let setting = Setting::new(self.seed, times, CREDIT_CAP, zombies, 0.0);
        setting.run(setting.rate_for_exhaustion_at(exhaustion(self.seed)))
    }

    fn tell_metrics(mut self, io: &InputOutput, listing: model::bundle::RawFile) -> Simulated {
        let mut recorder = Recorder::new(self.seed, self.window);
        metrics::efs_metrics::record(&mut recorder, self.seed, io);
        metrics::sites::record(&mut recorder, self.seed, io, &self.cluster);
        metrics::platform::record(&mut recorder, self.seed, &io.times, &self.cluster);
        let exhausted = io.exhausted_at();
        let felt = exhausted.unwrap_or(NIGHT.plus(3 * HOUR));
        let over = io.relieved_at().unwrap_or(NIGHT.plus(12 * HOUR));
        for (site, after) in [
            ("alder-outdoor", 4),
            ("harbour-theatre", 5),
            ("larkrise-hotel", 5),
        ] {
            let late = self.random.whole(0, 50) * SECOND;
            let start = felt.plus(after * MINUTE + late);
            self.log
                .push(alert(site, start, Some(over.plus(4 * MINUTE + late))));
        }
        let first = self
            .stuck
            .iter()
            .filter(|s| s.share > 0.0)
            .map(|s| s.from)
            .min();
        let truth = Truth {
            onset: first.map(next_minute).unwrap_or_default(),
            exhausted_at: exhausted,
            symptom_start: exhausted,
            ..Truth::default()
        };
        let telling = Telling {
            seed: self.seed,
            title: "Slow sites since 03:00 on 22 May".into(),
            window: self.window,
            impact: Impact {
                start: felt,
                end: Some(over),
            },
            log: self.log,
            series: recorder.finish("zombie pods"),
            cluster: self.cluster,
            annotations: annotations(felt, over),
            files: vec![listing],
        };
        telling.finish(&self.roles, truth)
    }
}

/// The first whole minute from `at` on.
fn next_minute(at: Timestamp) -> Timestamp {
    at.plus(MINUTE - 1).floor_to(MINUTE)
}

fn annotations(felt: Timestamp, over: Timestamp) -> Vec<Annotation> {
    let at = |hour: i64, minute: i64| NIGHT.plus(hour * HOUR + minute * MINUTE);
    vec![
        note(
            "note-1",
            felt.plus(4 * MINUTE),
            None,
            "First alert: a handful of sites are slow. Nothing is down, no errors.",
            &crate::metrics::sites::SYMPTOM,
        ),
        note(
            "note-2",
            at(8, 25),
            None,
            "touch on the EFS mount takes 334 ms, on local disk 10 ms.",
            &["touch.efs", "touch.local"],
        ),
        note("note-3", at(8, 50), None, "Ticket opened with AWS.", &[]),
        note(
            "note-4",
            at(9, 20),
            None,
            "BurstCreditBalance is at zero since the first alert.",
            &["efs.burst_credit_balance"],
        ),
        note(
            "note-5",
            at(10, 30),
            Some(over.plus(20 * MINUTE)),
            "Rebooting the nodes that have pods in Terminating, one after another.",
            &[],
        ),
    ]
}
