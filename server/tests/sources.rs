//! What people ask of the configured sources: a test of one, a search for its metrics, a pull of some;
//! and how much of what was collected is kept.

use crate::support::{TestServer, at, stop};
use app::{
    ApiError,
    backend::{Caller, MetricAsk, PullMetrics},
};
use async_trait::async_trait;
use model::{
    Batch, Event, Incident, IncidentId, Provenance, Samples, Series, SeriesMeta, Timestamp, Window,
    incident::{IncidentState, JobState},
    source::{Follow, SourceClock, SourceFacts, SourceHealth, SourceStatus, Stamp},
    time::DAY,
};
use server::{
    collect,
    config::{
        Config, SourceEntry,
        hooks::{HookToken, Hooks},
    },
    jobs::{PullSpec, Sources, Worker},
    registry::{Configured, Listed, Opened, Registry, Settings},
};
use sources::source::{Progress, Source, SourceError};
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

const FACTS: SourceFacts = SourceFacts {
    kind: "shop",
    title: "Shop",
    needs: &[],
    clock: SourceClock {
        stamp: Stamp::PeriodStart,
        delay_s: 0,
        skew_s: 0,
        kept: &[],
    },
    follow: Follow::Never,
};

/// A source that lists metrics, each of which costs two cents; away where the test says so.
#[derive(Clone, Default)]
struct Shop {
    metrics: Vec<String>,
    chosen: Vec<String>,
    away: Arc<AtomicBool>,
    silent: bool,
}

impl Shop {
    fn with(n: usize) -> Self {
        Self {
            metrics: (0..n).map(|i| format!("requests{i}")).collect(),
            ..Self::default()
        }
    }

    fn answer<T>(&self, answer: T) -> Result<T, SourceError> {
        if self.away.load(Ordering::SeqCst) {
            return Err(SourceError::RegionMissing { name: "shop" });
        }
        Ok(answer)
    }

    fn configured(&self, name: &str) -> Configured {
        let entry = SourceEntry::implied(name, FACTS.kind);
        Configured::new(entry, FACTS, Arc::new(self.clone()))
    }
}

#[async_trait]
impl Settings for Shop {
    async fn open(&self) -> Result<Opened, SourceError> {
        Ok(Opened::Asked(Box::new(self.clone())))
    }

    async fn search(&self, text: &str, most: usize) -> Option<Result<Vec<Listed>, SourceError>> {
        let found = self.metrics.iter().filter(|m| m.contains(text)).take(most);
        let listed = |m: &String| Listed {
            choice: m.clone(),
            name: m.to_uppercase(),
            about: "Shop/Web".into(),
        };
        Some(self.answer(found.map(listed).collect()))
    }

    fn choose(
        &self,
        choices: &[String],
        statistics: &[String],
    ) -> Result<Arc<dyn Settings>, String> {
        if choices.is_empty() || choices.iter().any(|c| !self.metrics.contains(c)) {
            return Err("a choice is no metric of this shop".into());
        }
        let stats: Vec<String> = if statistics.is_empty() {
            vec!["Average".into()]
        } else {
            statistics.to_vec()
        };
        let each = |c: &String| stats.iter().map(|s| format!("{c}.{s}")).collect::<Vec<_>>();
        Ok(Arc::new(Self {
            chosen: choices.iter().flat_map(each).collect(),
            ..self.clone()
        }))
    }

    fn estimate(&self, _: Window, _: Timestamp) -> Option<f64> {
        Some(0.02 * self.chosen.len() as f64)
    }

    fn per_month(&self, _: Timestamp) -> Option<f64> {
        Some(1.5)
    }

    fn searchable(&self) -> bool {
        true
    }

    fn search_usd(&self) -> Option<f64> {
        Some(0.03)
    }
}

#[async_trait]
impl Source for Shop {
    fn name(&self) -> &'static str {
        FACTS.kind
    }

    fn facts(&self) -> SourceFacts {
        FACTS
    }

    async fn check(&self) -> Result<String, SourceError> {
        if self.silent {
            return std::future::pending().await;
        }
        self.answer(format!("{} metrics", self.metrics.len()))
    }

    async fn pull(
        &self,
        window: Window,
        now: Timestamp,
        _: &dyn Progress,
    ) -> Result<Batch, SourceError> {
        let series = self.chosen.iter().map(|id| Series {
            meta: SeriesMeta {
                id: id.clone(),
                name: id.clone(),
                ..SeriesMeta::default()
            },
            samples: Samples::from_unordered(vec![(window.start, 1.0)]),
        });
        self.answer(Batch {
            provenance: Provenance {
                source: FACTS.kind.into(),
                query: "chosen".into(),
                asked_at: Some(now),
                window: Some(window),
                series: self.chosen.clone(),
                ..Provenance::default()
            },
            series: series.collect(),
            ..Batch::default()
        })
    }
}

