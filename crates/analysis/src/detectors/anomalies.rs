//! Anomalies: spans in which a series is unlike itself.
//!
//! Means of 1, 6 and 36 samples are compared with the local level, and those of 36 with the level of the
//! whole series too. What counts is set by the series itself: beyond what noise of its spread reaches, and
//! well beyond the largest distances that its own stretches usually hold (block maxima; Gumbel 1958).
//! What comes back at the same time of every day is usual for that time and is no anomaly
//! ([`recurring`]).

mod local;
mod recurring;

use crate::{
    Detection, Settings,
    series::{Prepared, robust},
};
use model::{Timestamp, analysis::Anomaly};
use recurring::Clock;

/// Stretches that a series is cut into.
const BLOCKS: usize = 40;
/// Share of the stretches whose maxima are usual.
const USUAL: f64 = 0.85;
/// A distance must be above what is usual by this many times the difference of that and the median of
/// the maxima, which is how far these vary.
const ABOVE: f64 = 1.2;
/// A distance must exceed what is usual by this factor.
const BEYOND: f64 = 1.25;
/// Samples from which a centre or a spread is taken.
const SAMPLE: usize = 2_000;
/// Most samples of a mean of which single ones may recur daily.
const BRIEF: usize = 6;

/// A stretch that is unusual: from one index to before another, and how far beyond the threshold.
#[derive(Clone, Copy, Debug)]
struct Span {
    from: usize,
    to: usize,
    excess: f64,
}

/// Adds the anomalies of a series, in order of time.
pub(crate) fn detect(series: &Prepared, settings: &Settings, found: &mut Detection) {
    let mut merged = merged(
        spans(series, settings.strictness),
        (series.len() / 100).max(5),
    );
    merged.sort_by(|a, b| b.excess.total_cmp(&a.excess).then(a.from.cmp(&b.from)));
    merged.truncate(settings.most_per_series);
    merged.sort_by_key(|s| s.from);
    found.anomalies = merged
        .into_iter()
        .map(|span| Anomaly {
            series: String::new(),
            start: series.at(span.from),
            end: end_of(series, span.to),
            score: 1.0 - 0.5 * (-0.7 * (span.excess - 1.0)).exp(),
        })
        .collect();
}

/// Everything unusual, at every width.
fn spans(series: &Prepared, strictness: f64) -> Vec<Span> {
    let calm = &series.calm;
    let away = local::distances(calm);
    let clock = Clock::of(&series.times);
    let mut out = Vec::new();
    for (values, widths) in [(&away, &[1, 6, 36][..]), (calm, &[36][..])] {
        let sums = running_sums(values);
        for w in widths.iter().copied().filter(|w| calm.len() >= 12 * w) {
            unusual(&sums, w, &clock, strictness, &mut out);
        }
    }
    out
}

/// Spans that touch or nearly so become one.
fn merged(mut spans: Vec<Span>, near: usize) -> Vec<Span> {
    spans.sort_by_key(|s| (s.from, s.to));
    let mut out: Vec<Span> = Vec::new();
    for span in spans {
        match out.last_mut() {
            Some(last) if span.from <= last.to + near => {
                last.to = last.to.max(span.to);
                last.excess = last.excess.max(span.excess);
            }
            _ => out.push(span),
        }
    }
    out
}

/// First instant after the sample before `to`.
fn end_of(series: &Prepared, to: usize) -> Timestamp {
    if to < series.len() {
        series.at(to)
    } else {
        series.at(series.len()).plus(series.step_ms)
    }
}

