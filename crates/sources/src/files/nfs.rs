//! What `nfsstat` and mountstats have in common: counts of NFS operations, their rates, and which
//! stand out.

mod across;
mod latency;

pub(super) use across::Earlier;

use super::{
    kubelet_log::grouped,
    reading::{Reading, period_s},
};
use crate::BundleError;
use model::{
    Batch, Event, EventKind, Samples, SeriesMeta, Timestamp, Window, bundle::RawFile,
    topology::aws_id,
};
use std::collections::BTreeMap;

/// Usual shares of operations that only look and move no data, percent of all calls: the mix that
/// `SPECsfs2008` asks for over NFS version 3, GETATTR 26, LOOKUP 24, ACCESS 11, READDIRPLUS 2 and READDIR 1,
/// an average of what the members of SPEC's committee had gathered from customers (M. Eisler, "More on
/// SPEC SFS 2008", `NetApp`, April 2008, whose table compares it with SFS 3.0 and with one customer).
/// READDIR and READDIRPLUS are added up.
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
const SMALL: f64 = 1.0;

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
    /// Operation and the time that all its calls took together, where the source says it.
    pub(super) times: BTreeMap<String, Spent>,
    /// Seconds since the counters began, where the source says it.
    pub(super) age_s: Option<i64>,
    /// The machine, where a shell's prompt names it.
    pub(super) host: Option<String>,
}

/// Time that all calls of an operation took together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Spent {
    /// Milliseconds on the wire and in the server.
    pub(super) rtt_ms: f64,
    /// Milliseconds from the request to the answer, queues included.
    pub(super) execute_ms: f64,
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

/// Samples of a file by their place, each in the order of the file.
pub(super) type Placed = Vec<(Place, Vec<Sample>)>;

/// How one kind of file says its samples.
#[derive(Clone, Copy)]
pub(super) struct Counters {
    pub(super) source: &'static str,
    pub(super) samples: fn(&mut Reading<'_>, Window) -> Result<Placed, BundleError>,
}

impl Counters {
    /// Reads a file that goes on where earlier ones stop.
    pub(super) fn read(
        self,
        file: &RawFile,
        window: Window,
        earlier: &Earlier,
    ) -> Result<Batch, BundleError> {
        let mut reading = Reading::new(file, self.source);
        for (place, own) in (self.samples)(&mut reading, window)? {
            let samples = earlier.before(&mut reading, &place, own);
            latency::tell(&mut reading, &place, &samples);
            tell(&mut reading, &place, &samples);
        }
        Ok(reading.finish())
    }
}

/// `[ec2-user@ip-10-0-0-1 ~]$ nfsstat -c`: the machine of a shell's prompt before one of the commands
/// that are read here.
pub(super) fn host_of(line: &str) -> Option<String> {
    let (prompt, command) = line.split_once(['$', '#'])?;
    if !(command.contains("nfsstat") || command.contains("mountstats")) {
        return None;
    }
    let (_, host) = prompt.rsplit_once('@')?;
    let plain = |c: &char| c.is_ascii_alphanumeric() || ".-_".contains(*c);
    let host: String = host.chars().take_while(plain).take(253).collect();
    (!host.is_empty()).then_some(host)
}

/// Resource of an export such as `fs-0123.efs.eu-west-1.amazonaws.com:/`.
pub(super) fn resource_of(export: &str) -> Option<String> {
    let id: String = export
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '-')
        .collect();
    (id.starts_with("fs-") && id.len() > 6).then(|| aws_id(&id))
}

fn meta(reading: &Reading<'_>, place: &Place, what: &str, name: String) -> SeriesMeta {
    SeriesMeta {
        id: reading.id_of(&format!("{}.{what}", place.name)),
        name,
        dimensions: place.dimensions.clone(),
        resource: place.resource.clone(),
        ..SeriesMeta::default()
    }
}

/// Shares of the last sample and, of several, the counters; what stands out becomes an event.
fn tell(reading: &mut Reading<'_>, place: &Place, samples: &[Sample]) {
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
    for (before, after) in samples.iter().zip(samples.iter().skip(1)) {
        if let (Some(a), Some(b), None) = (before.at, after.at, difference(before, after)) {
            reading.gap_of(
                Window::new(a, b),
                &format!(
                    "counters of {} fell between {a} and {b}: the machine or the mount began anew, so \
                     that there are no rates from one to the other",
                    place.name
                ),
            );
        }
    }
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
        ..Sample::default()
    };
    Some((sample, seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_is_that_of_the_prompt() {
        for (line, host) in [
            ("[ec2-user@ip-10-0-0-1 ~]$ nfsstat -c", Some("ip-10-0-0-1")),
            ("root@node-a:/# cat /proc/self/mountstats", Some("node-a")),
            ("$ nfsstat -c", None),
            ("root@node-a:/# ls", None),
            ("me@example.org wrote:", None),
        ] {
            assert_eq!(host_of(line).as_deref(), host, "{line}");
        }
    }
}
