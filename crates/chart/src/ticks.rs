//! Ticks at round places: of time in UTC, of values in the prefix of their unit.

use crate::value::{is_binary, value_text};
use model::time::{DAY, HOUR, MINUTE, SECOND};
use model::{Timestamp, Window};

/// Distances between ticks of time that people read easily.
const STEPS: [i64; 24] = [
    SECOND,
    5 * SECOND,
    15 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    3 * DAY,
    4 * DAY,
    7 * DAY,
    14 * DAY,
    28 * DAY,
    91 * DAY,
    364 * DAY,
];

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A tick of the time axis.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TimeTick {
    pub(crate) at: Timestamp,
    pub(crate) label: String,
    /// A new day: its label is the date.
    pub(crate) day: bool,
}

/// Ticks at the finest round distance that leaves room for `most` labels. Days are named at
/// midnight; the first tick carries its date too, so that no drawing is without one.
pub(crate) fn time_ticks(window: Window, most: usize) -> Vec<TimeTick> {
    let length = window.millis().max(1);
    let step = STEPS
        .into_iter()
        .find(|step| length as f64 / *step as f64 <= most.max(1) as f64)
        .unwrap_or(length);
    let mut out = Vec::new();
    let mut at = window.start.plus(step - 1).floor_to(step);
    while at <= window.end && out.len() <= most + 1 {
        let day = at.millis().rem_euclid(DAY) == 0;
        let label = if day { date(at) } else { clock(at, step) };
        out.push(TimeTick { at, label, day });
        at = at.plus(step);
    }
    if let Some(first) = out.first_mut().filter(|t| !t.day) {
        first.label = format!("{} {}", date(first.at), first.label);
    }
    out
}

fn clock(at: Timestamp, step: i64) -> String {
    if step < MINUTE {
        let second = at.seconds().rem_euclid(60);
        format!("{}:{second:02}", at.clock())
    } else {
        at.clock()
    }
}

/// `22 May`.
pub(crate) fn date(at: Timestamp) -> String {
    let text = at.date();
    let mut parts = text
        .split('-')
        .skip(1)
        .filter_map(|p| p.parse::<usize>().ok());
    match (
        parts.next().and_then(|m| MONTHS.get(m.wrapping_sub(1))),
        parts.next(),
    ) {
        (Some(month), Some(day)) => format!("{day} {month}"),
        _ => text,
    }
}

/// Largest magnitude that an axis reaches.
const HUGE: f64 = 1e300;

/// An axis of values: its ends and its ticks.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ValueAxis {
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) log: bool,
    pub(crate) ticks: Vec<(f64, String)>,
}

impl ValueAxis {
    /// An axis that holds these values, with about `most` ticks at most. It begins at zero unless
    /// a value is below; one with a scale that does not reach to zero begins at the round value
    /// below the lowest. A logarithmic one begins at the round value below the lowest positive
    /// one, and what is at or below zero lies on its floor.
    pub(crate) fn new(range: Range, scale: Scale, unit: &str, most: usize) -> Self {
        // What lies beyond is drawn at the edge: no step and no sum of steps may overflow.
        let [low, high] = [range.low, range.high].map(|v| v.clamp(-HUGE, HUGE));
        let least = if range.least > 0.0 {
            range.least.max(1.0 / HUGE)
        } else {
            range.least
        };
        match scale {
            Scale::Log if least > 0.0 && high > least => log_axis(least, high, unit, most),
            Scale::Free => linear_axis(low, high, unit, most),
            Scale::Log | Scale::FromZero => linear_axis(low.min(0.0), high.max(0.0), unit, most),
        }
    }

    /// Where a value lies, 0 at the bottom and 1 at the top.
    pub(crate) fn place(&self, value: f64) -> f64 {
        self.free_place(value).clamp(0.0, 1.0)
    }

