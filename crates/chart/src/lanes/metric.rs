//! A lane of curves: its unit, curves, change points and credit milestones.

use super::changes::{change_levels, change_mark, changes, factor_of, marked};
use super::groups::Group;
use super::marks::Overlays;
use crate::lane::{
    Band, BandKind, Cone, Content, Curve, Lane, LaneKind, Mark, MarkKind, Part, PartKind, Plot,
    Role,
};
use crate::palette::{CURVES, Ink};
use crate::value::{drawn_unit, value_text};
use model::analysis::{ChangePoint, Credit};
use model::time::{HOUR, MINUTE};
use model::{Analysis, Evidence, Series, Window};
use std::collections::BTreeSet;

/// From this ratio between the largest values of its curves on, a lane that compares kinds has a
/// logarithmic axis: on a linear one the small curves would lie on the base line.
const LOG_RATIO: f64 = 100.0;

pub(super) fn lane(
    group: &Group<'_>,
    evidence: &Evidence,
    analysis: &Analysis,
    overlays: &Overlays,
) -> Lane {
    let window = evidence.window;
    let unit = group
        .members
        .first()
        .map(|s| drawn_unit(&s.meta).0)
        .unwrap_or_default();
    let labels = curve_labels(&group.members);
    let mut curves: Vec<Curve> = group
        .members
        .iter()
        .zip(&labels)
        .zip(CURVES.iter().cycle())
        .map(|((series, label), ink)| curve(series, label, *ink))
        .collect();
    let log = group.by_kind && spread(&curves) >= LOG_RATIO;
    if group.by_kind {
        for (curve, series) in curves.iter_mut().zip(&group.members) {
            curve.part = part(series);
        }
    }
    let series: Vec<String> = group.members.iter().map(|m| m.meta.id.clone()).collect();
    let credit = analysis.credits.iter().find(|c| series.contains(&c.series));
    let all = if credit.is_some() {
        Vec::new()
    } else {
        changes(group, analysis, window)
    };
    let shown = marked(&all, &group.members);

    let mut marks = overlays.marks_for(&series);
    let mut bands = overlays.bands.clone();
    let mut levels = Vec::new();
    for change in &shown {
        marks.push(change_mark(change, group, &labels, &unit));
        levels.extend(change_levels(change, &shown, group, window));
    }
    if let Some(credit) = credit {
        marks.extend(milestones(credit));
    }
    bands.extend(throttled(group, analysis));
    let forecast = credit.and_then(|c| cone(c, curves.first()));
    let theory = credit.and_then(|c| theory(c, group.members.first()?, curves.first()?));
    curves.extend(theory);
    marks.extend(credit.and_then(|c| forecast_mark(c, window)));
    let mut lane = Lane {
        id: group.id.clone(),
        title: group.title.clone(),
        unit,
        kind: LaneKind::Metric,
        summary: String::new(),
        series,
        events: Vec::new(),
        content: Content::Metric(Plot {
            curves,
            log,
            levels,
            forecast,
            ..Plot::default()
        }),
        marks,
        bands,
    };
    lane.summary = summary(&lane, group, (&shown, all.len()), credit, window);
    lane
}

fn curve(series: &Series, label: &str, ink: crate::Ink) -> Curve {
    let (_, factor) = drawn_unit(&series.meta);
    Curve {
        series: series.meta.id.clone(),
        label: label.to_owned(),
        points: series
            .samples
            .iter()
            .map(|(t, v)| (t, v * factor))
            .collect(),
        gap_ms: gap_ms(series),
        ink,
        ..Curve::default()
    }
}

/// What the legend calls the line of the bucket's equation.
const THEORY: &str = "in theory";

/// The balance as the bucket's equation has it, at the instants of the measured samples.
fn theory(credit: &Credit, series: &Series, measured: &Curve) -> Option<Curve> {
    let theory = credit.theory.as_ref()?;
    let (_, factor) = drawn_unit(&series.meta);
    let line = series.samples.times().iter();
    let points = line.filter_map(|t| Some((*t, theory.at(*t)? * factor)));
    let points: Vec<_> = points.collect();
    (!points.is_empty()).then(|| Curve {
        label: THEORY.to_owned(),
        points,
        role: Role::Theory,
        ink: Ink::S2,
        ..measured.without_points()
    })
}

