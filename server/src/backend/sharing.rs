//! Who may share, and what a link opens; each link is in the log.

use super::{ServerBackend, unavailable};
use app::{
    ApiError,
    backend::{
        Caller, Entered, NewShare, ShareAsk, ShareDraft, SharePage, ShareRow, Sharing, Visit,
        Visited,
    },
};
use async_trait::async_trait;
use model::{IncidentId, review::activity::Deed};

#[async_trait]
impl Sharing for ServerBackend {
    async fn visit(&self, who: &Caller, visit: Visit) -> Result<Visited, ApiError> {
        self.visited(who, visit).await
    }

    async fn enter(&self, who: &Caller, password: String) -> Result<Entered, ApiError> {
        self.entered(who, password).await
    }

    async fn share(
        &self,
        who: &Caller,
        id: &IncidentId,
        draft: ShareDraft,
    ) -> Result<NewShare, ApiError> {
        self.may_change(who, id).await?;
        self.incident(id).await?;
        let about = draft.expires_in_days.map_or_else(
            || "until it is revoked".to_owned(),
            |days| format!("for {days} days"),
        );
        let made = self.new_share(who, id, draft).await?;
        self.did(who, id, Deed::Shared, &about).await;
        Ok(made)
    }

    async fn share_page(
        &self,
        who: &Caller,
        id: &IncidentId,
        ask: ShareAsk,
    ) -> Result<SharePage, ApiError> {
        self.may_change(who, id).await?;
        self.page_that_shares(id, ask).await
    }

    async fn shares(&self, who: &Caller, id: &IncidentId) -> Result<Vec<ShareRow>, ApiError> {
        self.may_look(who, id).await?;
        self.share_rows(id).await
    }

    async fn revoke_share(&self, who: &Caller, share_id: &str) -> Result<(), ApiError> {
        let opens = self.store.incident_of_share(share_id).await;
        let incident = opens.map_err(|e| unavailable(&e))?;
        let incident = incident.ok_or(ApiError::NotFound)?;
        self.may_change(who, &incident).await?;
        self.share_revoked(share_id).await?;
        self.did(who, &incident, Deed::ShareRevoked, "").await;
        Ok(())
    }
}
