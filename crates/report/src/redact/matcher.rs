//! Finds names in texts and puts stand-ins in their place.

use super::{escapes, scan::is_hyphen};
use aho_corasick::{AhoCorasick, MatchKind};
use std::{borrow::Cow, ops::Range};

/// How often a text is looked through again, because a stand-in and what stands beside it may make
/// up another name.
const ROUNDS: usize = 4;

/// From this character on, scripts put no space between words: a neighbour there bounds a name.
const UNSPACED: char = '\u{2e80}';

/// What is written where names cannot be told apart from the rest.
const WITHHELD: &str = "(withheld)";

/// All names at once, each with what stands for it.
#[derive(Clone, Debug)]
pub(super) struct Matcher {
    automaton: Option<AhoCorasick>,
    stand_ins: Vec<String>,
    /// There are more names than can be looked for. Then no text may leave at all.
    overcome: bool,
}

/// A name at a place of a text.
struct Hit {
    start: usize,
    end: usize,
    pattern: usize,
}

impl Matcher {
    /// Of names with their stand-ins; of equal names the first counts.
    pub(super) fn new(pairs: Vec<(String, String)>) -> Self {
        // Names are read as texts are: room in them is as wide as one space, too.
        let (names, stand_ins): (Vec<String>, Vec<String>) = pairs
            .into_iter()
            .map(|(name, stand_in)| (Lower::of(&name).text.to_lowercase(), stand_in))
            .filter(|(name, _)| !name.is_empty())
            .unzip();
        let built = (!names.is_empty()).then(|| {
            AhoCorasick::builder()
                .ascii_case_insensitive(true)
                .match_kind(MatchKind::Standard)
                .build(&names)
        });
        let overcome = matches!(built, Some(Err(_)));
        Self {
            automaton: built.and_then(Result::ok),
            stand_ins,
            overcome,
        }
    }

    /// Whether any name stands in the text.
    pub(super) fn finds(&self, text: &str) -> bool {
        self.overcome || !self.hits(text).is_empty()
    }

    /// Where names stand in a text.
    pub(super) fn places(&self, text: &str) -> Vec<Range<usize>> {
        self.hits(text)
            .iter()
            .map(|hit| hit.start..hit.end)
            .collect()
    }

    /// The text with every name replaced, whatever the spelling of its case.
    pub(super) fn apply<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.overcome && !text.is_empty() {
            return Cow::Borrowed(WITHHELD);
        }
        let mut text = Cow::Borrowed(text);
        for _ in 0..ROUNDS {
            let hits = self.hits(&text);
            if hits.is_empty() {
                return text;
            }
            text = Cow::Owned(self.replaced(&text, &hits));
        }
        // Stand-ins that make up names with their neighbours for ever: those names are cut out. The
        // text gets shorter each time, so this ends.
        loop {
            let hits = self.hits(&text);
            if hits.is_empty() {
                return text;
            }
            text = Cow::Owned(cut(&text, &hits));
        }
    }

    fn replaced(&self, text: &str, hits: &[Hit]) -> String {
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        for hit in hits {
            out.push_str(text.get(done..hit.start).unwrap_or_default());
            out.push_str(self.stand_ins.get(hit.pattern).map_or("", String::as_str));
            done = hit.end;
        }
        out.push_str(text.get(done..).unwrap_or_default());
        out
    }

    /// Names that stand alone, from left to right, of those that begin at one place the longest.
    fn hits(&self, text: &str) -> Vec<Hit> {
        let Some(automaton) = &self.automaton else {
            return Vec::new();
        };
        let mut all = found(automaton, text);
        if let Some(read) = escapes::unescaped(text) {
            let escaped = found(automaton, &read.text).into_iter().map(|hit| {
                let Range { start, end } = read.back(&(hit.start..hit.end));
                Hit { start, end, ..hit }
            });
            all.extend(escaped);
        }
        all.sort_by_key(|hit| (hit.start, std::cmp::Reverse(hit.end), hit.pattern));
        let mut end = 0;
        all.retain(|hit| {
            let free = hit.start >= end;
            if free {
                end = hit.end;
            }
            free
        });
        all
    }
}

