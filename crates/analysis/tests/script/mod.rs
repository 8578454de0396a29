//! A small world by hand: one bursting file system, one site, rollouts, jobs, a database.

use model::{
    Event, EventKind, Evidence, ObjectRef, Samples, Series, SeriesMeta, Timestamp, Window,
    time::{DAY, HOUR, MINUTE},
};

/// Length of the window.
const DAYS: i64 = 6;
/// Baseline of the file system, bytes a second.
const BASE: f64 = 2e6;
/// Metadata bytes a second of the four zombies together.
const ZOMBIES: f64 = 10e6;
/// Balance when they begin.
const CREDITS: f64 = 1.2e12;

/// An instant of the script.
pub(crate) fn at(ms: i64) -> Timestamp {
    Timestamp::from_seconds(1_589_760_000).plus(ms)
}

/// When the story's credits are gone: they fall by zombies plus ordinary I/O less the baseline.
pub(crate) fn empty_at() -> Timestamp {
    let seconds = CREDITS / (ZOMBIES + 0.5e6 - BASE);
    at(2 * DAY).plus((seconds * 1000.0) as i64)
}

/// A `pod_terminating` event.
pub(crate) fn pod(id: &str, name: &str, start: Timestamp, end: Option<Timestamp>) -> Event {
    Event {
        id: id.into(),
        kind: EventKind::PodTerminating,
        start: Some(start),
        end,
        namespace: "shop".into(),
        object: ObjectRef {
            kind: "Pod".into(),
            name: name.into(),
        },
        node: "node-1".into(),
        ..Event::default()
    }
}

/// What the world is told to do.
pub(crate) struct Script {
    zombies: bool,
    surge: Option<i64>,
    events: Vec<Event>,
}

impl Script {
    /// Nothing happens but jobs and a few rollouts.
    pub(crate) fn quiet() -> Self {
        let mut script = Self {
            zombies: false,
            surge: None,
            events: Vec::new(),
        };
        for k in 0..DAYS * 24 {
            script.event(
                &format!("job-{k}"),
                EventKind::JobRun,
                "report",
                at(k * HOUR),
            );
        }
        for (k, hours) in [7, 31, 60, 83, 110].into_iter().enumerate() {
            script.rollout(
                &format!("usual-{k}"),
                &format!("team-{k}"),
                at(hours * HOUR + 11 * MINUTE),
            );
        }
        script
    }

    /// A patch on day two leaves four pods behind; their node is rebooted on day five.
    pub(crate) fn story() -> Self {
        let mut script = Self::quiet();
        script.zombies = true;
        let start = at(2 * DAY - 2 * MINUTE);
        script.rollout("patch", "web", start);
        for k in 0..4 {
            let name = format!("web-56dc6d7dbd-wcc{k}q");
            let mut zombie = pod(
                &format!("zombie-{k}"),
                &name,
                at(2 * DAY - MINUTE),
                Some(at(5 * DAY)),
            );
            zombie.node = "node-1".into();
            script.events.push(zombie);
        }
        script.event("reboot", EventKind::NodeReboot, "node-1", at(5 * DAY));
        script
    }

    /// Requests double from here on, and the site is slower for it.
    pub(crate) fn surge(&mut self, from: i64) {
        self.surge = Some(from);
    }

    /// A rollout of a Deployment in the namespace `shop`.
    pub(crate) fn rollout(&mut self, id: &str, name: &str, start: Timestamp) {
        self.event(id, EventKind::Rollout, name, start);
    }

    fn event(&mut self, id: &str, kind: EventKind, name: &str, start: Timestamp) {
        self.events.push(Event {
            id: id.into(),
            kind,
            start: Some(start),
            namespace: "shop".into(),
            object: ObjectRef {
                kind: "Deployment".into(),
                name: name.into(),
            },
            ..Event::default()
        });
    }

    /// The evidence at one minute.
    pub(crate) fn evidence(&self) -> Evidence {
        let mut columns: [Vec<(Timestamp, f64)>; 7] = Default::default();
        let mut balance = CREDITS;
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let mut noise = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
        };
        for minute in 0..DAYS * 1_440 {
            let ms = minute * MINUTE;
            let haunted = self.zombies && (2 * DAY..5 * DAY).contains(&ms);
            let busy = self.surge.is_some_and(|from| ms >= from);
            let throttled = balance <= 0.0;
            let mut metadata = 0.2e6 * (1.0 + 0.2 * noise());
            if haunted {
                metadata += if throttled {
                    BASE - 0.5e6
                } else {
                    ZOMBIES * (1.0 + 0.05 * noise())
                };
            }
            let data = 0.3e6 * (1.0 + 0.2 * noise());
            // Full at the start, so that the cap holds it there.
            balance = (balance + (BASE - metadata - data) * 60.0).clamp(0.0, CREDITS);
            let latency = 0.2
                + 0.02 * noise()
                + if throttled { 0.8 } else { 0.0 }
                + if busy { 0.3 } else { 0.0 };
            let values = [
                balance,
                metadata * 60.0,
                data * 60.0,
                if throttled { BASE } else { 100e6 },
                latency,
                (100.0 + 5.0 * noise()) * if busy { 2.2 } else { 1.0 },
                20.0 + noise(),
            ];
            for (column, value) in columns.iter_mut().zip(values) {
                column.push((at(ms), value));
            }
        }
        let names = [
            ("credits", "BurstCreditBalance", "AWS/EFS", "Average"),
            ("meta", "MetadataIOBytes", "AWS/EFS", "Sum"),
            ("data", "DataWriteIOBytes", "AWS/EFS", "Sum"),
            ("permitted", "PermittedThroughput", "AWS/EFS", "Average"),
            ("latency", "site latency", "ingress", "Average"),
            ("requests", "RequestCount", "ingress", "Sum"),
            ("db", "DatabaseConnections", "AWS/RDS", "Average"),
        ];
        let mut series: Vec<Series> = names
            .into_iter()
            .zip(columns)
            .map(|((id, name, namespace, stat), points)| Series {
                meta: SeriesMeta {
                    id: id.into(),
                    name: name.into(),
                    namespace: namespace.into(),
                    stat: stat.into(),
                    ..SeriesMeta::default()
                },
                samples: Samples::from_unordered(points),
            })
            .collect();
        // All I/O is metered here, so that balance and traffic must agree.
        let metered = series[1]
            .samples
            .iter()
            .zip(series[2].samples.iter())
            .map(|((t, a), (_, b))| (t, a + b))
            .collect();
        let mut meta = series[1].meta.clone();
        meta.id = "metered".into();
        meta.name = "MeteredIOBytes".into();
        series.push(Series {
            meta,
            samples: Samples::from_unordered(metered),
        });
        let mut evidence = Evidence {
            window: Window {
                start: at(0),
                end: at(DAYS * DAY),
            },
            symptom: vec!["latency".into()],
            series,
            events: self.events.clone(),
            ..Evidence::default()
        };
        evidence.sort();
        evidence
    }
}
