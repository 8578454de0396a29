//! What the interactive timeline asks for: lanes by zoom level, the events beside them, and whether
//! anything has changed.

use model::{IncidentId, Timestamp, Window};
use serde::Serialize;
use std::{fmt, str::FromStr};

/// How far an incident has come: how often each of its parts has changed. Written `12-3-5`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Revision {
    /// The incident, its evidence and its analysis.
    pub evidence: u64,
    /// What people noted.
    pub notes: u64,
    /// Its jobs, how far they are included.
    pub jobs: u64,
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.evidence, self.notes, self.jobs)
    }
}

/// A text that is no revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a revision such as 12-3-5")]
pub struct BadRevision;

impl FromStr for Revision {
    type Err = BadRevision;

    fn from_str(text: &str) -> Result<Self, BadRevision> {
        let mut parts = text.split('-').map(str::parse);
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(Ok(evidence)), Some(Ok(notes)), Some(Ok(jobs)), None) => Ok(Self {
                evidence,
                notes,
                jobs,
            }),
            _ => Err(BadRevision),
        }
    }
}

/// What lanes are compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compare {
    /// The same lanes, so many milliseconds earlier (negative: later); not 0.
    Shift(i64),
    /// The like lanes of another incident, its onset laid on this one's.
    Incident(IncidentId),
}

/// A question for lanes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LanesAsk {
    /// From when to when; `None`: the incident's window.
    pub window: Option<Window>,
    /// Columns that the picture has: curves come with at most two samples for each, 1 to
    /// [`MAX_COLUMNS`].
    pub columns: u32,
    /// Ids of the lanes, in the order of the answer; empty: all that are shown by default. A lane of events
    /// that has nothing to show is left out of the answer ([`chart::is_event_lane`]).
    pub lanes: Vec<String>,
    /// What to lay over them.
    pub compare: Option<Compare>,
    /// Ids of all lanes that are looked at, over which it is counted what a comparison was laid; empty:
    /// the lanes that are asked for.
    pub over: Vec<String>,
}

/// Most columns of a question: a wide screen at two device pixels a CSS pixel.
pub const MAX_COLUMNS: u32 = 4_000;
/// Most lanes of one question.
pub const MAX_LANES: usize = 64;
/// Longest shift of a comparison, milliseconds: a year and a day.
pub const MAX_SHIFT: i64 = 366 * model::time::DAY;
/// Shortest shift of a comparison, milliseconds: below a minute the curves lie on each other.
pub const MIN_SHIFT: i64 = model::time::MINUTE;

/// Lanes as they were asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct LanesGiven {
    /// The lanes, with what they are compared with as their ghosts.
    pub slice: chart::Slice,
    /// Where a comparison was asked for: what was laid over how many lanes, or why nothing was, in
    /// one sentence.
    pub compared: Option<String>,
}

/// A lane that there is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LaneRow {
    /// Its id.
    pub id: String,
    /// Its heading.
    pub title: String,
    /// Unit of its values; empty for lanes of events.
    pub unit: String,
    /// `metric` or `events`.
    pub kind: &'static str,
    /// Ids of the series in it.
    pub series: Vec<String>,
    /// Whether it is shown unless somebody chooses.
    pub default: bool,
    /// What it shows, in words; of a lane that is left out by default, why.
    pub summary: String,
}

/// A question for events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventsAsk {
    /// From when to when; `None`: the incident's window.
    pub window: Option<Window>,
    /// Words, each of which occurs in the event's title, object, namespace, node, kind, source or id,
    /// in any case.
    pub text: String,
    /// Kinds, as in a bundle; empty: all, as in the next three.
    pub kinds: Vec<String>,
    /// Namespaces, or parts of their names, in any case; so are the next two.
    pub namespaces: Vec<String>,
    /// Objects, `name`, `Kind/name` or `namespace/name`.
    pub objects: Vec<String>,
    /// Nodes.
    pub nodes: Vec<String>,
    /// Rows to leave out at the beginning.
    pub offset: usize,
    /// Most rows of the answer, 0 to [`MAX_ROWS`].
    pub limit: usize,
}

/// Most events of one answer.
pub const MAX_ROWS: usize = 500;

/// An event as the table shows it. Times are milliseconds since the epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EventRow {
    /// Its id.
    pub id: String,
    /// Its kind, as in a bundle.
    pub kind: String,
    /// When it began; `None`: unknown.
    pub start: Option<i64>,
    /// Where `start` is unknown: the latest instant at which it can have begun, where it is known.
    pub latest: Option<i64>,
    /// When it ended, where it did.
    pub end: Option<i64>,
    /// Whether it lasts and has no end.
    pub open: bool,
    /// One line for people.
    pub title: String,
    /// Namespace.
    pub namespace: String,
    /// Kind of its object.
    pub object_kind: String,
    /// Name of its object.
    pub object: String,
    /// Node.
    pub node: String,
    /// Where it came from.
    pub source: String,
    /// Rank of the suspect that it is part of.
    pub suspect: Option<u32>,
    /// Id of the lane that shows it.
    pub lane: Option<String>,
    /// What people call that lane.
    pub lane_title: Option<String>,
    /// Why no lane shows it, where none does.
    pub not_drawn: Option<&'static str>,
}

