//! What the incident page says, in words, tables and finished pictures. Made and rendered on the
//! server, complete without JavaScript; the browser draws the lanes anew (`browser`) and judges nothing.

mod compose;
mod dressed;
mod events;
mod headline;
mod judged;
mod lanes;
mod look;
mod once;
pub(crate) mod study;
mod suspects;
mod unknown;

use crate::view::{Preset, View};
pub(crate) use dressed::shown;
pub(crate) use headline::capitalised;
pub use judged::JudgementView;
use model::{IncidentId, Timestamp, Window, analysis::CreditState, incident::IncidentState};

/// What a view asks for beside the case itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Beside {
    /// What the threshold that is tried would have done.
    pub alarm: Option<crate::backend::AlarmAnswer>,
    /// The lanes with what they are compared with.
    pub compared: Option<crate::backend::LanesGiven>,
}

/// Everything on the page of one incident.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TimelineView {
    /// The incident.
    pub id: IncidentId,
    /// Its title.
    pub title: String,
    /// Its window.
    pub window: Window,
    /// What of it is looked at.
    pub view: View,
    /// From the first sample of its series to the last; `None`: there are no samples.
    pub sampled: Option<Window>,
    /// The window that is drawn: the view's inside of the incident's.
    pub shown: Window,
    /// What of the address was not understood, in a sentence.
    pub ignored: Option<String>,
    /// Ids of the lanes that are shown by default, in order.
    pub default_lanes: Vec<String>,
    /// Spans to jump to.
    pub presets: Vec<Preset>,
    /// The whole incident in a strip: finished SVG.
    pub overview: String,
    /// Events that the filter and the window let through, the first of them.
    pub events: EventsView,
    /// How far it has come.
    pub state: IncidentState,
    /// What must be said about its evidence.
    pub notice: Option<String>,
    /// The answer in sentences, the most important first. Empty while there is no evidence.
    pub headline: Vec<String>,
    /// What came: `14 series, 212 events from 3 sources`.
    pub came: String,
    /// Notes, in order of their start.
    pub notes: Vec<crate::page::NoteView>,
    /// The time axis above the lanes.
    pub axis: Picture,
    /// What was laid over how many lanes, or why nothing was.
    pub compared: Option<String>,
    /// Lanes on one clock.
    pub lanes: Vec<LaneView>,
    /// Series with a single sample.
    pub once: Vec<OnceView>,
    /// Causes, the most probable first.
    pub suspects: Vec<SuspectView>,
    /// Decisions about suspects that the analysis does not have any more.
    pub gone: Vec<JudgementView>,
    /// What the data speaks for.
    pub found: Vec<HypothesisView>,
    /// What the data speaks against.
    pub ruled_out: Vec<HypothesisView>,
    /// What nobody can judge, and what is missing.
    pub unknown: Vec<HypothesisView>,
    /// Known issues of others whose symptoms are in the evidence.
    pub known_issues: Vec<KnownIssueView>,
    /// Burst-credit balances.
    pub credits: Vec<CreditView>,
    /// Pods stuck in Terminating.
    pub stuck_pods: Vec<StuckPodView>,
    /// Change points.
    pub changes: Vec<ChangeView>,
    /// Where the evidence came from.
    pub sources: Vec<SourceView>,
}

/// A series with a single sample.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OnceView {
    /// What people call it.
    pub label: String,
    /// When it was measured.
    pub at: Timestamp,
    /// What was measured, with its unit.
    pub value: String,
}

/// A known issue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KnownIssueView {
    /// Id, e.g. `kubernetes-110818`.
    pub id: String,
    /// What happens, in one line.
    pub title: String,
    /// Where it is reported.
    pub link: String,
    /// Which symptoms are in the evidence.
    pub why: String,
    /// What can be done.
    pub workaround: String,
    /// What shows the symptoms.
    pub behind: Vec<Reference>,
}

/// One picture for wide and one for narrow screens: finished SVG of our own drawing code.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    /// From 640 pixels on.
    pub wide: String,
    /// Below.
    pub narrow: String,
}

/// A lane.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LaneView {
    /// Its id; the page's anchor is `lane-<id>`.
    pub id: String,
    /// Whether it shows nothing of the suspect that is looked at.
    pub dim: bool,
    /// Whether it stands first, and stays in sight.
    pub pinned: bool,
    /// What a threshold that is tried on it would have done: finished HTML.
    pub alarm: Option<String>,
    /// Its usual height, CSS pixels.
    pub height: u32,
    /// Its title.
    pub title: String,
    /// Unit of its values, empty on event lanes.
    pub unit: String,
    /// What it shows, in words.
    pub summary: String,
    /// The picture.
    pub picture: Picture,
    /// The same as numbers.
    pub table: Table,
}

/// A table of texts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Column titles.
    pub head: Vec<String>,
    /// Cells, one list a row.
    pub rows: Vec<Vec<String>>,
}

/// A word with the lane that shows it, where one does.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reference {
    /// What it is called.
    pub label: String,
    /// Id of the lane.
    pub lane: Option<String>,
}

