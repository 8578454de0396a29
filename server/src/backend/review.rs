//! Versions, the review of them, and what is said about them.

mod comments;
mod steps;
mod view;

use super::{ServerBackend, access::author_of, report_of, unavailable};
use crate::compute;
use app::{
    ApiError,
    backend::{
        ActionEdit, ActionRow, ActionsAsk, ActionsView, ActivityPage, Caller, Case, CommentDraft,
        Comparison, PlacedThread, ReviewAsk, ReviewView, Reviewing, VersionView,
    },
};
use async_trait::async_trait;
use model::{
    IncidentId, Report,
    review::{Version, VersionInfo, activity::Deed},
};

impl ServerBackend {
    /// The case and the report as they are now, without what is said of other incidents: who reads a
    /// version may not know of them, and it is no part of what is reviewed.
    async fn current(&self, id: &IncidentId) -> Result<(Case, Report), ApiError> {
        let case = self.load(id).await?;
        Ok(compute::run(move || {
            let report = report_of(&case);
            (case, report)
        })
        .await)
    }

    pub(super) async fn version_list(&self, id: &IncidentId) -> Result<Vec<VersionInfo>, ApiError> {
        self.store.versions(id).await.map_err(|e| unavailable(&e))
    }

    pub(super) async fn version_of(
        &self,
        id: &IncidentId,
        number: u32,
    ) -> Result<Version, ApiError> {
        let version = self.store.version(id, number).await;
        version
            .map_err(|e| unavailable(&e))?
            .ok_or(ApiError::NotFound)
    }
}

#[async_trait]
impl Reviewing for ServerBackend {
    async fn review(
        &self,
        who: &Caller,
        id: &IncidentId,
        compare: Option<Comparison>,
    ) -> Result<ReviewView, ApiError> {
        self.may_look(who, id).await?;
        self.review_view(who, id, compare).await
    }

    async fn take_review_step(
        &self,
        who: &Caller,
        id: &IncidentId,
        step: ReviewAsk,
    ) -> Result<(), ApiError> {
        self.may_change(who, id).await?;
        if let Some((deed, about)) = self.step_taken(who, id, step).await? {
            self.did(who, id, deed, &about).await;
        }
        Ok(())
    }

    async fn version(
        &self,
        who: &Caller,
        id: &IncidentId,
        number: u32,
    ) -> Result<VersionView, ApiError> {
        self.may_look(who, id).await?;
        let incident = self.incident(id).await?;
        let version = self.version_of(id, number).await?;
        let info = VersionInfo {
            number: version.number,
            made_at: version.made_at,
            by: version.by,
            digest: version.digest,
        };
        let report = version.report;
        Ok(VersionView {
            incident,
            version: info,
            html: compute::run(move || report::html_fragment(&report)).await,
        })
    }

    async fn threads(&self, who: &Caller, id: &IncidentId) -> Result<Vec<PlacedThread>, ApiError> {
        self.may_look(who, id).await?;
        self.incident(id).await?;
        let said = self.store.threads(id).await.map_err(|e| unavailable(&e))?;
        if said.is_empty() {
            return Ok(Vec::new());
        }
        let (case, report) = self.current(id).await?;
        let rows = self.lane_rows(id).await?;
        let lanes = rows.iter().map(|l| l.id.as_str()).collect();
        self.placed(id, &case, &report, &lanes).await
    }

    async fn comment(
        &self,
        who: &Caller,
        id: &IncidentId,
        draft: CommentDraft,
    ) -> Result<String, ApiError> {
        self.may_change(who, id).await?;
        self.incident(id).await?;
        let (thread, deed, about) = self.commented(who, id, draft).await?;
        self.did(who, id, deed, &about).await;
        Ok(thread)
    }

    async fn resolve(
        &self,
        who: &Caller,
        id: &IncidentId,
        thread: &str,
        resolved: bool,
    ) -> Result<(), ApiError> {
        self.may_change(who, id).await?;
        let (deed, about) = self.resolved(who, id, thread, resolved).await?;
        self.did(who, id, deed, &about).await;
        Ok(())
    }

    async fn activity(
        &self,
        who: &Caller,
        id: &IncidentId,
        before: Option<i64>,
    ) -> Result<ActivityPage, ApiError> {
        self.may_look(who, id).await?;
        self.activity_page(id, before).await
    }

    async fn meeting_told(
        &self,
        who: &Caller,
        id: &IncidentId,
        began: bool,
    ) -> Result<(), ApiError> {
        self.may_look(who, id).await?;
        self.incident(id).await?;
        let deed = if began {
            Deed::MeetingBegan
        } else {
            Deed::MeetingEnded
        };
        self.did(who, id, deed, "").await;
        Ok(())
    }

    fn name_of(&self, who: &Caller) -> String {
        author_of(who)
    }

    async fn all_actions(&self, who: &Caller, ask: ActionsAsk) -> Result<ActionsView, ApiError> {
        let sight = self.sight(who).await?;
        let incidents = self.store.incidents().await.map_err(|e| unavailable(&e))?;
        let incidents = sight.of(incidents);
        let items = self
            .store
            .all_actions()
            .await
            .map_err(|e| unavailable(&e))?;
        let now = self.clock.now();
        let row = |(id, item)| {
            let incident = incidents.iter().find(|i| i.id == id)?;
            Some(ActionRow::of(incident, item, now))
        };
        let rows = items.into_iter().filter_map(row).collect();
        Ok(ActionsView::of(rows, ask))
    }

    async fn edit_action(
        &self,
        who: &Caller,
        id: &IncidentId,
        action: &str,
        edit: ActionEdit,
    ) -> Result<(), ApiError> {
        self.may_change(who, id).await?;
        let about = self.action_edited(id, action, edit).await?;
        self.did(who, id, Deed::ActionChanged, &about).await;
        Ok(())
    }
}
