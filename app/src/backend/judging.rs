//! Judging suspects, asking what if, testing alarms back: what is asked and what is answered.

use super::{AlarmAnswer, Caller, Case};
use crate::{ApiError, FieldError};
use async_trait::async_trait;
use model::{
    IncidentId,
    analysis::{
        Suspect, Verdict,
        back_test::{BackTest, Rule, Sweep},
        what_if::{Outcome, Scenario},
    },
    judgement::Ruling,
};

/// A decision about a suspect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgementDraft {
    /// The suspect, see [`Suspect::id`].
    pub suspect: String,
    /// What is decided.
    pub ruling: Ruling,
    /// Why; not empty where it is dismissed.
    pub reason: String,
}

/// An action item as somebody wrote it.
#[derive(Clone, Debug, PartialEq)]
pub struct ActionDraft {
    /// What is to be done, not empty.
    pub title: String,
    /// Who does it; empty: nobody yet.
    pub owner: String,
    /// The alarm that it stands for.
    pub alarm: Option<Rule>,
}

/// What becomes of an action item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionChange {
    /// It is done.
    Done,
    /// It is open again.
    Open,
    /// It is taken off the list.
    Remove,
}

/// The definition of an alarm in one format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmText {
    /// What it is for: `CloudWatch`, `Terraform`…
    pub format: String,
    /// How it is applied, in one line.
    pub how: String,
    /// Name of a file that it may be kept in.
    pub file: String,
    /// The definition, or why there is none.
    pub text: Result<String, String>,
}

/// A question about a burst balance.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WhatIfAsk {
    /// The balance's series; `None`: the first that did something.
    pub series: Option<String>,
    /// The suspect that is supposed away; `None`: the pinned one, or the first.
    pub suspect: Option<String>,
    /// What is supposed; `None`: nothing that can be answered.
    pub scenario: Option<Scenario>,
}

/// The answer, with what it was made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WhatIfAnswer {
    /// The incident.
    pub case: Case,
    /// Ids of the balances that can be asked about.
    pub balances: Vec<String>,
    /// The balance that was; `None`: there is none.
    pub series: Option<String>,
    /// The suspect that was supposed away.
    pub suspect: Option<Suspect>,
    /// What would have been; `None`: nothing was asked.
    pub outcome: Option<Verdict<Outcome>>,
}

/// A rule to be tested back.
#[derive(Clone, Debug, PartialEq)]
pub struct BackTestAsk {
    /// The rule; `None`: one for what drove the incident.
    pub rule: Option<Rule>,
    /// Whether the best threshold is to be taken in the place of the rule's own.
    pub propose: bool,
    /// False alarms a week of quiet time that are bearable.
    pub false_per_week: f64,
}

/// What the rule would have done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BackTestAnswer {
    /// The incident.
    pub case: Case,
    /// The rule that was tested; `None`: there is nothing to test one on.
    pub rule: Option<Rule>,
    /// What it would have done.
    pub test: Option<Verdict<BackTest>>,
    /// The same with other thresholds.
    pub sweep: Option<Verdict<Sweep>>,
    /// Its definitions.
    pub definitions: Vec<AlarmText>,
}

impl BackTestAnswer {
    /// What has to be said of the rule beside its answer: periods shorter than the distance of the
    /// samples are mostly without any.
    pub fn remark(&self) -> Option<ApiError> {
        let rule = self.rule.as_ref()?;
        let series = self.case.evidence.series(rule.series()?)?;
        let step = series.meta.period_s.or_else(|| {
            let step = series.samples.step_ms()? / 1_000;
            u32::try_from(step).ok()
        })?;
        let period = rule.periods()?.period_s;
        (period < step).then(|| {
            let message = format!(
                "the periods of {period} s are shorter than the {step} s between the samples of this \
                 series, so that most have none: choose at least {step}"
            );
            ApiError::Fields(vec![FieldError::new("period", message)])
        })
    }
}

/// What people decide about suspects, suppose and set out to do. Like [`super::Backend`], every call says who is asking.
#[async_trait]
pub trait Judging {
    /// Decides about a suspect, in the place of what was decided about it before.
    async fn judge(
        &self,
        who: &Caller,
        id: &IncidentId,
        draft: JudgementDraft,
    ) -> Result<(), ApiError>;

    /// Takes a decision back.
    async fn take_back(&self, who: &Caller, id: &IncidentId, suspect: &str)
    -> Result<(), ApiError>;

    /// What would have been.
    async fn what_if(
        &self,
        who: &Caller,
        id: &IncidentId,
        ask: WhatIfAsk,
    ) -> Result<WhatIfAnswer, ApiError>;

    /// What a rule would have done.
    async fn back_test(
        &self,
        who: &Caller,
        id: &IncidentId,
        ask: BackTestAsk,
    ) -> Result<BackTestAnswer, ApiError>;

    /// What a threshold on a lane would have done; `None`: there is no such series.
    async fn alarm(
        &self,
        who: &Caller,
        id: &IncidentId,
        alarm: crate::view::Alarm,
    ) -> Result<Option<AlarmAnswer>, ApiError>;

    /// Takes something on the list of what is to be done.
    async fn add_action(
        &self,
        who: &Caller,
        id: &IncidentId,
        draft: ActionDraft,
    ) -> Result<(), ApiError>;

    /// Ticks an action item off, opens it again or takes it off the list.
    async fn change_action(
        &self,
        who: &Caller,
        id: &IncidentId,
        action: &str,
        change: ActionChange,
    ) -> Result<(), ApiError>;
}
