//! A gp2 volume under the database: a batch job reads until the burst credits are gone.
//!
//! Amazon EBS user guide: 3 IOPS per GiB (at least 100), bursts to 3,000, 5.4 million credits.

use super::{
    Family,
    gauge::{self, Gauge},
    stage::Stage,
};
use crate::random::{Noise, Random};
use model::{
    EventKind, Timestamp,
    time::{MINUTE, SECOND},
    topology::aws_id,
};

pub(super) const FAMILY: Family = Family {
    name: "volume_credits",
    about: "a batch job uses up a gp2 volume's burst credits",
    has_culprit: true,
    tell,
};

const CREDITS: f64 = 5.4e6;
const BURST: f64 = 3_000.0;

fn tell(stage: &mut Stage) {
    let at = stage.moment(0.3, 0.7);
    let onset = at.plus(stage.random.whole(10, 120) * SECOND);
    let baseline = 3.0 * stage.random.between(80.0, 300.0);
    let base = baseline * stage.random.between(0.25, 0.6);
    let lag = stage.random.whole(60, 400) * MINUTE;
    let net = (CREDITS / (lag / SECOND) as f64).min(BURST - baseline);
    let extra = net + baseline - base;
    let end = at.plus(lag + stage.random.whole(60, 240) * MINUTE);
    let end = end.min(stage.window.end.plus(-MINUTE));
    let service = stage.town.services[2].clone();
    let job = stage.job(at, end.since(at), &service.namespace, "rebuild-statistics");
    let key = stage.push(job);
    let mut noise = Noise::new(Random::new(stage.seed(), "iops"), 0.5, 0.1, 0.004);
    let (mut balance, mut throttled) = (CREDITS, None);
    let (mut ops, mut left, mut slow) = (Vec::new(), Vec::new(), Vec::new());
    for k in 0..stage.window.millis() / MINUTE {
        let t = stage.window.start.plus(k * MINUTE);
        let on = if t >= onset && t < end { extra } else { 0.0 };
        let wanted = (base * (0.4 + 0.6 * stage.season.load(t)) + on) * noise.next();
        let most = if balance > 0.0 { BURST } else { baseline };
        let served = wanted.min(most);
        balance = (balance + (baseline - served) * 60.0).clamp(0.0, CREDITS);
        if balance <= 0.0 && throttled.is_none() {
            throttled = Some(t);
        }
        ops.push(served * 60.0);
        left.push(100.0 * balance / CREDITS);
        slow.push((wanted / most - 1.0).max(0.0));
    }
    record(stage, &ops, &left);
    let most = slow.iter().copied().fold(0.05, f64::max);
    let size = stage.size();
    let factor = |share: f64| slow.iter().map(|s| 1.0 + share * size * s / most).collect();
    stage.follow("db.read_latency", factor(2.0));
    for (k, share) in [(2, 1.0), (1, 0.8), (0, 0.7)] {
        let id = stage.series_of(k, "latency");
        stage.follow(&id, factor(share));
    }
    stage.kind = EventKind::JobRun;
    stage.needs_edges = true;
    stage.truth.onset = Some(onset);
    stage.truth.exhausted_at = throttled;
    stage.truth.drivers = vec!["ebs.read_ops".into()];
    stage.shift = throttled.map(|t| (at, t));
    stage.cause(vec![key]);
}

fn record(stage: &mut Stage, ops: &[f64], left: &[f64]) {
    let start = stage.window.start;
    let per = (stage.period / MINUTE) as f64;
    for (id, name, stat, values, factor) in [
        ("ebs.read_ops", "VolumeReadOps", "Sum", ops, per),
        ("ebs.balance", "BurstBalance", "Average", left, 1.0),
    ] {
        let gauge = Gauge {
            id: id.into(),
            name,
            source: "cloudwatch",
            namespace: "AWS/EBS".into(),
            stat,
            unit: "Count",
            resource: Some(aws_id(&stage.town.volume)),
            level: 1.0,
            season: 0.0,
            noise: 0.0,
            places: 2,
        };
        let value = |t: Timestamp| {
            let minute = values.get((t.since(start) / MINUTE) as usize);
            factor * minute.copied().unwrap_or(0.0)
        };
        let series = gauge::record(stage.seed(), stage.window, stage.period, &gauge, value);
        stage.series.push(series);
    }
}
