//! Server functions of sharing: called by plain forms and by pages that the server renders, so the
//! browser's module knows none of them.

use super::asking;
use crate::{ApiError, done::Done, input::RulesForm, page::Page};
use leptos::prelude::*;

/// The page that shares; `asked` are the pairs of its address.
#[server(prefix = "/api", endpoint = "share_page")]
pub async fn share_page(
    incident: String,
    #[server(default)] asked: Vec<(String, String)>,
) -> Result<Page, ApiError> {
    let (backend, who) = asking::backend()?;
    let page = async {
        let id = asking::incident(incident)?;
        let ask = crate::input::share_ask(&asked)?;
        Ok(Page::share(&backend.share_page(&who, &id, ask).await?))
    };
    asking::told(page.await)
}

/// Sends the browser to the preview of what a form says: its address says the same, without what the link
/// is told (a password has no place in an address).
#[server(prefix = "/api", endpoint = "preview_share")]
pub async fn preview_share(
    incident: String,
    #[server(default)] rules: RulesForm,
) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let shown = async {
        let id = asking::incident(incident)?;
        let ask = crate::input::share_ask(&rules.pairs())?;
        let shown = crate::input::share_query(ask.version, &ask.rules);
        backend.shares(&who, &id).await?;
        Ok((format!("/incidents/{id}/share"), shown))
    };
    let (path, shown) = asking::told(shown.await)?;
    asking::lead(&path, &shown, Done::PreviewShown, "h-preview");
    Ok(())
}

/// Makes a share link and sends the browser to the page that shows it, once. Without `rules` whatever has
/// one is hidden.
#[server(prefix = "/api", endpoint = "make_share")]
pub async fn make_share(
    incident: String,
    #[server(default)] rules: Option<RulesForm>,
    #[server(default)] lane: String,
    #[server(default)] days: String,
    #[server(default)] password: String,
    #[server(default)] views: String,
) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let made = async {
        let id = asking::incident(incident)?;
        let rules = rules.as_ref().map(RulesForm::pairs).unwrap_or_default();
        let draft = crate::input::share_draft(&rules, &lane, &days, &password, &views)?;
        let shown = crate::input::share_query(draft.version, &draft.rules);
        let made = backend.share(&who, &id, draft).await?;
        let shown = format!("{shown}&made={}", made.share.id);
        Ok((format!("/incidents/{id}/share"), shown))
    };
    let (path, shown) = asking::told(made.await)?;
    asking::lead(&path, &shown, Done::LinkMade, "share-url");
    Ok(())
}

/// Revokes a share link.
#[server(prefix = "/api", endpoint = "revoke_share")]
pub async fn revoke_share(share: String) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let revoked = backend.revoke_share(&who, &share).await;
    asking::did(revoked, Done::LinkRevoked, &format!("share-{share}"))
}
