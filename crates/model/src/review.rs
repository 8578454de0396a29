//! The review of a postmortem: how far it has come, who approved which version, and when a change
//! opened it again.
//!
//! A [`Version`] is frozen: whoever approves one approves its words, and what is written afterwards is
//! another version. [`after`] is the one place that says which steps are allowed.

pub mod activity;
pub mod comment;

use crate::{Extra, Report, Timestamp, bundle::sha256_hex};
use serde::{Deserialize, Serialize};

/// How far the review of a report has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewState {
    /// It is being written.
    #[default]
    Draft,
    /// A version lies before the reviewers.
    InReview,
    /// Every reviewer has approved that version.
    Approved,
    /// That version is the postmortem.
    Published,
}

impl ReviewState {
    /// What people call it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::InReview => "in review",
            Self::Approved => "approved",
            Self::Published => "published",
        }
    }
}

/// A report as it was at one moment. Never changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Version {
    /// Number within the incident, from 1.
    pub number: u32,
    /// When it was frozen.
    pub made_at: Timestamp,
    /// Who froze it.
    #[serde(default)]
    pub by: String,
    /// [`content_digest`] of the report.
    pub digest: String,
    /// The report.
    pub report: Report,
    /// What people had said then (notes, judgements, action items, authors), from which names are
    /// gathered that are hidden from readers: what is said later may name others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub said: Vec<serde_json::Value>,
}

impl Version {
    /// The version of that number of a report as it is now.
    pub fn of(number: u32, report: Report, by: &str, made_at: Timestamp) -> Self {
        Self {
            number,
            made_at,
            by: by.to_owned(),
            digest: content_digest(&report),
            report,
            said: Vec::new(),
        }
    }
}

/// A version without its report, for lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VersionInfo {
    /// See [`Version::number`].
    pub number: u32,
    /// See [`Version::made_at`].
    pub made_at: Timestamp,
    /// See [`Version::by`].
    pub by: String,
    /// See [`Version::digest`].
    pub digest: String,
}

/// Sections that live on by themselves, with the beginning of their figures' ids: what is seen of
/// other incidents, which changes with them, and how far the action items are, which are worked on
/// for weeks after the postmortem is published.
const LIVES_ON: [(&str, &str); 2] = [("recurrence", "earlier."), ("actions", "action.")];

/// SHA-256 (hexadecimal) of what a report says: of its title, window, notice, sections and figures.
/// Neither the version of the program that wrote it down, nor what it says of other incidents, nor
/// how far the action items are counts: none of that is a change to what was found, and none may undo
/// an approval.
pub fn content_digest(report: &Report) -> String {
    let mut said = report.clone();
    said.engine.clear();
    said.sections
        .retain(|s| LIVES_ON.iter().all(|(id, _)| s.id != *id));
    said.figures
        .retain(|f| LIVES_ON.iter().all(|(_, of)| !f.id.starts_with(of)));
    // A report holds nothing that JSON cannot: its keys are text and its numbers finite.
    sha256_hex(&serde_json::to_vec(&said).unwrap_or_default())
}

/// That somebody approved a version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who approved.
    pub who: String,
    /// Which version.
    pub version: u32,
    /// When.
    pub at: Timestamp,
    /// Who wrote it down, where that was somebody else: in the single-user mode the person at the
    /// machine says who approved. Empty: they did so themselves.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub entered_by: String,
}

/// Why something that was approved is a draft again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reopening {
    /// The version that was approved or published.
    pub version: u32,
    /// When it was opened again.
    pub at: Timestamp,
    /// Who changed or opened it; empty: not known.
    #[serde(default)]
    pub by: String,
    /// What they did, in words.
    #[serde(default)]
    pub what: String,
}

/// The review of one incident's report.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Review {
    /// How far it is.
    #[serde(default)]
    pub state: ReviewState,
    /// Who has to approve: names, each once. Empty: anybody's approval is enough.
    #[serde(default)]
    pub reviewers: Vec<String>,
    /// The version that lies before the reviewers, or that they approved; `None`: a draft that
    /// nobody has shown to anybody.
    #[serde(default)]
    pub version: Option<u32>,
    /// Every approval that was ever given, in order.
    #[serde(default)]
    pub approvals: Vec<Approval>,
    /// The version that was published last: it stays so while the next one is written.
    #[serde(default)]
    pub published: Option<u32>,
    /// Why it is a draft again, until the next review is asked for.
    #[serde(default)]
    pub reopened: Option<Reopening>,
    /// Fields of later versions.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Most reviewers that can be named.
pub const MOST_REVIEWERS: usize = 50;

/// A step of a review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Names the reviewers, in the place of those before.
    Name(Vec<String>),
    /// Lays a version that was just frozen before the reviewers.
    Ask {
        /// Its number: higher than any before.
        version: u32,
    },
    /// Takes the version back from them.
    Withdraw,
    /// Approves the version.
    Approve(Approval),
    /// Makes the approved version the postmortem.
    Publish,
    /// Opens what was approved or published again: somebody wants to, or the report has changed.
    Reopen(Reopening),
}

