//! Suspects and hypotheses as shown: ids become names, and each name its lane.

use super::{EvidenceView, HypothesisView, KnownIssueView, Reference, SuspectView};
use super::{headline::capitalised, look};
use crate::{
    page::{MentionView, NoteView},
    view::{View, query},
};
use chart::Lane;
use leptos::prelude::RenderHtml;
use model::{
    Annotation, Evidence,
    analysis::{
        EvidenceItem, FoundHypothesis, KnownIssue, RuledOut, StuckPod, Suspect, UnknownHypothesis,
    },
    time::{SECOND, span_text},
};

/// Series or events named behind one sentence; more would hide the sentence.
const NAMED: usize = 2;

/// Turns ids into names and lanes.
pub(super) struct Names<'a> {
    pub(super) evidence: &'a Evidence,
    pub(super) lanes: &'a [Lane],
    pub(super) stuck: &'a [StuckPod],
}

impl Names<'_> {
    /// A series by its id.
    pub(super) fn series(&self, id: &str) -> Reference {
        let lane = self.lanes.iter().find(|l| l.series.iter().any(|s| s == id));
        Reference {
            label: self
                .evidence
                .series(id)
                .map_or_else(|| id.to_owned(), |s| self.evidence.label(&s.meta)),
            lane: lane.map(|l| l.id.clone()),
        }
    }

    /// An event by its id.
    pub(super) fn event(&self, id: &str) -> Reference {
        let lane = self.lanes.iter().find(|l| l.events.iter().any(|e| e == id));
        let stuck = self.stuck.iter().find(|p| p.event == id);
        let label = match (stuck, self.evidence.event(id)) {
            (Some(pod), _) if !pod.pod.is_empty() => pod.pod.clone(),
            (_, Some(event)) if !event.title.is_empty() => event.title.clone(),
            (_, Some(event)) => format!("{} {}", event.kind.label(), event.object.name),
            (_, None) => id.to_owned(),
        };
        Reference {
            label,
            lane: lane.map(|l| l.id.clone()),
        }
    }

    /// A note, as it is read and as it is edited.
    pub(super) fn note(&self, note: &Annotation, view: &View) -> NoteView {
        let series = note.series.iter().map(|id| {
            let reference = self.series(id);
            let href = reference.lane.as_ref().map(|lane| format!("#lane-{lane}"));
            (format!("series:{id}"), reference, href)
        });
        let events = note.events.iter().map(|id| {
            let mut there = view.clone();
            there.event = Some(id.clone());
            let known = self.evidence.event(id).is_some();
            let href = known.then(|| format!("{}#events", query::write(&there)));
            (format!("event:{id}"), self.event(id), href)
        });
        let mentions: Vec<_> = series.chain(events).collect();
        let written = mentions.iter().map(|(value, reference, _)| MentionView {
            value: value.clone(),
            label: reference.label.clone(),
        });
        let written = written.collect();
        NoteView::of(note, written, |when| {
            let note = crate::render::note(when, &note.author, note.text.clone(), mentions);
            note.to_html()
        })
    }

    fn behind(&self, series: &[String], events: &[String]) -> Vec<Reference> {
        let mut out: Vec<Reference> = series.iter().map(|id| self.series(id)).collect();
        out.extend(events.iter().map(|id| self.event(id)));
        if out.len() > NAMED + 1 {
            let more = out.len() - NAMED;
            out.truncate(NAMED);
            out.push(Reference {
                label: format!("{more} more"),
                lane: None,
            });
        }
        out
    }

    /// A suspect.
    pub(super) fn suspect(&self, suspect: &Suspect, focused: bool) -> SuspectView {
        let title = if suspect.title.is_empty() {
            suspect
                .events
                .first()
                .map_or_else(String::new, |id| self.event(id).label)
        } else {
            suspect.title.clone()
        };
        let mut evidence: Vec<EvidenceView> =
            suspect.evidence.iter().map(|e| self.item(e)).collect();
        evidence.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
        SuspectView {
            id: suspect.id().to_owned(),
            focused,
            lit: look::lit(suspect),
            judgement: None,
            rank: suspect.rank,
            score: suspect.score,
            title,
            start: suspect.start,
            end: suspect.end,
            explains: suspect
                .explains
                .iter()
                .map(|e| (self.series(&e.series), lag(e.lag_s)))
                .collect(),
            evidence,
        }
    }

    fn item(&self, item: &EvidenceItem) -> EvidenceView {
        EvidenceView {
            factor: item.factor.replace('_', " "),
            weight: item.weight,
            text: item.text.clone(),
            behind: self.behind(&item.series, &item.events),
            span: item.span,
        }
    }

    pub(super) fn found(&self, h: &FoundHypothesis) -> HypothesisView {
        self.hypothesis(&h.hypothesis, &h.reason, &h.series, &h.events)
    }

    pub(super) fn ruled_out(&self, h: &RuledOut) -> HypothesisView {
        self.hypothesis(&h.hypothesis, &h.reason, &h.series, &h.events)
    }

    pub(super) fn unknown(&self, h: &UnknownHypothesis) -> HypothesisView {
        self.hypothesis(&h.hypothesis, &h.missing, &[], &[])
    }

    pub(super) fn known_issue(&self, issue: &KnownIssue) -> KnownIssueView {
        let (events, series): (Vec<String>, Vec<String>) = issue
            .matched
            .iter()
            .cloned()
            .partition(|id| self.evidence.event(id).is_some());
        KnownIssueView {
            id: issue.id.clone(),
            title: issue.title.clone(),
            link: issue.link.clone(),
            why: issue.why.clone(),
            workaround: issue.workaround.clone(),
            behind: self.behind(&series, &events),
        }
    }

    fn hypothesis(
        &self,
        id: &str,
        text: &str,
        series: &[String],
        events: &[String],
    ) -> HypothesisView {
        HypothesisView {
            name: in_words(id),
            text: text.to_owned(),
            behind: self.behind(series, events),
        }
    }
}

