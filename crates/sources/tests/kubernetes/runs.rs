//! Seeded runs: a cluster's life, an API server in bad weather, a collector that is restarted.

use crate::{
    api::{Record, Server, Weather},
    compare::differences,
    keeper::Memory,
    life::Life,
    traffic::Traffic,
    world::Dice,
};
use kube::Client;
use model::Timestamp;
use sources::kubernetes::cluster::{Cluster, ClusterConfig};
use sources::source::Watch;
use std::{sync::Arc, time::Duration};
use tokio::task::JoinHandle;

/// The run's clock: tokio's, which a test may have paused.
pub(crate) fn clock(skew_ms: i64) -> Arc<dyn Fn() -> Timestamp + Send + Sync> {
    let begun = tokio::time::Instant::now();
    let base = Timestamp::from_seconds(1_590_000_000).plus(skew_ms);
    Arc::new(move || base.plus(begun.elapsed().as_millis() as i64))
}

pub(crate) fn config() -> ClusterConfig {
    ClusterConfig {
        name: "test".into(),
        ..ClusterConfig::default()
    }
}

/// A collector that runs until it is stopped.
pub(crate) fn collect(
    client: Client,
    memory: &Memory,
    now: &Arc<dyn Fn() -> Timestamp + Send + Sync>,
) -> JoinHandle<String> {
    collect_from(config(), client, memory, now)
}

/// A collector of what a configuration names.
pub(crate) fn collect_from(
    config: ClusterConfig,
    client: Client,
    memory: &Memory,
    now: &Arc<dyn Fn() -> Timestamp + Send + Sync>,
) -> JoinHandle<String> {
    let (memory, now) = (memory.clone(), now.clone());
    tokio::spawn(async move {
        let cluster = Cluster::with_client(config, client, "http://test".into());
        cluster.watch(&memory, &*now).await.to_string()
    })
}

/// How fast a run goes.
#[derive(Clone, Copy)]
struct Pace {
    /// Longest pause between two things that happen, in ms.
    step_ms: u64,
    /// Longest time that the server is away, in ms.
    away_ms: u64,
    /// How long the weather has to be good before the end, in ms.
    calm_ms: u64,
    steps: u64,
}

/// How the collector reaches the server.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// By calling it.
    InMemory,
    /// Over HTTP on loopback, by the machine's clock.
    Http,
    /// Over HTTP on loopback, by a clock that is paused and stands still while anything is under way.
    HttpAtPausedTime,
}

async fn run(seed: u64, pace: Pace, way: Way) -> Vec<String> {
    let mut dice = Dice::new(seed);
    let skew = if dice.once_in(4) { 300_000 } else { 0 };
    let (ours, theirs) = (clock(0), clock(skew));
    let server = Server::new(seed, ours.clone());
    server.state().skew_ms = Some(skew);
    server.state().hurried = way == Way::Http;
    // Argo CD and Flux are there; each fourth cluster is a 1.20, whose cron jobs lie elsewhere.
    server.state().missing = match seed % 4 {
        0 => vec!["/apis/batch/v1/cronjobs"],
        _ => Vec::new(),
    };
    let mut life = Life::begin(&server, theirs, seed);
    let memory = Memory::default();
    let client = match way {
        Way::InMemory => server.client(),
        Way::Http => over_http(&server, &Traffic::default()).await,
        Way::HttpAtPausedTime => {
            let traffic = Traffic::default();
            tokio::spawn(traffic.clone().hold_the_clock());
            traffic.of_client(over_http(&server, &traffic).await)
        }
    };
    let mut collector = collect(client.clone(), &memory, &ours);
    let pause = |ms: u64| tokio::time::sleep(Duration::from_millis(ms));
    pause(pace.calm_ms / 4).await;
    for _ in 0..pace.steps {
        for _ in 0..=dice.below(3) {
            life.step();
        }
        pause(1 + dice.below(pace.step_ms)).await;
        match dice.below(12) {
            0 => {
                pause(200).await;
                goes_away(&server, &memory).await;
                let away = dice.below(pace.away_ms);
                for _ in 0..=dice.below(6) {
                    pause(away / 6).await;
                    life.step();
                }
                let forgets = dice.once_in(2);
                server.change(|s| {
                    s.weather = Weather::default();
                    if forgets {
                        s.world.compact();
                    }
                });
            }
            1 | 2 => server.change(|s| s.weather.rough = 2 + dice.below(3)),
            3 | 4 => server.change(|s| s.weather.rough = 0),
            5 => {
                collector.abort();
                let _ = collector.await;
                for _ in 0..dice.below(4) {
                    life.step();
                    pause(1 + dice.below(pace.step_ms)).await;
                }
                forget_what_was_not_kept(&server, &memory);
                if dice.once_in(3) {
                    server.change(|s| s.world.compact());
                }
                collector = collect(client.clone(), &memory, &ours);
            }
            _ => {}
        }
    }
    server.change(|s| s.weather = Weather::default());
    pause(pace.calm_ms).await;
    collector.abort();
    let state = server.state();
    let mut wrong = differences(&life, &memory.kept(), &state.record.unseen);
    wrong.extend(
        state
            .record
            .needless
            .iter()
            .map(|what| format!("listed needlessly: {what}")),
    );
    let reads = |(method, path): &&(String, String)| method != "GET" || path.contains("secrets");
    wrong.extend(
        state
            .record
            .requests
            .iter()
            .find(reads)
            .map(|r| format!("asked: {r:?}")),
    );
    wrong
}

