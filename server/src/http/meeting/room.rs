//! The meetings of a server: who presents in each, what is shown, and when one is over.

use crate::http::problem::Problem;
use axum::http::StatusCode;
use model::{IncidentId, Timestamp, time::MINUTE};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{Semaphore, watch};

/// Meetings at the same time.
const MOST_MEETINGS: usize = 64;
/// People in all of them.
pub(super) const MOST_FOLLOWERS: usize = 256;
/// How long a meeting stands that nobody is connected to: a phone that sleeps comes back to it.
const ALONE: i64 = 15 * MINUTE;

/// What a meeting shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Shown {
    /// Whether it goes on.
    pub(super) on: bool,
    /// Who presents.
    pub(super) presenter: String,
    /// How often somebody has begun to present: who presents knows by it whether they still do.
    pub(super) turn: u64,
    /// The address that is shown: a path below the incident's, with query and fragment.
    pub(super) view: String,
}

struct Meeting {
    /// What the presenter's page knows and nobody else's.
    key: String,
    shown: watch::Sender<Shown>,
    /// When somebody was last connected to it or showed something.
    seen: Timestamp,
}

impl Meeting {
    fn stands(&self, now: Timestamp) -> bool {
        self.shown.receiver_count() > 0 || self.seen.plus(ALONE) > now
    }
}

/// The meetings of a server.
pub struct Meetings {
    open: Mutex<BTreeMap<IncidentId, Meeting>>,
    /// Places for those who follow.
    pub(super) free: Arc<Semaphore>,
}

impl Default for Meetings {
    fn default() -> Self {
        Self {
            open: Mutex::default(),
            free: Arc::new(Semaphore::new(MOST_FOLLOWERS)),
        }
    }
}

impl Meetings {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<IncidentId, Meeting>> {
        // Each meeting is changed in one step; a panic elsewhere leaves them whole.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the meeting of an incident shows; nothing where there is none.
    pub(super) fn shown(&self, id: &IncidentId, now: Timestamp) -> Shown {
        let open = self.lock();
        let meeting = open.get(id).filter(|m| m.stands(now));
        meeting.map_or_else(Shown::default, |m| m.shown.borrow().clone())
    }

    pub(super) fn join(&self, id: &IncidentId, now: Timestamp) -> Option<watch::Receiver<Shown>> {
        let open = self.lock();
        let meeting = open.get(id).filter(|m| m.stands(now))?;
        Some(meeting.shown.subscribe())
    }

    /// Begins a meeting, or takes the one that there is over; whether it is a new one.
    pub(super) fn begin(
        &self,
        id: &IncidentId,
        presenter: String,
        view: String,
        key: String,
        now: Timestamp,
    ) -> Result<(Shown, bool), Problem> {
        let mut open = self.lock();
        open.retain(|_, meeting| meeting.stands(now));
        if let Some(meeting) = open.get_mut(id) {
            meeting.key = key;
            meeting.seen = now;
            meeting.shown.send_modify(|shown| {
                shown.presenter = presenter;
                shown.view = view;
                shown.turn += 1;
            });
            return Ok((meeting.shown.borrow().clone(), false));
        }
        if open.len() >= MOST_MEETINGS {
            return Err(busy(format!(
                "{MOST_MEETINGS} meetings go on at the same time: end one first."
            )));
        }
        let shown = Shown {
            on: true,
            presenter,
            turn: 1,
            view,
        };
        open.insert(
            id.clone(),
            Meeting {
                key,
                shown: watch::Sender::new(shown.clone()),
                seen: now,
            },
        );
        Ok((shown, true))
    }

    /// Shows something; only who presents may.
    pub(super) fn show(
        &self,
        id: &IncidentId,
        key: &str,
        view: String,
        now: Timestamp,
    ) -> Result<Shown, Problem> {
        let mut open = self.lock();
        let meeting = presented(&mut open, id, key)?;
        meeting.seen = now;
        meeting.shown.send_if_modified(|shown| {
            let other = shown.view != view;
            shown.view = view;
            other
        });
        Ok(meeting.shown.borrow().clone())
    }

