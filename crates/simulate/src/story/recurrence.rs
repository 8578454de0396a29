//! The return. On 26 May 2020 an ordinary rollout leaves two pods in Terminating. Their directory of
//! PHP sessions grows, and with it the requests; by 28 May the clients of their nodes are so busy
//! that sites on these nodes are slower. The credits fall ever faster, but last beyond the window.

use crate::{
    Simulated,
    cluster::{Pod, image},
    files,
    log::{event, pod_event, with},
    metrics,
    recorder::Recorder,
    rollouts::{Plan, roll_out},
    story::{Telling, Times, alert, note, provider_incident, stage::Stage},
    traffic,
    zombies::{InputOutput, Setting, Zombie},
};
use model::{
    Annotation, EventKind, Impact, Timestamp, Window,
    bundle::RawFile,
    time::{DAY, HOUR, MINUTE, SECOND},
};

/// 2020-05-24T00:00:00Z, the window's start.
const START: Timestamp = Timestamp::from_seconds(1_590_278_400);
/// Length of the window: until 2020-05-28T16:00:00Z.
const LENGTH: i64 = 4 * DAY + 16 * HOUR;
/// 2020-05-26.
const ROLLOUT_DAY: Timestamp = START.plus(2 * DAY);
/// 2020-05-28.
const LAST_DAY: Timestamp = START.plus(4 * DAY);
/// Requests that the zombies' directory costs more each day, in parts of the first level.
const GROWTH_PER_DAY: f64 = 1.1;
/// The Deployment whose rollout leaves them.
const LEFT_BY: &str = "dockside-cycles-production";

/// The story while it is told.
struct Scene {
    stage: Stage,
    zombies: Vec<Zombie>,
    pods: Vec<Pod>,
}

/// Tells the story.
pub(crate) fn tell(seed: u64) -> Simulated {
    let window = Window {
        start: START,
        end: START.plus(LENGTH),
    };
    let mut scene = Scene {
        stage: Stage::new(seed, "recurrence", window, "7.4.6"),
        zombies: Vec::new(),
        pods: Vec::new(),
    };
    scene.rollouts();
    scene.settle();
    scene.unrelated();
    let io = scene.input_output();
    scene.kubelet_messages();
    scene.tell_metrics(&io)
}

impl Scene {
    fn rollouts(&mut self) {
        for day in 0..2 {
            self.stage.ordinary_rollouts(START.plus(day * DAY), 0, DAY);
        }
        self.stage
            .ordinary_rollouts(ROLLOUT_DAY, 0, 13 * HOUR + 30 * MINUTE);
        self.culprit();
        self.stage
            .ordinary_rollouts(ROLLOUT_DAY, 14 * HOUR + 30 * MINUTE, DAY);
        self.stage.ordinary_rollouts(ROLLOUT_DAY.plus(DAY), 0, DAY);
        let keep: Vec<String> = self.zombies.iter().map(|z| z.node.clone()).collect();
        let at = ROLLOUT_DAY.plus(DAY + 20 * HOUR + self.stage.jitter(60));
        self.stage.spot_replacement(at, &keep);
        self.stage.ordinary_rollouts(LAST_DAY, 0, 9 * HOUR);
        // Two in the night, shortly before sites become slower.
        for (minute, name) in [
            (150, "alder-outdoor-staging"),
            (205, "larkrise-hotel-production"),
        ] {
            let at = LAST_DAY.plus(minute * MINUTE + self.stage.jitter(10));
            if let Some(workload) = self.stage.cluster.find(name) {
                self.stage.deploy(workload, at);
            }
        }
    }

    /// Around 14:00 on 26 May: three pods are replaced, two of the old ones stay.
    fn culprit(&mut self) {
        let Some(workload) = self.stage.cluster.find(LEFT_BY) else {
            return;
        };
        let plan = Plan {
            workload,
            at: ROLLOUT_DAY.plus(14 * HOUR + self.stage.jitter(8)),
            image: image(
                LEFT_BY,
                true,
                self.stage.cluster.php_version,
                self.stage.random.whole(100, 900),
            ),
            why: "new build",
            user: "gitlab-deploy",
            stuck: &[0, 1],
        };
        let done = roll_out(
            &mut self.stage.cluster,
            &mut self.stage.log,
            &mut self.stage.random,
            &plan,
        );
        self.stage.roles.culprit.push(done.rollout);
        for (i, (pod, event, from)) in done.replaced.into_iter().enumerate() {
            let Some(share) = [0.55, 0.45].get(i) else {
                self.stage.roles.campaign.push(event);
                continue;
            };
            self.stage.roles.culprit.push(event);
            self.stage.roles.stuck.push(event);
            self.zombies.push(Zombie {
                node: pod.node.clone(),
                from,
                until: None,
                share: *share,
            });
            self.pods.push(pod);
        }
    }

    /// The sites whose latency is watched have a pod on the busiest node.
    fn settle(&mut self) {
        let busiest: Vec<String> = self
            .zombies
            .iter()
            .take(1)
            .map(|z| z.node.clone())
            .collect();
        for site in ["alder-outdoor-production", "harbour-theatre-production"] {
            self.stage.cluster.settle(site, &busiest);
        }
    }

