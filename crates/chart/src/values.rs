//! Values as they lie in a lane of curves: what a pointer reads off, and where a threshold is drawn.

use crate::draw::{Axes, Frame};
use crate::geometry::Rect;
use crate::lane::{Content, Lane, Size};
use model::Window;

/// The axis of values of a lane as it is drawn.
pub struct Values {
    axes: Axes,
}

impl Lane {
    /// The axis of values of the lane as it is drawn in this window at this size; `None`: it has
    /// none.
    pub fn values(&self, window: Window, size: Size) -> Option<Values> {
        let Content::Metric(plot) = &self.content else {
            return None;
        };
        let frame = Frame::new(size.width, window);
        Some(Values {
            axes: Axes::new(frame, self, plot, size),
        })
    }
}

impl Values {
    /// The rectangle of the plot, CSS pixels.
    pub fn plot(&self) -> Rect {
        self.axes.plot
    }

    /// Lowest and highest value of the axis.
    pub fn ends(&self) -> (f64, f64) {
        (self.axes.values.low, self.axes.values.high)
    }

    /// Where a value lies, CSS pixels from the top; one beyond the axis lies on its end.
    pub fn y(&self, value: f64) -> f64 {
        self.axes.y(value)
    }

    /// The value at this many CSS pixels from the top, rounded to what a hand can aim at: a part of
    /// the pixels around it, at most three digits more than that. Beyond the plot it is the axis' end.
    pub fn at(&self, y: f64) -> f64 {
        let Rect { top, bottom, .. } = self.axes.plot;
        let height = (bottom - top).max(1.0);
        let place = ((bottom - y) / height).clamp(0.0, 1.0);
        let value = self.axes.values.at(place);
        let next = self.axes.values.at(place + 1.0 / height);
        let before = self.axes.values.at(place - 1.0 / height);
        rounded(value, (next - before) / 2.0)
    }
}

/// The multiple of a power of ten at or below `step` that lies nearest to the value.
fn rounded(value: f64, step: f64) -> f64 {
    if !(step.is_finite() && step > 0.0) {
        return value;
    }
    let power = step.log10().floor() as i32;
    // Dividing by a power of ten above one gives the nearest number that is written shortly.
    if power < 0 {
        let unit = 10f64.powi(-power);
        (value * unit).round() / unit
    } else {
        let unit = 10f64.powi(power);
        (value / unit).round() * unit
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Curve, LaneKind, Plot};
    use model::Timestamp;
    use proptest::prelude::*;

    const SIZE: Size = Size {
        width: 960,
        height: 200,
    };

    fn window() -> Window {
        Window {
            start: Timestamp::from_seconds(0),
            end: Timestamp::from_seconds(100),
        }
    }

    fn lane(values: &[f64], log: bool) -> Lane {
        let points = (0..).zip(values);
        let points = points.map(|(s, v)| (Timestamp::from_seconds(s), *v));
        Lane {
            id: "l".into(),
            title: String::new(),
            unit: "Count".into(),
            kind: LaneKind::Metric,
            summary: String::new(),
            series: vec!["s".into()],
            events: Vec::new(),
            content: Content::Metric(Plot {
                curves: vec![Curve {
                    series: "s".into(),
                    points: points.collect(),
                    gap_ms: 10_000,
                    ..Curve::default()
                }],
                log,
                ..Plot::default()
            }),
            marks: Vec::new(),
            bands: Vec::new(),
        }
    }

    proptest! {
        #[test]
        fn what_is_read_off_lies_where_it_was_read(
            low in 1e-3..1e3f64, more in 1.0..1e6f64, share in 0.0..=1.0f64, log in any::<bool>(),
        ) {
            let lane = lane(&[low, low * (1.0 + more)], log);
            let values = lane.values(window(), SIZE).unwrap();
            let plot = values.plot();
            let y = plot.top + share * (plot.bottom - plot.top);
            let (least, most) = values.ends();
            let read = values.at(y);
            prop_assert!((values.y(read) - y).abs() <= 1.0, "{} {y}", values.y(read));
            prop_assert!(read >= least - (most - least) * 1e-9 && read <= most * (1.0 + 1e-9));
            prop_assert!(read.to_string().len() <= 16, "{read}");
        }
    }

    #[test]
    fn beyond_the_plot_is_the_end_of_the_axis() {
        let lane = lane(&[0.0, 9.0], false);
        let values = lane.values(window(), SIZE).unwrap();
        let (low, high) = values.ends();
        let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
        assert!(near(values.at(-50.0), high) && near(values.at(1e9), low));
        assert!(near(values.y(1e9), values.plot().top));
        assert!(
            crate::Lane {
                content: Content::Events {
                    layout: crate::Layout::Packed,
                    items: Vec::new()
                },
                ..lane
            }
            .values(window(), SIZE)
            .is_none()
        );
    }
}
