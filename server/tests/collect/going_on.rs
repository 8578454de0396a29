//! Incidents that go on: renewed until they are closed, then given their margin; frozen again when somebody asks.

use super::{POLLED, Played, server};
use crate::support::{Counting, TestServer, at};
use app::backend::{Caller, OpenIncident};
use model::{
    IncidentId, Window,
    incident::{IncidentState, Job},
    source::{SourceClock, SourceFacts},
};
use server::{
    config::Freeze,
    live,
    random::Random,
    registry::{Configured, Registry},
};
use std::sync::{Arc, atomic::Ordering};
use store::Store;

/// A server whose live incidents are renewed, with an incident that began an hour ago and whose first
/// freeze is done.
struct Going {
    server: TestServer,
    registry: Arc<Registry>,
    random: Counting,
    id: IncidentId,
}

impl Going {
    async fn with(sources: Vec<Configured>) -> Self {
        let (server, registry) = server(sources).await;
        let request = OpenIncident {
            title: "Slow".into(),
            start: at(-60),
            end: None,
        };
        let backend = server.state.backend.clone();
        let id = backend.open_incident(&Caller::LocalUser, request).await;
        let going = Self {
            server,
            registry,
            random: Counting::from(1_000),
            id: id.unwrap(),
        };
        going.work().await;
        going
    }

    /// With two sources that answer at once, `near` and `far`.
    async fn with_two() -> (Self, Played, Played) {
        let (near, far) = (Played::new(POLLED), Played::new(POLLED));
        for played in [&near, &far] {
            played.permits.add_permits(9_999);
        }
        let sources = vec![near.configured("near"), far.configured("far")];
        (Self::with(sources).await, near, far)
    }

    async fn work(&self) {
        while self.server.worker.run_one(at(-1)).await.unwrap() {}
    }

    /// Moves the clock and renews what goes on; how many freezes were made.
    async fn after(&self, minutes: i64) -> usize {
        self.server.forward(minutes * 60_000);
        let renewed = live::renew(
            &*self.server.store,
            &*self.server.clock,
            &self.random,
            Freeze::default(),
            &self.registry,
        );
        let renewed = renewed.await.unwrap();
        self.work().await;
        renewed
    }

    async fn close(&self) {
        let backend = &self.server.state.backend;
        let closed = backend.set_closed(&Caller::LocalUser, &self.id, true);
        closed.await.unwrap();
    }

    async fn incident(&self) -> model::Incident {
        let found = self.server.store.incident(&self.id).await;
        found.unwrap().unwrap()
    }

