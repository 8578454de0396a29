//! From a case to its page.

use super::{
    Beside, ChangeView, CreditView, SourceView, StuckPodView, SuspectView, TimelineView,
    dressed::{added, arranged, picture},
    events, headline, judged, lanes, look,
    suspects::Names,
};
use crate::{backend::Case, view::View};
use chart::{LeftOut, value_text};
use model::{
    Evidence, Gap, Provenance, Timestamp, Window,
    analysis::{ChangeKind, ChangePoint, Credit, Direction, StuckPod},
    time::{SECOND, span_text},
};

impl TimelineView {
    /// The page of a case as a view shows it, pictures drawn. `ignored` says what of the address was
    /// not understood.
    pub fn of(case: &Case, view: &View, ignored: Option<String>, beside: &Beside) -> Self {
        let (evidence, analysis) = (&case.evidence, &case.analysis);
        let composed = chart::compose(evidence, analysis, &case.annotations);
        let lanes: Vec<String> = composed.lanes.iter().map(|l| l.id.clone()).collect();
        let more = || all_ids(case, &composed.more);
        let unknown = super::unknown::sentence(case, view, &lanes, more);
        let (drawn, once) = super::once::split(composed.lanes, evidence);
        let added = added(case, view, &drawn, &composed.more);
        let focused = analysis
            .suspects
            .iter()
            .find(|s| view.focus.as_deref() == Some(s.id()));
        let lit = focused.map(look::lit);
        let shown = view.window(case.incident.window);
        let names = Names {
            evidence,
            lanes: &drawn,
            stuck: &analysis.stuck_pods,
        };
        let window = case.incident.window;
        let (decided, gone) = judged::decisions(case);
        let decided = analysis.suspects.iter().zip(decided);
        Self {
            id: case.incident.id.clone(),
            title: case.incident.title.clone(),
            window,
            view: view.clone(),
            shown,
            ignored: match (ignored, unknown) {
                (Some(ignored), Some(unknown)) => Some(format!("{ignored} {unknown}")),
                (ignored, unknown) => ignored.or(unknown),
            },
            default_lanes: drawn.iter().map(|l| l.id.clone()).collect(),
            presets: look::presets(case, window),
            overview: look::overview(&drawn, &view.lanes.pinned, window, shown),
            compared: beside.compared.as_ref().and_then(|c| c.compared.clone()),
            events: events::events(evidence, view, shown, (&drawn, window)),
            sampled: sampled(evidence),
            state: case.incident.state,
            notice: case.incident.notice.clone(),
            headline: headline::sentences(case),
            came: came(evidence),
            notes: case
                .annotations
                .iter()
                .map(|note| names.note(note, view))
                .collect(),
            once,
            axis: lanes::axis(shown),
            suspects: decided
                .map(|(suspect, judgement)| SuspectView {
                    judgement,
                    ..names.suspect(suspect, focused == Some(suspect))
                })
                .collect(),
            gone,
            found: analysis.found.iter().map(|h| names.found(h)).collect(),
            ruled_out: analysis
                .ruled_out
                .iter()
                .map(|h| names.ruled_out(h))
                .collect(),
            unknown: analysis.unknown.iter().map(|h| names.unknown(h)).collect(),
            known_issues: analysis
                .known_issues
                .iter()
                .map(|i| names.known_issue(i))
                .collect(),
            credits: analysis
                .credits
                .iter()
                .map(|c| credit(c, evidence))
                .collect(),
            stuck_pods: analysis
                .stuck_pods
                .iter()
                .map(|p| stuck_pod(p, evidence))
                .collect(),
            changes: analysis
                .changepoints
                .iter()
                .map(|c| change(c, &names))
                .collect(),
            sources: evidence.provenance.iter().map(source).collect(),
            lanes: arranged(&drawn, &added, view)
                .into_iter()
                .map(|lane| picture(lane, case, view, lit.as_ref(), beside))
                .collect(),
        }
    }
}

