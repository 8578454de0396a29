//! A pod that has been Terminating for longer than an age, counted from the deletionTimestamp, which
//! includes the grace period. Every pod is an alert of its own; those that reach the age within ten
//! minutes of each other are told together.

use super::{
    alarm::{Alarm, rounded},
    periods::instant,
};
use model::{
    EventKind, Evidence, Window,
    time::{HOUR, MINUTE},
};

/// Alerts so near are told together.
const TOGETHER: i64 = 10 * MINUTE;

/// Terminating pods: from when to when, epoch milliseconds, by start.
pub(super) struct Ages {
    pods: Vec<(i64, i64)>,
    window: Window,
    age_s: f64,
}

/// Every pod of known start that was Terminating in the window.
pub(super) fn ages(evidence: &Evidence, age_s: f64) -> Result<Ages, String> {
    let window = evidence.window;
    let mut pods: Vec<(i64, i64)> = evidence
        .events
        .iter()
        .filter(|e| e.kind == EventKind::PodTerminating)
        .filter_map(|e| {
            // What a listing that nobody dated shows has no known age.
            let end = e.known_until()?.min(window.end);
            Some((e.start?.millis(), end.millis()))
        })
        .filter(|(start, end)| start <= end && *end > window.start.millis())
        .collect();
    if pods.is_empty() {
        return Err(
            "no Terminating pod of known start in the window: watch the cluster's pods".into(),
        );
    }
    pods.sort_unstable();
    Ok(Ages {
        pods,
        window,
        age_s,
    })
}

impl Alarm for Ages {
    fn own(&self) -> f64 {
        self.age_s
    }

    fn fired(&self, threshold: f64) -> Vec<Window> {
        let age = (threshold * 1000.0) as i64;
        let mut out: Vec<Window> = Vec::new();
        let mut last = i64::MIN;
        for (start, end) in &self.pods {
            let reached = start.saturating_add(age);
            // One that reached the age before the window is no news in it.
            if reached >= *end || reached < self.window.start.millis() {
                continue;
            }
            match out.last_mut() {
                Some(before) if reached.saturating_sub(last) <= TOGETHER => {
                    before.end = before.end.max(instant(*end));
                }
                _ => out.push(Window {
                    start: instant(reached),
                    end: instant(*end),
                }),
            }
            last = reached;
        }
        out
    }

    fn thresholds(&self) -> Vec<f64> {
        let longest = self
            .pods
            .iter()
            .map(|(start, end)| end.saturating_sub(*start))
            .max();
        let minutes = [1, 2, 5, 10, 15, 20, 30, 45].map(|m| m * MINUTE);
        let hours = [1, 2, 3, 4, 6, 8, 12, 24, 36, 48, 72].map(|h| h * HOUR);
        minutes
            .into_iter()
            .chain(hours)
            .filter(|age| longest.is_some_and(|l| *age < l))
            .map(|age| rounded(age as f64 / 1000.0))
            .collect()
    }

    fn period_ms(&self) -> i64 {
        MINUTE
    }
}
