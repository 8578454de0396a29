//! References to figures and charts. They are taken out of a text before it is read as Markdown, so
//! that an underscore or a pipe in an id is no markup.

use model::{Timestamp, Window};
use std::fmt::Write;

/// Stands in the text for a reference, with its number behind it, closed by [`CLOSE`].
pub(crate) const OPEN: char = '\u{e000}';
/// See [`OPEN`].
pub(crate) const CLOSE: char = '\u{e001}';

/// Longest reference, bytes.
const LONGEST: usize = 512;

/// A text whose references are numbers between private marks, and the references by number.
#[derive(Debug, Default)]
pub(crate) struct Marked {
    /// The text.
    pub(crate) text: String,
    /// What stood between the braces.
    pub(crate) references: Vec<String>,
}

impl Marked {
    /// Takes the references out of a text.
    pub(crate) fn of(text: &str) -> Self {
        // Marks of ours that somebody typed are none.
        let text = text.replace([OPEN, CLOSE], "\u{fffd}");
        let mut marked = Self::default();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("{{") {
            marked.text.push_str(before);
            // A backslash before the braces makes them text, unless it is text itself.
            let slashes = before.len() - before.trim_end_matches('\\').len();
            if let Some(id) = inside(after).filter(|_| slashes % 2 == 0) {
                let n = marked.references.len();
                let _ = write!(marked.text, "{OPEN}{n}{CLOSE}");
                marked.references.push(id.trim().to_owned());
                rest = after.get(id.len() + 2..).unwrap_or_default();
            } else {
                // The second brace may be the first of a reference.
                marked.text.push('{');
                rest = rest.get(before.len() + 1..).unwrap_or_default();
            }
        }
        marked.text.push_str(rest);
        marked
    }

    /// Words and references of a piece of the text, in order.
    pub(crate) fn split<'a>(&'a self, piece: &'a str) -> Vec<Part<'a>> {
        let mut out = Vec::new();
        let mut rest = piece;
        while let Some((before, after)) = rest.split_once(OPEN) {
            if !before.is_empty() {
                out.push(Part::Words(before));
            }
            let Some((number, later)) = after.split_once(CLOSE) else {
                return out;
            };
            let found = number
                .parse()
                .ok()
                .and_then(|n: usize| self.references.get(n));
            out.extend(found.map(|id| Part::Reference(id)));
            rest = later;
        }
        if !rest.is_empty() {
            out.push(Part::Words(rest));
        }
        out
    }

    /// A piece of the text as it was written.
    pub(crate) fn restored(&self, piece: &str) -> String {
        let parts = self.split(piece);
        let written = parts.into_iter().map(|part| match part {
            Part::Words(words) => words.to_owned(),
            Part::Reference(id) => format!("{{{{{id}}}}}"),
        });
        written.collect()
    }
}

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    Words(&'a str),
    Reference(&'a str),
}

/// What stands before the closing braces, where that can be a reference.
fn inside(text: &str) -> Option<&str> {
    let end = text.find("}}")?;
    let id = text.get(..end)?;
    let good = !id.trim().is_empty() && id.len() <= LONGEST && !id.contains(['\n', '{', '}']);
    good.then_some(id)
}

/// Which notes a chart shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NotesShown<'a> {
    /// All of them.
    All,
    /// Those with these numbers; none where there are none.
    Only(Vec<&'a str>),
}

impl NotesShown<'_> {
    /// Whether the note with this number is shown.
    pub(crate) fn has(&self, number: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(numbers) => numbers.contains(&number),
        }
    }
}

/// A reference to a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ChartReference<'a> {
    /// Ids of the lanes, one below the other; at least one.
    pub(crate) lanes: Vec<&'a str>,
    /// From when to when; `None`: the window.
    pub(crate) span: Option<Window>,
    /// The notes that are marked.
    pub(crate) notes: NotesShown<'a>,
}

impl<'a> ChartReference<'a> {
    /// Reads `chart:LANE,LANE… from=… to=… notes=none` or `notes=1,3`, of which only a lane has to be
    /// there; `None` where it is no chart. `within` is the window that an end that is left out falls to.
    pub(crate) fn read(reference: &'a str, within: Window) -> Option<Self> {
        let mut words = reference.strip_prefix("chart:")?.split_whitespace();
        let lanes: Vec<&str> = words.next()?.split(',').collect();
        if lanes.iter().any(|lane| lane.is_empty()) {
            return None;
        }
        let (mut from, mut to) = (within.start, within.end);
        let mut notes = NotesShown::All;
        for word in words {
            let at = |text: &str| text.parse::<Timestamp>().ok();
            match word.split_once('=')? {
                ("from", text) => from = at(text)?,
                ("to", text) => to = at(text)?,
                ("notes", text) => notes = notes_shown(text)?,
                _ => return None,
            }
        }
        let span = Window::new(from, to)?;
        Some(Self {
            lanes,
            span: (span != within).then_some(span),
            notes,
        })
    }
}

/// Reads `all`, `none` or the numbers of notes.
fn notes_shown(text: &str) -> Option<NotesShown<'_>> {
    match text {
        "all" => Some(NotesShown::All),
        "none" => Some(NotesShown::Only(Vec::new())),
        _ => {
            let numbers: Vec<&str> = text.split(',').collect();
            let number = |n: &&str| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit());
            numbers
                .iter()
                .all(number)
                .then_some(NotesShown::Only(numbers))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_taken_out_and_put_back() {
        let text = "a {{ x.y }} b `{{z}}` \\{{no}} {{}} {{a\nb}} {{{q}}";
        let marked = Marked::of(text);
        assert_eq!(marked.references, ["x.y", "z", "q"]);
        let parts = marked.split(&marked.text);
        assert_eq!(parts[1], Part::Reference("x.y"));
        assert!(marked.restored(&marked.text).contains("`{{z}}`"));
        assert!(marked.text.contains("{{no}}") && marked.text.contains("{{}}"));
    }

    #[test]
    fn charts_are_read_with_their_span() {
        let at = Timestamp::from_seconds;
        let window = Window {
            start: at(1_590_000_000),
            end: at(1_590_086_400),
        };
        let whole = ChartReference::read("chart:series-a", window).unwrap();
        assert_eq!((whole.lanes, whole.span), (vec!["series-a"], None));
        let part = "chart:a from=2020-05-21T00:00:00Z to=2020-05-21T06:00:00Z";
        let part = ChartReference::read(part, window).unwrap();
        assert_eq!(part.span.unwrap().start, at(1_590_019_200));
        let two = ChartReference::read("chart:credits,io notes=1,12", window).unwrap();
        assert_eq!(two.lanes, ["credits", "io"]);
        assert!(two.notes.has("12") && !two.notes.has("2"));
        let bare = ChartReference::read("chart:io notes=none", window).unwrap();
        assert!(!bare.notes.has("1"));
        for bad in [
            "chart:credits,",
            "chart:a notes=",
            "chart:a notes=first",
            "credits.x",
            "chart:",
            "chart:a from=yesterday",
            "chart:a until=2020-05-21T06:00:00Z",
            "chart:a from=2030-05-21T06:00:00Z",
        ] {
            assert_eq!(ChartReference::read(bad, window), None, "{bad}");
        }
    }
}
