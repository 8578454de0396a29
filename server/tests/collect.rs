//! Sources followed live: into archives, with their state, over restarts, by one collector at a time;
//! and incidents made of what came.

mod going_on;
mod honest;

use crate::support::{Counting, TestClock, TestServer, at, stop};
use app::backend::{Caller, ExploreAsk, OpenIncident};
use async_trait::async_trait;
use model::{
    Batch, Event, EventKind, Gap, IncidentId, Provenance, Samples, Series, SeriesMeta, Timestamp,
    Window,
    incident::{IncidentState, JobState},
    source::{Follow, SourceClock, SourceFacts, SourceHealth, SourceStatus, Stamp},
};
use server::{
    clock::Clock,
    collect::Collector,
    config::{Config, Freeze, SourceEntry},
    jobs::{PullSpec, Sources},
    live,
    registry::{Configured, Opened, Registry, Settings},
};
use sources::source::{Keeper, Learned, Now, Progress, Source, SourceError, Watch};
use sqlx::Connection as _;
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};
use store::Store;
use tokio::sync::Semaphore;

const POLLED: SourceFacts = SourceFacts {
    kind: "double",
    title: "Double",
    needs: &[],
    clock: SourceClock {
        stamp: Stamp::PeriodStart,
        delay_s: 0,
        skew_s: 0,
        kept: &[],
    },
    follow: Follow::Poll {
        every_s: 0,
        again_s: 600,
    },
};

const WATCHED: SourceFacts = SourceFacts {
    kind: "watched",
    follow: Follow::Watch,
    ..POLLED
};

/// A source that a test plays: each question and each thing it tells takes a permit.
#[derive(Clone)]
struct Played {
    facts: SourceFacts,
    fails: Arc<AtomicBool>,
    asked: Arc<AtomicUsize>,
    asked_for: Arc<Mutex<Vec<Window>>>,
    permits: Arc<Semaphore>,
}

impl Played {
    fn new(facts: SourceFacts) -> Self {
        Self {
            facts,
            fails: Arc::default(),
            asked: Arc::default(),
            asked_for: Arc::default(),
            permits: Arc::new(Semaphore::new(0)),
        }
    }

    async fn permit(&self) {
        self.permits.acquire().await.unwrap().forget();
    }

    fn configured(&self, name: &str) -> Configured {
        let entry = SourceEntry::implied(name, self.facts.kind);
        Configured::new(entry, self.facts, Arc::new(self.clone()))
    }
}

#[async_trait]
impl Settings for Played {
    async fn open(&self) -> Result<Opened, SourceError> {
        Ok(match self.facts.follow {
            Follow::Watch => Opened::Watched(Box::new(self.clone())),
            _ => Opened::Asked(Box::new(self.clone())),
        })
    }
}

#[async_trait]
impl Source for Played {
    fn name(&self) -> &'static str {
        self.facts.kind
    }

    fn facts(&self) -> SourceFacts {
        self.facts
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
        self.permit().await;
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.asked_for.lock().unwrap().push(window);
        if self.fails.load(Ordering::SeqCst) {
            return Err(SourceError::RegionMissing { name: "double" });
        }
        let mut samples = Samples::default();
        let mut t = Timestamp::from_seconds((window.start.millis() / 60_000 + 1) * 60);
        while t < window.end {
            samples.push(t, 1.0);
            t = t.plus(60_000);
        }
        Ok(Batch {
            provenance: Provenance {
                source: self.facts.kind.into(),
                query: "everything".into(),
                asked_at: Some(now),
                window: Some(window),
                resolution_s: Some(60),
                gaps: vec![Gap {
                    what: "other".into(),
                    window: Some(window),
                    reason: "not listed".into(),
                }],
                series: vec!["load".into()],
                ..Provenance::default()
            },
            series: vec![Series {
                meta: SeriesMeta {
                    id: "load".into(),
                    name: "load".into(),
                    ..SeriesMeta::default()
                },
                samples,
            }],
            ..Batch::default()
        })
    }
}

