//! A burstable instance under the database: something new computes until the CPU credits are gone.
//!
//! Amazon EC2 user guide, t3.medium: two vCPUs, 24 credits an hour, at most 576, baseline 20 %.

use super::{
    Family,
    gauge::{self, Gauge},
    stage::Stage,
};
use crate::random::{Noise, Random};
use model::{
    EventKind, Timestamp,
    time::{HOUR, MINUTE, SECOND},
    topology::aws_id,
};

pub(super) const FAMILY: Family = Family {
    name: "instance_credits",
    about: "a rollout or a job uses up a T instance's CPU credits",
    has_culprit: true,
    tell,
};

const MOST: f64 = 576.0;
const BASELINE: f64 = 20.0;

fn tell(stage: &mut Stage) {
    let at = stage.moment(0.25, 0.55);
    let onset = at.plus(stage.random.whole(10, 150) * SECOND);
    let base = stage.random.between(6.0, 12.0);
    let full = MOST * stage.random.between(0.4, 1.0);
    let extra = stage.random.between(40.0, 75.0);
    let service = stage.town.services[2].clone();
    let as_job = stage.random.chance(0.5);
    // Two vCPUs for a minute at a hundred per cent are two credits; what was idle before was saved.
    let idle = 2.0 * (BASELINE - base) / 100.0 * (at.since(stage.window.start) / MINUTE) as f64;
    let drain = 2.0 * (base + extra - BASELINE) / 100.0;
    let lag = ((full + idle).min(MOST) / drain) as i64 * MINUTE;
    let end = at.plus(lag + stage.random.whole(90, 400) * MINUTE);
    let ends = end < stage.window.end.plus(-HOUR);
    let end = end.min(stage.window.end);
    let key = if as_job {
        let length = end.since(at);
        let mut job = stage.job(at, length, &service.namespace, "recount");
        job.end = ends.then_some(end);
        stage.push(job)
    } else {
        if ends {
            let undo = stage.rollout(end.plus(-MINUTE), &service);
            stage.push(undo);
        }
        let rollout = stage.rollout(at, &service);
        stage.push(rollout)
    };
    let mut noise = Noise::new(Random::new(stage.seed(), "cpu"), 0.6, 0.08, 0.003);
    let (mut balance, mut throttled) = (full, None);
    let (mut used, mut left, mut slow) = (Vec::new(), Vec::new(), Vec::new());
    for k in 0..stage.window.millis() / MINUTE {
        let t = stage.window.start.plus(k * MINUTE);
        let on = if t >= onset && t < end { extra } else { 0.0 };
        let wanted = ((base * (0.4 + 0.6 * stage.season.load(t)) + on) * noise.next()).min(100.0);
        let most = if balance > 0.0 { 100.0 } else { BASELINE };
        let served = wanted.min(most);
        balance = (balance + 2.0 * (BASELINE - served) / 100.0).clamp(0.0, MOST);
        if balance <= 0.0 && throttled.is_none() {
            throttled = Some(t);
        }
        used.push(served);
        left.push(balance);
        slow.push((wanted / most - 1.0).max(0.0));
    }
    record(stage, &used, &left);
    let most = slow.iter().copied().fold(0.05, f64::max);
    let size = stage.size();
    let factor = |share: f64| slow.iter().map(|s| 1.0 + share * size * s / most).collect();
    stage.follow("db.read_latency", factor(1.5));
    for (k, share) in [(2, 1.0), (1, 0.8), (0, 0.7)] {
        let id = stage.series_of(k, "latency");
        stage.follow(&id, factor(share));
    }
    stage.kind = if as_job {
        EventKind::JobRun
    } else {
        EventKind::Rollout
    };
    stage.needs_edges = true;
    stage.truth.onset = Some(onset);
    stage.truth.exhausted_at = throttled;
    stage.truth.drivers = vec!["db.cpu".into()];
    stage.shift = throttled.map(|t| (at, t));
    stage.cause(vec![key]);
}

fn record(stage: &mut Stage, used: &[f64], left: &[f64]) {
    let start = stage.window.start;
    for (id, name, values) in [
        ("db.cpu", "CPUUtilization", used),
        ("db.credits", "CPUCreditBalance", left),
    ] {
        let gauge = Gauge {
            id: id.into(),
            name,
            source: "cloudwatch",
            namespace: "AWS/RDS".into(),
            stat: "Average",
            unit: "Percent",
            resource: Some(aws_id(&stage.town.database)),
            level: 1.0,
            season: 0.0,
            noise: 0.0,
            places: 3,
        };
        let value = |t: Timestamp| {
            let minute = values.get((t.since(start) / MINUTE) as usize);
            minute.copied().unwrap_or(0.0)
        };
        let series = gauge::record(stage.seed(), stage.window, stage.period, &gauge, value);
        stage.series.push(series);
    }
}
