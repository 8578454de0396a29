//! What the crosshair reads.

use crate::lane::{Content, Curve, Lane};
use crate::value::value_text;
use model::Timestamp;
use serde::{Deserialize, Serialize};

/// What one curve says at an instant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// Place of the curve in [`crate::Plot::curves`], or in `ghosts`.
    pub curve: usize,
    /// Whether it is a curve for comparison.
    pub ghost: bool,
    /// Series id.
    pub series: String,
    /// What the legend calls it.
    pub label: String,
    /// The sample next to the instant; `None` in a gap and where no sample is near.
    pub sample: Option<Sampled>,
    /// The value with its unit; `no data` where there is no sample.
    pub text: String,
}

/// A sample, or the extremes of a column of a thinned curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sampled {
    /// When, in milliseconds since the epoch; of a column the sample next to the instant.
    #[serde(with = "crate::wire::instant")]
    pub at: Timestamp,
    /// The value, or the lowest of the column, in the lane's unit.
    pub low: f64,
    /// The value, or the highest of the column, in the lane's unit.
    pub high: f64,
}

impl Lane {
    /// What every curve says at an instant, the curves for comparison last; nothing for a lane of
    /// events.
    pub fn readings(&self, at: Timestamp) -> Vec<Reading> {
        let Content::Metric(plot) = &self.content else {
            return Vec::new();
        };
        let curves = plot.curves.iter().enumerate().map(|(i, c)| (i, c, false));
        let ghosts = plot.ghosts.iter().enumerate().map(|(i, c)| (i, c, true));
        curves
            .chain(ghosts)
            .map(|(i, curve, ghost)| {
                let sample = curve.sample_at(at);
                Reading {
                    curve: i,
                    ghost,
                    series: curve.series.clone(),
                    label: curve.label.clone(),
                    sample,
                    text: sample
                        .map_or_else(|| "no data".to_owned(), |s| s.text(&self.unit, plot.log)),
                }
            })
            .collect()
    }
}

impl Sampled {
    /// `334 ms`, or `100 ms to 334 ms` where lowest and highest differ. On a logarithmic axis zero is
    /// called by its name, for it has no place there.
    fn text(self, unit: &str, log: bool) -> String {
        let text = |value: f64| match value {
            0.0 if log => "zero".to_owned(),
            value => value_text(value, unit),
        };
        let (low, high) = (text(self.low), text(self.high));
        if low == high {
            low
        } else {
            format!("{low} to {high}")
        }
    }
}

impl Curve {
    /// The sample next to an instant, unless that lies in a gap: further than half the distance at
    /// which samples are still joined.
    fn sample_at(&self, at: Timestamp) -> Option<Sampled> {
        let after = self.points.partition_point(|(t, _)| *t < at);
        let before = after.checked_sub(1).and_then(|i| self.points.get(i));
        let next = [before, self.points.get(after)]
            .into_iter()
            .flatten()
            .min_by_key(|(t, _)| t.since(at).abs())?;
        let Some(column) = self.thinned.filter(|ms| *ms > 0) else {
            let near = next.0.since(at).abs() <= self.gap_ms / 2;
            return near.then_some(Sampled {
                at: next.0,
                low: next.1,
                high: next.1,
            });
        };
        if self.gaps.iter().any(|(from, to)| *from < at && at < *to) {
            let near = next.0.since(at).abs() <= self.gap_ms / 2;
            return near.then(|| self.column(next.0, column)).flatten();
        }
        // A column without samples of its own lies between two that are joined.
        let reach = column.max(self.gap_ms);
        self.column(at, column).or_else(|| {
            let near = next.0.since(at).abs() <= reach;
            near.then(|| self.column(next.0, column)).flatten()
        })
    }

    /// About what the curve says at an instant, as a number: of a part in a thinned curve the mean of its
    /// column.
    pub(crate) fn mean_at(&self, at: Timestamp) -> Option<f64> {
        let sample = self.sample_at(at)?;
        let columns = self.thinned.filter(|ms| *ms > 0).zip(self.part.as_ref());
        let Some((length, part)) = columns else {
            return Some(f64::midpoint(sample.low, sample.high));
        };
        let column = sample.at.floor_to(length);
        let place = part.sums.partition_point(|(t, _)| *t < column);
        let here = part.sums.get(place);
        let (_, sum) = here.filter(|(t, _)| t.floor_to(length) == column)?;
        Some(sum * 1000.0 / length as f64)
    }

    /// The extremes of the column that holds an instant.
    fn column(&self, at: Timestamp, length: i64) -> Option<Sampled> {
        let start = at.floor_to(length);
        let from = self.points.partition_point(|(t, _)| *t < start);
        let to = self
            .points
            .partition_point(|(t, _)| *t < start.plus(length));
        let points = self.points.get(from..to)?;
        let nearest = points.iter().min_by_key(|(t, _)| t.since(at).abs())?;
        let first = Sampled {
            at: nearest.0,
            low: nearest.1,
            high: nearest.1,
        };
        Some(points.iter().fold(first, |s, (_, v)| Sampled {
            low: s.low.min(*v),
            high: s.high.max(*v),
            ..s
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lane::{LaneKind, Plot};

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_seconds(minute * 60)
    }

    fn lane(curve: Curve) -> Lane {
        Lane {
            id: "l".into(),
            title: String::new(),
            unit: "Seconds".into(),
            kind: LaneKind::Metric,
            summary: String::new(),
            series: vec!["s".into()],
            events: Vec::new(),
            content: Content::Metric(Plot {
                curves: vec![curve],
                ..Plot::default()
            }),
            marks: Vec::new(),
            bands: Vec::new(),
        }
    }

    #[test]
    fn the_nearest_sample_is_read_and_nothing_in_a_gap() {
        let curve = Curve {
            points: [0, 1, 2, 10, 11].map(|m| (at(m), m as f64 / 10.0)).to_vec(),
            gap_ms: 90_000,
            ..Curve::default()
        };
        let lane = lane(curve);
        let text = |at| lane.readings(at)[0].text.clone();
        assert_eq!(text(at(1).plus(20_000)), "100 ms");
        assert_eq!(text(at(2).plus(40_000)), "200 ms");
        assert_eq!(text(at(5)), "no data");
        assert_eq!(text(at(12)), "no data");
        assert_eq!(text(at(-5)), "no data");
    }

    #[test]
    fn zero_has_a_name_where_the_axis_has_no_place_for_it() {
        let mut lane = lane(Curve {
            points: vec![(at(0), 0.0), (at(1), 0.2)],
            gap_ms: 90_000,
            ..Curve::default()
        });
        assert_eq!(lane.readings(at(0))[0].text, "0 s");
        if let Content::Metric(plot) = &mut lane.content {
            plot.log = true;
        }
        assert_eq!(lane.readings(at(0))[0].text, "zero");
        assert_eq!(lane.readings(at(1))[0].text, "200 ms");
    }

    #[test]
    fn of_a_column_lowest_and_highest_are_read() {
        let curve = Curve {
            gap_ms: 90_000,
            ..Curve::default()
        };
        let hour = |h: i64, low, high| (at(h * 60), low, high);
        let hours = [hour(0, 0.1, 0.4), hour(1, 0.2, 0.2), hour(9, 1.0, 3.0)];
        let lane = lane(curve.of_buckets(3_600_000, hours));
        let text = |at| lane.readings(at)[0].text.clone();
        assert_eq!(text(at(59)), "100 ms to 400 ms");
        assert_eq!(text(at(60)), "200 ms");
        assert_eq!(text(at(300)), "no data");
        assert_eq!(text(at(545)), "1 s to 3 s");
    }
}
