//! The bucket's equation, run forward.

use super::world::World;
use crate::credits::bucket;
use model::{
    Samples, Timestamp,
    analysis::what_if::{ModelError, Outcome},
};

/// What limits the I/O.
#[derive(Clone, Copy)]
enum Limit {
    /// The bucket.
    Credits,
    /// So much per second, whatever the bucket holds.
    Fixed(f64),
    /// Nothing.
    Free,
}

/// What is supposed.
pub(super) struct Plan {
    /// First sample; everything before is as it was.
    first: usize,
    start: f64,
    wanted: Vec<f64>,
    earned: f64,
    cap: f64,
    limit: Limit,
    notes: Vec<String>,
}

impl Plan {
    pub(super) fn of(world: &World, first: usize, wanted: Vec<f64>) -> Self {
        Self {
            first,
            start: world.balance.get(first).copied().unwrap_or(0.0),
            wanted,
            earned: world.earned,
            cap: world.cap,
            limit: Limit::Credits,
            notes: Vec::new(),
        }
    }

    /// With so much wanted in each interval from the first on.
    pub(super) fn wanting(mut self, wanted: impl Fn(usize) -> f64) -> Self {
        for (i, slot) in self.wanted.iter_mut().enumerate().skip(self.first) {
            *slot = wanted(i).max(0.0);
        }
        self
    }

    /// With another bucket; a full one stays full.
    pub(super) fn sized(mut self, earned: f64, cap: f64) -> Self {
        let full = self.start >= 0.999 * self.cap;
        self.start = if full { cap } else { self.start.min(cap) };
        self.earned = earned;
        self.cap = cap;
        self
    }

    /// Without credits, limited to so much per second or to nothing.
    pub(super) fn limited(mut self, limit: Option<f64>, note: String) -> Self {
        self.limit = limit.map_or(Limit::Free, Limit::Fixed);
        self.notes.push(note);
        self
    }
}

/// A modelled balance.
struct Run {
    curve: Samples,
    exhausted_at: Option<Timestamp>,
    /// Minutes with an empty bucket and more wanted than earned.
    throttled_min: f64,
    /// Those of them before an interval, see [`run`].
    throttled_before_min: f64,
}

impl Run {
    /// Where credits do not matter: no curve, and throttled while more is wanted than permitted.
    fn limited(world: &World, plan: &Plan, limit: f64) -> Self {
        let over = plan.wanted.iter().enumerate().skip(plan.first);
        Self {
            curve: Samples::default(),
            exhausted_at: None,
            throttled_min: over
                .filter(|(_, wanted)| **wanted > limit)
                .map(|(i, _)| world.seconds(i) / 60.0)
                .sum(),
            throttled_before_min: 0.0,
        }
    }
}

/// Share of the largest balance from which on the model's error is said aloud.
const LARGE_ERROR: f64 = 0.05;

/// Runs a plan and puts it beside what was.
pub(super) fn answer(world: &World, plan: &Plan) -> Outcome {
    let (error, modelled) = error(world);
    let was = run(world, &world.plan(), plan.first);
    let impact = world.impact_min.unwrap_or(was.throttled_min);
    let mut notes = world.notes.clone();
    notes.extend(plan.notes.iter().cloned());
    let then = match plan.limit {
        Limit::Credits => run(world, plan, 0),
        Limit::Fixed(limit) => Run::limited(world, plan, limit),
        Limit::Free => Run::limited(world, plan, f64::INFINITY),
    };
    // A minute of throttling counts as many minutes of impact as it did.
    let impact_then = if was.throttled_min > 0.0 {
        let throttled = was.throttled_before_min + then.throttled_min;
        impact * (throttled / was.throttled_min)
    } else {
        notes.push("the credits were not gone in this window: the impact has another cause".into());
        impact
    };
    if error.share > LARGE_ERROR {
        notes.push(format!(
            "the model is off by {:.0} % of the largest balance on the measured past",
            100.0 * error.share
        ));
    }
    Outcome {
        series: world.series.clone(),
        curve: then.curve,
        modelled,
        exhausted_at: then.exhausted_at,
        measured_exhausted_at: world.exhausted_at,
        impact_min: impact,
        impact_min_then: impact_then,
        impact_min_avoided: (impact - impact_then).max(0.0),
        error,
        notes,
    }
}

/// Runs a plan; throttling before the interval `before` is also counted apart.
fn run(world: &World, plan: &Plan, before: usize) -> Run {
    let mut balance = plan.start;
    let mut out = Run {
        curve: Samples::default(),
        exhausted_at: None,
        throttled_min: 0.0,
        throttled_before_min: 0.0,
    };
    for (i, at) in world.times.iter().enumerate().skip(plan.first) {
        if i > plan.first {
            let wanted = plan.wanted.get(i - 1).copied().unwrap_or(0.0);
            let seconds = world.seconds(i - 1);
            balance = bucket::after(balance, plan.earned - wanted, seconds, plan.cap);
            if balance <= world.zero {
                out.exhausted_at = out.exhausted_at.or(Some(*at));
                if wanted > plan.earned {
                    out.throttled_min += seconds / 60.0;
                    if i <= before {
                        out.throttled_before_min += seconds / 60.0;
                    }
                }
            }
        }
        out.curve.push(*at, balance);
    }
    out
}

/// The model over the measured past: what was spent, from the first balance on; its error and its line.
fn error(world: &World) -> (ModelError, Samples) {
    let plan = Plan::of(world, 0, world.spent.clone());
    let run = run(world, &plan, 0);
    let (mut square, mut sum) = (0.0, 0.0);
    for (modelled, measured) in run.curve.values().iter().zip(&world.balance) {
        let off = modelled - measured;
        square += off * off;
        sum += off;
    }
    let n = run.curve.len().max(1) as f64;
    let top = world.balance.iter().copied().fold(0.0, f64::max);
    let rmse = (square / n).sqrt();
    let error = ModelError {
        rmse,
        bias: sum / n,
        share: if top > 0.0 { rmse / top } else { 0.0 },
        exhaustion_s: run
            .exhausted_at
            .zip(world.exhausted_at)
            .map(|(a, b)| a.since(b) / 1000),
        samples: run.curve.len(),
    };
    (error, run.curve)
}
