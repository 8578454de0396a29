//! Reviewing, commenting, the activity log, and the action items of all incidents: what is asked and
//! what is answered.

use super::Caller;
use crate::ApiError;
use async_trait::async_trait;
use model::{
    ActionItem, Incident, IncidentId, Timestamp,
    action::ActionState,
    review::{
        Review, VersionInfo,
        activity::Activity,
        comment::{Anchor, Thread},
    },
    time::DAY,
};

/// A step that somebody takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReviewAsk {
    /// Names the reviewers.
    Name(Vec<String>),
    /// Freezes a version and lays it before the reviewers.
    Ask,
    /// Takes it back from them.
    Withdraw,
    /// Approves a version.
    Approve {
        /// The version that was read.
        version: u32,
        /// In whose name; empty: in one's own. Only the single-user mode takes another's.
        in_name_of: String,
    },
    /// Publishes the approved version.
    Publish,
    /// Opens it again.
    Reopen,
}

/// Something to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentDraft {
    /// The thread that is answered; `None` begins one.
    pub thread: Option<String>,
    /// What a new thread is about.
    pub anchor: Anchor,
    /// Plain text, not empty.
    pub text: String,
    /// Whether it is said in a meeting.
    pub in_meeting: bool,
}

/// A thread, and whether what it is about is still there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlacedThread {
    /// The thread.
    pub thread: Thread,
    /// Whether its anchor holds.
    pub holds: bool,
}

/// Which two versions are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The earlier one.
    pub from: u32,
    /// The later one; `None`: the report as it is now.
    pub to: Option<u32>,
}

/// What became of words between two versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// They are in both.
    Kept,
    /// They were taken away.
    Removed,
    /// They are new.
    Added,
}

/// A section that is not the same in two versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedSection {
    /// Its heading.
    pub title: String,
    /// Its words in order.
    pub runs: Vec<(Fate, String)>,
}

/// What the page of a review shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReviewView {
    /// The incident.
    pub incident: Incident,
    /// Its review.
    pub review: Review,
    /// Name of who is asking.
    pub me: String,
    /// Whether they may write down who else approved.
    pub speaks_for_others: bool,
    /// Versions, the first one first.
    pub versions: Vec<VersionInfo>,
    /// Whether the report says something else than the latest version.
    pub differs: bool,
    /// Threads in order of their beginning.
    pub threads: Vec<PlacedThread>,
    /// Sections that a thread can be about: id and heading.
    pub sections: Vec<(String, String)>,
    /// Figures likewise: id and how it is written.
    pub figures: Vec<(String, String)>,
    /// Lanes likewise: id and heading.
    pub lanes: Vec<(String, String)>,
    /// What was compared, and what differs.
    pub compared: Option<(Comparison, Vec<ChangedSection>)>,
}

/// A version for readers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VersionView {
    /// The incident.
    pub incident: Incident,
    /// The version.
    pub version: VersionInfo,
    /// Its report as trusted HTML (`report::html_fragment`).
    pub html: String,
}

/// Part of the activity log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ActivityPage {
    /// The incident.
    pub incident: Incident,
    /// Steps, the newest first.
    pub steps: Vec<Activity>,
    /// Where older ones begin; `None`: there are none.
    pub older: Option<i64>,
}

/// Which action items are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActionsAsk {
    /// Of this owner; empty: of anybody. `-`: of nobody.
    pub owner: String,
    /// Only those whose date has passed.
    pub overdue: bool,
    /// In this state; `None`: in any.
    pub state: Option<ActionState>,
}

/// The owner of items that nobody owns, in [`ActionsAsk::owner`].
pub const NOBODY: &str = "-";

/// An action item of some incident.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ActionRow {
    /// The incident.
    pub incident: IncidentId,
    /// Its title.
    pub title: String,
    /// The item.
    pub item: ActionItem,
    /// Whether it is open and its day is over.
    pub overdue: bool,
}

impl ActionRow {
    /// The row of an item as it stands at `now`. An item is due until the end of its day.
    pub fn of(incident: &Incident, item: ActionItem, now: Timestamp) -> Self {
        let overdue =
            item.state == ActionState::Open && item.due.is_some_and(|due| due.plus(DAY) <= now);
        Self {
            incident: incident.id.clone(),
            title: incident.title.clone(),
            item,
            overdue,
        }
    }

    /// Whether it is asked for.
    pub fn is_asked(&self, ask: &ActionsAsk) -> bool {
        let owner = match ask.owner.as_str() {
            "" => true,
            NOBODY => self.item.owner.is_empty(),
            owner => self.item.owner == owner,
        };
        let state = ask.state.is_none_or(|state| self.item.state == state);
        owner && state && (!ask.overdue || self.overdue)
    }
}

/// The page of all action items.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ActionsView {
    /// What was asked for.
    pub ask: ActionsAsk,
    /// What there is of it: the overdue first, then by date; those without one last.
    pub rows: Vec<ActionRow>,
    /// Everybody who owns one.
    pub owners: Vec<String>,
    /// Items in all, whatever was asked for.
    pub all: usize,
}