/// `burst_credits` as `Burst credits`; what is an abbreviation stays one.
fn in_words(id: &str) -> String {
    match id {
        "cms_update" => "Update of a CMS".to_owned(),
        "certificate_dns" => "Certificate or DNS".to_owned(),
        other => capitalised(&other.replace(['_', '-'], " ")),
    }
}

/// The onset's distance from the suspect's start: `35 min after it began`.
fn lag(seconds: i64) -> String {
    match seconds {
        0 => "as it began".into(),
        s if s > 0 => format!("{} after it began", span_text(s * SECOND)),
        s => format!("{} before it began", span_text(-s * SECOND)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Event, analysis::Explained};

    #[test]
    fn ids_become_names_and_the_weightiest_evidence_comes_first() {
        let evidence = Evidence {
            events: vec![Event {
                id: "e1".into(),
                title: "Rollout of shop-web".into(),
                ..Event::default()
            }],
            ..Evidence::default()
        };
        let names = Names {
            evidence: &evidence,
            lanes: &[],
            stuck: &[],
        };
        let item = |factor: &str, weight: f64| EvidenceItem {
            factor: factor.into(),
            weight,
            text: format!("{factor}."),
            series: (0..8).map(|i| format!("s{i}")).collect(),
            events: Vec::new(),
            span: None,
        };
        let suspect = Suspect {
            rank: 1,
            events: vec!["e1".into()],
            score: 0.9,
            explains: vec![Explained {
                series: "s1".into(),
                at: model::Timestamp::default(),
                lag_s: 2_100,
            }],
            evidence: vec![item("precedes", 0.4), item("dose_response", -2.0)],
            title: String::new(),
            start: None,
            end: None,
        };
        let view = names.suspect(&suspect, false);
        assert_eq!(view.id, "e1");
        assert_eq!(view.lit.series.len(), 8);
        assert_eq!(view.title, "Rollout of shop-web");
        assert_eq!(view.explains[0].1, "35 min after it began");
        assert_eq!(view.evidence[0].factor, "dose response");
        assert_eq!(view.evidence[0].behind.len(), NAMED + 1);
        assert_eq!(view.evidence[0].behind[NAMED].label, "6 more");
    }

    #[test]
    fn hypotheses_are_named_in_words() {
        assert_eq!(in_words("burst_credits"), "Burst credits");
        assert_eq!(in_words("certificate_dns"), "Certificate or DNS");
        assert_eq!(in_words(""), "");
    }
}
