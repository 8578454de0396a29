//! What the page of a review shows.

use super::steps::speaks_for_others;
use crate::backend::{ServerBackend, access::author_of, unavailable};
use crate::compute;
use app::{
    ApiError,
    backend::{Caller, Case, ChangedSection, Comparison, Fate, PlacedThread, ReviewView},
};
use model::{
    IncidentId, Report,
    review::{
        comment::{Anchor, Ground, Thread},
        content_digest,
    },
};
use report::changes;
use std::collections::BTreeSet;

/// The section that speaks of other incidents. It is in the report and in no version.
const OF_OTHERS: &str = "recurrence";

impl ServerBackend {
    pub(super) async fn review_view(
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
    pub(super) async fn placed(
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
}
