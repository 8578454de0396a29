//! The answer in sentences, out of the analysis and nothing else: what is unknown is not said.

use super::percent;
use crate::backend::Case;
use chart::value_text;
use model::{
    Evidence, Timestamp,
    analysis::{Credit, CreditState, MeasuredImpact, StuckPod, Suspect},
    judgement::{Ruling, of_suspect},
    time::{SECOND, span_text},
};

/// A suspect below this probability is not called the probable cause: more likely it is not.
const PROBABLE: f64 = 0.5;

/// Sentences, the most important first.
pub(super) fn sentences(case: &Case) -> Vec<String> {
    let (evidence, analysis) = (&case.evidence, &case.analysis);
    if evidence.series.is_empty() && evidence.events.is_empty() {
        return Vec::new();
    }
    let mut out = vec![decided(case).unwrap_or_else(|| cause(case))];
    out.extend(stuck(&analysis.stuck_pods));
    out.extend(analysis.credits.iter().filter_map(|c| credit(c, evidence)));
    out.extend(analysis.impact.as_ref().and_then(|i| impact(i, evidence)));
    out
}

/// The cause as people decided, with what the analysis says of it.
fn decided(case: &Case) -> Option<String> {
    let pinned = case.judgements.iter().filter(|j| j.ruling == Ruling::Cause);
    let judgement = pinned.max_by_key(|j| j.at)?;
    let suspect = judgement.suspect_in(&case.analysis.suspects);
    let title = suspect.map_or(judgement.title.as_str(), |s| s.title.as_str());
    let title = match title.trim().trim_end_matches('.') {
        "" => judgement.suspect.as_str(),
        title => title,
    };
    let who = match judgement.author.as_str() {
        "" => "somebody",
        author => author,
    };
    let says = match suspect {
        Some(suspect) => format!("the analysis gives it {}", percent(suspect.score)),
        None => "the analysis, made again, has no such suspect any more".to_owned(),
    };
    Some(format!("Cause, as {who} decided: {title}; {says}."))
}

fn cause(case: &Case) -> String {
    let analysis = &case.analysis;
    if let Some(fault) = analysis.fault() {
        return format!("{}.", capitalised(fault));
    }
    match analysis.suspects.first() {
        Some(suspect) => {
            let judgement = of_suspect(&case.judgements, suspect, &analysis.suspects);
            let dismissed = judgement.map(|j| format!(" {} dismissed it.", capitalised(&j.author)));
            suspect_sentence(suspect) + &dismissed.unwrap_or_default()
        }
        None if analysis.driver.is_some() => {
            "No suspect: nothing that is known to have happened fits the onset.".into()
        }
        None => "No suspect: no onset was found in the series of this window.".into(),
    }
}

fn suspect_sentence(suspect: &Suspect) -> String {
    let title = suspect.title.trim().trim_end_matches('.');
    let named = if title.is_empty() {
        suspect.events.first().map_or("an event", String::as_str)
    } else {
        title
    };
    let when = match suspect.start {
        Some(at) => format!("; it began at {} UTC", at.minute()),
        None => String::new(),
    };
    let score = percent(suspect.score);
    if suspect.score >= PROBABLE {
        format!("Probable cause, {score}: {named}{when}.")
    } else {
        format!("No clear cause. The first suspect, {score}: {named}{when}.")
    }
}

/// With a capital letter at its beginning.
pub(crate) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

fn stuck(pods: &[StuckPod]) -> Option<String> {
    if pods.is_empty() {
        return None;
    }
    let mut nodes: Vec<&str> = pods
        .iter()
        .map(|p| p.node.as_str())
        .filter(|n| !n.is_empty())
        .collect();
    nodes.sort_unstable();
    nodes.dedup();
    let who = match pods.len() {
        1 => "1 pod was".to_owned(),
        n => format!("{n} pods were"),
    };
    let nodes = match nodes.len() {
        0 => String::new(),
        1 => " on 1 node".to_owned(),
        n => format!(" on {n} nodes"),
    };
    let longest = pods
        .iter()
        .filter_map(|p| p.age_s)
        .max()
        .map_or(String::new(), |age| {
            format!(", the longest for {}", span_text(age * SECOND))
        });
    Some(format!("{who} stuck in Terminating{nodes}{longest}."))
}

