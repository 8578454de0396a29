//! A threshold that is dragged over a lane: asked many times a second, so that an incident that is in
//! memory is not copied for it.

use super::{
    super::{ServerBackend, study},
    Known,
};
use crate::compute;
use app::{
    ApiError,
    backend::{AlarmAnswer, alarm::rule_of},
    view::Alarm,
};
use model::{Analysis, Evidence, IncidentId};

impl ServerBackend {
    pub(in crate::backend) async fn alarm_tried(
        &self,
        id: &IncidentId,
        alarm: Alarm,
    ) -> Result<Option<AlarmAnswer>, ApiError> {
        let known = self.known.get(self, id).await?;
        let beside = beside(&known, &alarm.series);
        if known.facts.whole {
            let id = id.clone();
            return Ok(compute::run(move || {
                let facts = &known.facts;
                tried(id, &facts.evidence, &facts.analysis, alarm, beside)
            })
            .await);
        }
        let case = self.load_once(id).await?;
        let id = id.clone();
        Ok(compute::run(move || tried(id, &case.evidence, &case.analysis, alarm, beside)).await)
    }
}

fn tried(
    incident: IncidentId,
    evidence: &Evidence,
    analysis: &Analysis,
    alarm: Alarm,
    beside: Vec<(String, String)>,
) -> Option<AlarmAnswer> {
    let meta = evidence.series(&alarm.series)?.meta.clone();
    let rule = rule_of(&alarm, &meta);
    let title = study::title(evidence, &rule);
    Some(AlarmAnswer {
        incident,
        label: evidence.label(&meta),
        test: analysis::back_test(evidence, analysis, &rule),
        definitions: study::definitions(evidence, &rule, &title),
        alarm,
        meta,
        rule,
        beside,
    })
}

/// The other series of the lane that shows a series.
fn beside(known: &Known, series: &str) -> Vec<(String, String)> {
    let holds = |id: &String| id == series;
    let lane = known.lanes.iter().find(|l| l.lane.series.iter().any(holds));
    let evidence = &known.facts.evidence;
    let others = lane.map_or(&[][..], |l| &l.lane.series).iter();
    others
        .filter(|id| *id != series)
        .filter_map(|id| {
            let meta = &evidence.series(id)?.meta;
            Some((id.clone(), evidence.label(meta)))
        })
        .collect()
}
