//! Texts that people wrote at the same place at the same time: all are kept between the marks that
//! programmers know, until somebody decides. Where there are more than two, each further one begins
//! with a line of its own, `======= kim`; a conflict never stands inside another.

/// Begins the text that stood first.
const BEGIN: &str = "<<<<<<<";
/// Between two texts.
const MIDDLE: &str = "=======";
/// Ends the text that came last.
const END: &str = ">>>>>>>";

/// A text for a place, with who wrote it.
pub(crate) type Alternative = (String, String);

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Markdown.
    Plain(String),
    /// Two texts or more for one place.
    Several(Vec<Alternative>),
}

/// Whether a text has a place that waits for somebody to decide.
pub(crate) fn has_conflict(text: &str) -> bool {
    count(text) > 0
}

/// How many places of a text wait for somebody to decide.
pub(crate) fn count(text: &str) -> usize {
    let several = |p: &&Piece| matches!(p, Piece::Several(_));
    pieces(text).iter().filter(several).count()
}

/// The text in pieces. Marks that are not complete are text.
pub(crate) fn pieces(text: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut plain: Vec<String> = Vec::new();
    for atom in atoms(text) {
        match alternatives(&atom) {
            Some(several) => {
                out.push(Piece::Plain(plain.join("\n")));
                plain.clear();
                out.push(Piece::Several(several));
            }
            None => plain.push(atom),
        }
    }
    out.push(Piece::Plain(plain.join("\n")));
    out.retain(|p| !matches!(p, Piece::Plain(text) if text.trim().is_empty()));
    out
}

/// The lines of a text, those of each conflict as one.
pub(crate) fn atoms(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let after = several(&lines, at).map_or(at + 1, |(_, after)| after);
        let whole = lines.get(at..after).map(|lines| lines.join("\n"));
        out.push(whole.unwrap_or_else(|| (*line).to_owned()));
        at = after;
    }
    out
}

/// What a conflict holds; `None` where these lines are none.
pub(crate) fn alternatives(atom: &str) -> Option<Vec<Alternative>> {
    let lines: Vec<&str> = atom.lines().collect();
    let (found, after) = several(&lines, 0)?;
    (after == lines.len()).then_some(found)
}

/// A conflict of two texts or more. Marks inside of them move in by a space, so that they are text:
/// what is read is the same.
pub(crate) fn written(alternatives: &[Alternative]) -> String {
    let mut out = Vec::new();
    let last = alternatives.len().saturating_sub(1);
    for (n, (author, text)) in alternatives.iter().enumerate() {
        let author = if author.is_empty() {
            "somebody"
        } else {
            author
        };
        out.push(match n {
            0 => format!("{BEGIN} {author}"),
            n if n == last => MIDDLE.to_owned(),
            _ => format!("{MIDDLE} {author}"),
        });
        let is_mark = |line: &str| [BEGIN, MIDDLE, END].iter().any(|m| mark(line, m).is_some());
        out.extend(text.lines().map(|line| {
            let room = if is_mark(line) { " " } else { "" };
            format!("{room}{line}")
        }));
        if n == last {
            out.push(format!("{END} {author}"));
        }
    }
    out.join("\n")
}

/// The conflict that begins at a line, and the line after it.
fn several(lines: &[&str], at: usize) -> Option<(Vec<Alternative>, usize)> {
    let first = mark(lines.get(at)?, BEGIN)?;
    let rest = lines.get(at + 1..)?;
    let ends = |line: &&str| mark(line, END).is_some() || mark(line, BEGIN).is_some();
    let end = at + 1 + rest.iter().position(ends)?;
    let last = mark(lines.get(end)?, END)?;
    let name = |n: &usize| lines.get(*n).and_then(|line| mark(line, MIDDLE));
    let named = |n: &usize| name(n).is_some_and(|name| !name.is_empty());
    let mut begins: Vec<usize> = (at + 1..end).filter(named).collect();
    // The last text begins behind the first mark without a name: a further one underlines a heading.
    let from = begins.last().copied().unwrap_or(at);
    let bare = (from + 1..end).find(|n| name(n).is_some_and(str::is_empty))?;
    begins.push(bare);
    let mut out = Vec::new();
    let (mut author, mut from) = (first, at + 1);
    for begin in begins {
        let text = lines.get(from..begin).unwrap_or_default().join("\n");
        out.push((author.to_owned(), text));
        author = name(&begin).filter(|name| !name.is_empty()).unwrap_or(last);
        from = begin + 1;
    }
    let text = lines.get(from..end).unwrap_or_default().join("\n");
    out.push((author.to_owned(), text));
    Some((out, end + 1))
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
            Piece::Several(vec![
                ("kim".into(), "one".into()),
                ("lee".into(), "two\n\nmore".into()),
            ]),
            Piece::Plain("after".into()),
        ];
        assert_eq!(pieces(text), expected);
        assert!(has_conflict(text));
    }

    #[test]
    fn three_texts_stand_beside_each_other() {
        let all = [("kim", "one\n======="), ("lee", ""), ("", "<<<<<<< x\ntwo")];
        let all = all.map(|(author, text)| (author.to_owned(), text.to_owned()));
        let text = written(&all);
        assert_eq!(
            text,
            "<<<<<<< kim\none\n =======\n======= lee\n=======\n <<<<<<< x\ntwo\n>>>>>>> somebody"
        );
        let read = alternatives(&text).unwrap();
        assert_eq!(
            read,
            [
                ("kim".to_owned(), "one\n =======".to_owned()),
                ("lee".to_owned(), String::new()),
                ("somebody".to_owned(), " <<<<<<< x\ntwo".to_owned()),
            ]
        );
        assert_eq!(written(&read), text);
        assert_eq!(atoms(&format!("a\n{text}\nb")), ["a", text.as_str(), "b"]);
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
