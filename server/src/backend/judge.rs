//! What people decide about suspects, and what they set out to do.

use super::{ServerBackend, requests, unavailable};
use app::{
    ApiError, FieldError,
    backend::{ActionChange, ActionDraft, ActionEdit, JudgementDraft},
};
use model::{
    ActionItem, Incident, IncidentId, Judgement,
    action::ActionState,
    analysis::{Suspect, back_test::Rule},
    judgement::Ruling,
};

/// Most action items of an incident: a page lists them all.
const MOST_ACTIONS: usize = 500;

impl ServerBackend {
    /// Keeps a decision with the words that were shown, in the place of any other about the same
    /// suspect.
    pub(super) async fn judged(
        &self,
        id: &IncidentId,
        draft: JudgementDraft,
        author: String,
    ) -> Result<String, ApiError> {
        requests::check_judgement(&draft)?;
        let case = self.load(id).await?;
        let suspects = &case.analysis.suspects;
        let suspect = suspects
            .iter()
            .find(|s| !s.events.is_empty() && s.id() == draft.suspect)
            .ok_or_else(|| {
                ApiError::Invalid(
                    "The analysis does not have this suspect (any more): it was made again. Look at \
                     the line-up as it stands now, and decide then."
                        .into(),
                )
            })?;
        let about = |j: &&Judgement| {
            j.suspect != draft.suspect
                && j.suspect_in(suspects)
                    .is_some_and(|s| s.id() == suspect.id())
        };
        for old in case.judgements.iter().filter(about) {
            self.store
                .delete_judgement(id, &old.suspect)
                .await
                .map_err(|e| unavailable(&e))?;
        }
        let title = title(&case.evidence, suspect);
        let judgement = Judgement {
            suspect: draft.suspect,
            ruling: draft.ruling,
            reason: draft.reason.trim().to_owned(),
            author,
            at: Some(self.clock.now()),
            title,
            events: suspect.events.clone(),
            score: Some(suspect.score),
            ..Judgement::default()
        };
        self.store
            .put_judgement(id, &judgement)
            .await
            .map_err(|e| unavailable(&e))?;
        self.said_something(id).await?;
        Ok(match judgement.ruling {
            Ruling::Cause => format!("{} is the cause", judgement.title),
            Ruling::Dismissed => format!("{} is not the cause", judgement.title),
        })
    }

    pub(super) async fn taken_back(
        &self,
        id: &IncidentId,
        suspect: &str,
    ) -> Result<String, ApiError> {
        let there = self.store.judgements(id).await;
        let there = there.map_err(|e| unavailable(&e))?;
        let taken = self
            .store
            .delete_judgement(id, suspect)
            .await
            .map_err(|e| unavailable(&e))?;
        if !taken {
            return Err(ApiError::NotFound);
        }
        self.said_something(id).await?;
        let about = there.into_iter().find(|j| j.suspect == suspect);
        Ok(about.map(|j| j.title).unwrap_or_default())
    }

    pub(super) async fn action_added(
        &self,
        id: &IncidentId,
        draft: ActionDraft,
        author: String,
    ) -> Result<(), ApiError> {
        requests::check_action(&draft)?;
        let incident = self.incident(id).await?;
        if let Some(series) = draft.alarm.as_ref().and_then(Rule::series) {
            let known = self.store.series_list(id).await;
            let known = known.map_err(|e| unavailable(&e))?;
            if !known.iter().any(|meta| meta.id == series) {
                let shown: String = series.chars().take(80).collect();
                return Err(ApiError::Fields(vec![FieldError::new(
                    "alarm[series]",
                    format!("this incident has no series '{shown}' that an alarm could look at"),
                )]));
            }
        }
        let there = self.store.actions(id).await.map_err(|e| unavailable(&e))?;
        if there.len() >= MOST_ACTIONS {
            return Err(ApiError::Invalid(format!(
                "an incident may have {MOST_ACTIONS} action items: remove some first"
            )));
        }
        let item = ActionItem {
            id: format!("action-{}", self.new_id()?),
            title: draft.title.trim().to_owned(),
            owner: draft.owner.trim().to_owned(),
            alarm: draft.alarm,
            author,
            created_at: Some(self.clock.now()),
            ..ActionItem::default()
        };
        self.put_action(&incident, &item, None).await?;
        self.said_something(id).await
    }

    pub(super) async fn action_changed(
        &self,
        id: &IncidentId,
        action: &str,
        change: ActionChange,
    ) -> Result<String, ApiError> {
        let there = self.store.actions(id).await.map_err(|e| unavailable(&e))?;
        let item = there
            .into_iter()
            .find(|a| a.id == action)
            .ok_or(ApiError::NotFound)?;
        let (state, word) = match change {
            ActionChange::Done => (ActionState::Done, ", done"),
            ActionChange::Open => (ActionState::Open, ", open again"),
            ActionChange::Remove => {
                let removed = self.store.delete_action(id, action).await;
                return if removed.map_err(|e| unavailable(&e))? {
                    self.said_something(id).await?;
                    Ok(item.title)
                } else {
                    Err(ApiError::NotFound)
                };
            }
        };
        let about = format!("{}{word}", item.title);
        let incident = self.incident(id).await?;
        let changed = ActionItem {
            state,
            ..item.clone()
        };
        self.put_action(&incident, &changed, Some(&item)).await?;
        self.said_something(id).await?;
        Ok(about)
    }

    /// Changes an item as a whole; what it is called then.
    pub(super) async fn action_edited(
        &self,
        id: &IncidentId,
        action: &str,
        edit: ActionEdit,
    ) -> Result<String, ApiError> {
        requests::check_edit(&edit)?;
        let there = self.store.actions(id).await.map_err(|e| unavailable(&e))?;
        let item = there
            .into_iter()
            .find(|a| a.id == action)
            .ok_or(ApiError::NotFound)?;
        let incident = self.incident(id).await?;
        let changed = ActionItem {
            title: edit.title.trim().to_owned(),
            owner: edit.owner.trim().to_owned(),
            due: edit.due,
            link: edit.link,
            state: edit.state,
            ..item.clone()
        };
        self.put_action(&incident, &changed, Some(&item)).await?;
        self.said_something(id).await?;
        Ok(changed.title)
    }

    /// Stores an action item, and with it what is to be told of it.
    async fn put_action(
        &self,
        incident: &Incident,
        item: &ActionItem,
        before: Option<&ActionItem>,
    ) -> Result<(), ApiError> {
        let now = self.clock.now();
        let private = self.is_private(&incident.id).await?;
        let notices = self
            .outbox
            .of_assigned(incident, item, before, private, now);
        self.store
            .put_action_telling(&incident.id, item, &notices)
            .await
            .map_err(|e| unavailable(&e))?;
        if !notices.is_empty() {
            self.outbox.wake();
        }
        Ok(())
    }

    /// What people said is in the report and in the list of cases.
    async fn said_something(&self, id: &IncidentId) -> Result<(), ApiError> {
        self.cache.forget(id);
        self.refresh_report(id).await
    }
}

/// What people saw when they decided.
fn title(evidence: &model::Evidence, suspect: &Suspect) -> String {
    if !suspect.title.is_empty() {
        return suspect.title.clone();
    }
    let event = evidence.event(suspect.id());
    let title = event.map(|e| e.title.clone()).filter(|t| !t.is_empty());
    title.unwrap_or_else(|| suspect.id().to_owned())
}
