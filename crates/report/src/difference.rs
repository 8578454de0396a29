//! What differs between two texts, word by word, for people who compare them.

use crate::render::html::escape;
use similar::{ChangeTag, TextDiff};
use std::{fmt::Write, time::Duration};

/// How long words are compared before the rest is taken as changed. It is counted by the library, and
/// decides about the beauty of the answer alone: every word is in it either way.
const PATIENCE: Duration = Duration::from_millis(200);

/// What becomes of a stretch of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is in both.
    Same,
    /// It is in the new text alone.
    Added,
    /// It is in the old text alone.
    Removed,
}

/// The stretches of both texts, in order.
pub fn difference(old: &str, new: &str) -> Vec<(Change, String)> {
    let (old, new) = (crate::written::normal(old), crate::written::normal(new));
    let diff = TextDiff::configure()
        .timeout(PATIENCE)
        .diff_words(&old, &new);
    let mut out: Vec<(Change, String)> = Vec::new();
    for change in diff.iter_all_changes() {
        let how = match change.tag() {
            ChangeTag::Equal => Change::Same,
            ChangeTag::Insert => Change::Added,
            ChangeTag::Delete => Change::Removed,
        };
        match out.last_mut() {
            Some((last, text)) if *last == how => text.push_str(change.value()),
            _ => out.push((how, change.value().to_owned())),
        }
    }
    readable(out)
}

/// Letters that a stretch between two changes must have to be shown as what stayed: a space or an
/// article that happens to be in both makes a rewritten sentence hard to read.
const WORTH_KEEPING: usize = 12;

/// The same difference with what was removed and what came in its place beside each other.
fn readable(parts: Vec<(Change, String)>) -> Vec<(Change, String)> {
    let last = parts.len().saturating_sub(1);
    let mut out: Vec<(Change, String)> = Vec::new();
    let (mut removed, mut added) = (String::new(), String::new());
    for (n, (how, text)) in parts.into_iter().enumerate() {
        match how {
            Change::Removed => removed.push_str(&text),
            Change::Added => added.push_str(&text),
            Change::Same => {
                let letters = text.chars().filter(|c| c.is_alphanumeric()).count();
                let between = n > 0 && n < last && !removed.is_empty() && !added.is_empty();
                if between && letters < WORTH_KEEPING {
                    removed.push_str(&text);
                    added.push_str(&text);
                } else {
                    flush(&mut removed, &mut added, &mut out);
                    out.push((Change::Same, text));
                }
            }
        }
    }
    flush(&mut removed, &mut added, &mut out);
    out
}

fn flush(removed: &mut String, added: &mut String, out: &mut Vec<(Change, String)>) {
    for (how, text) in [(Change::Removed, removed), (Change::Added, added)] {
        if !text.is_empty() {
            out.push((how, std::mem::take(text)));
        }
    }
}

/// The difference as trusted HTML: `ins` and `del` in running text. Long stretches that are in both are
/// cut in their middle.
pub fn difference_html(old: &str, new: &str) -> String {
    let mut out = String::new();
    for (change, text) in difference(old, new) {
        let tag = match change {
            Change::Same => None,
            Change::Added => Some("ins"),
            Change::Removed => Some("del"),
        };
        match tag {
            Some(tag) => {
                let _ = write!(out, "<{tag}>");
                escape(&mut out, &text);
                let _ = write!(out, "</{tag}>");
            }
            None => escape(&mut out, &shortened(&text)),
        }
    }
    out
}

/// Characters of what is the same that are shown on either side of a change.
const AROUND: usize = 240;

fn shortened(text: &str) -> String {
    let count = text.chars().count();
    if count <= 2 * AROUND + 40 {
        return text.to_owned();
    }
    let head: String = text.chars().take(AROUND).collect();
    let tail: String = text.chars().skip(count - AROUND).collect();
    format!("{head} […] {tail}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn both_texts_are_in_the_difference(old in "[a-c <>\n]{0,40}", new in "[a-c <>\n]{0,40}") {
            let parts = difference(&old, &new);
            let side = |without: Change| -> String {
                parts.iter().filter(|(c, _)| *c != without).map(|(_, t)| t.as_str()).collect()
            };
            prop_assert_eq!(side(Change::Added), crate::written::normal(&old));
            prop_assert_eq!(side(Change::Removed), crate::written::normal(&new));
            let html = difference_html(&old, &new);
            let tags = html.replace("<ins>", "").replace("</ins>", "").replace("<del>", "").replace("</del>", "");
            prop_assert!(!tags.contains(['<', '>']));
        }
    }

    #[test]
    fn a_change_is_told_by_the_word() {
        assert_eq!(
            difference_html("the nodes were slow", "the pods were slow"),
            "the <del>nodes</del><ins>pods</ins> were slow"
        );
    }
}
