//! `storage_throttling`: a file system or volume was throttled, or slow by itself.
//!
//! Data: burst balances and when their throughput was cut, throttled I/O, queue lengths and latencies
//! of volumes and mounts. Found when a balance was at zero, the permitted throughput was cut, or one
//! of these series rose at the onset; clear when all of them stayed where they were. A balance on its
//! way down, or a low one, clears nothing.

use super::{Reason, View, evidence, quota};
use crate::case::Signal;
use model::{
    Series,
    analysis::{CreditState, Verdict},
};

/// Words of series that rise where storage is slow.
const SLOW: [&str; 9] = [
    "volumequeuelength",
    "volumetotalreadtime",
    "volumetotalwritetime",
    "touch",
    "nfs latency",
    "nfs_latency",
    "disk_io_time",
    "iowait",
    "throttledio",
];
/// A touch of a local disk says nothing about the mounts.
const NOT: [&str; 1] = ["local"];

/// Samples below which a series shows no before and after.
const FEW: usize = 4;

/// A series that was measured, and too seldom to show a rise; `None` where one has more.
fn once<'v>(view: &'v View<'_>, signals: &[&Signal]) -> Option<&'v Series> {
    let series = |s: &&Signal| view.case.evidence.series(s.id());
    let all: Vec<&Series> = signals.iter().filter_map(series).collect();
    let few = all.iter().all(|s| s.samples.len() < FEW);
    all.first().copied().filter(|_| few)
}

/// Says what is there: how often it was measured, and what a comparison at that moment gave. A mount
/// over the network is slower than a disk by itself, so the comparison alone finds nothing.
fn seen_once(view: &View<'_>, series: &Series) -> String {
    let measured = evidence::events(view, |e| e.kind.as_str() == "measurement");
    let compared = measured.first().map_or_else(String::new, |e| {
        format!(" ({}; a mount is slower than a disk anyhow)", e.title)
    });
    let times = match series.samples.len() {
        1 => "once".to_owned(),
        n => format!("{n} times"),
    };
    let at = series.samples.span();
    let at = at.map_or_else(String::new, |(at, _)| format!(", at {} UTC", at.minute()));
    format!(
        "{} was measured {times}{at}{compared}, with nothing before to compare: add the same from a \
         good day, the burst balance, or the queue length of volumes",
        series.meta.label()
    )
}

pub(super) fn judge(view: &View<'_>) -> Verdict<Reason> {
    if let Some(reason) = quota::empty(view) {
        return Verdict::Found(reason);
    }
    let during = view.during;
    let cut = view.credits.iter().find_map(|c| {
        let span = c
            .throttled
            .iter()
            .find(|t| t.start < during.end && t.end > during.start)?;
        Some((c, span.start))
    });
    if let Some((credit, at)) = cut {
        return Verdict::Found(Reason {
            text: format!(
                "the throughput of {} was cut to its baseline from {}",
                view.owner(credit),
                at.minute()
            ),
            series: vec![credit.series.clone()],
            events: vec![],
        });
    }
    let signals = evidence::named(view, &SLOW, &NOT);
    let missing = "no series of the storage: add the burst balance, the queue length of volumes, \
                   or the latency of touching a file on the mount";
    let seen = once(view, &signals).map(|series| seen_once(view, series));
    let missing = seen.as_deref().unwrap_or(missing);
    let by_series = evidence::by_series(view, &signals, "the storage", missing);
    if matches!(by_series, Verdict::Found(_)) {
        return by_series;
    }
    if let Some(missing) = quota::on_the_way(view) {
        return Verdict::Unknown { missing };
    }
    let full: Vec<String> = view
        .credits
        .iter()
        .filter(|c| c.state != CreditState::Unknown)
        .map(|c| c.series.clone())
        .collect();
    match by_series {
        Verdict::Unknown { .. } if signals.is_empty() && !full.is_empty() => Verdict::Clear {
            reason: "no balance was near zero and no throughput was cut while it lasted".to_owned(),
            series: full,
            events: vec![],
        },
        other => other,
    }
}
