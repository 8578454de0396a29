//! Who may judge, suppose and set out to do something; each step is in the log.

use super::{ServerBackend, access::author_of};
use app::{
    ApiError,
    backend::{
        ActionChange, ActionDraft, AlarmAnswer, BackTestAnswer, BackTestAsk, Caller,
        JudgementDraft, Judging, WhatIfAnswer, WhatIfAsk,
    },
};
use async_trait::async_trait;
use model::{IncidentId, review::activity::Deed};

#[async_trait]
impl Judging for ServerBackend {
    async fn judge(
        &self,
        who: &Caller,
        id: &IncidentId,
        draft: JudgementDraft,
    ) -> Result<(), ApiError> {
        self.may_change(who, id).await?;
        let about = self.judged(id, draft, author_of(who)).await?;
        self.did(who, id, Deed::Judged, &about).await;
        Ok(())
    }

    async fn take_back(
        &self,
        who: &Caller,
        id: &IncidentId,
        suspect: &str,
    ) -> Result<(), ApiError> {
        self.may_change(who, id).await?;
        let about = self.taken_back(id, suspect).await?;
        self.did(who, id, Deed::JudgementTakenBack, &about).await;
        Ok(())
    }

    async fn what_if(
        &self,
        who: &Caller,
        id: &IncidentId,
        ask: WhatIfAsk,
    ) -> Result<WhatIfAnswer, ApiError> {
        self.may_look(who, id).await?;
        self.would_have_been(id, ask).await
    }

    async fn back_test(
        &self,
        who: &Caller,
        id: &IncidentId,
        ask: BackTestAsk,
    ) -> Result<BackTestAnswer, ApiError> {
        self.may_look(who, id).await?;
        self.would_have_fired(id, ask).await
    }

    async fn alarm(
        &self,
        who: &Caller,
        id: &IncidentId,
        alarm: app::view::Alarm,
    ) -> Result<Option<AlarmAnswer>, ApiError> {
        self.may_look(who, id).await?;
        self.alarm_tried(id, alarm).await
    }

    async fn add_action(
        &self,
        who: &Caller,
        id: &IncidentId,
        draft: ActionDraft,
    ) -> Result<(), ApiError> {
        self.may_change(who, id).await?;
        let title = draft.title.clone();
        self.action_added(id, draft, author_of(who)).await?;
        self.did(who, id, Deed::ActionAdded, &title).await;
        Ok(())
    }

    async fn change_action(
        &self,
        who: &Caller,
        id: &IncidentId,
        action: &str,
        change: ActionChange,
    ) -> Result<(), ApiError> {
        self.may_change(who, id).await?;
        let about = self.action_changed(id, action, change).await?;
        let deed = if change == ActionChange::Remove {
            Deed::ActionRemoved
        } else {
            Deed::ActionChanged
        };
        self.did(who, id, deed, &about).await;
        Ok(())
    }
}
