//! The application's file system in bursting mode, with what its services and a culprit ask of it.

use super::{
    gauge::{self, Gauge},
    stage::Stage,
};
use crate::{
    efs::{self, Demand},
    random::{Noise, Random},
};
use model::{
    Timestamp,
    time::{HOUR, MINUTE, SECOND},
    topology::aws_id,
};

/// Most that a culprit asks for, bytes a second: below the burst limit.
const MOST: f64 = 8e7;

/// A file system before anything happens.
pub(super) struct Plan {
    /// Bytes stored.
    pub stored: i64,
    /// Credits at the start, bytes.
    pub credits: f64,
    /// What the services ask for in the mean, metered bytes a second.
    pub usual: f64,
}

/// What a culprit asks for on top, a second: metadata requests and bytes.
#[derive(Clone, Copy, Default)]
pub(super) struct Extra {
    /// Metadata requests.
    pub requests: f64,
    /// Bytes read.
    pub read: f64,
    /// Bytes written.
    pub write: f64,
}

impl Plan {
    /// Draws one.
    pub(super) fn new(stage: &mut Stage) -> Self {
        let stored = stage.random.whole(60, 400) << 30;
        let credits = efs::CREDIT_CAP as f64 * stage.random.between(0.3, 1.0);
        let usual = efs::baseline(stored) as f64 * stage.random.between(0.2, 0.6);
        Self {
            stored,
            credits,
            usual,
        }
    }

    /// Metered bytes a second that use the credits up so many milliseconds after `at`, or as fast as
    /// the file system permits. Until then they grow by what is not used.
    pub(super) fn rate_for(&mut self, stage: &Stage, at: Timestamp, lag: i64) -> f64 {
        let seconds = (lag / SECOND) as f64;
        let spare = efs::baseline(self.stored) as f64 - self.usual;
        let gained = spare * (at.since(stage.window.start) / SECOND) as f64;
        self.credits = self.credits.min((MOST * seconds - gained).max(3e11));
        let full = (self.credits + gained).min(efs::CREDIT_CAP as f64);
        (full / seconds + spare).min(MOST)
    }
}

/// Runs it and records its series: first minute without credits after `from`, and demand over
/// supply by minute.
pub(super) fn run(
    stage: &mut Stage,
    plan: &Plan,
    extra: impl Fn(Timestamp) -> Extra,
) -> (Option<Timestamp>, Vec<f64>) {
    let minutes = serve(stage, plan, extra);
    record(stage, plan, &minutes);
    let exhausted = minutes.iter().position(efs::Minute::throttled);
    let at = exhausted.map(|k| stage.minute(k));
    (at, minutes.iter().map(|m| m.pressure).collect())
}

/// When the credits would be gone, were nothing done about it; by some hours after the window's end
/// where they last.
pub(super) fn gone_by(stage: &Stage, plan: &Plan, extra: impl Fn(Timestamp) -> Extra) -> Timestamp {
    let minutes = serve(stage, plan, extra);
    let at = minutes.iter().position(efs::Minute::throttled);
    at.map_or(stage.window.end.plus(4 * HOUR), |k| stage.minute(k))
}

fn serve(stage: &Stage, plan: &Plan, extra: impl Fn(Timestamp) -> Extra) -> Vec<efs::Minute> {
    let seed = stage.seed();
    let noise = |name: &str, sigma| Noise::new(Random::new(seed, name), 0.6, sigma, 0.006);
    let mut shake = [
        noise("meta", 0.12),
        noise("read", 0.2),
        noise("write", 0.12),
    ];
    let mut culprit = noise("extra", 0.05);
    let mut fs = efs::FileSystem::with_credits(plan.credits as i64);
    (0..stage.window.millis() / MINUTE)
        .map(|k| {
            let at = stage.window.start.plus(k * MINUTE);
            let load = 0.3 + 0.7 * stage.season.load(at);
            let each = plan.usual * 60.0 * load / 3.0;
            let more = extra(at);
            let swing = culprit.next() * 60.0;
            fs.serve(
                plan.stored,
                Demand {
                    metadata: (each / efs::REQUEST as f64 * shake[0].next()) as i64,
                    read: (each * 3.0 * shake[1].next() + more.read * swing) as i64,
                    write: (each * shake[2].next() + more.write * swing) as i64,
                    loops: (more.requests * swing) as i64,
                },
            )
        })
        .collect()
}

