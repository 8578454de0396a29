//! The time that detection itself takes, and what it finds: what `scripts/bench_peers.sh` compares.

use crate::{Outcome, public::data};
use analysis::{Settings, detect};
use std::{hint::black_box, path::Path, time::Instant};

/// Runs of which the best counts.
const RUNS: usize = 30;

#[allow(
    clippy::disallowed_methods,
    reason = "a program that measures time; the analysis itself reads no clock"
)]
/// Prints one line a file: its name, the seconds of the best run, the rows of the change points, with
/// tabs between. Reading the file is not timed.
pub(crate) fn run(files: impl Iterator<Item = String>) -> Outcome<()> {
    let settings = Settings::default();
    for file in files {
        let series = data::series(Path::new(&file))?;
        let mut best = f64::INFINITY;
        for _ in 0..RUNS {
            let begun = Instant::now();
            black_box(detect(black_box(&series), &settings));
            best = best.min(begun.elapsed().as_secs_f64());
        }
        let rows: Vec<String> = detect(&series, &settings)
            .changepoints
            .iter()
            .map(|c| series.samples.index_at(c.at).to_string())
            .collect();
        println!("{file}\t{best:.9}\t{}", rows.join(" "));
    }
    Ok(())
}
