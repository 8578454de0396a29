//! The demonstration. On 20 May 2020 every PHP site gets a patched image (CVE-2019-11048). Five old
//! pods never leave; their nodes' NFS clients list a directory without end. The credits last until
//! the night of 22 May; the nodes are rebooted in the late morning.

mod patch;

use crate::{
    Simulated, background,
    cluster::{CLUSTER, Pod},
    efs::CREDIT_CAP,
    files,
    log::{Key, event, object, with},
    metrics,
    recorder::Recorder,
    rollouts::terminating,
    story::{Telling, Times, alert, note, provider_incident, stage::Stage},
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
    stage: Stage,
    stuck: Vec<Stuck>,
}

/// Tells the story.
pub(crate) fn tell(seed: u64) -> Simulated {
    let window = Window {
        start: START,
        end: START.plus(LENGTH),
    };
    let mut scene = Scene {
        stage: Stage::new(seed, "story", window, "7.4.5"),
        stuck: Vec::new(),
    };
    scene.forgotten_pods();
    scene.days_before();
    scene.patch();
    scene.days_between();
    let listing = scene.listing();
    scene.reboots();
    scene.stage.ordinary_rollouts(NIGHT, 14 * HOUR, DAY);
    scene.stage.ordinary_rollouts(NIGHT.plus(DAY), 0, DAY);
    scene.stage.everyday();
    let io = scene.input_output();
    scene.tell_metrics(&io, listing)
}

/// When the credits are used up: at 03:00 UTC for seed 1, up to 15 minutes away for the others.
fn exhaustion(seed: u64) -> Timestamp {
    let turn = (seed.wrapping_sub(1) % 31).cast_signed() * 7 % 31;
    NIGHT.plus(3 * HOUR + (if turn > 15 { turn - 31 } else { turn }) * MINUTE)
}

impl Scene {
    /// Two pods that have been stuck for weeks and do nothing.
    fn forgotten_pods(&mut self) {
        let workloads = self.stage.cluster.php();
        for (age, terminating_for) in [(40 * DAY, 25 * DAY), (22 * DAY, 20 * DAY)] {
            let created = START.plus(-age + self.stage.random.whole(0, 20) * HOUR);
            let from = START.plus(-terminating_for + self.stage.random.whole(0, 600) * MINUTE);
            let workload = workloads
                .get(self.stage.random.index(workloads.len()))
                .copied();
            let node = self.stage.random.index(5);
            let Some(pod) =
                workload.and_then(|w| self.stage.cluster.forgotten_pod(w, node, created))
            else {
                continue;
            };
            let event = self.stage.log.push(terminating(&pod, from));
            self.stage.roles.harmless.push(event);
            self.stage.roles.stuck.push(event);
            self.stage.roles.decoys.push(event);
            self.stuck.push(Stuck {
                pod,
                event,
                from,
                until: None,
                share: 0.0,
            });
        }
    }

    fn days_before(&mut self) {
        self.stage.ordinary_rollouts(START, 0, DAY);
        self.stage.ordinary_rollouts(START.plus(DAY), 0, DAY);
        let at = START.plus(DAY + 19 * HOUR + self.stage.jitter(50));
        self.stage.spot_replacement(at, &[]);
        self.stage.ordinary_rollouts(START.plus(2 * DAY), 0, DAY);
    }

