//! Names of inputs in an address that somebody wrote by hand, and misspelt: what is passed over silently
//! would be answered as if it had not been asked.

use super::{Asked, Fields};

/// Shortest name in which two letters may be wrong.
const LONG: usize = 5;

impl Fields {
    /// Says of each name that is nearly one of the known ones which that is, at the input of that name.
    pub(super) fn misspelt(&mut self, asked: Asked<'_>, known: &[&str]) {
        for (name, _) in asked.0 {
            if known.contains(&name.as_str()) {
                continue;
            }
            if let Some(meant) = nearest(name, known) {
                let shown: String = name.chars().take(40).collect();
                let message = format!(
                    "the address has '{shown}', which is no input: did you mean '{meant}'?"
                );
                self.read::<()>(meant, Err(message));
            }
        }
    }
}

/// The known name that was probably meant.
fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let lower = name.to_lowercase().replace('-', "_");
    let letters = lower.chars().count();
    let most = if letters < LONG { 1 } else { 2 };
    let near = known.iter().map(|k| (distance(&lower, k), *k));
    let (far, meant) = near.min_by_key(|(far, _)| *far)?;
    (far <= most && letters > far + 1).then_some(meant)
}

/// How many letters differ, are missing, too many or exchanged with their neighbour (Damerau, "A
/// technique for computer detection and correction of spelling errors", 1964; neighbours once).
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().take(40).collect();
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], n: usize| row.get(n).copied().unwrap_or(usize::MAX / 2);
            let mut best = (at(&last, j) + usize::from(x != y))
                .min(at(&last, j + 1) + 1)
                .min(at(&row, j) + 1);
            let before_it =
                |all: &[char], n: usize| n.checked_sub(1).and_then(|n| all.get(n).copied());
            if before_it(&a, i) == Some(*y) && before_it(&b, j) == Some(*x) {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_the_one_that_was_meant() {
        let known = ["threshold", "of", "age", "series", "stored_gib", "at"];
        for (name, meant) in [
            ("treshold", Some("threshold")),
            ("Threshold", Some("threshold")),
            ("tresholds", Some("threshold")),
            ("seires", Some("series")),
            ("stored-gib", Some("stored_gib")),
            ("agee", Some("age")),
            ("owner", None),
            ("title", None),
            ("tab", None),
            ("id", None),
            ("__err", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, &known), meant, "{name}");
        }
        assert_eq!(distance("abc", "acb"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