/// What part of the I/O a series counts. Of sums alone parts compare.
fn part(series: &Series) -> Option<Part> {
    let kind = PARTS
        .iter()
        .find(|(name, _)| series.meta.is_named(name))
        .map(|(_, kind)| *kind)?;
    let period_s = series.meta.period_s.filter(|s| *s > 0)?;
    let sums = series.meta.stat == "Sum" && series.meta.unit == "Bytes";
    sums.then(|| Part {
        kind,
        period_s,
        sums: Vec::new(),
    })
}

/// The metrics of a file system that are parts of its I/O.
const PARTS: [(&str, PartKind); 3] = [
    ("MetadataIOBytes", PartKind::Metadata),
    ("DataReadIOBytes", PartKind::Read),
    ("DataWriteIOBytes", PartKind::Write),
];

/// Samples further apart than this are not joined: half a period more than one period, or for
/// series without a period ten times their usual distance (a scrape that is merely late is no
/// gap).
fn gap_ms(series: &Series) -> i64 {
    let step = series.samples.step_ms().unwrap_or(MINUTE);
    match series.meta.period_s {
        Some(period) if period > 0 => step.max(i64::from(period) * 1000) * 3 / 2,
        _ => step.saturating_mul(10).max(1),
    }
}

/// What tells the curves of a lane apart: name and statistic, or the dimensions that differ.
fn curve_labels(members: &[&Series]) -> Vec<String> {
    let names: BTreeSet<String> = members.iter().map(|m| m.meta.label()).collect();
    if names.len() == members.len() {
        return members.iter().map(|m| m.meta.label()).collect();
    }
    let keys: BTreeSet<&String> = members
        .iter()
        .flat_map(|m| m.meta.dimensions.keys())
        .collect();
    let differing: Vec<&String> = keys
        .into_iter()
        .filter(|k| {
            let values: BTreeSet<_> = members.iter().map(|m| m.meta.dimensions.get(*k)).collect();
            values.len() > 1
        })
        .collect();
    let labels: Vec<String> = members
        .iter()
        .map(|m| {
            let values = differing.iter().filter_map(|k| m.meta.dimensions.get(*k));
            values.cloned().collect::<Vec<_>>().join(" ")
        })
        .collect();
    let distinct: BTreeSet<&String> = labels.iter().collect();
    if distinct.len() == members.len() && labels.iter().all(|l| !l.is_empty()) {
        labels
    } else {
        members.iter().map(|m| m.meta.id.clone()).collect()
    }
}

/// Largest maximum of the curves over their smallest positive one.
fn spread(curves: &[Curve]) -> f64 {
    let tops: Vec<f64> = curves
        .iter()
        .map(|c| c.points.iter().map(|p| p.1).fold(0.0, f64::max))
        .filter(|top| *top > 0.0)
        .collect();
    let high = tops.iter().copied().fold(0.0, f64::max);
    let low = tops.iter().copied().fold(f64::INFINITY, f64::min);
    if tops.len() > 1 { high / low } else { 1.0 }
}

fn milestones(credit: &Credit) -> Vec<Mark> {
    [
        (credit.drain_start, "drain starts"),
        (credit.exhausted_at, "exhausted"),
        (credit.recovery_start, "recovers"),
    ]
    .into_iter()
    .filter_map(|(at, what)| {
        let at = at?;
        let label = format!("{what} {}", at.clock());
        Some(Mark {
            at,
            uncertainty_ms: 0,
            about: credit.series.clone(),
            kind: MarkKind::Credit,
            label,
            short: what.to_owned(),
        })
    })
    .collect()
}

fn throttled(group: &Group<'_>, analysis: &Analysis) -> Vec<Band> {
    let owner = |id: &str, credit: &Credit| {
        credit.series == id
            || group.members.iter().any(|m| {
                m.meta.is_named("PermittedThroughput")
                    && credit.resource.is_some()
                    && m.meta.resource == credit.resource
            })
    };
    let id = group
        .members
        .first()
        .map(|m| m.meta.id.as_str())
        .unwrap_or_default();
    analysis
        .credits
        .iter()
        .filter(|credit| owner(id, credit))
        .flat_map(|credit| &credit.throttled)
        .map(|span| Band {
            span: *span,
            kind: BandKind::Throttled,
            label: if span.millis() >= HOUR {
                "throttled".to_owned()
            } else {
                String::new()
            },
        })
        .collect()
}