async fn over_http(server: &Server, traffic: &Traffic) -> Client {
    let config = kube::Config::new(server.serve(traffic).await.parse().unwrap());
    Client::try_from(config).unwrap()
}

/// The server goes away once the collector has kept all that it was told: what a loaded machine still
/// has on the way would be lost with the connection, and the record would call it told.
async fn goes_away(server: &Server, memory: &Memory) {
    let has_kept = |record: &Record| {
        let mut told = record.told.iter();
        told.all(|(plural, version)| memory.position(plural) >= Some(*version))
    };
    loop {
        let settled = has_kept(&server.state().record);
        let mut away = false;
        if settled {
            // Something may have been told since.
            server.change(|s| {
                away = has_kept(&s.record);
                s.weather.away = away;
                if away {
                    s.weather.rough = 0;
                }
            });
        }
        if away {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A collector that starts anew knows what was kept, and no more.
fn forget_what_was_not_kept(server: &Server, memory: &Memory) {
    let mut state = server.state();
    state.record.abandon_lists();
    let plurals: Vec<String> = state.record.told.keys().cloned().collect();
    for plural in plurals {
        match memory.position(&plural) {
            Some(version) => state.record.told.insert(plural, version),
            None => state.record.told.remove(&plural),
        };
    }
}

fn runs_over(seeds: std::ops::Range<u64>, pace: Pace, way: Way) {
    let mut failed = Vec::new();
    for seed in seeds {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        let wrong = runtime.block_on(run(seed, pace, way));
        if !wrong.is_empty() {
            failed.push(format!("seed {seed}:\n  {}", wrong.join("\n  ")));
        }
    }
    let shown: Vec<String> = failed.iter().take(3).cloned().collect();
    #[expect(clippy::print_stdout, reason = "shown where the test fails")]
    for seed in &failed {
        println!("{seed}");
    }
    assert!(
        failed.is_empty(),
        "{} seeds failed\n{}",
        failed.len(),
        shown.join("\n")
    );
}

const LONG: Pace = Pace {
    step_ms: 45_000,
    away_ms: 3_600_000,
    calm_ms: 700_000,
    steps: 24,
};

macro_rules! shard {
    ($way:expr; $($name:ident: $seeds:expr;)*) => {$(
        #[test]
        fn $name() {
            runs_over($seeds, LONG, $way);
        }
    )*};
}

// In parts, so that they use every core.
shard! {
    Way::InMemory;
    history_equals_the_truth_over_part_1: 0..128;
    history_equals_the_truth_over_part_2: 128..256;
    history_equals_the_truth_over_part_3: 256..384;
    history_equals_the_truth_over_part_4: 384..512;
    history_equals_the_truth_over_part_5: 512..640;
    history_equals_the_truth_over_part_6: 640..768;
    history_equals_the_truth_over_part_7: 768..896;
    history_equals_the_truth_over_part_8: 896..1024;
}

// The same lives and faults with sockets, the HTTP of both sides and its connections in between.
shard! {
    Way::HttpAtPausedTime;
    history_equals_the_truth_over_http_part_1: over_http_of(1);
    history_equals_the_truth_over_http_part_2: over_http_of(2);
    history_equals_the_truth_over_http_part_3: over_http_of(3);
    history_equals_the_truth_over_http_part_4: over_http_of(4);
}

/// Seeds of one of the four parts over HTTP. A run takes about a second of a core, so that there are
/// few of them each time; `make seeds` asks for more.
#[expect(
    clippy::disallowed_methods,
    reason = "how long a test may take is said by who starts it"
)]
fn over_http_of(part: u64) -> std::ops::Range<u64> {
    let runs = std::env::var("LINEUP_HTTP_RUNS").ok();
    let runs: u64 = runs.map_or(32, |n| n.parse().unwrap());
    runs * (part - 1) / 4..runs * part / 4
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn history_equals_the_truth_over_real_http() {
    let pace = Pace {
        step_ms: 60,
        away_ms: 1_500,
        calm_ms: 16_000,
        steps: 24,
    };
    let seeds: Vec<u64> = (5_000..5_036).collect();
    let runs = seeds.iter().map(|seed| run(*seed, pace, Way::Http));
    let wrong = futures::future::join_all(runs).await;
    for (seed, wrong) in seeds.iter().zip(wrong) {
        assert!(wrong.is_empty(), "seed {seed}: {}", wrong.join("\n"));
    }
}