/// Why a step is not allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// Not in this state.
    #[error("the report is {}: {wanted}", state.words())]
    State {
        /// The state that it is in.
        state: ReviewState,
        /// What to do first.
        wanted: &'static str,
    },
    /// The approval is of another version.
    #[error(
        "version {shown} is no longer the one in review: read version {in_review}, then approve"
    )]
    OtherVersion {
        /// The version that was read.
        shown: u32,
        /// The version in review.
        in_review: u32,
    },
    /// It was approved by the same person before.
    #[error("{0} has approved this version already")]
    Again(String),
    /// Reviewers are named and this is none of them.
    #[error("{0} is no reviewer of this report: name them as one first")]
    NoReviewer(String),
    /// Names that cannot be used.
    #[error("{0}")]
    Names(&'static str),
    /// The number of a version that is not a new one.
    #[error("version {0} is not newer than the one before")]
    NotNewer(u32),
}

impl Review {
    /// Approvals of the version that lies before the reviewers.
    pub fn current_approvals(&self) -> impl Iterator<Item = &Approval> {
        let version = self.version;
        self.approvals
            .iter()
            .filter(move |a| Some(a.version) == version)
    }

    /// Reviewers who have not approved the version in review.
    pub fn awaited(&self) -> Vec<&str> {
        let has = |name: &str| self.current_approvals().any(|a| a.who == name);
        let missing = self.reviewers.iter().map(String::as_str);
        missing.filter(|name| !has(name)).collect()
    }

    /// Whether a later change of the report opens it again.
    pub const fn is_settled(&self) -> bool {
        matches!(self.state, ReviewState::Approved | ReviewState::Published)
    }

    fn is_complete(&self) -> bool {
        self.current_approvals().next().is_some() && self.awaited().is_empty()
    }

    fn refused(&self, wanted: &'static str) -> Refused {
        Refused::State {
            state: self.state,
            wanted,
        }
    }
}

/// The review after a step; what is not allowed says why, and changes nothing.
///
/// ```text
///            ask                 approved by all            publish
///   draft ─────────▶ in review ───────────────▶ approved ───────────▶ published
///     ▲    withdraw   │  ▲ │ ask (a newer version)  │                    │
///     └───────────────┘  └─┘                        │                    │
///     ▲                 reopen, by hand or by a change of the report     │
///     └─────────────────────────────────────────────┴────────────────────┘
/// ```
///
/// # Errors
/// [`Refused`], which says what to do first.
pub fn after(review: &Review, step: Step) -> Result<Review, Refused> {
    use ReviewState::{Approved, Draft, InReview, Published};
    let mut next = review.clone();
    match (step, review.state) {
        (Step::Name(names), Draft | InReview) => {
            next.reviewers = named(names)?;
            if next.state == InReview && next.is_complete() {
                next.state = Approved;
            }
        }
        (Step::Ask { version }, Draft | InReview) => {
            let latest = review.version.max(review.published).unwrap_or(0);
            if version <= latest {
                return Err(Refused::NotNewer(version));
            }
            next.version = Some(version);
            next.state = InReview;
            next.reopened = None;
        }
        (Step::Withdraw, InReview) => next.state = Draft,
        (Step::Approve(approval), InReview | Approved) => {
            approvable(review, &approval)?;
            next.approvals.push(approval);
            if next.is_complete() {
                next.state = Approved;
            }
        }
        (Step::Publish, Approved) => {
            next.state = Published;
            next.published = review.version;
        }
        (Step::Reopen(why), Approved | Published) => {
            next.state = Draft;
            next.reopened = Some(why);
        }
        (Step::Name(_) | Step::Ask { .. }, Approved | Published) => {
            return Err(review.refused("open it again first"));
        }
        (Step::Withdraw, _) => return Err(review.refused("only what is in review is taken back")),
        (Step::Approve(_), Draft | Published) => {
            return Err(review.refused("ask for a review first"));
        }
        (Step::Publish, _) => return Err(review.refused("it has to be approved first")),
        (Step::Reopen(_), _) => {
            return Err(review.refused("only what is approved or published is opened again"));
        }
    }
    Ok(next)
}

fn approvable(review: &Review, approval: &Approval) -> Result<(), Refused> {
    let in_review = review.version.unwrap_or(0);
    if approval.version != in_review {
        return Err(Refused::OtherVersion {
            shown: approval.version,
            in_review,
        });
    }
    if approval.who.trim().is_empty() {
        return Err(Refused::Names("an approval needs the name of who gives it"));
    }
    if !review.reviewers.is_empty() && !review.reviewers.contains(&approval.who) {
        return Err(Refused::NoReviewer(approval.who.clone()));
    }
    if review.current_approvals().any(|a| a.who == approval.who) {
        return Err(Refused::Again(approval.who.clone()));
    }
    Ok(())
}

/// Names without blanks around them, each once, in the order in which they were given.
fn named(names: Vec<String>) -> Result<Vec<String>, Refused> {
    let mut out: Vec<String> = Vec::new();
    for name in names {
        let name = name.trim();
        if !name.is_empty() && !out.iter().any(|n| n == name) {
            out.push(name.to_owned());
        }
    }
    if out.len() > MOST_REVIEWERS {
        return Err(Refused::Names("at most 50 reviewers can be named"));
    }
    if out.iter().any(|n| n.chars().count() > 100) {
        return Err(Refused::Names("a name has at most 100 characters"));
    }
    Ok(out)
}

#[cfg(test)]
mod tests;