#[async_trait]
impl Watch for Played {
    async fn watch(&self, keeper: &dyn Keeper, now: &Now) -> SourceError {
        let known = keeper.recall().await.unwrap();
        let mut next = known.len();
        keeper.report("pods", Ok("listed".into()));
        loop {
            self.permit().await;
            let id = format!("e{next}");
            let event = Event {
                id: id.clone(),
                kind: EventKind::Rollout,
                start: Some(now()),
                title: id.clone(),
                ..Event::default()
            };
            let learned = Learned {
                batch: Batch {
                    provenance: Provenance {
                        source: "watched".into(),
                        query: "pods".into(),
                        asked_at: Some(now()),
                        events: 1,
                        ..Provenance::default()
                    },
                    events: vec![event],
                    ..Batch::default()
                },
                memory: vec![(id, Some("seen".into()))],
            };
            keeper.keep(learned).await.unwrap();
            next += 1;
            self.asked.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// The registry of a test as the jobs see it.
struct Known(Arc<Registry>);

#[async_trait]
impl Sources for Known {
    async fn open(&self, _: &PullSpec) -> Box<dyn Source> {
        unreachable!("no pull of this test names a file system")
    }

    fn registry(&self) -> Arc<Registry> {
        self.0.clone()
    }
}

async fn server(sources: Vec<Configured>) -> (TestServer, Arc<Registry>) {
    let registry = Arc::new(Registry::with(sources));
    let known = Arc::new(Known(registry.clone()));
    (
        TestServer::with_sources(known, &Config::default()).await,
        registry,
    )
}

fn collector(server: &TestServer, registry: &Arc<Registry>, holder: &str) -> Collector {
    let clock: Arc<dyn Clock> = server.clock.clone();
    Collector::new(server.store.clone(), clock, registry.clone(), holder.into())
}

/// Waits for what another task does; fails after a time that no machine needs.
async fn until<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    let looking = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), looking)
        .await
        .unwrap_or_else(|_| panic!("never seen: {what}"))
}

