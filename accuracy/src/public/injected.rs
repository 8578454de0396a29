//! Known changes put into real backgrounds.

use super::data;
use crate::Outcome;
use analysis::{Settings, detect};
use std::path::Path;

/// Prints precision, recall and F1 of the change points.
pub(crate) fn score(folder: &Path) -> Outcome<()> {
    let (mut hits, mut missed, mut false_ones, mut cases) = (0, 0, 0, 0.0);
    let mut reliability = [(0_u32, 0.0, 0_u32); 5];
    for (case, label) in data::labels(&folder.join("labels.json"))? {
        let series = data::series(&folder.join(format!("{case}.csv")))?;
        let found = detect(&series, &Settings::default());
        let at: Vec<usize> = found
            .changepoints
            .iter()
            .map(|c| series.samples.index_at(c.at))
            .collect();
        let truth: Vec<usize> = label["changes"]
            .as_array()
            .map(|all| {
                all.iter()
                    .filter_map(|c| c["row"].as_u64())
                    .map(|r| r as usize)
                    .collect()
            })
            .unwrap_or_default();
        let near = 10.max(series.samples.len() / 200);
        let mut taken = vec![false; at.len()];
        let mut hit = 0;
        for row in &truth {
            let best = at
                .iter()
                .enumerate()
                .filter(|(k, a)| !taken[*k] && a.abs_diff(*row) <= near)
                .min_by_key(|(_, a)| a.abs_diff(*row));
            if let Some((k, _)) = best {
                taken[k] = true;
                hit += 1;
            }
        }
        for (c, right) in found.changepoints.iter().zip(&taken) {
            let bin = ((c.confidence - 0.5) * 10.0).clamp(0.0, 4.0) as usize;
            let (n, said, is) = &mut reliability[bin];
            *n += 1;
            *said += c.confidence;
            *is += u32::from(*right);
        }
        println!(
            "  {case} {:<12} truth {truth:?} found {:?}",
            label["kind"].as_str().unwrap_or(""),
            found
                .changepoints
                .iter()
                .zip(&at)
                .map(|(c, i)| format!("{i}{}{:.2}", &format!("{:?}", c.kind)[..1], c.confidence))
                .collect::<Vec<_>>()
        );
        hits += hit;
        missed += truth.len() - hit;
        false_ones += at.len() - hit;
        cases += 1.0;
    }
    for (n, said, right) in reliability.iter().filter(|bin| bin.0 > 0) {
        println!(
            "  confidence {:.2} in the mean of {n}: {:.2} right",
            said / f64::from(*n),
            f64::from(*right) / f64::from(*n)
        );
    }
    let f1 = 2.0 * hits as f64 / (2 * hits + missed + false_ones) as f64;
    println!(
        "injected: F1 {f1:.3}, hits {hits}, missed {missed}, false {false_ones} ({:.2} a series)",
        false_ones as f64 / cases
    );
    Ok(())
}