    /// Where a value lies, on the axis or beyond its ends.
    pub(crate) fn free_place(&self, value: f64) -> f64 {
        if self.log {
            let value = value.max(self.low);
            let low = self.low.ln();
            (value.ln() - low) / (self.high.ln() - low)
        } else {
            (value - self.low) / (self.high - self.low)
        }
    }

    /// The value at a place, 0 at the bottom and 1 at the top.
    pub(crate) fn at(&self, place: f64) -> f64 {
        let place = place.clamp(0.0, 1.0);
        if self.log {
            (self.low.ln() + place * (self.high.ln() - self.low.ln())).exp()
        } else {
            self.low + place * (self.high - self.low)
        }
    }

    /// Whether zero lies below its lower end.
    pub(crate) fn is_broken(&self) -> bool {
        !self.log && self.low > 0.0
    }
}

/// The values that an axis holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Range {
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// Lowest value above zero.
    pub(crate) least: f64,
}

/// How an axis divides its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scale {
    /// Linear, and zero is on it.
    FromZero,
    /// Linear, between its values.
    Free,
    /// Logarithmic.
    Log,
}

fn linear_axis(low: f64, high: f64, unit: &str, most: usize) -> ValueAxis {
    let range = if high > low { high - low } else { 1.0 };
    let step = round_step(range / most.max(1) as f64, is_binary(unit));
    let low = (low / step).floor() * step;
    let top = (high / step).ceil() * step;
    let high = if top > low { top } else { low + step };
    let n = ((high - low) / step).round() as usize;
    let ticks = (0..=n)
        .map(|i| low + step * i as f64)
        .map(|v| {
            (
                v,
                value_text(if v.abs() < step * 1e-9 { 0.0 } else { v }, unit),
            )
        })
        .collect();
    ValueAxis {
        low,
        high,
        log: false,
        ticks,
    }
}

/// The round number at or above `raw`: 1, 2 or 5 times a power of ten, or for bytes a power of
/// two times a power of 1024.
fn round_step(raw: f64, binary: bool) -> f64 {
    if !(raw.is_finite() && raw > 0.0) {
        return 1.0;
    }
    if binary {
        // Below one byte there is nothing to be precise about.
        return raw.max(1.0).log2().ceil().exp2();
    }
    let power = 10f64.powf(raw.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|m| m * power)
        .find(|step| *step >= raw * (1.0 - 1e-9))
        .unwrap_or(10.0 * power)
}

