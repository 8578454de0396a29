//! Versions, the review of them, and what is said about them.

use super::{ServerBackend, access::author_of, report_of, unavailable};
use crate::{compute, notify};
use app::{
    ApiError, FieldError,
    backend::{
        ActionEdit, ActionRow, ActionsAsk, ActionsView, ActivityPage, Caller, Case, ChangedSection,
        CommentDraft, Comparison, Fate, PlacedThread, ReviewAsk, ReviewView, Reviewing,
        VersionView,
    },
    input::LONGEST_NOTE,
};
use async_trait::async_trait;
use model::{
    Incident, IncidentId, Report,
    review::{
        Approval, Refused, Reopening, Review, Step, Version, VersionInfo,
        activity::{Activity, Deed},
        after,
        comment::{Anchor, Comment, Ground, Resolved, Thread},
        content_digest,
    },
};
use report::changes;
use std::collections::BTreeSet;
use store::StoreError;

/// Times that a change of a review is tried again where somebody else was quicker.
const TRIES: usize = 8;
/// Most threads of an incident, and most comments of a thread: a page lists them all.
const MOST_THREADS: usize = 1_000;
/// See [`MOST_THREADS`].
const MOST_COMMENTS: usize = 500;
/// The section that speaks of other incidents. It is in the report and in no version.
const OF_OTHERS: &str = "recurrence";
/// Steps of the log that are looked through for who changed a report.
const LOOKED_BACK: u32 = 200;

/// Whether somebody may write down who else approved: the one person of the single-user mode, in which
/// nobody else can sign in.
fn speaks_for_others(who: &Caller) -> bool {
    matches!(who, Caller::LocalUser)
}

