//! A window on the live sources, and an incident out of it: the page Explore.

use crate::backend::Case;
use model::{IncidentId, Timestamp, Window};

/// What the explore page asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExploreAsk {
    /// The window; `None`: the last six hours.
    pub window: Option<Window>,
    /// Words that a series or event must hold, all of them; empty: everything.
    pub words: String,
}

/// A window on the live sources, before anybody declares an incident.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Explored {
    /// The evidence of the window with its analysis, as if it were an incident.
    pub case: Case,
    /// Series before the words were applied.
    pub series: usize,
    /// Events before the words were applied.
    pub events: usize,
    /// Names of the sources whose history this is; empty: none is followed.
    pub sources: Vec<String>,
    /// What the sources may have of this window and the page does not show.
    pub not_shown: Vec<NotShown>,
    /// When this was.
    pub now: Timestamp,
}

/// A configured source of whose window something is not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotShown {
    /// Its name in the configuration.
    pub source: String,
    /// Why.
    pub why: WhyNotShown,
}

/// Why something of a source is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyNotShown {
    /// Nobody follows it: `live = false`, or it cannot be followed.
    NotFollowed,
    /// It is followed, and nothing has come yet.
    NothingYet,
    /// The window begins before what was collected, which begins here.
    Before(Timestamp),
}

/// A new incident out of what the configured sources have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenIncident {
    /// Title, not empty.
    pub title: String,
    /// First instant of the window.
    pub start: Timestamp,
    /// First instant after the window; `None`: it is still going on, and the sources are asked again
    /// until somebody closes it.
    pub end: Option<Timestamp>,
}

/// An incident that was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened(pub IncidentId);