/// Adds the stretches in which the running mean over `w` samples leaves its usual range.
fn unusual(sums: &RunningSums, w: usize, clock: &Clock, strictness: f64, out: &mut Vec<Span>) {
    let scale = 1.0 / w as f64;
    let ends = sums.sums.get(w..).unwrap_or(&[]);
    let stride = ends.len() / SAMPLE + 1;
    let means = sums.sums.iter().zip(ends);
    let sample = means.clone().step_by(stride);
    let mut sample: Vec<f64> = sample.map(|(a, b)| (b - a) * scale).collect();
    let centre = robust::median_of(&mut sample).unwrap_or(0.0);
    let mut distances: Vec<f64> = means
        .map(|(a, b)| ((b - a) * scale - centre).abs())
        .collect();
    if w <= BRIEF {
        clock.forgive(&mut distances);
    }
    sample.clear();
    sample.extend(distances.iter().step_by(stride));
    let block = (distances.len() / BLOCKS).max(1);
    let highest: Vec<f64> = distances.chunks(block).map(robust::highest).collect();
    let usual = usual_distance(&mut sample, &mut highest.clone(), distances.len());
    let least = strictness * usual.max(sums.rounding);
    if least <= 0.0 {
        return;
    }
    let before = out.len();
    let mut open: Option<Span> = None;
    let outstanding = distances
        .chunks(block)
        .zip(&highest)
        .enumerate()
        .filter(|(_, (_, high))| **high > least)
        .flat_map(|(k, (part, _))| {
            part.iter()
                .enumerate()
                .map(move |(i, d)| (k * block + i, d))
        })
        .filter(|(_, d)| **d > least);
    for (i, d) in outstanding {
        let excess = d / least;
        match &mut open {
            Some(span) if i <= span.to => {
                span.to = i + w;
                span.excess = span.excess.max(excess);
            }
            _ => {
                out.extend(open.take());
                open = Some(Span {
                    from: i,
                    to: i + w,
                    excess,
                });
            }
        }
    }
    out.extend(open);
    if w > 1 {
        for span in out.iter_mut().skip(before) {
            sums.trim(span, centre);
        }
    }
}

/// Distance from the centre that is unusual among `n`, by a `sample` of the distances and by the
/// `highest` of each stretch: beyond what noise of this spread reaches once, and well beyond the
/// largest distances that the stretches usually hold. Reorders both.
pub(crate) fn usual_distance(sample: &mut [f64], highest: &mut [f64], n: usize) -> f64 {
    let spread = robust::MAD_TO_SD * robust::median_of(sample).unwrap_or(0.0);
    let normal = spread * ((2.0 * (n as f64).ln()).sqrt() + 1.0);
    let middle = robust::quantile_of(highest, 0.5).unwrap_or(0.0);
    let high = robust::quantile_of(highest, USUAL).unwrap_or(0.0);
    normal
        .max(high + ABOVE * (high - middle))
        .max(BEYOND * high)
}

/// Sums of the values before every index, and how far rounding may move a mean of them.
struct RunningSums {
    sums: Vec<f64>,
    rounding: f64,
}

impl RunningSums {
    /// Takes off the samples at both ends that are not unusual themselves: a mean shows what begins in its
    /// last samples. What stays is the stretch whose samples exceed half of the usual distance in the span
    /// by most in all (the stretch of the largest sum; Bentley 1984).
    fn trim(&self, span: &mut Span, centre: f64) {
        let Some(sums) = self.sums.get(span.from..=span.to) else {
            return;
        };
        let length = span.to - span.from;
        let whole = sums.last().unwrap_or(&0.0) - sums.first().unwrap_or(&0.0);
        let mean = whole / length.max(1) as f64 - centre;
        let half = mean.abs() / 2.0;
        let (mut best, mut sum, mut from) = ((0.0, 0, length), 0.0, 0);
        for (i, pair) in sums.windows(2).enumerate() {
            let &[a, b] = pair else { continue };
            if sum <= 0.0 {
                (sum, from) = (0.0, i);
            }
            sum += (b - a - centre) * mean.signum() - half;
            if sum > best.0 {
                best = (sum, from, i + 1);
            }
        }
        let start = span.from;
        (span.from, span.to) = (start + best.1, start + best.2);
    }
}

fn running_sums(values: &[f64]) -> RunningSums {
    let (mut total, mut size) = (0.0, 0.0);
    let mut sums = Vec::with_capacity(values.len() + 1);
    sums.push(0.0);
    sums.extend(values.iter().map(|v| {
        total += v;
        size += v.abs();
        total
    }));
    RunningSums {
        sums,
        rounding: size * 1e-12,
    }
}
