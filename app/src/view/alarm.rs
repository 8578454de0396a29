//! A threshold that is tried on a lane.

use std::{fmt, str::FromStr};

/// A threshold on a series, as it is drawn: an alarm that could have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// The series.
    pub series: String,
    /// Whether it is in alarm above the threshold, and not below.
    pub above: bool,
    /// The threshold in the unit that the series is drawn in, as a number is written.
    value: String,
}

/// Longest number.
const LONGEST: usize = 32;

impl Alarm {
    /// A threshold; `None` where it is no number.
    pub fn new(series: &str, above: bool, value: f64) -> Option<Self> {
        let value = written(value)?;
        Some(Self {
            series: series.to_owned(),
            above,
            value,
        })
    }

    /// The threshold, in the unit that the series is drawn in.
    pub fn value(&self) -> f64 {
        number(&self.value).unwrap_or_default()
    }

    /// The same with the other way round.
    #[must_use]
    pub fn turned(&self) -> Self {
        Self {
            above: !self.above,
            ..self.clone()
        }
    }

    /// The same of another series.
    #[must_use]
    pub fn of(&self, series: &str) -> Self {
        Self {
            series: series.to_owned(),
            ..self.clone()
        }
    }
}

/// `above:0.25:series`: the series comes last, as it may have any letters.
impl fmt::Display for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = if self.above { "above" } else { "below" };
        write!(f, "{way}:{}:{}", self.value, self.series)
    }
}

impl FromStr for Alarm {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let said = "expected above:<number>:<series> or below:<number>:<series>";
        let mut parts = text.splitn(3, ':');
        let above = match parts.next() {
            Some("above") => true,
            Some("below") => false,
            _ => return Err(said),
        };
        let value = parts.next().filter(|v| v.len() <= LONGEST).ok_or(said)?;
        let series = parts.next().filter(|s| !s.is_empty()).ok_or(said)?;
        number(value).ok_or(said)?;
        Ok(Self {
            series: series.to_owned(),
            above,
            value: value.to_owned(),
        })
    }
}

/// The browser reads and writes numbers by itself: the tables that it takes would be a tenth of the
/// module.
#[cfg(all(feature = "hydrate", target_arch = "wasm32"))]
fn number(text: &str) -> Option<f64> {
    let plain = |b: u8| b.is_ascii_digit() || b"+-.eE".contains(&b);
    let value = js_sys::Number::parse_float(text);
    (!text.is_empty() && text.bytes().all(plain) && value.is_finite()).then_some(value)
}

#[cfg(not(all(feature = "hydrate", target_arch = "wasm32")))]
fn number(text: &str) -> Option<f64> {
    let plain = |b: u8| b.is_ascii_digit() || b"+-.eE".contains(&b);
    let value = text.parse().ok().filter(|v: &f64| v.is_finite())?;
    text.bytes().all(plain).then_some(value)
}

#[cfg(all(feature = "hydrate", target_arch = "wasm32"))]
fn written(value: f64) -> Option<String> {
    let text = js_sys::Number::from(value).to_string_with_radix(10).ok()?;
    value.is_finite().then(|| String::from(text))
}

#[cfg(not(all(feature = "hydrate", target_arch = "wasm32")))]
fn written(value: f64) -> Option<String> {
    let text = if value == 0.0 || (1e-5..1e21).contains(&value.abs()) {
        value.to_string()
    } else {
        format!("{value:e}")
    };
    value.is_finite().then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_threshold_is_read_as_it_is_written(
            series in ".{1,40}", above in any::<bool>(), value in any::<f64>(),
        ) {
            let Some(alarm) = Alarm::new(&series, above, value) else {
                prop_assert!(!value.is_finite());
                return Ok(());
            };
            let read: Alarm = alarm.to_string().parse().unwrap();
            prop_assert_eq!(read.value().to_bits(), value.to_bits());
            prop_assert_eq!(&read, &alarm);
            prop_assert_eq!(alarm.turned().turned(), alarm);
        }
    }

    #[test]
    fn what_is_no_threshold_is_refused() {
        for bad in [
            "",
            "above",
            "above:1",
            "above:1:",
            "over:1:s",
            "above:inf:s",
            "above:nan:s",
            "above:many:s",
            "above::s",
            "above:1e999:s",
            "above:0x10:s",
            "below: 1:s",
        ] {
            assert!(bad.parse::<Alarm>().is_err(), "{bad}");
        }
        let alarm: Alarm = "below:-2.5e9:aws:ns/x y".parse().unwrap();
        assert_eq!((alarm.above, alarm.series.as_str()), (false, "aws:ns/x y"));
        assert_eq!(alarm.of("b").to_string(), "below:-2.5e9:b");
    }
}
