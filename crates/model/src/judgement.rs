//! What people decide about suspects: this one was the cause, that one was not.

use crate::{Extra, Timestamp, analysis::Suspect};
use serde::{Deserialize, Serialize};

/// What somebody decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    /// It is the cause, or one of them.
    #[default]
    Cause,
    /// It is not.
    Dismissed,
}

/// A decision about one suspect. It outlives the analysis that named the suspect: it knows the
/// suspect by its events, and keeps the words that were shown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// The suspect, see [`Suspect::id`]; one decision for each.
    pub suspect: String,
    /// What was decided.
    pub ruling: Ruling,
    /// Why; may be empty on a cause.
    #[serde(default, deserialize_with = "crate::event::null_is_default")]
    pub reason: String,
    /// Who decided.
    #[serde(default, deserialize_with = "crate::event::null_is_default")]
    pub author: String,
    /// When.
    #[serde(default)]
    pub at: Option<Timestamp>,
    /// What the suspect was called then.
    #[serde(default, deserialize_with = "crate::event::null_is_default")]
    pub title: String,
    /// Its events then, the one that began it first.
    #[serde(
        default,
        deserialize_with = "crate::event::null_is_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub events: Vec<String>,
    /// Its probability then, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// Fields of later versions.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Judgement {
    /// The suspect that the decision is about, among those of an analysis made later: the one of the
    /// same id; else the one that has the event by which it was called; else the one that has most of
    /// its events, where that is at least half of them.
    pub fn suspect_in<'a>(&self, suspects: &'a [Suspect]) -> Option<&'a Suspect> {
        let same = || suspects.iter().find(|s| s.id() == self.suspect);
        let holds = || suspects.iter().find(|s| s.events.contains(&self.suspect));
        let most = || {
            let common = |s: &Suspect| s.events.iter().filter(|e| self.events.contains(e)).count();
            let best = suspects.iter().rev().max_by_key(|s| common(s))?;
            (common(best) > 0 && 2 * common(best) >= self.events.len()).then_some(best)
        };
        same().or_else(holds).or_else(most)
    }
}

/// The decision about a suspect, of all those of an incident; the last made counts.
pub fn of_suspect<'j>(
    judgements: &'j [Judgement],
    suspect: &Suspect,
    suspects: &[Suspect],
) -> Option<&'j Judgement> {
    let about = |j: &&Judgement| {
        j.suspect_in(suspects)
            .is_some_and(|s| s.id() == suspect.id())
    };
    judgements.iter().filter(about).max_by_key(|j| j.at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suspect(events: &[&str]) -> Suspect {
        Suspect {
            rank: 1,
            events: events.iter().map(|e| (*e).to_owned()).collect(),
            score: 0.5,
            explains: Vec::new(),
            evidence: Vec::new(),
            title: String::new(),
            start: None,
            end: None,
        }
    }

    fn judgement(events: &[&str]) -> Judgement {
        Judgement {
            suspect: events[0].to_owned(),
            events: events.iter().map(|e| (*e).to_owned()).collect(),
            ..Judgement::default()
        }
    }

    #[test]
    fn a_decision_finds_its_suspect_again() {
        let was = judgement(&["roll", "pod-1", "pod-2"]);
        // The same, whatever its rank; with an earlier event found; without the one it was called by.
        for now in [
            vec![suspect(&["other"]), suspect(&["roll"])],
            vec![suspect(&["other"]), suspect(&["earlier", "roll", "pod-9"])],
            vec![suspect(&["other"]), suspect(&["pod-1", "pod-2", "pod-3"])],
        ] {
            assert_eq!(was.suspect_in(&now), Some(&now[1]));
        }
        // One event in common of three is another suspect.
        assert_eq!(was.suspect_in(&[suspect(&["pod-1", "x"])]), None);
        assert_eq!(was.suspect_in(&[]), None);
        assert_eq!(judgement(&["a"]).suspect_in(&[suspect(&["b"])]), None);
    }

    #[test]
    fn the_last_word_about_a_suspect_counts() {
        let at = |s| Some(Timestamp::from_seconds(s));
        let first = Judgement {
            at: at(1),
            ..judgement(&["roll"])
        };
        let later = Judgement {
            at: at(2),
            ruling: Ruling::Dismissed,
            ..judgement(&["pod"])
        };
        let now = [suspect(&["roll", "pod"]), suspect(&["x"])];
        let all = [later.clone(), first];
        assert_eq!(of_suspect(&all, &now[0], &now), Some(&later));
        assert_eq!(of_suspect(&all, &now[1], &now), None);
    }

    #[test]
    fn what_a_later_version_adds_is_kept() {
        let text = r#"{"suspect":"e1","ruling":"dismissed","reason":null,"votes":3}"#;
        let read: Judgement = serde_json::from_str(text).unwrap();
        assert_eq!((read.ruling, read.reason.as_str()), (Ruling::Dismissed, ""));
        assert_eq!(serde_json::to_value(&read).unwrap()["votes"], 3);
    }
}
