//! A builder of small incidents at one minute.

use analysis::{Settings, analyse};
use model::{
    Analysis, Event, EventKind, Evidence, Impact, ObjectRef, Samples, Series, SeriesMeta,
    Timestamp, Window,
    time::{DAY, MINUTE},
};

/// The instant of a minute.
pub(crate) fn at(minute: i64) -> Timestamp {
    Timestamp::from_seconds(1_709_251_200).plus(minute * MINUTE)
}

/// Even numbers from 0 to 1, the same for the same seed.
pub(crate) fn uniform(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Roughly normal noise of standard deviation one: the sum of twelve even numbers.
pub(crate) fn noise(seed: u64) -> impl FnMut() -> f64 {
    let mut uniform = uniform(seed);
    move || (0..12).map(|_| uniform()).sum::<f64>() - 6.0
}

/// An incident in the making.
pub(crate) struct Made {
    pub evidence: Evidence,
    minutes: i64,
}

impl Made {
    /// Nothing yet, over so many days.
    pub(crate) fn days(days: i64) -> Self {
        Self {
            evidence: Evidence {
                window: Window {
                    start: at(0),
                    end: at(0).plus(days * DAY),
                },
                ..Evidence::default()
            },
            minutes: days * 1440,
        }
    }

    /// A series by minute.
    pub(crate) fn series(mut self, meta: SeriesMeta, value: impl FnMut(i64) -> f64) -> Self {
        let values = (0..self.minutes).map(value);
        let points = (0..self.minutes).map(at).zip(values).collect();
        self.evidence.series.push(Series {
            meta,
            samples: Samples::from_unordered(points),
        });
        self
    }

    /// A series that is named as a symptom.
    pub(crate) fn symptom(mut self, id: &str, value: impl FnMut(i64) -> f64) -> Self {
        self.evidence.symptom.push(id.into());
        let meta = SeriesMeta {
            id: id.into(),
            name: id.into(),
            stat: "p95".into(),
            ..SeriesMeta::default()
        };
        self.series(meta, value)
    }

    /// Somebody says that it began then.
    pub(crate) fn stated(&mut self, minute: i64) {
        self.evidence.impact = Some(Impact {
            start: at(minute),
            end: None,
        });
    }

    /// An event on an object of that name.
    pub(crate) fn event(&mut self, id: &str, kind: EventKind, name: &str, minute: i64) {
        self.evidence.events.push(Event {
            id: id.into(),
            kind,
            start: Some(at(minute)),
            namespace: "shop".into(),
            object: ObjectRef {
                kind: "Deployment".into(),
                name: name.into(),
            },
            ..Event::default()
        });
    }

    /// Moves the last event back by so many seconds.
    pub(crate) fn earlier_by(&mut self, seconds: i64) {
        if let Some(event) = self.evidence.events.last_mut() {
            event.start = event.start.map(|t| t.plus(-seconds * 1000));
        }
    }

    /// A rollout of a Deployment.
    pub(crate) fn rollout(&mut self, id: &str, name: &str, minute: i64) {
        self.event(id, EventKind::Rollout, name, minute);
    }

    /// What the analysis says.
    pub(crate) fn analysed(mut self) -> Analysis {
        self.evidence.sort();
        analyse(
            &self.evidence,
            &Settings::default(),
            self.evidence.window.end,
        )
    }
}
