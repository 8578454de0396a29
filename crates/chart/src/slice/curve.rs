//! Slices of curves.

use super::column_ms;
use crate::lane::{Curve, Part};
use crate::thin::extremes;
use model::{Timestamp, Window};

impl Curve {
    /// See [`crate::Lane::slice`].
    pub(super) fn slice(&self, window: Window, columns: u32) -> Self {
        let from = self.points.partition_point(|(t, _)| *t < window.start);
        let to = self.points.partition_point(|(t, _)| *t <= window.end);
        let wide = from.saturating_sub(1)..(to + 1).min(self.points.len());
        let inside = self.points.get(from..to).unwrap_or(&[]);
        let gaps = self.gaps_within(wide.clone());
        if inside.len() <= 2 * columns as usize {
            return Self {
                points: self.points.get(wide).unwrap_or(&[]).to_vec(),
                // What is thinned already keeps the sums that it came with.
                part: self.part.clone(),
                gaps: if self.thinned.is_some() {
                    gaps
                } else {
                    Vec::new()
                },
                ..self.without_points()
            };
        }
        let length = column_ms(window, columns)
            .max(self.thinned.unwrap_or(0))
            .max(1);
        let column = |t: Timestamp| t.millis().div_euclid(length);
        let mut points = Vec::new();
        points.extend(from.checked_sub(1).and_then(|i| self.points.get(i)));
        let end = |t: Timestamp| column(t).saturating_add(1).saturating_mul(length);
        points.extend(extremes(
            inside,
            |p| end(p.0),
            |end, p| p.0.millis() < *end,
            |p| p.1,
        ));
        points.extend(self.points.get(to));
        Self {
            part: self.part.as_ref().map(|part| Part {
                sums: part.in_columns(&self.points, (from, to), length),
                ..part.without_sums()
            }),
            points,
            thinned: Some(length),
            gaps: gaps
                .into_iter()
                .filter(|(from, to)| column(*from) != column(*to))
                .collect(),
            ..self.without_points()
        }
    }

    pub(crate) fn without_points(&self) -> Self {
        Self {
            series: self.series.clone(),
            label: self.label.clone(),
            points: Vec::new(),
            gap_ms: self.gap_ms,
            thinned: self.thinned,
            gaps: Vec::new(),
            role: self.role,
            part: self.part.as_ref().map(Part::without_sums),
            ink: self.ink,
        }
    }

    /// The curve of another time on this one's clock, as [`crate::Plot::ghosts`] holds them: moved
    /// by this many milliseconds (positive: to later), with a legend entry of its own.
    #[must_use]
    pub fn moved(&self, ms: i64, label: String) -> Self {
        Self {
            label,
            points: self.points.iter().map(|(t, v)| (t.plus(ms), *v)).collect(),
            gaps: self
                .gaps
                .iter()
                .map(|(from, to)| (from.plus(ms), to.plus(ms)))
                .collect(),
            ..self.without_points()
        }
    }

    /// Fills the curve with the lowest and highest value of each bucket of `bucket_ms`
    /// milliseconds, in order of time and counted from the epoch, as a pyramid of a store has
    /// them. Where no bucket lies between two others, nothing is joined.
    #[must_use]
    pub fn of_buckets(
        self,
        bucket_ms: i64,
        buckets: impl IntoIterator<Item = (Timestamp, f64, f64)>,
    ) -> Self {
        let apart = self.gap_ms.max(bucket_ms.saturating_mul(3) / 2);
        let (mut points, mut gaps) = (Vec::new(), Vec::new());
        let mut last: Option<Timestamp> = None;
        for (at, low, high) in buckets {
            if let Some(last) = last.filter(|last| at.since(*last) > apart) {
                gaps.push((last, at));
            }
            last = Some(at);
            points.push((at, low));
            if high > low {
                points.push((at, high));
            }
        }
        Self {
            points,
            gaps,
            thinned: Some(bucket_ms),
            ..self
        }
    }
}