    /// From the afternoon of 20 May to the night of 22 May: business as usual, one node rebooted
    /// for its kernel, and what happens to stand near 03:00.
    fn days_between(&mut self) {
        let day = PATCH_DAY.plus(DAY);
        if let Some(node) = self.lonely_zombie() {
            let at = day.plus(7 * HOUR + 40 * MINUTE + self.stage.jitter(25));
            self.reboot(&node, at, "kernel update");
        }
        self.stage.ordinary_rollouts(day, 0, DAY);
        let keep: Vec<String> = self.stuck.iter().map(|s| s.pod.node.clone()).collect();
        let at = day.plus(20 * HOUR + 20 * MINUTE + self.stage.jitter(40));
        self.stage.spot_replacement(at, &keep);
        for (hour, minute, name) in [
            (1, 12, "copperkettle-production"),
            (2, 8, "dockside-cycles-staging"),
            (2, 41, "harbour-theatre-production"),
        ] {
            let at = NIGHT.plus(hour * HOUR + minute * MINUTE + self.stage.jitter(6));
            if let Some(workload) = self.stage.cluster.find(name) {
                self.stage.deploy(workload, at);
            }
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
        let posted = NIGHT.plus(2 * HOUR + 20 * MINUTE + self.stage.jitter(10));
        let provider = provider_incident(
            posted,
            posted.plus(95 * MINUTE),
            "Amazon Connect",
            "us-east-1",
        );
        for event in [ingress, plugins, provider] {
            self.stage.decoy(event);
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
        background::reboot(&mut self.stage.log, node, at, why);
        for stuck in self
            .stuck
            .iter_mut()
            .filter(|s| s.pod.node == node && s.until.is_none())
        {
            stuck.until = Some(at);
            // The node reports the pod's end when its kubelet is back.
            self.stage.log.end(
                stuck.event,
                at.plus(self.stage.random.whole(100, 200) * SECOND),
            );
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
        let mut at = NIGHT.plus(10 * HOUR + 40 * MINUTE + self.stage.jitter(10));
        let mut order: Vec<usize> = (0..self.stuck.len()).collect();
        // Those that do something first: the harmless ones show that their end changes nothing.
        order.sort_by_key(|&i| self.stuck.get(i).is_some_and(|s| s.share == 0.0));
        for i in order {
            let node = match self.stuck.get(i) {
                Some(s) if s.until.is_none() => s.pod.node.clone(),
                _ => continue,
            };
            self.reboot(&node, at, "manual");
            at = at.plus(self.stage.random.whole(13, 22) * MINUTE);
        }
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
        let times = traffic::minutes(self.stage.window);
        let setting = Setting::new(self.stage.seed, times, CREDIT_CAP, zombies, 0.0);
        setting.run(setting.rate_for_exhaustion_at(exhaustion(self.stage.seed)))
    }

    fn tell_metrics(mut self, io: &InputOutput, listing: model::bundle::RawFile) -> Simulated {
        let mut recorder = Recorder::new(self.stage.seed, self.stage.window);
        metrics::efs_metrics::record(&mut recorder, self.stage.seed, io);
        metrics::sites::record(&mut recorder, self.stage.seed, io, &self.stage.cluster);
        metrics::platform::record(
            &mut recorder,
            self.stage.seed,
            &io.times,
            &self.stage.cluster,
        );
        let exhausted = io.exhausted_at();
        let felt = exhausted.unwrap_or(NIGHT.plus(3 * HOUR));
        let over = io.relieved_at().unwrap_or(NIGHT.plus(12 * HOUR));
        for (site, after) in [
            ("alder-outdoor", 4),
            ("harbour-theatre", 5),
            ("larkrise-hotel", 5),
        ] {
            let late = self.stage.random.whole(0, 50) * SECOND;
            let start = felt.plus(after * MINUTE + late);
            self.stage
                .log
                .push(alert(site, start, Some(over.plus(4 * MINUTE + late))));
        }
        let first = self
            .stuck
            .iter()
            .filter(|s| s.share > 0.0)
            .map(|s| s.from)
            .min();
        let times = Times {
            onset: first.map(next_minute).unwrap_or_default(),
            exhausted_at: exhausted,
            symptom_start: exhausted,
        };
        let command = format!("lineup demo --seed {}", self.stage.seed);
        let telling = Telling {
            title: format!("Slow sites since {} on 22 May", felt.clock()),
            impact: Impact {
                start: felt,
                end: Some(over),
            },
            series: recorder.finish(&command),
            command,
            stage: self.stage,
            annotations: annotations(felt, over),
            files: vec![listing],
        };
        telling.finish(times)
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