/// Events in the order of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventsView {
    /// Kinds that there are.
    pub kinds: Vec<String>,
    /// Namespaces, names of objects and nodes of events in the window, some of each.
    pub names: [Vec<String>; 3],
    /// Where nothing fits: parts of the filter, and how many events would fit without each.
    pub without: Vec<(&'static str, usize)>,
    /// How many the incident has.
    pub all: usize,
    /// How many the filter and the window let through.
    pub total: usize,
    /// The first of them.
    pub rows: Vec<EventRow>,
}

/// An event as listed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventRow {
    /// Its id.
    pub id: String,
    /// When it began, as exactly as it is known (UTC).
    pub when: String,
    /// Its kind in words.
    pub kind: String,
    /// What happened.
    pub title: String,
    /// Namespace and object.
    pub object: String,
    /// Node.
    pub node: String,
    /// The lane that shows it.
    pub lane: Option<Reference>,
    /// Why no lane shows it; empty where one does.
    pub not_drawn: &'static str,
}

/// A possible cause.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SuspectView {
    /// How addresses and decisions call it, see [`model::analysis::Suspect::id`].
    pub id: String,
    /// Whether it is the one that is looked at.
    pub focused: bool,
    /// What it is about: its events, the series that it explains and those behind its evidence.
    pub lit: chart::Focus,
    /// What people decided about it.
    pub judgement: Option<JudgementView>,
    /// 1 is the most probable.
    pub rank: u32,
    /// Probability, 0 to 1.
    pub score: f64,
    /// One line for people.
    pub title: String,
    /// When it began.
    pub start: Option<Timestamp>,
    /// When it ended, where it did.
    pub end: Option<Timestamp>,
    /// What it explains: series and the lag of their onset.
    pub explains: Vec<(Reference, String)>,
    /// Why, the weightiest first.
    pub evidence: Vec<EvidenceView>,
}

/// One piece of evidence.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EvidenceView {
    /// Kind of evidence in words: `comes before the onset`.
    pub factor: String,
    /// Log-odds that it adds; negative speaks against.
    pub weight: f64,
    /// The sentence with its number.
    pub text: String,
    /// Series and events behind it.
    pub behind: Vec<Reference>,
    /// Span behind it.
    pub span: Option<Window>,
}

/// A hypothesis with what the data says of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HypothesisView {
    /// Its name in words.
    pub name: String,
    /// Why, or what is missing.
    pub text: String,
    /// Series and events behind it.
    pub behind: Vec<Reference>,
}

/// A burst-credit balance.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreditView {
    /// What it belongs to.
    pub resource: String,
    /// State at the window's end.
    pub state: CreditState,
    /// What is known of it: name and value, in order.
    pub facts: Vec<(String, String)>,
    /// Why there is no forecast or no judgement.
    pub note: String,
}

/// A pod stuck in Terminating.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StuckPodView {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub pod: String,
    /// Its node, empty where nobody said.
    pub node: String,
    /// From when, as exactly as it is known.
    pub since: String,
    /// Until when, or that it is still there.
    pub until: String,
    /// For how long, as exactly as it is known.
    pub age: String,
}

/// A change point.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChangeView {
    /// The series.
    pub series: Reference,
    /// When, with its uncertainty.
    pub at: Timestamp,
    /// `± 1 min`, empty where it is exact to the sample.
    pub uncertainty: String,
    /// `level up`, `slope down`…
    pub change: String,
    /// Level before.
    pub before: String,
    /// Level after.
    pub after: String,
    /// Probability that it is real, 0 to 1.
    pub confidence: f64,
}

/// Where a batch of evidence came from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SourceView {
    /// Its name.
    pub name: String,
    /// What was asked.
    pub query: String,
    /// When it was asked.
    pub asked_at: Option<Timestamp>,
    /// Resolution got.
    pub resolution: String,
    /// What came.
    pub came: String,
    /// What did not come, and why.
    pub gaps: Vec<String>,
}

/// `94 %`; 0 and 100 only where they are exact, so that nothing looks certain that is not.
pub fn percent(ratio: f64) -> String {
    match ratio {
        r if !r.is_finite() => "unknown".into(),
        r if r > 0.0 && r < 0.01 => "< 1 %".into(),
        r if r > 0.99 && r < 1.0 => "> 99 %".into(),
        r => format!("{:.0} %", r * 100.0),
    }
}

/// A word for the state of a burst-credit balance.
pub fn credit_word(state: CreditState) -> &'static str {
    match state {
        CreditState::Full => "full",
        CreditState::Steady => "steady",
        CreditState::Draining => "draining",
        CreditState::Exhausted => "exhausted",
        CreditState::Recovering => "recovering",
        CreditState::Unknown => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probability_never_looks_more_certain_than_it_is() {
        assert_eq!(percent(0.937), "94 %");
        assert_eq!(percent(0.9999), "> 99 %");
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(percent(0.0001), "< 1 %");
        assert_eq!(percent(f64::NAN), "unknown");
    }
}
