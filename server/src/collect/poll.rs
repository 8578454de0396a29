//! Following a source that has to be asked: again and again, each time a little further back than
//! what is known, because late data change.

use super::{BACKOFF, Following, STAND_BY, millis, seconds};
use model::{
    Batch, Gap, Provenance, Timestamp, Window,
    source::{Follow, SourceHealth},
    time::HOUR,
    words::count,
};
use sources::{
    follow::{LONGEST_AGAIN_MS, Recent},
    source::{Source, SourceError, Unattended},
};
use std::{fmt::Write as _, time::Duration};
use store::StoreError;

/// Longest span that one question is about: a backfill goes on in steps, so that what came is kept
/// when the next step fails.
const STEP: i64 = 24 * HOUR;

impl Following {
    /// Asks until the source cannot be asked any more.
    pub(super) async fn poll(&self, source: &dyn Source) {
        let Follow::Poll { every_s, again_s } = self.source.facts.follow else {
            return;
        };
        let mut backoff = BACKOFF.0;
        let mut recent = Recent::default();
        loop {
            let wait = match self.ask_once(source, again_s, &mut recent).await {
                Asked::UpToDate => {
                    backoff = BACKOFF.0;
                    seconds(every_s)
                }
                Asked::MoreToCome => Duration::ZERO,
                Asked::Failed => {
                    backoff = (backoff * 2).min(BACKOFF.1);
                    backoff
                }
                Asked::NoRoom => STAND_BY,
            };
            tokio::time::sleep(wait).await;
        }
    }

    async fn ask_once(&self, source: &dyn Source, again_s: u32, recent: &mut Recent) -> Asked {
        let now = self.now();
        if let Err(error) = self.note_unasked(now).await {
            self.refused(&error);
            return Asked::NoRoom;
        }
        let window = self.next_window(now, again_s, recent.from());
        let answer = source.pull(window, now, &Unattended).await;
        let batch = match answer {
            Ok(batch) => batch,
            // Nothing in a window is an answer too: a quiet source is no broken one.
            Err(SourceError::NotFound { .. }) => {
                let message = "it answers, and has nothing for this time yet";
                self.state.set(now, SourceHealth::Partial, message);
                return self.step_over(window, now);
            }
            Err(error) => {
                self.fail(&error.to_string());
                return Asked::Failed;
            }
        };
        if let Err(error) = self.store.record(&self.archive, &batch, &[]).await {
            self.refused(&error);
            return Asked::NoRoom;
        }
        recent.take(&batch.series, window.start, again_s, now);
        self.tell(&batch, window, now);
        self.step_over(window, now)
    }

    /// From a little before what is known, or from the backfill on, at most a step. `series`: from
    /// where on series say that there is something to ask again. After a start nothing is known of
    /// whoever lagged before it: the first poll looks back as far as any does.
    fn next_window(&self, now: Timestamp, again_s: u32, series: Option<Timestamp>) -> Window {
        let oldest = self.oldest(now);
        let start = self.state.newest().map_or(oldest, |newest| {
            let near = newest.plus(-millis(again_s));
            let far = series.unwrap_or_else(|| newest.plus(-LONGEST_AGAIN_MS));
            near.min(far).max(oldest)
        });
        Window {
            start,
            end: start.plus(STEP).min(now),
        }
    }

    /// The first instant that is asked about.
    fn oldest(&self, now: Timestamp) -> Timestamp {
        now.plus(-i64::from(self.source.entry.backfill_hours) * HOUR)
    }

    /// Records as a gap what lies between what is known and where the backfill begins: nothing will
    /// be asked about it.
    async fn note_unasked(&self, now: Timestamp) -> Result<(), StoreError> {
        let known_to = self.state.newest();
        let Some(span) = known_to.and_then(|known| Window::new(known, self.oldest(now))) else {
            return Ok(());
        };
        let gap = Gap {
            what: String::new(),
            window: Some(span),
            reason: format!(
                "not asked: Lineup was not running, or got no answer, from {} to {}, and \
                 backfill_hours = {}: pull this span while the source still has it",
                span.start, now, self.source.entry.backfill_hours
            ),
        };
        let batch = Batch {
            provenance: Provenance {
                source: self.source.facts.kind.to_owned(),
                query: Provenance::UNASKED.to_owned(),
                asked_at: Some(now),
                gaps: vec![gap.clone()],
                ..Provenance::default()
            },
            ..Batch::default()
        };
        self.store.record(&self.archive, &batch, &[]).await?;
        self.state.unasked(&gap);
        Ok(())
    }

    /// What was asked about is known now, whether or not there was something in it.
    fn step_over(&self, window: Window, now: Timestamp) -> Asked {
        if window.end >= now {
            return Asked::UpToDate;
        }
        self.state.came(now, Some(window.end), &[]);
        Asked::MoreToCome
    }

    fn tell(&self, batch: &Batch, window: Window, now: Timestamp) {
        let last = |s: &model::Series| s.samples.span().map(|(_, last)| last);
        let samples = batch.series.iter().filter_map(last).max();
        let events = batch.events.iter().filter_map(model::Event::at).max();
        let newest = samples.max(events).map(|t| t.min(window.end));
        // What is younger than the source publishes is asked for again by the next poll: no gap yet.
        let settled = now.plus(-millis(self.source.facts.clock.delay_s));
        let told = batch.provenance.gaps.iter();
        let gaps: Vec<Gap> = told
            .filter(|gap| gap.window.is_none_or(|w| w.start < settled))
            .cloned()
            .collect();
        let absent = batch.provenance.absent.iter();
        let absent: Vec<&str> = absent
            .map(|text| text.split(" (").next().unwrap_or(text))
            .collect();
        let mut message = format!(
            "{} series and {} came",
            batch.series.len(),
            count(batch.events.len(), "event")
        );
        if !absent.is_empty() {
            let _ = write!(message, "; no such series: {}", absent.join(", "));
        }
        let health = if gaps.is_empty() {
            SourceHealth::Good
        } else {
            SourceHealth::Partial
        };
        self.state.set(now, health, &message);
        self.state.came(now, newest, &gaps);
    }
}

/// How a question ended.
enum Asked {
    /// Up to the present.
    UpToDate,
    /// A part of the backfill is there.
    MoreToCome,
    /// The source did not answer.
    Failed,
    /// The database took nothing.
    NoRoom,
}