/// Why no lane of an incident with that window draws an event.
pub fn not_drawn(event: &model::Event, window: Window) -> &'static str {
    if event.at().is_none() {
        "not drawn: when it was is unknown"
    } else if !event.touches(window) {
        "not drawn: outside of the incident's window"
    } else if event.kind == model::EventKind::PodTerminating {
        "not drawn: not known to have been stuck"
    } else {
        "not drawn: no lane shows its kind"
    }
}

/// Part of the events, in order of time; events of unknown time come last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EventsPage {
    /// Events that fit the question.
    pub total: usize,
    /// Rows left out at the beginning.
    pub offset: usize,
    /// The rows.
    pub rows: Vec<EventRow>,
    /// What can be chosen from: what there is in the window, whatever else was asked for.
    pub choices: Choices,
    /// Where nothing fits: the parts of the question each of which alone holds back what would, with how
    /// many events would fit without it.
    pub without: Vec<(&'static str, usize)>,
}

/// What events of a window can be chosen by, each with how many there are, the most frequent first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Choices {
    /// Kinds.
    pub kinds: Vec<(String, usize)>,
    /// Namespaces, at most [`MAX_CHOICES`].
    pub namespaces: Vec<(String, usize)>,
    /// Names of objects, at most [`MAX_CHOICES`].
    pub objects: Vec<(String, usize)>,
    /// Nodes, at most [`MAX_CHOICES`].
    pub nodes: Vec<(String, usize)>,
}

/// Most choices of one sort.
pub const MAX_CHOICES: usize = 200;

impl EventRow {
    /// The row of an event of an incident with that window; `suspect` as there, `lane` the id and the
    /// title of the lane that shows it.
    pub fn of(
        event: &model::Event,
        suspect: Option<u32>,
        lane: Option<(String, String)>,
        window: Window,
    ) -> Self {
        let not_drawn = lane.is_none().then(|| not_drawn(event, window));
        let (lane, lane_title) = lane.unzip();
        let latest = event.at().filter(|_| event.start.is_none());
        Self {
            id: event.id.clone(),
            kind: event.kind.as_str().to_owned(),
            start: event.start.map(Timestamp::millis),
            latest: latest.map(Timestamp::millis),
            end: event.end.map(Timestamp::millis),
            open: event.kind.is_interval() && event.end.is_none(),
            title: event.title.clone(),
            namespace: event.namespace.clone(),
            object_kind: event.object.kind.clone(),
            object: event.object.name.clone(),
            node: event.node.clone(),
            source: event.source.clone(),
            suspect,
            lane,
            lane_title,
            not_drawn,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_without_a_mark_says_why() {
        let at = Timestamp::from_seconds;
        let window = Window {
            start: at(0),
            end: at(100),
        };
        let event = |kind, start: Option<i64>| model::Event {
            kind,
            start: start.map(at),
            end: start.map(|s| at(s + 1)),
            ..model::Event::default()
        };
        let row = |event: &model::Event| EventRow::of(event, None, None, window).not_drawn;
        let pod = model::EventKind::PodTerminating;
        let stuck = row(&event(pod.clone(), Some(5)));
        assert_eq!(stuck, Some("not drawn: not known to have been stuck"));
        let outside = row(&event(pod.clone(), Some(500)));
        assert_eq!(outside, Some("not drawn: outside of the incident's window"));
        let unknown = row(&event(pod.clone(), None));
        assert_eq!(unknown, Some("not drawn: when it was is unknown"));
        let lane = (
            "stuck-pods".to_owned(),
            "Pods stuck in Terminating".to_owned(),
        );
        let drawn = EventRow::of(&event(pod, Some(5)), None, Some(lane), window);
        assert_eq!(drawn.not_drawn, None);
        assert_eq!(
            drawn.lane_title.as_deref(),
            Some("Pods stuck in Terminating")
        );
    }

    #[test]
    fn a_revision_is_read_as_it_is_written() {
        let revision = Revision {
            evidence: 12,
            notes: 0,
            jobs: u64::MAX,
        };
        assert_eq!(revision.to_string().parse(), Ok(revision));
        for bad in ["", "1", "1-2", "1-2-x", "1-2-3-4", "-1-2-3", "1--2"] {
            assert_eq!(bad.parse::<Revision>(), Err(BadRevision), "{bad}");
        }
    }
}
