//! What it answers about links.

use super::{Fake, HOSTILE, TOKEN, link};
use app::{
    ApiError,
    backend::{
        Caller, Entered, NewShare, ShareAsk, ShareDraft, SharePage, ShareRow, Sharing, StandIn,
        Visit, Visited,
    },
};
use async_trait::async_trait;
use model::IncidentId;

#[async_trait]
impl Sharing for Fake {
    async fn visit(&self, who: &Caller, _visit: Visit) -> Result<Visited, ApiError> {
        self.asks(who, "visit");
        Err(ApiError::NotFound)
    }

    async fn enter(&self, who: &Caller, _password: String) -> Result<Entered, ApiError> {
        self.asks(who, "enter");
        Ok(Entered::Wrong)
    }

    async fn share(
        &self,
        who: &Caller,
        id: &IncidentId,
        draft: ShareDraft,
    ) -> Result<NewShare, ApiError> {
        self.asks(who, &format!("share {:?}", draft.expires_in_days));
        self.find(id)?;
        Ok(NewShare {
            link_path: format!("/s/{TOKEN}"),
            share: link(),
        })
    }

    async fn share_page(
        &self,
        who: &Caller,
        id: &IncidentId,
        ask: ShareAsk,
    ) -> Result<SharePage, ApiError> {
        self.asks(who, "share page");
        let case = self.find(id)?;
        Ok(SharePage {
            incident: case.incident.clone(),
            report_html: "<article class=\"report\"><h1>Report</h1></article>".into(),
            names: [HOSTILE, "cron-26504640", "cron-26504645", "cron-26504650"]
                .map(|name| StandIn {
                    kind: "pod",
                    name: name.into(),
                    stand_in: format!("for {name}"),
                })
                .into(),
            versions: vec![1, 2],
            lanes: vec![("credits".into(), HOSTILE.into())],
            links: vec![link()],
            made: ask.made.is_some().then(|| format!("/s/{TOKEN}")),
            ask,
        })
    }

    async fn shares(&self, who: &Caller, id: &IncidentId) -> Result<Vec<ShareRow>, ApiError> {
        self.asks(who, "shares");
        self.find(id)?;
        Ok(vec![link()])
    }

    async fn revoke_share(&self, who: &Caller, share_id: &str) -> Result<(), ApiError> {
        self.asks(who, &format!("revoke {share_id}"));
        Ok(())
    }
}