/// From the first sample to the last.
fn sampled(evidence: &Evidence) -> Option<Window> {
    let times = evidence.series.iter().map(|s| s.samples.times());
    let first = times.clone().filter_map(|t| t.first()).min()?;
    let last = times.filter_map(|t| t.last()).max()?;
    Some(Window {
        start: *first,
        end: last.plus(1),
    })
}

/// The ids of the lanes that are left out by default.
fn all_ids(case: &Case, more: &[LeftOut]) -> Vec<String> {
    let (evidence, analysis) = (&case.evidence, &case.analysis);
    more.iter()
        .filter_map(|left| chart::lane_of(&left.series, evidence, analysis, &case.annotations))
        .map(|lane| lane.id)
        .collect()
}

/// `3 pods`, `1 pod`.
pub(super) fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

fn came(evidence: &Evidence) -> String {
    let mut sources: Vec<&str> = evidence
        .provenance
        .iter()
        .map(|p| p.source.as_str())
        .collect();
    sources.sort_unstable();
    sources.dedup();
    format!(
        "{} and {} from {}",
        counted(evidence.series.len(), "series", "series"),
        counted(evidence.events.len(), "event", "events"),
        counted(sources.len(), "source", "sources"),
    )
}

fn credit(credit: &Credit, evidence: &Evidence) -> CreditView {
    let unit = evidence
        .series(&credit.series)
        .map_or("", |s| s.meta.unit.as_str());
    let mut facts = Vec::new();
    let mut fact = |name: &str, value: Option<String>| {
        facts.extend(value.map(|v| (name.to_owned(), v)));
    };
    let time = |t: Option<Timestamp>| t.map(|t| format!("{} UTC", t.minute()));
    fact("Last balance", credit.balance.map(|b| value_text(b, unit)));
    fact(
        "Balance before the drain",
        credit.balance_before.map(|b| value_text(b, unit)),
    );
    fact("Drain began", time(credit.drain_start));
    fact("Exhausted", time(credit.exhausted_at));
    fact("Recovering since", time(credit.recovery_start));
    fact(
        "Reaches zero",
        credit.forecast.as_ref().map(|f| {
            let (at, low, high) = (f.exhausts_at.minute(), f.low.minute(), f.high.minute());
            format!("{at} UTC (90 %: {low} to {high})")
        }),
    );
    fact(
        "Reaches zero, roughly",
        credit.outlook.as_ref().map(|f| {
            let (low, high) = (f.low.minute(), f.high.minute());
            format!("between {low} and {high} UTC (90 %)")
        }),
    );
    let per_second = format!("{unit}/Second");
    fact(
        "Net drain",
        credit.drain_per_s.map(|v| value_text(v, &per_second)),
    );
    fact(
        "Baseline",
        credit.baseline_per_s.map(|v| value_text(v, &per_second)),
    );
    let throttled: i64 = credit.throttled.iter().map(|w| w.millis()).sum();
    fact(
        "Throttled for",
        (throttled > 0).then(|| span_text(throttled)),
    );
    fact(
        "Not explained by measured traffic",
        credit.residual.map(super::percent),
    );
    CreditView {
        resource: headline::name(credit),
        state: credit.state,
        facts,
        note: [Some(credit.note.as_str()), credit.unexplained.as_deref()]
            .into_iter()
            .flatten()
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join(" "),
    }
}

