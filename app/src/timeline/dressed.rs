//! The lanes that a view shows, each as it shows it: its axis, its height, what is laid over it, what is
//! tried on it and what is lit.

use super::{Beside, LaneView, lanes};
use crate::{
    backend::{AlarmAnswer, Case},
    dress::{alarmed, dress, touches},
    page::Page,
    view::View,
};
use chart::{Content, Focus, Lane, LeftOut, Level};
use model::{Window, analysis::Verdict};

/// The lanes that a view names of those that are left out by default.
pub(super) fn added(case: &Case, view: &View, drawn: &[Lane], more: &[LeftOut]) -> Vec<Lane> {
    let named = |id: &str| {
        let lanes = &view.lanes;
        lanes.order.iter().chain(&lanes.pinned).any(|n| n == id)
    };
    let is_drawn = |id: &String| drawn.iter().any(|l| l.id == *id);
    let lanes = &view.lanes;
    if lanes.order.iter().chain(&lanes.pinned).all(is_drawn) {
        return Vec::new();
    }
    more.iter()
        .filter_map(|left| {
            chart::lane_of(
                &left.series,
                &case.evidence,
                &case.analysis,
                &case.annotations,
            )
        })
        .filter(|lane| named(&lane.id) && !is_drawn(&lane.id))
        .collect()
}

/// Ids of the lanes that a view shows, in its order.
pub(crate) fn shown(case: &Case, view: &View) -> Vec<String> {
    let composed = chart::compose(&case.evidence, &case.analysis, &case.annotations);
    let (drawn, _) = super::once::split(composed.lanes, &case.evidence);
    let added = added(case, view, &drawn, &composed.more);
    let lanes = arranged(&drawn, &added, view).into_iter();
    lanes.map(|lane| lane.id.clone()).collect()
}

/// The lanes that a view shows, in its order.
pub(super) fn arranged<'a>(drawn: &'a [Lane], added: &'a [Lane], view: &View) -> Vec<&'a Lane> {
    let default: Vec<String> = drawn.iter().map(|l| l.id.clone()).collect();
    view.lanes
        .shown(&default)
        .iter()
        .filter_map(|id| drawn.iter().chain(added).find(|l| l.id == *id))
        .collect()
}

/// A lane as the view shows it, drawn.
pub(super) fn picture(
    lane: &Lane,
    case: &Case,
    view: &View,
    lit: Option<&Focus>,
    beside: &Beside,
) -> LaneView {
    let mut dressed = lane.clone();
    dress(&mut dressed, &view.lanes);
    haunt(&mut dressed, beside);
    let alarm = beside.alarm.as_ref();
    let alarm = alarm.filter(|a| lane.series.contains(&a.alarm.series));
    if let Some(answer) = alarm {
        try_on(&mut dressed, answer, case.incident.window);
    }
    let height = view.lanes.heights.get(&lane.id).copied();
    let shown = view.window(case.incident.window);
    let nothing = Focus::default();
    let focus = lit.unwrap_or(&nothing);
    // A threshold and what it is compared with are no part of its height.
    let height = height.or(Some(lane.height()));
    let drawn = lanes::lane(&dressed, &case.evidence, shown, height, focus);
    LaneView {
        dim: lit.is_some_and(|lit| !touches(lit, lane)),
        pinned: view.lanes.pinned.contains(&lane.id),
        alarm: alarm.map(|answer| Page::alarm(answer, view).html),
        height: lane.height(),
        ..drawn
    }
}

/// Lays what it is compared with over a lane.
fn haunt(lane: &mut Lane, beside: &Beside) {
    let given = beside.compared.iter().flat_map(|given| &given.slice.lanes);
    let like = given.into_iter().find(|given| given.id == lane.id);
    if let (Some(Content::Metric(from)), Content::Metric(plot)) =
        (like.map(|l| &l.content), &mut lane.content)
    {
        plot.ghosts.clone_from(&from.ghosts);
    }
}

/// Draws a threshold that is tried, and when it would have been in alarm.
fn try_on(lane: &mut Lane, answer: &AlarmAnswer, window: Window) {
    if let Content::Metric(plot) = &mut lane.content {
        plot.levels.push(Level {
            series: answer.alarm.series.clone(),
            span: window,
            value: answer.alarm.value(),
            range: None,
        });
    }
    if let Verdict::Found(test) = &answer.test {
        alarmed(lane, &test.fired);
    }
}
