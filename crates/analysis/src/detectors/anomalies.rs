//! Anomalies: spans in which a series is unlike itself, by a robust z-score with persistence.

use crate::{
    Detection, Settings,
    series::{Prepared, robust},
};
use model::{Timestamp, analysis::Anomaly};

/// Widths of the running means that are judged, in samples: lone spikes, then lasting oddities.
const WIDTHS: [usize; 3] = [1, 6, 36];

/// Adds the anomalies of a series, in order of time.
pub(crate) fn detect(series: &Prepared, settings: &Settings, found: &mut Detection) {
    let mut spans: Vec<(usize, usize, f64)> = WIDTHS
        .iter()
        .filter(|w| series.len() >= 12 * **w)
        .flat_map(|w| unusual(&series.calm, *w))
        .collect();
    spans.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(b.2.total_cmp(&a.2)));
    let mut merged: Vec<(usize, usize, f64)> = Vec::new();
    let near = (series.len() / 100).max(5);
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.0 <= last.1 + near => {
                last.1 = last.1.max(span.1);
                last.2 = last.2.max(span.2);
            }
            _ => merged.push(span),
        }
    }
    merged.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0)));
    merged.truncate(settings.most_per_series);
    merged.sort_by_key(|s| s.0);
    found.anomalies = merged
        .into_iter()
        .map(|(from, to, excess)| Anomaly {
            series: String::new(),
            start: series.at(from),
            end: end_of(series, to),
            score: 1.0 - 0.5 * (-0.7 * (excess - 1.0)).exp(),
        })
        .collect();
}

/// First instant after the sample before `to`.
fn end_of(series: &Prepared, to: usize) -> Timestamp {
    if to < series.len() {
        series.at(to)
    } else {
        series.at(series.len()).plus(series.step_ms)
    }
}

/// Stretches in which the running mean over `w` samples leaves its usual range; the third value is
/// how far, as a multiple of the threshold.
fn unusual(values: &[f64], w: usize) -> Vec<(usize, usize, f64)> {
    let means = running_means(values, w);
    let Some((centre, spread)) = robust::centre_and_spread(&means) else {
        return Vec::new();
    };
    let least = unusual_distance(&means, centre, spread);
    if least <= 0.0 {
        return Vec::new();
    }
    let mut out: Vec<(usize, usize, f64)> = Vec::new();
    for (i, m) in means.iter().enumerate() {
        let excess = (m - centre).abs() / least;
        if excess > 1.0 {
            match out.last_mut() {
                Some(last) if i <= last.1 => {
                    last.1 = i + w;
                    last.2 = last.2.max(excess);
                }
                _ => out.push((i, i + w, excess)),
            }
        }
    }
    out
}

/// Distance from the centre that is unusual for this series: beyond what noise of this spread
/// reaches once, and well beyond the largest distances that its own stretches usually hold (block
/// maxima, as in extreme-value statistics; Gumbel 1958): spikes that come every day are no anomaly.
fn unusual_distance(means: &[f64], centre: f64, spread: f64) -> f64 {
    let normal = spread * ((2.0 * (means.len() as f64).ln()).sqrt() + 1.0);
    let block = (means.len() / BLOCKS).max(1);
    let mut highest: Vec<f64> = means
        .chunks(block)
        .map(|part| part.iter().map(|m| (m - centre).abs()).fold(0.0, f64::max))
        .collect();
    let usual = robust::quantile_of(&mut highest, 0.5).unwrap_or(0.0);
    let high = robust::quantile_of(&mut highest, 0.85).unwrap_or(0.0);
    normal.max(high + 1.0 * (high - usual)).max(1.25 * high)
}

/// Stretches that a series is cut into.
const BLOCKS: usize = 40;

fn running_means(values: &[f64], w: usize) -> Vec<f64> {
    if w <= 1 {
        return values.to_vec();
    }
    let mut sum: f64 = values.iter().take(w).sum();
    let mut out = Vec::with_capacity(values.len());
    out.push(sum / w as f64);
    for (old, new) in values.iter().zip(values.iter().skip(w)) {
        sum += new - old;
        out.push(sum / w as f64);
    }
    out
}
