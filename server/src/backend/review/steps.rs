//! The steps of a review, and what opens one again.

use crate::backend::{ServerBackend, access::author_of, shares::said_of, unavailable};
use crate::{compute, notify};
use app::{
    ApiError,
    backend::{Caller, ReviewAsk},
};
use model::{
    Incident, IncidentId,
    review::{
        Approval, Refused, Reopening, Review, ReviewState, Step, Version, VersionInfo,
        activity::{Activity, Deed},
        after, content_digest,
    },
};
use store::StoreError;

/// Times that a change of a review is tried again where somebody else was quicker.
const TRIES: usize = 8;
/// Steps of the log that are looked through for who changed a report.
const LOOKED_BACK: u32 = 200;

/// Whether somebody may write down who else approved: the one person of the single-user mode, in which
/// nobody else can sign in.
pub(super) fn speaks_for_others(who: &Caller) -> bool {
    matches!(who, Caller::LocalUser)
}

fn refused(why: &Refused) -> ApiError {
    ApiError::Invalid(why.to_string())
}

fn busy() -> ApiError {
    ApiError::Unavailable("Others are changing the review at this moment: try again.".into())
}

/// What is said to whoever asks for a review that another one has asked for.
fn already(version: &VersionInfo) -> ApiError {
    ApiError::Invalid(format!(
        "{} has already asked for the review of what the report says: it is version {}, and nothing was \
         changed since",
        version.by, version.number
    ))
}

impl ServerBackend {
    /// Changes a review by a step, again where somebody else changed it in between.
    pub(super) async fn change_review(
        &self,
        id: &IncidentId,
        step: impl Fn(&Review) -> Result<Step, ApiError> + Send + Sync,
    ) -> Result<Review, ApiError> {
        for _ in 0..TRIES {
            let (review, known) = self.store.review(id).await.map_err(|e| unavailable(&e))?;
            let next = after(&review, step(&review)?).map_err(|why| refused(&why))?;
            let kept = self.store.put_review(id, &next, known).await;
            if kept.map_err(|e| unavailable(&e))? {
                return Ok(next);
            }
            // It may be gone in the meantime.
            self.incident(id).await?;
        }
        Err(busy())
    }

    /// Opens what was approved or published again where the report says something else by now. `step`
    /// is what was just done; without it the log is asked who changed it.
    pub(in crate::backend) async fn reopen_if_changed(
        &self,
        id: &IncidentId,
        step: Option<&Activity>,
    ) -> Result<(), ApiError> {
        let (review, _) = self.store.review(id).await.map_err(|e| unavailable(&e))?;
        if !review.is_settled() {
            return Ok(());
        }
        let (_, report) = self.current(id).await?;
        let digest = compute::run(move || content_digest(&report)).await;
        self.reopen_if_other(id, &review, &digest, step).await
    }