async fn status(store: &dyn Store, name: &str, health: SourceHealth) -> SourceStatus {
    until("a state", async || {
        let all = store.statuses().await.unwrap();
        all.into_iter()
            .find(|s| s.name == name && s.health == health)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_polled_source_is_backfilled_and_followed() {
    let played = Played::new(POLLED);
    let (server, registry) = server(vec![played.configured("prod")]).await;
    let following = tokio::spawn(collector(&server, &registry, "a").run());
    // Three days of backfill in steps of one, and a question more.
    played.permits.add_permits(4);
    until("four questions", async || {
        (played.asked.load(Ordering::SeqCst) == 4).then_some(())
    })
    .await;
    let archive = server.store.archive("prod").await.unwrap();
    let window = Window {
        start: at(0).plus(-3 * 86_400_000),
        end: at(0),
    };
    let samples = until("all samples", async || {
        let samples = server.store.samples(&archive, "load", window).await.ok()?;
        (samples.len() == 3 * 1_440 - 1).then_some(samples)
    })
    .await;
    assert_eq!(samples.span().unwrap().1, at(-1));
    let state = status(&*server.store, "prod", SourceHealth::Partial).await;
    assert_eq!(state.succeeded_at, Some(at(0)));
    assert!(state.message.contains("1 series"), "{}", state.message);
    assert_eq!(state.gaps[0].reason, "not listed");
    stop(following).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_fails_says_so_and_stays() {
    let played = Played {
        fails: Arc::new(AtomicBool::new(true)),
        ..Played::new(POLLED)
    };
    let (server, registry) = server(vec![played.configured("prod")]).await;
    let following = tokio::spawn(collector(&server, &registry, "a").run());
    played.permits.add_permits(1);
    let state = status(&*server.store, "prod", SourceHealth::Failing).await;
    assert!(state.message.contains("region"), "{}", state.message);
    assert_eq!(state.succeeded_at, None);
    assert!(!following.is_finished());
    stop(following).await;
}

/// Lets every new event fail as a full disk does: SQLite says "full" as well where a table has no
/// numbers for its rows left.
const FILL: &str = "CREATE TABLE filled (id INTEGER PRIMARY KEY AUTOINCREMENT);
    INSERT INTO filled VALUES (9223372036854775807);
    CREATE TRIGGER full BEFORE INSERT ON events BEGIN INSERT INTO filled VALUES (NULL); END";

async fn meddle(url: &str, sql: &'static str) {
    let mut database = sqlx::SqliteConnection::connect(url).await.unwrap();
    sqlx::raw_sql(sql).execute(&mut database).await.unwrap();
    database.close().await.unwrap();
}

#[tokio::test]
async fn a_full_disk_stops_collecting_says_so_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("lineup.db").display());
    let store = store::open(&url).await.unwrap();
    let played = Played::new(WATCHED);
    let registry = Arc::new(Registry::with(vec![played.configured("cluster")]));
    let clock = Arc::new(TestClock::default());
    clock.0.store(at(0).millis(), Ordering::Relaxed);
    let following = Collector::new(store.clone(), clock, registry, "a".into());
    let following = tokio::spawn(following.run());
    status(&*store, "cluster", SourceHealth::Good).await;
    meddle(&url, FILL).await;
    played.permits.add_permits(1);
    let stopped = status(&*store, "cluster", SourceHealth::Stopped).await;
    assert!(
        stopped.message.contains("disk") && stopped.message.contains("make room"),
        "{}",
        stopped.message
    );
    let archive = store.archive("cluster").await.unwrap();
    let all = Window {
        start: at(-60),
        end: at(60),
    };
    let kept = store.evidence_between(&archive, all).await.unwrap();
    assert_eq!(kept.events, []);
    assert_eq!(store.recall(&archive).await.unwrap(), []);
    // There is room again: what was learned meanwhile is kept, without a start anew.
    meddle(&url, "DROP TRIGGER full").await;
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(21)).await;
    tokio::time::resume();
    until("what was learned", async || {
        (played.asked.load(Ordering::SeqCst) == 1).then_some(())
    })
    .await;
    let kept = store.evidence_between(&archive, all).await.unwrap();
    assert_eq!(kept.events.len(), 1);
    assert_eq!(store.recall(&archive).await.unwrap().len(), 1);
    // It is not said to have stopped any more.
    pass(3).await;
    status(&*store, "cluster", SourceHealth::Good).await;
    stop(following).await;
}

/// Lets every write of a collector fail as a full disk does.
const FILL_ALL: &str = "CREATE TABLE filled (id INTEGER PRIMARY KEY AUTOINCREMENT);
    INSERT INTO filled VALUES (9223372036854775807);
    CREATE TRIGGER full BEFORE INSERT ON events BEGIN INSERT INTO filled VALUES (NULL); END;
    CREATE TRIGGER full_of_states BEFORE INSERT ON source_states
    BEGIN INSERT INTO filled VALUES (NULL); END;
    CREATE TRIGGER full_of_leases BEFORE INSERT ON leases
    BEGIN INSERT INTO filled VALUES (NULL); END";
const MAKE_ROOM: &str =
    "DROP TRIGGER full; DROP TRIGGER full_of_states; DROP TRIGGER full_of_leases";

/// Lets the time of the tasks pass.
async fn pass(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}

#[tokio::test]
async fn a_full_disk_is_said_though_the_database_cannot_take_it_and_is_over_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("lineup.db").display());
    let store = store::open(&url).await.unwrap();
    let played = Played::new(WATCHED);
    let registry = Arc::new(Registry::with(vec![played.configured("cluster")]));
    let clock = Arc::new(TestClock::default());
    clock.0.store(at(0).millis(), Ordering::Relaxed);
    let following = Collector::new(store.clone(), clock.clone(), registry.clone(), "a".into());
    let following = tokio::spawn(following.run());
    status(&*store, "cluster", SourceHealth::Good).await;
    meddle(&url, FILL_ALL).await;
    played.permits.add_permits(1);
    let stopped = status(&*store, "cluster", SourceHealth::Stopped).await;
    assert!(stopped.message.contains("make room"), "{stopped:?}");
    // So long that the lease, which cannot be prolonged either, is lost.
    clock.0.fetch_add(120_000, Ordering::Relaxed);
    pass(16).await;
    let stopped = until("that it is still so", async || {
        let all = store.statuses().await.unwrap();
        all.into_iter().find(|s| s.tried_at == Some(at(2)))
    })
    .await;
    assert_eq!(stopped.health, SourceHealth::Stopped);
    // Another process has only what was written.
    let other = store::open(&url).await.unwrap();
    status(&*other, "cluster", SourceHealth::Good).await;
    meddle(&url, MAKE_ROOM).await;
    pass(21).await;
    status(&*store, "cluster", SourceHealth::Good).await;
    pass(21).await;
    let written = until("the state of now", async || {
        let all = other.statuses().await.unwrap();
        all.into_iter().find(|s| s.tried_at == Some(at(2)))
    })
    .await;
    assert_eq!(written.health, SourceHealth::Good);
    played.permits.add_permits(1);
    until("what is told now", async || {
        (played.asked.load(Ordering::SeqCst) == 1).then_some(())
    })
    .await;
    stop(following).await;
}

