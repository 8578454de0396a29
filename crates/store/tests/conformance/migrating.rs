//! Stories of a database that an earlier version wrote.

use super::{
    place::{Place, stories},
    sample::{START, batch, edge, event, id, incident, minute, provenance, series, window},
};
use model::{Event, EventKind, Evidence, Window, bundle::sha256_hex, time::DAY};
use serde::Serialize;
use sqlx::{PgPool, SqlitePool, migrate::Migrator};
use std::fmt::Write;
use store::chunk;

static SQLITE: Migrator = sqlx::migrate!("../../migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("../../migrations/postgres");

/// Makes a database as far as a migration.
async fn migrate_to(place: &Place, version: i64) {
    if place.is_sqlite() {
        let url = format!("{}?mode=rwc", place.url);
        let pool = SqlitePool::connect(&url).await.unwrap();
        SQLITE.run_to(version, &pool).await.unwrap();
        pool.close().await;
    } else {
        let pool = PgPool::connect(&place.url).await.unwrap();
        POSTGRES.run_to(version, &pool).await.unwrap();
        pool.close().await;
    }
}

/// JSON as a literal of SQL.
fn literal<T: Serialize>(record: &T) -> String {
    let json = serde_json::to_string(record).unwrap();
    format!("'{}'", json.replace('\'', "''"))
}

fn bytes(place: &Place, bytes: &[u8]) -> String {
    let mut hex = String::new();
    for byte in bytes {
        let _ = write!(hex, "{byte:02x}");
    }
    if place.is_sqlite() {
        format!("x'{hex}'")
    } else {
        format!("'\\x{hex}'")
    }
}

/// An incident as the first version wrote it.
fn of_the_first_version() -> Evidence {
    let lasting = Event {
        kind: EventKind::NodeNotReady,
        start: Some(minute(-100_000)),
        ..event("not ready", "")
    };
    let unknown = Event {
        start: None,
        ..event("whenever", "")
    };
    let mut evidence = Evidence {
        window: incident(1).window,
        impact: incident(1).impact,
        symptom: incident(1).symptom,
        series: vec![series("io", &[(0, 1.5), (1, 2.5), (1_441, 3.5)])],
        events: vec![event("short", ""), lasting, unknown],
        topology: vec![edge("pod", "fs"), edge("node", "fs")],
        provenance: vec![provenance("GetMetricData")],
    };
    evidence.sort();
    evidence
}

fn statements(place: &Place, evidence: &Evidence) -> Vec<String> {
    let one = id(1);
    let mut sql = vec![format!(
        "INSERT INTO incidents (id, digest, window_start, body) VALUES ('{one}', '{}', {}, {})",
        incident(1).digest.unwrap(),
        evidence.window.start.millis(),
        literal(&incident(1)),
    )];
    for series in &evidence.series {
        sql.push(format!(
            "INSERT INTO series (incident, series_id, body) VALUES ('{one}', '{}', {})",
            series.meta.id,
            literal(&series.meta),
        ));
        for (day, points) in chunk::by_day(&series.samples) {
            let samples = model::Samples::from_unordered(points);
            sql.push(format!(
                "INSERT INTO chunks (series, day, points, low, high, mean, data)
                 SELECT id, {day}, {}, 1.5, 3.5, 2.5, {} FROM series",
                samples.len(),
                bytes(place, &chunk::encode(day, &samples).unwrap()),
            ));
        }
    }
    for event in &evidence.events {
        sql.push(format!(
            "INSERT INTO events (incident, id, body) VALUES ('{one}', '{}', {})",
            event.id,
            literal(event),
        ));
    }
    let mut appended = Vec::new();
    for edge in &evidence.topology {
        appended.push(("edges", serde_json::to_string(edge).unwrap()));
    }
    for provenance in &evidence.provenance {
        appended.push(("provenance", serde_json::to_string(provenance).unwrap()));
    }
    for (position, (table, body)) in appended.iter().enumerate() {
        sql.push(format!(
            "INSERT INTO {table} (incident, digest, position, body)
             VALUES ('{one}', '{}', {position}, '{body}')",
            sha256_hex(body.as_bytes()),
        ));
    }
    sql
}

async fn a_database_of_the_first_version_keeps_everything(place: &Place) {
    migrate_to(place, 1).await;
    let evidence = of_the_first_version();
    place
        .meddle(&statements(place, &evidence).join(";\n"))
        .await;

    let store = place.open().await;
    assert_eq!(store.incidents().await.unwrap(), [incident(1)]);
    assert_eq!(store.evidence(&id(1)).await.unwrap().unwrap(), evidence);
    // Windows find the events whose times are no columns yet.
    for (from, to, found) in [
        (0, 1_440, vec!["not ready", "short", "whenever"]),
        (1_440, 2_880, vec!["not ready", "whenever"]),
        (-200_000, -150_000, vec!["whenever"]),
    ] {
        let window = Window {
            start: minute(from),
            end: minute(to),
        };
        let part = store.evidence_between(&id(1), window).await.unwrap();
        let mut names: Vec<_> = part.events.iter().map(|e| e.id.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, found, "{window:?}");
        let (times, _) = evidence.series[0].samples.inside(window);
        assert_eq!(part.series[0].samples.times(), times);
        assert_eq!(part.topology, evidence.topology);
    }
    // What is told again, in the same words or others, finds its old place.
    let again = model::Batch {
        events: vec![event("short", "told again")],
        topology: evidence.topology.clone(),
        provenance: provenance("GetMetricData"),
        ..batch()
    };
    store.add_batch(&id(1), &again).await.unwrap();
    let now = store.evidence(&id(1)).await.unwrap().unwrap();
    assert_eq!(now.event("short").unwrap().title, "told again");
    assert_eq!(now.topology, evidence.topology);
    assert_eq!(now.provenance, evidence.provenance);
    let first = store.evidence_between(&id(1), window(1)).await.unwrap();
    assert_eq!(first.event("short"), now.event("short"));
    // An archive can stand beside it.
    let archive = store.archive("prod").await.unwrap();
    store.record(&archive, &again, &[]).await.unwrap();
    store.trim(&archive, START.plus(1_000 * DAY)).await.unwrap();
    assert_eq!(store.evidence(&id(1)).await.unwrap().unwrap(), now);
}

stories!(a_database_of_the_first_version_keeps_everything);
