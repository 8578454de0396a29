//! Labelled public data, each by its own published rule.

mod credits;
pub(crate) mod data;
mod injected;
mod nab;
mod nezha;
mod petshop;

use crate::Outcome;
use std::path::Path;

/// Scores one set of the data.
type Score = fn(&Path) -> Outcome<()>;

/// Every set: its name, its folder, its score.
const SETS: [(&str, &str, Score); 5] = [
    ("injected", "injected", injected::score),
    ("nab", "nab", nab::score),
    ("credits", "credits", credits::score),
    ("petshop", "rca_petshop", petshop::score),
    ("nezha", "rca_nezha_ob", nezha::score),
];

/// Prints the scores of all sets in `data`, or of the one that is named.
pub(crate) fn score(data: &Path, only: Option<&str>) -> Outcome<()> {
    for (name, folder, score) in SETS {
        if only.is_none_or(|o| o == name) {
            score(&data.join(folder))?;
        }
    }
    Ok(())
}
