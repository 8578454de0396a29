//! Polled sources: what comes late is had, what nobody asked about is a gap, and an incident that goes
//! on stays small.

use super::{POLLED, Played, collector, server, until};
use crate::support::{Counting, at, stop};
use app::backend::{Caller, ExploreAsk, OpenIncident, WhyNotShown};
use async_trait::async_trait;
use model::{
    Batch, Provenance, Samples, Series, SeriesMeta, Timestamp, Window,
    source::{SourceFacts, SourceStatus},
    time::{DAY, HOUR, MINUTE},
};
use server::{
    config::{Freeze, SourceEntry},
    live,
    random::Random as _,
    registry::{Configured, Opened, Settings},
};
use sources::source::{Progress, Source, SourceError};
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};
use tokio::sync::Semaphore;

/// How far behind the others `slow` is published.
const BEHIND: i64 = 40 * MINUTE;

/// A source with one series in time, one that lags, and a sample that each answer corrects until half an
/// hour after it was published; each question takes a permit.
#[derive(Clone)]
struct Late {
    asked: Arc<AtomicUsize>,
    permits: Arc<Semaphore>,
}

fn corrected() -> Timestamp {
    at(-2)
}

#[async_trait]
impl Settings for Late {
    async fn open(&self) -> Result<Opened, SourceError> {
        Ok(Opened::Asked(Box::new(self.clone())))
    }
}

