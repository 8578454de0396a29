//! What a view makes of a case: spans to jump to, what a suspect lights, and the incident's shape at
//! a glance.

use crate::{
    backend::Case,
    view::{self, Preset, Scale},
};
use chart::{BandKind, Content, Focus, Lane, MarkKind};
use model::{Timestamp, Window, analysis::Suspect};
use std::fmt::Write;

/// Spans worth looking at: around the onset, the drain of the credits, the impact, everything.
pub(super) fn presets(case: &Case, window: Window) -> Vec<Preset> {
    let analysis = &case.analysis;
    let onset = analysis.driver.as_ref().map(|d| d.onset).or_else(|| {
        let explained = analysis.suspects.first()?.explains.first()?;
        Some(explained.at)
    });
    let drain = analysis.credits.iter().find_map(|credit| {
        let start = credit.drain_start?;
        let end = credit
            .recovery_start
            .or(credit.exhausted_at)
            .unwrap_or(window.end);
        Window::new(start, end)
    });
    let said = case.evidence.impact.map(|i| (i.start, i.end));
    let measured = analysis.impact.as_ref().map(|i| (i.start, i.end));
    let impact = said
        .or(measured)
        .and_then(|(start, end)| Window::new(start, end.unwrap_or(window.end)));
    view::presets(window, onset, drain, impact)
}

/// What a suspect is about.
pub(super) fn lit(suspect: &Suspect) -> Focus {
    let behind = suspect.evidence.iter();
    Focus {
        series: suspect
            .explains
            .iter()
            .map(|e| &e.series)
            .chain(behind.clone().flat_map(|e| &e.series))
            .cloned()
            .collect(),
        events: suspect
            .events
            .iter()
            .chain(behind.flat_map(|e| &e.events))
            .cloned()
            .collect(),
    }
}

/// Width and height of the strip in its own units; it is stretched to its place.
const WIDTH: f64 = 1_000.0;
/// See [`WIDTH`].
const HEIGHT: f64 = 40.0;

/// The whole incident in a strip: the first curve, impact, changes, and a brush over what is shown.
/// Finished SVG; the browser moves the brush.
pub(super) fn overview(lanes: &[Lane], bounds: Window, shown: Window) -> String {
    let scale = Scale {
        left: 0.0,
        right: WIDTH,
        window: bounds,
    };
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" preserveAspectRatio=\"none\" width=\"100%\" \
         height=\"100%\" aria-hidden=\"true\">"
    );
    let rect = |out: &mut String, class: &str, from: Timestamp, to: Timestamp| {
        let (x0, x1) = (
            scale.x(from).clamp(0.0, WIDTH),
            scale.x(to).clamp(0.0, WIDTH),
        );
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "<rect class=\"{class}\" x=\"{x0:.2}\" y=\"0\" width=\"{:.2}\" height=\"{HEIGHT}\"/>",
            x1 - x0
        );
    };
    let bands = lanes.first().map_or(&[][..], |l| &l.bands);
    for band in bands.iter().filter(|b| b.kind == BandKind::Impact) {
        rect(&mut svg, "strip-impact", band.span.start, band.span.end);
    }
    let curve = lanes.iter().find_map(|lane| match &lane.content {
        Content::Metric(plot) => plot.curves.first(),
        Content::Events { .. } => None,
    });
    if let Some(curve) = curve {
        let _ = write!(
            svg,
            "<path class=\"strip-curve\" d=\"{}\"/>",
            path(&curve.points, curve.gap_ms, scale)
        );
    }
    let mut changes: Vec<i64> = lanes
        .iter()
        .flat_map(|l| &l.marks)
        .filter(|m| {
            matches!(
                m.kind,
                MarkKind::ChangeUp | MarkKind::ChangeDown | MarkKind::Onset
            )
        })
        .map(|m| scale.x(m.at).round() as i64)
        .collect();
    changes.sort_unstable();
    changes.dedup();
    let ticks: String = changes.iter().fold(String::new(), |mut out, x| {
        let _ = write!(out, "M{x} {}V{HEIGHT}", HEIGHT - 6.0);
        out
    });
    let _ = write!(svg, "<path class=\"strip-changes\" d=\"{ticks}\"/>");
    rect(
        &mut svg,
        "strip-shade strip-before",
        bounds.start,
        shown.start,
    );
    rect(&mut svg, "strip-shade strip-after", shown.end, bounds.end);
    rect(&mut svg, "strip-brush", shown.start, shown.end);
    svg.push_str("</svg>");
    svg
}

/// A curve with at most the lowest and the highest sample of every two units. Gaps are not joined.
fn path(points: &[(Timestamp, f64)], gap_ms: i64, scale: Scale) -> String {
    let values = points.iter().map(|(_, v)| *v).filter(|v| v.is_finite());
    let (low, high) = values.fold((0.0_f64, f64::MIN), |(l, h), v| (l.min(v), h.max(v)));
    let range = if high > low { high - low } else { 1.0 };
    let y = |v: f64| HEIGHT - 2.0 - (v - low) / range * (HEIGHT - 8.0);
    let mut out = String::new();
    let mut last: Option<Timestamp> = None;
    let mut rest = points;
    while let Some((first, _)) = rest.first() {
        let column = (scale.x(*first) / 2.0).floor();
        let in_column = |(t, _): &&(Timestamp, f64)| (scale.x(*t) / 2.0).floor() <= column;
        let n = rest.iter().take_while(in_column).count().max(1);
        let (column, after) = rest.split_at(n.min(rest.len()));
        let finite = || column.iter().filter(|(_, v)| v.is_finite());
        let lowest = finite().min_by(|a, b| a.1.total_cmp(&b.1));
        let highest = finite().max_by(|a, b| a.1.total_cmp(&b.1));
        let mut both: Vec<&(Timestamp, f64)> = [lowest, highest].into_iter().flatten().collect();
        both.sort_by_key(|(t, _)| *t);
        both.dedup();
        for (t, v) in both {
            let joined = last.is_some_and(|l| t.since(l) <= gap_ms.max(scale.millis(2.0)));
            let step = if joined { 'L' } else { 'M' };
            let _ = write!(out, "{step}{:.1} {:.1}", scale.x(*t), y(*v));
            last = Some(*t);
        }
        rest = after;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strip_keeps_spikes_and_gaps() {
        let at = Timestamp::from_seconds;
        let bounds = Window {
            start: at(0),
            end: at(10_000),
        };
        let scale = Scale {
            left: 0.0,
            right: WIDTH,
            window: bounds,
        };
        let mut points: Vec<(Timestamp, f64)> = (0..10_000).map(|s| (at(s), 1.0)).collect();
        points[5_003].1 = 100.0;
        points.drain(7_000..8_000);
        let path = path(&points, 5_000, scale);
        assert_eq!(path.matches('M').count(), 2, "one gap");
        assert!(path.contains("500.3 6.0"), "the spike: {path}");
        assert!(path.len() < 30_000);
    }

    #[test]
    fn nothing_is_drawn_of_nothing() {
        let at = Timestamp::from_seconds;
        let bounds = Window {
            start: at(0),
            end: at(10),
        };
        let strip = overview(&[], bounds, bounds);
        assert!(strip.contains("strip-brush") && !strip.contains("strip-curve"));
        assert!(!strip.contains("NaN"));
    }
}