#[tokio::test]
async fn a_collector_that_starts_on_a_full_disk_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("lineup.db").display());
    let store = store::open(&url).await.unwrap();
    meddle(&url, FILL_ALL).await;
    let played = Played::new(POLLED);
    played.permits.add_permits(99);
    let registry = Arc::new(Registry::with(vec![played.configured("prod")]));
    let clock = Arc::new(TestClock::default());
    clock.0.store(at(0).millis(), Ordering::Relaxed);
    let following = Collector::new(store.clone(), clock, registry, "a".into());
    let following = tokio::spawn(following.run());
    let stopped = status(&*store, "prod", SourceHealth::Stopped).await;
    assert!(stopped.message.contains("make room"), "{stopped:?}");
    assert_eq!(stopped.succeeded_at, None);
    meddle(&url, MAKE_ROOM).await;
    pass(21).await;
    let going = status(&*store, "prod", SourceHealth::Partial).await;
    assert_eq!(going.succeeded_at, Some(at(0)));
    stop(following).await;
}

/// What a collector works with, on a file: a task that is aborted in the middle of a transaction may
/// take a database in memory along.
struct Apart {
    _folder: tempfile::TempDir,
    store: Arc<dyn Store>,
    clock: Arc<TestClock>,
    registry: Arc<Registry>,
}