    /// Opens a settled review again where the digest of the report is not that of its version.
    pub(super) async fn reopen_if_other(
        &self,
        id: &IncidentId,
        review: &Review,
        digest: &str,
        step: Option<&Activity>,
    ) -> Result<(), ApiError> {
        let Some(number) = review.version.filter(|_| review.is_settled()) else {
            return Ok(());
        };
        let versions = self.version_list(id).await?;
        let Some(version) = versions.iter().find(|v| v.number == number) else {
            return Ok(());
        };
        if version.digest == digest {
            return Ok(());
        }
        let step = match step {
            Some(step) => Some(step.clone()),
            None => self.last_change(id, version).await?,
        };
        let why = Reopening {
            version: number,
            at: self.clock.now(),
            by: step.as_ref().map(|s| s.who.clone()).unwrap_or_default(),
            what: step.as_ref().map(Activity::words).unwrap_or_default(),
        };
        let by = why.by.clone();
        let about = format!("version {number}, because the report was changed");
        let opened = self.change_review(id, |now| {
            if now.version == Some(number) && now.is_settled() {
                Ok(Step::Reopen(why.clone()))
            } else {
                Err(ApiError::NotFound)
            }
        });
        match opened.await {
            Ok(_) => {
                let line = Activity::new(self.clock.now(), &by, Deed::ReviewReopened, &about);
                let written = self.store.record_activity(id, &line).await;
                written.map_err(|e| unavailable(&e))
            }
            // Somebody else did.
            Err(ApiError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The last step since a version that may have changed the report.
    async fn last_change(
        &self,
        id: &IncidentId,
        version: &VersionInfo,
    ) -> Result<Option<Activity>, ApiError> {
        let steps = self.store.activity(id, None, LOOKED_BACK).await;
        let steps = steps.map_err(|e| unavailable(&e))?;
        Ok(steps
            .into_iter()
            .map(|(_, step)| step)
            .find(|step| step.at >= version.made_at && step.deed.may_change_report()))
    }

    /// Freezes the report as it is and lays it before the reviewers. Whoever asks for the review of what
    /// lies before them already is told so: one text is one version, however many ask at once.
    pub(super) async fn asked(
        &self,
        who: &Caller,
        id: &IncidentId,
    ) -> Result<Option<String>, ApiError> {
        let (case, report) = self.current(id).await?;
        let said = said_of(&case);
        let mut frozen: Option<Version> = None;
        for _ in 0..TRIES {
            let versions = self.version_list(id).await?;
            let (review, known) = self.store.review(id).await.map_err(|e| unavailable(&e))?;
            let next = match &frozen {
                Some(version) => version.clone(),
                None => Version {
                    said: said.clone(),
                    ..Version::of(0, report.clone(), &author_of(who), self.clock.now())
                },
            };
            let same = versions.last().filter(|v| v.digest == next.digest);
            let latest = review.version.max(review.published).unwrap_or(0);
            // A version that another one froze and has not laid before anybody yet, or did.
            if let Some(same) = same {
                if review.state == ReviewState::InReview && review.version == Some(same.number) {
                    // Whoever presses the button twice has what they wanted.
                    let mine = same.by == author_of(who);
                    return if mine { Ok(None) } else { Err(already(same)) };
                }
                if same.number > latest {
                    let step = Step::Ask {
                        version: same.number,
                    };
                    let next = after(&review, step).map_err(|why| refused(&why))?;
                    let put = self.store.put_review(id, &next, known).await;
                    if put.map_err(|e| unavailable(&e))? {
                        return Ok(Some(format!("version {}", same.number)));
                    }
                    continue;
                }
            }
            let number = versions.last().map_or(0, |v| v.number) + 1;
            // What is refused leaves no version behind.
            let step = Step::Ask { version: number };
            after(&review, step).map_err(|why| refused(&why))?;
            let version = Version { number, ..next };
            match self.store.put_version(id, &version).await {
                // Laid before them in the next round, by whoever is quickest.
                Ok(()) | Err(StoreError::Conflict { .. }) => frozen = Some(version),
                Err(error) => return Err(unavailable(&error)),
            }
        }
        Err(busy())
    }

    pub(super) async fn approved(
        &self,
        who: &Caller,
        id: &IncidentId,
        version: u32,
        in_name_of: &str,
    ) -> Result<String, ApiError> {
        let me = author_of(who);
        let other = !in_name_of.is_empty() && in_name_of != me;
        if other && !speaks_for_others(who) {
            return Err(ApiError::Forbidden);
        }
        let approval = Approval {
            who: if other {
                in_name_of.to_owned()
            } else {
                me.clone()
            },
            version,
            at: self.clock.now(),
            entered_by: if other { me } else { String::new() },
        };
        let (_, report) = self.current(id).await?;
        let digest = compute::run(move || content_digest(&report)).await;
        let frozen = self.version_list(id).await?;
        if frozen
            .iter()
            .any(|v| v.number == version && v.digest != digest)
        {
            return Err(ApiError::Invalid(format!(
                "the report has been changed since version {version} was frozen: ask for the review of \
                 what it says now"
            )));
        }
        self.change_review(id, |_| Ok(Step::Approve(approval.clone())))
            .await?;
        let name = if other {
            format!(", {in_name_of}")
        } else {
            String::new()
        };
        Ok(format!("version {version}{name}"))
    }

    /// What was done, for the log; `None` where that was done already.
    pub(super) async fn step_taken(
        &self,
        who: &Caller,
        id: &IncidentId,
        ask: ReviewAsk,
    ) -> Result<Option<(Deed, String)>, ApiError> {
        let incident = self.incident(id).await?;
        let number = |review: &Review| {
            let version = review.version.unwrap_or_default();
            format!("version {version}")
        };
        Ok(Some(match ask {
            ReviewAsk::Name(names) => {
                let step = |_: &Review| Ok(Step::Name(names.clone()));
                let review = self.change_review(id, step).await?;
                (Deed::ReviewersNamed, review.reviewers.join(", "))
            }
            ReviewAsk::Ask => match self.asked(who, id).await? {
                Some(about) => (Deed::ReviewAsked, about),
                None => return Ok(None),
            },
            ReviewAsk::Withdraw => {
                let review = self.change_review(id, |_| Ok(Step::Withdraw)).await?;
                (Deed::ReviewWithdrawn, number(&review))
            }
            ReviewAsk::Approve {
                version,
                in_name_of,
            } => {
                let about = self.approved(who, id, version, &in_name_of).await?;
                (Deed::Approved, about)
            }
            ReviewAsk::Publish => {
                // What nobody approved is not published, even if nobody has looked since.
                self.reopen_if_changed(id, None).await?;
                let review = self.change_review(id, |_| Ok(Step::Publish)).await?;
                self.sharing.cache.forget_incident(id);
                self.told_outside(&incident, &review).await;
                (Deed::Published, number(&review))
            }
            ReviewAsk::Reopen => {
                let (by, at) = (author_of(who), self.clock.now());
                let step = |review: &Review| {
                    Ok(Step::Reopen(Reopening {
                        version: review.version.unwrap_or_default(),
                        at,
                        by: by.clone(),
                        what: "opened it by hand".to_owned(),
                    }))
                };
                let review = self.change_review(id, step).await?;
                (Deed::ReviewReopened, number(&review))
            }
        }))
    }

    /// Tells of what was published whom the configuration names. It is published, whatever becomes of
    /// that.
    async fn told_outside(&self, incident: &Incident, review: &Review) {
        let told = async {
            let what = notify::Published {
                incident,
                version: review.version.unwrap_or_default(),
                private: self.is_private(&incident.id).await?,
                at: self.clock.now(),
            };
            let put = notify::published(&*self.store, &self.outbox, what).await;
            put.map_err(|e| unavailable(&e))
        };
        if told.await.is_err() {
            tracing::error!(incident = %incident.id, "nobody outside is told of a published report");
        }
    }
}
