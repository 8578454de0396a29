//! Share links: unguessable, stored hashed, read-only, only their incident's window.

use super::{ServerBackend, report_html, unavailable};
use crate::{compute, random};
use app::{
    ApiError,
    backend::{Caller, Case, NewShare, ShareRow, SharedCase},
};
use model::{Incident, IncidentId, Samples, bundle::sha256_hex, share::ShareLink, time::DAY};

/// Longest life of a link, days.
const MAX_DAYS: u32 = 3_650;

impl ServerBackend {
    /// What the caller's link opens. Unknown, expired and revoked links answer alike.
    pub(super) async fn open_share(&self, who: &Caller) -> Result<SharedCase, ApiError> {
        let Caller::Share(token) = who else {
            return Err(ApiError::NotFound);
        };
        let link = self
            .store
            .share_by_hash(&sha256_hex(token.as_bytes()))
            .await
            .map_err(|e| unavailable(&e))?
            .filter(|link| link.is_open(self.clock.now()))
            .ok_or(ApiError::NotFound)?;
        let case = only_window(self.load(&link.incident).await?);
        let Incident {
            title,
            window,
            notice,
            ..
        } = case.incident.clone();
        let report_html = compute::run(move || report_html(&case)).await;
        Ok(SharedCase {
            title,
            window,
            notice,
            report_html,
            expires_at: link.expires_at,
        })
    }

    /// Makes a link; its token is in the answer and nowhere else.
    pub(super) async fn new_share(
        &self,
        incident: &IncidentId,
        expires_in_days: Option<u32>,
    ) -> Result<NewShare, ApiError> {
        if expires_in_days.is_some_and(|days| days == 0 || days > MAX_DAYS) {
            return Err(ApiError::Invalid(format!(
                "expected an expiry of 1 to {MAX_DAYS} days"
            )));
        }
        let now = self.clock.now();
        let token = random::token(&*self.random).map_err(|error| {
            tracing::error!(%error, "the operating system gives no randomness");
            ApiError::Unavailable("The server has no randomness to make a link from.".into())
        })?;
        let link = ShareLink {
            id: self.new_id()?,
            incident: incident.clone(),
            token_hash: sha256_hex(token.as_bytes()),
            created_at: now,
            expires_at: expires_in_days.map(|days| now.plus(i64::from(days) * DAY)),
            ..ShareLink::default()
        };
        self.store
            .put_share(&link)
            .await
            .map_err(|e| unavailable(&e))?;
        Ok(NewShare {
            link_path: format!("/s/{token}"),
            share: ShareRow::of(&link, now),
        })
    }
}

/// The case with nothing outside its window: neither samples, nor events, nor notes.
fn only_window(mut case: Case) -> Case {
    let window = case.incident.window;
    for series in &mut case.evidence.series {
        let (times, values) = series.samples.inside(window);
        series.samples =
            Samples::from_unordered(times.iter().copied().zip(values.iter().copied()).collect());
    }
    case.evidence.events.retain(|event| event.touches(window));
    case.annotations
        .retain(|note| window.touches(note.start, Some(note.end.unwrap_or(note.start))));
    case
}
