//! What an incident shows, and in which order: what people felt, what explains it, what
//! happened, and what stayed flat.

mod changes;
mod events;
mod groups;
mod logs;
mod marks;
mod metric;
mod pods;

use crate::lane::{Lane, LeftOut};
use groups::{Group, Says};
use marks::Overlays;
use model::{Analysis, Annotation, Evidence};

/// Most metric lanes by default. Further series are named in [`Composed::more`].
pub const MAX_METRIC_LANES: usize = 12;

/// The lanes of an incident, and what has none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Composed {
    /// Lanes from top to bottom.
    pub lanes: Vec<Lane>,
    /// Series that are left out by default.
    pub more: Vec<LeftOut>,
}

/// The lanes of an incident, from top to bottom (see [`compose`]).
pub fn lanes(evidence: &Evidence, analysis: &Analysis, annotations: &[Annotation]) -> Vec<Lane> {
    compose(evidence, analysis, annotations).lanes
}

/// Whether a lane of events can have this id, in any incident. Such a lane is there as long as it has
/// something to show: it comes with the first event and goes with the last, as that of notes does. Whoever
/// asks for one that was there a moment ago asks for nothing that is wrong.
pub fn is_event_lane(id: &str) -> bool {
    events::is_called(id)
}

/// Composes the lanes of an incident: the symptom, burst credits, permitted and metered
/// throughput, I/O by kind; then events (notes, rollouts, stuck pods, nodes); then other series
/// that changed, alerts, jobs and other events; last what stayed flat, the series that rule a
/// hypothesis out first.
pub fn compose(evidence: &Evidence, analysis: &Analysis, annotations: &[Annotation]) -> Composed {
    let (groups, mut more) = groups::groups(evidence, analysis);
    let overlays = Overlays::new(evidence, analysis, annotations);
    let mut metric: Vec<(bool, Lane)> = Vec::new();
    let mut room = Room::new(&groups);
    for group in &groups {
        if room.takes(group) {
            metric.push((
                group.story,
                metric::lane(group, evidence, analysis, &overlays),
            ));
        } else {
            more.extend(group.members.iter().map(|m| LeftOut {
                series: m.meta.id.clone(),
                label: evidence.label(&m.meta),
                reason: left_out_reason(group),
            }));
        }
    }
    let (early, late) = events::lanes(evidence, analysis, annotations, &overlays);
    let (story, rest): (Vec<_>, Vec<_>) = metric.into_iter().partition(|(story, _)| *story);
    let take = |lanes: Vec<(bool, Lane)>| lanes.into_iter().map(|(_, lane)| lane);
    let mut lanes: Vec<Lane> = take(story)
        .chain(early)
        .chain(take(rest))
        .chain(late)
        .collect();
    if let Some(first) = lanes.first_mut() {
        overlays.name_bands(first);
    }
    make_ids_unique(&mut lanes);
    Composed { lanes, more }
}

/// A lane of one series alone, with its id `series-<series id>`: for a series of
/// [`Composed::more`], or for one out of a lane of several. `None` where the evidence has no such
/// series.
pub fn lane_of(
    series: &str,
    evidence: &Evidence,
    analysis: &Analysis,
    annotations: &[Annotation],
) -> Option<Lane> {
    let series = evidence.series(series)?;
    let group = Group {
        id: format!("series-{}", slug(&series.meta.id)),
        title: evidence.label(&series.meta),
        members: vec![series],
        by_kind: false,
        story: false,
        says: Says::Nothing,
    };
    let overlays = Overlays::new(evidence, analysis, annotations);
    Some(metric::lane(&group, evidence, analysis, &overlays))
}

/// Room for metric lanes. Some is kept for series that rule a hypothesis out, for they are what
/// a reader asks for next, however little they show.
struct Room {
    left: usize,
    kept: usize,
}

/// Most lanes that are kept for series that rule something out.
const MAX_KEPT: usize = 4;

impl Room {
    fn new(groups: &[Group<'_>]) -> Self {
        let speaking = groups
            .iter()
            .filter(|g| !g.story && g.says == Says::NotThis)
            .count();
        let kept = speaking.min(MAX_KEPT);
        Self {
            left: MAX_METRIC_LANES - kept,
            kept,
        }
    }

    fn takes(&mut self, group: &Group<'_>) -> bool {
        let place = if !group.story && group.says == Says::NotThis && self.kept > 0 {
            &mut self.kept
        } else {
            &mut self.left
        };
        let room = *place > 0;
        *place = place.saturating_sub(1);
        room
    }
}

fn left_out_reason(group: &Group<'_>) -> String {
    if group.says == Says::Change {
        "changes, but less than those shown".to_owned()
    } else {
        "no change found".to_owned()
    }
}

/// Two series whose ids differ in a character that an HTML id cannot have must not share a lane
/// id.
fn make_ids_unique(lanes: &mut [Lane]) {
    let mut seen = std::collections::BTreeSet::new();
    for lane in lanes {
        let base = lane.id.clone();
        let mut n = 2;
        while !seen.insert(lane.id.clone()) {
            lane.id = format!("{base}-{n}");
            n += 1;
        }
    }
}

/// A text as part of a lane's id.
fn slug(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "._-".contains(c) {
                c
            } else {
                '-'
            }
        })
        .take(80)
        .collect()
}