fn stuck_pod(pod: &StuckPod, evidence: &Evidence) -> StuckPodView {
    let event = evidence.event(&pod.event);
    let (earliest, latest) = event.map_or((None, None), model::Event::start_bounds);
    let since = match (pod.since, earliest, latest) {
        (Some(t), ..) => t.minute(),
        (None, Some(a), Some(b)) => format!("unknown, {} to {}", a.minute(), b.minute()),
        (None, None, Some(b)) => format!("unknown, before {}", b.minute()),
        (None, ..) => "unknown".into(),
    };
    let observed = event.and_then(|e| e.attribute_time("observed_at"));
    let age = match (pod.age_s, earliest, observed) {
        (Some(s), ..) => span_text(s * SECOND),
        (None, Some(a), Some(seen)) => format!("at most {}", span_text(seen.since(a))),
        _ => "unknown".into(),
    };
    StuckPodView {
        namespace: pod.namespace.clone(),
        pod: pod.pod.clone(),
        node: pod.node.clone(),
        since,
        until: match (pod.until, event.map(model::Event::known_until)) {
            (Some(until), _) => until.minute(),
            (None, Some(None)) => "unknown".into(),
            (None, _) => "still there".into(),
        },
        age,
    }
}

fn change(point: &ChangePoint, names: &Names<'_>) -> ChangeView {
    let unit = names
        .evidence
        .series(&point.series)
        .map_or("", |s| s.meta.unit.as_str());
    let kind = match point.kind {
        ChangeKind::Level => "level",
        ChangeKind::Slope => "slope",
        ChangeKind::Variance => "spread",
        ChangeKind::Pulse => "pulse",
    };
    let way = match point.direction {
        Direction::Up => "up",
        Direction::Down => "down",
    };
    ChangeView {
        series: names.series(&point.series),
        at: point.at,
        uncertainty: if point.uncertainty_s > 0 {
            format!("± {}", span_text(point.uncertainty_s * SECOND))
        } else {
            String::new()
        },
        change: format!("{kind} {way}"),
        before: value_text(point.before, unit),
        after: value_text(point.after, unit),
        confidence: point.confidence,
    }
}

fn source(batch: &Provenance) -> SourceView {
    SourceView {
        name: batch.source.clone(),
        query: batch.query.clone(),
        asked_at: batch.asked_at,
        resolution: batch
            .resolution_s
            .map_or(String::new(), |s| span_text(i64::from(s) * SECOND)),
        came: format!(
            "{}, {}",
            counted(batch.series.len(), "series", "series"),
            counted(batch.events, "event", "events")
        ),
        gaps: batch.gaps.iter().map(gap).collect(),
    }
}

fn gap(gap: &Gap) -> String {
    let mut text = String::new();
    if !gap.what.is_empty() {
        text.push_str(&gap.what);
        text.push_str(": ");
    }
    text.push_str(&gap.reason);
    if let Some(window) = gap.window {
        let span = format!(
            " ({} to {} UTC)",
            window.start.minute(),
            window.end.minute()
        );
        text.push_str(&span);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Event;

    #[test]
    fn a_pod_whose_deletion_nobody_saw_says_what_is_known() {
        let mut event = Event {
            id: "files/pods.txt#3".into(),
            ..Event::default()
        };
        for (name, value) in [
            ("start_earliest", "2020-05-21T10:00:00Z"),
            ("observed_at", "2020-05-22T11:00:00Z"),
        ] {
            event.attributes.insert(name.into(), value.into());
        }
        let evidence = Evidence {
            events: vec![event],
            ..Evidence::default()
        };
        let pod = StuckPod {
            event: "files/pods.txt#3".into(),
            namespace: "shop".into(),
            pod: "web-1".into(),
            node: String::new(),
            age_s: None,
            since: None,
            until: None,
        };
        let view = stuck_pod(&pod, &evidence);
        assert_eq!(view.since, "unknown, 2020-05-21 10:00 to 2020-05-22 11:00");
        assert_eq!(view.age, "at most 1 d 1 h");
        assert_eq!(view.until, "still there");
        let view = stuck_pod(&pod, &Evidence::default());
        assert_eq!(
            (view.since.as_str(), view.age.as_str()),
            ("unknown", "unknown")
        );
    }

    #[test]
    fn a_gap_says_what_when_and_why() {
        let missing = Gap {
            what: "ClientConnections".into(),
            window: None,
            reason: "no data".into(),
        };
        assert_eq!(gap(&missing), "ClientConnections: no data");
    }
}
