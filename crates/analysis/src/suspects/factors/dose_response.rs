//! `dose_response`: does the driver follow the number of stuck pods over time?

use super::{Rates, item};
use crate::{
    driver,
    suspects::{View, candidates::Candidate},
};
use model::{Timestamp, Window, analysis::EvidenceItem, time::MINUTE};

/// Correlation from which on it counts.
const LEAST: f64 = 0.5;
/// Weight of a perfect correlation.
const MOST: f64 = 2.5;
/// Number of spans that the window is cut into.
const SPANS: i64 = 300;

pub(super) fn weigh(view: &View<'_>, candidate: &Candidate<'_>, _: &Rates) -> Option<EvidenceItem> {
    let signal = view.case.signal(&view.driver.driver.series)?;
    let known: Vec<(Timestamp, Timestamp)> = candidate
        .zombies
        .iter()
        .filter_map(|z| Some((z.since?, z.until.unwrap_or(view.case.window.end))))
        .collect();
    if known.is_empty() {
        return None;
    }
    let window = view.case.window;
    let step = (window.millis() / SPANS).max(5 * MINUTE);
    let mut pairs = Vec::new();
    let mut from = window.start;
    while from < window.end {
        let to = from.plus(step);
        if let Some(level) = signal.data.median_between(from, to) {
            let middle = from.plus(step / 2);
            let count = known
                .iter()
                .filter(|(a, b)| *a <= middle && middle < *b)
                .count();
            pairs.push((count as f64, level));
        }
        from = to;
    }
    let r = correlation(&pairs)?;
    let weight = if r >= LEAST {
        MOST * r
    } else {
        -MOST * (LEAST - r).min(1.0)
    };
    let most = pairs.iter().map(|p| p.0).fold(0.0, f64::max);
    Some(EvidenceItem {
        series: vec![signal.meta.id.clone()],
        events: candidate.zombies.iter().map(|z| z.event.clone()).collect(),
        span: Window::new(window.start, window.end).map(|_| driver::span(view.driver, window)),
        ..item(
            "dose_response",
            weight,
            format!(
                "{} and the number of stuck pods (up to {most:.0}) go together: correlation {r:.2}",
                view.case.evidence.label(&signal.meta)
            ),
        )
    })
}

fn correlation(pairs: &[(f64, f64)]) -> Option<f64> {
    let n = pairs.len() as f64;
    let mx = pairs.iter().map(|p| p.0).sum::<f64>() / n;
    let my = pairs.iter().map(|p| p.1).sum::<f64>() / n;
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in pairs {
        xx += (x - mx) * (x - mx);
        yy += (y - my) * (y - my);
        xy += (x - mx) * (y - my);
    }
    let r = xy / (xx * yy).sqrt();
    (pairs.len() >= 8 && r.is_finite()).then_some(r)
}