fn log_axis(least: f64, high: f64, unit: &str, most: usize) -> ValueAxis {
    let bases: &[f64] = if is_binary(unit) {
        &[4.0, 16.0, 32.0, 1024.0]
    } else {
        &[10.0, 100.0, 1000.0]
    };
    let exponents = |base: f64| {
        let low = (least.ln() / base.ln() + 1e-9).floor() as i32;
        let high = (high.ln() / base.ln() - 1e-9).ceil() as i32;
        (low, high.max(low + 1))
    };
    let base = bases
        .iter()
        .copied()
        .find(|b| {
            let (low, high) = exponents(*b);
            (high - low) as usize <= most
        })
        .or(bases.last().copied())
        .unwrap_or(10.0);
    let (from, to) = exponents(base);
    let every = ((to - from).unsigned_abs() as usize / most.max(1)).max(1);
    let ticks = (from..=to)
        .step_by(every)
        .map(|e| base.powi(e))
        .map(|v| (v, value_text(v, unit)))
        .collect();
    ValueAxis {
        low: base.powi(from),
        high: base.powi(to),
        log: true,
        ticks,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(start: &str, end: &str) -> Window {
        Window::new(start.parse().unwrap(), end.parse().unwrap()).unwrap()
    }

    fn labels(ticks: &[TimeTick]) -> Vec<&str> {
        ticks.iter().map(|t| t.label.as_str()).collect()
    }

    #[test]
    fn ticks_of_time_are_round_and_dated() {
        let w = window("2020-05-20T06:10:00Z", "2020-05-22T12:00:00Z");
        let ticks = time_ticks(w, 10);
        assert_eq!(
            labels(&ticks)[..4],
            ["20 May 12:00", "18:00", "21 May", "06:00"]
        );
        let w = window("2020-05-22T02:58:30Z", "2020-05-22T03:01:30Z");
        assert_eq!(
            labels(&time_ticks(w, 4)),
            ["22 May 02:59", "03:00", "03:01"]
        );
        let w = window("1970-01-01T00:00:00Z", "9000-01-01T00:00:00Z");
        assert!(time_ticks(w, 10).len() <= 12);
    }

    fn range(low: f64, high: f64, least: f64) -> Range {
        Range { low, high, least }
    }

    #[test]
    fn an_axis_that_need_not_begin_at_zero_says_that_it_does_not() {
        let axis = ValueAxis::new(range(2.0e12, 2.3e12, 2.0e12), Scale::Free, "Bytes", 5);
        assert!(axis.is_broken() && axis.low <= 2.0e12 && axis.low > 1.9e12);
        let flat = ValueAxis::new(range(5.0, 5.0, 5.0), Scale::Free, "Count", 5);
        assert!(flat.high > flat.low && flat.place(5.0).is_finite());
        let axis = ValueAxis::new(range(0.0, 3.0, 1.0), Scale::Free, "Count", 5);
        assert!(!axis.is_broken());
    }

    #[test]
    fn axes_begin_at_zero_and_end_on_a_round_value() {
        let texts = |a: &ValueAxis| a.ticks.iter().map(|t| t.1.clone()).collect::<Vec<_>>();
        let axis = ValueAxis::new(
            range(2.0e12, 2.308_974e12, 2.0e12),
            Scale::FromZero,
            "Bytes",
            5,
        );
        assert_eq!(
            texts(&axis),
            ["0 B", "512 GiB", "1 TiB", "1.5 TiB", "2 TiB", "2.5 TiB"]
        );
        let axis = ValueAxis::new(range(0.1, 0.34, 0.1), Scale::FromZero, "Seconds", 4);
        assert_eq!(
            texts(&axis),
            ["0 s", "100 ms", "200 ms", "300 ms", "400 ms"]
        );
        let axis = ValueAxis::new(range(-3.0, 7.0, 1.0), Scale::FromZero, "Count", 5);
        assert_eq!(texts(&axis), ["-4", "-2", "0", "2", "4", "6", "8"]);
        let axis = ValueAxis::new(range(0.0, 0.0, 0.0), Scale::FromZero, "Percent", 4);
        assert!(axis.high > axis.low);
        assert!((axis.place(0.0)).abs() < 1e-12);
    }

    #[test]
    fn no_size_of_values_is_too_much() {
        let ranges = [
            (0.0, f64::MAX),
            (f64::MIN, f64::MAX),
            (1e-320, 1e308),
            (-1e308, 0.0),
            (1.6e308, 1.7e308),
        ];
        for (low, high) in ranges {
            for scale in [Scale::Log, Scale::Free, Scale::FromZero] {
                for unit in ["Count", "Bytes", "Seconds"] {
                    let least = low.max(5e-324);
                    let axis = ValueAxis::new(Range { low, high, least }, scale, unit, 6);
                    assert!(axis.ticks.len() < 40, "{low} {high} {unit}");
                    assert!(axis.low.is_finite() && axis.high.is_finite());
                    assert!(
                        (0.0..=1.0).contains(&axis.place(high)),
                        "{low} {high} {unit}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_logarithmic_axis_has_round_ends_and_a_floor() {
        let axis = ValueAxis::new(range(0.0, 4e8, 900.0), Scale::Log, "Bytes/Second", 5);
        assert!(axis.log && axis.low <= 900.0 && axis.high >= 4e8);
        assert!(axis.place(0.0) < 1e-12);
        assert!(axis.place(4e8) > axis.place(4e5));
    }
}
