//! `lineup probe PATH…`: how long it takes to touch a file, on local disk and on mounts.

use super::{CommandError, json_text, no_incident, print, write_output};
use crate::{
    case,
    cli::ProbeArgs,
    clock::{Clock, SystemClock},
    probe::{self, OPERATIONS, Operation, Probed},
    random::{self, SystemRandom},
};
use model::{
    Batch, IncidentId, Provenance, Samples, Series, SeriesMeta, Timestamp, incident::IncidentState,
    topology::aws_id,
};
use serde::Serialize;
use std::{collections::BTreeMap, fmt::Write as _, time::Duration};
use store::Store;

/// What is printed of one operation on one path. Times are milliseconds.
#[derive(Debug, Serialize)]
struct Row<'a> {
    path: &'a str,
    mount: &'a str,
    file_system: &'a str,
    source: &'a str,
    operation: &'static str,
    samples: usize,
    median_ms: f64,
    p95_ms: f64,
    max_ms: f64,
}

#[derive(Debug, Serialize)]
struct Output<'a> {
    schema: &'static str,
    rows: Vec<Row<'a>>,
    faults: BTreeMap<&'a str, &'a str>,
}

/// Measures each path, prints the comparison, and keeps it where that is asked for.
pub(super) async fn run(args: &ProbeArgs, store: Option<&dyn Store>) -> Result<(), CommandError> {
    let clock = SystemClock;
    let deadline = Duration::from_secs(args.deadline_s);
    if let (Some(incident), Some(store)) = (&args.push, store) {
        check_target(store, incident, clock.now()).await?;
    }
    let mut all = Vec::new();
    for path in &args.paths {
        let name = random::id(&SystemRandom)
            .map_err(|e| CommandError::Input(format!("no name for the file can be drawn: {e}")))?;
        all.push(probe::measure(path, &name, args.count, deadline, &clock));
    }
    let output = output(&all);
    if args.json {
        print(&json_text(&output)?)?;
    } else {
        print(&table(&output))?;
    }
    if let Some(file) = &args.output {
        write_output(file, csv(&all).as_bytes())?;
    }
    if let (Some(incident), Some(store)) = (&args.push, store) {
        let added = push(store, incident, &all, clock.now()).await?;
        if !args.json {
            print(&format!("{added} series added to {incident}\n"))?;
        }
    }
    let faults: Vec<String> = all
        .iter()
        .filter_map(|p| Some(format!("{}: {}", p.path, p.fault.as_ref()?)))
        .collect();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(CommandError::Differs(faults.join("; ")))
    }
}

fn output(all: &[Probed]) -> Output<'_> {
    let mut rows = Vec::new();
    for probed in all {
        for operation in OPERATIONS {
            let mut ms: Vec<f64> = probed
                .of(operation)
                .map(|(_, took)| took.as_secs_f64() * 1_000.0)
                .collect();
            ms.sort_by(f64::total_cmp);
            let (Some(median), Some(p95), Some(max)) =
                (at(&ms, 0.5), at(&ms, 0.95), ms.last().copied())
            else {
                continue;
            };
            rows.push(Row {
                path: &probed.path,
                mount: &probed.mount.point,
                file_system: &probed.mount.kind,
                source: &probed.mount.source,
                operation: operation.name(),
                samples: ms.len(),
                median_ms: median,
                p95_ms: p95,
                max_ms: max,
            });
        }
    }
    let faults = all
        .iter()
        .filter_map(|p| Some((p.path.as_str(), p.fault.as_deref()?)));
    Output {
        schema: "lineup.probe/1",
        rows,
        faults: faults.collect(),
    }
}

/// The value at or above which that share of the sorted values lies (nearest rank).
fn at(sorted: &[f64], share: f64) -> Option<f64> {
    let rank = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied()
}

