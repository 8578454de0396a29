//! What it answers about suspects.

use super::{Fake, HOSTILE, at};
use app::{
    ApiError,
    backend::{
        ActionChange, ActionDraft, AlarmAnswer, AlarmText, BackTestAnswer, BackTestAsk, Caller,
        JudgementDraft, Judging, WhatIfAnswer, WhatIfAsk,
    },
};
use async_trait::async_trait;
use model::{
    IncidentId, Window,
    analysis::Verdict,
    analysis::back_test::{BackTest, Sweep, SweepPoint},
    analysis::what_if::{Outcome, Scenario},
};

#[async_trait]
impl Judging for Fake {
    async fn judge(
        &self,
        who: &Caller,
        id: &IncidentId,
        draft: JudgementDraft,
    ) -> Result<(), ApiError> {
        self.asks(
            who,
            &format!(
                "judge {} {:?} {}",
                draft.suspect, draft.ruling, draft.reason
            ),
        );
        self.find(id).map(drop)
    }

    async fn take_back(
        &self,
        who: &Caller,
        id: &IncidentId,
        suspect: &str,
    ) -> Result<(), ApiError> {
        self.asks(who, &format!("take back {suspect}"));
        self.find(id).map(drop)
    }

    async fn what_if(
        &self,
        who: &Caller,
        id: &IncidentId,
        ask: WhatIfAsk,
    ) -> Result<WhatIfAnswer, ApiError> {
        self.asks(who, &format!("what if {:?}", ask.scenario));
        let case = self.find(id)?.clone();
        let series = case.analysis.credits.first().map(|c| c.series.clone());
        let measured = case.evidence.series("burst").map(|s| s.samples.clone());
        let curve = measured.unwrap_or_default();
        Ok(WhatIfAnswer {
            balances: series.clone().into_iter().collect(),
            suspect: case.analysis.suspects.first().cloned(),
            outcome: series.clone().zip(ask.scenario).map(|(series, scenario)| {
                if matches!(scenario, Scenario::Mitigated { .. }) {
                    let missing = format!("nobody measured it {HOSTILE}");
                    return Verdict::Unknown { missing };
                }
                Verdict::Found(Outcome {
                    series,
                    modelled: curve.clone(),
                    curve,
                    measured_exhausted_at: Some(at("2020-05-22T03:00:00Z")),
                    impact_min: 180.0,
                    impact_min_avoided: 180.0,
                    notes: vec![HOSTILE.into()],
                    ..Outcome::default()
                })
            }),
            series,
            case,
        })
    }

    async fn back_test(
        &self,
        who: &Caller,
        id: &IncidentId,
        ask: BackTestAsk,
    ) -> Result<BackTestAnswer, ApiError> {
        self.asks(who, &format!("back-test {:?} {}", ask.rule, ask.propose));
        let case = self.find(id)?.clone();
        let fired = Window {
            start: at("2020-05-20T10:35:00Z"),
            end: at("2020-05-20T11:00:00Z"),
        };
        let point = |threshold, lead_s, false_alarms| SweepPoint {
            threshold,
            lead_s,
            false_alarms,
        };
        Ok(BackTestAnswer {
            rule: ask.rule,
            test: Some(Verdict::Found(BackTest {
                fired: vec![fired],
                first: Some(fired.start),
                lead_s: Some(145_500),
                quiet_s: 86_400,
                false_per_week: Some(0.0),
                ..BackTest::default()
            })),
            sweep: Some(Verdict::Found(Sweep {
                points: vec![point(1024.0, Some(145_500), 0), point(2048.0, None, 0)],
                best: Some(point(1024.0, Some(145_500), 0)),
                quiet_s: 86_400,
                note: Some("only 1.0 quiet days".into()),
            })),
            definitions: vec![
                AlarmText {
                    format: "CloudWatch".into(),
                    how: "aws cloudwatch put-metric-alarm".into(),
                    file: "alarm.json".into(),
                    text: Ok(format!(
                        "{{\"AlarmDescription\": \"</textarea>{HOSTILE}\"}}"
                    )),
                },
                AlarmText {
                    format: "Prometheus".into(),
                    how: String::new(),
                    file: "alarm.yml".into(),
                    text: Err("the series came from cloudwatch".into()),
                },
            ],
            case,
        })
    }

    async fn alarm(
        &self,
        who: &Caller,
        id: &IncidentId,
        alarm: app::view::Alarm,
    ) -> Result<Option<AlarmAnswer>, ApiError> {
        self.asks(who, &format!("alarm {alarm}"));
        let case = self.find(id)?;
        let Some(series) = case.evidence.series(&alarm.series) else {
            return Ok(None);
        };
        let fired = Window {
            start: at("2020-05-20T10:35:00Z"),
            end: at("2020-05-20T11:00:00Z"),
        };
        let rule = app::backend::alarm::rule_of(&alarm, &series.meta);
        Ok(Some(AlarmAnswer {
            incident: id.clone(),
            label: HOSTILE.into(),
            meta: series.meta.clone(),
            test: Verdict::Found(BackTest {
                fired: vec![fired],
                first: Some(fired.start),
                lead_s: Some(145_500),
                quiet_s: 86_400,
                false_per_week: Some(0.0),
                ..BackTest::default()
            }),
            beside: vec![("other".into(), "another one".into())],
            definitions: Vec::new(),
            alarm,
            rule,
        }))
    }

    async fn add_action(
        &self,
        who: &Caller,
        id: &IncidentId,
        draft: ActionDraft,
    ) -> Result<(), ApiError> {
        self.asks(who, &format!("action {} {:?}", draft.title, draft.alarm));
        self.find(id).map(drop)
    }

    async fn change_action(
        &self,
        who: &Caller,
        id: &IncidentId,
        action: &str,
        change: ActionChange,
    ) -> Result<(), ApiError> {
        self.asks(who, &format!("{change:?} {action}"));
        self.find(id).map(drop)
    }
}
