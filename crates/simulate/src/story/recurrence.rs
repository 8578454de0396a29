//! The return. On 26 May 2020 an ordinary rollout leaves two pods in Terminating. Their directory of
//! PHP sessions grows, and with it the requests; by 28 May the clients of their nodes are so busy
//! that sites on these nodes are slower. The credits fall ever faster, but last beyond the window.

use crate::{
    Simulated, Truth, background,
    cluster::{Cluster, Pod, image},
    files,
    log::{Log, event, pod_event, with},
    metrics,
    random::Random,
    recorder::Recorder,
    rollouts::{Plan, roll_out},
    story::{Roles, Telling, alert, jitter, note, provider_incident},
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
    seed: u64,
    window: Window,
    random: Random,
    cluster: Cluster,
    log: Log,
    roles: Roles,
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
        seed,
        window,
        random: Random::new(seed, "recurrence"),
        cluster: Cluster::new(seed ^ 0x0526, START, "7.4.6"),
        log: Log::default(),
        roles: Roles::default(),
        zombies: Vec::new(),
        pods: Vec::new(),
    };
    scene.rollouts();
    scene.settle();
    scene.background();
    let io = scene.input_output();
    scene.kubelet_messages();
    scene.tell_metrics(&io)
}

impl Scene {
    fn rollouts(&mut self) {
        for day in 0..2 {
            self.ordinary(START.plus(day * DAY), 0, DAY);
        }
        self.ordinary(ROLLOUT_DAY, 0, 13 * HOUR + 30 * MINUTE);
        self.culprit();
        self.ordinary(ROLLOUT_DAY, 14 * HOUR + 30 * MINUTE, DAY);
        self.ordinary(ROLLOUT_DAY.plus(DAY), 0, DAY);
        let keep: Vec<String> = self.zombies.iter().map(|z| z.node.clone()).collect();
        let at = ROLLOUT_DAY.plus(DAY + 15 * HOUR + jitter(&mut self.random, 60));
        let keys = background::spot_replacement(&mut self.cluster, &mut self.log, at, &keep);
        self.roles.decoys.extend(keys);
        self.ordinary(LAST_DAY, 0, 9 * HOUR);
        // Two in the night, shortly before sites become slower.
        for (minute, name) in [
            (150, "alder-outdoor-staging"),
            (205, "larkrise-hotel-production"),
        ] {
            let at = LAST_DAY.plus(minute * MINUTE + jitter(&mut self.random, 10));
            if let Some(workload) = self.cluster.find(name) {
                self.deploy(workload, at);
            }
        }
    }