#[async_trait]
impl Source for Late {
    fn name(&self) -> &'static str {
        POLLED.kind
    }

    fn facts(&self) -> SourceFacts {
        POLLED
    }

    async fn check(&self) -> Result<String, SourceError> {
        Ok("there".into())
    }

    async fn pull(
        &self,
        window: Window,
        now: Timestamp,
        _: &dyn Progress,
    ) -> Result<Batch, SourceError> {
        self.permits.acquire().await.unwrap().forget();
        let answers = self.asked.fetch_add(1, Ordering::SeqCst);
        let value = |t: Timestamp| match t == corrected() {
            true if now.since(t) < 30 * MINUTE => answers as f64,
            true => -1.0,
            false => 1.0,
        };
        let of = |id: &str, published: Timestamp| {
            let mut samples = Samples::default();
            let mut t = window.start.plus(MINUTE - 1).floor_to(MINUTE);
            while t < window.end.min(published) {
                samples.push(t, value(t));
                t = t.plus(MINUTE);
            }
            Series {
                meta: SeriesMeta {
                    id: id.into(),
                    name: id.into(),
                    ..SeriesMeta::default()
                },
                samples,
            }
        };
        let series = vec![of("fast", now), of("slow", now.plus(-BEHIND))];
        Ok(Batch {
            provenance: Provenance {
                source: POLLED.kind.into(),
                query: format!("from {} to {}", window.start, window.end),
                asked_at: Some(now),
                window: Some(window),
                series: series.iter().map(|s| s.meta.id.clone()).collect(),
                ..Provenance::default()
            },
            series,
            ..Batch::default()
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_lags_and_whatever_is_corrected_is_asked_again_until_it_is_had() {
    let late = Late {
        asked: Arc::default(),
        permits: Arc::new(Semaphore::new(0)),
    };
    let entry = SourceEntry::implied("prod", POLLED.kind);
    let configured = Configured::new(entry, POLLED, Arc::new(late.clone()));
    let (server, registry) = server(vec![configured]).await;
    let following = tokio::spawn(collector(&server, &registry, "a").run());
    let asked = async |n: usize| {
        until("a question", async || {
            (late.asked.load(Ordering::SeqCst) == n).then_some(())
        })
        .await;
    };
    // Three days of backfill, then an hour of polls.
    late.permits.add_permits(3);
    asked(3).await;
    for minute in 1..=60 {
        server.forward(MINUTE);
        // Whoever waits for a permit asked with the time before: two, so that one has this minute.
        late.permits.add_permits(2);
        asked(3 + 2 * minute).await;
    }
    let archive = server.store.archive("prod").await.unwrap();
    let window = Window {
        start: at(-120),
        end: at(60),
    };
    let read = async |id: &str| server.store.samples(&archive, id, window).await.unwrap();
    let expected = 120 + 60 - 40 - 12;
    let slow = until("what came late", async || {
        let slow = read("slow").await;
        (slow.len() >= expected).then_some(slow)
    })
    .await;
    let (first, last) = slow.span().unwrap();
    let minutes = usize::try_from(last.since(first) / MINUTE + 1).unwrap();
    assert_eq!(slow.len(), minutes, "no hole");
    let fast = read("fast").await;
    assert_eq!(fast.value_at(corrected(), 0), Some(-1.0), "the last word");
    // Each poll names its window; all of them are one question.
    let kept = server
        .store
        .evidence_between(&archive, window)
        .await
        .unwrap();
    assert_eq!(kept.provenance.len(), 1);
    stop(following).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_asked_about_is_a_gap() {
    let played = Played::new(POLLED);
    let (server, registry) = server(vec![played.configured("prod")]).await;
    let known = at(0).plus(-10 * DAY);
    server
        .store
        .put_status(&SourceStatus {
            name: "prod".into(),
            kind: POLLED.kind.into(),
            newest: Some(known),
            ..SourceStatus::default()
        })
        .await
        .unwrap();
    let following = tokio::spawn(collector(&server, &registry, "a").run());
    played.permits.add_permits(3);
    let skipped = Window {
        start: known,
        end: at(0).plus(-72 * HOUR),
    };
    let archive = server.store.archive("prod").await.unwrap();
    let wide = Window {
        start: at(0).plus(-20 * DAY),
        end: at(0),
    };
    let gap = until("the gap", async || {
        let kept = server.store.evidence_between(&archive, wide).await.ok()?;
        let gaps = kept.provenance.into_iter().flat_map(|p| p.gaps);
        gaps.into_iter().find(|gap| gap.window == Some(skipped))
    })
    .await;
    assert!(
        gap.reason.starts_with("not asked: ") && gap.reason.contains("backfill_hours = 72"),
        "{}",
        gap.reason
    );
    until("the gap among the source's own", async || {
        let all = server.store.statuses().await.unwrap();
        all.iter().any(|s| s.gaps.contains(&gap)).then_some(())
    })
    .await;
    until("three days", async || {
        (played.asked.load(Ordering::SeqCst) == 3).then_some(())
    })
    .await;
    // Whoever looks at that window is told.
    let explored = async |start: Timestamp| {
        let window = Some(Window {
            start,
            end: start.plus(DAY),
        });
        let ask = ExploreAsk {
            window,
            words: "load".into(),
        };
        let backend = &server.state.backend;
        backend.explore(&Caller::LocalUser, ask).await.unwrap()
    };
    let seen = explored(known).await;
    let reasons: Vec<_> = seen.case.coverage[0]
        .gaps
        .iter()
        .map(|g| &g.reason)
        .collect();
    assert_eq!(reasons, [&gap.reason], "{:?}", seen.case.coverage);
    let WhyNotShown::Before(first) = seen.not_shown[0].why else {
        panic!("{:?}", seen.not_shown);
    };
    assert!(first >= skipped.end, "{first}");
    assert_eq!(explored(at(0).plus(-2 * DAY)).await.not_shown, []);
    stop(following).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_incident_says_of_each_source_one_thing() {
    let good = Played::new(POLLED);
    let gone = Played {
        fails: Arc::new(AtomicBool::new(true)),
        ..Played::new(SourceFacts {
            kind: "other",
            ..POLLED
        })
    };
    let (server, registry) = server(vec![good.configured("good"), gone.configured("gone")]).await;
    good.permits.add_permits(99);
    gone.permits.add_permits(99);
    let (backend, who) = (server.state.backend.clone(), Caller::LocalUser);
    let request = OpenIncident {
        title: "Slow".into(),
        start: at(-60),
        end: None,
    };
    let id = backend.open_incident(&who, request).await.unwrap();
    server.worker.run_one(at(-1)).await.unwrap();
    let ids = Counting::default();
    for _ in 0..1_000 {
        // The server draws ids of its own, from the first on.
        ids.fill(&mut [0]).unwrap();
    }
    for _ in 0..9 {
        server.forward(MINUTE);
        let margin = Freeze::default();
        live::renew(&*server.store, &*server.clock, &ids, margin, &registry)
            .await
            .unwrap();
        server.worker.run_one(at(-1)).await.unwrap();
    }
    let case = backend.case(&who, &id).await.unwrap();
    let queries: Vec<_> = case.evidence.provenance.iter().map(|p| &p.query).collect();
    assert_eq!(queries.len(), 2, "{queries:?}");
    let good = &case.coverage[1];
    assert_eq!((good.source.as_str(), good.series), ("good", 1));
    for row in &case.coverage {
        assert_eq!(row.gaps.len(), 1, "{:?}", row.gaps);
        assert_eq!(row.gaps[0].window.unwrap().end, at(9));
    }
    // Sources that nobody follows have an archive of nothing, and Explore says so.
    let ask = ExploreAsk::default();
    let seen = backend.explore(&who, ask).await.unwrap();
    let names: Vec<_> = seen.not_shown.iter().map(|n| n.source.as_str()).collect();
    assert_eq!(names, ["good", "gone"]);
}
