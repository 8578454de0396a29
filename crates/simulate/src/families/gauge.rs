//! Gauges: what is measured of a level, with season, noise of several kinds, gaps and late rows.

use super::effect::Effect;
use crate::{
    exact::{round_to, sine},
    random::{Noise, Random},
};
use model::{
    Samples, Series, SeriesMeta, Timestamp, Window,
    time::{DAY, HOUR, MINUTE},
};

/// What is measured and how it usually stands.
pub(super) struct Gauge {
    /// Series id.
    pub id: String,
    /// Name.
    pub name: &'static str,
    /// Source.
    pub source: &'static str,
    /// The source's namespace.
    pub namespace: String,
    /// Statistic.
    pub stat: &'static str,
    /// Unit.
    pub unit: &'static str,
    /// What it measures.
    pub resource: Option<String>,
    /// Usual level.
    pub level: f64,
    /// How much of the visitors' daily wave is in it, 0 to 1.
    pub season: f64,
    /// Standard deviation of its noise as a share of the level.
    pub noise: f64,
    /// Decimal places that the source gives.
    pub places: u32,
}

/// The visitors' day and week in one incident.
#[derive(Clone, Copy)]
pub(super) struct Season {
    /// Half the difference between day and night, as a share.
    pub day: f64,
    /// Hour of the day at which the load passes its mean upwards.
    pub morning: f64,
    /// Load of a day at the weekend against one in the week.
    pub weekend: f64,
}

impl Season {
    pub(super) fn new(random: &mut Random) -> Self {
        Self {
            day: random.between(0.05, 0.5),
            morning: random.between(5.0, 11.0),
            weekend: random.between(0.6, 1.0),
        }
    }

    /// Load at an instant against the mean of a weekday.
    pub(super) fn load(&self, at: Timestamp) -> f64 {
        let hour = at.millis().rem_euclid(DAY) as f64 / HOUR as f64;
        let weekend = matches!(at.millis().div_euclid(DAY).rem_euclid(7), 2 | 3);
        let week = if weekend { self.weekend } else { 1.0 };
        week * (1.0 + self.day * sine((hour - self.morning) / 24.0))
    }
}

/// Kinds of noise, as measured series have them.
enum Kind {
    /// None: a state that is known exactly.
    Exact,
    /// Independent from sample to sample.
    White(Box<Noise>),
    /// Correlated, with bursts.
    Correlated(Box<Noise>),
    /// Slow wandering under white noise.
    Wandering(Box<(Noise, Noise)>),
    /// White, and rounded to coarse steps.
    Coarse(Box<Noise>),
}

impl Kind {
    fn new(seed: u64, id: &str, sigma: f64, period: i64) -> Self {
        let mut random = Random::new(seed, &format!("kind {id}"));
        let noise = |purpose: &str, memory, share, bursts| {
            let stream = Random::new(seed, &format!("{purpose} {id}"));
            Noise::new(stream, memory, sigma * share, bursts)
        };
        // What is correlated from minute to minute is less so over five.
        let memory = |at_a_minute: f64| {
            if period > MINUTE {
                at_a_minute.powi(5)
            } else {
                at_a_minute
            }
        };
        if sigma <= 0.0 {
            return Self::Exact;
        }
        match random.whole(0, 4) {
            0 => Self::White(Box::new(noise("noise", 0.0, 1.0, 0.0))),
            1 => Self::Correlated(Box::new(noise("noise", memory(0.6), 1.0, 0.0))),
            2 => Self::Correlated(Box::new(noise("noise", memory(0.5), 0.8, 0.008))),
            3 => Self::Wandering(Box::new((
                noise("noise", 0.0, 0.8, 0.003),
                noise("slow", memory(0.998), 0.6, 0.0),
            ))),
            _ => Self::Coarse(Box::new(noise("noise", 0.2, 1.0, 0.0))),
        }
    }

    fn factor(&mut self) -> f64 {
        match self {
            Self::Exact => 1.0,
            Self::White(n) | Self::Correlated(n) | Self::Coarse(n) => n.next(),
            Self::Wandering(both) => both.0.next() * both.1.next(),
        }
    }
}

/// The value of each period, computed minute by minute: `value` says what is there without noise.
pub(super) fn record(
    seed: u64,
    window: Window,
    period: i64,
    gauge: &Gauge,
    value: impl Fn(Timestamp) -> f64,
) -> Series {
    let mut random = Random::new(seed, &format!("gaps {}", gauge.id));
    let mut kind = Kind::new(seed, &gauge.id, gauge.noise, period);
    let hole = random.chance(0.4).then(|| {
        let last = window.millis() / MINUTE - 60;
        let start = window.start.plus(random.whole(30, last) * MINUTE);
        let end = start.plus(random.whole(4, 40) * MINUTE);
        Window { start, end }
    });
    let late = random.whole(0, 2) * MINUTE;
    let lost = if random.chance(0.3) { 0.01 } else { 0.0005 };
    let mut samples = Samples::default();
    let per = period / MINUTE;
    for k in 0..window.millis() / period {
        let at = window.start.plus(k * period);
        let mean = (0..per).map(|m| value(at.plus(m * MINUTE))).sum::<f64>() / per as f64;
        let mut v = mean * kind.factor();
        if let Kind::Coarse(_) = kind {
            let unit = gauge.level * gauge.noise.max(0.01);
            v = (v / unit).round() * unit;
        }
        let gone = random.chance(lost) || hole.is_some_and(|h| h.contains(at));
        if !gone && at < window.end.plus(-late) {
            samples.push(at, round_to(v, gauge.places));
        }
    }
    Series {
        meta: meta(gauge, period),
        samples,
    }
}

/// The descriptor.
fn meta(gauge: &Gauge, period: i64) -> SeriesMeta {
    let dimension = gauge
        .resource
        .iter()
        .filter_map(|r| r.strip_prefix("aws:"))
        .map(|name| {
            let key = match gauge.namespace.as_str() {
                "AWS/EFS" => "FileSystemId",
                "AWS/EBS" => "VolumeId",
                "AWS/EC2" => "InstanceId",
                "AWS/RDS" => "DBInstanceIdentifier",
                _ => "resource",
            };
            (key.to_owned(), name.to_owned())
        });
    SeriesMeta {
        id: gauge.id.clone(),
        name: gauge.name.to_owned(),
        source: gauge.source.to_owned(),
        namespace: gauge.namespace.clone(),
        dimensions: dimension.collect(),
        stat: gauge.stat.to_owned(),
        unit: gauge.unit.to_owned(),
        period_s: u32::try_from(period / 1000).ok(),
        resource: gauge.resource.clone(),
        ..SeriesMeta::default()
    }
}

/// Level with season and effects, without noise.
pub(super) fn usual(gauge: &Gauge, season: Season, effects: &[Effect], at: Timestamp) -> f64 {
    let load = 1.0 + gauge.season * (season.load(at) - 1.0);
    let factor: f64 = effects.iter().map(|e| 1.0 + e.at(at)).product();
    gauge.level * load * factor
}