/// What a series says of a minute.
type Value = fn(&efs::Minute) -> f64;

fn record(stage: &mut Stage, plan: &Plan, minutes: &[efs::Minute]) {
    let per = (stage.period / MINUTE) as f64;
    let start = stage.window.start;
    let all: [(&str, &'static str, &'static str, Value); 7] = [
        ("efs.balance", "BurstCreditBalance", "Average", |m| {
            m.balance as f64
        }),
        ("efs.permitted", "PermittedThroughput", "Average", |m| {
            m.permitted as f64
        }),
        ("efs.metadata", "MetadataIOBytes", "Sum", |m| {
            (m.metadata * efs::REQUEST) as f64
        }),
        ("efs.read", "DataReadIOBytes", "Sum", |m| m.read as f64),
        ("efs.write", "DataWriteIOBytes", "Sum", |m| m.write as f64),
        ("efs.metered", "MeteredIOBytes", "Sum", |m| m.metered as f64),
        (
            "efs.io_limit",
            "PercentIOLimit",
            "Average",
            efs::Minute::percent_io_limit,
        ),
    ];
    let bare = stage.random.chance(0.2);
    for (id, name, stat, value) in all {
        // Older regions do not publish what is metered.
        if bare && ["efs.metered", "efs.permitted"].contains(&id) {
            continue;
        }
        let factor = if stat == "Sum" { per } else { 1.0 };
        let gauge = exact(id, name, stat, aws_id(&stage.town.file_system));
        let at = |t: Timestamp| {
            let minute = minutes.get((t.since(start) / MINUTE) as usize);
            factor * minute.map_or(0.0, value)
        };
        let series = gauge::record(stage.seed(), stage.window, stage.period, &gauge, at);
        stage.series.push(series);
    }
    let gauge = exact(
        "efs.storage",
        "StorageBytes",
        "Average",
        aws_id(&stage.town.file_system),
    );
    let stored = plan.stored as f64;
    let grown = |t: Timestamp| stored + 4e6 * (t.since(start) / HOUR) as f64;
    let series = gauge::record(stage.seed(), stage.window, stage.period, &gauge, grown);
    stage.series.push(series);
}

fn exact(id: &str, name: &'static str, stat: &'static str, resource: String) -> Gauge {
    Gauge {
        id: id.to_owned(),
        name,
        source: "cloudwatch",
        namespace: "AWS/EFS".into(),
        stat,
        unit: "Bytes",
        resource: Some(resource),
        level: 1.0,
        season: 0.0,
        noise: 0.0,
        places: 1,
    }
}

/// Makes the services that mount it slower where demand is beyond supply; when it is felt first.
pub(super) fn felt(stage: &mut Stage, pressure: &[f64]) -> Option<Timestamp> {
    let least = if stage.hard { 0.45 } else { 1.0 };
    let share = least * stage.random.between(1.0, 1.6);
    let high: Vec<f64> = pressure.iter().map(|p| (p - 1.0).clamp(0.0, 4.0)).collect();
    let most = high.iter().copied().fold(0.0, f64::max);
    let first = high.iter().position(|p| *p > 0.2 * most.max(0.01))?;
    for k in 0..stage.town.services.len() {
        let mounts = stage.town.mounting.contains(&k);
        let calls = k < 2;
        if !(mounts || calls) {
            continue;
        }
        let part = share * if mounts { 1.0 } else { 0.8 } / most.max(0.01);
        let factors = high.iter().map(|p| 1.0 + part * p).collect();
        let id = stage.series_of(k, "latency");
        stage.follow(&id, factors);
    }
    Some(stage.minute(first))
}