impl Apart {
    async fn with(sources: Vec<Configured>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("lineup.db").display());
        let clock = Arc::new(TestClock::default());
        clock.0.store(at(0).millis(), Ordering::Relaxed);
        Self {
            store: store::open(&url).await.unwrap(),
            _folder: folder,
            clock,
            registry: Arc::new(Registry::with(sources)),
        }
    }

    fn collector(&self, holder: &str) -> Collector {
        Collector::new(
            self.store.clone(),
            self.clock.clone(),
            self.registry.clone(),
            holder.into(),
        )
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_is_given_back_is_free_at_once() {
    let played = Played::new(WATCHED);
    let apart = Apart::with(vec![played.configured("cluster")]).await;
    let first = apart.collector("a");
    let following = tokio::spawn(first.clone().run());
    status(&*apart.store, "cluster", SourceHealth::Good).await;
    stop(following).await;
    first.release().await;
    // At the very same moment: the second takes the lease at its first try, or not before its turn.
    let second = tokio::spawn(apart.collector("b").run());
    // One for each of those who may still be listening for an instant.
    played.permits.add_permits(2);
    let works = until("the second works", async || {
        (played.asked.load(Ordering::SeqCst) >= 1).then_some(())
    });
    let in_time = tokio::time::timeout(Duration::from_secs(15), works).await;
    in_time.expect("it stood by");
    stop(second).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_goes_on_after_a_restart_from_what_it_remembers() {
    let played = Played::new(WATCHED);
    let apart = Apart::with(vec![played.configured("cluster")]).await;
    let told = async |n: usize| {
        played.permits.add_permits(1);
        until("something told", async || {
            (played.asked.load(Ordering::SeqCst) == n).then_some(())
        })
        .await;
    };
    let first = tokio::spawn(apart.collector("a").run());
    told(1).await;
    told(2).await;
    stop(first).await;
    // The lease of the process that died has run out.
    apart.clock.0.fetch_add(120_000, Ordering::Relaxed);
    let second = tokio::spawn(apart.collector("b").run());
    told(3).await;
    let archive = apart.store.archive("cluster").await.unwrap();
    let memory = apart.store.recall(&archive).await.unwrap();
    assert_eq!(memory.len(), 3, "nothing twice: {memory:?}");
    let state = status(&*apart.store, "cluster", SourceHealth::Good).await;
    assert_eq!(state.message, "pods: listed");
    stop(second).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_collector_stands_by() {
    let played = Played::new(WATCHED);
    let (server, registry) = server(vec![played.configured("cluster")]).await;
    let first = tokio::spawn(collector(&server, &registry, "a").run());
    played.permits.add_permits(1);
    until("the first has it", async || {
        (played.asked.load(Ordering::SeqCst) == 1).then_some(())
    })
    .await;
    let now = at(0);
    let taken = server
        .store
        .hold_lease("source:cluster", "b", now, now.plus(1))
        .await
        .unwrap();
    assert!(!taken, "the first holds the lease");
    let later = now.plus(3_600_000);
    let taken = server
        .store
        .hold_lease("source:cluster", "b", later, later.plus(1))
        .await
        .unwrap();
    assert!(taken, "a lease that has run out is free");
    stop(first).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_is_frozen_from_every_source_and_names_the_one_that_failed() {
    let good = Played::new(POLLED);
    let bad = Played {
        fails: Arc::new(AtomicBool::new(true)),
        ..Played::new(SourceFacts {
            kind: "other",
            ..POLLED
        })
    };
    let (server, _) = server(vec![good.configured("good"), bad.configured("bad")]).await;
    good.permits.add_permits(9);
    bad.permits.add_permits(9);
    let id = server
        .state
        .backend
        .open_incident(
            &Caller::LocalUser,
            OpenIncident {
                title: "Slow".into(),
                start: at(-600),
                end: None,
            },
        )
        .await
        .unwrap();
    assert!(server.worker.run_one(at(-1)).await.unwrap());
    let job = server.store.jobs(&id).await.unwrap().remove(0);
    assert_eq!(job.state, JobState::Done);
    assert!(
        job.missing
            .iter()
            .any(|m| m.contains("bad: ") && m.contains("region")),
        "{:?}",
        job.missing
    );
    let case = server
        .state
        .backend
        .case(&Caller::LocalUser, &id)
        .await
        .unwrap();
    let names: Vec<_> = case.coverage.iter().map(|c| c.source.as_str()).collect();
    assert_eq!(names, ["bad", "good"]);
    assert_eq!((case.coverage[0].span, case.coverage[1].series), (None, 1));
    // The margin before the window came too.
    let first = case.evidence.series[0].samples.span().unwrap().0;
    assert!(first <= at(-600 - 23 * 60), "{first}");
    assert!(case.incident.live);
    assert_eq!(case.incident.state, IncidentState::Open);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_incident_grows_until_it_is_closed() {
    let good = Played::new(POLLED);
    let (server, registry) = server(vec![good.configured("good")]).await;
    good.permits.add_permits(99);
    let backend = server.state.backend.clone();
    let request = OpenIncident {
        title: "Slow".into(),
        start: at(-60),
        end: None,
    };
    let who = Caller::LocalUser;
    let id = backend.open_incident(&who, request).await.unwrap();
    server.worker.run_one(at(-1)).await.unwrap();
    server.forward(10 * 60_000);
    let renew = async || {
        live::renew(
            &*server.store,
            &*server.clock,
            &Counting::default(),
            Freeze::default(),
            &registry,
        )
        .await
    };
    assert_eq!(renew().await.unwrap(), 1);
    assert_eq!(renew().await.unwrap(), 0, "one freeze is under way");
    server.worker.run_one(at(-1)).await.unwrap();
    let case = backend.case(&who, &id).await.unwrap();
    assert_eq!(case.incident.window.end, at(10));
    let last = case.evidence.series[0].samples.span().unwrap().1;
    assert_eq!(last, at(9));
    backend.set_closed(&who, &id, true).await.unwrap();
    server.forward(10 * 60_000);
    assert_eq!(renew().await.unwrap(), 0, "a closed incident is left alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_live_sources_can_be_looked_at_before_there_is_an_incident() {
    let (server, _) = server(Vec::new()).await;
    let who = Caller::LocalUser;
    let ask = || ExploreAsk {
        window: None,
        words: String::new(),
    };
    let empty = server.state.backend.explore(&who, ask()).await.unwrap();
    assert!(empty.sources.is_empty());
    let archive: IncidentId = server.store.archive("hooks").await.unwrap();
    let event = |id: &str, minute: i64| Event {
        id: id.into(),
        kind: EventKind::Rollout,
        start: Some(at(minute)),
        title: format!("rollout of {id}"),
        ..Event::default()
    };
    let batch = Batch {
        provenance: Provenance {
            source: "hooks".into(),
            query: "POST /hooks/events".into(),
            asked_at: Some(at(0)),
            ..Provenance::default()
        },
        events: vec![
            event("shop", -30),
            event("blog", -20),
            event("old", -10_000),
        ],
        ..Batch::default()
    };
    server.store.record(&archive, &batch, &[]).await.unwrap();
    let seen = server.state.backend.explore(&who, ask()).await.unwrap();
    assert_eq!((seen.events, seen.sources.len()), (2, 1));
    let words = ExploreAsk {
        words: "SHOP".into(),
        ..ask()
    };
    let seen = server.state.backend.explore(&who, words).await.unwrap();
    assert_eq!(seen.case.evidence.events.len(), 1);
    let overview = server.state.backend.overview(&who).await.unwrap();
    assert_eq!(overview.rollouts.len(), 2, "the dashboard is live");
    assert!(overview.incidents.is_empty());
}

/// A program of the test: ends with it.
struct Program(std::process::Child);

impl Drop for Program {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(unix)]
#[tokio::test]
async fn serve_gives_its_leases_back_when_it_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("lineup.toml");
    // Nobody listens there; the lease is held all the same.
    let source = "[[source]]\nname = \"prom\"\nkind = \"prometheus\"\nurl = \"http://127.0.0.1:9\"\n\
                  queries = [{ id = \"up\", query = \"up\" }]\n";
    std::fs::write(&config, source).unwrap();
    let url = format!("sqlite://{}", folder.path().join("lineup.db").display());
    store::open(&url).await.unwrap().close().await;
    let start = |args: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_lineup"));
        let command = command.args(args).arg("--config").arg(&config);
        let command = command.args(["--database", &url]);
        let quiet = command.stdout(std::process::Stdio::null());
        Program(quiet.spawn().unwrap())
    };
    let leases = async || {
        let mut database = sqlx::SqliteConnection::connect(&url).await.unwrap();
        let held: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM leases")
            .fetch_one(&mut database)
            .await
            .unwrap();
        database.close().await.unwrap();
        held
    };
    for args in [&["serve", "--listen", "127.0.0.1:0"][..], &["collect"]] {
        let mut program = start(args);
        until("the lease", async || (leases().await == 1).then_some(())).await;
        let pid = program.0.id().to_string();
        let asked = std::process::Command::new("kill")
            .args(["-TERM", &pid])
            .status();
        assert!(asked.unwrap().success());
        let ended = tokio::task::spawn_blocking(move || program.0.wait()).await;
        assert!(ended.unwrap().unwrap().success(), "{args:?}");
        assert_eq!(leases().await, 0, "{args:?}");
    }
}
