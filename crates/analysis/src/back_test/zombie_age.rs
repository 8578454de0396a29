//! A pod that has been Terminating for longer than an age. The age counts from the
//! deletionTimestamp, which includes the grace period; looked at every minute.

use super::levels::Levels;
use model::{EventKind, Evidence, time::MINUTE};

/// Age of the oldest Terminating pod, minute by minute.
pub(super) fn levels(evidence: &Evidence, age_s: f64) -> Result<Levels, String> {
    let window = evidence.window;
    let mut pods: Vec<(i64, i64)> = evidence
        .events
        .iter()
        .filter(|e| e.kind == EventKind::PodTerminating)
        .filter_map(|e| {
            let end = e.end.unwrap_or(window.end).millis();
            Some((e.start?.millis(), end))
        })
        .collect();
    if pods.is_empty() {
        return Err(
            "no Terminating pod of known start in the evidence: watch the cluster's pods".into(),
        );
    }
    pods.sort_unstable();
    let count = (window.millis() / MINUTE).clamp(0, 700_000);
    let mut oldest = 0;
    let (mut ends, mut ages) = (Vec::new(), Vec::new());
    for k in 1..=count {
        let t = window.start.plus(k * MINUTE).millis();
        // Oldest first: those that are gone by now never count again.
        while pods.get(oldest).is_some_and(|(_, end)| *end <= t) {
            oldest += 1;
        }
        let age = pods
            .get(oldest)
            .filter(|(start, _)| *start <= t)
            .map_or(0, |(start, _)| t - start);
        ends.push(t);
        ages.push(age as f64 / 1000.0);
    }
    Ok(Levels {
        values: ages,
        ends,
        period_ms: MINUTE,
        below: false,
        inclusive: false,
        threshold: age_s,
    })
}