impl ActionsView {
    /// The page of all items.
    pub fn of(mut all: Vec<ActionRow>, ask: ActionsAsk) -> Self {
        let mut owners: Vec<String> = all
            .iter()
            .map(|r| r.item.owner.clone())
            .filter(|o| !o.is_empty())
            .collect();
        owners.sort();
        owners.dedup();
        let count = all.len();
        all.retain(|row| row.is_asked(&ask));
        let key = |row: &ActionRow| {
            let due = row.item.due;
            (
                row.item.state == ActionState::Done,
                !row.overdue,
                due.is_none(),
                due,
                row.title.clone(),
                row.item.id.clone(),
            )
        };
        all.sort_by_cached_key(key);
        Self {
            ask,
            rows: all,
            owners,
            all: count,
        }
    }
}

/// An action item as somebody changed it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActionEdit {
    /// What is to be done.
    pub title: String,
    /// Who does it; empty: nobody yet.
    pub owner: String,
    /// Until the end of which day (its first instant, UTC).
    pub due: Option<Timestamp>,
    /// Where it is tracked, `https`; empty: nowhere.
    pub link: String,
    /// How far it is.
    pub state: ActionState,
}

/// What the pages of a review need. Like [`super::Backend`], every call says who is asking.
#[async_trait]
pub trait Reviewing {
    /// The review of an incident's report; a report that has changed since it was approved is a draft
    /// again.
    async fn review(
        &self,
        who: &Caller,
        id: &IncidentId,
        compare: Option<Comparison>,
    ) -> Result<ReviewView, ApiError>;

    /// Takes a step of the review.
    async fn take_review_step(
        &self,
        who: &Caller,
        id: &IncidentId,
        step: ReviewAsk,
    ) -> Result<(), ApiError>;

    /// A version of the report.
    async fn version(
        &self,
        who: &Caller,
        id: &IncidentId,
        number: u32,
    ) -> Result<VersionView, ApiError>;

    /// The threads of comments of an incident.
    async fn threads(&self, who: &Caller, id: &IncidentId) -> Result<Vec<PlacedThread>, ApiError>;

    /// Says something; the id of the thread that it is in.
    async fn comment(
        &self,
        who: &Caller,
        id: &IncidentId,
        draft: CommentDraft,
    ) -> Result<String, ApiError>;

    /// Resolves a thread, or opens it again.
    async fn resolve(
        &self,
        who: &Caller,
        id: &IncidentId,
        thread: &str,
        resolved: bool,
    ) -> Result<(), ApiError>;

    /// Part of the activity log, the newest first; the steps before `before` where it is given.
    async fn activity(
        &self,
        who: &Caller,
        id: &IncidentId,
        before: Option<i64>,
    ) -> Result<ActivityPage, ApiError>;

    /// Writes down that a meeting began or ended.
    async fn meeting_told(
        &self,
        who: &Caller,
        id: &IncidentId,
        began: bool,
    ) -> Result<(), ApiError>;

    /// What others read as the name of who is asking.
    fn name_of(&self, who: &Caller) -> String;

    /// Action items of all incidents.
    async fn all_actions(&self, who: &Caller, ask: ActionsAsk) -> Result<ActionsView, ApiError>;

    /// Changes an action item.
    async fn edit_action(
        &self,
        who: &Caller,
        id: &IncidentId,
        action: &str,
        edit: ActionEdit,
    ) -> Result<(), ApiError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, owner: &str, due: Option<i64>, state: ActionState) -> ActionRow {
        let item = ActionItem {
            id: id.into(),
            owner: owner.into(),
            due: due.map(|d| Timestamp::from_millis(d * DAY)),
            state,
            ..ActionItem::default()
        };
        ActionRow::of(&Incident::default(), item, Timestamp::from_millis(10 * DAY))
    }

    fn rows() -> Vec<ActionRow> {
        use ActionState::{Done, Open};
        vec![
            row("undated", "Ada", None, Open),
            row("done", "Ada", Some(3), Done),
            row("today", "", Some(10), Open),
            row("yesterday", "Grace", Some(9), Open),
            row("longer", "Ada", Some(2), Open),
        ]
    }

    fn shown(ask: ActionsAsk) -> Vec<String> {
        let view = ActionsView::of(rows(), ask);
        assert_eq!((view.all, view.owners.len()), (5, 2));
        view.rows.into_iter().map(|r| r.item.id).collect()
    }

    #[test]
    fn the_overdue_come_first_and_what_is_done_last() {
        let all = shown(ActionsAsk::default());
        assert_eq!(all, ["longer", "yesterday", "today", "undated", "done"]);
    }

    #[test]
    fn an_item_is_due_until_the_end_of_its_day() {
        let overdue = ActionsAsk {
            overdue: true,
            ..ActionsAsk::default()
        };
        assert_eq!(shown(overdue), ["longer", "yesterday"]);
    }

    #[test]
    fn items_are_found_by_owner_and_state() {
        let of = |owner: &str, state| ActionsAsk {
            owner: owner.into(),
            state,
            ..ActionsAsk::default()
        };
        assert_eq!(shown(of("Ada", Some(ActionState::Done))), ["done"]);
        assert_eq!(shown(of(NOBODY, None)), ["today"]);
        assert!(shown(of("Eve", None)).is_empty());
    }
}
