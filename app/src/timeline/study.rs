//! Pictures of what would have been, and of what an alarm would have done. They are the incident's own
//! lanes with lines added, so that they look and line up like them.

use super::{LaneView, lanes};
use crate::backend::Case;
use chart::{Content, Curve, Focus, Ink, Lane, Level, Mark, MarkKind, Plot, Role, drawn_unit};
use model::{
    Samples, Timestamp, Window,
    analysis::{
        back_test::{BackTest, Rule},
        what_if::Outcome,
    },
};

/// What people call the measured curve, the model's line on the past, and what would have been.
const CURVES: [&str; 3] = ["measured", "modelled", "would have been"];

/// Most alarms that are marked: more would hide the curve.
const MOST_MARKED: usize = 12;

/// The lane that shows a series, with that series alone.
fn lane_of(case: &Case, series: &str) -> Option<Lane> {
    let lanes = chart::lanes(&case.evidence, &case.analysis, &[]);
    let holds = |l: &Lane| l.series.iter().any(|s| s == series);
    let mut lane = lanes.into_iter().find(holds)?;
    let Content::Metric(plot) = &mut lane.content else {
        return None;
    };
    // The study draws the model's line itself, where it is about it.
    let measured = |c: &Curve| c.role == Role::Measured && c.series == series;
    plot.curves.retain(measured);
    plot.levels.clear();
    plot.forecast = None;
    lane.series = vec![series.to_owned()];
    Some(lane)
}

/// The measured balance, the model's line on the measured past, and what would have been.
pub(crate) fn what_if(case: &Case, series: &str, outcome: &Outcome) -> Option<LaneView> {
    let mut lane = lane_of(case, series)?;
    let meta = &case.evidence.series(series)?.meta;
    let (_, factor) = drawn_unit(meta);
    let Content::Metric(plot) = &mut lane.content else {
        return None;
    };
    let measured = plot.curves.first_mut()?;
    CURVES[0].clone_into(&mut measured.label);
    let like = measured.clone();
    let line = |label: &str, samples: &Samples, ink| Curve {
        label: label.to_owned(),
        points: samples.iter().map(|(t, v)| (t, v * factor)).collect(),
        ink,
        ..like.clone()
    };
    let (modelled, then) = (
        line(CURVES[1], &outcome.modelled, Ink::S2),
        line(CURVES[2], &outcome.curve, Ink::S3),
    );
    let more = [modelled, then];
    plot.curves
        .extend(more.into_iter().filter(|c| !c.points.is_empty()));
    lane.id = "what-if".into();
    lane.title = format!("{}: as it was, and as it would have been", lane.title);
    lane.marks.retain(|m| m.kind == MarkKind::Credit);
    if let Some(at) = outcome.exhausted_at {
        lane.marks
            .push(mark(at, format!("would be empty {}", at.clock())));
    }
    lane.summary =
        "The balance as it was measured, as the model tells the measured past, and as it \
                    would have been."
            .into();
    Some(lanes::lane(
        &lane,
        &case.evidence,
        case.evidence.window,
        None,
        &Focus::default(),
    ))
}

/// The series that a rule looks at, its threshold, and when the alarm goes off.
pub(crate) fn back_test(case: &Case, rule: &Rule, test: &BackTest) -> Option<LaneView> {
    let mut lane = lane_of(case, rule.series()?)?;
    let meta = &case.evidence.series(rule.series()?)?.meta;
    if let Content::Metric(plot) = &mut lane.content {
        threshold(plot, case.evidence.window, rule, meta);
    }
    lane.id = "back-test".into();
    lane.title = format!("{}, and when the alarm goes off", lane.title);
    lane.marks.clear();
    lane.bands.retain(|b| b.kind == chart::BandKind::Impact);
    for fired in test.fired.iter().take(MOST_MARKED) {
        let label = if Some(fired.start) == test.first {
            format!("fires {}", fired.start.clock())
        } else {
            String::new()
        };
        lane.marks.push(mark(fired.start, label));
    }
    lane.summary =
        "The series that the rule looks at, its threshold as a line, and a mark wherever \
                    the alarm goes off."
            .into();
    Some(lanes::lane(
        &lane,
        &case.evidence,
        case.evidence.window,
        None,
        &Focus::default(),
    ))
}

/// Draws the threshold of a plain rule; sums of bytes are drawn as rates.
fn threshold(plot: &mut Plot, window: Window, rule: &Rule, meta: &model::SeriesMeta) {
    let Rule::Threshold {
        threshold, periods, ..
    } = rule
    else {
        return;
    };
    let (unit, factor) = drawn_unit(meta);
    let factor = if unit == meta.unit {
        factor
    } else {
        1.0 / f64::from(periods.period_s.max(1))
    };
    plot.levels.push(Level {
        span: window,
        value: threshold * factor,
        series: meta.id.clone(),
        range: None,
    });
}

fn mark(at: Timestamp, label: String) -> Mark {
    Mark {
        at,
        kind: MarkKind::Credit,
        short: String::new(),
        label,
        uncertainty_ms: 0,
        about: String::new(),
    }
}