/// Names that stand alone, overlapping ones included.
fn found(automaton: &AhoCorasick, text: &str) -> Vec<Hit> {
    let lower = Lower::of(text);
    automaton
        .find_overlapping_iter(lower.text.as_ref())
        .map(|m| Hit {
            start: lower.start(m.start()),
            end: lower.end(m.end()),
            pattern: m.pattern().as_usize(),
        })
        .filter(|hit| stands_alone(text, hit.start, hit.end))
        .collect()
}

/// A text as a reader takes it: in lower case, without what cannot be seen, with one space for any room
/// between words. And where each of its bytes comes from.
struct Lower<'t> {
    text: Cow<'t, str>,
    /// Of each byte of the lower case, the character of the text that it belongs to; empty where both are
    /// the same but for the case of ASCII letters, which the automaton does not heed.
    from: Vec<Range<usize>>,
}

impl<'t> Lower<'t> {
    fn of(text: &'t str) -> Self {
        if text.is_ascii() && !has_wide_room(text) {
            return Self {
                text: Cow::Borrowed(text),
                from: Vec::new(),
            };
        }
        let mut lower = String::with_capacity(text.len());
        let mut from = Vec::with_capacity(text.len());
        let mut letters = text.char_indices().peekable();
        while let Some((at, c)) = letters.next() {
            let mut end = at + c.len_utf8();
            if is_unseen(c) {
                continue;
            }
            if c.is_whitespace() {
                while let Some((next, more)) = letters.peek().copied() {
                    if !more.is_whitespace() && !is_unseen(more) {
                        break;
                    }
                    end = next + more.len_utf8();
                    letters.next();
                }
                lower.push(' ');
                from.push(at..end);
                continue;
            }
            // Other hyphens look like the one that names are written with.
            let c = if is_hyphen(c) { '-' } else { c };
            for small in c.to_lowercase() {
                lower.push(small);
                from.extend(std::iter::repeat_n(at..end, small.len_utf8()));
            }
        }
        Self {
            text: Cow::Owned(lower),
            from,
        }
    }

    /// Where in the text what begins there begins.
    fn start(&self, at: usize) -> usize {
        self.from.get(at).map_or(at, |range| range.start)
    }

    /// Where in the text what ends there ends.
    fn end(&self, at: usize) -> usize {
        let last = at.checked_sub(1).and_then(|last| self.from.get(last));
        last.map_or(at, |range| range.end)
    }
}

/// Whether words stand further apart than by one space.
fn has_wide_room(text: &str) -> bool {
    let bytes = text.as_bytes();
    let pairs = bytes.iter().zip(bytes.iter().skip(1));
    pairs
        .into_iter()
        .any(|(a, b)| a.is_ascii_whitespace() && b.is_ascii_whitespace())
}

/// Soft hyphens, joiners, marks of direction: a reader does not see them in the middle of a name.
fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}'
    )
}

