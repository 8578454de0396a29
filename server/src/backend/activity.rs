//! The activity log: every step of people is written down right after it, and what a step changes in
//! a report that was approved opens its review again.

use super::{ServerBackend, access::author_of, unavailable};
use app::{
    ApiError,
    backend::{ActivityPage, Caller},
};
use model::{
    IncidentId,
    review::activity::{Activity, Deed},
    time::MINUTE,
};

/// Steps on a page of the log.
const A_PAGE: u32 = 100;
/// Within that time somebody who writes on is still at the same step.
const SITTING: i64 = 15 * MINUTE;

impl ServerBackend {
    /// Writes a step down that was just taken. The step stands, whatever becomes of its line in the
    /// log: a database that fails in between is told in the server's log and not to who took it, who
    /// would take it again.
    pub(super) async fn did(&self, who: &Caller, id: &IncidentId, deed: Deed, about: &str) {
        let step = Activity::new(self.clock.now(), &author_of(who), deed, about);
        if let Err(error) = self.store.record_activity(id, &step).await {
            tracing::error!(%error, incident = %id, ?deed, "a step is missing in the activity log");
        }
        if deed.may_change_report()
            && let Err(error) = self.reopen_if_changed(id, Some(&step)).await
        {
            tracing::error!(%error, incident = %id, "whether a review is still valid is not known");
        }
    }

    /// Writes down that somebody edited a section: one line for a sitting, not one for each time that
    /// the editor saves.
    pub(super) async fn wrote(&self, who: &Caller, id: &IncidentId, section: &str) {
        let step = Activity::new(self.clock.now(), &author_of(who), Deed::Edited, section);
        let last = self.store.activity(id, None, 1).await.unwrap_or_default();
        let goes_on = last.first().is_some_and(|(_, last)| {
            (last.deed, &last.who, &last.about) == (step.deed, &step.who, &step.about)
                && last.at.plus(SITTING) > step.at
        });
        if !goes_on {
            self.did(who, id, Deed::Edited, section).await;
        } else if let Err(error) = self.reopen_if_changed(id, Some(&step)).await {
            tracing::error!(%error, incident = %id, "whether a review is still valid is not known");
        }
    }

    pub(super) async fn activity_page(
        &self,
        id: &IncidentId,
        before: Option<i64>,
    ) -> Result<ActivityPage, ApiError> {
        let incident = self.incident(id).await?;
        let mut steps = self
            .store
            .activity(id, before, A_PAGE + 1)
            .await
            .map_err(|e| unavailable(&e))?;
        let more = steps.len() > A_PAGE as usize;
        steps.truncate(A_PAGE as usize);
        let older = steps.last().map(|(number, _)| *number).filter(|_| more);
        Ok(ActivityPage {
            incident,
            steps: steps.into_iter().map(|(_, step)| step).collect(),
            older,
        })
    }
}
