//! `bad_rollout`: a rollout is the cause, however long before.
//!
//! Data: `rollout` events. Found when one leads the suspects with a half or more; it says the same as
//! they do, so that it never contradicts them. Clear when rollouts are recorded and none was within
//! [`REACH`] before the driver's onset, or when something else leads and no rollout comes near it.

use super::{Reason, View, evidence};
use model::{
    EventKind,
    analysis::Verdict,
    time::{HOUR, MINUTE, SECOND, span_text},
};

/// A bad version shows within this time: caches and queues have filled, a night has passed.
const REACH: i64 = 12 * HOUR;
/// A rollout below this score is no rival of the first suspect.
const NO_RIVAL: f64 = 0.1;

pub(super) fn judge(view: &View<'_>) -> Verdict<Reason> {
    let all = evidence::events(view, |e| e.kind == EventKind::Rollout);
    if all.is_empty() {
        return Verdict::Unknown {
            missing: "no rollouts in the evidence: add the ReplicaSets and Deployments".to_owned(),
        };
    }
    if let Some(id) = evidence::accused(view, &all) {
        let first = view.suspects.first();
        return Verdict::Found(Reason {
            text: first.map_or_else(String::new, |s| format!("{} is the first suspect", s.title)),
            series: first
                .map(|s| s.explains.iter().map(|e| e.series.clone()).collect())
                .unwrap_or_default(),
            events: vec![id],
        });
    }
    let onset = view.driver.map_or(view.onset, |d| d.driver.onset);
    let blur = view.driver.map_or(5 * MINUTE, |d| {
        (d.driver.uncertainty_s.saturating_mul(SECOND)).max(5 * MINUTE)
    });
    let near: Vec<_> = all
        .iter()
        .filter(|e| {
            e.at()
                .is_some_and(|at| at <= onset.plus(blur) && onset.since(at) <= REACH)
        })
        .copied()
        .collect();
    if near.is_empty() {
        return Verdict::Clear {
            reason: format!(
                "none of the {} rollouts was within {} before {}",
                all.len(),
                span_text(REACH),
                onset.minute()
            ),
            series: vec![],
            events: evidence::ids(&all),
        };
    }
    let leads = view.suspects.first().filter(|s| s.score >= 0.5);
    let rival = view.suspects.iter().any(|s| {
        let rollout = near.iter().any(|e| s.events.contains(&e.id));
        rollout && s.score >= NO_RIVAL
    });
    match leads {
        Some(first) if !rival => Verdict::Clear {
            reason: format!(
                "{} ({:.2}) explains it better than any of {} before {}",
                first.title,
                first.score,
                model::words::count(near.len(), "rollout"),
                onset.minute()
            ),
            series: vec![],
            events: evidence::ids(&near),
        },
        _ => Verdict::Unknown {
            missing: format!(
                "{} within {} before {}, and nothing that tells them from the cause: compare \
                 versions, or roll one back",
                model::words::count(near.len(), "rollout"),
                span_text(REACH),
                onset.minute()
            ),
        },
    }
}