fn cut(text: &str, hits: &[Hit]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for hit in hits {
        out.push_str(text.get(done..hit.start).unwrap_or_default());
        done = hit.end;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

/// Whether a place of a text is no part of a longer word on either side. Hyphens, dots and slashes
/// bound words: the customer's name is found in `shop-production` too.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let (Some(before), Some(name), Some(after)) =
        (text.get(..start), text.get(start..end), text.get(end..))
    else {
        return false;
    };
    let glued = |a: Option<char>, b: Option<char>| a.is_some_and(is_word) && b.is_some_and(is_word);
    let left = glued(before.chars().next_back(), name.chars().next()) && !ends_escaped(before);
    let right = glued(name.chars().next_back(), after.chars().next());
    !left && !right
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() && c < UNSPACED
}

/// Whether a text ends with an escape whose last letter is none of the word that follows: `\n`,
/// `\u00e9`, `%2F`.
fn ends_escaped(text: &str) -> bool {
    let bytes = text.as_bytes();
    let at = |back: usize| {
        bytes
            .len()
            .checked_sub(back)
            .and_then(|i| bytes.get(i))
            .copied()
    };
    let hex = |back: usize| at(back).is_some_and(|b| b.is_ascii_hexdigit());
    (at(2) == Some(b'\\') && at(1).is_some_and(|b| b"nrtbf".contains(&b)))
        || (at(3) == Some(b'%') && hex(1) && hex(2))
        || (at(6) == Some(b'\\') && at(5) == Some(b'u') && (1..=4).all(hex))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matcher(pairs: &[(&str, &str)]) -> Matcher {
        Matcher::new(
            pairs
                .iter()
                .map(|(a, b)| ((*a).into(), (*b).into()))
                .collect(),
        )
    }

    #[test]
    fn what_a_reader_does_not_see_hides_no_name() {
        let matcher = matcher(&[
            ("alder outdoor", "app-1"),
            ("quux", "app-2"),
            ("wide  name\u{ad}s", "app-3"),
        ]);
        for (text, expected) in [
            ("wide  name\u{ad}s, Wide names", "app-3, app-3"),
            ("at alder  outdoor now", "at app-1 now"),
            ("at alder \n\t outdoor", "at app-1"),
            ("alder\u{a0}\u{2009}outdoor", "app-1"),
            ("qu\u{ad}ux, qu\u{200c}ux", "app-2, app-2"),
            ("two  spaces stay", "two  spaces stay"),
        ] {
            assert_eq!(matcher.apply(text), expected);
        }
    }

    #[test]
    fn escapes_of_addresses_hide_no_name() {
        let m = matcher(&[("zombie-abc", "pod-1"), ("a%2Fb", "X"), ("été", "Y")]);
        for (text, told) in [
            ("https://x/pods%2Fzombie-abc", "https://x/pods%2Fpod-1"),
            ("pods%252Fzombie%2Dabc%2F1", "pods%252Fpod-1%2F1"),
            ("%7Aombie-ab%63", "pod-1"),
            ("see a%2Fb", "see X"),
            ("%C3%A9t%c3%a9!", "Y!"),
            ("100%zombie-abc", "100%pod-1"),
            ("a%2Fbc", "a%2Fbc"),
            ("zombie\u{2011}abc", "pod-1"),
        ] {
            assert_eq!(m.apply(text), told, "{text}");
        }
    }

    #[test]
    fn letters_of_every_script_have_no_case() {
        let names = ["özdemir", "Éloise", "ЖУКОВ", "İstanbul", "öl-fürst"];
        let pairs = names
            .iter()
            .enumerate()
            .map(|(n, name)| ((*name).to_owned(), format!("hidden-{n}")));
        let matcher = Matcher::new(pairs.collect());
        let said = matcher
            .apply("Özdemir, ÖZDEMIR; éloise ÉLOISE Жуков жуков İstanbul Öl-Fürst ÖL-FÜRST.");
        assert_eq!(
            said,
            "hidden-0, hidden-0; hidden-1 hidden-1 hidden-2 hidden-2 hidden-3 hidden-4 hidden-4."
        );
        let other = "Özdemirs éloisette 東京";
        assert_eq!(matcher.apply(other), other);
    }

    #[test]
    fn the_longest_name_that_stands_alone_is_replaced() {
        let m = matcher(&[
            ("shop", "A"),
            ("shop-web", "B"),
            ("shop-w", "C"),
            ("a.b", "D"),
        ]);
        for (text, told) in [
            ("shop-web of shop, shop-wide", "B of A, A-wide"),
            ("workshop shops Shop SHOP-WEB", "workshop shops A B"),
            ("a.b aXb xa.b a.b.c", "D aXb xa.b D.c"),
            (
                "{\"x\":\"one\\nshop\"} ns%2Fshop",
                "{\"x\":\"one\\nA\"} ns%2FA",
            ),
            ("商店shop", "商店A"),
            ("", ""),
            ("nothing here", "nothing here"),
        ] {
            assert_eq!(m.apply(text), told, "{text}");
        }
    }

    #[test]
    fn names_that_stand_ins_make_up_do_not_stay() {
        let m = matcher(&[("x-pod", "Y"), ("name", "pod-1"), ("y", "y-y")]);
        let told = m.apply("x-name and y");
        assert!(!m.finds(&told), "{told}");
    }
}