fn credit(credit: &Credit, evidence: &Evidence) -> Option<String> {
    let name = name(credit);
    let drained = |until: Timestamp| {
        credit.drain_start.map_or(String::new(), |start| {
            format!(", {} after the drain began", span_text(until.since(start)))
        })
    };
    if let Some(at) = credit.exhausted_at {
        let recovery = match credit.recovery_start {
            Some(r) if r > at => format!("; they have been recovering since {} UTC", r.minute()),
            _ => String::new(),
        };
        return Some(format!(
            "Burst credits of {name} were exhausted at {} UTC{}{recovery}.",
            at.minute(),
            drained(at)
        ));
    }
    if let Some(f) = &credit.forecast {
        return Some(format!(
            "Burst credits of {name} reach zero at {} UTC (90 %: {} to {}) if nothing changes.",
            f.exhausts_at.minute(),
            f.low.minute(),
            f.high.minute()
        ));
    }
    (credit.state == CreditState::Draining).then(|| {
        let balance = credit.balance.map_or(String::new(), |b| {
            let unit = evidence
                .series(&credit.series)
                .map_or("", |s| s.meta.unit.as_str());
            format!(", {} left", value_text(b, unit))
        });
        format!("Burst credits of {name} are draining{balance}.")
    })
}

/// What people call the file system: the id without the scheme of resource ids.
pub(super) fn name(credit: &Credit) -> String {
    let resource = credit.resource.as_deref().unwrap_or(&credit.series);
    resource.strip_prefix("aws:").unwrap_or(resource).to_owned()
}

fn impact(impact: &MeasuredImpact, evidence: &Evidence) -> Option<String> {
    let series = evidence.series(&impact.series)?;
    let unit = &series.meta.unit;
    let until = impact.end.map_or_else(
        || ", to the end of the window".to_owned(),
        |end| {
            let lasted = span_text(end.since(impact.start));
            format!(" to {} UTC ({lasted})", end.minute())
        },
    );
    Some(format!(
        "{} went from {} to {} (worst {}) from {} UTC{until}.",
        evidence.label(&series.meta),
        value_text(impact.normal, unit),
        value_text(impact.during, unit),
        value_text(impact.worst, unit),
        impact.start.minute(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Event, analysis::Driver};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn case() -> Case {
        let mut case = Case::default();
        case.evidence.events = vec![Event {
            id: "e1".into(),
            ..Event::default()
        }];
        case
    }

    #[test]
    fn the_story_reads_as_a_person_would_tell_it() {
        let mut case = case();
        case.analysis.suspects = vec![Suspect {
            rank: 1,
            events: vec!["e1".into()],
            score: 0.94,
            explains: Vec::new(),
            evidence: Vec::new(),
            title: "Rollout of shop-web left 8 pods Terminating".into(),
            start: Some(at("2020-05-20T09:30:00Z")),
            end: None,
        }];
        case.analysis.stuck_pods = vec![StuckPod {
            event: "e1".into(),
            namespace: "shop".into(),
            pod: "web-1".into(),
            node: "node-a".into(),
            age_s: Some(7_200),
            since: None,
            until: None,
        }];
        case.analysis.credits = vec![Credit {
            series: "burst".into(),
            resource: Some("aws:fs-1".into()),
            drain_start: Some(at("2020-05-20T10:00:00Z")),
            exhausted_at: Some(at("2020-05-22T03:00:00Z")),
            ..Credit::default()
        }];
        assert_eq!(
            sentences(&case),
            vec![
                "Probable cause, 94 %: Rollout of shop-web left 8 pods Terminating; \
                 it began at 2020-05-20 09:30 UTC.",
                "1 pod was stuck in Terminating on 1 node, the longest for 2 h.",
                "Burst credits of fs-1 were exhausted at 2020-05-22 03:00 UTC, \
                 1 d 17 h after the drain began.",
            ]
        );
    }

    #[test]
    fn what_people_decided_is_the_cause() {
        let mut case = case();
        case.judgements = vec![model::Judgement {
            suspect: "e1".into(),
            author: "kim".into(),
            title: "Rollout of shop-web".into(),
            ..model::Judgement::default()
        }];
        assert_eq!(
            sentences(&case)[0],
            "Cause, as kim decided: Rollout of shop-web; the analysis, made again, has no such \
             suspect any more."
        );
        case.judgements[0].ruling = Ruling::Dismissed;
        assert!(sentences(&case)[0].starts_with("No suspect"));
    }

    #[test]
    fn a_weak_suspect_is_not_called_the_cause() {
        let suspect = Suspect {
            rank: 1,
            events: Vec::new(),
            score: 0.1,
            explains: Vec::new(),
            evidence: Vec::new(),
            title: "revision 84 of shop-web".into(),
            start: None,
            end: None,
        };
        assert_eq!(
            suspect_sentence(&suspect),
            "No clear cause. The first suspect, 10 %: revision 84 of shop-web."
        );
    }

    #[test]
    fn what_is_unknown_is_not_said() {
        assert!(sentences(&Case::default()).is_empty());
        assert_eq!(
            sentences(&case()),
            vec!["No suspect: no onset was found in the series of this window."]
        );
        let mut case = case();
        case.analysis.driver = Some(Driver {
            series: "metadata".into(),
            onset: at("2020-05-20T10:00:00Z"),
            uncertainty_s: 60,
            before: 1.0,
            after: 2.0,
            mechanism: String::new(),
        });
        assert!(sentences(&case)[0].contains("nothing that is known to have happened"));
    }
}