    fn ordinary(&mut self, day: Timestamp, from: i64, to: i64) {
        let hours = Window {
            start: day.plus(from),
            end: day.plus(to),
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

    fn deploy(&mut self, workload: usize, at: Timestamp) {
        let (cluster, log) = (&mut self.cluster, &mut self.log);
        let done = crate::rollouts::ordinary(cluster, log, &mut self.random, workload, at);
        self.roles.decoys.push(done.rollout);
        self.roles
            .decoys
            .extend(done.replaced.iter().map(|(_, key, _)| *key));
    }

    /// Around 14:00 on 26 May: three pods are replaced, two of the old ones stay.
    fn culprit(&mut self) {
        let Some(workload) = self.cluster.find(LEFT_BY) else {
            return;
        };
        let plan = Plan {
            workload,
            at: ROLLOUT_DAY.plus(14 * HOUR + jitter(&mut self.random, 8)),
            image: image(
                LEFT_BY,
                true,
                self.cluster.php_version,
                self.random.whole(100, 900),
            ),
            why: "new build",
            user: "gitlab-deploy",
            stuck: &[0, 1],
        };
        let done = roll_out(&mut self.cluster, &mut self.log, &mut self.random, &plan);
        self.roles.culprit.push(done.rollout);
        for (i, (pod, event, from)) in done.replaced.into_iter().enumerate() {
            let Some(share) = [0.55, 0.45].get(i) else {
                self.roles.campaign.push(event);
                continue;
            };
            self.roles.culprit.push(event);
            self.roles.stuck.push(event);
            self.zombies.push(Zombie {
                node: pod.node.clone(),
                from,
                until: None,
                share: *share,
            });
            self.pods.push(pod);
        }
    }

    /// The sites whose latency is watched have a pod on one of the busy nodes.
    fn settle(&mut self) {
        let nodes: Vec<String> = self.zombies.iter().map(|z| z.node.clone()).collect();
        for site in ["alder-outdoor-production", "harbour-theatre-production"] {
            self.cluster.settle(site, &nodes);
        }
    }

    fn background(&mut self) {
        let (log, random, window) = (&mut self.log, &mut self.random, self.window);
        let decoys = &mut self.roles.decoys;
        decoys.extend(background::cron_jobs(log, random, window));
        decoys.extend(background::scaling(&self.cluster, log, random, window));
        decoys.extend(background::restarts(&self.cluster, log, random, window));
        let posted = LAST_DAY.plus(5 * HOUR + jitter(random, 30));
        let incident = provider_incident(
            posted,
            posted.plus(2 * HOUR),
            "AWS CodeBuild",
            "ap-southeast-2",
        );
        decoys.push(log.push(incident));
        let change = event(
            EventKind::ConfigChange,
            "kubernetes",
            ROLLOUT_DAY.plus(DAY + 11 * HOUR),
            "Ingress: gzip for JSON responses".into(),
        );
        decoys.push(log.push(with(change, "user", "platform-team")));
    }

    fn input_output(&mut self) -> InputOutput {
        // After the first incident the balance had recovered a part of the way.
        let credits = 650_000_000_000 + self.random.whole(-30_000_000_000, 30_000_000_000);
        let rate = self.random.between(1_480.0, 1_560.0);
        let times = traffic::minutes(self.window);
        Setting::new(
            self.seed,
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
            let first = zombie.from.plus(self.random.whole(60, 120) * SECOND);
            let title = format!(
                "kubelet: Unmount skipped because path does not exist ({}, sess_…)",
                pod.name
            );
            let mut pattern = pod_event(EventKind::LogPattern, first, pod, title);
            pattern.end = Some(self.window.end);
            let count = self.window.end.since(first) / SECOND / 8;
            let pattern = with(pattern, "count", count);
            let text = "Unmount skipped because path does not exist";
            self.log.push(with(pattern, "reason", text));
        }
    }

    fn raw_files(&mut self) -> Vec<RawFile> {
        let listed = LAST_DAY.plus(9 * HOUR + 40 * MINUTE);
        let zombies: Vec<&Pod> = self.pods.iter().collect();
        let pods = files::listing(&zombies, Some(&self.cluster), listed);
        let mut all = vec![
            files::raw("pods.txt", listed, pods),
            files::raw(
                "nfsstat.txt",
                listed.plus(5 * MINUTE),
                files::nfsstat(&mut self.random),
            ),
        ];
        if let (Some(pod), Some(zombie)) = (self.pods.first(), self.zombies.first()) {
            let last = ROLLOUT_DAY.plus(14 * HOUR + 52 * MINUTE);
            let first = zombie.from.plus(75 * SECOND);
            let log = files::kubelet_log(&mut self.random, pod, first, last);
            all.push(files::raw("kubelet.log", last, log));
        }
        all
    }

    fn tell_metrics(mut self, io: &InputOutput) -> Simulated {
        let mut recorder = Recorder::new(self.seed, self.window);
        metrics::efs_metrics::record(&mut recorder, self.seed, io);
        metrics::sites::record(&mut recorder, self.seed, io, &self.cluster);
        metrics::platform::record(&mut recorder, self.seed, &io.times, &self.cluster);
        metrics::platform::readdir(&mut recorder, self.seed, io, &self.cluster);
        let felt = metrics::sites::felt_at(io, &self.cluster).unwrap_or(LAST_DAY);
        for (site, after) in [("harbour-theatre", 35), ("alder-outdoor", 75)] {
            let start = felt.plus((after + self.random.whole(0, 9)) * MINUTE);
            self.log.push(alert(site, start, None));
        }
        let files = self.raw_files();
        let onset = self
            .zombies
            .iter()
            .map(|z| z.from)
            .min()
            .unwrap_or_default();
        let truth = Truth {
            onset: onset.plus(MINUTE - 1).floor_to(MINUTE),
            exhausted_at: io.exhausted_at(),
            symptom_start: Some(felt),
            ..Truth::default()
        };
        let telling = Telling {
            seed: self.seed,
            title: "Slow sites again on 28 May".into(),
            window: self.window,
            impact: Impact {
                start: felt,
                end: None,
            },
            log: self.log,
            series: recorder.finish("recurrence"),
            cluster: self.cluster,
            annotations: annotations(felt),
            files,
        };
        telling.finish(&self.roles, truth)
    }
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
