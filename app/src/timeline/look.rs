//! What a view makes of a case: spans to jump to, what a suspect lights, and the incident's shape at
//! a glance.

use crate::{
    backend::Case,
    view::{
        self, Preset,
        strip::{self, HEIGHT, WIDTH},
    },
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

/// The whole incident in a strip: the first curve of the first lane that is pinned, else of the first
/// of all, impact, changes, and a brush over what is shown. Finished SVG; the browser moves the brush.
pub(super) fn overview(lanes: &[Lane], pinned: &[String], bounds: Window, shown: Window) -> String {
    let scale = strip::scale(bounds);
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
    let first = |lane: &'_ Lane| match &lane.content {
        Content::Metric(plot) => plot.curves.first().cloned(),
        Content::Events { .. } => None,
    };
    let by_id = |id: &String| lanes.iter().find(|l| l.id == *id);
    let curve = pinned.iter().filter_map(by_id).find_map(first);
    let curve = curve.or_else(|| lanes.iter().find_map(first));
    if let Some(curve) = curve {
        let _ = write!(
            svg,
            "<path class=\"strip-curve\" d=\"{}\"/>",
            strip::path(&curve.points, curve.gap_ms, scale)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_drawn_of_nothing() {
        let at = Timestamp::from_seconds;
        let bounds = Window {
            start: at(0),
            end: at(10),
        };
        let strip = overview(&[], &[], bounds, bounds);
        assert!(strip.contains("strip-brush") && !strip.contains("strip-curve"));
        assert!(!strip.contains("NaN"));
    }
}
