//! The activity log: who did what to an incident, and when.

use crate::{Extra, Timestamp};
use serde::{Deserialize, Serialize};

/// A kind of step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Deed {
    /// The incident was made from a bundle or from files.
    Imported,
    /// The incident was opened on live sources, or a pull was asked for.
    Opened,
    /// What the sources have was copied into it.
    Frozen,
    /// Its title was changed.
    Renamed,
    /// It was closed.
    Closed,
    /// It was opened again.
    Reopened,
    /// A pull was tried again.
    Retried,
    /// A job was cancelled.
    Cancelled,
    /// Raw files were added.
    FilesAdded,
    /// What a raw file does not say was answered.
    FileAnswered,
    /// A note was written.
    Noted,
    /// A note was changed.
    NoteChanged,
    /// A note was removed.
    NoteRemoved,
    /// A suspect was judged.
    Judged,
    /// A judgement was taken back.
    JudgementTakenBack,
    /// An action item was added.
    ActionAdded,
    /// An action item was changed.
    ActionChanged,
    /// An action item was removed.
    ActionRemoved,
    /// A section of the document was edited.
    Edited,
    /// A new draft was taken over into the document.
    Redrafted,
    /// Reviewers were named.
    ReviewersNamed,
    /// A version was frozen and a review asked for.
    ReviewAsked,
    /// A version was taken back from the reviewers.
    ReviewWithdrawn,
    /// A version was approved.
    Approved,
    /// A version was published.
    Published,
    /// What was approved or published was opened again.
    ReviewReopened,
    /// A thread of comments was begun.
    Commented,
    /// A comment was answered.
    Replied,
    /// A thread was resolved.
    Resolved,
    /// A thread was opened again.
    Unresolved,
    /// A share link was made.
    Shared,
    /// A share link was revoked.
    ShareRevoked,
    /// Who may see it was changed.
    AccessChanged,
    /// A meeting began.
    MeetingBegan,
    /// A meeting ended.
    MeetingEnded,
    /// A step that this version does not know.
    #[default]
    #[serde(other)]
    Other,
}

impl Deed {
    /// What was done, as it follows a name: `Ada renamed the incident`.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Imported => "imported the incident",
            Self::Opened => "opened the incident",
            Self::Frozen => "asked to freeze what the sources have",
            Self::Renamed => "renamed the incident",
            Self::Closed => "closed the incident",
            Self::Reopened => "opened the incident again",
            Self::Retried => "tried a pull again",
            Self::Cancelled => "cancelled a job",
            Self::FilesAdded => "added files",
            Self::FileAnswered => "answered what a file does not say",
            Self::Noted => "wrote a note",
            Self::NoteChanged => "changed a note",
            Self::NoteRemoved => "removed a note",
            Self::Judged => "judged a suspect",
            Self::JudgementTakenBack => "took a judgement back",
            Self::ActionAdded => "added an action item",
            Self::ActionChanged => "changed an action item",
            Self::ActionRemoved => "removed an action item",
            Self::Edited => "edited the document",
            Self::Redrafted => "took a new draft over",
            Self::ReviewersNamed => "named the reviewers",
            Self::ReviewAsked => "asked for a review",
            Self::ReviewWithdrawn => "took the report back from review",
            Self::Approved => "approved the report",
            Self::Published => "published the report",
            Self::ReviewReopened => "opened the review again",
            Self::Commented => "commented",
            Self::Replied => "replied to a comment",
            Self::Resolved => "resolved a thread",
            Self::Unresolved => "opened a thread again",
            Self::Shared => "made a share link",
            Self::ShareRevoked => "revoked a share link",
            Self::AccessChanged => "changed who may see it",
            Self::MeetingBegan => "began a meeting",
            Self::MeetingEnded => "ended a meeting",
            Self::Other => "did something that this version does not know",
        }
    }

    /// Whether it may change what the report says, so that what was approved has to be looked at
    /// again.
    pub const fn may_change_report(self) -> bool {
        !matches!(
            self,
            Self::ReviewersNamed
                | Self::ReviewAsked
                | Self::ReviewWithdrawn
                | Self::Approved
                | Self::Published
                | Self::ReviewReopened
                | Self::Commented
                | Self::Replied
                | Self::Resolved
                | Self::Unresolved
                | Self::Shared
                | Self::ShareRevoked
                | Self::AccessChanged
                | Self::MeetingBegan
                | Self::MeetingEnded
        )
    }
}

/// A step, as the log has it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Activity {
    /// When.
    pub at: Timestamp,
    /// Who; empty: not known.
    #[serde(default)]
    pub who: String,
    /// What kind of step.
    #[serde(default)]
    pub deed: Deed,
    /// What it was about, in a line: a title, the name of a section, a number of a version. No
    /// secrets, and no more of what people wrote than its beginning.
    #[serde(default)]
    pub about: String,
    /// Fields of later versions.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Most characters of [`Activity::about`].
pub const LONGEST_ABOUT: usize = 160;

impl Activity {
    /// A step; `about` is cut to one line of [`LONGEST_ABOUT`] characters.
    pub fn new(at: Timestamp, who: &str, deed: Deed, about: &str) -> Self {
        let line = about.split_whitespace().collect::<Vec<_>>().join(" ");
        let about = if line.chars().count() > LONGEST_ABOUT {
            let mut cut: String = line.chars().take(LONGEST_ABOUT - 1).collect();
            cut.push('…');
            cut
        } else {
            line
        };
        Self {
            at,
            who: who.to_owned(),
            deed,
            about,
            extra: Extra::new(),
        }
    }

    /// The step in words without who and when: `renamed the incident: Zombie pods`.
    pub fn words(&self) -> String {
        let deed = self.deed.words();
        if self.about.is_empty() {
            deed.to_owned()
        } else {
            format!("{deed}: {}", self.about)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_is_about_is_one_line() {
        let long = format!("two\nlines {}", "x".repeat(500));
        let made = Activity::new(Timestamp::MIN, "Ada", Deed::Noted, &long);
        assert_eq!(made.about.chars().count(), LONGEST_ABOUT);
        assert!(made.words().starts_with("wrote a note: two lines x"));
        assert!(made.about.ends_with('…'));
        let bare = Activity::new(Timestamp::MIN, "Ada", Deed::Published, " ");
        assert_eq!(bare.words(), "published the report");
    }

    #[test]
    fn a_step_of_a_later_version_is_read() {
        let text = r#"{"at":"2020-05-22T03:00:00Z","who":"Ada","deed":"teleported","to":"x"}"#;
        let read: Activity = serde_json::from_str(text).unwrap();
        assert_eq!((read.deed, read.who.as_str()), (Deed::Other, "Ada"));
        assert_eq!(read.extra["to"], "x");
        let text = serde_json::to_string(&Deed::ReviewAsked).unwrap();
        assert_eq!(text, r#""review_asked""#);
    }
}