/// A source that has nothing to search.
struct Plain;

#[async_trait]
impl Settings for Plain {
    async fn open(&self) -> Result<Opened, SourceError> {
        Ok(Opened::Asked(Box::new(Shop::default())))
    }
}

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

async fn server(sources: Vec<Configured>, config: &Config) -> TestServer {
    let known = Known(Arc::new(Registry::with(sources)));
    TestServer::with_sources(Arc::new(known), config).await
}

const WHO: Caller = Caller::LocalUser;

async fn state(server: &TestServer, name: &str) -> SourceStatus {
    let all = server.store.statuses().await.unwrap();
    all.into_iter().find(|s| s.name == name).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_says_what_the_source_says_and_is_remembered() {
    let shop = Shop::with(3);
    let server = server(vec![shop.configured("web")], &Config::default()).await;
    let backend = &server.state.backend;
    let said = backend.test_source(&WHO, "web").await.unwrap();
    assert_eq!(said, "3 metrics");
    let good = state(&server, "web").await;
    assert_eq!(
        (good.health, good.tried_at, good.succeeded_at),
        (SourceHealth::Good, Some(at(0)), Some(at(0)))
    );
    assert_eq!(
        (good.kind.as_str(), good.message.as_str()),
        ("shop", "3 metrics")
    );

    server.forward(60_000);
    shop.away.store(true, Ordering::SeqCst);
    let said = backend.test_source(&WHO, "web").await.unwrap();
    assert!(said.contains("region"), "{said}");
    let failing = state(&server, "web").await;
    assert_eq!(
        (failing.health, failing.tried_at, failing.succeeded_at),
        (SourceHealth::Failing, Some(at(1)), Some(at(0)))
    );
    let (status, page) = server.get("/sources").await;
    assert_eq!(status, 200);
    assert!(
        page.contains("failing") && page.contains("region"),
        "{page}"
    );
    let unknown = backend.test_source(&WHO, "other").await;
    assert!(matches!(unknown, Err(ApiError::NotFound)), "{unknown:?}");
    assert_eq!(server.store.statuses().await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_does_not_hide_that_collecting_stopped() {
    let server = server(vec![Shop::with(3).configured("web")], &Config::default()).await;
    let stopped = SourceStatus {
        name: "web".into(),
        health: SourceHealth::Stopped,
        message: "the disk is full".into(),
        ..SourceStatus::default()
    };
    server.store.say_status(&stopped);
    let said = server.state.backend.test_source(&WHO, "web").await.unwrap();
    assert_eq!(said, "3 metrics");
    assert_eq!(state(&server, "web").await, stopped);
}

#[tokio::test(start_paused = true)]
async fn a_source_that_never_answers_its_test_is_not_waited_for() {
    let shop = Shop {
        silent: true,
        ..Shop::with(1)
    };
    let before = tokio::time::Instant::now();
    let said = collect::check(&shop.configured("web")).await.unwrap_err();
    assert_eq!(before.elapsed().as_secs(), 30);
    assert!(said.contains("no answer within 30 s"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_found_by_text_with_their_price() {
    let shop = Shop::with(250);
    let plain = SourceEntry::implied("plain", FACTS.kind);
    let plain = Configured::new(plain, FACTS, Arc::new(Plain));
    let server = server(vec![shop.configured("web"), plain], &Config::default()).await;
    let find = async |source: &str, text: &str| {
        let ask = MetricAsk {
            source: source.into(),
            text: text.into(),
        };
        server.state.backend.find_metrics(&WHO, ask).await
    };
    let all = find("web", "").await.unwrap();
    assert_eq!((all.rows.len(), all.more), (200, true));
    let some = find("web", "s24").await.unwrap();
    assert_eq!((some.rows.len(), some.more), (11, false));
    assert_eq!(some.rows[0].name, "REQUESTS24");
    assert_eq!(some.rows[0].about, "Shop/Web");
    let price = some.price.unwrap();
    assert_eq!((price.usd, price.usd_per_month), (0.02, 1.5));
    assert_eq!(some.search_usd, Some(0.03));
    let none = find("web", "nothing").await.unwrap();
    assert_eq!((none.rows.len(), none.price), (0, None));
    let (status, page) = server.get("/sources/web/metrics?text=s24").await;
    assert_eq!(status, 200);
    assert!(
        page.contains("REQUESTS249") && !page.contains("REQUESTS99"),
        "{page}"
    );
    // Said where it is made, and where the link to it is.
    let (_, sources) = server.get("/sources").await;
    for page in [page, sources] {
        let said = ">Each search costs about 0.03 US dollars.<";
        assert_eq!(page.matches(said).count(), 1, "{page}");
    }

    let unsearchable = find("plain", "").await.unwrap_err();
    assert!(
        matches!(&unsearchable, ApiError::Invalid(m) if m.contains("no list of metrics")),
        "{unsearchable:?}"
    );
    let unknown = find("other", "").await;
    assert!(matches!(unknown, Err(ApiError::NotFound)), "{unknown:?}");
    shop.away.store(true, Ordering::SeqCst);
    let away = find("web", "").await.unwrap_err();
    assert!(
        matches!(&away, ApiError::Unavailable(m) if m.contains("region")),
        "{away:?}"
    );
}

fn pull(choices: &[&str]) -> PullMetrics {
    PullMetrics {
        source: "web".into(),
        title: "Slow".into(),
        window: Window {
            start: at(-60),
            end: at(0),
        },
        choices: choices.iter().map(|&c| c.to_owned()).collect(),
        statistics: Vec::new(),
        agreed: false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn chosen_metrics_are_pulled_into_a_new_incident() {
    let server = server(vec![Shop::with(9).configured("web")], &Config::default()).await;
    let backend = &server.state.backend;
    let request = PullMetrics {
        statistics: vec!["p99".into()],
        ..pull(&["requests1", "requests7"])
    };
    let id = backend.pull_metrics(&WHO, request).await.unwrap();
    let before = server.store.incident(&id).await.unwrap().unwrap();
    assert_eq!(before.state, IncidentState::Collecting);
    assert!(server.worker.run_one(at(-1)).await.unwrap());
    let job = server.store.jobs(&id).await.unwrap().remove(0);
    assert_eq!(
        (job.kind.as_str(), job.state),
        ("pull_chosen", JobState::Done)
    );
    assert_eq!(job.message, "2 series with 2 samples came");
    let case = backend.case(&WHO, &id).await.unwrap();
    assert_eq!(case.incident.state, IncidentState::Open);
    assert_eq!(case.incident.window, pull(&[]).window);
    let ids: BTreeSet<_> = case
        .evidence
        .series
        .iter()
        .map(|s| s.meta.id.as_str())
        .collect();
    assert_eq!(ids, BTreeSet::from(["requests1.p99", "requests7.p99"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_that_makes_no_sense_or_costs_too_much_makes_no_incident() {
    let server = server(vec![Shop::with(9).configured("web")], &Config::default()).await;
    let backend = &server.state.backend;
    let three = pull(&["requests1", "requests2", "requests3"]);
    let long = Window {
        start: at(-1).plus(-app::input::LONGEST_PULL_DAYS * DAY),
        end: at(0),
    };
    let backwards = Window {
        start: at(0),
        end: at(-60),
    };
    for (field, words, request) in [
        ("agreed", "0.06 US dollars", three.clone()),
        ("choices", "no metric of this shop", pull(&["rubbish"])),
        ("choices", "no metric of this shop", pull(&[])),
        (
            "end",
            "at most",
            PullMetrics {
                window: long,
                ..pull(&["requests1"])
            },
        ),
        (
            "end",
            "at most",
            PullMetrics {
                window: backwards,
                ..pull(&["requests1"])
            },
        ),
        (
            "title",
            "",
            PullMetrics {
                title: " ".into(),
                ..pull(&["requests1"])
            },
        ),
    ] {
        let refused = backend.pull_metrics(&WHO, request).await.unwrap_err();
        let ApiError::Fields(wrong) = &refused else {
            panic!("{field}: {refused:?}");
        };
        assert_eq!(wrong.len(), 1, "{wrong:?}");
        assert!(
            wrong[0].field == field && wrong[0].message.contains(words),
            "{wrong:?}"
        );
    }
    assert_eq!(server.store.incidents().await.unwrap(), []);
    // Whoever agrees gets it.
    let agreed = PullMetrics {
        agreed: true,
        ..three
    };
    backend.pull_metrics(&WHO, agreed).await.unwrap();
    assert_eq!(server.store.incidents().await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_of_chosen_metrics_that_fails_says_why_and_lets_the_incident_be() {
    let shop = Shop::with(9);
    let server = server(vec![shop.configured("web")], &Config::default()).await;
    let backend = &server.state.backend;
    let pulled = async |worker: &Worker| {
        let id = backend.pull_metrics(&WHO, pull(&["requests1"])).await;
        let id: IncidentId = id.unwrap();
        assert!(worker.run_one(at(-1)).await.unwrap());
        let job = server.store.jobs(&id).await.unwrap().remove(0);
        let incident: Incident = server.store.incident(&id).await.unwrap().unwrap();
        assert_eq!(incident.state, IncidentState::Open);
        assert_eq!(job.state, JobState::Failed);
        job.message
    };
    shop.away.store(true, Ordering::SeqCst);
    let said = pulled(&server.worker).await;
    assert!(said.contains("region"), "{said}");
    // Started anew with another configuration while the job waited.
    let nothing = Arc::new(Known(Arc::default()));
    let anew = Worker::new(server.store.clone(), server.clock.clone(), nothing);
    let said = pulled(&anew).await;
    assert_eq!(said, "source 'web' is not configured any more");
    let fewer = Arc::new(Known(Arc::new(Registry::with(vec![
        Shop::with(0).configured("web"),
    ]))));
    let anew = Worker::new(server.store.clone(), server.clock.clone(), fewer);
    let said = pulled(&anew).await;
    assert_eq!(said, "a choice is no metric of this shop");
}

/// One event of a size at a time.
fn event(id: &str, time: Timestamp, kib: usize) -> Event {
    Event {
        id: id.into(),
        start: Some(time),
        title: "x".repeat(kib << 10),
        ..Event::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_keeps_its_size_and_incidents_their_copies() {
    let hooks = Hooks {
        tokens: vec![HookToken {
            name: "ci".into(),
            sha256: "0".repeat(64),
        }],
        keep_days: 30,
        keep_mib: Some(2),
        ..Hooks::default()
    };
    let config = Config {
        hooks: hooks.clone(),
        ..Config::default()
    };
    // On a file: a task that is ended in the middle of a transaction may take a database in memory along.
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("lineup.db").display());
    let server = TestServer::at_with(&url, &config).await;
    let store = &server.store;
    let archive = store.archive(sources::hooks::NAME).await.unwrap();
    let now = at(12 * 60);
    server.forward(12 * 3_600_000);
    let day = |n: i64| now.plus(-n * DAY);
    let batch = Batch {
        events: (1..=6)
            .map(|n| event(&format!("day{n}"), day(n), 600))
            .collect(),
        ..Batch::default()
    };
    store.record(&archive, &batch, &[]).await.unwrap();
    let incident = Incident {
        id: IncidentId("1".repeat(32)),
        ..Incident::default()
    };
    store.create_incident(&incident).await.unwrap();
    store.add_batch(&incident.id, &batch).await.unwrap();

    let kept = async || {
        let all = Window {
            start: day(40),
            end: now,
        };
        let kept = store.evidence_between(&archive, all).await.unwrap();
        kept.events
            .into_iter()
            .map(|e| e.id)
            .collect::<BTreeSet<_>>()
    };
    let left = |ids: &[&str]| ids.iter().map(|&id| id.to_owned()).collect::<BTreeSet<_>>();
    let keeping = async |expected: BTreeSet<String>| {
        let keep = collect::keep_hooks(store.clone(), server.clock.clone(), hooks.clone());
        let keeping = tokio::spawn(keep);
        let seen = async {
            while kept().await != expected {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let seen = tokio::time::timeout(Duration::from_mins(1), seen).await;
        stop(keeping).await;
        assert!(seen.is_ok(), "{:?}", kept().await);
    };
    // The oldest days go first, no more of them than must.
    keeping(left(&["day1", "day2", "day3"])).await;
    let copies = store.evidence(&incident.id).await.unwrap();
    assert_eq!(copies.unwrap().events.len(), 6);
    let (_, page) = server.get("/sources").await;
    assert!(!page.contains("more than that"), "{page}");

    // Today alone is too much: it stays, what is older goes, and the page says so.
    let large = Batch {
        events: vec![event("today", now.plus(-1), 3_000)],
        ..Batch::default()
    };
    store.record(&archive, &large, &[]).await.unwrap();
    keeping(left(&["today"])).await;
    let (_, page) = server.get("/sources").await;
    assert!(
        page.contains("more than that") && page.contains("raise keep_mib"),
        "{page}"
    );
}
