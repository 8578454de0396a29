//! Texts that differ in the instants they name only: the command of a poll names its window, and the
//! next poll asks the same question of another window.

use model::Timestamp;

/// What stands for an instant in a mask. No text that people read holds it.
const INSTANT: char = '\u{1}';

/// A piece of a text.
enum Piece<'a> {
    Text(&'a str),
    At(Timestamp, Written),
}

/// How an instant is written.
#[derive(Clone, Copy)]
enum Written {
    /// RFC 3339, in UTC.
    Text,
    /// Milliseconds since the epoch, as an argument whose name ends in `-time` (AWS).
    Millis,
}

/// The text with its instants made alike.
pub(super) fn mask(text: &str) -> String {
    let mut mask = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => mask.push_str(text),
            Piece::At(..) => mask.push(INSTANT),
        }
    }
    mask
}

/// One text for two of the same mask: of the instants that begin a span the earlier, of those that end
/// one (or stand alone) the later. The later text where they are not of one mask.
pub(super) fn both(before: &str, later: &str) -> String {
    if before == later || mask(before) != mask(later) {
        return later.to_owned();
    }
    let at = |piece: &Piece<'_>| match piece {
        Piece::At(at, _) => Some(*at),
        Piece::Text(_) => None,
    };
    let earlier: Vec<Timestamp> = pieces(before).iter().filter_map(at).collect();
    let mut out = String::with_capacity(later.len());
    let mut n = 0;
    for piece in pieces(later) {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::At(at, written) => {
                let known = earlier.get(n).copied().unwrap_or(at);
                let begins = n % 2 == 0 && n + 1 < earlier.len();
                let at = if begins { at.min(known) } else { at.max(known) };
                out.push_str(&match written {
                    Written::Text => at.to_string(),
                    Written::Millis => at.millis().to_string(),
                });
                n += 1;
            }
        }
    }
    out
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let (mut done, mut from) = (0, 0);
    while let Some(start) = next_number(text, from) {
        let word = word(text, start);
        from = start + word.len();
        let head = text.get(..start).unwrap_or_default();
        if let Some(found) = instant(head, word) {
            out.push(Piece::Text(text.get(done..start).unwrap_or_default()));
            out.push(found);
            done = from;
        }
    }
    out.push(Piece::Text(text.get(done..).unwrap_or_default()));
    out
}

/// Where the next number starts that is no part of a word.
fn next_number(text: &str, from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    let mut before = text.get(..from)?.chars().next_back();
    for (at, c) in rest.char_indices() {
        if c.is_ascii_digit() && !before.is_some_and(char::is_alphanumeric) {
            return Some(from + at);
        }
        before = Some(c);
    }
    None
}

/// As much as an instant could be; at least the digit at `start`.
fn word(text: &str, start: usize) -> &str {
    let rest = text.get(start..).unwrap_or_default();
    let end = rest
        .find(|c: char| !(c.is_ascii_digit() || "TZ:.-".contains(c)))
        .unwrap_or(rest.len());
    let word = rest.get(..end).unwrap_or_default();
    word.trim_end_matches([':', '.', '-'])
}

fn instant<'a>(head: &str, word: &str) -> Option<Piece<'a>> {
    let written = if word.ends_with('Z') {
        Written::Text
    } else if word.len() == 13 && word.bytes().all(|b| b.is_ascii_digit()) {
        if !head.ends_with("-time ") {
            return None;
        }
        return Some(Piece::At(
            Timestamp::from_millis(word.parse().ok()?),
            Written::Millis,
        ));
    } else {
        return None;
    };
    Some(Piece::At(word.parse().ok()?, written))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_commands_of_two_polls_are_one_question() {
        let cloudwatch = |from: &str, to: &str| {
            format!(
                "aws cloudwatch get-metric-data --region eu-1 --start-time {from} --end-time {to} '[60]'"
            )
        };
        let (one, two) = (
            cloudwatch("2026-11-26T10:00:00Z", "2026-11-26T11:00:00Z"),
            cloudwatch("2026-11-26T10:45:00.5Z", "2026-11-26T11:01:00Z"),
        );
        let whole = cloudwatch("2026-11-26T10:00:00Z", "2026-11-26T11:01:00Z");
        assert_eq!(mask(&one), mask(&two));
        assert_eq!(both(&one, &two), whole);
        assert_eq!(both(&two, &one), whole);
        let logs = |from: i64, to: i64| format!("logs --start-time {from} --end-time {to} --x 'y'");
        let (one, two) = (
            logs(1_790_000_000_000, 1_790_000_060_000),
            logs(1_790_000_030_000, 1_790_000_090_000),
        );
        assert_eq!(both(&one, &two), logs(1_790_000_000_000, 1_790_000_090_000));
        let health = |to: &str| format!("startTimes=[{{to={to}}}]");
        assert_eq!(
            both(
                &health("2026-11-26T10:00:00Z"),
                &health("2026-11-26T11:00:00Z")
            ),
            health("2026-11-26T11:00:00Z")
        );
    }

    #[test]
    fn what_is_no_instant_tells_questions_apart() {
        for text in [
            "step 60 s",
            "fs-1234567890123",
            "1790000000000",
            "v2026-11-26T10:00:00Z",
            "2026-11-26",
        ] {
            assert_eq!(mask(text), text);
            assert_eq!(both("another", text), text);
        }
    }

    proptest! {
        #[test]
        fn a_text_joins_with_itself(text in "\\PC{0,40}[0-9TZ:.-]{0,24}\\PC{0,20}") {
            prop_assert_eq!(both(&text, &text), text.clone());
            prop_assert_eq!(mask(&mask(&text)), mask(&text));
        }
    }
}
