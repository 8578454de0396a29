//! The Numenta Anomaly Benchmark: its standard score, and precision and recall by event.

use super::data;
use crate::Outcome;
use analysis::{Settings, detect, detect_online};
use std::path::Path;

/// One file: flagged rows, labelled windows, number of rows.
struct File {
    flagged: Vec<usize>,
    windows: Vec<(usize, usize)>,
    rows: usize,
}

/// Prints the scores of anomaly starts, of change points and of both, which see the whole series, and of the
/// online detector, which sees only the past as the published ones do.
pub(crate) fn score(folder: &Path) -> Outcome<()> {
    let mut by_rule: [Vec<File>; 4] = Default::default();
    for (case, label) in data::labels(&folder.join("labels.json"))? {
        let series = data::series(&folder.join(format!("{case}.csv")))?;
        let found = detect(&series, &Settings::default());
        let row = |t| series.samples.index_at(t);
        let anomalies: Vec<usize> = found.anomalies.iter().map(|a| row(a.start)).collect();
        let changes: Vec<usize> = found.changepoints.iter().map(|c| row(c.at)).collect();
        let windows: Vec<(usize, usize)> = label["windows"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|w| {
                Some((
                    w["start_row"].as_u64()? as usize,
                    w["end_row"].as_u64()? as usize,
                ))
            })
            .collect();
        println!(
            "  {case}: windows {windows:?} anomalies {:?} changes {:?}",
            found
                .anomalies
                .iter()
                .zip(&anomalies)
                .map(|(a, i)| format!("{i}:{:.2}", a.score))
                .collect::<Vec<_>>(),
            found
                .changepoints
                .iter()
                .zip(&changes)
                .map(|(c, i)| format!("{i}{}{:.2}", &format!("{:?}", c.kind)[..1], c.confidence))
                .collect::<Vec<_>>()
        );
        let online: Vec<usize> = detect_online(&series)
            .iter()
            .map(|a| row(a.start))
            .collect();
        println!("    online {online:?}");
        let both = anomalies.iter().chain(&changes).copied().collect();
        for (files, flagged) in by_rule.iter_mut().zip([anomalies, changes, both, online]) {
            files.push(File {
                flagged,
                windows: windows.clone(),
                rows: series.samples.len(),
            });
        }
    }
    let names = ["anomalies", "change points", "both", "online"];
    for (name, files) in names.iter().zip(&by_rule) {
        let (precision, recall, f1) = events(files);
        println!(
            "nab, {name}: standard {:.1}, event F1 {f1:.3} (precision {precision:.3}, recall {recall:.3})",
            standard(files)
        );
    }
    Ok(())
}

/// Rows at the start that are not judged.
fn probation(rows: usize) -> usize {
    (rows * 15 / 100).min(750)
}

fn sigmoid(x: f64) -> f64 {
    if x > 3.0 {
        -1.0
    } else {
        2.0 / (1.0 + (5.0 * x).exp()) - 1.0
    }
}

/// NAB 1.1, standard profile: weights 1.0, 0.11 and 1.0.
fn standard(files: &[File]) -> f64 {
    let (mut raw, mut count) = (0.0, 0.0);
    for file in files {
        let start = probation(file.rows);
        for window in file.windows.iter().filter(|w| w.1 >= start) {
            let width = (window.1 - window.0 + 1) as f64;
            count += 1.0;
            raw += file
                .flagged
                .iter()
                .filter(|d| **d >= start && (window.0..=window.1).contains(d))
                .map(|d| sigmoid(-((window.1 - d + 1) as f64) / width) / sigmoid(-1.0))
                .fold(-1.0, f64::max);
        }
        let mut outside: Vec<usize> = file
            .flagged
            .iter()
            .copied()
            .filter(|d| *d >= start)
            .collect();
        outside.sort_unstable();
        outside.dedup();
        outside.retain(|d| !file.windows.iter().any(|w| (w.0..=w.1).contains(d)));
        for d in outside {
            raw += 0.11
                * file
                    .windows
                    .iter()
                    .rfind(|w| w.1 < d)
                    .map_or(-1.0, |w| sigmoid((d - w.1) as f64 / ((w.1 - w.0) as f64)));
        }
    }
    100.0 * (raw + count) / (2.0 * count)
}

/// Precision, recall and F1: a window is hit or not; false flags close together are one.
fn events(files: &[File]) -> (f64, f64, f64) {
    let (mut hits, mut count, mut false_ones) = (0.0, 0.0, 0.0);
    for file in files {
        let start = probation(file.rows);
        let gap = (file.rows / 100).max(5);
        let mut flagged: Vec<usize> = file
            .flagged
            .iter()
            .copied()
            .filter(|d| *d >= start)
            .collect();
        flagged.sort_unstable();
        for w in file.windows.iter().filter(|w| w.1 >= start) {
            count += 1.0;
            hits += f64::from(u8::from(flagged.iter().any(|d| (w.0..=w.1).contains(d))));
        }
        flagged.retain(|d| !file.windows.iter().any(|w| (w.0..=w.1).contains(d)));
        let mut last: Option<usize> = None;
        for d in flagged {
            if last.is_none_or(|l| d - l > gap) {
                false_ones += 1.0;
            }
            last = Some(d);
        }
    }
    let precision = hits / f64::max(hits + false_ones, 1.0);
    let recall = hits / f64::max(count, 1.0);
    (
        precision,
        recall,
        2.0 * precision * recall / f64::max(precision + recall, 1e-9),
    )
}