    /// Whether every minute of a series is there, from the margin's begin to a minute.
    async fn has_all(&self, series: &str, until: i64) {
        let whole = Window {
            start: at(-10_000),
            end: at(10_000),
        };
        let samples = self.server.store.samples(&self.id, series, whole).await;
        let have: Vec<_> = samples.unwrap().iter().map(|(t, _)| t).collect();
        let want: Vec<_> = (-60 - 24 * 60 + 1..until).map(at).collect();
        assert_eq!(have, want);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_was_away_for_hours_is_asked_for_all_of_them() {
    let (going, good, away) = Going::with_two().await;
    assert_eq!(going.after(1).await, 1);
    away.fails.store(true, Ordering::SeqCst);
    for _ in 0..18 {
        assert_eq!(going.after(10).await, 1);
    }
    going.has_all("near.load", 181).await;
    away.fails.store(false, Ordering::SeqCst);
    let asked = good.asked_for.lock().unwrap().len();
    assert_eq!(going.after(1).await, 1);
    going.has_all("near.load", 182).await;
    going.has_all("far.load", 182).await;
    // The other one was not asked for all of it again.
    let windows = good.asked_for.lock().unwrap().split_off(asked);
    assert_eq!(windows.len(), 1);
    assert!(windows[0].millis() <= 62 * 60_000, "{windows:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn freezes_of_a_live_incident_do_not_pile_up() {
    let (going, _, away) = Going::with_two().await;
    assert_eq!(going.after(1).await, 1);
    away.fails.store(true, Ordering::SeqCst);
    for _ in 0..3 {
        assert_eq!(going.after(1).await, 1);
    }
    away.fails.store(false, Ordering::SeqCst);
    for _ in 0..70 {
        assert_eq!(going.after(1).await, 1);
    }
    let jobs = going.server.store.jobs(&going.id).await.unwrap();
    let away = |job: &&Job| job.spec["reached"].get("far").is_none();
    let lacking = jobs.iter().filter(away).count();
    // The newest one came after the last look.
    assert_eq!((jobs.len() - lacking, lacking), (61, 3), "{jobs:?}");
    // Nothing was forgotten with them.
    going.has_all("near.load", 74).await;
    going.has_all("far.load", 74).await;
}

/// Draws as [`Counting`]; while it does, somebody closes the incident and gives it another title.
struct Meanwhile {
    store: Arc<dyn Store>,
    id: IncidentId,
    random: Counting,
}

impl Random for Meanwhile {
    fn fill(&self, buffer: &mut [u8]) -> std::io::Result<()> {
        tokio::task::block_in_place(|| {
            let (store, id) = (&self.store, &self.id);
            let handle = tokio::runtime::Handle::current();
            handle.block_on(async {
                let mut incident = store.incident(id).await.unwrap().unwrap();
                incident.state = IncidentState::Closed;
                incident.title = "It was the disk".into();
                store.update_incident(&incident).await.unwrap();
            });
        });
        self.random.fill(buffer)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_change_while_an_incident_is_renewed_stays() {
    let played = Played::new(POLLED);
    played.permits.add_permits(9_999);
    let going = Going::with(vec![played.configured("good")]).await;
    going.server.forward(60_000);
    let meanwhile = Meanwhile {
        store: going.server.store.clone(),
        id: going.id.clone(),
        random: Counting::from(1_000),
    };
    let renewed = live::renew(
        &*going.server.store,
        &*going.server.clock,
        &meanwhile,
        Freeze::default(),
        &going.registry,
    );
    assert_eq!(renewed.await.unwrap(), 1);
    going.work().await;
    let incident = going.incident().await;
    assert_eq!(incident.state, IncidentState::Closed);
    assert_eq!(incident.title, "It was the disk");
    assert_eq!(incident.window.end, at(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_incident_gets_its_margin_when_every_source_has_published_it() {
    let slow = Played::new(SourceFacts {
        clock: SourceClock {
            delay_s: 900,
            ..POLLED.clock
        },
        ..POLLED
    });
    slow.permits.add_permits(9_999);
    let going = Going::with(vec![slow.configured("trail")]).await;
    assert_eq!(going.after(10).await, 1);
    going.close().await;
    // An hour of margin and a quarter of publishing after minute 10.
    assert_eq!(going.after(74).await, 0, "not everything is published");
    assert_eq!(going.after(1).await, 1, "the last freeze");
    going.has_all("load", 70).await;
    let incident = going.incident().await;
    assert_eq!(incident.state, IncidentState::Closed);
    assert_eq!(incident.window.end, at(10), "the window is what it was");
    assert_eq!(going.after(1).await, 0, "once");
    assert_eq!(going.after(600).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_margin_that_was_cut_at_now_is_made_up_and_an_old_one_is_left() {
    let played = Played::new(POLLED);
    played.permits.add_permits(9_999);
    let going = Going::with(vec![played.configured("good")]).await;
    going.close().await;
    let backend = &going.server.state.backend;
    let request = OpenIncident {
        title: "Over".into(),
        start: at(-60),
        end: Some(at(-10)),
    };
    let opened = backend.open_incident(&Caller::LocalUser, request).await;
    going.work().await;
    let over = Going {
        id: opened.unwrap(),
        ..going
    };
    over.has_all("load", 0).await;
    assert_eq!(over.after(49).await, 0);
    assert_eq!(over.after(1).await, 1);
    over.has_all("load", 50).await;
    // The closed one is due ten minutes later; nobody ran for two days.
    assert_eq!(over.after(3 * 24 * 60).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_last_freeze_that_a_source_did_not_answer_is_made_again_an_hour_later() {
    let played = Played::new(POLLED);
    played.permits.add_permits(9_999);
    let going = Going::with(vec![played.configured("good")]).await;
    going.close().await;
    played.fails.store(true, Ordering::SeqCst);
    assert_eq!(going.after(60).await, 1);
    assert_eq!(going.after(59).await, 0);
    played.fails.store(false, Ordering::SeqCst);
    assert_eq!(going.after(1).await, 1);
    going.has_all("load", 60).await;
    assert_eq!(going.after(60).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_freeze_that_is_asked_for_twice_is_made_once() {
    let (going, near, _) = Going::with_two().await;
    going.close().await;
    let backend = &going.server.state.backend;
    let asked = near.asked_for.lock().unwrap().len();
    for _ in 0..2 {
        backend.freeze(&Caller::LocalUser, &going.id).await.unwrap();
    }
    going.work().await;
    assert_eq!(near.asked_for.lock().unwrap().len(), asked + 1);
    // One that is done is no reason not to ask again.
    backend.freeze(&Caller::LocalUser, &going.id).await.unwrap();
    going.work().await;
    assert_eq!(near.asked_for.lock().unwrap().len(), asked + 2);
}
