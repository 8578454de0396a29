//! What `nfsstat` and mountstats have in common: counts of NFS operations, and which stand out.

use super::{
    kubelet_log::grouped,
    reading::{Reading, period_s},
};
use model::{Event, EventKind, Samples, SeriesMeta, Timestamp, topology::aws_id};
use std::collections::BTreeMap;

/// Usual shares of operations that only look and move no data, percent of all calls: the mix of
/// SPEC SFS2008 for NFS version 3 (`SPECsfs2008` User's Guide, "NFS operation mix"), which SPEC took from
/// thousands of file servers in the field. READDIR and READDIRPLUS are added up.
const USUAL: [(&str, f64); 4] = [
    ("readdir", 3.0),
    ("access", 11.0),
    ("lookup", 24.0),
    ("getattr", 26.0),
];
/// An operation stands out from this many times its usual share.
const TIMES: f64 = 3.0;
/// Fewer calls than this say nothing of a mix.
const ENOUGH: f64 = 1_000.0;
/// Shares below this many percent make no series.
pub(super) const SMALL: f64 = 1.0;

/// Counts of one client or mount at one time.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sample {
    /// Line on which it begins, from 1.
    pub(super) line: u64,
    pub(super) at: Option<Timestamp>,
    /// All calls, where that is said apart from the operations.
    pub(super) calls: Option<f64>,
    /// Operation, in small letters, and its count.
    pub(super) counts: BTreeMap<String, f64>,
    /// Operation and its share in percent, where the source says it.
    pub(super) shares: BTreeMap<String, f64>,
}

impl Sample {
    pub(super) fn total(&self) -> f64 {
        self.calls.unwrap_or_else(|| self.counts.values().sum())
    }

    fn share(&self, operation: &str) -> Option<f64> {
        let said = self.shares.get(operation).copied();
        said.or_else(|| {
            let total = self.total();
            (total > 0.0)
                .then(|| self.counts.get(operation).copied().unwrap_or(0.0) / total * 100.0)
        })
    }
}

/// Where the counts come from: a mount, or the whole client.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    /// `v4`, or `/mnt/efs`: part of ids and names.
    pub(super) name: String,
    pub(super) dimensions: BTreeMap<String, String>,
    pub(super) resource: Option<String>,
}

/// Resource of an export such as `fs-0123.efs.eu-west-1.amazonaws.com:/`.
pub(super) fn resource_of(export: &str) -> Option<String> {
    let id: String = export
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '-')
        .collect();
    (id.starts_with("fs-") && id.len() > 6).then(|| aws_id(&id))
}

pub(super) fn meta(reading: &Reading<'_>, place: &Place, what: &str, name: String) -> SeriesMeta {
    SeriesMeta {
        id: reading.id_of(&format!("{}.{what}", place.name)),
        name,
        dimensions: place.dimensions.clone(),
        resource: place.resource.clone(),
        ..SeriesMeta::default()
    }
}

/// Shares of the last sample and, of several, the counters; what stands out becomes an event.
pub(super) fn tell(reading: &mut Reading<'_>, place: &Place, samples: &[Sample]) {
    let Some(last) = samples.last() else { return };
    if let Some(at) = last.at {
        for operation in last.counts.keys() {
            let Some(share) = last.share(operation).filter(|share| *share >= SMALL) else {
                continue;
            };
            let mut meta = meta(
                reading,
                place,
                &format!("{operation}.share"),
                format!("NFS {operation}, share of calls"),
            );
            meta.unit = "Percent".into();
            let mut one = Samples::default();
            one.push(at, share);
            reading.series(meta, one);
        }
    }
    counters(reading, place, samples);
    let before = samples.len().checked_sub(2).and_then(|i| samples.get(i));
    stands_out(reading, place, last, before);
}

/// A cumulative counter for each operation, where there are several samples of known times.
fn counters(reading: &mut Reading<'_>, place: &Place, samples: &[Sample]) {
    let timed: Vec<(Timestamp, &Sample)> = samples
        .iter()
        .filter_map(|sample| Some((sample.at?, sample)))
        .collect();
    let (Some((_, last)), true) = (timed.last(), timed.len() > 1) else {
        return;
    };
    for (operation, count) in &last.counts {
        if *count <= 0.0 {
            continue;
        }
        let points = timed
            .iter()
            .filter_map(|(at, sample)| Some((*at, *sample.counts.get(operation)?)));
        let points = Samples::from_unordered(points.collect());
        let mut meta = meta(reading, place, operation, format!("NFS {operation} calls"));
        meta.stat = "Counter".into();
        meta.unit = "Count".into();
        meta.period_s = period_s(&points);
        reading.series(meta, points);
    }
}

fn stands_out(reading: &mut Reading<'_>, place: &Place, last: &Sample, before: Option<&Sample>) {
    // Between two samples the difference says what is going on now; the whole is since the mount.
    let between = before.and_then(|before| difference(before, last));
    let (looked_at, seconds) = match &between {
        Some((sample, seconds)) => (sample, *seconds),
        None => (last, None),
    };
    for (operation, usual) in USUAL {
        let of = |name: &str| looked_at.counts.get(name).copied().unwrap_or(0.0);
        let plus = format!("{operation}plus");
        let count = of(operation) + of(&plus);
        let share = looked_at.share(operation).unwrap_or(0.0)
            + looked_at
                .share(&plus)
                .filter(|_| of(&plus) > 0.0)
                .unwrap_or(0.0);
        let total = looked_at.total();
        if total < ENOUGH || count <= 0.0 || share < usual * TIMES {
            continue;
        }
        let rate = seconds.filter(|s| *s > 0.0).map(|s| count / s);
        let on = if place.dimensions.contains_key("mount") {
            format!(" on {}", place.name)
        } else {
            String::new()
        };
        let a_second = rate.map_or_else(String::new, |rate| {
            format!(", {} a second", grouped(rate as u64))
        });
        let mut event = Event {
            kind: EventKind::LogPattern,
            start: last.at,
            title: format!(
                "{operation} is {share:.0} % of NFS calls{on} ({} of {}{a_second})",
                grouped(count as u64),
                grouped(total as u64),
            ),
            ..Event::default()
        };
        let mut set = |name: &str, value: serde_json::Value| {
            event.attributes.insert(name.into(), value);
        };
        set("operation", operation.into());
        set("share_percent", share.into());
        set("usual_percent", usual.into());
        set("calls", count.into());
        set("all_calls", total.into());
        if let Some(rate) = rate {
            set("calls_per_second", rate.into());
        }
        for (name, value) in &place.dimensions {
            set(name, value.clone().into());
        }
        reading.event(looked_at.line, event);
    }
}

/// What was counted between two samples; `None` where a counter fell, after a reboot or unmount.
fn difference(before: &Sample, after: &Sample) -> Option<(Sample, Option<f64>)> {
    let mut counts = BTreeMap::new();
    for (operation, count) in &after.counts {
        let grown = count - before.counts.get(operation).copied().unwrap_or(0.0);
        if grown < 0.0 {
            return None;
        }
        counts.insert(operation.clone(), grown);
    }
    let calls = match (before.calls, after.calls) {
        (Some(a), Some(b)) if b >= a => Some(b - a),
        _ => None,
    };
    let seconds = before
        .at
        .zip(after.at)
        .map(|(a, b)| b.since(a) as f64 / 1_000.0);
    let sample = Sample {
        line: after.line,
        at: after.at,
        calls,
        counts,
        shares: BTreeMap::new(),
    };
    Some((sample, seconds))
}
