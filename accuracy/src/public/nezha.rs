//! Nezha's Online Boutique: faults of one service of a Kubernetes application, metrics by pod at one
//! minute; which service is to blame.

use super::data;
use crate::Outcome;
use analysis::{Settings, analyse};
use model::{
    Edge, EdgeKind, Evidence, Extra, Impact, Samples, Series, Timestamp, Window,
    time::{HOUR, MINUTE},
};
use serde_json::Value;
use std::{fs, path::Path};

/// Who calls whom: the application's published architecture
/// (<https://github.com/GoogleCloudPlatform/microservices-demo>).
const CALLS: [(&str, &[&str]); 3] = [
    (
        "frontend",
        &[
            "adservice",
            "cartservice",
            "checkoutservice",
            "currencyservice",
            "productcatalogservice",
            "recommendationservice",
            "shippingservice",
        ],
    ),
    (
        "checkoutservice",
        &[
            "cartservice",
            "currencyservice",
            "emailservice",
            "paymentservice",
            "productcatalogservice",
            "shippingservice",
        ],
    ),
    ("recommendationservice", &["productcatalogservice"]),
];
/// The file of what users get, and the service that gives it to them.
const FRONT: (&str, &str) = ("_front_service", "frontend");
/// The window ends so long after the onset.
const AFTER: i64 = 10 * MINUTE;

/// Prints how often the faulty service comes first and among the first three: with all that is known,
/// and with parts of it taken away.
pub(crate) fn score(folder: &Path) -> Outcome<()> {
    let series = series(folder)?;
    let faults = data::labels(&folder.join("_labels.json"))?;
    let faults = faults.get("faults").and_then(Value::as_array);
    let faults = faults.ok_or("no `faults` in _labels.json")?;
    let day = |change: &dyn Fn(&mut Evidence)| {
        let mut hits = Hits::default();
        for fault in faults {
            let mut evidence = evidence(&series, fault);
            change(&mut evidence);
            hits.add(fault, &evidence);
        }
        hits
    };
    let all = day(&|_| {});
    for line in &all.lines {
        println!("  {line}");
    }
    for (what, hits) in [
        ("", all),
        (" without calls", day(&|e| e.topology.clear())),
        (" without a symptom", day(&|e| e.symptom.clear())),
        (" from half an hour", day(&half_an_hour)),
    ] {
        println!(
            "nezha{what}: resources top-1 {:.3}, top-3 {:.3} (top-1 of the odd cases {:.3}, of the even {:.3})",
            hits.share(1, |_| true),
            hits.share(3, |_| true),
            hits.share(1, |k| k % 2 == 0),
            hits.share(1, |k| k % 2 == 1),
        );
    }
    Ok(())
}

/// Ranks of the truth.
#[derive(Default)]
struct Hits {
    ranks: Vec<Option<u32>>,
    lines: Vec<String>,
}

impl Hits {
    fn add(&mut self, fault: &Value, evidence: &Evidence) {
        let out = analyse(evidence, &Settings::default(), evidence.window.end);
        let truth = fault["service"].as_str().unwrap_or("");
        let rank = out
            .resources
            .iter()
            .find(|r| r.resource == truth)
            .map(|r| r.rank);
        let first: Vec<String> = out
            .resources
            .iter()
            .take(3)
            .map(|r| format!("{} {:.2}", r.resource, r.score))
            .collect();
        self.lines.push(format!(
            "{} {truth} {}: rank {rank:?} of {first:?}",
            fault["case"].as_str().unwrap_or(""),
            fault["fault"].as_str().unwrap_or(""),
        ));
        self.ranks.push(rank);
    }

    /// Share of the cases of these indices with the truth among the first `within`.
    fn share(&self, within: u32, of: impl Fn(usize) -> bool) -> f64 {
        let cases = self.ranks.iter().enumerate().filter(|(k, _)| of(*k));
        let hits = cases
            .clone()
            .filter(|(_, rank)| rank.is_some_and(|r| r <= within));
        hits.count() as f64 / cases.count().max(1) as f64
    }
}

/// Every series of every service.
fn series(folder: &Path) -> Outcome<Vec<Series>> {
    let mut files: Vec<_> = fs::read_dir(folder)?
        .map(|f| f.map(|f| f.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|f| f.extension().is_some_and(|e| e == "csv"));
    files.sort();
    let mut out = Vec::new();
    for file in files {
        let service = file.file_stem().unwrap_or_default().to_string_lossy();
        for mut one in data::columns(&file)? {
            // `CpuUsageRate(%)`: the name, then the unit.
            let name = one.meta.name.clone();
            let (name, unit) = name.split_once('(').unwrap_or((&name, ""));
            one.meta.id = format!("{service}.{name}");
            name.clone_into(&mut one.meta.name);
            unit.trim_end_matches(')').clone_into(&mut one.meta.unit);
            one.meta.period_s = Some(60);
            one.meta.resource = Some(if service == FRONT.0 {
                FRONT.1.to_owned()
            } else {
                service.clone().into_owned()
            });
            out.push(one);
        }
    }
    Ok(out)
}

/// What was known ten minutes after the onset of a fault.
fn evidence(series: &[Series], fault: &Value) -> Evidence {
    let onset = Timestamp::from_seconds(fault["onset"].as_i64().unwrap_or(0));
    let window = Window {
        start: onset.plus(-HOUR),
        end: onset.plus(AFTER),
    };
    let kept = |s: &Series| {
        let samples = s.samples.iter();
        let samples = samples.filter(|(t, _)| *t < window.end);
        Series {
            meta: s.meta.clone(),
            samples: Samples::from_unordered(samples.collect()),
        }
    };
    let edges = CALLS.iter().flat_map(|(from, to)| {
        to.iter().map(|to| Edge {
            from: (*from).to_owned(),
            to: (*to).to_owned(),
            kind: EdgeKind::Calls,
            extra: Extra::default(),
        })
    });
    let mut evidence = Evidence {
        window,
        impact: Some(Impact {
            start: onset,
            end: None,
        }),
        symptom: series
            .iter()
            .filter(|s| s.meta.id.starts_with(FRONT.0))
            .map(|s| s.meta.id.clone())
            .collect(),
        series: series.iter().map(kept).collect(),
        topology: edges.collect(),
        ..Evidence::default()
    };
    evidence.sort();
    evidence
}

/// Leaves half an hour before the onset.
fn half_an_hour(evidence: &mut Evidence) {
    let onset = evidence.impact.map_or(evidence.window.start, |i| i.start);
    for series in &mut evidence.series {
        let samples = series.samples.iter();
        let late = samples.filter(|(t, _)| *t >= onset.plus(-HOUR / 2));
        series.samples = Samples::from_unordered(late.collect());
    }
}