fn table(output: &Output<'_>) -> String {
    let mut lines = vec![[
        "PATH".to_owned(),
        "ON".to_owned(),
        "OPERATION".to_owned(),
        "MEDIAN".to_owned(),
        "P95".to_owned(),
        "MAX".to_owned(),
        "N".to_owned(),
    ]];
    for row in &output.rows {
        lines.push([
            row.path.to_owned(),
            format!("{} ({})", row.mount, row.file_system),
            row.operation.to_owned(),
            took(row.median_ms),
            took(row.p95_ms),
            took(row.max_ms),
            row.samples.to_string(),
        ]);
    }
    let width = |i: usize| {
        let cells = lines.iter().filter_map(|line| line.get(i));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..7).map(width).collect();
    let mut text = String::new();
    for line in &lines {
        let cells = line.iter().zip(&widths);
        let row: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        text.push_str(row.join("  ").trim_end());
        text.push('\n');
    }
    text + &comparison(&output.rows)
}

/// Milliseconds as people read them: a look at a file takes microseconds.
fn took(ms: f64) -> String {
    if ms < 1.0 {
        format!("{:.1} µs", ms * 1_000.0)
    } else {
        format!("{ms:.2} ms")
    }
}

/// The slowest path against the fastest, as the story has it: 334 ms against 10 ms.
fn comparison(rows: &[Row<'_>]) -> String {
    let creates = || rows.iter().filter(|row| row.operation == "create");
    let by = |a: &&Row<'_>, b: &&Row<'_>| a.median_ms.total_cmp(&b.median_ms);
    let (Some(fast), Some(slow)) = (creates().min_by(by), creates().max_by(by)) else {
        return String::new();
    };
    if fast.path == slow.path || fast.median_ms <= 0.0 {
        return String::new();
    }
    format!(
        "Creating a file on {} takes {}, {:.1} times as long as on {} ({}).\n",
        slow.path,
        took(slow.median_ms),
        slow.median_ms / fast.median_ms,
        fast.path,
        took(fast.median_ms)
    )
}

/// A table that the upload reads: one row a round, one column a path and operation, in seconds.
fn csv(all: &[Probed]) -> String {
    let columns: Vec<(&Probed, Operation)> = all
        .iter()
        .flat_map(|probed| OPERATIONS.map(|operation| (probed, operation)))
        .collect();
    let mut rows: BTreeMap<Timestamp, BTreeMap<usize, f64>> = BTreeMap::new();
    for (i, (probed, operation)) in columns.iter().enumerate() {
        for (at, took) in probed.of(*operation) {
            rows.entry(at).or_default().insert(i, took.as_secs_f64());
        }
    }
    let mut text = String::from("timestamp");
    for (probed, operation) in &columns {
        let path = probed.path.replace('"', "\"\"");
        // Writing to a String cannot fail.
        let _ = write!(text, ",\"{} on {path} (Seconds)\"", operation.name());
    }
    text.push('\n');
    for (at, cells) in rows {
        let _ = write!(text, "{at}");
        for i in 0..columns.len() {
            text.push(',');
            if let Some(value) = cells.get(&i) {
                let _ = write!(text, "{value}");
            }
        }
        text.push('\n');
    }
    text
}

/// Whether what is measured now belongs into the incident, before it is measured.
async fn check_target(
    store: &dyn Store,
    incident: &str,
    now: Timestamp,
) -> Result<(), CommandError> {
    let id = IncidentId(incident.to_owned());
    let Some(there) = store.incident(&id).await? else {
        return Err(no_incident(incident));
    };
    let going_on = there.live && there.state != IncidentState::Closed && now >= there.window.start;
    if going_on || there.window.contains(now) {
        return Ok(());
    }
    Err(CommandError::Input(format!(
        "incident {incident} is about {} to {} UTC, and what is measured now ({} UTC) lies outside: \
         leave --push away, or keep it with --output FILE.csv",
        there.window.start.minute(),
        there.window.end.minute(),
        now.minute()
    )))
}

/// Adds the measurements to the incident; how many series they are.
async fn push(
    store: &dyn Store,
    incident: &str,
    all: &[Probed],
    now: Timestamp,
) -> Result<usize, CommandError> {
    let id = IncidentId(incident.to_owned());
    let series = series(all);
    let paths: Vec<&str> = all.iter().map(|p| p.path.as_str()).collect();
    let batch = Batch {
        provenance: Provenance {
            source: "probe".into(),
            query: format!("lineup probe {}", paths.join(" ")),
            asked_at: Some(now),
            series: series.iter().map(|s| s.meta.id.clone()).collect(),
            ..Provenance::default()
        },
        series,
        ..Batch::default()
    };
    store.add_batch(&id, &batch).await?;
    let concluded = case::conclude(store, &id, now).await?;
    if let Some(what) = concluded.and_then(|c| c.failed) {
        return Err(case::CaseError::Concluding { id, what }.into());
    }
    Ok(batch.series.len())
}

fn series(all: &[Probed]) -> Vec<Series> {
    let mut out: BTreeMap<String, Series> = BTreeMap::new();
    for probed in all {
        for operation in OPERATIONS {
            let points: Vec<_> = probed
                .of(operation)
                .map(|(at, took)| (at, took.as_secs_f64()))
                .collect();
            if points.is_empty() {
                continue;
            }
            let safe: String = probed
                .path
                .chars()
                .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
                .collect();
            let tail = safe.get(safe.len().saturating_sub(100)..).unwrap_or(&safe);
            let id = format!("probe.{tail}.{}", operation.name());
            let meta = SeriesMeta {
                name: format!("{} on {}", operation.name(), probed.path),
                source: "probe".into(),
                dimensions: BTreeMap::from([
                    ("path".to_owned(), probed.path.clone()),
                    ("mount".to_owned(), probed.mount.point.clone()),
                    ("source".to_owned(), probed.mount.source.clone()),
                ]),
                unit: "Seconds".into(),
                resource: file_system(&probed.mount.source),
                id: id.clone(),
                ..SeriesMeta::default()
            };
            let samples = Samples::from_unordered(points);
            out.insert(id, Series { meta, samples });
        }
    }
    out.into_values().collect()
}

/// `aws:fs-0123` of a mount's source such as `fs-0123.efs.eu-west-1.amazonaws.com:/`.
fn file_system(source: &str) -> Option<String> {
    let host = source.split(['.', ':']).next()?;
    (host.starts_with("fs-") && host.len() > 6).then(|| aws_id(host))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::Mount;

    fn probed(path: &str, ms: &[u64]) -> Probed {
        let create = ms.iter().zip(0_i64..).map(|(ms, i)| {
            let at = Timestamp::from_seconds(1_590_116_400 + i);
            (at, Operation::Create, Duration::from_millis(*ms))
        });
        Probed {
            path: path.into(),
            mount: Mount {
                point: path.into(),
                kind: "nfs4".into(),
                source: "fs-0123abcd.efs.eu-west-1.amazonaws.com:/".into(),
            },
            samples: create.collect(),
            fault: None,
        }
    }

    #[test]
    fn the_story_is_compared_in_words_and_figures() {
        let all = [
            probed("/app", &[10, 9, 30]),
            probed("/mnt/efs", &[334, 330, 900]),
        ];
        let output = output(&all);
        let text = table(&output);
        assert!(
            text.ends_with(
                "Creating a file on /mnt/efs takes 334.00 ms, 33.4 times as long as on /app \
                 (10.00 ms).\n"
            ),
            "{text}"
        );
        assert_eq!(
            (output.rows[1].p95_ms, output.rows[1].max_ms),
            (900.0, 900.0)
        );
    }

    #[test]
    fn what_is_written_is_read_by_the_upload() {
        let all = [probed("/app", &[10, 9]), probed("/mnt/\"e\"", &[334, 330])];
        let file = model::bundle::RawFile {
            path: "files/probe.csv".into(),
            content: csv(&all).into_bytes(),
            ..Default::default()
        };
        let batch = sources::files::read_all(&[file], model::Window::default()).unwrap();
        assert!(batch.provenance.questions.is_empty(), "{batch:?}");
        let names: Vec<_> = batch.series.iter().map(|s| s.meta.name.as_str()).collect();
        assert_eq!(names, ["create on /app", "create on /mnt/\"e\""]);
        assert_eq!(batch.series[1].samples.values(), [0.334, 0.33]);
        assert_eq!(batch.series[1].meta.unit, "Seconds");
    }

    #[test]
    fn pushed_series_name_the_file_system() {
        let series = series(&[probed("/mnt/efs", &[334])]);
        assert_eq!(series[0].meta.resource.as_deref(), Some("aws:fs-0123abcd"));
        assert_eq!(series[0].meta.id, "probe._mnt_efs.create");
    }
}