fn cone(credit: &Credit, curve: Option<&Curve>) -> Option<Cone> {
    let forecast = credit.forecast.as_ref()?;
    let from = *curve?.points.last()?;
    Some(Cone {
        from,
        zero: forecast.exhausts_at,
        low: forecast.low,
        high: forecast.high,
    })
}

/// Says where a falling balance ends; at the window's end where that lies beyond it.
fn forecast_mark(credit: &Credit, window: Window) -> Option<Mark> {
    let forecast = credit.forecast.as_ref()?;
    let zero = forecast.exhausts_at;
    Some(Mark {
        at: zero.min(window.end),
        uncertainty_ms: 0,
        about: credit.series.clone(),
        kind: MarkKind::Forecast,
        label: format!(
            "falling: zero at {} UTC (between {} and {})",
            zero.minute(),
            forecast.low.minute(),
            forecast.high.minute()
        ),
        short: format!("falling: zero at {}", zero.minute()),
    })
}

/// What the lane shows, in words.
fn summary(
    lane: &Lane,
    group: &Group<'_>,
    (changes, all): (&[&ChangePoint], usize),
    credit: Option<&Credit>,
    window: Window,
) -> String {
    let Content::Metric(plot) = &lane.content else {
        return String::new();
    };
    let mut parts = Vec::new();
    // First, for the page shows two lines of this; it holds no figure.
    let none = credit.map(|c| &c.no_theory).filter(|why| !why.is_empty());
    parts.extend(none.map(|why| format!("No theoretical line: {why}.")));
    for curve in plot.curves.iter().filter(|c| c.role == Role::Measured) {
        let values = curve.points.iter().map(|p| p.1);
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
            (low.min(v), high.max(v))
        });
        parts.push(if curve.points.is_empty() {
            format!("{}: no samples.", curve.label)
        } else {
            let text = |v| value_text(v, &lane.unit);
            format!("{}: from {} to {}.", curve.label, text(low), text(high))
        });
    }
    if plot.log {
        parts.push("The axis is logarithmic, for the curves differ by orders of magnitude.".into());
    }
    for change in changes {
        let factor = factor_of(group, &change.series);
        let text = |v: f64| value_text(v * factor, &lane.unit);
        let at = change.at.minute();
        parts.push(format!(
            "Change at {at} UTC: {} to {}.",
            text(change.before),
            text(change.after)
        ));
    }
    if all > changes.len() {
        let n = all - changes.len();
        let (s, are) = if n == 1 { ("", "is") } else { ("s", "are") };
        parts.push(format!("{n} smaller change{s} {are} not marked."));
    }
    for (what, at) in credit.iter().flat_map(|c| {
        [
            ("Drains from", c.drain_start),
            ("Exhausted at", c.exhausted_at),
            ("Recovers from", c.recovery_start),
        ]
    }) {
        parts.extend(at.map(|at| format!("{what} {} UTC.", at.minute())));
    }
    if let Some(f) = credit.and_then(|c| c.forecast.as_ref()) {
        let (low, high) = (f.low.minute(), f.high.minute());
        parts.push(format!(
            "Reaches zero between {low} and {high} UTC if it goes on like this."
        ));
    }
    let gaps: usize = plot
        .curves
        .iter()
        .filter(|c| c.role == Role::Measured)
        .map(|c| c.gaps_within(0..c.points.len()).len())
        .sum();
    if gaps > 0 {
        let s = if gaps == 1 { "" } else { "s" };
        parts.push(format!("{gaps} gap{s} without samples."));
    }
    // Last: the figures of a report are counted through this text, and what people wrote names them.
    parts.extend(credit.and_then(|c| theory_words(c, lane)));
    let ratio = lane.ratio_in(window);
    parts.extend(ratio.map(|ratio| format!("Over the whole window {ratio}.")));
    parts.join(" ")
}

/// What is said of the theoretical line.
fn theory_words(credit: &Credit, lane: &Lane) -> Option<String> {
    let theory = credit.theory.as_ref().filter(|_| lane.has_theory())?;
    Some(format!(
        "Dashed, in theory (earned less spent, from the first balance on; {}): off by {} of the largest \
         balance (root mean square).",
        theory.basis,
        value_text(theory.error_share, "Ratio")
    ))
}
