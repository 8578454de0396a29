//! Effects: how much a series is away from its usual level, and from when to when.

use model::Timestamp;

/// A share that comes on top of a level: 1.0 doubles it, −0.5 halves it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effect {
    /// When it begins.
    pub from: Timestamp,
    /// When it ends, where it does.
    pub until: Option<Timestamp>,
    /// Its full size.
    pub size: f64,
    /// Milliseconds until the full size is reached; 0: at once.
    pub ramp: i64,
}

impl Effect {
    /// At once, and for good.
    pub(super) fn step(from: Timestamp, size: f64) -> Self {
        Self {
            from,
            until: None,
            size,
            ramp: 0,
        }
    }

    /// The same, over at some time.
    pub(super) fn until(self, until: Option<Timestamp>) -> Self {
        Self { until, ..self }
    }

    /// The same, reached slowly.
    pub(super) fn over(self, ramp: i64) -> Self {
        Self { ramp, ..self }
    }

    /// The same, of another size.
    pub(super) fn times(self, factor: f64) -> Self {
        Self {
            size: self.size * factor,
            ..self
        }
    }

    /// What it adds at an instant.
    pub(super) fn at(&self, t: Timestamp) -> f64 {
        if t < self.from || self.until.is_some_and(|end| t >= end) {
            return 0.0;
        }
        let share = if self.ramp > 0 {
            (t.since(self.from) as f64 / self.ramp as f64).min(1.0)
        } else {
            1.0
        };
        self.size * share
    }
}
