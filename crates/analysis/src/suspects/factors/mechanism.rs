//! `mechanism`: is there a known way from it to the driver?

use super::{Rates, item};
use crate::suspects::{View, candidates::Candidate};
use model::{EventKind, analysis::EvidenceItem};

/// Stuck pods whose volumes do not unmount keep reading the directories of their mounts
/// (kubernetes/kubernetes #64137, #70324 and relatives): metadata I/O is what that looks like.
const ZOMBIES_READ: f64 = 2.5;
/// Stuck pods and a file system's I/O that is not metadata.
const ZOMBIES_IO: f64 = 1.0;
/// What joins or leaves does not spend credits by itself.
const NODES_DO_NOT: f64 = -1.0;

pub(super) fn weigh(view: &View<'_>, candidate: &Candidate<'_>, _: &Rates) -> Option<EvidenceItem> {
    let driver = view.driver;
    if let Some(scaled) = scaled(candidate) {
        return Some(scaled);
    }
    if !driver.physical {
        return None;
    }
    let series = &driver.driver.series;
    let signal = view.case.signal(series)?;
    let metadata = signal
        .meta
        .label()
        .to_ascii_lowercase()
        .contains("metadata");
    let n = candidate.zombies.len();
    let (weight, text) = if n > 0 && metadata {
        (
            ZOMBIES_READ,
            format!(
                "{} left hanging in unmounting: what still reads its mounts; {series} is {:.0} % of \
                 what came on top",
                model::words::count(n, "pod"),
                driver.share * 100.0
            ),
        )
    } else if n > 0 {
        (
            ZOMBIES_IO,
            format!(
                "mounts are still held by {}; {series} is I/O on a file system",
                model::words::count(n, "stuck pod")
            ),
        )
    } else if matches!(
        candidate.kind(),
        EventKind::NodeAdded | EventKind::NodeRemoved | EventKind::NodeReboot | EventKind::Scale
    ) {
        (
            NODES_DO_NOT,
            format!("no known way from {} to {series}", candidate.kind().label()),
        )
    } else {
        return None;
    };
    Some(EvidenceItem {
        series: vec![series.clone()],
        events: candidate.zombies.iter().map(|z| z.event.clone()).collect(),
        ..item("mechanism", weight, text)
    })
}

/// Fewer replicas can make a service slow; more cannot.
const SCALED_IN: f64 = 0.7;
const SCALED_OUT: f64 = -2.5;

fn scaled(candidate: &Candidate<'_>) -> Option<EvidenceItem> {
    let first = candidate.first();
    if first.kind != EventKind::Scale {
        return None;
    }
    let number = |name: &str| first.attribute(name)?.parse::<f64>().ok();
    let (from, to) = (number("from")?, number("to")?);
    let (weight, text) = if to < from {
        (SCALED_IN, "fewer replicas carry the load")
    } else {
        (SCALED_OUT, "more replicas make nothing slower")
    };
    Some(item(
        "mechanism",
        weight,
        format!("scaled from {from} to {to}: {text}"),
    ))
}
