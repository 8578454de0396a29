//! Other incidents, among them some on the same file system: what the story's return must not be
//! mistaken for.

use model::{
    Event, EventKind, Evidence, ObjectRef, Samples, Series, SeriesMeta, Timestamp, Window,
    time::{DAY, MINUTE},
};

/// An instant of a decoy.
fn at(minute: i64) -> Timestamp {
    Timestamp::from_seconds(1_577_836_800).plus(minute * MINUTE)
}

/// A series of a decoy: id, name, namespace, statistic, and its values by minute.
type Column<'v> = (
    &'v str,
    &'v str,
    &'v str,
    &'v str,
    Box<dyn Fn(i64, f64) -> f64 + 'v>,
);

/// Length of a decoy, minutes.
const LENGTH: i64 = 3 * DAY / MINUTE;
/// When it begins.
const BEGIN: i64 = 2_000;

/// Eight families, each with other times and sizes.
pub(crate) fn all(seed: u64) -> Vec<Evidence> {
    let sizes = [1.6, 2.5, 6.0];
    let mut out = Vec::new();
    for (k, size) in sizes.into_iter().enumerate() {
        let seed = seed * 10 + k as u64;
        let rises = move |level: f64| {
            move |t: i64, noise: f64| {
                level * (1.0 + 0.05 * noise) * if t >= BEGIN { size } else { 1.0 }
            }
        };
        let slow = || ("lat", "site response time", "ingress", "p95", rises(0.2));
        let plain =
            |columns: Vec<(&'static str, &'static str, &'static str, &'static str, f64)>| {
                let mut all: Vec<Column<'_>> = columns
                    .into_iter()
                    .map(|(id, name, space, stat, level)| -> Column<'_> {
                        (id, name, space, stat, Box::new(rises(level)))
                    })
                    .collect();
                let (id, name, space, stat, f) = slow();
                all.push((id, name, space, stat, Box::new(f)));
                all
            };
        let surge = plain(vec![(
            "req",
            "RequestCount",
            "AWS/ApplicationELB",
            "Sum",
            900.0,
        )]);
        out.push(made(seed, surge, &[]));
        let leak = plain(vec![(
            "mem",
            "container_memory_working_set_bytes",
            "k8s",
            "Average",
            4e8,
        )]);
        out.push(made(
            seed + 1,
            leak,
            &[("oom", EventKind::OomKill, "cart-7d9c6b5f4d-x2x4z")],
        ));
        let database = plain(vec![(
            "db",
            "DatabaseConnections",
            "AWS/RDS",
            "Average",
            40.0,
        )]);
        out.push(made(
            seed + 2,
            database,
            &[("roll", EventKind::Rollout, "orders")],
        ));
        let job = plain(vec![("cpu", "CPUUtilization", "AWS/EC2", "Average", 20.0)]);
        out.push(made(
            seed + 3,
            job,
            &[("job", EventKind::JobRun, "report-29384756")],
        ));
        // The same file system, drained by a backup that reads and by a rollout that writes.
        for (name, kind, object) in [
            ("DataReadIOBytes", EventKind::JobRun, "backup"),
            (
                "DataWriteIOBytes",
                EventKind::Rollout,
                "exporter-production",
            ),
        ] {
            out.push(made(
                seed + 4,
                drained(name, size),
                &[("cause", kind, object)],
            ));
        }
    }
    out
}

/// A bursting file system whose credits go, within a day.
fn drained(name: &'static str, size: f64) -> Vec<Column<'static>> {
    let spent = move |t: i64| if t >= BEGIN { 30e6 * size } else { 0.5e6 };
    let balance = move |t: i64| {
        let gone = (t - BEGIN).max(0) as f64 * 60.0 * (30e6 * size - 5e6);
        (2.3e12 - gone).max(0.0)
    };
    vec![
        (
            "credits",
            "BurstCreditBalance",
            "AWS/EFS",
            "Average",
            Box::new(move |t, _| balance(t)),
        ),
        (
            "io",
            name,
            "AWS/EFS",
            "Sum",
            Box::new(move |t, noise| spent(t) * 60.0 * (1.0 + 0.05 * noise)),
        ),
        (
            "lat",
            "site response time",
            "ingress",
            "p95",
            Box::new(move |t, noise| {
                0.2 + 0.01 * noise + if balance(t) <= 0.0 { 0.6 } else { 0.0 }
            }),
        ),
    ]
}

fn made(seed: u64, columns: Vec<Column<'_>>, events: &[(&str, EventKind, &str)]) -> Evidence {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut noise = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    };
    let series = columns
        .into_iter()
        .map(|(id, name, namespace, stat, value)| Series {
            meta: SeriesMeta {
                id: id.into(),
                name: name.into(),
                namespace: namespace.into(),
                stat: stat.into(),
                // The file system of the stories.
                resource: (namespace == "AWS/EFS").then(|| "aws:fs-3a7c51f2".into()),
                ..SeriesMeta::default()
            },
            samples: Samples::from_unordered(
                (0..LENGTH).map(|t| (at(t), value(t, noise()))).collect(),
            ),
        })
        .collect();
    let mut evidence = Evidence {
        window: Window {
            start: at(0),
            end: at(LENGTH),
        },
        symptom: vec!["lat".into()],
        series,
        events: events
            .iter()
            .map(|(id, kind, name)| Event {
                id: (*id).into(),
                kind: kind.clone(),
                start: Some(at(BEGIN - 2)),
                namespace: "shop".into(),
                object: ObjectRef {
                    kind: "Deployment".into(),
                    name: (*name).into(),
                },
                ..Event::default()
            })
            .collect(),
        ..Evidence::default()
    };
    evidence.sort();
    evidence
}
