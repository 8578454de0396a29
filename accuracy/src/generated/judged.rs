//! One incident, judged.

use super::baselines;
use analysis::{Settings, analyse};
use model::{Analysis, Timestamp, analysis::Suspect, time::MINUTE};
use simulate::families::{Case, CaseTruth};
use std::collections::BTreeSet;

/// What became of one incident.
pub(super) struct Judged {
    pub family: &'static str,
    pub hard: bool,
    /// Whether some recorded event is the cause.
    pub has_culprit: bool,
    /// Place of each cause among the suspects.
    pub ranks: Vec<Option<u32>>,
    /// Score of each suspect, and whether it is a cause.
    pub scores: Vec<(f64, bool)>,
    /// Minutes between the true onset and the driver's; `None` where there is no onset.
    pub onset_error: Option<f64>,
    /// Minutes between the true exhaustion and the one that was found.
    pub exhaustion_error: Option<f64>,
    /// A balance that was said to be exhausted and was not.
    pub false_exhaustion: bool,
    /// Stuck pods: found and true, found, true.
    pub stuck: (usize, usize, usize),
    /// Whether each baseline names a cause first.
    pub baselines: [bool; 2],
    story: String,
}

/// What is said of an onset or an exhaustion that was missed: a week.
const MISSED: f64 = 10_080.0;

impl Judged {
    pub(super) fn of(case: &Case) -> Self {
        let (evidence, truth) = (&case.evidence, &case.truth);
        let out = analyse(evidence, &Settings::default(), evidence.window.end);
        let hit = |cause: &Vec<String>, s: &Suspect| is_cause(s, cause, truth);
        let ranks = truth
            .causes
            .iter()
            .map(|cause| out.suspects.iter().find(|s| hit(cause, s)).map(|s| s.rank))
            .collect();
        let right = |s: &Suspect| truth.causes.iter().any(|cause| hit(cause, s));
        let scores = out.suspects.iter().map(|s| (s.score, right(s))).collect();
        let apart = |a: Timestamp, b: Option<Timestamp>| {
            b.map_or(MISSED, |b| (a.since(b) as f64 / MINUTE as f64).abs())
        };
        let driver = out.driver.as_ref().map(|d| d.onset);
        let found = out.credits.iter().filter_map(|c| c.exhausted_at).min();
        let stuck: BTreeSet<&str> = out.stuck_pods.iter().map(|s| s.event.as_str()).collect();
        let truly: BTreeSet<&str> = truth.stuck_pods.iter().map(String::as_str).collect();
        let named =
            |id: Option<&str>| id.is_some_and(|id| truth.causes.iter().flatten().any(|c| c == id));
        Self {
            family: case.family,
            hard: truth.hard,
            has_culprit: !truth.causes.is_empty(),
            ranks,
            scores,
            onset_error: truth.onset.map(|at| apart(at, driver)),
            exhaustion_error: truth.exhausted_at.map(|at| apart(at, found)),
            false_exhaustion: truth.exhausted_at.is_none() && found.is_some(),
            stuck: (stuck.intersection(&truly).count(), stuck.len(), truly.len()),
            baselines: [
                named(baselines::nearest_to_the_largest_shift(evidence)),
                named(baselines::rollout_near_the_largest_score(evidence)),
            ],
            story: story(case, &out),
        }
    }

    /// Whether one of the causes comes first.
    pub(super) fn first(&self) -> bool {
        self.ranks.contains(&Some(1))
    }

    /// Whether all causes are among the first so many.
    pub(super) fn within(&self, most: u32) -> bool {
        self.ranks.iter().all(|r| r.is_some_and(|r| r <= most))
    }

    /// Mean over k from 1 to 5 of "a cause is among the first k".
    pub(super) fn average_of_five(&self) -> f64 {
        let best = self.ranks.iter().flatten().min().copied().unwrap_or(99);
        (1..=5).filter(|k| best <= *k).count() as f64 / 5.0
    }

    /// Whether somebody is accused.
    pub(super) fn accuses(&self) -> bool {
        self.scores.first().is_some_and(|(score, _)| *score >= 0.5)
    }

    /// Squared error of the first suspect's score. Who names nobody where there is a cause is as
    /// wrong as can be.
    pub(super) fn brier(&self) -> f64 {
        match self.scores.first() {
            Some((score, right)) => (score - f64::from(u8::from(*right))).powi(2),
            None => f64::from(u8::from(self.has_culprit)),
        }
    }

    /// Whether there is nothing to look into.
    pub(super) fn is_fine(&self) -> bool {
        if self.has_culprit {
            self.first() && self.within(3) && self.brier() < 0.25
        } else {
            !self.accuses()
        }
    }

    /// The incident and what the analysis made of it, for tuning.
    pub(super) fn told(&self) -> &str {
        &self.story
    }
}

/// A suspect names a cause when an event of the cause is in it, and no more than half of it is
/// innocent.
fn is_cause(suspect: &Suspect, cause: &[String], truth: &CaseTruth) -> bool {
    let guilty = |id: &String| truth.causes.iter().flatten().any(|c| c == id);
    let innocent = suspect.events.iter().filter(|id| !guilty(id)).count();
    suspect.events.iter().any(|id| cause.contains(id)) && 2 * innocent <= suspect.events.len()
}

fn story(case: &Case, out: &Analysis) -> String {
    let (evidence, truth) = (&case.evidence, &case.truth);
    let name = |id: &String| {
        let event = evidence.event(id);
        event.map_or(id.clone(), |e| {
            format!(
                "{} {}/{} {}",
                id,
                e.namespace,
                e.object.name,
                e.at().unwrap_or_default()
            )
        })
    };
    let mut lines = vec![format!(
        "== {} {}{} window {} to {}, {} events, edges {}, symptom {:?}, stated {:?}",
        case.family,
        case.seed,
        if truth.hard { " (hard)" } else { "" },
        evidence.window.start,
        evidence.window.end,
        evidence.events.len(),
        evidence.topology.len(),
        evidence.symptom,
        evidence.impact.map(|i| i.start.to_string()),
    )];
    let causes: Vec<Vec<String>> = truth
        .causes
        .iter()
        .map(|c| c.iter().take(3).map(&name).collect())
        .collect();
    lines.push(format!(
        "   truth {causes:?}, onset {:?} in {:?}",
        truth.onset, truth.drivers
    ));
    if let Some(i) = &out.impact {
        lines.push(format!(
            "   impact {} {} to {:?}, {:.3} to {:.3}",
            i.series, i.start, i.end, i.normal, i.during
        ));
    }
    if let Some(d) = &out.driver {
        lines.push(format!(
            "   driver {} {} (± {} s): {}",
            d.series, d.onset, d.uncertainty_s, d.mechanism
        ));
    }
    for c in &out.credits {
        lines.push(format!(
            "   credit {} drain {:?} zero {:?} (true {:?})",
            c.series, c.drain_start, c.exhausted_at, truth.exhausted_at
        ));
    }
    let of_cause = |s: &&Suspect| truth.causes.iter().any(|c| is_cause(s, c, truth));
    let first = out.suspects.iter().take(2);
    let guilty = out.suspects.iter().skip(2).find(of_cause);
    for s in first.chain(guilty) {
        let names: Vec<String> = s.events.iter().take(2).map(&name).collect();
        lines.push(format!("   {} {:.2} {names:?}", s.rank, s.score));
        for e in &s.evidence {
            lines.push(format!("        {:6.2} {}: {}", e.weight, e.factor, e.text));
        }
    }
    lines.join("\n")
}
