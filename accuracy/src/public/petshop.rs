//! The pet shop: a real application, which node and which change is to blame.

use super::data;
use crate::Outcome;
use analysis::{Settings, analyse};
use model::{
    Edge, EdgeKind, Event, EventKind, Evidence, ObjectRef, Samples, Series, Timestamp, Window,
    time::{HOUR, MINUTE},
};
use serde_json::Value;
use std::{fs, path::Path};

/// Prints how often the true node and the true event come first and among the first three.
pub(crate) fn score(folder: &Path) -> Outcome<()> {
    let normal = data::columns(&folder.join("normal.csv"))?;
    let edges = edges(folder)?;
    let mut hits = [0_usize; 4];
    let labels = data::labels(&folder.join("labels.json"))?;
    for (case, label) in &labels {
        let evidence = evidence(&folder.join("cases").join(case), &normal, &edges)?;
        let out = analyse(&evidence, &Settings::default(), evidence.window.end);
        let (node, event) = (
            label["root_cause"].as_str().unwrap_or(""),
            label["true_event"].as_str().unwrap_or(""),
        );
        let node_rank = out
            .resources
            .iter()
            .find(|r| r.resource == node)
            .map(|r| r.rank);
        let event_rank = out
            .suspects
            .iter()
            .find(|s| s.events.iter().any(|e| e == event))
            .map(|s| s.rank);
        for (k, (rank, within)) in [
            (node_rank, 1),
            (node_rank, 3),
            (event_rank, 1),
            (event_rank, 3),
        ]
        .into_iter()
        .enumerate()
        {
            hits[k] += usize::from(rank.is_some_and(|r| r <= within));
        }
        let first: Vec<String> = out
            .resources
            .iter()
            .take(3)
            .map(|r| format!("{} {:.2}", r.resource, r.score))
            .collect();
        println!(
            "  {case} {}: node {node} rank {node_rank:?} of {first:?}; event rank {event_rank:?}, first {:?}",
            label["target_metric"].as_str().unwrap_or(""),
            out.suspects
                .first()
                .map(|s| (&s.events, (s.score * 100.0).round()))
        );
    }
    let share = |k: usize| hits[k] as f64 / labels.len().max(1) as f64;
    println!(
        "petshop: nodes top-1 {:.3}, top-3 {:.3}; events top-1 {:.3}, top-3 {:.3}",
        share(0),
        share(1),
        share(2),
        share(3)
    );
    Ok(())
}

fn edges(folder: &Path) -> Outcome<Vec<Edge>> {
    let mut reader = csv::Reader::from_path(folder.join("graph.csv"))?;
    let mut out = Vec::new();
    for row in reader.records() {
        let row = row?;
        out.push(Edge {
            from: row.get(0).unwrap_or("").to_owned(),
            to: row.get(1).unwrap_or("").to_owned(),
            kind: EdgeKind::Calls,
            extra: model::Extra::default(),
        });
    }
    Ok(out)
}

/// A case with the normal samples moved to just before it.
fn evidence(folder: &Path, normal: &[Series], edges: &[Edge]) -> Outcome<Evidence> {
    let read = |name: &str| -> Outcome<Value> {
        Ok(serde_json::from_str(&fs::read_to_string(
            folder.join(name),
        )?)?)
    };
    let query = read("query.json")?;
    let columns = data::columns(&folder.join("metrics.csv"))?;
    let spans = || columns.iter().filter_map(|s| s.samples.span());
    let start = spans().map(|s| s.0).min().unwrap_or_default();
    let end = spans().map(|s| s.1).max().unwrap_or_default();
    let last_normal = normal
        .iter()
        .filter_map(|s| s.samples.span())
        .map(|s| s.1)
        .max()
        .unwrap_or_default();
    let shift = start.since(last_normal) - 5 * MINUTE;
    let mut series = Vec::new();
    for column in &columns {
        let before = normal.iter().find(|s| s.meta.id == column.meta.id);
        let moved = before
            .into_iter()
            .flat_map(|s| s.samples.iter())
            .map(|(t, v)| (t.plus(shift), v));
        let mut one = column.clone();
        one.samples = Samples::from_unordered(moved.chain(column.samples.iter()).collect());
        let mut parts = column.meta.id.split('|');
        one.meta.resource = parts.next().map(String::from);
        parts.next().unwrap_or("").clone_into(&mut one.meta.name);
        parts.next().unwrap_or("").clone_into(&mut one.meta.stat);
        series.push(one);
    }
    let target = format!(
        "{}|{}|{}",
        query["target_node"].as_str().unwrap_or(""),
        query["target_metric"].as_str().unwrap_or(""),
        query["target_stat"].as_str().unwrap_or("")
    );
    let alarm = Timestamp::from_seconds(query["alarm_time"].as_i64().unwrap_or(0));
    let mut evidence = Evidence {
        window: Window {
            start: start.plus(-HOUR),
            end: end.plus(5 * MINUTE),
        },
        impact: Some(model::Impact {
            start: alarm,
            end: None,
        }),
        symptom: vec![target],
        series,
        events: events(&read("events.json")?),
        topology: edges.to_vec(),
        ..Evidence::default()
    };
    evidence.sort();
    Ok(evidence)
}

fn events(value: &Value) -> Vec<Event> {
    let text = |v: &Value| v.as_str().unwrap_or("").to_owned();
    value
        .as_array()
        .into_iter()
        .flatten()
        .map(|e| Event {
            id: text(&e["id"]),
            kind: match e["kind"].as_str() {
                Some("deploy") => EventKind::Rollout,
                Some("config_change") => EventKind::ConfigChange,
                _ => EventKind::JobRun,
            },
            start: e["time"].as_i64().map(Timestamp::from_seconds),
            title: text(&e["title"]),
            object: ObjectRef {
                kind: "resource".into(),
                name: text(&e["service"]),
            },
            ..Event::default()
        })
        .collect()
}