    fn unrelated(&mut self) {
        self.stage.everyday();
        let posted = LAST_DAY.plus(5 * HOUR + self.stage.jitter(30));
        let over = posted.plus(2 * HOUR);
        self.stage.decoy(provider_incident(
            posted,
            over,
            "AWS CodeBuild",
            "ap-southeast-2",
        ));
        let change = event(
            EventKind::ConfigChange,
            "kubernetes",
            ROLLOUT_DAY.plus(DAY + 11 * HOUR),
            "Ingress: gzip for JSON responses".into(),
        );
        self.stage.decoy(with(change, "user", "platform-team"));
    }

    fn input_output(&mut self) -> InputOutput {
        // After the first incident the balance had recovered a part of the way.
        let credits = 650_000_000_000 + self.stage.random.whole(-30_000_000_000, 30_000_000_000);
        let rate = self.stage.random.between(1_480.0, 1_560.0);
        let times = traffic::minutes(self.stage.window);
        Setting::new(
            noise(self.stage.seed),
            times,
            credits,
            self.zombies.clone(),
            GROWTH_PER_DAY,
        )
        .run(rate)
    }

    /// What the kubelets of the zombies' nodes say, from the first unmount that fails.
    fn kubelet_messages(&mut self) {
        for (zombie, pod) in self.zombies.iter().zip(&self.pods) {
            let first = zombie.from.plus(self.stage.random.whole(60, 120) * SECOND);
            let title = format!(
                "kubelet: Unmount skipped because path does not exist ({}, sess_…)",
                pod.name
            );
            let mut pattern = pod_event(EventKind::LogPattern, first, pod, title);
            pattern.end = Some(self.stage.window.end);
            let count = self.stage.window.end.since(first) / SECOND / 8;
            let pattern = with(pattern, "count", count);
            let text = "Unmount skipped because path does not exist";
            self.stage.log.push(with(pattern, "reason", text));
        }
    }

    fn raw_files(&mut self) -> Vec<RawFile> {
        let listed = LAST_DAY.plus(9 * HOUR + 40 * MINUTE);
        let zombies: Vec<&Pod> = self.pods.iter().collect();
        let pods = files::listing(&zombies, Some(&self.stage.cluster), listed);
        let mut all = vec![
            files::raw("pods.txt", listed, pods),
            files::raw(
                "nfsstat.txt",
                listed.plus(5 * MINUTE),
                files::nfsstat(&mut self.stage.random),
            ),
        ];
        if let (Some(pod), Some(zombie)) = (self.pods.first(), self.zombies.first()) {
            let last = ROLLOUT_DAY.plus(14 * HOUR + 52 * MINUTE);
            let first = zombie.from.plus(75 * SECOND);
            let log = files::kubelet_log(&mut self.stage.random, pod, first, last);
            all.push(files::raw("kubelet.log", last, log));
        }
        all
    }

    fn tell_metrics(mut self, io: &InputOutput) -> Simulated {
        let noise = noise(self.stage.seed);
        let mut recorder = Recorder::new(noise, self.stage.window);
        metrics::efs_metrics::record(&mut recorder, noise, io);
        metrics::sites::record(&mut recorder, noise, io, &self.stage.cluster);
        metrics::platform::record(&mut recorder, noise, &io.times, &self.stage.cluster);
        metrics::platform::readdir(&mut recorder, noise, io, &self.stage.cluster);
        let felt = metrics::sites::felt_at(io, &self.stage.cluster).unwrap_or(LAST_DAY);
        for (site, after) in [("harbour-theatre", 35), ("alder-outdoor", 75)] {
            let start = felt.plus((after + self.stage.random.whole(0, 9)) * MINUTE);
            self.stage.log.push(alert(site, start, None));
        }
        let files = self.raw_files();
        let onset = self
            .zombies
            .iter()
            .map(|z| z.from)
            .min()
            .unwrap_or_default();
        let times = Times {
            onset: onset.plus(MINUTE - 1).floor_to(MINUTE),
            exhausted_at: io.exhausted_at(),
            symptom_start: Some(felt),
        };
        let command = format!(
            "lineup demo --seed {} --incident recurrence",
            self.stage.seed
        );
        let telling = Telling {
            title: "Slow sites again on 28 May".into(),
            impact: Impact {
                start: felt,
                end: None,
            },
            series: recorder.finish(&command),
            command,
            stage: self.stage,
            annotations: annotations(felt),
            files,
        };
        telling.finish(times)
    }
}

/// The seed of what is measured: another than that of the first incident, whose noise must not
/// come back.
fn noise(seed: u64) -> u64 {
    seed ^ 0x0526_2020
}

fn annotations(felt: Timestamp) -> Vec<Annotation> {
    vec![
        note(
            "note-1",
            felt.plus(40 * MINUTE),
            None,
            "Some sites are slower again, not as bad as last week.",
            &crate::metrics::sites::SYMPTOM,
        ),
        note(
            "note-2",
            LAST_DAY.plus(9 * HOUR + 20 * MINUTE),
            None,
            "Burst credits are falling quickly, not throttled yet.",
            &["efs.burst_credit_balance"],
        ),
        note(
            "note-3",
            LAST_DAY.plus(9 * HOUR + 45 * MINUTE),
            None,
            "nfsstat on a node: readdir is 31 % of all calls.",
            &[],
        ),
    ]
}
