//! What people decided about suspects, as shown.

use crate::backend::Case;
use model::{
    Timestamp,
    judgement::{Judgement, Ruling, of_suspect},
};

/// A decision about a suspect.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JudgementView {
    /// The suspect as the decision knows it: what takes it back names it.
    pub suspect: String,
    /// Whether it is the cause.
    pub is_cause: bool,
    /// Who decided.
    pub author: String,
    /// When.
    pub at: Option<Timestamp>,
    /// Why; may be empty.
    pub reason: String,
    /// What the suspect was called then.
    pub title: String,
    /// Its probability then, 0 to 1.
    pub score: Option<f64>,
}

impl JudgementView {
    fn of(judgement: &Judgement) -> Self {
        Self {
            suspect: judgement.suspect.clone(),
            is_cause: judgement.ruling == Ruling::Cause,
            author: if judgement.author.is_empty() {
                "somebody".to_owned()
            } else {
                judgement.author.clone()
            },
            at: judgement.at,
            reason: judgement.reason.clone(),
            title: judgement.title.clone(),
            score: judgement.score,
        }
    }
}

/// The decision about each suspect of a case, in their order, and those whose suspect is gone.
pub(super) fn decisions(case: &Case) -> (Vec<Option<JudgementView>>, Vec<JudgementView>) {
    let suspects = &case.analysis.suspects;
    let of = |s| of_suspect(&case.judgements, s, suspects).map(JudgementView::of);
    let gone = case.judgements.iter();
    let gone = gone.filter(|j| j.suspect_in(suspects).is_none());
    (
        suspects.iter().map(of).collect(),
        gone.map(JudgementView::of).collect(),
    )
}
