//! Texts that two people wrote at the same place at the same time: both are kept between the marks
//! that programmers know, until somebody decides.

/// Begins the text that stood first.
pub(crate) const BEGIN: &str = "<<<<<<<";
/// Between both texts.
pub(crate) const MIDDLE: &str = "=======";
/// Ends the text that came second.
pub(crate) const END: &str = ">>>>>>>";

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Markdown.
    Plain(String),
    /// Two texts for one place, with who wrote each.
    Both([(String, String); 2]),
}

/// Whether a text has a place that waits for somebody to decide.
pub(crate) fn has_conflict(text: &str) -> bool {
    pieces(text).iter().any(|p| matches!(p, Piece::Both(_)))
}

/// The text in pieces. Marks that are not complete are text.
pub(crate) fn pieces(text: &str) -> Vec<Piece> {
    let lines: Vec<&str> = text.lines().collect();
    let mut out = Vec::new();
    let mut plain: Vec<&str> = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        if let Some((both, after)) = both(&lines, at) {
            out.push(Piece::Plain(plain.join("\n")));
            plain.clear();
            out.push(both);
            at = after;
        } else {
            plain.push(line);
            at += 1;
        }
    }
    out.push(Piece::Plain(plain.join("\n")));
    out.retain(|p| !matches!(p, Piece::Plain(text) if text.trim().is_empty()));
    out
}

/// The conflict that begins at a line, and the line after it.
fn both(lines: &[&str], at: usize) -> Option<(Piece, usize)> {
    let first = mark(lines.get(at)?, BEGIN)?;
    let middle = find(lines, at + 1, MIDDLE)?;
    let end = find(lines, middle + 1, END)?;
    let second = mark(lines.get(end)?, END)?;
    let text = |from: usize, to: usize| lines.get(from..to).unwrap_or_default().join("\n");
    let one = (first.to_owned(), text(at + 1, middle));
    let other = (second.to_owned(), text(middle + 1, end));
    Some((Piece::Both([one, other]), end + 1))
}

/// The line with that mark, before another conflict begins.
fn find(lines: &[&str], from: usize, wanted: &str) -> Option<usize> {
    let rest = lines.iter().enumerate().skip(from);
    for (n, line) in rest {
        if mark(line, wanted).is_some() {
            return Some(n);
        }
        if mark(line, BEGIN).is_some() {
            return None;
        }
    }
    None
}

/// What stands behind a mark.
fn mark<'a>(line: &'a str, wanted: &str) -> Option<&'a str> {
    let rest = line.strip_prefix(wanted)?;
    (rest.is_empty() || rest.starts_with(' ')).then(|| rest.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_texts_are_found_with_their_authors() {
        let text = "before\n<<<<<<< kim\none\n=======\ntwo\n\nmore\n>>>>>>> lee\nafter";
        let expected = [
            Piece::Plain("before".into()),
            Piece::Both([
                ("kim".into(), "one".into()),
                ("lee".into(), "two\n\nmore".into()),
            ]),
            Piece::Plain("after".into()),
        ];
        assert_eq!(pieces(text), expected);
        assert!(has_conflict(text));
    }

    #[test]
    fn marks_that_are_not_complete_are_text() {
        for text in [
            "Title\n=======\ntext",
            "<<<<<<< kim\none\n=======\ntwo",
            "<<<<<<< kim\n<<<<<<< lee\n>>>>>>> x",
            "",
        ] {
            assert!(!has_conflict(text), "{text}");
        }
    }
}
