//! `rollout_near_symptom`: did a rollout shortly before the impact cause it?
//!
//! Never speaks about an earlier rollout: that one may be the first suspect while this is clear.

use super::{Reason, View, evidence};
use model::{
    EventKind,
    analysis::Verdict,
    time::{MINUTE, SECOND, span_text},
};

pub(super) fn judge(view: &View<'_>) -> Verdict<Reason> {
    let all = evidence::events(view, |e| e.kind == EventKind::Rollout);
    if all.is_empty() {
        return Verdict::Unknown {
            missing: "no rollouts in the evidence: add the ReplicaSets and Deployments".to_owned(),
        };
    }
    if view.impact.is_none() && view.case.evidence.impact.is_none() {
        return Verdict::Unknown {
            missing: "when people felt it: state the impact, or add a series that shows it"
                .to_owned(),
        };
    }
    let margin = view.case.settings.near_symptom_s.saturating_mul(SECOND);
    let near: Vec<_> = all
        .iter()
        .filter(|e| {
            e.at().is_some_and(|at| {
                at <= view.onset.plus(5 * MINUTE) && view.onset.since(at) <= margin
            })
        })
        .copied()
        .collect();
    if near.is_empty() {
        return Verdict::Clear {
            reason: format!(
                "none of the {} rollouts was within {} before {}",
                all.len(),
                span_text(margin),
                view.onset.minute()
            ),
            series: vec![],
            events: evidence::ids(&all),
        };
    }
    if let Some(id) = evidence::accused(view, &near) {
        return Verdict::Found(Reason {
            text: "a rollout shortly before the impact is the first suspect".to_owned(),
            series: vec![],
            events: vec![id],
        });
    }
    let earlier = evidence::driver_before(view, &near);
    match earlier {
        Some(driver) => Verdict::Clear {
            reason: format!(
                "{} within {} before the impact, but {} had left its level at {}, {} \
                 before the first of them",
                model::words::count(near.len(), "rollout"),
                span_text(margin),
                driver.driver.series,
                driver.driver.onset.minute(),
                span_text(
                    near.iter()
                        .filter_map(|e| e.at())
                        .min()
                        .unwrap_or(view.onset)
                        .since(driver.driver.onset)
                )
            ),
            series: vec![driver.driver.series.clone()],
            events: evidence::ids(&near),
        },
        None => Verdict::Unknown {
            missing: format!(
                "{} shortly before the impact, and no earlier onset that speaks for \
                 another cause: compare their versions",
                model::words::count(near.len(), "rollout")
            ),
        },
    }
}
