//! Series with a single sample: a curve of one point shows nothing that a line of a table does not say.

use super::OnceView;
use chart::{Content, Lane, value_text};
use model::{Evidence, Window};

/// The lanes that show something, and what the others hold.
pub(super) fn split(lanes: Vec<Lane>, evidence: &Evidence) -> (Vec<Lane>, Vec<OnceView>) {
    let (points, lanes): (Vec<Lane>, Vec<Lane>) = lanes
        .into_iter()
        .partition(|lane| is_points(lane, evidence.window));
    let once = points.iter().flat_map(|lane| rows(lane, evidence));
    let once = once.collect();
    (lanes, once)
}

/// Whether each curve of a lane is one sample inside the window, and nothing happened to it.
fn is_points(lane: &Lane, window: Window) -> bool {
    let Content::Metric(plot) = &lane.content else {
        return false;
    };
    !plot.curves.is_empty()
        && plot.curves.iter().all(|curve| {
            curve.points.len() == 1 && curve.points.iter().all(|(at, _)| window.contains(*at))
        })
}

fn rows(lane: &Lane, evidence: &Evidence) -> Vec<OnceView> {
    let Content::Metric(plot) = &lane.content else {
        return Vec::new();
    };
    let curves = plot.curves.iter();
    curves
        .filter_map(|curve| {
            let (at, value) = *curve.points.first()?;
            let series = evidence.series(&curve.series);
            Some(OnceView {
                label: series.map_or(curve.label.clone(), |s| evidence.label(&s.meta)),
                at,
                value: value_text(value, &lane.unit),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Analysis, Samples, Series, SeriesMeta, Timestamp};

    #[test]
    fn one_sample_is_a_line_of_a_table_and_two_are_a_curve() {
        let at = Timestamp::from_seconds;
        let series = |id: &str, times: &[i64]| Series {
            meta: SeriesMeta {
                id: id.into(),
                name: id.into(),
                unit: "Seconds".into(),
                ..SeriesMeta::default()
            },
            samples: Samples::from_unordered(times.iter().map(|t| (at(*t), 0.334)).collect()),
        };
        let evidence = Evidence {
            window: Window {
                start: at(0),
                end: at(7_200),
            },
            series: vec![
                series("touch-a", &[60]),
                series("touch-b", &[60]),
                series("latency", &[60, 120]),
            ],
            ..Evidence::default()
        };
        let lanes = chart::lanes(&evidence, &Analysis::default(), &[]);
        let (lanes, once) = split(lanes, &evidence);
        let left: Vec<&String> = lanes.iter().flat_map(|l| &l.series).collect();
        assert_eq!(left, ["latency"]);
        let labels: Vec<&str> = once.iter().map(|o| o.label.as_str()).collect();
        assert_eq!(labels, ["touch-a", "touch-b"]);
        assert_eq!((once[0].at, once[0].value.as_str()), (at(60), "334 ms"));
    }
}
