//! Throttling: spans in which the permitted throughput was cut to the baseline.

use crate::case::{Case, Signal};
use model::Window;

/// Names of the metric that says what is permitted.
const PERMITTED: [&str; 1] = ["PermittedThroughput"];
/// The permitted throughput bursts to at least this multiple of the baseline (EFS: 2 and more,
/// 100 MiB/s against 50 KiB/s per GiB; AWS EFS performance documentation).
const BURST: f64 = 1.3;

/// The permitted throughput and its floor, where it was ever cut from a burst level.
pub(super) fn permitted<'c>(case: &'c Case<'_>, balance: &Signal) -> Option<(&'c Signal, f64)> {
    let signal = case
        .beside(&balance.meta, &PERMITTED)
        .into_iter()
        .min_by_key(|s| (!s.meta.stat.eq_ignore_ascii_case("average"), s.id()))?;
    let floor = signal.data.values.iter().copied().fold(f64::MAX, f64::min);
    let top = signal.data.values.iter().copied().fold(0.0, f64::max);
    (floor > 0.0 && top >= BURST * floor).then_some((signal, floor))
}

/// Spans at the floor.
pub(super) fn spans(case: &Case<'_>, balance: &Signal) -> Vec<Window> {
    let Some((signal, floor)) = permitted(case, balance) else {
        return Vec::new();
    };
    let data = &signal.data;
    let mut out: Vec<Window> = Vec::new();
    for (i, v) in data.values.iter().enumerate() {
        if *v > floor * 1.05 {
            continue;
        }
        let (start, end) = (data.at(i), data.at(i).plus(data.step_ms));
        match out.last_mut() {
            // Two periods apart is one span: a sample may be missing.
            Some(last) if start.since(last.end) <= 2 * data.step_ms => last.end = end,
            _ => out.push(Window { start, end }),
        }
    }
    out
}