    /// Ends it; only who presents may.
    pub(super) fn end(&self, id: &IncidentId, key: &str) -> Result<(), Problem> {
        let mut open = self.lock();
        presented(&mut open, id, key)?;
        if let Some(meeting) = open.remove(id) {
            meeting.shown.send_modify(|shown| shown.on = false);
        }
        Ok(())
    }

    /// Somebody has left.
    pub(super) fn left(&self, id: &IncidentId, now: Timestamp) {
        if let Some(meeting) = self.lock().get_mut(id) {
            meeting.seen = now;
        }
    }
}

fn presented<'m>(
    open: &'m mut BTreeMap<IncidentId, Meeting>,
    id: &IncidentId,
    key: &str,
) -> Result<&'m mut Meeting, Problem> {
    let meeting = open.get_mut(id).ok_or_else(Problem::not_found)?;
    if meeting.key == key {
        Ok(meeting)
    } else {
        Err(Problem::new(
            StatusCode::CONFLICT,
            "Somebody else presents",
            "They began to present after you did: follow them, or take it over again.",
        ))
    }
}

pub(super) fn busy(detail: String) -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "Too many at the same time",
        detail,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> IncidentId {
        IncidentId("a".repeat(32))
    }

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_millis(minutes * MINUTE)
    }

    fn begin(meetings: &Meetings, who: &str, key: &str, now: Timestamp) -> (Shown, bool) {
        let view = format!("/incidents/{}", id());
        let begun = meetings.begin(&id(), who.into(), view, key.into(), now);
        begun.map_err(|_| "refused").unwrap()
    }

    #[test]
    fn one_presents_and_another_may_take_over() {
        let meetings = Meetings::default();
        assert!(!meetings.shown(&id(), at(0)).on);
        let (first, new) = begin(&meetings, "Ada", "k1", at(0));
        assert!(new && first.on && first.turn == 1);
        let report = format!("/incidents/{}/report#summary", id());
        assert!(meetings.show(&id(), "k1", report.clone(), at(0)).is_ok());
        assert_eq!(meetings.shown(&id(), at(0)).view, report);
        assert!(
            meetings
                .show(&id(), "other", report.clone(), at(0))
                .is_err()
        );
        let (second, new) = begin(&meetings, "Grace", "k2", at(1));
        assert!(!new && second.turn == 2 && second.presenter == "Grace");
        assert!(meetings.show(&id(), "k1", report, at(1)).is_err());
        assert!(meetings.end(&id(), "k1").is_err());
        assert!(meetings.end(&id(), "k2").is_ok());
        assert!(!meetings.shown(&id(), at(1)).on);
    }

    #[test]
    fn a_meeting_that_everybody_left_is_over_after_a_while() {
        let meetings = Meetings::default();
        begin(&meetings, "Ada", "k", at(0));
        let follower = meetings.join(&id(), at(0)).unwrap();
        assert!(meetings.shown(&id(), at(600)).on, "somebody is there");
        drop(follower);
        meetings.left(&id(), at(600));
        assert!(meetings.shown(&id(), at(614)).on);
        assert!(!meetings.shown(&id(), at(615)).on);
        assert!(meetings.join(&id(), at(615)).is_none());
    }

    #[test]
    fn meetings_are_bounded() {
        let meetings = Meetings::default();
        for n in 0..MOST_MEETINGS {
            let id = IncidentId(format!("{n:032x}"));
            let begun = meetings.begin(&id, String::new(), String::new(), String::new(), at(0));
            assert!(begun.is_ok());
        }
        let one_more = |now| {
            let none = String::new;
            meetings.begin(&id(), none(), none(), none(), now).is_ok()
        };
        assert!(!one_more(at(0)));
        assert!(one_more(at(16)), "those that everybody left make room");
    }
}
