//! `cargo bench -p server`: what the interactive timeline asks for, through the real routes, of 14 days
//! of 50 series at a minute and 10,000 events in SQLite on a disk; the table of events also of 100,000.
#![allow(
    missing_docs,
    reason = "criterion's macros make public functions without documentation"
)]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark, whose output is what it prints"
)]

#[path = "../tests/support/mod.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod support;

use axum::{body::Body, http::header};
use criterion::{Criterion, criterion_group, criterion_main};
use model::{
    Batch, Event, EventKind, Incident, IncidentId, ObjectRef, Samples, Series, SeriesMeta,
    Timestamp, Window,
    time::{DAY, HOUR, MINUTE},
};
use server::case;
use std::time::Duration;
use support::{TestServer, at, get};
use tokio::runtime::Runtime;

const DAYS: i64 = 14;
const SERIES: i64 = 50;
/// Columns of a picture and lanes beside each other, as `make bench-web` asks for them.
const COLUMNS: u32 = 1_100;
const LANES: usize = 20;

/// Noise around a daily wave with a step, so that nothing compresses better than measured values do.
fn series(n: i64) -> Series {
    let mut state = n.unsigned_abs().wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let points = (0..DAYS * 1_440).map(|minute| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let noise = (state >> 40) as f64 / (1_u64 << 24) as f64;
        let wave = (minute as f64 / 1_440.0 * std::f64::consts::TAU).sin();
        let step = if minute > 12_000 + 10 * n { 30.0 } else { 0.0 };
        (at(minute), 50.0 + 10.0 * wave + step + 4.0 * noise)
    });
    Series {
        meta: SeriesMeta {
            id: format!("s{n:02}"),
            // Kinds of two to four: some lanes have several curves.
            name: format!("metric {}", n / 3),
            stat: "Average".into(),
            unit: "Percent".into(),
            period_s: Some(60),
            ..SeriesMeta::default()
        },
        samples: Samples::from_unordered(points.collect()),
    }
}

fn event(n: i64, all: i64) -> Event {
    let start = at(0).plus(n * DAYS * DAY / all);
    let kinds = [
        EventKind::JobRun,
        EventKind::Rollout,
        EventKind::LogPattern,
        EventKind::PodTerminating,
        EventKind::ContainerRestart,
        EventKind::Scale,
        EventKind::NodeReboot,
    ];
    Event {
        id: format!("e{n}"),
        kind: kinds[n.unsigned_abs() as usize % kinds.len()].clone(),
        start: Some(start),
        end: Some(start.plus(MINUTE)),
        title: format!("event {n} of deployment web-{}", n % 40),
        cluster: "prod".into(),
        namespace: format!("team-{}", n % 9),
        node: format!("ip-10-0-{}-{}.ec2.internal", n % 3, n % 7),
        object: ObjectRef {
            kind: "Pod".into(),
            name: format!("web-{}-7d4b9c6f5-{n:05x}", n % 40),
        },
        source: "kubernetes".into(),
        ..Event::default()
    }
}

async fn filled(server: &TestServer, number: u32, events: i64) -> IncidentId {
    let incident = Incident {
        id: IncidentId(format!("{number:032x}")),
        window: Window {
            start: at(0),
            end: at(0).plus(DAYS * DAY),
        },
        ..Incident::default()
    };
    let batch = Batch {
        series: (0..SERIES).map(series).collect(),
        events: (0..events).map(|n| event(n, events)).collect(),
        ..Batch::default()
    };
    server.store.import(&incident, &[batch], &[]).await.unwrap();
    let now = incident.window.end;
    case::conclude(&*server.store, &incident.id, now)
        .await
        .unwrap();
    incident.id
}

/// Bytes of the answer as they go over the wire.
async fn fetched(server: &TestServer, path: &str) -> usize {
    let request = get(path).header(header::ACCEPT_ENCODING, "gzip, deflate, br");
    let response = server.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(response.status().as_u16(), 200, "{path}");
    let body = axum::body::to_bytes(response.into_body(), 64 << 20).await;
    body.unwrap().len()
}

/// Default lanes first, then others, up to the number that is looked at.
async fn lanes(server: &TestServer, id: &IncidentId) -> String {
    let (_, list) = server.get(&format!("/api/incidents/{id}/lanes/list")).await;
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    let rows = list.as_array().unwrap().iter().take(LANES);
    let ids: Vec<&str> = rows.map(|row| row["id"].as_str().unwrap()).collect();
    println!("{} lanes", ids.len());
    ids.join(",")
}

fn timeline(c: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("lineup.db").display());
    let server = runtime.block_on(TestServer::at(&url));
    let id = runtime.block_on(filled(&server, 1, 10_000));
    let chosen = runtime.block_on(lanes(&server, &id));
    let start = at(0);
    let mut group = c.benchmark_group("timeline");
    group
        .sample_size(40)
        .measurement_time(Duration::from_secs(4));
    let views: [(&str, i64, i64); 4] = [
        ("14_days", 0, DAYS * DAY),
        ("3_days", 5 * DAY, 8 * DAY),
        ("1_day", 8 * DAY, 9 * DAY),
        ("1_hour", 8 * DAY, 8 * DAY + HOUR),
    ];
    for (name, from, to) in views {
        let (from, to): (Timestamp, Timestamp) = (start.plus(from), start.plus(to));
        let path = format!(
            "/api/incidents/{id}/lanes?from={}&to={}&columns={COLUMNS}&lanes={chosen}",
            from.millis(),
            to.millis()
        );
        let bytes = runtime.block_on(fetched(&server, &path));
        println!("{name}: {bytes} bytes");
        group.bench_function(format!("{LANES}_lanes_{name}"), |b| {
            b.iter(|| runtime.block_on(fetched(&server, &path)));
        });
    }
    let many = runtime.block_on(filled(&server, 2, 100_000));
    for (name, query) in [
        ("first", "limit=100"),
        ("text", "text=web-7+0001&limit=500"),
        (
            "kind_late",
            "kind=rollout&namespace=team-3&offset=1000&limit=500",
        ),
    ] {
        let path = format!("/api/incidents/{many}/events?{query}");
        group.bench_function(format!("100000_events_{name}"), |b| {
            b.iter(|| runtime.block_on(fetched(&server, &path)));
        });
    }
    group.sample_size(10);
    group.bench_function("read_anew", |b| {
        // Nothing new, but another revision: everything is read and composed again.
        b.iter(|| {
            runtime.block_on(async {
                server
                    .store
                    .add_batch(&id, &Batch::default())
                    .await
                    .unwrap();
                fetched(
                    &server,
                    &format!("/api/incidents/{id}/lanes?columns={COLUMNS}"),
                )
                .await
            })
        });
    });
    group.finish();
    runtime.block_on(server.store.close());
}

criterion_group!(benches, timeline);
criterion_main!(benches);