fn refused(why: &Refused) -> ApiError {
    ApiError::Invalid(why.to_string())
}

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

    /// Changes a review by a step, again where somebody else changed it in between.
    async fn change_review(
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
        Err(ApiError::Unavailable(
            "Others are changing the review at this moment: try again.".into(),
        ))
    }

    /// Opens what was approved or published again where the report says something else by now. `step`
    /// is what was just done; without it the log is asked who changed it.
    pub(super) async fn reopen_if_changed(
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
    async fn reopen_if_other(
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

    async fn review_view(
        &self,
        who: &Caller,
        id: &IncidentId,
        compare: Option<Comparison>,
    ) -> Result<ReviewView, ApiError> {
        let (case, report) = self.current(id).await?;
        let (report, digest) = compute::run(move || {
            let digest = content_digest(&report);
            (report, digest)
        })
        .await;
        let (review, _) = self.store.review(id).await.map_err(|e| unavailable(&e))?;
        self.reopen_if_other(id, &review, &digest, None).await?;
        let (review, _) = self.store.review(id).await.map_err(|e| unavailable(&e))?;
        let versions = self.version_list(id).await?;
        let compared = match compare {
            None => None,
            Some(compare) => Some((compare, self.compared(id, compare, &report).await?)),
        };
        let rows = self.lane_rows(id).await?;
        let lanes: Vec<(String, String)> = rows.into_iter().map(|l| (l.id, l.title)).collect();
        let named: BTreeSet<&str> = lanes.iter().map(|(id, _)| id.as_str()).collect();
        let threads = self.placed(id, &case, &report, &named).await?;
        Ok(ReviewView {
            me: author_of(who),
            speaks_for_others: speaks_for_others(who),
            differs: versions.last().is_none_or(|v| v.digest != digest),
            review,
            versions,
            threads,
            sections: report
                .sections
                .iter()
                .map(|s| (s.id.clone(), s.title.clone()))
                .collect(),
            figures: report
                .figures
                .iter()
                .map(|f| (f.id.clone(), format!("{}: {}", f.id, f.text)))
                .collect(),
            lanes,
            compared,
            incident: case.incident,
        })
    }

    /// The threads of an incident, and whether what each is about is still there.
    async fn placed(
        &self,
        id: &IncidentId,
        case: &Case,
        report: &Report,
        lanes: &BTreeSet<&str>,
    ) -> Result<Vec<PlacedThread>, ApiError> {
        let threads = self.store.threads(id).await.map_err(|e| unavailable(&e))?;
        let ground = Ground {
            report,
            window: case.incident.window,
            has_lane: &|lane| lanes.contains(lane),
        };
        let of_others =
            |anchor: &Anchor| matches!(anchor, Anchor::Section { section } if section == OF_OTHERS);
        let place = |thread: Thread| PlacedThread {
            holds: thread.anchor.holds(&ground) || of_others(&thread.anchor),
            thread,
        };
        Ok(threads.into_iter().map(place).collect())
    }

    async fn compared(
        &self,
        id: &IncidentId,
        compare: Comparison,
        now: &Report,
    ) -> Result<Vec<ChangedSection>, ApiError> {
        let from = self.version_of(id, compare.from).await?.report;
        let to = match compare.to {
            Some(number) => self.version_of(id, number).await?.report,
            None => now.clone(),
        };
        let changes = compute::run(move || changes::between(&from, &to)).await;
        let fate = |fate| match fate {
            changes::Fate::Kept => Fate::Kept,
            changes::Fate::Removed => Fate::Removed,
            changes::Fate::Added => Fate::Added,
        };
        let section = |change: changes::SectionChange| ChangedSection {
            title: change.title,
            runs: change
                .runs
                .into_iter()
                .map(|run| (fate(run.fate), run.text))
                .collect(),
        };
        Ok(changes.into_iter().map(section).collect())
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

    /// Freezes the report as it is and lays it before the reviewers.
    async fn asked(&self, who: &Caller, id: &IncidentId) -> Result<String, ApiError> {
        let (_, report) = self.current(id).await?;
        let mut number = 0;
        for _ in 0..TRIES {
            let last = self.version_list(id).await?.last().map_or(0, |v| v.number);
            number = last + 1;
            // What is refused leaves no version behind.
            let (review, _) = self.store.review(id).await.map_err(|e| unavailable(&e))?;
            let step = Step::Ask { version: number };
            after(&review, step).map_err(|why| refused(&why))?;
            let version = Version::of(number, report.clone(), &author_of(who), self.clock.now());
            match self.store.put_version(id, &version).await {
                Ok(()) => break,
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(unavailable(&error)),
            }
        }
        self.change_review(id, |_| Ok(Step::Ask { version: number }))
            .await?;
        Ok(format!("version {number}"))
    }

    async fn approved(
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

    async fn step_taken(
        &self,
        who: &Caller,
        id: &IncidentId,
        ask: ReviewAsk,
    ) -> Result<(Deed, String), ApiError> {
        let incident = self.incident(id).await?;
        let number = |review: &Review| {
            let version = review.version.unwrap_or_default();
            format!("version {version}")
        };
        Ok(match ask {
            ReviewAsk::Name(names) => {
                let step = |_: &Review| Ok(Step::Name(names.clone()));
                let review = self.change_review(id, step).await?;
                (Deed::ReviewersNamed, review.reviewers.join(", "))
            }
            ReviewAsk::Ask => (Deed::ReviewAsked, self.asked(who, id).await?),
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
        })
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

    async fn commented(
        &self,
        who: &Caller,
        id: &IncidentId,
        draft: CommentDraft,
    ) -> Result<(Deed, String), ApiError> {
        let text = draft.text.trim().to_owned();
        let length = text.chars().count();
        if length == 0 || length > LONGEST_NOTE {
            let message = format!("expected 1 to {LONGEST_NOTE} characters");
            return Err(ApiError::Fields(vec![FieldError::new("text", message)]));
        }
        let comment = Comment {
            id: format!("comment-{}", self.new_id()?),
            by: author_of(who),
            at: self.clock.now(),
            text: text.clone(),
            ..Comment::default()
        };
        let threads = self.store.threads(id).await.map_err(|e| unavailable(&e))?;
        if let Some(thread) = &draft.thread {
            let there = threads.iter().find(|t| t.id == *thread);
            if there.is_some_and(|t| t.comments.len() >= MOST_COMMENTS) {
                return Err(ApiError::Invalid(format!(
                    "a thread may have {MOST_COMMENTS} comments: begin another one"
                )));
            }
            let added = self.store.add_comment(id, thread, &comment).await;
            return if added.map_err(|e| unavailable(&e))? {
                Ok((Deed::Replied, text))
            } else {
                Err(ApiError::NotFound)
            };
        }
        if threads.len() >= MOST_THREADS {
            return Err(ApiError::Invalid(format!(
                "an incident may have {MOST_THREADS} threads: answer in one that there is"
            )));
        }
        let (_, report) = self.current(id).await?;
        let thread = Thread {
            id: format!("thread-{}", self.new_id()?),
            about: draft.anchor.words(&report),
            anchor: draft.anchor,
            at: comment.at,
            in_meeting: draft.in_meeting,
            comments: vec![comment],
            ..Thread::default()
        };
        let about = format!("on {}: {text}", thread.about);
        let put = self.store.put_thread(id, &thread).await;
        put.map_err(|e| unavailable(&e))?;
        Ok((Deed::Commented, about))
    }

    async fn resolved(
        &self,
        who: &Caller,
        id: &IncidentId,
        thread: &str,
        resolved: bool,
    ) -> Result<(Deed, String), ApiError> {
        let threads = self.store.threads(id).await.map_err(|e| unavailable(&e))?;
        let there = threads.into_iter().find(|t| t.id == thread);
        let mut thread = there.ok_or(ApiError::NotFound)?;
        thread.resolved = resolved.then(|| Resolved {
            by: author_of(who),
            at: self.clock.now(),
        });
        let put = self.store.put_thread(id, &thread).await;
        put.map_err(|e| unavailable(&e))?;
        let deed = if resolved {
            Deed::Resolved
        } else {
            Deed::Unresolved
        };
        Ok((deed, format!("on {}", thread.about)))
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
        let (deed, about) = self.step_taken(who, id, step).await?;
        self.did(who, id, deed, &about).await;
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
    ) -> Result<(), ApiError> {
        self.may_change(who, id).await?;
        self.incident(id).await?;
        let (deed, about) = self.commented(who, id, draft).await?;
        self.did(who, id, deed, &about).await;
        Ok(())
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
